"""Rule documents are read strictly: every key, value and reference must make sense."""

from pathlib import Path

import pytest

from safety.domain.challenges import ChallengeKind
from safety.domain.rules import LabelEffect
from safety.domain.verdicts import Mode, Severity, Verdict
from tests.unit.ruleset.folders import a_rule, load, refusal

WRONG_FILES = [
    ("rule: &x a\ntitle: *x\n", "yaml", "anchors"),
    ("rule: !!python/object:os.system a\n", "yaml", "tags"),
    ("<<: {a: b}\n", "yaml", "merge keys"),
    ("rule: a\nrule: b\n", "yaml", "given twice"),
    ("a: " + "[" * 30 + "]" * 30, "yaml", "deeper than 20"),
    (a_rule("actor.verified") + "on: [post]\n", "unknown-key", "the key is `events`"),
    (a_rule("actor.verified") + "rollout: {mode: shadow, percnt: 5}\n", "unknown-key", "percent"),
    (a_rule("actor.verified") + "ownr: me\n", "unknown-key", "did you mean `owner`?"),
    (a_rule("actor.verified").replace("owner: somebody\n", ""), "missing-key", "`owner`"),
    (a_rule("actor.verified").replace("policy: spam.commercial\n", ""), "missing-key", "`policy`"),
    (
        a_rule("actor.verified").replace("spam.commercial", "spam.comercial"),
        "unknown-policy",
        "did you mean",
    ),
    (a_rule("actor.verified", events="[pots]"), "unknown-event-type", "did you mean `post`?"),
    (a_rule("actor.verified", then="{verdict: review}"), "unknown-verdict", "hold"),
    (a_rule("actor.verified", then="{verdict: blok}"), "unknown-verdict", "did you mean `block`?"),
    (
        a_rule("actor.verified", then="{verdict: challenge, challenge: captha}"),
        "unknown-challenge",
        "did you mean `captcha`?",
    ),
    (
        a_rule("actor.verified", then="{verdict: block, challenge: totp}"),
        "wrong-value",
        "`verdict: challenge`",
    ),
    (a_rule("actor.verified", then="{verdict: totp}"), "unknown-verdict", "`challenge: totp`"),
    (a_rule("actor.verified", then="{severity: high}"), "missing-key", "verdict"),
    (a_rule("actor.verified", then="{override: allow, final: true}"), "wrong-value", "final"),
    (
        a_rule("actor.verified", then="{verdict: hold, final: yes}"),
        "wrong-value",
        "only true and false",
    ),
    (a_rule("actor.verified", then="{verdict: hold, label: {x: soon}}"), "wrong-value", "7d"),
    (
        a_rule("actor.verified", then="{verdict: hold, label: {net.pi: {x: 1d}}}"),
        "unknown-feature",
        "net.ip",
    ),
    (
        a_rule("score.spam > 0.9", then="{verdict: block, final: true}"),
        "not-available",
        "before the models",
    ),
    (a_rule("actor.verified") + "rollout: {mode: enforce}\n", "untested", "one that does not"),
    (a_rule("actor.verified") + "---\n" + a_rule("actor.verified"), "duplicate-rule", "already at"),
    (a_rule("x").replace("'x'", '"a" in actor.labels'), "yaml", "single quotes"),
    (a_rule("x").replace("'x'", "actor.followers > 3 # often"), "cut-short", "single quotes"),
    (a_rule("actor.verified") + "tests: [{name: a, expect: yes}]\n", "wrong-value", "no match"),
    (
        a_rule("actor.verified") + "tests: [{name: a, expect: match, given: {actor.x: 1}}]\n",
        "unknown-feature",
        "actor",
    ),
]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    WRONG_FILES,
    ids=[f"{code}-{number}" for number, (_, code, _) in enumerate(WRONG_FILES)],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, text: str, code: str, says: str
) -> None:
    error = refusal(tmp_path, text)
    assert code in {finding.code for finding in error.findings}
    assert says in error.render()


def test_a_rule_says_everything_that_its_file_says(tmp_path: Path) -> None:
    then = (
        "{verdict: block, severity: high, reason: SPAM, queue: urgent, retry_after: 10m, "
        "label: {burst: 7d, net.ip: {burst: 1d}}}"
    )
    rule = load(tmp_path, a_rule("actor.verified", then=then)).rule("a-rule")
    assert rule.verdict is Verdict.BLOCK
    assert rule.severity is Severity.HIGH
    assert (rule.reason, rule.queue, rule.retry_after) == ("SPAM", "urgent", 600)
    assert rule.labels == (
        LabelEffect("actor.id", "burst", 604_800),
        LabelEffect("net.ip", "burst", 86_400),
    )
    assert rule.mode is Mode.SHADOW
    assert rule.place == f"{tmp_path.name}/rules.yaml:1"


def test_a_rule_may_say_what_its_challenge_asks_for(tmp_path: Path) -> None:
    asks = a_rule("actor.verified", then="{verdict: challenge, challenge: totp}")
    plain = a_rule("actor.verified", then="{verdict: challenge}")
    one, other = load(tmp_path / "a", asks).rule("a-rule"), load(tmp_path / "b", plain)
    assert one.challenge is ChallengeKind.TOTP
    assert other.rule("a-rule").challenge is None
    assert one.revision != other.rule("a-rule").revision


def test_the_revision_changes_with_the_meaning_and_not_with_the_layout(tmp_path: Path) -> None:
    one = load(tmp_path / "a", a_rule("actor.followers > 3", "actor.verified")).rule("a-rule")
    same = load(tmp_path / "b", "# hello\n" + a_rule("actor.verified == true", "actor.followers>3"))
    other = load(tmp_path / "c", a_rule("actor.followers > 4", "actor.verified")).rule("a-rule")
    assert one.revision == same.rule("a-rule").revision != other.revision


def test_country_codes_and_words_that_yaml_takes_for_booleans_stay_texts(tmp_path: Path) -> None:
    tests = "tests: [{name: norway, expect: match, given: {net.country: NO}}]\n"
    load(tmp_path, a_rule('net.country == "NO"', more=tests))
