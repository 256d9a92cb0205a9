"""A fingerprint that copies of one text share, whatever numbers and link paths they vary."""

import re
from hashlib import blake2b

# Shorter texts are shared by chance: "nice one", "happy birthday".
MIN_LETTERS = 20

_MENTION = re.compile(r"(?<!\w)@\w{1,64}")
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_LETTERS = re.compile(r"[^\W\d_]+")


def fingerprint(folded: str) -> str | None:
    """16 hexadecimal digits for a folded text, or None if it has fewer than 20 letters.

    Digits, punctuation, spacing, @names and the paths of links make no difference.
    """
    text = _MENTION.sub("", folded) if "@" in folded else folded
    if "/" in text:
        text = " ".join(map(_without_path, text.split()))
    if text.isascii():
        letters = text.encode().translate(None, _NO_LETTERS)
        count = len(letters)
    else:
        found = "".join(_LETTERS.findall(text))
        letters, count = found.encode("utf-8", "replace"), len(found)
    return blake2b(letters, digest_size=8).hexdigest() if count >= MIN_LETTERS else None


def _without_path(token: str) -> str:
    """Cut a link after its host; any other token stays whole."""
    scheme = token.find("://")
    begin = scheme + 3 if scheme >= 0 else 0
    path = token.find("/", begin)
    return token[:path] if path > begin and "." in token[begin:path] else token
