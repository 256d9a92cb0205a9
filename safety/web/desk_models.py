"""The pages about models: what is live, how good it is, at which threshold, and how it drifts."""

import json
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request, Response

from safety.classifiers.holdout import costs_of
from safety.decisions.model_versions import By
from safety.domain.access import Permission, StaffSession
from safety.domain.errors import NotFound, SafetyError
from safety.training.comparison import Comparison
from safety.training.desk_evidence import DeskEvidence
from safety.training.promoting import Promoting
from safety.web import desk_model_show as show
from safety.web import desk_model_tuning as tuned
from safety.web.desk_access import demands, demands_form
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.services import Services, ServicesDep

_HOME = "/desk/models"

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Version = Annotated[str, Form(pattern=r"^[0-9]{1,9}$")]
AnyVersion = Annotated[str, Form(pattern=r"^[0-9]{0,9}$")]
Why = Annotated[str, Form(max_length=500, pattern=r"^[^\x00]*$")]
Looker = Annotated[StaffSession, demands(Permission.MODELS)]
KeepersForm = Annotated[StaffSession, demands_form(Permission.MODELS, is_dangerous=True)]


def models_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Looker,
    said: Said = "",
) -> Response:
    """Every model: what is live, how good it is, and whether it drifts."""
    context = {"models_shown": _showing(services).models(), "prevalence": show.PREVALENCE}
    context |= frame(services, session, path=_HOME, said=said)
    return pages().render("models/list.html", context)


def model_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Looker,
    name: Name,
    *,
    version: Annotated[str, Query(pattern=r"^[0-9]{0,9}$")] = "",
    threshold: Annotated[float | None, Query(gt=0, lt=1)] = None,
    prevalence: Annotated[float, Query(ge=0.0001, le=0.9999)] = show.PREVALENCE,
    said: Said = "",
) -> Response:
    """One version of a model, at a threshold that may be tried."""
    tried = (version, threshold, prevalence)
    return _model(services, session, name, tried, said=said)


def compare_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Looker,
    name: Name,
    version: Annotated[str, Query(pattern=r"^[0-9]{1,9}$")],
) -> Response:
    """A version beside the live one, and the way to make it live."""
    return _compared(services, session, name, version)


def promote(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: KeepersForm,
    name: Name,
    version: Version,
    *,
    why: Why = "",
    force: Annotated[str, Form(pattern="^(yes)?$")] = "",
) -> Response:
    """Make a version live, if the comparison does not speak against it or somebody insists."""
    promoting = _promoting(services)
    found = promoting.compare(name, version)
    try:
        promoting.promote(found, By(session.staff, why), is_forced=force == "yes")
    except SafetyError as error:
        return _compared(services, session, name, version, error=error)
    return to(f"{_HOME}/{name}?said=modellive")


def shadow(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: KeepersForm,
    name: Name,
    *,
    version: AnyVersion = "",
    why: Why = "",
) -> Response:
    """Score a version beside the live one, or none."""
    try:
        services.models.shadow(name, version, By(session.staff, why))
    except SafetyError as error:
        return _model(services, session, name, error=error)
    return to(f"{_HOME}/{name}?said={'modelshadow' if version else 'modelnoshadow'}")


def roll_back(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: KeepersForm,
    name: Name,
    why: Why = "",
) -> Response:
    """Go back to the version before."""
    try:
        services.models.roll_back(name, By(session.staff, why))
    except SafetyError as error:
        return _model(services, session, name, error=error)
    return to(f"{_HOME}/{name}?said=modelback")


def set_threshold(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: KeepersForm,
    name: Name,
    version: Version,
    *,
    threshold: Annotated[float, Form(gt=0, lt=1)],
    why: Why = "",
    prevalence: Annotated[float, Form(ge=0.0001, le=0.9999)] = show.PREVALENCE,
) -> Response:
    """Set what rules read as the model's threshold, while this version is live."""
    by, basis = By(session.staff, why), {"page": "slider", "prevalence": prevalence}
    try:
        services.models.set_threshold(name, version, threshold, by, basis=basis)
    except SafetyError as error:
        return _model(services, session, name, (version, None, prevalence), error=error)
    return to(f"{_HOME}/{name}?version={version}&said=modelthreshold")


