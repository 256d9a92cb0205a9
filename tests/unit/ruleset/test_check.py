"""What authors get wrong is named, placed and, where possible, corrected."""

from pathlib import Path

import pytest

from safety.ruleset.lint import lint
from tests.unit.ruleset.folders import AT, a_rule, load, refusal

MISTAKES = [
    ("actor.acount_age < 3", "unknown-feature", "did you mean `actor.account_age`?"),
    ("content.link_domain in lists.shortners", "unknown-list", "did you mean `lists.shorteners`?"),
    ('content.text.contain("x")', "unknown-function", "did you mean `contains`?"),
    ('net.has_label("bad")', "no-labels", "labels exist for: actor"),
    ('count("pst", by=actor.id, within="1h") > 3', "unknown-event-type", 'did you mean "post"?'),
    ('actor.followers < "many"', "type", 'int `actor.followers` `<` string "many"'),
    ("actor.account_age < 3", "type", 'write lengths of time like "30s"'),
    ("actor.followers", "type", "compare it with something"),
    ("actor.followers and actor.verified", "type", "compare it with something"),
    ('"x" in content.text', "type", "content.text.contains(...)"),
    ('actor.email == "a"', "not-available", "it belongs to: signup"),
    ('net.country in ["NL" "DE"]', "adjacent-strings", "comma"),
    ("actor.verified && actor.verified", "spelling", "write `and`"),
    ("actor.verified || actor.verified", "spelling", "write `or`"),
    ("!actor.verified", "spelling", "write `not`"),
    ("actor.verified AND actor.verified", "spelling", "write `and`"),
    ("actor.followers = 3", "spelling", "write `==`"),
    ("actor.followers => 3", "spelling", "write `>=`"),
    ("actor.account_age < 3d", "number", '"3d"'),
    ('content.text.matches(r"(?=x)")', "pattern", "look-around"),
    (r'content.text.matches(r"(a)\1")', "pattern", "back-references"),
    ('content.text.matches(r"a(")', "pattern", "RE2 cannot read"),
    ('content.text.matches(r"a.{0,60}b")', "pattern", "longer than 20"),
    ('content.text.matches(r"a.{0,20}b.{0,20}c.{0,20}d")', "pattern", "multiply"),
    (r'content.text.matches("\d")', "escape", r'write r"\d"'),
    ("1 < actor.followers < 3", "not-in-language", "joined by `and`"),
    ("actor.followers ** 2 > 3", "not-in-language", "powers"),
    ("(lambda: 1) == 2", "not-in-language", ""),
    ('[x for x in content.text] == "a"', "not-in-language", ""),
    ('actor.id[0] == "a"', "not-in-language", "subscripts"),
    ("__import__('os').system('true') == 1", "unknown-function", ""),
    ("actor.verified is True", "spelling", "write `==`"),
    ("(actor.verified", "syntax", "never closed"),
    ("actor.verified)", "syntax", "never opened"),
    ("actor.followers >", "syntax", ""),
    ("((((((((((((((actor.verified))))))))))))))", "too-deep", ""),
    ("not not not not not not not not not not not not actor.verified", "too-deep", ""),
    ("actor" + ".b" * 1000 + " > 1", "unknown-feature", ""),
    (" or ".join(["actor.verified"] * 200), "too-long", ""),
    (" or ".join(["actor.verified"] * 65), "too-many-atoms", ""),
    ('count("post", by=net.country, within="1h") > 3', "type", "windows count by an entity"),
    ('count("post", by=actor.id, within="90d") > 3', "window-too-long", "30d"),
    ('count("post", by=actor.id, within="1h") > 20000', "limit-too-large", ""),
    ('distinct(score.spam, by=actor.id, within="1h") > 3', "not-available", ""),
    ('hour(actor.created_at, tz="Europe/Pari") > 3', "arguments", "time zone"),
    ('ip_in(net.ip, "10.0.0.0/99")', "arguments", "not an address range"),
    ("missing(3)", "arguments", "missing(actor.email)"),
    ('actor.has_lable("x")', "unknown-function", "did you mean `has_label`?"),
    ("content.text.contains_any(content.link_domains)", "arguments", "list written in the rule"),
    ('\u0430ctor.account_age < "3d"', "spelling", "U+0430"),
    ("\uff41ctor.verified", "spelling", "plain Latin letters"),
    ("actor.bio == None", "spelling", "write `missing(x)`"),
    ("actor.followers > 0xff", "number", "numbers are written like"),
    ("-actor.followers > 3", "not-in-language", "write `0 - ...`"),
    ('net.country in ["NL", 3]', "type", "texts or numbers"),
    ('net.country in ("NL")', "type", 'write a list: ["NL"]'),
    ('content.text.matches(r"(?P<q>a)(?P=q)")', "pattern", "back-references"),
    ('content.text.matches(r"a{1001}")', "pattern", "at most 1,000 times"),
    ('content.text.matches(r"a++")', "pattern", "never backtracks"),
    (r'content.text.matches(r"a\Z")', "pattern", r"\z"),
]


@pytest.mark.parametrize(
    ("condition", "code", "says"), MISTAKES, ids=[f"{m[1]}-{n}" for n, m in enumerate(MISTAKES)]
)
def test_a_mistake_is_named_and_corrected(
    tmp_path: Path, condition: str, code: str, says: str
) -> None:
    error = refusal(tmp_path, a_rule(condition))
    assert error.findings[0].code == code
    assert says in error.render()


def test_more_than_eight_windows_are_too_many(tmp_path: Path) -> None:
    lines = [f'count("post", by=actor.id, within="{n}m") > 3' for n in range(1, 10)]
    assert refusal(tmp_path, a_rule(*lines)).findings[0].code == "too-many-windows"


def test_an_error_points_at_the_word_that_is_wrong(tmp_path: Path) -> None:
    error = refusal(tmp_path, a_rule("actor.verified and actor.folowers > 3"))
    message = "unknown feature `actor.folowers`"
    assert error.render().splitlines() == [
        f"{tmp_path.name}/rules.yaml:7:25: error[unknown-feature]: {message}",
        "    7 |   - 'actor.verified and actor.folowers > 3'",
        "      |                         ^^^^^^^^^^^^^^",
        "      = did you mean `actor.followers`?",
    ]


def test_places_are_right_behind_characters_of_several_bytes(tmp_path: Path) -> None:
    error = refusal(tmp_path, a_rule('content.text.contains("é世界") and actor.folowers > 3'))
    place = error.findings[0].place
    assert place.source[place.column - 1 :].startswith("actor.folowers")


def test_every_error_of_a_file_is_reported_at_once(tmp_path: Path) -> None:
    error = refusal(tmp_path, a_rule("actor.a > 1", "actor.b > 1"), a_rule("x", rule="another"))
    assert len(error.findings) == 3


def test_a_contradiction_is_a_warning(tmp_path: Path) -> None:
    bundle = load(tmp_path, a_rule("actor.followers > 5 and actor.followers < 3"))
    assert [warning.code for warning in lint(bundle, at=AT)] == ["always-false"]


def test_an_unused_name_is_a_warning(tmp_path: Path) -> None:
    more = "let: {many: actor.followers > 100}\n"
    bundle = load(tmp_path, a_rule("actor.verified", more=more))
    assert [warning.code for warning in bundle.warnings] == ["unused-let"]
