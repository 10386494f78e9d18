"""Time, memory, processes and output are limited, and nothing outlives a command."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from guardian_support import Project

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.guardian import Limits, Sandbox, find_sandbox, sandbox_status
from sorte_cli.guardian.bubblewrap import Bubblewrap
from sorte_cli.guardian.isolation import Isolation, isolation
from sorte_cli.guardian.process import Tail

MIB = 1024 * 1024


def alive(mark: str) -> list[int]:
    """Processes that were started with `mark` among their arguments."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark.encode() in arguments:
            found.append(int(entry.name))
    return found


def gone(mark: str) -> bool:
    """Whether they are gone; they may take a moment to."""
    for _ in range(600):
        if not alive(mark):
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def mark() -> str:
    return f"mark-{os.getpid()}-{time.monotonic_ns()}"


def test_the_exit_status_and_both_streams_come_back(project: Project, sandbox: Sandbox) -> None:
    code = (
        "import sys; print('out'); sys.stdout.flush(); print('err', file=sys.stderr); sys.exit(3)"
    )
    ran = project.python(sandbox, code)
    assert (ran.returncode, ran.output, ran.timed_out) == (3, "out\nerr\n", False)


def test_a_hang_ends_at_the_time_limit_with_all_its_processes(
    project: Project, sandbox: Sandbox, mark: str
) -> None:
    code = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)', sys.argv[1]],\n"
        "                 start_new_session=True)\n"
        "print('begun', flush=True)\n"
        "time.sleep(99)"
    )
    ran = project.run(sandbox, [sys.executable, "-c", code, mark], limits=Limits(timeout_s=1))
    assert ran.timed_out
    assert ran.killed_reason == "timeout"
    assert "begun" in ran.output
    assert gone(mark)


def test_ignoring_signals_does_not_help(project: Project, sandbox: Sandbox, mark: str) -> None:
    code = (
        "import signal, time\n"
        "for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):\n"
        "    signal.signal(number, signal.SIG_IGN)\n"
        "time.sleep(99)"
    )
    ran = project.run(sandbox, [sys.executable, "-c", code, mark], limits=Limits(timeout_s=1))
    assert ran.timed_out
    assert gone(mark)


def test_a_daemon_does_not_outlive_its_command(
    project: Project, sandbox: Sandbox, mark: str
) -> None:
    daemon = (
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(99)',\n"
        "                                  sys.argv[1]])\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "print('left')"
    )
    ran = project.run(sandbox, [sys.executable, "-c", daemon, mark])
    assert (ran.returncode, ran.output) == (0, "left\n")
    assert gone(mark)


def test_a_fork_bomb_is_stopped(project: Project, sandbox: Sandbox, mark: str) -> None:
    # Every process makes others until none can be made: bounded here, should the limit fail.
    bomb = (
        "import os, sys, time\n"
        "for _ in range(9):\n"
        "    try:\n"
        "        os.fork()\n"
        "    except OSError:\n"
        "        pass\n"
        "    time.sleep(0.15)\n"
        "time.sleep(99)"
    )
    limits = Limits(timeout_s=30, processes=40)
    ran = project.run(sandbox, [sys.executable, "-c", bomb, mark], limits=limits)
    assert ran.killed_reason == "processes"
    assert gone(mark)


def test_as_many_processes_as_allowed_may_run(project: Project, sandbox: Sandbox) -> None:
    code = (
        "import subprocess, sys\n"
        "running = [subprocess.Popen(['sleep', '0.4']) for _ in range(20)]\n"
        "print(sum(p.wait() == 0 for p in running))"
    )
    ran = project.python(sandbox, code, limits=Limits(timeout_s=30, processes=40))
    assert (ran.returncode, ran.output) == (0, "20\n")


def test_one_process_cannot_take_more_memory(project: Project, sandbox: Sandbox) -> None:
    code = "x = bytearray(300 * 1024 * 1024); print('got it')"
    limits = Limits(timeout_s=30, memory_bytes=128 * MIB)
    ran = project.python(sandbox, code, limits=limits)
    assert "MemoryError" in ran.output
    assert "got it" in project.python(sandbox, code).output


