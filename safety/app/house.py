"""Every part of one running service, chosen and put together once."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module

import structlog
from fastapi import FastAPI

from safety.accounts.platform_factor import PlatformFactor
from safety.app.captchas import build_captchas
from safety.app.controls import CONTROLS_WATCHED, Bench, LiveControls
from safety.app.fences import build_fences
from safety.app.gate import build_accounts, build_locks, build_sender, build_staff
from safety.app.ids import Ids
from safety.app.keepers import Keepers
from safety.app.model_metrics import show_models
from safety.app.model_watch import ModelWatch, Stand
from safety.app.models import LiveModels
from safety.app.refill import Refill
from safety.app.reviewing import build_desk, keep_desk, watch_desk
from safety.app.rules import LiveRules
from safety.app.second_stage import EncoderRoom
from safety.app.steering import LiveSteering, Wheel
from safety.app.world import World
from safety.config import Secrets, Settings
from safety.decisions.ask import Asking
from safety.decisions.challenge import ActorCodes, Challenges
from safety.decisions.decide import Decider, Limits
from safety.decisions.explain import Explainer
from safety.decisions.judge import Judge, Judgement
from safety.decisions.restore import restore
from safety.decisions.steering.raising import Raising
from safety.domain.errors import Unavailable
from safety.domain.ports import Counters
from safety.domain.verdicts import Verdict
from safety.gates import keyring_file
from safety.review.route import Sampling
from safety.review.statements.walk import Statements
from safety.state.memory import MemoryCounters
from safety.store import items
from safety.store.engine import migrate, open_engine, read
from safety.store.group_commit import Ledger
from safety.web.callers import Keyring
from safety.web.health import Health
from safety.web.metrics import Metrics
from safety.web.services import Services

log = structlog.get_logger()

# A key that is revoked elsewhere stops working here within this time, whatever the rules do.
_KEYS_SECONDS = 1.0
_PURGE_SECONDS = 60 * 60.0
_CONTROLS_SECONDS = 1.0
_MODELS_SECONDS = 1.0
_MODEL_WATCH_SECONDS = 0.5
_MODEL_CHECKS_SECONDS = 10 * 60.0


@dataclass(frozen=True, slots=True)
class Overrides:
    """What tests put in place of the world: the clock, the timer, the counters."""

    clock: Callable[[], float] = time.time
    timer: Callable[[], float] = time.perf_counter
    counters: Counters | None = None


class House:
    """The parts, and what starts and stops with the service.

    Raises `RuleFileError` if the rules do not load, `ConfigurationError` if keys, lists or numbers
    are bad, `Unavailable` if the database cannot be opened.
    """

    def __init__(self, settings: Settings, overrides: Overrides) -> None:
        self._settings = settings
        self.has_hosted_pages = settings.hosted_pages
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        secrets = Secrets.load_or_create(settings.secrets_file)
        self._engine = open_engine(
            settings.resolved_database_url, synchronous=settings.sqlite_synchronous
        )
        migrate(self._engine)
        self._world = World(self._engine, overrides.clock, overrides.timer, Ids())
        self.models = LiveModels(settings, self._engine, overrides.clock, secrets["audit"])
        self.rules = LiveRules(settings, self._engine, overrides.clock, (), secrets["audit"])
        self.models.tell(self.rules.use_models)
        self._counters = overrides.counters or MemoryCounters(
            max_entities=settings.counter_entities, max_actors=settings.behaviour_actors
        )
        self._refill = Refill(self._engine, self._counters, self.rules.prepared, overrides.clock)
        self._metrics = Metrics()
        self._ledger = Ledger(
            self._engine, max_batch=settings.ledger_batch, on_trouble=self._metrics.ledger_trouble
        )
        self._health = self._probes()
        self.fences = build_fences(settings)
        self._locks = build_locks(settings, secrets, self._world)
        self._raising = Raising(self._engine, overrides.clock, self._world.new_id, secrets["audit"])
        self._captchas = build_captchas(settings, secrets, self._world, self._raising.effort)
        self._challenges = self._posing()
        self._encoder = EncoderRoom(settings, self._world, self._metrics)
        self._judge = Judge(
            self._counters,
            self._world.new_id,
            Sampling(settings.shadow_samples),
            asks_twice=self._encoder.is_on,
        )
        self._controls = self._controlling(secrets)
        self._model_watch = self._watching_models()
        self._decider = self._deciding()
        self._asking = Asking(self._decider, self._engine, self._world.new_id, self._world.timer)
        self._sender = build_sender(
            settings, self._world, self._locks.vault, self._metrics.delivered
        )
        self.services = self._services(secrets)
        self._watch()

    def _posing(self) -> Challenges:
        factor = self._locks.second_factor
        codes = ActorCodes(factor.is_enrolled, factor.check_code)
        return Challenges(self._engine, self._captchas, self._world.clock, codes)

    def _deciding(self) -> Decider:
        settings, world = self._settings, self._world
        return Decider(
            engine=self._engine,
            ledger_writer=self._ledger,
            counters=self._counters,
            judge=self._judge,
            challenges=self._challenges,
            prepared=self.rules.prepared,
            now=world.clock,
            timer=world.timer,
            limits=Limits(settings.decision_deadline_ms / 1000, settings.ledger_queue),
            noticed=self._notice,
            second_looks=self._encoder.looks,
        )

    def _controlling(self, secrets: Secrets) -> LiveControls:
        world = self._world
        bench = Bench(
            engine=self._engine,
            clock=world.clock,
            audit_key=secrets["audit"],
            prepared=self.rules.prepared,
            demoted=self._metrics.demoted,
        )
        controls = LiveControls(self._settings, bench, self._judge)
        self._health.probes["controls"] = controls.trouble
        return controls

    def _watching_models(self) -> ModelWatch:
        models, world = self.models, self._world
        stand = Stand(
            engine=self._engine,
            clock=world.clock,
            in_force=lambda: models.in_force,
            prepared=self.rules.prepared,
            card=models.versions.card,
            new_id=world.new_id,
            samples=self._settings.shadow_samples,
        )
        return ModelWatch(stand)

    def _notice(self, judgement: Judgement, verdict: Verdict, seconds: float) -> None:
        self._metrics.decided(judgement, verdict, seconds)
        self._controls.noticed(judgement)
        self._model_watch.noticed(judgement)
        self._steering.noticed(judgement, verdict)

    def _services(self, secrets: Secrets) -> Services:
        settings, world, rules = self._settings, self._world, self.rules
        locks, limits = self._locks, self.fences.gate_limits
        explainer = Explainer(self._engine, rules.prepared, self._encoder.is_on)
        mark, key = self._counters.mark, secrets["audit"]
        wheel = Wheel(settings, world, rules, self._judge, explainer, key, mark)
        self._steering = LiveSteering(wheel, self._raising)
        return Services(
            decider=self._decider,
            challenges=self._challenges,
            explainer=explainer,
            review=build_desk(settings, world, rules, explainer, audit_key=key, on_label=mark),
            asking=self._asking,
            statements=lambda: Statements(
                self._engine, rules.active.bundle.policies, settings.territories
            ),
            accounts=build_accounts(
                settings, secrets, world, locks=locks, asking=self._asking, limits=limits
            ),
            second_factor=locks.second_factor,
            platform_factor=PlatformFactor(self._engine, locks.second_factor),
            captchas=self._captchas,
            staff=build_staff(settings, secrets, world, locks, limits),
            keyring=Keyring(self._engine, secrets["pepper"], world.clock),
            proxies=self.fences.proxies,
            hosted_tenant=settings.hosted_tenant,
            health=self._health,
            metrics=self._metrics,
            policies=lambda: rules.active.bundle.policies,
            ruleset_error=lambda: rules.active.error,
            versions=rules.versions,
            models=self.models.versions,
            reload_rules=rules.reload,
            steering=self._steering.parts,
            serving_version=lambda: rules.active.bundle.version,
            clock=world.clock,
            timer=world.timer,
            new_id=world.new_id,
        )

    def _probes(self) -> Health:
        health = Health()
        # A ledger in trouble degrades and does not stop: the next decision is what heals it.
        health.probes["ledger"] = lambda: self._ledger.trouble
        health.probes["rules"] = self.rules.trouble
        health.probes["models"] = self.models.trouble
        return health

    def _watch(self) -> None:
        watch = self._metrics.watch
        watch("safety_ledger_waiting", "Decisions to write", lambda: self._ledger.depth)
        watch("safety_ruleset_broken", "1 if rule files have an error", self.rules.is_broken)
        for name, text, *kinds in CONTROLS_WATCHED:
            watch(name, text, partial(self._controls.count, *kinds))
        show_models(self._metrics, self.models.broken, self._model_watch.told)
        watch("safety_attack_level", "0, or how high the level is raised", self._raising.height)
        watch("safety_items_open", "Items that wait for a moderator", self._items_open)
        watch_desk(self._metrics, self._engine, self._world.clock)
        for kind in ("proof_of_work", "captcha"):
            watch(
                f"safety_{kind}_broken",
                "1 while nearly nobody passes this challenge",
                partial(self._captchas.watch.is_open, kind),
            )
        watch("safety_hashing_waiting", "Passwords to hash", lambda: self._locks.pool.depth)

    def _items_open(self) -> float:
        try:
            with read(self._engine) as connection:
                return float(sum(items.count_open(connection).values()))
        except Unavailable:
            return math.nan  # the other metrics must still be readable

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Remember the past, take traffic, and at the end write what waits."""
        self._ledger.start()
        restored = restore(self._engine, self._counters, self.rules.prepared(), self._world.clock())
        log.info("counters_restored", decisions=restored.decisions, labels=restored.labels)
        self._refill.start()
        self._asking.bind(asyncio.get_running_loop())
        keepers = self._keepers()
        self._sender.start()
        self._encoder.start(self.rules.prepared().classifiers)
        self._health.is_started = True
        try:
            yield
        finally:
            keepers.stop()
            self._steering.stop()
            self._sender.stop()
            self._asking.bind(None)
            self._locks.pool.stop()
            self._captchas.close()
            self._encoder.stop()
            self._ledger.stop()
            self._engine.dispose()

    def _keepers(self) -> Keepers:
        keepers = Keepers()
        keepers.keep("keys", _KEYS_SECONDS, self.services.keyring.refresh)
        keepers.keep("keyring", _KEYS_SECONDS, self._reread_keyring)
        keepers.keep("rules", self._settings.rules_poll_seconds, self.rules.look)
        keepers.keep("ruleset", min(1.0, self._settings.rules_poll_seconds), self.rules.follow)
        keepers.keep("windows", _CONTROLS_SECONDS, self._refill.look)
        keepers.keep("models", _MODELS_SECONDS, self.models.follow)
        keepers.keep("model-watch", _MODEL_WATCH_SECONDS, self._model_watch.round)
        keepers.keep("model-checks", _MODEL_CHECKS_SECONDS, self._model_watch.check)
        keepers.keep("controls", _CONTROLS_SECONDS, self._controls.refresh)
        keepers.keep("level", _CONTROLS_SECONDS, self._steering.refresh_level)
        keepers.keep("counts", _CONTROLS_SECONDS, self._steering.count)
        keepers.keep("undos", _CONTROLS_SECONDS, self._steering.undo)
        keep_desk(keepers, self.services.review)
        keepers.keep("purge", _PURGE_SECONDS, self.services.accounts.purge.run)
        keepers.keep("segments", _PURGE_SECONDS, self._forget_erased)
        return keepers

    def _forget_erased(self) -> None:
        """What was erased from the ledger leaves the history that backtests read."""
        folder = self._settings.data_dir / "segments"
        if folder.exists():  # most services never backtest: nothing is imported for them
            segments = import_module("safety.training.segments")
            segments.Segments(folder, self.rules.active.bundle.catalogue).forget(self._engine)

    def _reread_keyring(self) -> None:
        """A key that was added beside the running service seals here from now on."""
        self._locks.vault.use(keyring_file.read(self._settings.keyring_file).vault)
