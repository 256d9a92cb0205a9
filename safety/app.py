"""The composition root: settings become parts, parts become one application. The only chooser."""

import math
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from safety import __version__
from safety.accounts.staff import Staff
from safety.classifiers.registry import load_models
from safety.config import Secrets, Settings
from safety.decisions.challenge import Challenges
from safety.decisions.decide import Decider, Limits
from safety.decisions.explain import Explainer
from safety.decisions.judge import Judge, Prepared
from safety.decisions.restore import restore
from safety.domain.errors import Unavailable
from safety.domain.ports import Counters
from safety.review.desk import Desk
from safety.ruleset.active import ActiveRuleset
from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import Finding, Place, RuleFileError
from safety.ruleset.load import load_bundle
from safety.state.memory import MemoryCounters
from safety.store import items, lists
from safety.store.engine import migrate, open_engine, read
from safety.store.group_commit import Ledger
from safety.web import api, openapi
from safety.web.callers import Keyring
from safety.web.desk import desk_router
from safety.web.door import DecisionDoor
from safety.web.health import Health, health_router
from safety.web.limits import new_limiter
from safety.web.metrics import Metrics
from safety.web.problems import install
from safety.web.services import Services

log = structlog.get_logger()

# A key that is revoked elsewhere stops working here within this time, whatever the rules do.
_KEYS_SECONDS = 1.0
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Overrides:
    """What tests put in place of the world: the clock, the timer, the counters."""

    clock: Callable[[], float] = time.time
    timer: Callable[[], float] = time.perf_counter
    counters: Counters | None = None


class Ids:
    """Makes ids such as `dec_19a2...`: the time in milliseconds, then 56 random bits.

    Randomness is drawn from the system in advance: asking for it per id hands the interpreter to
    another thread every time. Not for secrets.
    """

    _DRAWN = 4096

    def __init__(self) -> None:
        self._pool = iter("")
        self._drawing = threading.Lock()

    def __call__(self, prefix: str) -> str:
        """A fresh id with this prefix."""
        return f"{prefix}_{time.time_ns() // 1_000_000:011x}{self._bits()}"

    def _bits(self) -> str:
        bits = next(self._pool, None)
        while bits is None:
            with self._drawing:
                drawn = os.urandom(7 * self._DRAWN).hex()
                self._pool = iter([drawn[i : i + 14] for i in range(0, len(drawn), 14)])
            bits = next(self._pool, None)
        return bits


def create_app(settings: Settings, overrides: Overrides | None = None) -> DecisionDoor:
    """The whole service as one ASGI application; the framework's part is its `inner`.

    Raises `RuleFileError` if the rules do not load, `ConfigurationError` if the secrets are bad,
    `Unavailable` if the database cannot be opened.
    """
    house = _House(settings, overrides or Overrides())
    app = FastAPIOffline(
        title="Safety Gate",
        version=__version__,
        summary="Call before each write: allow, challenge, hold or block, with reasons.",
        lifespan=house.lifespan,
        docs_url="/docs" if settings.environment == "development" else None,
        redoc_url=None,
        redirect_slashes=False,  # the redirect would repeat whatever Host the caller sent
        telemetry={"logs": False},
    )
    app.state.services = house.services
    install(app)
    app.include_router(health_router(house.services.health))
    app.include_router(api.router)
    app.state.limiter = new_limiter()
    app.include_router(desk_router(app.state.limiter))
    _document(app, house)
    return DecisionDoor(app, house.services)


def _document(app: FastAPI, house: "_House") -> None:
    framework = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            openapi.complete(framework(), house.active.bundle.catalogue)
        return app.openapi_schema or {}

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend it


@dataclass(slots=True)
class _Trouble:
    """What a part that started badly has to say."""

    texts: list[str] = field(default_factory=list)

    def __call__(self) -> str | None:
        return "; ".join(self.texts) or None


