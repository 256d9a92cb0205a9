"""What a rule means as one text, and the hash of it that tells one revision from another."""

import hashlib
import json
from dataclasses import astuple, replace

from safety.domain.rules import Rule
from safety.ruleset.compiled import Condition
from safety.ruleset.ir import canonical

_LAYOUT = frozenset({"place", "revision", "labels", "canary"})
# Left out while they say nothing, so that a rule which does not use them keeps its revision.
_OPTIONAL = frozenset({"until", "points", "max_match_rate", "challenge"})


def _meaning(rule: Rule, when: tuple[Condition, ...], unless: tuple[Condition, ...]) -> str:
    """The canonical text of all that a rule says; places and layout are not part of it."""
    facts = {name: getattr(rule, name) for name in rule.__slots__ if name not in _LAYOUT}
    facts = {name: fact for name, fact in facts.items() if fact or name not in _OPTIONAL}
    if rule.canary:
        facts["canary"] = astuple(rule.canary)
    facts["labels"] = [(e.entity, e.name, e.lasts) for e in rule.labels]
    facts["when"] = sorted(canonical(line.expression) for line in when)
    facts["unless"] = sorted(canonical(line.expression) for line in unless)
    return json.dumps(facts, sort_keys=True)


def digest_of(rule: Rule, when: tuple[Condition, ...], unless: tuple[Condition, ...]) -> str:
    """The SHA-256 of a rule's meaning, in hexadecimal digits."""
    return hashlib.sha256(_meaning(rule, when, unless).encode()).hexdigest()


def revised(rule: Rule, digest: str) -> Rule:
    """The rule with the beginning of its digest as its revision."""
    return replace(rule, revision=digest[:16])
