"""The deterministic half of a review: one change, exactly, and what it makes worse."""

from __future__ import annotations

import difflib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sorte_cli.domain import ChangeSet, FileChange, Finding, Severity
from sorte_cli.guardian import gitread, suppressions
from sorte_cli.guardian.checks import check
from sorte_cli.guardian.gitread import Read
from sorte_cli.guardian.patches import FilePatch, applied, fragment, parse_diff, reverted
from sorte_cli.guardian.secrets import is_plausible_password, new_secrets
from sorte_cli.texts import N_

if TYPE_CHECKING:
    from sorte_cli.guardian.sandbox import Sandbox

DEADLINE_S = 600.0
_PASSWORDS = ("B105", "B106", "B107")
# Imports of modules that can be misused, and programs started without a shell: no fault by itself.
_IDLE = ("B403", "B404", "B405", "B406", "B407", "B408", "B409", "B410", "B603", "B607")


@dataclass(frozen=True, slots=True)
class Source:
    """What to review: `kind` is "staged", "worktree", "range", "commit" or "diff".

    `text` is the range or the revision; `diff` the unified diff itself.
    """

    kind: str = "worktree"
    text: str = ""
    diff: bytes = b""


@dataclass(frozen=True, slots=True)
class Review:
    """What a review found, worst first, and what a reader must know to judge it.

    `suppressed` were answered by a comment, `known` stand in the baseline. `complete` is False when
    the deadline passed before every check had ended.
    """

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    known: int = 0
    files: int = 0
    complete: bool = True
    duration_s: float = 0.0
    changes: ChangeSet = field(default_factory=ChangeSet)

    def at_least(self, level: Severity) -> tuple[Finding, ...]:
        """The findings that are as bad as `level`, or worse."""
        return tuple(f for f in self.findings if f.severity >= level)


def review(
    root: Path,
    source: Source,
    *,
    deadline_s: float = DEADLINE_S,
    known: frozenset[str] | None = None,
    sandbox: Sandbox | None = None,
) -> Review:
    """Review a change of the repository whose working tree is `root`. Changes nothing.

    `known` are fingerprints of findings that count no more; None: those of the baseline in `root`.
    In `sandbox` the checkers that the project has configured are run; None: they are not.
    At the deadline it returns what is known then, with a note. Raises EnvironmentFailure when git
    does not answer, UsageError for a range, revision or baseline that makes no sense.
    """
    started = time.monotonic()
    read, pieces = read_source(root, source)
    more = _project_tools(root, source, sandbox) if sandbox is not None else None
    return review_read(
        root, read, pieces, deadline_s=deadline_s, known=known, started=started, more=more
    )


Checker = Callable[[ChangeSet, threading.Event], tuple[tuple[Finding, ...], tuple[str, ...]]]


def _project_tools(root: Path, source: Source, sandbox: Sandbox) -> Checker:
    """The checkers that the project has configured, on the tree that the change is made to."""
    from sorte_cli.guardian.projectchecks import Ground, check_with_project_tools

    tree = gitread.base_tree(root, source.kind, source.text)
    ground = Ground(root, gitread.common_dir(root), tree)

    def run(
        changes: ChangeSet, cancel: threading.Event
    ) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
        return check_with_project_tools(changes, ground, sandbox, cancel=cancel)

    return run


def review_read(
    root: Path,
    read: Read,
    pieces: ChangeSet | None = None,
    *,
    deadline_s: float = DEADLINE_S,
    known: frozenset[str] | None = None,
    started: float | None = None,
    more: Checker | None = None,
) -> Review:
    """Review a change that has been read; of `pieces` (lines of a diff) only secrets are sought.

    `more` is a check beside our own, which ends when the event given to it is set. `started` is
    when the deadline began to run (`time.monotonic`); None: now.
    """
    started = time.monotonic() if started is None else started
    pieces = pieces or ChangeSet()
    if known is None:
        known = suppressions.read_baseline(root / suppressions.BASELINE_NAME)
    with _alarm(deadline_s - (time.monotonic() - started)) as passed:
        findings, notes = check(read.changes, root=root, cancel=passed)
        if more is not None and read.changes and not passed.is_set():
            others, said = more(read.changes, passed)
            findings, notes = (*findings, *others), (*notes, *said)
        late = passed.is_set()
    findings = tuple(f for f in (*findings, *new_secrets(pieces)) if not _is_idle(f))
    findings = tuple(sorted(findings, key=lambda f: -f.severity))
    if late:
        notes = (*notes, _late(deadline_s))
    sifted = suppressions.sift(findings, read.changes)
    fresh, count = suppressions.without_known(sifted.kept, known)
    return Review(
        findings=fresh,
        notes=tuple(dict.fromkeys((*read.notes, *notes, *sifted.notes))),
        suppressed=sifted.suppressed,
        known=count,
        files=len(read.changes.changes) + len(pieces.changes),
        complete=not late,
        duration_s=time.monotonic() - started,
        changes=read.changes,
    )


def _late(deadline_s: float) -> str:
    seconds = f"{deadline_s:g}"
    return N_(f"the deadline of {seconds} s passed; this is what was found by then")


