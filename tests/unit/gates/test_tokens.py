"""What a one-time token promises."""

import pytest

from safety.gates import tokens


def test_a_token_is_found_by_its_hash_and_the_hash_does_not_show_it() -> None:
    token, kept = tokens.mint(bytes(range(32)))
    assert tokens.hash_of(token) == kept
    assert token.encode() not in kept
    assert token.isascii()
    assert len(token) == 43


def test_another_text_has_another_hash() -> None:
    token, kept = tokens.mint(bytes(32))
    assert all(tokens.hash_of(text) != kept for text in ("", token + "=", token[:-1], "\ud800"))


def test_too_little_randomness_is_refused() -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        tokens.mint(bytes(16))
