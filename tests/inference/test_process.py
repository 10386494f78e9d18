"""The engine's process: it may crash, be killed or lose its parent, and Sorte only says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorte_cli.errors import ExitCode
from sorte_cli.inference import EngineDied, GrammarError, ModelSpec, Options
from sorte_cli.inference.process import ProcessEngine, engine_environment
from sorte_cli.inference.protocol import Frame, write_frame

from .tiny import ENDLESS, tiny_metadata, tiny_model, tiny_tensors, vocabulary, write_gguf

HELLO = [("user", "hello")]
LONG_ANSWER = Options(max_tokens=8000, grammar=ENDLESS)
DEADLINE_S = 20


@pytest.fixture
def engine(long_model: Path) -> Iterator[ProcessEngine]:
    opened = ProcessEngine(ModelSpec(long_model))
    yield opened
    opened.close()


def wait_until_gone(pid: int) -> bool:
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_killing_the_engine_while_it_writes_is_one_clear_error(engine: ProcessEngine) -> None:
    with pytest.raises(EngineDied) as caught:
        engine.generate(
            HELLO,
            LONG_ANSWER,
            on_text=lambda _: os.kill(engine.pid, signal.SIGKILL),
        )
    assert "SIGKILL" in caught.value.message
    assert "memory" in caught.value.hint
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    assert not engine.alive


def test_a_dead_engine_stays_dead_and_says_so_again(engine: ProcessEngine) -> None:
    os.kill(engine.pid, signal.SIGSEGV)
    for _ in range(2):
        with pytest.raises(EngineDied, match="SIGSEGV"):
            engine.count("x")


def test_a_native_crash_while_loading_names_llama_cpps_own_reason(tmp_path: Path) -> None:
    """Two equal tokens trip an assertion in llama.cpp, which ends the process that loads them."""
    words = vocabulary()
    metadata = tiny_metadata(words)
    words.tokens[5] = words.tokens[6]
    path = write_gguf(tmp_path / "twins.gguf", metadata, tiny_tensors(len(words.tokens)))
    with pytest.raises(EngineDied) as caught:
        ProcessEngine(ModelSpec(path))
    assert "twins.gguf" in caught.value.message
    assert "SIGABRT" in caught.value.message
    assert "GGML_ASSERT" in caught.value.message
    assert "/tmp" not in caught.value.message


def test_the_current_folder_cannot_replace_modules_of_the_engine(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The current folder is often a repository someone else wrote."""
    for name in ("sorte_cli", "llama_cpp", "json", "jinja2"):
        (tmp_path / f"{name}.py").write_text("import os; os._exit(66)\n")
    monkeypatch.chdir(tmp_path)
    engine = ProcessEngine(ModelSpec(model))
    assert engine.count("ab") == 1
    engine.close()


def test_a_relative_model_path_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_model(tmp_path / "m.gguf")
    monkeypatch.chdir(tmp_path)
    engine = ProcessEngine(ModelSpec(Path("m.gguf")))
    assert engine.info.path == tmp_path / "m.gguf"
    engine.close()


