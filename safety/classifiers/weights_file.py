"""Weights as bytes and back: a .npz of plain arrays, never an object that could run code."""

import io
import zipfile
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.linear_text import Weights

# The earliest time a zip file can carry: the same weights give the same bytes on any day.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
# Far above any model that is shipped; a hostile file must not fill the memory.
_MAX_BYTES = 64 * 1024 * 1024
_MAX_BITS = 24


class WeightsError(ValueError):
    """The bytes are not the weights of a linear text model."""


def dump(weights: Weights) -> bytes:
    """Weights as the bytes of a .npz: only the weights that are not zero, as half floats."""
    places = np.flatnonzero(weights.hashed.astype(np.float16))
    arrays: dict[str, NDArray[np.generic]] = {
        "bits": np.array(len(weights.hashed).bit_length() - 1, dtype=np.int64),
        "gaps": np.diff(places, prepend=0).astype(np.uint32),
        "hashed": weights.hashed[places].astype(np.float16),
        "shape": weights.shape.astype(np.float64),
        "numbers": np.array([weights.bias, weights.slope, weights.offset], dtype=np.float64),
        "passages": np.array([weights.heed, weights.toll], dtype=np.float64),
    }
    return _zip(arrays)


def _zip(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            data = io.BytesIO()
            np.lib.format.write_array(data, np.asarray(array), allow_pickle=False)
            archive.writestr(entry, data.getvalue())
    return buffer.getvalue()


def load(data: bytes) -> Weights:
    """Weights from the bytes of a .npz. Raises `WeightsError` for anything else."""
    try:
        _refuse_bombs(data)
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            hashed = np.zeros(_size(int(arrays["bits"])), dtype=np.float32)
            hashed[np.cumsum(arrays["gaps"].astype(np.int64))] = arrays["hashed"]
            bias, slope, offset = (float(number) for number in arrays["numbers"])
            # Files written before texts were read by passages have none of it.
            heed, toll = map(float, arrays.get("passages", (0.0, 0.0)))
            shape = np.asarray(arrays["shape"], dtype=np.float64)
        return Weights(hashed, shape, bias, slope, offset, heed, toll)
    except WeightsError:
        raise
    except (ValueError, KeyError, IndexError, TypeError, OSError, EOFError) as error:
        raise WeightsError(f"not the weights of a linear text model: {error}") from error
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise WeightsError("not a readable .npz file") from error


def _size(bits: int) -> int:
    if not 0 < bits <= _MAX_BITS:
        raise WeightsError("the number of weights is out of range")
    return 1 << bits


def _refuse_bombs(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MAX_BYTES:
            raise WeightsError("the weights are larger than any model that is shipped")
