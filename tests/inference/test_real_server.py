"""An engine elsewhere that is none of ours: llama-cpp-python's own server with nano."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorte_cli.inference import ModelSpec, Options, open_engine
from sorte_cli.inference.models import resolve_model
from sorte_cli.inference.remote import RemoteEngine

HELLO = [("user", "rename calc_total to compute_total")]
START_TIMEOUT_S = 120


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(resolve_model("nano"))]
    command += ["--port", str(port), "--n_ctx", "1024", "--n_threads", "1"]
    environment = {**os.environ, "GOMP_SPINCOUNT": "1000", "PYTHONWARNINGS": "ignore"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    address = f"http://127.0.0.1:{port}/v1"
    try:
        _wait_for(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/models", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace")[-2000:])


def test_it_answers_counts_and_obeys_a_grammar(url: str) -> None:
    engine = RemoteEngine(url)
    own = open_engine(ModelSpec(resolve_model("nano")), inline=True)
    assert engine.count("compute_total") == own.count("compute_total")
    own.close()
    pieces: list[str] = []
    free = engine.generate(HELLO, Options(max_tokens=12), on_text=pieces.append)
    assert free.text == "".join(pieces) and free.tokens
    options = Options(max_tokens=30, grammar='root ::= "rename " [a-c]{3,5} "\\n"')
    assert engine.generate(HELLO, options).text.startswith("rename ")
    assert engine._grammar_field == "grammar"
    found = engine.candidates(HELLO, options, 3)
    assert len(found) == 3 and all(f.text.startswith("rename ") for f in found)


def test_it_obeys_a_json_schema_where_grammars_are_not_to_be_had(url: str) -> None:
    engine = RemoteEngine(url)
    engine._grammar_field = ""  # as if it took none
    schema = {
        "type": "object",
        "properties": {
            "verb": {"enum": ["rename", "delete"]},
            "target": {"type": "string", "enum": ["a.py::f", "a.py::g"]},
        },
        "required": ["verb", "target"],
        "additionalProperties": False,
    }
    options = Options(max_tokens=60, grammar='root ::= "x"', schema=json.dumps(schema))
    found = engine.generate(HELLO, options)
    document = json.loads(found.text)
    assert found.form == "json" and engine._schema_field in ("json_schema", "json_object")
    assert document["verb"] in ("rename", "delete") and document["target"].startswith("a.py::")
