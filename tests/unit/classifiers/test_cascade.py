"""A model of two stages, with the encoder that is shipped."""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety.assets import shipped
from safety.classifiers.cascade import Blend, TextCascade, log_odds
from safety.classifiers.cascade_file import ENCODER_FILE, FORMAT, VOCABULARY_FILE
from safety.classifiers.encoder import EncoderError
from safety.classifiers.model_files import ModelRefused
from safety.classifiers.registry import load_model, newest_version
from safety.text.fold import fold

EVERYTHING = (0.0, 1.0)


def newest(name: str = "spam") -> Path:
    folder = newest_version(shipped("models") / name)
    assert folder is not None
    return folder


@pytest.fixture(scope="module")
def cascade() -> TextCascade:
    """The shipped model, asking about everything."""
    model = load_model(newest())
    assert isinstance(model, TextCascade)
    blend = model.blend
    model.blend = Blend(*EVERYTHING, blend.first, blend.second, blend.offset)
    return model


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "spam" / newest().name
    shutil.copytree(newest(), folder)
    return folder


def change_card(folder: Path, **changes: Any) -> None:
    card = json.loads((folder / "card.json").read_bytes())
    card.update(changes)
    (folder / "card.json").write_text(json.dumps(card))


def test_the_shipped_card_says_what_ships_and_where_it_comes_from() -> None:
    card = json.loads((newest() / "card.json").read_bytes())
    assert card["format"] == FORMAT
    base = card["second_stage"]["made"]["base"]
    assert (base["name"], base["licence"]) == (
        "sentence-transformers/all-MiniLM-L6-v2",
        "Apache-2.0",
    )
    assert base["changes"]
    assert not card["licence"].startswith("NOT TO BE SHIPPED")
    for name in (ENCODER_FILE, VOCABULARY_FILE):
        data = (newest() / name).read_bytes()
        assert card["files"][name] == hashlib.sha256(data).hexdigest()
    assert (newest() / ENCODER_FILE).stat().st_size < 15_000_000


def test_a_score_inside_the_band_is_what_both_stages_say(cascade: TextCascade) -> None:
    text = "earn money from home, message me on whatsapp"
    first = cascade.first.score({"content.text": text})
    assert first is not None
    said = cascade.second.read([fold(text).text])[0][cascade.head]
    blend = cascade.blend
    odds = blend.first * log_odds(first) + blend.second * said + blend.offset
    score = cascade.score({"content.text": text})
    assert score is not None
    assert log_odds(score) == pytest.approx(odds, abs=1e-6)


def test_outside_the_band_the_first_score_stands() -> None:
    model = load_model(newest())
    assert isinstance(model, TextCascade)
    model.blend = Blend(0.9999, 1.0, 0.0, 0.0, 9.0)
    values = {"content.text": "see you at the station tomorrow"}
    assert model.doubt(values, 0.5) is None
    assert model.score(values) == model.first.score(values)


def test_the_encoder_tells_a_lure_from_small_talk(cascade: TextCascade) -> None:
    lure = "congratulations you won a free prize, call now to claim"
    talk = "thanks for the recipe, we all loved it"
    lure_said, talk_said = cascade.second.read([lure, talk])
    assert lure_said[cascade.head] > talk_said[cascade.head] + 2


@pytest.mark.parametrize(
    "text",
    [
        "", "   \n\t", "a" * 100_000, "word " * 20_000, "\U0001f525" * 5_000,
        "https://example.com/a?b=c", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
        "\u0f56\u0f7c\u0f51\u0f0b", "\ud83d lone \udc00 halves", "\x00\x01\x02", "\u202eabc\u202c",
    ],
)  # fmt: skip
def test_bad_input_has_a_score_or_none(cascade: TextCascade, text: str) -> None:
    score = cascade.score({"content.text": text})
    assert score is None or 0.0 <= score <= 1.0
    cascade.explain({"content.text": text})


@given(st.text(max_size=120))
@settings(max_examples=40, deadline=None)
def test_any_text_has_a_score_or_none(cascade: TextCascade, text: str) -> None:
    score = cascade.score({"content.text": text})
    assert score is None or 0.0 <= score <= 1.0


def test_a_language_that_the_encoder_cannot_read_keeps_its_first_score(
    cascade: TextCascade,
) -> None:
    values = {"content.text": "\u4f60\u597d\u4e16\u754c\u8fd9\u662f\u4e00\u4e2a\u6d4b\u8bd5"}
    assert cascade.second.read([values["content.text"]]) == [()]
    assert cascade.score(values) == cascade.first.score(values)


