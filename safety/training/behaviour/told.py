"""What the card of a bot model says in words: label, licence, sources, failures, costs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from safety.domain.habits import LEAST_ACTIONS, OF_TIMES
from safety.training.behaviour.rows import Account, Rows
from safety.training.behaviour.sources import SOURCES, Source

# The share of bots that probabilities are stated for; a site's own share differs.
PREVALENCE: Final = 0.1

_LABEL: Final = "1 = a program decides when this account acts"
_KNOWN_FAILURES: Final = (
    (
        "A program that repeats the times of a person cannot be told from that person: the kind "
        "'replayed' is caught at the rate of false positives. actor.schedule_twins sees it."
    ),
    (
        "A person's gaps in another order, or drawn anew, are told apart in part only, and better "
        "the more days are known."
    ),
    (
        "People of a kind of platform that the simulator lacks may be flagged: without people who "
        "act every second or two, a third of those were (left_out_regimes, swipes)."
    ),
    f"Fewer than {LEAST_ACTIONS} actions have no score; with thirty, half of the bots are missed.",
    (
        "People and pages that plan their posts with a program are what the model looks for, and "
        "need not be unwanted: see the line of german_elections. Label them known_bot."
    ),
    "A person awake at all hours (shift work, small children) scores higher than others.",
    "Times cut to minutes or hours look like a clock: do not use the model where they are.",
    (
        "Accounts that a bot net borrows for minutes (twitter_astrobots) are mostly missed: "
        "actor.quick_deletes is what sees them."
    ),
)
_LEFT_OUT_NOTE: Final = (
    "Labelled accounts measure and do not teach, so each is an unseen source. Those of Reddit "
    "were looked at while the ranges of the simulator and the habits were chosen: unseen by the "
    "fit, not by its authors. There are 22 bots among them: one bot is 4.5 points of recall. "
    "left_out says what training on them as well would give."
)
_COSTS: Final = {
    "false_positive": 5.0,
    "false_negative": 1.0,
    "why": "a person who is taken for a program is lost; a bot that passes acts again and is seen",
}
_MOST_SHOWN: Final = ("gap_entropy", "same_gap_share", "minute_rhythm", "quiet_hours_share")


def card_texts(
    accounts: Mapping[str, Sequence[Account]], *, include_research: bool
) -> dict[str, Any]:
    """The card's entries that are words, and the list of its sources."""
    return {
        "label": _LABEL,
        "licence": _licence(include_research=include_research),
        "sources": [
            _simulated(),
            *(_line(source, accounts[source.name], include_research) for source in SOURCES),
        ],
        "languages": ["und"],
        "prevalence": PREVALENCE,
        "threshold_meaning": "at most one in a hundred people of each simulated platform and of "
        "collegemsg scores this high; fit your own to the scores of your site",
        "calibration_note": f"probabilities are true of simulated platforms where "
        f"{PREVALENCE:.0%} of accounts are bots'",
        "known_failures": list(_KNOWN_FAILURES),
        "left_out_note": _LEFT_OUT_NOTE,
        "costs": dict(_COSTS),
    }


def shown(rows: Rows) -> list[str]:
    """Each row in one line, for the list of worst errors."""
    places = [(name, OF_TIMES.index(name)) for name in _MOST_SHOWN]
    return [
        f"{kind}, {actions} actions: " + ", ".join(f"{name} {line[at]:.2f}" for name, at in places)
        for kind, actions, line in zip(rows.kind, rows.actions, rows.values, strict=True)
    ]


def _licence(*, include_research: bool) -> str:
    if include_research:
        return "NOT TO BE SHIPPED: trained on rows whose licence does not allow it"
    return "Apache-2.0; trained on simulation and on rows whose licence allows it, see sources"


def _simulated() -> dict[str, Any]:
    return {
        "source": "simulated",
        "licence": "Apache-2.0: made by this project (people.py, machines.py)",
        "may_ship": True,
        "use": "teaches, and other accounts of it measure",
    }


def _line(source: Source, accounts: Sequence[Account], include_research: bool) -> dict[str, Any]:
    teaches = source.ships or (include_research and not source.is_mixed)
    use = "measures only"
    if teaches:
        use = "one half teaches, the other measures" if source.ships else "teaches"
    return {
        "source": source.name,
        "licence": source.licence,
        "may_ship": source.ships,
        "what": source.told,
        "accounts": len(accounts),
        "bots": sum(account.label for account in accounts),
        "use": use,
    }
