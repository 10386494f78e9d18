"""A session that is stopped: by a key, by a signal, by a death, by a terminal that goes away."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

from sorte_cli.terminal.session.client import WorkerClient

RENAME = "rename calc_total to compute_total"


def workers_of(person) -> list[int]:
    """Process ids of the session's children."""
    pid = person.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(c) for c in children]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_gone(pids: list[int], patience_s: float = 30) -> None:
    end = time.monotonic() + patience_s
    while any(alive(p) for p in pids):
        assert time.monotonic() < end, "the worker outlives its session"
        time.sleep(0.05)


def nothing_left(git, project) -> None:
    """No worktree, no lock, no change: as before the run."""
    assert git("worktree", "list").count("\n") == 1
    assert git("status", "--porcelain") == ""
    assert git("log", "--oneline").count("\n") == 1
    assert not (project / ".git" / "sorte" / "lock").exists()


def slow_tests(project: Path, git) -> None:
    """The project's tests take so long that a run can be stopped in the middle of them."""
    path = project / "test_prices.py"
    path.write_text(path.read_text() + "    import time\n\n    time.sleep(30)\n")
    git("commit", "--quiet", "--amend", "--all", "--no-edit")


def test_escape_stops_a_run_and_leaves_nothing_behind(sit, git, project):
    slow_tests(project, git)
    person = sit()
    person.ready()
    person.say("/mode auto")
    person.say(RENAME)
    person.wait("running the tests")
    person.type("\x1b")
    person.wait("stopped; nothing was changed")
    nothing_left(git, project)
    person.say("what is Basket")  # and the session goes on
    person.wait("too small to explain")


def test_a_request_cancelled_before_the_worker_begins_it_never_runs(project, environment):
    """The worker may be busy with imports when both the request and its cancel arrive."""
    frames: list[dict[str, object]] = []
    done = threading.Event()

    def on_frame(frame: dict[str, object]) -> None:
        frames.append(frame)
        if frame.get("id") == 2 and "end" in frame:
            done.set()

    client = WorkerClient(project, on_frame, environment)
    client.request("names")
    number = client.request("shell", command="touch made")
    client.cancel(number)
    assert done.wait(60)
    client.close()
    assert frames[-1]["end"] == {"ok": False, "interrupted": True}
    assert not (project / "made").exists()


def test_ctrl_c_stops_a_run_and_twice_leaves(sit, git, project):
    person = sit()
    person.ready()
    person.say(RENAME)
    person.wait("Go on? [y]es")
    person.type("\x03")
    person.wait("stopped; nothing was changed")
    nothing_left(git, project)
    person.type("\x03\x03")
    assert person.end() == 0
    assert "Traceback" not in person.text


def test_a_ctrl_c_with_nothing_to_stop_says_what_the_next_would_do(sit):
    person = sit()
    person.ready()
    person.type("\x03")
    person.wait("Ctrl+C again leaves")
    person.type("\x03")
    assert person.end() == 0


def test_ctrl_c_empties_the_line_before_it_leaves(sit):
    person = sit()
    person.ready()
    person.type("half a sentence")
    person.wait("half a sentence")
    person.type("\x03")
    person.wait(lambda text: "half a sentence" not in text)
    person.type("x")
    person.wait("› x")


def test_ctrl_d_leaves_only_on_an_empty_line(sit):
    person = sit()
    person.ready()
    person.type("ab")
    person.wait("› ab")
    person.type("\x01\x04")  # to the beginning of the line, then delete
    person.wait("› b")
    person.type("\x04")
    person.wait(lambda text: "› b" not in text)
    person.type("\x04")
    assert person.end() == 0


def test_what_is_typed_during_a_run_waits_for_its_end(sit, project):
    person = sit()
    person.ready()
    person.say("/mode auto")
    person.say(RENAME)
    person.say("where is compute_total used?")
    person.wait("waits until the work in hand is done")
    text = person.wait("too small to explain")
    assert "shop/basket.py:6" in text[text.index("/undo takes it back") :]


def test_a_terminated_session_cleans_up_and_keeps_the_talk(sit, git, project, home):
    slow_tests(project, git)
    for number, code in ((signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        person = sit()
        person.ready()
        children = workers_of(person)
        person.say("/mode auto")
        person.say(RENAME)
        person.wait("running the tests")
        os.kill(person.process.pid, number)
        assert person.end() == code
        wait_gone(children)
        nothing_left(git, project)
    talks = list(home.glob("state/talks/*/*.jsonl"))
    said = [json.loads(line) for path in talks for line in path.read_text().splitlines()]
    assert [r["text"] for r in said if r["kind"] == "user"] == [RENAME, RENAME]


def test_a_terminal_that_goes_away_ends_the_session_and_its_worker(sit, git, project):
    slow_tests(project, git)
    person = sit()
    person.ready()
    children = workers_of(person)
    person.say("/mode auto")
    person.say(RENAME)
    person.wait("running the tests")
    os.close(person.fd)  # the window is closed
    person.process.wait(30)
    wait_gone(children)
    nothing_left(git, project)


def test_a_killed_session_takes_its_worker_along(sit, git, project):
    slow_tests(project, git)
    person = sit()
    person.ready()
    children = workers_of(person)
    person.say("/mode auto")
    person.say(RENAME)
    person.wait("running the tests")
    person.process.kill()
    wait_gone(children)
    nothing_left(git, project)


def test_a_worker_that_dies_is_told_and_replaced(sit, project):
    person = sit()
    person.ready()
    person.say(RENAME)
    person.wait("Go on? [y]es")
    for child in workers_of(person):
        os.kill(child, signal.SIGKILL)
    person.wait("the working process ended unexpectedly")
    person.say("what is Basket")
    person.wait("too small to explain")
    assert "calc_total" in (project / "shop/prices.py").read_text()


def engines_below(pid: int) -> list[int]:
    """Processes below the session's worker that hold a model."""
    found = []
    for child in Path(f"/proc/{pid}/task").glob("*/children"):
        for word in child.read_text().split():
            if "inference.worker" in Path(f"/proc/{word}/cmdline").read_text():
                found.append(int(word))
    return found


def start_long_answer(sit) -> tuple[object, int]:
    """A model that writes on and on: nano in the profile of large models goes round in circles
    until that is noticed, which may be over before anybody looks."""
    person = sit(env={"SORTE_PROFILE": "full", "SORTE_KEEP_ALIVE": "0"})
    person.ready()
    person.say("what is Basket")
    person.wait(lambda text: any(w in text for w in ("answering", "tokens/s", "sources:")))
    (worker,) = workers_of(person)
    return person, worker


def test_a_model_that_dies_while_it_answers_is_told_and_the_talk_goes_on(sit):
    person, worker = start_long_answer(sit)
    for engine in engines_below(worker):
        os.kill(engine, signal.SIGKILL)
    person.wait(lambda text: "died" in text or "sources:" in text)
    person.say("/stats")
    person.wait("this session")


def test_an_answer_can_be_stopped(sit):
    person, _worker = start_long_answer(sit)
    person.type("\x1b")
    person.wait(lambda text: "stopped" in text or "sources:" in text)
    person.type("\x15")  # an Escape and a letter at once would be Alt and the letter
    person.say("/stats")
    person.wait("this session")
