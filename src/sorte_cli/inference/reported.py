"""Asks llama.cpp itself what a placement takes, without loading weights; in a child process.

`common_fit_print` is a function of libllama-common, which only builds from source install. It is
called by its mangled name, and ends the process where a file makes no sense to it, so it runs
where that hurts nobody.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.hardware import library_folder
from sorte_cli.inference.placement import Need, Placement, experts_pattern

TIMEOUT_S = 120
_SYMBOL = "_Z16common_fit_printPKcP18llama_model_paramsP20llama_context_params"
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from sorte_cli.inference.reported import main; "
    "main()"
)


def reported(path: Path, placement: Placement) -> Mapping[str, Need] | None:
    """llama.cpp's own figures by device ("Host" is the machine's memory), in whole MiB.

    None where this build of llama.cpp cannot tell. Raises EnvironmentFailure where it does not
    take the file.
    """
    if _common_library() is None:
        return None
    request = {
        "path": os.fspath(path.absolute()),
        "context_tokens": placement.context_tokens,
        "kv_type": placement.kv_type,
        "gpu_layers": placement.gpu_layers,
        "cpu_expert_layers": placement.cpu_expert_layers,
    }
    root = str(Path(__file__).resolve().parents[2])
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _BOOT, root],
            input=json.dumps(request).encode(),
            capture_output=True,
            cwd="/",
            timeout=TIMEOUT_S,
            check=False,
            env=os.environ | {"GGML_NO_BACKTRACE": "1"},
        )
    except subprocess.TimeoutExpired:
        return None
    found = _devices(done.stdout.decode("utf-8", "replace"))
    if done.returncode != 0 or "Host" not in found:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EnvironmentFailure(
            f"llama.cpp could not plan {path.name}: {lines[-1] if lines else 'no reason given'}"
        )
    return found


def _devices(printed: str) -> dict[str, Need]:
    found = {}
    for line in printed.splitlines():
        parts = line.split()
        if len(parts) == 4 and all(p.isdigit() for p in parts[1:]):
            weights, cache, compute = (int(p) * 1024**2 for p in parts[1:])
            found[parts[0]] = Need(weights, cache, compute)
    return found


def _common_library() -> Path | None:
    folder = library_folder()
    if folder is None:
        return None
    for place in (folder, folder.parents[1] / "lib"):
        for name in ("libllama-common.so", "libllama-common.dylib"):
            if (place / name).is_file():
                return place / name
    return None


def main() -> None:
    """The child: reads a request on stdin, lets llama.cpp print to stdout."""
    from sorte_cli.inference.bindings import bindings, echo_log_to
    from sorte_cli.inference.devices import expert_overrides
    from sorte_cli.inference.native import KV_TYPES, UBATCH_TOKENS

    request = json.load(sys.stdin)
    c = bindings()
    echo_log_to(2)
    library = _common_library()
    assert library is not None
    model, context = c.llama_model_default_params(), c.llama_context_default_params()
    model.n_gpu_layers = request["gpu_layers"]
    model.use_extra_bufts = False  # repacked weights are as large, but are not counted
    kept: Any = None
    if request["cpu_expert_layers"]:
        kept = expert_overrides(experts_pattern(request["cpu_expert_layers"]))
        model.tensor_buft_overrides = ctypes.cast(kept, ctypes.c_void_p)
    context.n_ctx = request["context_tokens"]
    context.n_batch = context.n_ubatch = min(UBATCH_TOKENS, context.n_ctx)
    context.n_outputs_max = 1
    context.flash_attn_type = -1
    context.type_k = context.type_v = KV_TYPES[request["kv_type"]]
    printer = ctypes.CDLL(os.fspath(library))[_SYMBOL]
    printer(os.fsencode(request["path"]), ctypes.byref(model), ctypes.byref(context))
    ctypes.CDLL(None).fflush(None)
