"""Which alphabets a text is written in, and whether words mix them."""

import re
from dataclasses import dataclass
from functools import lru_cache

from safety.text.look_alikes import SEAM

# First and last code point of each script's blocks; what is not here is "other".
_BLOCKS: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x005A, "latin"), (0x0061, 0x007A, "latin"), (0x00AA, 0x024F, "latin"),
    (0x0250, 0x02AF, "latin"), (0x1D00, 0x1D7F, "latin"), (0x1E00, 0x1EFF, "latin"),
    (0x2100, 0x214F, "latin"), (0xFF21, 0xFF5A, "latin"), (0x1D400, 0x1D7FF, "latin"),
    (0x0370, 0x03FF, "greek"), (0x1F00, 0x1FFF, "greek"), (0x0400, 0x052F, "cyrillic"),
    (0x0531, 0x058F, "armenian"), (0x0590, 0x05FF, "hebrew"), (0x0600, 0x06FF, "arabic"),
    (0x0750, 0x077F, "arabic"), (0x0900, 0x097F, "devanagari"), (0x0980, 0x09FF, "bengali"),
    (0x0A00, 0x0A7F, "gurmukhi"), (0x0B80, 0x0BFF, "tamil"), (0x0C00, 0x0C7F, "telugu"),
    (0x0E00, 0x0E7F, "thai"), (0x1000, 0x109F, "burmese"), (0x10A0, 0x10FF, "georgian"),
    (0x1100, 0x11FF, "hangul"), (0x1200, 0x137F, "ethiopic"), (0x1780, 0x17FF, "khmer"),
    (0x3040, 0x309F, "kana"), (0x30A0, 0x30FF, "kana"), (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"), (0xAC00, 0xD7AF, "hangul"), (0x20000, 0x3134F, "han"),
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_SEAM_SEARCHED = 20_000  # characters; a longer text has shown by then what it is
_EMOJI = re.compile(
    "[\u203c\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u27bf\u2934-\u2b55\u3030\u303d\u3297"
    "\u3299\U0001f004-\U0001faff]"
)
NONE = "none"


@dataclass(frozen=True, slots=True)
class Scripts:
    """`main` is the script of most letters, or "none"; `mixed_words` mix Latin and borrowed ones.

    `share` is how many of the letters are of the main script, 0 to 1; 1 without letters.
    """

    main: str
    share: float
    mixed_words: int


def scripts(text: str) -> Scripts:
    """The scripts of a text as it was written. Any text has an answer."""
    if text.isascii():
        has_letters = any(map(str.isalpha, text))
        return Scripts("latin" if has_letters else NONE, 1.0, 0)
    counts: dict[str, int] = {}
    for character in set(text):
        if character.isalpha():
            name = _script_of(character)
            counts[name] = counts.get(name, 0) + text.count(character)
    if not counts:
        return Scripts(NONE, 1.0, 0)
    main = max(counts, key=lambda name: (counts[name], name))
    mixed = 0
    if len(counts) > 1 and "latin" in counts:
        words = _WORD.findall(text[:_SEAM_SEARCHED])
        mixed = sum(SEAM.search(word) is not None for word in words)
    return Scripts(main, counts[main] / sum(counts.values()), mixed)


def count_emoji(text: str) -> int:
    """How many emoji and pictographs a text has; what they are joined with does not count."""
    return 0 if text.isascii() else len(_EMOJI.findall(text))


@lru_cache(maxsize=8192)
def _script_of(character: str) -> str:
    code = ord(character)
    return next((name for first, last, name in _BLOCKS if first <= code <= last), "other")
