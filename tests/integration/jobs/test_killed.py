"""Killed in the middle of an attempt: nothing is lost, and what goes again has the same id."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.jobs.conftest import Post
from tests.receiver import Reply

ROOT = Path(__file__).parents[3]


@contextmanager
def sending(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that sends what waits in this database."""
    module = "tests.integration.jobs.sending_process"
    started = subprocess.Popen(  # noqa: S603  our own module
        [sys.executable, "-m", module, url, (b"k" * 32).hex()], cwd=ROOT
    )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def test_every_message_arrives_although_the_sender_is_killed(post: Post, database_url: str) -> None:
    post.add_endpoint()
    names = [f"msg_{number:02}" for number in range(12)]
    for number, name in enumerate(names):
        post.add(name, subject="u_1", age=100 - number)
    post.receiver.reply = lambda _: Reply(after=30.0 if len(post.receiver.received) == 6 else 0.0)
    with sending(database_url):
        wait_for(post, 6)  # the sixth is on its way and not answered
    assert set(post.waiting()) == set(names[5:])
    with sending(database_url):
        wait_for(post, 13)
        until = time.monotonic() + 10
        while post.waiting() and time.monotonic() < until:
            time.sleep(0.02)
    assert post.receiver.ids == [*names[:6], *names[5:]]
    assert post.waiting() == {}


def wait_for(post: Post, count: int) -> None:
    until = time.monotonic() + 30
    while len(post.receiver.received) < count:
        assert time.monotonic() < until
        time.sleep(0.02)
