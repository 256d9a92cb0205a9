"""What needs reasons, found in the ledger and among resolutions, and stated one by one."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Engine

from safety.domain.errors import NotFound
from safety.domain.policies import Policy
from safety.domain.verdicts import Verdict
from safety.review.evidence import RuleSeen, read_evidence
from safety.review.glance import read_event
from safety.review.statements import measures
from safety.review.statements.build import Case, Found, statement_of, words_of
from safety.review.statements.check import MOST_PER_CALL, problems_of
from safety.store import ledger, reasons, reports
from safety.store.engine import read
from safety.store.reasons import Restriction
from safety.store.stored import StoredDecision


@dataclass(frozen=True, slots=True)
class Stated:
    """One restriction with its reasons. `problems` says why the database would refuse them."""

    case: Case
    tenant: str
    decision_id: str
    statement: Mapping[str, Any]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statements:
    """States reasons, as the policies in force put them, for the countries of the service."""

    engine: Engine
    policies: Mapping[str, Policy]
    territories: Sequence[str]

    def between(self, since: float, until: float, tenant: str | None = None) -> Iterator[Stated]:
        """Everything that began to restrict somebody from `since` up to `until`.

        First what was blocked, then what was resolved, each oldest first; never all in memory.
        """
        found = (*(reasons.blocked_between, reasons.settled_between),)
        for walk in found:
            for restriction in walk(self.engine, since, until):
                if tenant is not None and restriction.decision.tenant != tenant:
                    continue
                case = self.case_of(restriction)
                if case is not None:
                    yield _stated(case, restriction.decision)

    def of_decision(self, tenant: str, decision_id: str) -> tuple[Stated, ...]:
        """The reasons of every restriction that one decision led to. Raises `NotFound`."""
        with read(self.engine) as connection:
            decision = ledger.get(connection, tenant, decision_id)
            if decision is None:
                raise NotFound("There is no such decision.")
            found = [Restriction(decision, None), *reasons.of_decision(connection, decision_id)]
        cases = [self.case_of(each) for each in found]
        return tuple(_stated(case, decision) for case in cases if case is not None)

    def case_of(self, restriction: Restriction) -> Case | None:
        """A restriction with all that reasons are made of; None if it restricts nobody."""
        decision, resolution, _ = restriction
        taken = _taken(restriction)
        if not taken:
            return None
        event = read_event(decision.event)
        fired = _fired(decision)
        if resolution is None and not fired:  # nobody judged it: a test, or parts were away
            return None
        cited = [act.policy for act in resolution.every_act] if resolution else []
        cited += [rule.policy for rule in fired]
        content = event.get("content")
        content = content if isinstance(content, dict) else {}
        return Case(
            puid=resolution.id if resolution else decision.id,
            event_type=decision.event_type,
            event_time=decision.event_time,
            begins_at=resolution.takes_effect_at if resolution else decision.decided_at,
            measures=taken,
            policies=self._policies(cited),
            rules=tuple(dict.fromkeys(rule.title for rule in fired)),
            found=self._found(restriction),
            decided_by_person=resolution is not None and not resolution.automated,
            language=str(content.get("language") or ""),
            has_media=bool(content.get("media_count")),
            territories=self.territories,
        )

    def _policies(self, cited: Sequence[str | None]) -> tuple[Policy, ...]:
        return tuple(
            self.policies.get(policy) or _gone(policy) for policy in dict.fromkeys(cited) if policy
        )

    def _found(self, restriction: Restriction) -> Found:
        if restriction.resolution is None:
            return Found.RULES
        with read(self.engine) as connection:
            classes = reports.classes_of_item(connection, restriction.resolution.item_id)
        if not classes:
            return Found.RULES
        return Found.TRUSTED_FLAGGER if "trusted_flagger" in classes else Found.NOTICE


def calls_of(statements: Iterable[Stated]) -> Iterator[bytes]:
    """Bodies for the database's endpoint of many statements, each as large as one call may be."""
    walk = iter(statements)
    while chunk := [dict(each.statement) for each in islice(walk, MOST_PER_CALL)]:
        yield json.dumps({"statements": chunk}, ensure_ascii=False).encode()


def words_for_user(stated: Stated) -> dict[str, Any]:
    """The reasons in words for whom they concern."""
    return words_of(stated.case)


def _stated(case: Case, decision: StoredDecision) -> Stated:
    statement = statement_of(case)
    return Stated(case, decision.tenant, decision.id, statement, problems_of(statement))


def _taken(restriction: Restriction) -> dict[str, Any]:
    """What it takes away that was not taken away before."""
    decision, resolution, added = restriction
    is_blocked = decision.verdict is Verdict.BLOCK and measures.restricts(decision.event_type)
    blocked = measures.of_block(decision.event_type) if is_blocked else {}
    if resolution is None:
        return blocked
    acts = (*resolution.every_act, *added)
    taken = measures.of_acts(acts, decision.event_type, resolution.takes_effect_at)
    if is_blocked:  # it was never published, so removing it takes nothing more
        taken = {name: value for name, value in taken.items() if name not in blocked}
    return taken


def _fired(decision: StoredDecision) -> list[RuleSeen]:
    rules = read_evidence(decision.signals).rules
    return [rule for rule in rules if rule.is_live and rule.verdict is not Verdict.ALLOW]


def _gone(policy: str) -> Policy:
    text = "This policy is no longer in force."
    return Policy(id=policy, title=policy, text=text, message="")
