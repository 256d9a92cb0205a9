"""Which characters only pretend to be others: fonts, look-alike letters, invisible characters."""
# ruff: noqa: RUF001 - look-alike characters are what this module is about

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from confusable_homoglyphs import confusables

# One character may become at most this many. NFKC turns one Arabic ligature into eighteen.
MAX_EXPANSION = 4

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ"
# First code points of alphabets that NFKC leaves alone or wraps in brackets.
_ENCLOSED_ALPHABETS = (0x1F150, 0x1F170, 0x1F110, 0x249C)
# Letters that pass for Latin ones at a glance, though Unicode does not list them as confusable.
_AT_A_GLANCE = {
    "в": "b", "к": "k", "м": "m", "н": "h", "т": "t", "г": "r", "и": "u", "п": "n", "я": "r",
    "ш": "w", "ц": "u", "ь": "b", "ё": "e", "ї": "i", "й": "u", "ў": "y", "є": "e", "э": "e",
    "ω": "w", "β": "b", "ε": "e", "η": "n", "κ": "k", "μ": "u", "τ": "t", "χ": "x", "π": "n",
    "θ": "o", "λ": "a", "ς": "c", "ђ": "h", "ћ": "h", "ά": "a", "έ": "e", "ή": "n", "ί": "i",
    "ό": "o", "ύ": "u", "ώ": "w", "ϊ": "i", "ϋ": "u", "š": "s",
}  # fmt: skip

# Scripts whose letters are borrowed as look-alikes.
NON_LATIN = re.compile(
    r"[\u0370-\u03ff\u0400-\u052f\u0531-\u0587\u10a0-\u10ff\u13a0-\u13ff\u1c80-\u1c88"
    r"\u1f00-\u1fff\u2c80-\u2cff\u2de0-\u2dff\ua640-\ua69f\ua4d0-\ua4f7\uab70-\uabbf]"
)
_LATIN_END = 0x250  # Basic Latin to Latin Extended-B
# From here on a text counts as Latin, and a wholly confusable word in it as disguised.
LATIN_SHARE = 0.8
# A word in which letters of both meet, other letters and digits between them or not.
_LATIN_LETTER = r"[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
SEAM = re.compile(
    rf"{_LATIN_LETTER}[^\W_]{{0,64}}?{NON_LATIN.pattern}|{NON_LATIN.pattern}[^\W_]{{0,64}}?{_LATIN_LETTER}"
)

# Zero-width, bidirectional, filler and tag characters, variation selectors and the keycap that
# emoji are made with, lone surrogates.
_INVISIBLE_RANGES = (
    (0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F),
    (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x20E3, 0x20E3), (0x3164, 0x3164), (0xD800, 0xDFFF),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip


def is_invisible(code: int) -> bool:
    """Whether this code point shows nothing and only serves to break words for a filter."""
    return any(first <= code <= last for first, last in _INVISIBLE_RANGES)


def _character_class(ranges: Iterable[tuple[int, int]]) -> str:
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


INVISIBLE = re.compile(f"[{_character_class(_INVISIBLE_RANGES)}]")


def _enclosed() -> dict[str, str]:
    letters = {chr(first + i): c for first in _ENCLOSED_ALPHABETS for i, c in enumerate(_ALPHABET)}
    return letters | {c: _ALPHABET[i] for i, c in enumerate(_SMALL_CAPITALS) if not c.isascii()}


_LETTERS_IN_DISGUISE = _enclosed()


def _plain(character: str) -> str:
    """Lower case without fonts and width; at most MAX_EXPANSION characters."""
    if character in _LETTERS_IN_DISGUISE:
        return _LETTERS_IN_DISGUISE[character]
    plain = character
    for _ in range(MAX_EXPANSION):
        # The dot that lower-casing leaves over a Turkish I would be one more mark to undo.
        following = unicodedata.normalize("NFKC", plain).lower().replace("i\u0307", "i")
        if following == plain:
            break
        plain = following
    return plain if len(plain) <= MAX_EXPANSION else character


class PlainTable(dict[int, str]):
    """Every character's plain form, filled as characters are met: at most one entry each."""

    def __missing__(self, code: int) -> str:
        """Work out one character's plain form and keep it."""
        character = chr(code)
        if is_invisible(code):
            plain = ""
        elif character.isspace() or code == 0x2800:  # noqa: PLR2004 - the blank Braille pattern
            plain = character if character in "\t\n\r" else " "
        elif NON_LATIN.match(character):
            # NFKC would turn a lunate sigma into a final one, which no longer looks like a c.
            plain = character.lower() if len(character.lower()) == 1 else character
        else:
            plain = latin_skeleton(_plain(character)) or _plain(character)
        self[code] = plain
        return plain


PLAIN = PlainTable()


def is_disguised(character: str) -> bool:
    """Whether a character is a font or enclosed form of a plain ASCII letter or digit."""
    if character < "\u0250":
        return False
    plain = PLAIN[ord(character)]
    return len(plain) == 1 and plain.isascii() and plain.isalnum()


class _Disguised(dict[str, bool]):
    """Whether each character is disguised, filled as characters are met."""

    def __missing__(self, character: str) -> bool:
        """Look at one character and remember the answer."""
        self[character] = answer = is_disguised(character)
        return answer


DISGUISED = _Disguised()

# Marks that join the letter before them, and the letters that Korean syllables are composed of.
_COMBINES = re.compile(r"[\u1100-\u11ff\u3099\u309a]")


class _Unremarkable(dict[str, bool]):
    """Whether a character beyond ASCII is only put in lower case, filled as they are met."""

    def __missing__(self, character: str) -> bool:
        """Look at one character and remember the answer."""
        small = character.lower()
        stays = (
            PLAIN[ord(character)] == small
            and len(small) == 1
            and not small.isascii()
            and not unicodedata.category(character).startswith("M")
            and not NON_LATIN.match(character)
            and not _COMBINES.match(character)
        )
        self[character] = stays
        return stays


_UNREMARKABLE = _Unremarkable({chr(code): True for code in range(128)})


def is_unremarkable(text: str) -> bool:
    """Whether nothing beyond ASCII in a text is a disguise, a mark or from a borrowed script.

    Most emoji and the letters of most languages are unremarkable.
    """
    return all(map(_UNREMARKABLE.__getitem__, set(text)))


@cache
def _confusable_data() -> dict[str, list[dict[str, str]]]:
    data: dict[str, list[dict[str, str]]] = confusables.confusables_data
    return data


@cache
def latin_skeleton(character: str) -> str | None:
    """The ASCII letter that a character is made to look like, in lower case, or None."""
    if len(character) != 1 or character < "\u0100" or not character.isalpha():
        return None
    twins = {
        twin["c"]
        for form in (character, character.upper())
        for twin in _confusable_data().get(form, ())
        if len(twin["c"]) == 1 and twin["c"].isascii() and twin["c"].isalpha()
    }
    if not twins:
        return None
    # Preferring lower case keeps "l" apart from "I" as the package itself does.
    return min(twins, key=lambda twin: (twin.isupper(), twin)).lower()


def latin_at_a_glance(character: str) -> str | None:
    """Like `latin_skeleton`, with letters that only resemble a Latin one inside a Latin word."""
    return latin_skeleton(character) or _AT_A_GLANCE.get(character)


def is_latin(character: str) -> bool:
    """Whether a character is a letter of the Latin script."""
    return character.isalpha() and ord(character) < _LATIN_END
