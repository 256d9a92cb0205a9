"""What the encoder reads: a folded text with everything that is spelt anew each time made one."""

import re

# The most characters that are looked at: the beginning and the end of a longer text.
_HEAD = 700
_TAIL = 300

# Looked for at the beginning of words only: a long run of letters is tried once, not once a letter.
_LINK = re.compile(
    r"(?<![\w.-])(?:https?://)?(?:www\.)?((?:[^\W_][\w-]*\.)+[^\W\d_]{2,24})[/?#:]\S*"
)
_BARE_LINK = re.compile(r"https?://(?:www\.)?|\bwww\.")
_MENTION = re.compile(r"@\w+")
_LONG_NUMBER = re.compile(r"\d{5,}")
# Signs that no word consists of: emoji, arrows, ornaments, what joins and colours them, and halves
# of characters, which no text has that is one.
_PICTURES = re.compile(
    r"[\u200d\u2190-\u2bff\u3000-\u303f\ud800-\udfff\ufe00-\ufe0f\U0001f000-\U0001faff"
    r"\U000e0000-\U000e0fff]+"
)
_PHONE_DIGITS = 9


def reading(folded: str) -> str:
    """The text as the encoder reads it. Never raises; what it looks at is bounded.

    Links keep their host, people lose their names, long numbers become what they are: so two
    senders of the same message read the same.
    """
    if len(folded) > _HEAD + _TAIL:
        folded = f"{folded[:_HEAD]} {folded[-_TAIL:]}"
    if "." in folded:
        folded = _LINK.sub(r" link \1 ", folded)
        folded = _BARE_LINK.sub(" link ", folded)
    if "@" in folded:
        folded = _MENTION.sub("@user", folded)
    folded = _LONG_NUMBER.sub(_said_number, folded)
    if not folded.isascii():
        folded = _PICTURES.sub(" * ", folded)
    return folded


def _said_number(match: re.Match[str]) -> str:
    return " phone " if len(match.group()) >= _PHONE_DIGITS else " number "
