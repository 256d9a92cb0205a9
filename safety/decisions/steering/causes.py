"""What a rule did to one decision, and what would be left without it: values in, values out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from safety.decisions.record import iso
from safety.domain.decisions import Amendment, AmendmentKind, Signal, SignalSource, combine
from safety.domain.messages import Message
from safety.domain.undos import Cause, Undo
from safety.domain.verdicts import Mode, Verdict
from safety.store.undos import Suspect

KIND = "decision.reversed"


class _Recorded(msgspec.Struct):
    """What matters here of a signal in the ledger."""

    source: str
    verdict: str
    rule: str = ""
    name: str = ""
    revision: str = ""
    mode: str = ""
    reason: str | None = ""
    final: bool = False
    override: bool = False
    capped: bool = False
    points: int = 0


_SIGNALS = msgspec.json.Decoder(list[_Recorded])
_SOURCES: Mapping[str, SignalSource] = {source.value: source for source in SignalSource}
Steps = Mapping[str, Sequence[tuple[int, Verdict]]]
_NO_STEPS: Steps = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Effect:
    """A decision in which the rule's live signal counted. `without` is the verdict without it."""

    suspect: Suspect
    without: Verdict

    @property
    def is_reversible(self) -> bool:
        """Whether it is the rule that made the verdict what it is, and nobody decided since."""
        return not self.suspect.is_settled and self.without < self.suspect.verdict


def effect_of(
    suspect: Suspect, cause: Cause, earlier: Sequence[Cause] = (), steps: Steps = _NO_STEPS
) -> Effect | None:
    """What the rule did to a decision; None where it did not count, or in another revision.

    What `earlier` undos took back does not count either: of two rules that blocked, the second one
    that is undone lets the decision go. `steps` says by event type what points bring.
    """
    recorded = _SIGNALS.decode(suspect.signals)
    if not any(_is_of(one, cause) and _is_live(one) for one in recorded):
        return None
    gone = [
        one
        for one in recorded
        for taken in (cause, *earlier)
        if _is_of(one, taken) and taken.covers(suspect.tenant, suspect.decided_at)
    ]
    lost = sum({id(one): one.points for one in gone if _is_live(one)}.values())
    kept = (one for one in recorded if one.source in _SOURCES and all(one is not g for g in gone))
    others = tuple(_signal(one, lost, steps.get(suspect.event_type, ())) for one in kept)
    return Effect(suspect, combine(others))


def amendment_of(effect: Effect, undo: Undo, at: float) -> Amendment:
    """The new verdict of a decision, with what it was and why it changed."""
    body = {
        "undo": undo.id,
        "rule": undo.cause.rule,
        "was": effect.suspect.verdict.word,
        "reason": undo.reason,
    }
    told = msgspec.json.encode(body)
    return Amendment(effect.suspect.id, AmendmentKind.UNDONE, at, effect.without, told)


def message_of(effect: Effect, undo: Undo, message_id: str, at: float) -> Message:
    """What the platform is told: ids and verdicts, never content."""
    suspect = effect.suspect
    body = {
        "type": KIND,
        "timestamp": iso(at),
        "data": {
            "decision_id": suspect.id,
            "event_id": suspect.event_id,
            "event_type": suspect.event_type,
            "verdict": effect.without.word,
            "was": suspect.verdict.word,
            "undo_id": undo.id,
        },
    }
    return Message(
        id=message_id,
        tenant=suspect.tenant,
        kind=KIND,
        body=json.dumps(body, separators=(",", ":")).encode(),
        created_at=at,
        due_at=at,
        subject=suspect.actor_id,
    )


def rules_of(signals: bytes) -> Sequence[tuple[str, str, bool]]:
    """The rules behind a decision: id, revision, and whether the signal counted."""
    recorded = _SIGNALS.decode(signals)
    return [(one.rule, one.revision, _is_live(one)) for one in recorded if one.rule]


def _is_of(one: _Recorded, cause: Cause) -> bool:
    is_rule = one.source == SignalSource.RULE.value and one.rule == cause.rule
    return is_rule and cause.revision in {"", one.revision}


def _is_live(one: _Recorded) -> bool:
    return one.mode == Mode.ENFORCE.value


def _signal(one: _Recorded, lost: int, steps: Sequence[tuple[int, Verdict]]) -> Signal:
    """The signal as it would have been; one of points has fewer of them."""
    is_rule = one.source == SignalSource.RULE.value
    if one.source == SignalSource.POINTS.value and lost:
        return _fewer_points(one, lost, steps)
    return Signal(
        _SOURCES[one.source],
        one.rule or one.name,
        Verdict.parse(one.verdict),
        one.reason or "",
        live=_is_live(one) if is_rule else True,
        final=one.final,
        override=one.override and not one.capped,
    )


def _fewer_points(one: _Recorded, lost: int, steps: Sequence[tuple[int, Verdict]]) -> Signal:
    left = int(one.name) - lost
    reached = max((verdict for least, verdict in steps if left >= least), default=Verdict.ALLOW)
    verdict = min(reached, Verdict.parse(one.verdict))
    return Signal(SignalSource.POINTS, str(left), verdict, one.reason or "")
