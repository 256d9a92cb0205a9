"""`safety-gate serve`: the service itself, one worker, as production runs it."""

import gc
import sys
from ipaddress import ip_network
from typing import Annotated

import typer
import uvicorn

from safety.app import create_app
from safety.cli.checks import is_free
from safety.cli.ground import UnpreparedError
from safety.cli.logs import json_lines
from safety.config import Settings, load_settings
from safety.web.connection import Guard, guarded

app = typer.Typer()

_DRAIN_SECONDS = 10

# Objects that live as long as their decision are freed when it ends; the collector only looks for
# cycles, which the decision path does not make. With Python's defaults it walks every counter in
# memory several times a second, and one request in a hundred waits for it (docs/performance.md).
_COLLECT_AFTER = (100_000, 50, 1000)


# Decisions wait for the interpreter this long (seconds) behind a thread that does not let go of it.
_SWITCH_AFTER = 0.001


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; otherwise SAFETY_HOST.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; otherwise SAFETY_PORT.")] = 0,
) -> None:
    """Start the service. Forwarding headers are not trusted: the proxy decides what to forward."""
    settings = load_settings()
    json_lines(settings.log_level)
    listen_at = (host or settings.host, port or settings.port)
    if not is_free(*listen_at):
        raise UnpreparedError(
            f"{listen_at[0]}:{listen_at[1]} cannot be listened on: stop what uses it, or set "
            "SAFETY_PORT."
        )
    service = create_app(settings)
    _calm_collector()
    sys.setswitchinterval(_SWITCH_AFTER)
    guard = Guard(per_address=settings.connections_per_address, exempt=_proxies(settings))
    uvicorn.run(
        service,
        host=listen_at[0],
        port=listen_at[1],
        workers=1,
        http=guarded(guard),
        ws="none",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


def _proxies(settings: Settings) -> frozenset[str]:
    """The single addresses among the trusted proxies: everybody's requests come from them."""
    networks = (ip_network(each, strict=False) for each in settings.trusted_proxies)
    return frozenset(str(each[0]) for each in networks if each.num_addresses == 1)


def _calm_collector() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
