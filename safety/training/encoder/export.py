"""From torch to the file that ships: ONNX, eight bits per weight, checked against the original."""

import io
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic

from safety.training.encoder.network import MOST_TOKENS, Network

_OPSET = 17
INPUTS = ("ids", "mask")
OUTPUT = "logits"


class ParityError(ArithmeticError):
    """The exported file does not say what the network says."""


def exported(network: Network) -> bytes:
    """The network as ONNX in 32 bits; any number of texts and of tokens."""
    buffer = io.BytesIO()
    ids = torch.ones((2, MOST_TOKENS // 2), dtype=torch.long)
    either = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is the older one
        torch.onnx.export(
            network.eval(),
            (ids, torch.ones_like(ids)),
            buffer,
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_axes={**dict.fromkeys(INPUTS, either), OUTPUT: {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,
        )
    return buffer.getvalue()


def quantised(full: bytes) -> bytes:
    """The same with eight bits per weight, scaled per channel; the same bytes every time."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "full.onnx", Path(folder) / "small.onnx"
        before.write_bytes(full)
        quantize_dynamic(
            before,
            after,
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            weight_type=QuantType.QInt8,
        )
        model = onnx.load(after)
    model.producer_name, model.producer_version = "safety-gate", ""
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def parity(said: NDArray[np.float32], exported_says: NDArray[np.float32], most: float) -> float:
    """The mean difference in log-odds. Raises `ParityError` above `most`."""
    apart = float(np.abs(said - exported_says).mean())
    if not apart <= most:
        raise ParityError(f"the exported file is {apart:.4f} away from the network on average")
    return apart
