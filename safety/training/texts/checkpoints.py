"""What a training run that was stopped need not do again: the scores of finished fits."""

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from safety.training.texts.fit import Judged, Part, by_folds, judged_as, without

_Judge = Callable[[Mapping[str, Part], Sequence[str]], dict[str, Judged]]


class Checkpoints:
    """Keeps the raw scores of sources that were left out, beside the folder that is written.

    A kept fit is used again only for the very same rows, weights and order of sources.
    """

    def __init__(self, out: Path, parts: Mapping[str, Part]) -> None:
        self._folder = out.parent / f".{out.name}.partial"
        self._parts = parts
        self._digest = _digest(parts)

    def without(self, names: Sequence[str]) -> dict[str, Judged]:
        """Like `fit.without`, from an earlier run if it got that far."""
        return self._known_or(without, "without", names)

    def by_folds(self, names: Sequence[str]) -> dict[str, Judged]:
        """Like `fit.by_folds`, from an earlier run if it got that far."""
        return self._known_or(by_folds, "folds", names)

    def _known_or(self, judge: _Judge, how: str, names: Sequence[str]) -> dict[str, Judged]:
        key = hashlib.sha256(f"{self._digest} {how} {names}".encode()).hexdigest()
        path = self._folder / f"{key}.npz"
        known = _read(path, names)
        if known is None:
            found = judge(self._parts, names)
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".part")
            with unfinished.open("wb") as file:
                # The stubs take every keyword for one of savez's own.
                np.savez(file, **{n: one.raw for n, one in found.items()})  # type: ignore[arg-type]
            unfinished.rename(path)
            return found
        return {name: judged_as(self._parts[name], known[name]) for name in names}

    def forget(self) -> None:
        """The run is finished: nothing is left to continue."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _read(path: Path, names: Sequence[str]) -> dict[str, NDArray[np.float64]] | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            return {name: kept[name] for name in names}
    except (OSError, ValueError, KeyError, BadZipFile):
        return None


def _digest(parts: Mapping[str, Part]) -> str:
    digest = hashlib.sha256()
    for name, part in parts.items():
        digest.update(name.encode())
        for array in (part.rows.data, part.rows.indices, part.rows.indptr, part.examples.weight):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(part.examples.is_positive.tobytes())
    return digest.hexdigest()
