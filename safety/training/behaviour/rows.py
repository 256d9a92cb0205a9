"""Times of accounts become rows of habits, with the very code that serves them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from safety.domain.habits import OF_TIMES, packed, unpacked
from safety.state.habits import times_of
from safety.state.trace import Trace
from safety.training.behaviour.people import Times

# How many actions are known of an account when a row is taken of it.
MOMENTS: Final = (20, 30, 50, 100, 200, 400)


@dataclass(frozen=True, slots=True)
class Account:
    """The times of one account in order. `kind` is what made it, `label` 1 for a bot."""

    times: Times
    label: int
    kind: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What accounts showed at some moments: a line of `values` has a column for each of OF_TIMES.

    `account` says which of the accounts a row is of, `actions` how many actions were known.
    """

    values: NDArray[np.float64]
    label: NDArray[np.int64]
    kind: NDArray[np.str_]
    account: NDArray[np.int64]
    actions: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "Rows":
        """The rows that are chosen."""
        return Rows(
            self.values[chosen], self.label[chosen], self.kind[chosen], self.account[chosen],
            self.actions[chosen],
        )  # fmt: skip

    @classmethod
    def joined(cls, parts: Sequence["Rows"]) -> "Rows":
        """Several rows as one; accounts of different parts stay apart."""
        starts = np.cumsum([0, *(int(p.account.max(initial=-1)) + 1 for p in parts[:-1])])
        return cls(
            np.concatenate([p.values for p in parts]),
            np.concatenate([p.label for p in parts]),
            np.concatenate([p.kind for p in parts]),
            np.concatenate([p.account + s for p, s in zip(parts, starts, strict=True)]),
            np.concatenate([p.actions for p in parts]),
        )


def rows_as_they_come(accounts: Sequence[Account], moments: Collection[int] = MOMENTS) -> Rows:
    """A row of each account at each moment it lives to see."""
    found = []
    for place, account in enumerate(accounts):
        trace = Trace()
        for count, at in enumerate(account.times.tolist(), start=1):
            trace.act(at)
            if count in moments and (numbers := times_of(trace)) is not None:
                found.append((place, count, as_served(numbers)))
    return _rows(accounts, found)


def rows_of_last(accounts: Sequence[Account], actions: int) -> Rows:
    """A row of each account, made of its last actions only; too few of them make none."""
    found = []
    for place, account in enumerate(accounts):
        trace = Trace()
        for at in account.times[-actions:].tolist():
            trace.act(at)
        numbers = times_of(trace)
        if numbers is not None:
            found.append((place, actions, as_served(numbers)))
    return _rows(accounts, found)


def as_served(numbers: Sequence[float]) -> tuple[float, ...]:
    """Habits with the digits that a stored decision keeps of them."""
    served = unpacked(packed(numbers))
    assert served is not None  # noqa: S101  it was packed by this very release
    return served


def _rows(accounts: Sequence[Account], found: Iterable[tuple[int, int, tuple[float, ...]]]) -> Rows:
    kept = list(found)
    places = np.array([place for place, _, _ in kept], dtype=np.int64)
    return Rows(
        np.array([numbers for _, _, numbers in kept]).reshape(len(kept), len(OF_TIMES)),
        np.array([accounts[place].label for place in places], dtype=np.int64),
        np.array([accounts[place].kind for place in places], dtype=np.str_),
        places,
        np.array([actions for _, actions, _ in kept], dtype=np.int64),
    )
