"""Trains the encoder of the text models: fine-tuned, quantised, checked, in a folder of its own."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from safety.classifiers.encoder import Encoder
from safety.classifiers.tokens import Tokens
from safety.training import quality
from safety.training.encoder import base, export, learning, lessons, vocabulary
from safety.training.encoder.hearing import said, sampled
from safety.training.encoder.kept import KeptEncoder
from safety.training.encoder.learning import Plan
from safety.training.encoder.network import Network, network
from safety.training.texts.dataset import read_source
from safety.training.texts.sources import Use
from safety.training.texts.tasks import TASKS
from safety.training.trainers import Progress, silent

LAYERS = 3
DEFAULT_SEED = 20
# How far eight-bit weights may move the log-odds on average; a wrong export moves them by whole
# units.
_MOST_APART = 0.25
_PARITY_ROWS = 400
_LEAST_ROWS = 50


@dataclass(frozen=True, slots=True)
class Lecture:
    """What to train. `without` are sources left out together, to see what carries over."""

    data: Path
    out: Path
    created: str
    seed: int = DEFAULT_SEED
    include_research: bool = False
    without: Sequence[str] = ()
    layers: int = LAYERS
    plan: Plan = field(default_factory=Plan)
    progress: Progress = silent

    @property
    def folder(self) -> Path:
        """Where the labelled texts are."""
        inside = self.data / "text"
        return inside if inside.is_dir() else self.data

    @property
    def checkpoint(self) -> Path:
        """Where the state of this run is kept until it ends: the same order goes on from it."""
        key = (self.seed, self.include_research, tuple(self.without), self.layers, self.plan)
        name = hashlib.sha256(repr(key).encode()).hexdigest()[:12]
        return self.out / f"unfinished-{name}.pt"


def train_encoder(lecture: Lecture) -> KeptEncoder:
    """Train, export and write the encoder. The same lecture gives the same files on one machine.

    Raises `BaseMissing` without the extra `train`, `DataMissing` without the rows, `ParityError`
    when the exported file says something else.
    """
    found = base.find_base()
    everything = lessons.shelves(
        lecture.folder, lecture.seed, include_research=lecture.include_research
    )
    kept = vocabulary.cut(
        found.tokenizer,
        dict.fromkeys(lessons.read(row.text) for shelf in everything for row in shelf.rows),
    )
    tokens = Tokens(kept.tokenizer)
    shelves = [shelf for shelf in everything if shelf.name not in lecture.without]
    learned = learning.trained(
        network(found, kept.kept, layers=lecture.layers, heads=len(lessons.HEADS)),
        lessons.Urn(shelves, lecture.seed),
        tokens.of_many,
        lecture.plan,
        seed=lecture.seed,
        checkpoint=lecture.checkpoint,
        tell=lambda done, total: lecture.progress(done, total, "texts read"),
    )
    full = export.exported(learned)
    encoder = KeptEncoder(export.quantised(full), kept.tokenizer, {"heads": list(lessons.HEADS)})
    made = _made(lecture, shelves, len(kept.kept)) | _checked(encoder, learned, tokens, shelves)
    encoder = KeptEncoder(encoder.model, encoder.vocabulary, made | _heard(lecture, encoder))
    encoder.write(lecture.out)
    encoder.write_made(lecture.out)
    lecture.checkpoint.unlink(missing_ok=True)
    return encoder


def _made(lecture: Lecture, shelves: Sequence[lessons.Shelf], pieces: int) -> dict[str, Any]:
    licence = "Apache-2.0; trained only on rows whose licence allows it, see sources"
    if lecture.include_research:
        licence = "NOT TO BE SHIPPED: trained on rows whose licence does not allow it"
    return {
        "heads": list(lessons.HEADS),
        "created": lecture.created,
        "licence": licence,
        "base": {
            "name": base.NAME,
            "revision": base.REVISION,
            "licence": base.LICENCE,
            "changes": f"the lower {lecture.layers} of 6 layers, fine-tuned; {pieces} of 30522 "
            "pieces; eight-bit weights",
        },
        "seed": lecture.seed,
        "texts": lecture.plan.texts,
        "left_out": list(lecture.without),
        "sources": [
            {
                "source": shelf.name,
                "model": shelf.head,
                "rows": len(shelf.rows),
                "weight": shelf.weight,
                "licence": shelf.source.licence,
                "attribution": shelf.source.attribution,
            }
            for shelf in shelves
        ],
    }


def _checked(
    kept: KeptEncoder, learned: Network, tokens: Tokens, shelves: Sequence[lessons.Shelf]
) -> dict[str, Any]:
    """How far the exported file is from the network, on texts of every source."""
    each = max(1, _PARITY_ROWS // len(shelves))
    texts = [lessons.read(row.text) for shelf in shelves for row in shelf.rows[:each]]
    rows = tokens.of_many(texts)
    served = kept.build()
    exported = np.concatenate([served.logits([row]) for row in rows])
    apart = export.parity(learning.logits(learned, rows), exported, _MOST_APART)
    return {"parity": {"mean_difference": round(apart, 4), "texts": len(rows)}}


def _heard(lecture: Lecture, kept: KeptEncoder) -> dict[str, Any]:
    """How well each head ranks rows it never learned from, alone."""
    encoder: Encoder = kept.build()
    lines = []
    for head, task in TASKS.items():
        for source in task.sources:
            is_unseen = source.name in lecture.without or (
                source.use is Use.RESEARCH and not lecture.include_research
            )
            rows = [r for r in read_source(lecture.folder, source) if is_unseen or r.is_dev]
            rows = sampled(rows, source, lecture.seed)
            given = said(encoder, kept.heads.index(head), [row.text for row in rows])
            is_read = ~np.isnan(given)
            truth = np.array([row.is_positive for row in rows], dtype=bool)[is_read]
            auc = quality.auc(truth, given[is_read])
            if auc is not None and len(truth) >= _LEAST_ROWS:
                lines.append(
                    {
                        "model": head,
                        "source": source.name,
                        "rows_are": "unseen source" if is_unseen else "dev",
                        "rows": len(truth),
                        "auc": round(auc, 4),
                    }
                )
    return {"alone": lines}
