"""What somebody prefers at the desk: their keys, the veil, and when a pause is suggested."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from safety.domain.access import StaffSession
from safety.web.desk_keymap import KEYS, Keymap
from safety.web.services import Services

MOST_HARD_ITEMS = 500
LONGEST_STRETCH = 240


class Veil(StrEnum):
    """What is covered until somebody asks to see it."""

    NONE = "none"
    HARD = "hard"  # what a policy or a queue says is hard to look at
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Preferences:
    """Someone's preferences; `budget` is hard items in an hour, `stretch` minutes, 0 is never."""

    keymap: Keymap = field(default_factory=Keymap)
    veil: Veil = Veil.HARD
    budget: int = 30
    stretch: int = 60

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Preferences":
        """What was kept, by this version or another: what it does not know is as for everybody."""
        plain = cls()
        keys = kept.get("keys")
        wanted = keys.items() if isinstance(keys, dict) else ()
        changed = {name: key for name, key in wanted if name in KEYS and isinstance(key, str)}
        veil = next((each for each in Veil if each == kept.get("veil")), plain.veil)
        return cls(
            keymap=Keymap(bool(kept.get("keys_on", True)), changed),
            veil=veil,
            budget=_between(kept.get("budget"), plain.budget, MOST_HARD_ITEMS),
            stretch=_between(kept.get("stretch"), plain.stretch, LONGEST_STRETCH),
        )

    def kept(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "keys_on": self.keymap.are_on,
            "keys": dict(self.keymap.changed),
            "veil": self.veil.value,
            "budget": self.budget,
            "stretch": self.stretch,
        }

    def with_keys(self, *, are_on: bool) -> "Preferences":
        """The same with single keys on or off."""
        return replace(self, keymap=replace(self.keymap, are_on=are_on))


def preferences_of(services: Services, session: StaffSession) -> Preferences:
    """What this person prefers."""
    return Preferences.read(services.staff.own.preferences(session))


def _between(given: object, plain: int, most: int) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        return plain
    return given if 0 <= given <= most else plain
