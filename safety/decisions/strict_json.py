"""JSON as RFC 8259 and nothing more: what a parser may read in two ways is refused."""

import json
from typing import Any

import msgspec

from safety.domain.errors import MalformedBody

Json = dict[str, Any]


class _NotJsonError(ValueError):
    """The text is no JSON that everybody reads alike; says why."""


def parse_json(raw: bytes) -> object:
    """Decode one JSON document in UTF-8.

    Raises `MalformedBody` for anything else, for NaN and infinities, for duplicate keys and for
    nesting too deep to be meant.
    """
    document = _quickly(raw)
    if document is not None:
        return document
    try:
        return _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedBody(f"the body is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise MalformedBody(
            f"the body is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        ) from None
    except RecursionError:
        raise MalformedBody("the body is nested too deeply") from None
    except ValueError as error:  # ours below, or an integer of thousands of digits
        detail = str(error) if isinstance(error, _NotJsonError) else "a number has too many digits"
        raise MalformedBody(detail) from None


def _quickly(raw: bytes) -> Json | None:
    """The object in the text if it surely has no duplicate keys; None leaves it to the decoder.

    The quick decoder takes less than the strict one and reads it alike, but the last of two equal
    keys wins. A key ends in a quote and a colon, whatever is blank between them, so a text with as
    many of these as the object has keys has no key twice.
    """
    try:
        document = _QUICK.decode(raw)
    except (ValueError, RecursionError):  # the decoder below says what is wrong
        return None
    if type(document) is not dict:
        return None
    keys = len(document)
    for value in document.values():
        if type(value) is dict:
            keys += len(value)
    return document if raw.translate(None, _BLANKS).count(b'":') == keys else None


_QUICK = msgspec.json.Decoder()
_BLANKS = b" \t\n\r"


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> Json:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # set.add is the idiom's point
        raise _NotJsonError(f"the key {shown(twice)} appears twice in one object")
    return result


def _no_constants(name: str) -> object:
    raise _NotJsonError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicates, parse_constant=_no_constants
)


def shown(name: str) -> str:
    """A name the caller sent, safe to repeat: short, quoted, plain ASCII."""
    short = name if len(name) <= 64 else f"{name[:64]}..."  # noqa: PLR2004  long enough to find it
    return ascii(short)
