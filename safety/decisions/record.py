"""A judgement as it is answered and as the ledger keeps it: everything becomes bytes here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from safety.decisions.judge import Judgement, fail_signal
from safety.domain.decisions import LedgerEntry, SignalSource, combine
from safety.domain.policies import Policy
from safety.domain.rules import Fired
from safety.domain.verdicts import FailPolicy, Verdict

Json = dict[str, Any]

_encode = msgspec.json.Encoder().encode

# Shown to a user whose event was not judged by a rule that cites a policy.
_PLAIN_MESSAGES = {
    Verdict.CHALLENGE: "Please confirm that you are not a robot.",
    Verdict.HOLD: "This is being checked and will appear once it has been.",
    Verdict.BLOCK: "This is not possible right now.",
}
# Beside the rules, what answers give as a reason.
_TOLD = frozenset({SignalSource.TEST_VALUE, SignalSource.ATTACK})
RETRY_SECONDS = 5  # an answer that could not be kept may be asked for again after this long


@dataclass(frozen=True, slots=True)
class Unwritten:
    """Why an answer was given that the ledger does not hold."""

    reason: str


def iso(moment: float) -> str:
    """Unix seconds as RFC 3339 in UTC with milliseconds."""
    seconds, milliseconds = divmod(int(moment * 1000), 1000)
    return f"{_second(seconds)}.{milliseconds:03d}Z"


@lru_cache(maxsize=1024)  # thousands of decisions share a second
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:-6]


class _Answer(msgspec.Struct):
    """The response body, field for field; most decisions leave most of it at its default."""

    id: str
    event_id: str
    type: str
    verdict: str
    reasons: list[str]
    policy: str | None = None
    message: str | None = None
    challenge: Json | None = None
    item: Json | None = None
    retry_after: float | None = None
    scores: Mapping[str, float] = {}
    ruleset: str = ""
    models: Mapping[str, str] = {}
    skipped: list[Json] = []
    degraded: list[str] = []
    fail_policy: FailPolicy | None = None
    stored: bool = True
    decided_at: str = ""
    took_ms: float = 0.0


def answer(
    judgement: Judgement,
    *,
    took_ms: float,
    challenge: Json | None = None,
    unwritten: Unwritten | None = None,
) -> bytes:
    """The response body. With `unwritten`, the event type's fail policy has joined the verdict."""
    event, verdict = judgement.event, answered_verdict(judgement, unwritten)
    body = _Answer(judgement.id, event.id, event.type, verdict.word, [], challenge=challenge)
    body.ruleset = judgement.bundle.version[:12]
    body.models = judgement.models
    body.decided_at = iso(judgement.decided_at)
    body.took_ms = round(took_ms, 3)
    if judgement.scores:
        body.scores = {name: round(score, 4) for name, score in judgement.scores.items()}
    if judgement.fired or judgement.signals:
        _add_reasons(body, judgement, verdict)
    if judgement.item is not None and unwritten is None:
        body.item = {"id": judgement.item.id, "queue": judgement.item.queue}
    if judgement.skipped or judgement.degraded:
        body.skipped = [{"part": skip.part, "why": skip.why} for skip in judgement.skipped]
        body.degraded = list(judgement.degraded)
    if unwritten is not None:
        _add_unwritten(body, judgement, verdict)
    return _encode(body)


def _add_reasons(body: _Answer, judgement: Judgement, verdict: Verdict) -> None:
    live = judgement.live
    body.reasons = list(dict.fromkeys(fired.rule.reason for fired in live))
    body.fail_policy = judgement.fail_policy
    if body.fail_policy is not None:
        body.reasons.append("NOT_FULLY_JUDGED")
    body.reasons.extend(s.reason for s in judgement.signals if s.source in _TOLD)
    policy = _policy(judgement.bundle.policies, live, verdict)
    body.policy = policy.id if policy else None
    body.message = message(policy, verdict)
    body.retry_after = _retry_after(live)


