"""What the commands about models stand on: versions, rules in force and what people said."""

from collections.abc import Callable
from functools import cache

from safety.classifiers.shelf import Shelf
from safety.cli.ground import Ground, now, operator
from safety.config import Settings
from safety.decisions.judge import Prepared
from safety.decisions.model_versions import By, ModelVersions
from safety.decisions.versions import RuleVersions
from safety.ruleset.files import RuleFiles
from safety.ruleset.load import load_bundle
from safety.training.desk_evidence import DeskEvidence
from safety.training.promoting import Promoting


def shelf_of(settings: Settings) -> Shelf:
    """Where the versions of models stand."""
    return Shelf(settings.models_dir, settings.site_models_dir)


def versions_of(ground: Ground) -> ModelVersions:
    """The versions of an installation's models."""
    return ModelVersions(ground.engine, shelf_of(ground.settings), ground.audit_key, now)


def evidence_of(ground: Ground) -> DeskEvidence:
    """What the people of an installation said of its decisions."""
    return DeskEvidence(ground.engine, _prepared(ground), now)


def promoting_of(ground: Ground) -> Promoting:
    """The way of a candidate to live."""
    return Promoting(versions_of(ground), evidence_of(ground))


def by(why: str) -> By:
    """The person at this prompt, and why."""
    return By(operator(), why)


def _prepared(ground: Ground) -> Callable[[], Prepared]:
    """The rules in force, or those of the folders where nothing was published yet."""

    @cache
    def prepared() -> Prepared:
        rules = RuleVersions(ground.engine, ground.audit_key, now)
        active = rules.active()
        if active is None:
            folders = ground.settings.rule_directories
            return Prepared(load_bundle(folders, run_tests=False, at=now()), ())
        source = rules.source(active.version)
        files = RuleFiles.from_bytes(source.files)
        return Prepared(files.load(source.entries, at=source.at, run_tests=False), ())

    return prepared
