"""`safety-gate rules publish | history | rollback | active`: which rules are in force."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from safety.cli.ground import Ground, UnpreparedError, installed, now, operator
from safety.decisions.judge import Prepared
from safety.decisions.versions import SHOWN, Candidate, RuleVersions
from safety.domain.errors import InvalidInput, NotFound
from safety.ruleset.files import RuleFiles
from safety.store import lists
from safety.store.engine import read

Why = Annotated[str, typer.Option(help="Why, for history and the audit log.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `safety-gate rules`."""
    app.command()(publish)
    app.command()(history)
    app.command()(rollback)
    app.command()(active)


def publish(why: Why = "") -> None:
    """Compile and test the configured folders, and put them in force in every process."""
    with installed() as ground:
        candidate = _built(ground)
        done = versions_of(ground).publish(candidate, author=operator(), why=why)
    if done is not None:
        print(f"Version {done.version[:SHOWN]} is in force: {candidate.rules} rules.")


def history(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
) -> None:
    """List the latest versions: what they hold, who made them, when and why."""
    with installed() as ground:
        versions = versions_of(ground)
        current, found = versions.active(), versions.history(limit=limit)
    table = Table("version", "rules", "made", "by", "why", "")
    for each in found:
        mark = "in force" if current and each.version == current.version else ""
        made = _moment(each.created_at)
        shown = each.version[:SHOWN]
        table.add_row(shown, str(each.rules), made, each.author, each.why, mark)
    Console().print(table)


def rollback(
    version: Annotated[
        str,
        typer.Argument(metavar="[VERSION]", help="How it begins; the one before when left out."),
    ] = "",
    why: Why = "",
) -> None:
    """Put an earlier version in force. It stays until the folders change or somebody publishes."""
    with installed() as ground:
        try:
            done = versions_of(ground).roll_back(version or None, author=operator(), why=why)
        except (NotFound, InvalidInput):
            wanted = f"no version {version}" if version else "no version of other files before"
            raise UnpreparedError(f"There is {wanted}: see `safety-gate rules history`.") from None
    print(f"Version {done.version[:SHOWN]} is in force, and pinned.")


def active() -> None:
    """Say which version is in force, by whose doing, and whether the folders hold another."""
    with installed() as ground:
        versions = versions_of(ground)
        current = versions.active()
        if current is None:
            raise UnpreparedError("No version was published yet: start the service, or publish.")
        same = _is_in_folders(ground, versions, current.version)
    pinned = ", pinned" if current.is_pinned else ""
    print(f"{current.version[:SHOWN]} since {_moment(current.since)} by {current.author}{pinned}")
    if current.why:
        print(f"Why: {current.why}")
    if not same:
        print("The folders hold other files: `safety-gate rules publish` puts them in force.")


def versions_of(ground: Ground) -> RuleVersions:
    """The versions of an installation."""
    return RuleVersions(ground.engine, ground.audit_key, now)


def _built(ground: Ground) -> Candidate:
    """What the folders hold, tested. Raises `RuleFileError`."""
    files, at = versions_of(ground).with_desk(files_of(ground)), now()
    with read(ground.engine) as connection:
        entries = lists.all_entries(connection, at)
    bundle = files.load(entries, at=at, run_tests=True)
    try:
        Prepared(bundle, ())
    except ValueError as error:  # the catalogue declares what nothing can compute
        raise UnpreparedError(f"features.yaml: {error}") from None
    return Candidate(bundle.version, len(bundle.rules), files, entries, at)


def files_of(ground: Ground) -> RuleFiles:
    """What the configured folders hold. Raises `UnpreparedError`."""
    try:
        return RuleFiles.read(ground.settings.rule_directories)
    except OSError as error:
        raise UnpreparedError(f"The rule files cannot be read: {error.strerror}.") from None


def _is_in_folders(ground: Ground, versions: RuleVersions, version: str) -> bool:
    known = versions.named(version)
    return (known.folders_digest or known.files_digest) == files_of(ground).folders_digest


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
