"""The queue's page as the server makes it, from the request to the last byte of the answer."""

import asyncio
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from sqlalchemy import Engine, bindparam, select, text, update

from safety.domain.queues import Filter
from safety.domain.reviews import Band
from safety.store.engine import read, write
from safety.store.tables import decisions
from safety.web.desk_guard import SESSION
from tests.bench.figures import Figure
from tests.desk_house import Clock, House
from tests.review_house import LEA, NOW

ROUNDS: Final = 60
# Letters of another alphabet, invisible ones in between, and a link in every text.
_DISGUISED: Final = (
    "\u0415arn m\u03bfney fr\u200bom h\u200bome\u202e today \U0001f4b8\U0001f4b8 wr\u0456te me on "
    "t\u0435le\u200bgram or l\u03bfok at hxxps://fast-cash[.]example/join?r={number} before the "
    "last pl\u0430ces are g\u03bfne, \uff46\uff52\uff49\uff45\uff4e\uff44\u2063 number {number}"
)
_PAGES: Final = {
    "all queues": "",
    "one queue": "queue=content",
    "high and above": "least=high",
    "one reason": "queue=content&reason=LINK_BURST",
}


def queue_pages(engine: Engine, folder: Path) -> Iterator[Figure]:
    """Milliseconds of the processor for a whole page: ordinary texts, then disguised ones."""
    house = House(engine, Clock(NOW), folder)
    token = house.sign_in().token
    with asyncio.Runner() as runner:
        for title, query in _PAGES.items():
            took = _timed(runner, house, query, token)
            yield Figure(f"desk: whole queue page, {title}", took, "ms CPU, median")
        for view in (Filter(), Filter(queue="content"), Filter(least=Band.HIGH)):
            _disguise(house, view)
        for title, query in list(_PAGES.items())[:2]:
            took = _timed(runner, house, query, token)
            yield Figure(f"desk: whole queue page, {title}, disguised", took, "ms CPU, median")


def _timed(runner: asyncio.Runner, house: House, query: str, token: str) -> float:
    app, took = house.app(), []  # an application of its own: nobody has asked it too often
    for _ in range(ROUNDS):
        began = time.process_time()
        status = runner.run(_status_of(app, query, token))
        took.append(time.process_time() - began)
        if status != 200:
            raise RuntimeError(f"the queue's page answered {status}")
    return 1000 * statistics.median(took)


async def _status_of(app: FastAPI, query: str, token: str) -> int:
    """Ask for the queue's page as a browser would, without a network in between."""
    headers = {
        "host": "127.0.0.1",
        "cookie": f"{SESSION}={token}",
        "accept-encoding": "gzip",
        "sec-fetch-site": "same-origin",
    }
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": "/desk", "raw_path": b"/desk",
        "query_string": query.encode(), "scheme": "http", "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 40_000), "root_path": "", "http_version": "1.1",
        "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
    }  # fmt: skip
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status


def _disguise(house: House, view: Filter) -> None:
    """Let the texts on the first page of a view be as hard to read as they come."""
    found = house.review.queues.page(LEA, view)
    ids = [row.item.decision_id for row in found.rows]
    with read(house.engine) as connection:
        query = select(decisions.c.id, decisions.c.event).where(decisions.c.id.in_(ids))
        events = dict(connection.execute(query).all())
    changed = []
    for number, (name, body) in enumerate(events.items()):
        event = json.loads(body)
        event["content"]["text"] = 3 * _DISGUISED.format(number=number)
        changed.append({"which": name, "body": json.dumps(event).encode()})
    with write(house.engine) as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS decisions_refuse_update"))
        same = decisions.c.id == bindparam("which")
        connection.execute(update(decisions).where(same).values(event=bindparam("body")), changed)
