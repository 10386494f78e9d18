"""How much of its prompt the second `sorte do` reads again, with and without a warm engine.

    python benchmarks/prefix.py [--model FILE] [--only cold|warm] [--json FILE]

Real commands in a scratch repository, each in a process of its own, with the full prompts; only
what the engine says of its prompts is written down. The second command has the same task, or
another one. Without --model one with random weights is made.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from made_model import make

TARGET = 0.10
TASKS = ("add a timeout parameter to fetch", "rename total to compute_total")
DRIVER = """
import dataclasses, json, sys
from sorte_cli.agent import planning
from sorte_cli.commands.app import run
from sorte_cli.inference.wire import WireEngine
planning.THINKING_TOKENS = 8
inner = WireEngine.generate
def generate(self, messages, options, **more):
    found = inner(self, messages, dataclasses.replace(options, max_tokens=24), **more)
    print(json.dumps([found.prompt_tokens, found.reused_tokens, found.prompt_ms]), file=sys.stderr)
    return found
WireEngine.generate = generate
sys.exit(run(sys.argv[1:]))
"""


def repository(folder: Path) -> Path:
    """A small project with instructions of some length."""
    folder.mkdir()
    rules = "".join(
        f"- Rule {n}: keep functions short, name things for what they are.\n" for n in range(40)
    )
    (folder / "AGENTS.md").write_text("# How we work\n\n" + rules)
    for name in ("orders", "payments", "http"):
        text = "".join(f"def {name}_{n}(a, b):\n    return a + b + {n}\n\n\n" for n in range(20))
        (folder / f"{name}.py").write_text(
            text + "def fetch(url):\n    return url\n\n\ndef total(items):\n    return sum(items)\n"
        )
    me = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com"]
    for line in (["init", "-q"], ["add", "."], [*me, "commit", "-q", "-m", "start"]):
        subprocess.run(["git", *line], cwd=folder, check=True)
    return folder


def command(folder: Path, environment: dict[str, str], task: str) -> list[list[float]]:
    """[prompt tokens, reused tokens, ms] of each prompt of one `sorte do`."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", DRIVER, "do", "--plan-only", task],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("[")]
    if not rows:
        sys.exit(f"the command said:\n{done.stderr}{done.stdout}")
    return rows


def share(first: list[list[float]], second: list[list[float]]) -> float:
    """Tokens that the second command computed, by those of the first."""
    computed = [sum(row[0] - row[1] for row in rows) for rows in (first, second)]
    return computed[1] / computed[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--only", choices=("cold", "warm"), help="without or with a warm engine")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    stays_s = {"cold": (0,), "warm": (120,)}.get(options.only, (0, 120))
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        model = options.model or make(Path(scratch, "made.gguf"))
        folder = repository(Path(scratch, "project"))
        for warm in stays_s:
            for which, second in (("the same task", TASKS[0]), ("another task", TASKS[1])):
                state = Path(scratch, f"state-{warm}-{second[:3]}")
                environment = os.environ | {
                    "SORTE_BRAIN": str(model.absolute()),
                    "SORTE_PROFILE": "full",
                    "SORTE_KEEP_ALIVE": str(warm),
                    "SORTE_THREADS": "1",
                    **{
                        f"SORTE_{name}_DIR": str(state / name.lower())
                        for name in ("STATE", "CACHE", "CONFIG", "DATA", "RUNTIME")
                    },
                }
                before, after = (command(folder, environment, t) for t in (TASKS[0], second))
                subprocess.run(
                    [sys.executable, "-m", "sorte_cli", "engine", "stop"],
                    env=environment,
                    capture_output=True,
                    check=False,
                )
                name = f"{'warm engine' if warm else 'new process'}, {which}"
                found[name] = share(before, after)
                tokens = int(sum(row[0] for row in before))
                print(
                    f"{name:28} {tokens} tokens at first, then {100 * found[name]:.1f} % "
                    f"of what was computed (wanted: {TARGET:.0%})",
                    flush=True,
                )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
