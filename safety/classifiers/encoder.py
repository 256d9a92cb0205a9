"""The second stage of the text models: a small transformer that reads what the first leaves open.

One encoder answers for several models at once, each with a head of its own.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.reading import reading
from safety.classifiers.tokens import Tokens

# Below this share of known pieces a text is in a language that the encoder cannot read.
_LEAST_KNOWN = 0.75


class EncoderError(ValueError):
    """The bytes are no encoder, or none with these heads."""


class Encoder:
    """Logits for texts, by onnxruntime on one thread. Safe to share between threads.

    Nothing is built before it is needed: `warm` builds, and so does the first question.
    """

    def __init__(self, model: bytes, vocabulary: bytes, heads: Sequence[str]) -> None:
        self.heads: Mapping[str, int] = {name: place for place, name in enumerate(heads)}
        self._model: bytes | None = model
        self._vocabulary: bytes | None = vocabulary
        self._session: Any = None
        self._tokens: Tokens | None = None
        self._building = Lock()

    def warm(self) -> None:
        """Build what answering needs. Raises `EncoderError` if the files are not usable."""
        if self._session is None or self._tokens is None:
            with self._building:
                self._build()

    def read(self, folded: Sequence[str]) -> list[tuple[float, ...]]:
        """What each head says of each folded text, in log-odds before calibration.

        Last in each answer stands how broken up the words are: see `Tokens.broken`. Empty for a
        text in a script that it cannot read. Of several lines, which no folded text has, each is
        read by itself, and the highest answer of each head counts. Raises `EncoderError` if its
        files are not usable.
        """
        self.warm()
        assert self._tokens is not None  # noqa: S101  warm has built it
        lines = [text.split("\n") for text in folded]
        rows = [self._tokens.of(reading(line)) for each in lines for line in each]
        readable = [row for row in rows if self._tokens.known_share(row) >= _LEAST_KNOWN]
        said = iter(self.logits(readable).tolist() if readable else ())
        is_readable = {id(row) for row in readable}
        answers = [
            (*next(said), self._tokens.broken(row)) if id(row) in is_readable else ()
            for row in rows
        ]
        ends = accumulate(map(len, lines))
        return [
            _worst(answers[end - len(each) : end]) for end, each in zip(ends, lines, strict=True)
        ]

    def logits(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """What every head says of tokenised texts: (texts, heads)."""
        self.warm()
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row
            mask[place, : len(row)] = 1
        said: NDArray[np.float32] = self._session.run(None, {"ids": ids, "mask": mask})[0]
        return said

    def _build(self) -> None:
        if self._session is not None:
            return
        # A third of a second and 40 MB, which a service without texts never needs.
        import onnxruntime  # noqa: PLC0415  only where an encoder is asked

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Texts differ in length: an arena sized for the longest batch would never shrink.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        assert self._model is not None  # noqa: S101  they are let go of below, once
        assert self._vocabulary is not None  # noqa: S101  as above
        try:
            self._tokens = Tokens(self._vocabulary)
            session = onnxruntime.InferenceSession(
                self._model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the library's own errors share no base
            raise EncoderError("not an encoder that can be run") from error
        outputs = session.get_outputs()[0].shape[-1]
        if outputs != len(self.heads):
            raise EncoderError("the encoder has another number of heads than its card says")
        self._session, self._model, self._vocabulary = session, None, None


def _worst(answers: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """The highest of each head's answers, and how broken up the words of the first line are."""
    whole = answers[0]
    if not whole or len(answers) == 1:
        return whole
    heads = zip(*(answer[:-1] for answer in answers if answer), strict=True)
    return (*map(max, heads), whole[-1])
