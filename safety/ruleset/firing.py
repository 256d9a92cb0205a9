"""What generated code does once a rule's conditions are met: time, exclusions, canary, append."""

from collections.abc import Iterator

from safety.domain.rules import Fired, Rule
from safety.domain.verdicts import Verdict
from safety.ruleset.pool import Pool
from safety.ruleset.rollouts import CLOCK, members_of


class Firing:
    """Writes how the rules of one function fire. Nothing here runs for a rule that does not."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def in_time(self, rule: Rule, pad: str) -> Iterator[str]:
        """The test that a rule with an end begins with; it is as long as time is unknown."""
        if rule.until is not None:
            yield f"{pad}if not get({self._pool.name(CLOCK)}, nan) >= {rule.until!r}:"

    def append(self, rule: Rule, *, capped: bool = False) -> str:
        """The statement that says that the rule fired, live or held back by its canary."""
        fired = self._fired(rule, capped=capped)
        if rule.canary is None:
            return f"fired.append({fired})"
        member = self._pool.name(
            members_of(rule.id, rule.canary.share), ("member", rule.id, rule.canary.share)
        )
        held_back = self._fired(rule, capped=capped, is_held_back=True)
        entity = f"get({self._pool.name(rule.canary.by)})"
        return f"fired.append({fired} if {member}({entity}) else {held_back})"

    def _fired(self, rule: Rule, *, capped: bool, is_held_back: bool = False) -> str:
        verdict = min(rule.verdict, Verdict.HOLD) if capped else rule.verdict
        fired = Fired(rule, verdict, capped, is_held_back)
        return self._pool.name(fired, ("fired", rule.id, capped, is_held_back))
