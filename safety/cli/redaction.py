"""Keeps secrets, content and personal data out of log lines, whatever a caller hands over.

Callers already log ids, counts and durations only (tests/unit/house holds them to it). This is the
second wall: for a field added in a hurry, and for what libraries say.
"""

import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence, Set
from pathlib import PurePath
from types import TracebackType
from typing import Any

REMOVED = "[removed]"

# A field is removed when a part of its name is one of these: `actor_email`, `content.text`.
_TELLING = frozenset(
    {
        "address",
        "authorization",
        "bio",
        "body",
        "content",
        "cookie",
        "cookies",
        "csrf",
        "email",
        "headers",
        "ip",
        "key",
        "password",
        "payload",
        "pepper",
        "query",
        "secret",
        "secrets",
        "text",
        "token",
    }
)
_PART = re.compile(r"[^a-z0-9]+")

# What gives itself away in any text, by its shape.
_SHAPES = (
    (re.compile(r"sg_(?:live|test)_[0-9A-Za-z_-]+"), REMOVED),
    # 32 random bytes as Python's `secrets` writes them: sign-in links and sessions, then key files.
    (re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{43}(?![\w-])", re.ASCII), REMOVED),
    (re.compile(r"[0-9a-f]{64}"), REMOVED),
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',]+"), rf"\1 {REMOVED}"),
    (re.compile(r"(?i)\b(token|secret|password|key)=[^\s&\"']+"), rf"\1={REMOVED}"),
    (re.compile(r"(://[^\s/:@]*):[^\s/@]+@"), rf"\1:{REMOVED}@"),
)

_DEEPEST = 5
_Event = MutableMapping[str, Any]


def without_secrets(_logger: Any, _method: str, event: _Event) -> _Event:
    """A structlog processor: fields with telling names lose their value, texts their secrets."""
    return {name: _field(name, value, 0) for name, value in event.items()}


def without_exception_texts(_logger: Any, _method: str, event: _Event) -> _Event:
    """A structlog processor: of an exception its type and place are kept.

    Its text may quote what was sent, and its traceback the lines of code that held it.
    """
    given = event.pop("exc_info", None)
    error, traceback = _exception(given)
    if error is not None:
        event.update({"error": type(error).__name__} | place(traceback))
    return event


def place(traceback: TracebackType | None) -> dict[str, Any]:
    """Where an exception was raised: `file` and `line`, or nothing when that is not known."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return {}
    return {"file": traceback.tb_frame.f_code.co_filename, "line": traceback.tb_lineno}


def masked(text: str) -> str:
    """The text with everything blanked that has the shape of a secret."""
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def _exception(given: Any) -> tuple[BaseException | None, TracebackType | None]:
    if isinstance(given, BaseException):
        return given, given.__traceback__
    _, error, traceback = given if isinstance(given, tuple) else sys.exc_info()
    return (error, traceback) if given else (None, None)


def _field(name: object, value: Any, depth: int) -> Any:
    is_telling = not _TELLING.isdisjoint(_PART.split(str(name).lower()))
    return REMOVED if is_telling and value is not None else _value(value, depth)


def _value(value: Any, depth: int) -> Any:
    """What may be written of a value; of things that are no plain data only their type."""
    match value:
        case None | bool() | int() | float():
            return value
        case str() | PurePath():
            return masked(str(value))
        case Mapping() if depth < _DEEPEST:
            return {masked(str(n)): _field(n, v, depth + 1) for n, v in value.items()}
        case bytes() | bytearray():
            return REMOVED
        case Sequence() | Set() if depth < _DEEPEST:
            return [_value(each, depth + 1) for each in value]
        case _:
            return type(value).__name__
