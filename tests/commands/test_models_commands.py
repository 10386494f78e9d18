"""`sorte models` as a person uses it: list, show, fit, recommend, pull, create."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inference.shapes import SHAPES, sparse_model
from inference.tiny import tiny_model

GIB, MIB = 1024**3, 1024**2


@pytest.fixture
def models(home: Path) -> Path:
    """Sorte's own folder of models, with three in it that take no room."""
    folder = home / "data/models"
    folder.mkdir(parents=True)
    for name in ("Qwen2.5-Coder-7B", "Qwen2.5-Coder-32B", "Qwen3-Coder-30B-A3B"):
        sparse_model(folder / f"{name}.gguf", SHAPES[name])
    return folder


def document(text: str) -> Any:
    return json.loads(text)


def test_the_list_shows_every_place_and_what_is_wrong(sorte, home: Path, models: Path) -> None:
    (models / "broken.gguf").write_bytes(b"not a model")
    blobs = home / ".ollama/models/blobs"
    blobs.mkdir(parents=True)
    tiny_model(blobs / "sha256-abc")
    manifest = home / ".ollama/models/manifests/registry.ollama.ai/library/tiny/latest"
    manifest.parent.mkdir(parents=True)
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:abc"}
    manifest.write_text(json.dumps({"layers": [layer]}))
    extra = home / "more"
    extra.mkdir()
    tiny_model(extra / "extra.gguf")
    answer = sorte("models", "list", "--json", env={"SORTE_MODEL_DIRS": str(extra)})
    assert answer.code == 0
    found = {row["name"]: row for row in document(answer.out)["models"]}
    assert found["Qwen2.5-Coder-7B"]["source"] == "sorte"
    assert found["tiny:latest"]["source"] == "ollama"
    assert found["extra"]["source"] == "configured"
    assert "not a GGUF" in found["broken"]["problem"]
    assert "Qwen3-Coder-30B-A3B" in sorte("models", "list").out


def test_an_empty_list_says_what_to_do(sorte) -> None:
    answer = sorte("models", "list")
    assert answer.code == 0
    assert "sorte models recommend" in answer.out


def test_a_model_is_shown_with_its_template(sorte) -> None:
    answer = sorte("models", "show", "nano", "--template")
    assert answer.code == 0
    assert "MIT" in answer.out and "{%" in answer.out
    found = document(sorte("models", "show", "nano", "--json").out)
    assert found["architecture"] == "llama" and found["licence"] == "MIT"


def test_a_name_that_is_none_is_an_error_with_what_is_near(sorte, models: Path) -> None:
    answer = sorte("models", "show", "Qwen2.5-Coder-8B")
    assert answer.code == 3
    assert "Qwen2.5-Coder-7B" in answer.err


def test_fit_says_how_one_model_fits(sorte, models: Path) -> None:
    line = ("models", "fit", "Qwen3-Coder-30B-A3B", "--vram", "8GiB", "--ram", "128GiB")
    answer = sorte(*line, "--ctx", "32768", "--json")
    assert answer.code == 0
    (found,) = document(answer.out)["models"]
    assert found["fits"] and found["gpu_layers"] == 49 and found["cpu_expert_layers"] > 0
    assert found["gpu"]["total_bytes"] <= 7 * GIB
    assert found["tokens_per_s"] > 1
    shown = sorte(*line, "--ctx", "32768")
    assert "49 of 49" in shown.out and "32768 tokens" in shown.out


def test_fit_counts_with_what_the_modelfile_says_and_flags_win(
    sorte, models: Path, tmp_path: Path
) -> None:
    file = tmp_path / "Modelfile"
    file.write_text("FROM nano\n# sorte: kv=q8_0\nPARAMETER num_ctx 640\n")
    assert sorte("models", "create", "mine", "-f", str(file)).code == 0
    for flags, window, kv_type in (
        ((), 640, "q8_0"),
        (("--ctx", "700"), 700, "q8_0"),
        (("--kv", "f16"), 640, "f16"),
    ):
        found = document(sorte("models", "fit", "mine", *flags, "--json").out)["models"][0]
        assert (found["context_tokens"], found["kv_type"]) == (window, kv_type)
    assert "num_ctx 640, kv q8_0" in sorte("models", "show", "mine").out
    shown = document(sorte("models", "show", "mine", "--json").out)
    assert shown["modelfile"] == {"num_ctx": "640", "kv": "q8_0"}


