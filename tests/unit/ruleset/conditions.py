"""Random conditions of every form that the language has, and random values for them.

Every expression is built for the kind that is wanted, so that nothing is refused: what the checker
does not take is a failure of the test.
"""

import math
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from safety.domain.features import Catalogue, EventType, Feature, Kind, Source
from safety.domain.verdicts import FailPolicy

Texts = st.SearchStrategy[str]

KINDS = {
    "n.a": Kind.INT,
    "n.b": Kind.FLOAT,
    "n.c": Kind.INT,
    "d.a": Kind.DURATION,
    "d.c": Kind.DURATION,
    "d.b": Kind.TIME,
    "b.a": Kind.BOOL,
    "b.b": Kind.BOOL,
    "s.a": Kind.STRING,
    "s.b": Kind.STRING,
    "e.id": Kind.ENTITY,
    "l.tags": Kind.STRINGS,
    "e.labels": Kind.STRINGS,
}
LISTS = {
    "some": frozenset({"x", "yy"}),
    "words": frozenset({"casino", "free money"}),
    "networks": frozenset({"10.0.0.0/8", "::/64"}),
    "none": frozenset[str](),
}
CATALOGUE = Catalogue(
    {
        name: Feature(
            name, kind, Source.EVENT, name, labels_of="e.id" if name == "e.labels" else None
        )
        for name, kind in KINDS.items()
    },
    {"post": EventType("post", FailPolicy.OPEN, "", "content")},
)

WINDOWS = (
    'count("post", by=e.id, within="10m")',
    'distinct(s.a, "post", by=e.id, within="1h")',
    'sum(n.b, "post", by=e.id, within="1d")',
)
DEPTH = 3
_ORDER = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
_EQUAL = st.sampled_from(["==", "!="])
_WORDS = st.sampled_from(["x", "yy", "casino", "A", "mail.example"])
_LENGTHS = st.sampled_from(["1h", "3d", "90s", "2w"])
_DAYS = st.sampled_from(["2026-11-20", "1970-01-01T00:00:00Z"])
_ZONES = st.sampled_from(["", ', tz="Europe/Paris"', ', tz="Asia/Kathmandu"'])
_NUMBERS = st.sampled_from(["0", "1", "2", "4", "5", "-1", "0.5", "1e-3"])


def built(form: str, *parts: Texts) -> Texts:
    """A text with random parts in its places."""
    return st.builds(form.format, *parts)


def within(plain: Texts, deeper: Callable[[int], list[Texts]], depth: int) -> Texts:
    """A plain form, or while there is depth left, one that is made of others."""
    return st.one_of(plain, *deeper(depth - 1)) if depth > 0 else plain


def numbers(depth: int) -> Texts:
    """Whole numbers and fractions; never a literal alone."""
    return within(st.sampled_from(["n.a", "n.b", "n.c", *WINDOWS]), numbers_of, depth)


def numbers_of(left: int) -> list[Texts]:
    """Every form that is a number, made of parts of this depth."""
    number, either = numbers(left), st.one_of(numbers(left), _NUMBERS)
    return [
        *(built(f"({{}} {operator} {{}})", number, either) for operator in "+-*/"),
        *(built(f"({{}} {operator} {{}})", either, number) for operator in "+-*/"),
        built("({} / {})", durations(left), durations(left)),
        built("{}({}, {})", st.sampled_from(["min", "max"]), number, either),
        built("{}({}, {}, {})", st.sampled_from(["min", "max"]), either, number, either),
        built("abs({})", number),
        built("length({})", texts(left)),
        built("length({})", lists(left)),
        built("hour({}{})", times(left), _ZONES),
        built("weekday({}{})", times(left), _ZONES),
        built("default({}, {})", number, _NUMBERS),
    ]


def durations(depth: int) -> Texts:
    """Lengths of time; never a literal alone."""
    return within(st.sampled_from(["d.a", "d.c"]), durations_of, depth)


