"""What the pages about models show: versions, states, quality at a glance, drift over days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine

from safety.classifiers.card import Card
from safety.classifiers.day_counts import ALL, DayCounts, decoded, drifts, summed
from safety.classifiers.drift import Drift, reference_of
from safety.classifiers.holdout import AtThreshold, costs_of, slices_of
from safety.classifiers.shelf import FIRST_MADE_HERE
from safety.decisions.model_versions import ModelVersions
from safety.domain.errors import SafetyError
from safety.store import model_watch
from safety.store.engine import read
from safety.store.models import Change, Pointer, SiteThreshold
from safety.training.charts import ColumnChart, column_chart
from safety.training.desk_evidence import Calibration, kept_calibration

DAY: Final = 86_400.0
SHOWN_DAYS: Final = 30
LOOK_BACK_DAYS: Final = 7
PREVALENCE: Final = 0.02
_TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list of versions; `trouble` says why its card cannot be read."""

    version: str
    state: str
    is_made_here: bool
    created: str = ""
    threshold: float | None = None
    auc: float | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model in the list of models."""

    name: str
    live: str
    is_chosen: bool
    shadow: str
    candidates: tuple[str, ...]
    created: str
    threshold: float | None
    own: SiteThreshold | None
    at: AtThreshold | None
    drift: Drift | None
    moved: int
    events: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class DriftRow:
    """How far one input, or the score, has moved."""

    name: str
    drift: Drift
    tone: str


@dataclass(frozen=True, slots=True)
class Drifting:
    """Drift of a version over the last days, and from day to day."""

    rows: tuple[DriftRow, ...]
    counts: DayCounts
    scores: ColumnChart | None
    days: tuple[tuple[str, int, float | None], ...]  # day, events, index of the score
    slices: tuple[tuple[str, int, float | None], ...]  # slice, events, index of the score


class Showing:
    """Gathers what the pages show; reads only."""

    def __init__(self, versions: ModelVersions, engine: Engine, now: float) -> None:
        self._versions = versions
        self._engine = engine
        self._now = now
        self._pointers = versions.pointers()

    def pointer(self, name: str) -> Pointer | None:
        """What was chosen of a model."""
        return self._pointers.get(name)

    def live(self, name: str) -> str:
        """The version that is live; empty when there is none."""
        return self._versions.live(name, self.pointer(name))

    def models(self) -> list[ModelRow]:
        """Every model that is shipped, made here or chosen."""
        kept = {one.model for one in self._versions.kept()}
        names = sorted({*self._versions.shelf.names(), *self._pointers, *kept})
        return [self._model(name) for name in names]

    def versions(self, name: str) -> list[VersionRow]:
        """The versions of a model, newest first."""
        live, pointer = self.live(name), self.pointer(name)
        shadow = pointer.shadow if pointer else ""
        rows = []
        for version in reversed(self._versions.versions(name)):
            state = "live" if version == live else "shadow" if version == shadow else "candidate"
            rows.append(self._version(name, version, state))
        return rows

    def calibration(self, name: str, version: str) -> dict[str, Calibration]:
        """The latest that was measured against people's decisions, by slice."""
        with read(self._engine) as connection:
            kept = model_watch.checks(connection, name, version, self._day() - SHOWN_DAYS)
        found: dict[str, Calibration] = {}
        for (_, _, _, part), row in kept.items():  # oldest first: the latest stays
            calibration = kept_calibration(row)
            if calibration is not None:
                found[part] = calibration
        return found

    def drifting(self, name: str, version: str, card: Card) -> Drifting:
        """How far things have moved."""
        days = self._days(name, version, SHOWN_DAYS)
        today, reference = self._day(), reference_of(card.content)
        recent = [
            c for (day, part), c in days.items() if part == ALL and day > today - LOOK_BACK_DAYS
        ]
        counts = summed(recent)
        found = drifts(reference, counts)
        rows = tuple(DriftRow(each, moved, _tone(moved)) for each, moved in found.items())
        slices = {part for _, part in days if part != ALL}
        return Drifting(
            rows=rows,
            counts=counts,
            scores=_scores(reference.scores if reference else (), counts),
            days=tuple(
                (_date(day), c.events, _index(reference, c))
                for (day, part), c in sorted(days.items())
                if part == ALL
            ),
            slices=tuple(
                (part, both.events, _index(reference, both))
                for part in sorted(slices)
                for both in [
                    summed(
                        c
                        for (day, p), c in days.items()
                        if p == part and day > today - LOOK_BACK_DAYS
                    )
                ]
                if both.events
            ),
        )

    def shadow_pairs(self, name: str, version: str) -> list[tuple[float, float]]:
        """The latest scores of the live version and of this one in its shadow."""
        with read(self._engine) as connection:
            return model_watch.shadow_pairs(connection, name, version, limit=5_000)

    def history(self, name: str) -> list[Change]:
        """The latest changes."""
        return self._versions.history(name, limit=20)

    def _model(self, name: str) -> ModelRow:
        pointer, live = self.pointer(name), self.live(name)
        chosen = bool(pointer and pointer.live)
        shadow = pointer.shadow if pointer else ""
        others = [v for v in self._versions.versions(name) if v not in {live, shadow}]
        newer = tuple(v for v in others if not live or int(v) > int(live))
        try:
            card = self._versions.card(name, live) if live else None
        except SafetyError as error:
            return ModelRow(
                name, live, chosen, shadow, newer, "", None, None, None, None, 0, 0, error.detail
            )
        if card is None:
            return ModelRow(name, live, chosen, shadow, newer, "", None, None, None, None, 0, 0)
        threshold, own = self._versions.threshold(name, live)
        whole = slices_of(card.content).get(ALL)
        at = whole.at(threshold, PREVALENCE, costs_of(card.content)) if whole else None
        moved = self.drifting(name, live, card)
        score = next((row.drift for row in moved.rows if row.name == "score"), None)
        far = sum(row.drift.has_moved_far for row in moved.rows)
        return ModelRow(
            name, live, chosen, shadow, newer, str(card.content["created"]), threshold, own, at,
            score, far, moved.counts.events,
        )  # fmt: skip

    def _version(self, name: str, version: str, state: str) -> VersionRow:
        here = int(version) >= FIRST_MADE_HERE
        try:
            card = self._versions.card(name, version)
        except SafetyError as error:
            return VersionRow(version, state, here, trouble=error.detail)
        whole = slices_of(card.content).get(ALL)
        threshold, _ = self._versions.threshold(name, version)
        auc = whole.auc() if whole else None
        return VersionRow(version, state, here, str(card.content["created"]), threshold, auc)

    def _days(self, name: str, version: str, days: int) -> dict[tuple[int, str], DayCounts]:
        with read(self._engine) as connection:
            kept = model_watch.days(connection, name, version, self._day() - days + 1)
        return {(day, part): decoded(row) for (_, _, day, part), row in kept.items()}

    def _day(self) -> int:
        return int(self._now // DAY)


def _scores(expected: Sequence[float], counts: DayCounts) -> ColumnChart | None:
    """Scores by tenth, in thousandths of the events: as they are, and in front as they were."""
    if not counts.events or not expected:
        return None
    pairs = len(counts.scores) // _TENTHS
    labels, numbers = [], []
    for tenth in range(_TENTHS):
        part = slice(tenth * pairs, (tenth + 1) * pairs)
        now = round(1000 * sum(counts.scores[part]) / counts.events)
        was = round(1000 * sum(expected[part]) / sum(expected))
        labels.append(f"{tenth / _TENTHS:.1f}")
        numbers.append((now, was))
    return column_chart(labels, numbers)


def _index(reference: Any, counts: DayCounts) -> float | None:
    found = drifts(reference, counts).get("score")
    return None if found is None else found.psi


def _tone(moved: Drift) -> str:
    return "bad" if moved.has_moved_far else "warn" if moved.has_moved else "good"


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).date().isoformat()
