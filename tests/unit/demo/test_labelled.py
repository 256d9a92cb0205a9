"""Labelled files: what is read, what names an event, and how a bad file is refused."""

import csv
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.demo.labelled import Columns, LabelledFile, Row, UnreadableFileError

CSV = 'text,label,source,split\n"buy, now",1,shop,train\nhello,0,chat,dev\nnull,0,chat,dev\n'


def a_file(folder: Path, content: str | bytes, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, columns: Columns | None = None, only: tuple[str, str] | None = None,
         event_type: str = "comment") -> list[Row]:  # fmt: skip
    with LabelledFile(path, columns=columns, only=only, event_type=event_type) as file:
        return list(file.rows())


def test_a_csv_gives_labelled_events(tmp_path: Path) -> None:
    rows = read(a_file(tmp_path, CSV))
    assert [(row.source, row.label) for row in rows] == [
        ("shop", True), ("chat", False), ("chat", False)
    ]  # fmt: skip
    assert [row.event["content"]["text"] for row in rows] == ["buy, now", "hello", "null"]
    assert {row.event["type"] for row in rows} == {"comment"}


def test_a_gzipped_csv_is_the_same_file(tmp_path: Path) -> None:
    packed = read(a_file(tmp_path, gzip.compress(CSV.encode()), "rows.csv.gz"))
    assert [row.event["content"] for row in packed] == [
        row.event["content"] for row in read(a_file(tmp_path, CSV))
    ]


def test_each_row_is_somebody_elses(tmp_path: Path) -> None:
    rows = read(a_file(tmp_path, CSV))
    assert len({row.event["actor"]["id"] for row in rows}) == len(rows)


def test_reading_again_names_the_events_the_same(tmp_path: Path) -> None:
    path = a_file(tmp_path, CSV)
    assert [r.event["id"] for r in read(path)] == [r.event["id"] for r in read(path)]


def test_the_same_text_twice_is_two_events(tmp_path: Path) -> None:
    rows = read(a_file(tmp_path, "text,label\nhi,0\nhi,0\n"))
    assert rows[0].event["id"] != rows[1].event["id"]


def test_another_type_is_another_event(tmp_path: Path) -> None:
    path = a_file(tmp_path, CSV)
    posts = {row.event["id"] for row in read(path, event_type="post")}
    assert posts.isdisjoint(row.event["id"] for row in read(path))


def test_columns_can_have_other_names(tmp_path: Path) -> None:
    path = a_file(tmp_path, "body,bad,from\nhi,spam,sms\n")
    (row,) = read(path, Columns("body", "bad", "from"))
    assert (row.event["content"]["text"], row.label, row.source) == ("hi", True, "sms")


def test_without_a_source_column_the_file_is_the_source(tmp_path: Path) -> None:
    (row,) = read(a_file(tmp_path, "text,label\nhi,0\n"))
    assert row.source == "rows.csv"


def test_a_source_gives_the_terminal_no_commands(tmp_path: Path) -> None:
    content = 'text,label,source\nhi,1,"\x1b[31mred\x07"\n'
    (row,) = read(a_file(tmp_path, content))
    assert row.source == "?[31mred?"


def test_endless_nesting_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="line 1 is not JSON"):
        read(a_file(tmp_path, "[" * 100_000, "rows.jsonl"))


def test_only_some_rows_can_be_asked_for(tmp_path: Path) -> None:
    rows = read(a_file(tmp_path, CSV), only=("split", "dev"))
    assert [row.number for row in rows] == [2, 3]


def test_a_limit_ends_the_reading(tmp_path: Path) -> None:
    with LabelledFile(a_file(tmp_path, CSV)) as file:
        assert len(list(file.rows(limit=2))) == 2


def test_json_lines_keep_their_ids_and_lose_their_labels(tmp_path: Path) -> None:
    event = {"id": "e1", "type": "post", "actor": {"id": "u9"}, "content": {"text": "x"}}
    line = json.dumps({**event, "label": 1, "source": "mine"})
    (row,) = read(a_file(tmp_path, f"{line}\n\n", "rows.jsonl"))
    assert row == Row(1, "mine", True, event)


def test_an_event_without_a_label_is_neither(tmp_path: Path) -> None:
    rows = read(a_file(tmp_path, '{"type": "like"}\n{"type": "like", "label": null}\n', "a.jsonl"))
    assert [row.label for row in rows] == [None, None]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.txt", "x", "neither .csv nor .jsonl"),
        ("rows.csv", "body,label\nhi,1\n", "no column 'text': name the right one with --text-col"),
        ("rows.csv", "text,bad\nhi,1\n", "no column 'label'"),
        ("rows.csv", "", "It has nothing"),
        ("rows.csv", "text,label\nhi,perhaps\n", "row 1: a label is 1 or 0"),
        ("rows.csv", b"text,label\nhi,1\n\xff\xfe,0\n", "is damaged after row"),
        ("rows.csv.gz", "text,label\n", "is damaged after row 0"),
        ("rows.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:-12], "is damaged"),
        ("rows.jsonl", "{}\n[1]\n", "line 2 is not a JSON object"),
        ("rows.jsonl", "{nope}\n", "line 1 is not JSON"),
        ("rows.csv", "label,text\n1\n", "row 1 has too few columns"),
    ],
)
def test_a_bad_file_is_refused_in_plain_words(
    tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    with pytest.raises(UnreadableFileError, match=said.replace("(", r"\(")):
        read(a_file(tmp_path, content, name))


def test_a_missing_file_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="No such file"):
        read(tmp_path / "none.csv")


def test_the_position_reaches_the_size(tmp_path: Path) -> None:
    with LabelledFile(a_file(tmp_path, CSV * 3)) as file:
        rows = file.rows()
        next(rows)
        assert 0 < file.position <= file.size


@given(texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1))
def test_every_text_survives(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("text", "label"), *((text, 1) for text in texts)])
    assert [row.event["content"]["text"] for row in read(path)] == texts
