"""Lists of passwords too long for memory: sorted 64-bit fingerprints in a mapped file."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from hashlib import sha1
from itertools import islice
from os import fsync
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO

import numpy as np
from numpy.typing import NDArray

_Fingerprints = NDArray[np.uint64]

_MAGIC = b"safety-gate/pw/1"
_TYPE = np.dtype("<u8")
_HEX_DIGITS = _TYPE.itemsize * 2
# Lists of hashed passwords that may be downloaded have lines such as `21BD1...8F:42`.
_HASHED = re.compile(rb"[0-9A-Fa-f]{40}(?::\d+)?")

# What is sorted at once: a part that fits into memory easily, also of a billion lines.
_PART_BITS = 6
_PARTS = 1 << _PART_BITS
_PART_SHIFT = np.uint64(64 - _PART_BITS)
_CHUNK = 1 << 18


class BlocklistFileError(ValueError):
    """This is no list of fingerprints, or a damaged one."""


class FingerprintFile:
    """A mapped file of fingerprints; of a billion passwords, one in 10^10 others seems listed."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                is_ours = file.read(len(_MAGIC)) == _MAGIC
            size = path.stat().st_size - len(_MAGIC)
        except OSError as error:
            raise BlocklistFileError(f"cannot read {path}: {error.strerror}") from None
        if not is_ours or size <= 0 or size % _TYPE.itemsize:
            raise BlocklistFileError(
                f"{path} is no list of fingerprints, or cut short: import it again"
            )
        self._sorted = np.memmap(path, _TYPE, mode="r", offset=len(_MAGIC))

    def __contains__(self, wanted: int) -> bool:
        """Whether this fingerprint is in the file."""
        place = int(np.searchsorted(self._sorted, np.uint64(wanted)))
        return place < len(self._sorted) and int(self._sorted[place]) == wanted

    def __len__(self) -> int:
        return len(self._sorted)


def fingerprint(password: str) -> int:
    """The first 64 bits of the password's SHA-1, which is what hashed lists are made of."""
    return _of_bytes(password.encode("utf-8", "surrogatepass"))


def build(lines: Iterable[bytes], out: Path, *, progress: Callable[[int], None]) -> int:
    """Write a file of a list's passwords, one a line, plain or as SHA-1; say how many it has.

    `progress` hears how many bytes of lines were read. The file appears whole or not at all.
    Raises `BlocklistFileError` if there is no password in the list.
    """
    with ExitStack() as stack:
        parts = [stack.enter_context(TemporaryFile()) for _ in range(_PARTS)]
        for chunk in _chunks(iter(lines), progress):
            _distribute(chunk, parts)
        return _write(parts, out)


def _of_bytes(password: bytes) -> int:
    digest = sha1(password, usedforsecurity=False).digest()
    return int.from_bytes(digest[: _TYPE.itemsize], "big")


def _of_line(line: bytes) -> int | None:
    line = line.rstrip(b"\r\n")
    if _HASHED.fullmatch(line):
        return int(line[:_HEX_DIGITS], 16)
    return _of_bytes(line) if line else None


def _chunks(lines: Iterator[bytes], progress: Callable[[int], None]) -> Iterator[_Fingerprints]:
    while chunk := list(islice(lines, _CHUNK)):
        found = [number for line in chunk if (number := _of_line(line)) is not None]
        yield np.unique(np.array(found, dtype=_TYPE))
        progress(sum(map(len, chunk)))


def _distribute(chunk: _Fingerprints, parts: Sequence[IO[bytes]]) -> None:
    """Append the numbers of a sorted chunk to the parts that their first bits name."""
    starts = np.searchsorted(chunk >> _PART_SHIFT, np.arange(_PARTS + 1, dtype=_TYPE))
    for part, start, end in zip(parts, starts[:-1], starts[1:], strict=True):
        part.write(chunk[start:end].tobytes())


def _write(parts: Sequence[IO[bytes]], out: Path) -> int:
    with NamedTemporaryFile(dir=out.parent, prefix=out.name, delete=False) as draft:
        try:
            count = _write_sorted(parts, draft)
            Path(draft.name).replace(out)
        finally:
            Path(draft.name).unlink(missing_ok=True)
    return count


def _write_sorted(parts: Sequence[IO[bytes]], draft: IO[bytes]) -> int:
    count = 0
    draft.write(_MAGIC)
    for part in parts:
        part.seek(0)
        numbers = np.unique(np.frombuffer(part.read(), dtype=_TYPE))
        draft.write(numbers.tobytes())
        count += len(numbers)
    if not count:
        raise BlocklistFileError("there is no password in this list")
    draft.flush()
    fsync(draft.fileno())
    return count
