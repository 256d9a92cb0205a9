"""What controls take away from the rules that fired for an event: values in, values out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType

from safety.domain.controls import Control, ControlKind, Over
from safety.domain.features import Value, Values
from safety.domain.rules import Fired
from safety.domain.verdicts import Mode, Verdict
from safety.ruleset.bundle import Bundle
from safety.ruleset.ir import Call, Compare, Const, Expression, ListRef, Read, walk

SCORE = "score."
_LOOKS_UP = frozenset({"in", "overlaps"})
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Lookups:
    """Which list entries and which models stand behind the rules of one bundle."""

    def __init__(
        self, bundle: Bundle, thresholds: Mapping[str, float] = MappingProxyType({})
    ) -> None:
        self.bundle = bundle
        self._thresholds = thresholds  # as rules read them, such as `threshold.spam`
        self._lists: dict[str, tuple[tuple[str, str], ...]] = {}

    def entries(self, rule_id: str, values: Values) -> set[str]:
        """The list entries, as `list:value`, that a rule found in these values."""
        found: set[str] = set()
        for feature, name in self._looked_up(rule_id):
            listed = self.bundle.values_of_lists.get(name, ())
            told = values.get(feature)
            found.update(f"{name}:{one}" for one in _texts(told) if one in listed)
        return found

    def models(self, rule_id: str) -> set[str]:
        """The models whose scores a rule looks at."""
        reads = self.bundle.source(rule_id).reads
        return {read.name.removeprefix(SCORE) for read in reads if read.name.startswith(SCORE)}

    @cached_property
    def thresholds(self) -> Mapping[str, float]:
        """The lowest score, by model, that a rule in force asks for."""
        lowest: dict[str, float] = {}
        for compiled in self.bundle.compiled:
            if compiled.rule.mode in {Mode.ENFORCE, Mode.CANARY}:
                for line in compiled.when:
                    for model, least in _asked(line.expression, self._thresholds):
                        lowest[model] = min(least, lowest.get(model, least))
        return lowest

    def _looked_up(self, rule_id: str) -> tuple[tuple[str, str], ...]:
        known = self._lists.get(rule_id)
        if known is None:
            lines = self.bundle.source(rule_id).when
            known = tuple(pair for line in lines for pair in _memberships(line.expression))
            self._lists[rule_id] = known
        return known


class ControlsInForce:
    """The controls of one moment, indexed by what they are over. It never changes."""

    def __init__(self, controls: Iterable[Control]) -> None:
        self._by: dict[Over, dict[str, list[Control]]] = {over: {} for over in Over}
        for control in controls:
            if control.kind is not ControlKind.RESUMED:
                self._by[control.over].setdefault(control.subject, []).append(control)

    def __bool__(self) -> bool:
        return any(self._by.values())

    def applied(
        self, tenant: str, fired: list[Fired], values: Values, lookups: Lookups, now: float
    ) -> list[Fired]:
        """The same rules, each with what is left of its effect. Nothing becomes stricter.

        A rule that lifts verdicts is only touched by a control that names it: taking it away is
        stricter for whoever it trusted, so nobody does that by the way.
        """
        return [
            one if control is None else _under(one, control)
            for one in fired
            for control in [self._over(tenant, one, values, lookups, now)]
        ]

    def _over(
        self, tenant: str, one: Fired, values: Values, lookups: Lookups, now: float
    ) -> Control | None:
        """The control that takes the most, or None."""
        if not one.is_live:
            return None
        found = [
            control
            for control in self._candidates(one, values, lookups)
            if control.is_live(now)
            and control.tenant in {"", tenant}
            and (control.kind is not ControlKind.SNOOZE or _is_about(control, values))
        ]
        return min(found, key=_most, default=None)

    def _candidates(self, one: Fired, values: Values, lookups: Lookups) -> Iterator[Control]:
        rule = one.rule
        named = self._by[Over.RULE].get(rule.id, ())
        if rule.override:
            yield from (c for c in named if c.kind is not ControlKind.BREAKER)
            return
        yield from named
        yield from self._by[Over.OWNER].get(rule.owner, ())
        yield from self._by[Over.VERDICT].get(one.verdict.word, ())
        if self._by[Over.MODEL]:
            for model in lookups.models(rule.id):
                yield from self._by[Over.MODEL].get(model, ())
        if self._by[Over.LIST_ENTRY]:
            yield from self._entries(lookups.entries(rule.id, values))

    def _entries(self, matched: set[str]) -> list[Control]:
        """Controls over what was found on lists, if that is all that was found.

        Else an attacker could add a demoted value to an event so that the others count less.
        """
        known = self._by[Over.LIST_ENTRY]
        if not matched or any(entry not in known for entry in matched):
            return []
        each = (min(known[entry], key=_most) for entry in matched)
        return [max(each, key=_most)]


def _under(one: Fired, control: Control) -> Fired:
    """What is left: the verdict of a rule that is only recorded stays what it would have been."""
    if control.most is Verdict.ALLOW:
        return replace(one, control=control)
    milder = min(one.verdict, control.most)
    return replace(one, verdict=milder, control=control, would_be=one.verdict)


def _most(control: Control) -> Verdict:
    return control.most


def _is_about(control: Control, values: Values) -> bool:
    kind, value = control.entity
    return value in _texts(values.get(kind))


def _texts(value: Value | None) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else ()


def _memberships(expression: Expression) -> Iterator[tuple[str, str]]:
    """The features that an expression looks up, each with the list."""
    for part in walk(expression):
        match part:
            case Call(function=function, arguments=(Read(name=feature), ListRef(name=name))):
                if function in _LOOKS_UP:
                    yield feature, name


def _asked(expression: Expression, thresholds: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """The models that an expression wants a high score of, and how high."""
    for part in walk(expression):
        match part:
            case Compare(operator=operator, left=Read(name=name), right=Const(value=least)):
                pass
            case Compare(operator=turned, left=Const(value=least), right=Read(name=name)):
                operator = _TURNED.get(turned, turned)
            case Compare(operator=operator, left=Read(name=name), right=Read(name=other)):
                if name in thresholds:
                    name, other, operator = other, name, _TURNED.get(operator, operator)
                least = thresholds.get(other, "")
            case _:
                continue
        if name.startswith(SCORE) and operator in {">", ">="} and isinstance(least, int | float):
            yield name.removeprefix(SCORE), float(least)
