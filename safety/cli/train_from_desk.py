"""Where `safety-gate train --from-desk` takes its rows from: this installation, or a file."""

from pathlib import Path
from typing import Final

from safety.cli.ground import UnpreparedError, installed
from safety.cli.model_ground import evidence_of
from safety.training.labelled import LabelledFileError, LabelledRow, read_rows

HERE: Final = "here"
# Fewer answers of either kind teach a model next to nothing about a site.
_FEWEST: Final = 20


def desk_rows(model: str, where: str) -> list[LabelledRow]:
    """Labelled rows to learn from. Raises `UnpreparedError` when there are too few."""
    rows = _here(model) if where == HERE else _file(Path(where))
    positive = sum(row.label for row in rows)
    if min(positive, len(rows) - positive) < _FEWEST:
        raise UnpreparedError(
            f"People decided about {len(rows)} events, {positive} of them bad: "
            f"that is too few to learn from (at least {_FEWEST} of either kind)."
        )
    return rows


def _here(model: str) -> list[LabelledRow]:
    with installed() as ground:
        return evidence_of(ground).rows(model)


def _file(path: Path) -> list[LabelledRow]:
    try:
        return list(read_rows(path))
    except LabelledFileError as error:
        raise UnpreparedError(f"{error}.") from None
    except OSError as error:
        raise UnpreparedError(f"{path} cannot be read: {error.strerror}.") from None
