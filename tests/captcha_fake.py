"""A CAPTCHA provider on this machine: speaks `siteverify` as Turnstile, hCaptcha and reCAPTCHA do.

It counts, remembers and misbehaves as it is told.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs

Json = dict[str, Any]

SECRET = "fake-secret"
SITE_KEY = "fake-site-key"
HOSTNAME = "shop.example"


@dataclass
class FakeProvider:
    """`mode` is what it does next: answer, or `hang`, `500`, `garbage`, `huge`, `redirect`, ...

    `modes` are used up one by one before that.
    """

    url: str = ""
    mode: str = "answer"
    modes: list[str] = field(default_factory=list)
    asked: list[Json] = field(default_factory=list)
    _tokens: dict[str, Json] = field(default_factory=dict)
    _spent: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    released: Event = field(default_factory=Event)

    def token(self, task: Json, **changes: Any) -> str:
        """What the widget hands the page once a person has solved this task."""
        token = f"token-{len(self._tokens)}-{'x' * 300}"
        self._tokens[token] = {
            "success": True,
            "challenge_ts": "2026-11-22T17:00:00Z",
            "hostname": HOSTNAME,
            "action": task.get("action"),
            "cdata": task.get("cdata"),
            "score": 0.9,
            "error-codes": [],
        } | changes
        return token

    def next_mode(self) -> str:
        with self._lock:
            return self.modes.pop(0) if self.modes else self.mode

    def answer(self, form: dict[str, str]) -> Json:
        """What the documented protocol says to a question."""
        if form.get("secret") != SECRET:
            return _no("invalid-input-secret")
        if "response" not in form:
            return _no("missing-input-response")
        token, question = form["response"], form.get("idempotency_key", "")
        with self._lock:
            if token not in self._tokens:
                return _no("invalid-input-response")
            asked_before = self._spent.setdefault(token, question)
            is_first = len([each for each in self.asked if each.get("response") == token]) == 1
        if not is_first and (not question or asked_before != question):
            return _no("timeout-or-duplicate")
        return self._tokens[token]


def _no(code: str) -> Json:
    return {"success": False, "error-codes": [code]}


@contextmanager
def running_provider() -> Iterator[FakeProvider]:
    """The provider, answering until the end of the block."""
    provider = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
            provider.asked.append(form)
            _behave(self, provider, form)

        def do_GET(self) -> None:
            provider.asked.append({"redirected": True})
            _send(self, 200, json.dumps({"success": True}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_port}/siteverify"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _behave(handler: BaseHTTPRequestHandler, provider: FakeProvider, form: dict[str, str]) -> None:
    mode = provider.next_mode()
    if mode == "hang":
        provider.released.wait(10)
    elif mode == "drip":
        _drip(handler, provider)
    elif mode == "redirect":
        handler.send_response(302)
        handler.send_header("Location", provider.url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
    elif mode == "cut":
        handler.connection.close()
    elif mode in _BODIES:
        _send(handler, *_BODIES[mode])
    else:
        _send(handler, 200, json.dumps(provider.answer(form)).encode())


_BODIES: dict[str, tuple[int, bytes]] = {
    "500": (500, b"<h1>Internal Server Error</h1>"),
    "503": (503, b""),
    "garbage": (200, b"\xff\xfenot json"),
    "html": (200, b"<html>Just a moment...</html>"),
    "list": (200, b"[true]"),
    "true": (200, b"true"),
    "no success": (200, b"{}"),
    "success as text": (200, b'{"success": "true"}'),
    "success as number": (200, b'{"success": 1}'),
    "deep": (200, b"[" * 20_000),
    "huge": (200, b'{"success": true, "padding": "' + b"x" * 200_000 + b'"}'),
    "internal error": (200, json.dumps(_no("internal-error")).encode()),
}


def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _drip(handler: BaseHTTPRequestHandler, provider: FakeProvider) -> None:
    """One byte at a time, each in time, all of them never."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while not provider.released.wait(0.05):
            handler.wfile.write(b" ")
    except OSError:
        time.sleep(0)  # whoever asked has left
