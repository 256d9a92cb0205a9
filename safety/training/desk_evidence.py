"""What an installation's own people say of its models: rows to learn from, and calibration."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine

from safety.classifiers.day_counts import ALL, decoded, summed
from safety.decisions.explain import Explainer
from safety.decisions.judge import Prepared
from safety.domain.features import Value
from safety.domain.shares import wilson
from safety.store import model_watch
from safety.store.answers_of_people import are_any
from safety.store.engine import read, write
from safety.store.stored import StoredDecision
from safety.training import quality
from safety.training.desk_rows import Told, ValuesOf, Window, population_of, told, weighted
from safety.training.labelled import LabelledRow

_DAY: Final = 86_400.0
_LOOK_BACK: Final = 90 * _DAY
_MOST_ROWS: Final = 20_000
# The service measures this itself, beside its work.
_MOST_CHECKED: Final = 2_000
# A slice with fewer answers than this says nothing about calibration.
_FEWEST_ANSWERS: Final = 30


class Bin(msgspec.Struct):
    """Rows whose score fell into one tenth: what was said, and what people found (95 %)."""

    mean_score: float
    share_positive: float
    rows: int
    low: float
    high: float


class Calibration(msgspec.Struct):
    """How far scores are from what people decided; `error` is the expected calibration error."""

    rows: int
    positive: int
    error: float
    bins: list[Bin]


@dataclass(frozen=True, slots=True)
class DeskEvidence:
    """Reads the answers of people; `prepared` gives the rules that say which model is meant."""

    engine: Engine
    prepared: Callable[[], Prepared]
    clock: Callable[[], float]

    def told(
        self, model: str, *, look_back: float = _LOOK_BACK, limit: int = _MOST_ROWS
    ) -> list[Told]:
        """What people said of decisions that this model is about, the latest first."""
        values = Explainer(self.engine, self.prepared).values
        return self._told(model, values, look_back, limit)

    def rows(
        self, model: str, *, look_back: float = _LOOK_BACK, limit: int = _MOST_ROWS
    ) -> list[LabelledRow]:
        """Rows to learn from, each weighing as many events as it stands for."""
        found = self.told(model, look_back=look_back, limit=limit)
        since = int((self.clock() - look_back) // _DAY)
        versions = {one.version for one in found if one.version}
        with read(self.engine) as connection:
            population = _population(connection, model, versions, since)
        return weighted(found, population)

    def check(self, models: Mapping[str, str]) -> dict[tuple[str, str], Calibration]:
        """Measure how well the live versions' scores fit what people decided, and keep it.

        `models` maps names to live versions. The answer is by model and slice.
        """
        now = self.clock()
        measured: dict[tuple[str, str], Calibration] = {}
        rows: dict[model_watch.Key, bytes] = {}
        for name, version in models.items():
            answers = self._told(name, self._sent, _LOOK_BACK, _MOST_CHECKED)
            found = [one for one in answers if one.version == version]
            for part, calibration in calibrations(found).items():
                measured[name, part] = calibration
                key = (name, version, int(now // _DAY), part)
                rows[key] = msgspec.json.encode(calibration)
        if rows:
            with write(self.engine) as connection:
                model_watch.put_checks(connection, rows)
        return measured

    def _told(self, model: str, values: ValuesOf, look_back: float, limit: int) -> list[Told]:
        now = self.clock()
        window = Window(now - look_back, now, limit)
        with read(self.engine) as connection:
            if not are_any(connection, window.since):  # then the rules need not be read either
                return []
            return told(connection, self.prepared().bundle, values, model, window)

    def _sent(self, decision: StoredDecision) -> Mapping[str, Value]:
        """What the event said: enough to tell its language, and cheaper than every feature."""
        return self.prepared().reader.recall(decision.event)


_CALIBRATION = msgspec.json.Decoder(Calibration)


def kept_calibration(found: bytes) -> Calibration | None:
    """What the table keeps; None for what is not understood."""
    try:
        return _CALIBRATION.decode(found)
    except msgspec.DecodeError:
        return None


def calibrations(found: Iterable[Told]) -> dict[str, Calibration]:
    """Calibration by slice: all, each event type and each language with enough answers."""
    parts: dict[str, list[Told]] = defaultdict(list)
    for one in found:
        if one.score is not None:
            for part in (ALL, f"event:{one.event_type}", f"lang:{one.row.language}"):
                parts[part].append(one)
    return {
        part: _calibration(rows) for part, rows in parts.items() if len(rows) >= _FEWEST_ANSWERS
    }


def _calibration(rows: list[Told]) -> Calibration:
    labels = [one.row.label for one in rows]
    scores = [one.score for one in rows if one.score is not None]
    bins = []
    for each in quality.reliability(labels, scores):
        positive = round(each["share_positive"] * each["rows"])
        low, high = wilson(positive, each["rows"]) or (0.0, 1.0)
        bins.append(Bin(each["mean_score"], each["share_positive"], each["rows"], low, high))
    error = quality.expected_calibration_error(labels, scores)
    return Calibration(len(rows), sum(labels), error, bins)


def _population(
    connection: Connection, model: str, versions: Iterable[str], since: int
) -> Mapping[int, int]:
    """How many events scored in each bin, of the versions that people's answers are about."""
    population: Counter[int] = Counter()
    for version in versions:
        kept = model_watch.days(connection, model, version, since)
        counts = summed(decoded(row) for key, row in kept.items() if key[3] == ALL)
        population.update(population_of(counts.scores))
    return population
