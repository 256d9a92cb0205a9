"""Text patterns, always through RE2: what is refused, and one scan for all patterns of a text."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

import re2

# Patterns see this many characters of a text; RE2 is linear, and this bounds its cost.
SCANNED_CHARACTERS = 20_000
MAX_GAP = 20
# The functions whose patterns share one scan of a text.
SCANNED_FUNCTIONS = frozenset({"matches", "contains_any"})
MAX_GAP_PRODUCT = 400
# What the automaton of one scan may use; 10,000 words need about a tenth of it.
_MEMORY_BYTES = 128 << 20

_WORD_START = r"(?:^|[^\p{L}\p{N}_])"
_WORD_END = r"(?:$|[^\p{L}\p{N}_])"
_MATCHES_NOTHING = r"[^\x{0}-\x{10FFFF}]"
# Scripts written without spaces: a word there may begin in the middle of a run of letters.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")

_TOKEN = re.compile(
    r"\\[pP]\{\^?\w+\}|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\{(?P<low>\d+)(?P<comma>,)?(?P<high>\d*)\}|.",
    re.DOTALL,
)
_LOOKS = ("(?=", "(?!", "(?<=", "(?<!")
# What RE2 says of constructs that other engines have, and what to write instead.
_AS_WRITTEN = "patterns are written r'...'"
_ABROAD = {
    r"\Z": r"write \z for the end of the text",
    "invalid repetition size": "RE2 repeats at most 1,000 times, repetitions in each other "
    "multiplied: write `*` or `+`",
    "bad repetition operator": "RE2 never backtracks: write the plain `*`, `+` or `?`",
    "(?>": "RE2 never backtracks: a plain group `(?:...)` does the same",
    "(?(": "write the two cases as alternatives, joined by `|`",
    "invalid character class range": "a `-` stands first or last in `[...]`",
}


def refusal(pattern: str) -> tuple[str, str] | None:
    """Why a pattern may not be used, with a hint, or None when it may."""
    for look in _LOOKS:
        if look in pattern:
            return (
                f"`{look}` (look-around) is not supported by RE2",
                "match the text itself and put the exclusion into `and not` or `unless`",
            )
    if re.search(r"(?<!\\)(?:\\\\)*(?:\\[1-9]|\\k[<'{]|\(\?P=)", pattern):
        return "back-references such as `\\1` are not supported by RE2", "spell the repetition out"
    try:
        re2.compile(pattern, _options())
    except re2.error as trouble:
        detail = trouble.args[0] if trouble.args else "unreadable"
        words = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
        hint = next((told for part, told in _ABROAD.items() if part in words), _AS_WRITTEN)
        return f"RE2 cannot read this pattern: {words}", hint
    return _gap_refusal(pattern)


def _gap_refusal(pattern: str) -> tuple[str, str] | None:
    """Counted gaps multiply the states of a scan, so they are bounded."""
    product = 1
    before = ""
    for token in _TOKEN.finditer(pattern):
        if token["low"] is not None and _is_wide(before):
            gap = int(token["high"] or token["low"])
            product *= max(gap, 1)
            if gap > MAX_GAP:
                return (
                    f"the gap `{before}{token[0]}` is longer than {MAX_GAP}",
                    "use `*` or a shorter gap",
                )
        before = token[0]
    if product > MAX_GAP_PRODUCT:
        return (
            f"the gaps of this pattern multiply to {product}, more than {MAX_GAP_PRODUCT}",
            "use `*`",
        )
    return None


def _is_wide(token: str) -> bool:
    """Whether a repeated piece of a pattern matches nearly anything."""
    return token in {".", ")", r"\S", r"\W", r"\D", r"\w"} or token.startswith(("[^", r"\P"))


@lru_cache(maxsize=512)
def word_pattern(words: frozenset[str]) -> str:
    """A pattern that finds any of the words as whole words, upper or lower case."""
    groups: dict[tuple[str, str], list[str]] = {}
    for word in sorted(filter(None, words)):
        start = _WORD_START if _is_bounded(word[0]) else ""
        end = _WORD_END if _is_bounded(word[-1]) else ""
        groups.setdefault((start, end), []).append(re2.escape(word))
    if not groups:
        return _MATCHES_NOTHING
    parts = [f"{start}({'|'.join(found)}){end}" for (start, end), found in groups.items()]
    return f"(?i)(?:{'|'.join(parts)})"


def _is_bounded(letter: str) -> bool:
    """Whether a word that begins or ends with this character needs a boundary there."""
    if not (letter.isalnum() or letter == "_"):
        return False
    return not unicodedata.name(letter, "").startswith(_UNSPACED)


def as_bytes(text: str) -> bytes:
    """The part of a text that patterns see; lone surrogates become question marks."""
    return text[:SCANNED_CHARACTERS].encode("utf-8", "replace")


def found(pattern: str, text: str) -> bool:
    """Whether the pattern occurs in the text."""
    return _compiled(pattern).search(as_bytes(text)) is not None


def spans(pattern: str, text: str) -> list[tuple[int, int]]:
    """Where the pattern occurs, in characters; empty matches are left out."""
    readable = as_bytes(text).decode()
    return [m.span() for m in _compiled(pattern).finditer(readable) if m.end() > m.start()]


def word_spans(words: frozenset[str], text: str) -> list[tuple[int, int]]:
    """Where any of the words occurs, in characters, without the boundaries around it."""
    readable = as_bytes(text).decode()
    pattern = _compiled(word_pattern(words))
    places = []
    match = pattern.search(readable)
    while match is not None:
        group = next(number for number in range(1, pattern.groups + 1) if match.group(number))
        places.append(match.span(group))
        match = pattern.search(readable, match.end(group))
    return places


class Scanner:
    """Looks for many patterns in one pass over a text."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._set = re2.Set.SearchSet(_options())
        for pattern in patterns:
            self._set.Add(pattern)
        self._set.Compile()

    def hits(self, text: str) -> frozenset[int]:
        """The indexes of the patterns that occur, and -1, so that the answer is never empty."""
        matched: Iterable[int] | None = self._set.Match(as_bytes(text))
        return frozenset((-1, *matched)) if matched else _NO_HITS


_NO_HITS = frozenset({-1})


@lru_cache(maxsize=2048)
def _compiled(pattern: str) -> "re2._Regexp":
    return re2.compile(pattern, _options())


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    return options