def durations_of(left: int) -> list[Texts]:
    """Every form that is a length of time."""
    length = durations(left)
    return [
        built('({} {} "{}")', length, st.sampled_from(["+", "-"]), _LENGTHS),
        built('("{}" {} {})', _LENGTHS, st.sampled_from(["+", "-"]), length),
        built("({} {} {})", length, st.sampled_from(["*", "/"]), numbers(left)),
        built("({} * {})", numbers(left), length),
        built("({} - {})", times(left), times(left)),
        built('({} - "{}")', times(left), _DAYS),
        built('min("{}", {})', _LENGTHS, length),
        built("max({}, {})", length, length),
        built("abs({})", length),
        built('default({}, "{}")', length, _LENGTHS),
    ]


def times(depth: int) -> Texts:
    """Moments; never a literal alone."""
    return within(st.just("d.b"), times_of, depth)


def times_of(left: int) -> list[Texts]:
    """Every form that is a moment."""
    return [
        built("({} {} {})", times(left), st.sampled_from(["+", "-"]), durations(left)),
        built('({} {} "{}")', times(left), st.sampled_from(["+", "-"]), _LENGTHS),
        built("({} + {})", durations(left), times(left)),
        built('min({}, "{}")', times(left), _DAYS),
        built('max("{}", {})', _DAYS, times(left)),
        built('default({}, "{}")', times(left), _DAYS),
    ]


def texts(depth: int) -> Texts:
    """Texts, those of entities and literals included."""
    plain = st.one_of(st.sampled_from(["s.a", "s.b", "e.id"]), built('"{}"', _WORDS))
    return within(plain, texts_of, depth)


def texts_of(left: int) -> list[Texts]:
    """Every form that is a text."""
    return [
        built("lower({})", texts(left)),
        built("domain_of({})", texts(left)),
        built('default({}, "{}")', texts(left), _WORDS),
    ]


def lists(depth: int) -> Texts:
    """Lists of texts: of the event, by name, or written out."""
    plain = st.one_of(
        st.sampled_from(["l.tags", "e.labels", "lists.some", "lists.none"]),
        built('["{}", "{}"]', _WORDS, _WORDS),
    )
    return within(plain, lambda _: [built('default(l.tags, ["{}"])', _WORDS)], depth)


def conditions(depth: int) -> Texts:
    """Everything that is true, false or unknown."""
    return within(st.one_of(*tests(depth)), joins, depth)


def tests(depth: int) -> list[Texts]:
    """Every form that asks something of values."""
    number, text, lowered = numbers(depth - 1), texts(depth - 1), texts(max(depth - 2, 0))
    words = st.one_of(st.sampled_from(["lists.words", "lists.none"]), st.just('["casino", "yy"]'))
    patterns = st.sampled_from(["^x", "y+", "", r"\bcasino\b", "(?i)a$", r"\d{2,3}\."])
    networks = st.sampled_from(
        ['"10.0.0.0/8"', '"10.0.0.0/8", "::1"', "lists.networks", '"10.1.2.3", lists.networks']
    )
    parts = st.sampled_from(["contains", "starts_with", "ends_with"])
    return [
        built("{} {} {}", number, _ORDER, st.one_of(number, _NUMBERS)),
        built("{} {} {}", _NUMBERS, _ORDER, number),
        built("{} {} [0, 2.5, -1]", number, st.sampled_from(["in", "not in"])),
        built('{} {} "{}"', durations(depth - 1), _ORDER, _LENGTHS),
        built("{} {} {}", durations(depth - 1), _ORDER, durations(depth - 1)),
        built('{} {} "{}"', times(depth - 1), _ORDER, _DAYS),
        built("{} {} {}", times(depth - 1), _ORDER, times(depth - 1)),
        built("{} {} {}", text, _EQUAL, text),
        built("{} {} {}", text, st.sampled_from(["in", "not in"]), lists(depth - 1)),
        built('{}.{}("{}")', lowered, parts, _WORDS),
        built('{}({}, "{}")', parts, lowered, _WORDS),
        built('matches({}, r"{}")', lowered, patterns),
        built("{}.contains_any({})", lowered, words),
        built("overlaps({}, {})", lists(depth - 1), lists(depth - 1)),
        built("ip_in({}, {})", text, networks),
        built('e.has_label("{}")', _WORDS),
        built("missing({})", st.sampled_from([*KINDS, *WINDOWS])),
        st.sampled_from(["b.a", "b.b", "true", "false", "1 > 2", "default(b.a, true)"]),
    ]


