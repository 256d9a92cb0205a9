"""Disguises change how a text is written, repeatably, and folding undoes most of them."""
# ruff: noqa: S311 - repeatable, not secret

from random import Random

import pytest

from safety.text.fold import fold
from safety.text.links import find_links
from safety.training.texts.disguise import (
    DISGUISES,
    PASSAGES,
    passage,
    with_emoji,
    with_link,
    with_mention,
)

TEXT = "Come and join my channel for free money today"
LINKED = f"{TEXT} at https://boost.example.com/now"


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_changes_the_text_and_the_same_seed_repeats_it(name: str) -> None:
    ham = ["what a lovely day"]
    first = DISGUISES[name](LINKED, Random(4), ham)
    assert first != LINKED
    assert first == DISGUISES[name](LINKED, Random(4), ham)


def test_a_link_stays_a_link_however_it_is_written() -> None:
    for seed in range(20):
        (link,) = find_links(DISGUISES["links"](LINKED, Random(seed), ()))
        assert link.domain == "example.com"


@pytest.mark.parametrize("name", ["homoglyphs", "zero width", "combining", "font", "spaced"])
def test_folding_undoes_the_disguise(name: str) -> None:
    for seed in range(20):
        disguised = fold(DISGUISES[name](TEXT, Random(seed), ()))
        assert disguised.text.replace(" ", "") == TEXT.lower().replace(" ", ""), disguised


def test_a_decorated_text_still_holds_the_text() -> None:
    for seed in range(20):
        decorated = with_emoji(with_link(with_mention(TEXT, Random(seed)), Random(seed)), Random(1))
        assert TEXT in decorated
        assert len(find_links(decorated)) == 1


def test_a_passage_keeps_a_positive_whole_and_cuts_a_genuine_text() -> None:
    ham = ["what a lovely day it was, and how well we were fed by everybody in the village"]
    for seed in range(20):
        assert TEXT in passage(TEXT, Random(seed), ham, is_whole=True)
        cut = passage(f"{ham[0]} {TEXT}", Random(seed), ham, is_whole=False)
        assert len(cut.split()) in PASSAGES
        assert cut == passage(f"{ham[0]} {TEXT}", Random(seed), ham, is_whole=False)
