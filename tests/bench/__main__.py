"""Run every benchmark: `make bench`, or `python -m tests.bench serving` for one of them."""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.account import account
from tests.bench.backtest import backtest
from tests.bench.behaviour import behaviour
from tests.bench.desk import desk
from tests.bench.desk_hands import desk_hands
from tests.bench.durable import durable
from tests.bench.encoder import encoder
from tests.bench.figures import Figure, publish
from tests.bench.gate import gate
from tests.bench.model import model
from tests.bench.registry import registry
from tests.bench.reload import reload
from tests.bench.rules import rules
from tests.bench.serving import serving
from tests.bench.steering import steering
from tests.bench.storm import storm

BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "serving": serving,
    "rules": rules,
    "reload": reload,
    "durable": durable,
    "model": model,
    "encoder": encoder,
    "account": account,
    "behaviour": behaviour,
    "registry": registry,
    "gate": gate,
    "storm": storm,
    "backtest": backtest,
    "desk": desk,
    "hands": desk_hands,
    "steering": steering,
}


def main() -> None:
    """Run the named benchmarks, or all; print each figure and write bench.json."""
    wanted = sys.argv[1:] or list(BENCHMARKS)
    figures: list[Figure] = []
    for name in wanted:
        found = BENCHMARKS[name]()
        for figure in found:
            print(figure.line(), flush=True)
        figures += found
    publish(figures, Path("bench.json"))


if __name__ == "__main__":
    main()
