"""What somebody does about one item: decide, pass it on, put it off, take it back."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response

from safety.domain.access import Permission, StaffSession
from safety.domain.errors import InvalidInput, ItemAlreadyResolved, ItemClaimed, SafetyError
from safety.domain.queues import Filter
from safety.domain.reviews import Act, Action
from safety.review.values import Choice, Decided
from safety.web import desk_show as show
from safety.web.desk_access import demands, demands_form
from safety.web.desk_answers import (
    answer,
    is_told,
    problem_of,
    refused,
    view_of,
    who_is,
    with_query,
)
from safety.web.desk_frame import frame
from safety.web.desk_hold import hold_some
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.services import Services, ServicesDep

LONGEST_MESSAGE = 2000
LONGEST_NOTE = 1000
_LONGEST_WAIT = 400 * 86_400

ItemId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
AnId = Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
SeenItem = Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{0,64}$")]
Version = Annotated[int, Form(ge=0, le=2**31 - 1)]
Back = Annotated[str, Form(max_length=2000)]
Seconds = Annotated[str, Form(pattern=r"^\d{0,8}$")]
Moderator = Annotated[StaffSession, demands(Permission.REVIEW)]
ModeratorsForm = Annotated[StaffSession, demands_form(Permission.REVIEW)]
Ids = Annotated[list[str], Form(max_length=5)]


@dataclass(frozen=True, slots=True)
class ChoiceForm:
    """What the form of an item says. Empty texts say nothing; times are in seconds."""

    action: Annotated[list[Action], Form(min_length=1, max_length=len(Action))]
    policy: Annotated[str, Form(max_length=100)] = ""
    note: Annotated[str, Form(max_length=LONGEST_NOTE)] = ""
    message: Annotated[str, Form(max_length=LONGEST_MESSAGE)] = ""
    label: Annotated[str, Form(max_length=64)] = ""
    lasts: Seconds = ""
    delay: Seconds = ""
    spread: Seconds = ""

    def choice(self, version: int, now: float) -> Choice:
        """The same in the words of the review rooms."""
        acts = tuple(self._act(each) for each in dict.fromkeys(self.action))
        return Choice(
            acts=acts,
            version=version,
            note=self.note,
            message=self.message or None,
            begins_at=now + _bounded(self.delay) if self.delay else None,
            spread=_bounded(self.spread),
        )

    def _act(self, action: Action) -> Act:
        policy = None if action is Action.KEEP else self.policy or None
        label = self.label if action is Action.LABEL else ""
        lasts = _bounded(self.lasts) if action.restricts and self.lasts else None
        return Act(action, policy, label, lasts)


@dataclass(frozen=True, slots=True)
class About:
    """The item as it was seen, and where the person came from. `hold` is what they look at next."""

    version: Version
    back: Back = ""
    key: Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    hold: Ids | None = None

    @property
    def view(self) -> Filter:
        """The filter that the person works under."""
        return view_of(self.back)


Chosen = Annotated[ChoiceForm, Depends()]
Seen = Annotated[About, Depends()]


def resolve(
    request: Request,
    services: ServicesDep,
    session: ModeratorsForm,
    item_id: ItemId,
    *,
    chosen: Chosen,
    about: Seen,
) -> Response:
    """Decide, then go on with the next item."""
    who, choice = who_is(session), chosen.choice(about.version, services.clock())
    try:
        decided = services.review.resolving.decide(item_id, choice, who, key=about.key)
    except (InvalidInput, ItemAlreadyResolved, ItemClaimed) as error:
        if is_told(request):
            return refused(error, by=_first(services, session, item_id, error))
        return item_answer(services, session, item_id, about.view, error=error, note=chosen.note)
    if not is_told(request):
        return answer(request, {}, next_path(services, session, about.view, done=item_id))
    said = {"said": show.said_of(services, decided.resolution)} | _undo(services, decided)
    return answer(request, said | hold_some(services, who, about.hold or ()), "")


def decide_page(
    request: Request,
    services: ServicesDep,
    session: Moderator,
    item_id: ItemId,
) -> Response:
    """Everything that can be done about an item, for browsers without scripts."""
    view = view_of(request.url.query)
    context = show.item_context(services, session, item_id, view)
    return pages().render("decide.html", context | frame(services, session))


def skip(
    request: Request,
    services: ServicesDep,
    session: ModeratorsForm,
    item_id: ItemId,
    about: Seen,
) -> Response:
    """Leave an item to others."""
    who = who_is(session)
    services.review.moves.skip(item_id, who)
    held = hold_some(services, who, about.hold or ()) if is_told(request) else {}
    then = next_path(services, session, about.view, skipped=item_id)
    return answer(request, {"said": "Skipped."} | held, then)


def snooze(
    request: Request,
    services: ServicesDep,
    session: ModeratorsForm,
    item_id: ItemId,
    *,
    about: Seen,
    lasts: Annotated[int, Form(ge=60, le=_LONGEST_WAIT)],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Put an item off."""
    until = services.clock() + lasts
    services.review.moves.snooze(item_id, until, who_is(session), about.version, reason=reason)
    undo = {"path": f"/desk/items/{item_id}/wake"}
    then = next_path(services, session, about.view)
    return answer(request, {"said": "Put off.", "undo": undo}, then)


