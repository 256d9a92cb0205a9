"""The keys of the desk: what each does, and how somebody has set them.

The page that shows them is what the scripts read: one list, on the server.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# What a person may press for something: one character that needs no modifier, or a named key.
_PRESSABLE = re.compile(r"[!-~]|Space|ArrowUp|ArrowDown|ArrowLeft|ArrowRight")


@dataclass(frozen=True, slots=True)
class Key:
    """Something that can be done with a key. `name` is its name in scripts and settings."""

    name: str
    default: str
    does: str


@dataclass(frozen=True, slots=True)
class Group:
    """Keys that belong together."""

    title: str
    keys: tuple[Key, ...]


GROUPS = (
    Group(
        "Decide",
        (
            Key("keep", "a", "keep: nothing is wrong"),
            Key("remove", "r", "remove, then 1 to 9 or the policy's name"),
            Key("again", ".", "remove under the policy used last"),
            Key("escalate", "e", "escalate, with a reason"),
            Key("skip", "s", "skip: somebody else may have it"),
            Key("snooze", "w", "look at it later"),
            Key("undo", "z", "undo, later reverse"),
        ),
    ),
    Group(
        "Look",
        (
            Key("veil", "Space", "show or veil the content"),
            Key("account", "h", "the account's page"),
            Key("thread", "t", "what was said before and after"),
            Key("context", "v", "everything recorded about the item"),
            Key("note", "n", "write a note about the account"),
            Key("learn", "m", "make a kept item a test of the rule that was wrong"),
            Key("link", "l", "copy a link to the item"),
        ),
    ),
    Group(
        "Move",
        (
            Key("next", "j", "next item, also the down arrow"),
            Key("previous", "k", "previous item, also the up arrow"),
            Key("back", "u", "back to the list"),
            Key("search", "/", "search"),
            Key("go", "g", "go to: then q queue, d decisions, r rules, s search"),
        ),
    ),
    Group(
        "Many at once",
        (
            Key("select", "x", "select; with Shift the whole range"),
            Key("similar", "d", "select everything like it"),
            Key("extend", "+", "keep the claim for longer"),
            Key("help", "?", "these keys; Ctrl K for the palette"),
        ),
    ),
)
KEYS: Mapping[str, Key] = MappingProxyType({key.name: key for g in GROUPS for key in g.keys})


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys as somebody has set them; `changed` holds only what differs from the default."""

    are_on: bool = True
    changed: Mapping[str, str] = field(default_factory=dict)

    def key(self, name: str) -> str:
        """What to press for it; empty when it was taken off the keyboard."""
        return self.changed.get(name, KEYS[name].default)


def remapped(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What of these wishes differs from the default, and what is wrong with them, for people.

    An empty wish takes the key away. Keys that collide or cannot be pressed are refused.
    """
    chosen = {name: wanted.get(name, key.default).strip() for name, key in KEYS.items()}
    problems: list[str] = []
    taken: dict[str, str] = {}
    for name, pressed in chosen.items():
        if not pressed:
            continue
        if not _PRESSABLE.fullmatch(pressed) or pressed.isdigit():
            problems.append(f"“{KEYS[name].does}” needs one key that is no digit.")
        elif pressed in taken:
            problems.append(f"“{pressed}” can only do one thing: {KEYS[taken[pressed]].does}.")
        taken.setdefault(pressed, name)
    changed = {name: key for name, key in chosen.items() if key != KEYS[name].default}
    return changed, problems
