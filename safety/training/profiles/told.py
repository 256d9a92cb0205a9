"""What the card of an account model says in words: label, licence, sources, failures, costs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from safety.domain.features import Values
from safety.training.profiles.fit import PREVALENCE
from safety.training.profiles.sources import BY_NAME, Source, Use
from safety.training.profiles.tables import Account

_LABEL: Final = (
    "1 = an account made, sold or taken over to follow and like others, or one that only broadcasts"
)
_KNOWN_FAILURES: Final = (
    (
        "No real account taught these weights unless the sources say so: people and sellers of "
        "your platform differ from the made-up ones. Fit the threshold to your own scores."
    ),
    (
        "A person who joined, looked around and left (no posts, no followers, no likes) looks like "
        "a throw-away account. Challenge such accounts, do not block them."
    ),
    (
        "At the shipped threshold nearly nothing is caught where likes are not sent: scores are "
        "lower there, and the threshold is set so that no platform measured flags 1 % of people."
    ),
    (
        "Accounts of people that were taken over and kept their history are mostly missed: the "
        "line 'taken over' of left_out_regimes says how many."
    ),
    "Twitter's 2017 table mixes bots of many kinds; two thirds are missed at 1 % false positives.",
    "GitHub accounts send too few counters: ranking is fair, recall at 1 % false positives is 0.",
    "Whoever buys followers for the fakes and lets them like at random hides them: see evasion.",
    "A score from few known counters is less certain than the same score from all of them.",
)
_LEFT_OUT_NOTE: Final = (
    "Published tables measure and do not teach, so each is an unseen source. They were looked at "
    "while the simulator's regimes, the pieces of the curves and the broadcaster's bounds were "
    "chosen: unseen by the fit, not by its authors. left_out says what training on all the other "
    "tables as well would give: that is what the licences cost."
)
_COSTS: Final = {
    "false_positive": 5.0,
    "false_negative": 1.0,
    "why": "to challenge a person for nothing costs more than to let one fake follower pass",
}


def card_texts(
    tables: Mapping[str, Sequence[Account]], learned: Sequence[Source], *, desk_rows: int
) -> dict[str, Any]:
    """The card's entries that are words, and the list of its sources."""
    return {
        "label": _LABEL,
        "licence": _licence(learned),
        "sources": [_simulated(), *_lines(tables, learned), *_desk(desk_rows)],
        "languages": ["und"],
        "prevalence": PREVALENCE,
        "threshold_meaning": "one in a hundred made-up people of held-out platforms scores this "
        "high; fit your own with the scores of your site (docs/account-models.md)",
        "calibration_note": f"probabilities are true of simulated platforms where "
        f"{PREVALENCE:.0%} of accounts are fake",
        "known_failures": list(_KNOWN_FAILURES),
        "left_out_note": _LEFT_OUT_NOTE,
        "costs": dict(_COSTS),
    }


def shown(values: Values) -> str:
    """An account in one line, for the list of worst errors."""
    known = {name.removeprefix("actor."): value for name, value in values.items()}
    age = known.pop("account_age", None)
    if isinstance(age, float):
        known["age_days"] = int(age / 86_400)
    return ", ".join(f"{name} {value}" for name, value in known.items())


def _licence(learned: Sequence[Source]) -> str:
    if any(source.use is Use.RESEARCH for source in learned):
        return "NOT TO BE SHIPPED: trained on rows whose licence does not allow it"
    return "Apache-2.0; trained on simulated accounts only, see sources"


def _simulated() -> dict[str, Any]:
    return {
        "source": "simulated",
        "licence": "Apache-2.0",
        "attribution": "made by this project (safety/training/profiles/simulator.py)",
        "may_ship": True,
        "is_trained_on": True,
    }


def _lines(
    tables: Mapping[str, Sequence[Account]], learned: Sequence[Source]
) -> list[dict[str, Any]]:
    return [
        {
            "source": name,
            "licence": BY_NAME[name].licence,
            "attribution": BY_NAME[name].attribution,
            "may_ship": BY_NAME[name].use is Use.SHIP,
            "is_trained_on": BY_NAME[name] in learned,
            "rows_available": len(rows),
        }
        for name, rows in tables.items()
    ]


def _desk(rows: int) -> list[dict[str, Any]]:
    if not rows:
        return []
    return [
        {
            "source": "desk",
            "licence": "the site's own",
            "attribution": "resolutions of the site's moderators",
            "may_ship": False,
            "is_trained_on": True,
            "rows_available": rows,
        }
    ]
