"""Texts made from the project's own phrases, as one more source of training rows."""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

from safety.training.texts import insults, lures, phrases
from safety.training.texts.dataset import Row
from safety.training.texts.disguise import a_link, a_name

TEXTS_EACH = 3_000
_MOST_LURES = 2
_MOST_INSULTS = 2
_MOST_GENUINE = 8  # sentences of a genuine text: formal ones are long
_SHORT_CHANCE = 0.6  # most genuine texts on a platform are one sentence
_ADDRESSED_CHANCE = 0.2
_CURRENCIES = ("$", "€", "£", "Rp", "₽", "R$", "₹", "USD ", "eur ")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")

SPAM = (*phrases.SPAM, *lures.SPAM)
GENUINE = (*phrases.HAM, *lures.HAM)
CIVIL = (*insults.CIVIL, *GENUINE)


def written_spam(name: str, seed: int) -> list[Row]:
    """As many spam texts as genuine ones, always the same for a seed; none of them is dev."""
    random = Random(f"{seed} {name}")  # noqa: S311 - repeatable, not secret
    # People who insult each other do not advertise.
    genuine = (*CIVIL, *CIVIL, *insults.ABUSE)
    return _rows(name, SPAM, _MOST_LURES, genuine, random)


def written_abuse(name: str, seed: int) -> list[Row]:
    """As many abusive texts as civil ones; lures are civil here."""
    random = Random(f"{seed} {name}")  # noqa: S311 - repeatable, not secret
    civil = (*insults.CIVIL, *insults.CIVIL, *insults.CIVIL, *GENUINE, *SPAM)
    return _rows(name, insults.ABUSE, _MOST_INSULTS, civil, random)


def _rows(name: str, yes: Sequence[str], most: int, no: Sequence[str], random: Random) -> list[Row]:
    positive = [_text(yes, random.randint(1, most), random) for _ in range(TEXTS_EACH)]
    negative = [_text(no, _genuine_length(random), random) for _ in range(TEXTS_EACH)]
    return [
        Row(text, is_positive=label, source=name, language="", is_dev=False)
        for texts, label in ((positive, True), (negative, False))
        for text in dict.fromkeys(texts)
    ]


def _genuine_length(random: Random) -> int:
    return 1 if random.random() < _SHORT_CHANCE else random.randint(2, _MOST_GENUINE)


def _text(phrases: Sequence[str], sentences: int, random: Random) -> str:
    text = " ".join(fill(phrase, random) for phrase in random.choices(phrases, k=sentences))
    if random.random() < _ADDRESSED_CHANCE:
        return f"@{a_name(random)} {text}"
    return text


def fill(phrase: str, random: Random) -> str:
    """Choose one of every `[a|b]` and put something made up into every `{slot}`."""
    while found := _CHOICE.search(phrase):
        chosen = random.choice(found.group(1).split("|"))
        phrase = phrase[: found.start()] + chosen + phrase[found.end() :]
    while "{" in phrase:
        start, end = phrase.index("{"), phrase.index("}")
        phrase = phrase[:start] + _made_up(phrase[start + 1 : end], random) + phrase[end + 1 :]
    return phrase.strip()


def _made_up(kind: str, random: Random) -> str:
    """Something for a slot. Raises `KeyError` for a slot that no phrase may have."""
    return _SLOTS[kind](random)


def _money(random: Random) -> str:
    return f"{random.choice(_CURRENCIES)}{random.choice((5, 20, 50, 100, 300, 500, 2000, 9500))}"


def _brand(random: Random) -> str:
    return a_name(random) + random.choice(("", "", str(random.randint(1, 999)), "bet", "vip"))


_SLOTS: Mapping[str, Callable[[Random], str]] = {
    "link": a_link,
    "money": _money,
    "num": lambda random: str(random.choice((2, 3, 5, 7, 10, 15, 24, 30, 50, 100))),
    "phone": lambda random: "+" + "".join(random.choices("0123456789", k=random.randint(9, 12))),
    "name": lambda random: a_name(random).title(),
    "group": lambda random: random.choice(insults.GROUPS),
    "brand": _brand,
}
