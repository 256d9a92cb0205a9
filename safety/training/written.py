"""Texts made from the project's own phrases, as one more source of training rows."""

from collections.abc import Sequence
from random import Random

from safety.training.dataset import Row
from safety.training.disguise import a_link, a_name
from safety.training.phrases import HAM, SPAM

TEXTS_EACH = 1_500
_MOST_SENTENCES = 10  # of a genuine text: formal ones are long
_CURRENCIES = ("$", "€", "£", "Rp", "₽", "R$", "₹")


def written_rows(name: str, seed: int) -> list[Row]:
    """As many spam texts as genuine ones, always the same for a seed; none of them is dev."""
    random = Random(f"{seed} {name}")  # noqa: S311 - repeatable, not secret
    spam = [_fill(_text(SPAM, 2, random), random) for _ in range(TEXTS_EACH)]
    ham = [_fill(_text(HAM, _MOST_SENTENCES, random), random) for _ in range(TEXTS_EACH)]
    rows = [Row(text, is_spam=True, source=name, is_dev=False) for text in dict.fromkeys(spam)]
    return rows + [
        Row(text, is_spam=False, source=name, is_dev=False) for text in dict.fromkeys(ham)
    ]


def _text(phrases: Sequence[str], most: int, random: Random) -> str:
    return " ".join(random.choices(phrases, k=random.randint(1, most)))


def _fill(text: str, random: Random) -> str:
    """Put something made up into every pair of braces."""
    while "{" in text:
        start, end = text.index("{"), text.index("}")
        text = text[:start] + _made_up(text[start + 1 : end], random) + text[end + 1 :]
    return text


def _made_up(kind: str, random: Random) -> str:
    match kind:
        case "link":
            return a_link(random)
        case "money":
            amount = random.choice((5, 20, 50, 100, 300, 500, 2000, 9500))
            return f"{random.choice(_CURRENCIES)}{amount}"
        case "num":
            return str(random.choice((2, 3, 5, 7, 10, 15, 24, 30, 50, 100)))
        case "phone":
            return "+" + "".join(random.choices("0123456789", k=random.randint(9, 12)))
        case "name":
            return a_name(random).title()
        case "brand":
            return a_name(random) + random.choice(
                ("", "", str(random.randint(1, 999)), "bet", "vip")
            )
        case _:
            raise ValueError(f"no such slot: {kind}")