@pytest.mark.parametrize(
    ("executor", "vram", "ram", "mode", "code"),
    [
        ("Qwen2.5-Coder-7B", "24GiB", "64GiB", "co-resident", 0),
        ("Qwen2.5-Coder-7B", "16GiB", "64GiB", "alternating", 0),
        ("Qwen2.5-Coder-32B", "24GiB", "64GiB", "one weight set", 0),
        ("Qwen2.5-Coder-7B", "0", "8GiB", "does not fit", 1),
    ],
)
def test_fit_says_how_two_models_share(
    sorte, models: Path, executor: str, vram: str, ram: str, mode: str, code: int
) -> None:
    line = ("models", "fit", "Qwen2.5-Coder-32B", "--with", executor)
    answer = sorte(*line, "--vram", vram, "--ram", ram, "--json")
    assert (document(answer.out)["mode"], answer.code) == (mode, code)
    assert sorte(*line, "--vram", vram, "--ram", ram).code == code


def test_llama_cpp_is_asked_beside_our_own_table(sorte, models: Path) -> None:
    answer = sorte("models", "fit", "Qwen2.5-Coder-7B", "--check", "--ram", "32GiB", "--json")
    (found,) = document(answer.out)["models"]
    ours, theirs = found["host"]["total_bytes"], found["llama_cpp"]["Host"]["total_bytes"]
    assert abs(ours - theirs) < 0.05 * theirs


@pytest.mark.parametrize(
    "words",
    [("--vram", "lots"), ("--ram", "-3"), ("--kv", "q9"), ("--ctx", "-5"), ("--vram", "9" * 30)],
)
def test_odd_wishes_are_usage_errors(sorte, models: Path, words: tuple[str, str]) -> None:
    assert sorte("models", "fit", "nano", *words).code == 2


def test_a_machine_gets_its_own_recommendation(sorte) -> None:
    line = ("models", "recommend", "--vram", "8GiB", "--ram", "128GiB")
    found = document(sorte(*line, "--json").out)
    assert found["tier"] == "8gb-128gb"
    assert all(t["brain"]["source"] and t["executor"]["source"] for t in found["tiers"])
    assert "→ 8gb-128gb" in sorte(*line).out
    portuguese = sorte("--lang", "pt_BR", *line)
    assert "máquina" in portuguese.out


def test_help_without_an_action_and_in_portuguese(sorte) -> None:
    assert "recommend" in sorte("models").out
    answer = sorte("--lang", "pt_BR", "models", "fit", "--help")
    assert answer.code == 0 and "Opções" in answer.out
    assert sorte("models", "lst").code == 2


# -- created


def test_a_created_model_can_be_named_everywhere(sorte, home: Path, models: Path) -> None:
    file = home / "Modelfile"
    file.write_text("# sorte: kv=q8_0\nFROM Qwen2.5-Coder-7B\nPARAMETER num_ctx 4096\n")
    assert sorte("models", "create", "mine", "-f", str(file)).code == 0
    assert "mine" in sorte("models", "list").out
    assert document(sorte("models", "show", "mine", "--json").out)["layers"] == 28
    file.write_text("FROM x\nGPU_LAYERS 3\n")
    answer = sorte("models", "create", "other", "-f", str(file))
    assert answer.code == 2 and "line 2" in answer.err


# -- fetched


