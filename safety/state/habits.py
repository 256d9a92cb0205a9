"""From what is remembered of an actor to its habits, the features that rules and models read."""

from collections.abc import Iterable
from itertools import pairwise
from math import log2, nan, sqrt

from safety.domain.habits import LEAST_ACTIONS
from safety.state.trace import FORGETS_AT, HOURS, Trace

_DAY = 86_400.0
_HOUR = 3_600.0
_MOST_HOURS = 1000.0
_QUIET = 6  # hours of the quietest stretch of a day
_REST_BIN = 14  # gaps of 2.3 hours and more may have been sleep
_LEAST_WRITTEN = 5
_LEAST_INSIDE = 4
# Where the shares of gaps are cut, in bins: 1 s, 8 s, 1 min, 8.5 min, 1.1 h, 9 h.
_CUTS = (0, 1, 4, 7, 10, 13, 16, None)


def times_of(trace: Trace) -> list[float] | None:
    """What the times show, in the order of `OF_TIMES`; None while too little is remembered.

    NaN stands for what cannot be known yet.
    """
    counts = trace.gaps.tolist()
    gaps = sum(counts)
    if trace.actions < LEAST_ACTIONS or gaps < LEAST_ACTIONS // 2:
        return None
    return [
        float(min(trace.seen, FORGETS_AT)),
        *_entropies(trace, gaps),
        max(counts) / gaps,
        max(trace.same.values(), default=0) / gaps,
        max(trace.close.values(), default=0) / gaps,
        *[sum(counts[low:high]) / gaps for low, high in pairwise(_CUTS)],
        *_logs(trace, gaps),
        *_clock(trace),
        min(_MOST_HOURS, trace.longest / _HOUR),
        trace.actions / max(1, trace.sessions),
        sum(counts[_REST_BIN:]) / max(0.5, trace.gap_sum / _DAY),
    ]


def content_of(trace: Trace) -> Iterable[tuple[str, float]]:
    """How the actor repeats itself and takes back; what it never did shows nothing."""
    if trace.written >= _LEAST_WRITTEN:
        yield "actor.text_repeats", trace.repeats / trace.written
    if trace.targeted >= _LEAST_WRITTEN:
        yield "actor.target_repeats", trace.target_repeats / trace.targeted
    if trace.deletes:
        yield "actor.quick_deletes", trace.quick_deletes / trace.deletes


def _entropies(trace: Trace, gaps: int) -> tuple[float, float]:
    entropy = _entropy(trace.gap_weight, gaps)
    both = _entropy(trace.pair_weight, trace.lags) if trace.lags else entropy
    # The second is how much a gap says beyond the gap before it.
    return entropy, max(0.0, both - entropy)


def _logs(trace: Trace, gaps: int) -> tuple[float, ...]:
    first, second, third, fourth = (number / gaps for number in trace.moments)
    variance = max(1e-6, second - first * first)
    spread = sqrt(variance)
    skew = (third - 3 * first * second + 2 * first**3) / (variance * spread)
    tail = fourth - 4 * first * third + 6 * first * first * second - 3 * first**4
    tail /= variance * variance
    covariance = trace.memory / trace.lags - first * first if trace.lags else 0.0
    mean = trace.gap_sum / gaps
    deviation = sqrt(max(0.0, trace.square_sum / gaps - mean * mean))
    pauses = gaps - trace.inside
    return (
        first,
        spread,
        _within(skew, -10.0, 10.0),
        _within(tail, 0.0, 60.0),
        *_mean_and_spread(trace.inside, trace.inside_sum, trace.inside_squares),
        *_mean_and_spread(
            pauses,
            trace.moments[0] - trace.inside_sum,
            trace.moments[1] - trace.inside_squares,
        ),
        _within(covariance / variance, -1.0, 1.0),
        (deviation - mean) / (deviation + mean) if mean > 0 else -1.0,
    )


def _mean_and_spread(count: int, total: float, squares: float) -> tuple[float, float]:
    if count < _LEAST_INSIDE:
        return nan, nan
    mean = total / count
    return mean, sqrt(max(0.0, squares / count - mean * mean))


def _clock(trace: Trace) -> tuple[float, ...]:
    hours = trace.hours.tolist()
    count = sum(hours)
    rhythms = [
        # Without the share that chance alone gives: few actions look no more regular than many.
        sqrt(max(0.0, ((cosine * cosine + sine * sine) / count - 1) / max(1, count - 1)))
        for cosine, sine in zip(trace.cosines, trace.sines, strict=True)
    ]
    doubled = hours + hours[: _QUIET - 1]
    quiet = min(sum(doubled[begin : begin + _QUIET]) for begin in range(HOURS))
    entropy = log2(count) - sum(each * log2(each) for each in hours if each) / count
    return (*rhythms, entropy, quiet / count)


def _entropy(weight: float, count: int) -> float:
    return max(0.0, log2(count) - weight / count)


def _within(number: float, least: float, most: float) -> float:
    return min(most, max(least, number))
