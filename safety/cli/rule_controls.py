"""`safety-gate rules snooze | switch-off | switch-on | resume | controls`: no file changes."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from safety.cli.durations import seconds
from safety.cli.ground import Ground, UnpreparedError, installed, now, operator
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.verdicts import Verdict
from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import did_you_mean
from safety.ruleset.load import load_bundle
from safety.store import audit, lists, rule_controls
from safety.store.engine import read, write
from safety.web.inert import visible

Reason = Annotated[str, typer.Option(help="Why, for those who ask.")]
Named = Annotated[str, typer.Argument(metavar="[RULE]", help="The rule's id.")]
Owner = Annotated[str, typer.Option(help="Every rule of this owner instead.")]
OfVerdict = Annotated[
    str, typer.Option("--verdict", help="Every rule with this verdict: challenge, hold or block.")
]
Entry = Annotated[
    str, typer.Option("--entry", help="A list entry, such as deny_domains:x.example.")
]
Model = Annotated[str, typer.Option(help="A model, such as spam.")]


@dataclass(frozen=True, slots=True)
class _Target:
    """What a command is about."""

    over: Over
    subject: str


def snooze(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.")],
    entity: Annotated[str, typer.Option(help="For whom, such as actor.id=u_17.")],
    lasts: Annotated[str, typer.Option("--for", help="How long, such as 7d.")],
    reason: Reason,
    tenant: Annotated[str, typer.Option(help="Only in this tenant; in all when left out.")] = "",
) -> None:
    """Let one rule rest for one entity. It is still recorded with the verdict it would have had."""
    kind, _, value = entity.partition("=")
    if not kind or not value:
        raise typer.BadParameter("write actor.id=u_17", param_hint="--entity")
    with installed() as ground:
        _require(_bundle(ground), rule, entity=kind)
        control = _control(ControlKind.SNOOZE, _Target(Over.RULE, rule), reason, lasts)
        _put(ground, replace(control, tenant=tenant, entity=(kind, value)), "rule.snoozed")
    print(f"{visible(rule)} rests for {visible(entity)} until {_until(control)}.")


def switch_off(
    rule: Named = "",
    *,
    reason: Reason,
    owner: Owner = "",
    verdict: OfVerdict = "",
    lasts: Annotated[str, typer.Option("--for", help="How long; until `switch-on` if not.")] = "",
) -> None:
    """Stop obeying a rule, or all of an owner or a verdict. They are still judged and recorded."""
    with installed() as ground:
        target = _target(rule, owner, verdict)
        lifts = False
        if rule:
            bundle = _bundle(ground)
            _require(bundle, rule)
            lifts = bundle.rule(rule).override
        control = _control(ControlKind.SWITCH, target, reason, lasts)
        _put(ground, control, "rule.switched_off")
    print(f"{_words(target)} is switched off until {_until(control)}.")
    if lifts:
        print("It lifted verdicts: whoever it trusted is judged like everybody else now.")


def switch_on(rule: Named = "", *, owner: Owner = "", verdict: OfVerdict = "") -> None:
    """Obey again what `switch-off` stopped; for a rule, end its snoozes as well."""
    kinds = (ControlKind.SWITCH, ControlKind.SNOOZE)
    with installed() as ground:
        target = _target(rule, owner, verdict)
        ended = _end(ground, target, kinds, "rule.switched_on", "")
    if not ended:
        print(f"{_words(target)} was not switched off.")
        raise typer.Exit(1)
    print(f"{_words(target)} is obeyed again.")


def resume(
    rule: Named = "",
    *,
    reason: Reason,
    entry: Entry = "",
    model: Model = "",
    lasts: Annotated[
        str, typer.Option("--for", help="The circuit breaker leaves it alone for so long.")
    ] = "1h",
) -> None:
    """Obey again what the circuit breaker demoted, and keep it from acting at once again."""
    given = [(Over.RULE, rule), (Over.LIST_ENTRY, entry), (Over.MODEL, model)]
    target = _one_of(given, "name a rule, --entry or --model")
    with installed() as ground:
        _end(ground, target, (ControlKind.BREAKER,), "rule.resumed", reason)
        control = _control(ControlKind.RESUMED, target, reason, lasts)
        _put(ground, control, "rule.left_alone")
    print(f"The circuit breaker leaves {_words(target)} alone until {_until(control)}.")


def controls() -> None:
    """Show what is taken away from rules now, by whom and why."""
    with installed() as ground, read(ground.engine) as connection:
        found = rule_controls.in_force(connection, now())
    table = Table("what", "over", "leaves", "for", "until", "who", "why")
    for one in found:
        entity = "=".join(one.entity) if one.entity[0] else ""
        most = "" if one.kind is ControlKind.RESUMED else _LEAVES[one.most]
        named = f"{one.over.value} {one.subject}"
        cells = (one.kind.value, named, most, entity, _until(one), one.author, one.reason)
        table.add_row(*(Text(visible(cell)) for cell in cells))
    Console().print(table)


def register(family: typer.Typer) -> None:
    """Add these commands to a family of commands."""
    family.command("snooze")(snooze)
    family.command("switch-off")(switch_off)
    family.command("switch-on")(switch_on)
    family.command("resume")(resume)
    family.command("controls")(controls)


_LEAVES = {Verdict.CHALLENGE: "challenge", Verdict.ALLOW: "a record"}


def _target(rule: str, owner: str, verdict: str) -> _Target:
    given = [(Over.RULE, rule), (Over.OWNER, owner), (Over.VERDICT, verdict)]
    target = _one_of(given, "name a rule, --owner or --verdict")
    if target.over is Over.VERDICT and verdict not in {"challenge", "hold", "block"}:
        raise typer.BadParameter("use challenge, hold or block", param_hint="--verdict")
    return target


def _one_of(given: Iterable[tuple[Over, str]], wanted: str) -> _Target:
    named = [_Target(over, subject) for over, subject in given if subject]
    if len(named) != 1:
        raise typer.BadParameter(wanted)
    return named[0]


def _bundle(ground: Ground) -> Bundle:
    """The rules as the files and the lists are now; their tests do not matter here."""
    at = now()
    with read(ground.engine) as connection:
        entries = lists.all_entries(connection, at)
    return load_bundle(ground.settings.rule_directories, entries, run_tests=False, at=at)


def _require(bundle: Bundle, rule: str, *, entity: str = "") -> None:
    known = [each.id for each in bundle.rules]
    if rule not in known:
        hint = did_you_mean(rule, known) or "see the files of rules."
        raise UnpreparedError(f"There is no rule {visible(rule)}: {hint}")
    if entity and entity not in bundle.catalogue.features:
        hint = did_you_mean(entity, bundle.catalogue.features) or "see features.yaml."
        raise UnpreparedError(f"There is no feature {visible(entity)}: {hint}")


def _control(kind: ControlKind, target: _Target, reason: str, lasts: str) -> Control:
    at = now()
    until = at + seconds(lasts) if lasts else None
    return Control(kind, target.over, target.subject, reason, operator(), at, until)


def _put(ground: Ground, control: Control, action: str) -> None:
    with write(ground.engine) as connection:
        rule_controls.put(connection, control)
        audit.append(connection, _event(control, action, control.reason), key=ground.audit_key)


def _end(
    ground: Ground, target: _Target, kinds: Iterable[ControlKind], action: str, reason: str
) -> int:
    """End every control of these kinds over the target; how many there were."""
    with write(ground.engine) as connection:
        ended = [
            control
            for control in rule_controls.in_force(connection, now())
            if control.kind in kinds
            and _Target(control.over, control.subject) == target
            and rule_controls.end(connection, control)
        ]
        for control in ended:
            event = replace(_event(control, action, reason), at=now(), author=operator())
            audit.append(connection, event, key=ground.audit_key)
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


def _words(target: _Target) -> str:
    named = "" if target.over is Over.RULE else f"{target.over.value.replace('_', ' ')} "
    return f"{named}{visible(target.subject)}"


def _until(control: Control) -> str:
    if control.expires_at is None:
        return "it is ended"
    return datetime.fromtimestamp(control.expires_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
