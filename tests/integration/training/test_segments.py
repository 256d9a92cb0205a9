"""Sealing: every decision is read back as it was, whatever happens to the files."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from safety.domain.decisions import LedgerEntry
from safety.domain.features import Catalogue, Feature, Kind, Source
from safety.domain.verdicts import Verdict
from safety.store import tenants
from safety.store.engine import write
from safety.training import segments as segments_module
from safety.training.past import Past
from safety.training.segments import Segments
from tests.factories import a_catalogue
from tests.integration.training.decided import START, a_comment, a_signal, store

LONG_AFTER = START + 10_000_000.0
FOLDER = "segments"


@pytest.fixture
def past(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Past:
    """Small segments: ten decisions each, and five are worth a file."""
    monkeypatch.setattr(segments_module, "EVENTS_EACH", 10)
    monkeypatch.setattr(segments_module, "FEWEST", 5)
    return Past(engine, Segments(tmp_path / FOLDER, a_catalogue()))


def some_comments(number: int, start: float = START) -> list[LedgerEntry]:
    return [a_comment(start + n, text=f"text {n % 3}") for n in range(number)]


def read_ids(past: Past, since: float = START, until: float = LONG_AFTER) -> list[str]:
    found: list[str] = []
    for segment in past.stretches(since, until):
        found += segment.ids(segment.rows_of(since=since, until=until))
    return found


def ids(entries: Iterable[LedgerEntry]) -> list[str]:
    return [entry.id for entry in entries]


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / FOLDER).glob("segment-*.npz"))


def test_what_is_sealed_and_what_is_not_are_read_in_one_order(past: Past, tmp_path: Path) -> None:
    comments = some_comments(34)
    store(past.engine, *comments)
    assert past.segments.seal(past.engine, LONG_AFTER).events == 30
    assert len(files(tmp_path)) == 3
    assert read_ids(past) == ids(comments)
    assert read_ids(past, START + 7, START + 33) == ids(comments[7:33])


def test_a_segment_gives_back_what_was_known_at_the_time(past: Past) -> None:
    signals = [a_signal("links", mode="shadow", capped=True), a_signal("other")]
    stored = a_comment(
        START,
        text="buy at example.com",
        signals=signals,
        facts={"score.spam": 0.75, "actor.labels": ["a", "b"], "content.links": 9},
        verdict=Verdict.BLOCK,
        ruleset="abc",
    )
    store(past.engine, stored, *some_comments(9, START + 1))
    past.segments.seal(past.engine, LONG_AFTER)
    (segment,) = past.stretches(START, LONG_AFTER)
    rows = segment.rows_of()[:1]
    assert (segment.ids(rows), segment.tenants(rows)) == ([stored.id], ["acme"])
    assert segment.types(rows) == ["comment"]
    assert segment.verdicts[0] == Verdict.BLOCK
    assert segment.decided_at[0] == START
    first, second = segment.signal_table[segment.signal_codes[0]]
    assert (first.name, first.mode, first.capped, first.is_live) == ("links", "shadow", True, False)
    assert (second.name, second.is_live) == ("other", True)
    names = ("score.spam", "actor.labels", "content.links", "content.text_folded", "event.time")
    (values,) = segment.columns.values(names, rows)
    assert values == {
        "score.spam": 0.75,
        "actor.labels": ("a", "b"),
        "content.links": 9,  # as it was recorded, not as it would be counted now
        "content.text_folded": "buy at example.com",
        "event.time": START,
    }


def test_sealing_goes_on_where_it_stopped(past: Past, tmp_path: Path) -> None:
    first, second = some_comments(12), some_comments(9, START + 100)
    store(past.engine, *first)
    past.segments.seal(past.engine, LONG_AFTER)
    before = {path: path.stat().st_mtime_ns for path in files(tmp_path)}
    store(past.engine, *second)
    assert past.segments.seal(past.engine, LONG_AFTER).events == 10
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert past.segments.seal(past.engine, LONG_AFTER).events == 0
    assert read_ids(past) == ids([*first, *second])


def test_what_has_just_been_decided_is_not_sealed(past: Past, tmp_path: Path) -> None:
    store(past.engine, *some_comments(10))
    assert past.segments.seal(past.engine, START + 20).events == 0
    assert files(tmp_path) == []
    assert len(read_ids(past)) == 10


def test_answers_to_test_values_are_not_part_of_the_past(past: Past) -> None:
    told = {"source": "test_value", "name": "safety-test-block", "verdict": "block", "reason": "T"}
    judged = a_comment(START)
    store(past.engine, judged, a_comment(START + 1, signals=[told]))
    assert read_ids(past) == [judged.id]


def damage_bytes(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(raw)


def cut_short(path: Path) -> None:
    os.truncate(path, 100)


@pytest.mark.parametrize("harm", [damage_bytes, cut_short, Path.unlink])
def test_a_damaged_segment_is_read_from_the_ledger_and_made_again(
    past: Past, tmp_path: Path, harm: object
) -> None:
    comments = some_comments(30)
    store(past.engine, *comments)
    past.segments.seal(past.engine, LONG_AFTER)
    whole = {path: path.read_bytes() for path in files(tmp_path)}
    assert callable(harm)
    harm(files(tmp_path)[1])
    assert read_ids(past) == ids(comments)
    sealing = past.segments.seal(past.engine, LONG_AFTER)
    assert (sealing.events, sealing.dropped) == (10, 1)
    assert {path: path.read_bytes() for path in files(tmp_path)} == whole


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"check": 1}', "\0", '{"format": 1}'])
def test_a_damaged_manifest_is_made_again(past: Past, tmp_path: Path, text: str) -> None:
    comments = some_comments(20)
    store(past.engine, *comments)
    past.segments.seal(past.engine, LONG_AFTER)
    (tmp_path / FOLDER / "manifest.json").write_text(text)
    assert read_ids(past) == ids(comments)
    assert past.segments.seal(past.engine, LONG_AFTER).events == 20
    assert len(files(tmp_path)) == 2


def test_a_manifest_that_somebody_edited_does_not_count(past: Past, tmp_path: Path) -> None:
    comments = some_comments(20)
    store(past.engine, *comments)
    past.segments.seal(past.engine, LONG_AFTER)
    manifest = tmp_path / FOLDER / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"rows": 10', '"rows": 11'))
    assert past.segments.sealed() == []
    assert read_ids(past) == ids(comments)


def test_a_crash_before_the_manifest_leaves_nothing_behind(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comments = some_comments(30)
    store(past.engine, *comments)
    replace = Path.replace
    calls: list[Path] = []

    def power_cut(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 5:  # the third segment is written, its manifest is not
            raise OSError(28, "No space left on device", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", power_cut)
    with pytest.raises(OSError, match="No space left"):
        past.segments.seal(past.engine, LONG_AFTER)
    monkeypatch.undo()
    assert read_ids(past) == ids(comments)
    past.segments.seal(past.engine, LONG_AFTER)
    assert read_ids(past) == ids(comments)
    named = {each.file for each in past.segments.sealed()}
    assert {path.name for path in (tmp_path / FOLDER).iterdir()} == named | {
        "manifest.json",
        "lock",
    }


def test_two_who_seal_at_once_seal_everything_once(past: Past, tmp_path: Path) -> None:
    comments = some_comments(60)
    store(past.engine, *comments)
    others = [Segments(tmp_path / FOLDER, a_catalogue()) for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda one: one.seal(past.engine, LONG_AFTER), others))
    assert sum(sealing.events for sealing in done) == 60
    assert read_ids(past) == ids(comments)


def test_another_catalogue_reads_the_past_anew(past: Past, tmp_path: Path) -> None:
    comments = some_comments(20)
    store(past.engine, *comments)
    past.segments.seal(past.engine, LONG_AFTER)
    known = a_catalogue()
    likes = Feature("actor.likes", Kind.INT, Source.EVENT, "likes")
    grown = Catalogue({**known.features, likes.name: likes}, known.event_types)
    other = Past(past.engine, Segments(tmp_path / FOLDER, grown))
    assert read_ids(other) == ids(comments)
    assert other.segments.seal(past.engine, LONG_AFTER).events == 20


def test_nothing_of_an_erased_tenant_stays_in_a_file(past: Past, tmp_path: Path) -> None:
    theirs = [a_comment(START + n, tenant="other", actor="u_secret") for n in range(10)]
    ours = some_comments(20, START + 50)
    store(past.engine, *theirs, *ours)
    past.segments.seal(past.engine, LONG_AFTER)
    held = files(tmp_path)
    with write(past.engine) as connection:
        tenants.wipe(connection, "other", LONG_AFTER, author="ops", audit_key=b"k" * 32)
    assert read_ids(past) == ids(ours)
    assert past.segments.forget(past.engine) == 1
    assert len(files(tmp_path)) == len(held) - 1
    past.segments.seal(past.engine, LONG_AFTER)
    assert read_ids(past) == ids(ours)


def test_files_are_for_their_owner_only(past: Past, tmp_path: Path) -> None:
    store(past.engine, *some_comments(10))
    past.segments.seal(past.engine, LONG_AFTER)
    assert {path.stat().st_mode & 0o077 for path in files(tmp_path)} == {0}
    assert (tmp_path / FOLDER).stat().st_mode & 0o077 == 0


def test_the_decisions_that_a_rule_made_are_found_by_revision_and_time(past: Past) -> None:
    live = [a_comment(START + n, signals=[a_signal("links")]) for n in range(8)]
    newer = [a_comment(START + 20 + n, signals=[a_signal("links", revision="2")]) for n in range(6)]
    shadow = a_comment(START + 40, signals=[a_signal("links", mode="shadow")])
    store(past.engine, *live, *newer, shadow, *some_comments(5, START + 50))
    for _ in range(2):  # from the ledger, then from segments and what is left of it
        assert past.matches_of("links") == ids([*live, *newer])
        assert past.matches_of("links", "2") == ids(newer)
        assert past.matches_of("links", None, START + 5, START + 21) == ids([*live[5:], newer[0]])
        assert past.matches_of("nothing") == []
        past.segments.seal(past.engine, LONG_AFTER)
    assert [match.decision_id for match in past.recorded("links")][-1] == shadow.id
