"""How somebody has set the desk for themselves: their keys, the veil, and pauses."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from safety.domain.access import StaffSession
from safety.web.desk_access import Anybody, AnybodysForm
from safety.web.desk_answers import answer, who_is
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_keymap import KEYS, Keymap, remapped
from safety.web.desk_pages import pages
from safety.web.desk_preferences import (
    LONGEST_STRETCH,
    MOST_HARD_ITEMS,
    Preferences,
    Veil,
    preferences_of,
)
from safety.web.desk_work import ModeratorsForm
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.services import Services, ServicesDep

_HOME = "/desk/settings"
_VEILS = (
    (Veil.HARD, "what a policy or a queue says is hard to look at"),
    (Veil.ALL, "every text, until you ask for it"),
    (Veil.NONE, "nothing"),
)

Names = Annotated[list[str] | None, Form(max_length=2 * len(KEYS))]


def settings_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Anybody,
    said: Said = "",
) -> Response:
    """What somebody prefers."""
    return _page(services, session, preferences_of(services, session), said=said)


def set_keys(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnybodysForm,
    *,
    does: Names = None,
    pressed: Names = None,
    on: Annotated[str, Form(pattern="^(yes)?$")] = "",
) -> Response:
    """Put keys where somebody wants them."""
    wanted = dict(zip(does or (), pressed or (), strict=False))
    changed, problems = remapped(wanted)
    old = preferences_of(services, session)
    new = replace(old, keymap=Keymap(are_on=on == "yes", changed=changed))
    if problems:
        return _page(services, session, new, problem=" ".join(problems))
    services.staff.own.prefer(session, new.kept())
    return to(f"{_HOME}?said=keys")


def switch_keys(
    request: Request,
    services: ServicesDep,
    session: AnybodysForm,
    on: Annotated[str, Form(pattern="^(yes)?$")] = "",
) -> Response:
    """Switch single keys on or off."""
    new = preferences_of(services, session).with_keys(are_on=on == "yes")
    services.staff.own.prefer(session, new.kept())
    return answer(request, {}, f"{_HOME}?said=keys")


def set_care(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnybodysForm,
    *,
    veil: Annotated[Veil, Form()],
    budget: Annotated[int, Form(ge=0, le=MOST_HARD_ITEMS)],
    stretch: Annotated[int, Form(ge=0, le=LONGEST_STRETCH)],
) -> Response:
    """What is veiled, and when a pause is suggested."""
    old = preferences_of(services, session)
    new = replace(old, veil=veil, budget=budget, stretch=stretch)
    services.staff.own.prefer(session, new.kept())
    return to(f"{_HOME}?said=care")


def pause_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: ModeratorsForm,
) -> Response:
    """Give everything back, and show nothing for a while."""
    services.review.claims.release_all(who_is(session))
    return pages().render("pause.html", frame(services, session))


def add_settings(router: APIRouter, limits: Limits) -> None:
    """Put one's own settings under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/settings")(page(settings_page))
    router.post("/settings/keys")(form(set_keys))
    router.post("/settings/keys-on")(form(switch_keys))
    router.post("/settings/care")(form(set_care))
    router.post("/pause")(form(pause_page))


def _page(
    services: Services,
    session: StaffSession,
    preferences: Preferences,
    *,
    problem: str = "",
    said: str = "",
) -> Response:
    context = {
        "preferences": preferences,
        "chosen": preferences.keymap,
        "veils": _VEILS,
        "problem": problem,
        "most_hard": MOST_HARD_ITEMS,
        "longest_stretch": LONGEST_STRETCH,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    around = frame(services, session, path=_HOME, said=said)
    return pages().render("settings.html", context | around, status)
