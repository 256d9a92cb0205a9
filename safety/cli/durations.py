"""Durations as people type them."""

import re

import typer

_UNITS = {"m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_SHAPE = re.compile(r"([1-9][0-9]{0,4})([mhdw])")


def seconds(text: str) -> float:
    """Seconds of a duration such as `90d`. Raises `typer.BadParameter` for anything else."""
    found = _SHAPE.fullmatch(text.strip())
    if not found:
        raise typer.BadParameter("a duration is a number and m, h, d or w, such as 90d")
    return int(found[1]) * _UNITS[found[2]]
