"""Reads one YAML document into one checked rule."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from keyword import kwlist
from typing import TypeVar

from safety.domain.features import Catalogue
from safety.domain.policies import Policy
from safety.domain.rules import Rule
from safety.ruleset.check import check_condition, check_expression
from safety.ruleset.compiled import CompiledRule, Condition
from safety.ruleset.consequences import Consequence, read_then
from safety.ruleset.examples import ExampleReader
from safety.ruleset.findings import did_you_mean
from safety.ruleset.nodes import Fields, Node, Scalar, place_of
from safety.ruleset.reader import Reader
from safety.ruleset.revisions import digest_of, revised
from safety.ruleset.rollouts import Rollout, read_rollout
from safety.ruleset.scope import Scope
from safety.ruleset.tokens import Followup, Mistake
from safety.ruleset.whole import check_rule

_KEYS = (
    "rule", "title", "owner", "policy", "reason", "events", "let", "when", "unless", "then",
    "rollout", "tests", "references", "falsepositives",
)  # fmt: skip
_REQUIRED = ("rule", "title", "owner", "policy", "events", "when", "then")
_KEY_HINTS = {
    "on": "the key is `events`",
    "if": "the key is `when`",
    "mode": "write `rollout: {mode: ...}`",
}
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}", re.ASCII)
_LET = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_TAKEN = frozenset({"lists", "true", "false", *kwlist})
_Checked = TypeVar("_Checked")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What rules may refer to."""

    catalogue: Catalogue
    policies: Mapping[str, Policy]
    lists: Collection[str]


