"""One item with everything that somebody needs, and what its texts may mention."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from safety.domain.queues import QueueSettings
from safety.domain.reviews import ItemStatus
from safety.review.macros import fill, values_for
from safety.review.resolving import Resolving
from safety.review.values import Choice
from safety.store.engine import read
from safety.store.tables import audit, resolutions
from tests.desk_items import a_comment, a_model_signal, a_rule_signal, add_item
from tests.review_house import ANA, KEEPING, LEA, NOW, POLICIES, Core, removing


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine)


def test_an_item_shows_everything_a_person_needs(core: Core) -> None:
    text = "buy gold now"
    signals = [a_rule_signal(spans=[[0, 3]]), a_model_signal(text, [("gold", 1.5)])]
    add_item(core.engine, a_comment("an earlier one"), at=NOW - 500, is_flagged=False)
    made = add_item(core.engine, a_comment(text), signals=signals)
    page = core.review.items.open(made, ANA)
    view = page.view
    assert view.text == text
    assert view.evidence.rules[0].spans == ((0, 3),)
    assert view.evidence.models[0].score == 0.97
    assert view.suggested == "spam.commercial"
    assert view.facts["content.links"] == 3
    assert [each.glance for each in view.recent] == [text, "an earlier one"]
    assert view.resolution is None
    assert page.history == ()
    assert not page.is_veiled


def test_an_item_of_one_tenant_shows_no_decision_of_another(core: Core) -> None:
    add_item(core.engine, a_comment("elsewhere"), tenant="other", is_flagged=False)
    made = add_item(core.engine, a_comment("here"))
    page = core.review.items.open(made, ANA)
    assert [each.glance for each in page.view.recent] == ["here"]


def test_what_is_hard_to_look_at_is_veiled_by_its_policy_or_its_queue(core: Core) -> None:
    by_policy = add_item(core.engine, signals=[a_rule_signal(policy="abuse.harassment")])
    by_queue = add_item(core.engine, queue="gore")
    core.review.queues.put(QueueSettings("gore", is_veiled=True), LEA)
    assert core.review.items.open(by_policy, ANA).is_veiled
    assert core.review.items.open(by_queue, ANA).is_veiled


def test_a_note_loses_what_cannot_be_seen_or_kept(core: Core) -> None:
    choice = Choice(KEEPING.acts, note="  see\x00 case\u202e 8\n" + "x" * 5000)
    note = core.review.resolving.decide(add_item(core.engine), choice, ANA).resolution.note
    assert note.startswith("see case 8\nxxx")
    assert len(note) <= 1000


def test_when_one_part_cannot_be_written_nothing_is(core: Core) -> None:
    made = add_item(core.engine)
    review = core.review
    keyless = replace(review.room, audit_key="not bytes")  # type: ignore[arg-type]  # the fault itself
    with pytest.raises(TypeError):
        Resolving(keyless, review.resolving.settling).decide(made, removing(), ANA)
    with read(core.engine) as connection:
        for table in (resolutions, audit):
            assert connection.scalar(select(func.count()).select_from(table)) == 0
    assert review.items.open(made, ANA).view.item.status is ItemStatus.OPEN


def test_macros_fill_their_gaps_and_leave_those_they_do_not_know(core: Core) -> None:
    item = core.review.items.open(add_item(core.engine), ANA).view.item
    values = values_for(item, policy=POLICIES["spam.scam"], until=NOW)
    text = "Hello {actor}: {policy} until {until}. {nothing} {{actor}} {Actor}"
    filled = fill(text, values)
    assert filled == "Hello u_17: Scams until 2026-11-22. {nothing} {u_17} {Actor}"


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_is_filled_in_is_never_read_for_gaps(text: str, actor: str) -> None:
    values = {"actor": "{policy}" + actor, "policy": "SECRET"}
    assert "SECRET" not in fill("{actor}", values)
    assert isinstance(fill(text, values), str)