def test_an_error_in_a_callback_ends_the_answer_and_leaves_the_engine_usable(
    engine: ProcessEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stop(Exception):
        pass

    def fail(_: str) -> None:
        raise Stop

    sent: list[Frame] = []

    def note(fd: int, frame: Frame) -> None:
        sent.append(frame)
        write_frame(fd, frame)

    wanted = engine.generate(HELLO, Options(max_tokens=5)).tokens
    monkeypatch.setattr("sorte_cli.inference.wire.write_frame", note)
    with pytest.raises(Stop):
        engine.generate(HELLO, LONG_ANSWER, on_text=fail)
    assert sent[-1] == {"cancel": sent[-2]["id"]}
    assert engine.generate(HELLO, Options(max_tokens=5)).tokens == wanted


def test_ctrl_c_reaches_sorte_and_not_the_engine(engine: ProcessEngine) -> None:
    def interrupt(_: str) -> None:
        os.kill(engine.pid, signal.SIGINT)
        raise KeyboardInterrupt

    assert os.getpgid(engine.pid) != os.getpgid(0)
    with pytest.raises(KeyboardInterrupt):
        engine.generate(HELLO, LONG_ANSWER, on_text=interrupt)
    assert engine.generate(HELLO, Options(max_tokens=3)).tokens


def test_an_engine_that_does_not_answer_a_cancel_is_ended(
    engine: ProcessEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorte_cli.inference.wire.CANCEL_GRACE_S", 0.2)
    cancel = threading.Event()

    def freeze(_: str) -> None:
        os.kill(engine.pid, signal.SIGSTOP)
        cancel.set()

    with pytest.raises(EngineDied, match="did not stop"):
        engine.generate(HELLO, LONG_ANSWER, on_text=freeze, cancel=cancel)
    assert not engine.alive


def test_engines_ask_for_large_pages_unless_the_user_said_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    assert "hugetlb" in engine_environment()["GLIBC_TUNABLES"]
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=1")
    assert engine_environment()["GLIBC_TUNABLES"] == "glibc.malloc.check=1"


def test_close_ends_the_process(engine: ProcessEngine) -> None:
    pid = engine.pid
    engine.close()
    assert wait_until_gone(pid)


@pytest.mark.parametrize("busy", [False, True])
def test_the_engine_dies_with_its_parent(long_model: Path, busy: bool) -> None:
    code = (
        "import sys, os, signal\n"
        "from pathlib import Path\n"
        "from sorte_cli.inference import ModelSpec, Options, open_engine\n"
        "engine = open_engine(ModelSpec(Path(sys.argv[1])))\n"
        "def die(*_):\n"
        "    print(engine.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "if sys.argv[2] == 'True':\n"
        "    options = Options(max_tokens=8000, grammar=sys.argv[3])\n"
        "    engine.generate([('user', 'x')], options, on_text=die)\n"
        "die()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(long_model), str(busy), ENDLESS],
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert wait_until_gone(int(done.stdout))


def test_what_native_code_prints_does_not_disturb_the_answers() -> None:
    code = (
        "import os\n"
        "from sorte_cli.inference.worker import private_pipes\n"
        "requests, answers = private_pipes()\n"
        "os.write(1, b'noise'); print('more', flush=True)\n"
        "os.write(answers, os.read(requests, 9)); assert os.read(0, 9) == b''\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"hello", capture_output=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == (b"hello", b"noisemore\n")


def test_large_texts_pass_and_a_printed_grammar_error_does_not_disturb(tmp_path: Path) -> None:
    engine = ProcessEngine(ModelSpec(tiny_model(tmp_path / "m.gguf")))
    with pytest.raises(GrammarError):
        engine.check_grammar("root ::= (")
    code = "x" * 100_000
    assert engine.count(code) == 100_000
    assert engine.render([("user", code)]).count("x") == 100_000
    engine.close()


def test_the_light_modules_import_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "import sorte_cli.inference, sorte_cli.inference.manager, sorte_cli.inference.models\n"
        "import sorte_cli.inference.process\n"
        "heavy = {'numpy', 'jinja2', 'llama_cpp', 'pydantic', 'git'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_inline_loading_leaves_the_high_level_package_importable(model: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sorte_cli.inference import ModelSpec, open_engine\n"
        "open_engine(ModelSpec(Path(sys.argv[1])), inline=True).close()\n"
        "assert 'llama_cpp' not in sys.modules\n"
        "import llama_cpp\n"
        "assert llama_cpp.Llama and llama_cpp.llama_cpp.llama_decode\n"
    )
    subprocess.run([sys.executable, "-c", code, str(model)], check=True, timeout=120)


def test_a_broken_template_is_an_error_when_it_is_used(tmp_path: Path) -> None:
    from sorte_cli.inference import ChatTemplateError

    path = tiny_model(tmp_path / "m.gguf", template="{% if %}")
    engine = ProcessEngine(ModelSpec(path))
    assert engine.count("ab") == 1
    with pytest.raises(ChatTemplateError):
        engine.generate(HELLO, Options(max_tokens=1))
    engine.close()
