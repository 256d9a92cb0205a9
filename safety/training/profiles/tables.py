"""Reads account tables: the columns of published sets as features of an event."""

import csv
import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

from safety.domain.features import Value
from safety.training.profiles.sources import Source
from safety.training.trainers import DataMissing

_DAY: Final = 86_400.0
_COUNTS: Final = {
    "n_posts": "actor.posts",
    "n_followers": "actor.followers",
    "n_following": "actor.following",
    "n_likes_given": "actor.likes_given",
    "n_listed": "actor.listed",
    "bio_len": "actor.bio_length",
}
_FLAGS: Final = {"has_pic": "actor.has_avatar", "has_url": "actor.has_link"}
# What people do on GitHub that corresponds to posting; a star is a like.
_GITHUB_POSTS: Final = (
    "push_event", "pull_request_event", "issues_event", "issue_comment_event",
    "commit_comment_event", "pull_request_review_event", "pull_request_review_comment_event",
    "release_event", "create_event", "gollum_event", "public_event",
)  # fmt: skip
_GITHUB_LIKES: Final = "watch_event"


@dataclass(frozen=True, slots=True)
class Account:
    """One labelled account: its features, whether it is fake, where it is from and which part."""

    values: Mapping[str, Value]
    is_fake: bool
    source: str
    split: str


def values_of(record: Mapping[str, str]) -> dict[str, Value]:
    """The features that a row of a published table shows. Never raises: odd cells are unknown.

    Columns are those of the dictionary in docs/account-models.md. Columns that only say how a set
    was collected (verified, default profile, protected, crawl year) are never read.
    """
    if _GITHUB_LIKES in record:
        return _of_github(record)
    values: dict[str, Value] = {}
    for column, name in _COUNTS.items():
        count = _number(record, column)
        if count is not None:
            values[name] = int(count)
    for column, name in _FLAGS.items():
        flag = _number(record, column)
        if flag is not None:
            values[name] = bool(flag)
    default_image = _number(record, "default_image")
    if default_image is not None:
        values.setdefault("actor.has_avatar", not default_image)
    age = _number(record, "age_days")
    if age is not None:
        # Some crawl dates are guesses: an account from the future is a very new one.
        values["actor.account_age"] = max(0.0, age) * _DAY
    digits = _digits(record)
    if digits is not None:
        values["actor.name_digits"] = min(1.0, digits)
    return values


def read_table(folder: Path, source: Source) -> list[Account]:
    """The accounts of a source, in the order of its file. Raises `DataMissing`."""
    path = folder / source.file
    if not path.is_file():
        raise DataMissing(f"{source.file} is not in the data folder")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [
            Account(values_of(record), record["label"] == "1", source.name, record["split"])
            for record in csv.DictReader(lines)
        ]


def read_tables(folder: Path, sources: Iterable[Source]) -> dict[str, list[Account]]:
    """The accounts of several sources, by name. Raises `DataMissing`."""
    return {source.name: read_table(folder, source) for source in sources}


def _of_github(record: Mapping[str, str]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    posts = [_number(record, column) for column in _GITHUB_POSTS]
    known = [count for count in posts if count is not None]
    if known:
        values["actor.posts"] = int(sum(known))
    likes = _number(record, _GITHUB_LIKES)
    if likes is not None:
        values["actor.likes_given"] = int(likes)
    return values


def _number(record: Mapping[str, str], column: str) -> float | None:
    try:
        number = float(record.get(column) or "")
    except (TypeError, ValueError):
        return None
    return number if isfinite(number) else None


def _digits(record: Mapping[str, str]) -> float | None:
    share = _number(record, "username_digit_ratio")
    if share is not None:
        return share
    digits, length = _number(record, "username_digits"), _number(record, "username_len")
    return None if digits is None or length is None else digits / max(1.0, length)
