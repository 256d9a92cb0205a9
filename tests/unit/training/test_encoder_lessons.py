"""What the encoder is taught with: draws, vocabulary, the files that are kept."""

import importlib.util
import json
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from safety.assets import shipped
from safety.classifiers.cascade_file import ENCODER_FILE, VOCABULARY_FILE
from safety.classifiers.registry import newest_version
from safety.classifiers.tokens import MOST_TOKENS, Tokens
from safety.training.encoder.base import PACKAGE, BaseMissing, find_base
from safety.training.encoder.kept import KeptEncoder, NoEncoder, read_kept
from safety.training.encoder.lessons import Drawn, Shelf, Urn, read
from safety.training.encoder.vocabulary import cut
from safety.training.texts.dataset import Row
from safety.training.texts.sources import Source, Use


def a_shelf(name: str, head: str, texts: dict[str, bool], weight: float = 1.0) -> Shelf:
    source = Source(name, "", "en", Use.SHIP, "Apache-2.0", weight)
    rows = [Row(text, label, name, "en", is_dev=False) for text, label in texts.items()]
    return Shelf(name, head, source, rows, weight)


SPAM = a_shelf("s", "spam", {"win a prize now": True, "see you soon": False}, 3.0)
ABUSE = a_shelf("a", "abuse", {"you absolute clown": True, "see you soon": False}, 1.0)


def drawn(seed: int, count: int = 400) -> list[Drawn]:
    return list(Urn([SPAM, ABUSE], seed).draw(count))


def test_the_same_seed_draws_the_same_lessons_and_another_seed_others() -> None:
    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_a_text_carries_what_every_source_says_of_it() -> None:
    plain = {each.read: each.answers for each in drawn(1, 2_000)}
    assert plain["see you soon"] == (False, False)
    assert plain["win a prize now"] == (True, None)
    assert plain["you absolute clown"] == (None, True)


def test_sources_are_drawn_by_weight_and_disguised_now_and_then() -> None:
    found = drawn(1, 4_000)
    abusive = sum(each.answers == (None, True) for each in found)
    assert 300 < abusive < 700  # a quarter of the draws, half of them positive
    kinds = Counter(each.read for each in found)
    assert kinds["win a prize now"] < 0.8 * sum(each.answers == (True, None) for each in found)


def test_a_source_of_one_kind_is_drawn_as_well() -> None:
    urn = Urn([a_shelf("h", "spam", {"hello": False}), a_shelf("e", "spam", {})], 1)
    assert {each.answers for each in islice(urn.draw(20), 20)} == {(False, None)}


def test_a_disguised_text_is_read_as_the_plain_one() -> None:
    assert read("w\u200bin a pr\u0456ze") == read("win a prize")


@pytest.fixture(scope="module")
def vocabulary() -> Path:
    folder = newest_version(shipped("models") / "spam")
    assert folder is not None
    return folder / VOCABULARY_FILE


def test_a_cut_vocabulary_keeps_single_letters_and_what_the_texts_use(vocabulary: Path) -> None:
    found = cut(vocabulary, ["zebra crossing"] * 3)
    pieces = json.loads(found.tokenizer)["model"]["vocab"]
    assert {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "##z", "$"} <= set(pieces)
    assert sorted(pieces.values()) == list(range(len(found.kept)))
    assert pieces["[PAD]"] == 0
    tokens = Tokens(found.tokenizer)
    assert tokens.known_share(tokens.of("a zebra here")) == 1.0


def test_long_texts_are_cut_in_their_middle(vocabulary: Path) -> None:
    tokens = Tokens(vocabulary.read_bytes())
    whole = tokens.of("begin " + "middle " * 500 + "end")
    assert len(whole) == MOST_TOKENS
    assert whole[:2] == tokens.of("begin")[:2]
    assert whole[-2:] == tokens.of("end")[-2:]


def test_words_of_other_languages_are_broken_up(vocabulary: Path) -> None:
    tokens = Tokens(vocabulary.read_bytes())
    english = "the people of this city have always liked their old bridge over the river"
    german = "die Einwohner dieser Stadt mochten ihre altehrwuerdige Flussbruecke schon immer"
    assert tokens.broken(tokens.of(english)) < 0.3
    assert tokens.broken(tokens.of(german)) > 0.6


def test_an_encoder_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    kept = KeptEncoder(b"model", b"vocabulary", {"heads": ["spam", "abuse"], "licence": "x"})
    kept.write(tmp_path)
    kept.write_made(tmp_path)
    assert read_kept(tmp_path) == kept
    assert kept.heads == ("spam", "abuse")


def test_the_encoder_of_a_version_can_be_joined_again() -> None:
    folder = newest_version(shipped("models") / "spam")
    assert folder is not None
    kept = read_kept(folder)
    assert (
        kept.hashes()[ENCODER_FILE]
        == json.loads((folder / "card.json").read_bytes())["files"][ENCODER_FILE]
    )


@pytest.mark.parametrize("made", [None, "{", "[]", '{"heads": "spam"}', "{}"])
def test_a_folder_without_a_whole_encoder_holds_none(tmp_path: Path, made: str | None) -> None:
    (tmp_path / ENCODER_FILE).write_bytes(b"x")
    (tmp_path / VOCABULARY_FILE).write_bytes(b"x")
    if made is not None:
        (tmp_path / "encoder.json").write_text(made)
    with pytest.raises(NoEncoder):
        read_kept(tmp_path)


@pytest.mark.skipif(importlib.util.find_spec(PACKAGE) is not None, reason="it is installed")
def test_without_the_extra_training_says_what_to_install() -> None:
    with pytest.raises(BaseMissing, match=r"safety-gate\[train\]"):
        find_base()
