"""A JSON Schema of rule files, so that editors complete keys and words and underline mistakes."""

from collections.abc import Collection, Mapping
from typing import Any

from safety.domain.challenges import ChallengeKind
from safety.domain.features import Catalogue, Kind
from safety.domain.policies import Policy
from safety.domain.verdicts import Mode, Severity, Verdict
from safety.ruleset.consequences import MAX_POINTS

Json = dict[str, Any]
_DURATION: Json = {"type": "string", "pattern": r"^\d+(\.\d+)?[smhdw]$"}
_SHARE: Json = {"type": ["number", "string"], "pattern": r"^\d+(\.\d+)?%?$"}
_DAY: Json = {"type": "string", "description": "a day such as 2026-12-31, or a moment"}
_CONDITION: Json = {"type": "string", "minLength": 1}
_CONDITIONS: Json = {"anyOf": [_CONDITION, {"type": "array", "items": _CONDITION}]}
_TEXTS: Json = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_VALUES: Mapping[Kind, Json] = {
    Kind.BOOL: {"type": ["boolean", "null"]},
    Kind.INT: {"type": ["integer", "null"]},
    Kind.FLOAT: {"type": ["number", "null"]},
    Kind.STRINGS: {"type": ["array", "null"], "items": {"type": ["string", "number", "boolean"]}},
    Kind.DURATION: {"anyOf": [_DURATION, {"type": "null"}]},
}
_ANY_VALUE: Json = {"type": ["string", "number", "boolean", "null"]}
_SNIPPET = """\
rule: ${1:id}
title: ${2:what it finds}
owner: ${3:who is asked}
policy: ${4:policy}
events: [${5:post}]
when:
  - ${6:content.links >= 3}
then: {verdict: ${7|allow,challenge,hold,block|}}
rollout: {mode: shadow}
tests:
  - {name: ${8:it happens}, expect: match, given: {}}
  - {name: ${9:an ordinary event}, expect: no match}
"""


def rule_schema(
    catalogue: Catalogue, policies: Mapping[str, Policy], queues: Collection[str]
) -> Json:
    """The schema of one rule document, in the words of a catalogue."""
    words = _Words(catalogue, policies, queues)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A rule",
        "type": "object",
        "additionalProperties": False,
        "required": ["rule", "title", "owner", "policy", "events", "when", "then"],
        "properties": words.rule(),
        "defaultSnippets": [{"label": "rule", "description": "a new rule", "bodyText": _SNIPPET}],
    }


class _Words:
    def __init__(
        self, catalogue: Catalogue, policies: Mapping[str, Policy], queues: Collection[str]
    ) -> None:
        self._catalogue = catalogue
        self._policies = policies
        self._queues = queues
        features = catalogue.features.values()
        self._entities = sorted(f.name for f in features if f.kind is Kind.ENTITY)

    def rule(self) -> Json:
        events = sorted(self._catalogue.event_types)
        return {
            "rule": {"type": "string", "pattern": r"^[a-z0-9][a-z0-9._-]{0,79}$",
                     "description": "the id"},
            "title": _text("what the rule finds, in one line"),
            "owner": _text("who is asked when the rule misbehaves"),
            "policy": _choice(self._policies, "the published policy it enforces"),
            "reason": _text("the code in answers"),
            "events": {"anyOf": [_choice(events, "an event type"),
                                 {"type": "array", "items": _choice(events, "an event type")}]},
            "let": {"type": "object", "additionalProperties": _CONDITION,
                    "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
                    "description": "names for expressions"},
            "when": {**_CONDITIONS, "description": "lines that must all be true"},
            "unless": {**_CONDITIONS, "description": "lines of which none may be true"},
            "then": self._then(),
            "rollout": self._rollout(),
            "tests": {"type": "array", "items": self._test(events)},
            "references": _TEXTS,
            "falsepositives": _TEXTS,
        }  # fmt: skip

    def _then(self) -> Json:
        marks = {"type": "object", "additionalProperties": _DURATION}
        return _object({
            "verdict": _choice([v.word for v in Verdict], "what the platform must do"),
            "challenge": _choice([c.value for c in ChallengeKind], "what a challenge asks for"),
            "severity": _choice([s.value for s in Severity], "how bad it is if the rule is right"),
            "reason": _text("the code in answers"),
            "queue": {"type": "string", "examples": sorted(self._queues),
                      "description": "send it to be looked at, whatever the verdict"},
            "label": {"type": "object",
                      "properties": dict.fromkeys(self._entities, marks),
                      "additionalProperties": _DURATION,
                      "description": "marks on the actor, or on an entity, and how long they last"},
            "retry_after": _DURATION,
            "final": {"type": "boolean", "description": "judged before the models; never lifted"},
            "override": _choice(["allow"], "lift the verdicts of all rules that are not final"),
            "points": {"type": "integer", "minimum": 1, "maximum": MAX_POINTS},
        })  # fmt: skip

    def _rollout(self) -> Json:
        return _object({
            "mode": _choice([m.value for m in Mode], "how far the rule is rolled out"),
            "percent": {**_SHARE, "description": "for how many entities a canary is live"},
            "by": _choice(self._entities, "which entity decides; the actor when left out"),
            "until": {**_DAY, "description": "the last day the rule fires"},
            "since": {**_DAY, "description": "when the mode was set"},
            "max_match_rate": {**_SHARE, "description": "beyond it, the rule runs away"},
        })  # fmt: skip

    def _test(self, events: list[str]) -> Json:
        features = self._catalogue.features.values()
        given = {f.name: self._value(f.kind, f.description) for f in features}
        return {
            **_object({
                "name": _text("what happens in this example"),
                "expect": _choice(["match", "no match"], "whether the rule fires"),
                "event": _choice(events, "one of the rule's event types"),
                "given": {"type": "object", "properties": given,
                          "additionalProperties": {"type": ["number", "null"]}},
            }),
            "required": ["name", "expect"],
        }  # fmt: skip

    @staticmethod
    def _value(kind: Kind, description: str) -> Json:
        return {**_VALUES.get(kind, _ANY_VALUE), "description": description}


def _object(properties: Json) -> Json:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _choice(words: Collection[str], description: str) -> Json:
    return {"enum": list(words), "description": description}


def _text(description: str) -> Json:
    return {"type": "string", "minLength": 1, "description": description}
