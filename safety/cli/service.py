"""The service as a child process: started, awaited, watched and stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2

from safety.cli.ground import UnpreparedError

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_LOOK_EVERY = 0.1
_TAIL_LINES = 5


@contextmanager
def running(
    base: str, host: str, port: int, log: Path | None, settings: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A service that takes traffic at `base`; stopped at the end. Its output goes to `log`.

    `settings` are set in its environment besides those of this process.
    Raises `UnpreparedError` with its last words if it does not come up.
    """
    command = [sys.executable, "-m", "safety", "serve", "--host", host, "--port", str(port)]
    with _output(log) as output:
        # A session of its own: Ctrl-C reaches this process only, which then stops the service.
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | settings,
        )
    try:
        _await_ready(child, base, log)
        yield child
    finally:
        _stop(child)


@contextmanager
def _output(log: Path | None) -> Iterator[int | None]:
    if log is None:
        yield None
        return
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _await_ready(child: subprocess.Popen[bytes], base: str, log: Path | None) -> None:
    ends = time.monotonic() + _START_SECONDS
    with httpx2.Client(trust_env=False, timeout=2.0) as http:
        while time.monotonic() < ends:
            if child.poll() is not None:
                raise UnpreparedError(f"The service did not start. {_last_words(log)}")
            if _is_ready(http, base):
                return
            time.sleep(_LOOK_EVERY)
    raise UnpreparedError(
        f"The service was not ready after {_START_SECONDS:.0f} seconds. {_last_words(log)}"
    )


def _is_ready(http: httpx2.Client, base: str) -> bool:
    try:
        return http.get(f"{base}/readyz").is_success
    except httpx2.HTTPError:
        return False


def _last_words(log: Path | None) -> str:
    if log is None:
        return "Its own words are above."
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
    return f"The end of {log}:\n" + "\n".join(lines)


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
