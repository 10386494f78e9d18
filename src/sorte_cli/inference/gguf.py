"""Reads the header of a GGUF file: metadata, tensors, sizes. Pure parsing, no llama.cpp.

A model file is data from a stranger, so every count and length is checked against what the file
can hold before anything is read or allocated. Large arrays (the vocabulary) are walked, not kept.
Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3).
"""

from __future__ import annotations

import hashlib
import math
import mmap
import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure

MAGIC = b"GGUF"
KEPT_ARRAY_ITEMS = 64
"""Arrays up to this many items are kept in the metadata; longer ones only as type and count."""
_MAX_KEY_BYTES = 65_535
_MAX_DIMENSIONS = 4
_MAX_NESTING = 4
_STRING, _ARRAY = 8, 9
_SCALARS: Mapping[int, str] = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}

_BLOCKS: Mapping[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 36),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
    42: ("Q2_0", 64, 18),
}
"""ggml tensor type -> (name, values in a block, bytes of a block)."""

_FILE_TYPES: Mapping[int, str] = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    19: "IQ2_XXS",
    20: "IQ2_XS",
    21: "Q2_K_S",
    22: "IQ3_XS",
    23: "IQ3_XXS",
    24: "IQ1_S",
    25: "IQ4_NL",
    26: "IQ3_S",
    27: "IQ3_M",
    28: "IQ2_S",
    29: "IQ2_M",
    30: "IQ4_XS",
    31: "IQ1_M",
    32: "BF16",
    36: "TQ1_0",
    37: "TQ2_0",
    38: "MXFP4_MOE",
    39: "NVFP4",
    40: "Q1_0",
    41: "Q2_0",
}
"""`general.file_type` (llama.cpp's `llama_ftype`) -> the name people know."""


class GgufError(EnvironmentFailure):
    """The file is not a GGUF that can be read; `message` says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class GgufArray:
    """An array too long to keep: the GGUF type number of its items and how many there are."""

    item_type: int
    count: int


Value = int | float | bool | str | list["Value"] | GgufArray


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor: shape in ggml order (fastest dimension first), offset within the data section.

    `size_bytes` is 0 where the tensor type is not known to this table.
    """

    name: str
    shape: tuple[int, ...]
    type_id: int
    offset: int
    size_bytes: int

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def type_name(self) -> str:
        known = _BLOCKS.get(self.type_id)
        return known[0] if known else f"type {self.type_id}"


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a GGUF says about itself. `data_offset` is where tensor data begins in the file."""

    path: Path
    version: int
    metadata: Mapping[str, Value]
    tensors: tuple[TensorInfo, ...]
    data_offset: int
    size_bytes: int
    fingerprint: str

    def text(self, key: str, default: str = "") -> str:
        value = self.metadata.get(key)
        return value if isinstance(value, str) else default

    def number(self, key: str, default: int = 0) -> int:
        value = self.metadata.get(key)
        return int(value) if isinstance(value, int) and not isinstance(value, bool) else default

    def numbers(self, key: str, default: int = 0) -> list[int]:
        """A value that some architectures give per layer; a single number becomes a list of one."""
        value = self.metadata.get(key)
        if isinstance(value, list):
            return [int(v) for v in value if isinstance(v, int)] or [default]
        return [self.number(key, default)]

    @property
    def architecture(self) -> str:
        return self.text("general.architecture")

    @property
    def name(self) -> str:
        """`general.name`, or the file's name without its suffix."""
        return self.text("general.name").strip() or self.path.stem

    @property
    def parameters(self) -> int:
        """How many weights there are."""
        return sum(t.elements for t in self.tensors)

    @property
    def trained_context_tokens(self) -> int:
        return self.number(f"{self.architecture}.context_length")

    @property
    def layers(self) -> int:
        """Transformer blocks; never more than there are tensors, whatever the file claims."""
        claimed = self.number(f"{self.architecture}.block_count")
        return max(0, min(claimed, len(self.tensors)))

    @property
    def quantisation(self) -> str:
        """`Q4_K_M` and the like; from the file, else the type that holds most bytes."""
        named = _FILE_TYPES.get(self.number("general.file_type", -1))
        if named:
            return named
        shares: Counter[str] = Counter()
        for tensor in self.tensors:
            shares[tensor.type_name] += tensor.size_bytes or tensor.elements
        return shares.most_common(1)[0][0] if shares else ""

    @property
    def chat_template(self) -> str:
        return self.text("tokenizer.chat_template")


