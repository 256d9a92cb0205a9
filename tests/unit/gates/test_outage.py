"""A broken challenge opens itself with an alarm; a challenge that somebody attacks does not."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from safety.gates.outage import ChallengeWatch, WatchLimits, lower_bound

KIND = "captcha"
LIMITS = WatchLimits()


@dataclass
class Scene:
    now: float = 0.0
    watch: ChallengeWatch = field(init=False)

    def __post_init__(self) -> None:
        self.watch = ChallengeWatch(lambda: self.now)

    def votes(self, count: int, *, is_pass: bool, of: str = "network") -> None:
        for number in range(count):
            self.watch.record(KIND, f"{of}-{number}", is_pass=is_pass)

    @property
    def is_open(self) -> bool:
        return self.watch.is_open(KIND)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_challenge_that_nobody_passes_any_more_opens_with_an_alarm(scene: Scene) -> None:
    scene.votes(100, is_pass=True, of="yesterday")
    scene.now = 700
    with capture_logs() as lines:
        scene.votes(40, is_pass=False)
    assert scene.is_open
    assert [(line["event"], line["log_level"]) for line in lines] == [("challenge_opened", "error")]
    assert lines[0]["failed"] >= LIMITS.voters


def test_a_few_failures_open_nothing(scene: Scene) -> None:
    scene.votes(LIMITS.voters - 1, is_pass=False)
    assert not scene.is_open


def test_one_network_that_fails_a_thousand_times_has_one_vote(scene: Scene) -> None:
    for _ in range(1000):
        scene.watch.record(KIND, "one", is_pass=False)
    assert not scene.is_open


def test_it_stays_shut_while_people_pass_whatever_else_fails(scene: Scene) -> None:
    scene.votes(30, is_pass=True, of="honest")
    scene.votes(120, is_pass=False, of="attacker")
    assert not scene.is_open


def test_somebody_who_fails_and_then_passes_has_passed(scene: Scene) -> None:
    for number in range(60):
        scene.watch.record(KIND, f"n{number}", is_pass=False)
        scene.watch.record(KIND, f"n{number}", is_pass=True)
        scene.watch.record(KIND, f"n{number}", is_pass=False)
    assert not scene.is_open


def test_failures_of_long_ago_are_forgotten(scene: Scene) -> None:
    scene.votes(20, is_pass=False, of="before")
    scene.now = 601
    scene.votes(20, is_pass=False, of="now")
    assert not scene.is_open


def test_kinds_are_judged_apart(scene: Scene) -> None:
    scene.votes(50, is_pass=False)
    assert not scene.watch.is_open("proof_of_work")


def an_open_one(scene: Scene) -> None:
    scene.votes(40, is_pass=False)
    assert scene.is_open


def test_it_is_tried_again_after_a_rest_and_shuts_when_people_pass(scene: Scene) -> None:
    an_open_one(scene)
    scene.now += LIMITS.rest
    assert not scene.is_open
    with capture_logs() as lines:
        scene.votes(LIMITS.passes, is_pass=True)
    assert [line["event"] for line in lines] == ["challenge_closed"]
    scene.votes(20, is_pass=False, of="later")
    assert not scene.is_open


def test_it_opens_again_when_the_next_ones_fail_too(scene: Scene) -> None:
    an_open_one(scene)
    scene.now += LIMITS.rest
    scene.votes(LIMITS.fails, is_pass=False)
    assert scene.is_open


def test_passes_shut_it_even_before_the_rest_is_over(scene: Scene) -> None:
    an_open_one(scene)
    scene.votes(LIMITS.passes, is_pass=True)
    assert not scene.is_open


def test_a_calm_rate_that_was_driven_up_hides_no_outage() -> None:
    scene = Scene()
    for day in range(200):
        scene.now = day * 700.0
        scene.votes(20, is_pass=False, of=f"bad{day}")
        scene.votes(20, is_pass=True, of=f"good{day}")
    scene.now += 700
    scene.votes(400, is_pass=False)
    assert scene.is_open


def test_a_flood_of_networks_takes_bounded_memory() -> None:
    scene = Scene()
    scene.watch = ChallengeWatch(lambda: 0.0, WatchLimits(remembered=50))
    scene.votes(200, is_pass=True)
    assert len(scene.watch._kinds[KIND].votes) == 50


@given(st.integers(0, 200), st.integers(0, 40))
def test_attackers_need_many_networks_for_each_honest_one(attackers: int, honest: int) -> None:
    scene = Scene()
    scene.votes(honest, is_pass=True, of="honest")
    scene.votes(attackers, is_pass=False, of="attacker")
    if attackers < max(30 - honest, 4 * honest):
        assert not scene.is_open


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_bound_is_never_above_the_rate(hits: int, more: int) -> None:
    of = hits + more
    assert 0 <= lower_bound(hits, of, 2.58) <= hits / of + 1e-9
    assert lower_bound(0, 0, 2.58) == 0.0
