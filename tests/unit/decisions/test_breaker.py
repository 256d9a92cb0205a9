"""The circuit breaker trips on a rule that runs away, and not on attackers who make it match."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from safety.decisions.breaker import Breaker, Limits, Runaway, limit_of, next_step
from safety.decisions.judge import Judge, Judgement, Prepared
from safety.domain.controls import Over
from safety.domain.features import Values
from safety.domain.ports import Contribution
from safety.domain.verdicts import Verdict
from safety.ruleset.bundle import Bundle
from safety.state.memory import MemoryCounters
from tests.controlled_rules import DENIED_DOMAINS, a_controlled_bundle
from tests.factories import NOW, Json, an_event, raw

PEOPLE = 400
LIMITS = Limits(share=0.2)


class Scored:
    """A classifier that calls spam what says so."""

    name = "spam"
    version = "1"

    def score(self, values: Values) -> float | None:
        return 0.99 if values.get("content.text") == "ad" else 0.1

    def explain(self, values: Values) -> tuple[Contribution, ...]:
        return ()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return a_controlled_bundle(tmp_path_factory.mktemp("controlled"))


def a_comment(number: int, text: str = "hi", *, host: str = "", **actor: object) -> Json:
    """A comment by an account of its own, from a network of its own unless told otherwise."""
    return an_event(
        id=f"c_{number}",
        actor={"id": f"u_{number}", **actor},
        content={"text": text},
        net={"ip": host or f"10.{number // 250}.{number % 250}.7"},
    )


def runaways(bundle: Bundle, events: Iterable[Json], baseline: float | None = None) -> set[str]:
    prepared = Prepared(bundle, [Scored()])
    breaker = Breaker(LIMITS, lambda _: baseline)
    breaker.fold(judgements(prepared, events), prepared.lookups, NOW)
    return {f"{found.over.value} {found.subject}" for found in breaker.runaways()}


def judgements(prepared: Prepared, events: Iterable[Json]) -> list[Judgement]:
    judge = Judge(MemoryCounters(), lambda prefix: f"{prefix}_1")
    read = [prepared.reader.read(raw(e), now=NOW, fallback_id=lambda: "e") for e in events]
    return [judge.judge("main", each, prepared, now=NOW, has_time=lambda: True) for each in read]


def test_a_rule_that_matches_many_more_people_than_expected_runs_away(bundle: Bundle) -> None:
    texts = ["a long text" if number % 2 else "hi" for number in range(PEOPLE)]
    events = [a_comment(number, text) for number, text in enumerate(texts)]
    assert runaways(bundle, events) == {"rule long-text"}


def test_five_times_the_backtest_is_a_runaway_and_the_backtest_itself_is_not(
    bundle: Bundle,
) -> None:
    texts = ["a long text" if number % 8 == 0 else "hi" for number in range(PEOPLE)]
    events = [a_comment(number, text) for number, text in enumerate(texts)]
    assert runaways(bundle, events) == set()  # an eighth is less than is allowed without backtest
    assert runaways(bundle, events, baseline=0.01) == {"rule long-text"}
    assert runaways(bundle, events, baseline=0.12) == set()


def test_one_loud_account_disarms_nothing(bundle: Bundle) -> None:
    flood = [a_comment(1, f"a long text {n}") | {"id": f"f_{n}"} for n in range(5 * PEOPLE)]
    assert runaways(bundle, [a_comment(n) for n in range(PEOPLE)] + flood) == set()


def test_a_thousand_accounts_behind_a_few_addresses_disarm_nothing(bundle: Bundle) -> None:
    flood = [
        a_comment(n, "a long text", host=f"198.51.{n % 10}.{n % 200}")
        for n in range(PEOPLE, 5 * PEOPLE)
    ]
    assert runaways(bundle, [a_comment(n) for n in range(PEOPLE)] + flood) == set()


def test_nothing_is_said_of_a_few_people(bundle: Bundle) -> None:
    assert runaways(bundle, [a_comment(n, "a long text") for n in range(100)]) == set()


def test_a_list_entry_runs_away_with_the_rule_that_reads_it(bundle: Bundle) -> None:
    events = [
        a_comment(n, email=f"u{n}@{DENIED_DOMAINS[0] if n % 2 else 'good.example'}")
        for n in range(PEOPLE)
    ]
    assert runaways(bundle, events) == {
        "rule denied",
        f"list_entry deny_domains:{DENIED_DOMAINS[0]}",
    }


def test_a_model_runs_away_when_it_calls_many_people_spammers(bundle: Bundle) -> None:
    events = [a_comment(n, "ad" if n % 2 else "hi") for n in range(PEOPLE)]
    assert runaways(bundle, events) == {"rule spam-score", "model spam"}


def test_a_rule_that_lifts_verdicts_or_is_in_shadow_is_not_watched(bundle: Bundle) -> None:
    assert runaways(bundle, [a_comment(n, verified=True) for n in range(PEOPLE)]) == set()


def test_a_platform_that_tells_no_addresses_is_watched_by_its_accounts(bundle: Bundle) -> None:
    events = [a_comment(n, "a long text") | {"net": {}} for n in range(PEOPLE)]
    assert runaways(bundle, events) == {"rule long-text"}


def test_what_was_demoted_is_counted_from_the_start_again(bundle: Bundle) -> None:
    prepared = Prepared(bundle, [])
    breaker = Breaker(LIMITS, lambda _: None)
    past = judgements(prepared, [a_comment(n, "a long text") for n in range(PEOPLE)])
    breaker.fold(past, prepared.lookups, NOW)
    breaker.forget(Over.RULE, "long-text")
    assert breaker.runaways() == []
    breaker.fold(past, prepared.lookups, NOW + 1)
    assert [found.subject for found in breaker.runaways()] == ["long-text"]
    breaker.fold([], prepared.lookups, NOW + 2 * LIMITS.seconds)
    assert breaker.runaways() == []


def test_what_an_author_declares_counts_more_than_the_backtest(bundle: Bundle) -> None:
    rule = bundle.rule("long-text")
    assert limit_of(replace(rule, max_match_rate=0.3), 0.01, 0.2) == pytest.approx(0.3)
    assert limit_of(rule, 0.1, 0.2) == pytest.approx(0.5)
    assert limit_of(rule, 0.0, 0.2) == pytest.approx(0.01)
    assert limit_of(rule, None, 0.2) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("verdict", "is_final", "by_people", "may_fall", "steps"),
    [
        (Verdict.BLOCK, False, False, False, [Verdict.CHALLENGE]),
        (Verdict.BLOCK, False, False, True, [Verdict.CHALLENGE, Verdict.ALLOW]),
        (Verdict.HOLD, False, True, False, [Verdict.CHALLENGE, Verdict.ALLOW]),
        (Verdict.CHALLENGE, False, False, False, [Verdict.CHALLENGE]),
        (Verdict.CHALLENGE, False, True, False, [Verdict.ALLOW]),
        (Verdict.BLOCK, True, True, True, [Verdict.CHALLENGE]),
    ],
)
def test_strangers_bring_a_rule_down_to_a_challenge_and_people_further(
    verdict: Verdict,
    steps: list[Verdict],
    *,
    is_final: bool,
    by_people: bool,
    may_fall: bool,
) -> None:
    runaway = Runaway(Over.RULE, "r", verdict, is_final, "", by_people=by_people)
    taken: list[Verdict] = []
    while (step := next_step(runaway, taken[-1] if taken else None, may_fall=may_fall)) is not None:
        taken.append(step)
    assert taken == steps
