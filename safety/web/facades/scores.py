"""What a model says of a text by itself, without an event around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from safety.decisions.model_versions import ModelVersions
from safety.domain.errors import Unavailable
from safety.domain.ports import Classifier
from safety.web.services import Services

_RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class TextModel:
    """A loaded text model with the languages that its card speaks for (none: it does not say)."""

    classifier: Classifier
    languages: Sequence[str]
    threshold: float

    def score(self, text: str) -> float:
        """A calibrated probability; 0 for a text without a word or sign to judge."""
        return self.classifier.score({"content.text": text}) or 0.0

    def speaks(self, language: str) -> bool:
        """Whether the card speaks for this language; a region does not matter."""
        spoken = {each.lower().partition("-")[0] for each in self.languages} - {"und", "other"}
        return not spoken or language.lower().partition("-")[0] in spoken


def text_model(services: Services, name: str) -> TextModel:
    """The live model of this name. Raises `Unavailable` while there is none."""
    prepared = services.explainer.prepared()
    found = next((each for each in prepared.classifiers if each.name == name), None)
    if found is None:
        raise Unavailable(f"the model {name} is not loaded", retry_after=_RETRY_SECONDS)
    languages, threshold = _said(services.models, name, found.version)
    return TextModel(found, languages, prepared.thresholds.get(f"threshold.{name}", threshold))


# A version never changes, and its card is long: it is read once.
@lru_cache(maxsize=32)
def _said(models: ModelVersions, name: str, version: str) -> tuple[tuple[str, ...], float]:
    """The languages that a version's card speaks for, and its threshold."""
    card = models.card(name, version)
    return tuple(str(each) for each in card.content.get("languages", ())), card.threshold
