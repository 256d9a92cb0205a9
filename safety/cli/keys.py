"""`safety-gate keys`: API keys, made, listed, rotated and revoked. A key is shown once."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from safety.accounts.api_keys import ApiKeys, MadeKey
from safety.cli.durations import seconds
from safety.cli.ground import Ground, installed, now, operator
from safety.domain.access import ApiKey, Scope
from safety.domain.errors import NotFound

app = typer.Typer(no_args_is_help=True)

KeyId = Annotated[str, typer.Argument(metavar="ID", help="The id, as `keys list` shows it.")]


@app.callback()
def family() -> None:
    """Create, list, rotate and revoke API keys."""


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="Whose events it may send and read.")],
    name: Annotated[str, typer.Option(help="What it is for, such as comments-backend.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; repeat for more.")],
    *,
    test: Annotated[bool, typer.Option("--test", help="Honour the magic test values.")] = False,
    expires: Annotated[str, typer.Option(help="How long it works, such as 90d.")] = "",
) -> None:
    """Make a key and print it. It is not kept: who loses it makes another."""
    with installed() as ground:
        lasts = seconds(expires) if expires else None
        made = keys_of(ground).make(
            tenant, name, frozenset(scope), author=operator(), is_test=test, lasts=lasts
        )
    _show_once(made)


@app.command("list")
def show(
    tenant: Annotated[str, typer.Option(help="Only this tenant's.")] = "",
) -> None:
    """List the keys, without their secrets."""
    with installed() as ground:
        found = keys_of(ground).all(tenant or None)
    table = Table("id", "tenant", "name", "kind", "scopes", "made", "used", "state")
    at = now()
    for key in found:
        kind = "test" if key.is_test else "live"
        scopes = " ".join(sorted(key.scopes))
        used = _date(key.last_used_at) if key.last_used_at else "never"
        table.add_row(
            key.id, key.tenant, key.name, kind, scopes, _date(key.created_at), used, _state(key, at)
        )
    Console().print(table)


@app.command()
def rotate(
    key_id: KeyId,
    overlap: Annotated[str, typer.Option(help="How long the old key works on.")] = "7d",
) -> None:
    """Make the successor of a key and print it; both work until the overlap ends."""
    lasts = seconds(overlap)
    with installed() as ground:
        try:
            made = keys_of(ground).rotate(key_id, overlap=lasts, author=operator())
        except NotFound:
            raise _no_key(key_id) from None
    _show_once(made)
    print(f"Key {key_id} works until {_date(now() + lasts)} at the latest.", file=sys.stderr)


@app.command()
def revoke(key_id: KeyId) -> None:
    """Close a key for good, at once."""
    with installed() as ground:
        try:
            keys_of(ground).revoke(key_id, author=operator())
        except NotFound:
            raise _no_key(key_id) from None
    print(f"Key {key_id} is revoked.")


def keys_of(ground: Ground) -> ApiKeys:
    """The keys of an installation."""
    return ApiKeys(ground.engine, now, ground.secrets["pepper"], ground.audit_key)


def _show_once(made: MadeKey) -> None:
    print(made.token)
    said = f"Key {made.key.id} for tenant {made.key.tenant}. It is not shown again; keep it secret."
    print(said, file=sys.stderr)


def _no_key(key_id: str) -> typer.Exit:
    print(f"There is no usable key {key_id}: see `safety-gate keys list`.")
    return typer.Exit(1)


def _state(key: ApiKey, at: float) -> str:
    if key.revoked_at is not None:
        return f"revoked {_date(key.revoked_at)}"
    if not key.is_usable(at):
        return "expired"
    until = "" if key.expires_at is None else f" until {_date(key.expires_at)}"
    return f"replaced, works{until}" if key.replaced_by else f"works{until}"


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
