"""A model on an RPC worker of llama.cpp on loopback: the same text, and where its layers are.

    python benchmarks/rpc_worker.py --library libggml-rpc.so [--tokens N] [--json FILE]

The builds of llama-cpp-python have no RPC backend unless made with -DGGML_RPC=on; the library can
also be built alone from the same sources (ggml/src/ggml-rpc). The worker is ggml's own server, in a
process of its own. It is ended in the middle of an answer at the end: one clear error must follow.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from made_model import make
from sorte_cli.inference import EngineDied, ModelSpec, Options, open_engine
from sorte_cli.inference.bindings import bindings
from sorte_cli.inference.devices import _library

ENDLESS = "root ::= [a-z] root"
START_TIMEOUT_S = 30


def serve(library: str, address: str) -> None:
    """The worker; does not return."""
    bindings()
    ggml = _library("ggml")
    ggml.ggml_backend_dev_by_type.restype = ctypes.c_void_p
    devices = (ctypes.c_void_p * 1)(ggml.ggml_backend_dev_by_type(0))
    start = ctypes.CDLL(library).ggml_backend_rpc_start_server
    start.argtypes = [
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_size_t,
        ctypes.c_void_p,
    ]
    start(address.encode(), None, 1, 1, ctypes.cast(devices, ctypes.c_void_p))


def started(library: str, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, __file__, "--library", library, "--serve", f"127.0.0.1:{port}"]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end and worker.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return worker
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the worker did not start")


def answer(spec: ModelSpec, tokens: int) -> tuple[str, float, int]:
    """The text, milliseconds a token, and the memory of the engine's process."""
    engine = open_engine(spec)
    found = engine.generate([("user", "hello")], Options(max_tokens=tokens))
    pid = engine.pid  # type: ignore[attr-defined]
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    rss = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
    engine.close()
    return found.text, found.generation_ms / max(1, len(found.tokens)), rss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", required=True)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.serve:
        serve(options.library, options.serve)
        return
    os.environ["SORTE_RPC_LIBRARY"] = str(Path(options.library).resolve())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SORTE_CACHE_DIR"] = folder
        path = make(Path(folder, "made.gguf"))
        worker = started(options.library, port)
        try:
            here = answer(ModelSpec(path, threads=1), options.tokens)
            address = (f"127.0.0.1:{port}",)
            there = answer(ModelSpec(path, threads=1, workers=address), options.tokens)
            engine = open_engine(ModelSpec(path, threads=1, workers=address))
            try:
                engine.generate(
                    [("user", "x")],
                    Options(max_tokens=4000, grammar=ENDLESS),
                    on_text=lambda _: worker.kill(),
                )
                death = "no error"
            except EngineDied as error:
                death = error.message.splitlines()[0]
            engine.close()
        finally:
            worker.kill()
            worker.wait()
    same = here[0] == there[0]
    print(f"here          {here[1]:8.2f} ms a token, engine holds {here[2] / 1e6:7.1f} MB")
    print(f"on the worker {there[1]:8.2f} ms a token, engine holds {there[2] / 1e6:7.1f} MB")
    print(f"the same text: {same}")
    print(f"the worker was killed in the middle of an answer: {death}")
    if options.json:
        options.json.write_text(
            json.dumps({"here": here, "there": there, "same": same, "death": death}) + "\n"
        )
    if not same or death == "no error":
        raise SystemExit(1)


if __name__ == "__main__":
    main()
