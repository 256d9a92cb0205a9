"""`safety-gate webhooks`: where each tenant's messages go, and what did not arrive."""

import json
import secrets
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from safety.cli.durations import seconds
from safety.cli.ground import Ground, UnpreparedError, installed, now, operator
from safety.domain.messages import SECRET_PLACE, Endpoint, Message, Parcel, Posted
from safety.gates.keyring_file import load_or_create
from safety.gates.vault import Vault
from safety.jobs.courier import Courier, Outcome
from safety.jobs.destinations import DestinationRefused, read_destination
from safety.jobs.outbound import Outbound, Undelivered
from safety.jobs.signature import SECRET_BYTES, new_secret
from safety.store import audit, outbox, webhooks
from safety.store.engine import read, write

app = typer.Typer(no_args_is_help=True)

Tenant = Annotated[str, typer.Option(help="Whose messages.")]
AnyTenant = Annotated[str, typer.Option("--tenant", help="Only this tenant's.")]


@app.callback()
def family() -> None:
    """Say where messages go, and look after those that did not arrive."""


@app.command("set")
def set_endpoint(
    tenant: Tenant,
    url: Annotated[str, typer.Argument(metavar="URL", help="Such as https://example.com/gate.")],
) -> None:
    """Send a tenant's messages to this URL. The first time, a secret is printed, once."""
    with installed() as ground:
        _check(ground, url)
        secret = _moved_or_added(ground, tenant, url)
    if secret is None:
        print(f"Messages of {tenant} go to {url} from now on; the secret stays as it was.")
        return
    print(secret)
    said = f"The secret of {tenant}'s messages. It is not shown again; keep it secret."
    print(said, file=sys.stderr)


@app.command()
def show() -> None:
    """List the endpoints, without their secrets."""
    with installed() as ground, read(ground.engine) as connection:
        found = webhooks.list_endpoints(connection)
    table = Table("tenant", "url", "set", "state")
    for each in found:
        state = f"disabled: {each.disabled_reason}" if each.disabled_at is not None else "works"
        table.add_row(each.tenant, each.url, _moment(each.created_at), state)
    Console().print(table)


@app.command()
def rotate(
    tenant: Tenant,
    overlap: Annotated[str, typer.Option(help="How long the old secret signs too.")] = "24h",
) -> None:
    """Print a new secret. Until the overlap ends, messages carry a signature of each."""
    until = now() + seconds(overlap)
    with installed() as ground:
        secret = new_secret(secrets.token_bytes(SECRET_BYTES))
        sealed = _sealed(ground, tenant, secret)
        with write(ground.engine) as connection:
            done = webhooks.rotate_secret(connection, tenant, sealed, until=until)
            if done:
                _audit(ground, connection, "webhook.rotated", tenant, {"overlap": overlap})
    if not done:
        raise _no_endpoint(tenant)
    print(secret)
    print(f"The old secret signs too until {_moment(until)}.", file=sys.stderr)


@app.command()
def test(tenant: Tenant) -> None:
    """Send a message of type `webhook.test` at once and say what came of it."""
    with installed() as ground:
        with read(ground.engine) as connection:
            endpoint = webhooks.get_endpoint(connection, tenant)
        if endpoint is None:
            raise _no_endpoint(tenant)
        courier = Courier(_outbound(ground), _vault(ground).open, now)
        attempt = courier.deliver(Parcel(_test_message(tenant), endpoint))
    if attempt.outcome is not Outcome.DELIVERED:
        print(f"Not delivered: {attempt.reason}.")
        raise typer.Exit(1)
    print(f"Delivered: {attempt.reason}.")


@app.command("list")
def list_messages(
    tenant: AnyTenant = "",
    *,
    dead: Annotated[bool, typer.Option("--dead", help="Those that were given up.")] = False,
) -> None:
    """List messages that wait, or dead letters, without what they say."""
    listed = outbox.dead if dead else outbox.waiting
    with installed() as ground, read(ground.engine) as connection:
        found = listed(connection, tenant or None)
    table = Table("id", "tenant", "type", "made", "attempts", "given up" if dead else "next", "why")
    for each in found:
        table.add_row(*_row(each))
    Console().print(table)


