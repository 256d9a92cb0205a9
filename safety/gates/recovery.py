"""Recovery codes: ten on paper, each good once, for whoever lost their phone.

A code is a selector, by which its row is found, and 80 random bits, of which only a hash is kept.
"""

from dataclasses import dataclass, field

CODES = 10
SECRET_BYTES = 10  # OWASP ASVS 5.0, 6.5.2: below 112 bits, so they are hashed like passwords

_SELECTOR_BYTES = 2
RANDOM_BYTES = CODES * (_SELECTOR_BYTES + SECRET_BYTES)

# Crockford's alphabet: no I, L, O or U, so that nothing on the paper can be read in two ways.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS = 5
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})

_GROUP = 4
_SELECTOR_LENGTH = 4
_SECRET_LENGTH = SECRET_BYTES * 8 // _BITS
_LONGEST_TYPED = 64  # with a hyphen or space after every character it would still fit


@dataclass(frozen=True, slots=True)
class Code:
    """One code: what finds its row, what is hashed, and what its owner writes down."""

    selector: str
    secret: str = field(repr=False)
    text: str = field(repr=False)


def mint(random_bytes: bytes) -> list[Code]:
    """Make ten codes from 120 random bytes.

    Raises `ValueError` when there are fewer or more bytes.
    """
    if len(random_bytes) != RANDOM_BYTES:
        raise ValueError(f"{CODES} recovery codes need {RANDOM_BYTES} random bytes")
    size = _SELECTOR_BYTES + SECRET_BYTES
    return [_code(n, random_bytes[n * size : (n + 1) * size]) for n in range(CODES)]


def parse(text: str) -> tuple[str, str] | None:
    """The selector and the secret in what somebody typed, or None for any other text.

    Small letters, spaces, missing hyphens and the letters O, I and L for 0 and 1 are forgiven.
    """
    if len(text) > _LONGEST_TYPED or not text.isascii():
        return None
    plain = text.strip().upper().translate(_READ_AS)
    is_code = len(plain) == _SELECTOR_LENGTH + _SECRET_LENGTH and set(plain) <= set(_ALPHABET)
    return (plain[:_SELECTOR_LENGTH], plain[_SELECTOR_LENGTH:]) if is_code else None


def _code(number: int, random_bytes: bytes) -> Code:
    # The first character is the code's number: the ten selectors differ, whatever was drawn.
    drawn = _letters(random_bytes[:_SELECTOR_BYTES], _SELECTOR_LENGTH - 1)
    selector = _ALPHABET[number] + drawn
    secret = _letters(random_bytes[_SELECTOR_BYTES:], _SECRET_LENGTH)
    whole = selector + secret
    groups = [whole[i : i + _GROUP] for i in range(0, len(whole), _GROUP)]
    return Code(selector, secret, "-".join(groups))


def _letters(random_bytes: bytes, count: int) -> str:
    number = int.from_bytes(random_bytes, "big")
    return "".join(_ALPHABET[number >> (_BITS * i) & 31] for i in range(count))