def _add_unwritten(body: _Answer, judgement: Judgement, verdict: Verdict) -> None:
    """Nothing is kept, so nothing can be proved or reviewed: asking again is what helps."""
    if body.fail_policy is None:
        body.fail_policy = judgement.event_type.fail
        place = len({fired.rule.reason for fired in judgement.live})
        body.reasons.insert(place, "NOT_FULLY_JUDGED")
    body.message = None if verdict is Verdict.ALLOW else "Please try again in a moment."
    body.retry_after = RETRY_SECONDS
    body.degraded = [*judgement.degraded, "ledger"]
    body.stored = False


def answered_verdict(judgement: Judgement, unwritten: Unwritten | None) -> Verdict:
    """The verdict that goes out: the judged one, or with the fail policy if it cannot be kept."""
    if unwritten is None:
        return judgement.verdict
    return combine((*judgement.signals, fail_signal(judgement.event_type.fail)))


def entry(judgement: Judgement, answered: bytes) -> LedgerEntry:
    """What the ledger keeps of a judgement and of the answer that goes out for it."""
    event = judgement.event
    return LedgerEntry(
        id=judgement.id,
        tenant=judgement.tenant,
        event_id=event.id,
        event_type=event.type,
        actor_id=event.actor_id,
        verdict=judgement.verdict,
        decided_at=judgement.decided_at,
        event_time=event.time,
        ruleset=judgement.bundle.version,
        event=event.body,
        facts=_encode(facts(judgement)),
        signals=_encode(_signals(judgement)) if judgement.signals else b"[]",
        answer=answered,
        item=judgement.item,
        labels=judgement.labels,
    )


def facts(judgement: Judgement) -> Json:
    """The values that were computed: what the event itself says is kept as it was sent.

    Judging adds values behind those of the event, so the facts are the rest of the mapping.
    """
    kept = dict(islice(judgement.values.items(), len(judgement.event.values), None))
    for name in judgement.unstored:
        kept.pop(name, None)
    return kept


def message(policy: Policy | None, verdict: Verdict) -> str | None:
    """A text that is safe to show to the user; None when there is nothing to say."""
    if verdict is Verdict.ALLOW:
        return None
    return policy.message if policy else _PLAIN_MESSAGES[verdict]


def _policy(policies: Mapping[str, Policy], live: list[Fired], verdict: Verdict) -> Policy | None:
    cited = next((f.rule.policy for f in live if f.verdict is verdict), None)
    return policies.get(cited) if cited and verdict is not Verdict.ALLOW else None


def _retry_after(live: list[Fired]) -> float | None:
    waits = [fired.rule.retry_after for fired in live if fired.rule.retry_after is not None]
    return max(waits, default=None)


def _signals(judgement: Judgement) -> list[Json]:
    others = [s for s in judgement.signals if s.source is not SignalSource.RULE]
    return [_rule_signal(judgement, fired) for fired in judgement.fired] + [
        {"source": s.source, "name": s.name, "verdict": s.verdict.word, "reason": s.reason}
        for s in others
    ]


def _rule_signal(judgement: Judgement, fired: Fired) -> Json:
    rule = fired.rule
    lines = judgement.bundle.explain(rule.id, judgement.values)
    return {
        "source": "rule",
        "rule": rule.id,
        "revision": rule.revision,
        "title": rule.title,
        "owner": rule.owner,
        "policy": rule.policy,
        "mode": fired.mode,
        "verdict": fired.verdict.word,
        "reason": rule.reason,
        "severity": rule.severity,
        "capped": fired.capped,
        "final": rule.final,
        "override": rule.override,
        "lines": [
            {"text": line.text, "outcome": line.outcome, "values": line.values} for line in lines
        ],
        "spans": judgement.bundle.highlights(rule.id, judgement.values),
        **({"points": rule.points} if rule.points else {}),
        **({"control": _control(fired)} if fired.control is not None else {}),
    }


def _control(fired: Fired) -> Json:
    """What was taken from a rule that fired, by whom and why, and what it would have said."""
    control = fired.control
    assert control is not None  # noqa: S101 -- the caller asks; this tells the type checker
    return {
        "kind": control.kind.value,
        "over": control.over.value,
        "subject": control.subject,
        "most": control.most.word,
        "would_be": (fired.verdict if fired.would_be is None else fired.would_be).word,
        "reason": control.reason,
        "author": control.author,
        "until": None if control.expires_at is None else iso(control.expires_at),
    }
