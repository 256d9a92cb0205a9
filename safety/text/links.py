"""Links in a text, defanged and disguised forms included; e-mail addresses are not links."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import re2
from publicsuffixlist import PublicSuffixList

from safety.text import ordinary
from safety.text.fold import plain_unicode
from safety.text.look_alikes import is_unremarkable

# Longer texts are searched at both ends: links hide in the last lines.
MAX_SEARCHED = 20_000
MAX_LINKS = 100
_DOTS_LOOKED_AT = 32  # a text of nothing but dots is not worth more
_BEFORE_A_DOT = ("_", "[", "(", "{")
_MAX_HOST = 300  # a host name has at most 253 characters; defanged dots take more room

_DOT = r"(?:[.\x{3002}\x{ff0e}]|\[\.\]|\(\.\)|\{\.\}| ?[\[({] ?dot ?[\])}] ?)"
_LABEL = r"[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?"
_LINK_PATTERN = (
    r"(?i)(?:(h(?:tt|xx)ps?|ftp)(?:\[:\]|:)(?://|\\\\))?([^\s/@]+@)?"
    rf"({_LABEL}(?:{_DOT}{_LABEL})+| {_LABEL} dot (?:com|net|org|info|shop|site|online))"
    r"(?::\d+)?(/[^\s<>\"]*)?"
)
_SCHEME, _USER, _HOST, _PATH = 1, 2, 3, 4
_LINK = re2.compile(_LINK_PATTERN)
# Over bytes, positions need not be counted out: twice as fast where a byte is a character.
_ASCII_LINK = re2.compile(_LINK_PATTERN.encode())
_LOOKS_LIKE_A_LINK = re.compile(
    r"\w(?:\.|\[\.|\(\.|\{\.|[\u3002\uff0e])\S|://|\bdot\b", re.IGNORECASE
)
_DOTS = re.compile(
    r" ?[\[({] ?dot ?[\])}] ?|\[\.\]|\(\.\)|\{\.\}|[\u3002\uff0e]| dot ", re.IGNORECASE
)
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_NUMERIC_HOST = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
# Suffixes that are also words or file endings: "it.is", "me.to", "setup.py". A bare name under one
# of these is a link only with a scheme, "www." or a path.
_WORDY_SUFFIXES = frozenset({
    "am", "as", "at", "be", "by", "day", "do", "go", "here", "how", "id", "im", "in", "is", "it",
    "la", "ma", "md", "me", "mov", "my", "na", "new", "no", "now", "of", "om", "one", "pa", "pl",
    "ps", "py", "rs", "sc", "sh", "so", "st", "tf", "th", "to", "us", "va", "ws", "zip",
})  # fmt: skip
_ARTICLES = frozenset(
    {"a", "an", "the", "this", "that", "any", "every", "of", "old"}
)  # "the dot com"


@dataclass(frozen=True, slots=True)
class Link:
    """A link at text[start:end]; `domain` is the registrable part of `host`, lower case.

    `is_defanged` says that it was written so that it is not read as a link: `hxxp`, `[.]`, ` dot `.
    """

    start: int
    end: int
    host: str
    domain: str
    is_defanged: bool = False


@cache
def _public_suffixes() -> PublicSuffixList:
    # Read once, on the first link: the list takes longer to load than most texts take to judge.
    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=8192)
def registrable(host: str) -> str:
    """The part of a host that somebody registered (`a.b.co.uk` is `b.co.uk`); else the host."""
    name = host.lower().strip(".")
    return _registered(name) or name


def _registered(name: str) -> str | None:
    try:
        ascii_name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    found: str | None = _public_suffixes().privatesuffix(ascii_name)
    return found


@lru_cache(maxsize=8192)
def _domain(host: str, *, is_explicit: bool) -> str | None:
    """The registrable domain of something that may be a host, or None if it is not one."""
    if _NUMERIC_HOST.fullmatch(host):
        return host if is_explicit else None
    domain = _registered(host)
    if domain is None:
        return host if is_explicit and "." in host else None
    if not is_explicit and host.rsplit(".", 1)[-1] in _WORDY_SUFFIXES:
        return None
    return domain


def find_links(text: str) -> tuple[Link, ...]:
    """The links of a text in order, at most MAX_LINKS; positions are those of the text given."""
    if text.isascii() and not _may_hold_a_link(text):
        return ()
    if len(text) > MAX_SEARCHED:
        half = MAX_SEARCHED // 2
        head, tail = find_links(text[:half]), find_links(text[-half:])
        shift = len(text) - half
        moved = (replace(x, start=x.start + shift, end=x.end + shift) for x in tail)
        return (*head, *moved)[:MAX_LINKS]
    if text.isascii():
        return _search(text, None)
    if is_unremarkable(text):
        return _search(text, None) if _LOOKS_LIKE_A_LINK.search(text) else ()
    return _find_disguised(text)


def _find_disguised(text: str) -> tuple[Link, ...]:
    """The links of a text that may hide them, or that is in an alphabet letters are borrowed of."""
    small = ordinary.plain(text)
    if small is not None and _LOOKS_LIKE_A_LINK.search(small) is None:
        return ()
    plain, origins = plain_unicode(text)
    if _LOOKS_LIKE_A_LINK.search(plain) is None:
        return ()
    return _search(_SURROGATES.sub("\ufffd", plain), origins)


def _may_hold_a_link(text: str) -> bool:
    """Whether an ASCII text has what every link has: cheap, and false of most texts."""
    if "://" in text or "dot" in text.lower():
        return True
    place = text.find(".")
    for _ in range(_DOTS_LOOKED_AT):
        if place < 0 or place + 1 >= len(text):
            return False
        before, after = text[place - 1 : place], text[place + 1]
        if not after.isspace() and (before.isalnum() or before in _BEFORE_A_DOT):
            return True
        place = text.find(".", place + 1)
    return True


def _search(text: str, origins: Sequence[int] | None) -> tuple[Link, ...]:
    links: list[Link] = []
    matches = _ASCII_LINK.finditer(text.encode()) if text.isascii() else _LINK.finditer(text)
    for match in matches:
        parts = _Parts(text, match)
        if len(parts.host) > _MAX_HOST:
            continue
        host = _DOTS.sub(".", parts.host.strip()).lower()
        domain = _host_domain(parts, host)
        if domain is None:
            continue
        start, end = parts.start, parts.end
        found = text[start:end]
        start += found[0] == " "
        end -= len(found) - len(found.rstrip(".,;:!?)'"))
        if origins is not None:
            start, end = origins[start], origins[end - 1] + 1
        links.append(Link(start, end, host, domain, parts.is_defanged))
        if len(links) == MAX_LINKS:
            break
    return tuple(links)


class _Parts:
    """What one match of the pattern found, whether it ran over characters or over bytes."""

    __slots__ = (
        "end", "has_path", "has_scheme", "has_user", "host", "is_defanged", "is_handle", "start",
    )  # fmt: skip

    def __init__(self, text: str, match: "re.Match[str] | re.Match[bytes]") -> None:
        self.start, self.end = match.span()
        start, end = match.span(_HOST)
        self.host = text[start:end]
        self.has_scheme = match.start(_SCHEME) >= 0
        self.has_user = match.start(_USER) >= 0
        self.has_path = match.start(_PATH) >= 0
        self.is_handle = text.startswith("@", self.end)
        before = text[self.start : start].lower()
        self.is_defanged = "hxx" in before or "[:]" in before or _DOTS.search(self.host) is not None


def _host_domain(parts: _Parts, host: str) -> str | None:
    if not parts.has_scheme and (parts.has_user or parts.is_handle):
        return None  # an e-mail address, or the first half of one
    if parts.host[0] == " " and parts.host.split()[0].lower() in _ARTICLES:
        return None
    is_explicit = parts.has_scheme or host.startswith("www.") or parts.has_path
    if not is_explicit and _starts_a_sentence(parts.host):
        return None
    return _domain(host, is_explicit=parts.has_scheme or host.startswith("www.")) or (
        _domain(host, is_explicit=True) if is_explicit and _registered(host) else None
    )


def _starts_a_sentence(host: str) -> bool:
    """Whether what follows the last dot is capitalised alone: "the end.Then" is no link."""
    last = re.split(r"\W", host)[-1]
    return last[:1].isupper() and not last.isupper()
