"""Both stages' opinions of many rows at once, read in batches of like length."""

from collections.abc import Sequence
from math import inf
from random import Random

import numpy as np

from safety.classifiers.cascade import TextCascade
from safety.classifiers.encoder import Encoder
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


def hear(model: TextCascade, rows: Sequence[Row], weight: float) -> Heard:
    """What both stages say of these rows; the encoder nothing of those it is not believed on."""
    texts = [row.text for row in rows]
    values = [{"content.text": text} for text in texts]
    scores = np.array([model.first.score(each) or 0.0 for each in values])
    positive = np.array([row.is_positive for row in rows], dtype=bool)
    asked = [model.doubt(each, score) for each, score in zip(values, scores, strict=True)]
    folded = [None if question is None else question.folded for question in asked]
    heard = read(model.second, model.head, folded, model.blend.most_broken)
    return Heard(positive, scores, heard, weight)


def said(encoder: Encoder, head: int, texts: Sequence[str]) -> Numbers:
    """The encoder's log-odds of each text as a whole; NaN for those it cannot read."""
    return read(encoder, head, [fold(text).text for text in texts])


def read(
    encoder: Encoder, head: int, folded: Sequence[str | None], most_broken: float = inf
) -> Numbers:
    """The encoder's log-odds of each folded text; NaN where it has nothing to say."""
    found = np.full(len(folded), np.nan)
    texts = {place: text for place, text in enumerate(folded) if text is not None}
    order = sorted(texts, key=lambda place: len(texts[place]))
    for start in range(0, len(order), _BATCH):
        places = order[start : start + _BATCH]
        answers = encoder.read([texts[place] for place in places])
        for place, answer in zip(places, answers, strict=True):
            if answer and answer[-1] <= most_broken:
                found[place] = answer[head]
    return found