def read_header(path: Path) -> GgufHeader:
    """The header of `path`. Raises GgufError for anything that is not a whole, sane GGUF."""
    try:
        with path.open("rb") as file:
            size_bytes = file.seek(0, 2)
            if size_bytes < 24:
                file.seek(0)
                raise _not_gguf(path, file.read(24))
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                if view[:4] != MAGIC:
                    raise _not_gguf(path, view[:64])
                return _Reader(path, view).header()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise GgufError(
            f"cannot read the model file {path}: {reason}",
            hint="Check the path and its permissions.",
        ) from error


def _not_gguf(path: Path, start: bytes) -> GgufError:
    if not start:
        what = "it is empty"
    elif start.startswith(b"version https://git-lfs"):
        what = "it is a Git LFS pointer, not the model itself (run `git lfs pull` there)"
    elif start[:4] in (b"PK\x03\x04", b"\x80\x02}q"):
        what = "it looks like PyTorch weights"
    elif all(b in b"\t\n\r" or 32 <= b < 127 for b in start):
        what = "it is a text file"
    else:
        what = "it does not begin with the GGUF signature"
    return GgufError(
        f"{path} is not a GGUF model: {what}",
        hint="Name a .gguf file; `sorte doctor` lists the models that Sorte can see.",
    )


