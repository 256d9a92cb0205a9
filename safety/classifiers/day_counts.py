"""What one version of a model met on one day, as histograms that can be added up."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from safety.classifiers.drift import SCORE_BINS, Drift, Reference, drift, score_bin
from safety.domain.features import Value, Values

ALL: Final = "all"
_MOST_LANGUAGES: Final = 16
_LONGEST_LANGUAGE: Final = 8


class DayCounts(msgspec.Struct):
    """Scores in `SCORE_BINS` bins, and the features of the card's reference in its bins.

    `flagged` reached the threshold. `compared` events were scored by a live version and by one in
    its shadow; at `disagreed` of them only one of the two reached its threshold.
    """

    scores: list[int] = msgspec.field(default_factory=lambda: [0] * SCORE_BINS)
    features: dict[str, list[int]] = msgspec.field(default_factory=dict)
    flagged: int = 0
    compared: int = 0
    disagreed: int = 0

    @property
    def events(self) -> int:
        """How many scores there were."""
        return sum(self.scores)

    def add(self, score: float, threshold: float) -> None:
        """Count one score."""
        self.scores[score_bin(score)] += 1
        self.flagged += score >= threshold

    def read(self, reference: Reference, values: Values) -> None:
        """Count what the model read of one event."""
        for name, spread in reference.features.items():
            value = _number(values.get(name))
            if value is not None:
                counts = self.features.get(name)
                if counts is None or len(counts) != len(spread.shares):
                    counts = self.features[name] = [0] * len(spread.shares)
                counts[spread.place(value)] += 1

    def join(self, other: "DayCounts") -> None:
        """Add another's counts; a feature whose bins changed begins anew."""
        self.scores = [a + b for a, b in zip(self.scores, other.scores, strict=True)]
        for name, counts in other.features.items():
            own = self.features.get(name, [])
            same = len(own) == len(counts)
            self.features[name] = (
                [a + b for a, b in zip(own, counts, strict=True)] if same else list(counts)
            )
        self.flagged += other.flagged
        self.compared += other.compared
        self.disagreed += other.disagreed

    def encode(self) -> bytes:
        """As the table keeps it."""
        return msgspec.json.encode(self)


_DECODER = msgspec.json.Decoder(DayCounts)


def decoded(kept: bytes) -> DayCounts:
    """What the table keeps. A row that is not understood counts nothing."""
    try:
        found = _DECODER.decode(kept)
    except msgspec.DecodeError:
        return DayCounts()
    return found if len(found.scores) == SCORE_BINS else DayCounts()


def merged(kept: bytes | None, more: bytes) -> bytes:
    """Two rows of one key as one."""
    both = decoded(more)
    if kept is not None:
        both.join(decoded(kept))
    return both.encode()


def summed(rows: Iterable[DayCounts]) -> DayCounts:
    """Several days or processes together."""
    whole = DayCounts()
    for row in rows:
        whole.join(row)
    return whole


def drifts(reference: Reference | None, counts: DayCounts) -> dict[str, Drift]:
    """How far scores (`score`) and inputs (by feature) are from the card's reference."""
    if reference is None:
        return {}
    found = {"score": drift(reference.scores, counts.scores)}
    for name, spread in reference.features.items():
        found[name] = drift(spread.shares, counts.features.get(name, []))
    return {name: moved for name, moved in found.items() if moved is not None}


def slices_of_event(event_type: str, values: Values, known: Mapping[str, object]) -> list[str]:
    """The slices that an event counts for; `known` are those there are, so that they stay few."""
    slices = [ALL, f"event:{event_type}"]
    language = values.get("content.language")
    if isinstance(language, str) and 0 < len(language) <= _LONGEST_LANGUAGE:
        code = language.partition("-")[0].lower()
        name = f"lang:{code}"
        languages = sum(each.startswith("lang:") for each in known)
        if code.isascii() and code.isalpha() and (name in known or languages < _MOST_LANGUAGES):
            slices.append(name)
    return slices


def _number(value: Value | None) -> float | None:
    if isinstance(value, bool | int | float) and value == value:  # noqa: PLR0124  NaN is missing
        return float(value)
    return None
