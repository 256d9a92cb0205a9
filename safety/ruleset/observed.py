"""Warnings that history gives: rules that never match, match too often or know too little."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import Finding, Level

MAX_MATCH_RATE = 0.01
MAX_UNKNOWN_RATE = 0.01


@dataclass(frozen=True, slots=True)
class Observed:
    """What a rule did with the events of its types, in a backtest or since it is in force."""

    events: int
    matches: int
    unknown: int = 0


def check_observed(bundle: Bundle, figures: Mapping[str, Observed]) -> Iterator[Finding]:
    """Warnings about the rules that the figures are of; other rules stay unmentioned."""
    for compiled in bundle.compiled:
        seen = figures.get(compiled.rule.id)
        if seen is None or not seen.events:
            continue
        for code, message, hint in _troubles(seen, compiled.rule.max_match_rate):
            said = f"`{compiled.rule.id}` {message} {seen.events:,} events"
            yield Finding(code, said, compiled.place, hint, Level.WARNING)


def _troubles(seen: Observed, declared: float | None) -> Iterator[tuple[str, str, str]]:
    allowed = MAX_MATCH_RATE if declared is None else declared
    if not seen.matches:
        yield "never-matched", "matched none of", "look at `rules show` for lines that are unknown"
    elif seen.matches > allowed * seen.events:
        share = 100 * seen.matches / seen.events
        hint = "narrow it, or declare `rollout: {max_match_rate: ...}`"
        yield "matches-often", f"matched {share:.1f} % of", hint
    if seen.unknown > MAX_UNKNOWN_RATE * seen.events:
        share = 100 * seen.unknown / seen.events
        hint = "does the platform send what it reads? `default(x, ...)` says what silence means"
        yield "often-unknown", f"was unknown for {share:.1f} % of", hint
