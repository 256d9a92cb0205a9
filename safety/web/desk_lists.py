"""The pages of lists: what is on them, how often it decided, and adding and removing in numbers."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from safety.decisions.steering.list_keeping import LONGEST_REASON, MOST_AT_ONCE, Addition
from safety.domain.access import StaffSession
from safety.domain.errors import InvalidInput, NotFound, SafetyError
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.desk_rules import Analyst, AnalystsForm, Text
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.services import Services, ServicesDep

HOME = "/desk/lists"
_PAGE_SIZE = 200
_MOST_BYTES = 1 << 20
_DAY = 86_400.0
# How long an entry counts, by what the form calls it; None is until it is removed.
_LASTS = {
    "1d": _DAY,
    "7d": 7 * _DAY,
    "30d": 30 * _DAY,
    "90d": 90 * _DAY,
    "365d": 365 * _DAY,
    "ever": None,
}

ListName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Value = Annotated[str, Form(max_length=500)]


def lists_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,
    said: Said = "",
) -> Response:
    """Every list."""
    context: dict[str, object] = {"lists": services.steering.lists.all()}
    context |= frame(services, session, path=HOME, said=said)
    return pages().render("rules/lists.html", context)


def list_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,
    name: ListName,
    *,
    q: Text = "",
    page: Annotated[int, Query(ge=1, le=1_000)] = 1,
    value: Text = "",
    said: Said = "",
) -> Response:
    """One list; `value` stands ready to be added."""
    return _list(services, session, name, shown=(q, page), values=value, said=said)


def add_values(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsForm,
    name: ListName,
    *,
    lasts: Annotated[Literal["1d", "7d", "30d", "90d", "365d", "ever"], Form()],
    values: Annotated[str, Form(max_length=_MOST_BYTES)] = "",
    file: Annotated[UploadFile | None, File()] = None,
    reason: Annotated[str, Form(max_length=LONGEST_REASON, pattern=r"^[^\x00]*$")] = "",
) -> Response:
    """Put values on the list, one a line, written down or from a file."""
    lines = f"{values}\n{_read(file)}"
    wish = Addition(name, lines, reason, session.staff, _LASTS[lasts])
    try:
        services.steering.lists.add(wish)
    except InvalidInput as error:
        return _list(services, session, name, values=values, reason=reason, error=error)
    return to(f"{HOME}/{name}?said=listed")


def remove_values(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsForm,
    name: ListName,
    value: Annotated[Sequence[Value], Form(max_length=_PAGE_SIZE)] = (),
) -> Response:
    """Take the chosen values off the list."""
    services.steering.lists.remove(name, value, author=session.staff)
    return to(f"{HOME}/{name}?said=unlisted")


def export_list(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,  # noqa: ARG001 -- only for those who may
    name: ListName,
    form: Annotated[Literal["txt", "csv"], Path()],
) -> Response:
    """A list as a file of rules would hold it, or for spreadsheets."""
    keeping = services.steering.lists
    if name not in {each.name for each in keeping.all()}:
        raise NotFound
    lines, kind = (
        (keeping.as_lines(name), "text/plain")
        if form == "txt"
        else (keeping.as_csv(name), "text/csv")
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return StreamingResponse(lines, media_type=f"{kind}; charset=utf-8", headers=headers)


def add_lists(router: APIRouter, limits: Limits) -> None:
    """Put the pages of lists under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/lists")(page(lists_page))
    router.get("/lists/{name}")(page(list_page))
    router.post("/lists/{name}/add")(form(add_values))
    router.post("/lists/{name}/remove")(form(remove_values))
    router.get("/lists/{name}/export/{form}")(page(export_list))


def _list(
    services: Services,
    session: StaffSession,
    name: str,
    *,
    shown: tuple[str, int] = ("", 1),
    values: str = "",
    reason: str = "",
    said: str = "",
    error: SafetyError | None = None,
) -> Response:
    keeping = services.steering.lists
    wanted, number = shown
    entries = keeping.entries(name, wanted=wanted)
    first = (number - 1) * _PAGE_SIZE
    context = {
        "name": name,
        "known": next((each for each in keeping.all() if each.name == name), None),
        "entries": entries[first : first + _PAGE_SIZE],
        "found": len(entries),
        "wanted": wanted,
        "number": number,
        "has_more": len(entries) > first + _PAGE_SIZE,
        "values": values,
        "reason": reason,
        "most": MOST_AT_ONCE,
        "problem": error.detail if error else "",
    }
    whole = context | frame(services, session, path=HOME, said=said)
    return pages().render("rules/list_of.html", whole, error.status if error else HTTPStatus.OK)


def _read(file: UploadFile | None) -> str:
    """What a file holds, as text. The body was bounded before it came here."""
    return "" if file is None else file.file.read(_MOST_BYTES).decode("utf-8-sig", "replace")
