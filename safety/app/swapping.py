"""Takes a compiled ruleset into a busy process without holding up anybody."""

import gc
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from safety.ruleset.bundle import Bundle
from safety.ruleset.packed import Pieces, parts_of, unpack

# How long this thread works while others wait for the interpreter, and how long it then rests.
_WORK_SECONDS = 0.0005
_REST_SECONDS = 0.0005
_KEPT = 5


class Kept:
    """The last few versions as their child made them: going back to one needs no compiling."""

    def __init__(self) -> None:
        self._pieces: OrderedDict[str, Pieces] = OrderedDict()

    def put(self, version: str, pieces: Pieces) -> None:
        """Keep a version; the one that was used longest ago goes."""
        self._pieces[version] = pieces
        self._pieces.move_to_end(version)
        while len(self._pieces) > _KEPT:
            self._pieces.popitem(last=False)

    def get(self, version: str) -> Pieces | None:
        """A version that is still kept."""
        if version in self._pieces:
            self._pieces.move_to_end(version)
        return self._pieces.get(version)


def breather(timer: Callable[[], float] = time.perf_counter) -> Callable[[], None]:
    """A pause that lets other threads in once this one has worked for a moment."""
    began = timer()

    def pause() -> None:
        nonlocal began
        if timer() - began > _WORK_SECONDS:
            time.sleep(_REST_SECONDS)
            began = timer()

    return pause


def taken_in(pieces: Pieces) -> Bundle:
    """The ruleset, unpacked a little at a time."""
    with _collector_at_rest():
        return unpack(pieces, breather())


def let_go(bundles: list[Bundle]) -> None:
    """Free what the list holds a little at a time; the last of a large ruleset takes long."""
    waiting = [part for bundle in bundles for part in parts_of(bundle)]
    bundles.clear()
    pause = breather()
    while waiting:
        waiting.pop()
        pause()


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """No walk over all objects while a ruleset comes in, nor over its objects later."""
    if not gc.isenabled():
        yield
        return
    gc.collect(1)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
