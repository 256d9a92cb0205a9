"""Many items decided at once: a preview of what it would do, one decision, what came of each."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response

from safety.domain.access import StaffSession
from safety.domain.errors import InvalidInput, NotFound
from safety.domain.reviews import Act, Action
from safety.review.values import Bulk, Choice, QueueRow
from safety.web import desk_show as show
from safety.web.desk_answers import problem_of, view_of, who_is
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.desk_work import Back, Chosen, ItemId, Moderator, ModeratorsForm
from safety.web.limits import Limits
from safety.web.services import Services, ServicesDep

MOST_AT_ONCE = 200

Items = Annotated[list[str] | None, Form(max_length=MOST_AT_ONCE)]


def similar_page(
    request: Request, services: ServicesDep, session: Moderator, item_id: ItemId
) -> Response:
    """An item and everything that says nearly the same."""
    cluster = services.review.items.cluster(item_id, who_is(session), limit=MOST_AT_ONCE)
    rows = [row for row in cluster.rows if not row.resolution]
    title = f"{cluster.total} that say nearly the same, by {cluster.accounts} accounts"
    context = _chosen(services, session, rows, request.url.query)
    return _page(services, session, context | {"title": title})


def many_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: ModeratorsForm,
    item: Items = None,
    back: Back = "",
) -> Response:
    """What was selected, before it is decided."""
    rows = services.review.queues.rows(item or (), who_is(session))
    if not rows:
        raise NotFound("Nothing was selected. Go back and choose some items.")
    context = _chosen(services, session, list(rows), back)
    return _page(services, session, context | {"title": f"{len(rows)} selected"})


@dataclass(frozen=True, slots=True)
class Selection:
    """The items that are decided at once; the same `key` again decides nothing twice."""

    item: Items = None
    back: Back = ""
    key: Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""


Selected = Annotated[Selection, Depends()]


def decide_many(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: ModeratorsForm,
    chosen: Chosen,
    selected: Selected,
) -> Response:
    """Decide about all of them, as one thing that can be undone."""
    choice = chosen.choice(0, services.clock())
    return _decided(services, session, choice, selected)


def keep_many(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: ModeratorsForm,
    selected: Selected,
) -> Response:
    """Say that nothing is wrong with any of them, whatever else the form says."""
    return _decided(services, session, Choice((Act(Action.KEEP),)), selected)


def add_many(router: APIRouter, limits: Limits) -> None:
    """Put what is done about many items under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/items/{item_id}/similar")(page(similar_page))
    router.post("/many")(form(many_page))
    router.post("/many/resolve")(form(decide_many))
    router.post("/many/keep")(form(keep_many))


def _decided(
    services: Services, session: StaffSession, choice: Choice, selected: Selection
) -> Response:
    who, wanted = who_is(session), selected.item or ()
    try:
        bulk = services.review.bulk.decide(wanted, choice, who, key=selected.key)
    except InvalidInput as error:
        rows = list(services.review.queues.rows(wanted, who))
        context = _chosen(services, session, rows, selected.back)
        said = {"title": f"{len(rows)} selected", "problem": problem_of(error), "note": choice.note}
        return _page(services, session, context | said, error.status)
    return _results(services, session, bulk, selected.back)


def _chosen(
    services: Services, session: StaffSession, rows: list[QueueRow], back: str
) -> dict[str, Any]:
    preview = services.review.bulk.preview([row.item.id for row in rows], who_is(session))
    policies = services.policies()
    cited = max(preview.policies, key=lambda each: preview.policies[each], default="")
    return show.form_context(services, session, view_of(back), suggested=cited) | {
        "rows": rows,
        "preview": preview,
        "titles": {each: policies[each].title for each in preview.policies if each in policies},
        "key": services.new_id("key"),
    }


def _results(services: Services, session: StaffSession, bulk: Bulk, back: str) -> Response:
    who = who_is(session)
    found = services.review.queues.rows([each.item_id for each in bulk.rows], who)
    rows = {row.item.id: row for row in found}
    left = max(0, round(bulk.undo_until - services.clock()))
    context = show.form_context(services, session, view_of(back)) | {
        "bulk": bulk,
        "rows": rows,
        "seconds": left,
    }
    return pages().render("many_done.html", context | frame(services, session))


def _page(
    services: Services,
    session: StaffSession,
    context: dict[str, Any],
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    return pages().render("many.html", context | frame(services, session), status)
