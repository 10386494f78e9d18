"""CPU seconds of a project-wide rename (200 of 2,000 files) and of single-file operations.

python benchmarks/rename_speed.py [--files N] [--users N] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

from sorte_cli.edits import MemorySnapshot, apply_script, parse_script

BODY = '''

class Service{n}:
    """Works on items."""

    limit = {n}

    def run(self, items, *, retries=3):
        found = []
        for item in items:
            if item.price > self.limit:
                found.append(item)
        return found

    def describe(self):
        return f"service {n} of {{self.limit}}"


def helper_{n}(value, other=None):
    if other is None:
        return value
    return value + other
'''


def python_project(files: int, users: int) -> dict[str, bytes | str]:
    """A package in which `users` modules of `files` call one function."""
    found: dict[str, bytes | str] = {
        "shop/__init__.py": "",
        "shop/core.py": "def calc_total(items):\n    return sum(items)\n",
    }
    for n in range(files - 2):
        head = "from shop.core import calc_total\n" if n < users else "import os\n"
        use = f"\n\ndef total_{n}():\n    return calc_total([{n}])\n" if n < users else ""
        found[f"shop/part_{n // 50}/module_{n}.py"] = head + BODY.format(n=n) + use
    for folder in {p.rpartition("/")[0] for p in found if "/part_" in p}:
        found[f"{folder}/__init__.py"] = ""
    return found


def script_project(files: int, users: int) -> dict[str, bytes | str]:
    """The same in TypeScript."""
    found: dict[str, bytes | str] = {
        "src/core.ts": "export function calcTotal(items: number[]) {\n  return items.length\n}\n"
    }
    for n in range(files - 1):
        head = "import { calcTotal } from '../core'\n" if n < users else ""
        use = f"  total() {{ return calcTotal([{n}]) }}\n" if n < users else ""
        found[f"src/part{n // 50}/module{n}.ts"] = (
            f"{head}\nexport class Service{n} {{\n  limit = {n}\n{use}  run(items: number[]) {{\n"
            "    return items.filter((item) => item > this.limit)\n  }\n}\n"
        )
    return found


def seconds(files: Mapping[str, bytes | str], script: str, times: int = 1) -> tuple[float, int]:
    """Median CPU seconds of a script against a fresh snapshot, and how many files it changed."""
    parsed = parse_script(script)
    taken: list[float] = []
    changed = 0
    for _ in range(times):
        snapshot = MemorySnapshot(files)
        began = time.process_time()
        changed = len(apply_script(parsed, snapshot).changes.changes)
        taken.append(time.process_time() - began)
    return statistics.median(taken), changed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    python = python_project(arguments.files, arguments.users)
    scripts = script_project(arguments.files, arguments.users)
    seconds({"a.py": "X = 1\n", "a.ts": "const x = 1\n"}, "set_value a.py::X 2\n")  # warm up
    seconds({"a.ts": "const x = 1\n"}, "set_value a.ts::x 2\n")
    rename, renamed = seconds(python, "rename shop/core.py::calc_total compute_total\n")
    typed, typed_files = seconds(scripts, "rename src/core.ts::calcTotal computeTotal\n")
    one = {"a.py": python["shop/part_0/module_0.py"]}
    singles = {
        "replace_statement": "replace_statement a.py::helper_0#1\n<<<\nreturn other\n>>>\n",
        "add_import": "add_import a.py from decimal import Decimal\n",
        "set_value": "set_value a.py::Service0.limit 3\n",
        "add_symbol": "add_symbol a.py::Service0\n<<<\ndef more(self):\n    return 1\n>>>\n",
        "add_parameter": 'add_parameter a.py::helper_0 "flag: bool = False"\n',
    }
    php = {"a.php": "<?php\nclass A\n{\n" + "".join(
        f"    public function m{n}(int $a): int\n    {{\n        return $a + {n};\n    }}\n\n"
        for n in range(40)
    ) + "}\n"}  # fmt: skip
    document = {
        "rename_python_s": round(rename, 3),
        "rename_python_files": renamed,
        "rename_typescript_s": round(typed, 3),
        "rename_typescript_files": typed_files,
        "single_file_ms": {
            **{k: round(seconds(one, s, 5)[0] * 1e3, 1) for k, s in singles.items()},
            "php replace_symbol": round(
                seconds(
                    php,
                    "replace_symbol a.php::A.m3\n<<<\npublic function m3(): int\n{\n"
                    "    return 1;\n}\n>>>\n",
                    5,
                )[0]
                * 1e3,
                1,
            ),
        },
    }
    text = json.dumps(document, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