def wake(
    request: Request, services: ServicesDep, session: ModeratorsForm, item_id: ItemId
) -> Response:
    """Have an item that was put off wait again."""
    services.review.moves.wake(item_id, who_is(session))
    return answer(request, {"said": "It waits again."}, f"/desk/items/{item_id}")


def escalate(
    request: Request,
    services: ServicesDep,
    session: ModeratorsForm,
    item_id: ItemId,
    *,
    about: Seen,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Pass an item on to somebody with more experience."""
    who, moves = who_is(session), services.review.moves
    item = moves.escalate(item_id, reason, who, about.version)
    moves.skip(item_id, who)  # it comes first now, and not to whoever passed it on
    then = next_path(services, session, about.view)
    return answer(request, {"said": f"Escalated to {item.queue}."}, then)


def see(
    request: Request, services: ServicesDep, session: ModeratorsForm, item_id: ItemId
) -> Response:
    """Show how an item was decided to somebody who then may not judge it anew."""
    services.review.asked.decline(item_id, who_is(session))
    return answer(request, {"said": "You will not be asked about it."}, f"/desk/items/{item_id}")


def add_work(router: APIRouter, limits: Limits) -> None:
    """Put what is done about one item under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/items/{item_id}/decide")(page(decide_page))
    for name, endpoint in (
        ("resolve", resolve), ("skip", skip), ("snooze", snooze), ("wake", wake),
        ("escalate", escalate), ("see", see),
    ):  # fmt: skip
        router.post(f"/items/{{item_id}}/{name}")(form(endpoint))


def item_answer(
    services: Services,
    session: StaffSession,
    item_id: str,
    view: Filter,
    *,
    done: str = "",
    error: SafetyError | None = None,
    note: str = "",
) -> Response:
    """An item's page; after an error, with what was wrong and the note that was written."""
    context = show.item_context(services, session, item_id, view, alone=True)
    said = {"problem": problem_of(error) if error else "", "note": note}
    status = error.status if error else HTTPStatus.OK
    around = frame(services, session, done=done)
    is_shown_again = isinstance(error, InvalidInput)
    template = "decide.html" if is_shown_again else "item.html"
    return pages().render(template, context | said | around, status)


def next_path(
    services: Services, session: StaffSession, view: Filter, *, done: str = "", skipped: str = ""
) -> str:
    """Where somebody goes on: the next item, or the list when there is none."""
    found = services.review.items.next(who_is(session), view, skip=[skipped] if skipped else [])
    return with_query(f"/desk/items/{found}" if found else "/desk", view, done=done)


def _undo(services: Services, decided: Decided) -> dict[str, Any]:
    seconds = max(0, round(decided.undo_until - services.clock()))
    undo = {"path": "/desk/undo", "id": decided.resolution.id, "seconds": seconds, "reverse": True}
    return {"undo": undo, "version": decided.item.version}


def _first(services: Services, session: StaffSession, item_id: str, error: SafetyError) -> str:
    """Who was first or has it, as a list says it; empty when it was something else."""
    if isinstance(error, InvalidInput):
        return ""
    rows = services.review.queues.rows([item_id], who_is(session))
    if not rows:
        return ""
    first, holder = rows[0].resolution, rows[0].holder
    return f"{first.moderator}: {first.action.past}" if first else f"◔ {holder}" if holder else ""


def _bounded(seconds: str) -> float:
    return float(min(int(seconds or 0), _LONGEST_WAIT))
