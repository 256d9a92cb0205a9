"""The models in force here: follows the versions that the database names, without a stall."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog
from sqlalchemy import Engine

from safety.classifiers.model_files import ModelRefused
from safety.classifiers.shelf import Shelf
from safety.config import Settings
from safety.decisions.model_versions import ModelVersions
from safety.domain.errors import SafetyError
from safety.domain.ports import Classifier
from safety.store import models
from safety.store.engine import read
from safety.store.models import Pointer

log = structlog.get_logger()

_SHADOW: Final = " (shadow)"
# What could not be loaded is tried again: a disk may be back, or files may have arrived.
_TRY_AGAIN_SECONDS: Final = 30.0


class UseModels(Protocol):
    """Judges with these models, and with these thresholds by model, from now on."""

    def __call__(
        self, classifiers: Sequence[Classifier], thresholds: Mapping[str, float]
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class InForce:
    """The models of one moment. `shadow` are those tried beside the live ones, by model."""

    live: Mapping[str, Classifier] = field(default_factory=dict)
    shadow: Mapping[str, Classifier] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)  # of the live versions
    shadow_thresholds: Mapping[str, float] = field(default_factory=dict)
    troubles: Mapping[str, str] = field(default_factory=dict)


class LiveModels:
    """Loads what is live and what is in shadow; `follow` is called again and again.

    A version that cannot be used never takes a good one's place: what was in force stays, and
    `trouble` says so. At the start there is none yet: then the score is unknown.
    """

    def __init__(
        self, settings: Settings, engine: Engine, clock: Callable[[], float], audit_key: bytes
    ) -> None:
        shelf = Shelf(settings.models_dir, settings.site_models_dir)
        self.versions = ModelVersions(engine, shelf, audit_key, clock)
        self._engine = engine
        self._use: UseModels | None = None
        self._clock = clock
        self._followed, self._tried_at = -1, clock()
        self._wanted: dict[str, tuple[str, str]] = {}
        self.in_force = InForce()
        self.follow()

    def tell(self, use: UseModels) -> None:
        """Say to whoever judges what is in force, now and after every change."""
        self._use = use
        self._hand_over()

    def trouble(self) -> str | None:
        """What cannot be used, and why."""
        found = [f"{name}: {why}" for name, why in sorted(self.in_force.troubles.items())]
        return "; ".join(found) or None

    def broken(self) -> float:
        """How many models cannot be used, for the metrics."""
        return float(len(self.in_force.troubles))

    def follow(self) -> None:
        """Put in force what the database names, once it names something else."""
        with read(self._engine) as connection:
            latest = models.last_sequence(connection)
            if latest == self._followed and not self._is_due():
                return
            pointers = models.pointers(connection)
            thresholds = models.thresholds(connection)
        own = {key: chosen.threshold for key, chosen in thresholds.items()}
        self.in_force = self._loaded(pointers, own)
        self._followed, self._tried_at = latest, self._clock()
        self._hand_over()

    def _is_due(self) -> bool:
        waited = self._clock() - self._tried_at
        return bool(self.in_force.troubles) and waited >= _TRY_AGAIN_SECONDS

    def _hand_over(self) -> None:
        if self._use is not None:
            self._use(tuple(self.in_force.live.values()), self.in_force.thresholds)

    def _loaded(
        self, pointers: Mapping[str, Pointer], own: Mapping[tuple[str, str], float]
    ) -> InForce:
        shelf = self.versions.shelf
        names = sorted({*shelf.names(), *pointers})
        troubles: dict[str, str] = {}
        if not shelf.shipped.is_dir():
            troubles["*"] = "the folder of models cannot be read"
        live: dict[str, Classifier] = {}
        shadow: dict[str, Classifier] = {}
        for name in names:
            pointer = pointers.get(name)
            version = self.versions.live(name, pointer)
            digest = pointer.live_digest if pointer and pointer.live else ""
            self._take(live, self.in_force.live, (name, version, digest), troubles, "")
            if pointer and pointer.shadow:
                wanted = (name, pointer.shadow, pointer.shadow_digest)
                self._take(shadow, self.in_force.shadow, wanted, troubles, _SHADOW)
        return InForce(
            live=live,
            shadow=shadow,
            thresholds=self._thresholds(live, own),
            shadow_thresholds=self._thresholds(shadow, own),
            troubles=troubles,
        )

    def _take(
        self,
        found: dict[str, Classifier],
        before: Mapping[str, Classifier],
        wanted: tuple[str, str, str],
        troubles: dict[str, str],
        kind: str,
    ) -> None:
        """Have a version loaded, or keep the one that is; trouble says why."""
        name, version, digest = wanted
        kept = before.get(name)
        if not version:
            # What exists only as a candidate is in nobody's way.
            if self.versions.shelf.is_model(name):
                troubles[name] = "it has no version"
            return
        if kept is not None and self._wanted.get(name + kind) == (version, digest):
            found[name] = kept
            return
        try:
            self.versions.fetch(name, version)
            found[name] = self.versions.shelf.load(name, version, digest)
            self._wanted[name + kind] = (version, digest)
        except (ModelRefused, SafetyError) as error:
            log.warning("model_not_loaded", model=name, version=version, reason=str(error))
            troubles[name + kind] = f"version {version} cannot be used: {error}"
            if kept is not None:
                found[name] = kept

    def _thresholds(
        self, found: Mapping[str, Classifier], own: Mapping[tuple[str, str], float]
    ) -> dict[str, float]:
        """The site's threshold of each, or that of its card."""
        thresholds = {}
        for name, model in found.items():
            chosen = own.get((name, model.version))
            if chosen is None:
                chosen = self.versions.card(name, model.version).threshold
            thresholds[name] = chosen
        return thresholds
