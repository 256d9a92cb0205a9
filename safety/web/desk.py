"""The desk's endpoints: a person signs in, sees what waits, opens an item and decides."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from slowapi import Limiter

from safety.accounts.staff import is_form_token
from safety.domain.access import StaffSession
from safety.domain.errors import (
    Forbidden,
    InvalidInput,
    ItemAlreadyResolved,
    NotFound,
    SafetyError,
    Unauthenticated,
)
from safety.domain.reviews import Action
from safety.review.desk import LONGEST_NOTE
from safety.web import desk_show as show
from safety.web.desk_guard import (
    SIGN_IN,
    DeskRoute,
    clear_cookie,
    cookie_token,
    refuse_other_sites,
    set_cookie,
)
from safety.web.desk_pages import pages
from safety.web.limits import LIMITS
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


def _signed_in(request: Request, services: ServicesDep) -> StaffSession:
    return services.staff.session(cookie_token(request))


Session = Annotated[StaffSession, Depends(_signed_in)]


def _own_form(
    request: Request, session: Session, csrf: Annotated[str, Form(max_length=100)] = ""
) -> StaffSession:
    """The session of somebody who sent a form that the desk made for them."""
    refuse_other_sites(request)
    if not is_form_token(session, csrf):
        raise Forbidden("This form is from another session. Nothing was done.")
    return session


OwnForm = Annotated[StaffSession, Depends(_own_form)]


def sign_in_page(token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """A button that spends the link. Looking at the page does not: mail programs look, too."""
    return pages().render("sign_in.html", {"token": token, "problem": ""})


def sign_in(
    request: Request, services: ServicesDep, token: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Spend the link, start a session, and go to the queue under a clean address."""
    refuse_other_sites(request)
    try:
        signed_in = services.staff.sign_in(token, previous=cookie_token(request))
    except Unauthenticated as error:
        context = {"token": "", "problem": error.detail}
        return pages().render("sign_in.html", context, HTTPStatus.FORBIDDEN)
    answer = RedirectResponse("/desk", HTTPStatus.SEE_OTHER)
    set_cookie(request, answer, signed_in.token)
    return answer


def sign_out(request: Request, services: ServicesDep, session: OwnForm) -> Response:
    """End the session."""
    services.staff.sign_out(session)
    answer = RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
    clear_cookie(request, answer)
    return answer


def queue_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Session,
    where: Where,
    after: SeenItem = "",
) -> Response:
    """What waits, worst first."""
    waiting = services.desk.waiting(where.queue or None, after=after or None, limit=PAGE_SIZE)
    context = show.queue_context(services.desk, waiting, where.queue, page_size=PAGE_SIZE)
    return pages().render("queue.html", context | _frame(services, session, where.done))


def item_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Session,
    item_id: ItemId,
    where: Where,
) -> Response:
    """One item with everything a person needs to judge it."""
    return _item_answer(services, session, item_id, where.queue, done=where.done)


def next_item(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Session,  # noqa: ARG001 -- only for staff
    where: Where,
) -> Response:
    """Go to the item that should be looked at first."""
    return _to_next(services, where.queue, done="")


def resolve(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: OwnForm,
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
    version: Annotated[str, Path(max_length=64)], name: Annotated[str, Path(max_length=64)]
) -> Response:
    """A static file; its address changes with its content, so it may be kept for ever."""
    file = pages().files.get(name)
    if file is None or version != pages().version:
        raise NotFound
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(file.content, media_type=file.media_type, headers=kept)


def desk_router(limiter: Limiter) -> APIRouter:
    """The desk under `/desk`. The limiter wraps the plain endpoints, inside their routes."""
    router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
    page, form = limiter.limit(LIMITS["desk.page"]), limiter.limit(LIMITS["desk.form"])
    entry = limiter.limit(LIMITS["desk.sign_in"])
    router.get("/sign-in")(sign_in_page)
    router.post("/sign-in")(entry(sign_in))
    router.post("/sign-out")(form(sign_out))
    router.get("")(page(queue_page))
    router.get("/next")(page(next_item))
    router.get("/items/{item_id}")(page(item_page))
    router.post("/items/{item_id}/resolve")(form(resolve))
    router.get("/static/{version}/{name}")(static)
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
    return pages().render("item.html", context | said | _frame(services, session, done), status)


def _frame(services: Services, session: StaffSession, done: str) -> dict[str, object]:
    """What surrounds every page: who is here, what is wrong, and what was just decided."""
    return {
        "session": session,
        "now": services.clock(),
        "troubles": show.troubles(services.ruleset_error(), services.health.report().problems),
        "flash": show.flash(services.desk, services.policies(), done, session.staff),
    }


def _to_next(services: Services, queue: str, *, done: str) -> Response:
    waiting = services.desk.waiting(queue or None, limit=1)
    path = f"/desk/items/{waiting[0].item.id}" if waiting else "/desk"
    query = urlencode([(name, text) for name, text in (("queue", queue), ("done", done)) if text])
    return RedirectResponse(f"{path}?{query}" if query else path, HTTPStatus.SEE_OTHER)