class Hub(http.server.ThreadingHTTPServer):
    """As much of Hugging Face as a download needs, with files of our own."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.files = files
        self.stated: dict[str, str] = {n: hashlib.sha256(d).hexdigest() for n, d in files.items()}
        self.asked: list[str] = []
        self.cut_after = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class HubHandler(http.server.BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._file(send=False)

    def do_GET(self) -> None:
        if not self.path.startswith("/api/models/org/small-GGUF"):
            self._file(send=True)
            return
        siblings = [
            {
                "rfilename": name,
                "size": len(data),
                "lfs": {"sha256": self.server.stated[name], "size": len(data), "pointerSize": 1},
            }
            for name, data in self.server.files.items()
        ]
        body = json.dumps({"id": "org/small-GGUF", "sha": "0" * 40, "siblings": siblings}).encode()
        self._head(200, len(body))
        self.wfile.write(body)

    def _head(self, status: int, length: int, **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _file(self, *, send: bool) -> None:
        name = self.path.partition("?")[0].rpartition("/")[2]
        data = self.server.files.get(name)
        if data is None:
            body = b"{}"
            self._head(404, len(body), X_Error_Code="RepoNotFound")
            if send:
                self.wfile.write(body)
            return
        start = 0
        if asked := self.headers.get("Range"):
            start = int(asked.removeprefix("bytes=").partition("-")[0])
        if send:
            self.server.asked.append(asked or "all")
        more = {"X_Repo_Commit": "0" * 40, "ETag": f'"{hashlib.sha256(data).hexdigest()}"'}
        if start:
            more["Content_Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._head(206 if start else 200, len(data) - start, **more)
        if not send:
            return
        if self.server.cut_after and not start:
            self.wfile.write(data[: self.server.cut_after])
            self.wfile.flush()
            self.connection.close()
            return
        self.wfile.write(data[start:])


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    data = tiny_model(tmp_path / "source.gguf").read_bytes()
    other = tiny_model(tmp_path / "other.gguf", seed=5).read_bytes()
    opened = Hub({"small-Q4_K_M.gguf": data, "small-Q8_0.gguf": other, "README.md": b"# small"})
    thread = threading.Thread(target=opened.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield opened
    opened.shutdown()
    thread.join()
    opened.server_close()


@pytest.fixture
def fetch_env(hub: Hub, home: Path) -> dict[str, str]:
    return {
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
        "HF_HOME": str(home / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "PYTHONWARNINGS": "default",
    }


def test_a_model_is_fetched_once_and_then_found(sorte, hub: Hub, fetch_env: dict[str, str]) -> None:
    answer = sorte("models", "pull", "org/small-GGUF", "--json", env=fetch_env)
    assert answer.code == 0, answer.err
    (file,) = document(answer.out)["files"]
    assert Path(file).read_bytes() == hub.files["small-Q4_K_M.gguf"]
    assert len(hub.asked) == 1
    assert sorte("models", "pull", "org/small-GGUF:Q8_0", env=fetch_env).code == 0
    assert sorte("models", "pull", "org/small-GGUF", env=fetch_env).code == 0
    assert len(hub.asked) == 2
    shown = sorte("models", "show", "hf.co/org/small-GGUF:q8_0", "--json", env=fetch_env)
    assert document(shown.out)["path"].endswith("small-Q8_0.gguf")


def test_a_file_that_arrives_damaged_is_not_kept(
    sorte, hub: Hub, fetch_env: dict[str, str], home: Path
) -> None:
    hub.stated["small-Q4_K_M.gguf"] = "0" * 64
    answer = sorte("models", "pull", "org/small-GGUF", env=fetch_env)
    assert answer.code == 3 and "checksum" in answer.err
    assert not list((home / "hf").rglob("*.gguf"))


def test_an_interrupted_file_goes_on_where_it_ended(
    sorte, hub: Hub, fetch_env: dict[str, str]
) -> None:
    whole = hub.files["small-Q4_K_M.gguf"] + bytes(24 * MIB)  # it is written 10 MB at a time
    hub.files["small-Q4_K_M.gguf"] = whole
    hub.stated["small-Q4_K_M.gguf"] = hashlib.sha256(whole).hexdigest()
    hub.cut_after = 15 * MIB
    answer = sorte("models", "pull", "org/small-GGUF", "--json", env=fetch_env)
    if answer.code:  # given up: the next command goes on
        hub.cut_after = 0
        answer = sorte("models", "pull", "org/small-GGUF", "--json", env=fetch_env)
    assert answer.code == 0, answer.err
    (file,) = document(answer.out)["files"]
    assert Path(file).read_bytes() == whole
    assert any(asked.startswith("bytes=") and asked != "bytes=0-" for asked in hub.asked)


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("not a name", 2, "not a repository"),
        ("org/small-GGUF:Q2_K", 3, "small-Q8_0.gguf"),
        ("org/missing", 3, "no public repository"),
    ],
)
def test_what_cannot_be_fetched_says_why(
    sorte, hub: Hub, fetch_env: dict[str, str], name: str, code: int, reason: str
) -> None:
    answer = sorte("models", "pull", name, env=fetch_env)
    assert answer.code == code
    assert reason in answer.err


def test_without_the_network_it_says_so(sorte, home: Path) -> None:
    env = {
        "HF_ENDPOINT": "http://127.0.0.1:1",
        "HF_HOME": str(home / "hf"),
        "PYTHONWARNINGS": "default",
    }
    answer = sorte("models", "pull", "org/small-GGUF", env=env)
    assert answer.code == 3
    assert "network" in answer.err
