"""ggml's own functions, below llama.cpp: which device a tensor goes to, and devices elsewhere."""

from __future__ import annotations

import ctypes
import os
from typing import Any

from sorte_cli.inference.hardware import library_folder

_CPU_DEVICE = 0  # ggml_backend_dev_type


def _library(name: str) -> Any:
    """A library of the installed llama.cpp, which is loaded already: `ggml`, `ggml-base`."""
    folder = library_folder()
    assert folder is not None
    found = next(folder.glob(f"lib{name}.so*"), folder / f"lib{name}.dylib")
    return ctypes.CDLL(os.fspath(found))


class _Override(ctypes.Structure):
    """llama_model_tensor_buft_override: tensors by pattern, and the buffers they go to."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffers", ctypes.c_void_p))


def expert_overrides(pattern: str) -> Any:
    """What keeps the tensors that match `pattern` in the machine's memory (--n-cpu-moe).

    Must be kept alive as long as the model loads.
    """
    ggml, base = _library("ggml"), _library("ggml-base")
    ggml.ggml_backend_dev_by_type.restype = ctypes.c_void_p
    base.ggml_backend_dev_buffer_type.restype = ctypes.c_void_p
    base.ggml_backend_dev_buffer_type.argtypes = [ctypes.c_void_p]
    memory = base.ggml_backend_dev_buffer_type(ggml.ggml_backend_dev_by_type(_CPU_DEVICE))
    return (_Override * 2)(_Override(pattern.encode(), memory), _Override(None, None))
