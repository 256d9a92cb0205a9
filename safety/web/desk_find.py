"""Finding: a search over everything that was decided about, and one account with all of it."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response

from safety.domain.queues import Filter
from safety.web import desk_show as show
from safety.web.desk_answers import answer, who_is
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.desk_work import ItemId, Moderator, ModeratorsForm
from safety.web.limits import Limits
from safety.web.services import ServicesDep

_PAGE_SIZE = 50
_LONGEST_SEARCH = 200
LONGEST_NOTE = 1000

# Control characters are in no name, and some databases refuse to look for them.
_PLAIN = r"^[^\x00-\x1f]*$"
Sought = Annotated[str, Query(alias="q", max_length=_LONGEST_SEARCH, pattern=_PLAIN)]
Tenant = Annotated[str, Query(max_length=100, pattern=_PLAIN)]
ActorId = Annotated[str, Query(alias="id", min_length=1, max_length=256, pattern=_PLAIN)]
NoteText = Annotated[str, Form(alias="text", max_length=LONGEST_NOTE)]


def search_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,
    sought: Sought = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """Decisions by text, handle, domain, fingerprint, address or id, the latest first."""
    text = sought.strip()
    found = None
    if text:
        found = services.review.search(text, who_is(session), before=before, limit=_PAGE_SIZE)
    older = found.next_before if found else None
    context = show.around(session, Filter()) | {
        "sought": text,
        "found": found,
        "older": "?" + urlencode({"q": text, "before": older}) if older else "",
    }
    return pages().render("search.html", context | frame(services, session, path="/desk/search"))


def account_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,
    tenant: Tenant,
    actor_id: ActorId,
) -> Response:
    """Everything that is known about one account."""
    actor = services.review.actors.panel(tenant, actor_id, who_is(session))
    context = show.around(session, Filter()) | {
        "whole": True,
        "actor": actor,
        "policies": services.policies(),
    }
    return pages().render("account.html", context | frame(services, session))


def note_about(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: ModeratorsForm,
    tenant: Annotated[str, Form(max_length=100, pattern=_PLAIN)],
    actor_id: Annotated[str, Form(alias="id", min_length=1, max_length=256, pattern=_PLAIN)],
    *,
    text: NoteText = "",
) -> Response:
    """Keep a note about an account."""
    services.review.actors.note(tenant, actor_id, text, who_is(session))
    return to("/desk/account?" + urlencode({"tenant": tenant, "id": actor_id}))


def note_at(
    request: Request,
    services: ServicesDep,
    session: ModeratorsForm,
    item_id: ItemId,
    text: NoteText = "",
) -> Response:
    """Keep a note about the account behind an item."""
    item = services.review.items.open(item_id, who_is(session)).view.item
    services.review.actors.note(item.tenant, item.actor_id, text, who_is(session))
    return answer(request, {"said": "The note is kept."}, f"/desk/items/{item_id}")


def remove_note(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: ModeratorsForm,
    item_id: ItemId,
    tenant: Annotated[str, Form(max_length=100, pattern=_PLAIN)] = "",
    *,
    actor_id: Annotated[str, Form(alias="id", max_length=256, pattern=_PLAIN)] = "",
) -> Response:
    """Take a note away: one's own, or as a lead."""
    services.review.actors.remove_note(item_id, who_is(session))
    return to("/desk/account?" + urlencode({"tenant": tenant, "id": actor_id}))


def add_find(router: APIRouter, limits: Limits) -> None:
    """Put search and accounts under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/search")(page(search_page))
    router.get("/account")(page(account_page))
    router.post("/account/note")(form(note_about))
    router.post("/notes/{item_id}/remove")(form(remove_note))
    router.post("/items/{item_id}/note")(form(note_at))
