"""How often moderators kept what a rule wanted to stop."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from safety.decisions.breaker import Runaway
from safety.domain.controls import Over
from safety.domain.decisions import SignalSource
from safety.domain.reviews import Action
from safety.domain.shares import at_least
from safety.domain.verdicts import Mode, Verdict
from safety.store.rule_controls import Reviewed


class _Signal(msgspec.Struct):
    """What matters here of a signal in the ledger."""

    source: str
    verdict: str
    rule: str = ""
    mode: str = ""
    final: bool = False


_SIGNALS = msgspec.json.Decoder(list[_Signal])


@dataclass(slots=True)
class _Judged:
    """What people made of one rule."""

    strictest: Verdict = Verdict.ALLOW
    is_final: bool = False
    looked_at: int = 0
    kept: int = 0


def overturned(
    reviewed: Iterable[Reviewed], limit: float, fewest: int, since: Callable[[str], float]
) -> list[Runaway]:
    """The rules that people overturn more often than the limit, by the lower Wilson bound.

    `reviewed` comes newest first. The latest resolution about each actor counts, so that one actor
    counts once; `since` says, by rule, when counting begins.
    """
    rules: dict[str, _Judged] = {}
    known: set[tuple[str, tuple[str, str]]] = set()
    for one in reviewed:
        for signal in filter(_is_live, _SIGNALS.decode(one.signals)):
            key = (signal.rule, one.actor)
            if key not in known and one.resolved_at >= since(signal.rule):
                known.add(key)
                _add(rules.setdefault(signal.rule, _Judged()), signal, one.action)
    return [
        _runaway(rule, judged)
        for rule, judged in rules.items()
        if judged.looked_at >= fewest and at_least(judged.kept, judged.looked_at) > limit
    ]


def _is_live(signal: _Signal) -> bool:
    is_rule = signal.source == SignalSource.RULE.value
    return is_rule and signal.mode == Mode.ENFORCE.value and signal.verdict != Verdict.ALLOW.word


def _add(judged: _Judged, signal: _Signal, action: Action) -> None:
    judged.strictest = max(judged.strictest, Verdict.parse(signal.verdict))
    judged.is_final = judged.is_final or signal.final
    judged.looked_at += 1
    judged.kept += action is Action.KEEP


def _runaway(rule: str, judged: _Judged) -> Runaway:
    reason = f"moderators kept {judged.kept} of {judged.looked_at} that they looked at"
    return Runaway(Over.RULE, rule, judged.strictest, judged.is_final, reason, by_people=True)
