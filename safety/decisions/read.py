"""From the bytes a platform sends to an `Event`, checked against the feature catalogue."""

import difflib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from safety.decisions.checks import Check, Wrong, check_for, identifier, moment, plain_length
from safety.decisions.strict_json import Json, parse_json, shown
from safety.domain.errors import FieldError, InvalidInput
from safety.domain.events import Event
from safety.domain.features import Catalogue, Source, Value

# A platform may send what waited in its queues, but neither the far past nor the future.
OLDEST = timedelta(days=7).total_seconds()
CLOCK_SKEW = timedelta(minutes=5).total_seconds()
LONGEST_DEADLINE_MS = 60_000
MOST_PROBLEMS = 20
_MISSING = object()


@dataclass(frozen=True, slots=True)
class _Field:
    """`plain` is the longest string that needs no more checks than its length; 0 for none."""

    name: str
    check: Check
    events: tuple[str, ...]
    plain: int


class EventReader:
    """Reads events as the catalogue declares them: one table for the wire, docs and rules."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._sections: dict[str, dict[str, _Field]] = {}
        for feature in catalogue.features.values():
            if feature.source is Source.EVENT:
                section, _, key = feature.name.partition(".")
                self._sections.setdefault(section, {})[key] = _Field(
                    feature.name, check_for(feature), feature.events, plain_length(feature)
                )

    def read(self, raw: bytes, *, now: float, fallback_id: Callable[[], str]) -> Event:
        """The event in a request's body. Raises `MalformedBody` or `InvalidInput`."""
        return self.read_object(parse_json(raw), raw, now=now, fallback_id=fallback_id)

    def read_object(
        self, document: object, raw: bytes, *, now: float, fallback_id: Callable[[], str]
    ) -> Event:
        """The event in a decoded document; `raw` is its text, kept in the ledger.

        Raises `InvalidInput` naming every wrong field.
        """
        if type(document) is not dict:
            raise InvalidInput("an event is a JSON object")
        problems: list[FieldError] = []
        envelope = _Envelope(document, problems)
        event_type = envelope.event_type(self.catalogue)
        event_id = envelope.event_id()
        time = envelope.time(now)
        deadline = envelope.deadline()
        values = self._values(document, event_type, now, problems)
        if "actor.id" not in values and not any(p.field.startswith("actor") for p in problems):
            problems.append(FieldError("actor.id", "is required"))
        if problems:
            raise InvalidInput(_summary(problems), errors=problems[:MOST_PROBLEMS])
        return Event(event_id or fallback_id(), event_type, time, values, raw, deadline)

    def recall(self, raw: bytes) -> dict[str, Value]:
        """The values of an event that was accepted before, without checking them again.

        Fields that the catalogue no longer declares are left out.
        """
        document = json.loads(raw)
        values: dict[str, Value] = {}
        for section, fields in self._sections.items():
            for key, given in (document.get(section) or {}).items():
                field = fields.get(key)
                if field is not None and given is not None:
                    try:
                        values[field.name] = field.check(given)
                    except Wrong:
                        continue
        return values

    def _values(
        self, document: Json, event_type: str, now: float, problems: list[FieldError]
    ) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for section, given in document.items():
            if len(problems) >= MOST_PROBLEMS:
                break
            fields = self._sections.get(section)
            if fields is None:
                if section not in _ENVELOPE:
                    known = (*self._sections, *_ENVELOPE)
                    problems.append(FieldError(_path(section), _unknown(section, known)))
                continue
            if given is None:
                continue
            if type(given) is dict:
                _read_section(section, given, fields, event_type, values, problems)
            else:
                problems.append(FieldError(section, "must be an object"))
        for name in ("actor.created_at", "target.created_at"):
            created = values.get(name)
            if type(created) is float and created > now + CLOCK_SKEW:
                problems.append(FieldError(name, "lies in the future"))
        return values


def _read_section(  # noqa: PLR0917  one loop of the reader, kept apart to be read alone
    section: str,
    given: Json,
    fields: dict[str, _Field],
    event_type: str,
    values: dict[str, Value],
    problems: list[FieldError],
) -> None:
    for key, value in given.items():
        if len(problems) >= MOST_PROBLEMS:
            return  # enough to know; looking for what was meant is not cheap
        field = fields.get(key)
        if (
            field is not None
            and type(value) is str
            and 0 < len(value) <= field.plain
            and value.isascii()
            and "\0" not in value
            and not field.events
        ):
            values[field.name] = value  # most fields of most events: no call needed
        elif field is None:
            problems.append(FieldError(_path(section, key), _unknown(key, fields)))
        elif value is None:
            continue  # the platform does not know: the feature is missing
        elif field.events and event_type not in field.events:
            kinds = ", ".join(field.events)
            problems.append(FieldError(field.name, f"only {kinds} events carry this"))
        else:
            try:
                values[field.name] = field.check(value)
            except Wrong as wrong:
                problems.append(FieldError(field.name, str(wrong)))


_ENVELOPE = ("id", "type", "time", "deadline_ms")


class _Envelope:
    """The parts of an event that are not features: its id, type, time and deadline."""

    def __init__(self, document: Json, problems: list[FieldError]) -> None:
        self._document = document
        self._problems = problems

    def event_type(self, catalogue: Catalogue) -> str:
        given = self._document.get("type", _MISSING)
        if isinstance(given, str) and given in catalogue.event_types:
            return given
        if given is _MISSING:
            self._refuse("type", "is required")
        elif type(given) is not str:
            self._refuse("type", "must be a string")
        else:
            self._refuse("type", _unknown(given, catalogue.event_types))
        return ""

    def event_id(self) -> str | None:
        given = self._document.get("id")
        if given is None:
            return None
        try:
            return identifier(given)
        except Wrong as wrong:
            self._refuse("id", str(wrong))
            return None

    def time(self, now: float) -> float:
        given = self._document.get("time")
        if given is None:
            return now
        try:
            at = moment(given)
        except Wrong as wrong:
            self._refuse("time", str(wrong))
            return now
        if not now - OLDEST <= at <= now + CLOCK_SKEW:
            self._refuse("time", "must lie within the last 7 days and not in the future")
        return at

    def deadline(self) -> float | None:
        given = self._document.get("deadline_ms")
        if given is None:
            return None
        if type(given) not in (int, float) or not 1 <= given <= LONGEST_DEADLINE_MS:
            self._refuse("deadline_ms", f"must be a number from 1 to {LONGEST_DEADLINE_MS}")
            return None
        return float(given)

    def _refuse(self, field: str, message: str) -> None:
        self._problems.append(FieldError(field, message))


def _summary(problems: list[FieldError]) -> str:
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{first.field}: {first.message}{more}"


def _path(*names: str) -> str:
    return ".".join(n if n.isidentifier() and n.isascii() else shown(n) for n in names)


def _unknown(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name[:64], list(known), n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"is not known{hint}"
