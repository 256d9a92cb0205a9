"""Rows become weighted training examples, joined by disguised copies of themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from safety.training.dataset import Row
from safety.training.disguise import DISGUISES, with_emoji, with_link, with_mention
from safety.training.sources import Source

FOLDS = 5
_COPY_WEIGHT = 0.5
# A source where spam is rare still has to teach what spam is.
_LEAST_SPAM_SHARE = 0.3
_MOST_SPAM_SHARE = 0.5
_LINK_CHANCE = 0.5
_EMOJI_CHANCE = 0.5
_MENTION_CHANCE = 0.15
_LONG_CHANCE = 0.15


@dataclass(frozen=True, slots=True)
class Examples:
    """The training examples of one source. Copies share the fold of the row they come from."""

    texts: Sequence[str]
    is_spam: NDArray[np.bool_]
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
    ham = [row.text for row in rows if not row.is_spam]
    texts: list[str] = []
    origins: list[Row] = []
    is_copy: list[bool] = []
    for row in rows:
        copies = _copies(row, ham, random)
        texts += (row.text, *copies)
        origins += [row] * (1 + len(copies))
        is_copy += [False] + [True] * len(copies)
    is_spam = np.array([row.is_spam for row in origins], dtype=bool)
    copied = np.array(is_copy, dtype=bool)
    fold = np.array([fold_of(row.text) for row in origins], dtype=np.int64)
    return Examples(texts, is_spam, copied, fold, _weights(is_spam, copied, source))


def fold_of(text: str) -> int:
    """The fold of a row, by its text: the same in every run."""
    return crc32(text.encode("utf-8", "replace")) % FOLDS


def _copies(row: Row, ham: Sequence[str], random: Random) -> list[str]:
    copies = [random.choice(list(DISGUISES.values()))(row.text, random, ham)]
    # Spam gets the same links, emoji and names as ham, or the model would learn that they are good.
    decorated = row.text
    if random.random() < _LINK_CHANCE:
        decorated = with_link(decorated, random)
    if random.random() < _EMOJI_CHANCE:
        decorated = with_emoji(decorated, random)
    if random.random() < _MENTION_CHANCE:
        decorated = with_mention(decorated, random)
    if decorated != row.text:
        copies.append(decorated)
    if not row.is_spam and random.random() < _LONG_CHANCE:
        # Most training texts are short: without long genuine ones, length itself would look bad.
        copies.append(" ".join([row.text, *random.choices(ham, k=random.randint(2, 9))]))
    return copies


def _weights(
    is_spam: NDArray[np.bool_], is_copy: NDArray[np.bool_], source: Source
) -> NDArray[np.float64]:
    weight = np.where(is_copy, _COPY_WEIGHT, 1.0)
    spam, ham = weight[is_spam].sum(), weight[~is_spam].sum()
    if spam and ham:
        share = min(_MOST_SPAM_SHARE, max(_LEAST_SPAM_SHARE, spam / (spam + ham)))
        weight[is_spam] *= share / spam
        weight[~is_spam] *= (1 - share) / ham
    else:
        weight /= weight.sum()
    return weight * source.weight


def all_examples(
    rows: Mapping[str, Sequence[Row]], sources: Sequence[Source], seed: int
) -> dict[str, Examples]:
    """The training examples by source; dev rows never become examples."""
    return {
        source.name: examples_of(
            capped([row for row in rows[source.name] if not row.is_dev], source, seed), source, seed
        )
        for source in sources
    }
