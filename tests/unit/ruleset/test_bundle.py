"""A bundle knows what each event type costs, judges it, and explains itself."""

from pathlib import Path

import pytest

from safety.domain.velocity import Measure
from safety.domain.verdicts import Verdict
from safety.ruleset.windows import FREE_LIMIT
from safety.state.memory import MemoryCounters
from tests.unit.ruleset.folders import AT, a_rule, load

POSTS = 'count("post", "comment", by=actor.id, within="{}") > {}'


def test_windows_of_all_rules_share_one_series_that_is_long_and_exact_enough(
    tmp_path: Path,
) -> None:
    bundle = load(
        tmp_path,
        a_rule(POSTS.format("10m", 8), rule="one"),
        a_rule('count("comment", "post", within="1d", by=actor.id) >= 20', rule="two"),
    )
    counting = bundle.plan("post").counting
    (series,) = counting.hits
    assert (series.measure, series.events, series.by) == (
        Measure.COUNT,
        ("comment", "post"),
        "actor.id",
    )
    assert (series.keep, series.limit) == (86_400, 21)
    assert [window.name for window in counting.windows] == [
        'count("comment", "post", by=actor.id, within="10m")',
        'count("comment", "post", by=actor.id, within="1d")',
    ]


def test_an_event_adds_to_series_that_only_other_event_types_read(tmp_path: Path) -> None:
    plan = load(tmp_path, a_rule(POSTS.format("10m", 8))).plan("comment")
    assert [series.by for series in plan.counting.hits] == ["actor.id"]
    assert plan.counting.windows == ()
    assert "actor.id" in plan.features


def test_a_window_without_event_types_counts_those_of_its_rule(tmp_path: Path) -> None:
    plan = load(tmp_path, a_rule('count(by=actor.id, within="1h") > 3', events="[post, signup]"))
    assert plan.plan("post").counting.hits[0].events == ("post", "signup")


def test_a_window_that_is_calculated_with_counts_far(tmp_path: Path) -> None:
    rule = a_rule('count("post", by=actor.id, within="1h") / actor.followers > 3')
    assert load(tmp_path, rule).plan("post").counting.hits[0].limit == 1000


def test_a_total_is_exact_over_many_events_however_small_the_number_it_is_compared_with(
    tmp_path: Path,
) -> None:
    rule = a_rule('sum(content.links, "post", by=net.ip, within="1d") > 3')
    counting = load(tmp_path, rule).plan("post").counting
    (series,) = counting.hits
    assert (series.measure, series.of, series.limit) == (Measure.SUM, "content.links", FREE_LIMIT)
    counters = MemoryCounters()
    totals = [
        counters.observe("main", counting, {"net.ip": "203.0.113.9", "content.links": n}, AT + at)
        for at, n in enumerate([4] + [0] * (FREE_LIMIT - 1))  # only the first brings links
    ]
    assert list(totals[-1].windows) == [4]


def test_rules_that_are_off_cost_nothing(tmp_path: Path) -> None:
    bundle = load(tmp_path, a_rule(POSTS.format("10m", 8), more="rollout: {mode: off}\n"))
    assert bundle.plan("post").counting.hits == ()
    assert len(bundle.rules) == 1


def test_a_plan_names_the_labels_and_scores_that_its_rules_read(tmp_path: Path) -> None:
    plan = load(tmp_path, a_rule('actor.has_label("x") or score.spam > 0.9')).plan("post")
    assert plan.counting.labelled == (("actor.labels", "actor.id"),)
    assert plan.scores == ("score.spam",)


def test_final_rules_are_judged_apart(tmp_path: Path) -> None:
    then = "{verdict: block, final: true}"
    plan = load(
        tmp_path, a_rule("actor.verified", then=then), a_rule("actor.verified", rule="b")
    ).plan("post")
    values = {"actor.verified": True}
    assert [f.rule.id for f in plan.judge_final(values)] == ["a-rule"]
    assert [f.rule.id for f in plan.judge(values)] == ["b"]


