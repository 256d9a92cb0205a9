"""Simple counts and shares of a text."""

import re

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
    upper = sum(map(str.isupper, text))
    if not upper:
        return 0.0
    # Circled letters have a case without counting as letters.
    return upper / max(upper, sum(map(str.isalpha, text)))
