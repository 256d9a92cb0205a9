"""Lessons: a decision that a rule got wrong becomes a test that the rule must not match again."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine

from safety.domain.errors import NotFound
from safety.domain.features import Kind, Value, Values
from safety.ruleset.bundle import Bundle
from safety.ruleset.compiled import CompiledRule, RuleTest
from safety.ruleset.durations import write_duration
from safety.ruleset.proof import example
from safety.store.engine import read
from safety.store.stored import StoredDecision, from_row, select_stored
from safety.store.tables import decisions
from safety.text.fold import fold

_TEXT, _FOLDED = "content.text", "content.text_folded"
_LET: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_LONGEST_TEXT: Final = 2_000  # characters of a text that go into a test
# Beside the words that a rule found, everything that may name somebody is made one letter.
_LETTER, _DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")
_STAND_INS: Final[Mapping[Kind, Value]] = {
    Kind.ENTITY: "somebody",
    Kind.STRING: "something",
    Kind.STRINGS: ("something",),
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """A test made of a decision.

    `still_matches` says whether the rule, as it is, would fire again; `kept` are the personal
    values that had to stay for that.
    """

    rule: str
    decision: str
    test: str
    still_matches: bool
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Makes tests of decisions. `values` are those that a decision was made of."""

    engine: Engine
    bundle: Callable[[], Bundle]
    values: Callable[[StoredDecision], Mapping[str, Value]]

    def of(self, decision_id: str, rule_id: str) -> Lesson:
        """The lesson of a decision for a rule. Raises `NotFound` where there is none of them."""
        with read(self.engine) as connection:
            query = select_stored().where(decisions.c.id == decision_id)
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("There is no such decision.")
        stored, bundle = from_row(row), self.bundle()
        try:
            compiled = bundle.source(rule_id)
        except KeyError:
            raise NotFound("There is no such rule in force.") from None
        if stored.event_type not in compiled.rule.events:
            raise NotFound("The rule does not judge events of this type.")
        return lesson(bundle, compiled, stored, self.values(stored))


def lesson(
    bundle: Bundle, compiled: CompiledRule, stored: StoredDecision, values: Values
) -> Lesson:
    """The test of a decision: only what the rule looks at, with stand-ins for personal values."""
    rule, event = compiled.rule, stored.event_type
    given = _looked_at(bundle, compiled, event, values)
    fires = bundle.outcome(rule.id, _example(bundle, compiled, event, given)) is True
    kept = []
    for name in [name for name in given if _is_personal(bundle, name)]:
        for stand_in in _stand_ins(bundle, rule.id, name, values):
            tried = given | {name: stand_in}
            if (bundle.outcome(rule.id, _example(bundle, compiled, event, tried)) is True) == fires:
                given = tried
                break
        else:
            kept.append(name)
    test = _written(bundle, compiled, event, given, f"kept by a moderator: {stored.id}")
    return Lesson(rule.id, stored.id, test, fires, tuple(kept))


def _looked_at(
    bundle: Bundle, compiled: CompiledRule, event: str, values: Values
) -> dict[str, Value | None]:
    """What the rule looks at, as it was; what a plain good event has anyway is left out."""
    plain = _example(bundle, compiled, event, {})
    names = dict.fromkeys(part.name for part in compiled.reads)
    if compiled.rule.canary is not None:
        names.pop(compiled.rule.canary.by, None)
    return {name: values.get(name) for name in names if values.get(name) != plain.get(name)}


def _example(
    bundle: Bundle, compiled: CompiledRule, event: str, given: Mapping[str, Value | None]
) -> dict[str, Value]:
    test = RuleTest("", event, matches=False, given=given, place=compiled.place)
    return example(bundle, compiled, test)


def _is_personal(bundle: Bundle, name: str) -> bool:
    feature = bundle.catalogue.features.get(name)
    return feature is not None and feature.personal


def _stand_ins(bundle: Bundle, rule_id: str, name: str, values: Values) -> Iterator[Value | None]:
    """What may stand for a personal value, the least telling first."""
    yield None
    feature = bundle.catalogue.features[name]
    if feature.kind in _STAND_INS:
        yield _STAND_INS[feature.kind]
    text = values.get(_TEXT)
    if name not in {_TEXT, _FOLDED} or not isinstance(text, str):
        return
    for masked in _masked(text, bundle.highlights(rule_id, values)):
        yield masked if name == _TEXT else fold(masked).text


def _masked(text: str, spans: tuple[tuple[int, int], ...]) -> Iterator[str]:
    """The text with what the rule found in it and nothing else; then with more of its shape."""
    found = [text[start:end] for start, end in spans]
    if found:
        yield " ".join(found)[:_LONGEST_TEXT]
    inside = {at for start, end in spans for at in range(start, end)}
    shape = "".join(
        letter if at in inside else _DIGIT.sub("0", _LETTER.sub("x", letter))
        for at, letter in enumerate(text[:_LONGEST_TEXT])
    )
    yield shape


def _written(
    bundle: Bundle,
    compiled: CompiledRule,
    event: str,
    given: Mapping[str, Value | None],
    name: str,
) -> str:
    """The test as one line of YAML."""
    shown = {part.name: part.shown for part in compiled.reads if _LET.fullmatch(part.shown or "")}
    features = bundle.catalogue.features
    told = []
    for key, value in given.items():
        kind = features[key].kind if key in features else Kind.FLOAT
        told.append(f"{_key(shown.get(key, key))}: {as_given(value, kind)}")
    first = "" if event == compiled.rule.events[0] else f", event: {event}"
    return f"{{name: {quoted(name)}, expect: no match{first}, given: {{{', '.join(told)}}}}}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[a-z0-9_.]+", name) else "'" + name.replace("'", "''") + "'"


def as_given(value: Value | None, kind: Kind) -> str:
    """A value as a test gives it; one that cannot be written is given as missing."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(quoted, value))}]"
    return quoted(value) if isinstance(value, str) else _number(value, kind)


def _number(value: float, kind: Kind) -> str:
    if kind is Kind.TIME:
        return f'"{datetime.fromtimestamp(value, UTC).isoformat()}"'
    if kind is Kind.DURATION:
        return _duration(value)
    return str(value) if isinstance(value, int) else f"{value:.9f}".rstrip("0").rstrip(".")


_LONGEST_SECONDS: Final = 999_999_999


def _duration(seconds: float) -> str:
    """Whole days where seconds have too many digits; nothing lasts less than no time."""
    if seconds < 0:
        return "null"
    if seconds > _LONGEST_SECONDS:
        return f"{int(seconds // 86_400)}d"
    return write_duration(round(seconds, 6))


def quoted(text: str) -> str:
    """A text in double quotes as YAML reads it; nothing that cannot be seen stays as it is."""
    raw = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else f"\\U{ord(letter):08X}" for letter in raw)
