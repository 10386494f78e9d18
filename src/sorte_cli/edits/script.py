"""Applying a script: resolve every operation against one snapshot, merge, check, all or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.edits.checks import check_result
from sorte_cli.edits.language import print_script
from sorte_cli.edits.missing import AddedImport, add_missing_imports
from sorte_cli.edits.model import (
    Edit,
    EditError,
    FileCreation,
    FileDeletion,
    FileReplacement,
    Operation,
    Resolution,
    Script,
    Snapshot,
    SpanEdit,
)
from sorte_cli.edits.pieces import PieceTable
from sorte_cli.edits.registry import Project, handler_for
from sorte_cli.edits.safety import check_path
from sorte_cli.edits.snapshot import Overlay
from sorte_cli.edits.verbs import VERBS, Kind

# Verbs whose operations on one target add up: each sees what the ones before it did there.
_CUMULATIVE = frozenset(
    {
        "add_decorator",
        "add_entry",
        "add_import",
        "add_parameter",
        "add_symbol",
        "change_parameter",
        "remove_decorator",
        "remove_entry",
        "remove_import",
        "remove_parameter",
        "replace_text",
    }
)
# Verbs that carry code written by someone, which may use names that its file does not know yet.
_BRING_NAMES = frozenset(
    {
        "add_decorator",
        "add_entry",
        "add_parameter",
        "add_symbol",
        "change_parameter",
        "clone",
        "create_file",
        "insert_after",
        "insert_before",
        "replace_expression",
        "replace_statement",
        "replace_symbol",
        "replace_text",
        "set_return_type",
        "set_value",
        "wrap",
    }
)


@dataclass(frozen=True, slots=True)
class Report:
    """What one operation did. `paths` are the files it touched, `possible` the places that may
    refer to the thing but could not be decided (`path:line: source line`), left unchanged.
    `places` are where it acted, as the files were: `path:line` for each edit, `path` for a file.
    """

    operation: Operation
    summary: str
    paths: tuple[str, ...]
    possible: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What a script comes to: files before and after, and one report for each operation."""

    changes: ChangeSet
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class _Resolved:
    """The edits of one or more operations that belong together."""

    operations: tuple[Operation, ...]
    resolutions: tuple[Resolution, ...]
    edits: tuple[Edit, ...]


def apply_script(
    script: Script, snapshot: Snapshot, *, checked: bool = True, imports: bool = True
) -> Applied:
    """Resolve the operations of a script against `snapshot` and merge them.

    Nothing is written: the answer holds the bytes before and after. Raises EditError, naming the
    operation and its line, where one cannot be done exactly, where two overlap, or where a file
    would no longer parse (not asked where `checked` is false: for replaying commits that left
    such a file behind, never for edits). Without `imports` none are added for the names that the
    new code uses (for a part of a script, whose other parts may bring them).
    """
    project = Project(snapshot)
    guard = _Guard(snapshot)
    resolved = [_resolve(group, project, guard) for group in _groups(script.operations)]
    contents = _merge(resolved, project, guard)
    renewed = _paths_with_new_names(resolved) if imports else set()
    added = add_missing_imports(contents, snapshot, renewed)
    if any(path.endswith(".php") for path in renewed):
        from sorte_cli.edits.syntax.php_missing import add_missing_uses

        added += add_missing_uses(contents, snapshot, renewed)
    for path, content in contents.items():
        if content is not None and checked:
            _check(path, _before(path, resolved, snapshot), content, resolved)
    changes = ChangeSet.of(
        FileChange(path, snapshot.read(path), content, _executable(path, resolved))
        for path, content in contents.items()
    )
    resolutions = {
        id(operation): resolution
        for group in resolved
        for operation, resolution in zip(group.operations, group.resolutions, strict=True)
    }
    reports = [_report(op, resolutions[id(op)], added, project) for op in script.operations]
    return Applied(changes, tuple(reports))


class _Guard:
    """Asks the snapshot, where it can tell, whether a path may be touched."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._check = getattr(snapshot, "check", check_path)
        self._checked: set[str] = set()

    def check(self, path: str) -> None:
        if path not in self._checked:
            check_path(path)
            self._check(path)
            self._checked.add(path)


def _groups(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Operations in order; those that add up in one place come together."""
    groups: dict[object, list[Operation]] = {}
    for index, operation in enumerate(operations):
        key: object = index
        if operation.verb in _CUMULATIVE:
            # Parameters of one function stand in one list, whatever each is called.
            target = operation.target
            place = target.position, target.statements, target.lines
            key = (operation.verb, target.path, target.symbol, place)
        elif (destination := operation.get("to")) and operation.verb in ("clone", "move"):
            key = (operation.verb, destination)
        groups.setdefault(key, []).append(operation)
    yield from groups.values()


