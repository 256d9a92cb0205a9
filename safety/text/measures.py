"""Simple counts and shares of a text."""

import re

_UPPER = bytes(range(ord("A"), ord("Z") + 1))
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_MENTION = re.compile(r"(?<![\w.+-])@\w[\w.]{0,63}")
_HASHTAG = re.compile(r"(?<![\w&])[#\uff03](?=\w{0,100}[^\W\d_])\w")


def count_mentions(text: str) -> int:
    """How many @names a text has; e-mail addresses do not count."""
    return len(_MENTION.findall(text)) if "@" in text else 0


def count_hashtags(text: str) -> int:
    """How many #tags a text has; a tag has at least one letter."""
    return len(_HASHTAG.findall(text)) if "#" in text or "\uff03" in text else 0


def uppercase_share(text: str) -> float:
    """The share of letters, 0 to 1, that are upper case; 0 without letters."""
    if text.isascii():
        return _uppercase_share_of_ascii(text.encode())
    upper = sum(map(str.isupper, text))
    if not upper:
        return 0.0
    # Circled letters have a case without counting as letters.
    return upper / max(upper, sum(map(str.isalpha, text)))


def _uppercase_share_of_ascii(text: bytes) -> float:
    upper = len(text) - len(text.translate(None, _UPPER))
    return upper / len(text.translate(None, _NO_LETTERS)) if upper else 0.0
