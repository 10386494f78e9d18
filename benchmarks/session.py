"""The session's targets, measured with a person at a pty: time to the prompt beyond bare Python,
echo of keys while a run works, Ctrl-C back to the prompt, memory of the process with the screen.

    python benchmarks/session.py [--repeat 5] [--json]

CPU seconds are those of the process with the screen; wall times say more on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "session"))

from terminal_double import Person

from sorte_cli.demo import copy_sample

TARGETS = {"start_cpu_ms": 350, "echo_ms": 30, "ctrl_c_ms": 300, "rss_mb": 120}
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_ms(pid: int) -> float:
    """CPU time of one process so far, without its children."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(words[11]) + int(words[12])) / TICKS_PER_S


def rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(x.split()[1]) for x in lines if x.startswith("VmHWM")) / 1024


def bare_python_ms() -> float:
    """CPU time of an interpreter that does nothing."""
    before = os.times()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    after = os.times()
    return 1000 * (after[2] + after[3] - before[2] - before[3])


def environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "SORTE_STATE_DIR": str(home / "state"),
        "SORTE_CACHE_DIR": str(home / "cache"),
        "SORTE_CONFIG_DIR": str(home / "config"),
        **{f"GIT_{who}_{what}": "bench@example.com" for who in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")},
    }  # fmt: skip


def make_project(folder: Path, env: dict[str, str]) -> None:
    copy_sample(folder)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "feat: checkout"]):
        subprocess.run(["git", *words], cwd=folder, env=env, check=True)


def start(project: Path, env: dict[str, str]) -> dict[str, float]:
    began = time.monotonic()
    person = Person(project, env)
    person.wait("/help")
    wall, cpu = 1000 * (time.monotonic() - began), cpu_ms(person.process.pid)
    person.ready()
    person.type("\x04")
    person.end()
    person.close()
    return {"start_cpu_ms": cpu, "start_wall_ms": wall}


def one_talk(project: Path, env: dict[str, str], keys: int = 25) -> dict[str, float]:
    """Echo while a run works, then Ctrl-C, and the memory after all of it."""
    person = Person(project, env)
    person.ready()
    person.say("/mode auto")
    person.wait("without asking")
    person.say("rename create_payment to build_payment")
    person.wait("Esc")
    echoes = [echo(person, chr(97 + n % 26)) for n in range(keys)]
    person.type("\x03")
    began = time.monotonic()
    person.wait(lambda _: "stopp" in person.text, 30)
    back = 1000 * (time.monotonic() - began)
    person.wait("stopped", 60)
    rss = rss_mb(person.process.pid)
    person.type("\x03")
    person.type("\x04")
    person.end()
    person.close()
    echoes.sort()
    return {
        "echo_ms": statistics.median(echoes),
        "echo_p95_ms": echoes[int(0.95 * (len(echoes) - 1))],
        "ctrl_c_ms": back,
        "rss_mb": rss,
    }


def echo(person: Person, letter: str) -> float:
    """Milliseconds until a letter stands behind the cursor's old place."""
    row, column = person.screen.cursor.y, person.screen.cursor.x
    line = person.screen.display[row][:column] + letter
    began = time.monotonic()
    os.write(person.fd, letter.encode())
    while not any(shown.startswith(line) for shown in person.screen.display):
        person.look(0.002)
        if time.monotonic() - began > 5:
            raise SystemExit(f"no echo of {letter!r}:\n{person.text}")
    return 1000 * (time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rounds: list[dict[str, float]] = []
    bare = statistics.median(bare_python_ms() for _ in range(5))
    for _ in range(options.repeat):
        with tempfile.TemporaryDirectory(prefix="sorte-bench-") as folder:
            home, project = Path(folder) / "home", Path(folder) / "project"
            home.mkdir()
            project.mkdir()
            env = environment(home)
            make_project(project, env)
            rounds.append(start(project, env) | one_talk(project, env))
    figures: dict[str, Any] = {
        name: round(statistics.median(r[name] for r in rounds), 1) for name in rounds[0]
    }
    figures["start_cpu_ms"] = round(figures["start_cpu_ms"] - bare, 1)
    figures["bare_python_cpu_ms"] = round(bare, 1)
    if options.json:
        print(json.dumps({"figures": figures, "targets": TARGETS}, indent=2))
        return
    for name, value in figures.items():
        target = f"  (target {TARGETS[name]})" if name in TARGETS else ""
        print(f"{name:20} {value:8.1f}{target}")


if __name__ == "__main__":
    main()
