"""Reads `then`: what follows when a rule fires."""

from dataclasses import dataclass

from safety.domain.challenges import ChallengeKind
from safety.domain.features import Catalogue, Kind
from safety.domain.rules import LabelEffect
from safety.domain.verdicts import Severity, Verdict
from safety.ruleset.findings import did_you_mean
from safety.ruleset.nodes import Fields, Node, Scalar, place_of
from safety.ruleset.reader import Reader

ACTOR = "actor.id"
_THEN_KEYS = (
    "verdict", "challenge", "severity", "reason", "queue", "label", "retry_after", "final",
    "override", "points",
)  # fmt: skip
MAX_POINTS = 1000
_VERDICTS = {verdict.word: verdict for verdict in Verdict}
_SEVERITIES = {severity.value: severity for severity in Severity}
_CHALLENGES = {kind.value: kind for kind in ChallengeKind}
_OVERRIDES = {"allow": Verdict.ALLOW}
_VERDICT_HINTS = {
    "review": "write `verdict: hold` and name a `queue`",
    "throttle": "write `verdict: block` with `retry_after: 10m`",
    "label": "write `verdict: allow` with `label: {name: 7d}`",
    "deny": "write `verdict: block`",
    **{
        kind.value: f"write `verdict: challenge` with `challenge: {kind.value}`"
        for kind in ChallengeKind
    },
}


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a rule does when it fires."""

    verdict: Verdict
    severity: Severity
    reason: str | None
    queue: str | None
    labels: tuple[LabelEffect, ...]
    retry_after: float | None
    final: bool
    override: bool
    challenge: ChallengeKind | None
    points: int = 0


def read_then(reader: Reader, node: Node, catalogue: Catalogue) -> Consequence | None:
    """The consequence, or None when it cannot be understood."""
    before = reader.findings.error_count
    parts = reader.fields(node, "then", _THEN_KEYS)
    override = "override" in parts
    if override:
        reader.choice(parts["override"], "override", _OVERRIDES)
    verdict = _verdict(reader, node, parts)
    severity = (
        reader.choice(parts["severity"], "severity", _SEVERITIES) if "severity" in parts else None
    )
    final = bool(reader.boolean(parts["final"], "final")) if "final" in parts else False
    if override and final:
        reader.wrong(
            parts["final"], "an override cannot be final: final rules are what it cannot lift"
        )
    retry_after = (
        reader.duration(parts["retry_after"], "retry_after") if "retry_after" in parts else None
    )
    labels = _labels(reader, parts["label"], catalogue) if "label" in parts else ()
    challenge = _challenge(reader, parts["challenge"], verdict) if "challenge" in parts else None
    queue = reader.word(parts["queue"], "queue") if "queue" in parts else None
    reason = reader.word(parts["reason"], "reason") if "reason" in parts else None
    points = _points(reader, parts["points"], override=override) if "points" in parts else 0
    if reader.findings.error_count > before or verdict is None:
        return None
    return Consequence(
        verdict, severity or Severity.MEDIUM, reason, queue, labels, retry_after, final, override,
        challenge, points,
    )  # fmt: skip


def _points(reader: Reader, node: Node, *, override: bool) -> int:
    points = reader.value(node, Kind.INT, "points")
    if isinstance(points, int) and not 1 <= points <= MAX_POINTS:
        reader.wrong(node, f"points are whole numbers from 1 to {MAX_POINTS}")
    if override:
        reader.wrong(node, "an override brings no points")
    return points if isinstance(points, int) else 0


def _verdict(reader: Reader, node: Node, parts: dict[str, Node]) -> Verdict | None:
    if "verdict" not in parts:
        if "override" in parts or "points" in parts:
            return Verdict.ALLOW
        message = "`then` needs a `verdict`"
        reader.findings.error(
            "missing-key", message, place_of(node), f"one of: {', '.join(_VERDICTS)}"
        )
        return None
    if "override" in parts:
        reader.wrong(parts["verdict"], "an override has no verdict: it lifts those of other rules")
    word = parts["verdict"].text if isinstance(parts["verdict"], Scalar) else ""
    if word in _VERDICT_HINTS:
        message = f"`{word}` is not a verdict"
        place = place_of(parts["verdict"])
        reader.findings.error("unknown-verdict", message, place, _VERDICT_HINTS[word])
        return None
    return reader.choice(parts["verdict"], "verdict", _VERDICTS)


def _challenge(reader: Reader, node: Node, verdict: Verdict | None) -> ChallengeKind | None:
    if verdict not in {Verdict.CHALLENGE, None}:
        reader.wrong(node, "`challenge` says what `verdict: challenge` asks for")
        return None
    return reader.choice(node, "challenge", _CHALLENGES)


def _labels(reader: Reader, node: Node, catalogue: Catalogue) -> tuple[LabelEffect, ...]:
    """`{name: 7d}` marks the actor, `{net.ip: {name: 1d}}` another entity of the event."""
    effects: list[LabelEffect] = []
    for key, value in reader.open_fields(node, "label"):
        if isinstance(value, Fields):
            entity = _entity(reader, key, catalogue)
            effects += _marks(reader, entity, value) if entity else []
        else:
            effects += _marks(
                reader, ACTOR, Fields(key.source, key.start, key.end, ((key, value),))
            )
    return tuple(effects)


def _marks(reader: Reader, entity: str, node: Fields) -> list[LabelEffect]:
    marks = []
    for key, value in node.entries:
        lasts = reader.duration(value, "a label's time")
        if lasts is not None and reader.word(key, "a label's name"):
            marks.append(LabelEffect(entity, key.text, lasts))
    return marks


def _entity(reader: Reader, key: Scalar, catalogue: Catalogue) -> str | None:
    feature = catalogue.features.get(key.text)
    if feature is None or feature.kind is not Kind.ENTITY:
        entities = [f.name for f in catalogue.features.values() if f.kind is Kind.ENTITY]
        hint = did_you_mean(key.text, entities) or f"labels mark one of: {', '.join(entities)}"
        message = f"`{key.text}` is not an entity that could carry a label"
        reader.findings.error("unknown-feature", message, place_of(key), hint)
        return None
    return feature.name
