"""Derived features: what can be known of an event from the event alone."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

from safety.domain.features import Catalogue, Source, Value
from safety.text.fingerprint import fingerprint
from safety.text.fold import fold
from safety.text.links import find_links, registrable
from safety.text.measures import count_hashtags, count_mentions, uppercase_share
from safety.text.scripts import count_emoji, scripts
from safety.text.simhash import simhash

Draft = dict[str, Value]
Derivation = Callable[[Draft, float], None]

# An account younger than this is young (seconds).
YOUNG = 30 * 86_400.0
_MOST_DOMAINS = 50  # more links than this are one fact: very many


@dataclass(frozen=True, slots=True)
class _Step:
    """One computation and the features it writes; later steps may read what earlier ones wrote."""

    writes: frozenset[str]
    run: Derivation


class Deriver:
    """Computes the derived features that are wanted, and nothing else.

    Raises `ValueError` if the catalogue declares a derived feature that nobody computes.
    """

    def __init__(self, catalogue: Catalogue, wanted: Collection[str]) -> None:
        declared = {f.name for f in catalogue.features.values() if f.source is Source.DERIVED}
        orphans = declared - derivable()
        if orphans:
            raise ValueError(f"nothing computes {', '.join(sorted(orphans))}")
        self._steps = tuple(step.run for step in _STEPS if step.writes & set(wanted))

    def run(self, values: Draft, at: float) -> None:
        """Add the wanted features to `values`, for an event of time `at`."""
        for step in self._steps:
            step(values, at)

    def run_missing(self, values: Draft, at: float) -> None:
        """Add only what `values` lacks: stored facts stay as they were at the time."""
        stored = dict(values)
        self.run(values, at)
        values.update(stored)


def derivable() -> frozenset[str]:
    """The names of every feature that this module can compute."""
    return frozenset(name for step in _STEPS for name in step.writes)


def _age(created: str, age: str) -> Derivation:
    def run(values: Draft, at: float) -> None:
        born = values.get(created)
        if type(born) is float:
            values[age] = max(0.0, at - born)

    return run


def _email(values: Draft, _at: float) -> None:
    address = values.get("actor.email")
    if type(address) is str and "@" in address:
        domain = registrable(address.rpartition("@")[2].strip().rstrip(".").lower())
        if domain:
            values["actor.email_domain"] = domain
            values["actor.email_disposable"] = is_disposable(domain)


@lru_cache(maxsize=65_536)
def is_disposable(domain: str) -> bool:
    """Whether this registrable domain is known to hand out throw-away addresses."""
    return domain in _disposable_domains()


@lru_cache(maxsize=1)
def _disposable_domains() -> frozenset[str]:
    # Imported when first needed: ten thousand names that most commands never look at.
    return frozenset(import_module("disposable_email_domains").blocklist)


def _follow_ratio(values: Draft, _at: float) -> None:
    following, followers = values.get("actor.following"), values.get("actor.followers")
    if type(following) is int and type(followers) is int:
        values["actor.follow_ratio"] = following / max(1, followers)


def _name_digits(values: Draft, _at: float) -> None:
    name = values.get("actor.name")
    if type(name) is str and name:
        values["actor.name_digits"] = sum(c.isdigit() for c in name) / len(name)


def _bio_length(values: Draft, _at: float) -> None:
    bio = values.get("actor.bio")
    if type(bio) is str:
        values["actor.bio_length"] = len(bio)


def _is_young(values: Draft, _at: float) -> None:
    age = values.get("actor.account_age")
    if type(age) is float:
        values["actor.is_young"] = int(age < YOUNG)


def _is_bare(values: Draft, _at: float) -> None:
    has_avatar, posts = values.get("actor.has_avatar"), values.get("actor.posts")
    if type(has_avatar) is bool and type(posts) is int:
        values["actor.is_bare"] = int(not has_avatar and posts == 0)


def _is_own(values: Draft, _at: float) -> None:
    owner = values.get("target.owner_id", values.get("target.id"))
    if owner is not None:
        values["target.is_own"] = owner == values["actor.id"]


def _shape(values: Draft, _at: float) -> None:
    text = values.get("content.text")
    if type(text) is str:
        values["content.length"] = len(text)
        values["content.words"] = len(text.split())
        values["content.uppercase"] = uppercase_share(text)
        values["content.mentions"] = count_mentions(text) if "@" in text else 0
        values["content.hashtags"] = count_hashtags(text) if "#" in text else 0


def _links(values: Draft, _at: float) -> None:
    text = values.get("content.text")
    if type(text) is str:
        links = find_links(text)
        values["content.links"] = len(links)
        domains = tuple(dict.fromkeys(link.domain for link in links))[:_MOST_DOMAINS]
        values["content.link_domains"] = domains
        values["content.defanged_links"] = sum(link.is_defanged for link in links)
        if domains:
            values["content.link_domain"] = domains[0]


def _scripts(values: Draft, _at: float) -> None:
    text = values.get("content.text")
    if type(text) is str:
        found = scripts(text)
        values["content.script"] = found.main
        values["content.script_share"] = found.share
        values["content.mixed_words"] = found.mixed_words
        values["content.emoji"] = count_emoji(text)


def _folded(values: Draft, _at: float) -> None:
    text = values.get("content.text")
    if type(text) is str:
        folded = fold(text)
        values["content.text_folded"] = folded.text
        values["content.obfuscation"] = folded.obfuscation


def _fingerprint(values: Draft, _at: float) -> None:
    folded = values.get("content.text_folded")
    if type(folded) is str:
        mark = fingerprint(folded)
        if mark is not None:
            values["content.fingerprint"] = mark


def _simhash(values: Draft, _at: float) -> None:
    folded = values.get("content.text_folded")
    if type(folded) is str:
        mark = simhash(folded)
        if mark is not None:
            values["content.simhash"] = mark


def _step(writes: Iterable[str], run: Derivation) -> _Step:
    return _Step(frozenset(writes), run)


def _event_time(values: Draft, at: float) -> None:
    values["event.time"] = at


_STEPS = (
    _step(["event.time"], _event_time),
    # Whether an account is young follows from its age, so either wish runs the age.
    _step(["actor.account_age", "actor.is_young"], _age("actor.created_at", "actor.account_age")),
    _step(["actor.is_young"], _is_young),
    _step(["actor.is_bare"], _is_bare),
    _step(["actor.bio_length"], _bio_length),
    _step(["target.age"], _age("target.created_at", "target.age")),
    _step(["actor.email_domain", "actor.email_disposable"], _email),
    _step(["actor.follow_ratio"], _follow_ratio),
    _step(["actor.name_digits"], _name_digits),
    _step(["target.is_own"], _is_own),
    _step(
        [
            "content.length",
            "content.words",
            "content.uppercase",
            "content.mentions",
            "content.hashtags",
        ],
        _shape,
    ),
    _step(
        [
            "content.links",
            "content.link_domain",
            "content.link_domains",
            "content.defanged_links",
        ],
        _links,
    ),
    _step(
        ["content.script", "content.script_share", "content.mixed_words", "content.emoji"],
        _scripts,
    ),
    # Both marks are made of the folded text, so either wish runs the folding.
    _step(
        ["content.text_folded", "content.obfuscation", "content.fingerprint", "content.simhash"],
        _folded,
    ),
    _step(["content.fingerprint"], _fingerprint),
    _step(["content.simhash"], _simhash),
)
