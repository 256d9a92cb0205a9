"""`safety-gate keys`: API keys, made, listed and revoked. A key is shown once, when it is made."""

import json
import secrets
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from safety.cli.durations import seconds
from safety.cli.ground import Ground, installed, now, operator
from safety.domain.access import ApiKey, Scope
from safety.gates import apikey
from safety.store import audit, keys
from safety.store.engine import read, write

app = typer.Typer(no_args_is_help=True)


@app.callback()
def family() -> None:
    """Create, list and revoke API keys."""


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
        key, token = add(ground, tenant, name, scope, is_test=test, lasts=lasts)
    print(token)
    said = f"Key {key.id} for tenant {tenant}. It is not shown again; keep it secret."
    print(said, file=sys.stderr)


@app.command("list")
def show(
    tenant: Annotated[str, typer.Option(help="Only this tenant's.")] = "",
) -> None:
    """List the keys, without their secrets."""
    with installed() as ground, read(ground.engine) as connection:
        found = keys.list_keys(connection, tenant or None)
    table = Table("id", "tenant", "name", "kind", "scopes", "made", "state")
    at = now()
    for key in found:
        kind = "test" if key.is_test else "live"
        scopes = " ".join(sorted(key.scopes))
        table.add_row(
            key.id, key.tenant, key.name, kind, scopes, _date(key.created_at), _state(key, at)
        )
    Console().print(table)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id, as `keys list` shows it.")],
) -> None:
    """Close a key for good, at once."""
    with installed() as ground:
        at = now()
        with write(ground.engine) as connection:
            done = keys.revoke_key(connection, key_id, at)
            if done:
                event = audit.AuditEvent(at, operator(), "key.revoked", key_id)
                audit.append(connection, event, key=ground.audit_key)
    if not done:
        print(f"There is no usable key {key_id}: see `safety-gate keys list`.")
        raise typer.Exit(1)
    print(f"Key {key_id} is revoked.")


def add(
    ground: Ground,
    tenant: str,
    name: str,
    scopes: list[Scope],
    *,
    is_test: bool,
    lasts: float | None = None,
) -> tuple[ApiKey, str]:
    """Make a key that works for `lasts` seconds (None is for ever); return it with its token."""
    at = now()
    key, token = apikey.mint(
        tenant,
        name,
        scopes,
        is_test=is_test,
        secret_bytes=secrets.token_bytes(apikey.SECRET_BYTES),
        id_bytes=secrets.token_bytes(apikey.ID_BYTES),
        pepper=ground.secrets["pepper"],
        at=at,
        expires_at=None if lasts is None else at + lasts,
    )
    details = json.dumps({"tenant": tenant, "name": name, "scopes": sorted(scopes)}).encode()
    with write(ground.engine) as connection:
        keys.add_key(connection, key)
        event = audit.AuditEvent(at, operator(), "key.created", key.id, details)
        audit.append(connection, event, key=ground.audit_key)
    return key, token


def _state(key: ApiKey, at: float) -> str:
    if key.revoked_at is not None:
        return f"revoked {_date(key.revoked_at)}"
    if key.expires_at is None:
        return "works"
    return f"works until {_date(key.expires_at)}" if key.is_usable(at) else "expired"


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
