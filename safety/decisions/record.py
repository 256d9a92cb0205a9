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
from safety.domain.verdicts import Verdict

Json = dict[str, Any]

_encode = msgspec.json.Encoder().encode

# Shown to a user whose event was not judged by a rule that cites a policy.
_PLAIN_MESSAGES = {
    Verdict.CHALLENGE: "Please confirm that you are not a robot.",
    Verdict.HOLD: "This is being checked and will appear once it has been.",
    Verdict.BLOCK: "This is not possible right now.",
}
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


def answer(
    judgement: Judgement,
    *,
    took_ms: float,
    challenge: Json | None = None,
    unwritten: Unwritten | None = None,
) -> bytes:
    """The response body. With `unwritten`, the event type's fail policy has joined the verdict."""
    live = judgement.live if judgement.fired else []
    verdict, fail_policy = answered_verdict(judgement, unwritten), judgement.fail_policy
    degraded = list(judgement.degraded)
    reasons = list(dict.fromkeys(fired.rule.reason for fired in live))
    if unwritten is not None:
        fail_policy = judgement.event_type.fail
        degraded.append("ledger")
    if fail_policy is not None:
        reasons.append("NOT_FULLY_JUDGED")
    reasons += [s.reason for s in judgement.signals if s.source is SignalSource.TEST_VALUE]
    policy = _policy(judgement.bundle.policies, live, verdict)
    item = judgement.item if unwritten is None else None
    return _encode(
        {
            "id": judgement.id,
            "event_id": judgement.event.id,
            "type": judgement.event.type,
            "verdict": verdict.word,
            "reasons": reasons,
            "policy": policy.id if policy else None,
            "message": message(policy, verdict) if unwritten is None else _later(verdict),
            "challenge": challenge,
            "item": {"id": item.id, "queue": item.queue} if item else None,
            "retry_after": RETRY_SECONDS if unwritten is not None else _retry_after(live),
            "scores": {name: round(score, 4) for name, score in judgement.scores.items()},
            "ruleset": judgement.bundle.version[:12],
            "models": judgement.models,
            "skipped": [{"part": skip.part, "why": skip.why} for skip in judgement.skipped],
            "degraded": degraded,
            "fail_policy": fail_policy,
            "stored": unwritten is None,
            "decided_at": iso(judgement.decided_at),
            "took_ms": round(took_ms, 3),
        }
    )


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


def _later(verdict: Verdict) -> str | None:
    # Nothing is kept, so nothing can be proved or reviewed: asking again is what helps.
    return None if verdict is Verdict.ALLOW else "Please try again in a moment."


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
        "mode": rule.mode,
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
    }