class RuleReader:
    """Reads rule documents; what is wrong with them goes to the reader's findings."""

    def __init__(self, reader: Reader, vocabulary: Vocabulary) -> None:
        self._reader = reader
        self._findings = reader.findings
        self._words = vocabulary

    def read(self, document: Node) -> CompiledRule | None:
        """The rule of one document, or None when it has errors."""
        before = self._findings.error_count
        parts = self._reader.fields(document, "a rule", _KEYS, _KEY_HINTS)
        for key in _REQUIRED:
            if key not in parts and isinstance(document, Fields):
                place = place_of(document.entries[0][0]) if document.entries else place_of(document)
                self._findings.error("missing-key", f"a rule needs `{key}`", place)
        events = self._events(parts.get("events"))
        scope = Scope(self._words.catalogue, self._words.lists, events)
        lets = self._lets(parts.get("let"), scope) if events else []
        when = self._lines(parts.get("when"), "when", scope) if events else ()
        unless = self._lines(parts.get("unless"), "unless", scope) if events else ()
        self._unused(lets, scope)
        rollout = self._rollout(parts, events)
        rule = self._rule(parts, events, rollout) if rollout else None
        if rule is None or rollout is None or self._findings.error_count > before:
            return None
        examples = ExampleReader(self._reader, scope, (*when, *unless))
        tests = examples.read(parts["tests"]) if "tests" in parts else ()
        digest = digest_of(rule, when, unless)
        compiled = CompiledRule(
            revised(rule, digest),
            when,
            unless,
            tests,
            place_of(parts["rule"]),
            rollout.since,
            digest,
        )
        check_rule(compiled, self._words.catalogue, self._findings)
        return compiled if self._findings.error_count == before else None

    def _rollout(self, parts: Mapping[str, Node], events: tuple[str, ...]) -> Rollout | None:
        if "rollout" not in parts:
            return Rollout()
        return read_rollout(self._reader, parts["rollout"], self._words.catalogue, events)

    def _rule(
        self, parts: Mapping[str, Node], events: tuple[str, ...], rollout: Rollout
    ) -> Rule | None:
        texts = {key: self._reader.text(parts[key], key) for key in _TEXT_KEYS if key in parts}
        if "reason" in parts:
            texts["reason"] = self._reader.word(parts["reason"], "reason")
        identifier = texts.get("rule") or ""
        if "rule" in parts and not _ID.fullmatch(identifier):
            self._reader.wrong(
                parts["rule"], "a rule's id is lower-case letters, digits, `-`, `_` and `.`"
            )
        policy = texts.get("policy") or ""
        if policy and policy not in self._words.policies:
            hint = did_you_mean(policy, self._words.policies)
            self._findings.error(
                "unknown-policy", f"unknown policy `{policy}`", place_of(parts["policy"]), hint
            )
        then = (
            read_then(self._reader, parts["then"], self._words.catalogue)
            if "then" in parts
            else None
        )
        if then is None or "rule" not in parts:
            return None
        place = place_of(parts["rule"])
        reason = (
            texts.get("reason")
            or then.reason
            or identifier.upper().replace("-", "_").replace(".", "_")
        )
        return _built(
            texts, then, rollout, events=events, reason=reason, place=f"{place.file}:{place.line}"
        )

    def _events(self, node: Node | None) -> tuple[str, ...]:
        known = self._words.catalogue.event_types
        events = []
        for scalar in self._reader.scalars(node, "events") if node else ():
            if scalar.text in known:
                events.append(scalar.text)
            else:
                hint = (
                    did_you_mean(scalar.text, known) or f"the event types are: {', '.join(known)}"
                )
                message = f"unknown event type `{scalar.text}`"
                self._findings.error("unknown-event-type", message, place_of(scalar), hint)
        return tuple(dict.fromkeys(events))

    def _lets(self, node: Node | None, scope: Scope) -> list[Scalar]:
        names = []
        for key, value in self._reader.open_fields(node, "let") if node else ():
            if not _LET.fullmatch(key.text) or scope.is_group(key.text) or key.text in _TAKEN:
                scope.broken.add(key.text)
                self._reader.wrong(
                    key, f"`{key.text}` cannot be a name", "use lower_case_words of your own"
                )
                continue
            expression = self._checked(value, "let", lambda text: check_expression(text, scope))
            if expression is not None:
                scope.lets[key.text] = expression
                names.append(key)
            else:
                scope.broken.add(key.text)
        return names

    def _lines(self, node: Node | None, what: str, scope: Scope) -> tuple[Condition, ...]:
        lines = []
        for scalar in self._reader.scalars(node, what) if node else ():
            expression = self._checked(scalar, what, lambda text: check_condition(text, scope))
            if expression is not None:
                lines.append(Condition(" ".join(scalar.text.split()), expression, place_of(scalar)))
        return tuple(lines)

    def _checked(self, node: Node, what: str, check: Callable[[str], _Checked]) -> _Checked | None:
        scalar = self._reader.scalar(node, what)
        if scalar is None or self._is_cut(scalar):
            return None
        try:
            return check(scalar.text)
        except Followup:
            return None
        except Mistake as mistake:
            place = scalar.place_of(*mistake.span)
            self._findings.error(mistake.code, mistake.message, place, mistake.hint)
            return None

    def _is_cut(self, scalar: Scalar) -> bool:
        """Whether YAML took the end of a condition for a comment."""
        rest = scalar.source.text[scalar.end :].split("\n", 1)[0]
        if scalar.style or not re.match(r"[ \t]+#", rest):
            return False
        place = scalar.source.place(scalar.end + rest.index("#"), scalar.end + len(rest))
        hint = "put the comment on its own line, or wrap the condition in single quotes"
        self._findings.error(
            "cut-short", "` #` ends the condition: the rest is a comment", place, hint
        )
        return True

    def _unused(self, names: list[Scalar], scope: Scope) -> None:
        for name in names:
            if name.text not in scope.used:
                self._findings.warn("unused-let", f"`{name.text}` is never used", place_of(name))


_TEXT_KEYS = ("rule", "title", "owner", "policy")


def _built(
    texts: Mapping[str, str | None],
    then: Consequence,
    rollout: Rollout,
    *,
    events: tuple[str, ...],
    reason: str,
    place: str,
) -> Rule:
    return Rule(
        id=texts.get("rule") or "",
        title=texts.get("title") or "",
        owner=texts.get("owner") or "",
        policy=texts.get("policy") or "",
        reason=reason,
        events=events,
        mode=rollout.mode,
        verdict=then.verdict,
        severity=then.severity,
        queue=then.queue,
        labels=then.labels,
        final=then.final,
        override=then.override,
        retry_after=then.retry_after,
        challenge=then.challenge,
        revision="",
        place=place,
        canary=rollout.canary,
        until=rollout.until,
        points=then.points,
        max_match_rate=rollout.max_match_rate,
    )
