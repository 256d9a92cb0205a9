"""The models that can be trained, what every trainer is asked for, and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from safety.classifiers.card import Card
from safety.training.labelled import LabelledRow
from safety.training.model_page import ModelReport

# Hears how many steps are done, how many there are, and what was done.
Progress = Callable[[int, int, str], None]


def silent(_done: int, _total: int, _label: str) -> None:
    """A progress that nobody watches."""


class DataMissing(FileNotFoundError):
    """The folder of training data lacks a file."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to train. The same order gives the same bytes.

    `data` is the folder of labelled data; `out` the version's folder, such as models/spam/2, whose
    name becomes the version; `created` the date for the card. With `include_research` the weights
    must not be shipped, and the card says so. `more` are rows of the site's own desk.
    """

    data: Path
    out: Path
    created: str
    seed: int
    include_research: bool = False
    more: Sequence[LabelledRow] = ()
    progress: Progress = silent

    def folder(self, kind: str) -> Path:
        """The part of the data called `text`, `accounts` or `graph`, or the folder itself."""
        inside = self.data / kind
        return inside if inside.is_dir() else self.data


@dataclass(frozen=True, slots=True)
class Trained:
    """The card that was written beside the model's files, and what to show on a page."""

    card: Card
    report: ModelReport


Trainer = Callable[[Order], Trained]


@dataclass(frozen=True, slots=True)
class Trainable:
    """A model that can be trained here. Its trainer is imported only when it is asked for."""

    what: str
    module: str
    function: str
    seed: int

    def trainer(self) -> Trainer:
        """The function that trains it; raises `DataMissing` when a file is not there."""
        return cast("Trainer", getattr(import_module(self.module), self.function))


TRAINERS: Mapping[str, Trainable] = {
    "spam": Trainable(
        "texts that promote, lure or deceive", "safety.training.texts.train", "train_spam", 20
    ),
    "abuse": Trainable(
        "texts that insult, threaten or demean", "safety.training.texts.train", "train_abuse", 20
    ),
    "fake_follower": Trainable(
        "accounts made, sold or taken over to follow",
        "safety.training.profiles.train",
        "train_fake_follower",
        20,
    ),
    "bot": Trainable(
        "accounts that a program acts for", "safety.training.behaviour.train", "train_bot", 20
    ),
    "activity": Trainable(
        "programs among accounts of which the platform keeps a summary of what they do",
        "safety.training.activity.train",
        "train_activity",
        20,
    ),
}


class Steps:
    """Counts what is done of a known number of steps and tells whoever waits."""

    def __init__(self, tell: Progress, total: int) -> None:
        self._tell = tell
        self._total = total
        self._done = 0

    def next(self, label: str) -> None:
        """One more step is done."""
        self._done += 1
        self._tell(self._done, self._total, label)
