"""The normaliser undoes what hides a text and leaves real languages alone."""
# ruff: noqa: RUF001 - look-alike characters are the examples

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.text import fold as fold_module
from safety.text import look_alikes, marks, ordinary
from safety.text.draft import Draft
from safety.text.fold import fold, fold_with_offsets
from safety.text.look_alikes import MAX_EXPANSION

# Characters that meet every step, beside whatever Hypothesis finds by itself.
HARD = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("aAeE013@$ .-_сеоϲςΣİıßﷺﬁ½①Ⓐ𝓯ｆ\u0301\u0332\u200b\u200d\ufe0f\u202e한글ᄒ"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("FREE money", "free money"),
        ("ⓕⓡⓔⓔ 𝓶𝓸𝓷𝓮𝔂", "free money"),
        ("ｆｒｅｅ ꜰʀᴇᴇ 🅵🆁🅴🅴", "free free free"),
        ("frее mоnеу", "free money"),  # Cyrillic letters inside Latin words
        ("ϲoϲaine", "cocaine"),  # a lunate sigma
        ("f\u200br\u2060e\u00ade", "free"),
        ("m̲o̲n̲e̲y̲ f̶r̶e̶e̶", "money free"),
        ("f r e e  m o n e y", "free money"),
        ("f.r.e.e c-a-s-h", "free cash"),
        ("m0ney c@sh v1agra", "money cash viagra"),
        ("f r 3 e", "free"),
        ("п0рн0 и к@зино", "порн0 и казино"),
        ("soooooo good!!!!!!!!", "soo good!!!"),
        ("\u202efree\u202c \x00money", "free money"),
    ],
)
def test_a_disguised_text_is_read_as_it_is_meant(written: str, meant: str) -> None:
    assert fold(written).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "covid-19",
        "4ever at 5pm",
        "mail bob@example.com",
        "https://example.com/w1n?a=b1c",
        "привет, как дела",
        "это мой сор и ухо",
        "ελληνικά γράμματα",
        "हिन्दी में लिखो",
        "ภาษาไทย",
        "việt nam",
        "straße",
        "it-компания",
        "こんにちは ガ",
        "한국어",
        "用了3天就坏了",
        "약3개월",
        "u.s.a. 1 2 3 4",
        "www.example.com",
        "👩‍👩‍👧 ❤".replace("\u200d", ""),
    ],
)
def test_plain_text_of_any_language_stays_as_it_is(text: str) -> None:
    folded = fold(text)
    assert folded.text == text
    assert folded.obfuscation == 0.0


def test_a_word_of_look_alikes_is_latin_only_inside_a_latin_text() -> None:
    assert fold("buy соре now and here").text == "buy cope now and here"
    assert fold("вот такое соре тут").text == "вот такое соре тут"


def test_text_in_decomposed_form_reads_like_the_composed_one() -> None:
    assert fold("cafe\u0301").text == fold("caf\u00e9").text


def test_the_share_undone_tells_a_disguised_text_from_a_plain_one() -> None:
    assert fold("𝓯𝓻𝓮𝓮 𝓶𝓸𝓷𝓮𝔂").obfuscation == 1.0
    assert 0 < fold("frее mоnеу").obfuscation < 1
    assert fold("Perfectly PLAIN, with emoji ❤️ and 1️⃣!").obfuscation == 0.0


@given(HARD)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@given(HARD)
def test_a_folded_text_is_bounded_and_its_share_is_a_share(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) <= MAX_EXPANSION * len(text)
    assert 0.0 <= folded.obfuscation <= 1.0


@given(HARD)
def test_offsets_point_into_the_original_in_order(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text)
    assert len(offsets) == len(folded.text)
    assert all(0 <= offset < len(text) for offset in offsets)
    assert list(offsets) == sorted(offsets)


def test_offsets_find_the_disguised_word_in_the_original() -> None:
    text = "well, f r e e stuff"
    folded, offsets = fold_with_offsets(text)
    start = folded.text.index("free")
    assert text[offsets[start] : offsets[start + 3] + 1] == "f r e e"


@pytest.mark.parametrize(
    "text",
    ["", "\ud800", "\x00" * 10, "a" * 100_000, "é" * 100_000, "a " * 50_000, "a1" * 50_000,
     "\u0301" * 50_000, "ﷺ" * 10_000, "a@" * 20_000, "\udc00a\ud800"],
)  # fmt: skip
def test_hostile_text_is_folded_without_an_error(text: str) -> None:
    assert len(fold(text).text) <= MAX_EXPANSION * len(text)


disguises = st.text(
    st.sampled_from("aAbz 019.-_*|@$\u20ac\u00b7\t\n\u2028\u0130\u212a\u00c9\U0001f600\u200b\x0b"),
    max_size=24,
)


@given(disguises)
def test_no_disguise_is_overlooked_by_the_quick_looks_for_them(text: str) -> None:
    if marks.SPACED.search(text):
        assert marks.MAYBE_SPACED.search(text) or marks.MAYBE_SEPARATED.search(text)
    if marks.LEET.search(text):
        assert marks.MAYBE_LEET.search(text)
    if marks.REPEATED.search(text):
        assert marks.MAYBE_REPEATED.search(text)
    if marks.WIDE_SPACE.search(text):
        assert " ".join(text.split()) != text


@given(disguises | st.text(max_size=20))
def test_an_unremarkable_text_is_only_put_in_lower_case(text: str) -> None:
    if look_alikes.is_unremarkable(text) and not fold_module._ASCII_CONTROL.search(text):
        draft = Draft(text, tracked=False)
        fold_module._plain_unicode(draft)
        assert (draft.text, draft.undone) == (text.lower(), 0)


MIXED = st.text(
    st.sampled_from("ab cD 01.,-!?\t\nжсоеЖαéÉ… \ufe0f\u200d\u0301❤😀，€"),
    max_size=40,
)


@given(MIXED | disguises | HARD)
def test_the_quick_answer_is_the_answer_of_the_closer_look(text: str) -> None:
    quick = ordinary.folded(text)
    if quick is not None:
        draft = fold_module._draft(text, tracked=False)
        assert (quick, 0) == (draft.text, draft.undone)


@pytest.mark.parametrize(
    "text",
    [
        "see you tomorrow at 5pm, ok?",
        "Schöne Grüße, bis später \U0001f600\U0001f600\u2764\ufe0f",
        "спасибо, это всё про Linux и YouTube, до встречи",
        "质量很好，发货很快。下次再来",
        "wait\u2026 what?\nreally!!!!",
        "look: https://example.com/w1n?a=b1c",
        "ΟΔΟΣ ΕΡΜΟΥ",
        "می\u200cدانم که خوب است",
        "यह बहुत अच्छा है",
        "НОВОСТИ about the release of version two and what it brings",
    ],
)
def test_ordinary_texts_get_the_quick_answer(text: str) -> None:
    assert ordinary.folded(text) == fold_module._draft(text, tracked=False).text


@given(st.text(st.sampled_from("aaaw..__!!1 \u00b2\u00e9\U0001f600\n"), max_size=40))
def test_runs_are_narrowed_alike_whichever_way_they_are_found(text: str) -> None:
    slow = marks.REPEATED.sub(marks.squeezed, text)
    assert marks.STRETCHED.sub(marks.narrowed, text) == slow
