"""Reads features.yaml and fixtures.yaml, the words that rules are written in."""

import re
from collections.abc import Mapping
from dataclasses import replace

from safety.domain.features import Catalogue, EventType, Feature, Kind, Source, Value
from safety.domain.habits import BEHAVIOUR
from safety.domain.policies import Rung
from safety.domain.verdicts import FailPolicy, Verdict
from safety.ruleset.findings import Findings, did_you_mean
from safety.ruleset.nodes import Node, Scalar, place_of
from safety.ruleset.reader import Reader

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_FEATURE_KEYS = (
    "type", "source", "description", "events", "example", "personal", "labels_of", "stored",
    "max_length",
)  # fmt: skip
_KINDS = {kind.value: kind for kind in Kind}
_SOURCES = {source.value: source for source in Source}
_VERDICTS = {verdict.word: verdict for verdict in Verdict}
_FAIL_POLICIES = {policy.value: policy for policy in FailPolicy}


class CatalogueFiles:
    """Gathers declarations from several folders; a later folder's replaces an earlier one's."""

    def __init__(self, findings: Findings) -> None:
        self._reader = Reader(findings)
        self._findings = findings
        self._features: dict[str, Feature] = {}
        self._event_types: dict[str, EventType] = {}
        self._labels: dict[str, str] = {}
        self._places: list[tuple[Feature, Node]] = []

    def add_features(self, root: Node) -> None:
        """Take in one features.yaml."""
        sections = ("event_types", "features", "labels")
        parts = self._reader.fields(root, "features.yaml", sections)
        if "event_types" in parts:
            for key, node in self._reader.open_fields(parts["event_types"], "event_types"):
                self._add_event_type(key, node)
        if "features" in parts:
            for key, node in self._reader.open_fields(parts["features"], "features"):
                self._add_feature(key, node)
        if "labels" in parts:
            for key, node in self._reader.open_fields(parts["labels"], "labels"):
                self._labels[key.text] = self._reader.text(node, "a label's meaning") or ""

    def catalogue(self, ladder: tuple[Rung, ...] = ()) -> Catalogue:
        """Everything declared so far, checked for references to names that do not exist."""
        for feature, node in self._places:
            self._check_references(feature, node)
        return Catalogue(dict(self._features), dict(self._event_types), dict(self._labels), ladder)

    def _add_event_type(self, key: Scalar, node: Node) -> None:
        keys = ("fail", "queue", "description")
        parts = self._reader.fields(node, "an event type", (*keys, "points"))
        if not _WORD.fullmatch(key.text):
            self._reader.wrong(key, "an event type is one lower-case word, such as `post`")
        for name in keys:
            if name not in parts:
                self._findings.error("missing-key", f"an event type needs `{name}`", place_of(key))
                return
        fail = self._reader.choice(parts["fail"], "fail policy", _FAIL_POLICIES)
        queue = self._reader.text(parts["queue"], "queue")
        description = self._reader.text(parts["description"], "description")
        if fail and queue and description:
            points = self._thresholds(parts["points"]) if "points" in parts else ()
            self._event_types[key.text] = EventType(key.text, fail, description, queue, points)

    def _thresholds(self, node: Node) -> tuple[tuple[int, Verdict], ...]:
        """`{hold: 10, block: 25}`: how many points of rules bring which verdict."""
        thresholds = []
        for key, part in self._reader.open_fields(node, "points"):
            verdict = self._reader.choice(key, "verdict", _VERDICTS)
            least = self._reader.value(part, Kind.INT, "points")
            if isinstance(least, int) and least < 1:
                self._reader.wrong(part, "a verdict needs at least 1 point")
            if verdict and isinstance(least, int):
                thresholds.append((least, verdict))
        return tuple(sorted(thresholds))

    def _add_feature(self, key: Scalar, node: Node) -> None:
        parts = self._reader.fields(node, "a feature", _FEATURE_KEYS)
        if not _NAME.fullmatch(key.text):
            self._reader.wrong(key, "a feature is named group.name in lower case")
            return
        for name in ("type", "source", "description"):
            if name not in parts:
                self._findings.error("missing-key", f"a feature needs `{name}`", place_of(key))
                return
        kind = self._reader.choice(parts["type"], "type", _KINDS)
        source = self._reader.choice(parts["source"], "source", _SOURCES)
        description = self._reader.text(parts["description"], "description")
        if kind and source and description:
            feature = self._with_options(Feature(key.text, kind, source, description), parts)
            self._features[key.text] = feature
            self._places.append((feature, key))

    def _with_options(self, feature: Feature, parts: Mapping[str, Node]) -> Feature:
        reader = self._reader
        if "events" in parts:
            events = tuple(s.text for s in reader.scalars(parts["events"], "events"))
            feature = replace(feature, events=events)
        if "example" in parts:
            example = reader.value(parts["example"], feature.kind, "example")
            feature = replace(feature, example=example)
        if "max_length" in parts:
            longest = reader.value(parts["max_length"], Kind.INT, "max_length")
            feature = replace(feature, max_length=longest) if isinstance(longest, int) else feature
        if "labels_of" in parts:
            feature = replace(feature, labels_of=reader.text(parts["labels_of"], "labels_of"))
        if "personal" in parts:
            personal = bool(reader.boolean(parts["personal"], "personal"))
            feature = replace(feature, personal=personal)
        if "stored" in parts:
            feature = replace(
                feature, stored=reader.boolean(parts["stored"], "stored") is not False
            )
        return feature

    def _check_references(self, feature: Feature, node: Node) -> None:
        for event in feature.events:
            if event not in self._event_types:
                hint = did_you_mean(event, self._event_types)
                message = f"unknown event type `{event}`"
                self._findings.error("unknown-event-type", message, place_of(node), hint)
        entity = self._features.get(feature.labels_of or "")
        if feature.labels_of and (entity is None or entity.kind is not Kind.ENTITY):
            message = f"`{feature.labels_of}` is not an entity that could carry labels"
            self._findings.error("unknown-feature", message, place_of(node))
        is_state = feature.source is Source.STATE and feature.name not in BEHAVIOUR
        if (feature.labels_of is not None) != is_state:
            message = (
                "a feature with `source: state` lists labels and names their entity in `labels_of`"
                ", or is one of the habits that are remembered of an actor"
            )
            self._findings.error("wrong-value", message, place_of(node))


