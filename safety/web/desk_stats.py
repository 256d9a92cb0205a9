"""Stats: how much work the desk has, how long it takes, and how well people agree."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from safety.domain.access import Permission, StaffSession
from safety.domain.shares import wilson
from safety.review.agreement import Kappa
from safety.review.quality import Agreement, Workload
from safety.store.desk_stats import DAY
from safety.training.charts import column_chart, interval_chart
from safety.web.desk_access import demands, demands_form
from safety.web.desk_answers import who_is
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.services import ServicesDep

HOME: Final = "/desk/stats"
_STRETCHES: Final = (7, 30, 90)
_AGES: Final = ("under 1 h", "1 to 6 h", "6 to 24 h", "1 to 3 d", "3 to 7 d", "over 7 d")

Reader = Annotated[StaffSession, demands(Permission.REVIEW)]
LeadsForm = Annotated[StaffSession, demands_form(Permission.LEAD)]


def stats_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Reader,
    *,
    days: Annotated[int, Query(ge=1, le=365)] = 30,
    people: Annotated[str, Query(pattern="^(yes)?$")] = "",
    said: Annotated[str, Query(max_length=20, pattern="^[a-z_]*$")] = "",
) -> Response:
    """Figures of the last days. Single people only for leads, and only when they ask."""
    who, quality = who_is(session), services.review.quality
    until = services.clock()
    since = (until // DAY - days + 1) * DAY
    is_lead = session.may(Permission.LEAD)
    workload, agreement = quality.workload(since, until), quality.agreement(since, until)
    context: dict[str, Any] = {
        "days": days,
        "stretches": _STRETCHES,
        "workload": workload,
        "agreement": agreement,
        "is_lead": is_lead,
        "people": quality.people(since, until, who) if is_lead and people else None,
        "golden": quality.golden_items(who) if is_lead else (),
        "policies": services.policies(),
        **_charts(workload, agreement),
    }
    shared = frame(services, session, path=HOME, said=said)
    return pages().render("stats/stats.html", context | shared)


def add_golden(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: LeadsForm,
    resolution: Annotated[str, Form(max_length=64)] = "",
    why: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Let a decided item try people out from now on."""
    services.review.quality.make_golden(resolution.strip(), why, who_is(session))
    return RedirectResponse(f"{HOME}?said=golden#golden", status_code=303)


def retire_golden(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: LeadsForm,
    golden: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Show a golden item no more."""
    services.review.quality.retire_golden(golden, who_is(session))
    return RedirectResponse(f"{HOME}?said=golden_gone#golden", status_code=303)


def add_stats(router: APIRouter, limits: Limits) -> None:
    """Put the figures under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/stats")(page(stats_page))
    router.post("/stats/golden")(form(add_golden))
    router.post("/stats/golden/retire")(form(retire_golden))


def _charts(workload: Workload, agreement: Agreement) -> dict[str, Any]:
    names = [_day(day) for day in workload.days]
    by_policy = [each for each in workload.policies if each.policy][:12]
    kappas = list(agreement.by_policy.items())
    return {
        "day_names": names,
        "age_names": _AGES,
        "volume": column_chart(names, list(zip(workload.opened, workload.resolved, strict=True))),
        "decided": column_chart(names, [(number, 0) for number in workload.decided]),
        "ages": column_chart(_AGES, [(number, 0) for number in workload.ages]),
        "overturns": interval_chart(
            [each.policy for each in by_policy],
            [_share(each.reversed, each.resolved) for each in by_policy],
        ),
        "overturned": [(each, wilson(each.reversed, each.resolved)) for each in workload.policies],
        "kappas": kappas,
        "kappa_chart": interval_chart(
            [name for name, _ in kappas], [_bounded(kappa) for _, kappa in kappas]
        ),
    }


def _share(part: int, whole: int) -> tuple[float, float, float] | None:
    interval = wilson(part, whole)
    return None if interval is None else (part / whole, *interval)


def _bounded(kappa: Kappa) -> tuple[float, float, float] | None:
    """Kappa as a chart from 0 to 1 can show it; what is worse than chance stands at 0."""
    if kappa.value is None or kappa.low is None or kappa.high is None:
        return None
    value, low, high = (max(0.0, each) for each in (kappa.value, kappa.low, kappa.high))
    return value, low, high


def _day(number: int) -> str:
    return datetime.fromtimestamp(number * DAY, UTC).strftime("%d %b")
