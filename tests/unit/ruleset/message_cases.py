"""Mistakes that authors make, for each code one or more; what is said lies in `messages/`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.unit.ruleset.folders import FEATURES, a_rule

PROOF = (
    "tests:\n"
    "  - {name: it happens, expect: match, given: {actor.verified: true}}\n"
    "  - {name: it does not, expect: no match, given: {actor.verified: false}}\n"
)
CLOCKED = FEATURES + "  event.time: {type: time, source: derived, description: when}\n"
PLAIN = a_rule("actor.verified")
LETS = "let: {xs: actor.folowers, and: actor.followers}\n"


@dataclass(frozen=True)
class Case:
    """Documents of rules.yaml, and other files of the folder by stem."""

    documents: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)


def one(*when: str, **more: Any) -> Case:
    return Case((a_rule(*when, **more),))


def ending(text: str) -> Case:
    return Case((PLAIN + text,))


CASES: dict[str, Case] = {
    "unknown-feature": one('actor.acount_age < "3d"'),
    "unknown-feature-sibling": one("content.colour > 3"),
    "unknown-list": one("content.link_domain in lists.shortners"),
    "unknown-label": Case((
        a_rule('actor.has_label("link_brust")', then="{verdict: hold, label: {link_burst: 7d}}"),
    )),
    "unknown-function": one('content.text.contain("x")'),
    "unknown-policy": Case((PLAIN.replace("spam.commercial", "spam.comercial"),)),
    "unknown-event-type": one("actor.verified", events="[pots]"),
    "unknown-event-type-window": one('count("pst", by=actor.id, within="1h") > 3'),
    "unknown-challenge": one("actor.verified", then="{verdict: challenge, challenge: captha}"),
    "unknown-verdict": one("actor.verified", then="{verdict: blok}"),
    "unknown-verdict-word": one("actor.verified", then="{verdict: throttle}"),
    "unknown-severity": one("actor.verified", then="{verdict: hold, severity: hihg}"),
    "unknown-mode": ending("rollout: {mode: enfroce}\n"),
    "unknown-override": one("actor.verified", then="{override: block}"),
    "unknown-type": Case((PLAIN,), {"features": FEATURES.replace("type: int", "type: number", 1)}),
    "unknown-source": Case((PLAIN,), {"features": FEATURES.replace(": model", ": magic", 1)}),
    "unknown-fail-policy": Case((PLAIN,), {"features": FEATURES.replace("open", "opne", 1)}),
    "unknown-key": ending("ownr: me\n"),
    "unknown-key-on": ending("on: [post]\n"),
    "no-labels": one('net.has_label("bad")'),
    "type": one('actor.followers < "many"'),
    "type-duration": one("actor.account_age < 3"),
    "wrong-value-colon": Case((PLAIN.replace("'actor.verified'", 'content.text == "a: b"'),)),
    "wrong-value-empty": Case((PLAIN.replace("when:\n  - 'actor.verified'", "when: []"),)),
    "wrong-value-queue": one("actor.verified", then="{verdict: hold, queue: ../unsure}"),
    "wrong-value-label": one("actor.verified", then="{verdict: hold, label: {x: 999999999w}}"),
    "wrong-value-share": ending("rollout: {mode: canary, percent: 0.001}\n"),
    "wrong-value-let": Case((a_rule("xs > 1", more=LETS),)),
    "yaml-not": Case((PLAIN.replace("'actor.verified'", "!actor.verified"),)),
    "yaml-unseen": one("actor.followers > \x00 3"),
    "yaml-tab": Case((PLAIN.replace("  - 'actor", "\t- 'actor"),)),
    "spelling-letter": one('\u0430ctor.account_age < "3d"'),
    "pattern-repeat": one('content.text.matches(r"a{1001}")'),
    "type-condition": one("actor.followers and actor.verified"),
    "type-in-text": one('"x" in content.text'),
    "arguments": one('count("post", by=actor.id) > 3'),
    "arguments-zone": one('hour(actor.created_at, tz="Europe/Pari") > 3'),
    "number": one("actor.account_age < 3d"),
    "not-available": one('actor.email == "a"'),
    "not-available-final": one("score.spam > 0.9", then="{verdict: block, final: true}"),
    "spelling-and": one("actor.verified && actor.email_verified"),
    "spelling-equals": one("actor.followers = 3"),
    "spelling-is": one("actor.verified is True"),
    "not-in-language": one("1 < actor.followers < 3"),
    "not-in-language-lambda": one("(lambda: 1)() == 2"),
    "syntax": one("(actor.verified"),
    "syntax-cut": one("actor.followers >"),
    "escape": one(r'content.text.matches("\d+")'),
    "comment": Case((PLAIN.replace("'actor.verified'", "'actor.verified # really'"),)),
    "adjacent-strings": one('net.country in ["NL" "DE"]'),
    "pattern": one('content.text.matches(r"(?=x)")'),
    "pattern-gap": one('content.text.matches(r"a.{0,60}b")'),
    "too-costly": one(
        *(f'lower(content.text).matches(r"{word}")' for word in "abcdefghijklmnopqrstuvwxyz"),
        *(f'lower(content.text).matches(r"{word}x")' for word in "abcdefghijklmnopqrstuvwxyz"),
    ),
    "too-long": one(" or ".join(["actor.verified"] * 200)),
    "too-deep": one("((((((((((((((actor.verified))))))))))))))"),
    "too-many-atoms": one(" or ".join(["actor.verified"] * 65)),
    "too-many-windows": one(
        *(f'count("post", by=actor.id, within="{n}m") > 3' for n in range(1, 10))
    ),
    "window-too-long": one('count("post", by=actor.id, within="90d") > 3'),
    "limit-too-large": one('count("post", by=actor.id, within="1h") > 20000'),
    "too-large": ending("# " + "x" * (1 << 20)),
    "yaml": Case((PLAIN.replace("'actor.verified'", '"a" in actor.labels'),)),
    "yaml-anchor": ending("references: &x [a]\n"),
    "yaml-tag": ending("references: !!python/object/apply:os.system [true]\n"),
    "yaml-twice": ending("title: again\n"),
    "wrong-value": one("actor.verified", then="{verdict: hold, final: yes}"),
    "wrong-value-percent": ending("rollout: {mode: shadow, percent: 5}\n"),
    "missing-key": Case((PLAIN.replace("owner: somebody\n", ""),)),
    "missing-key-percent": ending("rollout: {mode: canary}\n"),
    "cut-short": Case((PLAIN.replace("'actor.verified'", "actor.followers > 3 # often"),)),
    "duplicate-rule": Case((PLAIN, PLAIN)),
    "too-many-errors": ending("".join(f"extra_{number}: 1\n" for number in range(201))),
    "untested": ending("rollout: {mode: enforce}\n"),
    "red-test": ending(PROOF.replace("actor.verified: true", "actor.verified: false")),
    "always-false": one("actor.followers > 5", "actor.verified", "actor.followers < 3"),
    "always-false-part": one("actor.followers > 5", "actor.verified or actor.followers == 2"),
    "always-false-bounds": one("score.spam >= 1.5"),
    "always-false-unless": one("actor.followers > 5", unless=("actor.followers < 3",)),
    "always-false-excluded": one("actor.followers > 5", unless=("actor.followers > 2",)),
    "always-true": one('count("post", by=actor.id, within="1h") >= 0', "actor.verified"),
    "always-true-covered": one("actor.followers > 5", "actor.followers > 3"),
    "subsumed": Case((
        a_rule("actor.followers > 3", rule="wide", then="{verdict: block}"),
        a_rule("actor.followers > 9", "actor.verified", rule="narrow"),
    )),
    "unused-let": ending("let: {many: actor.followers > 100}\n"),
    "unwritten-label": one('actor.has_label("trusted_partner")'),
    "points-unused": one("actor.verified", then="{points: 3}"),
    "no-until": one("actor.verified", rule="incident-0412"),
    "expired": Case(
        (a_rule("actor.verified", more="rollout: {mode: shadow, until: 2026-01-31}\n"),),
        {"features": CLOCKED},
    ),
    "long-shadow": ending("rollout: {mode: shadow, since: 2026-11-01}\n"),
    "float-equality": one("score.spam == 0.9"),
}  # fmt: skip
