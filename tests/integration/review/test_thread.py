"""The thread of an item: what was said before and after it, of whom, and for whose eyes."""

from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from safety.domain.access import Role
from safety.domain.queues import Filter, QueueSettings
from safety.domain.verdicts import Verdict
from safety.review.rechecks import Rates
from safety.review.thread import threads_of
from safety.review.values import Thread
from safety.store.engine import read, write
from safety.store.erasure import erase_actor
from safety.store.tables import thread_texts
from tests.desk_items import a_comment, add_item
from tests.review_house import ANA, AUDIT_KEY, BEN, DAY, LEA, NOW, Core, removing


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine)


def say(core: Core, actor: str, text: str, *, is_flagged: bool = False, **changes: Any) -> str:
    """Let somebody write something; the id of its item, which waits if it is flagged."""
    options = {name: changes.pop(name) for name in ("at", "queue", "tenant") if name in changes}
    verdict = Verdict.HOLD if is_flagged else Verdict.ALLOW
    event = a_comment(text, **{"actor": {"id": actor, "name": f"{actor}_name"}} | changes)
    return add_item(core.engine, event, is_flagged=is_flagged, verdict=verdict, **options)


def thread(core: Core, item: str, texts: int = 3) -> Thread:
    core.review.clerk.run()
    return core.review.items.open(item, ANA, texts=texts).thread


def lines(shown: Thread) -> list[str]:
    return [row.text for row in shown.rows]


def test_what_was_said_around_an_item_is_shown_in_order(core: Core) -> None:
    say(core, "u_1", "elsewhere", content={"text": "elsewhere", "thread_id": "t_8"})
    say(core, "u_1", "where was this taken?")
    item = say(core, "u_2", "buy followers here", is_flagged=True)
    say(core, "u_3", "spam, again")
    shown = thread(core, item)
    assert lines(shown) == ["where was this taken?", "buy followers here", "spam, again"]
    assert [row.is_this for row in shown.rows] == [False, True, False]
    assert [row.actor_name for row in shown.rows] == ["u_1_name", "u_2_name", "u_3_name"]
    assert (shown.before, shown.after, shown.is_more_before, shown.is_more_after) == (
        1,
        1,
        False,
        False,
    )


def test_only_the_nearest_texts_are_shown(core: Core) -> None:
    for number in range(6):
        say(core, "u_1", f"before {number}")
    item = say(core, "u_2", "this", is_flagged=True)
    for number in range(6):
        say(core, "u_1", f"after {number}")
    shown = thread(core, item, texts=2)
    assert lines(shown) == ["before 4", "before 5", "this", "after 0", "after 1"]
    assert shown.is_more_before
    assert shown.is_more_after
    assert len(lines(thread(core, item, texts=50))) == 13


def test_without_a_thread_it_is_the_target_and_what_is_said_about_it(core: Core) -> None:
    post = {"text": "my new bike", "id": "p_1"}
    say(core, "u_1", "", type="post", target={}, content=post)
    say(core, "u_2", "", target={"id": "p_2", "kind": "post"}, content={"text": "other post"})
    about = {"id": "p_1", "kind": "post"}
    say(core, "u_3", "", target=about, content={"text": "nice", "id": "c_1"})
    item = say(
        core, "u_4", "", target=about, content={"text": "ugly", "id": "c_2"}, is_flagged=True
    )
    reply = {"text": "be kind", "id": "c_3"}
    say(core, "u_1", "", target={"id": "c_2", "kind": "comment"}, content=reply)
    assert lines(thread(core, item)) == ["my new bike", "nice", "ugly", "be kind"]


def test_of_messages_only_those_between_the_two_are_shown(core: Core) -> None:
    def write_to(sender: str, receiver: str, text: str, *, is_flagged: bool = False) -> str:
        target = {"id": receiver, "kind": "account"}
        changes = {"type": "message", "target": target, "content": {"text": text}}
        return say(core, sender, text, is_flagged=is_flagged, **changes)

    write_to("u_1", "u_2", "hello")
    write_to("u_3", "u_2", "between others")
    item = write_to("u_2", "u_1", "send me money", is_flagged=True)
    write_to("u_1", "u_2", "who are you?")
    assert lines(thread(core, item)) == ["hello", "send me money", "who are you?"]


