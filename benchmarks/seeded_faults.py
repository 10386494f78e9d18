"""How many planted faults a review finds, and how often it cries wolf.

    python benchmarks/seeded_faults.py [--history REPO]... [--commits N] [--brain MODEL]

Sixty planted vulnerabilities (`seeded/vulnerabilities.txt`), two hundred mutants of Sorte's own
modules (one small wrong edit each), and the latest commits of real repositories, which count as
clean. Without `--history` those are Sorte's own. With `--brain` a model reviews the vulnerabilities
and as many mutants as `--mutants-for-model` says. What the checks can and cannot see is the point
of the figures: a mutant is a logic error, which is what tests are for.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sorte_cli.domain import ChangeSet, FileChange, Finding, Severity
from sorte_cli.guardian.gitread import Read, read_commit
from sorte_cli.guardian.review import review_read

if TYPE_CHECKING:
    from sorte_cli.inference import Engine

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src" / "sorte_cli"
MUTANTS = 200
SEED = 20261121
MIXED = "q7Rt2LxW9vKp4ZsD8mNc3HgB6yTf5JaE1uVoXwQi"
SECRETS = {
    "~AKIA~": "AKIA" + "Q3EGVZ7KPL2MNB5T",
    "~GHP~": "ghp_" + MIXED[:36],
    "~STRIPE~": "sk_live_" + MIXED[:24],
    "~WORD~": "Jx9kd02mQzW7",
    "~GOOGLE~": "AIza" + MIXED[:35],
    "~SLACK~": "xoxb-" + "123098745612-" + MIXED[:24],
    "~LONG~": MIXED,
    "~JWT~": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiJhbmEifQ." + MIXED[:30],
    "~PRIVATE~": "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA" + MIXED,
}


@dataclass(frozen=True)
class Fault:
    """Something wrong that was planted: its class, and the change that brings it."""

    name: str
    kind: str
    change: FileChange


def vulnerabilities() -> list[Fault]:
    """The sixty of the text file, each in a file (and folder) of its own."""
    text = (HERE / "seeded" / "vulnerabilities.txt").read_text(encoding="utf-8")
    found = []
    for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        name, kind, path = (word.strip() for word in head.split("|"))
        for mark, secret in SECRETS.items():
            body = body.replace(mark, secret)
        before = '"""A part of the shop."""\n' if path.endswith(".py") else None
        after = f"{before}\n{body}" if before else body
        change = FileChange(f"{name}/{path}", before.encode() if before else None, after.encode())
        found.append(Fault(name, kind, change))
    return found


Edit = tuple[int, int, str]  # from, to, new text; offsets in the bytes of the file


@dataclass
class _Places:
    """Byte offsets of syntax nodes."""

    source: bytes

    def __post_init__(self) -> None:
        self._starts = [0]
        for line in self.source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._starts[node.lineno - 1] + node.col_offset,
            self._starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def text(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.source[start:end].decode("utf-8")


FLIPPED = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: (" in ", " not in "),
    ast.Is: (" is ", " is not "),
}


def _between(places: _Places, left: ast.expr, right: ast.expr, old: str, new: str) -> Edit | None:
    start, end = places.span(left)[1], places.span(right)[0]
    middle = places.source[start:end].decode("utf-8")
    return (start, end, middle.replace(old, new, 1)) if old in middle else None


def mutations(tree: ast.Module, places: _Places) -> Iterator[tuple[str, Edit]]:
    """Every small wrong edit that we know how to make."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in (n for statement in function.body for n in ast.walk(statement)):
            yield from _of_node(node, places)
    for statement in tree.body:
        imports = isinstance(statement, ast.Import | ast.ImportFrom)
        if imports and getattr(statement, "module", "") != "__future__":
            yield "import dropped", (*places.span(statement), "")


