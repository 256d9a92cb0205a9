"""A far end that speaks the documented HTTP shape: it holds every text with a link."""

import json
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import httpx2

from safety.demo.door import Door

Json = dict[str, Any]


class FarEnd:
    """A WSGI application. `refuse_next` answers the coming requests with a problem instead."""

    def __init__(self) -> None:
        self.asked: list[Json] = []
        self.skipped: list[Json] = []
        self.metrics = "safety_items_open 3.0\n"
        self._refusals: list[tuple[HTTPStatus, bytes]] = []
        self._lock = threading.Lock()

    def refuse_next(self, status: HTTPStatus, problem: Json | None, times: int = 1) -> None:
        """Answer the next requests with this problem, or with bytes that are none."""
        body = b"<html>" if problem is None else json.dumps(problem).encode()
        self._refusals += [(status, body)] * times

    def door(self) -> Door:
        """A door to this far end."""
        return Door("http://service.test", "sg_test", transport=httpx2.WSGITransport(app=self))

    def __call__(self, environ: Json, start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        status, answer = self._answer(environ["PATH_INFO"], body)
        start(f"{status.value} {status.phrase}", [("content-type", "application/json")])
        return [answer]

    def _answer(self, path: str, body: bytes) -> tuple[HTTPStatus, bytes]:
        with self._lock:
            if self._refusals:
                return self._refusals.pop(0)
            if path == "/metrics":
                return HTTPStatus.OK, self.metrics.encode()
            sent = json.loads(body)
            if path == "/v1/decisions":
                return HTTPStatus.OK, json.dumps(self._decide(sent)).encode()
            decisions = [self._decide(event) for event in sent["events"]]
            return HTTPStatus.OK, json.dumps({"decisions": decisions}).encode()

    def _decide(self, event: Json) -> Json:
        self.asked.append(event)
        text = event.get("content", {}).get("text", "")
        if text == "unreadable":
            errors = [{"field": "content.text", "message": "is too long"}]
            return {"problem": {"title": "Bad input.", "detail": "No.", "errors": errors}}
        held = "https://" in text
        return {
            "verdict": "hold" if held else "allow",
            "reasons": ["LINKS"] if held else [],
            "skipped": self.skipped,
            "degraded": [],
            "item": {"id": "itm_1", "queue": "content"} if held else None,
        }
