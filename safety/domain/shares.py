"""Shares of a few: how far a share that was seen can be trusted."""

from math import sqrt

# The two-sided 95 % quantile of the normal distribution.
_Z = 1.959963984540054


def wilson(successes: int, trials: int) -> tuple[float, float] | None:
    """The 95 % interval of a share, sound for few trials and for shares near 0 and 1.

    None without a trial.
    """
    if not trials:
        return None
    share, square = successes / trials, _Z * _Z / trials
    middle = share + square / 2
    reach = _Z * sqrt(share * (1 - share) / trials + square / (4 * trials))
    low, high = (middle - reach) / (1 + square), (middle + reach) / (1 + square)
    return (0.0 if not successes else low), (1.0 if successes == trials else high)


def at_least(successes: int, trials: int) -> float:
    """The share that is surely reached: the lower end of the interval, 0 without a trial."""
    interval = wilson(successes, trials)
    return interval[0] if interval else 0.0
