"""Usernames and e-mail addresses: what is allowed, and the form in which each is unique."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise

from email_validator import EmailNotValidError, validate_email

from safety.domain.errors import FieldError, InvalidInput
from safety.gates.name_key import SEPARATORS, key_of, script_of
from safety.text.look_alikes import is_invisible

SHORTEST, LONGEST = 2, 30
# NFKC makes one character of up to four typed ones, and eighteen of some: lengths are asked twice.
_LONGEST_TYPED = 4 * LONGEST
_LONGEST_EMAIL = 254  # RFC 5321

# The scripts of living languages that Unicode's UAX #31 recommends for identifiers.
_SCRIPTS = frozenset(
    {
        "ARABIC", "ARMENIAN", "BENGALI", "BOPOMOFO", "CYRILLIC", "DEVANAGARI", "ETHIOPIC",
        "GEORGIAN", "GREEK", "GUJARATI", "GURMUKHI", "HAN", "HANGUL", "HEBREW", "HIRAGANA",
        "KANNADA", "KATAKANA", "KHMER", "LAO", "LATIN", "MALAYALAM", "MYANMAR", "ORIYA",
        "SINHALA", "TAMIL", "TELUGU", "THAANA", "THAI", "TIBETAN",
    }
)  # fmt: skip
# Scripts that one language writes together.
_TOGETHER = (
    frozenset({"HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"HAN", "BOPOMOFO"}),
    frozenset({"HAN", "HANGUL"}),
)
_PROLONGED = "\u30fc"  # the long-vowel mark of kana; Unicode counts it to no script
_KANA = frozenset({"HIRAGANA", "KATAKANA"})
_MOST_MARKS = 3  # Thai puts a vowel and a tone on a consonant

# Names that speak for the service or the platform, and names that systems give a meaning to.
RESERVED = frozenset(
    {
        "abuse", "account", "accounts", "admin", "admins", "administrator", "administration",
        "anonymous", "api", "billing", "bot", "ceo", "contact", "deleted", "everyone", "guest",
        "help", "helpdesk", "here", "hostmaster", "info", "legal", "localhost", "login", "logout",
        "mail", "me", "moderation", "moderator", "moderators", "mod", "mods", "news", "nobody",
        "noreply", "null", "official", "ops", "owner", "payment", "payments", "postmaster",
        "privacy", "register", "root", "safety", "sales", "security", "self", "service",
        "settings", "signin", "signup", "staff", "status", "superuser", "support", "sysadmin",
        "system", "team", "test", "trust", "undefined", "unknown", "user", "username", "verified",
        "webmaster", "www",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Username:
    """A name as it is shown, and the key under which it is unique."""

    shown: str
    key: str


@dataclass(frozen=True, slots=True)
class Email:
    """An address as it is shown, the key under which it is unique, and its domain in ASCII."""

    shown: str
    key: str
    domain: str
    is_disposable: bool


def read_username(raw: str, *, reserved: frozenset[str] = RESERVED) -> Username:
    """A username of 2 to 30 letters, digits and single separators between them, of one script.

    Raises `InvalidInput` naming the field `username` and what to change.
    """
    name = raw if len(raw) > _LONGEST_TYPED else unicodedata.normalize("NFKC", raw)
    fault = _fault(raw, name)
    if fault is None:
        key = key_of(name)
        if not _is_reserved(key, reserved):
            return Username(name, key)
        fault = "This name is reserved. Choose another."
    raise InvalidInput(fault, errors=[FieldError("username", fault)])


def read_email(raw: str) -> Email:
    """An e-mail address by its syntax; nobody is asked whether it exists.

    Upper and lower case and spellings of an international domain are one key. Raises
    `InvalidInput` naming the field `email`.
    """
    found = _email(raw)
    if found is None:
        fault = "This is not an e-mail address that mail can be sent to."
        raise InvalidInput(fault, errors=[FieldError("email", fault)])
    return found


def login_key(raw: str) -> tuple[str | None, str | None]:
    """The keys under which to look for an account: (username, e-mail), one of them or neither.

    Any text has an answer; what cannot be a name or an address has no key.
    """
    typed = raw.strip() if len(raw) <= _LONGEST_EMAIL else ""
    if "@" in typed:
        email = _email(typed)
        return None, (email.key if email else None)
    name = typed if len(typed) > _LONGEST_TYPED else unicodedata.normalize("NFKC", typed)
    return (None if _fault(typed, name) else key_of(name)), None


def _fault(raw: str, name: str) -> str | None:
    """What is wrong with a name, in words for whoever typed it, or None."""
    if any(is_invisible(ord(character)) for character in raw[:_LONGEST_TYPED]):
        return "A name has no invisible characters."
    if not SHORTEST <= len(name) <= LONGEST:
        return f"A name has {SHORTEST} to {LONGEST} characters."
    if not all(map(_is_allowed, name)):
        return "A name has letters, the digits 0 to 9 and, between them, single . _ or -."
    if not _is_well_separated(name):
        return "A name begins and ends with a letter or digit; . _ - stand alone between them."
    if not _is_of_one_script(name):
        return "A name keeps to the letters of one script."
    return None


def _is_allowed(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in SEPARATORS
    return unicodedata.category(character)[0] in "LM"


def _is_well_separated(name: str) -> bool:
    ends = name[0] + name[-1]
    is_open = ends[0] in SEPARATORS or ends[1] in SEPARATORS or _is_mark(ends[0])
    is_doubled = any(
        a in SEPARATORS and (b in SEPARATORS or _is_mark(b)) for a, b in pairwise(name)
    )
    piled = "".join("m" if _is_mark(character) else " " for character in name)
    return not is_open and not is_doubled and "m" * (_MOST_MARKS + 1) not in piled


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _is_of_one_script(name: str) -> bool:
    letters = [c for c in name if not c.isascii() or c.isalpha()]
    scripts = {script_of(c) for c in letters if c != _PROLONGED}
    if _PROLONGED in letters and not scripts & _KANA:
        return False
    if not scripts <= _SCRIPTS:
        return False
    return len(scripts) <= 1 or any(scripts <= together for together in _TOGETHER)


@cache
def _reserved_keys(reserved: frozenset[str]) -> frozenset[str]:
    return frozenset(_bare(key_of(name)) for name in reserved)


def _is_reserved(key: str, reserved: frozenset[str]) -> bool:
    return _bare(key) in _reserved_keys(reserved)


def _bare(key: str) -> str:
    return key.replace("-", "")


def _email(raw: str) -> Email | None:
    if len(raw) > _LONGEST_EMAIL:
        return None
    try:
        found = validate_email(raw, check_deliverability=False, strict=True)
    except (EmailNotValidError, ValueError):
        return None
    domain = found.ascii_domain.lower()
    local = unicodedata.normalize("NFKC", found.local_part.casefold())
    return Email(found.normalized, f"{local}@{domain}", domain, _is_disposable(domain))


def _is_disposable(domain: str) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[start:]) in _disposable() for start in range(len(labels) - 1))


@cache
def _disposable() -> frozenset[str]:
    return frozenset(import_module("disposable_email_domains").blocklist)
