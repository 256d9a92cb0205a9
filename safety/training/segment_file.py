"""A segment as the bytes it is kept as: arrays in a .npz that needs no pickle."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.ruleset.columns import MISSING, Coded, Column, Columns, Numbers
from safety.training.segment import DamagedSegment, Segment

FORMAT = 1


def to_bytes(segment: Segment) -> bytes:
    """A segment as a compressed .npz that needs no pickle: arrays, and dictionaries as JSON."""
    arrays: dict[str, Any] = {}
    listed = []
    for number, name in enumerate(sorted(segment.names)):
        column = segment.columns.column(name)
        if column is None:
            continue
        is_whole = isinstance(column, Numbers) and column.whole
        is_coded = isinstance(column, Coded)
        listed.append({"name": name, "number": number, "coded": is_coded, "whole": is_whole})
        if isinstance(column, Coded):
            arrays[f"codes{number}"] = _smallest(column)
            arrays[f"table{number}"] = _json_array(list(column.table))
        else:
            arrays[f"numbers{number}"] = column.values
    header = {"format": FORMAT, "rows": len(segment), "columns": listed}
    out = BytesIO()
    np.savez_compressed(out, allow_pickle=False, header=_json_array(header), **arrays)
    return out.getvalue()


def _smallest(column: Coded) -> NDArray[Any]:
    return column.codes.astype(np.min_scalar_type(-max(len(column.table), 1)))


def _json_array(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value, separators=(",", ":")).encode("ascii"), np.uint8)


_UNREADABLE = (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile, zlib.error)


def from_bytes(raw: bytes) -> Segment:
    """The segment of some bytes; columns are unpacked when they are first looked at.

    Raises `DamagedSegment`, here or when a column turns out to be damaged.
    """
    try:
        arrays = np.load(BytesIO(raw), allow_pickle=False)
        header = json.loads(arrays["header"].tobytes())
        if header["format"] != FORMAT:
            raise DamagedSegment(f"format {header['format']} is not {FORMAT}")
        size, listed = int(header["rows"]), {each["name"]: each for each in header["columns"]}
    except _UNREADABLE as error:
        raise DamagedSegment(f"unreadable: {error}") from error

    def load(name: str) -> Column | None:
        try:
            return _column(arrays, listed[name], size) if name in listed else None
        except _UNREADABLE as error:
            raise DamagedSegment(f"{name} is unreadable: {error}") from error

    return Segment(Columns(size, load), listed)


def _column(arrays: Mapping[str, NDArray[Any]], told: Mapping[str, Any], size: int) -> Column:
    number = told["number"]
    if not told["coded"]:
        values = arrays[f"numbers{number}"].astype(np.float64, copy=False)
        _check(values.shape == (size,))
        return Numbers(values, whole=bool(told["whole"]))
    codes = arrays[f"codes{number}"].astype(np.int32)
    listed = json.loads(arrays[f"table{number}"].tobytes())
    table = [tuple(value) if isinstance(value, list) else value for value in listed]
    _check(codes.shape == (size,))
    _check(not size or (int(codes.min()) >= MISSING and int(codes.max()) < len(table)))
    return Coded(codes, table)


def _check(is_right: bool) -> None:
    if not is_right:
        raise DamagedSegment("a column does not fit its segment")
