"""`safety-gate staff`: letting people into the review desk."""

import sys
from typing import Annotated

import typer

from safety.accounts.staff import Lasting, invite
from safety.cli.addresses import noted_url, sign_in_url
from safety.cli.ground import installed, now, operator

app = typer.Typer(no_args_is_help=True)


@app.callback()
def family() -> None:
    """Make a one-time sign-in link for the review desk."""


@app.command()
def link(
    name: Annotated[str, typer.Option(help="Who signs in: small letters and digits.")] = "admin",
    url: Annotated[str, typer.Option(help="Where the service is, if not as configured.")] = "",
) -> None:
    """Print a link that signs one person in, once, within 30 minutes."""
    with installed() as ground:
        token = invite(
            ground.engine, now(), audit_key=ground.audit_key, staff=name, author=operator()
        )
        base = url or noted_url(ground.settings)
    print(sign_in_url(base, token))
    print(f"It works once, for {Lasting().link / 60:.0f} minutes.", file=sys.stderr)
