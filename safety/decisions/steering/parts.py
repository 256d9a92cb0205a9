"""Everything that people steer rules by, put together once by the root."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from safety.decisions.steering.attack import Scene
from safety.decisions.steering.controlling import Controlling
from safety.decisions.steering.drafts import RuleDesk
from safety.decisions.steering.lessons import Lessons
from safety.decisions.steering.list_keeping import ListKeeping
from safety.decisions.steering.matches import Matches
from safety.decisions.steering.raising import Raising
from safety.decisions.steering.records import Records
from safety.decisions.steering.undoing import Undoing
from safety.domain.lists import ListEntry
from safety.ruleset.bundle import Bundle
from safety.ruleset.files import RuleFiles
from safety.ruleset.findings import Finding


class Backtesting(Protocol):
    """Backtests that run beside the service; see `training/apart.py`."""

    def start(
        self,
        files: RuleFiles,
        entries: Mapping[str, Sequence[ListEntry]],
        rule: str,
        *,
        days: int,
        is_in_force: bool,
    ) -> Any: ...

    def running(self, rule: str) -> Any: ...

    def result(self, rule: str, revision: str) -> tuple[float, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Steering:
    """What the desk's pages of rules, lists and attacks stand on.

    `bundle` is the ruleset in force here, and `warnings` what lint says of it.
    """

    bundle: Callable[[], Bundle]
    rules: RuleDesk
    records: Records
    matches: Matches
    controlling: Controlling
    undoing: Undoing
    lists: ListKeeping
    lessons: Lessons
    raising: Raising
    scene: Callable[[], Scene]
    backtests: Backtesting
    entries: Callable[[], Mapping[str, Sequence[ListEntry]]]
    warnings: Callable[[], Sequence[Finding]]
