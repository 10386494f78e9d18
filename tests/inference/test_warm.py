"""Engines that outlive a command: found again, shared, cancelled, replaced; never a stranger's."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sorte_cli.errors import EnvironmentFailure, RefusedError
from sorte_cli.inference import EngineDied, GrammarError, ModelSpec, Options, open_engine
from sorte_cli.inference import warm as warm_engines
from sorte_cli.inference.manager import ModelManager
from sorte_cli.inference.process import ProcessEngine
from sorte_cli.inference.rendezvous import contact, runtime_folder
from sorte_cli.inference.warm import WarmEngine, statuses, stop

from .tiny import ENDLESS, tiny_model

HELLO = [("user", "hello")]
SHORT = Options(max_tokens=5)
LONG_ANSWER = Options(max_tokens=8000, grammar=ENDLESS)
DEADLINE_S = 30


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "run"
    monkeypatch.setenv("SORTE_RUNTIME_DIR", str(folder))
    yield folder
    for status in statuses():
        stop(status, force=True)


@pytest.fixture
def opened(long_model: Path) -> Iterator[Callable[[], WarmEngine]]:
    engines: list[WarmEngine] = []

    def open_one() -> WarmEngine:
        engines.append(WarmEngine(ModelSpec(long_model), stay_s=60))
        return engines[-1]

    yield open_one
    for engine in engines:
        engine.close()


def eventually(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_the_next_command_finds_the_engine_warm(
    opened: Callable[[], WarmEngine], long_model: Path
) -> None:
    first = opened()
    wanted = first.generate(HELLO, SHORT).tokens
    first.close()
    second = opened()
    assert (first.was_warm, second.was_warm) == (False, True)
    assert first.pid == second.pid
    again = second.generate(HELLO, SHORT)
    assert again.tokens == wanted
    assert again.reused_tokens == again.prompt_tokens - 1
    own = open_engine(ModelSpec(long_model))
    assert own.generate(HELLO, SHORT).tokens == wanted
    assert own.info == second.info
    own.close()


def test_another_way_to_load_is_another_engine(long_model: Path) -> None:
    one = WarmEngine(ModelSpec(long_model), stay_s=60)
    other = WarmEngine(ModelSpec(long_model, context_tokens=300), stay_s=60)
    assert one.pid != other.pid
    assert other.info.context_tokens == 300
    assert {s.pid for s in statuses()} == {one.pid, other.pid}
    one.close()
    other.close()


def test_only_its_user_can_reach_it(opened: Callable[[], WarmEngine], runtime: Path) -> None:
    opened()
    assert stat.S_IMODE(runtime.stat().st_mode) == 0o700
    for file in runtime.glob("engine-*.[sl]o*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_two_terminals_share_it_and_get_their_own_answers(
    opened: Callable[[], WarmEngine],
) -> None:
    questions = [[("user", f"question {n} {'a' * n}")] for n in range(2)]
    engines = [opened(), opened()]
    alone = [e.generate(q, SHORT).text for e, q in zip(engines, questions, strict=True)]
    answers: list[list[str]] = [[], []]

    def ask(number: int) -> None:
        for _ in range(5):
            answers[number].append(engines[number].generate(questions[number], SHORT).text)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[alone[0]] * 5, [alone[1]] * 5]


def test_cancelling_one_does_not_touch_the_other_and_a_waiting_one_is_let_go(
    opened: Callable[[], WarmEngine],
) -> None:
    busy, waiting = opened(), opened()
    started, stop_busy, stop_waiting = threading.Event(), threading.Event(), threading.Event()
    finished: list[str] = []

    def work() -> None:
        answer = busy.generate(
            HELLO, LONG_ANSWER, on_text=lambda _: started.set(), cancel=stop_busy
        )
        finished.append(answer.finish)

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(DEADLINE_S)
    stop_waiting.set()
    assert waiting.generate(HELLO, SHORT, cancel=stop_waiting).finish == "cancelled"
    assert not finished  # the other one still writes
    stop_busy.set()
    thread.join()
    assert finished == ["cancelled"]
    assert waiting.generate(HELLO, SHORT).finish in ("length", "stop")


def test_an_answer_that_nobody_waits_for_any_more_is_not_computed(
    opened: Callable[[], WarmEngine],
) -> None:
    class Gone(Exception):
        pass

    def leave(_: str) -> None:
        raise Gone

    first = opened()
    with pytest.raises(Gone):
        first.generate(HELLO, LONG_ANSWER, on_text=leave)
    first.close()
    assert eventually(lambda: not statuses()[0].busy)
    assert opened().generate(HELLO, SHORT).tokens


def test_a_killed_engine_is_one_clear_error_and_the_next_one_is_new(
    opened: Callable[[], WarmEngine],
) -> None:
    first = opened()
    with pytest.raises(EngineDied, match="warm engine"):
        first.generate(HELLO, LONG_ANSWER, on_text=lambda _: os.kill(first.pid, signal.SIGKILL))
    assert not first.alive
    second = opened()
    assert not second.was_warm
    assert second.generate(HELLO, SHORT).tokens


def test_it_leaves_when_nobody_comes(long_model: Path, runtime: Path) -> None:
    engine = WarmEngine(ModelSpec(long_model), stay_s=0.2)
    assert engine.generate(HELLO, SHORT).tokens
    engine.close()
    assert eventually(lambda: is_gone(engine.pid))
    assert statuses() == []
    assert not list(runtime.glob("*.sock"))


def test_it_is_not_stopped_under_somebody(opened: Callable[[], WarmEngine]) -> None:
    first, second = opened(), opened()
    assert not first.stop()
    assert second.generate(HELLO, SHORT).tokens
    assert not stop(statuses()[0])
    second.close()
    assert eventually(lambda: not statuses()[0].clients)
    assert stop(statuses()[0])
    assert is_gone(second.pid)


def test_two_commands_at_once_start_one_engine(long_model: Path) -> None:
    code = (
        "import sys, pathlib; from sorte_cli.inference import ModelSpec; "
        "from sorte_cli.inference.warm import WarmEngine; "
        "e = WarmEngine(ModelSpec(pathlib.Path(sys.argv[1])), stay_s=60); print(e.pid); e.close()"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(long_model)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    pids = {process.communicate(timeout=DEADLINE_S)[0].strip() for process in running}
    assert len(pids) == 1


def test_a_model_that_does_not_load_says_why_and_leaves_no_engine(tmp_path: Path) -> None:
    path = tiny_model(tmp_path / "odd.gguf")
    path.write_bytes(path.read_bytes().replace(b"attn_output", b"attn_outpit"))
    with pytest.raises(EnvironmentFailure, match=r"odd\.gguf"):
        WarmEngine(ModelSpec(path), stay_s=60)
    assert eventually(lambda: statuses() == [])


def test_errors_come_through(opened: Callable[[], WarmEngine]) -> None:
    engine = opened()
    with pytest.raises(GrammarError, match="not valid"):
        engine.check_grammar("root ::= (")
    assert engine.tokenize("ab") and engine.render(HELLO)


def test_a_folder_that_others_may_enter_is_not_used(
    runtime: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.mkdir(mode=0o755)
    runtime.chmod(0o755)
    with pytest.raises(RefusedError, match="alone"):
        runtime_folder()
    with ModelManager(ModelSpec(model), ModelSpec(model), keep_alive_s=60) as manager:
        assert isinstance(manager.engine("brain"), ProcessEngine)
    runtime.chmod(0o700)


def test_a_socket_of_somebody_else_is_left_alone(
    opened: Callable[[], WarmEngine], runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    path = next(runtime.glob("*.sock"))
    owner = os.getuid()
    monkeypatch.setattr("sorte_cli.inference.rendezvous.os.getuid", lambda: owner + 1)
    with pytest.raises(RefusedError, match="left alone"):
        contact(path)
    monkeypatch.undo()
    monkeypatch.setenv("SORTE_RUNTIME_DIR", str(runtime))
    assert path.is_socket()
    stop(statuses()[0], force=True)
    path.write_text("a file in its place")
    with pytest.raises(RefusedError, match="not a socket"):
        contact(path)
    assert statuses()[0].problem
    path.unlink()


@pytest.mark.parametrize("said", [b"", b"hello!!", b"\x05\0\0\0[1,2]", b"\xff\xff\xff\xff"])
def test_who_does_not_speak_the_language_is_not_listened_to(
    said: bytes, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorte_cli.inference.rendezvous.HELLO_TIMEOUT_S", 0.3)
    path = runtime_folder() / "engine-x.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            connection.sendall(said)
            time.sleep(0.5)
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        assert contact(path) is None
        thread.join()


def test_a_dead_socket_is_taken_away(runtime: Path) -> None:
    path = runtime_folder() / "engine-x.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    assert contact(path) is None
    assert not path.exists()


def test_a_folder_with_a_very_long_name_works(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SORTE_RUNTIME_DIR", str(tmp_path / ("deep" * 25)))
    engine = WarmEngine(ModelSpec(model), stay_s=60)
    assert engine.generate(HELLO, SHORT).tokens
    assert engine.stop()


# -- through the manager


def test_the_manager_keeps_engines_warm_when_told_to(model: Path) -> None:
    pids = []
    for _ in range(2):
        with ModelManager(ModelSpec(model), ModelSpec(model), keep_alive_s=60) as manager:
            engine = manager.engine("executor")
            assert isinstance(engine, WarmEngine)
            pids.append(engine.pid)
    assert pids[0] == pids[1]


@pytest.mark.parametrize("keep_alive_s", [0, -1])
def test_small_models_are_not_kept_unless_asked_for(model: Path, keep_alive_s: float) -> None:
    with ModelManager(ModelSpec(model), ModelSpec(model), keep_alive_s=keep_alive_s) as manager:
        assert isinstance(manager.engine("brain"), ProcessEngine)
    assert statuses() == []


def test_turns_end_the_engine_that_has_to_make_room(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tiny_model(tmp_path / "other.gguf", seed=3, name="other")
    monkeypatch.setattr("sorte_cli.inference.manager.memory_bytes", lambda: (100_000, 100_000))
    with ModelManager(ModelSpec(model), ModelSpec(other), keep_alive_s=60) as manager:
        brain = manager.engine("brain")
        executor = manager.engine("executor")
        assert not brain.alive and executor.alive
        assert [s.model for s in statuses()] == [str(other)]
        elsewhere = WarmEngine(ModelSpec(other), stay_s=60)
        with pytest.raises(EnvironmentFailure, match="in use elsewhere"):
            manager.engine("brain")
        elsewhere.close()


def test_an_idle_engine_makes_room_for_another_model(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = WarmEngine(ModelSpec(model), stay_s=60)
    idle.close()
    assert eventually(lambda: not statuses()[0].clients)
    other = tiny_model(tmp_path / "other.gguf", seed=3, name="other")
    monkeypatch.setattr("sorte_cli.inference.manager.memory_bytes", lambda: (10**9, 100_000))
    with ModelManager(ModelSpec(other), ModelSpec(other)) as manager:
        assert manager.engine("brain").generate(HELLO, SHORT).tokens
    assert is_gone(idle.pid)


def test_the_module_says_how_much_memory_is_held(opened: Callable[[], WarmEngine]) -> None:
    engine = opened()
    status = next(s for s in warm_engines.statuses() if s.pid == engine.pid)
    assert status.memory_bytes > 1_000_000
    assert (status.clients, status.loaded, status.busy) == (1, True, False)
