"""Two stages in one: the linear model settles what is clear, the encoder reads what it leaves open.

What both say is joined in log-odds. Outside the band of doubt the linear score stands as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, log

from safety.classifiers.encoder import Encoder
from safety.classifiers.linear_text import LinearText
from safety.classifiers.occlusion import occluded
from safety.domain.features import Values
from safety.domain.ports import Contribution, Question
from safety.text.fold import fold, fold_with_offsets

_MAX_CONTRIBUTIONS = 12
_LEAST_CONTRIBUTION = 0.02
_MOST_LOG_ODDS = 30.0
_NEARLY = 1e-9


@dataclass(frozen=True, slots=True)
class Blend:
    """Where the linear score leaves doubt, and how much either stage says there.

    A linear score from `low` to `high` asks the encoder. Then the log-odds are
    `first` x linear + `second` x encoder + `offset`, unless words are more broken up than
    `most_broken`: then the text is in a language in which this model had better not believe it.
    With `reads_passages` the encoder also reads the passage of a text that looks worse than it.
    """

    low: float
    high: float
    first: float
    second: float
    offset: float
    most_broken: float = inf
    reads_passages: bool = False

    def __post_init__(self) -> None:
        numbers = (self.low, self.high, self.first, self.second, self.offset)
        if not self.most_broken >= 0:
            raise ValueError("words are broken up into pieces, not joined")
        if not all(map(isfinite, numbers)):
            raise ValueError("the numbers of a blend are finite")
        if not 0 <= self.low <= self.high <= 1:
            raise ValueError("a band of doubt lies between 0 and 1")

    def joined(self, score: float, said: float) -> float:
        """The probability after both have spoken: a linear score and an encoder's log-odds."""
        return _probability(self.first * log_odds(score) + self.second * said + self.offset)


class TextCascade:
    """A linear text model with an encoder behind it. `first` is the linear one alone."""

    def __init__(self, linear: LinearText, encoder: Encoder, head: str, blend: Blend) -> None:
        self.first = linear
        self.second = encoder
        self.blend = blend
        self.head = encoder.heads[head]

    @property
    def name(self) -> str:
        """The model's name."""
        return self.first.name

    @property
    def version(self) -> str:
        """The version that its card gives."""
        return self.first.version

    def doubt(self, values: Values, score: float) -> Question | None:
        """What to ask the encoder about an event with this linear score; None if it is clear."""
        blend = self.blend
        if not blend.low <= score <= blend.high:
            return None
        lines = self._lines(values)
        if self.first.is_foreign(lines[0]):
            return None
        return Question(self.second, "\n".join(lines), self.head, score)

    def _lines(self, values: Values) -> list[str]:
        """What the encoder reads: the folded text, and the passage that looks worse than it."""
        folded = values.get("content.text_folded")
        if not isinstance(folded, str):
            found = fold(str(values.get("content.text", "")))
            folded, values = found.text, {**values, "content.obfuscation": found.obfuscation}
        passage = self.first.passage(values, folded) if self.blend.reads_passages else None
        return [folded] if passage is None else [folded, passage]

    def settle(self, question: Question, said: Sequence[float]) -> float:
        """The score, now that the encoder has said this; the old one if it said nothing."""
        if not said or said[-1] > self.blend.most_broken:
            return question.score
        return self.blend.joined(question.score, said[question.head])

    def score(self, values: Values) -> float | None:
        """The score of both stages, at once: a few milliseconds where there is doubt."""
        score = self.first.score(values)
        question = None if score is None else self.doubt(values, score)
        if question is None:
            return score
        return self.settle(question, self.second.read([question.folded])[0])

    def explain(self, values: Values) -> Sequence[Contribution]:
        """What moved the score most. Where the encoder was asked, its part is found by occlusion.

        Up to twenty-odd readings of the text: for people who look at one decision, not for serving.
        """
        found = self.first.explain(values)
        text, score = values.get("content.text"), self.first.score(values)
        question = None if score is None else self.doubt(values, score)
        if not isinstance(text, str) or question is None:
            return found
        folded, offsets = fold_with_offsets(text)
        pieces: dict[tuple[int, int], float] = {
            (each.start, each.end): each.weight * self.blend.first for each in found
        }
        lines = question.folded.split("\n")
        said = self.second.read(lines)
        if not said[0] or said[0][-1] > self.blend.most_broken:
            return found
        head = self.head
        _, read = max(zip(said, lines, strict=True), key=lambda line: line[0] and line[0][head])
        place = max(0, folded.text.find(read))
        for start, end, weight in occluded(self.second, read, self.head):
            span = offsets[place + start], offsets[place + end - 1] + 1
            pieces[span] = pieces.get(span, 0.0) + weight * self.blend.second
        strongest = sorted(pieces.items(), key=lambda piece: (-abs(piece[1]), piece[0]))
        return [
            Contribution(start, end, text[start:end], weight)
            for (start, end), weight in strongest[:_MAX_CONTRIBUTIONS]
            if abs(weight) >= _LEAST_CONTRIBUTION
        ]


def log_odds(score: float) -> float:
    """A probability as log-odds, within bounds."""
    inside = min(1.0 - _NEARLY, max(_NEARLY, score))
    return log(inside / (1.0 - inside))


def _probability(odds: float) -> float:
    return 1.0 / (1.0 + exp(-max(-_MOST_LOG_ODDS, min(_MOST_LOG_ODDS, odds))))
