"""The page of decisions that people made: filtered, to be reversed, and as a file."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from safety.domain.queues import Filter
from safety.domain.reviews import Action
from safety.review.decision_log import DecisionLog, cursor, state_of
from safety.store.resolution_log import Wanted
from safety.web import desk_show as show
from safety.web.desk_answers import who_is
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.desk_work import Moderator
from safety.web.limits import Limits
from safety.web.services import Services, ServicesDep

_HOME = "/desk/decisions"
_PAGE_SIZE = 50
_BEFORE = r"^(\d{1,12}(\.\d{1,9})?:[A-Za-z0-9_-]{1,64})?$"

Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Day = Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody looks for."""

    moderator: Text = ""
    action: Annotated[str, Query(pattern=r"^[a-z]{0,16}$")] = ""
    policy: Text = ""
    queue: Text = ""
    actor: Text = ""
    since: Day = ""
    until: Day = ""

    @property
    def query(self) -> dict[str, str]:
        """The same as an address carries it."""
        return {name: text for name in self.__slots__ if (text := getattr(self, name).strip())}

    @property
    def wanted(self) -> Wanted:
        """The same for the log; a day means all of it, in UTC."""
        texts = {name: text for name, text in self.query.items() if name not in {"since", "until"}}
        until = _start_of(self.until)
        return Wanted(
            **texts,
            since=_start_of(self.since),
            until=None if until is None else until + timedelta(days=1).total_seconds(),
        )


Asked = Annotated[_Asked, Depends()]


def log_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,
    asked: Asked,
    before: Annotated[str, Query(pattern=_BEFORE)] = "",
) -> Response:
    """The latest decisions, or those before the ones just seen."""
    log, now = _log(services), services.clock()
    at, _, last = before.partition(":")
    start = (float(at), last) if before else None
    found = log.page(who_is(session), asked.wanted, before=start, limit=_PAGE_SIZE)
    query = asked.query
    older = ""
    if len(found) == _PAGE_SIZE:
        moment, name = cursor(found[-1])
        older = "?" + urlencode(query | {"before": f"{moment!r}:{name}"})
    context = show.around(session, Filter()) | {
        "entries": [(each, state_of(each, now)) for each in found],
        "asked": asked,
        "is_filtered": bool(query),
        "older": older,
        "query": f"?{urlencode(query)}" if query else "",
        "policies": services.policies(),
        "all_actions": tuple(Action),
    }
    return pages().render("decisions.html", context | frame(services, session, path=_HOME))


def log_csv(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,
    asked: Asked,
) -> Response:
    """All of them as a file for spreadsheets, however many they are."""
    lines = _log(services).as_csv(who_is(session), asked.wanted)
    headers = {"Content-Disposition": 'attachment; filename="decisions.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def log_jsonl(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,
    asked: Asked,
) -> Response:
    """All of them as JSON, one to a line."""
    lines = _log(services).as_jsonl(who_is(session), asked.wanted)
    headers = {"Content-Disposition": 'attachment; filename="decisions.jsonl"'}
    return StreamingResponse(lines, media_type="application/jsonl", headers=headers)


def add_log(router: APIRouter, limits: Limits) -> None:
    """Put the log of decisions under the desk."""
    page = limits.policy("desk.page")
    router.get("/decisions")(page(log_page))
    router.get("/decisions.csv")(page(log_csv))
    router.get("/decisions.jsonl")(page(log_jsonl))


def _log(services: Services) -> DecisionLog:
    return DecisionLog(services.review.room)


def _start_of(day: str) -> float | None:
    """Midnight of a day in UTC; None where there is no such day."""
    try:
        found = date.fromisoformat(day) if day else None
    except ValueError:
        return None
    return None if found is None else datetime.combine(found, time.min, tzinfo=UTC).timestamp()
