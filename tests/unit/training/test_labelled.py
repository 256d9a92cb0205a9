"""Labelled rows as a file: whole rows come back, and a bad line is named."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety.training.labelled import (
    SPLITS,
    LabelledFileError,
    LabelledRow,
    read_rows,
    write_rows,
)

values = st.dictionaries(
    st.text(max_size=20),
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=20)
    | st.lists(st.text(max_size=5), max_size=3).map(tuple),
    max_size=5,
)
made = st.builds(
    LabelledRow,
    values=values,
    label=st.integers(0, 1),
    weight=st.floats(0.01, 100),
    source=st.text(max_size=10),
    language=st.sampled_from(["en", "und"]),
    split=st.sampled_from(SPLITS),
)


@settings(max_examples=25)
@given(st.lists(made, max_size=5))
def test_rows_come_back_as_they_were_written(rows: list[LabelledRow]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        assert write_rows(path, rows) == len(rows)
        assert list(read_rows(path)) == rows


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b"{}",
        b'{"values":{},"label":2,"weight":1,"source":"","language":"","split":"train"}',
        b'{"values":{},"label":1,"weight":0,"source":"","language":"","split":"train"}',
        b'{"values":{},"label":1,"weight":1,"source":"","language":"","split":"mine"}',
        b'{"values":{"a":{"b":1}},"label":1,"weight":1,"source":"","language":"","split":"dev"}',
        b"\xff\xfe",
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "rows.jsonl"
    good = b'{"values":{},"label":1,"weight":1,"source":"","language":"en","split":"train"}'
    path.write_bytes(good + b"\n\n" + line + b"\n")
    with pytest.raises(LabelledFileError, match=r"rows\.jsonl, line 3"):
        list(read_rows(path))
