"""Whatever receivers answer, every message ends once, and none overtakes its subject's earlier."""

from collections import Counter, defaultdict
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safety.jobs.schedule import WAITS
from tests.integration.jobs.conftest import Post
from tests.receiver import Received, Reply

ATTEMPTS = len(WAITS) + 1
DAY = 24 * 60 * 60.0
FAILURES = st.sampled_from((301, 400, 429, 500, 503))
# A subject and how often the receiver fails before it takes the message.
MESSAGES = st.lists(
    st.tuples(st.sampled_from(("u_1", "u_2", "")), st.integers(0, ATTEMPTS + 1)),
    min_size=1,
    max_size=5,
)
_examples = count()


@given(MESSAGES, FAILURES)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_message_arrives_or_dies_and_subjects_keep_their_order(
    post: Post, messages: list[tuple[str, int]], status: int
) -> None:
    tenant = f"t{next(_examples)}"
    names = [f"{tenant}_{number}" for number in range(len(messages))]
    failures = {name: left for name, (_, left) in zip(names, messages, strict=True)}
    tried: Counter[str] = Counter()

    def reply(came: Received) -> Reply:
        tried[came.id] += 1
        return Reply(status if tried[came.id] <= failures[came.id] else 200)

    post.receiver.reply, post.receiver.received[:] = reply, []
    post.add_endpoint(tenant)
    for number, (name, (subject, _)) in enumerate(zip(names, messages, strict=True)):
        post.add(name, tenant=tenant, subject=subject, age=len(names) - number)
    finish(post)

    assert tried == {name: min(left + 1, ATTEMPTS) for name, left in failures.items()}
    dead = {name for name in post.dead() if name.startswith(f"{tenant}_")}
    assert dead == {name for name, left in failures.items() if left >= ATTEMPTS}
    by_subject = defaultdict(list)
    for name, (subject, _) in zip(names, messages, strict=True):
        by_subject[subject].append(name)
    for subject, own in by_subject.items():
        if subject:
            came = [each for each in post.receiver.ids if each in own]
            assert came == sorted(came), "one ends before the next begins"


def finish(post: Post) -> None:
    """Let days pass until nothing waits."""
    sender = post.sender()
    for _ in range(20 * ATTEMPTS):
        post.deliver_all(sender)
        if not post.waiting():
            return
        post.now += 1.2 * DAY
    raise AssertionError(post.waiting())
