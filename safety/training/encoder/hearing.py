"""Both stages' opinions of many rows at once, read in batches of like length."""

from collections.abc import Sequence
from math import inf
from random import Random

import numpy as np

from safety.classifiers.encoder import Encoder
from safety.classifiers.linear_text import LinearText
from safety.text.fold import fold
from safety.training.encoder.blending import Heard, Numbers
from safety.training.texts.dataset import Row
from safety.training.texts.sources import Source

# Rows of one source that are read; the encoder is too dear for all of them.
MOST_ROWS = 1_000
_BATCH = 8


def sampled(rows: Sequence[Row], source: Source, seed: int) -> list[Row]:
    """At most `MOST_ROWS` of the rows, always the same ones."""
    if len(rows) <= MOST_ROWS:
        return list(rows)
    random = Random(f"{seed} {source.name} heard")  # noqa: S311 - repeatable, not secret
    return [rows[place] for place in sorted(random.sample(range(len(rows)), MOST_ROWS))]


def hear(  # noqa: PLR0917  both stages and what they are asked about
    linear: LinearText,
    encoder: Encoder,
    head: int,
    rows: Sequence[Row],
    weight: float,
    most_broken: float = inf,
) -> Heard:
    """What both stages say of these rows; the encoder nothing of those more broken up than this."""
    texts = [row.text for row in rows]
    scores = np.array([linear.score({"content.text": text}) or 0.0 for text in texts])
    positive = np.array([row.is_positive for row in rows], dtype=bool)
    return Heard(positive, scores, said(encoder, head, texts, most_broken), weight)


def said(encoder: Encoder, head: int, texts: Sequence[str], most_broken: float = inf) -> Numbers:
    """The encoder's log-odds of each text; NaN for those it cannot read or is not believed on."""
    folded = [fold(text).text for text in texts]
    found = np.full(len(texts), np.nan)
    order = sorted(range(len(folded)), key=lambda place: len(folded[place]))
    for start in range(0, len(order), _BATCH):
        places = order[start : start + _BATCH]
        for place, answer in zip(
            places, encoder.read([folded[place] for place in places]), strict=True
        ):
            if answer and answer[-1] <= most_broken:
                found[place] = answer[head]
    return found
