"""The desk's endpoints: a person sees what waits, opens an item and decides."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response

from safety.domain.access import Permission, StaffSession
from safety.domain.errors import InvalidInput, ItemAlreadyResolved, NotFound, SafetyError
from safety.domain.reviews import Action
from safety.review.desk import LONGEST_NOTE
from safety.web import desk_show as show
from safety.web.desk_access import demands, demands_form
from safety.web.desk_audit import add_audit
from safety.web.desk_door import add_door, to
from safety.web.desk_frame import frame
from safety.web.desk_guard import DeskRoute
from safety.web.desk_keys import add_keys
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.me import add_me
from safety.web.members import add_members
from safety.web.services import Services, ServicesDep

PAGE_SIZE = 50
_QUEUE = r"^[\w.:-]{0,64}$"


ItemId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
QueueName = Annotated[str, Query(pattern=_QUEUE)]
SeenItem = Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{0,64}$")]


@dataclass(frozen=True, slots=True)
class _Where:
    """The queue somebody works in (empty is all of them) and the item they just decided about."""

    queue: QueueName = ""
    done: SeenItem = ""


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the form of an item says."""

    action: Annotated[Action, Form()]
    version: Annotated[int, Form(ge=0, le=2**31 - 1)]
    policy: Annotated[str, Form(max_length=100)] = ""
    note: Annotated[str, Form(max_length=LONGEST_NOTE)] = ""
    queue: Annotated[str, Form(pattern=_QUEUE)] = ""


Where = Annotated[_Where, Depends()]
Choice = Annotated[_Choice, Depends()]


Moderator = Annotated[StaffSession, demands(Permission.REVIEW)]
ModeratorsForm = Annotated[StaffSession, demands_form(Permission.REVIEW)]


def queue_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,
    where: Where,
    after: SeenItem = "",
) -> Response:
    """What waits, worst first."""
    waiting = services.desk.waiting(where.queue or None, after=after or None, limit=PAGE_SIZE)
    context = show.queue_context(services.desk, waiting, where.queue, page_size=PAGE_SIZE)
    return pages().render(
        "queue.html", context | frame(services, session, path="/desk", done=where.done)
    )


def item_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,
    item_id: ItemId,
    where: Where,
) -> Response:
    """One item with everything a person needs to judge it."""
    return _item_answer(services, session, item_id, where.queue, done=where.done)


def next_item(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,  # noqa: ARG001 -- only for staff
    where: Where,
) -> Response:
    """Go to the item that should be looked at first."""
    return _to_next(services, where.queue, done="")


def resolve(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: ModeratorsForm,
    item_id: ItemId,
    choice: Choice,
) -> Response:
    """Decide, then go on with the next item."""
    try:
        services.desk.resolve(
            item_id,
            choice.action,
            policy=choice.policy or None,
            note=choice.note,
            moderator=session.staff,
            expected_version=choice.version,
        )
    except (InvalidInput, ItemAlreadyResolved) as error:
        return _item_answer(services, session, item_id, choice.queue, error=error, note=choice.note)
    return _to_next(services, choice.queue, done=item_id)


def static(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    version: Annotated[str, Path(max_length=64)],
    name: Annotated[str, Path(max_length=64)],
) -> Response:
    """A static file; its address changes with its content, so it may be kept for ever."""
    file = pages().files.get(name)
    if file is None or version != pages().version:
        raise NotFound
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(file.content, media_type=file.media_type, headers=kept)


def nowhere(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    path: str,  # noqa: ARG001 -- whatever it is
) -> Response:
    """A page for whoever mistyped an address. Raises `NotFound`."""
    raise NotFound


def desk_router(limits: Limits) -> APIRouter:
    """The desk under `/desk`. Every endpoint says how often it may be asked, and by whom."""
    router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("")(page(queue_page))
    router.get("/next")(page(next_item))
    router.get("/items/{item_id}")(page(item_page))
    router.post("/items/{item_id}/resolve")(form(resolve))
    router.get("/static/{version}/{name}")(limits.policy("desk.static")(static))
    for add in (add_door, add_me, add_members, add_keys, add_audit):
        add(router, limits)
    router.get("/{path:path}")(page(nowhere))
    return router


def _item_answer(
    services: Services,
    session: StaffSession,
    item_id: str,
    queue: str,
    *,
    done: str = "",
    error: SafetyError | None = None,
    note: str = "",
) -> Response:
    """An item's page; after an error, with what was wrong and the note that was written."""
    context = show.item_context(services.desk, services.desk.item(item_id), queue)
    problem, status = (error.detail, error.status) if error else ("", HTTPStatus.OK)
    said = {"policies": services.policies(), "problem": problem, "note": note}
    return pages().render("item.html", context | said | frame(services, session, done=done), status)


def _to_next(services: Services, queue: str, *, done: str) -> Response:
    waiting = services.desk.waiting(queue or None, limit=1)
    path = f"/desk/items/{waiting[0].item.id}" if waiting else "/desk"
    query = urlencode([(name, text) for name, text in (("queue", queue), ("done", done)) if text])
    return to(f"{path}?{query}" if query else path)
