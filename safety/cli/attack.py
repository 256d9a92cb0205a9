"""`safety-gate attack`: raise the challenge level for a while, lower it, and say how it is."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from safety.cli.durations import seconds
from safety.cli.ground import Ground, installed, new_id, now, operator
from safety.decisions.steering.raising import Raising
from safety.domain.attack import AttackLevel
from safety.store.attack_levels import Raised
from safety.web.inert import visible

app = typer.Typer(no_args_is_help=True)


@app.callback()
def family() -> None:
    """Raise the challenge level for a while, lower it, and say how it is."""


@app.command(name="raise")
def raise_level(
    level: Annotated[AttackLevel, typer.Argument(help="How high.")] = AttackLevel.NEWCOMERS,
    *,
    reason: Annotated[str, typer.Option(help="Why, for those who ask.")],
    lasts: Annotated[str, typer.Option("--for", help="How long, such as 30m.")] = "30m",
) -> None:
    """Raise the level. Running services obey within a second or two."""
    with installed() as ground:
        done = _raising(ground).raise_to(
            level, lasts=seconds(lasts), reason=reason, author=operator()
        )
    print(f"The challenge level is {done.level.value} until {_until(done)}.")


@app.command()
def lower() -> None:
    """End what is raised."""
    with installed() as ground:
        is_lowered = _raising(ground).lower(author=operator())
    print("The challenge level is as usual." if is_lowered else "Nothing was raised.")
    if not is_lowered:
        raise typer.Exit(1)


@app.command()
def show() -> None:
    """Say whether the level is raised, by whom and why."""
    with installed() as ground:
        raising = _raising(ground)
        raising.refresh()
        raised = raising.now
    if raised is None:
        print("The challenge level is as usual.")
        return
    who, why = visible(raised.author), visible(raised.reason)
    print(f"{raised.level.value} until {_until(raised)}, by {who}: {why}")


def _raising(ground: Ground) -> Raising:
    return Raising(ground.engine, now, new_id, ground.audit_key)


def _until(raised: Raised) -> str:
    return datetime.fromtimestamp(raised.expires_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
