"""Why was this decided? One view for those who may see everything, one that a user may read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Engine

from safety.decisions.draft import SECOND_STAGE
from safety.decisions.judge import Prepared
from safety.decisions.record import iso
from safety.domain.decisions import Amendment, AmendmentKind
from safety.domain.errors import NotFound
from safety.domain.features import Value
from safety.domain.ports import Staged
from safety.domain.verdicts import Verdict
from safety.store import ledger, model_watch
from safety.store.engine import read, write
from safety.store.ledger import StoredDecision

Json = dict[str, Any]

_MOST_WORDS = 12


class Outcome(StrEnum):
    """What came of a decision on the platform."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    REPORTED = "reported"
    RESTORED = "restored"
    CONFIRMED_ABUSE = "confirmed_abuse"
    CONFIRMED_FINE = "confirmed_fine"


@dataclass(frozen=True, slots=True)
class Explainer:
    """Reads decisions back from the ledger, in two levels of detail."""

    engine: Engine
    prepared: Callable[[], Prepared]
    asks_twice: bool = True  # whether second stages were asked

    def for_user(self, tenant: str, decision_id: str) -> Json:
        """What the affected user may read: no rule, no score, no threshold. Raises `NotFound`."""
        stored, amendments = self._find(tenant, decision_id)
        answer: Json = msgspec.json.decode(stored.answer)
        verdict = current_verdict(stored, amendments)
        return {
            "id": stored.id,
            "event_id": stored.event_id,
            "type": stored.event_type,
            "verdict": verdict.word,
            "policy": answer["policy"],
            "message": answer["message"] if verdict is stored.verdict else None,
            "decided_at": iso(stored.decided_at),
        }

    def in_full(self, tenant: str, decision_id: str) -> Json:
        """Everything behind a decision, why other rules did not fire included.

        Raises `NotFound`. `why_not` is null when the ruleset of that time is no longer loaded.
        """
        stored, amendments = self._find(tenant, decision_id)
        answer: Json = msgspec.json.decode(stored.answer)
        return {
            **answer,
            "verdict": current_verdict(stored, amendments).word,
            "event": msgspec.json.decode(stored.event),
            "facts": msgspec.json.decode(stored.facts),
            "signals": msgspec.json.decode(stored.signals) + self.model_signals(stored),
            "why_not": self._why_not(stored),
            "amendments": [
                {
                    "kind": a.kind.value,
                    "at": iso(a.at),
                    "verdict": a.verdict.word if a.verdict is not None else None,
                    **(msgspec.json.decode(a.body) if a.kind is AmendmentKind.OUTCOME else {}),
                }
                for a in amendments
            ],
            "ruleset": stored.ruleset,
            "shadow_scores": self.shadow_scores(decision_id),
        }

    def shadow_scores(self, decision_id: str) -> list[Json]:
        """What versions in shadow said of a decision, once they did; null is an unknown score."""
        with read(self.engine) as connection:
            found = model_watch.shadow_of(connection, decision_id)
        return [
            {"name": one.model, "version": one.version, "score": _rounded(one.score)}
            for one in found
        ]

    def model_signals(self, stored: StoredDecision) -> list[Json]:
        """The scores of a decision with the pieces of text behind each.

        A score that another version of the model gave comes without its words.
        """
        answer: Json = msgspec.json.decode(stored.answer)
        scores: Mapping[str, float] = answer["scores"]
        by_name = {model.name: model for model in self.prepared().classifiers}
        skipped = {skip["part"] for skip in answer["skipped"]}
        signals = []
        for name, score in scores.items():
            version, model = answer["models"].get(name), by_name.get(name)
            words: list[Json] = []
            if model is not None and model.version == version:
                was_skipped = f"score.{name}{SECOND_STAGE}" in skipped
                if isinstance(model, Staged) and (was_skipped or not self.asks_twice):
                    model = model.first
                found = model.explain(self.values(stored))[:_MOST_WORDS]
                words = [
                    {"start": w.start, "end": w.end, "text": w.text, "weight": round(w.weight, 3)}
                    for w in found
                ]
            signals.append(
                {
                    "source": "model",
                    "name": name,
                    "version": version,
                    "score": score,
                    "words": words,
                }
            )
        return signals

    def values(self, stored: StoredDecision) -> dict[str, Value]:
        """The values a decision was made of, as they were at the time."""
        prepared = self.prepared()
        values = recall(prepared, stored)
        prepared[stored.event_type].deriver.run_missing(values, stored.event_time)
        return values

    def add_outcome(  # noqa: PLR0917  the note and the model belong to the outcome
        self,
        tenant: str,
        decision_id: str,
        outcome: Outcome,
        note: str,
        at: float,
        model: str = "",
    ) -> None:
        """Keep what the platform says came of a decision. Saying it twice keeps it once.

        With a model, such as `spam`, the outcome speaks of what that model looks for alone.
        """
        about = {"model": model} if model else {}
        body = msgspec.json.encode({"outcome": outcome.value, "note": note, **about})
        with write(self.engine) as connection:
            if ledger.get(connection, tenant, decision_id) is None:
                raise NotFound
            if any(a.body == body for a in ledger.amendments(connection, decision_id)):
                return
            ledger.amend(connection, Amendment(decision_id, AmendmentKind.OUTCOME, at, None, body))

    def _find(self, tenant: str, decision_id: str) -> tuple[StoredDecision, list[Amendment]]:
        with read(self.engine) as connection:
            stored = ledger.get(connection, tenant, decision_id)
            if stored is None:
                raise NotFound
            return stored, ledger.amendments(connection, decision_id)

    def _why_not(self, stored: StoredDecision) -> list[Json] | None:
        bundle = self.prepared().bundle
        if bundle.version != stored.ruleset:
            return None
        return [
            {
                "rule": rule.id,
                "title": rule.title,
                "mode": rule.mode.value,
                "lines": [
                    {"text": line.text, "outcome": line.outcome, "values": line.values}
                    for line in lines
                ],
            }
            for rule, lines in bundle.why_not(stored.event_type, self.values(stored))
        ]


def current_verdict(stored: StoredDecision, amendments: Sequence[Amendment]) -> Verdict:
    """The verdict after everything that was added to the decision."""
    later = [a.verdict for a in amendments if a.verdict is not None]
    return later[-1] if later else stored.verdict


def recall(prepared: Prepared, stored: StoredDecision) -> dict[str, Value]:
    """The stored values of a decision: what the event said and what was computed then."""
    values = prepared.reader.recall(stored.event)
    for name, value in msgspec.json.decode(stored.facts).items():
        values[name] = tuple(value) if isinstance(value, list) else value
    return values


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)
