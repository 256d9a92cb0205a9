"""`safety-gate serve`: the service itself, one worker, as production runs it."""

import gc
from typing import Annotated

import typer
import uvicorn

from safety.app import create_app
from safety.cli.checks import is_free
from safety.cli.ground import UnpreparedError
from safety.cli.logs import json_lines
from safety.config import load_settings

app = typer.Typer()

_DRAIN_SECONDS = 10

# Objects that live as long as their decision are freed when it ends; the collector only looks for
# cycles, which the decision path does not make. With Python's defaults it walks every counter in
# memory several times a second, and one request in a hundred waits for it (docs/performance.md).
_COLLECT_AFTER = (100_000, 50, 1000)


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
    uvicorn.run(
        service,
        host=listen_at[0],
        port=listen_at[1],
        workers=1,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


def _calm_collector() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
