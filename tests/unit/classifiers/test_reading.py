"""What the encoder reads of a folded text."""

from hypothesis import given
from hypothesis import strategies as st

from safety.classifiers.reading import reading


def test_a_link_keeps_its_host_and_loses_what_is_new_each_time() -> None:
    one = reading("look https://www.evil.example/a?b=1 now")
    assert one == reading("look https://www.evil.example/zzz?ref=9 now")
    assert "link evil.example" in one


def test_people_and_long_numbers_become_what_they_are() -> None:
    assert reading("hi @some_one99") == "hi @user"
    assert reading("code 123456 now").split() == ["code", "number", "now"]
    assert reading("call +4917012345678").split() == ["call", "+", "phone"]
    assert reading("since 2019, 50 of us") == "since 2019, 50 of us"


def test_pictures_become_one_sign_that_the_vocabulary_has() -> None:
    assert reading("great \U0001f525\U0001f525\ufe0f song").split() == ["great", "*", "song"]


def test_a_long_text_is_read_at_its_beginning_and_its_end() -> None:
    read = reading("begin " + "x " * 50_000 + "end")
    assert read.startswith("begin")
    assert read.endswith("end")
    assert len(read) <= 1_100


@given(st.text(max_size=300))
def test_reading_never_fails_and_stays_short(text: str) -> None:
    assert len(reading(text)) <= 4 * len(text) + 40