def _resolve(operations: list[Operation], project: Project, guard: _Guard) -> _Resolved:
    resolutions: list[Resolution] = []
    for operation in operations:
        view = project
        if resolutions:
            so_far = _merge([_joined(operations, resolutions, project)], project, guard)
            view = Project(Overlay(project.snapshot, so_far))
        resolution = _resolve_one(operation, view, guard)
        if resolutions:
            resolution = _compose(resolutions, resolution, project, view)
        resolutions.append(resolution)
    return _joined(operations, resolutions, project)


def _joined(
    operations: Sequence[Operation], resolutions: Sequence[Resolution], project: Project
) -> _Resolved:
    # Each later resolution already contains the edits of those before it.
    done = tuple(operations[: len(resolutions)])
    return _Resolved(done, tuple(resolutions), resolutions[-1].edits)


def _resolve_one(operation: Operation, project: Project, guard: _Guard) -> Resolution:
    try:
        guard.check(operation.target.path)
        for path in _path_arguments(operation):
            guard.check(path)
        resolution = _handled(operation, project)
        for edit in resolution.edits:
            guard.check(edit.path)
        return resolution
    except EditError as error:
        raise EditError(
            f"{describe(operation)}: {error.message}",
            hint=error.hint,
            line=operation.line or error.line,
        ) from error


def _handled(operation: Operation, project: Project) -> Resolution:
    try:
        return handler_for(operation.verb, operation.target.path)(operation, project)
    except RecursionError as error:
        # An `elif` chain of a thousand branches parses, and is still too deep to be walked.
        raise EditError(f"{operation.target.path} is nested too deeply.") from error


def describe(operation: Operation) -> str:
    """The operation's own first line, as people write it."""
    try:
        return print_script(Script((operation,))).split("\n", 1)[0]
    except EditError:
        return f"{operation.verb} {operation.target.path}"  # made by a program, with no text form


def _path_arguments(operation: Operation) -> Iterator[str]:
    for argument in VERBS[operation.verb].arguments_for(operation.target):
        if argument.kind is Kind.PATH and (path := operation.get(argument.name)):
            yield path


def _compose(
    earlier: Sequence[Resolution], later: Resolution, project: Project, view: Project
) -> Resolution:
    """Edits against the snapshot that do what `earlier` and then `later` (against `view`) do."""
    before = earlier[-1].edits
    whole: dict[str, Edit] = {
        e.path: e for e in (*before, *later.edits) if not isinstance(e, SpanEdit)
    }
    edits: list[Edit] = []
    for path in dict.fromkeys(e.path for e in (*before, *later.edits) if isinstance(e, SpanEdit)):
        second = _localised(_spans(later.edits, path), view)
        if isinstance(created := whole.get(path), FileCreation):
            source = view.source(path)
            table = PieceTable(source.text)
            table.apply(second)
            whole[path] = FileCreation(path, source.encode(table.text), created.executable)
            continue
        table = PieceTable(project.source(path).text)
        table.apply(_localised(_spans(before, path), project))
        table.apply(second)
        edits += table.edits(path)
    return Resolution((*whole.values(), *edits), later.summary, later.possible)


def _spans(edits: Iterable[Edit], path: str) -> list[SpanEdit]:
    spans = {e: None for e in edits if isinstance(e, SpanEdit) and e.path == path}
    return sorted(spans, key=lambda e: (e.start, e.end))


def _localised(edits: Iterable[SpanEdit], project: Project) -> list[SpanEdit]:
    return [
        SpanEdit(e.path, e.start, e.end, project.source(e.path).localise(e.text, e.start, e.end))
        for e in edits
    ]


# --- merging -------------------------------------------------------------------------------------


def _merge(
    resolved: Sequence[_Resolved], project: Project, guard: _Guard
) -> dict[str, bytes | None]:
    """The new content of every touched path; None for a file that goes away."""
    spans: dict[str, list[tuple[SpanEdit, _Resolved]]] = {}
    contents: dict[str, bytes | None] = {}
    owners: dict[str, _Resolved] = {}
    for group in resolved:
        for edit in group.edits:
            if isinstance(edit, SpanEdit):
                spans.setdefault(edit.path, []).append((edit, group))
                continue
            if edit.path in owners:
                raise _conflict(owners[edit.path], group, edit.path)
            owners[edit.path] = group
            contents[edit.path] = _whole_file(edit, project, guard)
    for path, found in spans.items():
        if path in owners:
            raise _conflict(owners[path], found[0][1], path)
        source = project.source(path)
        table = PieceTable(source.text)
        table.apply(_localised(_ordered(path, found, project), project))
        contents[path] = source.encode(table.text)
    return contents


