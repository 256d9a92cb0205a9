"""Reads typed settings out of nodes; whatever has the wrong shape becomes a finding and None."""

import re
from collections.abc import Collection, Mapping
from typing import TypeVar

from safety.domain.features import Kind, Value
from safety.ruleset.durations import parse_duration, parse_time
from safety.ruleset.findings import Findings, did_you_mean
from safety.ruleset.nodes import Fields, Items, Node, Scalar, place_of

_Choice = TypeVar("_Choice")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
# Ten years: beyond it an end is a mistake, and no calendar may reach that far.
_LONGEST_DAYS = 3650
_INT = re.compile(r"-?\d{1,15}", re.ASCII)
_FLOAT = re.compile(r"-?\d{1,15}(\.\d{1,15})?(e-?\d{1,2})?", re.ASCII)
_YAML_BOOLS = frozenset({"yes", "no", "on", "off", "y", "n"})

# Why YAML may have read something else than the text that was meant.
_QUOTED = "a text with `: ` in it, or that begins with `[` or `{`, needs single quotes around it"


class Reader:
    """Turns nodes into values and notes in `findings` what does not fit."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def fields(
        self, node: Node, what: str, known: Collection[str], hints: Mapping[str, str] | None = None
    ) -> dict[str, Node]:
        """The entries of a mapping; keys that are not `known` are errors."""
        entries = self.open_fields(node, what)
        for key, _ in entries:
            if key.text not in known and not self.findings.is_full:
                hint = (hints or {}).get(key.text) or did_you_mean(key.text, known)
                message = f"unknown key `{key.text}` in {what}"
                self.findings.error("unknown-key", message, place_of(key), hint)
        return {key.text: value for key, value in entries if key.text in known}

    def open_fields(self, node: Node, what: str) -> tuple[tuple[Scalar, Node], ...]:
        """The entries of a mapping whose keys are names the author chooses."""
        if isinstance(node, Fields):
            return node.entries
        self.wrong(node, f"{what} must be a mapping of keys to values")
        return ()

    def scalar(self, node: Node, what: str) -> Scalar | None:
        """A single non-empty value."""
        if isinstance(node, Scalar) and node.text.strip():
            return node
        hint = None if isinstance(node, Scalar) else _QUOTED
        self.wrong(node, f"{what} must be a text that is not empty", hint)
        return None

    def text(self, node: Node, what: str) -> str | None:
        """The text of a single value, trimmed."""
        scalar = self.scalar(node, what)
        return scalar.text.strip() if scalar else None

    def scalars(self, node: Node, what: str) -> list[Scalar]:
        """A list of single values; one value alone counts as a list of one."""
        nodes = node.items if isinstance(node, Items) else (node,)
        if not nodes:
            self.wrong(node, f"{what} must hold something: an empty list says nothing")
        return [scalar for item in nodes if (scalar := self.scalar(item, what))]

    def word(self, node: Node, what: str) -> str | None:
        """A name that stands in addresses, figures and answers: no spaces, no marks."""
        text = self.text(node, what)
        if text is not None and not _PLAIN_WORD.fullmatch(text):
            self.wrong(node, f"{what} must be letters, digits, `-`, `_` and `.`, at most 80")
            return None
        return text

    def choice(self, node: Node, what: str, options: Mapping[str, _Choice]) -> _Choice | None:
        """One of some words."""
        word = self.text(node, what)
        if word is None:
            return None
        if word not in options:
            hint = did_you_mean(word, options) or f"use one of: {', '.join(options)}"
            article = "an" if what[0] in "aeiou" else "a"
            message = f"`{word}` is not {article} {what}"
            code = f"unknown-{what.replace(' ', '-')}"
            self.findings.error(code, message, place_of(node), hint)
            return None
        return options[word]

    def boolean(self, node: Node, what: str) -> bool | None:
        """`true` or `false`, spelled out."""
        if isinstance(node, Scalar) and not node.style and node.text in {"true", "false"}:
            return node.text == "true"
        word = node.text.lower() if isinstance(node, Scalar) else ""
        hint = "only true and false are read as yes and no here" if word in _YAML_BOOLS else None
        self.wrong(node, f"{what} must be true or false", hint)
        return None

    def duration(self, node: Node, what: str) -> float | None:
        """A length of time in seconds."""
        text = self.text(node, what)
        seconds = None if text is None else parse_duration(text)
        if text is not None and seconds is None:
            self.wrong(node, f"{what} must be a length of time such as 10m, 3h or 7d")
        elif seconds is not None and not 0 < seconds <= _LONGEST_DAYS * 86_400:
            self.wrong(node, f"{what} must be longer than nothing and at most {_LONGEST_DAYS}d")
            return None
        return seconds

    def value(self, node: Node, kind: Kind, what: str) -> Value | None:
        """A value of the kind that the catalogue declares."""
        if kind is Kind.STRINGS:
            return self._strings(node, what)
        if kind is Kind.BOOL:
            return self.boolean(node, what)
        if not isinstance(node, Scalar):
            self.wrong(node, f"{what} must be a single {kind.value}")
            return None
        value = _typed(node.text, kind)
        if value is None:
            self.wrong(node, f"{what} must be {_EXPECTED[kind]}")
        return value

    def wrong(self, node: Node, message: str, hint: str | None = None) -> None:
        """Note that a node has the wrong shape."""
        self.findings.error("wrong-value", message, place_of(node), hint)

    def _strings(self, node: Node, what: str) -> tuple[str, ...] | None:
        if not isinstance(node, Items):
            self.wrong(node, f"{what} must be a list such as [a, b]")
            return None
        return tuple(item.text for item in node.items if isinstance(item, Scalar))


_EXPECTED = {
    Kind.INT: "a whole number",
    Kind.FLOAT: "a number",
    Kind.DURATION: "a length of time such as 10m, 3h or 7d",
    Kind.TIME: "a moment such as 2026-11-20T09:30:00Z",
    Kind.STRING: "a text",
    Kind.ENTITY: "a text",
}


def _typed(text: str, kind: Kind) -> Value | None:
    """Read a scalar's text as a value of this kind, or None."""
    if kind is Kind.INT:
        return int(text) if _INT.fullmatch(text) else None
    if kind is Kind.FLOAT:
        return float(text) if _FLOAT.fullmatch(text) else None
    if kind is Kind.DURATION:
        return parse_duration(text)
    if kind is Kind.TIME:
        return parse_time(text)
    return text