def test_texts_of_one_batch_do_not_change_each_other(cascade: TextCascade) -> None:
    texts = ["hi", "win a free phone today " * 10, "where shall we meet tomorrow?"]
    together = cascade.second.read(texts)
    alone = [cascade.second.read([text])[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert one == pytest.approx(other, abs=0.5)  # eight bits are scaled by batch


def test_of_several_lines_the_highest_answer_counts(cascade: TextCascade) -> None:
    lines = ["thanks for the recipe, we all loved it", "you won a free prize, call now to claim"]
    (joined,) = cascade.second.read(["\n".join(lines)])
    alone = cascade.second.read(lines)
    for head in range(len(cascade.second.heads)):
        highest = max(answer[head] for answer in alone)
        assert joined[head] == pytest.approx(highest, abs=0.5)  # eight bits are scaled by batch
    assert joined[-1] == alone[0][-1]


def test_a_lure_hidden_in_a_long_text_is_read_by_itself(cascade: TextCascade) -> None:
    cascade.blend = replace(cascade.blend, reads_passages=True)
    talk = "we walked along the river and talked about music until it got dark over the hills "
    lure = "congratulations you won a free prize, call now to claim"
    hidden = cascade.doubt({"content.text": f"{talk}{talk}{lure} {talk}"}, 0.5)
    plain = cascade.doubt({"content.text": lure}, 0.5)
    assert hidden is not None
    assert plain is not None
    whole, passage = hidden.folded.split("\n")
    assert passage in whole
    assert "free prize" in passage
    assert plain.folded == lure


def test_in_a_language_without_labelled_rows_the_first_score_stands() -> None:
    model = load_model(newest("abuse"))
    assert isinstance(model, TextCascade)
    model.blend = replace(model.blend, low=0.0, high=1.0)
    assert model.doubt({"content.text": "you are what you are and you know it"}, 0.5) is not None
    assert model.doubt({"content.text": "você não sabe quem está aqui"}, 0.5) is None


def test_an_explanation_names_the_words_that_the_encoder_hung_on(cascade: TextCascade) -> None:
    text = "Lovely photo! Cl\u0430im your FREE prize now, call 08712300220. See you soon"
    found = cascade.explain({"content.text": text})
    assert 0 < len(found) <= 12
    for piece in found:
        assert text[piece.start : piece.end] == piece.text
    strongest = max(found, key=lambda piece: piece.weight)
    assert any(word in strongest.text for word in ("Cl\u0430im", "prize", "FREE", "call", "0871"))
    assert strongest.weight > 0


def test_a_long_text_is_explained_in_bounded_work(cascade: TextCascade) -> None:
    words = " ".join(f"word{number}" for number in range(2_000))
    assert len(cascade.explain({"content.text": words})) <= 12


@pytest.mark.parametrize("name", [ENCODER_FILE, VOCABULARY_FILE, "weights.npz"])
def test_a_tampered_file_is_refused(copied: Path, name: str) -> None:
    data = bytearray((copied / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / name).write_bytes(data)
    with pytest.raises(ModelRefused, match="hash"):
        load_model(copied)


@pytest.mark.parametrize(
    "stage",
    [
        None, {}, {"heads": ["abuse"]}, {"heads": ["spam"]}, {"heads": "spam"},
        {"heads": ["spam"], "band": [0.9, 0.1], "first": 1, "second": 1, "offset": 0},
        {"heads": ["spam"], "band": [0, 1], "first": "x", "second": 1, "offset": 0},
        {"heads": ["spam"], "band": [0, 1], "first": float("nan"), "second": 1, "offset": 0},
        {"heads": ["spam"], "band": [0], "first": 1, "second": 1, "offset": 0},
    ],
)  # fmt: skip
def test_a_card_that_does_not_say_how_the_stages_are_joined_is_refused(
    copied: Path, stage: object
) -> None:
    change_card(copied, second_stage=stage)
    with pytest.raises(ModelRefused):
        load_model(copied)


@pytest.mark.parametrize("name", [ENCODER_FILE, VOCABULARY_FILE])
def test_files_that_are_none_fail_when_they_are_needed_and_not_before(
    copied: Path, name: str
) -> None:
    junk = b"no such thing"
    (copied / name).write_bytes(junk)
    card = json.loads((copied / "card.json").read_bytes())
    hashes = card["files"] | {name: hashlib.sha256(junk).hexdigest()}
    change_card(copied, files=hashes)
    model = load_model(copied)
    assert isinstance(model, TextCascade)
    assert model.first.score({"content.text": "hello there"}) is not None
    with pytest.raises(EncoderError):
        model.second.read(["hello there"])


def test_another_number_of_heads_than_the_card_says_is_no_encoder(copied: Path) -> None:
    card = json.loads((copied / "card.json").read_bytes())
    change_card(copied, second_stage=card["second_stage"] | {"heads": ["spam", "abuse", "more"]})
    model = load_model(copied)
    assert isinstance(model, TextCascade)
    with pytest.raises(EncoderError, match="heads"):
        model.second.warm()


def test_versions_with_the_same_encoder_share_it(copied: Path) -> None:
    one, other = load_model(newest()), load_model(copied)
    assert isinstance(one, TextCascade)
    assert isinstance(other, TextCascade)
    assert one.second is other.second


def test_nothing_heavy_is_imported_before_the_first_question() -> None:

    code = (
        "import sys; from pathlib import Path; "
        "from safety.classifiers.registry import load_model; "
        f"model = load_model(Path({str(newest())!r})); "
        "model.first.score({'content.text': 'hello'}); "
        "heavy = {'torch', 'transformers', 'sklearn', 'onnx'}; "
        "bad = (heavy | {'onnxruntime', 'tokenizers'}) & set(sys.modules); assert not bad, bad; "
        "model.second.read(['hello there']); "
        "bad = heavy & set(sys.modules); assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)  # noqa: S603  our own code
