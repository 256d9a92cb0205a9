"""Whatever is logged, secrets, content and the texts of exceptions do not reach the line."""

import json
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from safety.cli.logs import json_lines
from safety.cli.redaction import REMOVED, masked, without_secrets
from safety.domain.access import ApiKey, Scope
from safety.gates import apikey

Said = Callable[[], list[dict[str, Any]]]

SECRET = "the-user-wrote-this"
PLAIN = st.text(st.characters(codec="utf-8"), max_size=20)


def a_key() -> tuple[ApiKey, str]:
    return apikey.mint(
        "shop",
        "backend",
        [Scope.DECIDE],
        is_test=False,
        secret_bytes=secrets.token_bytes(apikey.SECRET_BYTES),
        id_bytes=secrets.token_bytes(apikey.ID_BYTES),
        pepper=b"pepper",
        at=0.0,
    )


TOKENS = [
    a_key()[1],
    f"ana.{secrets.token_urlsafe(32)}",
    secrets.token_urlsafe(32),
    secrets.token_hex(32),
]


@pytest.fixture
def said() -> Iterator[Said]:
    """Reads the lines that were written."""
    handlers, level, hook = logging.root.handlers[:], logging.root.level, threading.excepthook
    output = StringIO()
    with redirect_stdout(output):
        json_lines("debug")
    yield lambda: [json.loads(line) for line in output.getvalue().splitlines()]
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    threading.excepthook = hook


@pytest.mark.parametrize(
    "name",
    [
        "authorization", "token", "password", "secret", "key", "cookie", "text", "email", "ip",
        "content", "api_key", "Set-Cookie", "content.text", "actor_email", "csrf", "X-Api-Key",
    ],
)  # fmt: skip
def test_a_field_with_a_telling_name_loses_its_value(name: str) -> None:
    for fields in ({name: SECRET}, {"seen": {name: [SECRET]}}, {"seen": [{name: {"a": SECRET}}]}):
        assert SECRET not in str(without_secrets(None, "info", {"event": "seen"} | fields))


@pytest.mark.parametrize("name", ["item", "keyring", "texts", "took_ms", "zip", "queue", "status"])
def test_an_ordinary_field_keeps_its_value(name: str) -> None:
    assert without_secrets(None, "info", {"event": "seen", name: 3}) == {"event": "seen", name: 3}


@given(token=st.sampled_from(TOKENS), before=PLAIN, after=PLAIN, name=st.sampled_from(["a", "b"]))
def test_a_token_is_masked_wherever_it_stands(
    token: str, before: str, after: str, name: str
) -> None:
    text = f"{before} {token} {after}"
    fields: dict[str, Any] = {name: text, "deep": [{"deeper": (text, {text: text})}]}
    assert token not in json.dumps(without_secrets(None, "info", fields))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("/desk/sign-in?token=ana.abc&next=1", f"/desk/sign-in?token={REMOVED}&next=1"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {REMOVED}"),
        ("postgresql://safety:hunter2@db/safety", f"postgresql://safety:{REMOVED}@db/safety"),
        ("ruleset ea8c8cb8782d kept, 42 rules", "ruleset ea8c8cb8782d kept, 42 rules"),
        ("/srv/site/rules/mine.yaml", "/srv/site/rules/mine.yaml"),
        ("a_name_of_forty_three_letters_is_no_secret_",
         "a_name_of_forty_three_letters_is_no_secret_"),
    ],
)  # fmt: skip
def test_only_what_gives_access_is_masked(text: str, written: str) -> None:
    assert masked(text) == written


def test_a_thing_that_is_no_plain_data_is_written_as_its_type() -> None:
    key, _ = a_key()
    fields = without_secrets(None, "info", {"made": key, "error": ValueError(SECRET), "raw": b"x"})
    assert fields == {"made": "ApiKey", "error": "ValueError", "raw": REMOVED}


def test_of_an_exception_type_and_place_are_logged(said: Said) -> None:
    try:
        int(SECRET)
    except ValueError:
        structlog.get_logger().exception("broken")
    (line,) = said()
    assert (line["event"], line["level"], line["error"]) == ("broken", "error", "ValueError")
    assert line["file"].endswith("test_redaction.py")
    assert SECRET not in str(line)


def test_libraries_are_heard_without_what_they_quote(said: Said) -> None:
    library = logging.getLogger("uvicorn.error")
    library.warning("limit exceeded by %s", "203.0.113.77")
    library.error("Task failed\nfuture: <%s>", SECRET)
    library.error("Exception in ASGI application\n", exc_info=ValueError(SECRET))
    library.error(ValueError(SECRET))
    library.info("Started server process [%d]", 42)
    lines = said()
    assert [line["message"] for line in lines] == [
        "limit exceeded by %s",
        "Task failed",
        "Exception in ASGI application",
        "ValueError",
    ]
    assert lines[2]["error"] == "ValueError"
    assert SECRET not in str(lines)
    assert "203.0.113.77" not in str(lines)


def test_a_thread_that_dies_says_so_without_the_text(said: Said) -> None:
    def die() -> None:
        raise RuntimeError(SECRET)

    thread = threading.Thread(target=die, name="keeper")
    thread.start()
    thread.join()
    (line,) = said()
    assert (line["event"], line["thread"], line["error"]) == (
        "thread_died",
        "keeper",
        "RuntimeError",
    )
    assert SECRET not in str(line)


def test_what_is_bound_to_a_request_stands_on_each_of_its_lines(said: Said) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req_1"):
        structlog.get_logger().info("item_resolved", item="itm_1")
    structlog.get_logger().info("counters_restored")
    assert [line.get("request_id") for line in said()] == ["req_1", None]
