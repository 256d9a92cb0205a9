"""Trains the linear text models: the same data and seed give the same bytes."""

from collections.abc import Mapping, Sequence

from safety.classifiers import weights_file
from safety.classifiers.card import Card
from safety.classifiers.linear_text import LinearText, Weights
from safety.classifiers.registry import CARD_FILE
from safety.training.texts import figures, fit
from safety.training.texts.cards import WEIGHTS_FILE, Held, Learned, card_content, report_of
from safety.training.texts.checkpoints import Checkpoints
from safety.training.texts.corpus import Examples, all_examples
from safety.training.texts.dataset import DESK, Row, desk_rows, read_sources
from safety.training.texts.matrix import RowBuilder
from safety.training.texts.sources import WRITTEN, Source, Use
from safety.training.texts.tasks import ABUSE, SPAM, Task
from safety.training.texts.thresholds import threshold
from safety.training.trainers import Order, Steps, Trained

_DESK = Source(DESK, "", "", Use.SHIP, "the site's own", 2.0, attribution="its moderators")

Rows = Mapping[str, Sequence[Row]]


def train_spam(order: Order) -> Trained:
    """Train `spam`. Raises `DataMissing` when a file is not there."""
    return train(SPAM, order)


def train_abuse(order: Order) -> Trained:
    """Train `abuse`. Raises `DataMissing` when a file is not there."""
    return train(ABUSE, order)


def train(task: Task, order: Order) -> Trained:
    """Train on the files of `order` and write weights.npz and card.json into its folder."""
    sources = task.trained_on(include_research=order.include_research)
    sources += (_DESK,) if order.more else ()
    unseen = () if order.include_research else task.unseen()
    groups = [group for group in task.groups if {s.name for s in sources} > set(group)]
    steps = Steps(order.progress, total=5 + bool(task.alone) + len(sources) + len(groups))
    rows = _read(task, order, (*sources, *unseen))
    steps.next("rows read")
    parts = _parts(all_examples(rows, sources, order.seed), steps)
    checkpoints = Checkpoints(order.out, parts)
    learned, weights = _learn(task, parts, checkpoints, groups, steps)
    blob = weights_file.dump(weights)
    model = LinearText(
        task.name,
        order.out.name,
        weights_file.load(blob),
        task.scripts,
        tongues=task.tongues,
    )
    held = _held_out(model, rows, sources, unseen)
    steps.next("rows never trained on are scored")
    content = card_content(task, order, blob, learned, held)
    content["sources"] = [_source_line(source, rows[source.name]) for source in sources]
    steps.next("calibration and inputs measured")
    dev = [row for one in held if one.rows_are == "dev" for row in one.rows]
    content["evasion"] = figures.evasion(model, dev, learned.threshold, order.seed)
    content["naming_people"] = figures.naming(model, learned.threshold)
    steps.next("attacks measured")
    card = Card.parse(Card("", "", "", "", "", 0.0, content).dump())
    order.out.mkdir(parents=True, exist_ok=True)
    (order.out / WEIGHTS_FILE).write_bytes(blob)
    (order.out / CARD_FILE).write_bytes(card.dump())
    checkpoints.forget()
    return Trained(card, report_of(task, card, held))


def _read(task: Task, order: Order, sources: Sequence[Source]) -> Rows:
    made = (WRITTEN.name, DESK)
    rows = read_sources(order.folder("text"), [s for s in sources if s.name not in made])
    rows[WRITTEN.name] = task.write(WRITTEN.name, order.seed)
    rows[DESK] = desk_rows(order.more)
    return rows


def _parts(examples: Mapping[str, Examples], steps: Steps) -> dict[str, fit.Part]:
    builder = RowBuilder(fit.BITS)
    parts = {}
    for name, found in examples.items():
        parts[name] = fit.Part(builder.matrix(found.texts), found)
        steps.next(f"{name} prepared")
    return parts


def _learn(
    task: Task,
    parts: Mapping[str, fit.Part],
    checkpoints: Checkpoints,
    groups: Sequence[Sequence[str]],
    steps: Steps,
) -> tuple[Learned, Weights]:
    """Fit without each group to see what carries over, then on everything."""
    with fit.one_thread():
        judged: dict[str, fit.Judged] = {}
        for group in groups:
            judged |= checkpoints.without(group)
            steps.next(f"fitted without {', '.join(group)}")
        left_out = dict(judged)
        alone = [name for name in task.alone if name in parts]
        if alone:
            judged |= checkpoints.by_folds(alone)
            steps.next(f"folds of {', '.join(alone)} fitted")
        slope, offset = fit.calibration(judged)
        weights = fit.weights_of(fit.fit(list(parts.values())), slope, offset)
        steps.next("fitted")
    learned = Learned(groups, left_out, judged, slope, offset)
    negatives = [learned.scores(name)[~one.is_positive] for name, one in judged.items()]
    learned.threshold = threshold(task.cost_threshold, task.false_positive_share, negatives)
    return learned, weights


def _held_out(
    model: LinearText, rows: Rows, sources: Sequence[Source], unseen: Sequence[Source]
) -> list[Held]:
    """Rows that were never trained on, with their scores: dev rows, and all of unseen sources."""
    kept = [(s, "dev", [row for row in rows[s.name] if row.is_dev]) for s in sources]
    kept += [(s, "unseen source", list(rows[s.name])) for s in unseen]
    return [
        Held(source, rows_are, found, figures.scores(model, [row.text for row in found]))
        for source, rows_are, found in kept
        if found
    ]


def _source_line(source: Source, rows: Sequence[Row]) -> dict[str, object]:
    train = [row for row in rows if not row.is_dev]
    return {
        "source": source.name,
        "language": source.language,
        "licence": source.licence,
        "attribution": source.attribution,
        "may_ship": source.use is Use.SHIP,
        "read": source.reading.value,
        "rows": min(len(train), source.cap),
        "rows_available": len(train),
        "weight": source.weight,
    }
