"""What is live is one row that every process agrees on; every change is kept and audited."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from safety.decisions.model_versions import By, ModelVersions
from safety.domain.errors import InvalidInput, ModelUnusable, NotFound
from safety.store import audit, models
from safety.store.engine import read
from tests.model_house import AUDIT_KEY, a_version, versions_in

ANA = By("ana", "tried for a week")


@pytest.fixture
def versions(engine: Engine, tmp_path: Path) -> ModelVersions:
    a_version(tmp_path / "shipped", "1")
    a_version(tmp_path / "shipped", "2")
    return versions_in(engine, tmp_path)


def live(versions: ModelVersions) -> str:
    return versions.live("spam", versions.pointers().get("spam"))


def actions(versions: ModelVersions) -> list[str]:
    return [change.action for change in versions.history("spam")]


def test_the_newest_shipped_version_is_live_until_somebody_chooses(
    versions: ModelVersions,
) -> None:
    assert live(versions) == "2"
    versions.promote("spam", "1", ANA, shown={})
    assert live(versions) == "1"
    a_version(versions.shelf.shipped, "3")
    assert live(versions) == "1", "a new release does not take the place of what was chosen"


def test_rolling_back_walks_back_through_what_was_promoted(versions: ModelVersions) -> None:
    a_version(versions.shelf.shipped, "3")
    versions.promote("spam", "1", ANA, shown={})
    versions.promote("spam", "2", ANA, shown={})
    versions.roll_back("spam", By("mo", "flags poems"))
    assert live(versions) == "1"
    versions.roll_back("spam", By("mo"))
    assert live(versions) == "3", "before the first choice the newest shipped version was live"
    with pytest.raises(NotFound):
        versions.roll_back("spam", By("mo"))
    versions.promote("spam", "2", ANA, shown={})
    versions.roll_back("spam", By("mo"))
    assert live(versions) == "3"


def test_every_change_says_who_why_and_what_spoke_for_it(versions: ModelVersions) -> None:
    versions.promote("spam", "1", ANA, shown={"reasons": []}, is_forced=True)
    change = versions.history("spam")[0]
    assert (change.author, change.why, change.live) == ("ana", "tried for a week", "1")
    details = json.loads(change.details)
    assert details["forced"] is True
    assert details["comparison"] == {"reasons": []}
    with read(versions.engine) as connection:
        assert audit.verify(connection, key=AUDIT_KEY).is_intact
        event = audit.recent(connection)[0]
    assert (event.author, event.action, event.subject) == ("ana", "model.promoted", "spam")
    assert json.loads(event.details)["why"] == "tried for a week"


def test_what_was_changed_cannot_be_rewritten(versions: ModelVersions) -> None:
    versions.promote("spam", "1", ANA, shown={})
    for statement in ("UPDATE model_changes SET author = 'x'", "DELETE FROM model_changes"):
        with pytest.raises(DBAPIError), versions.engine.begin() as connection:
            connection.execute(text(statement))


def test_a_shadow_is_never_the_live_version_and_ends_when_it_goes_live(
    versions: ModelVersions,
) -> None:
    with pytest.raises(InvalidInput):
        versions.shadow("spam", "2", ANA)
    versions.shadow("spam", "1", ANA)
    assert versions.pointers()["spam"].shadow == "1"
    assert live(versions) == "2"
    versions.promote("spam", "1", ANA, shown={})
    assert versions.pointers()["spam"].shadow == ""
    versions.shadow("spam", "2", ANA)
    versions.shadow("spam", "", ANA)
    assert versions.pointers()["spam"].shadow == ""
    assert actions(versions) == ["unshadowed", "shadowed", "promoted", "shadowed"]


@pytest.mark.parametrize("version", ["9", "..", "1/../2"])
def test_what_does_not_exist_is_not_put_in_force(versions: ModelVersions, version: str) -> None:
    with pytest.raises(NotFound):
        versions.promote("spam", version, ANA, shown={})
    with pytest.raises(NotFound):
        versions.shadow("ham", version, ANA)
    assert actions(versions) == []


def test_a_version_that_does_not_load_is_not_put_in_force(versions: ModelVersions) -> None:
    folder = a_version(versions.shelf.shipped, "3")
    (folder / "weights.npz").write_bytes(b"tampered")
    with pytest.raises(ModelUnusable, match="hash"):
        versions.promote("spam", "3", ANA, shown={})
    assert actions(versions) == []


def test_a_threshold_of_the_site_stands_before_the_cards(versions: ModelVersions) -> None:
    assert versions.threshold("spam", "2") == (0.9, None)
    versions.set_threshold("spam", "2", 0.7, ANA, basis={"page": "slider"})
    threshold, own = versions.threshold("spam", "2")
    assert threshold == 0.7
    assert own is not None
    assert own.author == "ana"
    assert versions.threshold("spam", "1")[0] == 0.9, "another version has its own scores"
    versions.drop_threshold("spam", "2", ANA)
    assert versions.threshold("spam", "2") == (0.9, None)
    with pytest.raises(NotFound):
        versions.drop_threshold("spam", "2", ANA)
    assert actions(versions) == ["threshold_dropped", "threshold_set"]


@pytest.mark.parametrize("threshold", [0.0, 1.0, -1.0, 2.0, float("nan"), float("inf")])
def test_what_is_no_threshold_is_refused(versions: ModelVersions, threshold: float) -> None:
    with pytest.raises(InvalidInput):
        versions.set_threshold("spam", "2", threshold, ANA)


def test_a_version_made_here_reaches_another_host_through_the_database(
    versions: ModelVersions, tmp_path: Path
) -> None:
    a_version(versions.shelf.made, "1001")
    versions.keep("spam", "1001", ANA)
    versions.keep("spam", "1001", ANA)
    versions.promote("spam", "1001", ANA, shown={})
    (tmp_path / "elsewhere").mkdir()
    a_version(tmp_path / "elsewhere" / "shipped", "1")
    other = versions_in(versions.engine, tmp_path / "elsewhere")
    assert other.versions("spam") == ["1", "1001"]
    assert other.card("spam", "1001").version == "1001"
    pointer = other.pointers()["spam"]
    assert other.shelf.load("spam", "1001", pointer.live_digest).version == "1001"
    with read(versions.engine) as connection:
        assert [one.version for one in models.versions(connection)] == ["1001"]


def test_what_was_chosen_outlives_the_release_that_shipped_it(
    versions: ModelVersions, tmp_path: Path
) -> None:
    versions.promote("spam", "1", ANA, shown={})
    digest = versions.pointers()["spam"].live_digest
    shutil.rmtree(tmp_path / "shipped" / "spam" / "1")
    assert versions.card("spam", "1").version == "1"
    assert versions.shelf.load("spam", "1", digest).version == "1"
    assert versions.versions("spam") == ["1", "2"]


def test_a_reason_without_end_is_refused() -> None:
    with pytest.raises(InvalidInput):
        By("ana", "x" * 501)
