"""The gate before a candidate goes live: no worse anywhere that counts, better somewhere.

What counts: the frozen hold-out of the cards, as a whole and by language; every attack of the
evasion suite; and what this site's own people labelled, as far as training never saw it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, Final

from safety.classifiers.card import Card
from safety.classifiers.holdout import ALL, Slice, costs_of, slices_of
from safety.domain.ports import Classifier
from safety.training import quality
from safety.training.comparison import Check, Comparison
from safety.training.labelled import TEST, LabelledRow

_LANGUAGE: Final = "lang:"
_SOURCE: Final = "source:"
_PLAIN: Final = "recall_plain"
# Two trainings of the same data differ by about this much.
_LEAST_MARGIN: Final = 0.002
_EVASION_MARGIN: Final = 0.02
_FALSE_POSITIVES: Final = 0.01
# Fewer rows of either kind say nothing about one false positive in a hundred.
_FEWEST_NEGATIVES: Final = 200
_FEWEST_POSITIVES: Final = 20
_BINS: Final = 200


@dataclass(frozen=True, slots=True)
class Version:
    """One side: the card, the classifier and the threshold that is in force for it."""

    card: Card
    model: Classifier
    threshold: float


def compare(live: Version | None, candidate: Version, rows: Sequence[LabelledRow]) -> Comparison:
    """Compare two versions of a model. `rows` are the site's own; only their TEST split is used."""
    named = candidate.card
    if live is None:
        return Comparison(named.name, "", named.version, (), is_first=True)
    checks = [*_holdout(live.card, named), *_evasion(live.card, named)]
    checks += _desk(live, candidate, [row for row in rows if row.split == TEST])
    return Comparison(named.name, live.card.version, named.version, tuple(checks))


def _holdout(live: Card, candidate: Card) -> Iterator[Check]:
    old, new = slices_of(live.content), slices_of(candidate.content)
    if not old:
        return  # nothing is known of the live version that a candidate could fall behind
    yield from _figures(_whole(old, new), _whole(new, old), ALL)
    for name in sorted(old):
        if name.startswith(_LANGUAGE):
            yield from _figures(old[name], new.get(name), name)
        elif name.startswith(_SOURCE) and name in new:
            # A source is not what a site meets: shown, and not decisive.
            for check in _figures(old[name], new[name], name):
                if not check.why:
                    yield replace(check, is_binding=False)


def _whole(mine: Mapping[str, Slice], other: Mapping[str, Slice]) -> Slice | None:
    """All rows, or those of the sources that both versions were measured on."""
    own = mine.get(ALL)
    if own is None or (ALL in other and own.is_same_rows(other[ALL])):
        return own
    shared = [
        name
        for name in sorted(mine)
        if name.startswith(_SOURCE) and name in other and mine[name].is_same_rows(other[name])
    ]
    if not shared:
        return own
    return Slice(
        ALL,
        _summed(mine[name].positive for name in shared),
        _summed(mine[name].negative for name in shared),
    )


def _summed(histograms: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*histograms, strict=True)))


def _figures(live: Slice | None, new: Slice | None, part: str) -> Iterator[Check]:
    if live is None or new is None:
        why = "its card says nothing of these rows"
        yield Check("hold-out", part, "AUC", None, None, 0.0, 0, why=why)
        return
    rows = live.positives + live.negatives
    if not live.is_same_rows(new):
        why = "the two were measured on different rows: train both on the same data"
        yield Check("hold-out", part, "AUC", live.auc(), None, 0.0, rows, why=why)
        return
    yield from _ranking("hold-out", part, live, new)


def _ranking(group: str, part: str, live: Slice, new: Slice) -> Iterator[Check]:
    """How well both rank the same rows, as far as there are enough of them."""
    rows = live.positives + live.negatives
    if live.positives < _FEWEST_POSITIVES or live.negatives < _FEWEST_POSITIVES:
        return
    margin = max(_LEAST_MARGIN, live.auc_error() or 0.0)
    yield Check(group, part, "AUC", live.auc(), new.auc(), margin, rows)
    if live.negatives >= _FEWEST_NEGATIVES:
        one, two = live.recall_at(_FALSE_POSITIVES), new.recall_at(_FALSE_POSITIVES)
        error = sqrt((one or 0.0) * (1 - (one or 0.0)) / live.positives)
        measure = "recall at 1 % false positives"
        yield Check(group, part, measure, one, two, max(_LEAST_MARGIN, error), rows)


