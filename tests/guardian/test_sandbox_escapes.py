"""Attempts to get out of the sandbox: each is shown to work outside, and must fail inside."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from guardian_support import Project

from sorte_cli.guardian import Sandbox

REACHED = "reached"


def attempt(project: Project, bubblewrap: Sandbox, code: str) -> tuple[str, str]:
    """What the attempt prints outside, run bare, and inside."""
    script = f"{code}\nprint({REACHED!r})\n"
    outside = subprocess.run(
        [sys.executable, "-c", script], cwd=project.worktree, capture_output=True, text=True
    )
    inside = project.python(bubblewrap, script)
    assert inside.killed_reason == ""
    return outside.stdout, inside.output


def assert_contained(project: Project, bubblewrap: Sandbox, code: str) -> str:
    outside, inside = attempt(project, bubblewrap, code)
    assert REACHED in outside.splitlines()
    assert REACHED not in inside.splitlines()
    return inside


@pytest.fixture
def listening() -> Iterator[int]:
    """A port on this machine that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the same user."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60) # the-sleeper"])
    yield process
    process.kill()
    process.wait()


def test_no_connection_leaves(project: Project, bubblewrap: Sandbox, listening: int) -> None:
    code = f"import socket; socket.create_connection(('127.0.0.1', {listening}), 5)"
    assert "Connection refused" in assert_contained(project, bubblewrap, code)


def test_loopback_works_inside(project: Project, bubblewrap: Sandbox) -> None:
    code = (
        "import socket\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(server.getsockname())\n"
        "print('talked')"
    )
    assert "talked" in project.python(bubblewrap, code).output


