"""Lengths of time and dates as rule files write them: `10m`, `3d`, `2026-11-20T09:30:00Z`."""

import re
from datetime import UTC, datetime

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)([smhdw])", re.ASCII)


def parse_duration(text: str) -> float | None:
    """Seconds, or None when the text is not a number followed by s, m, h, d or w."""
    found = _DURATION.fullmatch(text)
    return float(found[1]) * _SECONDS[found[2]] if found else None


def write_duration(seconds: float) -> str:
    """The shortest way to write a length of time, such as `90m` or `3d`."""
    if seconds <= 0:
        return f"{seconds:g}s"
    for unit in ("d", "h", "m"):
        if seconds % _SECONDS[unit] == 0:
            return f"{int(seconds // _SECONDS[unit])}{unit}"
    return f"{int(seconds)}s" if seconds == int(seconds) else f"{seconds:.6f}".rstrip("0") + "s"


def parse_time(text: str) -> float | None:
    """Unix seconds of an ISO 8601 date or moment (UTC unless it says otherwise), or None."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
