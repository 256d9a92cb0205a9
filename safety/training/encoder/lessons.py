"""What the encoder learns from: one text, and what is known of it for each of the two models."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from safety.classifiers.reading import reading
from safety.text.fold import fold
from safety.training.texts.dataset import Row, read_source
from safety.training.texts.disguise import DISGUISES, with_emoji, with_link, with_mention
from safety.training.texts.sources import ABUSE_SOURCES, SPAM_SOURCES, WRITTEN, Source, Use
from safety.training.texts.written import written_abuse, written_spam

# The order of the encoder's outputs.
HEADS = ("spam", "abuse")
# What is not written in Latin letters is unknown to the published vocabulary.
UNREADABLE = frozenset({"ru", "zh"})

_SOURCES: Mapping[str, Sequence[Source]] = {"spam": SPAM_SOURCES, "abuse": ABUSE_SOURCES}
_WRITTEN = {"spam": written_spam, "abuse": written_abuse}
_DISGUISED = 0.4
_LINKED = 0.12
_WITH_EMOJI = 0.15
_ADDRESSED = 0.08
# The share of a source's texts that are positive, as they are drawn, is kept between these.
_LEAST_POSITIVE = 0.3
_MOST_POSITIVE = 0.5

Answers = tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The training rows of one source for one head; `weight` is how often they are drawn."""

    name: str
    head: str
    source: Source
    rows: Sequence[Row]
    weight: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A text as the encoder reads it, and one answer for each head: None when nobody said."""

    read: str
    answers: Answers


def shelves(
    data: Path, seed: int, *, include_research: bool = False, without: Sequence[str] = ()
) -> list[Shelf]:
    """What there is to learn, by source, without those named. Raises `DataMissing`."""
    found = []
    for head, sources in _SOURCES.items():
        for source in sources:
            is_wanted = include_research or source.use is Use.SHIP
            if is_wanted and source.name not in without and source.language not in UNREADABLE:
                rows = [row for row in read_source(data, source) if not row.is_dev]
                found.append(Shelf(source.name, head, source, rows, source.weight))
        rows = _WRITTEN[head](WRITTEN.name, seed)
        found.append(Shelf(f"{WRITTEN.name}_{head}", head, WRITTEN, rows, WRITTEN.weight))
    return found


class Urn:
    """Draws lessons: sources by weight, both answers of a source about evenly, often disguised."""

    def __init__(self, found: Sequence[Shelf], seed: int) -> None:
        self._random = Random(f"{seed} urn")  # noqa: S311 - repeatable, not secret
        self._shelves = [shelf for shelf in found if shelf.rows]
        self._weights = [shelf.weight for shelf in self._shelves]
        self._sides = [_sides(shelf.rows) for shelf in self._shelves]
        self._known = _known(self._shelves)
        self._ham = [
            row.text
            for shelf in self._shelves
            for row in shelf.rows
            if shelf.head == HEADS[0] and not row.is_positive
        ]

    def draw(self, count: int) -> Iterator[Drawn]:
        """As many lessons as asked for; the same urn never draws the same ones again."""
        places = range(len(self._shelves))
        for place in self._random.choices(places, self._weights, k=count):
            positive, negative, share = self._sides[place]
            side = positive if self._random.random() < share else negative
            row = self._random.choice(side)
            yield Drawn(read(self._dressed(row.text)), self._known[row.text])

    def _dressed(self, text: str) -> str:
        random = self._random
        # Spam and ham alike: a link or a picture must say nothing by itself.
        if random.random() < _LINKED:
            text = with_link(text, random)
        if random.random() < _WITH_EMOJI:
            text = with_emoji(text, random)
        if random.random() < _ADDRESSED:
            text = with_mention(text, random)
        if random.random() < _DISGUISED:
            text = random.choice(list(DISGUISES.values()))(text, random, self._ham)
        return text


def read(text: str) -> str:
    """A text as the encoder reads it."""
    return reading(fold(text).text)


def _known(found: Sequence[Shelf]) -> dict[str, Answers]:
    """Everything that any source says of each text."""
    known: dict[str, Answers] = {}
    for shelf in found:
        place = HEADS.index(shelf.head)
        for row in shelf.rows:
            answers = list(known.get(row.text, (None,) * len(HEADS)))
            answers[place] = row.is_positive
            known[row.text] = tuple(answers)
    return known


def _sides(rows: Sequence[Row]) -> tuple[list[Row], list[Row], float]:
    positive = [row for row in rows if row.is_positive]
    negative = [row for row in rows if not row.is_positive]
    if not positive or not negative:
        return positive, negative, float(bool(positive))
    share = len(positive) / len(rows)
    return positive, negative, min(_MOST_POSITIVE, max(_LEAST_POSITIVE, share))
