"""Prints one Python function that judges all rules of an event type, sharing tests between them.

Rules become a trie over their tests, ordered so that shared, cheap and rarely true tests come
first; the trie becomes nested `if`s. A feature is loaded in the innermost block that needs it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import nan
from typing import cast

from safety.domain.features import Values
from safety.domain.rules import Fired
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.firing import Firing
from safety.ruleset.interpret import Lists
from safety.ruleset.ir import And, Expression, Or, canonical
from safety.ruleset.normal import FALSE, TRUE, conjuncts, definitely_false, definitely_true
from safety.ruleset.pool import Pool, Recipe
from safety.ruleset.scans import Scan
from safety.ruleset.weights import weight
from safety.ruleset.writer import Writer

Judge = Callable[[Values], list[Fired]]

# Blocks nested deeper than this are written flat: Python's parser stops at 100.
_DEEPEST = 70
_CHAIN = 6


@dataclass(slots=True)
class _Block:
    """The rules that fire once a path of tests is true, and the tests that may follow."""

    rules: list[int] = field(default_factory=list)
    branches: "dict[str, tuple[Expression, _Block]]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """A judging function with its printed text, kept for people who want to see it."""

    judge: Judge
    code: str
    scans: tuple[Scan, ...]
    recipe: Recipe = ()


def compile_judge(rules: Sequence[CompiledRule], lists: Lists, name: str) -> Judged:
    """The function that gives every rule that fires. `name` only appears in tracebacks."""
    emitter = _Emitter(rules, lists)
    code, namespace, scans = emitter.emit()
    exec(compile(code, f"<{name}>", "exec"), namespace)  # noqa: S102 - printed here, of our own names
    # Taken out, or function and namespace would keep each other for ever.
    judge = cast("Judge", namespace.pop("judge"))
    return Judged(judge, code, scans, emitter.recipe)


class _Emitter:
    def __init__(self, rules: Sequence[CompiledRule], lists: Lists) -> None:
        self._rules = sorted(rules, key=lambda rule: rule.rule.id)
        self._pool = Pool({"nan": nan})
        self._writer = Writer(lists, self._pool)
        self._firing = Firing(self._pool)
        self._needs: dict[int, frozenset[str]] = {}

    @property
    def recipe(self) -> Recipe:
        """What the function's names stand for."""
        return self._pool.recipe

    def emit(self) -> tuple[str, dict[str, object], tuple[Scan, ...]]:
        """The text of the function, the names it uses and the texts it scans."""
        body = list(self._block(self._trie(), 1, frozenset()))
        scans = self._writer.finish()
        lines = ["def judge(values):", " get = values.get", " fired = []"]
        lines += [f" {line}" for line in self._writer.prelude()]
        code = "\n".join([*lines, *body, " return fired", ""])
        return code, self._pool.namespace, scans

    def _trie(self) -> _Block:
        """All rules, merged where they begin with the same tests."""
        normal = [
            definitely_true(And(tuple(line.expression for line in rule.when)))
            for rule in self._rules
        ]
        paths = [
            {canonical(part): part for part in conjuncts(form)} if form != TRUE else {}
            for form in normal
        ]
        uses: dict[str, int] = {}
        for path in paths:
            for text in path:
                uses[text] = uses.get(text, 0) + 1
        weights = {text: weight(test) / uses[text] for path in paths for text, test in path.items()}
        root = _Block()
        for index, path in enumerate(paths):
            if FALSE in path.values():
                continue
            block = root
            for text in sorted(path, key=lambda text: (weights[text], text)):
                block = block.branches.setdefault(text, (path[text], _Block()))[1]
            block.rules.append(index)
        return root

    def _block(self, block: _Block, depth: int, loaded: frozenset[str]) -> Iterator[str]:
        """The statements of a block, deepest shared loads first."""
        pad = " " * depth
        now = self._loaded_here(block) - loaded
        yield from (f"{pad}{self._writer.load(name)}" for name in sorted(now))
        loaded |= now
        for index in block.rules:
            yield from self._fire(self._rules[index], depth, loaded)
        branches = sorted(
            (
                (self._writer.group(test), text, test, inner)
                for text, (test, inner) in block.branches.items()
            ),
            key=lambda branch: (branch[0], branch[1]),
        )
        for (kind, variable), members in groupby(branches, key=lambda branch: branch[0][:2]):
            chosen = [(test, inner) for _, _, test, inner in members]
            yield from self._group(kind, variable, chosen, depth, loaded)

    def _group(
        self,
        kind: str,
        variable: str,
        members: list[tuple[Expression, _Block]],
        depth: int,
        loaded: frozenset[str],
    ) -> Iterator[str]:
        if depth > _DEEPEST:
            for test, inner in members:
                yield from self._flat([test], inner, depth, loaded)
        elif kind in {"above", "below"}:
            for start in range(0, len(members), _CHAIN):
                yield from self._chain(members[start : start + _CHAIN], depth, loaded)
        elif kind == "equal":
            for place, (test, inner) in enumerate(members):
                yield from self._branch("elif" if place else "if", test, inner, depth, loaded)
        elif kind in {"inside", "hit"} and len(members) > 1:
            yield from self._shared(kind, variable, depth)
            for test, inner in members:
                yield from self._branch("if", test, inner, depth + 1, loaded)
        else:
            for test, inner in members:
                yield from self._branch("if", test, inner, depth, loaded)

    def _shared(self, kind: str, variable: str, depth: int) -> Iterator[str]:
        """One question before many: is there any label at all, was anything found in the text."""
        pad = " " * depth
        if kind == "inside":
            yield f"{pad}if {variable}:"
            return
        hits = f"h{variable[1:]}"
        yield f"{pad}if {variable} is not None: {hits} = {hits} or scan{variable[1:]}({variable})"
        yield f"{pad}if {variable} is not None and len({hits}) > 1:"

    def _chain(
        self, members: list[tuple[Expression, _Block]], depth: int, loaded: frozenset[str]
    ) -> Iterator[str]:
        """Thresholds of one number, loosest first, each inside the one before."""
        last = len(members) - 1
        for deeper, (test, inner) in enumerate(members):
            yield from self._branch("if", test, inner, depth + deeper, loaded, joins=deeper == last)

    def _branch(
        self,
        word: str,
        test: Expression,
        inner: _Block,
        depth: int,
        loaded: frozenset[str],
        *,
        joins: bool = True,
    ) -> Iterator[str]:
        """One test and what follows; if it `joins`, a lone test that follows is put beside it."""
        texts = [self._writer.test(test)]
        while joins and not inner.rules and len(inner.branches) == 1:
            ((following, beyond),) = inner.branches.values()
            if not self._writer.variables(following) <= loaded:
                break
            texts.append(self._writer.test(following))
            inner = beyond
        yield f"{' ' * depth}{word} {' and '.join(texts)}:"
        yield from self._block(inner, depth + 1, loaded)

    def _flat(
        self, tests: list[Expression], block: _Block, depth: int, loaded: frozenset[str]
    ) -> Iterator[str]:
        """A part of the trie that is nested too deeply, one `if` for each rule."""
        pad = " " * depth
        if block.rules:
            missing = frozenset().union(*map(self._writer.variables, tests)) - loaded
            yield from (f"{pad}{self._writer.load(name)}" for name in sorted(missing))
            yield f"{pad}if {' and '.join(map(self._writer.test, tests))}:"
            for index in block.rules:
                yield from self._fire(self._rules[index], depth + 1, loaded | missing)
        for test, inner in block.branches.values():
            yield from self._flat([*tests, test], inner, depth, loaded)

    def _fire(self, compiled: CompiledRule, depth: int, loaded: frozenset[str]) -> Iterator[str]:
        """The rule is true: append it, unless it is excluded; cap it when that is unknown."""
        rule = compiled.rule
        for test in self._firing.in_time(rule, " " * depth):
            yield test
            depth += 1
        pad = " " * depth
        either = Or(tuple(line.expression for line in compiled.unless))
        excluded, clear = definitely_true(either), definitely_false(either)
        if excluded == FALSE and clear == TRUE:
            yield f"{pad}{self._firing.append(rule)}"
            return
        names = self._writer.variables(either) - loaded
        yield from (f"{pad}{self._writer.load(name)}" for name in sorted(names))
        capped = self._firing.append(rule, capped=True)
        yield f"{pad}if {self._writer.test(clear)}: {self._firing.append(rule)}"
        yield f"{pad}elif not {self._writer.test(excluded)}: {capped}"

    def _loaded_here(self, block: _Block) -> frozenset[str]:
        """What the tests of a block read, and what more than one of its branches will need."""
        here: set[str] = set()
        seen: set[str] = set()
        for test, inner in block.branches.values():
            here |= self._writer.variables(test)
            needs = self._all_needs(inner)
            here |= seen & needs
            seen |= needs
        return frozenset(here)

    def _all_needs(self, block: _Block) -> frozenset[str]:
        if id(block) not in self._needs:
            tests = (self._writer.variables(test) for test, _ in block.branches.values())
            inner = (self._all_needs(inner) for _, inner in block.branches.values())
            self._needs[id(block)] = frozenset().union(*tests, *inner)
        return self._needs[id(block)]
