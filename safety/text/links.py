"""Links in a text, defanged and disguised forms included; e-mail addresses are not links."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import re2
from publicsuffixlist import PublicSuffixList

from safety.text.fold import plain_unicode

# Longer texts are searched at both ends: links hide in the last lines.
MAX_SEARCHED = 20_000
MAX_LINKS = 100
_MAX_HOST = 300  # a host name has at most 253 characters; defanged dots take more room

_DOT = r"(?:[.\x{3002}\x{ff0e}]|\[\.\]|\(\.\)|\{\.\}| ?[\[({] ?dot ?[\])}] ?)"
_LABEL = r"[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?"
_LINK = re2.compile(
    r"(?i)(?:(?P<scheme>h(?:tt|xx)ps?|ftp)(?:\[:\]|:)(?://|\\\\))?(?P<user>[^\s/@]+@)?"
    rf"(?P<host>{_LABEL}(?:{_DOT}{_LABEL})+| {_LABEL} dot (?:com|net|org|info|shop|site|online))"
    r"(?::\d+)?(?P<path>/[^\s<>\"]*)?"
)
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
    """A link at text[start:end]; `domain` is the registrable part of `host`, lower case."""

    start: int
    end: int
    host: str
    domain: str


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
    if text.isascii() and (_has_no_dot(text) or _LOOKS_LIKE_A_LINK.search(text) is None):
        return ()
    if len(text) > MAX_SEARCHED:
        half = MAX_SEARCHED // 2
        head, tail = find_links(text[:half]), find_links(text[-half:])
        shift = len(text) - half
        moved = (Link(x.start + shift, x.end + shift, x.host, x.domain) for x in tail)
        return (*head, *moved)[:MAX_LINKS]
    plain, origins = (text, None) if text.isascii() else plain_unicode(text)
    if origins is not None and _LOOKS_LIKE_A_LINK.search(plain) is None:
        return ()
    return _search(_SURROGATES.sub("\ufffd", plain), origins)


def _has_no_dot(text: str) -> bool:
    """Whether nothing in an ASCII text separates the labels of a host; cheap, and true of most."""
    if text.find(".", 0, -1) >= 0 or "://" in text:
        return False
    return "dot" not in text.lower()


def _search(text: str, origins: Sequence[int] | None) -> tuple[Link, ...]:
    links: list[Link] = []
    for match in _LINK.finditer(text):
        if len(match.group("host")) > _MAX_HOST:
            continue
        host = _DOTS.sub(".", match.group("host").strip()).lower()
        domain = _host_domain(match, host)
        if domain is None:
            continue
        start, end = match.span()
        start += match.group()[0] == " "
        end -= len(match.group()) - len(match.group().rstrip(".,;:!?)'"))
        if origins is not None:
            start, end = origins[start], origins[end - 1] + 1
        links.append(Link(start, end, host, domain))
        if len(links) == MAX_LINKS:
            break
    return tuple(links)


def _host_domain(match: "re.Match[str]", host: str) -> str | None:
    has_scheme = match.group("scheme") is not None
    if not has_scheme and (match.group("user") or match.string.startswith("@", match.end())):
        return None  # an e-mail address, or the first half of one
    if match.group("host")[0] == " " and match.group("host").split()[0].lower() in _ARTICLES:
        return None
    is_explicit = has_scheme or host.startswith("www.") or match.group("path") is not None
    if not is_explicit and _starts_a_sentence(match.group("host")):
        return None
    return _domain(host, is_explicit=has_scheme or host.startswith("www.")) or (
        _domain(host, is_explicit=True) if is_explicit and _registered(host) else None
    )


def _starts_a_sentence(host: str) -> bool:
    """Whether what follows the last dot is capitalised alone: "the end.Then" is no link."""
    last = re.split(r"\W", host)[-1]
    return last[:1].isupper() and not last.isupper()
