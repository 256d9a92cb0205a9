"""Reads the tests that stand beside a rule."""

from collections.abc import Mapping

from safety.domain.features import Kind, Value
from safety.ruleset.catalogue import read_given
from safety.ruleset.compiled import Condition, RuleTest
from safety.ruleset.ir import Read, reads
from safety.ruleset.nodes import Items, Node, place_of
from safety.ruleset.reader import Reader
from safety.ruleset.scope import Scope

_MATCHES = {"match": True, "no match": False}
_KEYS = ("name", "expect", "given", "event")


class ExampleReader:
    """Reads one rule's tests, in the words of its scope and of the windows its `lines` read."""

    def __init__(self, reader: Reader, scope: Scope, lines: tuple[Condition, ...]) -> None:
        self._reader = reader
        self._scope = scope
        self._windows = _windows_by_name(lines, scope)

    def read(self, node: Node) -> tuple[RuleTest, ...]:
        """The tests of a `tests:` list; those that cannot be understood become findings."""
        if not isinstance(node, Items):
            self._reader.wrong(node, "tests must be a list")
            return ()
        read = (self._test(item) for item in node.items)
        return tuple(test for test in read if test)

    def _test(self, item: Node) -> RuleTest | None:
        parts = self._reader.fields(item, "a test", _KEYS)
        for key in ("name", "expect"):
            if key not in parts:
                message = f"a test needs `{key}`"
                self._reader.findings.error("missing-key", message, place_of(item))
                return None
        name = self._reader.text(parts["name"], "name")
        expect = self._reader.text(parts["expect"], "expect")
        if name is None or expect not in _MATCHES:
            self._reader.wrong(parts["expect"], "`expect` is `match` or `no match`")
            return None
        event = self._event(parts)
        given = self._given(event, parts["given"]) if "given" in parts else {}
        return RuleTest(name, event, _MATCHES[expect], given, place_of(item))

    def _event(self, parts: Mapping[str, Node]) -> str:
        """The event type the test starts from: the rule's first unless it says otherwise."""
        events = self._scope.events
        event = self._reader.text(parts["event"], "event") if "event" in parts else events[0]
        if event not in events:
            self._reader.wrong(
                parts["event"], "the test's event must be one of the rule's `events`"
            )
            return events[0]
        return event

    def _given(self, event: str, node: Node) -> dict[str, Value | None]:
        features = self._scope.catalogue.of(event).items()
        kinds = {name: feature.kind for name, feature in features}
        kinds |= dict.fromkeys(self._windows, Kind.FLOAT)
        given = read_given(self._reader, node, kinds, "given")
        windows = self._windows
        return {windows[n].name if n in windows else n: value for n, value in given.items()}


def _windows_by_name(lines: tuple[Condition, ...], scope: Scope) -> dict[str, Read]:
    """The windows a test may set: by `let` name, and by canonical text."""
    named = {n: e for n, e in scope.lets.items() if isinstance(e, Read) and e.window}
    written = {r.name: r for line in lines for r in reads(line.expression) if r.window}
    return written | named
