"""A measured figure, printed on one line and written to bench.json."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement and what it is compared with. `ratio` is value divided by against."""

    name: str
    value: float
    unit: str
    against: float | None = None
    against_name: str = ""

    @property
    def ratio(self) -> float | None:
        """How the value compares; None where a figure stands alone."""
        return None if not self.against else self.value / self.against

    def line(self) -> str:
        """The figure as a person reads it."""
        text = f"{self.name}: {self.value:,.4g} {self.unit}"
        if self.ratio is not None:
            text += f"  ({self.ratio:.3g} x {self.against_name}: {self.against:,.4g})"
        return text


def publish(figures: list[Figure], path: Path) -> None:
    """Write all figures as `name, value, unit, against, ratio`."""
    rows = [asdict(figure) | {"ratio": figure.ratio} for figure in figures]
    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
