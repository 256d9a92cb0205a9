"""The form in which a username is unique: case, accents, fonts and look-alikes folded away."""

import unicodedata
from collections.abc import Mapping
from functools import cache

from confusable_homoglyphs import categories, confusables

from safety.text.look_alikes import NON_LATIN, PLAIN, latin_skeleton

SEPARATORS = "._-"

# What nobody tells apart at a glance, in some font: I, l and 1; O and 0; the separators.
_TWINS = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"} | dict.fromkeys("._", "-"))
_PAIRS = (("rn", "m"), ("vv", "w"))
# Letters with a stroke through them, which Unicode does not take apart.
_STRUCK = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ƶ": "z", "æ": "ae", "œ": "oe"}
)
# Scripts whose accents only change a letter, never make another syllable of it.
_ACCENTED_SCRIPTS = frozenset({"LATIN", "GREEK", "CYRILLIC"})


def key_of(name: str) -> str:
    """The key of a name in NFKC: two names with one key cannot both exist."""
    folded = unicodedata.normalize("NFKC", name.casefold())
    bare = _without_accents(folded).translate(_STRUCK)
    plain = "".join(map(_plain, bare)).translate(_TWINS)
    for pair, one in _PAIRS:
        plain = plain.replace(pair, one)
    return plain


def script_of(character: str) -> str:
    """The name of a character's script, such as `LATIN`, `COMMON` or `Unknown`."""
    return str(categories.alias(character))


def _without_accents(text: str) -> str:
    kept: list[str] = []
    is_accented_script = False
    for character in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(character):
            is_accented_script = script_of(character) in _ACCENTED_SCRIPTS
        elif is_accented_script:
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


@cache
def _plain(character: str) -> str:
    """The character that stands for all that look like this one."""
    if character.isascii():
        return character
    if NON_LATIN.match(character):
        return latin_skeleton(character) or _classes().get(character, character)
    plain = PLAIN[ord(character)] or character
    return plain if plain != character else _classes().get(character, character)


@cache
def _classes() -> Mapping[str, str]:
    """For each character the one that stands for all that look like it (Unicode's confusables)."""
    leaders: dict[str, str] = {}

    def leader(character: str) -> str:
        while (above := leaders.setdefault(character, character)) != character:
            character = above
        return character

    for character, twins in confusables.confusables_data.items():
        for twin in twins:
            if len(character) == len(twin["c"]) == 1:
                pair = (leader(character), leader(twin["c"]))
                first, second = sorted(pair, key=_least_first)
                leaders[second] = first
    return {character: leader(character).casefold() for character in leaders}


def _least_first(character: str) -> tuple[bool, str]:
    """Characters that normalisation would replace come last."""
    return not unicodedata.is_normalized("NFKC", character), character