def test_an_unknown_event_type_has_no_plan(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        load(tmp_path, a_rule("actor.verified")).plan("wedding")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"actor.followers": 1, "actor.labels": (), "actor.reputation": 0.1},
            (Verdict.BLOCK, False),
        ),
        ({"actor.followers": 1, "actor.labels": ("trusted",)}, None),
        ({"actor.followers": 1, "actor.reputation": 0.95}, None),
        ({"actor.followers": 1, "actor.labels": ()}, (Verdict.HOLD, True)),
        ({"actor.followers": 50, "actor.labels": (), "actor.reputation": 0.1}, None),
        ({}, None),
    ],
    ids=[
        "clear",
        "excluded by label",
        "excluded by reputation",
        "unknown exclusion",
        "no",
        "nothing known",
    ],
)
def test_an_unknown_exclusion_caps_the_verdict_and_a_true_one_stops_the_rule(
    tmp_path: Path, values: dict[str, object], expected: tuple[Verdict, bool] | None
) -> None:
    rule = a_rule(
        "actor.followers < 5",
        then="{verdict: block}",
        unless=('actor.has_label("trusted")', "actor.reputation >= 0.9"),
    )
    fired = load(tmp_path, rule).plan("post").judge(values)  # type: ignore[arg-type]
    assert [(f.verdict, f.capped) for f in fired] == ([expected] if expected else [])


def test_a_capped_verdict_is_never_stricter_than_the_rule(tmp_path: Path) -> None:
    rule = a_rule("actor.verified", then="{verdict: challenge}", unless=("actor.reputation > 0.9",))
    (fired,) = load(tmp_path, rule).plan("post").judge({"actor.verified": True})
    assert (fired.verdict, fired.capped) == (Verdict.CHALLENGE, True)


def test_an_explanation_shows_each_line_with_its_values_by_the_author_s_names(
    tmp_path: Path,
) -> None:
    more = 'let: {posts: "count(\\"post\\", by=actor.id, within=\\"1h\\")"}\n'
    rule = a_rule("posts > 3 or actor.followers < 5", unless=("actor.verified",), more=more)
    when, unless = load(tmp_path, rule).explain("a-rule", {"actor.followers": 2})
    assert (when.text, when.outcome) == ("posts > 3 or actor.followers < 5", True)
    assert when.values == {"posts": None, "actor.followers": 2}
    assert (unless.text, unless.outcome) == ("unless actor.verified", None)


def test_why_not_lists_the_rules_that_kept_silent(tmp_path: Path) -> None:
    bundle = load(tmp_path, a_rule("actor.followers < 5"), a_rule("actor.followers < 50", rule="b"))
    ((rule, (line,)),) = bundle.why_not("post", {"actor.followers": 20})
    assert (rule.id, line.outcome) == ("a-rule", False)


def test_highlights_are_the_words_without_what_stands_around_them(tmp_path: Path) -> None:
    rule = a_rule("content.text.contains_any(lists.words) or content.text.matches(r'(?i)viagra')")
    text = "Casino, casino! Get free money - and VIAGRA"
    spans = load(tmp_path, rule).highlights("a-rule", {"content.text": text})
    assert [text[start:end] for start, end in spans] == ["Casino", "casino", "free money", "VIAGRA"]


def test_what_was_found_in_folded_text_is_highlighted_as_it_was_written(tmp_path: Path) -> None:
    rule = a_rule("content.text_folded.contains_any(lists.words)")
    text = "best c@s1no in town"
    spans = load(tmp_path, rule).highlights("a-rule", {"content.text": text})
    assert [text[start:end] for start, end in spans] == ["c@s1no"]


def test_the_version_follows_the_meaning(tmp_path: Path) -> None:
    one = load(tmp_path / "a", a_rule("actor.verified"), a_rule("actor.followers > 1", rule="b"))
    same = load(tmp_path / "b", a_rule("actor.followers >1", rule="b"), a_rule("(actor.verified)"))
    other = load(tmp_path / "c", a_rule("actor.verified"), a_rule("actor.followers > 2", rule="b"))
    assert one.version == same.version != other.version
    assert len(one.version) == 64


def test_a_rule_with_sixty_four_tests_compiles(tmp_path: Path) -> None:
    lines = [f"actor.followers != {n}" for n in range(32)] + [
        f"actor.following > {n}" for n in range(32)
    ]
    bundle = load(tmp_path, a_rule(*lines), a_rule(*lines[:40], rule="b"))
    assert len(bundle.plan("post").judge({"actor.followers": 40, "actor.following": 40})) == 2


def test_a_hundred_rules_that_nest_into_each_other_compile(tmp_path: Path) -> None:
    lines = [f'content.text.contains("{n}")' for n in range(60)]
    lines += [f"actor.following > {n}" for n in range(4)]
    rules = [a_rule(*lines[: n + 1], rule=f"r{n}") for n in range(64)]
    text = " ".join(map(str, range(60)))
    fired = load(tmp_path, *rules).plan("post").judge({"content.text": text, "actor.following": 9})
    assert len(fired) == 64
