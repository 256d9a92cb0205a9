"""What waits on the desk in browser tests and in the screenshot: written for this, by us."""

from typing import Any

from sqlalchemy import Engine

from safety.domain.verdicts import Severity, Verdict
from tests.desk_house import NOW, a_comment, a_model_signal, a_rule_signal, add_item

SPAM = (
    "Hey lovely people! I quit my job last month and now I make $480 a day from my phone. "
    "Want in? Write me on te\u200bleg\u200bram or look at https://fast-cash.example/join?r=88 "
    "before the last 20 places are gone \U0001f4b8\U0001f4b8"
)


def fill(engine: Engine) -> str:
    """Put a working day's mix on the desk; return the id of the item that comes first."""
    _history(engine)
    first = add_item(
        engine,
        a_comment(SPAM),
        signals=_spam_signals(),
        severity=Severity.CRITICAL,
        at=NOW - 150,
    )
    _say(engine, "noor", "@dealz_4u nobody here wants that, please stop", 130)
    for event, severity, queue, verdict, reason, age in _others():
        add_item(
            engine,
            event,
            severity=severity,
            queue=queue,
            verdict=verdict,
            reason=reason,
            at=NOW - age,
        )
    return first


def _history(engine: Engine) -> None:
    _say(
        engine,
        "mia_b",
        "Golden hour at the old harbour, taken with my new 35 mm",
        7200,
        type="post",
    )
    _say(engine, "noor", "The light on the water is lovely. Is this by the lighthouse?", 6600)
    for text, verdict, age in (
        ("great shot, where was this taken?", Verdict.ALLOW, 5400),
        ("I make $300 a day, ask me how", Verdict.CHALLENGE, 900),
        ("last places! https://fast-cash.example/join", Verdict.HOLD, 400),
    ):
        event = a_comment(text)
        add_item(engine, event, verdict=verdict, at=NOW - age, is_flagged=False)


def _say(engine: Engine, name: str, text: str, age: int, **changes: Any) -> None:
    """Let somebody else write into the conversation in which the first item stands."""
    event = a_comment(text, actor={"id": f"u_{name}", "name": name}, **changes)
    add_item(engine, event, verdict=Verdict.ALLOW, at=NOW - age, is_flagged=False)


def _spam_signals() -> list[dict[str, Any]]:
    link = SPAM.index("https://")
    shadow = a_rule_signal(
        rule="earnings-claim",
        title="Promises of easy money",
        mode="shadow",
        verdict="block",
        reason="EARNINGS_CLAIM",
        severity="medium",
        lines=[{"text": 'content.text matches "earnings"', "outcome": True, "values": {}}],
    )
    burst = a_rule_signal(
        severity="critical", spans=[[link, SPAM.index(" before")]], policy="spam.scam"
    )
    obfuscated = a_rule_signal(
        rule="hidden-letters-and-link",
        title="Hidden characters next to a link",
        reason="OBFUSCATED_LINK",
        severity="medium",
        capped=True,
        lines=[
            {
                "text": "content.obfuscation > 0.01 and content.links >= 1",
                "outcome": True,
                "values": {"content.obfuscation": 0.0108, "content.links": 1},
            },
            {
                "text": "unless actor.reputation > 0.8",
                "outcome": None,
                "values": {"actor.reputation": None},
            },
        ],
    )
    words = [("$480 a day", 1.42), ("from my phone", 0.88), ("last 20 places", 0.61)]
    model = a_model_signal(SPAM, words)
    model["words"].append({"start": 4, "end": 17, "text": "lovely people", "weight": -0.35})
    return [burst, obfuscated, shadow, model]


def _others() -> list[tuple[dict[str, Any], Severity, str, Verdict, str, int]]:
    return [
        (
            a_comment(
                actor={"id": "u_5521", "name": "grimjaw"},
                content={
                    "text": "you are pathetic, delete your account before I find you",
                    "thread_id": "t_31",
                },
            ),
            Severity.HIGH, "content", Verdict.HOLD, "THREAT", 320,
        ),
        (
            a_comment(
                type="follow",
                actor={"id": "farm_0042", "name": "xk99217", "followers": 0, "following": 3800},
                target={"id": "u_9", "kind": "account", "followers": 4000},
                content={},
            ),
            Severity.HIGH, "accounts", Verdict.CHALLENGE, "FOLLOW_CHURN", 610,
        ),
        (
            a_comment(
                type="signup",
                actor={"id": "new_77120", "name": "maria.k.4471", "email": "m4471@mail.example"},
                content={}, target={},
            ),
            Severity.MEDIUM, "accounts", Verdict.HOLD, "SIGNUP_BURST", 1260,
        ),
        (
            a_comment(
                type="post",
                actor={"id": "u_880", "name": "lens_and_light"},
                content={
                    "text": "Check my profile for the full tutorial, link in bio!! #tutorial",
                    "thread_id": "t_44",
                },
            ),
            Severity.MEDIUM, "content", Verdict.ALLOW, "HASHTAG_STUFFING", 2400,
        ),
        (
            a_comment(
                type="report",
                actor={"id": "u_31", "name": "noor"},
                target={"id": "c_8812", "kind": "comment"},
                content={}, report={"reason": "harassment"},
            ),
            Severity.LOW, "reports", Verdict.ALLOW, "REPORTED", 5400,
        ),
    ]  # fmt: skip
