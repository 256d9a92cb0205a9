"""Texts rewritten the way senders evade filters: for training, and to measure what survives."""
# ruff: noqa: RUF001 - look-alike characters are what this module is about

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

_HOMOGLYPHS = {
    "a": "аɑα", "c": "сϲ", "e": "еҽ", "i": "іı", "o": "оοօ", "p": "рρ", "x": "хχ", "y": "уү",
    "s": "ѕ", "j": "ј", "h": "һ", "d": "ԁ", "q": "ԛ", "w": "ԝ", "A": "АΑ", "B": "ВΒ", "C": "С",
    "E": "ЕΕ", "H": "НΗ", "K": "КΚ", "M": "МΜ", "O": "ОΟ", "P": "РΡ", "T": "ТΤ", "X": "ХΧ",
}  # fmt: skip
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_LEET = {"a": "4@", "e": "3", "i": "1", "o": "0", "s": "5$", "t": "7"}
_MARKS = "\u0332\u0336\u0323\u035f\u0307\u0301"
# First code point of an alphabet's capitals and of its small letters.
_FONTS = (
    (0x1D400, 0x1D41A), (0x1D468, 0x1D482), (0x1D5D4, 0x1D5EE), (0x1D63C, 0x1D656),
    (0x1D670, 0x1D68A), (0x24B6, 0x24D0), (0xFF21, 0xFF41),
)  # fmt: skip

# How much of a text each disguise touches.
_HOMOGLYPH_SHARE = 0.6
_ZERO_WIDTH_SHARE = 0.4
_LEET_SHARE = 0.5
_SPACED_SHARE = 0.5
_TYPO_SHARE = 0.3
_SHORT = 3  # words up to this length are left alone
_EVEN = 0.5
_PIERCED_SHARE = 0.34
_BESIDE = 5
PASSAGES = (6, 10, 16)
_SIGNS = ".-_*~'^,;!"
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)\S+|\b[a-z0-9-]+\.(?:com|net|org|io|me)\b\S*")
_LINK_LAST_SHARE = 0.8

Disguise = Callable[[str, Random, Sequence[str]], str]


