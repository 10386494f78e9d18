"""Operations on any text file: create, delete, and replace a text that occurs exactly once."""

from __future__ import annotations

import codecs
import re
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import get_close_matches

from sorte_cli.edits.addresses import print_address
from sorte_cli.edits.anchors import Ambiguous, find_anchor
from sorte_cli.edits.kinds import family_of
from sorte_cli.edits.language import split_keywords
from sorte_cli.edits.model import (
    EditError,
    FileCreation,
    FileDeletion,
    FileReplacement,
    Operation,
    Resolution,
    SpanEdit,
)
from sorte_cli.edits.registry import Project
from sorte_cli.edits.source import SourceText
from sorte_cli.texts import N_

_SHOWN = 5  # candidates named in a refusal
LEFT_OUT = "..."
"""The line of an old text that stands for any lines between those above and below it."""


def create_file(operation: Operation, project: Project) -> Resolution:
    """Create a file with the block as its content."""
    path = operation.target.path
    if project.exists(path):
        raise EditError(
            f"{path} exists already.",
            hint="Use add_symbol, replace_text or another path.",
        )
    content, executable = _content(operation)
    lines = operation.blocks[0].count("\n")
    if executable is None:
        executable = content.startswith(b"#!")
    creation = FileCreation(path, content, executable=executable)
    return Resolution((creation,), f"Created {path} ({lines} line{'s' * (lines != 1)}).")


def replace_file(operation: Operation, project: Project) -> Resolution:
    """Replace the whole content of a file by the block, in the file's own line endings."""
    path = operation.target.path
    before = project.snapshot.read(path)
    if before is None:
        project.source(path)  # raises with the nearest paths
    content, executable = _content(operation, before or b"")
    edits = (FileReplacement(path, content, executable),)
    if content == before and executable is None:
        return Resolution((), f"{path} is like that already.")
    return Resolution(edits, f"Replaced the whole of {path}.")


_FORMS = {
    "newline": ('"lf"', '"crlf"', '"cr"'),
    "final_newline": ("True", "False"),
    "executable": ("True", "False"),
    "bom": ("True", "False"),
    "encoding": (),
}


def _content(operation: Operation, before: bytes = b"") -> tuple[bytes, bool | None]:
    """The bytes that a block stands for, and the executable bit where the operation names it.

    `with newline="crlf", final_newline=False, bom=True, executable=True, encoding="latin-1"`;
    with `encoding="base64"` the block is any bytes at all.
    """
    form = dict(split_keywords(operation.get("with"))) if operation.get("with") else {}
    for name, value in form.items():
        if name not in _FORMS:
            raise EditError(
                f"{operation.verb} does not know {name!r}.", hint=f"It knows: {', '.join(_FORMS)}."
            )
        if _FORMS[name] and value not in _FORMS[name]:
            raise EditError(f"{name} is one of {', '.join(_FORMS[name])}, not {value}.")
    executable = {"True": True, "False": False}.get(form.get("executable", ""))
    text = operation.blocks[0]
    encoding = form.get("encoding", '"utf-8"').strip("'\"")
    if encoding == "base64":
        try:
            return b64decode(text, validate=False), executable
        except ValueError as error:
            raise EditError("The block is not base64.") from error
    if form.get("final_newline") == "False":
        text = text.removesuffix("\n")
    own = '"crlf"' if before.count(b"\r\n") * 2 > before.count(b"\n") else '"lf"'
    text = text.replace("\n", {'"crlf"': "\r\n", '"cr"': "\r"}.get(form.get("newline", own), "\n"))
    try:
        data = text.encode(encoding)
    except (LookupError, UnicodeEncodeError) as error:
        raise EditError(f"The block cannot be written as {encoding}.") from error
    return codecs.BOM_UTF8 + data if form.get("bom") == "True" else data, executable


def delete_file(operation: Operation, project: Project) -> Resolution:
    """Delete a file."""
    path = operation.target.path
    if not project.exists(path):
        project.source(path)  # raises with the nearest paths
    return Resolution((FileDeletion(path),), f"Deleted {path}.")


