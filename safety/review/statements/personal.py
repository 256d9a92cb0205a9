"""Personal data in a text that must hold none. What is unsure counts as found."""

import re
from typing import Final

# Each is written so that no text makes it slow: no group repeats what another could match.
_KINDS: Final = (
    ("an e-mail address", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.\w{2,}")),
    ("a user's name", re.compile(r"(?<![\w@])@[\w.]{2,}")),
    ("an address of the network", re.compile(r"(?<!\d)(?:\d{1,3}\.){3}\d{1,3}(?!\d)")),
    ("an address of the network", re.compile(r"(?i)(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]")),
    ("a bank account", re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?![a-z])")),
    ("a telephone number", re.compile(r"(?<![\w.])\+?\d(?:[ ()/.-]{0,2}\d){8,14}(?!\w)")),
    ("a link", re.compile(r"(?i)\bhttps?://|\bwww\.")),
)


def personal_data(text: str) -> str | None:
    """What kind of personal data a text seems to hold; None when it seems to hold none."""
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), None)
