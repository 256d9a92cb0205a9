"""Joins a trained encoder to a linear model: a quick step that is run again when either is new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from safety.classifiers import weights_file
from safety.classifiers.card import Card
from safety.classifiers.cascade import Blend, TextCascade
from safety.classifiers.linear_text import LinearText
from safety.classifiers.linear_text_file import built
from safety.classifiers.model_files import CARD_FILE, read_card, read_verified
from safety.training.encoder import hearing
from safety.training.encoder.blending import Heard, fitted, joined
from safety.training.encoder.cascade_card import Joined, content_of
from safety.training.encoder.kept import KeptEncoder, read_kept
from safety.training.texts import figures
from safety.training.texts.cards import Held, report_of
from safety.training.texts.dataset import read_sources
from safety.training.texts.sources import WRITTEN, Source
from safety.training.texts.tasks import TASKS, Task
from safety.training.texts.thresholds import MOST_OF_ONE, threshold
from safety.training.trainers import Progress, Steps, Trained, silent

# Abuse hangs on words, and of the words of other languages the encoder knows only pieces: there it
# is not believed. Spam also shows in links, numbers and offers, whatever the language.
MOST_BROKEN: Mapping[str, float] = {"abuse": 0.6}
# Of ordinary traffic, far less looks like abuse than of the dev rows, which were collected for it.
READ_SHARES: Mapping[str, float] = {"spam": 0.4, "abuse": 0.7}
# Spam hides in something longer; what makes a text abusive is found by either stage as it is.
READS_PASSAGES = frozenset({"spam"})
# Dev rows are of platforms that both stages know; elsewhere a threshold lets through five times as
# many false positives and more. Spam may be acted on, so its threshold leaves room for that.
HEADROOM: Mapping[str, float] = {"spam": 5.0}


@dataclass(frozen=True, slots=True)
class Joining:
    """What to join. The same joining gives the same bytes.

    `linear` is the folder of a version with a linear first stage, `encoder` that of a trained
    encoder or of a version that has one. `data` is the folder of labelled data; `out` the folder of
    the new version, whose name becomes the version.
    """

    name: str
    data: Path
    linear: Path
    encoder: Path
    out: Path
    created: str
    seed: int = 20
    progress: Progress = silent


@dataclass(frozen=True, slots=True)
class _Slice:
    """Rows of a source that neither stage has learned from, and what both say of them."""

    source: Source
    rows_are: str
    rows: Sequence[Any]
    heard: Heard


def join(order: Joining) -> Trained:
    """Fit how both stages speak together, and write the version with two stages.

    Raises `ModelRefused` if the linear model cannot be used, `NoEncoder` if there is no encoder,
    and `DataMissing` when a file of rows is not there.
    """
    task = TASKS[order.name]
    card = read_card(order.linear)
    weights = read_verified(order.linear, card)
    linear = built(card, weights_file.load(weights), order.out.name)
    kept = read_kept(order.encoder)
    steps = Steps(order.progress, total=4 + len(task.sources))
    slices = _slices(task, order, linear, kept, steps)
    own = [each for each in slices if each.rows_are == "dev"]
    certainty = float(kept.made.get("certainty", {}).get(order.name, 1.0))
    blend = fitted(
        [each.heard for each in own],
        certainty=certainty,
        most_broken=MOST_BROKEN.get(order.name, inf),
        read_share=READ_SHARES[order.name],
        reads_passages=order.name in READS_PASSAGES,
    )
    model = TextCascade(linear, kept.build(), order.name, blend)
    held = [Held(s.source, s.rows_are, s.rows, joined(blend, s.heard)) for s in slices]
    cut = _threshold(task, [each for each in held if each.rows_are == "dev"])
    steps.next("joined")
    dev = [row for one in held if one.rows_are == "dev" for row in one.rows]
    evasion = figures.evasion(model, dev, cut, order.seed)
    steps.next("attacks measured")
    naming = figures.naming(model, cut)
    steps.next("naming people measured")
    found = Joined(
        task=task,
        first=card,
        kept=kept,
        blend=blend,
        threshold=cut,
        false_positive_share=_share(task),
        most_of_one=_most_of_one(task),
        read_share=READ_SHARES[order.name],
        held=held,
        heard=[each.heard for each in slices],
    )
    content = content_of(found, created=order.created, version=order.out.name)
    content |= {"evasion": evasion, "naming_people": naming}
    written = Card.parse(Card("", "", "", "", "", 0.0, content).dump())
    _write(order.out, written, weights, kept)
    steps.next("files written")
    return Trained(written, report_of(task, written, held))


def _slices(
    task: Task, order: Joining, linear: LinearText, kept: KeptEncoder, steps: Steps
) -> list[_Slice]:
    folder = order.data / "text" if (order.data / "text").is_dir() else order.data
    unseen = task.unseen()
    sources = [s for s in (*task.trained_on(), *unseen) if s.name != WRITTEN.name]
    limit = MOST_BROKEN.get(task.name, inf)
    asking = Blend(0.0, 1.0, 1.0, 0.0, 0.0, limit, task.name in READS_PASSAGES)
    model = TextCascade(linear, kept.build(), task.name, asking)
    found = []
    for source in sources:
        is_unseen = source in unseen
        rows = read_sources(folder, [source])[source.name]
        rows = hearing.sampled([r for r in rows if is_unseen or r.is_dev], source, order.seed)
        if rows:
            heard = hearing.hear(model, rows, source.weight)
            found.append(_Slice(source, "unseen source" if is_unseen else "dev", rows, heard))
        steps.next(f"{source.name} heard")
    return found


def _threshold(task: Task, held: Sequence[Held]) -> float:
    """Where the costs put it, or higher for the false positives among dev rows."""
    negatives = [one.scores[~np.array(one.labels, dtype=bool)] for one in held]
    return threshold(task.cost_threshold, _share(task), negatives, _most_of_one(task))


def _most_of_one(task: Task) -> int:
    """How many times its share of false positives any one source may have."""
    return MOST_OF_ONE if task.name in HEADROOM else 1


def _share(task: Task) -> float:
    """The false positives that are allowed among the dev rows of all sources together."""
    return task.false_positive_share / HEADROOM.get(task.name, 1.0)


def _write(out: Path, card: Card, weights: bytes, kept: KeptEncoder) -> None:
    kept.write(out)
    (out / card.file).write_bytes(weights)
    (out / CARD_FILE).write_bytes(card.dump())
