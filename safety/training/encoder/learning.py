"""Fine-tuning: batches of like length, a checkpoint now and then, the same seed the same draws."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from safety.training.encoder.lessons import Drawn, Urn
from safety.training.encoder.network import MOST_TOKENS, Network

Tokenize = Callable[[Sequence[str]], list[list[int]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is learned and how fast. `texts` counts what is read, each draw anew."""

    texts: int = 100_000
    batch: int = 32
    rate: float = 6e-5
    head_rate: float = 1e-3
    warm_up: float = 0.06
    decay: float = 0.01
    smoothing: float = 0.02
    window: int = 64  # batches drawn at once, then ordered by length
    save_every: int = 100  # batches


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts as numbers, and their answers: 1, 0 or NaN where nobody said."""

    ids: Tensor
    mask: Tensor
    answers: Tensor


def trained(
    network: Network,
    urn: Urn,
    tokenize: Tokenize,
    plan: Plan,
    *,
    seed: int,
    checkpoint: Path,
    tell: Callable[[int, int], None],
) -> Network:
    """Teach the network, going on from `checkpoint` where there is one. `tell` gets batches."""
    torch.manual_seed(seed)
    total = plan.texts // plan.batch
    optimiser = _optimiser(network, plan)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: _rate(step / total, plan.warm_up)
    )
    done = _resume(checkpoint, network, optimiser, schedule)
    network.train()
    for step, batch in enumerate(_batches(urn, tokenize, plan, total)):
        if step < done:
            continue
        loss = _loss(network, batch, plan.smoothing)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch is untyped here
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        tell(step + 1, total)
        if (step + 1) % plan.save_every == 0:
            _save(checkpoint, step + 1, network, optimiser, schedule)
    return network.eval()


def logits(network: Network, rows: Sequence[Sequence[int]], size: int = 64) -> NDArray[np.float32]:
    """What the network says of tokenised texts, in their order: (texts, heads)."""
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    said = np.zeros((len(rows), network.head.out_features), dtype=np.float32)
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(order), size):
            places = order[start : start + size]
            ids, mask = _padded([rows[place] for place in places])
            said[places] = network(ids, mask).float().numpy()
    return said


def _optimiser(network: Network, plan: Plan) -> torch.optim.Optimizer:
    body = [p for p in network.body.parameters() if p.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": body, "lr": plan.rate},
            {"params": list(network.head.parameters()), "lr": plan.head_rate},
        ],
        weight_decay=plan.decay,
    )


def _rate(share: float, warm_up: float) -> float:
    return share / warm_up if share < warm_up else max(0.0, (1 - share) / (1 - warm_up))


def _loss(network: Network, batch: Batch, smoothing: float) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        said = network(batch.ids, batch.mask)
    known = ~batch.answers.isnan()
    aims = batch.answers[known] * (1 - smoothing) + smoothing / 2
    return nn.functional.binary_cross_entropy_with_logits(said.float()[known], aims)


def _batches(urn: Urn, tokenize: Tokenize, plan: Plan, total: int) -> Iterator[Batch]:
    mixer = np.random.default_rng(total)
    left = total
    while left > 0:
        drawn = list(urn.draw(min(left, plan.window) * plan.batch))
        rows = tokenize([each.read for each in drawn])
        order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
        starts = mixer.permutation(range(0, len(order), plan.batch))
        for start in starts:
            places = order[start : start + plan.batch]
            yield _batch([drawn[p] for p in places], [rows[p] for p in places])
        left -= plan.window


def _batch(drawn: Sequence[Drawn], rows: Sequence[Sequence[int]]) -> Batch:
    ids, mask = _padded(rows)
    nan = float("nan")
    answers = [[nan if a is None else float(a) for a in each.answers] for each in drawn]
    return Batch(ids, mask, torch.tensor(answers))


def _padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    longest = min(MOST_TOKENS, max(map(len, rows)))
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = torch.tensor(row)
        mask[place, : len(row)] = 1
    return ids, mask


def _save(path: Path, done: int, network: Network, optimiser: Any, schedule: Any) -> None:
    state = {
        "done": done,
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(),
        "random": torch.get_rng_state(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)


def _resume(path: Path, network: Network, optimiser: Any, schedule: Any) -> int:
    if not path.is_file():
        return 0
    state = torch.load(path, weights_only=True)
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    torch.set_rng_state(state["random"])
    return int(state["done"])
