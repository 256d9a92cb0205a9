"""The folder of segments: the ledger's past, sealed into files that never change.

A manifest names the segments in force with their hashes. A file appears whole or not at all, and
counts once the manifest names it, so a crash at any moment loses nothing. The ledger stays the
truth: whatever differs from it, because a file was damaged or decisions were erased, is dropped
and sealed again.
"""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

import structlog
from sqlalchemy import Engine

from safety.domain.features import Catalogue, Source
from safety.store import history
from safety.store.engine import read
from safety.store.stored import StoredDecision
from safety.training.recall import Recaller
from safety.training.segment import DamagedSegment, Segment
from safety.training.segment_file import FORMAT, from_bytes, to_bytes

log = structlog.get_logger()

Progress = Callable[[int], None]

# While it is sealed, a segment of this size takes some 250 MB of memory.
EVENTS_EACH = 20_000
# Fewer are not sealed yet: they are read from the ledger in a second.
FEWEST = 2_000
# A decision is in the ledger long before this many seconds have passed since it was made.
SETTLED_SECONDS = 300.0

_MANIFEST, _LOCK = "manifest.json", "lock"
_NAME: Final = re.compile(r"segment-[0-9a-f]{24}\.npz")
_DRAFT = "draft-"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A segment as the manifest names it: decisions made from `since` up to `until`."""

    file: str
    sha256: str
    size: int
    since: float
    until: float
    rows: int


@dataclass(frozen=True, slots=True)
class Sealing:
    """What a round of sealing did: events that were sealed, segments that had to go."""

    events: int = 0
    dropped: int = 0


class Segments:
    """The segments of one installation, made with the features of one catalogue.

    Raises `ValueError` for a catalogue that declares a derived feature nobody computes.
    """

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self._folder = folder
        self._recaller = Recaller(catalogue)
        self._catalogue = _fingerprint(catalogue)

    def sealed(self) -> list[Sealed]:
        """The segments in force, oldest first; none when the manifest is not as it was written."""
        try:
            return _read_manifest(self._folder / _MANIFEST, self._catalogue)
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def load(self, sealed: Sealed) -> Segment:
        """A segment of the manifest. Raises `DamagedSegment` if its file is not as it was sealed.

        A damaged file is removed, so that the next round of sealing makes it again.
        """
        path = self._folder / sealed.file
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise DamagedSegment(f"{sealed.file}: {error.strerror}") from error
        if hashlib.sha256(raw).hexdigest() != sealed.sha256:
            log.warning("segment_damaged", file=sealed.file)
            with suppress(OSError):
                path.unlink()
            raise DamagedSegment(f"{sealed.file} is not as it was sealed")
        return from_bytes(raw)

    def unsealed(self, engine: Engine, since: float, until: float) -> Iterator[Segment]:
        """A stretch of the ledger as segments in memory."""
        for chunk, _ in _chunks(history.between(engine, since, until), until):
            yield self._recaller.segment(chunk)

    def seal(self, engine: Engine, now: float, progress: Progress = lambda _: None) -> Sealing:
        """Seal what has settled and is not sealed yet, and what is no longer as the ledger says.

        `progress` hears how many more events were sealed. Raises `OSError` when the folder cannot
        be written; what was sealed before stays.
        """
        with self._locked():
            kept, dropped = self._sound(engine)
            self._publish(kept)
            events = 0
            for since, until in _gaps(kept, self._beginning(engine), now - SETTLED_SECONDS):
                for new in self._made(engine, since, until):
                    kept = sorted([*kept, new], key=lambda each: each.since)
                    self._publish(kept)
                    events += new.rows
                    progress(new.rows)
            return Sealing(events, dropped)

    def forget(self, engine: Engine) -> int:
        """Remove every segment that holds more or less than the ledger does; how many went.

        To be called once decisions were erased: nothing of them stays in a file.
        """
        if not self._folder.exists():
            return 0
        with self._locked():
            kept, dropped = self._sound(engine)
            self._publish(kept)
        return dropped

    def _sound(self, engine: Engine) -> tuple[list[Sealed], int]:
        """The segments whose files are there and hold as many decisions as the ledger."""
        known = self.sealed()
        with read(engine) as connection:
            kept = [
                each
                for each in known
                if self._is_there(each)
                and history.count_between(connection, each.since, each.until) == each.rows
            ]
        return kept, len(known) - len(kept)

    def _is_there(self, sealed: Sealed) -> bool:
        try:
            return (self._folder / sealed.file).stat().st_size == sealed.size
        except OSError:
            return False

    def _beginning(self, engine: Engine) -> float:
        with read(engine) as connection:
            return history.first_moment(connection) or 0.0

    def _made(self, engine: Engine, since: float, until: float) -> Iterator[Sealed]:
        """New segments for a stretch of time. What is left at its end waits for more."""
        for chunk, end in _chunks(history.between(engine, since, until), until):
            if end == until and len(chunk) < FEWEST:
                return
            yield self._written(self._recaller.segment(chunk), since, end)
            since = end

    def _written(self, segment: Segment, since: float, until: float) -> Sealed:
        raw = to_bytes(segment)
        digest = hashlib.sha256(raw).hexdigest()
        name = f"segment-{digest[:24]}.npz"
        _write_whole(self._folder / name, raw)
        return Sealed(name, digest, len(raw), since, until, len(segment))

    def _publish(self, kept: list[Sealed]) -> None:
        """Put a manifest in force, then remove what it does not name."""
        body = {"format": FORMAT, "catalogue": self._catalogue}
        body |= {"segments": [asdict(each) for each in kept]}
        signed = body | {"check": _digest(body)}
        _write_whole(self._folder / _MANIFEST, json.dumps(signed, indent=1).encode())
        named = {each.file for each in kept}
        for path in self._folder.iterdir():
            is_ours = _NAME.fullmatch(path.name) or path.name.startswith(_DRAFT)
            if is_ours and path.name not in named:
                path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time changes the folder; readers need no lock."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _chunks(
    decisions: Iterable[StoredDecision], until: float
) -> Iterator[tuple[list[StoredDecision], float]]:
    """Decisions by the segment, each with the moment up to which it reaches."""
    chunk: list[StoredDecision] = []
    for stored in decisions:
        if len(chunk) >= EVENTS_EACH and stored.decided_at > chunk[-1].decided_at:
            yield chunk, stored.decided_at
            chunk = []
        chunk.append(stored)
    if chunk:
        yield chunk, until


def _gaps(kept: Iterable[Sealed], since: float, until: float) -> Iterator[tuple[float, float]]:
    """The stretches of time between two moments that no segment covers, oldest first."""
    for each in list(kept):
        if since < min(each.since, until):
            yield since, min(each.since, until)
        since = max(since, each.until)
    if since < until:
        yield since, until


def _fingerprint(catalogue: Catalogue) -> str:
    """Changes when events would be read or derived differently."""
    known = [
        [feature.name, feature.kind.value, feature.source.value]
        for feature in sorted(catalogue.features.values(), key=lambda feature: feature.name)
        if feature.source in {Source.EVENT, Source.DERIVED}
    ]
    return _digest(known)


def _digest(body: object) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _read_manifest(path: Path, catalogue: str) -> list[Sealed]:
    told: dict[str, Any] = json.loads(path.read_bytes())
    check = told.pop("check")
    if check != _digest(told) or told["format"] != FORMAT or told["catalogue"] != catalogue:
        raise ValueError("not a manifest of these segments")
    return [Sealed(**each) for each in told["segments"]]


def _write_whole(path: Path, raw: bytes) -> None:
    """Make a file appear whole, readable by its owner only, and survive a power cut."""
    with NamedTemporaryFile(dir=path.parent, prefix=_DRAFT, delete=False) as draft:
        draft.write(raw)
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
