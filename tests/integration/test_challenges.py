"""What is asked of an actor: the kind and the price that rules want, and each answer once."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from safety.decisions.challenge import ActorCodes
from safety.domain.challenges import WhenAway
from safety.domain.errors import NotFound, ProofRejected, TooManyRequests, Unavailable
from tests.captcha_fake import SITE_KEY, FakeProvider, running_provider
from tests.factories import Json
from tests.integration.challenge_scene import COST, LASTS, Stage, a_phone, a_stage
from tests.integration.store.people import an_account, keep
from tests.solver import solved

Make = Callable[..., AbstractContextManager[Stage]]


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def make(engine: Engine, tmp_path: Path, provider: FakeProvider) -> Make:
    provider.mode = "answer"
    return partial(a_stage, engine, tmp_path, provider)


@pytest.fixture
def stage(make: Make) -> Iterator[Stage]:
    with make() as made:
        yield made


def token_of(stage: Stage, decision: Json) -> str:
    return stage.provider.token(decision["challenge"])


def test_a_hosted_captcha_is_posed_where_one_is_configured(stage: Stage) -> None:
    challenge = stage.decide("anything")["challenge"]
    assert challenge["kind"] == "captcha"
    assert challenge["site_key"] == SITE_KEY
    assert challenge["action"] == "comment"


def test_without_a_provider_it_is_a_proof_of_work(make: Make) -> None:
    with make(is_hosted=False) as stage:
        for says in ("anything", "captcha", "work"):
            decision = stage.decide(says)
            assert decision["challenge"]["kind"] == "proof_of_work"
            assert (
                stage.prove(decision, payload=solved(decision["challenge"]))["verdict"] == "allow"
            )


def test_a_rule_may_want_our_own_proof_of_work(stage: Stage) -> None:
    decision = stage.decide("work")
    assert decision["challenge"]["kind"] == "proof_of_work"
    assert stage.prove(decision, payload=solved(decision["challenge"]))["verdict"] == "allow"


def test_a_rule_may_want_a_code_of_an_actor_who_has_an_app(stage: Stage) -> None:
    phone = a_phone(stage)
    decision = stage.decide("code")
    assert decision["challenge"]["kind"] == "totp"
    assert set(decision["challenge"]) == {"kind", "expires_at", "proof_url"}
    assert stage.prove(decision, code=phone())["verdict"] == "allow"


def test_an_actor_without_an_app_is_asked_what_everybody_is(stage: Stage) -> None:
    assert stage.decide("code")["challenge"]["kind"] == "captcha"


def test_nobody_is_asked_for_a_code_before_the_password_of_an_account_here(
    stage: Stage, engine: Engine
) -> None:
    keep(engine, an_account("acc_mia"))
    a_phone(stage, "acc_mia")
    assert stage.log_in("acc_mia")["challenge"]["kind"] == "captcha"
    a_phone(stage, "u_7")  # of a platform that has checked a password of its own
    assert stage.log_in("u_7")["challenge"]["kind"] == "totp"


def test_of_several_rules_the_one_that_asks_for_more_wins(stage: Stage) -> None:
    a_phone(stage)
    assert stage.decide("work and captcha")["challenge"]["kind"] == "captcha"
    assert stage.decide("work and captcha and code")["challenge"]["kind"] == "totp"


def test_a_database_that_hangs_does_not_hold_up_a_decision(make: Make) -> None:
    def hangs(*_: str) -> bool:
        time.sleep(2)
        return True

    def is_away(*_: str) -> bool:
        raise Unavailable

    for is_enrolled in (hangs, is_away):
        with make(codes=ActorCodes(is_enrolled, lambda *_: None)) as stage:
            stage.decider._limits = type(stage.decider._limits)(deadline=0.4, queue=100)
            began = time.monotonic()
            assert stage.decide("code")["verdict"] == "challenge"
            assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("says", "times"),
    [
        ("work", 1),
        ("work minor", 1),
        ("work grave", 2),
        ("work again", 2),
        ("work critical", 4),
        ("work critical again", 8),
    ],
)
def test_the_graver_the_suspicion_the_dearer_the_work(stage: Stage, says: str, times: int) -> None:
    task = stage.decide(says)["challenge"]["altcha"]
    assert task["parameters"]["cost"] == COST * times


def test_an_answer_upgrades_the_decision_and_handing_it_in_again_answers_the_same(
    stage: Stage,
) -> None:
    decision = stage.decide("captcha")
    token = token_of(stage, decision)
    upgraded = stage.prove(decision, token=token)
    assert (upgraded["verdict"], upgraded["challenge"]) == ("allow", None)
    assert stage.prove(decision, token=token) == upgraded
    assert stage.prove(decision, token="anything at all") == upgraded


def test_two_answers_at_once_upgrade_it_once(make: Make) -> None:
    with make(is_hosted=False) as stage:
        decision = stage.decide("work")
        answers = [solved(decision["challenge"])] * 4
        with ThreadPoolExecutor(4) as pool:
            upgraded = list(pool.map(lambda each: stage.prove(decision, payload=each), answers))
        assert all(each == upgraded[0] for each in upgraded)


def test_a_token_solved_for_one_decision_is_worthless_for_another(stage: Stage) -> None:
    first, second = stage.decide("captcha"), stage.decide("captcha")
    with pytest.raises(ProofRejected, match="something else"):
        stage.prove(second, token=token_of(stage, first))


def test_a_code_proves_one_decision_only(stage: Stage) -> None:
    phone = a_phone(stage)
    first, second = stage.decide("code"), stage.decide("code")
    code = phone()
    stage.prove(first, code=code)
    with pytest.raises(ProofRejected):
        stage.prove(second, code=code)


def test_wrong_codes_are_limited_across_decisions(stage: Stage) -> None:
    phone = a_phone(stage)
    for _ in range(5):
        with pytest.raises(ProofRejected, match="code is not right"):
            stage.prove(stage.decide("code"), code="000000")
    with pytest.raises(TooManyRequests):
        stage.prove(stage.decide("code"), code=phone())


def test_somebody_elses_code_proves_nothing(stage: Stage) -> None:
    a_phone(stage, "mo")
    thief = a_phone(stage, "thief")
    with pytest.raises(ProofRejected):
        stage.prove(stage.decide("code", actor="mo"), code=thief())


@pytest.mark.parametrize(
    ("says", "proof", "wants"),
    [
        ("work", {"token": "x"}, "payload"),
        ("work", {"code": "123456"}, "payload"),
        ("captcha", {"code": "123456"}, "token"),
        ("code", {"payload": "x"}, "code"),
        ("code", {"token": "x"}, "code"),
    ],
)
def test_an_answer_of_another_kind_is_refused_and_the_right_one_named(
    stage: Stage, says: str, proof: dict[str, str], wants: str
) -> None:
    a_phone(stage)
    with pytest.raises(ProofRejected, match=f"`{wants}`"):
        stage.prove(stage.decide(says), **proof)


@pytest.mark.parametrize("says", ["work", "captcha", "code"])
def test_no_answer_is_accepted_after_its_time(stage: Stage, says: str) -> None:
    phone = a_phone(stage)
    decision = stage.decide(says)
    answers = {
        "work": lambda: {"payload": solved(decision["challenge"])},
        "captcha": lambda: {"token": token_of(stage, decision)},
        "code": lambda: {"code": phone()},
    }
    stage.factors.clock.at += LASTS
    with pytest.raises(ProofRejected, match="expired"):
        stage.prove(decision, **answers[says]())


def test_a_decision_without_a_challenge_has_nothing_to_prove(stage: Stage) -> None:
    with pytest.raises(ProofRejected, match="no challenge"):
        stage.prove(stage.decide("hello"), payload="x")
    with pytest.raises(NotFound):
        stage.prove({"id": "dec_nobody"}, payload="x")


def until_away(stage: Stage) -> None:
    """The provider stops answering, and that was noticed."""
    stage.provider.mode = "500"
    for _ in range(3):
        decision = stage.decide("captcha")
        with pytest.raises(Unavailable):
            stage.prove(decision, token=token_of(stage, decision))


def test_while_the_provider_is_away_the_proof_of_work_stands_in_for_it(stage: Stage) -> None:
    before = stage.decide("captcha")
    until_away(stage)
    meanwhile = stage.decide("captcha")
    assert meanwhile["challenge"]["kind"] == "proof_of_work"
    for decision in (before, meanwhile):
        assert stage.prove(decision, payload=solved(decision["challenge"]))["verdict"] == "allow"


def test_while_the_provider_answers_the_stand_in_is_refused(stage: Stage) -> None:
    decision = stage.decide("captcha")
    with pytest.raises(ProofRejected):
        stage.prove(decision, payload=solved(decision["challenge"]))
    assert stage.prove(decision, token=token_of(stage, decision))["verdict"] == "allow"


def test_closed_means_that_nobody_passes_while_the_provider_is_away(make: Make) -> None:
    with make(when_away=WhenAway.CLOSED) as stage:
        until_away(stage)
        decision = stage.decide("captcha")
        assert decision["challenge"]["kind"] == "captcha"
        assert "altcha" not in decision["challenge"]
        with pytest.raises(Unavailable):
            stage.prove(decision, token=token_of(stage, decision))


def test_open_means_that_everybody_passes_while_the_provider_is_away(make: Make) -> None:
    with make(when_away=WhenAway.OPEN) as stage:
        stage.provider.mode = "500"
        for _ in range(3):
            decision = stage.decide("captcha")
            assert stage.prove(decision, token=token_of(stage, decision))["verdict"] == "allow"
        decision = stage.decide("captcha")
        assert (decision["verdict"], decision["challenge"]) == ("allow", None)
        assert decision["degraded"] == ["challenge"]
        assert stage.decide("code")["verdict"] == "allow"


def break_the_work(stage: Stage) -> None:
    for network in range(40):
        decision = stage.decide("work", ip=f"198.51.100.{network}")
        with pytest.raises(ProofRejected):
            stage.prove(decision, payload="broken solver")


def test_a_challenge_that_nobody_passes_opens_itself_and_shuts_again(make: Make) -> None:
    with make(is_hosted=False) as stage:
        break_the_work(stage)
        opened = stage.decide("work")
        assert (opened["verdict"], opened["challenge"]) == ("allow", None)
        assert opened["degraded"] == ["challenge"]
        stage.timer.at += 60
        for network in range(3):
            decision = stage.decide("work", ip=f"192.0.2.{network}")
            stage.prove(decision, payload=solved(decision["challenge"]))
        assert stage.decide("work")["verdict"] == "challenge"


def test_actors_without_an_address_cannot_open_a_challenge(make: Make) -> None:
    with make(is_hosted=False) as stage:
        for number in range(60):
            decision = stage.decide("work", ip=None, actor=f"bot-{number}")
            with pytest.raises(ProofRejected):
                stage.prove(decision, payload="broken solver")
        assert stage.decide("work")["verdict"] == "challenge"


def test_codes_never_open_themselves(stage: Stage) -> None:
    for number in range(40):
        a_phone(stage, f"mo{number}")
        decision = stage.decide("code", actor=f"mo{number}", ip=f"198.51.100.{number}")
        with pytest.raises(ProofRejected):
            stage.prove(decision, code="000000")
    assert stage.decide("code", actor="mo1")["challenge"]["kind"] == "totp"


def test_what_happens_while_the_provider_is_away_may_differ_by_action(make: Make) -> None:
    with make(when_away=WhenAway.OPEN, away_by_action={"comment": WhenAway.CLOSED}) as stage:
        until_away(stage)
        decision = stage.decide("captcha")
        assert decision["challenge"]["kind"] == "captcha"
        with pytest.raises(Unavailable):
            stage.prove(decision, token=token_of(stage, decision))
