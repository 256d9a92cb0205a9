"""Preferences: kept as JSON, and read whatever another version has kept."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from safety.web.desk_keymap import Keymap
from safety.web.desk_preferences import LONGEST_STRETCH, MOST_HARD_ITEMS, Preferences, Veil

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)


def test_what_was_kept_is_read_again() -> None:
    mine = Preferences(Keymap(are_on=False, changed={"keep": "y"}), Veil.ALL, budget=5, stretch=0)
    assert Preferences.read(mine.kept()) == mine
    assert Preferences.read({}) == Preferences()


def test_keys_are_switched_off_without_losing_the_rest() -> None:
    mine = Preferences(Keymap(changed={"keep": "y"}), Veil.NONE, budget=5)
    off = mine.with_keys(are_on=False)
    assert (off.keymap.are_on, off.keymap.changed, off.veil) == (False, {"keep": "y"}, Veil.NONE)


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("keys_on", "keys", "veil", "budget", "stretch", "x"), json)
    )
)
def test_nothing_that_was_kept_breaks_a_page(kept: dict[str, Any]) -> None:
    read = Preferences.read(kept)
    assert 0 <= read.budget <= MOST_HARD_ITEMS
    assert 0 <= read.stretch <= LONGEST_STRETCH
    assert all(isinstance(key, str) for key in read.keymap.changed.values())
