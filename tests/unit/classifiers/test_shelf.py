"""Versions on the shelf: found, named, verified by hash, and never replaced."""

import hashlib
from pathlib import Path

import pytest

from safety.classifiers.model_files import ModelRefused, read_verified
from safety.classifiers.shelf import FIRST_MADE_HERE, Shelf
from tests.model_house import a_version


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    a_version(tmp_path / "shipped", "1")
    a_version(tmp_path / "shipped", "2")
    return Shelf(tmp_path / "shipped", tmp_path / "made")


def test_versions_made_here_stand_beside_the_shipped_ones(shelf: Shelf) -> None:
    assert shelf.next_made("spam") == str(FIRST_MADE_HERE)
    a_version(shelf.made, "1001")
    assert shelf.versions("spam") == ["1", "2", "1001"]
    assert shelf.newest_shipped("spam") == "2"
    assert shelf.next_made("spam") == "1002"
    assert shelf.load("spam", "1001").version == "1001"


def test_a_site_cannot_take_the_place_of_a_shipped_version(shelf: Shelf) -> None:
    a_version(shelf.made, "2", licence="mine")
    assert shelf.card("spam", "2").content["licence"] == "Apache-2.0"


def test_a_card_that_changed_since_it_was_chosen_is_refused(shelf: Shelf) -> None:
    digest = shelf.digest("spam", "1")
    assert shelf.load("spam", "1", digest).version == "1"
    a_version(shelf.shipped, "1", threshold=0.1)
    with pytest.raises(ModelRefused, match="not the one that was chosen"):
        shelf.load("spam", "1", digest)


def test_a_tampered_file_is_refused_whichever_it_is(shelf: Shelf) -> None:
    more = hashlib.sha256(b"more").hexdigest()
    folder = a_version(shelf.shipped, "3", files={"more.bin": more})
    (folder / "more.bin").write_bytes(b"more")
    card = shelf.card("spam", "3")
    assert read_verified(folder, card, "more.bin") == b"more"
    for name in ("more.bin", "weights.npz"):
        (folder / name).write_bytes(b"something else")
        with pytest.raises(ModelRefused, match="hash"):
            read_verified(folder, card, name)
    with pytest.raises(ModelRefused, match="does not list"):
        read_verified(folder, card, "card.json")
    with pytest.raises(ModelRefused, match="hash"):
        shelf.load("spam", "3")


@pytest.mark.parametrize("version", ["..", "../../etc", "1/../2", "", "1.0", "x"])
def test_what_is_no_version_is_no_path(shelf: Shelf, version: str) -> None:
    with pytest.raises(ModelRefused):
        shelf.card("spam", version)


def test_a_version_from_elsewhere_is_set_up_whole_or_not_at_all(shelf: Shelf) -> None:
    files = shelf.files("spam", "2")
    with pytest.raises(ModelRefused):
        shelf.put("spam", "1001", files | {"../out": b"x"})
    assert shelf.versions("spam") == ["1", "2"]
    assert not (shelf.made / "spam" / "out").exists()
    shelf.put("spam", "1001", files)
    shelf.put("spam", "1001", {"card.json": b"another"})
    assert (shelf.made / "spam" / "1001" / "weights.npz").read_bytes() == files["weights.npz"]
    assert [path.name for path in (shelf.made / "spam").iterdir()] == ["1001"]


def test_a_loader_that_breaks_refuses_the_model(shelf: Shelf) -> None:
    folder = a_version(shelf.shipped, "4", sha256=1)
    with pytest.raises(ModelRefused):
        shelf.load("spam", "4")
    (folder / "card.json").write_text("[" * 100_000)
    with pytest.raises(ModelRefused):
        shelf.load("spam", "4")
