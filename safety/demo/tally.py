"""What the demo has seen so far: counts, waiting times and the last decisions worth showing."""

import math
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from safety.demo.door import Answer
from safety.demo.scenarios import Scenario, Step
from safety.domain.verdicts import Verdict

_WAITS_KEPT = 5_000
_NOTABLE_KEPT = 6
_RATE_WINDOW = 5.0  # seconds
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Notable:
    """One decision above allow, as the table shows it."""

    verdict: Verdict
    event_type: str
    actor: str
    reasons: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class SceneCount:
    """How one scene went: `stopped` of its `attacks`, `disturbed` of its `ordinary` events."""

    attacks: int
    stopped: int
    ordinary: int
    disturbed: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the table needs, at one moment. Waits are in seconds, NaN before any answer."""

    events: int
    per_second: float
    verdicts: Mapping[Verdict, int]
    median: float
    p99: float
    queued: Mapping[str, int]
    troubles: int
    last_trouble: str | None
    scene: Scenario | None
    scenes: Mapping[Scenario, SceneCount]
    notable: Sequence[Notable]


class Tally:
    """Counts what the senders report. Threads may share it; `now` is monotonic seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._verdicts: Counter[Verdict] = Counter()
        self._scenes: Counter[tuple[Scenario, bool, bool]] = Counter()
        self._queued: Counter[str] = Counter()
        self._waits: deque[float] = deque(maxlen=_WAITS_KEPT)
        self._times: deque[float] = deque()
        self._notable: deque[Notable] = deque(maxlen=_NOTABLE_KEPT)
        self._troubles = 0
        self._last_trouble: str | None = None
        self._scene: Scenario | None = None

    def answered(self, step: Step, answer: Answer, now: float) -> None:
        """Count one decision."""
        flagged = answer.verdict is not Verdict.ALLOW
        with self._lock:
            self._scene = step.scene
            self._verdicts[answer.verdict] += 1
            self._scenes[step.scene, step.is_attack, flagged] += 1
            self._waits.append(answer.seconds)
            self._times.append(now)
            if answer.queue:
                self._queued[answer.queue] += 1
            if flagged:
                self._notable.append(_notable(step, answer))

    def failed(self, sentence: str) -> None:
        """Count one event that got no decision."""
        with self._lock:
            self._troubles += 1
            self._last_trouble = sentence

    def snapshot(self, now: float) -> Snapshot:
        """Where things stand."""
        with self._lock:
            while self._times and self._times[0] < now - _RATE_WINDOW:
                self._times.popleft()
            waits = sorted(self._waits)
            return Snapshot(
                events=self._verdicts.total(),
                per_second=_rate(self._times, now),
                verdicts={verdict: self._verdicts[verdict] for verdict in Verdict},
                median=quantile(waits, 0.5),
                p99=quantile(waits, 0.99),
                queued=dict(self._queued),
                troubles=self._troubles,
                last_trouble=self._last_trouble,
                scene=self._scene,
                scenes={scene: self._scene_count(scene) for scene in self._scenes_seen()},
                notable=tuple(self._notable),
            )

    def _scenes_seen(self) -> list[Scenario]:
        seen = {scene for scene, _, _ in self._scenes}
        return [scene for scene in Scenario if scene in seen]

    def _scene_count(self, scene: Scenario) -> SceneCount:
        counts = self._scenes
        stopped, disturbed = counts[scene, True, True], counts[scene, False, True]
        return SceneCount(
            attacks=stopped + counts[scene, True, False],
            stopped=stopped,
            ordinary=disturbed + counts[scene, False, False],
            disturbed=disturbed,
        )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the ordered values does not exceed, or NaN."""
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _rate(times: Sequence[float], now: float) -> float:
    if not times:
        return 0.0
    # The window is not yet full in the first seconds; half a second keeps the figure sane there.
    return len(times) / min(_RATE_WINDOW, max(0.5, now - times[0]))


def _notable(step: Step, answer: Answer) -> Notable:
    event = step.event
    return Notable(
        verdict=answer.verdict,
        event_type=event["type"],
        actor=event["actor"]["id"],
        reasons=answer.reasons,
        text=_shown(event),
    )


def _shown(event: Mapping[str, Any]) -> str:
    text: str = event.get("content", {}).get("text") or _about(event)
    visible = "".join(c if c.isprintable() else "·" for c in text)
    return visible if len(visible) <= _SHOWN_CHARACTERS else f"{visible[:_SHOWN_CHARACTERS]}…"


def _about(event: Mapping[str, Any]) -> str:
    if event["type"] == "signup":
        return f"{event['actor']['email']} from {event['net']['ip']}"
    target = event.get("target", {})
    return f"{event['type']} {target.get('id', '')}".strip()