def _of_node(node: ast.AST, places: _Places) -> Iterator[tuple[str, Edit]]:
    edit: Edit | None = None
    kind = ""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in FLIPPED:
        old, new = FLIPPED[type(node.ops[0])]
        kind, edit = "comparison", _between(places, node.left, node.comparators[0], old, new)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        old, new = ("+", "-") if isinstance(node.op, ast.Add) else ("-", "+")
        kind, edit = "arithmetic", _between(places, node.left, node.right, old, new)
    elif isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        kind, edit = "and / or", _between(places, node.values[0], node.values[1], old, new)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        kind, edit = "not dropped", (*places.span(node), places.text(node.operand))
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        kind, edit = "off by one", (*places.span(node), str(node.value + 1))
    elif isinstance(node, ast.Return) and node.value is not None:
        kind, edit = "return dropped", (*places.span(node), places.text(node.value))
    elif isinstance(node, ast.Raise):
        kind, edit = "raise dropped", (*places.span(node), "pass")
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and len(node.id) > 3:
        kind, edit = "name misspelt", (*places.span(node), node.id[:-1])
    elif isinstance(node, ast.Call) and len(node.args) >= 2 and not _starred(node.args[:2]):
        first, second = node.args[:2]
        swapped = f"{places.text(second)}, {places.text(first)}"
        kind = "arguments swapped"
        edit = (places.span(first)[0], places.span(second)[1], swapped)
    if edit is not None:
        yield kind, edit


def _starred(nodes: Sequence[ast.expr]) -> bool:
    return any(isinstance(n, ast.Starred) for n in nodes)


def mutants(count: int) -> list[Fault]:
    """`count` mutants, about as many of each kind; the same ones for the same sources."""
    chance = random.Random(SEED)
    by_kind: dict[str, list[tuple[Path, Edit]]] = defaultdict(list)
    for path in sorted(SOURCE.rglob("*.py")):
        source = path.read_bytes()
        for kind, edit in mutations(ast.parse(source), _Places(source)):
            by_kind[kind].append((path, edit))
    for edits in by_kind.values():
        chance.shuffle(edits)
    found: list[Fault] = []
    while len(found) < count:
        for kind in sorted(by_kind):
            if by_kind[kind] and len(found) < count:
                path, (start, end, text) = by_kind[kind].pop()
                source = path.read_bytes()
                after = source[:start] + text.encode() + source[end:]
                name = f"m{len(found)}"
                place = f"{name}/{path.relative_to(SOURCE)}"
                found.append(Fault(name, kind, FileChange(place, source, after)))
    return found


def reviewed(faults: Sequence[Fault]) -> Mapping[str, Sequence[Finding]]:
    """What the checks say of each fault, by its name. Each file is judged by itself."""
    with tempfile.TemporaryDirectory() as folder:
        found = review_read(Path(folder), Read(ChangeSet.of(f.change for f in faults)))
    if found.notes:
        raise SystemExit("; ".join(found.notes))
    said: dict[str, list[Finding]] = defaultdict(list)
    for finding in found.findings:
        said[finding.path.partition("/")[0]].append(finding)
    return said


def report(
    title: str, faults: Sequence[Fault], said: Mapping[str, Sequence[Finding]], *, missed: bool
) -> None:
    """Recall by class: found at all, and found as high or critical."""
    total, seen, stopped = Counter[str](), Counter[str](), Counter[str]()
    for fault in faults:
        total[fault.kind] += 1
        seen[fault.kind] += bool(said.get(fault.name))
        stopped[fault.kind] += any(f.severity >= Severity.HIGH for f in said.get(fault.name, ()))
    print(f"{title:32} {'planted':>8} {'found':>8} {'stopped':>8}")
    for kind in [*sorted(total), "all"]:
        n, s, b = (sum(c.values()) if kind == "all" else c[kind] for c in (total, seen, stopped))
        print(f"  {kind:30} {n:8} {s:5} {s / n:4.0%} {b:4} {b / n:4.0%}")
    if missed:
        gone = [f.name for f in faults if not said.get(f.name)]
        print(f"  not found: {', '.join(gone)}")


def clean_commits(root: Path, count: int) -> list[str]:
    listed = subprocess.run(
        ["git", "-C", str(root), "log", "--no-merges", f"-{count}", "--format=%H", "--", "*.py"],
        capture_output=True,
        check=True,
        text=True,
    )
    return listed.stdout.split()


