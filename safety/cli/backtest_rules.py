"""Which rules a backtest is about: the configured ones, a folder, or one rule in a file."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from safety.assets import shipped
from safety.cli.ground import Ground, UnpreparedError, now
from safety.decisions.versions import RuleVersions
from safety.domain.errors import InvalidInput, NotFound
from safety.ruleset.bundle import Bundle
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.files import RuleFiles
from safety.ruleset.findings import did_you_mean
from safety.ruleset.load import load_bundle
from safety.store import lists
from safety.store.engine import read

WORKING = "working"
# A folder that has all of these stands alone; any other is a site's, over the shipped rules.
_WHOLE = ("features.yaml", "policies.yaml", "fixtures.yaml")


class Rules:
    """Rulesets as they would be loaded at `at`, with what was added to lists.

    Tests beside rules are not run: a backtest is where a rule is tried out.
    """

    def __init__(self, ground: Ground, at: float) -> None:
        self._settings = ground.settings
        self._at = at
        self._versions = RuleVersions(ground.engine, ground.audit_key, now)
        with read(ground.engine) as connection:
            self._entries = lists.all_entries(connection, at)

    @cached_property
    def working(self) -> Bundle:
        """The configured rules, as the files are now."""
        return self._load(self._settings.rule_directories)

    def working_rule(self, name: str) -> CompiledRule | None:
        """One of the configured rules by its id."""
        return next((each for each in self.working.compiled if each.rule.id == name), None)

    def bundle(self, source: str) -> Bundle:
        """The rules that a source names: `working`, nothing, a folder, or a version.

        Raises `UnpreparedError` if there is none of them, `RuleFileError` for wrong rules.
        """
        if source in {"", WORKING}:
            return self.working
        folder = Path(source)
        if not folder.is_dir():
            return self._version(source)
        is_whole = all((folder / name).is_file() for name in _WHOLE)
        return self._load([folder] if is_whole else [shipped("rules"), folder])

    def _version(self, name: str) -> Bundle:
        """A version of `rules history`, with its list entries of then."""
        try:
            kept = self._versions.source(self._versions.named(name).version)
        except (NotFound, InvalidInput):
            raise UnpreparedError(
                f"{name} is no folder of rules and no version of `rules history`: "
                f"name one, or `{WORKING}`."
            ) from None
        files = RuleFiles.from_bytes(kept.files)
        return files.load(kept.entries, at=kept.at, run_tests=False)

    def rule(self, name: str, source: str) -> tuple[Bundle, CompiledRule]:
        """One rule by its id, or the only one of a file, with the ruleset it belongs to.

        Raises `UnpreparedError` when there is not exactly one.
        """
        if Path(name).suffix == ".yaml":
            return self._in_file(Path(name))
        bundle = self.bundle(source)
        try:
            return bundle, bundle.source(name)
        except KeyError:
            hint = did_you_mean(name, (rule.id for rule in bundle.rules))
            raise UnpreparedError(
                f"There is no rule {name}: {hint or 'see the files of rules.'}"
            ) from None

    def _in_file(self, path: Path) -> tuple[Bundle, CompiledRule]:
        """The rule of a file, put over the configured ones."""
        with TemporaryDirectory() as name:
            folder = Path(name) / "given"
            folder.mkdir()
            copyfile(path, folder / path.name)
            bundle = self._load([*self._settings.rule_directories, folder])
        found = [c for c in bundle.compiled if c.place.file == f"given/{path.name}"]
        if len(found) != 1:
            raise UnpreparedError(f"{path} holds {len(found)} rules: put one rule into it.")
        return bundle, found[0]

    def _load(self, folders: Sequence[Path]) -> Bundle:
        return load_bundle(folders, self._entries, run_tests=False, at=self._at)
