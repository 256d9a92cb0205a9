"""`safety-gate rules undo | undos | learn`: take back what a rule did, and learn from a mistake."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from safety.cli.durations import seconds
from safety.cli.ground import Ground, UnpreparedError, installed, new_id, now, operator
from safety.cli.rule_versions import files_of, versions_of
from safety.decisions.explain import Explainer
from safety.decisions.judge import Prepared
from safety.decisions.steering.causes import Steps
from safety.decisions.steering.drafts import RuleDesk
from safety.decisions.steering.lessons import Lessons
from safety.decisions.steering.undoing import Preview, Undoing
from safety.domain.undos import Cause, Undo, UndoState
from safety.ruleset.bundle import Bundle
from safety.ruleset.texts import with_test
from safety.ruleset.trial import try_rule
from safety.store import lists
from safety.store.bundles import Active
from safety.store.engine import read
from safety.web.inert import visible

_REST_SECONDS = 0.02

Rule = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.")]


def undo(
    rule: Annotated[str, typer.Argument(metavar="[RULE]", help="The rule's id.")] = "",
    *,
    since: Annotated[str, typer.Option("--from", help="2026-11-20T09:30 (UTC), or 2h ago.")] = "",
    until: Annotated[str, typer.Option("--to", help="The same; now when left out.")] = "",
    revision: Annotated[str, typer.Option(help="Only this revision.")] = "",
    tenant: Annotated[str, typer.Option(help="Only in this tenant.")] = "",
    reason: Annotated[str, typer.Option(help="Why; without it, nothing is done.")] = "",
    approve: Annotated[str, typer.Option(metavar="ID", help="Begin what somebody proposed.")] = "",
) -> None:
    """Say what a rule did between two moments; with a reason, take it back and tell platforms.

    Whatever a person or a proof decided since stays. Killed at any moment, it goes on where it was:
    the running service finishes it, or this command does when it is given again.
    """
    with installed() as ground:
        undoing = _undoing(ground)
        if approve:
            _follow(undoing, undoing.approve(approve, by=operator()))
            return
        if not rule or not since:
            raise typer.BadParameter("name a rule and --from, or --approve an undo")
        end = _moment(until) if until else now()
        cause = Cause(rule, _moment(since), end, revision, tenant)
        preview = undoing.preview(cause)
        _show(preview, undoing.alone)
        if not reason or not (preview.decisions or preview.labels):
            return
        _follow(undoing, undoing.start(cause, reason=reason, author=operator()))


def undos(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
) -> None:
    """Show what was undone and what is being undone."""
    with installed() as ground:
        found = _undoing(ground).latest(limit=limit)
    table = Table("id", "rule", "state", "reversed", "of", "accounts", "who", "approved", "why")
    for one in found:
        cells = (
            one.id, one.cause.rule, one.state.value, str(one.reversed), str(one.decisions),
            str(one.accounts), one.author, one.approved_by, one.reason,
        )  # fmt: skip
        table.add_row(*(Text(visible(cell)) for cell in cells))
    Console().print(table)


def learn(
    rule: Rule,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="What it got wrong.")],
    *,
    save: Annotated[bool, typer.Option("--save", help="Keep it as a draft at the desk.")] = False,
) -> None:
    """Print a test that the rule must not match this decision again.

    Only what the rule looks at is in it, with stand-ins for personal values.
    """
    with installed() as ground:
        bundle = _bundle(ground)
        explainer = Explainer(ground.engine, lambda: Prepared(bundle, ()))
        lesson = Lessons(ground.engine, lambda: bundle, explainer.values).of(decision, rule)
        print(f"  - {visible(lesson.test)}")
        if lesson.kept:
            print(f"It holds what may name somebody: {', '.join(lesson.kept)}.")
        state = "still matches: change it until this test is green" if lesson.still_matches else ""
        print(f"{visible(rule)} {state or 'does not match any more'}.")
        if save:
            desk = _desk(ground, bundle)
            text = with_test(desk.text(rule).text, lesson.test)
            why = f"must not match {lesson.decision}"
            change = desk.save(rule, text, why=why, author=operator())
            print(f"Kept as draft {change.number}: /desk/changes/{change.id}")


def register(family: typer.Typer) -> None:
    """Add these commands to a family of commands."""
    family.command("undo")(undo)
    family.command("undos")(undos)
    family.command("learn")(learn)


def _follow(undoing: Undoing, undo: Undo) -> None:
    """Work on an undo until it ends, together with whoever else does."""
    if undo.state is UndoState.PROPOSED:
        print(f"More than {undoing.alone} accounts: somebody else approves {undo.id} at the desk,")
        print(f"or with `safety-gate rules undo --approve {undo.id}`.")
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("undoing", total=undo.decisions)
        while undo.state is UndoState.RUNNING:
            undoing.work()
            undo = undoing.undo(undo.id)
            bar.update(task, completed=undo.reversed)
            time.sleep(_REST_SECONDS)
    print(
        f"{undo.id} is {undo.state.value}: {undo.reversed} decisions were reversed, "
        f"{undo.left_alone} left alone, {undo.labels} labels ended."
    )


def _show(preview: Preview, alone: int) -> None:
    for change, number in sorted(preview.changes.items()):
        print(f"  {number} from {change}")
    print(f"{preview.decisions} decisions of {preview.accounts} accounts would change.")
    print(f"{preview.left_alone} would be left alone, {preview.labels} labels would end.")
    if preview.accounts > alone:
        print("That takes a second person.")
    for effect in preview.sample:
        suspect = effect.suspect
        what = f"{suspect.verdict.word} to {effect.without.word}"
        print(f"  {visible(suspect.id)} {suspect.event_type} {visible(suspect.actor_id)}: {what}")


def _undoing(ground: Ground) -> Undoing:
    def steps() -> Steps:
        types = _bundle(ground).catalogue.event_types
        return {name: one.points for name, one in types.items()}

    alone = ground.settings.undo_alone_accounts
    return Undoing(ground.engine, now, new_id, ground.audit_key, alone, steps)


def _desk(ground: Ground, bundle: Bundle) -> RuleDesk:
    """Where drafts are kept. Nothing is published from here."""
    entries = {name: list(words.entries) for name, words in bundle.lists.items()}

    def unpublished(*_files: object, **_wish: object) -> Active | None:
        raise UnpreparedError("A draft is published at the desk.")

    return RuleDesk(
        ground.engine, now, new_id, ground.audit_key, versions_of(ground), lambda: bundle,
        lambda files, rule: try_rule(files, entries, rule, at=now()), unpublished,
    )  # fmt: skip


def _bundle(ground: Ground) -> Bundle:
    at = now()
    with read(ground.engine) as connection:
        entries = lists.all_entries(connection, at)
    files = versions_of(ground).with_desk(files_of(ground))
    return files.load(entries, at=at, run_tests=False)


def _moment(text: str) -> float:
    """A moment, or how long ago it was."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return now() - seconds(text.removesuffix(" ago"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
