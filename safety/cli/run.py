"""`safety-gate run`: everything at once, for the first minute with the project."""

import json
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console

from safety.cli import checks, demo_key
from safety.cli.addresses import base_url, hosted_url, noting, sign_in_url
from safety.cli.checks import Check, Outcome
from safety.cli.ground import UnpreparedError, operator, own_name, prepared
from safety.cli.play import play
from safety.cli.service import running
from safety.cli.staff import first_role, members_of
from safety.config import PREFIX, Settings, load_settings
from safety.demo import table
from safety.demo.door import Door
from safety.demo.scenarios import Scenario

app = typer.Typer()

_PAGES = f"{PREFIX}HOSTED_PAGES"
_FIRST_MINUTE = (
    ("staff_totp", "optional"),
    ("hosted_pages", "true"),
    ("hosted_tenant", demo_key.TENANT),
)


@dataclass(frozen=True, slots=True)
class _Ready:
    """What the first screen tells."""

    base: str
    key: str
    sign_in: str
    hosted: str  # empty where there are no hosted pages


@app.command()
def run(
    *,
    demo: Annotated[bool, typer.Option(help="Send demo traffic and show it.")] = True,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Stop after so long; otherwise at Ctrl-C.")
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, help="Demo events per second when calm.")] = 12.0,
    seed: Annotated[int, typer.Option(help="Another seed is another play.")] = 1,
) -> None:
    """Prepare the data folder, start the service, print a sign-in link and play the demo."""
    # Being told to end, or losing the terminal, must stop the service like Ctrl-C does.
    for wish in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(wish, signal.default_int_handler)
    console = Console()
    settings = load_settings()
    port = _preflight(settings, console)
    chosen = _first_minute(settings)
    ready = _prepare(settings, port, has_pages=settings.hosted_pages or _PAGES in chosen)
    log = settings.data_dir / "service.log" if demo else None
    with (
        running(ready.base, settings.host, port, log, chosen) as service,
        noting(settings, ready.base),
    ):
        with suppress(KeyboardInterrupt, subprocess.TimeoutExpired):
            _welcome(ready, settings, console)
            if demo:
                with Door(ready.base, ready.key) as door:
                    seen = play(
                        door,
                        Scenario.ALL,
                        seed=seed,
                        rate=rate,
                        seconds=seconds,
                        console=console,
                        goes_on=lambda: service.poll() is None,
                    )
                console.print(table.summary(seen))
            else:
                service.wait(seconds)
        died = service.poll()
    _goodbye(settings, console)
    if died is not None:
        raise UnpreparedError(f"The service ended by itself (code {died}): see {log or 'above'}.")


def _preflight(settings: Settings, console: Console) -> int:
    """Check everything; return the port to use. Raises `UnpreparedError` with what to mend."""
    for check in checks.preflight(settings):
        if check.outcome is Outcome.FAIL:
            raise UnpreparedError(_plain(check))
        if check.outcome is Outcome.WARN:
            console.print(_plain(check), soft_wrap=True, markup=False)
    port = checks.next_free_port(settings.host, settings.port)
    if port is None:
        raise UnpreparedError(
            f"No free port from {settings.port} on {settings.host}: set SAFETY_PORT or SAFETY_HOST."
        )
    if port != settings.port:
        console.print(f"Port {settings.port} is in use, so this uses {port}.")
    return port


def _prepare(settings: Settings, port: int, *, has_pages: bool) -> _Ready:
    base = base_url(settings.host, port)
    with prepared(settings) as ground:
        key = demo_key.obtain(ground)
        members = members_of(ground)
        token = members.sign_in_link("admin", first_role(members), operator())
    return _Ready(base, key, sign_in_url(base, token), hosted_url(base) if has_pages else "")


def _first_minute(settings: Settings) -> dict[str, str]:
    """What a first look on one's own machine is given, unless somebody chose otherwise.

    The desk asks for no authenticator app, and the demo's tenant has pages to sign up and in.
    """
    if settings.environment == "production":
        return {}
    chosen = settings.model_fields_set
    return {f"{PREFIX}{name.upper()}": value for name, value in _FIRST_MINUTE if name not in chosen}


def _welcome(ready: _Ready, settings: Settings, console: Console) -> None:
    # A link leads to the configured port unless it is told of another.
    is_elsewhere = ready.base != base_url(settings.host, settings.port)
    another = f"{own_name()} staff link" + f" --url {ready.base}" * is_elsewhere
    text = f"""
Safety Gate is ready at {ready.base}

Review desk   {ready.sign_in}
              (signs you in once, within 30 minutes; another: {another})
API           {ready.base}/v1/decisions
{_pages(ready)}Documents     {ready.base}/docs
Metrics       {ready.base}/metrics
Demo API key  {ready.key}

Ask for a decision (safety-test-allow, -challenge, -hold and -block answer just that):
{_curl(ready)}

Everything is kept in {settings.data_dir.resolve()}. Ctrl-C stops.
"""
    console.print(text, soft_wrap=True, markup=False, highlight=False)


def _pages(ready: _Ready) -> str:
    return f"Sign-up page  {ready.hosted}\n" if ready.hosted else ""


def _curl(ready: _Ready) -> str:
    event = {"type": "comment", "actor": {"id": "safety-test-hold"}, "content": {"text": "hello"}}
    return (
        f"curl {ready.base}/v1/decisions -H 'Authorization: Bearer {ready.key}' "
        f"-H 'Content-Type: application/json' -d '{json.dumps(event)}'"
    )


def _goodbye(settings: Settings, console: Console) -> None:
    name = own_name()
    lines = (
        "Stopped.",
        f"Start again:       {name} run",
        f"Without the demo:  {name} run --no-demo, or for production: {name} serve",
        f"Wipe the demo:     {name} demo --wipe",
        f"Wipe everything:   rm -r {settings.data_dir.resolve()}",
    )
    console.print("\n".join(lines), soft_wrap=True, markup=False, highlight=False)


def _plain(check: Check) -> str:
    return f"{check.name}: {check.found}. {check.remedy}"