def test_a_report_shows_what_was_reported_and_is_not_part_of_it(core: Core) -> None:
    about = {"id": "p_1", "kind": "post"}
    say(core, "u_1", "", target=about, content={"text": "you idiot", "id": "c_1"})
    reported = {"id": "c_1", "kind": "comment"}
    report: dict[str, Any] = {"type": "report", "target": reported, "report": {"reason": "abuse"}}
    item = say(core, "u_2", "", content={"text": "you idiot"}, is_flagged=True, **report)
    say(core, "u_3", "", content={"text": "he insults me"}, **report)
    assert [row.text for row in thread(core, item).rows if not row.is_this] == ["you idiot"]


@pytest.mark.parametrize(
    "event",
    [
        {"type": "signup", "actor": {"id": "u_1", "bio": "I sell things"}},
        {"type": "comment", "content": {"thread_id": 7}, "target": {"id": ["p_1"]}},
        {"type": "comment", "content": "text", "target": None},
    ],
)
def test_what_belongs_to_no_conversation_has_none(event: dict[str, Any]) -> None:
    assert threads_of(event) == ()


def test_a_name_of_a_thread_tells_nothing_and_is_not_the_name_of_another(core: Core) -> None:
    names = {
        threads_of({"content": {"thread_id": "x"}}),
        threads_of({"target": {"id": "x"}}),
        threads_of({"content": {"thread_id": "about\nx"}}),
        threads_of({"type": "message", "actor": {"id": "x"}, "target": _account("x")}),
    }
    assert len(names) == 4
    assert all(len(name) == 24 and "x" not in name for found in names for name in found)
    both = [
        threads_of({"type": "message", "actor": {"id": one}, "target": _account(other)})
        for one, other in (("a", "b"), ("b", "a"))
    ]
    assert both[0] == both[1]


def _account(name: str) -> dict[str, str]:
    return {"id": name, "kind": "account"}


def test_a_text_alone_and_texts_of_other_tenants_make_no_thread(core: Core) -> None:
    item = say(core, "u_1", "hello", is_flagged=True)
    say(core, "u_2", "hello yourself", tenant="other")
    assert thread(core, item) == Thread()


def test_only_what_somebody_may_see_can_be_opened_from_there(core: Core) -> None:
    core.review.queues.put(QueueSettings("abuse", roles=frozenset({Role.LEAD})), LEA)
    secret = say(core, "u_1", "worse", is_flagged=True, queue="abuse")
    item = say(core, "u_2", "bad", is_flagged=True)
    core.review.clerk.run()
    for who, seen in ((ANA, None), (LEA, secret)):
        assert core.review.items.open(item, who).thread.rows[0].item_id == seen


def test_whoever_answers_anew_learns_nothing_from_the_thread(engine: Engine) -> None:
    core = Core(engine, rates=Rates(second=1.0))
    say(core, "u_1", "hello")
    item = say(core, "u_2", "bad", is_flagged=True)
    core.review.resolving.decide(item, removing(), ANA)
    core.later()
    second = core.review.items.next(BEN, Filter())
    assert second not in {None, item}
    rows = core.review.items.open(str(second), BEN).thread.rows
    assert [(row.verdict, row.item_id, row.is_this) for row in rows] == [
        (Verdict.ALLOW, None, False),
        (None, None, True),
    ]


def test_what_is_erased_or_forgotten_is_in_no_thread(core: Core) -> None:
    say(core, "u_1", "first")
    item = say(core, "u_2", "bad", is_flagged=True)
    say(core, "u_3", "last")
    assert lines(thread(core, item)) == ["first", "bad", "last"]
    with write(core.engine) as connection:
        erase_actor(
            connection, "demo", "u_1", NOW, author="mo", audit_key=AUDIT_KEY, pseudonym="gone"
        )
    assert lines(thread(core, item)) == ["bad", "last"]
    core.later(91 * DAY)
    core.review.clerk.tidy()
    assert thread(core, item) == Thread()
    with read(core.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(thread_texts)) == 0
