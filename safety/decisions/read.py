"""From the bytes a platform sends to an `Event`, checked against the feature catalogue."""

import difflib
import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import NamedTuple

from safety.decisions.checks import Check, Wrong, check_for, identifier, moment, plain_type
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


class _Field(NamedTuple):
    """A value of the type `plain` is right as it is: a text of up to `longest`, a truth value."""

    name: str
    plain: type | None
    longest: int
    check: Check
    events: tuple[str, ...]


class EventReader:
    """Reads events as the catalogue declares them: one table for the wire, docs and rules."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._sections: dict[str, dict[str, _Field]] = {}
        for feature in catalogue.features.values():
            if feature.source is Source.EVENT:
                section, _, key = feature.name.partition(".")
                plain, longest = (None, 0) if feature.events else plain_type(feature)
                self._sections.setdefault(section, {})[key] = _Field(
                    feature.name, plain, longest, check_for(feature), feature.events
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
        event_type = _event_type(document, self.catalogue, problems)
        event_id = _event_id(document, problems)
        time = _time(document, now, problems)
        deadline = _deadline(document, problems)
        # Without escapes a text in ASCII holds neither NUL nor half a surrogate pair.
        is_plain = b"\\u" not in raw and raw.isascii()
        values = self._values(document, event_type, is_plain, now, problems)
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
        self,
        document: Json,
        event_type: str,
        is_plain: bool,
        now: float,
        problems: list[FieldError],
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
                _read_section(section, given, fields, event_type, is_plain, values, problems)
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
    is_plain: bool,
    values: dict[str, Value],
    problems: list[FieldError],
) -> None:
    for key, value in given.items():
        field = fields.get(key)
        if field is None:
            problems.append(FieldError(_path(section, key), _unknown(key, fields)))
            if len(problems) >= MOST_PROBLEMS:
                return  # enough to know; looking for what was meant is not cheap
            continue
        name, plain, longest, check, events = field
        # Most fields of most events need no call.
        kind = type(value)
        if kind is plain and (kind is bool or (is_plain and 0 < len(value) <= longest)):
            values[name] = value
        elif value is None:
            continue  # the platform does not know: the feature is missing
        elif events and event_type not in events:
            problems.append(FieldError(name, f"only {', '.join(events)} events carry this"))
        else:
            try:
                values[name] = check(value)
            except Wrong as wrong:
                problems.append(FieldError(name, str(wrong)))


_ENVELOPE = ("id", "type", "time", "deadline_ms")


def _event_type(document: Json, catalogue: Catalogue, problems: list[FieldError]) -> str:
    given = document.get("type", _MISSING)
    if type(given) is str and given in catalogue.event_types:
        return given
    if given is _MISSING:
        wrong = "is required"
    elif type(given) is not str:
        wrong = "must be a string"
    else:
        wrong = _unknown(given, catalogue.event_types)
    problems.append(FieldError("type", wrong))
    return ""


def _event_id(document: Json, problems: list[FieldError]) -> str | None:
    given = document.get("id")
    if given is None:
        return None
    try:
        return identifier(given)
    except Wrong as wrong:
        problems.append(FieldError("id", str(wrong)))
        return None


def _time(document: Json, now: float, problems: list[FieldError]) -> float:
    given = document.get("time")
    if given is None:
        return now
    try:
        at = moment(given)
    except Wrong as wrong:
        problems.append(FieldError("time", str(wrong)))
        return now
    if not now - OLDEST <= at <= now + CLOCK_SKEW:
        wrong_time = "must lie within the last 7 days and not in the future"
        problems.append(FieldError("time", wrong_time))
    return at


def _deadline(document: Json, problems: list[FieldError]) -> float | None:
    given = document.get("deadline_ms")
    if given is None:
        return None
    if type(given) not in (int, float) or not 1 <= given <= LONGEST_DEADLINE_MS:
        wrong = f"must be a number from 1 to {LONGEST_DEADLINE_MS}"
        problems.append(FieldError("deadline_ms", wrong))
        return None
    return float(given)


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
