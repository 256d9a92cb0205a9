"""A real service in a process of its own, as an operator would start it."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from safety.config import Secrets, Settings
from safety.domain.access import Scope
from safety.gates import apikey
from safety.store import keys
from safety.store.engine import migrate, open_engine, write

ROOT = Path(__file__).parent.parent
ALL_SCOPES = tuple(Scope)


def free_port() -> int:
    """A loopback port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def a_key(
    settings: Settings,
    *,
    tenant: str = "main",
    scopes: Iterable[Scope] = ALL_SCOPES,
    is_test: bool = False,
) -> str:
    """Make an API key in the database of these settings and return its token."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    pepper = Secrets.load_or_create(settings.secrets_file)["pepper"]
    engine = open_engine(settings.resolved_database_url)
    migrate(engine)
    key, token = apikey.mint(
        tenant,
        "test",
        scopes,
        is_test=is_test,
        secret_bytes=secrets.token_bytes(apikey.SECRET_BYTES),
        id_bytes=secrets.token_bytes(apikey.ID_BYTES),
        pepper=pepper,
        at=time.time(),
        expires_at=None,
    )
    with write(engine) as connection:
        keys.add_key(connection, key)
    engine.dispose()
    return token


@dataclass(slots=True)
class Live:
    """A running service; `key` is good for everything."""

    settings: Settings
    port: int
    key: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": f"Bearer {self.key}"}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, log: Path | None = None) -> "Live":
        """Start it and wait until it is ready; all it says goes to `log`."""
        with log.open("wb") if log else nullcontext() as output:
            self.process = subprocess.Popen(  # noqa: S603  our own command
                self.command, env=self.environment, cwd=ROOT, stdout=output, stderr=output
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx2.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return self
            except httpx2.HTTPError:
                pass
            if self.process.poll() is not None:
                raise RuntimeError(f"the service ended with {self.process.returncode}")
            time.sleep(0.02)
        raise RuntimeError("the service did not get ready")

    def kill(self) -> None:
        """End it the hard way, as a crash or the kernel would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it the orderly way."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process = None


def a_service(
    folder: Path, *, prefix: tuple[str, ...] = (), is_test: bool = False, **environment: str
) -> Live:
    """A service with its data in `folder`, not started yet."""
    settings = Settings(data_dir=folder / "data")
    port = free_port()
    command = [*prefix, sys.executable, "-m", "safety", "serve", "--port", str(port)]
    own = {"SAFETY_DATA_DIR": str(settings.data_dir), **environment}
    return Live(settings, port, a_key(settings, is_test=is_test), command, os.environ | own)
