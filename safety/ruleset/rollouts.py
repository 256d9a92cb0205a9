"""Reads `rollout`: how far a rule is rolled out, for whom, and until when."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from safety.domain.features import Catalogue, Kind, Source
from safety.domain.rules import Canary
from safety.domain.verdicts import Mode
from safety.ruleset.durations import parse_time
from safety.ruleset.findings import did_you_mean
from safety.ruleset.nodes import Node, place_of
from safety.ruleset.reader import Reader

BUCKETS = 10_000
CLOCK = "event.time"  # the feature that says when an event happens
KEYS = ("mode", "percent", "by", "until", "since", "max_match_rate")
_MODES = {mode.value: mode for mode in Mode}
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)(%?)", re.ASCII)
_DAY = 86_400


def bucket_of(rule_id: str, entity: str) -> int:
    """A number from 0 to 9999 that this entity always gets from this rule, evenly spread.

    A canary with a share of n ten-thousandths is live for the buckets below n, so raising the
    share keeps everybody who was in it; another rule draws other entities.
    """
    digest = blake2b(f"{rule_id}\0{entity}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest) % BUCKETS


def members_of(rule_id: str, share: int) -> Callable[[object], bool]:
    """Whether an entity is among those for whom the rule is live; a missing one never is."""

    def is_member(entity: object) -> bool:
        return isinstance(entity, str) and bucket_of(rule_id, entity) < share

    return is_member


@dataclass(frozen=True, slots=True)
class Rollout:
    """What `rollout` says. `since` is when the mode was set, if the author wrote it down."""

    mode: Mode = Mode.SHADOW
    canary: Canary | None = None
    until: float | None = None
    since: float | None = None
    max_match_rate: float | None = None


def read_rollout(
    reader: Reader, node: Node, catalogue: Catalogue, events: tuple[str, ...]
) -> Rollout | None:
    """The rollout, or None when it cannot be understood."""
    return _Rollouts(reader, catalogue, events).read(node)


class _Rollouts:
    def __init__(self, reader: Reader, catalogue: Catalogue, events: tuple[str, ...]) -> None:
        self._reader = reader
        self._catalogue = catalogue
        self._events = events

    def read(self, node: Node) -> Rollout | None:
        before = self._reader.findings.error_count
        parts = self._reader.fields(node, "rollout", KEYS)
        mode = self._reader.choice(parts["mode"], "mode", _MODES) if "mode" in parts else None
        mode = mode or Mode.SHADOW
        canary = self._canary(node, parts, mode)
        until = self._moment(parts["until"], "until") if "until" in parts else None
        if until is not None:
            self._require(CLOCK, parts["until"])
        since = self._moment(parts["since"], "since", ends=False) if "since" in parts else None
        limit = parts.get("max_match_rate")
        rate = self._share(limit, "max_match_rate", unit=1.0) if limit else None
        if self._reader.findings.error_count > before:
            return None
        if mode in {Mode.CANARY, Mode.ENFORCE}:
            mode = Mode.CANARY if canary else Mode.ENFORCE
        return Rollout(mode, canary, until, since, rate)

    def _canary(self, node: Node, parts: dict[str, Node], mode: Mode) -> Canary | None:
        if "percent" not in parts:
            if mode is Mode.CANARY:
                place = place_of(node)
                hint = "write `rollout: {mode: canary, percent: 5}`"
                self._reader.findings.error("missing-key", "canary needs `percent`", place, hint)
            return None
        if mode in {Mode.OFF, Mode.SHADOW}:
            message = f"`percent` belongs to canary, and the mode is {mode.value}"
            self._reader.wrong(parts["percent"], message, "write `mode: canary`")
        share = self._share(parts["percent"], "percent", unit=100.0)
        by = self._reader.text(parts["by"], "by") if "by" in parts else "actor.id"
        if share is None or by is None or not self._require(by, parts.get("by", node)):
            return None
        whole = round(share * BUCKETS)
        if share and not whole:
            self._reader.wrong(parts["percent"], "the smallest share of a canary is 0.01 percent")
        return None if whole == BUCKETS and mode is Mode.ENFORCE else Canary(by, whole)

    def _require(self, name: str, node: Node) -> bool:
        """Whether every event of the rule may carry this feature before any rule is judged."""
        feature = self._catalogue.features.get(name)
        entities = [f.name for f in self._catalogue.features.values() if f.kind is Kind.ENTITY]
        if feature is None or (name != CLOCK and feature.kind is not Kind.ENTITY):
            hint = did_you_mean(name, entities) or f"one of: {', '.join(entities)}"
            hint = "declare it in features.yaml" if name == CLOCK else hint
            message = f"`{name}` is not an entity" if name != CLOCK else f"there is no `{name}`"
            self._reader.findings.error("unknown-feature", message, place_of(node), hint)
            return False
        missing = [
            event for event in self._events if feature.events and event not in feature.events
        ]
        if missing or feature.source not in {Source.EVENT, Source.DERIVED}:
            message = f"`{name}` is not available for `{(missing or self._events)[0]}` events"
            self._reader.findings.error("not-available", message, place_of(node))
            return False
        return True

    def _share(self, node: Node, what: str, *, unit: float) -> float | None:
        """A share from 0 to 1, written in percent or, where `unit` is 1, also as a fraction."""
        text = self._reader.text(node, what)
        found = _SHARE.fullmatch(text or "")
        share = float(found[1]) / (100 if found[2] else unit) if found else -1
        if not 0 <= share <= 1:
            example = "25 or 0.5" if unit > 1 else "0.5% or 0.005"
            self._reader.wrong(node, f"`{what}` must be a share of 0 to 100 %, such as {example}")
            return None
        return share

    def _moment(self, node: Node, what: str, *, ends: bool = True) -> float | None:
        """A moment; a day alone stands for its end, as on lists, or for its beginning."""
        text = self._reader.text(node, what) or ""
        moment = parse_time(text)
        if moment is None:
            self._reader.wrong(node, f"`{what}` must be a day such as 2026-12-31")
            return None
        is_day = len(text) == len("2026-12-31")
        return moment + (_DAY if is_day and ends else 0)
