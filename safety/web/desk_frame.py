"""What surrounds every page of the desk: who is here, where they may go, and what is wrong."""

from dataclasses import dataclass

from safety.accounts.staff_sessions import SECOND_FACTORS
from safety.domain.access import Permission, StaffSession
from safety.web import desk_show as show
from safety.web.services import Services


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the desk that somebody may go to."""

    title: str
    path: str


_SECTIONS = (
    (Permission.REVIEW, Section("Queue", "/desk")),
    (Permission.MANAGE_MEMBERS, Section("Members", "/desk/members")),
    (Permission.MANAGE_KEYS, Section("API keys", "/desk/keys")),
    (Permission.SEE_AUDIT, Section("Audit log", "/desk/audit")),
)

# What was just done, by the word in the address that a form led to.
_SAID = {
    "invited": "A new link was made.",
    "role": "The role was changed. They sign in again.",
    "disabled": "They are out: their sessions and links have ended.",
    "enabled": "They may come in again.",
    "reset": "Their second factor was removed. They enrol anew when they next sign in.",
    "revoked": "The key is revoked and opens nothing any more.",
    "password": "Your password was changed. Your other sessions have ended.",
    "ended": "That session has ended.",
    "others": "Your other sessions have ended.",
    "recovery": "You came in with a recovery code, which is now spent. "
    "If you lost your phone, replace your authenticator app here.",
}


def frame(
    services: Services, session: StaffSession, *, path: str = "", done: str = "", said: str = ""
) -> dict[str, object]:
    """The context that every page shares; `path` is that of the section which it belongs to."""
    return {
        "session": session,
        "sections": [each for permission, each in _SECTIONS if session.may(permission)],
        "path": path,
        "now": services.clock(),
        "is_fresh": services.staff.sessions.is_fresh(session),
        "is_bare": session.is_enrolled and not session.session.factors & SECOND_FACTORS,
        "troubles": show.troubles(services.ruleset_error(), services.health.report().problems),
        "flash": _flash(services, session, done, said),
    }


def _flash(services: Services, session: StaffSession, done: str, said: str) -> show.Flash | None:
    if said in _SAID:
        return show.Flash(_SAID[said], item="")
    return show.flash(services.desk, services.policies(), done, session.staff)
