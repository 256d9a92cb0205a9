"""How the queues are set, the views that people keep, and the policies as moderators see them."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response

from safety.domain.access import Permission, Role, StaffSession
from safety.domain.errors import InvalidInput
from safety.domain.queues import QueueSettings
from safety.domain.reviews import Action, Band
from safety.web.desk_access import demands, demands_form
from safety.web.desk_answers import problem_of, view_of, who_is, with_query
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.desk_work import Back, ItemId, Moderator, ModeratorsForm
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.services import Services, ServicesDep

_HOME = "/desk/queues"
_MINUTE = 60.0
_MOST_NAMES = 4000

Lead = Annotated[StaffSession, demands(Permission.LEAD)]
LeadsForm = Annotated[StaffSession, demands_form(Permission.LEAD)]
QueueName = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Minutes = Annotated[list[float], Form(min_length=len(Band), max_length=len(Band))]
ANoYes = Annotated[str, Form(pattern="^(yes)?$")]


def queues_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Lead,
    said: Said = "",
) -> Response:
    """Every queue: who may see it, how soon it promises a look, what may be done."""
    return _page(services, session, said=said)


def set_queue(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: LeadsForm,
    name: QueueName,
    *,
    sla: Minutes,
    title: Annotated[str, Form(max_length=60)] = "",
    roles: Annotated[list[Role] | None, Form()] = None,
    members: Annotated[str, Form(max_length=_MOST_NAMES)] = "",
    actions: Annotated[list[Action] | None, Form()] = None,
    veiled: ANoYes = "",
    escalates_to: Annotated[str, Form(max_length=64)] = "",
    claims: Annotated[int, Form(ge=0, le=1000)] = 5,
) -> Response:
    """Set one of them."""
    settings = QueueSettings(
        name=name,
        title=title,
        roles=frozenset(roles or ()),
        members=frozenset(members.lower().replace(",", " ").split()),
        sla={band: minutes * _MINUTE for band, minutes in zip(Band, sla, strict=True)},
        actions=frozenset(actions or ()),
        is_veiled=veiled == "yes",
        escalates_to=escalates_to.strip(),
        claims=claims,
    )
    try:
        services.review.queues.put(settings, by=who_is(session))
    except InvalidInput as error:
        return _page(services, session, error=error)
    return to(f"{_HOME}?said=queue")


def keep_view(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: ModeratorsForm,
    name: Annotated[str, Form(max_length=60)] = "",
    back: Back = "",
    *,
    shared: ANoYes = "",
) -> Response:
    """Keep the filter that is in force under a name."""
    view = view_of(back)
    services.review.filters.save(name, view, who_is(session), is_shared=shared == "yes")
    return to(with_query("/desk", view))


def remove_view(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: ModeratorsForm,
    item_id: ItemId,
) -> Response:
    """Forget a kept filter."""
    services.review.filters.remove(item_id, who_is(session))
    return to("/desk")


def policies_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Moderator,
) -> Response:
    """The policies: what each says, what the user reads, what breaking it costs."""
    context = {"policies": services.policies()}
    return pages().render(
        "policies.html", context | frame(services, session, path="/desk/policies")
    )


def add_queues(router: APIRouter, limits: Limits) -> None:
    """Put queues, views and policies under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/queues")(page(queues_page))
    router.post("/queues/{name}")(form(set_queue))
    router.post("/filters")(form(keep_view))
    router.post("/filters/{item_id}/remove")(form(remove_view))
    router.get("/policies")(page(policies_page))


def _page(
    services: Services,
    session: StaffSession,
    *,
    said: str = "",
    error: InvalidInput | None = None,
) -> Response:
    context = {
        "settings": services.review.queues.settings(who_is(session)),
        "bands": tuple(reversed(Band)),
        "all_bands": tuple(Band),
        "all_roles": [each for each in Role if each.may(Permission.REVIEW)],
        "all_actions": tuple(Action),
        "problem": problem_of(error) if error else "",
    }
    around = frame(services, session, path=_HOME, said=said)
    return pages().render("queues.html", context | around, error.status if error else HTTPStatus.OK)
