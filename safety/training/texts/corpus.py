"""Rows become weighted training examples, joined by disguised copies of themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from safety.training.texts.dataset import Row
from safety.training.texts.disguise import (
    DISGUISES,
    padding,
    passage,
    with_emoji,
    with_link,
    with_mention,
)
from safety.training.texts.sources import Source

FOLDS = 3
_COPY_WEIGHT = 0.5
# A source where the positive is rare still has to teach what it is.
_LEAST_POSITIVE_SHARE = 0.3
_MOST_POSITIVE_SHARE = 0.5
_LINK_CHANCE = 0.5
_EMOJI_CHANCE = 0.5
_MENTION_CHANCE = 0.15
_LONG_CHANCE = 0.15
_PADDED_CHANCE = 0.3
_PASSAGE_CHANCE = 0.5
_PASSAGE_EACH = 150  # characters
_MOST_PASSAGES = 4


@dataclass(frozen=True, slots=True)
class Examples:
    """The training examples of one source. Copies share the fold of the row they come from."""

    texts: Sequence[str]
    is_positive: NDArray[np.bool_]
    is_copy: NDArray[np.bool_]
    fold: NDArray[np.int64]
    weight: NDArray[np.float64]


def capped(rows: Sequence[Row], source: Source, seed: int) -> list[Row]:
    """At most as many rows as the source's cap allows, always the same ones."""
    if len(rows) <= source.cap:
        return list(rows)
    random = Random(f"{seed} {source.name} rows")  # noqa: S311 - repeatable, not secret
    chosen = random.sample(range(len(rows)), source.cap)
    return [rows[place] for place in sorted(chosen)]


def examples_of(rows: Sequence[Row], source: Source, seed: int) -> Examples:
    """The rows, each with a disguised copy and some with links, emoji or names of people."""
    random = Random(f"{seed} {source.name} copies")  # noqa: S311 - repeatable, not secret
    ham = [row.text for row in rows if not row.is_positive]
    texts: list[str] = []
    origins: list[Row] = []
    is_copy: list[bool] = []
    for row in rows:
        copies = _copies(row, ham, random)
        texts += (row.text, *copies)
        origins += [row] * (1 + len(copies))
        is_copy += [False] + [True] * len(copies)
    is_positive = np.array([row.is_positive for row in origins], dtype=bool)
    copied = np.array(is_copy, dtype=bool)
    fold = np.array([fold_of(row.text) for row in origins], dtype=np.int64)
    own = np.array([row.weight for row in origins], dtype=np.float64)
    weight = _weights(is_positive, np.where(copied, _COPY_WEIGHT, 1.0) * own, source)
    return Examples(texts, is_positive, copied, fold, weight)


def fold_of(text: str) -> int:
    """The fold of a row, by its text: the same in every run."""
    return crc32(text.encode("utf-8", "replace")) % FOLDS


def _copies(row: Row, ham: Sequence[str], random: Random) -> list[str]:
    copies = [random.choice(list(DISGUISES.values()))(row.text, random, ham)]
    # Both get the same links, emoji and names, or the model would learn that they are good.
    decorated = row.text
    if random.random() < _LINK_CHANCE:
        decorated = with_link(decorated, random)
    if random.random() < _EMOJI_CHANCE:
        decorated = with_emoji(decorated, random)
    if random.random() < _MENTION_CHANCE:
        decorated = with_mention(decorated, random)
    if decorated != row.text:
        copies.append(decorated)
    if row.is_positive and random.random() < _PADDED_CHANCE:
        copies.append(padding(row.text, random, ham))
    if random.random() < _PASSAGE_CHANCE:
        # A long genuine text is read in many passages, and none of them may look bad.
        number = 1 if row.is_positive else 1 + min(_MOST_PASSAGES, len(row.text) // _PASSAGE_EACH)
        copies += (passage(row.text, random, ham, is_whole=row.is_positive) for _ in range(number))
    if not row.is_positive and random.random() < _LONG_CHANCE:
        # Most training texts are short: without long genuine ones, length itself would look bad.
        copies.append(" ".join([row.text, *random.choices(ham, k=random.randint(2, 9))]))
    return copies


def _weights(
    is_positive: NDArray[np.bool_], weight: NDArray[np.float64], source: Source
) -> NDArray[np.float64]:
    """Weights that sum to the source's own, with neither answer drowned by the other."""
    yes, no = weight[is_positive].sum(), weight[~is_positive].sum()
    if yes and no:
        share = min(_MOST_POSITIVE_SHARE, max(_LEAST_POSITIVE_SHARE, yes / (yes + no)))
        weight[is_positive] *= share / yes
        weight[~is_positive] *= (1 - share) / no
    else:
        weight /= weight.sum()
    return weight * source.weight


def all_examples(
    rows: Mapping[str, Sequence[Row]], sources: Sequence[Source], seed: int
) -> dict[str, Examples]:
    """The training examples by source; dev rows never become examples."""
    kept = {s.name: [row for row in rows[s.name] if not row.is_dev] for s in sources}
    return {s.name: examples_of(capped(kept[s.name], s, seed), s, seed) for s in sources}
