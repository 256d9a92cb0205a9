"""`safety-gate rules snooze | switch-off | switch-on | resume | controls`: no file changes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from safety.cli.durations import seconds
from safety.cli.ground import Ground, installed, now, operator
from safety.cli.rule_versions import files_of, versions_of
from safety.decisions.steering.controlling import SWITCHED, Controlling, Target, Wish
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.verdicts import Verdict
from safety.ruleset.bundle import Bundle
from safety.store import lists, rule_controls
from safety.store.engine import read
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
        wish = Wish(reason, operator(), seconds(lasts))
        control = _controlling(ground).snooze(rule, (kind, value), wish, tenant=tenant)
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
        target, controlling = _target(rule, owner, verdict), _controlling(ground)
        wish = Wish(reason, operator(), seconds(lasts) if lasts else None)
        control = controlling.switch_off(target, wish)
        lifts = bool(rule) and controlling.lifts(rule)
    print(f"{_words(target)} is switched off until {_until(control)}.")
    if lifts:
        print("It lifted verdicts: whoever it trusted is judged like everybody else now.")


def switch_on(rule: Named = "", *, owner: Owner = "", verdict: OfVerdict = "") -> None:
    """Obey again what `switch-off` stopped; for a rule, end its snoozes as well."""
    with installed() as ground:
        target = _target(rule, owner, verdict)
        ended = _controlling(ground).switch_on(target, operator())
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
        wish = Wish(reason, operator(), seconds(lasts))
        control = _controlling(ground).resume(target, wish)
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


def _target(rule: str, owner: str, verdict: str) -> Target:
    given = [(Over.RULE, rule), (Over.OWNER, owner), (Over.VERDICT, verdict)]
    target = _one_of(given, "name a rule, --owner or --verdict")
    if target.over is Over.VERDICT and verdict not in SWITCHED:
        raise typer.BadParameter("use challenge, hold or block", param_hint="--verdict")
    return target


def _one_of(given: Iterable[tuple[Over, str]], wanted: str) -> Target:
    named = [Target(over, subject) for over, subject in given if subject]
    if len(named) != 1:
        raise typer.BadParameter(wanted)
    return named[0]


def _controlling(ground: Ground) -> Controlling:
    bundle = cache(lambda: _bundle(ground))  # compiled once, whatever is asked of it
    return Controlling(ground.engine, now, ground.audit_key, bundle)


def _bundle(ground: Ground) -> Bundle:
    """The rules as the files and the lists are now; their tests do not matter here."""
    at = now()
    with read(ground.engine) as connection:
        entries = lists.all_entries(connection, at)
    files = versions_of(ground).with_desk(files_of(ground))
    return files.load(entries, at=at, run_tests=False)


def _words(target: Target) -> str:
    return visible(target.words)


def _until(control: Control) -> str:
    if control.expires_at is None:
        return "it is ended"
    return datetime.fromtimestamp(control.expires_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