class _Reader:
    """A cursor over the mapped file. Never reads beyond the end, never trusts a count."""

    def __init__(self, path: Path, view: mmap.mmap) -> None:
        self._path = path
        self._view = view
        self._size = len(view)
        self._at = 4

    def header(self) -> GgufHeader:
        version = int(self._scalar("I"))
        if version not in (2, 3):
            if version & 0xFFFF == 0:
                raise self._broken("it was written for a big-endian machine")
            raise self._broken(f"GGUF version {version} is not supported (2 and 3 are)")
        tensor_count = int(self._scalar("Q"))
        pair_count = int(self._scalar("Q"))
        # A pair takes at least 13 bytes and a tensor 24, so more than that cannot be true.
        if pair_count > self._size // 13 or tensor_count > self._size // 24:
            raise self._broken(
                f"its header claims {pair_count} settings and {tensor_count} tensors, "
                "more than the file can hold"
            )
        metadata: dict[str, Value] = {}
        for _ in range(pair_count):
            key = self._string(_MAX_KEY_BYTES)
            metadata[key] = self._value(int(self._scalar("I")), 0)
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
            raise self._broken("its data alignment is not a power of two")
        tensors = tuple(self._tensor() for _ in range(tensor_count))
        data_offset = -(-self._at // alignment) * alignment
        self._check_data(tensors, data_offset)
        return GgufHeader(
            path=self._path,
            version=version,
            metadata=metadata,
            tensors=tensors,
            data_offset=data_offset,
            size_bytes=self._size,
            fingerprint=self._fingerprint(),
        )

    def _broken(self, what: str) -> GgufError:
        return GgufError(
            f"{self._path} is a damaged GGUF file: {what}",
            hint="Download or copy it again, and compare its size with the original.",
        )

    def _scalar(self, code: str) -> int | float | bool:
        size = struct.calcsize("<" + code)
        if self._at + size > self._size:
            raise self._broken("it ends in the middle of its header (truncated)")
        (value,) = struct.unpack_from("<" + code, self._view, self._at)
        self._at += size
        if not isinstance(value, int | float):
            raise self._broken("a setting has an impossible type")
        return value

    def _skip_string(self) -> tuple[int, int]:
        length = int(self._scalar("Q"))
        start = self._at
        if length > self._size - start:
            raise self._broken("a text in its header is longer than the file (truncated?)")
        self._at = start + length
        return start, self._at

    def _string(self, limit: int = 0) -> str:
        start, end = self._skip_string()
        if limit and end - start > limit:
            raise self._broken("a name in its header is absurdly long")
        return self._view[start:end].decode("utf-8", "replace")

    def _value(self, kind: int, depth: int) -> Value:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array(depth)
        if kind not in _SCALARS:
            raise self._broken(f"a setting has the unknown type {kind}")
        return self._scalar(_SCALARS[kind])

    def _array(self, depth: int) -> Value:
        if depth >= _MAX_NESTING:
            raise self._broken("its settings are nested too deeply")
        kind, count = int(self._scalar("I")), int(self._scalar("Q"))
        if kind in _SCALARS:
            item_bytes = struct.calcsize("<" + _SCALARS[kind])
        elif kind in (_STRING, _ARRAY):
            item_bytes = 8 if kind == _STRING else 12
        else:
            raise self._broken(f"a list has the unknown item type {kind}")
        if count > (self._size - self._at) // item_bytes:
            raise self._broken("a list in its header is longer than the file (truncated?)")
        if count <= KEPT_ARRAY_ITEMS or (kind in _SCALARS and count <= 1024):
            return [self._value(kind, depth + 1) for _ in range(count)]
        if kind in _SCALARS:
            self._at += count * item_bytes
        elif kind == _STRING:
            self._skip_strings(count)
        else:
            for _ in range(count):
                self._value(kind, depth + 1)
        return GgufArray(kind, count)

    def _skip_strings(self, count: int) -> None:
        """Walks a vocabulary: 150,000 strings, so without a method call for each."""
        at, view, size = self._at, self._view, self._size
        unpack = struct.Struct("<Q").unpack_from
        for _ in range(count):
            if at + 8 > size:
                raise self._broken("it ends in the middle of its header (truncated)")
            at += 8 + unpack(view, at)[0]
        if at > size:
            raise self._broken("a text in its header is longer than the file (truncated?)")
        self._at = at

    def _tensor(self) -> TensorInfo:
        name = self._string(_MAX_KEY_BYTES)
        dimensions = int(self._scalar("I"))
        if not 0 < dimensions <= _MAX_DIMENSIONS:
            raise self._broken(f"tensor {name!r} has {dimensions} dimensions")
        shape = tuple(int(self._scalar("Q")) for _ in range(dimensions))
        type_id, offset = int(self._scalar("I")), int(self._scalar("Q"))
        elements = math.prod(shape)
        if elements > 1 << 48:
            raise self._broken(f"tensor {name!r} claims {elements} values")
        block = _BLOCKS.get(type_id)
        size_bytes = elements // block[1] * block[2] if block else 0
        return TensorInfo(name, shape, type_id, offset, size_bytes)

    def _check_data(self, tensors: tuple[TensorInfo, ...], data_offset: int) -> None:
        end = max((data_offset + t.offset + t.size_bytes for t in tensors), default=0)
        if end > self._size:
            raise self._broken(
                f"its weights need {end:,} bytes and the file has {self._size:,} (truncated)"
            )

    def _fingerprint(self) -> str:
        """Content identity without reading gigabytes: header, size, and samples of the weights."""
        digest = hashlib.sha256(self._size.to_bytes(8, "little"))
        digest.update(self._view[: self._at])
        for part in range(16):
            start = self._at + (self._size - self._at) * part // 16
            digest.update(self._view[start : start + 4096])
        digest.update(self._view[max(0, self._size - 4096) :])
        return digest.hexdigest()
