"""A segment is read back from its bytes as it was, and other bytes are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.domain.features import Value
from safety.ruleset.columns import Columns, gather
from safety.ruleset.interpret import is_missing
from safety.training.segment import DamagedSegment, Segment
from safety.training.segment_file import from_bytes, to_bytes
from tests.factories import a_catalogue
from tests.unit.training.past_events import START, a_decision, segments_of

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.just("\ud800"),
    st.lists(st.text(max_size=3), max_size=3).map(tuple),
)
NAMES = ("a", 'count("post", by=actor.id, within="1h")', "../c", "@d")
ROWS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, VALUES)), max_size=8)


def a_segment(rows: list[dict[str, Value]]) -> Segment:
    columns = gather(rows, len(rows))
    return Segment(Columns(len(rows), columns.get), columns)


@given(rows=ROWS)
def test_values_come_back_as_they_were(rows: list[dict[str, Value]]) -> None:
    given_back = from_bytes(to_bytes(a_segment(rows)))
    known = [{n: v for n, v in row.items() if not is_missing(v)} for row in rows]
    assert given_back.columns.values(NAMES, np.arange(len(rows))) == known
    assert given_back.names == {name for row in known for name in row}


@given(rows=ROWS)
def test_the_same_rows_give_the_same_bytes(rows: list[dict[str, Value]]) -> None:
    assert to_bytes(a_segment(rows)) == to_bytes(a_segment(rows))


@pytest.mark.parametrize("raw", [b"", b"PK", b"x" * 500, b"\x93NUMPY\x01\x00"])
def test_other_bytes_are_no_segment(raw: bytes) -> None:
    with pytest.raises(DamagedSegment):
        from_bytes(raw)


def test_an_event_that_cannot_be_derived_again_keeps_what_was_recorded() -> None:
    """Whether a target is one's own cannot be said without an actor: that stops no sealing."""
    odd = a_decision(1, START, event=b'{"target": {"id": "x"}}', facts={"content.links": 3})
    (segment,) = segments_of(a_catalogue(), [odd])
    assert segment.columns.at("content.links", segment.rows_of()) == [3]
