"""Compares a candidate with what is live and makes it live, if nothing speaks against that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from safety.classifiers.model_files import ModelRefused
from safety.decisions.model_versions import By, ModelVersions
from safety.domain.errors import InvalidInput, ModelUnusable, PromotionRefused
from safety.training.comparison import Comparison
from safety.training.desk_evidence import DeskEvidence
from safety.training.labelled import LabelledRow
from safety.training.promotion import Version, compare

# Scoring them on both sides takes a fraction of a second for a linear model.
_MOST_ROWS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Promoting:
    """The way of a candidate to live. `evidence` is what this site's people said."""

    versions: ModelVersions
    evidence: DeskEvidence | None = None

    def compare(
        self, name: str, candidate: str, *, against: str = "", rows: Sequence[LabelledRow] = ()
    ) -> Comparison:
        """A candidate beside the live version, or beside another one. `rows` come to the site's.

        Raises `NotFound`, `ModelUnusable`.
        """
        live = against or self.versions.live(name, self.versions.pointers().get(name))
        if live == candidate:
            raise InvalidInput(f"{name} {candidate} would be compared with itself")
        found = list(rows)
        if self.evidence is not None:
            found += self.evidence.rows(name, limit=_MOST_ROWS)
        before = self._version(name, live) if live else None
        return compare(before, self._version(name, candidate), found)

    def promote(self, found: Comparison, by: By, *, is_forced: bool = False) -> None:
        """Make the candidate of a comparison live.

        Raises `PromotionRefused` with the reasons against it, unless it is forced; forcing wants a
        reason of its own, which is kept with the comparison and audited.
        """
        name, version = found.model, found.candidate
        if is_forced and not by.why.strip():
            raise InvalidInput("say why it goes live although the comparison speaks against it")
        if found.reasons and not is_forced:
            against = "; ".join(found.reasons)
            raise PromotionRefused(f"{name} {version} stays a candidate: {against}")
        if found.live != self.versions.live(name, self.versions.pointers().get(name)):
            raise PromotionRefused("another version went live meanwhile: compare again")
        forced = is_forced and bool(found.reasons)
        self.versions.promote(name, version, by, shown=found.as_json(), is_forced=forced)

    def _version(self, name: str, version: str) -> Version:
        card = self.versions.card(name, version)
        try:
            model = self.versions.shelf.load(name, version)
        except ModelRefused as error:
            raise ModelUnusable(f"{name} {version}: {error}") from error
        return Version(card, model, self.versions.threshold(name, version)[0])
