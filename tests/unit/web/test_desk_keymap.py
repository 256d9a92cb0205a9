"""Keys: one list of what each does, as somebody has set them, and wishes that cannot be."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.web.desk_keymap import GROUPS, KEYS, Keymap, remapped


def test_no_two_things_have_the_same_key() -> None:
    pressed = [key.default for key in KEYS.values()]
    assert len(set(pressed)) == len(pressed) == sum(len(group.keys) for group in GROUPS)
    assert not any(key.isdigit() for key in pressed), "digits choose policies"


def test_what_nobody_changed_is_as_for_everybody() -> None:
    assert remapped({}) == ({}, [])
    assert remapped({"keep": "a", "unknown": "q"}) == ({}, [])
    assert Keymap().key("keep") == "a"


def test_keys_change_places_and_can_be_taken_away() -> None:
    changed, problems = remapped({"keep": "s", "skip": "a", "snooze": ""})
    assert problems == []
    keymap = Keymap(changed=changed)
    assert [keymap.key(name) for name in ("keep", "skip", "snooze", "undo")] == ["s", "a", "", "z"]


@pytest.mark.parametrize("wish", ["3", "ab", "é", "\n", "Enter", "⟨", "\u202e"], ids=ascii)
def test_what_cannot_be_pressed_or_means_something_else_is_refused(wish: str) -> None:
    _, problems = remapped({"keep": wish})
    assert (problems == []) == (wish.strip() == "")


def test_a_key_does_one_thing() -> None:
    _, problems = remapped({"keep": "r"})
    assert len(problems) == 1
    assert "remove" in problems[0] or "keep" in problems[0]


@given(st.dictionaries(st.sampled_from(sorted(KEYS)), st.text(max_size=12)))
def test_no_wish_fails_and_what_is_accepted_collides_with_nothing(
    wishes: Mapping[str, str],
) -> None:
    changed, problems = remapped(wishes)
    if problems:
        return
    keymap = Keymap(changed=changed)
    pressed = [key for name in KEYS if (key := keymap.key(name))]
    assert len(set(pressed)) == len(pressed)
