"""A few rules in force, of different owners, verdicts and inputs, to take effect away from."""

from pathlib import Path

from safety.ruleset.bundle import Bundle
from safety.ruleset.load import load_bundle
from tests.factories import NOW, a_rules_folder

_RULE = """rule: {id}
title: {id}
owner: {owner}
policy: spam.commercial
events: [comment]
when: {when}
then: {then}
rollout: {rollout}
tests:
  - {{name: matches, expect: match, given: {match}}}
  - {{name: misses, expect: no match, given: {miss}}}
"""


def a_rule(  # noqa: PLR0917  what a rule is
    name: str,
    when: str,
    then: str,
    match: str,
    miss: str,
    owner: str = "abuse",
    rollout: str = "{mode: enforce}",
) -> str:
    """A rule as it stands in a file."""
    return _RULE.format(
        id=name, owner=owner, when=when, then=then, match=match, miss=miss, rollout=rollout
    )


LONG_TEXT = a_rule(
    "long-text",
    "content.length > 3",
    "{verdict: block, reason: LONG, queue: content, label: {noisy: 1h}}",
    "{content.length: 9}",
    "{content.length: 2}",
)
DENIED = a_rule(
    "denied",
    "actor.email_domain in lists.deny_domains",
    "{verdict: block, reason: DENIED, final: true}",
    "{actor.email_domain: spam.example}",
    "{actor.email_domain: good.example}",
    owner="lists",
)
SPAM_SCORE = a_rule(
    "spam-score",
    "score.spam >= 0.9",
    "{verdict: hold, reason: SPAM}",
    "{score.spam: 0.95}",
    "{score.spam: 0.5}",
    owner="models",
)
TRUSTED = a_rule(
    "trusted",
    "actor.verified",
    "{override: allow, reason: TRUSTED}",
    "{actor.verified: true}",
    "{actor.verified: false}",
)
RULES = f"{LONG_TEXT}---\n{DENIED}---\n{SPAM_SCORE}---\n{TRUSTED}"
DENIED_DOMAINS = ("spam.example", "scam.example")


def a_controlled_bundle(tmp_path: Path) -> Bundle:
    """These rules, with two domains on the list that one of them looks up."""
    folder = a_rules_folder(tmp_path, RULES)
    (folder / "lists" / "deny_domains.txt").write_text("\n".join(DENIED_DOMAINS))
    return load_bundle([folder], at=NOW)
