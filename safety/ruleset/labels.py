"""Which labels rules write and read, so that a misspelt one is noticed."""

from collections.abc import Iterable, Iterator

from safety.domain.features import Catalogue
from safety.ruleset.compiled import CompiledRule, Condition
from safety.ruleset.findings import Findings
from safety.ruleset.ir import Call, Const, Read, walk
from safety.ruleset.spelling import nearest


def written_labels(rules: Iterable[CompiledRule]) -> set[str]:
    """Every label that one of these rules puts on something."""
    return {effect.name for compiled in rules for effect in compiled.rule.labels}


def labels_read(compiled: CompiledRule) -> Iterator[tuple[Condition, str]]:
    """Each label that a rule asks for, with the line that does."""
    for line in (*compiled.when, *compiled.unless):
        for part in walk(line.expression):
            match part:
                case Call(function="in", arguments=(Const(value=str() as label), Read(name=name))):
                    if name.endswith(".labels"):
                        yield line, label


def check_labels(rules: Iterable[CompiledRule], catalogue: Catalogue, findings: Findings) -> None:
    """Note labels that are nearly, and not quite, one that a rule writes or that is declared."""
    compiled = tuple(rules)
    known = written_labels(compiled) | catalogue.labels.keys()
    guesses: dict[str, str | None] = {}
    for rule in compiled:
        for line, label in labels_read(rule):
            if label in known:
                continue
            if label not in guesses:
                guesses[label] = nearest(label, known)
            guess = guesses[label]
            if guess:
                hint = (
                    f"did you mean `{guess}`? If not, declare it under `labels:` in features.yaml"
                )
                findings.error("unknown-label", f"unknown label `{label}`", line.place, hint)
