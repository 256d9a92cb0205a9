"""The linear text models on one text, against a scikit-learn pipeline of the same features."""

import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from safety.assets import shipped
from safety.classifiers.registry import load_models
from safety.decisions.features import Deriver
from safety.demo.scenarios import Scenario, play
from safety.domain.features import Catalogue, Value
from safety.domain.ports import Staged
from safety.ruleset.load import load_bundle
from safety.text.fold import fold
from tests.bench.figures import Figure
from tests.bench.serving import train_straightforward

LENGTH = 200  # characters, the length that targets are given for
TEXTS = 400
PASSES = 5


def model() -> list[Figure]:
    """Microseconds per text of 200 characters: folding, scoring, and both against the rival."""
    import joblib  # noqa: PLC0415  only the rival needs it

    with tempfile.TemporaryDirectory() as name:
        train_straightforward(Path(name))
        pipeline: Any = joblib.load(Path(name) / "spam.joblib")
    loaded = load_models(shipped("models"))[0]
    models = {m.name: m.first if isinstance(m, Staged) else m for m in loaded}
    spam, abuse = models["spam"], models["abuse"]
    texts, ordinary = _texts(Scenario.SPAM_WAVE), _texts(Scenario.CALM)
    catalogue = load_bundle([shipped("rules")], run_tests=False, at=time.time()).catalogue
    values = [_values(catalogue, text) for text in texts]
    fold_us = _best(lambda: [fold(text) for text in texts])
    ordinary_us = _best(lambda: [fold(text) for text in ordinary])
    score_us = _best(lambda: [spam.score(each) for each in values])
    abuse_us = _best(lambda: [abuse.score(each) for each in values])
    rival_us = _best(lambda: [pipeline.predict_proba([text]) for text in texts])
    return [
        Figure("fold an ordinary text", ordinary_us, "us per 200 characters"),
        Figure("fold a text of a spam wave", fold_us, "us per 200 characters, most are disguised"),
        Figure("spam score", score_us, "us per 200 characters, words seen before"),
        Figure("abuse score", abuse_us, "us per 200 characters, words seen before"),
        Figure("fold and score", fold_us + score_us, "us", rival_us, "sklearn predict_proba"),
    ]


def _values(catalogue: Catalogue, text: str) -> dict[str, Value]:
    """A text as the decision path hands it to the model: with what was computed of it anyway."""
    wanted = [name for name in catalogue.features if name.startswith("content.")]
    values: dict[str, Value] = {"content.text": text}
    Deriver(catalogue, wanted).run(values, time.time())
    return values


def _texts(scenario: Scenario) -> list[str]:
    steps = play(scenario, seed=3, at=time.time(), rate=50)
    found = (step.event.get("content", {}).get("text") for step in steps)
    written = [text for text in islice(found, TEXTS * 4) if text]
    joined = " ".join(written)
    return [joined[i * 97 : i * 97 + LENGTH] for i in range(TEXTS)]


def _best(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(PASSES):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best / TEXTS * 1e6