def _evasion(live: Card, candidate: Card) -> Iterator[Check]:
    """The recall that is left under each attack, or the share of it where that is all we know."""
    old, new = _attacked(live), _attacked(candidate)
    is_recall = _PLAIN in old and _PLAIN in new
    for attack in sorted(old.keys() - {_PLAIN}):
        known = attack in new
        one, two = old[attack], new.get(attack)
        if is_recall and two is not None:
            one, two = one * old[_PLAIN], two * new[_PLAIN]
        yield Check(
            group="evasion",
            part=attack,
            measure="recall left" if is_recall else "share of recall kept",
            live=one,
            candidate=two,
            margin=_EVASION_MARGIN,
            rows=0,
            why="" if known else "its card says nothing of this attack",
        )


def _attacked(card: Card) -> dict[str, float]:
    """The share of recall kept under each attack, at most all of it, and the recall without one."""
    evasion = card.content.get("evasion")
    if not isinstance(evasion, dict):
        return {}
    kept = evasion.get("recall_kept", evasion)
    found = {
        str(attack): min(1.0, float(share))
        for attack, share in (kept.items() if isinstance(kept, dict) else ())
        if isinstance(share, int | float) and not isinstance(share, bool)
    }
    plain = evasion.get(_PLAIN)
    return found | ({_PLAIN: float(plain)} if isinstance(plain, int | float) else {})


def _desk(live: Version, candidate: Version, rows: Sequence[LabelledRow]) -> Iterator[Check]:
    """Both on what people labelled here, and what their mistakes would cost at their thresholds."""
    scored = [
        (row, old, new)
        for row in rows
        for old in [live.model.score(row.values)]
        for new in [candidate.model.score(row.values)]
        if old is not None and new is not None
    ]
    if not scored:
        return
    languages = sorted({row.language for row, _, _ in scored})
    parts = [(ALL, scored)] + [
        (_LANGUAGE + code, [one for one in scored if one[0].language == code])
        for code in languages
        if len(languages) > 1
    ]
    for part, found in parts:
        old_slice = _slice(part, ((row.label, old) for row, old, _ in found))
        new_slice = _slice(part, ((row.label, new) for row, _, new in found))
        yield from _ranking("desk", part, old_slice, new_slice)
    yield _cost(live, candidate, scored)


def _cost(
    live: Version,
    candidate: Version,
    scored: Sequence[tuple[LabelledRow, float, float]],
) -> Check:
    """What both would cost per event, as a gain: less is better, so it is negated."""
    costs = costs_of(live.card.content)
    prices = {0: costs.false_positive, 1: costs.false_negative}

    def price(label: int, score: float, threshold: float) -> float:
        return prices[label] if (score >= threshold) != bool(label) else 0.0

    weights = [row.weight for row, _, _ in scored]
    old = [price(row.label, score, live.threshold) for row, score, _ in scored]
    new = [price(row.label, score, candidate.threshold) for row, _, score in scored]
    whole = sum(weights)
    changes = [(b - a) * w for a, b, w in zip(old, new, weights, strict=True)]
    # Only the events on which both differ make their costs differ: the error of a paired test.
    error = sqrt(sum(change * change for change in changes)) / whole
    return Check(
        "desk",
        ALL,
        "cost of mistakes (negated)",
        -sum(a * w for a, w in zip(old, weights, strict=True)) / whole,
        -sum(b * w for b, w in zip(new, weights, strict=True)) / whole,
        max(_LEAST_MARGIN, error),
        len(scored),
    )


def _slice(name: str, scored: Iterable[tuple[int, float]]) -> Slice:
    labels, scores = zip(*scored, strict=True)
    found: Any = quality.holdout({name: (labels, scores)})
    counts = found["slices"][name]
    return Slice(name, tuple(counts["positive"]), tuple(counts["negative"]))
