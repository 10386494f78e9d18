"""A whole change as scripts that make it again, and how finely each part was said."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sorte_cli.domain import FileChange
from sorte_cli.edits.language import print_script
from sorte_cli.edits.model import EditError, Operation, Script, Snapshot
from sorte_cli.edits.replay.files import Cost, Said, kind_of, printed, said_file
from sorte_cli.edits.replay.named import refactorings
from sorte_cli.edits.replay.wholes import created, deleted, replaced
from sorte_cli.edits.script import apply_script
from sorte_cli.edits.snapshot import Overlay
from sorte_cli.edits.source import is_python


@dataclass(frozen=True)
class Spoken:
    """Hunks of an existing file (or a whole file): where, how many, and how they were said."""

    path: str
    kind: str
    operations: tuple[Operation, ...]
    hunks: int = 1


@dataclass(frozen=True)
class Expressed:
    """A change as scripts, to be applied one after the other.

    `exact`: they make every byte and executable bit again. `equal_ast`: the Python files mean the
    same and all others are exact. `unchecked`: the change leaves a file that does not parse, which
    no script may; it was applied without that check.
    """

    scripts: tuple[Script, ...]
    spoken: tuple[Spoken, ...]
    exact: bool
    equal_ast: bool
    unchecked: bool = False
    problem: str = ""

    @property
    def text(self) -> str:
        """The scripts as text; a comment line stands between two of them."""
        return "# then\n".join(map(print_script, self.scripts))

    @property
    def brief(self) -> str:
        """The same in the short form of the language."""
        return "# then\n".join(printed(s.operations) for s in self.scripts)

    @property
    def kinds(self) -> dict[str, int]:
        """How many hunks were said in which kind of way."""
        counted: Counter[str] = Counter()
        for spoken in self.spoken:
            counted[spoken.kind] += spoken.hunks
        return dict(sorted(counted.items()))


def express(
    changes: Sequence[FileChange], snapshot: Snapshot, cost: Cost | None = None
) -> Expressed:
    """Say a change to the files of `snapshot` as operations and check it by applying them.

    `cost` counts the tokens of a text (None: about 3.5 characters a token).
    """
    price = cost or (lambda text: len(text) * 2 // 7 + 1)
    everything = frozenset(c.path for c in changes)
    first = refactorings(changes, snapshot)
    for named in (first, []) if first else (first,):
        coarse: frozenset[str] = frozenset()
        while True:
            expressed, wrong = _attempt(changes, snapshot, price, named, coarse)
            if expressed.exact:
                return expressed
            if coarse == everything:
                break
            # Only the files that did not come out right are said coarsely, then all of them.
            again = (wrong & everything) | coarse
            coarse = everything if again == coarse or coarse else again
    return _coarsest(changes, snapshot)


def _attempt(
    changes: Sequence[FileChange],
    snapshot: Snapshot,
    price: Cost,
    named: Sequence[Operation],
    coarse: frozenset[str],
) -> tuple[Expressed, frozenset[str]]:
    """The change said after `named`, the files of `coarse` in texts only; and the files that do
    not come out right.
    """
    scripts: list[Script] = []
    spoken: list[Spoken] = []
    view: Snapshot = snapshot
    state: dict[str, bytes | None] = {}
    for operation in named:
        applied = apply_script(Script((operation,)), view)
        state.update({c.path: c.after for c in applied.changes.changes})
        view = Overlay(snapshot, state)
        scripts.append(Script((operation,)))
        spoken.append(Spoken(operation.target.path, "named", (operation,)))
    rest: list[Operation] = []
    for change in changes:
        for said in _said(change, view, price, fine=change.path not in coarse):
            spoken.append(Spoken(change.path, said.kind, said.operations, said.hunks))
            rest += said.operations
    if rest:
        scripts.append(Script(tuple(rest)))
    expressed, wrong = _checked(changes, snapshot, scripts, spoken)
    if wrong and not coarse:
        return _corrected(changes, snapshot, price, expressed, wrong)
    return expressed, wrong


def _corrected(
    changes: Sequence[FileChange],
    snapshot: Snapshot,
    price: Cost,
    expressed: Expressed,
    wrong: frozenset[str],
) -> tuple[Expressed, frozenset[str]]:
    """The same with one script more, that puts right what came out otherwise: an import that the
    new code seemed to need, say.
    """
    state, _bits = _applied(expressed.scripts, snapshot, checked=not expressed.unchecked)
    wanted = {c.path: c.after for c in changes}
    operations: list[Operation] = []
    for path in sorted(wrong):
        made, after = state.get(path, snapshot.read(path)), wanted.get(path, snapshot.read(path))
        if made is None or after is None or made == after:
            return expressed, wrong
        operations += [op for said in said_file(path, made, after, price) for op in said.operations]
    scripts = [*expressed.scripts, Script(tuple(operations))]
    again, still = _checked(changes, snapshot, scripts, expressed.spoken)
    return (again, still) if not still else (expressed, wrong)


def _said(change: FileChange, view: Snapshot, price: Cost, *, fine: bool) -> list[Said]:
    before = view.read(change.path)
    if before == change.after and change.executable is None:
        return []
    if before is None:
        assert change.after is not None
        operation = created(change.path, change.after, executable=bool(change.executable))
        return [Said((operation,), kind_of(operation))]
    if change.after is None:
        return [Said((deleted(change.path),), "deleted file")]
    if change.executable is not None:
        operation = replaced(change.path, before, change.after, change.executable)
        return [Said((operation,), "file")]
    return said_file(change.path, before, change.after, price, fine=fine)


def _coarsest(changes: Sequence[FileChange], snapshot: Snapshot) -> Expressed:
    """Whole files: what always can be said, where files are regular and paths allowed."""
    spoken: list[Spoken] = []
    for change in changes:
        before = snapshot.read(change.path)
        if change.after is None:
            operation = deleted(change.path)
        elif before is None:
            operation = created(change.path, change.after, executable=bool(change.executable))
        else:
            operation = replaced(change.path, before, change.after, change.executable)
        spoken.append(Spoken(change.path, kind_of(operation), (operation,)))
    script = Script(tuple(op for s in spoken for op in s.operations))
    return _checked(changes, snapshot, [script], spoken)[0]


def _checked(
    changes: Sequence[FileChange],
    snapshot: Snapshot,
    scripts: Sequence[Script],
    spoken: Iterable[Spoken],
) -> tuple[Expressed, frozenset[str]]:
    """Apply the scripts to the snapshot and compare with what the change made."""
    wanted = {c.path: (c.after, bool(c.executable)) for c in changes}
    problem = ""
    for checked in (True, False):
        try:
            state, bits = _applied(scripts, snapshot, checked=checked)
        except EditError as error:
            problem = f"{error.message} {error.hint}".strip()
            continue
        wrong = frozenset(_wrong(state, bits, wanted, snapshot))
        equal = not wrong or _same_meaning(state, wanted)
        said = tuple(scripts), tuple(spoken)
        return Expressed(*said, not wrong, equal, not checked, problem if wrong else ""), wrong
    return Expressed(tuple(scripts), tuple(spoken), False, False, True, problem), frozenset()


def _applied(
    scripts: Sequence[Script], snapshot: Snapshot, *, checked: bool
) -> tuple[dict[str, bytes | None], dict[str, bool | None]]:
    state: dict[str, bytes | None] = {}
    bits: dict[str, bool | None] = {}
    for script in scripts:
        applied = apply_script(script, Overlay(snapshot, state), checked=checked)
        for change in applied.changes.changes:
            state[change.path] = change.after
            if change.executable is not None:
                bits[change.path] = change.executable
    return state, bits


def _wrong(
    state: dict[str, bytes | None],
    bits: dict[str, bool | None],
    wanted: dict[str, tuple[bytes | None, bool]],
    snapshot: Snapshot,
) -> Iterator[str]:
    """The files that are not what the change made of them."""
    for path, (after, executable) in wanted.items():
        if state.get(path, snapshot.read(path)) != after or (executable and not bits.get(path)):
            yield path
    yield from (p for p in state if p not in wanted and state[p] != snapshot.read(p))


def _same_meaning(
    state: dict[str, bytes | None], wanted: dict[str, tuple[bytes | None, bool]]
) -> bool:
    for path, (after, _) in wanted.items():
        made = state.get(path)
        if made == after:
            continue
        if not is_python(path) or made is None or after is None:
            return False
        if _meaning(made) != _meaning(after) or not _meaning(made):
            return False
    return True


def _meaning(data: bytes) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.dump(ast.parse(data))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ""
