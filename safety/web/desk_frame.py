"""What surrounds every page of the desk: who is here, where they may go, and what is wrong."""

from dataclasses import dataclass

from safety.accounts.staff_sessions import SECOND_FACTORS
from safety.domain.access import Permission, StaffSession
from safety.web import desk_show as show
from safety.web.desk_keymap import GROUPS
from safety.web.desk_preferences import preferences_of
from safety.web.services import Services


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the desk that somebody may go to, in one of the menus; without a title: in none."""

    title: str
    path: str
    menu: str = "Defence"


@dataclass(frozen=True, slots=True)
class Menu:
    """Sections that belong together. Without a title they stand side by side, always in sight."""

    title: str
    sections: tuple[Section, ...]


_SECTIONS = (
    (Permission.REVIEW, Section("Queue", "/desk", menu="")),
    (Permission.REVIEW, Section("Search", "/desk/search", menu="")),
    (Permission.REVIEW, Section("Decisions", "/desk/decisions", menu="")),
    (Permission.REVIEW, Section("Stats", "/desk/stats", menu="Insight")),
    (Permission.RULES, Section("Attack view", "/desk/attack")),
    (Permission.RULES, Section("Rules", "/desk/rules")),
    (Permission.RULES, Section("Lists", "/desk/lists")),
    (Permission.MODELS, Section("Models", "/desk/models")),
    (Permission.LEAD, Section("Queues", "/desk/queues", menu="House")),
    (Permission.REVIEW, Section("Policies", "/desk/policies", menu="House")),
    (Permission.MANAGE_MEMBERS, Section("Members", "/desk/members", menu="House")),
    (Permission.MANAGE_KEYS, Section("API keys", "/desk/keys", menu="House")),
    (Permission.MANAGE_KEYS, Section("Webhooks", "/desk/webhooks", menu="House")),
    (Permission.SEE_AUDIT, Section("Audit log", "/desk/audit", menu="House")),
)

_MENUS = ("", "Defence", "Insight", "House")

# What was just done, by the word in the address that a form led to.
_SAID = {
    "golden": "From now on this item tries people out.",
    "golden_gone": "This golden item is shown no more.",
    "invited": "A new link was made.",
    "role": "The role was changed. They sign in again.",
    "disabled": "They are out: their sessions and links have ended.",
    "enabled": "They may come in again.",
    "reset": "Their second factor was removed. They enrol anew when they next sign in.",
    "modellive": "That version is live. Every process follows within a second.",
    "modelshadow": "That version is scored beside the live one.",
    "modelnoshadow": "Nothing is scored in shadow any more.",
    "modelback": "The version before is live again.",
    "modelthreshold": "The threshold is set.",
    "modelcard": "The card's threshold counts again.",
    "snoozed": "The rule rests for them.",
    "switchedoff": "The rule is switched off. Every process obeys within a second or two.",
    "switchedon": "The rule is obeyed again.",
    "resumed": "The rule is obeyed again, and the circuit breaker leaves it alone for an hour.",
    "published": "It is in force. Every process follows within a second or two.",
    "proposed": "Somebody else approves it now.",
    "refused": "It was turned down.",
    "replaced": "It was withdrawn.",
    "learnt": "The test is in your draft. Change the rule until it is green.",
    "learntpersonal": "The test is in your draft. It holds a value that may name somebody: look "
    "at it before you keep it.",
    "listed": "It is on the list. Rules look it up within a few seconds.",
    "unlisted": "It is off the list.",
    "raised": "The challenge level is raised. Every process obeys within a second.",
    "lowered": "The challenge level is as usual again.",
    "resent": "It is sent again, with all its attempts.",
    "revoked": "The key is revoked and opens nothing any more.",
    "password": "Your password was changed. Your other sessions have ended.",
    "ended": "That session has ended.",
    "others": "Your other sessions have ended.",
    "keys": "Your keys are kept.",
    "care": "Kept.",
    "queue": "The queue is set.",
    "recovery": "You came in with a recovery code, which is now spent. "
    "If you lost your phone, replace your authenticator app here.",
}


def frame(
    services: Services, session: StaffSession, *, path: str = "", done: str = "", said: str = ""
) -> dict[str, object]:
    """The context that every page shares; `path` is that of the section which it belongs to."""
    preferences = preferences_of(services, session)
    return {
        "session": session,
        "menus": _menus(session),
        "may_search": session.may(Permission.REVIEW),
        "keymap": preferences.keymap,
        "key_groups": GROUPS,
        "path": path,
        "now": services.clock(),
        "is_fresh": services.staff.sessions.is_fresh(session),
        "is_bare": session.is_enrolled and not session.session.factors & SECOND_FACTORS,
        "troubles": show.troubles(services.ruleset_error(), services.health.report().problems),
        "flash": _flash(services, session, done, said),
    }


def _menus(session: StaffSession) -> list[Menu]:
    """What this person may go to, menu by menu; the one without a title first."""
    mine = [each for permission, each in _SECTIONS if session.may(permission)]
    titles = sorted({each.menu for each in mine}, key=_MENUS.index)
    return [Menu(title, tuple(each for each in mine if each.menu == title)) for title in titles]


def _flash(services: Services, session: StaffSession, done: str, said: str) -> show.Flash | None:
    if said in _SAID:
        return show.Flash(_SAID[said], item="")
    return show.flash(services, session, done)