def read_given(
    reader: Reader, node: Node, kinds: Mapping[str, Kind], what: str
) -> dict[str, Value | None]:
    """Values by feature name, as tests and fixtures give them; `null` says that one is missing."""
    given: dict[str, Value | None] = {}
    for key, part in reader.open_fields(node, what):
        if key.text not in kinds:
            hint = did_you_mean(key.text, kinds)
            message = f"unknown feature `{key.text}`"
            reader.findings.error("unknown-feature", message, place_of(key), hint)
        elif isinstance(part, Scalar) and not part.style and part.text in {"null", "~", ""}:
            given[key.text] = None
        else:
            given[key.text] = reader.value(part, kinds[key.text], f"`{key.text}`")
    return given


def read_fixtures(reader: Reader, root: Node, catalogue: Catalogue) -> dict[str, dict[str, Value]]:
    """A plain good event for each event type, by feature name."""
    fixtures: dict[str, dict[str, Value]] = {}
    for key, node in reader.open_fields(root, "fixtures.yaml"):
        if key.text not in catalogue.event_types:
            hint = did_you_mean(key.text, catalogue.event_types)
            message = f"unknown event type `{key.text}`"
            reader.findings.error("unknown-event-type", message, place_of(key), hint)
            continue
        kinds = {name: feature.kind for name, feature in catalogue.of(key.text).items()}
        given = read_given(reader, node, kinds, "a fixture")
        fixtures[key.text] = {name: value for name, value in given.items() if value is not None}
    return fixtures
