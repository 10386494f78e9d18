"""ggml's own functions, below llama.cpp: which device a tensor goes to, and devices elsewhere."""

from __future__ import annotations

import ctypes
import os
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.hardware import CUDA_INSTALL, library_folder

CONNECT_TIMEOUT_S = 5.0
RPC_INSTALL = CUDA_INSTALL.replace("CUDA", "RPC")
_registered: set[str] = set()
_CPU_DEVICE = 0  # ggml_backend_dev_type


def _library(name: str) -> Any:
    """A library of the installed llama.cpp, which is loaded already: `ggml`, `ggml-base`.

    A wheel has no links but the same file under three names, and under another name it would be
    loaded a second time, with devices of its own. llama.cpp loads the one with the major version.
    """
    folder = library_folder()
    assert folder is not None
    files = sorted(folder.glob(f"lib{name}.*"))
    loaded = [f for f in files if re.search(r"\.so\.\d+$|\.\d+\.dylib$", f.name)]
    return ctypes.CDLL(os.fspath((loaded or files)[0]))


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


def rpc_library() -> Path | None:
    """ggml's RPC backend: in the installed build, or built from the same sources and named by
    SORTE_RPC_LIBRARY. None where there is none.
    """
    if named := os.environ.get("SORTE_RPC_LIBRARY"):
        return Path(named)
    folder = library_folder()
    found = sorted(folder.glob("libggml-rpc.*")) if folder is not None else []
    return found[0] if found else None


def use_workers(addresses: Sequence[str]) -> None:
    """Makes RPC servers devices of this process; llama.cpp then takes them for graphics cards.

    ggml ends the process for a server that is not there, so that is found out before. Raises
    EnvironmentFailure.
    """
    for address in addresses:
        _must_answer(address)
    library = rpc_library()
    if library is None:
        raise EnvironmentFailure(
            "this build of llama.cpp cannot use RPC workers", hint=f"Install one: {RPC_INSTALL}"
        )
    try:
        rpc = ctypes.CDLL(os.fspath(library))
    except OSError as error:
        raise EnvironmentFailure(f"{library} cannot be loaded: {error}") from error
    rpc.ggml_backend_rpc_add_server.restype = ctypes.c_void_p
    rpc.ggml_backend_rpc_add_server.argtypes = [ctypes.c_char_p]
    ggml = _library("ggml")
    ggml.ggml_backend_register.argtypes = [ctypes.c_void_p]
    for address in addresses:
        if address in _registered:
            continue
        server = rpc.ggml_backend_rpc_add_server(address.encode())
        if not server:
            raise EnvironmentFailure(
                f"the RPC worker at {address} did not take the connection",
                hint="It must be of the same version of llama.cpp.",
            )
        ggml.ggml_backend_register(server)
        _registered.add(address)


def _must_answer(address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise EnvironmentFailure(
            f"no RPC worker answers at {address}: {error.strerror or error}",
            hint="Start `rpc-server` there, or take it out of the setting rpc_workers.",
        ) from error
