"""The page of the audit log: who did what, filtered, checked for changes, and as CSV."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from safety.accounts.audit_log import Filter
from safety.domain.access import Permission, StaffSession
from safety.store.audit import Verified
from safety.web.desk_access import demands
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.services import Services, ServicesDep

_HOME = "/desk/audit"
_PAGE_SIZE = 50
# Walking so many entries takes about a tenth of a second; a longer log is walked when asked for.
_CHECKED_UNASKED = 5_000

Reader = Annotated[StaffSession, demands(Permission.SEE_AUDIT)]
# Control characters are in no entry, and some databases refuse to look for them.
Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What somebody looks for."""

    author: Text = ""
    action: Text = ""
    subject: Text = ""

    @property
    def chosen(self) -> Filter:
        """The same as a filter."""
        return Filter(*(_bare(each) for each in (self.author, self.action, self.subject)))


Wanted = Annotated[_Wanted, Depends()]


def audit_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Reader,
    wanted: Wanted,
    *,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    check: Annotated[str, Query(pattern="^(yes)?$")] = "",
) -> Response:
    """The newest entries, or those before the ones just seen."""
    chosen = wanted.chosen
    entries = services.staff.audit.page(chosen, before=before, limit=_PAGE_SIZE)
    query = {"author": chosen.author, "action": chosen.action, "subject": chosen.subject}
    query = {name: text for name, text in query.items() if text}
    older = query | {"before": entries[-1].sequence} if len(entries) == _PAGE_SIZE else None
    context = {
        "entries": entries,
        "chosen": chosen,
        "is_filtered": bool(query),
        "older": f"{_HOME}?{urlencode(older)}" if older else "",
        "csv": f"{_HOME}.csv?{urlencode(query)}" if query else f"{_HOME}.csv",
        "length": services.staff.audit.length(),
        "verified": _verified(services, is_asked=check == "yes"),
    }
    return pages().render("audit.html", context | frame(services, session, path=_HOME))


def audit_csv(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Reader,  # noqa: ARG001 -- only for those who may
    wanted: Wanted,
) -> Response:
    """The entries as a file for spreadsheets."""
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    lines = services.staff.audit.as_csv(wanted.chosen)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def add_audit(router: APIRouter, limits: Limits) -> None:
    """Put the endpoints about the audit log under the desk."""
    page = limits.policy("desk.page")
    router.get("/audit")(page(audit_page))
    router.get("/audit.csv")(page(audit_csv))


def _verified(services: Services, *, is_asked: bool) -> Verified | None:
    log = services.staff.audit
    return log.verify() if is_asked or log.length() <= _CHECKED_UNASKED else None


def _bare(text: str) -> str:
    """The text without surrogates, which no entry has and no database takes."""
    return text.encode(errors="replace").decode().strip()
