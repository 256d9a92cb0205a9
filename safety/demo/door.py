"""The demo's way to the service: one reused HTTP connection pool, answers as values."""

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx2

from safety.domain.verdicts import Verdict

Json = Mapping[str, Any]

_OPEN_ITEMS = re.compile(r"^safety_items_open(?:\{[^}]*\})? ([0-9.e+]+)$", re.MULTILINE)


class NoAnswerError(Exception):
    """The service gave no decision; the message says why, in one sentence."""


class TooLargeError(NoAnswerError):
    """The service does not read so much in one request."""


class RefusedError(NoAnswerError):
    """The service will not decide for this key or at this address, now or later."""


_KINDS: Mapping[int, type[NoAnswerError]] = {
    HTTPStatus.UNAUTHORIZED: RefusedError,
    HTTPStatus.FORBIDDEN: RefusedError,
    HTTPStatus.NOT_FOUND: RefusedError,
    HTTPStatus.METHOD_NOT_ALLOWED: RefusedError,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLargeError,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service decided; `seconds` is how long the caller waited.

    `missing` names what the service could not take into account, such as `score.spam`.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    queue: str | None
    seconds: float
    missing: tuple[str, ...] = ()


class Door:
    """The decision API of one service, for one key. Threads may share it."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        seconds: float = 10.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._http = httpx2.Client(
            base_url=self.url,
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
            timeout=seconds,
            transport=transport,
            trust_env=False,  # a proxy in the environment must not see the key
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def decide(self, event: Json) -> Answer:
        """Ask for one decision. Raises `NoAnswerError`, or `RefusedError` if it always will."""
        started = time.perf_counter()
        body = self._post("/v1/decisions", event)
        return _answer(body, time.perf_counter() - started)

    def decide_many(self, events: Sequence[Json]) -> list[Answer | NoAnswerError]:
        """Ask for up to 100 decisions at once; each event has its own answer or trouble."""
        started = time.perf_counter()
        decisions = self._post("/v1/decisions:batch", {"events": list(events)})["decisions"]
        waited = time.perf_counter() - started
        return [
            NoAnswerError(_sentence(one["problem"])) if "problem" in one else _answer(one, waited)
            for one in decisions
        ]

    def open_items(self) -> int | None:
        """How many items wait for a person, or None if the metrics do not say it to this key."""
        try:
            response = self._http.get("/metrics")
        except httpx2.HTTPError:
            return None
        if response.is_error:
            return None
        found = _OPEN_ITEMS.findall(response.text)
        return int(sum(map(float, found))) if found else None

    def _post(self, path: str, body: Json) -> Any:
        try:
            # Escapes keep texts sendable that UTF-8 cannot carry, such as half an emoji.
            response = self._http.post(path, content=json.dumps(body))
        except httpx2.HTTPError as error:
            raise NoAnswerError(f"{self.url} does not answer ({type(error).__name__}).") from None
        if response.is_success:
            return response.json()
        kind = _KINDS.get(response.status_code, NoAnswerError)
        raise kind(f"{self.url}{path} answered {response.status_code}: {_problem(response)}")


def _answer(body: Json, seconds: float) -> Answer:
    item = body.get("item")
    return Answer(
        verdict=Verdict.parse(body["verdict"]),
        reasons=tuple(body["reasons"]),
        queue=item["queue"] if item else None,
        seconds=seconds,
        missing=(*_skipped(body), *body["degraded"]),
    )


def _skipped(body: Json) -> Iterator[str]:
    """The parts that were skipped although they were needed: a final rule needs no model."""
    return (skip["part"] for skip in body["skipped"] if skip["why"] != "final_rule")


def _problem(response: httpx2.Response) -> str:
    try:
        return _sentence(response.json())
    except ValueError:
        return response.reason_phrase or "not a problem document"


def _sentence(problem: Json) -> str:
    fields = "; ".join(f"{e.get('field')}: {e.get('message')}" for e in problem.get("errors", ()))
    words = str(problem.get("detail") or problem.get("title") or "no reason given")
    return f"{words} ({fields})" if fields else words
