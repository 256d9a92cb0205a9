"""The desk: what waits, one item with everything a person needs to judge it, and all its rooms."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from safety.domain.errors import NotFound
from safety.web import desk_show as show
from safety.web.desk_answers import view_of, who_is
from safety.web.desk_audit import add_audit
from safety.web.desk_door import add_door, to
from safety.web.desk_find import add_find
from safety.web.desk_frame import frame
from safety.web.desk_guard import DeskRoute
from safety.web.desk_hold import add_hold
from safety.web.desk_keys import add_keys
from safety.web.desk_log import add_log
from safety.web.desk_many import add_many
from safety.web.desk_models import add_models
from safety.web.desk_pages import pages
from safety.web.desk_queues import add_queues
from safety.web.desk_settings import add_settings
from safety.web.desk_stats import add_stats
from safety.web.desk_steering import add_steering
from safety.web.desk_undo import add_undo
from safety.web.desk_webhooks import add_webhooks
from safety.web.desk_work import ItemId, Moderator, SeenItem, add_work, item_answer, next_path
from safety.web.limits import Limits
from safety.web.me import add_me
from safety.web.members import add_members
from safety.web.services import ServicesDep

PAGE_SIZE = 50
# Marks an answer as a piece of a page; the script takes nothing else for one.
PIECE = "X-Desk-Piece"

QueueName = Annotated[str, Query(pattern=r"^[\w.:-]{0,64}$")]


def queue_page(
    request: Request,
    services: ServicesDep,
    session: Moderator,
    *,
    queue: QueueName = "",  # noqa: ARG001 -- refuses what no queue is called; the view reads it
    after: SeenItem = "",
    done: SeenItem = "",
) -> Response:
    """What waits, most urgent first, and the first of it ready to be decided."""
    view = view_of(request.url.query)
    page = services.review.queues.page(who_is(session), view, after=after, limit=PAGE_SIZE)
    context = show.queue_context(services, session, page, page_size=PAGE_SIZE)
    return pages().render("queue.html", context | frame(services, session, path="/desk", done=done))


def item_page(
    request: Request,
    services: ServicesDep,
    session: Moderator,
    item_id: ItemId,
    done: SeenItem = "",
) -> Response:
    """One item with everything a person needs to judge it, at an address to pass on."""
    return item_answer(services, session, item_id, view_of(request.url.query), done=done)


def item_pane(
    request: Request, services: ServicesDep, session: Moderator, item_id: ItemId
) -> Response:
    """The same as a piece of the queue's page. Looking claims nothing."""
    view = view_of(request.url.query)
    context = show.item_context(services, session, item_id, view)
    context |= {"now": services.clock(), "session": session, "static": ""}
    answer = pages().render("work/panes.html", context)
    answer.headers[PIECE] = "1"
    return answer


def item_text(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,
    item_id: ItemId,
) -> Response:
    """The whole text as somebody wrote it, as a file that no browser runs."""
    text = services.review.items.open(item_id, who_is(session)).view.text or ""
    headers = {"Content-Disposition": f'attachment; filename="{item_id}.txt"'}
    body = text.encode(errors="replace")
    return Response(body, media_type="text/plain; charset=utf-8", headers=headers)


def next_item(request: Request, services: ServicesDep, session: Moderator) -> Response:
    """Go to the item that should be looked at first."""
    return to(next_path(services, session, view_of(request.url.query)))


def static(
    request: Request,
    version: Annotated[str, Path(max_length=64)],
    name: Annotated[str, Path(max_length=64)],
) -> Response:
    """A static file; its address changes with its content, so it may be kept for ever."""
    file = pages().files.get(name)
    if file is None or version != pages().version:
        raise NotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if file.packed and "gzip" in request.headers.get("accept-encoding", ""):
        packed = headers | {"Content-Encoding": "gzip"}
        return Response(file.packed, media_type=file.media_type, headers=packed)
    return Response(file.content, media_type=file.media_type, headers=headers)


def nowhere(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    path: str,  # noqa: ARG001 -- whatever it is
) -> Response:
    """A page for whoever mistyped an address. Raises `NotFound`."""
    raise NotFound


def desk_router(limits: Limits) -> APIRouter:
    """The desk under `/desk`. Every endpoint says how often it may be asked, and by whom."""
    router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
    page = limits.policy("desk.page")
    router.get("")(page(queue_page))
    router.get("/next")(page(next_item))
    router.get("/items/{item_id}")(page(item_page))
    router.get("/items/{item_id}/pane")(page(item_pane))
    router.get("/items/{item_id}/text")(page(item_text))
    router.get("/static/{version}/{name}")(limits.policy("desk.static")(static))
    for add in _ROOMS:
        add(router, limits)
    router.get("/{path:path}")(page(nowhere))
    return router


_ROOMS = (
    add_work, add_undo, add_many, add_find, add_log, add_hold, add_settings, add_queues, add_door,
    add_me, add_members, add_keys, add_audit, add_models, add_steering, add_stats,
    add_webhooks,
)  # fmt: skip
