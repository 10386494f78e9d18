"""What users get wrong, through the real command: a clear message, the right exit code, nothing
lost."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ORDERS = (
    b'"""Orders."""\n\nMAX_ITEMS = 20\n\n\ndef calc_total(items):\n    return sum(items)\n\n\n'
    b"def checkout(items):\n    return calc_total(items)\n"
)
TEST = b"from orders import calc_total\n\n\ndef test_total():\n    assert calc_total([1, 2]) == 3\n"
SET = "set_value orders.py::MAX_ITEMS 30\n"


def git(root, *arguments, check=True):
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=check)
    return done.stdout.decode("utf-8", "replace")


@pytest.fixture
def environment(tmp_path):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SORTE_", "GIT_"))}
    home = tmp_path / "home"
    home.mkdir()
    return kept | {
        "HOME": str(home),
        "SORTE_CONFIG_DIR": str(tmp_path / "config"),
        "SORTE_STATE_DIR": str(tmp_path / "state"),
        "SORTE_CACHE_DIR": str(tmp_path / "cache"),
        "SORTE_DATA_DIR": str(tmp_path / "data"),
        "SORTE_LANG": "en",
        "NO_COLOR": "1",
    }


@pytest.fixture
def sorte(environment):
    def run(*arguments, cwd, text=None, prefix=(), **variables):
        return subprocess.run(
            [*prefix, sys.executable, "-m", "sorte_cli", *arguments],
            cwd=cwd,
            input=text,
            capture_output=True,
            text=True,
            env=environment | variables,
            timeout=240,
            check=False,
        )

    return run


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "project")


def make_project(root, files=None):
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "Ana")
    git(root, "config", "user.email", "ana@example.com")
    for name, content in (files or {"orders.py": ORDERS, "test_orders.py": TEST}).items():
        (root / name).write_bytes(content)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "feat: orders")
    return root


def state(root):
    """Everything that must not change: files with content and mode, refs, status, stash."""
    files = {
        str(p.relative_to(root)): (p.read_bytes(), p.stat().st_mode)
        for p in sorted(root.rglob("*"))
        if p.is_file() and not p.is_symlink() and ".git" not in p.relative_to(root).parts
    }
    return files, git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain")


def assert_sound(root):
    assert git(root, "fsck", "--full", "--strict", "--no-dangling") == ""
    assert len(git(root, "worktree", "list").splitlines()) == 1
    assert git(root, "stash", "list") == ""


def test_not_a_repository(sorte, tmp_path):
    done = sorte("do", "rename a to b", cwd=tmp_path)
    assert done.returncode == 3
    assert "not in a git repository" in done.stderr
    assert "git init" in done.stderr


def test_no_commits_yet(sorte, tmp_path):
    root = tmp_path / "fresh"
    root.mkdir()
    git(root, "init", "-q")
    done = sorte("do", "rename a to b", cwd=root)
    assert done.returncode == 3
    assert "commit" in done.stderr


def test_a_bare_repository(sorte, tmp_path):
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    done = sorte("do", "rename a to b", cwd=tmp_path / "bare.git")
    assert done.returncode == 3
    assert "bare" in done.stderr


def test_the_home_directory_as_a_repository(sorte, project):
    before = state(project)
    done = sorte("apply", "-", "--yes", cwd=project, text=SET, HOME=str(project))
    assert done.returncode == 4
    assert state(project) == before


def test_a_merge_in_progress(sorte, project):
    git(project, "checkout", "-q", "-b", "side")
    (project / "orders.py").write_bytes(ORDERS + b"\n# side\n")
    git(project, "commit", "-qam", "side")
    git(project, "checkout", "-q", "main")
    (project / "orders.py").write_bytes(ORDERS + b"\n# main\n")
    git(project, "commit", "-qam", "main")
    git(project, "merge", "side", check=False)
    before = state(project)
    done = sorte("apply", "-", "--yes", cwd=project, text=SET)
    assert done.returncode == 4
    assert "merge" in done.stderr
    assert state(project) == before


def test_a_detached_head_moves_itself(sorte, project):
    git(project, "checkout", "-q", "--detach")
    done = sorte("apply", "-", "--yes", cwd=project, text=SET)
    assert done.returncode == 0, done.stderr
    assert b"MAX_ITEMS = 30" in (project / "orders.py").read_bytes()
    assert git(project, "log", "--format=%s", "main").splitlines() == ["feat: orders"]
    assert_sound(project)


def test_a_linked_worktree(sorte, project, tmp_path):
    linked = tmp_path / "linked"
    git(project, "worktree", "add", "-q", "-b", "work", str(linked))
    done = sorte("apply", "-", "--yes", cwd=linked, text=SET)
    assert done.returncode == 0, done.stderr
    assert b"MAX_ITEMS = 30" in (linked / "orders.py").read_bytes()
    assert (project / "orders.py").read_bytes() == ORDERS
    assert len(git(project, "worktree", "list").splitlines()) == 2


def test_a_read_only_folder(sorte, project):
    before = state(project)
    bare = ("bwrap", "--dev-bind", "/", "/", "--ro-bind", str(project), str(project))
    done = sorte("apply", "-", "--yes", cwd=project, text=SET, prefix=bare)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert state(project) == before


@pytest.mark.parametrize("task", ["", "   ", "x" * 10_000], ids=["empty", "blank", "enormous"])
def test_a_task_that_cannot_be_read(sorte, project, task):
    before = state(project)
    done = sorte("do", task, "--yes", cwd=project)
    assert done.returncode == 2
    assert "task" in done.stderr
    assert state(project) == before


def test_a_task_in_another_script_is_no_crash(sorte, project):
    before = state(project)
    done = sorte("do", "合計を計算する関数をもっと速くしてください", "--yes", cwd=project)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert state(project) == before


def test_a_path_that_does_not_exist(sorte, project):
    done = sorte("-C", str(project / "nowhere"), "do", "rename a to b", cwd=project)
    assert done.returncode in (2, 3)
    assert "nowhere" in done.stderr


@pytest.mark.parametrize("kind", ["missing", "text", "truncated", "architecture"])
def test_a_model_that_cannot_be_loaded(sorte, project, tmp_path, kind):
    from sorte_cli.paths import nano_model

    model = tmp_path / "model.gguf"
    whole = nano_model().read_bytes()
    if kind == "text":
        model.write_text("this is not a model\n")
    elif kind == "truncated":
        model.write_bytes(whole[: len(whole) // 2])
    elif kind == "architecture":
        model.write_bytes(whole.replace(b"llama", b"lxama"))
    before = state(project)
    done = sorte("do", "rename calc_total to total", "--yes", "--brain", str(model), cwd=project)
    assert done.returncode == 3, done.stderr
    assert "model.gguf" in done.stderr
    assert "Traceback" not in done.stderr
    assert state(project) == before


def test_two_runs_at_once(sorte, project, environment):
    (project / "test_slow.py").write_bytes(
        b"import time\n\n\ndef test_slow():\n    time.sleep(6)\n"
    )
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "test: slow")
    command = [sys.executable, "-m", "sorte_cli", "apply", "-", "--yes"]
    with subprocess.Popen(
        command, cwd=project, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as first:
        assert first.stdin
        first.stdin.write(SET.encode())
        first.stdin.close()
        lock = project / ".git/sorte/lock"
        wait_for(lambda: lock.exists() and lock.stat().st_size > 0)
        second = sorte("apply", "-", "--yes", cwd=project, text=SET)
        assert first.stderr
        first.stderr.read()
        assert first.wait() == 0
    assert second.returncode == 4
    assert "another Sorte run" in second.stderr
    assert_sound(project)


def wait_for(condition, timeout_s=60):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_symlink_out_of_the_tree_is_refused(sorte, project, tmp_path):
    outside = tmp_path / "outside.py"
    outside.write_bytes(b"MAX_ITEMS = 1\n")
    (project / "link.py").symlink_to(outside)
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "feat: link")
    done = sorte("apply", "-", "--yes", cwd=project, text="set_value link.py::MAX_ITEMS 30\n")
    assert done.returncode == 4
    assert outside.read_bytes() == b"MAX_ITEMS = 1\n"
    assert_sound(project)


@pytest.mark.parametrize(
    "path", ["../outside.py", "/etc/passwd", ".git/config", "a/../../outside.py"]
)
def test_a_path_outside_is_refused(sorte, project, path):
    before = state(project)
    done = sorte("apply", "-", "--yes", cwd=project, text=f"create_file {path}\n<<<\nx = 1\n>>>\n")
    assert done.returncode == 4
    assert state(project) == before


FORMS = {
    "crlf": ORDERS.replace(b"\n", b"\r\n"),
    "bom": b"\xef\xbb\xbf" + ORDERS,
    "latin-1": b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + ORDERS,
    "tabs": ORDERS.replace(b"    ", b"\t"),
    "no final newline": ORDERS.rstrip(b"\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_odd_files_change_only_where_asked(sorte, tmp_path, form):
    root = make_project(tmp_path / "odd", {"orders.py": FORMS[form], "test_orders.py": TEST})
    git(root, "config", "core.autocrlf", "false")
    script = SET + "rename orders.py::calc_total compute_total\n"
    done = sorte("apply", "-", "--yes", cwd=root, text=script)
    assert done.returncode == 0, done.stderr
    expected = FORMS[form].replace(b"= 20", b"= 30").replace(b"calc_total", b"compute_total")
    assert (root / "orders.py").read_bytes() == expected
    assert_sound(root)


def test_a_file_that_did_not_parse_before_is_left_alone(sorte, tmp_path):
    files = {"orders.py": ORDERS, "test_orders.py": TEST, "broken.py": b"def (:\n"}
    root = make_project(tmp_path / "broken", files)
    done = sorte("apply", "-", "--yes", cwd=root, text=SET)
    assert done.returncode == 0, done.stderr
    before = state(root)
    done = sorte("apply", "-", "--yes", cwd=root, text="set_value broken.py::X 1\n")
    assert done.returncode == 4
    assert "broken.py" in done.stderr
    assert state(root) == before


@pytest.mark.parametrize("delay_s", [0.2, 0.6, 1.0, 1.6, 2.5])
def test_ctrl_c_loses_nothing(sorte, project, environment, delay_s):
    before = state(project)
    command = [sys.executable, "-m", "sorte_cli", "do", "rename calc_total to total", "--yes"]
    with subprocess.Popen(
        command,
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as running:
        time.sleep(delay_s)
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert b"Traceback" not in err, err.decode()
    if running.returncode in (130, -signal.SIGINT):  # a shell shows both as 130
        assert state(project) == before
    else:  # it was faster than the finger on the key
        assert running.returncode == 0, err.decode()
    done = sorte("log", "--json", cwd=project)
    json.loads(done.stdout)
    assert_sound(project)


def test_a_suite_that_hangs_is_stopped(sorte, tmp_path):
    hang = b"def test_hang():\n    while True:\n        pass\n"
    root = make_project(tmp_path / "hang", {"orders.py": ORDERS, "test_orders.py": TEST})
    (root / "test_hang.py").write_bytes(hang)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "test: hang")
    before = state(root)
    started = time.monotonic()
    done = sorte("apply", "-", "--yes", cwd=root, text=SET, SORTE_TEST_TIMEOUT_S="3")
    assert time.monotonic() - started < 60
    assert done.returncode == 1  # nothing was verified, so nothing lands
    assert "did not end in time" in done.stderr + done.stdout
    assert state(root) == before


def test_a_suite_that_reaches_out_reaches_nothing(sorte, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        outside = tmp_path / "outside.txt"
        evil = f"""