def _whole_file(
    edit: FileCreation | FileReplacement | FileDeletion, project: Project, guard: _Guard
) -> bytes | None:
    guard.check(edit.path)
    exists = project.exists(edit.path)
    if isinstance(edit, FileCreation):
        if exists:
            raise EditError(f"{edit.path} exists already.", hint="Choose another path.")
        return edit.content
    if not exists:
        raise EditError(f"There is no file {edit.path}.")
    return edit.content if isinstance(edit, FileReplacement) else None


def _ordered(
    path: str, found: Sequence[tuple[SpanEdit, _Resolved]], project: Project
) -> list[SpanEdit]:
    """Edits in the order of the file; identical ones once. Raises EditError where two overlap."""
    ordered = sorted(enumerate(found), key=lambda item: (item[1][0].start, item[1][0].end, item[0]))
    kept: list[tuple[SpanEdit, _Resolved]] = []
    for _, (edit, group) in ordered:
        if any(edit == known for known, _ in kept[-8:]):
            continue  # two operations may need the same import or the same renamed reference
        if kept and edit.start < kept[-1][0].end:
            raise _conflict(kept[-1][1], group, path, project.source(path).position(edit.start)[0])
        kept.append((edit, group))
    return [edit for edit, _ in kept]


def _conflict(first: _Resolved, second: _Resolved, path: str, line: int = 0) -> EditError:
    place = f"{path} line {line}" if line else path
    one, two = first.operations[-1], second.operations[-1]
    if first is second:
        return EditError(
            f"{describe(one)}: its own edits overlap in {place}.",
            hint="This is a mistake in Sorte; do the change in smaller operations.",
            line=one.line,
        )
    return EditError(
        f"Two operations change the same place ({place}): `{describe(one)}` and `{describe(two)}`.",
        hint="All operations of a script see the files as they were. Use one, or two scripts.",
        line=two.line,
    )


def _before(path: str, resolved: Sequence[_Resolved], snapshot: Snapshot) -> bytes | None:
    """What a file was: for one that was moved here, what it was in its old place."""
    for group in resolved:
        operation = group.operations[-1]
        if operation.verb == "move_file" and operation.get("to") == path:
            return snapshot.read(operation.target.path)
    return snapshot.read(path)


def _check(path: str, before: bytes | None, after: bytes, resolved: Sequence[_Resolved]) -> None:
    if b"\0" in after and any("base64" in op.get("with") for g in resolved for op in g.operations):
        return  # meant to be no text
    try:
        check_result(path, before, after)
    except EditError as error:
        groups = [g for g in resolved if any(e.path == path for e in g.edits)]
        if len(groups) == 1:
            operation = groups[0].operations[-1]
            message = f"{describe(operation)}: {error.message}"
            raise EditError(message, hint=error.hint, line=operation.line) from error
        raise


def _executable(path: str, resolved: Sequence[_Resolved]) -> bool | None:
    for group in resolved:
        for edit in group.edits:
            if isinstance(edit, FileCreation) and edit.path == path and edit.executable:
                return True
            if isinstance(edit, FileReplacement) and edit.path == path:
                return edit.executable
    return None


def _paths_with_new_names(resolved: Sequence[_Resolved]) -> set[str]:
    """Files into which an operation may have brought names that are not known there yet."""
    return {
        edit.path
        for group in resolved
        if any(op.verb in _BRING_NAMES for op in group.operations)
        for edit in group.edits
    }


def _places(resolution: Resolution, project: Project) -> Iterator[str]:
    for edit in resolution.edits:
        if isinstance(edit, SpanEdit) and project.exists(edit.path):
            source = project.source(edit.path)
            yield f"{edit.path}:{source.position(min(edit.start, len(source.text)))[0]}"
        else:
            yield edit.path


def _report(
    operation: Operation, resolution: Resolution, added: list[AddedImport], project: Project
) -> Report:
    """The report of one operation. It takes out of `added` the imports that its code needed."""
    paths = tuple(sorted({edit.path for edit in resolution.edits}))
    words = set(
        re.findall(r"\w+", " ".join([*dict(operation.arguments).values(), *operation.blocks]))
    )
    own = [a for a in added if a.path in paths and (a.name in words or operation.verb == "clone")]
    for import_ in own:
        added.remove(import_)
    notes = [f"added `{a.statement}` to {a.path}" for a in own]
    sentence = "; ".join([resolution.summary.rstrip("."), *notes])
    places = tuple(dict.fromkeys(_places(resolution, project)))
    is_word = sentence.split(" ", 1)[0].isalpha()  # not a path, which keeps its spelling
    summary = f"{sentence[:1].upper() if is_word else sentence[:1]}{sentence[1:]}."
    return Report(operation, summary, paths, resolution.possible, places)
