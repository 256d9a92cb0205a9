"""`safety-gate doctor`: what is right, what to look at, what is wrong, and the remedy for each."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy import text

from safety.cli import checks
from safety.cli.checks import Check, Outcome, fail, ok, warn
from safety.cli.ground import Ground, now
from safety.cli.rules import load_rules
from safety.config import ConfigurationError, Secrets, Settings, load_settings
from safety.domain.errors import SafetyError
from safety.ruleset.findings import RuleFileError
from safety.store.engine import open_engine, read, schema_is_current

app = typer.Typer()

# The clock of a machine that lost it starts long ago; certificates and codes depend on it.
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
_STYLES = {Outcome.OK: "green", Outcome.WARN: "yellow", Outcome.FAIL: "bold red"}


@app.command()
def doctor() -> None:
    """Check settings, secrets, database, rules, models, disk and port.

    Exit code 1 if something must be mended. Nothing is changed or created.
    """
    console = Console()
    failed = False
    for check in examine():
        failed = failed or check.outcome is Outcome.FAIL
        console.print(_line(check), soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def examine() -> Iterator[Check]:
    """Every check, in the order in which things depend on each other."""
    yield clock(now())
    try:
        settings = load_settings()
    except ConfigurationError as error:
        yield fail("settings", str(error), "Correct the environment variable.")
        return
    yield ok("settings", settings.environment)
    yield from environment(settings)
    yield from checks.preflight(settings)
    yield port(settings)
    yield from installation(settings)


def clock(at: float) -> Check:
    """Whether the machine knows what time it is."""
    said = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if at < _EARLIEST:
        return fail("clock", said, "Set the clock, or start its synchronisation.")
    started = time.monotonic()
    if time.monotonic() < started:
        return fail("clock", "it runs backwards", "Restart the machine.")
    return ok("clock", said)


def environment(settings: Settings) -> Iterator[Check]:
    """Settings that are allowed but seldom meant."""
    if settings.environment == "production" and settings.log_level == "debug":
        yield warn("settings", "debug logs in production", "Set SAFETY_LOG_LEVEL=info.")
    if settings.environment != "production" and settings.host not in {"127.0.0.1", "::1"}:
        yield warn(
            "settings",
            f"development settings, but listening on {settings.host}",
            "Set SAFETY_ENVIRONMENT=production, or SAFETY_HOST=127.0.0.1.",
        )


def port(settings: Settings) -> Check:
    """Whether the port is free, which it is not while the service runs."""
    said = f"{settings.host}:{settings.port}"
    if checks.is_free(settings.host, settings.port):
        return ok("port", f"{said} is free")
    return warn(
        "port", f"{said} is in use", "Fine if that is this service; otherwise set SAFETY_PORT."
    )


def installation(settings: Settings) -> Iterator[Check]:
    """Secrets, database and rules of an installation that was started before."""
    if not settings.secrets_file.exists():
        yield warn("secrets", "not made yet", "They are made by `safety-gate run`.")
        yield from rules(None, settings)
        return
    try:
        secrets = Secrets.load_or_create(settings.secrets_file)
    except ConfigurationError as error:
        yield fail("secrets", str(error), "Mend the file as it says.")
        return
    yield owner(settings)
    try:
        engine = open_engine(
            settings.resolved_database_url, synchronous=settings.sqlite_synchronous
        )
    except SafetyError as error:
        yield fail("database", error.detail, "Check SAFETY_DATABASE_URL and the server.")
        return
    try:
        ground = Ground(settings, secrets, engine)
        yield from database(ground)
        yield from rules(ground, settings)
    finally:
        engine.dispose()


def owner(settings: Settings) -> Check:
    """Whether the secrets file is strong, private and of this user."""
    path = settings.secrets_file
    if path.stat().st_uid != os.getuid():
        return warn("secrets", f"{path} belongs to another user", "Run this as that user.")
    return ok("secrets", f"{path}, readable by its owner only, 256 bits each")


def database(ground: Ground) -> Iterator[Check]:
    """Whether the database answers, has this version's tables and keeps what it promised."""
    name = ground.engine.url.render_as_string(hide_password=True)
    try:
        current = schema_is_current(ground.engine)
        durability = _durability(ground)
    except SafetyError as error:
        yield fail("database", f"{name}: {error.detail}", "Start the server, or mend the file.")
        return
    yield ok("database", f"{name} answers")
    if current:
        yield ok("tables", "of this version")
    else:
        yield fail("tables", "of another version", "Run `safety-gate db migrate`.")
    yield durability


def _durability(ground: Ground) -> Check:
    if ground.engine.dialect.name == "sqlite":
        with read(ground.engine) as connection:
            journal = connection.execute(text("PRAGMA journal_mode")).scalar_one()
        level = ground.settings.sqlite_synchronous
        if level == "full":
            return ok("durability", f"{journal}, synchronous full: survives a power cut")
        return warn(
            "durability",
            f"{journal}, synchronous {level}: a power cut may lose the last decisions",
            "Set SAFETY_SQLITE_SYNCHRONOUS=full.",
        )
    with read(ground.engine) as connection:
        level = connection.execute(text("SHOW synchronous_commit")).scalar_one()
    if level == "off":
        return warn("durability", "synchronous_commit is off", "Turn it on for the service's role.")
    return ok("durability", f"synchronous_commit {level}")


def rules(ground: Ground | None, settings: Settings) -> Iterator[Check]:
    """Whether the rules load and their tests pass."""
    try:
        bundle = load_rules(settings, ground)
    except RuleFileError as error:
        yield fail("ruleset", str(error).splitlines()[0], "Run `safety-gate rules check`.")
    except SafetyError as error:
        yield fail("ruleset", error.detail, "Mend the database first.")
    else:
        yield ok("ruleset", f"{len(bundle.rules)} rules, version {bundle.version[:12]}")


def _line(check: Check) -> Text:
    line = Text.assemble(
        (f"{check.outcome.value:>4}", _STYLES[check.outcome]), f"  {check.name}: {check.found}"
    )
    return line if not check.remedy else line.append(f". {check.remedy}")
