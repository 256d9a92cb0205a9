"""What a test costs against what it rules out, to decide which one an event meets first."""

from safety.ruleset.ir import And, Call, Compare, Const, Expression, Not, Or, Read
from safety.ruleset.patterns import SCANNED_FUNCTIONS

_SCAN = 20.0
_CALCULATION = 6.0
_FLAG = 2.0
_RARE = 1.1  # equal to one text, on a list, carrying a label
_SELDOM = 1.2  # a window or a score above a threshold
_COMMON = 1.5
_NEGATED = 4.0  # what is seldom true is nearly always false
_ALTERNATIVE = 1.5


def weight(test: Expression) -> float:
    """The price of a test over the chance that it is false, in units of one comparison.

    Chances are typical of each kind of test; they decide the order only, never the outcome.
    """
    match test:
        case And() | Or():
            total = sum(map(weight, test.operands))
            return total if isinstance(test, And) else total * _ALTERNATIVE
        case Not():
            return weight(test.operand) * _NEGATED
        case Read():
            return _FLAG
        case _:
            return _leaf(test)


def _leaf(test: Expression) -> float:
    match test:
        case Compare(operator="==", left=Read(), right=Const()) | Call(function="in"):
            return _RARE
        case Compare(left=Read() as read, right=Const()):
            return _SELDOM if read.window or read.name.startswith("score.") else _COMMON
        case Call(function=function) if function in SCANNED_FUNCTIONS:
            return _SCAN
        case _:
            return _CALCULATION
