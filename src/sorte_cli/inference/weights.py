"""Tensors of a GGUF as arrays, and a LoRA adapter written as one. Pure Python and numpy."""

from __future__ import annotations

import os
import secrets
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.gguf import GgufError, GgufHeader, TensorInfo

Array = npt.NDArray[np.float32]
ALIGNMENT = 32
_STRING, _FLOAT = 8, 6


def read_tensors(header: GgufHeader) -> dict[str, Array]:
    """All tensors as float32, (out, in) for matrices. F32, F16, BF16 and Q8_0 can be read.

    Raises GgufError for another type, or where the file cannot be read.
    """
    try:
        with header.path.open("rb") as file:
            found = {}
            for tensor in header.tensors:
                file.seek(header.data_offset + tensor.offset)
                found[tensor.name] = _floats(header, tensor, file.read(tensor.size_bytes))
            return found
    except OSError as error:
        raise GgufError(
            f"cannot read the model file {header.path}: {error.strerror}",
            hint="Check the path and its permissions.",
        ) from error


def _floats(header: GgufHeader, tensor: TensorInfo, data: bytes) -> Array:
    if tensor.type_name == "F32":
        flat = np.frombuffer(data, "<f4").astype(np.float32)
    elif tensor.type_name == "F16":
        flat = np.frombuffer(data, "<f2").astype(np.float32)
    elif tensor.type_name == "BF16":
        flat = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    elif tensor.type_name == "Q8_0":
        blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("values", "i1", 32)]))
        flat = blocks["values"].astype(np.float32) * blocks["scale"].astype(np.float32)[:, None]
    else:
        raise GgufError(
            f"{header.path.name} holds {tensor.name} as {tensor.type_name}, which cannot be read",
            hint="Name the model's Hugging Face folder with --base, or use an F16 or Q8_0 file.",
        )
    return flat.reshape(tensor.shape[::-1])


def write_adapter(
    path: Path,
    pairs: Mapping[str, tuple[Array, Array]],
    *,
    alpha: float,
    architecture: str,
    name: str = "",
) -> None:
    """A LoRA adapter in llama.cpp's form: tensor name -> (a (rank, in), b (out, rank)).

    The new weight is `W + alpha / rank * b @ a`. The file is there whole or not at all. Raises
    EnvironmentFailure where it cannot be written.
    """
    texts = {
        "general.type": "adapter",
        "general.architecture": architecture,
        "general.name": name,
        "adapter.type": "lora",
    }
    head = bytearray(b"GGUF" + struct.pack("<IQQ", 3, 2 * len(pairs), len(texts) + 1))
    for key, value in texts.items():
        head += _packed(key) + struct.pack("<I", _STRING) + _packed(value)
    head += _packed("adapter.lora.alpha") + struct.pack("<If", _FLOAT, alpha)
    data = bytearray()
    for tensor, (a, b) in pairs.items():
        for part, values in (("lora_a", a), ("lora_b", b)):
            rows, columns = values.shape
            head += _packed(f"{tensor}.{part}")
            head += struct.pack("<IQQIQ", 2, columns, rows, 0, len(data))
            data += np.ascontiguousarray(values, "<f4").tobytes()
            data += bytes(-len(data) % ALIGNMENT)
    head += bytes(-len(head) % ALIGNMENT)
    _write_whole(path, bytes(head + data))


def _packed(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _write_whole(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise EnvironmentFailure(
            f"cannot write the adapter {path}: {error.strerror}",
            hint="Make room on the disk, or set SORTE_STATE_DIR to a folder that has some.",
        ) from error
    finally:
        fresh.unlink(missing_ok=True)
