"""Warnings about a whole ruleset: rules that fit the language and yet are probably not meant."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from safety.domain.features import Catalogue
from safety.domain.verdicts import Mode
from safety.ruleset.bundle import Bundle
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.findings import Finding, Level
from safety.ruleset.labels import labels_read, written_labels
from safety.ruleset.sense import check_sense
from safety.ruleset.subsumption import check_subsumption

SHADOW_DAYS = 30
_DAY = 86_400
_TEMPORARY = re.compile(
    r"(^|[^a-z])(temp|temporary|hotfix|incident|emergency|stopgap)([^a-z]|$)", re.IGNORECASE
)


def lint(bundle: Bundle, *, at: float) -> tuple[Finding, ...]:
    """Every warning about the bundle, in the order of its files; `at` is now in Unix seconds."""
    found = list(bundle.warnings)
    for compiled in bundle.compiled:
        found += check_sense(compiled)
        found += _rollout(compiled, at)
        found += _points(compiled, bundle.catalogue)
    found += check_subsumption(bundle.compiled)
    found += _unwritten_labels(bundle.compiled, bundle.catalogue)
    return tuple(sorted(found, key=lambda one: (one.place.file, one.place.line, one.place.column)))


def _rollout(compiled: CompiledRule, at: float) -> Iterator[Finding]:
    rule = compiled.rule
    if rule.until is None and _TEMPORARY.search(f"{rule.id} {rule.title}"):
        message = f"`{rule.id}` calls itself temporary and has no end"
        yield _warning("no-until", message, compiled, "write `rollout: {until: 2026-12-31, ...}`")
    if rule.until is not None and rule.until <= at and compiled.is_judged:
        end = datetime.fromtimestamp(rule.until, UTC)
        message = f"`{rule.id}` ended at {end:%Y-%m-%d %H:%M} UTC and does not fire any more"
        yield _warning("expired", message, compiled, "remove it, or move `until`")
    if rule.mode is Mode.SHADOW and compiled.since is not None:
        days = (at - compiled.since) / _DAY
        if days > SHADOW_DAYS:
            message = f"`{rule.id}` has been in shadow for {days:.0f} days"
            hint = "enforce it, or switch it off"
            yield _warning("long-shadow", message, compiled, hint)


def _points(compiled: CompiledRule, catalogue: Catalogue) -> Iterator[Finding]:
    rule = compiled.rule
    if rule.points and not any(catalogue.event_types[event].points for event in rule.events):
        message = f"`{rule.id}` brings points, and none of its event types counts them"
        hint = "write `points: {hold: 10}` for the event type in features.yaml"
        yield _warning("points-unused", message, compiled, hint)


def _unwritten_labels(rules: Iterable[CompiledRule], catalogue: Catalogue) -> Iterator[Finding]:
    compiled = tuple(rules)
    known = written_labels(compiled) | catalogue.labels.keys()
    told: set[str] = set()
    for rule in compiled:
        for line, label in labels_read(rule):
            if label not in known and label not in told:
                told.add(label)
                message = f"no rule writes the label `{label}`"
                hint = "if people set it, declare it under `labels:` in features.yaml"
                yield Finding("unwritten-label", message, line.place, hint, Level.WARNING)


def _warning(code: str, message: str, compiled: CompiledRule, hint: str) -> Finding:
    return Finding(code, message, compiled.place, hint, Level.WARNING)
