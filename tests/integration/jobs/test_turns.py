"""Turns: who is served when, in which order, and by which of several senders."""

import threading
import time
from collections import Counter
from collections.abc import Callable

from safety.jobs.sender import Pace
from safety.store import outbox
from safety.store.deliveries import Deliveries
from safety.store.engine import write
from tests.integration.jobs.conftest import Post
from tests.receiver import Reply, running_receiver

DAY = 24 * 60 * 60.0


def test_messages_about_one_subject_keep_their_order(post: Post) -> None:
    post.add_endpoint()
    answers = iter([500])
    post.receiver.reply = lambda came: Reply(next(answers, 200) if came.id == "msg_1" else 200)
    post.add("msg_1", subject="u_1", age=3)
    post.add("msg_2", subject="u_1", age=2)
    post.add("msg_3", subject="u_2", age=1)
    post.add("msg_4")
    sender = post.sender()
    post.deliver_all(sender)
    post.now += 5
    post.deliver_all(sender)
    assert post.receiver.ids.index("msg_1", 1) < post.receiver.ids.index("msg_2")
    assert Counter(post.receiver.ids) == {"msg_1": 2, "msg_2": 1, "msg_3": 1, "msg_4": 1}


def test_one_subjects_trouble_holds_up_nobody_else(post: Post) -> None:
    post.add_endpoint()
    post.receiver.reply = lambda came: Reply(500 if came.id == "msg_1" else 200)
    post.add("msg_1", subject="u_1", age=2)
    post.add("msg_2", subject="u_1", age=1)
    post.add("msg_3", subject="u_2")
    sender = post.sender()
    post.deliver_all(sender)
    post.now += 5
    post.deliver_all(sender)
    assert set(post.receiver.ids) == {"msg_1", "msg_3"}
    assert set(post.waiting()) == {"msg_1", "msg_2"}


def test_the_next_goes_on_when_the_one_before_it_died(post: Post) -> None:
    post.add_endpoint()
    post.add("msg_1", subject="u_1", age=1)
    post.add("msg_2", subject="u_1")
    with write(post.engine) as connection:
        outbox.bury(connection, "msg_1", post.now, "given up")
    post.deliver_all()
    assert post.receiver.ids == ["msg_2"]


def test_a_receiver_in_trouble_is_asked_seldom_and_the_others_as_ever(post: Post) -> None:
    post.add_endpoint("acme")
    post.receiver.reply = lambda _: Reply(500)
    with running_receiver() as healthy:
        post.add_endpoint("other", healthy.url)
        for number in range(20):
            post.add(f"sick_{number:02}", tenant="acme")
            post.add(f"well_{number:02}", tenant="other")
        sender = post.sender()
        post.deliver_all(sender)
        assert (len(post.receiver.received), len(healthy.received)) == (1, 20)
        for _ in range(60):
            post.now += 1
            post.deliver_all(sender)
        assert len(post.receiver.received) < 10


def test_a_receiver_that_recovers_gets_everything(post: Post) -> None:
    post.add_endpoint()
    post.receiver.reply = lambda _: Reply(503)
    for number in range(5):
        post.add(f"msg_{number}")
    sender = post.sender()
    post.deliver_all(sender)
    post.receiver.reply = lambda _: Reply(200)
    post.now += 10
    post.deliver_all(sender)
    assert post.waiting() == {}


def test_a_clock_that_is_set_back_silences_nobody(post: Post) -> None:
    post.add_endpoint()
    post.receiver.reply = lambda _: Reply(500)
    sender = post.sender()
    post.now += 10 * 365 * DAY
    post.add("msg_1")
    post.deliver_all(sender)
    post.now -= 10 * 365 * DAY
    post.receiver.reply = lambda _: Reply(200)
    post.add("msg_2")
    post.deliver_all(sender)
    assert post.receiver.ids == ["msg_1", "msg_2"]


def test_a_claim_belongs_to_one_and_runs_out(post: Post) -> None:
    post.add_endpoint()
    post.add("msg_1")
    deliveries = Deliveries(post.engine)
    first = deliveries.claim("acme", at=post.now, until=post.now + 90)
    assert first is not None
    assert deliveries.claim("acme", at=post.now + 89, until=post.now + 200) is None
    again = deliveries.claim("acme", at=post.now + 90, until=post.now + 200)
    assert again is not None
    assert again.message.id == first.message.id
    deliveries.arrived(again, post.now + 91)
    deliveries.failed(first, "late", due_at=post.now)
    assert post.waiting() == {}


def test_no_message_is_claimed_twice_in_a_race(post: Post) -> None:
    post.add_endpoint()
    for number in range(30):
        post.add(f"msg_{number:02}", subject=f"u_{number % 4}")
    claimed: list[str] = []
    begin = threading.Barrier(6)

    def claim() -> None:
        deliveries = Deliveries(post.engine)
        begin.wait()
        while parcel := deliveries.claim("acme", at=post.now, until=post.now + 90):
            claimed.append(parcel.message.id)

    racers = [threading.Thread(target=claim) for _ in range(6)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    # Of each subject the first goes, and the next only when it has arrived.
    assert len(claimed) == len(set(claimed)) == 4


def test_senders_of_several_processes_share_the_work(post: Post) -> None:
    post.add_endpoint()
    names = [f"msg_{number:02}" for number in range(24)]
    for number, name in enumerate(names):
        post.add(name, subject=f"u_{number % 3}", age=100 - number)
    senders = [post.sender() for _ in range(3)]
    for sender in senders:
        sender.start()
    wait_until(lambda: not post.waiting())
    for sender in senders:
        sender.stop()
    assert sorted(post.receiver.ids) == names
    for subject in range(3):
        own = [name for name in post.receiver.ids if int(name[4:]) % 3 == subject]
        assert own == sorted(own)


def test_a_slow_receiver_holds_up_its_own_messages_only(post: Post) -> None:
    post.receiver.reply = lambda _: Reply(after=1.0)
    post.add_endpoint("slow")
    with running_receiver() as quick:
        post.add_endpoint("quick", quick.url)
        for number in range(8):
            post.add(f"slow_{number}", tenant="slow", age=60)
            post.add(f"quick_{number}", tenant="quick")
        sender = post.sender(Pace(lanes=2, poll=0.01))
        sender.start()
        wait_until(lambda: len(quick.received) == 8)
        assert len(post.receiver.received) <= 2
        sender.stop()


def wait_until(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)
