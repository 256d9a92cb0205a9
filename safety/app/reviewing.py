"""The review desk of one running service: put together, and kept at work."""

import math
import secrets
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, Engine

from safety.app.keepers import Keepers
from safety.app.rules import LiveRules
from safety.app.world import World
from safety.config import Settings
from safety.decisions.explain import Explainer
from safety.domain.errors import Unavailable
from safety.domain.labels import Label
from safety.domain.reviews import Action
from safety.review.rechecks import Rates
from safety.review.review import Review, build_review
from safety.review.room import Room
from safety.store import searching, settling, waiting
from safety.store.engine import read
from safety.web.metrics import Metrics

_CLERK_SECONDS: Final = 1.0
_TIDY_SECONDS: Final = 60 * 60.0
_CHANCES: Final = 2**32


def build_desk(
    settings: Settings,
    world: World,
    rules: LiveRules,
    explainer: Explainer,
    *,
    audit_key: bytes,
    on_label: Callable[[str, Label], None],
) -> Review:
    """The desk on the rules that are in force at each moment."""
    room = Room(
        engine=world.engine,
        clock=world.clock,
        chance=lambda: secrets.randbelow(_CHANCES) / _CHANCES,
        ids=world.new_id,
        policies=lambda: rules.active.bundle.policies,
        catalogue=lambda: rules.active.bundle.catalogue,
        audit_key=audit_key,
        on_label=on_label,
        model_signals=explainer.model_signals,
        undo_seconds=settings.undo_seconds,
        lease_seconds=settings.lease_seconds,
        drastic=frozenset(map(Action, settings.two_person_actions)),
    )
    ladder = lambda: rules.active.bundle.catalogue.ladder  # noqa: E731 -- as the lines above
    rates = Rates(settings.second_opinion_rate, settings.audit_rate, settings.golden_rate)
    days = settings.search_days
    return build_review(room, ladder, world.timer, searched_days=days, rates=rates)


def keep_desk(keepers: Keepers, review: Review) -> None:
    """Let the clerk of the desk do its rounds."""
    keepers.keep("clerk", _CLERK_SECONDS, review.clerk.run)
    keepers.keep("clerk-tidy", _TIDY_SECONDS, review.clerk.tidy)


def watch_desk(metrics: Metrics, engine: Engine, clock: Callable[[], float]) -> None:
    """Show how the desk does."""

    def shown(count: Callable[[Connection, float], int]) -> Callable[[], float]:
        def value() -> float:
            try:
                with read(engine) as connection:
                    return float(count(connection, clock()))
            except Unavailable:
                return math.nan  # the other metrics must still be readable

        return value

    for name, text, count in _WATCHED:
        metrics.watch(name, text, shown(count))


_WATCHED: Final = (
    ("safety_items_late", "Items that wait for longer than their queue promises", waiting.late),
    ("safety_resolutions_pending", "Resolutions that can still be undone", settling.count_pending),
    ("safety_search_behind", "Decisions that a search does not find yet", searching.behind),
)
