"""The quick decoder and the strict one read every text alike, and neither takes a key twice."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.decisions import strict_json
from safety.domain.errors import MalformedBody

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
keys = st.sampled_from(["a", "b", "a\\u0062", '":', '" :', "\u00e9", ""])
sections = st.dictionaries(keys, scalars | st.lists(scalars, max_size=2), max_size=4)
documents = st.dictionaries(keys, scalars | sections, max_size=4)
blanks = st.text(st.sampled_from(" \t\r\n"), max_size=2)


def strictly(raw: bytes) -> Any:
    """What the strict decoder alone says, or why it refuses."""
    try:
        return strict_json._DECODER.decode(raw.decode())
    except ValueError as error:
        return type(error)


@given(documents, blanks, st.booleans())
def test_the_quick_way_reads_what_the_strict_one_reads(
    document: dict[str, Any], blank: str, plain: bool
) -> None:
    text = json.dumps(document, separators=(",", f"{blank}:{blank}"), ensure_ascii=plain)
    raw = text.encode("utf-8", "surrogatepass")
    quick = strict_json._quickly(raw)
    if quick is not None:
        assert json.dumps(quick) == json.dumps(strictly(raw))


@given(st.lists(st.tuples(keys, scalars), max_size=4), blanks)
def test_a_key_that_comes_twice_is_always_refused(
    pairs: list[tuple[str, object]], blank: str
) -> None:
    members = ",".join(f"{json.dumps(key)}{blank}:{json.dumps(value)}" for key, value in pairs)
    for raw in (f"{{{members}}}", f'{{"x":{{{members}}}}}', f'{{"x":[{{{members}}}]}}'):
        if len({key for key, _ in pairs}) < len(pairs):
            with pytest.raises(MalformedBody):
                strict_json.parse_json(raw.encode())


@given(
    st.binary(max_size=40)
    | st.text(st.sampled_from('{}[]":,a1\\u0e+-. nultrfse'), max_size=30).map(str.encode)
)
def test_whatever_the_quick_way_takes_the_strict_one_takes_too(raw: bytes) -> None:
    quick = strict_json._quickly(raw)
    if quick is not None:
        assert quick == strictly(raw)