def joins(left: int) -> list[Texts]:
    """Every form that is made of conditions."""
    inner = conditions(left)
    return [
        built("not ({})", inner),
        built("({} and {})", inner, inner),
        built("({} or {})", inner, inner),
        built("({}) {} ({})", inner, _EQUAL, inner),
        built("default({}, {})", inner, st.sampled_from(["true", "false"])),
    ]


def every_form() -> list[Texts]:
    """Each form of the language by itself, so that no chance leaves one out."""
    return [
        *(built("{} {} {}", form, _ORDER, _NUMBERS) for form in numbers_of(0)),
        *(built('{} {} "{}"', form, _ORDER, _LENGTHS) for form in durations_of(0)),
        *(built('{} {} "{}"', form, _ORDER, _DAYS) for form in times_of(0)),
        *(built('{} {} "{}"', form, _EQUAL, _WORDS) for form in texts_of(0)),
        *tests(1),
        *joins(0),
    ]


CONDITIONS = conditions(DEPTH)
FORMS = every_form()
RULES = st.lists(
    st.tuples(st.lists(CONDITIONS, min_size=1, max_size=3), st.lists(CONDITIONS, max_size=2)),
    min_size=1,
    max_size=5,
)
_STRINGS = ["", "big CASINO!", "free money", "\ud800x", "10.1.2.3", "Mia@Mail.Example", "X"]
VALUES_OF: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.INT: st.sampled_from([0, 1, 2, 3, 5, 6, -1, 10**300]),
    Kind.FLOAT: st.sampled_from([0.0, 0.5, 1.0, 2.5, 1e308]),
    Kind.DURATION: st.sampled_from([0.0, 3600.0, 259_200.0, 1e9]),
    Kind.TIME: st.sampled_from([0.0, 1.8e9, 1e18]),
    Kind.BOOL: st.booleans(),
    Kind.STRING: st.one_of(_WORDS, st.sampled_from(_STRINGS)),
    Kind.ENTITY: st.sampled_from(["x", "10.1.2.3", "::1", "u_1"]),
    Kind.STRINGS: st.lists(_WORDS, max_size=2).map(tuple),
}
COUNTED = st.sampled_from([0.0, 1.0, 5.0, 6.0, math.nan])
VALUES = st.fixed_dictionaries(
    {},
    optional={name: VALUES_OF[kind] for name, kind in KINDS.items()}
    | dict.fromkeys(WINDOWS, COUNTED),
)
# Nothing is missing, and nothing is too large for a double or no Unicode.
_ORDINARY = VALUES_OF | {
    Kind.INT: st.sampled_from([0, 1, 2, 3, 5, 6, -1]),
    Kind.FLOAT: st.sampled_from([0.0, 0.5, 1.0, 2.5]),
    Kind.TIME: st.sampled_from([0.0, 1.8e9]),
    Kind.STRING: st.one_of(_WORDS, st.sampled_from([one for one in _STRINGS if one.isprintable()])),
}
ORDINARY = st.fixed_dictionaries(
    {name: _ORDINARY[kind] for name, kind in KINDS.items()}
    | dict.fromkeys(WINDOWS, st.sampled_from([0.0, 1.0, 5.0, 6.0]))
)