def drop_threshold(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: KeepersForm,
    name: Name,
    version: Version,
    *,
    why: Why = "",
) -> Response:
    """Go back to the threshold of the card."""
    try:
        services.models.drop_threshold(name, version, By(session.staff, why))
    except SafetyError as error:
        return _model(services, session, name, (version, None, show.PREVALENCE), error=error)
    return to(f"{_HOME}/{name}?version={version}&said=modelcard")


def add_models(router: APIRouter, limits: Limits) -> None:
    """Put the endpoints about models under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/models")(page(models_page))
    router.get("/models/{name}")(page(model_page))
    router.get("/models/{name}/compare")(page(compare_page))
    router.post("/models/{name}/promote")(form(promote))
    router.post("/models/{name}/shadow")(form(shadow))
    router.post("/models/{name}/rollback")(form(roll_back))
    router.post("/models/{name}/threshold")(form(set_threshold))
    router.post("/models/{name}/threshold/drop")(form(drop_threshold))


def _model(
    services: Services,
    session: StaffSession,
    name: str,
    tried: tuple[str, float | None, float] = ("", None, show.PREVALENCE),
    *,
    said: str = "",
    error: SafetyError | None = None,
) -> Response:
    showing = _showing(services)
    version, threshold, prevalence = tried
    rows = showing.versions(name)
    if not rows:
        raise NotFound
    shown = version or showing.live(name) or rows[0].version
    card = services.models.card(name, shown)
    in_force, own = services.models.threshold(name, shown)
    calibration, bins = tuned.reliability(card)
    answers = showing.calibration(name, shown)
    drifting = showing.drifting(name, shown, card)
    tuning = tuned.tuning(card, in_force if threshold is None else threshold, prevalence)
    context: dict[str, Any] = {
        "name": name,
        "shown": next((row for row in rows if row.version == shown), rows[0]),
        "versions": rows,
        "pointer": showing.pointer(name),
        "card": card.content,
        "in_force": in_force,
        "own": own,
        "prevalence": prevalence,
        "tuning": tuning,
        "points": json.dumps(tuning.points) if tuning else "",
        "costs": costs_of(card.content),
        "calibration": calibration,
        "bins": bins,
        "answers": answers,
        "answered": tuned.measured(answers["all"]) if "all" in answers else None,
        "drifting": drifting,
        "pairs": len(showing.shadow_pairs(name, shown)) if rows else 0,
        "known_failures": tuned.texts(card.content.get("known_failures")),
        "sources": _sources(card.content.get("sources")),
        "changes": [(each, json.loads(each.details)) for each in showing.history(name)],
        "problem": error.detail if error else "",
    }
    context |= frame(services, session, path=_HOME, said=said)
    status = error.status if error else HTTPStatus.OK
    return pages().render("models/model.html", context, status)


def _compared(
    services: Services,
    session: StaffSession,
    name: str,
    version: str,
    *,
    error: SafetyError | None = None,
) -> Response:
    found: Comparison = _promoting(services).compare(name, version)
    context = {
        "name": name,
        "version": version,
        "found": found,
        "problem": error.detail if error else "",
    }
    context |= frame(services, session, path=_HOME)
    status = error.status if error else HTTPStatus.OK
    return pages().render("models/compare.html", context, status)


def _sources(found: object) -> list[dict[str, str]]:
    """The lines of a card about its sources, as texts."""
    lines = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    names = ("source", "licence", "rows", "language")
    return [{name: str(each.get(name, "")) for name in names} for each in lines]


def _showing(services: Services) -> show.Showing:
    return show.Showing(services.models, services.models.engine, services.clock())


def _promoting(services: Services) -> Promoting:
    evidence = DeskEvidence(services.models.engine, services.explainer.prepared, services.clock)
    return Promoting(services.models, evidence)
