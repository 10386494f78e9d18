"""Runs `sorte do` with nano on public repositories and judges the resulting tree.

    python benchmarks/real_repositories.py --clones DIR

DIR holds clones of pallets/itsdangerous, jpadilla/pyjwt and un33k/python-slugify (any recent
commit), whose test requirements are installed for the interpreter named with `--python`. Each
task runs on a fresh copy. A task counts as right when the run landed, every pattern that must be
there is there, none of those that must be gone is left, and `git fsck --full --strict` has nothing
to say. The sentences were written before any model had seen them.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """A sentence, and patterns by file: `there` must match afterwards, `gone` must not."""

    repository: str
    language: str
    sentence: str
    there: tuple[tuple[str, str], ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    refused: bool = False  # the right outcome is that nothing lands


DANGER, JWT, SLUG = "itsdangerous", "pyjwt", "python-slugify"
TASKS = (
    Task(
        DANGER, "en", "rename want_bytes to ensure_bytes",
        (("src/itsdangerous/encoding.py", r"def ensure_bytes\("),
         ("src/itsdangerous/signer.py", r"import ensure_bytes|ensure_bytes,?\n")),
        (("src/itsdangerous/signer.py", r"\bwant_bytes\("),),
    ),
    Task(
        DANGER, "pt", "renomeie a função bytes_to_int para int_from_bytes",
        (("src/itsdangerous/encoding.py", r"def int_from_bytes\("),
         ("src/itsdangerous/timed.py", r"int_from_bytes\(")),
        (("src/itsdangerous/encoding.py", r"\bbytes_to_int\b"),),
    ),
    Task(
        DANGER, "en", "add a parameter strict: bool = False to base64_decode",
        (("src/itsdangerous/encoding.py",
          r"def base64_decode\(\s*string: str \| bytes,\s*strict: bool = False,?\s*\)"),),
    ),
    Task(
        DANGER, "pt", "int_to_bytes deve recusar num negativo com ValueError",
        (("src/itsdangerous/encoding.py",
          r"def int_to_bytes\(num: int\) -> bytes:\n    if num < 0:\n        raise ValueError"),),
    ),
    Task(
        DANGER, "en", "in base64_encode raise a TypeError when string is None",
        (("src/itsdangerous/encoding.py", r"if string is None:\n        raise TypeError"),),
    ),
    Task(
        JWT, "en", "rename force_bytes to to_bytes",
        (("jwt/utils.py", r"def to_bytes\("), ("jwt/algorithms.py", r"\bto_bytes\(")),
        (("jwt/algorithms.py", r"\bforce_bytes\b"), ("tests/test_utils.py", r"\bforce_bytes\b")),
    ),
    Task(
        JWT, "pt", "mude o padrão de lifespan em PyJWKClient.__init__ para 600",
        (("jwt/jwks_client.py", r"lifespan: (float|int) = 600\b"),),
    ),
    Task(
        JWT, "en", "number_to_bytes must reject a negative num with a ValueError",
        (("jwt/utils.py", r"def number_to_bytes[^\n]*:\n    if num < 0:\n +raise ValueError"),),
    ),
    Task(
        JWT, "pt", "adicione b\"ssh-dss-test\" em _SSH_KEY_FORMATS",
        (("jwt/utils.py", r"_SSH_KEY_FORMATS = \([^)]*b\"ssh-dss-test\""),),
    ),
    Task(
        JWT, "en", "please import Decimal from decimal in jwt/help.py",
        (("jwt/help.py", r"from decimal import Decimal"),),
    ),
    Task(
        SLUG, "en", "set DEFAULT_SEPARATOR to \"_\"",
        refused=True,  # the project's own tests fail then: it must not land
    ),
    Task(
        SLUG, "pt", "troque o nome de smart_truncate para truncate_text",
        (("slugify/slugify.py", r"def truncate_text\("), ("slugify/__init__.py", r".")),
        (("slugify/slugify.py", r"\bsmart_truncate\b"),),
    ),
    Task(
        SLUG, "en", "give smart_truncate a new parameter ellipsis: str = \"\"",
        (("slugify/slugify.py", r"ellipsis: str = \"\""),),
    ),
    Task(
        SLUG, "pt", "clone a função smart_truncate como simple_truncate",
        (("slugify/slugify.py", r"def simple_truncate\("),
         ("slugify/slugify.py", r"def smart_truncate\(")),
    ),
    Task(
        SLUG, "en", "what is the meaning of life?",
        refused=True,
    ),
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clones", type=Path, required=True, help="folder of the clones")
    parser.add_argument("--python", default=sys.executable, help="runs their tests")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", help="run sentences that contain this text")
    options = parser.parse_args()
    rows = []
    for task in TASKS:
        if options.only in task.sentence:
            rows.append(_run(task, options.clones / task.repository, options.python))
            if not options.json:
                row = rows[-1]
                mark = "right" if row["right"] else "WRONG"
                print(f"{mark}  {row['exit']}  {row['seconds']:5.1f} s  {task.sentence}")
                if not row["right"]:
                    print(f"       {row['message'][:300]}")
    right = sum(r["right"] for r in rows)
    landed_wrong = sum(not r["right"] and r["exit"] == 0 for r in rows)
    if options.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        print(f"{right} of {len(rows)} right; {landed_wrong} landed and were wrong")
    return 0


def _run(task: Task, clone: Path, python: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / clone.name
        subprocess.run(["git", "clone", "-q", str(clone), str(root)], check=True)
        for key, value in (("user.name", "Ana"), ("user.email", "ana@example.com")):
            subprocess.run(["git", "-C", str(root), "config", key, value], check=True)
        started = time.monotonic()
        command = [sys.executable, "-m", "sorte_cli", "-C", str(root), "do", task.sentence]
        tests = f"{python} -m pytest -q" if clone.name != SLUG else f"{python} -m unittest test"
        done = subprocess.run(
            [*command, "--yes", "--json", "--test-command", tests],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds = time.monotonic() - started
        try:
            report = json.loads(done.stdout)
        except json.JSONDecodeError:
            report = {"message": done.stdout + done.stderr}
        if isinstance(report.get("error"), dict):
            report["message"] = report["error"].get("message", "")
        right = _judge(task, root, done.returncode)
        shutil.rmtree(root, ignore_errors=True)
        return {
            "repository": task.repository,
            "language": task.language,
            "sentence": task.sentence,
            "exit": done.returncode,
            "right": right,
            "seconds": seconds,
            "message": str(report.get("message", "")),
            "operations": [s.get("operations") for s in report.get("steps", [])],
        }


def _judge(task: Task, root: Path, code: int) -> bool:
    fsck = subprocess.run(
        ["git", "-C", str(root), "fsck", "--full", "--strict"], capture_output=True, check=False
    )
    if fsck.returncode:
        return False
    if task.refused:
        return code == 1
    there = all(re.search(p, (root / f).read_text(encoding="utf-8")) for f, p in task.there)
    gone = not any(re.search(p, (root / f).read_text(encoding="utf-8")) for f, p in task.gone)
    return code == 0 and there and gone


if __name__ == "__main__":
    sys.exit(main())
