"""`safety-gate models calibrate | score`: this site's threshold, and scores of a table."""

import csv
import gzip
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from safety.classifiers import site_threshold
from safety.classifiers.account import AccountModel
from safety.classifiers.activity import ActivityModel
from safety.classifiers.model_files import ModelRefused
from safety.classifiers.registry import load_model
from safety.classifiers.site_threshold import SiteThreshold
from safety.cli.durations import seconds
from safety.cli.ground import UnpreparedError, installed, now
from safety.cli.model_ground import by, evidence_of, shelf_of, versions_of
from safety.cli.model_shown import Name
from safety.config import load_settings
from safety.domain.features import Values
from safety.domain.ports import Classifier
from safety.training import quality
from safety.training.activity import table as activity
from safety.training.profiles import tables as profiles
from safety.training.site_scores import SiteScores, site_scores
from safety.web.inert import visible

_FALSE_POSITIVES = 0.01

ValuesOf = Callable[[Mapping[str, str]], Values]


def register(app: typer.Typer) -> None:
    """Add the commands to `safety-gate models`."""
    app.command()(calibrate)
    app.command()(score)


def calibrate(
    model: Name,
    *,
    false_positives: Annotated[
        float, typer.Option(min=0.0001, max=0.5, help="The share of people to be flagged.")
    ] = _FALSE_POSITIVES,
    budget: Annotated[
        float | None,
        typer.Option(min=0.0001, max=0.9, help="Instead: the share of accounts to be flagged."),
    ] = None,
    look_back: Annotated[str, typer.Option(help="How far to look back, such as 28d.")] = "28d",
    next_: Annotated[
        int, typer.Option("--next", min=0, help="Name accounts that would teach most if resolved.")
    ] = 0,
    apply: Annotated[bool, typer.Option(help="Set it; otherwise it is only shown.")] = False,
    why: Annotated[str, typer.Option(help="Why, for history and the audit log.")] = "",
) -> None:
    """Fit the threshold to this site's own scores, and to what its moderators decided."""
    with installed() as ground:
        versions = versions_of(ground)
        version = versions.live(model, versions.pointers().get(model))
        current, _ = versions.threshold(model, version)
        span = (now() - seconds(look_back), now())
        told = [one for one in evidence_of(ground).told(model) if one.version == version]
        answered = {one.decision_id: one.row.label == 1 for one in told if one.score is not None}
        site = site_scores(ground.engine, model, version, span, answered)
        if not site.scores:
            raise UnpreparedError(
                f"{model} {version} scored nobody in the last {look_back}: no rule that ran reads "
                f"score.{model}, or the events lack what it needs."
            )
        for account in _next(site, next_, false_positives):
            print(f"look at {visible(account)}")
        found = _found(f"{model} {version}", site, false_positives=false_positives, budget=budget)
        print(f"threshold.{model} would be {found.threshold:.4g}; it is {current:.4g}.")
        print(_told(found, len(site.scores)))
        if apply:
            basis = {
                "accounts": len(site.scores),
                "resolutions": found.resolutions,
                "budget": budget,
                "false_positives": found.false_positives,
            }
            versions.set_threshold(model, version, found.threshold, by(why), basis=basis)
            print(f"threshold.{model} of version {version} is set.")


def _next(site: SiteScores, count: int, false_positives: float) -> list[str]:
    """The accounts to look at next."""
    if not count:
        return []
    names, reviewed = list(site.scores), site.reviewed
    places = site_threshold.to_review(
        list(site.scores.values()), count, list(reviewed), list(reviewed.values()), false_positives
    )
    return [names[place] for place in places]


def _found(
    model: str, site: SiteScores, *, false_positives: float, budget: float | None
) -> SiteThreshold:
    scores = list(site.scores.values())
    if budget is not None:
        return site_threshold.by_budget(scores, budget)
    resolved = [site.scores[account] for account in site.answers]
    labels = list(site.answers.values())
    try:
        return site_threshold.by_resolutions(scores, resolved, labels, false_positives)
    except ValueError as error:
        raise UnpreparedError(
            f"{len(labels)} resolutions are about {model}: {error}. Until then, start from what "
            "people can look at: --budget 0.005 flags one account in 200."
        ) from None


def _told(found: SiteThreshold, accounts: int) -> str:
    flagged = f"It flags {found.flagged:.2%} of {accounts} accounts"
    if found.false_positives is None:
        return f"{flagged}."
    return (
        f"{flagged}, about {found.false_positives:.2%} of the people among them "
        f"({found.resolutions} resolutions)."
    )


def score(
    model: Name,
    file: Annotated[Path, typer.Argument(help="A table of accounts (CSV, gzipped or not).")],
    *,
    version: Annotated[str, typer.Option(help="Another than the newest shipped version.")] = "",
) -> None:
    """Score a table of accounts: `account,score` lines. With labels, say how good the ranking is.

    Columns are those of docs/account-models.md; a score is empty where too little is known.
    """
    classifier, values_of = _judge_of_tables(model, version)
    out = csv.writer(sys.stdout)
    out.writerow(("account", "score"))
    labels: list[bool] = []
    scores: list[float] = []
    with _records(file) as records:
        for number, record in enumerate(records, start=1):
            found = classifier.score(values_of(record))
            out.writerow((record.get("account") or number, "" if found is None else f"{found:.6f}"))
            if record.get("label") in {"0", "1"}:
                labels.append(record["label"] == "1")
                scores.append(found or 0.0)
    area = quality.auc(labels, scores)
    if area is not None:
        recall = quality.recall_at_fpr(labels, scores, _FALSE_POSITIVES)
        said = f"{len(labels)} labelled accounts: AUC {area:.4f}, recall at 1 % FPR {recall:.4f}."
        print(said, file=sys.stderr)


def _judge_of_tables(model: str, version: str) -> tuple[Classifier, ValuesOf]:
    shelf = shelf_of(load_settings())
    if model not in shelf.names():
        raise UnpreparedError(f"There is no model {model!r}: {', '.join(sorted(shelf.names()))}.")
    try:
        found = load_model(shelf.folder(model, version or shelf.newest_shipped(model)))
    except ModelRefused as refused:
        raise UnpreparedError(f"{model} cannot be used: {refused}.") from None
    if isinstance(found, AccountModel):
        return found, profiles.values_of
    if isinstance(found, ActivityModel):
        return found, activity.values_of
    raise UnpreparedError(f"{model} judges no profiles: its input is no table of accounts.")


@contextmanager
def _records(file: Path) -> Iterator[Iterator[Mapping[str, str]]]:
    try:
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8", newline="") as lines:
            yield csv.DictReader(lines)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnpreparedError(f"{file} cannot be read as a table: {error}.") from None
