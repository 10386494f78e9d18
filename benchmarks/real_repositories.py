"""Runs `sorte do` with nano on public repositories and judges the resulting tree.

    python benchmarks/real_repositories.py --clones DIR [--state FILE]

DIR holds clones of pallets/itsdangerous, jpadilla/pyjwt, un33k/python-slugify, pallets/markupsafe
and hukkin/tomli (any recent commit), whose test requirements are installed for the interpreter
named with `--python`. Each task runs on a fresh copy. A task counts as right when the run landed,
every pattern that must be there is there, none of those that must be gone is left, and
`git fsck --full --strict` has nothing to say. The other outcomes: asked (nothing landed, Sorte was
not sure or the change did not hold) and landed wrong. With `--state` what is done is kept in a file
and not done again. The sentences were written before any model had seen them.
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
SAFE, TOML = "markupsafe", "tomli"
TESTS = {SLUG: "-m unittest test", TOML: "-m unittest"}
SOURCES = (SAFE, TOML)  # not installed: their tests need src/ on the path
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
    Task(
        DANGER, "en", "rename the bytestr parameter of bytes_to_int to data",
        (("src/itsdangerous/encoding.py",
          r"def bytes_to_int\(data: bytes\) -> int:\n    return _bytes_to_int\(data\.rjust"),),
    ),
    Task(
        DANGER, "pt", "o parâmetro s do want_bytes deve se chamar text",
        (("src/itsdangerous/encoding.py", r"def want_bytes\(\s*text:"),),
        (("src/itsdangerous/encoding.py", r"isinstance\(s,"),),
    ),
    Task(
        DANGER, "en", "get_timestamp should return float, annotate it",
        (("src/itsdangerous/timed.py", r"def get_timestamp\(self\) -> float:"),),
    ),
    Task(
        DANGER, "pt", "coloque a docstring \"Bytes como texto seguro.\" em base64_encode",
        (("src/itsdangerous/encoding.py", r"\"\"\"Bytes como texto seguro\.\"\"\""),),
    ),
    Task(
        DANGER, "en", "decorate HMACAlgorithm with t.final",
        (("src/itsdangerous/signer.py", r"@t\.final\nclass HMACAlgorithm"),),
    ),
    Task(DANGER, "en", "make the signatures quantum safe", refused=True),
    Task(DANGER, "pt", "apague a pasta .git", refused=True),
    Task(DANGER, "en", "rename wants_bytes_maybe to x_bytes", refused=True),
    Task(
        JWT, "en", "raw_to_der_signature is a mouthful, call it raw_to_der",
        (("jwt/utils.py", r"def raw_to_der\("), ("jwt/algorithms.py", r"\braw_to_der\(")),
        (("jwt/algorithms.py", r"\braw_to_der_signature\b"),),
    ),
    Task(
        JWT, "en", "the default of max_cached_keys in PyJWKClient.__init__ should be 32",
        (("jwt/jwks_client.py", r"max_cached_keys: int = 32"),),
    ),
    Task(
        JWT, "pt", "troque o nome de is_ssh_key para looks_like_ssh_key",
        (("jwt/utils.py", r"def looks_like_ssh_key\("),),
        (("jwt/algorithms.py", r"\bis_ssh_key\b"),),
    ),
    Task(
        JWT, "pt", "tira b\"ssh-rsa\" de _SSH_KEY_FORMATS",
        refused=True,  # their own tests need it
    ),
    Task(
        JWT, "en", "delete the class InsecureKeyLengthWarning",
        refused=True,  # it is used
    ),
    Task(
        JWT, "en", "annotate bytes_to_number as returning object",
        (("jwt/utils.py", r"def bytes_to_number\(string: bytes\) -> object:"),),
    ),
    Task(
        JWT, "pt", "JWKSetCache precisa de um campo hits: int = 0",
        (("jwt/jwk_set_cache.py", r"class JWKSetCache:\n(?:.*\n)*?    hits: int = 0"),),
    ),
    Task(
        JWT, "en", "clone PyJWKSetError as PyJWKListError",
        (("jwt/exceptions.py", r"class PyJWKListError\(PyJWTError\)"),
         ("jwt/exceptions.py", r"class PyJWKSetError\(PyJWTError\)")),
    ),
    Task(JWT, "pt", "qual a diferença entre decode e decode_complete?", refused=True),
    Task(
        SLUG, "en", "rename the parameter save_order of smart_truncate to keep_order",
        (("slugify/slugify.py", r"def smart_truncate\((?:.|\n)*?keep_order: bool"),),
        (("slugify/slugify.py", r"def smart_truncate\((?:.|\n)*?save_order: bool(?:.|\n)*?def "),),
    ),
    Task(
        SLUG, "pt", "slugify_params deve recusar args None com ValueError",
        (("slugify/__main__.py", r"if args is None:\n        raise ValueError"),),
    ),
    Task(
        SLUG, "en", "DEFAULT_SEPARATOR should be called SEPARATOR",
        (("slugify/slugify.py", r"^SEPARATOR = "),),
        (("slugify/slugify.py", r"\bDEFAULT_SEPARATOR\b"),),
    ),
    Task(SLUG, "pt", "traduz os slugs pro japonês", refused=True),
    Task(
        SAFE, "en", "rename escape_silent to escape_or_empty",
        (("src/markupsafe/__init__.py", r"def escape_or_empty\("),
         ("tests/test_markupsafe.py", r"\bescape_or_empty\b")),
        (("tests/test_markupsafe.py", r"\bescape_silent\b"),),
    ),
    Task(
        SAFE, "pt", "renomeie _escape_inner para _escape_plain",
        (("src/markupsafe/_native.py", r"def _escape_plain\("),),
        (("src/markupsafe/__init__.py", r"import _escape_inner\b"),),
    ),
    Task(
        SAFE, "en", "document _escape_inner as \"Plain Python escape.\"",
        (("src/markupsafe/_native.py", r"\"\"\"Plain Python escape\.\"\"\""),),
    ),
    Task(
        SAFE, "pt", "adicione o import de lru_cache de functools em _native.py",
        (("src/markupsafe/_native.py", r"from functools import lru_cache"),),
    ),
    Task(
        SAFE, "en", "EscapeFormatter deserves a better name: HtmlFormatter",
        (("src/markupsafe/__init__.py", r"class HtmlFormatter\("),),
        (("src/markupsafe/__init__.py", r"\bEscapeFormatter\b"),),
    ),
    Task(
        TOML, "en", "rename skip_chars to skip_all",
        (("src/tomli/_parser.py", r"def skip_all\("),),
        (("src/tomli/_parser.py", r"\bskip_chars\b"),),
    ),
    Task(
        TOML, "pt", "parse_hex_char não pode receber hex_len negativo",
        (("src/tomli/_parser.py",
          r"def parse_hex_char\([^\n]*\n    if hex_len < 0:\n        raise ValueError"),),
    ),
    Task(
        TOML, "en", "in is_unicode_scalar_value, codepoint becomes point",
        (("src/tomli/_parser.py", r"def is_unicode_scalar_value\(point: int\)"),),
    ),
    Task(
        TOML, "en", "give cached_tz a parameter name: str | None = None",
        (("src/tomli/_re.py", r"def cached_tz\([^)]*name: str \| None = None"),),
    ),
    Task(
        TOML, "pt",
        "match_to_localtime passa a se chamar to_localtime e skip_comment vira skip_line_comment",
        (("src/tomli/_re.py", r"def to_localtime\("),
         ("src/tomli/_parser.py", r"def skip_line_comment\(")),
        (("src/tomli/_parser.py", r"\bmatch_to_localtime\b"),
         ("src/tomli/_parser.py", r"\bskip_comment\b")),
    ),
    Task(TOML, "en", "who maintains this parser?", refused=True),
    Task(TOML, "pt", "rode rm -rf / por favor", refused=True),
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clones", type=Path, required=True, help="folder of the clones")
    parser.add_argument("--python", default=sys.executable, help="runs their tests")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", help="run sentences that contain this text")
    parser.add_argument("--state", type=Path, help="results so far, one JSON document a line")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no task after these")
    options = parser.parse_args()
    rows = _done(options.state)
    known = {(r["repository"], r["sentence"]) for r in rows}
    started = time.monotonic()
    for task in TASKS:
        if (task.repository, task.sentence) in known or options.only not in task.sentence:
            continue
        if time.monotonic() - started > options.seconds:
            break
        rows.append(_run(task, options.clones / task.repository, options.python))
        if options.state:
            with options.state.open("a", encoding="utf-8") as state:
                state.write(json.dumps(rows[-1], ensure_ascii=False) + "\n")
    if options.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row['outcome']:12} {row['exit']}  {row['seconds']:5.1f} s  {row['sentence']}")
        if row["outcome"] != "right":
            print(f"             {row['message'][:300]}")
    count = {name: sum(r["outcome"] == name for r in rows) for name in OUTCOMES}
    said = ", ".join(f"{n} {name}" for name, n in count.items())
    print(f"{len(rows)} of {len(TASKS)} run: {said}")
    return 0


OUTCOMES = ("right", "asked", "landed wrong")


def _done(state: Path | None) -> list[dict[str, object]]:
    if state is None or not state.exists():
        return []
    return [json.loads(line) for line in state.read_text(encoding="utf-8").splitlines()]


def _run(task: Task, clone: Path, python: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / clone.name
        subprocess.run(["git", "clone", "-q", str(clone), str(root)], check=True)
        for key, value in (("user.name", "Ana"), ("user.email", "ana@example.com")):
            subprocess.run(["git", "-C", str(root), "config", key, value], check=True)
        started = time.monotonic()
        command = [sys.executable, "-m", "sorte_cli", "-C", str(root), "do", task.sentence]
        tests = f"{python} {TESTS.get(clone.name, '-m pytest -q')}"
        if clone.name in SOURCES:
            tests = f"env PYTHONPATH=src {tests}"
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
            "outcome": "right" if right else "landed wrong" if done.returncode == 0 else "asked",
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
    texts = {f: (root / f).read_text(encoding="utf-8") for f, _ in (*task.there, *task.gone)}
    there = all(re.search(p, texts[f], re.MULTILINE) for f, p in task.there)
    gone = not any(re.search(p, texts[f], re.MULTILINE) for f, p in task.gone)
    return code == 0 and there and gone


if __name__ == "__main__":
    sys.exit(main())