def test_no_unix_socket_of_the_machine_is_reachable(
    project: Project, bubblewrap: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as abstract:
        server.bind(str(path))
        server.listen()
        abstract.bind(f"\0sorte-{os.getpid()}")
        abstract.listen()
        code = "import socket; socket.socket(socket.AF_UNIX).connect({!r})"
        assert_contained(project, bubblewrap, code.format(str(path)))
        assert_contained(project, bubblewrap, code.format(f"\0sorte-{os.getpid()}"))


def test_nothing_outside_can_be_written(
    project: Project, bubblewrap: Sandbox, tmp_path: Path
) -> None:
    beside = tmp_path / "beside.txt"
    beside.write_text("mine\n")
    assert_contained(project, bubblewrap, f"open({str(beside)!r}, 'r+').write('evil\\n')")
    assert beside.read_text() == "evil\n"  # by the attempt outside
    # A folder that can be seen inside, so that it is the read-only mount which refuses.
    visible = Path(sys.prefix) / f"sorte-probe-{os.getpid()}"
    code = f"import os; open({str(visible)!r}, 'x').close(); os.unlink({str(visible)!r})"
    assert "Read-only file system" in assert_contained(project, bubblewrap, code)


def test_a_write_to_the_temporary_folder_stays_inside(
    project: Project, bubblewrap: Sandbox
) -> None:
    name = f"/tmp/sorte-escape-{os.getpid()}"
    ran = project.python(bubblewrap, f"open({name!r}, 'w').write('x'); print('written')")
    assert "written" in ran.output
    assert not Path(name).exists()


def test_the_repository_itself_cannot_be_written(
    project: Project, bubblewrap: Sandbox, tmp_path: Path
) -> None:
    original = project.repository / "shop.py"
    ran = project.python(bubblewrap, "open('shop.py', 'w').write('x'); print('written')")
    assert "written" in ran.output  # it wrote to the worktree, which stands there
    assert original.read_text() == "LIMIT = 300\n"
    assert (project.worktree / "shop.py").read_text() == "x"


def test_git_cannot_be_written(project: Project, bubblewrap: Sandbox) -> None:
    run = "import subprocess; subprocess.run({}, check=True)"
    inside = assert_contained(
        project, bubblewrap, run.format(["git", "config", "core.hooksPath", "/evil"])
    )
    assert "Read-only file system" in inside or "could not lock" in inside
    commit = ["git", "commit", "--allow-empty", "-m", "evil"]
    assert_contained(project, bubblewrap, run.format(commit))
    hook = project.common_dir / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    assert_contained(project, bubblewrap, f"open({str(hook)!r}, 'w')")


def test_the_pointer_to_git_cannot_be_replaced(project: Project, bubblewrap: Sandbox) -> None:
    pointer = project.worktree / ".git"
    before = pointer.read_bytes()
    for code in (
        "open('.git', 'w').write('gitdir: /evil')",
        "import os; os.unlink('.git')",
        "import os; os.rename('.git', 'moved')",
        "import os; open('evil', 'w'); os.rename('evil', '.git')",
    ):
        assert REACHED not in project.python(bubblewrap, f"{code}\nprint({REACHED!r})").output
        assert pointer.read_bytes() == before


def test_the_home_folder_is_empty(project: Project, bubblewrap: Sandbox, own_home: Path) -> None:
    (own_home / ".ssh").mkdir()
    (own_home / ".ssh" / "id_ed25519").write_text("private\n")
    code = "import pathlib; (pathlib.Path.home() / '.ssh' / 'id_ed25519').read_text()"
    assert_contained(project, bubblewrap, code)
    written = project.python(
        bubblewrap, "import pathlib; (pathlib.Path.home() / 'x').touch(); print('touched')"
    )
    assert "touched" in written.output  # tools may keep caches there, and they vanish
    assert not (own_home / "x").exists()


def test_other_processes_cannot_be_seen_or_signalled(
    project: Project, bubblewrap: Sandbox, sleeper: subprocess.Popen[bytes]
) -> None:
    look = (
        "import contextlib, pathlib\n"
        "found = False\n"
        "for path in pathlib.Path('/proc').glob('[0-9]*/cmdline'):\n"
        "    with contextlib.suppress(OSError):  # it may be gone by now\n"
        "        found = found or b'the-' + b'sleeper' in path.read_bytes()\n"
        "assert found"
    )
    assert_contained(project, bubblewrap, look)
    signal = (
        "import os, pathlib\n"
        f"os.kill({sleeper.pid}, 0)\n"
        f"assert b'sleeper' in pathlib.Path('/proc/{sleeper.pid}/cmdline').read_bytes()"
    )
    assert_contained(project, bubblewrap, signal)
    assert sleeper.poll() is None


def test_the_environment_of_sorte_is_not_passed_on(
    project: Project, bubblewrap: Sandbox, plain: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "abc")
    monkeypatch.setenv("LC_API_KEY", "abc")
    monkeypatch.setenv("PIP_INDEX_URL", "https://ana:abc@example.org/simple")
    code = "import os; assert {!r} in os.environ"
    for name in ("GITHUB_TOKEN", "LC_API_KEY", "PIP_INDEX_URL"):
        assert_contained(project, bubblewrap, code.format(name))
        assert (
            REACHED not in project.python(plain, f"{code.format(name)}\nprint({REACHED!r})").output
        )


def test_the_environment_of_the_first_process_cannot_be_read(
    project: Project, bubblewrap: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "a-secret")
    code = (
        "import pathlib\n"
        "seen = b''\n"
        "for path in pathlib.Path('/proc').glob('[0-9]*/environ'):\n"
        "    try:\n"
        "        seen += path.read_bytes()\n"
        "    except OSError:\n"
        "        pass\n"
        "assert b'a-' + b'secret' in seen"
    )
    assert_contained(project, bubblewrap, code)


def test_no_new_privileges_and_no_capabilities(project: Project, bubblewrap: Sandbox) -> None:
    status = project.run(bubblewrap, ["cat", "/proc/self/status"]).output
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["NoNewPrivs"] == "1"
    assert {int(fields[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")} == {0}


def test_kernel_settings_cannot_be_written(project: Project, bubblewrap: Sandbox) -> None:
    for name in ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/self/comm"):
        ran = project.python(bubblewrap, f"import os; os.open({name!r}, os.O_WRONLY)\nprint('w')")
        assert ran.output.splitlines()[-1] != "w"


def test_no_namespace_or_mount_can_be_made_inside(project: Project, bubblewrap: Sandbox) -> None:
    mounted = project.run(bubblewrap, ["mount", "-t", "tmpfs", "none", "/mnt"])
    assert mounted.returncode != 0
    code = (
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "print(libc.unshare(0x10000000))  # CLONE_NEWUSER"
    )
    assert project.python(bubblewrap, code).output.strip() == "-1"


def test_filtered_calls_are_refused(project: Project, bubblewrap: Sandbox) -> None:
    code = (
        "import ctypes, errno, socket\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "libc.setns(-1, 0)\n"
        "print(errno.errorcode[ctypes.get_errno()])\n"
        "try:\n"
        "    socket.socket(40, socket.SOCK_STREAM)  # AF_VSOCK: the host of a virtual machine\n"
        "except OSError as error:\n"
        "    print(errno.errorcode[error.errno])\n"
        "socket.socket(socket.AF_INET6)\n"
        "socket.socketpair()\n"
        "print('others work')\n"
    )
    outside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert outside.stdout.startswith("EBADF")
    assert project.python(bubblewrap, code).output.split("\n")[:3] == [
        "EPERM",
        "EAFNOSUPPORT",
        "others work",
    ]


def test_a_link_in_the_worktree_leads_nowhere(
    project: Project, bubblewrap: Sandbox, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("private")
    (project.worktree / "link").symlink_to(secret)
    assert_contained(project, bubblewrap, "open('link').read()")


def test_the_terminal_is_out_of_reach(project: Project, bubblewrap: Sandbox) -> None:
    ran = project.python(bubblewrap, "import os; os.open('/dev/tty', os.O_RDWR); print('tty')")
    assert "tty" not in ran.output.splitlines()
    assert project.python(bubblewrap, "import sys; print(repr(sys.stdin.read()))").output == "''\n"


def test_signals_reach_no_process_outside(
    project: Project, bubblewrap: Sandbox, sleeper: subprocess.Popen[bytes]
) -> None:
    inside = f"import os, signal\nos.kill({sleeper.pid}, signal.SIGCONT)"
    assert_contained(project, bubblewrap, inside)
    group = f"import os, signal\nos.killpg({os.getpgid(sleeper.pid)}, signal.SIGCONT)"
    assert_contained(project, bubblewrap, group)
    # All that it may signal: its own. (Outside this would end the whole session.)
    everybody = "import os, signal\nos.kill(-1, signal.SIGKILL)"
    assert "No such process" in project.python(bubblewrap, everybody).output
    assert sleeper.poll() is None


def test_the_memory_of_other_processes_is_out_of_reach(
    project: Project, bubblewrap: Sandbox, sleeper: subprocess.Popen[bytes]
) -> None:
    for name in ("maps", "root", "fd", "cwd"):
        code = f"import os; os.lstat('/proc/{sleeper.pid}/{name}')"
        assert_contained(project, bubblewrap, code)
    # The first process inside is bubblewrap's own: through it nothing of outside is seen either.
    root = "import os; print(sorted(os.listdir('/proc/1/root/home')))"
    assert str(Path.home()) not in project.python(bubblewrap, root).output


def test_a_program_with_the_setuid_bit_gains_nothing(
    project: Project, bubblewrap: Sandbox, tmp_path: Path
) -> None:
    status = "open('/proc/self/status').read()"
    assert_contained(project, bubblewrap, f"assert 'NoNewPrivs:\\t0' in {status}")
    program = project.worktree / "who"
    shutil.copy(shutil.which("id") or "id", program)
    owner = os.geteuid()
    with contextlib.suppress(OSError):  # only root can, and not where it is the only user there is
        os.chown(program, 65534, 65534)
        owner = 65534
    program.chmod(0o6755)
    outside = subprocess.run([str(program), "-u"], capture_output=True, text=True).stdout
    assert outside.strip() == str(owner)
    assert project.run(bubblewrap, ["./who", "-u"]).output.strip() == str(os.geteuid())


def test_a_race_with_a_link_writes_nothing_outside(
    project: Project, bubblewrap: Sandbox, own_home: Path
) -> None:
    """A folder and a link to somewhere else take each other's place while files are written."""
    victim = own_home / "victim"
    victim.mkdir()
    code = (
        "import os, pathlib, threading, time\n"
        "os.makedirs('real', exist_ok=True)\n"
        f"os.symlink({str(victim)!r}, 'link')\n"
        "end = time.monotonic() + 0.5\n"
        "def swap():\n"
        "    while time.monotonic() < end:\n"
        "        os.rename('real', 'x'); os.rename('link', 'real')\n"
        "        os.rename('real', 'link'); os.rename('x', 'real')\n"
        "thread = threading.Thread(target=swap); thread.start()\n"
        "n = 0\n"
        "while thread.is_alive():\n"
        "    n += 1\n"
        "    try:\n"
        "        pathlib.Path('real', str(n)).touch()\n"
        "    except OSError:\n"
        "        pass\n"
        "thread.join()\n"
        "os.unlink('link')\n"
        f"assert os.listdir({str(victim)!r})\n"
    )
    attempt_inside = project.python(bubblewrap, f"{code}\nprint({REACHED!r})")
    assert REACHED not in attempt_inside.output.splitlines()
    assert list(victim.iterdir()) == []
    shutil.rmtree(project.worktree / "real")
    outside = subprocess.run(
        [sys.executable, "-c", code], cwd=project.worktree, capture_output=True, text=True
    )
    assert outside.returncode == 0, outside.stderr
    assert list(victim.iterdir()) != []


def test_shared_memory_and_queues_are_its_own(project: Project, bubblewrap: Sandbox) -> None:
    name = f"sorte-{os.getpid()}"
    place = Path("/dev/shm") / name
    place.write_text("mine", encoding="utf-8")
    try:
        assert_contained(project, bubblewrap, f"open({str(place)!r}, 'r+').write('evil')")
    finally:
        place.unlink()
