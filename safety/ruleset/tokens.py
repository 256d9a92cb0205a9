"""A first look at a condition's text: slips from other languages, found before Python's parser."""

import re

from safety.ruleset.ir import Span

MAX_CHARACTERS = 2048
MAX_NESTING = 12

_TOKEN = re.compile(
    r"""(?P<string>[A-Za-z]{0,2}(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<name>[^\W\d]\w*)
      | (?P<number>\d[\d.]*e-\w+|\d[\w.]*)
      | (?P<operator>&&|\|\||=>|=<|<>|===|!==|==|!=|<=|>=|\*\*|//|<<|>>
                   |[-+*/%<>=!&|^~@:;,.?\#()\[\]{}])
      | (?P<space>\s+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"\d+(\.\d+)?(e-?\d+)?", re.ASCII)
_DURATION_LIKE = re.compile(r"\d+(\.\d+)?[smhdw]", re.ASCII)
_WORDS = {
    "AND": "and", "OR": "or", "NOT": "not", "IN": "in", "TRUE": "true", "FALSE": "false",
    "None": "missing(x)", "null": "missing(x)", "NULL": "missing(x)",
}  # fmt: skip
_OPERATORS = {
    "&&": "and", "||": "or", "!": "not", "=": "==", "=>": ">=", "=<": "<=", "<>": "!=",
    "===": "==", "!==": "!=", "&": "and", "|": "or",
}  # fmt: skip
_REFUSED = {
    "**": "powers", "//": "whole division", "%": "remainders", "<<": "shifts", ">>": "shifts",
    "^": "bit operations", "~": "bit operations", "@": "matrix products", ";": "several statements",
    ":": "slices and assignments", "?": "this", "{": "sets and mappings", "}": "sets and mappings",
}  # fmt: skip
_PLAIN_ESCAPES = frozenset("\\\"'nt")


class Mistake(Exception):
    """Something an author got wrong, at characters `span` of the condition."""

    def __init__(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.code = code
        self.message = message
        self.span = span
        self.hint = hint
        super().__init__(message)


class Followup(Exception):
    """A name is used whose own mistake has been told already."""


def check_tokens(text: str) -> None:
    """Raise `Mistake` for anything that is spelled as in another language, or is too much."""
    if len(text.encode("utf-8", "replace")) > MAX_CHARACTERS:
        message = f"the condition is longer than {MAX_CHARACTERS} bytes"
        raise Mistake("too-long", message, (0, len(text)), "split it into several lines or rules")
    scan = _Scan()
    for token in _TOKEN.finditer(text):
        if token.lastgroup != "space":
            scan.take(token.lastgroup or "other", token[0], token.span())
    scan.finish(len(text))


class _Scan:
    def __init__(self) -> None:
        self._before: list[tuple[str, str]] = []  # kind and text of the last tokens
        self._open: list[tuple[str, Span]] = []  # "call", "group" or "list", and where

    def take(self, kind: str, text: str, span: Span) -> None:
        getattr(self, f"_{kind}")(text, span)
        self._before.append((kind, text))

    def finish(self, end: int) -> None:
        if self._open:
            raise Mistake("syntax", "this bracket is never closed", self._open[-1][1])
        if not self._before:
            raise Mistake("syntax", "the condition is empty", (0, end))

    def _string(self, text: str, span: Span) -> None:
        if self._before and self._before[-1][0] == "string":
            hint = "put a comma between them"
            raise Mistake("adjacent-strings", "two texts side by side would merge", span, hint)
        prefix = text[: min(text.find(quote) for quote in "\"'" if quote in text)]
        if prefix not in {"", "r"}:
            raise Mistake(
                "syntax", f"texts have no `{prefix}` in front", span, 'write r"..." or "..."'
            )
        escapes = re.findall(r"\\(.)", text, re.DOTALL)
        if not prefix and not _PLAIN_ESCAPES.issuperset(escapes):
            hint = f"write r{text}, so that backslashes mean what they say"
            raise Mistake("escape", "a backslash in a plain text", span, hint)

    def _name(self, text: str, span: Span) -> None:
        if text in _WORDS:
            raise Mistake(
                "spelling", f"`{text}` is not a word here", span, f"write `{_WORDS[text]}`"
            )
        if not text.isascii():  # Python would read look-alikes as the letters they look like
            strange = next(letter for letter in text if not letter.isascii())
            message = f"`{text}` has a letter that no name has: U+{ord(strange):04X}"
            raise Mistake("spelling", message, span, "type it anew, in plain Latin letters")

    def _number(self, text: str, span: Span) -> None:
        if not _NUMBER.fullmatch(text):
            hint = "numbers are written like 3, 0.5 or 1e-6"
            if _DURATION_LIKE.fullmatch(text):
                hint = f'lengths of time are written in quotes: "{text}"'
            raise Mistake("number", f"`{text}` is not a number", span, hint)

    def _operator(self, text: str, span: Span) -> None:
        if text in "([":
            self._enter(text, span)
        elif text in ")]":
            self._leave(span)
        elif text == "#":
            raise Mistake("comment", "a comment inside a condition", span, "put it on its own line")
        elif text in _REFUSED:
            raise Mistake(
                "not-in-language", f"`{text}`: {_REFUSED[text]} are not in the language", span
            )
        elif text in _OPERATORS and not (text == "=" and self._is_keyword()):
            raise Mistake(
                "spelling", f"`{text}` is not used here", span, f"write `{_OPERATORS[text]}`"
            )

    def _other(self, text: str, span: Span) -> None:
        message = "this text is never closed" if text in "\"'" else f"unexpected character {text!r}"
        raise Mistake("syntax", message, span)

    def _enter(self, text: str, span: Span) -> None:
        before = self._before[-1] if self._before else ("", "")
        is_call = before[0] == "name" and before[1] not in {"and", "or", "not", "in"}
        self._open.append(("list" if text == "[" else "call" if is_call else "group", span))
        if len(self._open) > MAX_NESTING:
            raise Mistake(
                "too-deep", f"brackets deeper than {MAX_NESTING}", span, "split the condition"
            )

    def _leave(self, span: Span) -> None:
        if not self._open:
            raise Mistake("syntax", "this bracket was never opened", span)
        self._open.pop()

    def _is_keyword(self) -> bool:
        """Whether an `=` follows the name of an argument: `count(..., by=actor.id)`."""
        inside = bool(self._open) and self._open[-1][0] == "call"
        name = self._before[-1][0] == "name" if self._before else False
        return inside and name and [text for _, text in self._before[-2:-1]] in (["("], [","])
