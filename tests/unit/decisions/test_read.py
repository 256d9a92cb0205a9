"""Events are read as the catalogue declares them, and wrong ones are refused field by field."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety.decisions.read import EventReader
from safety.decisions.strict_json import parse_json
from safety.domain.errors import InvalidInput, MalformedBody
from safety.domain.events import Event
from tests.factories import NOW, a_catalogue, an_event, raw

READER = EventReader(a_catalogue())


def read(event: Any) -> Event:
    return READER.read(raw(event), now=NOW, fallback_id=lambda: "evt_new")


def refusal(event: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(event)
    return caught.value


def test_an_event_becomes_values_under_catalogue_names() -> None:
    event = read(an_event())
    assert event.values["actor.id"] == "u_1"
    assert event.values["content.text"] == "lovely light in this one"
    assert event.values["actor.created_at"] == 1_709_287_200.0
    assert (event.id, event.type, event.time) == ("comment-1", "comment", NOW)


def test_null_means_unknown() -> None:
    event = read(an_event(content=None, actor={"id": "u_1", "followers": None}))
    assert "actor.followers" not in event.values
    assert "content.text" not in event.values


def test_an_event_without_an_id_gets_one() -> None:
    assert read(an_event(id=None)).id == "evt_new"


def test_the_body_is_kept_as_it_was_sent() -> None:
    body = raw(an_event())
    assert READER.read(body, now=NOW, fallback_id=str).body == body


@pytest.mark.parametrize(
    ("sent", "entity"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_an_address_counts_as_its_entity(sent: str, entity: str) -> None:
    assert read(an_event(net={"ip": sent})).values["net.ip"] == entity


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"type": "coment"}, "type", "did you mean comment?"),
        ({"type": 7}, "type", "must be a string"),
        ({"type": None}, "type", "is required"),
        ({"actor": None}, "actor.id", "is required"),
        ({"actor": {}}, "actor.id", "is required"),
        ({"actor": {"id": ""}}, "actor.id", "must not be empty"),
        ({"actor": {"id": 5}}, "actor.id", "must be a string"),
        ({"actor": {"id": "x" * 257}}, "actor.id", "at most 256"),
        ({"actor": {"id": "u\u0000"}}, "actor.id", "NUL"),
        ({"actor": {"id": "u", "folowers": 1}}, "actor.folowers", "did you mean followers?"),
        ({"actor": {"id": "u", "followers": 1.5}}, "actor.followers", "whole number"),
        ({"actor": {"id": "u", "followers": True}}, "actor.followers", "whole number"),
        ({"actor": {"id": "u", "followers": 2**70}}, "actor.followers", "64 bits"),
        ({"actor": {"id": "u", "email_verified": "yes"}}, "actor.email_verified", "true or false"),
        ({"actor": {"id": "u", "reputation": "0.5"}}, "actor.reputation", "finite number"),
        ({"actor": {"id": "u", "created_at": "soon"}}, "actor.created_at", "RFC 3339"),
        ({"actor": {"id": "u", "created_at": "2026-01-01"}}, "actor.created_at", "time zone"),
        ({"actor": {"id": "u", "created_at": NOW + 9000}}, "actor.created_at", "in the future"),
        ({"actor": ["u"]}, "actor", "must be an object"),
        ({"content": {"text": "x" * 20_001}}, "content.text", "at most 20000"),
        ({"content": {"text": "\ud83d"}}, "content.text", "surrogate"),
        ({"net": {"ip": "300.1.1.1"}}, "net.ip", "IPv4 or IPv6"),
        ({"login": {"succeeded": True}}, "login.succeeded", "only login events"),
        ({"time": "2030-01-01T00:00:00Z"}, "time", "last 7 days"),
        ({"time": "1999-01-01T00:00:00Z"}, "time", "last 7 days"),
        ({"time": -1}, "time", "between 1970 and 2200"),
        ({"deadline_ms": 0}, "deadline_ms", "from 1 to"),
        ({"deadline_ms": "10"}, "deadline_ms", "must be a number"),
        ({"id": 12}, "id", "must be a string"),
        ({"verdict": "allow"}, "verdict", "is not known"),
    ],
)
def test_a_wrong_field_is_named_with_what_it_should_be(
    changes: dict[str, Any], field: str, says: str
) -> None:
    error = next(e for e in refusal(an_event(**changes)).errors if e.field == field)
    assert says in error.message


def test_every_wrong_field_is_named_at_once() -> None:
    error = refusal(an_event(type="x", actor={"id": "", "posts": "many"}))
    assert {e.field for e in error.errors} == {"type", "actor.id", "actor.posts"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"type": NaN}', "NaN is not JSON"),
        (b'{"type": -Infinity}', "-Infinity is not JSON"),
        (b'{"type": "a", "type": "b"}', "'type' appears twice"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"a": "\x00"}', "not JSON"),
    ],
)
def test_a_body_that_is_not_strict_json_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(MalformedBody, match=says):
        parse_json(body)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
names = st.sampled_from(["id", "type", "time", "actor", "content", "net", "deadline_ms", "x"])


@settings(max_examples=300)
@given(st.dictionaries(names, json_values) | json_values)
def test_any_document_is_an_event_or_a_named_refusal(document: Any) -> None:
    try:
        values = read(document).values
    except InvalidInput:
        return
    assert values["actor.id"]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(MalformedBody):
        parse_json(body)


def test_a_refusal_never_repeats_the_value() -> None:
    error = refusal(an_event(actor={"id": {"secret": "hunter2"}, "email": 9}))
    assert "hunter2" not in json.dumps([error.detail, *[e.message for e in error.errors]])


def test_what_was_accepted_is_recalled_the_same() -> None:
    event = read(an_event(net={"ip": "2001:db8::5"}))
    assert READER.recall(event.body) == event.values