def false_alarms(roots: Sequence[Path], count: int) -> None:
    """Findings in commits that people reviewed and kept. Some are right, and still count."""
    alarms: Counter[Severity] = Counter()
    rules: Counter[str] = Counter()
    stopped = commits = 0
    with tempfile.TemporaryDirectory() as folder:
        for root in roots:
            for commit in clean_commits(root, count // len(roots)):
                read = read_commit(root, commit)
                found = review_read(Path(folder), read, known=frozenset())
                commits += 1
                alarms.update(f.severity for f in found.findings)
                rules.update(
                    f"{f.tool}/{f.rule}" for f in found.findings if f.severity >= Severity.MEDIUM
                )
                stopped += bool(found.at_least(Severity.HIGH))
    if not commits:
        print("no commits to look at")
        return
    per = 100 / commits
    print(f"clean commits: {commits}; per 100 of them:")
    for severity in sorted(Severity, reverse=True):
        print(f"  {severity.name.lower():10} {alarms[severity] * per:6.1f} findings")
    print(f"  stopped    {stopped * per:6.1f} commits")
    print("  medium or worse: " + ", ".join(f"{r} {n}" for r, n in rules.most_common(8)))


@contextmanager
def model(brain: str) -> Iterator[Engine]:
    """The engine of a model; nano too, which `sorte review` does not ask: hence these figures."""
    from sorte_cli.agent.reviewing import reviewer
    from sorte_cli.inference import ModelSpec, open_engine
    from sorte_cli.paths import nano_model

    if brain == "nano":
        engine = open_engine(ModelSpec(nano_model()))
        try:
            yield engine
        finally:
            engine.close()
        return
    with reviewer(HERE, {"brain": brain}) as found:
        assert found is not None
        yield found


def with_model(engine: Engine, faults: Sequence[Fault]) -> Mapping[str, Sequence[Finding]]:
    """What a model says, one change at a time: only remarks on lines that the change wrote."""
    from sorte_cli.agent.reviewing import remarks_on

    said: dict[str, Sequence[Finding]] = {}
    for fault in faults:
        remarks, _ = remarks_on(engine, ChangeSet.of([fault.change]), deadline_s=60)
        said[fault.name] = [r.finding for r in remarks]
    return said


def model_alarms(engine: Engine, root: Path, count: int) -> None:
    """How many of the latest commits a model says something of, though people kept them."""
    from sorte_cli.agent.reviewing import remarks_on

    said = stopped = 0
    commits = clean_commits(root, count)
    for commit in commits:
        remarks, _ = remarks_on(engine, read_commit(root, commit).changes, deadline_s=60)
        said += bool(remarks)
        stopped += any(r.finding.severity >= Severity.HIGH for r in remarks)
    print(f"clean commits, model: {len(commits)}; said something of {said}, stopped {stopped}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=Path, action="append", default=[])
    parser.add_argument("--commits", type=int, default=100)
    parser.add_argument("--brain", default="")
    parser.add_argument("--mutants-for-model", type=int, default=40)
    parser.add_argument("--commits-for-model", type=int, default=20)
    parser.add_argument("--only-model", action="store_true", help="leave out the checks")
    options = parser.parse_args()
    planted, wrong = vulnerabilities(), mutants(MUTANTS)
    if not options.only_model:
        report("vulnerabilities, checks", planted, reviewed(planted), missed=True)
        report("mutants, checks", wrong, reviewed(wrong), missed=False)
        false_alarms(options.history or [HERE.parent], options.commits)
    if options.brain:
        few = wrong[: options.mutants_for_model]
        with model(options.brain) as engine:
            report("vulnerabilities, model", planted, with_model(engine, planted), missed=True)
            report("mutants, model", few, with_model(engine, few), missed=False)
            root = (options.history or [HERE.parent])[0]
            model_alarms(engine, root, options.commits_for_model)


if __name__ == "__main__":
    main()
