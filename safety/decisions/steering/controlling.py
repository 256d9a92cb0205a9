"""Taking effect away from rules without changing a file: from the desk, the API and commands."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from sqlalchemy import Engine

from safety.domain.controls import Control, ControlKind, Over
from safety.domain.errors import FieldError, InvalidInput
from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import did_you_mean
from safety.store import audit, rule_controls
from safety.store.engine import read, write

LONGEST_REASON: Final = 500
_LONGEST_SUBJECT: Final = 1_000
_LONGEST_SECONDS: Final = 10 * 366 * 86_400.0
SWITCHED = frozenset({"challenge", "hold", "block"})


@dataclass(frozen=True, slots=True)
class Target:
    """What a control is over."""

    over: Over
    subject: str

    @property
    def words(self) -> str:
        """As a sentence names it."""
        named = "" if self.over is Over.RULE else f"{self.over.value.replace('_', ' ')} "
        return f"{named}{self.subject}"


@dataclass(frozen=True, slots=True)
class Wish:
    """Why something is taken away, by whom, and for how many seconds; None is until it is ended."""

    reason: str
    author: str
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Controlling:
    """Sets and ends controls. Every change is audited in its own transaction."""

    engine: Engine
    clock: Callable[[], float]
    audit_key: bytes = field(repr=False)
    bundle: Callable[[], Bundle]

    def in_force(self) -> list[Control]:
        """What is taken away at this moment."""
        with read(self.engine) as connection:
            return rule_controls.in_force(connection, self.clock())

    def snooze(
        self, rule: str, entity: tuple[str, str], wish: Wish, *, tenant: str = ""
    ) -> Control:
        """Let one rule rest for one entity. Raises `InvalidInput`; a snooze always ends."""
        self._require_rule(rule)
        kind, value = entity
        if kind not in self.bundle().catalogue.features:
            hint = did_you_mean(kind, self.bundle().catalogue.features) or "see features.yaml"
            raise _wrong("entity", f"there is no such feature: {hint}")
        if not value or len(value) > _LONGEST_SUBJECT:
            raise _wrong("entity", "name whom it rests for")
        if wish.lasts is None:
            raise _wrong("for", "say for how long")
        control = self._control(ControlKind.SNOOZE, Target(Over.RULE, rule), wish)
        control = replace(control, tenant=tenant, entity=entity)
        self._put(control, "rule.snoozed")
        return control

    def switch_off(self, target: Target, wish: Wish) -> Control:
        """Stop obeying a rule, or all of an owner or a verdict. Raises `InvalidInput`."""
        self._require(target, {Over.RULE, Over.OWNER, Over.VERDICT})
        control = self._control(ControlKind.SWITCH, target, wish)
        self._put(control, "rule.switched_off")
        return control

    def switch_on(self, target: Target, author: str) -> int:
        """End its kill switch and, for a rule, its snoozes; how many controls ended."""
        kinds = {ControlKind.SWITCH, ControlKind.SNOOZE}
        return self._end(target, kinds, Wish("", author), "rule.switched_on")

    def resume(self, target: Target, wish: Wish) -> Control:
        """End a demotion, and keep the circuit breaker away for a while. Raises `InvalidInput`."""
        self._require(target, {Over.RULE, Over.LIST_ENTRY, Over.MODEL})
        if wish.lasts is None:
            raise _wrong("for", "say for how long")
        control = self._control(ControlKind.RESUMED, target, wish)
        self._end(target, {ControlKind.BREAKER}, wish, "rule.resumed")
        self._put(control, "rule.left_alone")
        return control

    def lifts(self, rule: str) -> bool:
        """Whether switching this rule off takes trust away from somebody."""
        return self.bundle().rule(rule).override

    def _require(self, target: Target, allowed: set[Over]) -> None:
        if target.over not in allowed or not target.subject.strip():
            raise _wrong(
                "over", f"name one of: {', '.join(sorted(over.value for over in allowed))}"
            )
        if len(target.subject) > _LONGEST_SUBJECT:
            raise _wrong("subject", "this is too long")
        if target.over is Over.RULE:
            self._require_rule(target.subject)
        if target.over is Over.OWNER:
            self._require_owner(target.subject)
        if target.over is Over.VERDICT and target.subject not in SWITCHED:
            raise _wrong("verdict", "use challenge, hold or block")

    def _require_rule(self, rule: str) -> None:
        known = [each.id for each in self.bundle().rules]
        if rule not in known:
            hint = did_you_mean(rule, known) or "see the rules"
            raise _wrong("rule", f"there is no such rule: {hint}")

    def _require_owner(self, owner: str) -> None:
        known = {each.owner for each in self.bundle().rules}
        if owner not in known:
            hint = did_you_mean(owner, known) or f"owners are {', '.join(sorted(known))}"
            raise _wrong("owner", f"no rule has this owner: {hint}")

    def _control(self, kind: ControlKind, target: Target, wish: Wish) -> Control:
        if not wish.reason.strip():
            raise _wrong("reason", "say why, for those who ask")
        if wish.lasts is not None and not 0 < wish.lasts <= _LONGEST_SECONDS:
            raise _wrong("for", "this is not a length of time that makes sense")
        at = self.clock()
        until = None if wish.lasts is None else at + wish.lasts
        reason = wish.reason.strip()[:LONGEST_REASON]
        return Control(kind, target.over, target.subject, reason, wish.author, at, until)

    def _put(self, control: Control, action: str) -> None:
        with write(self.engine) as connection:
            rule_controls.put(connection, control)
            event = _event(control, action, control.reason)
            audit.append(connection, event, key=self.audit_key)

    def _end(self, target: Target, kinds: Iterable[ControlKind], wish: Wish, action: str) -> int:
        with write(self.engine) as connection:
            at = self.clock()
            ended = [
                control
                for control in rule_controls.in_force(connection, at)
                if control.kind in kinds
                and Target(control.over, control.subject) == target
                and rule_controls.end(connection, control)
            ]
            for control in ended:
                event = replace(_event(control, action, wish.reason), at=at, author=wish.author)
                audit.append(connection, event, key=self.audit_key)
        return len(ended)


def _event(control: Control, action: str, reason: str) -> audit.AuditEvent:
    details = {
        "kind": control.kind.value,
        "over": control.over.value,
        "tenant": control.tenant,
        "entity": _pseudonym(control.entity),
        "reason": reason,
        "until": control.expires_at,
    }
    told = json.dumps(details).encode()
    return audit.AuditEvent(control.created_at, control.author, action, control.subject, told)


def _pseudonym(entity: tuple[str, str]) -> str:
    """Enough to find an entity that one knows; the log is never erased, so it does not name it."""
    kind, value = entity
    return f"{kind} {sha256(value.encode()).hexdigest()[:12]}" if kind else ""


def _wrong(field_name: str, message: str) -> InvalidInput:
    sentence = f"{message[0].upper()}{message[1:]}."
    return InvalidInput(sentence, errors=[FieldError(field_name, sentence)])
