"""Policies: the published texts that rules and resolutions cite."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """One published policy. `message` is what the affected user may read; it gives no recipe."""

    id: str
    title: str
    text: str
    message: str
