"""A table that forgets what was not used lately, and costs no more than a plain one."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Held = TypeVar("Held")


class Recent(Generic[Key, Held]):
    """Holds at most `most` values. Two halves: when the young one is full, the old one goes.

    What is read or written joins the young half. An ordered table would forget more exactly, at
    twice the memory.
    """

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._young: dict[Key, Held] = {}
        self._old: dict[Key, Held] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: Key) -> Held | None:
        """The value, if it is still held."""
        found = self._young.get(key)
        if found is None:
            found = self._old.pop(key, None)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: Key, value: Held) -> None:
        """Hold a value from now on."""
        if len(self._young) >= self._half and key not in self._young:
            self._old, self._young = self._young, {}
        self._young[key] = value
        self._old.pop(key, None)
