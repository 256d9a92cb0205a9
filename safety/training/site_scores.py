"""What a model said of a site's accounts lately, as the ledger kept it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Engine

from safety.store.history import between


class _Answer(msgspec.Struct):
    """Of the answer to an event, what is needed here."""

    scores: dict[str, float] = {}
    models: dict[str, str] = {}


_DECODER = msgspec.json.Decoder(_Answer)


@dataclass(slots=True)
class SiteScores:
    """The latest score of each account; `answers` holds what people said of some of them."""

    scores: dict[str, float] = field(default_factory=dict)
    answers: dict[str, bool] = field(default_factory=dict)

    @property
    def reviewed(self) -> dict[int, bool]:
        """What people said, by the account's place among the scores."""
        places = {account: place for place, account in enumerate(self.scores)}
        return {places[account]: label for account, label in self.answers.items()}


def site_scores(
    engine: Engine,
    model: str,
    version: str,
    span: tuple[float, float],
    answered: Mapping[str, bool],
) -> SiteScores:
    """The latest score that this version gave each account in a span of time (Unix seconds).

    `answered` are decisions, by id, that people said are fake or not. Accounts are named
    `tenant/actor`. Each counts once however much it does: otherwise the busiest would decide where
    the threshold stands.
    """
    found = SiteScores()
    for stored in between(engine, *span):
        answer = _DECODER.decode(stored.answer)
        score = answer.scores.get(model)
        if score is not None and answer.models.get(model) == version:
            account = f"{stored.tenant}/{stored.actor_id}"
            found.scores[account] = score
            if stored.id in answered:
                found.answers[account] = answered[stored.id]
    return found
