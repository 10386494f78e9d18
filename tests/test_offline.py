"""The main job needs no network and opens no socket but Unix ones."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>

static void note(const char *call, int family) {
    const char *path = getenv("SOCKET_LOG");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (fd < 0) return;
    dprintf(fd, "%s %d %s\n", call, family, program_invocation_short_name);
    close(fd);
}
int socket(int family, int type, int protocol) {
    int (*real)(int, int, int) = dlsym(RTLD_NEXT, "socket");
    note("socket", family);
    return real(family, type, protocol);
}
"""
TASK = "rename total to compute_total"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "prices.py").write_text("def total(items):\n    return sum(items)\n")
    (folder / "test_prices.py").write_text(
        "from prices import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
    )
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "first")):
        subprocess.run(["git", *words], cwd=folder, env=environment(tmp_path), check=True)
    return folder


def environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "TMPDIR", "LD_LIBRARY_PATH")}
    names = ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL")
    places = {f"SORTE_{n}_DIR": str(folder / n.lower()) for n in ("STATE", "CACHE", "CONFIG")}
    return {
        **kept,
        **dict.fromkeys(names, "ana@example.org"),
        **places,
        "HOME": str(folder / "home"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def do(project: Path, folder: Path, *before: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-m", "sorte_cli", "do", TASK, "--yes"],
        cwd=project,
        env={**environment(folder), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_opens_no_socket_but_unix_ones(project: Path, tmp_path: Path) -> None:
    source, library, log = tmp_path / "shim.c", tmp_path / "shim.so", tmp_path / "sockets.log"
    source.write_text(SHIM)
    compiled = ["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(compiled, check=True, capture_output=True)
    shim = {"LD_PRELOAD": str(library), "SOCKET_LOG": str(log)}
    # It sees what it should see: Python's own sockets.
    code = "import socket; socket.socket()"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **shim}, check=True)
    assert log.read_text() == f"socket {int(socket.AF_INET)} {Path(sys.executable).name}\n"
    log.unlink()
    done = do(project, tmp_path, **shim)
    assert done.returncode == 0, done.stderr
    opened = set(log.read_text().splitlines()) if log.exists() else set()
    # bubblewrap asks the kernel to bring up the loopback interface of its own, empty network.
    harmless = {f"socket {int(socket.AF_NETLINK)} bwrap"}
    assert [s for s in opened - harmless if s.split()[1] != str(int(socket.AF_UNIX))] == []


def test_a_run_works_where_there_is_no_network_at_all(project: Path, tmp_path: Path) -> None:
    bwrap = shutil.which("bwrap")
    assert bwrap is not None
    alone = (bwrap, "--dev-bind", "/", "/", "--unshare-net", "--")
    seen = subprocess.run(
        [*alone, "cat", "/proc/self/net/dev"], capture_output=True, text=True, check=True
    ).stdout.splitlines()[2:]
    assert [line.split(":")[0].strip() for line in seen] == ["lo"]
    done = do(project, tmp_path, *alone)
    assert done.returncode == 0, done.stderr
    assert "def compute_total(" in (project / "prices.py").read_text()