def replace_text(operation: Operation, project: Project) -> Resolution:
    """Replace the only place where the first block stands by the second block.

    An exact match is sought first; then one that differs in white space only; then, where a line of
    the first block is `...`, one with any lines in its place, as few as can be. Of an address with
    a symbol, statements or lines only inside of these. Raises EditError where there is none, or
    several (with their lines).
    """
    whole = project.source(operation.target.path)
    start, end = _scope(operation, project)
    # Blank lines stand for those above the part, so that what is told has the right numbers.
    above = "\n" * (whole.position(start)[0] - 1)
    part = (start, end) != (0, len(whole.text))
    source = whole if not part else replace(whole, text=above + whole.text[start:end])
    old, new = operation.blocks
    if not old.strip():
        raise EditError(
            "The text to be replaced is empty.",
            hint="Put the lines to replace into the first block.",
        )
    edit = _exact(source, old, new) or _tolerant(source, old, new) or _left_out(source, old, new)
    if edit is None:
        raise EditError(
            f"{print_address(operation.target)} does not contain this text: {_first_line(old)!r}.",
            hint=_nearest_lines(source, old),
        )
    shift = start - len(above)
    edit = SpanEdit(edit.path, edit.start + shift, edit.end + shift, edit.text)
    line = whole.position(edit.start)[0]
    return Resolution((edit,), f"Replaced text in {source.path}, line {line}.")


def _scope(operation: Operation, project: Project) -> tuple[int, int]:
    """[start, end) of the lines of the symbol, the statements or the lines that the address names;
    the whole file without.
    """
    target = operation.target
    family = family_of(target.path)
    if target.lines and family == "python":
        raise EditError(
            "replace_text in Python counts statements, not lines.",
            hint=f"Write {target.path}::{target.symbol or 'function'}#1.",
        )
    if target.lines or (target.statements and family != "python"):
        from sorte_cli.edits.syntax.lines import lines_of

        source, first, last = lines_of(operation, project)
        return source.line_starts[first - 1], source.line_end(source.line_starts[last - 1])
    if not target.symbol and not target.statements:
        return 0, len(project.source(target.path).text)
    if family == "python":
        tree = project.tree(target.path)
        definition = tree.find(target.symbol) if target.symbol else None
        if target.statements:
            from sorte_cli.edits.statements import select

            chosen = select(tree, definition, target.statements)
            last_node = chosen[-1].node
            return tree.statement_span(chosen[0].node)[0], tree.statement_span(last_node)[1]
        assert definition is not None
        return tree.definition_span(definition)
    if family != "syntax":
        raise EditError(
            f"{target.path} has no symbols to look in.", hint=f"Write: replace_text {target.path}"
        )
    found = project.syntax(target.path).resolve(target)
    source = project.source(target.path)
    return source.line_start(found.comment_start), source.line_end(found.end)


def _exact(source: SourceText, old: str, new: str) -> SpanEdit | None:
    # Whole lines first; without the last newline the block may also be a part of one line.
    for wanted, replacement in ((old, new), (old.removesuffix("\n"), new.removesuffix("\n"))):
        places = list(_occurrences(source, wanted))
        if len(places) > 1:
            raise _ambiguous(source, [start for start, _ in places])
        if places:
            start, end = places[0]
            return SpanEdit(source.path, start, end, replacement)
    return None


