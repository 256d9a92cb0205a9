"""Where limits are counted: the moments of each key, in memory, in sliding windows."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from limits.storage import MovingWindowSupport, Storage

# An entry of a busy key is 32 bytes, a key with one entry about a thousand.
MOST_KEYS = 100_000


@dataclass(slots=True)
class _Window:
    seconds: float = 0.0
    moments: deque[float] = field(default_factory=deque)

    def slide(self, now: float) -> None:
        """Forget what is too old to count."""
        while self.moments and self.moments[0] <= now - self.seconds:
            self.moments.popleft()


class WindowStorage(Storage, MovingWindowSupport):
    """Storage for `limits`, exact for any number of threads and deaf to changes of the wall clock.

    Callers choose keys (an address is one), so there are at most `most_keys`: beyond that the one
    that was quiet for longest is forgotten. `clock` answers seconds and never goes back.
    """

    STORAGE_SCHEME = ("windows",)  # type: ignore[assignment]  # any iterable registers

    def __init__(
        self,
        uri: str | None = None,
        *,
        wrap_exceptions: bool = False,
        clock: Callable[[], float] = time.monotonic,
        most_keys: int = MOST_KEYS,
    ) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self.clock = clock
        self._most_keys = most_keys
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong here: nothing but a bug."""
        return RuntimeError

    def acquire_entry(self, key: str, limit: int, expiry: float, amount: int = 1) -> bool:
        """Count `amount` now unless that makes more than `limit` in `expiry` seconds."""
        with self._lock:
            window, now = self._window(key, expiry)
            if len(window.moments) + amount > limit:
                return False
            window.moments.extend([now] * amount)
            return True

    def release(self, key: str) -> None:
        """Take back what was counted last, if anything counts."""
        with self._lock:
            window = self._windows.get(key)
            if window is not None and window.moments:
                window.moments.pop()

    def get_moving_window(self, key: str, limit: int, expiry: float) -> tuple[float, int]:  # noqa: ARG002  the interface asks for a limit
        """When the oldest moment that counts was (now, if none is), and how many there are."""
        with self._lock:
            known = self._windows.get(key)
            now = self.clock()
            if known is None:
                return now, 0
            known.seconds = expiry
            known.slide(now)
            return (known.moments[0] if known.moments else now), len(known.moments)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count without a limit; how many there are then."""
        with self._lock:
            window, now = self._window(key, expiry)
            window.moments.extend([now] * amount)
            return len(window.moments)

    def get(self, key: str) -> int:
        """How many count now."""
        with self._lock:
            window = self._windows.get(key)
            if window is None:
                return 0
            window.slide(self.clock())
            return len(window.moments)

    def get_expiry(self, key: str) -> float:
        """When the last moment stops to count, on this storage's clock."""
        with self._lock:
            window = self._windows.get(key)
            if window is None or not window.moments:
                return self.clock()
            return window.moments[-1] + window.seconds

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def clear(self, key: str) -> None:
        """Forget one key."""
        with self._lock:
            self._windows.pop(key, None)

    def reset(self) -> int:
        """Forget every key; how many there were."""
        with self._lock:
            known = len(self._windows)
            self._windows.clear()
            return known

    def _window(self, key: str, seconds: float) -> tuple[_Window, float]:
        """A key's window up to date, and now. The lock is held."""
        now = self.clock()
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = _Window()
            if len(self._windows) > self._most_keys:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end(key)
        window.seconds = seconds
        window.slide(now)
        return window, now
