"""What training found of a model, and the HTML page that shows it: it stands alone, no script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray

from safety.assets import shipped
from safety.training import quality
from safety.training.charts import row_chart
from safety.training.curves import curve_chart

_LONGEST_SHOWN = 200
_MOST_ERRORS = 15
_CURVE_POINTS = 120


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that no training has seen, with their calibrated scores; `shown` says what each was.

    `kind` is `source`, `language` or another word for what the rows have in common.
    """

    kind: str
    name: str
    labels: ArrayLike
    scores: ArrayLike
    shown: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of figures with its heading; the first column names the row."""

    title: str
    note: str
    headings: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class ModelReport:
    """Everything the page shows. `false_positive_share` is the working point of its figures."""

    name: str
    version: str
    summary: str
    threshold: float
    false_positive_share: float
    slices: Sequence[Slice]
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def model_page(found: ModelReport, at: float) -> str:
    """The page of a trained model, made at `at` (Unix seconds), as HTML."""
    labels = np.concatenate([np.asarray(s.labels, dtype=bool) for s in found.slices])
    scores = np.concatenate([np.asarray(s.scores, dtype=float) for s in found.slices])
    curve = _thinned(quality.precision_recall(labels, scores))
    bins = quality.reliability(labels, scores)
    made_at = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        _environment()
        .get_template("reports/model.html")
        .render(
            found=found,
            made_at=made_at,
            figures=_figures(found, labels, scores),
            curve=curve_chart([(p.recall, p.precision) for p in curve]),
            curve_rows=[
                (_share(p.recall), _share(p.precision), f"{p.threshold:.3f}") for p in curve
            ],
            calibration=curve_chart(
                [(b["mean_score"], b["share_positive"]) for b in bins],
                is_dotted=True,
                diagonal=True,
            ),
            bin_rows=[
                (f"{b['mean_score']:.3f}", f"{b['share_positive']:.3f}", b["rows"]) for b in bins
            ],
            bars=row_chart([f"to {b['mean_score']:.2f}" for b in bins], [b["rows"] for b in bins]),
            slice_rows=[_slice_row(s, found) for s in found.slices],
            error_tables=[_errors(found, wanted=wanted) for wanted in (True, False)],
        )
    )


def _figures(
    found: ModelReport, labels: NDArray[np.bool_], scores: NDArray[np.float64]
) -> list[tuple[str, str, str]]:
    share = found.false_positive_share
    return [
        ("Threshold", f"{found.threshold:.4f}", "calibrated probability"),
        ("AUC", _number(quality.auc(labels, scores)), f"{len(labels)} rows never trained on"),
        (
            f"Recall at {share:.1%} false positives",
            _share(quality.recall_at_fpr(labels, scores, share)),
            "all slices together",
        ),
        (
            "Calibration error",
            f"{quality.expected_calibration_error(labels, scores):.3f}",
            "mean gap between said and true",
        ),
    ]


def _slice_row(one: Slice, found: ModelReport) -> tuple[object, ...]:
    counts = quality.confusion(one.labels, one.scores, found.threshold)
    positive = counts["caught"] + counts["missed"]
    negative = counts["flagged_wrongly"] + counts["left_alone"]
    return (
        f"{one.kind} {one.name}",
        positive + negative,
        _number(quality.auc(one.labels, one.scores)),
        _share(quality.recall_at_fpr(one.labels, one.scores, found.false_positive_share)),
        _of(counts["caught"], positive),
        _of(counts["flagged_wrongly"], negative),
    )


def _errors(found: ModelReport, *, wanted: bool) -> Table:
    """The rows that were most wrong: misses if `wanted`, else false alarms."""
    rows = [
        (float(score), one.name, text)
        for one in found.slices
        for label, score, text in zip(
            np.asarray(one.labels, dtype=bool), np.asarray(one.scores, dtype=float), one.shown,
            strict=False,
        )
        if bool(label) is wanted
    ]  # fmt: skip
    rows.sort(key=lambda row: (row[0] if wanted else -row[0], row[1:]))
    title = "Missed, lowest score first" if wanted else "Flagged wrongly, highest score first"
    shown = [(f"{score:.3f}", name, inert(text)) for score, name, text in rows[:_MOST_ERRORS]]
    return Table(title, "", ["score", "source", "text"], shown)


def inert(text: str) -> str:
    """A stranger's text, cut short, with every character that would not be seen spelt out."""
    short = text[:_LONGEST_SHOWN] + ("…" if len(text) > _LONGEST_SHOWN else "")
    return "".join(c if c.isprintable() else f"⟨U+{ord(c):04X}⟩" for c in short)


def _thinned(curve: list[quality.Point]) -> list[quality.Point]:
    """Some points of a curve, evenly along its recall."""
    if not curve:
        return []
    recalls = np.array([point.recall for point in curve])
    places = np.searchsorted(recalls, np.linspace(recalls[0], 1.0, _CURVE_POINTS))
    return [curve[place] for place in sorted(set(np.minimum(places, len(curve) - 1).tolist()))]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "-"


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(shipped("admin_ui") / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: object) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return "".join(c if c.isprintable() or c == "\n" else f"⟨U+{ord(c):04X}⟩" for c in value)
    return value