def _left_out(source: SourceText, old: str, new: str) -> SpanEdit | None:
    """The only place of the lines above `...`, on to the first place below it of those that follow;
    None where no line of `old` is that, or there is no such place. Indented it is code.
    """
    lines = old.removesuffix("\n").split("\n")
    marks = [number for number, line in enumerate(lines) if line.rstrip() == LEFT_OUT]
    if len(marks) != 1 or not 0 < marks[0] < len(lines) - 1:
        return None
    if any(line.strip() == LEFT_OUT for line in new.split("\n")):
        raise EditError(
            "`...` leaves out lines of the old text only.", hint="Write the new text in full."
        )
    above = "".join(f"{line}\n" for line in lines[: marks[0]])
    below = "\n" + "\n".join(lines[marks[0] + 1 :])
    text, offsets = _unified(source)
    starts = [m.start() for m in re.finditer(re.escape(above), text)]
    starts = [s for s in starts if s == 0 or text[s - 1] == "\n"] or starts
    ends = [text.find(below, start + len(above) - 1) + len(below) for start in starts]
    found = [(s, e) for s, e in zip(starts, ends, strict=True) if e >= len(below)]
    if len(found) > 1:
        raise _ambiguous(source, [offsets(start) for start, _ in found])
    if not found:
        return None
    start, end = found[0]
    whole = (start == 0 or text[start - 1] == "\n") and text[end : end + 1] == "\n"
    replacement = new if whole else new.removesuffix("\n")
    return SpanEdit(source.path, offsets(start), offsets(end + whole), replacement)


def _occurrences(source: SourceText, wanted: str) -> Iterator[tuple[int, int]]:
    """[start, end) of every place of `wanted`; any line ending in the file matches "\\n".

    Whole lines (ending with a newline) match only where a line begins.
    """
    text, offsets = _unified(source)
    position = text.find(wanted)
    while position >= 0:
        if not wanted.endswith("\n") or position == 0 or text[position - 1] == "\n":
            yield offsets(position), offsets(position + len(wanted))
        position = text.find(wanted, position + 1)


def _unified(source: SourceText) -> tuple[str, Callable[[int], int]]:
    """The text with "\\n" for every line ending, and the way back to the file's own offsets."""
    if "\r" not in source.text:
        return source.text, lambda offset: offset
    dropped = [m.end() - 1 for m in re.finditer(r"\r\n", source.text)]
    holes = [hole - index for index, hole in enumerate(dropped)]
    text = source.text.replace("\r\n", "\n").replace("\r", "\n")
    return text, lambda offset: offset + bisect_right(holes, offset)


def _tolerant(source: SourceText, old: str, new: str) -> SpanEdit | None:
    """The only run of lines that can be meant by `old`; see `anchors`."""
    count = len(source.line_starts)
    lines = [source.line_text(number) for number in range(1, count + 1)]
    try:
        match = find_anchor(lines, _trimmed(old.split("\n")), _trimmed(new.split("\n")))
    except Ambiguous as error:
        raise _ambiguous(source, [source.line_starts[n] for n in error.lines]) from error
    if match is None:
        return None
    start, end = source.line_starts[match.first], source.line_content_end(match.last + 1)
    if not match.text.strip():
        # All of the lines go: their line ending goes with them.
        return SpanEdit(source.path, start, source.line_end(end), "")
    return SpanEdit(source.path, start, end, match.text)


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[0].strip():
        lines = lines[1:]
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.split("\n") if line.strip()), "")[:80]


def _ambiguous(source: SourceText, offsets: list[int]) -> EditError:
    lines = [source.position(offset)[0] for offset in offsets]
    shown = "; ".join(f"line {n}: {source.line_text(n).strip()[:60]}" for n in lines[:_SHOWN])
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return EditError(
        f"The text occurs {len(lines)} times in {source.path}.",
        hint=f"Give more lines around it. Candidates: {shown}{more}.",
    )


def _nearest_lines(source: SourceText, old: str) -> str:
    numbers: dict[str, int] = {}
    for number in range(1, len(source.line_starts) + 1):
        numbers.setdefault(source.line_text(number).strip(), number)
    close = get_close_matches(_first_line(old), list(numbers)[:20_000], n=3, cutoff=0.6)
    if not close:
        return N_("Copy the text exactly as it stands in the file.")
    return "Nearest: " + "; ".join(f"line {numbers[line]}: {line[:80]}" for line in close) + "."