def test_many_processes_together_cannot_take_more_memory(
    project: Project, sandbox: Sandbox
) -> None:
    hog = "import time; x = b'x' * (100 * 1024 * 1024); time.sleep(20)"
    code = (
        "import subprocess, sys\n"
        f"running = [subprocess.Popen([sys.executable, '-c', {hog!r}]) for _ in range(5)]\n"
        "[p.wait() for p in running]"
    )
    limits = Limits(timeout_s=15, memory_bytes=256 * MIB)
    ran = project.python(sandbox, code, limits=limits)
    assert ran.killed_reason == "memory"


def test_shared_memory_counts_once(project: Project, sandbox: Sandbox) -> None:
    code = (
        "import os, time\n"
        "x = b'x' * (150 * 1024 * 1024)\n"
        "children = 0\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(1)\n"
        "        os._exit(0)\n"
        "for _ in range(4):\n"
        "    os.wait()\n"
        "print('fine')"
    )
    limits = Limits(timeout_s=15, memory_bytes=300 * MIB)
    ran = project.python(sandbox, code, limits=limits)
    assert (ran.killed_reason, ran.output) == ("", "fine\n")


def test_a_huge_file_cannot_be_written(project: Project, sandbox: Sandbox) -> None:
    code = (
        "import os\n"
        "f = open('big', 'wb', buffering=0)\n"
        "try:\n"
        "    [f.write(bytes(1024 * 1024)) for _ in range(50)]\n"
        "except OSError as error:\n"
        "    print(error.strerror)\n"
        "os.unlink('big')"
    )
    ran = project.python(sandbox, code, limits=Limits(timeout_s=30, file_bytes=10 * MIB))
    assert ran.output == "File too large\n"


def test_the_temporary_folder_inside_is_limited(project: Project, bubblewrap: Sandbox) -> None:
    code = (
        "try:\n"
        "    for i in range(30):\n"
        "        open(f'/tmp/{i}', 'wb').write(bytes(4 * 1024 * 1024))\n"
        "except OSError as error:\n"
        "    print(error.strerror)"
    )
    limits = Limits(timeout_s=30, memory_bytes=64 * MIB)
    assert project.python(bubblewrap, code, limits=limits).output == "No space left on device\n"


def test_huge_output_is_cut_in_the_middle(project: Project, sandbox: Sandbox) -> None:
    code = "print('first'); print('x' * 20_000_000); print('last')"
    ran = project.python(sandbox, code, limits=Limits(timeout_s=60, output_bytes=100_000))
    assert ran.returncode == 0
    assert ran.output.startswith("first\n")
    assert ran.output.endswith("last\n")
    assert "bytes left out" in ran.output
    assert len(ran.output) < 110_000


def test_an_endless_flood_of_output_is_ended(project: Project, sandbox: Sandbox) -> None:
    ran = project.run(sandbox, ["yes"], limits=Limits(timeout_s=60, output_bytes=10_000))
    assert ran.killed_reason == "output"


def test_output_that_is_no_text_is_kept_readable(project: Project, sandbox: Sandbox) -> None:
    code = "import sys; sys.stdout.buffer.write(b'a\\xff\\xfeb\\n')"
    assert project.python(sandbox, code).output == "a\ufffd\ufffdb\n"


def test_cancelling_ends_the_command(project: Project, sandbox: Sandbox, mark: str) -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    command = [sys.executable, "-c", "import time; time.sleep(99)", mark]
    ran = project.run(sandbox, command, cancel=cancel)
    assert ran.killed_reason == "cancelled"
    assert not ran.timed_out
    assert gone(mark)


def test_the_sandbox_dies_with_sorte(project: Project, bubblewrap: Sandbox, mark: str) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sorte_cli.guardian import Limits, find_sandbox\n"
        "worktree, repository, mark = sys.argv[1:]\n"
        "command = [sys.executable, '-c', 'import time; time.sleep(99)', mark]\n"
        "find_sandbox().run(command, worktree=Path(worktree), repository=Path(repository),\n"
        "                   common_dir=Path(repository, '.git'), limits=Limits())\n"
    )
    arguments = [str(project.worktree), str(project.repository), mark]
    with subprocess.Popen([sys.executable, "-c", script, *arguments]) as sorte:
        while len(alive(mark)) < 4:  # Sorte, bubblewrap and its first process, the command
            assert sorte.poll() is None
            time.sleep(0.05)
        sorte.kill()
    assert gone(mark)


