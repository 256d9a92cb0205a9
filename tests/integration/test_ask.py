"""Flows in worker threads ask the decider on its loop, and never hang when it is gone."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from safety.domain.errors import InvalidInput, NotFound, Unavailable
from safety.domain.verdicts import Verdict
from tests.integration.accounts.gate_house import MAIN, Gate, a_gate


@pytest.fixture
def gate(engine: Engine) -> Iterator[Gate]:
    with a_gate(engine) as running:
        yield running


def test_an_answer_is_a_decision_that_is_kept(gate: Gate) -> None:
    answer = gate.asking.decide(MAIN, {"type": "login", "actor": {"id": "u_1"}})
    assert answer.verdict is Verdict.ALLOW
    standing = gate.asking.recall(MAIN, answer.id)
    assert standing.document == answer.document
    assert (standing.verdict, standing.proved_at) == (Verdict.ALLOW, None)


def test_many_threads_ask_at_once_and_each_gets_its_own_answer(gate: Gate) -> None:
    def ask(number: int) -> str:
        event = {"id": f"e{number}", "type": "login", "actor": {"id": f"u_{number}"}}
        event_id: str = gate.asking.decide(MAIN, event).document["event_id"]
        return event_id

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(ask, range(50))) == [f"e{number}" for number in range(50)]


def test_what_is_no_event_is_refused_before_anybody_waits(gate: Gate) -> None:
    with pytest.raises(InvalidInput) as refused:
        gate.asking.decide(MAIN, {"type": "login", "actor": {}})
    assert refused.value.errors[0].field == "actor.id"


@pytest.mark.parametrize("decision_id", ["", "dec_1", "x" * 1000])
def test_a_decision_that_never_was_is_not_found(gate: Gate, decision_id: str) -> None:
    with pytest.raises(NotFound):
        gate.asking.recall(MAIN, decision_id)


def test_another_tenants_decision_is_not_found(gate: Gate) -> None:
    answer = gate.asking.decide(MAIN, {"type": "login", "actor": {"id": "u_1"}})
    with pytest.raises(NotFound):
        gate.asking.recall("other", answer.id)


def test_nobody_waits_for_a_loop_that_does_not_run(gate: Gate) -> None:
    closed = asyncio.new_event_loop()
    closed.close()
    for loop in (None, closed):
        gate.asking.bind(loop)
        with pytest.raises(Unavailable) as refused:
            gate.asking.decide(MAIN, {"type": "login", "actor": {"id": "u_1"}})
        assert refused.value.retry_after is not None


def test_a_loop_that_is_stuck_is_not_waited_for(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safety.decisions.ask._PATIENCE_SECONDS", 0.2)
    may_go_on = threading.Event()
    assert gate.asking._loop is not None
    gate.asking._loop.call_soon_threadsafe(may_go_on.wait, 30)
    try:
        with pytest.raises(Unavailable):
            gate.asking.decide(MAIN, {"type": "login", "actor": {"id": "u_1"}})
    finally:
        may_go_on.set()
