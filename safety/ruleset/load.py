"""Reads rule folders into a bundle: everything is checked, and one error refuses it all."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from safety.domain.features import Catalogue, Value
from safety.domain.lists import ListEntry
from safety.ruleset.bundle import Bundle, Parts, build
from safety.ruleset.catalogue import CatalogueFiles, read_fixtures
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.findings import Findings
from safety.ruleset.labels import check_labels
from safety.ruleset.nodes import Node, SourceFile, place_of, read_documents
from safety.ruleset.policy_files import PolicyFiles
from safety.ruleset.proof import prove
from safety.ruleset.reader import Reader
from safety.ruleset.rulefile import RuleReader, Vocabulary
from safety.ruleset.scans import check_scans
from safety.ruleset.wordlists import ListFiles, WordList

_FEATURES, _POLICIES, _FIXTURES = "features.yaml", "policies.yaml", "fixtures.yaml"
_SPECIAL = frozenset({_FEATURES, _POLICIES, _FIXTURES})
Stamps = tuple[tuple[str, int, int], ...]
_NO_ENTRIES: Mapping[str, Sequence[ListEntry]] = MappingProxyType({})


def load_bundle(
    directories: Sequence[Path],
    entries: Mapping[str, Sequence[ListEntry]] = _NO_ENTRIES,
    *,
    run_tests: bool = True,
    at: float,
    mark: str = "",
) -> Bundle:
    """The ruleset of some folders; a later folder replaces rules, features and lists by name.

    `entries` are list entries added while the service runs; `at` (Unix seconds) is the moment that
    decides which entries have expired. A `mark` becomes part of the version, for what a text says
    that its meaning does not. Raises `RuleFileError` with everything that is wrong.
    """
    loading = _Loading(directories, at)
    bundle = loading.bundle(entries, mark)
    if run_tests:
        prove(bundle, loading.findings)
        loading.findings.raise_errors()
    return bundle


def rule_files(directories: Sequence[Path]) -> list[Path]:
    """Every file that a load of these folders reads, in order."""
    found = []
    for directory in directories:
        found += sorted(directory.glob("*.yaml"))
        found += sorted((directory / "lists").glob("*.txt"))
    return found


def file_stamps(directories: Sequence[Path]) -> Stamps:
    """Each file that a load reads, with when it was written and its size."""
    stamps = []
    for path in rule_files(directories):
        try:
            status = path.stat()
        except FileNotFoundError:  # removed between listing and looking
            continue
        stamps.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(stamps)


class _Loading:
    def __init__(self, directories: Sequence[Path], at: float) -> None:
        self.findings = Findings()
        self._directories = directories
        self._reader = Reader(self.findings)
        self._catalogue = CatalogueFiles(self.findings)
        self._policies = PolicyFiles(self.findings)
        self._lists = ListFiles(self.findings, at)

    def bundle(self, entries: Mapping[str, Sequence[ListEntry]], mark: str) -> Bundle:
        for directory in self._directories:
            if not directory.is_dir():  # its rules would silently be gone
                place = SourceFile(directory.name, "", directory).place(0)
                self.findings.error("no-folder", "this folder of rules is not there", place)
        for directory in self._directories:
            for node in self._documents(directory / _FEATURES):
                self._catalogue.add_features(node)
            for node in self._documents(directory / _POLICIES):
                self._policies.add(node)
            for path in sorted((directory / "lists").glob("*.txt")):
                self._lists.add_file(path, f"{directory.name}/lists/{path.name}")
        catalogue = self._catalogue.catalogue(self._policies.ladder)
        lists = self._lists.lists(entries)
        fixtures = self._fixtures(catalogue)
        rules = self._rules(catalogue, lists)
        check_labels(rules, catalogue, self.findings)
        self.findings.raise_errors()
        warnings = self.findings.warnings
        policies = self._policies.policies
        bundle = build(Parts(catalogue, policies, lists, fixtures, rules, warnings, mark))
        scans = (scan for name in catalogue.event_types for scan in bundle.plan(name).scans)
        check_scans(scans, bundle.compiled, bundle.values_of_lists, self.findings)
        self.findings.raise_errors()
        return bundle

    def _documents(self, path: Path) -> list[Node]:
        name = f"{path.parent.name}/{path.name}"
        if path.is_file():
            return read_documents(path, name, self.findings)
        if path.exists() or path.is_symlink():  # a device would never end, a link may lead nowhere
            place = SourceFile(name, "", path).place(0)
            self.findings.error("not-a-file", "this is no file", place)
        return []

    def _fixtures(self, catalogue: Catalogue) -> dict[str, dict[str, Value]]:
        fixtures: dict[str, dict[str, Value]] = {}
        for directory in self._directories:
            for node in self._documents(directory / _FIXTURES):
                fixtures |= read_fixtures(self._reader, node, catalogue)
        return fixtures

    def _rules(
        self, catalogue: Catalogue, lists: Mapping[str, WordList]
    ) -> tuple[CompiledRule, ...]:
        """The rules of all folders. An id may be used once in each."""
        vocabulary = Vocabulary(catalogue, self._policies.policies, lists.keys())
        rule_reader = RuleReader(self._reader, vocabulary)
        rules: dict[str, CompiledRule] = {}
        for directory in self._directories:
            own: dict[str, CompiledRule] = {}
            for document in self._rule_documents(directory):
                compiled = rule_reader.read(document)
                if compiled is None:
                    continue
                if compiled.rule.id in own:
                    other = own[compiled.rule.id].rule.place
                    message = f"the rule `{compiled.rule.id}` is already at {other}"
                    self.findings.error("duplicate-rule", message, compiled.place)
                own[compiled.rule.id] = compiled
            rules |= own
        return tuple(rules.values())

    def _rule_documents(self, directory: Path) -> Iterator[Node]:
        for path in sorted(directory.glob("*.yaml")):
            if path.name not in _SPECIAL:
                yield from (node for node in self._documents(path) if not _is_empty(node))


def _is_empty(node: Node) -> bool:
    """Whether a document is nothing but comments."""
    return place_of(node).source.strip() in {"", "---"} and getattr(node, "text", None) == ""
