"""How dear a challenge is: the graver what is suspected, the more a proof of work costs."""

from collections.abc import Mapping
from types import MappingProxyType

from safety.decisions.judge import Judgement
from safety.domain.challenges import ChallengeKind
from safety.domain.verdicts import Severity, Verdict

# Times the configured cost, which one browser pays in about a second. A farm pays it per account.
EFFORTS: Mapping[Severity, int] = MappingProxyType(
    {Severity.LOW: 1, Severity.MEDIUM: 1, Severity.HIGH: 2, Severity.CRITICAL: 4}
)
# When a rule that fired leaves a label: it thinks that this will not have been the last time.
MARKED = 2


def effort_of(judgement: Judgement) -> int:
    """What the challenge of this judgement costs: 1, 2, 4 or 8 times the usual."""
    severities = [
        fired.rule.severity for fired in judgement.live if fired.verdict is Verdict.CHALLENGE
    ]
    gravest = max((EFFORTS[severity] for severity in severities), default=1)
    return gravest * (MARKED if judgement.labels else 1)


def kind_of(judgement: Judgement) -> ChallengeKind | None:
    """What the rules that challenge ask for: the most that any of them does. None: no matter."""
    asked = [
        fired.rule.challenge
        for fired in judgement.live
        if fired.verdict is Verdict.CHALLENGE and fired.rule.challenge is not None
    ]
    return max(asked, key=lambda kind: kind.rank, default=None)
