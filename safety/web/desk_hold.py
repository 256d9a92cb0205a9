"""The beat of the desk: what somebody holds, what others hold, who is here, and what waits."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse

from safety.domain.access import Permission, StaffSession
from safety.domain.errors import ItemAlreadyResolved, ItemClaimed, NotFound
from safety.domain.reviews import Reviewer
from safety.web.desk_access import demands_form
from safety.web.desk_answers import answer, who_is
from safety.web.desk_pages import counted
from safety.web.limits import Limits
from safety.web.services import Services, ServicesDep

_MOST_HELD, _MOST_SEEN = 20, 100

ModeratorsForm = Annotated[StaffSession, demands_form(Permission.REVIEW)]
AnItem = Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{0,64}$")]


def pulse(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: ModeratorsForm,
    *,
    queue: Annotated[str, Form(pattern=r"^[\w.:-]{0,64}$")] = "",
    item: AnItem = "",
    hold: Annotated[list[str] | None, Form(max_length=_MOST_HELD)] = None,
    see: Annotated[list[str] | None, Form(max_length=_MOST_SEEN)] = None,
) -> Response:
    """Keep what is worked on, and tell how the desk looks now."""
    who, review = who_is(session), services.review
    kept = hold_some(services, who, hold or ())
    review.queues.here(who, queue=queue, item_id=item)
    now = review.queues.pulse(who, see or ())
    told = {
        "held": kept["held"],
        "holders": {each: name for each, name in now.holders.items() if name != who.name},
        "online": now.online,
        "queues": [
            {
                "name": each.name,
                "waiting": counted(each.waiting),
                "late": counted(each.late) if each.late else "",
            }
            for each in now.queues
        ],
    }
    return JSONResponse(told)


def release(
    request: Request,
    services: ServicesDep,
    session: ModeratorsForm,
    item: Annotated[list[str] | None, Form(max_length=_MOST_HELD)] = None,
) -> Response:
    """Give back what is no longer looked at."""
    services.review.claims.release(item or (), who_is(session))
    return answer(request, {}, "/desk")


def hold_some(services: Services, who: Reviewer, item_ids: Iterable[str]) -> dict[str, Any]:
    """Take what is free of these items: for how many seconds each is held, and who has the rest."""
    wanted = list(dict.fromkeys(each for each in item_ids if each))
    if not wanted:
        return {"held": {}, "taken": {}}
    now, claims = services.clock(), services.review.claims
    held = {each: round(until - now) for each, until in claims.renew(wanted, who).items()}
    missed = []
    for each in wanted:
        if each in held:
            continue
        try:
            held[each] = round(claims.hold(each, who).claimed_until - now)
        except (ItemAlreadyResolved, ItemClaimed, NotFound):
            missed.append(each)
    rows = services.review.queues.rows(missed, who) if missed else ()
    return {"held": held, "taken": {row.item.id: row.holder for row in rows if row.holder}}


def add_hold(router: APIRouter, limits: Limits) -> None:
    """Put the beat under the desk."""
    form = limits.policy("desk.pulse")
    router.post("/pulse")(form(pulse))
    router.post("/release")(form(release))
