"""Generates rule sets, events and an equal set of plain lambdas, to measure the rule engine with.

Rules are written over the shipped `rules/features.yaml`, `policies.yaml` and lists. The mix follows
what rule books of platforms look like: velocity, scores and account numbers lead, texts and lists
follow; each rule has two to five lines, some of them with alternatives, and many an exclusion.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

from safety.assets import shipped

EVENT_TYPES = ("post", "comment", "message", "follow", "like", "signup", "profile_update")
POLICY = "spam.commercial"
LISTS = ("link_shorteners", "deny_domains", "trusted_domains")
COUNTRIES = ("NL", "DE", "US", "BR", "IN", "NG", "FR", "JP")
LABELS = tuple(f"label_{number}" for number in range(40))
WORDS = (
    "casino",
    "bonus",
    "crypto",
    "profit",
    "winner",
    "invoice",
    "refund",
    "giveaway",
    "voucher",
    "wallet",
    "airdrop",
    "forex",
    "loans",
    "escort",
    "followers",
    "promo",
    "discount",
    "shipping",
    "replica",
    "watches",
    "pharmacy",
    "viral",
    "miracle",
    "lottery",
)
WITHIN = ("1m", "10m", "1h", "1d")
_SERIES = (
    'count("post", "comment", by=actor.id',
    'count("follow", by=actor.id',
    'count("like", by=actor.id',
    'count("message", by=actor.id',
    'count("signup", by=net.ip',
    'count("signup", by=device.id',
    'distinct(target.id, "follow", "like", by=actor.id',
    'distinct(actor.id, "signup", by=net.ip',
)
_CANONICAL = {
    'count("post", "comment", by=actor.id': 'count("comment", "post", by=actor.id',
}
WINDOWS = tuple(f'{series}, within="{within}")' for series in _SERIES for within in WITHIN)


@dataclass(frozen=True)
class Test:
    """One test, in the rule language and as Python over a nested dict `e`."""

    rule: str
    plain: str


@dataclass(frozen=True)
class SyntheticRule:
    """Lines of tests (any of a line's tests makes it true), and exclusions."""

    id: str
    events: tuple[str, ...]
    lines: tuple[tuple[Test, ...], ...]
    unless: tuple[Test, ...]


def window_name(window: str) -> str:
    """The canonical name under which a window's number appears among the values."""
    for written, canonical in _CANONICAL.items():
        window = window.replace(written, canonical)
    return window


def _nested(feature: str) -> str:
    group, name = feature.split(".")
    return f'e["{group}"]["{name}"]'


def _velocity(dice: random.Random) -> Test:
    number = dice.randrange(len(WINDOWS))
    limit = dice.choice((5, 8, 10, 20, 50))
    return Test(f"{WINDOWS[number]} > {limit}", f'e["velocity"][{number}] > {limit}')


def _score(dice: random.Random) -> Test:
    limit = dice.choice((0.7, 0.8, 0.9, 0.95))
    return Test(f"score.spam >= {limit}", f"{_nested('score.spam')} >= {limit}")


def _number(dice: random.Random) -> Test:
    feature, operator, limits = dice.choice(
        (
            ("actor.followers", "<", (5, 20, 50)),
            ("actor.following", ">", (500, 2000)),
            ("actor.posts", "<", (1, 3, 10)),
            ("content.links", ">=", (1, 2, 4)),
            ("content.mentions", ">", (3, 8)),
            ("content.hashtags", ">", (5, 10)),
            ("content.uppercase", ">", (0.5, 0.7)),
            ("content.length", "<", (10, 30)),
        )
    )
    limit = dice.choice(limits)
    return Test(f"{feature} {operator} {limit}", f"{_nested(feature)} {operator} {limit}")


def _age(dice: random.Random) -> Test:
    text, seconds = dice.choice((("1h", 3600), ("1d", 86_400), ("3d", 259_200), ("7d", 604_800)))
    return Test(f'actor.account_age < "{text}"', f"{_nested('actor.account_age')} < {seconds}")


def _label(dice: random.Random) -> Test:
    group, label = dice.choice(("actor", "net", "device")), dice.choice(LABELS)
    return Test(f'{group}.has_label("{label}")', f'"{label}" in {_nested(f"{group}.labels")}')


def _bool(dice: random.Random) -> Test:
    feature = dice.choice(("actor.email_verified", "actor.phone_verified", "actor.has_avatar"))
    return Test(f"not {feature}", f"not {_nested(feature)}")


def _equal(dice: random.Random) -> Test:
    country = dice.choice(COUNTRIES)
    return Test(f'net.country == "{country}"', f'{_nested("net.country")} == "{country}"')


def _listed(dice: random.Random) -> Test:
    feature, name = dice.choice(("content.link_domain", "actor.email_domain")), dice.choice(LISTS)
    return Test(f"{feature} in lists.{name}", f'{_nested(feature)} in LISTS["{name}"]')


def _pattern(dice: random.Random) -> Test:
    one, other = dice.sample(WORDS, 2)
    pattern = rf"\b{one}\w*\s+(\w+\s+)?{other}"
    return Test(
        f'content.text_folded.matches(r"{pattern}")',
        f"search({pattern!r}, {_nested('content.text_folded')})",
    )


def _contains(dice: random.Random) -> Test:
    word = dice.choice(WORDS)
    return Test(f'content.text.contains("{word}")', f'"{word}" in {_nested("content.text")}')


_MIX: tuple[tuple[int, Callable[[random.Random], Test]], ...] = (
    (22, _velocity),
    (16, _score),
    (12, _number),
    (9, _age),
    (9, _label),
    (9, _bool),
    (6, _equal),
    (7, _listed),
    (6, _pattern),
    (4, _contains),
)


def _draw(dice: random.Random) -> Test:
    weights, makers = zip(*_MIX, strict=True)
    maker: Callable[[random.Random], Test] = dice.choices(makers, weights)[0]
    return maker(dice)


def synthetic_rules(count: int, seed: int) -> list[SyntheticRule]:
    """The same rules that `generate_rules` prints, before printing."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, and nothing secret
    rules = []
    for number in range(count):
        events = tuple(sorted(dice.sample(EVENT_TYPES, dice.choice((1, 2, 2, 3)))))
        lines = tuple(
            tuple(_draw(dice) for _ in range(2 if dice.random() < 0.2 else 1))
            for _ in range(dice.randint(2, 5))
        )
        unless = (_label(dice),) if dice.random() < 0.3 else ()
        rules.append(SyntheticRule(f"synthetic-{number:05}", events, lines, unless))
    return rules


def generate_rules(count: int, seed: int, *, tested: bool = False) -> str:
    """Rule documents in YAML, ready to be written beside the shipped features.yaml.

    Two examples go with each rule if it is `tested`; whether they are green is left open.
    """
    tests = _TESTS if tested else ""
    return "\n---\n".join(_document(rule) + tests for rule in synthetic_rules(count, seed))


_TESTS = """
tests:
  - {name: a plain event, expect: no match}
  - {name: a young account, expect: match, given: {actor.account_age: 1h}}"""


def rule_folder(folder: Path, count: int, seed: int, *, tested: bool = False) -> Path:
    """A new folder with generated rules over the shipped features, policies, fixtures and lists."""
    folder.mkdir()
    for needed in ("features.yaml", "policies.yaml", "fixtures.yaml"):
        (folder / needed).write_text((shipped("rules") / needed).read_text())
    copytree(shipped("rules") / "lists", folder / "lists")
    text = generate_rules(count, seed, tested=tested)
    (folder / "generated.yaml").write_text(text)
    return folder


def _document(rule: SyntheticRule) -> str:
    lines = [" or ".join(test.rule for test in line) for line in rule.lines]
    when = "\n".join(f"  - '{line}'" for line in lines)
    unless = f"unless: ['{rule.unless[0].rule}']\n" if rule.unless else ""
    return (
        f"rule: {rule.id}\ntitle: synthetic\nowner: bench\npolicy: {POLICY}\n"
        f"events: [{', '.join(rule.events)}]\nwhen:\n{when}\n{unless}then: {{verdict: hold}}"
    )


def lambda_source(count: int, seed: int) -> str:
    """Python text that defines RULES: for each event type, pairs of a rule id and a plain lambda.

    The lambdas read a nested dict `e` (`nested` in what `generate_events` gives) and need the names
    `LISTS` (sets by list name) and `search` (of a pattern and a text) in their namespace.
    """
    rules = synthetic_rules(count, seed)
    blocks = []
    for event_type in EVENT_TYPES:
        own = [f'    ("{r.id}", lambda e: {_plain(r)}),' for r in rules if event_type in r.events]
        blocks.append(f'  "{event_type}": [\n' + "\n".join(own) + "\n  ],")
    return "RULES = {\n" + "\n".join(blocks) + "\n}\n"


def _plain(rule: SyntheticRule) -> str:
    lines = ["(" + " or ".join(test.plain for test in line) + ")" for line in rule.lines]
    lines += [f"not ({test.plain})" for test in rule.unless]
    return " and ".join(lines)


def generate_events(count: int, seed: int) -> list[dict[str, object]]:
    """Events as `{"type", "values", "nested"}`: the same values flat, by feature name, and nested.

    One event in ten comes from somebody busy; nothing is missing, so that lambdas can read it.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable, and nothing secret
    return [_event(dice) for _ in range(count)]


def _event(dice: random.Random) -> dict[str, object]:
    busy = dice.random() < 0.1
    values: dict[str, object] = {
        "actor.account_age": dice.expovariate(1 / (200_000 if busy else 2e7)),
        "actor.email_verified": dice.random() > (0.5 if busy else 0.1),
        "actor.phone_verified": dice.random() > 0.3,
        "actor.has_avatar": dice.random() > 0.2,
        "actor.followers": int(dice.expovariate(1 / (10 if busy else 300))),
        "actor.following": int(dice.expovariate(1 / (900 if busy else 200))),
        "actor.posts": int(dice.expovariate(1 / 60)),
        "actor.email_domain": dice.choice(("mail.example", "post.example", "bit.ly")),
        "actor.labels": (dice.choice(LABELS),) if dice.random() < 0.1 else (),
        "net.labels": (dice.choice(LABELS),) if dice.random() < 0.05 else (),
        "device.labels": (),
        "net.country": dice.choice((*COUNTRIES, "SE", "PL", "ES", "IT")),
        "content.text": (text := _text(dice, busy)),
        "content.text_folded": text.lower(),
        "content.links": int(dice.random() < 0.2) + 3 * int(busy and dice.random() < 0.3),
        "content.mentions": int(dice.expovariate(2)),
        "content.hashtags": int(dice.expovariate(1)),
        "content.uppercase": dice.random() ** 4,
        "content.length": len(text),
        "content.link_domain": dice.choice(
            ("news.example", "bit.ly", "blog.example", "video.example")
        ),
        "score.spam": dice.random() ** (1 if busy else 6),
    }
    windows = [float(1 + int(dice.expovariate(1 / (8 if busy else 0.8)))) for _ in WINDOWS]
    nested: dict[str, object] = {"velocity": windows}
    for name, value in values.items():
        group, leaf = name.split(".")
        nested.setdefault(group, {})[leaf] = value  # type: ignore[index]
    values |= {window_name(window): n for window, n in zip(WINDOWS, windows, strict=True)}
    return {"type": dice.choice(EVENT_TYPES), "values": values, "nested": nested}


_PLAIN = (
    "the",
    "light",
    "in",
    "this",
    "one",
    "is",
    "lovely",
    "and",
    "we",
    "should",
    "go",
    "there",
    "again",
    "next",
    "summer",
    "with",
    "all",
    "of",
    "you",
)


def plain_text(dice: random.Random) -> str:
    """What somebody might write, without any word of spam."""
    return _text(dice, busy=False)


def _text(dice: random.Random, busy: bool) -> str:
    words = dice.choices(_PLAIN, k=dice.randint(8, 30))
    if busy:
        words[3:3] = dice.choices(WORDS, k=4)
    return " ".join(words).capitalize()
