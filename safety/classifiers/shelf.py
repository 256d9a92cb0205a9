"""Where versions of models stand: those that are shipped, and those that were made on this site."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from safety.classifiers.card import Card
from safety.classifiers.model_files import CARD_FILE, ModelRefused, digest_of, read_card
from safety.classifiers.registry import load_model, newest_version, versions_of
from safety.domain.ports import Classifier

# Versions made on a site count from here, so that a later release never ships one of their names.
FIRST_MADE_HERE: Final = 1001


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of shipped models and that of the site's own; both hold `<name>/<version>/`."""

    shipped: Path
    made: Path

    def names(self) -> list[str]:
        """Every model that has a folder anywhere."""
        found = {path.name for root in (self.shipped, self.made) for path in _folders(root)}
        return sorted(found)

    def versions(self, name: str) -> list[str]:
        """The versions of a model that have a folder, oldest first."""
        found: list[str] = []
        for model in (self.shipped / name, self.made / name):
            if model.is_dir():
                found += [path.name for path in versions_of(model)]
        return sorted(set(found), key=int)

    def newest_shipped(self, name: str) -> str:
        """The version that is live unless somebody chose another; empty when none is shipped."""
        model = self.shipped / name
        newest = newest_version(model) if model.is_dir() else None
        return newest.name if newest else ""

    def is_model(self, name: str) -> bool:
        """Whether the release has a folder for a model of this name."""
        return (self.shipped / name).is_dir()

    def is_shipped(self, name: str, version: str) -> bool:
        """Whether the version came with the release."""
        return (self.shipped / name / version).is_dir()

    def folder(self, name: str, version: str) -> Path:
        """Where a version stands or would stand: shipped ones cannot be replaced by the site's."""
        if not (name.isidentifier() and version.isdecimal()):
            raise ModelRefused("that is no name of a version")
        shipped = self.shipped / name / version
        return shipped if shipped.is_dir() else self.made / name / version

    def card(self, name: str, version: str) -> Card:
        """The card of a version. Raises `ModelRefused`."""
        return read_card(self.folder(name, version))

    def digest(self, name: str, version: str) -> str:
        """What names the card of a version, and through it its files. Raises `ModelRefused`."""
        return digest_of(self._bytes(name, version, CARD_FILE))

    def load(self, name: str, version: str, digest: str = "") -> Classifier:
        """The classifier of a version. Raises `ModelRefused`."""
        return load_model(self.folder(name, version), digest)

    def next_made(self, name: str) -> str:
        """The name of the next version that is made here."""
        own = [int(version) for version in self.versions(name) if int(version) >= FIRST_MADE_HERE]
        return str(max(own, default=FIRST_MADE_HERE - 1) + 1)

    def files(self, name: str, version: str) -> dict[str, bytes]:
        """The card and every file that it lists, by name. Raises `ModelRefused`."""
        names = [CARD_FILE, *self.card(name, version).files]
        return {each: self._bytes(name, version, each) for each in names}

    def put(self, name: str, version: str, files: Mapping[str, bytes]) -> None:
        """Set up a version that came through the database, whole or not at all."""
        target = self.made / name / version
        if target.is_dir():
            return
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
        try:
            for each, content in files.items():
                if Path(each).name != each:
                    raise ModelRefused("a file points outside its folder")
                (draft / each).write_bytes(content)
            os.rename(draft, target)  # noqa: PTH104  a folder that is there already wins
        except OSError as error:
            if not target.is_dir():
                raise ModelRefused(f"it cannot be set up: {error.strerror}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _bytes(self, name: str, version: str, file: str) -> bytes:
        try:
            return (self.folder(name, version) / file).read_bytes()
        except OSError as error:
            raise ModelRefused(f"{file} cannot be read") from error


def _folders(root: Path) -> list[Path]:
    try:
        return [path for path in root.iterdir() if path.is_dir() and path.name.isidentifier()]
    except OSError:
        return []
