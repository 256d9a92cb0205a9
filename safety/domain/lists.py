"""Lists: values that rules look up, kept in files or added while the service runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One value of a named list, with where it came from and until when it counts.

    Times are Unix seconds; `expires_at` None is for ever.
    """

    list: str
    value: str
    source: str
    created_at: float
    expires_at: float | None = None

    def is_live(self, at: float) -> bool:
        """Whether the entry still counts at this moment."""
        return self.expires_at is None or at < self.expires_at
