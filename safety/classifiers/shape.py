"""What a text looks like whatever it says: the few measures a text model reads beside its words."""

from math import log1p

from safety.domain.features import Values
from safety.text.links import find_links
from safety.text.measures import count_hashtags, count_mentions, uppercase_share

# Long texts are not told apart: that spam was longer in the training data says little elsewhere.
_LENGTHS = (2, 5, 12)

NAMES: tuple[str, ...] = (
    "has links", "links", "links per word", "has mentions", "mentions", "hashtags", "uppercase",
    "shouting", "obfuscation", "obfuscated", "repetition", "new lines",
    *(f"up to {words} words" for words in _LENGTHS), f"over {_LENGTHS[-1]} words",
)  # fmt: skip
REPETITION, FIRST_LENGTH = NAMES.index("repetition"), len(NAMES) - len(_LENGTHS) - 1
HAS_LINKS, HAS_MENTIONS = NAMES.index("has links"), NAMES.index("has mentions")


def shape_of(text: str, values: Values, words: int, distinct: int) -> list[float]:
    """The measures in the order of NAMES, each about 0 to 1.

    `values` may already carry some of them as `content.*` features; the others are computed.
    `words` and `distinct` count the folded text's words and distinct words.
    """
    links = _number(values, "content.links")
    links = len(find_links(text)) if links is None else links
    mentions = _number(values, "content.mentions")
    mentions = count_mentions(text) if mentions is None else mentions
    hashtags = _number(values, "content.hashtags")
    hashtags = count_hashtags(text) if hashtags is None else hashtags
    upper = _number(values, "content.uppercase")
    upper = uppercase_share(text) if upper is None else upper
    hidden = _number(values, "content.obfuscation") or 0.0
    return [
        float(links > 0),
        min(1.0, log1p(links) / 3),
        min(1.0, 4 * links / max(1, words)),
        float(mentions > 0),
        min(1.0, log1p(mentions) / 3),
        min(1.0, log1p(hashtags) / 3),
        upper,
        float(upper > 0.6 and words > 3),  # noqa: PLR2004 - where shouting begins
        hidden,
        float(hidden > 0.1),  # noqa: PLR2004 - a stray sign is no disguise
        1.0 - distinct / max(1, words),
        min(1.0, log1p(text.count("\n")) / 3),
        *length_of(words),
    ]


def length_of(words: int) -> list[float]:
    """The last of the measures, which say how long a text is."""
    bucket = next((i for i, most in enumerate(_LENGTHS) if words <= most), len(_LENGTHS))
    return [float(place == bucket) for place in range(len(_LENGTHS) + 1)]


def _number(values: Values, name: str) -> float | None:
    value = values.get(name)
    return value if type(value) is float or type(value) is int else None
