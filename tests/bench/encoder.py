"""The second stage: what a reading costs, alone and in batches, and a text on average."""

import importlib.util
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

from safety.assets import shipped
from safety.classifiers.cascade import TextCascade
from safety.classifiers.registry import load_models
from safety.demo.scenarios import Scenario, play
from safety.domain.features import Values
from safety.text.fold import fold
from safety.training.encoder.base import PACKAGE, find_base
from tests.bench.figures import Figure

TOKENS = 32
BATCH = 8
PASSES = 30
EVENTS = 3_000
# The mix of the serving benchmark.
MIX = ((Scenario.CALM, 0.9), (Scenario.SPAM_WAVE, 0.1))


def encoder() -> list[Figure]:
    """CPU milliseconds per text on one thread; the rival is the same layers in torch."""
    models = [m for m in load_models(shipped("models"))[0] if isinstance(m, TextCascade)]
    stage = models[0].second
    rows = [[2, *range(1_000, 1_000 + TOKENS - 2), 3]] * BATCH
    alone = _best(lambda: stage.logits(rows[:1]))
    together = _best(lambda: stage.logits(rows)) / BATCH
    texts = _texts()
    first = _spent(lambda values: [model.first.score(values) for model in models], texts)
    both = _spent(lambda values: _judged(models, values), texts)
    figures = [
        Figure("encoder, one text", alone, f"ms per {TOKENS} tokens", *_torch(rows[:1])),
        Figure("encoder, batches of 8", together, f"ms per {TOKENS} tokens"),
        Figure("text models, both stages", both, "ms per text of the traffic mix", first, "linear"),
    ]
    for model in models:
        asked = sum(_is_asked(model, text) for text in texts) / len(texts)
        figures.append(Figure(f"{model.name} asks", 100 * asked, "% of the texts of the mix"))
    return figures


def _torch(rows: list[list[int]]) -> tuple[Any, ...]:
    """Milliseconds of the published layers in torch eager, where the extra `train` is installed."""
    if not all(map(importlib.util.find_spec, ("torch", "transformers", PACKAGE))):
        return ()
    import torch  # noqa: PLC0415  only this rival needs it

    from safety.training.encoder.network import network  # noqa: PLC0415

    torch.set_num_threads(1)
    built = network(find_base(), range(14_000), layers=3, heads=2).eval()
    ids = torch.tensor(rows)
    with torch.inference_mode():
        spent = _best(lambda: built(ids, torch.ones_like(ids)))
    return spent, "the same layers in torch eager"


def _texts() -> list[str]:
    texts: list[str] = []
    for scenario, share in MIX:
        steps = play(scenario, seed=7, at=time.time(), rate=400)
        found = (s.event.get("content", {}).get("text") for s in islice(steps, int(EVENTS * share)))
        texts += [text for text in found if text]
    return texts


def _is_asked(model: TextCascade, text: str) -> bool:
    values = {"content.text": text}
    score = model.first.score(values)
    return score is not None and model.doubt(values, score) is not None


def _judged(models: list[TextCascade], values: Values) -> None:
    """As events are judged: models that ask about one text have it read once."""
    questions = []
    for model in models:
        score = model.first.score(values)
        question = None if score is None else model.doubt(values, score)
        if question is not None:
            questions.append((model, question))
    if questions:
        (said,) = models[0].second.read([questions[0][1].folded])
        for model, question in questions:
            model.settle(question, said)


def _spent(work: Callable[[Values], object], texts: list[str]) -> float:
    began = time.process_time()
    for text in texts:
        work({"content.text": text, "content.text_folded": fold(text).text})
    return (time.process_time() - began) / len(texts) * 1e3


def _best(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(PASSES):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent) * 1e3