import os
import socket
import subprocess
from pathlib import Path


def test_network():
    try:
        socket.create_connection(("127.0.0.1", {port}), timeout=2)
    except OSError:
        return
    raise AssertionError("the network is reachable")


def test_writes_outside():
    try:
        Path({str(outside)!r}).write_text("x")
    except OSError:
        pass


def test_git_is_read_only():
    try:
        Path({str(tmp_path / "evil/.git/evil")!r}).write_text("x")
    except OSError:
        pass


def test_leaves_a_child_behind():
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    assert os.getpid() > 0
""".encode()
        files = {"orders.py": ORDERS, "test_orders.py": TEST, "test_evil.py": evil}
        root = make_project(tmp_path / "evil", files)
        done = sorte("apply", "-", "--yes", "--json", cwd=root, text=SET)
    report = json.loads(done.stdout)
    assert done.returncode == 0, report
    assert report["verdict"]["tests"]["passed"] == 5
    assert not outside.exists()
    assert not (root / ".git/evil").exists()
    assert "sleep\0001000" not in running_commands()


def running_commands():
    lines = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                lines.append((entry / "cmdline").read_text())
            except OSError:
                continue
    return "\n".join(lines)


def test_without_a_sandbox_it_says_so_and_does_not_run_bare(sorte, project, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("git", "sh", "ruff", "env"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    before = state(project)
    done = sorte("apply", "-", "--yes", cwd=project, text=SET, PATH=str(tools))
    assert done.returncode == 3
    assert "bubblewrap" in done.stderr
    assert state(project) == before
    allowed = sorte(
        "apply", "-", "--yes", "--sandbox", "none", cwd=project, text=SET, PATH=str(tools)
    )
    assert allowed.returncode == 0, allowed.stderr


def test_an_error_with_json_is_one_document(sorte, tmp_path):
    done = sorte("do", "rename a to b", "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert document["ok"] is False
    assert document["exit_code"] == done.returncode == 3