def test_no_descriptor_of_sorte_is_open_inside(project: Project, bubblewrap: Sandbox) -> None:
    code = "import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:4])"
    assert project.python(bubblewrap, code).output == "[0, 1, 2, 3]\n"  # 3 is the folder itself


def test_a_command_that_does_not_exist_is_said_so(project: Project, sandbox: Sandbox) -> None:
    ran = project.run(sandbox, ["no-such-program-anywhere"])
    assert ran.returncode == 127
    assert "no-such-program-anywhere" in ran.output


def test_a_program_that_is_not_inside_is_said_so(
    project: Project, bubblewrap: Sandbox, own_home: Path
) -> None:
    tool = own_home / "tool"
    tool.write_text("#!/no/such/interpreter\n")
    tool.chmod(0o755)
    ran = project.run(bubblewrap, [str(tool)])
    assert ran.returncode == 127
    assert str(tool) in ran.output


def test_a_sandbox_that_cannot_be_made_is_no_failure_of_the_command(
    project: Project, bubblewrap: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(EnvironmentFailure, match="the sandbox could not be made"):
        bubblewrap.run(
            ["true"],
            worktree=tmp_path / "gone",
            repository=project.repository,
            common_dir=project.common_dir,
            limits=Limits(timeout_s=60),
        )


def test_a_command_line_of_odd_words_arrives_as_it_is(project: Project, sandbox: Sandbox) -> None:
    words = ["--", "a b", "$HOME", "ação", "'\"", "--bind"]
    code = "import sys; print(sys.argv[1:])"
    assert project.run(sandbox, [sys.executable, "-c", code, *words]).output == f"{words}\n"


def test_the_caller_may_add_to_the_environment(project: Project, sandbox: Sandbox) -> None:
    ran = project.python(sandbox, "import os; print(os.environ['MODE'])", env={"MODE": "test"})
    assert ran.output == "test\n"


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 25, 1000])
def test_what_is_kept_of_a_stream_is_its_beginning_and_end(size: int) -> None:
    data = bytes(65 + i % 26 for i in range(size))
    tail = Tail(10)
    for start in range(0, size, 3):
        tail.feed(data[start : start + 3])
    if size <= 10:
        assert tail.text() == data.decode()
    else:
        assert tail.text() == (
            f"{data[:5].decode()}\n[... {size - 10:,} bytes left out ...]\n{data[-5:].decode()}"
        )


def test_without_bubblewrap_the_remedy_and_the_way_out_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    isolation.cache_clear()
    try:
        for choice in ("auto", "bubblewrap"):
            with pytest.raises(EnvironmentFailure, match="not installed") as caught:
                find_sandbox(choice)
            assert "--sandbox none" in caught.value.hint
            assert "bubblewrap" in caught.value.hint
        assert sandbox_status()[0] is False
        assert find_sandbox("none").name == "none"
    finally:
        isolation.cache_clear()


def test_a_bubblewrap_that_cannot_make_namespaces_is_said_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    isolation.cache_clear()
    try:
        with pytest.raises(EnvironmentFailure, match="No permissions to create new namespace") as e:
            find_sandbox()
        assert "--sandbox none" in e.value.hint
    finally:
        isolation.cache_clear()


def test_an_unknown_kind_of_sandbox_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="docker"):
        find_sandbox("docker")


def test_a_sandbox_that_is_given_up_while_it_is_made_leaves_nothing(
    project: Project, tmp_path: Path, mark: str
) -> None:
    """Its first process dies with bubblewrap only after it has arranged for that."""
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\n"
        f"{sys.executable} -c 'import time; time.sleep(600)' {mark} &\n"
        'while [ "$1" != --json-status-fd ]; do shift; done\n'
        'echo nonsense > "/proc/self/fd/$2"\n'
        "wait\n"
    )
    program.chmod(0o755)
    made_up = Bubblewrap(Isolation(str(program), (), frozenset()))
    with pytest.raises(ValueError):
        project.run(made_up, ["true"])
    assert gone(mark)
