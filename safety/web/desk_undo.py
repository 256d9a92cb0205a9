"""Taking decisions back: quietly while nobody was told, and as a decision of its own later."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from safety.domain.errors import UndoTooLate
from safety.web.desk_answers import answer, is_told, refused, who_is
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.desk_work import AnId, Moderator, ModeratorsForm
from safety.web.limits import Limits
from safety.web.services import ServicesDep

_LONGEST_REASON = 500
_BATCH = "batch_"
_LOG = "/desk/decisions"

Named = Annotated[str, Query(alias="id", pattern=r"^[A-Za-z0-9_-]{1,64}$")]
NamedField = Annotated[AnId, Form(alias="id")]


def undo(
    request: Request, services: ServicesDep, session: ModeratorsForm, named: NamedField
) -> Response:
    """Take a decision or a whole batch back, as if it had never been."""
    try:
        undone = services.review.resolving.undo(named, who_is(session))
    except UndoTooLate as error:
        if is_told(request):
            return refused(error)
        return to(f"/desk/reverse?id={named}")
    count = len(undone.resolutions)
    said = "Undone. Nobody was told." if count == 1 else f"{count} undone. Nobody was told."
    then = f"/desk/items/{undone.resolutions[0].item_id}" if count == 1 else "/desk"
    return answer(request, {"said": said, "items": undone.items}, then)


def reverse_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,
    named: Named,
) -> Response:
    """Ask why, before a decision is reversed that took effect."""
    context = {"named": named, "problem": ""}
    return pages().render("reverse.html", context | frame(services, session))


def reverse(
    request: Request,
    services: ServicesDep,
    session: ModeratorsForm,
    named: NamedField,
    reason: Annotated[str, Form(max_length=_LONGEST_REASON)] = "",
) -> Response:
    """Reverse a decision or a whole batch: each anew, with its own message to the platform."""
    who = who_is(session)
    if named.startswith(_BATCH):
        bulk = services.review.bulk.reverse(named, who, reason)
        return answer(request, {"said": f"{bulk.done} reversed."}, _LOG)
    decided = services.review.resolving.reverse(named, who, reason)
    path = f"/desk/items/{decided.item.id}"
    return answer(request, {"said": "Reversed. The platform is told."}, path)


def add_undo(router: APIRouter, limits: Limits) -> None:
    """Put the ways back under the desk."""
    router.post("/undo")(limits.policy("desk.form")(undo))
    router.get("/reverse")(limits.policy("desk.page")(reverse_page))
    router.post("/reverse")(limits.policy("desk.form")(reverse))