def homoglyphs(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """Replace six in ten letters that have a look-alike."""
    return "".join(
        random.choice(_HOMOGLYPHS[c])
        if c in _HOMOGLYPHS and random.random() < _HOMOGLYPH_SHARE
        else c
        for c in text
    )


def zero_width(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """Put an invisible character behind four in ten letters."""
    return "".join(
        c + random.choice(_ZERO_WIDTH) if c.isalpha() and random.random() < _ZERO_WIDTH_SHARE else c
        for c in text
    )


def combining(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """Put one kind of mark on every letter and digit."""
    mark = random.choice(_MARKS)
    return "".join(c + mark if c.isalnum() else c for c in text)


def font(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """Write the text in one of the mathematical, circled or wide alphabets."""
    capital, small = random.choice(_FONTS)
    return "".join(
        chr(capital + ord(c) - 65) if "A" <= c <= "Z"
        else chr(small + ord(c) - 97) if "a" <= c <= "z"
        else c
        for c in text
    )  # fmt: skip


def leet(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """Write half of the letters that have a digit as that digit."""
    return "".join(
        random.choice(_LEET[c]) if c in _LEET and random.random() < _LEET_SHARE else c for c in text
    )


def spaced(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """Space out half of the words of four letters or more."""
    return "  ".join(
        " ".join(word)
        if len(word) > _SHORT and word.isalpha() and random.random() < _SPACED_SHARE
        else word
        for word in text.split(" ")
    )


def typos(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """Swap, drop or double a letter in three of ten words."""
    return " ".join(
        _mistype(word, random) if len(word) > _SHORT and random.random() < _TYPO_SHARE else word
        for word in text.split(" ")
    )


def _mistype(word: str, random: Random) -> str:
    place = random.randrange(1, len(word) - 1)
    return random.choice(
        (
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
        )
    )


def padding(text: str, random: Random, ham: Sequence[str]) -> str:
    """Hide the text beside a genuine one."""
    if not ham:
        return text
    genuine = random.choice(ham)[:200]
    return f"{genuine} {text}" if random.random() < _EVEN else f"{text} {genuine}"


def passage(text: str, random: Random, ham: Sequence[str], *, is_whole: bool) -> str:
    """What a look at a few words of a longer text sees: the text among parts of genuine ones.

    A text that is not to stay whole is cut, too.
    """
    before = random.choice(ham).split() if ham else []
    after = random.choice(ham).split() if ham else []
    left, right = random.randint(0, _BESIDE), random.randint(0, _BESIDE)
    own = text.split()
    if is_whole:
        return " ".join([*before[len(before) - left :], *own, *after[:right]])
    words = [*before, *own, *after]
    size = random.choice(PASSAGES)
    start = random.randint(0, max(0, len(words) - size))
    return " ".join(words[start : start + size])


def punctuation(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """Break every third longer word with a sign, and end words with stray ones."""
    return " ".join(
        _pierced(word, random.choice(_SIGNS), random)
        if len(word) > _SHORT and random.random() < _PIERCED_SHARE
        else word
        for word in text.split(" ")
    )


def _pierced(word: str, sign: str, random: Random) -> str:
    place = random.randrange(1, len(word))
    return word[:place] + sign + word[place:]


def emoji(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """Put an emoji behind a third of the words, inside some of them."""
    words = []
    for word in text.split(" "):
        picture = random.choice(_EMOJI)
        if random.random() < _PIERCED_SHARE:
            inside = len(word) > _SHORT and random.random() < _EVEN
            words.append(_pierced(word, picture, random) if inside else f"{word} {picture}")
        else:
            words.append(word)
    return " ".join(words)


def links(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """Write links so that they are not read as links: defanged, spelt out, in capitals."""
    trick = random.choice(
        (
            lambda link: link.replace("http", "hxxp").replace(".", "[.]"),
            lambda link: link.replace("https://", "").replace("http://", "").replace(".", " dot "),
            lambda link: link.replace(".", "(.)"),
            lambda link: link.replace(".", "\u3002"),
            str.upper,
        )
    )
    return _LINK.sub(lambda found: trick(found.group()), text)


def mixed(text: str, random: Random, ham: Sequence[str]) -> str:
    """Two disguises, one over the other."""
    first, second = random.sample((typos, leet, homoglyphs, zero_width, spaced), 2)
    return second(first(text, random, ham), random, ham)


# The disguises that training texts are copied with.
DISGUISES: Mapping[str, Disguise] = {
    "homoglyphs": homoglyphs,
    "zero width": zero_width,
    "combining": combining,
    "font": font,
    "leet": leet,
    "spaced": spaced,
    "typos": typos,
    "padding": padding,
    "mixed": mixed,
    "punctuation": punctuation,
    "emoji": emoji,
    "links": links,
}

_HOSTS = (
    "youtu.be", "www.youtube.com", "en.wikipedia.org", "github.com", "imgur.com", "www.bbc.co.uk",
    "open.spotify.com", "www.nytimes.com", "maps.google.com", "www.reddit.com", "soundcloud.com",
    "docs.google.com", "stackoverflow.com", "www.theguardian.com", "id.wikipedia.org",
)  # fmt: skip
_SYLLABLES = ("ka", "lo", "ri", "men", "to", "sa", "vel", "mi", "dor", "pan", "tu", "be")
_SUFFIXES = ("com", "org", "net", "de", "co.uk", "info", "id", "nl")
_EMOJI = "😀😂🤣😊😍🥰😎👍🙏🔥💯🎉❤😭👏✨😅🤔💪🎶"
_BEFORE_LINK = ("", "", "", "source: ", "see ", "from here ", "this one: ", "here ")


def a_name(random: Random) -> str:
    """A made-up name of two or three syllables."""
    return "".join(random.choices(_SYLLABLES, k=random.randint(2, 3)))


def a_link(random: Random) -> str:
    """A link to a well-known host or to a made-up one."""
    known = random.random() < _EVEN
    host = random.choice(_HOSTS) if known else f"{a_name(random)}.{random.choice(_SUFFIXES)}"
    scheme = random.choice(("https://", "https://", "http://", ""))
    path = "".join(random.choices("abcdefghijkmnopqrstuvwxyz0123456789-_", k=random.randint(4, 14)))
    return f"{scheme}{host}/{path}"


def with_link(text: str, random: Random) -> str:
    """A genuine text as people send it with a link to something they talk about."""
    link = random.choice(_BEFORE_LINK) + a_link(random)
    return f"{text} {link}" if random.random() < _LINK_LAST_SHARE else f"{link} {text}"


def with_emoji(text: str, random: Random) -> str:
    """The text with one to four emoji."""
    return text + random.choice(("", " ")) + "".join(random.choices(_EMOJI, k=random.randint(1, 4)))


def with_mention(text: str, random: Random) -> str:
    """The text addressed to somebody."""
    number = str(random.randint(1, 99)) if random.random() < _EVEN else ""
    return f"@{a_name(random)}{number} {text}"
