"""Priority: how soon an item should be looked at, in bands, and why."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from safety.domain.reviews import Band, Item, Why
from safety.domain.verdicts import Severity
from safety.review.evidence import Evidence

# How bad each severity is, as a share of the worst.
_HARM: Final = {
    Severity.LOW: 0.25,
    Severity.MEDIUM: 0.5,
    Severity.HIGH: 0.75,
    Severity.CRITICAL: 1.0,
}
# Reach and confidence each take at most this share away: harm alone must still be seen.
_REACH_COUNTS: Final = 0.4
_CONFIDENCE_COUNTS: Final = 0.4
# A million people see it: nothing reaches further.
_WIDEST: Final = 6.0
# How sure one live rule is, and how much of the doubt each further one takes away.
_ONE_RULE: Final = 0.6
_FURTHER_RULE: Final = 0.5
_NO_RULE: Final = 0.5
# The part of the reasons that says who reported an item.
REPORTER: Final = "reporter"
# The part that says that somebody appealed while it waits.
APPEAL: Final = "appeal"
_BANDS: Final = ((0.60, Band.CRITICAL), (0.40, Band.HIGH), (0.20, Band.MEDIUM))


@dataclass(frozen=True, slots=True)
class Priority:
    """A band and the parts that it was made of."""

    band: Band
    why: tuple[Why, ...]


def priority_of(item: Item, event: Mapping[str, Any], evidence: Evidence) -> Priority:
    """How soon an item should be looked at: harm, times reach, times confidence.

    Age comes in later: an item that waits longer than its queue promises is raised by one band.
    """
    harm, reach, confidence = _harm(item, evidence), _reach(event), _confidence(evidence)
    reporters = tuple(each for each in item.why if each.part == REPORTER)
    if reporters:
        confidence = max((*_sure(evidence, confidence), *reporters), key=lambda each: each.value)
    share = harm.value
    share *= 1 - _REACH_COUNTS * (1 - reach.value)
    share *= 1 - _CONFIDENCE_COUNTS * (1 - confidence.value)
    band = next((band for least, band in _BANDS if share >= least), Band.LOW)
    if any(each.value >= 1.0 for each in reporters):
        band = max(band, Band.HIGH)  # trusted flaggers come first
    why = (harm, reach, confidence)
    brought = (each for each in item.why if each.part in {REPORTER, APPEAL})
    return Priority(band, (*why, *(each for each in brought if each is not confidence)))


def raised(item: Item, waited: float) -> tuple[Band, tuple[Why, ...]]:
    """The band of an item that is late, and why."""
    band = Band(min(item.band + 1, Band.CRITICAL))
    return band, (
        *item.why,
        Why("age", 1.0, f"late: it was to be looked at within {_time(waited)}"),
    )


def _harm(item: Item, evidence: Evidence) -> Why:
    title = next((rule.title for rule in evidence.rules if rule.is_live), "")
    text = f"{item.severity.value}: {title}" if title else item.severity.value
    return Why("harm", _HARM[item.severity], text)


def _reach(event: Mapping[str, Any]) -> Why:
    people = max(_count(event, "actor"), _count(event, "target"))
    value = min(1.0, math.log10(1 + people) / _WIDEST)
    text = f"about {people:,} followers" if people else "hardly anybody follows this"
    return Why("reach", round(value, 3), text)


def _count(event: Mapping[str, Any], part: str) -> int:
    inner = event.get(part)
    number = inner.get("followers") if isinstance(inner, dict) else None
    return number if isinstance(number, int) and number > 0 else 0


def _confidence(evidence: Evidence) -> Why:
    rules = [rule for rule in evidence.rules if rule.is_live and not rule.capped]
    by_rules = 1 - (1 - _ONE_RULE) * _FURTHER_RULE ** (len(rules) - 1) if rules else _NO_RULE
    best = max(evidence.models, key=lambda model: model.score, default=None)
    said = [f"{len(rules)} rule{'s' * (len(rules) != 1)}"] if rules else []
    if best is not None and best.score >= by_rules:
        said.append(f"{best.name} {best.score:.0%}")
        return Why("confidence", round(best.score, 3), ", ".join(said))
    return Why("confidence", round(by_rules, 3), ", ".join(said) or "nothing is sure of it")


def _sure(evidence: Evidence, confidence: Why) -> tuple[Why, ...]:
    """How sure rules and models are, if they say anything at all."""
    is_told = evidence.models or any(rule.is_live for rule in evidence.rules)
    return (confidence,) if is_told else ()


def _time(seconds: float) -> str:
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = round(seconds / size)
            return f"{number} {word}{'s' * (number != 1)}"
    return "a minute"
