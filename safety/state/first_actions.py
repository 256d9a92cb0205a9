"""The first actions of an actor, kept as they came: most never act twenty times.

A trace of an actor takes three kilobytes and shows nothing before its twentieth action. Until then
a few bytes an action do, from which the very same trace is made once it is needed.
"""

from struct import Struct
from typing import Final

from safety.domain.habits import LEAST_ACTIONS
from safety.state.trace import Trace

# When it was; the marks of its text and target; which of the three are there, or a removal.
_RECORD: Final = Struct("<dQIB")
_TEXT, _TARGET, _DELETE, _QUICK = 1, 2, 4, 8
_ENOUGH: Final = LEAST_ACTIONS * _RECORD.size


def with_action(known: bytes, at: float, text: int | None, target: int | None) -> bytes:
    """The same with one more action, and the marks of its text and target where it has them."""
    has = (text is not None and _TEXT) | (target is not None and _TARGET)
    return known + _RECORD.pack(at, text or 0, target or 0, has)


def with_delete(known: bytes, *, quick: bool) -> bytes:
    """The same with something that was taken away."""
    return known + _RECORD.pack(0.0, 0, 0, _DELETE | (quick and _QUICK))


def is_enough(known: bytes) -> bool:
    """Whether it is time for a trace: it could show something, or would be no larger."""
    return len(known) >= _ENOUGH


def trace_of(known: bytes) -> Trace:
    """The trace that remembers all of it."""
    trace = Trace()
    for at, text, target, has in _RECORD.iter_unpack(known):
        if has & _DELETE:
            trace.delete(quick=bool(has & _QUICK))
            continue
        trace.act(at)
        if has & _TEXT:
            trace.write(text)
        if has & _TARGET:
            trace.reach(target)
    return trace
