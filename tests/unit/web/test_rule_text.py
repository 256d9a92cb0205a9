"""The text of a rule on a page: nothing of it is lost, and a comparison says what changed."""

from hypothesis import given
from hypothesis import strategies as st

from safety.ruleset.findings import Finding, Place
from safety.web.rule_text import coloured, compared

LINE = '  - score.spam >= 0.9 and not actor.has_label("x")  # why'


def kinds(line: str) -> dict[str, str]:
    return {text: kind for kind, text in coloured(line)[0].runs if kind}


def test_words_are_told_apart() -> None:
    assert kinds(LINE) == {
        "score.spam": "feature", "0.9": "number", "and": "word", "not": "word",
        "actor.has_label": "feature", '"x"': "string", "# why": "comment",
    }  # fmt: skip
    assert kinds("then: {verdict: hold, label: {a: 7d}}")["verdict"] == "key"
    assert kinds('posts: count("post", by=actor.id)')["count"] == "call"


@given(st.text(max_size=300))
def test_no_character_is_lost_or_made(text: str) -> None:
    shown = "\n".join("".join(part for _, part in line.runs) for line in coloured(text))
    assert shown == text.rstrip("\n")


def test_findings_stand_at_their_lines() -> None:
    finding = Finding("type", "no", Place("desk/x.yaml", 12, 1, 1, ""))
    lines = coloured("a\nb\nc", [finding], first=11)
    assert [(line.number, line.is_wrong) for line in lines] == [
        (11, False),
        (12, True),
        (13, False),
    ]


def test_a_comparison_shows_what_goes_and_what_comes() -> None:
    before = "\n".join(map(str, range(20)))
    lines = compared(before, before.replace("10", "ten"))
    assert [(line.kind, line.text) for line in lines if line.kind in {"gone", "new"}] == [
        ("gone", "10"), ("new", "ten"),
    ]  # fmt: skip
    assert lines[0].kind == "skipped"
    assert len(lines) == 9
    assert compared(before, before) == []
    assert [line.kind for line in compared("", "a\nb")] == ["new", "new"]
    assert [line.kind for line in compared("a\n", "")] == ["gone"]
