"""How matches compare with what the ledger recorded: verdicts, other rules, the rule itself."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from safety.domain.decisions import SignalSource
from safety.domain.verdicts import Verdict
from safety.ruleset.columns import Rows
from safety.training.segment import Segment


@dataclass(frozen=True, slots=True)
class Overlap:
    """A rule that was live at the time and fired on events that the tested rule matches."""

    rule: str
    matches: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """How matches compare with what the rule of this id did at the time, in any mode."""

    both: int
    only_then: int
    only_now: int


@dataclass(slots=True)
class AtTheTime:
    """Gathers, segment by segment, what was recorded of the events that a rule matches."""

    rule_id: str
    _verdicts: Counter[int] = field(default_factory=Counter)
    _overlaps: Counter[str] = field(default_factory=Counter)
    _both: int = 0
    _only_then: int = 0
    _only_now: int = 0

    def add(self, segment: Segment, rows: Rows, matched: Rows) -> None:
        """Take in the events that were judged and those of them that match."""
        self._verdicts.update(_counted(segment.verdicts[matched]))
        own = [
            code
            for code, signals in enumerate(segment.signal_table)
            if any(signal.is_of(self.rule_id) for signal in signals)
        ]
        for code, number in _counted(segment.signal_codes[matched]).items():
            for signal in segment.signal_table[code]:
                is_rule = signal.source == SignalSource.RULE.value
                if is_rule and signal.is_live and signal.name != self.rule_id:
                    self._overlaps[signal.name] += number
        then = int(np.isin(segment.signal_codes[rows], own).sum())
        both = int(np.isin(segment.signal_codes[matched], own).sum())
        self._both += both
        self._only_then += then - both
        self._only_now += len(matched) - both

    @property
    def verdicts(self) -> Mapping[str, int]:
        """What matches got at the time."""
        return {verdict.word: self._verdicts[verdict] for verdict in Verdict}

    @property
    def overlaps(self) -> tuple[Overlap, ...]:
        """The live rules that fired on matches, most matches first."""
        ordered = sorted(self._overlaps.items(), key=lambda each: (-each[1], each[0]))
        return tuple(Overlap(rule, number) for rule, number in ordered)

    @property
    def recorded(self) -> Recorded:
        """How matches compare with what the rule itself did."""
        return Recorded(self._both, self._only_then, self._only_now)


def _counted(codes: "np.ndarray[tuple[int, ...], np.dtype[np.int8 | np.int32]]") -> dict[int, int]:
    values, numbers = np.unique(codes, return_counts=True)
    return dict(zip(values.tolist(), numbers.tolist(), strict=True))