def _lines_only(path: str) -> str:
    return N_(f"{path} is not here as the diff knows it: only its lines were read")


def _is_idle(finding: Finding) -> bool:
    """Whether a finding only says that something could be used badly, with no case at hand."""
    if finding.tool != "bandit" or finding.severity > Severity.LOW:
        return False
    if finding.rule in _PASSWORDS:
        value = finding.message.rpartition(": ")[2].strip("'\"")
        return not is_plausible_password(value)
    return finding.rule in _IDLE


def read_source(root: Path, source: Source) -> tuple[Read, ChangeSet]:
    """The change, and pieces of files of which only a diff is at hand."""
    if source.kind == "diff":
        return read_diff(root, source.diff)
    readers = {
        "staged": lambda: gitread.read_staged(root),
        "worktree": lambda: gitread.read_working_tree(root),
        "range": lambda: gitread.read_range(root, source.text),
        "commit": lambda: gitread.read_commit(root, source.text),
    }
    return readers[source.kind](), ChangeSet()


def read_diff(root: Path, text: bytes) -> tuple[Read, ChangeSet]:
    """The files that a diff speaks of, whole where the repository has what it was made from.

    That is the blob it names, the file in the working tree (before or after the change), or the one
    in HEAD. Of other files only the lines of the diff are known: pieces, with their line numbers.
    """
    whole: list[FileChange] = []
    pieces: list[FileChange] = []
    notes: list[str] = []
    patches = parse_diff(text)
    if not patches and text.strip():
        notes.append(N_("no file was found in this diff; is it a unified diff?"))
    blobs = gitread.read_blobs(root, sorted({p.old_blob for p in patches if p.old_blob}))
    for patch in patches:
        if patch.binary:
            notes.append(N_(f"{patch.path} is binary and was not looked at"))
            continue
        if not patch.hunks:
            continue  # a new mode, a rename: no line of text changed
        found = _whole(root, patch, blobs.get(patch.old_blob))
        if found is not None:
            whole.append(found)
        else:
            pieces.append(FileChange(patch.path, *fragment(patch.hunks)))
            notes.append(_lines_only(patch.path))
    return Read(ChangeSet.of(whole), tuple(notes)), ChangeSet.of(pieces)


def _whole(root: Path, patch: FilePatch, before: bytes | None) -> FileChange | None:
    if not patch.old_path:
        return FileChange(patch.path, None, applied(b"", patch.hunks))
    for content in _candidates(root, patch, before):
        after = applied(content, patch.hunks)
        if after is not None:
            return FileChange(patch.path, content, after if patch.new_path else None)
    now = _in_tree(root, patch.new_path) if patch.new_path else b""
    was = reverted(now, patch.hunks) if now is not None else None
    return FileChange(patch.path, was, now) if was is not None else None


def _candidates(root: Path, patch: FilePatch, blob: bytes | None) -> Iterator[bytes]:
    if blob is not None:
        yield blob
    here = _in_tree(root, patch.old_path)
    if here is not None:
        yield here
    name = f"HEAD:{patch.old_path}"
    head = gitread.git(root, "cat-file", "blob", name, codes=(0, 128))
    if head:
        yield head


def _in_tree(root: Path, path: str) -> bytes | None:
    """A file of the working tree; a diff may name paths outside, which are not followed."""
    place = (root / path).resolve()
    if not place.is_relative_to(root.resolve()) or ".git" in Path(path).parts:
        return None
    return gitread.read_file(root, path)[0]


@contextmanager
def _alarm(after_s: float) -> Iterator[threading.Event]:
    """An event that is set when the time is up."""
    passed = threading.Event()
    timer = threading.Timer(max(after_s, 0.0), passed.set)
    timer.daemon = True
    timer.start()
    try:
        yield passed
    finally:
        timer.cancel()


def review_staged(
    repository_root: Path, *, cancel: threading.Event | None = None
) -> tuple[Finding, ...]:
    """New findings of what is staged, worst first. See `review_staged_with_notes`."""
    return review_staged_with_notes(repository_root, cancel=cancel)[0]


def review_staged_with_notes(
    repository_root: Path, *, cancel: threading.Event | None = None
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """New findings of the index against HEAD, and notes about what could not be looked at.

    Reads the index itself, as a commit would take it: what lies in the working tree plays no part.
    Raises EnvironmentFailure when git does not answer.
    """
    read = gitread.read_staged(repository_root)
    findings, notes = check(read.changes, root=repository_root, cancel=cancel)
    return findings, (*read.notes, *notes)


def added_lines(changes: ChangeSet) -> dict[str, tuple[int, ...]]:
    """The lines (1-based) of each file that the change wrote: where a remark on it can stand."""
    found: dict[str, tuple[int, ...]] = {}
    for change in changes.changes:
        if change.after is None or b"\0" in change.after[:8_000]:
            continue
        old, new = (change.before or b"").split(b"\n"), change.after.split(b"\n")
        if new and not new[-1]:
            new.pop()
        numbers: list[int] = []
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        for tag, _, _, first, end in matcher.get_opcodes():
            if tag in ("replace", "insert"):
                numbers += range(first + 1, end + 1)
        if numbers:
            found[change.path] = tuple(numbers)
    return found
