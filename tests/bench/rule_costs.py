"""What a rule book costs besides judging: its tests, its lint, its memory, a list of words."""

import gc
import multiprocessing
import multiprocessing.connection
import os
import random
import string
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from safety.ruleset.bundle import Bundle
from safety.ruleset.lint import lint
from safety.ruleset.load import load_bundle
from safety.ruleset.patterns import Scanner, word_pattern
from safety.ruleset.proof import run_tests
from tests.bench.figures import Figure
from tests.bench.rule_generator import plain_text, rule_folder

RULES = 2_000
TERMS = 10_000
TEXTS = 2_000
PASSES = 7
SEED = 5


def rule_costs() -> list[Figure]:
    """Tests, lint and memory of 2,000 rules, and one scan for 10,000 words."""
    bundle = loaded(RULES, tested=True)
    examples = sum(len(compiled.tests) for compiled in bundle.compiled)
    return [
        Figure(f"{RULES} rules, {examples} tests", _seconds(lambda: run_tests(bundle)), "CPU s"),
        Figure(f"{RULES} rules lint", _seconds(lambda: lint(bundle, at=time.time())), "CPU s"),
        Figure(f"{RULES} rules memory", _megabytes(), "MB"),
        _long_list(),
    ]


def loaded(size: int, *, tested: bool = False) -> Bundle:
    """A generated ruleset over the shipped words."""
    with TemporaryDirectory() as name:
        folder = rule_folder(Path(name) / "rules", size, SEED, tested=tested)
        return load_bundle([folder], run_tests=False, at=time.time())


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _megabytes() -> float:
    """Resident memory that a ruleset adds to a process that has loaded a small one before."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_weigh, args=(theirs,))
    child.start()
    weight: float = ours.recv()
    child.join()
    return weight


def _weigh(answer: "multiprocessing.connection.Connection") -> None:
    small = loaded(20)
    before = _resident()
    large = loaded(RULES)
    gc.collect()
    answer.send((_resident() - before) / 1e6)
    assert len(large.rules) > len(small.rules)  # both are still there


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _long_list() -> Figure:
    """One scan of 200 characters for 10,000 words and phrases, against looking up word by word."""
    dice = random.Random(SEED)  # noqa: S311 - repeatable, and nothing secret
    words = [
        "".join(dice.choices(string.ascii_lowercase, k=dice.randint(4, 10))) for _ in range(TERMS)
    ]
    listed = frozenset(" ".join(words[n : n + 1 + n % 2]) for n in range(TERMS))
    texts = [_prose(dice, word) for word in dice.choices(words, k=TEXTS)]
    scanner = Scanner([word_pattern(listed)])
    best = plain = float("inf")
    for _ in range(PASSES):
        best = min(best, _seconds(lambda: [scanner.hits(text) for text in texts]))
        plain = min(plain, _seconds(lambda: [_looked_up(text, listed) for text in texts]))
    scale = 1e6 / TEXTS
    name = f"{TERMS} words in 200 characters"
    return Figure(name, best * scale, "us", plain * scale, "words and pairs looked up in a set")


def _prose(dice: random.Random, word: str) -> str:
    """200 characters of ordinary words, with one in them that is on the list."""
    return f"{plain_text(dice)} {word} {plain_text(dice)} {plain_text(dice)}"[:200]


def _looked_up(text: str, listed: frozenset[str]) -> bool:
    words = text.lower().split()
    pairs = (" ".join(pair) for pair in pairwise(words))
    return not listed.isdisjoint(words) or not listed.isdisjoint(pairs)
