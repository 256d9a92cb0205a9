"""What a rule may cost at worst, estimated before it ever runs, and refused when it is too much."""

from safety.domain.features import Catalogue, Feature, Kind, Source
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.findings import Findings
from safety.ruleset.ir import Call, Compare, Const, Expression, Read, children
from safety.ruleset.patterns import SCANNED_CHARACTERS, SCANNED_FUNCTIONS

BUDGET_MICROSECONDS = 1000.0

# Microseconds, as measured by the benchmark of the rule engine; texts are taken at full length.
_COMPARISON = 0.05
_LOOKUP = 0.1
_CALL = 0.6  # a function with its check for missing values
_WINDOW = 1.5  # one number from the counters
_PER_CHARACTER = 0.0004  # one pass over a text: `contains`, `lower`
_SCAN_PER_CHARACTER = 0.002  # its share of the scan for patterns
_OWN_SCAN_PER_CHARACTER = 0.02  # a pattern over a text that was computed for it


def estimate(compiled: CompiledRule, catalogue: Catalogue) -> float:
    """Microseconds that judging the rule takes when nothing cuts it short."""
    windows = {read.name for read in compiled.reads if read.window}
    lines = (*compiled.when, *compiled.unless)
    return len(windows) * _WINDOW + sum(_cost(line.expression, catalogue) for line in lines)


def check_cost(compiled: CompiledRule, catalogue: Catalogue, findings: Findings) -> None:
    """Note a rule over the budget, with its estimate, at its dearest line."""
    cost = estimate(compiled, catalogue)
    if cost > BUDGET_MICROSECONDS:
        lines = (*compiled.when, *compiled.unless)
        dearest = max(lines, key=lambda line: _cost(line.expression, catalogue))
        findings.error(
            "too-costly",
            f"this rule may take {cost:,.0f} microseconds for one event, more than "
            f"{BUDGET_MICROSECONDS:,.0f}",
            dearest.place,
            "look at a feature such as `content.text_folded` instead of `lower(content.text)`",
        )


def _cost(expression: Expression, catalogue: Catalogue) -> float:
    inner = sum(_cost(child, catalogue) for child in children(expression))
    match expression:
        case Compare():
            return inner + _COMPARISON
        case Call():
            return inner + _call(expression, catalogue)
        case Read():
            return _COMPARISON
    return inner


def _call(call: Call, catalogue: Catalogue) -> float:
    subject = call.arguments[0]
    length = _length(subject, catalogue)
    if call.function in SCANNED_FUNCTIONS:
        is_shared = isinstance(subject, Read)
        return length * (_SCAN_PER_CHARACTER if is_shared else _OWN_SCAN_PER_CHARACTER)
    if call.function in {"contains", "lower"}:
        return _LOOKUP + length * _PER_CHARACTER
    is_plain = all(isinstance(argument, Read | Const) for argument in call.arguments)
    return _LOOKUP if call.function == "in" and is_plain else _CALL


def _length(text: Expression, catalogue: Catalogue) -> int:
    """The longest that a text can be."""
    if isinstance(text, Read):
        feature = catalogue.features.get(text.name)
        return _longest(feature) if feature else 0
    return max((_length(child, catalogue) for child in children(text)), default=0)


def _longest(feature: Feature) -> int:
    if feature.kind is not Kind.STRING:
        return 0 if feature.kind is Kind.STRINGS else feature.max_length
    return SCANNED_CHARACTERS if feature.source is Source.DERIVED else feature.max_length
