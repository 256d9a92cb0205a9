"""What the words of a rule's conditions can mean: features, lists, event types, `let` names."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from safety.domain.features import Catalogue, Feature, Kind, Source
from safety.ruleset.functions import FUNCTIONS
from safety.ruleset.ir import Expression, Read, Span, WindowSpec
from safety.ruleset.spelling import nearest
from safety.ruleset.tokens import Mistake

WINDOW_FUNCTIONS = ("count", "sum", "distinct")
SPECIAL_FUNCTIONS = ("missing", "default", "has_label")


@dataclass(slots=True)
class Scope:
    """The names one rule may use.

    `used` gathers the `let` names that were. `broken` are those whose own text has a mistake, which
    is told once.
    """

    catalogue: Catalogue
    lists: Collection[str]
    events: tuple[str, ...]
    lets: dict[str, Expression] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    def feature(self, name: str, span: Span) -> Feature:
        """The declared feature that each of the rule's events may carry."""
        feature = self.catalogue.features.get(name)
        if feature is None:
            raise Mistake("unknown-feature", f"unknown feature `{name}`", span, self._guess(name))
        self.require_on(feature, self.events, span)
        return feature

    def require_on(self, feature: Feature, events: Collection[str], span: Span) -> None:
        """Raise unless every one of these event types may carry the feature."""
        for event in events:
            if feature.events and event not in feature.events:
                allowed = ", ".join(feature.events)
                message = f"`{feature.name}` is not available for `{event}` events"
                raise Mistake("not-available", message, span, f"it belongs to: {allowed}")

    def read(self, name: str, span: Span) -> Read:
        """A feature as an expression."""
        return Read(name, self.feature(name, span).kind, None, name, span)

    def labels_of(self, group: str, span: Span) -> Read:
        """The label feature of `actor` in `actor.has_label(...)`."""
        feature = self.catalogue.features.get(f"{group}.labels")
        if feature is None or feature.labels_of is None:
            groups = [f.name.removesuffix(".labels") for f in self._label_features()]
            guess = nearest(group, groups)
            hint = f"did you mean `{guess}`?" if guess else f"labels exist for: {', '.join(groups)}"
            raise Mistake("no-labels", f"`{group}` carries no labels", span, hint)
        return self.read(feature.name, span)

    def list_name(self, name: str, span: Span) -> str:
        """A list that exists."""
        if name not in self.lists:
            guess = nearest(name, self.lists)
            known = ", ".join(sorted(self.lists)) or "none yet"
            hint = f"did you mean `lists.{guess}`?" if guess else f"the lists are: {known}"
            raise Mistake("unknown-list", f"unknown list `lists.{name}`", span, hint)
        return name

    def event(self, name: str, span: Span) -> str:
        """An event type that exists."""
        if name not in self.catalogue.event_types:
            guess = nearest(name, self.catalogue.event_types)
            hint = f'did you mean "{guess}"?' if guess else None
            raise Mistake("unknown-event-type", f"unknown event type `{name}`", span, hint)
        return name

    def unknown_function(self, name: str, span: Span) -> Mistake:
        """What to say about a function that does not exist."""
        known = [*FUNCTIONS, *WINDOW_FUNCTIONS, *SPECIAL_FUNCTIONS]
        guess = nearest(name, known)
        hint = f"did you mean `{guess}`?" if guess else f"the functions are: {', '.join(known)}"
        return Mistake("unknown-function", f"unknown function `{name}`", span, hint)

    def is_group(self, name: str) -> bool:
        """Whether features begin with `name.`."""
        return any(feature.startswith(f"{name}.") for feature in self.catalogue.features)

    def check_window(self, spec: WindowSpec, span: Span) -> None:
        """Raise unless the features a window counts by are known when events are counted."""
        for name in filter(None, (spec.by, spec.of)):
            feature = self.catalogue.features[name]
            self.require_on(feature, spec.events, span)
            if feature.source not in {Source.EVENT, Source.DERIVED}:
                message = f"windows cannot use `{name}`: it is not part of the event"
                raise Mistake("not-available", message, span)

    def _label_features(self) -> Iterator[Feature]:
        return (f for f in self.catalogue.features.values() if f.labels_of)

    def _guess(self, name: str) -> str | None:
        features: Mapping[str, Feature] = self.catalogue.features
        guess = nearest(name, [*features, *self.lets])
        if guess:
            return f"did you mean `{guess}`?"
        group = name.partition(".")[0]
        siblings = [other for other in features if other.startswith(f"{group}.")]
        return f"`{group}` has: {', '.join(siblings)}" if siblings else None


def kind_word(expression: Expression) -> str:
    """How messages call the type of an expression."""
    return "window" if isinstance(expression, Read) and expression.window else expression.kind.value


IS_ENTITY = frozenset({Kind.ENTITY})
