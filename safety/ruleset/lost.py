"""Rules in force whose text is gone: their file was deleted, emptied or cut off between two rules.

Nobody can tell a mistake from an intention here, so the watcher asks: a rule in force goes only
when somebody says so.
"""

from safety.domain.verdicts import Mode
from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import Finding, RuleFileError

_LIVE = frozenset({Mode.CANARY, Mode.ENFORCE})
_HINT = (
    "put it back, or let it go: `rollout: {mode: off}`, or `safety-gate rules publish --why ...`"
)


def refuse_losses(before: Bundle, after: Bundle) -> None:
    """Raise `RuleFileError` if a rule that is live in one bundle is nowhere in the next."""
    kept = {rule.id for rule in after.rules}
    found = [
        Finding("rule-gone", f"`{one.rule.id}` is in force, and its text is gone", one.place, _HINT)
        for one in before.compiled
        if one.rule.mode in _LIVE and one.rule.id not in kept
    ]
    if found:
        raise RuleFileError(found)