class _House:
    """Every part of one running service, and the thread that keeps copies of the database fresh."""

    def __init__(self, settings: Settings, overrides: Overrides) -> None:
        self._settings = settings
        self._clock = overrides.clock
        self._new_id = Ids()
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        secrets = Secrets.load_or_create(settings.secrets_file)
        self._engine = open_engine(
            settings.resolved_database_url, synchronous=settings.sqlite_synchronous
        )
        migrate(self._engine)
        self._classifiers, model_troubles = load_models(settings.models_dir)
        self._lists_seen: object = None
        self.active = ActiveRuleset(
            self._load_bundle, clock=self._clock, directories=settings.rule_directories
        )
        self._prepared = Prepared(self.active.bundle, self._classifiers)
        self._counters = overrides.counters or MemoryCounters(
            max_entities=settings.counter_entities
        )
        metrics = Metrics()
        self._ledger = Ledger(
            self._engine, max_batch=settings.ledger_batch, on_trouble=metrics.ledger_trouble
        )
        self._health = self._probes([f"{t.name}: {t.reason}" for t in model_troubles])
        self._stop = threading.Event()
        self.services = self._services(secrets, metrics, overrides.timer)
        metrics.watch("safety_ledger_waiting", "Decisions to write", lambda: self._ledger.depth)
        metrics.watch(
            "safety_ruleset_broken", "1 if rule files have an error", self._is_ruleset_broken
        )
        metrics.watch("safety_items_open", "Items that wait for a moderator", self._items_open)

    def _services(self, secrets: Secrets, metrics: Metrics, timer: Callable[[], float]) -> Services:
        settings, engine = self._settings, self._engine
        challenges = Challenges(
            engine,
            secrets["proof"],
            settings.challenge_seconds,
            settings.challenge_cost,
            self._clock,
        )
        explainer = Explainer(engine, self._prepared_now, self._classifiers)
        return Services(
            decider=Decider(
                engine=engine,
                ledger_writer=self._ledger,
                counters=self._counters,
                judge=Judge(self._counters, self._new_id),
                challenges=challenges,
                prepared=self._prepared_now,
                now=self._clock,
                timer=timer,
                limits=Limits(settings.decision_deadline_ms / 1000, settings.ledger_queue),
                noticed=metrics.decided,
            ),
            challenges=challenges,
            explainer=explainer,
            desk=Desk(
                engine=engine,
                clock=self._clock,
                ids=self._new_id,
                policies=lambda: self.active.bundle.policies,
                catalogue=lambda: self.active.bundle.catalogue,
                audit_key=secrets["audit"],
                on_label=self._counters.mark,
                model_signals=explainer.model_signals,
            ),
            staff=Staff(engine, self._clock, secrets["audit"], https=settings.cookies_are_secure),
            keyring=Keyring(engine, secrets["pepper"], self._clock),
            health=self._health,
            metrics=metrics,
            policies=lambda: self.active.bundle.policies,
            ruleset_error=lambda: self.active.error,
            clock=self._clock,
            timer=timer,
            new_id=self._new_id,
        )

    def _probes(self, model_troubles: list[str]) -> Health:
        health = Health()
        # A ledger in trouble degrades and does not stop: the next decision is what heals it.
        health.probes["ledger"] = lambda: self._ledger.trouble
        health.probes["rules"] = self._ruleset_trouble
        health.probes["models"] = _Trouble(model_troubles)
        return health

    def _prepared_now(self) -> Prepared:
        return self._prepared

    def _ruleset_trouble(self) -> str | None:
        """The place of the first error. Anybody may ask, so no line of a rule is shown."""
        error = self.active.error
        return None if error is None else f"{error.splitlines()[0]} (the old rules stay in force)"

    def _is_ruleset_broken(self) -> float:
        return 0.0 if self.active.error is None else 1.0

    def _items_open(self) -> float:
        try:
            with read(self._engine) as connection:
                return float(sum(items.count_open(connection).values()))
        except Unavailable:
            return math.nan  # the other metrics must still be readable

    def _load_bundle(self) -> Bundle:
        now = self._clock()
        with read(self._engine) as connection:
            entries = lists.all_entries(connection, now)
        self._lists_seen = entries
        bundle = load_bundle(self._settings.rule_directories, entries, at=now)
        try:
            Prepared(bundle, self._classifiers)
        except ValueError as error:  # the catalogue declares what nothing can compute
            place = Place("features.yaml", 1, 1, 1, "")
            raise RuleFileError([Finding("not-computed", str(error), place)]) from None
        return bundle

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Remember the past, take traffic, and at the end write what waits."""
        self._ledger.start()
        restored = restore(self._engine, self._counters, self._prepared, self._clock())
        log.info("counters_restored", decisions=restored.decisions, labels=restored.labels)
        keepers = [
            self._keeper("keys", _KEYS_SECONDS, self.services.keyring.refresh),
            self._keeper("rules", self._settings.rules_poll_seconds, self._refresh_rules),
        ]
        self._health.is_started = True
        try:
            yield
        finally:
            self._stop.set()
            for keeper in keepers:
                keeper.join(_STOP_SECONDS)
            self._ledger.stop()
            self._engine.dispose()

    def _keeper(self, name: str, seconds: float, work: Callable[[], None]) -> threading.Thread:
        """A thread that does its work again and again until the service stops."""

        def keep() -> None:
            while not self._stop.wait(seconds):
                try:
                    work()
                except Exception as error:  # noqa: BLE001  the next round may succeed
                    log.warning("refresh_failed", of=name, error=type(error).__name__)

        thread = threading.Thread(target=keep, name=name, daemon=True)
        thread.start()
        return thread

    def _refresh_rules(self) -> None:
        if self.active.changed() or self._lists_changed():
            self._reload()

    def _lists_changed(self) -> bool:
        with read(self._engine) as connection:
            return lists.all_entries(connection, self._clock()) != self._lists_seen

    def _reload(self) -> None:
        if self.active.reload():
            self._prepared = Prepared(self.active.bundle, self._classifiers)
