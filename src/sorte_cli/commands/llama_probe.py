"""Says, as one JSON line, what the installed llama-cpp-python can do; run as a child process.

A broken native library can take its process down; `sorte doctor` must outlive that.
"""

from __future__ import annotations

import json


def probe() -> dict[str, object]:
    """Version and build features. Raises ImportError, OSError or RuntimeError when broken."""
    import llama_cpp
    from llama_cpp import llama_cpp as native

    information = native.llama_print_system_info()
    return {
        "version": llama_cpp.__version__,
        "gpu": bool(native.llama_supports_gpu_offload()),
        "mmap": bool(native.llama_supports_mmap()),
        "mlock": bool(native.llama_supports_mlock()),
        "rpc": bool(native.llama_supports_rpc()),
        "features": information.decode("utf-8", "replace").strip() if information else "",
    }


def main() -> None:
    """Prints the answer."""
    print(json.dumps(probe()))


if __name__ == "__main__":
    main()
