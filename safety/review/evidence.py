"""Evidence: the stored reasons behind a decision, read back for a person to look at."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safety.domain.features import Value
from safety.domain.verdicts import Mode, Severity, Verdict

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LineSeen:
    """One line of a rule's condition, with the values it met; None is a value that was missing."""

    text: str
    outcome: bool | None
    values: Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """A rule that fired, as it was at that moment. `spans` are characters of `content.text`."""

    id: str
    revision: str
    title: str
    owner: str
    policy: str
    mode: Mode
    verdict: Verdict
    reason: str
    severity: Severity
    capped: bool
    lines: tuple[LineSeen, ...]
    spans: tuple[Span, ...]

    @property
    def is_live(self) -> bool:
        """Whether the rule was obeyed, not only recorded."""
        return self.mode is Mode.ENFORCE


@dataclass(frozen=True, slots=True)
class WordSeen:
    """A piece of the text that moved a model's score by `weight` log-odds."""

    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class ModelSeen:
    """What a model thought; `words` are its reasons, strongest first."""

    name: str
    version: str
    score: float
    words: tuple[WordSeen, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that spoke for or against an event. Live rules come first, most severe first."""

    rules: tuple[RuleSeen, ...]
    models: tuple[ModelSeen, ...]


def read_evidence(signals: bytes, more: Sequence[Mapping[str, Any]] = ()) -> Evidence:
    """Read the `signals` of a ledger entry and `more` that were made since, of the same form.

    Sources that this version does not know are passed over.
    """
    entries: list[Mapping[str, Any]] = [*json.loads(signals), *more]
    rules = [_rule(e) for e in entries if e.get("source") == "rule"]
    rules.sort(key=lambda r: (r.is_live, r.severity.rank, r.verdict), reverse=True)
    models = [_model(e) for e in entries if e.get("source") == "model"]
    return Evidence(rules=tuple(rules), models=tuple(models))


def _rule(entry: Mapping[str, Any]) -> RuleSeen:
    return RuleSeen(
        id=entry["rule"],
        revision=str(entry["revision"]),
        title=entry["title"],
        owner=entry["owner"],
        policy=entry["policy"],
        mode=Mode(entry["mode"]),
        verdict=Verdict.parse(entry["verdict"]),
        reason=entry["reason"],
        severity=Severity(entry["severity"]),
        capped=bool(entry.get("capped", False)),
        lines=tuple(_line(line) for line in entry.get("lines", ())),
        spans=tuple((start, end) for start, end in entry.get("spans", ())),
    )


def _line(line: dict[str, Any]) -> LineSeen:
    return LineSeen(text=line["text"], outcome=line["outcome"], values=line.get("values", {}))


def _model(entry: Mapping[str, Any]) -> ModelSeen:
    words = tuple(
        WordSeen(w["start"], w["end"], w["text"], float(w["weight"]))
        for w in entry.get("words", ())
    )
    return ModelSeen(
        name=entry["name"], version=str(entry["version"]), score=float(entry["score"]), words=words
    )