@app.command()
def resend(
    message_id: Annotated[str, typer.Argument(metavar="[ID]", help="A dead letter's id.")] = "",
    tenant: AnyTenant = "",
    *,
    everything: Annotated[bool, typer.Option("--all", help="All of a tenant's.")] = False,
) -> None:
    """Let dead letters wait again, with all their attempts."""
    if everything == bool(message_id) or everything != bool(tenant):
        raise typer.BadParameter("name one ID, or --all with --tenant")
    with installed() as ground, write(ground.engine) as connection:
        at, subject = now(), tenant or message_id
        if everything:
            count = outbox.resend_all(connection, tenant, at)
        else:
            count = int(outbox.resend(connection, message_id, at))
        if count:
            _audit(ground, connection, "webhook.resent", subject, {"messages": count})
    if not count:
        print("There is no such dead letter: see `safety-gate webhooks list --dead`.")
        raise typer.Exit(1)
    print(f"{count} to send again.")


@app.command()
def remove(tenant: Tenant) -> None:
    """Forget a tenant's endpoint and its secret."""
    with installed() as ground, write(ground.engine) as connection:
        done = webhooks.remove_endpoint(connection, tenant)
        if done:
            _audit(ground, connection, "webhook.removed", tenant, {})
    if not done:
        raise _no_endpoint(tenant)
    print(f"Messages of {tenant} go nowhere now.")


def _check(ground: Ground, url: str) -> None:
    """Refuse a URL that would be refused at every attempt; warn of a name without an address."""
    try:
        _outbound(ground).check(url)
    except DestinationRefused as refused:
        raise typer.BadParameter(str(refused)) from None
    except Undelivered as unresolved:
        print(f"But {unresolved}.", file=sys.stderr)


def _moved_or_added(ground: Ground, tenant: str, url: str) -> str | None:
    """Keep where messages go; return the secret if this is the tenant's first endpoint."""
    secret = new_secret(secrets.token_bytes(SECRET_BYTES))
    endpoint = Endpoint(tenant, url, _sealed(ground, tenant, secret), now())
    # Some receivers put a secret into the path, so the audit log keeps the host alone.
    host = read_destination(url, ground.settings.webhook_allowed_hosts).authority
    with write(ground.engine) as connection:
        moved = webhooks.move_endpoint(connection, tenant, url)
        if not moved:
            webhooks.add_endpoint(connection, endpoint)
        _audit(ground, connection, "webhook.set", tenant, {"host": host})
    return None if moved else secret


def _outbound(ground: Ground) -> Outbound:
    return Outbound(ground.settings.webhook_allowed_hosts)


def _vault(ground: Ground) -> Vault:
    try:
        return Vault(load_or_create(ground.settings.keyring_file).vault)
    except ValueError as error:
        raise UnpreparedError(str(error)) from None


def _sealed(ground: Ground, tenant: str, secret: str) -> bytes:
    table, column = SECRET_PLACE
    return _vault(ground).seal(table, tenant, column, secret.encode())


def _test_message(tenant: str) -> Message:
    at = now()
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    body = {"type": "webhook.test", "timestamp": moment.removesuffix("+00:00") + "Z", "data": {}}
    message_id = f"msg_{secrets.token_hex(12)}"
    return Message(message_id, tenant, "webhook.test", json.dumps(body).encode(), at, at)


def _audit(
    ground: Ground, connection: Connection, action: str, subject: str, details: dict[str, object]
) -> None:
    said = json.dumps(details).encode()
    event = audit.AuditEvent(now(), operator(), action, subject, said)
    audit.append(connection, event, key=ground.audit_key)


def _row(posted: Posted) -> tuple[str, ...]:
    message = posted.message
    ends = message.due_at if posted.dead_at is None else posted.dead_at
    made, attempts = _moment(message.created_at), str(message.attempts)
    why = posted.last_error
    return message.id, message.tenant, message.kind, made, attempts, _moment(ends), why


def _no_endpoint(tenant: str) -> typer.Exit:
    print(f"Tenant {tenant} has no endpoint: see `safety-gate webhooks set`.")
    return typer.Exit(1)


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
