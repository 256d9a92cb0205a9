"""`safety-gate demo`: made-up traffic for a running service, and its removal."""

from typing import Annotated

import typer
from rich.console import Console

from safety.cli import demo_key
from safety.cli.addresses import noted_url
from safety.cli.backtest import forget_erased
from safety.cli.ground import installed, now, operator
from safety.cli.play import play
from safety.config import load_settings
from safety.demo import table
from safety.demo.door import Door
from safety.demo.scenarios import Scenario
from safety.store import tenants
from safety.store.engine import write

app = typer.Typer()

# Once through every scene and a little calm at the end.
_ONE_ROUND = 75.0


@app.command()
def demo(
    *,
    url: Annotated[str, typer.Option(help="Where the service is; otherwise as configured.")] = "",
    key: Annotated[str, typer.Option(help="API key; otherwise the demo's own.")] = "",
    seconds: Annotated[float, typer.Option(min=1, help="How long to play.")] = _ONE_ROUND,
    rate: Annotated[float, typer.Option(min=0.1, help="Events per second when calm.")] = 12.0,
    scenario: Annotated[Scenario, typer.Option(help="What to play.")] = Scenario.ALL,
    seed: Annotated[int, typer.Option(help="Another seed is another play.")] = 1,
    wipe: Annotated[bool, typer.Option("--wipe", help="Remove what the demo left.")] = False,
) -> None:
    """Send made-up traffic through the public API and show what becomes of it."""
    if wipe:
        _wipe()
        return
    console = Console()
    settings = load_settings()
    base = url or noted_url(settings)
    with Door(base, key or demo_key.stored(settings)) as door:
        seen = play(door, scenario, seed=seed, rate=rate, seconds=seconds, console=console)
    console.print(table.line(seen, None), soft_wrap=True, markup=False, highlight=False)
    console.print(table.summary(seen))
    if not seen.events:
        print(f"Nothing was decided: {seen.last_trouble or 'nothing was sent'}")
        raise typer.Exit(1)


def _wipe() -> None:
    with installed() as ground:
        with write(ground.engine) as connection:
            wiped = tenants.wipe(
                connection, demo_key.TENANT, now(), author=operator(), audit_key=ground.audit_key
            )
        forget_erased(ground)
    found = ", ".join(f"{count} {name}" for name, count in wiped.counts.items() if count)
    print(f"Removed what the demo left: {found or 'there was nothing'}.")
    print("A running service keeps counting what it saw until it is started again.")
