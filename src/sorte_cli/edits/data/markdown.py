"""Markdown: sections by the title of their heading. Fenced code holds no headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sorte_cli.edits.model import Address, EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.source import SourceText
from sorte_cli.edits.suggest import did_you_mean, nearest
from sorte_cli.edits.syntax.layout import blank_before, closed, insert_lines

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

_FENCE = re.compile(r"[ ]{0,3}(```+|~~~+)")
_HEADING = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r"[ ]{0,3}(=+|-+)[ \t]*$")


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, up to the next heading of its level or above."""

    title: str
    level: int
    line: int
    start: int
    title_start: int
    end: int


def sections(source: SourceText) -> list[Section]:
    """Every section of a Markdown text, in order."""
    heads = list(_headings(source))
    found: list[Section] = []
    for index, (title, level, line, title_start) in enumerate(heads):
        following = next((h for h in heads[index + 1 :] if h[1] <= level), None)
        end = source.line_starts[following[2] - 1] if following else len(source.text)
        start = source.line_starts[line - 1]
        found.append(Section(title, level, line, start, title_start, end))
    return found


def _headings(source: SourceText):  # type: ignore[no-untyped-def]
    fence = ""
    front_matter = source.text.startswith("---") and source.line_text(1).strip() == "---"
    for number in range(1, len(source.line_starts) + 1):
        text = source.line_text(number)
        if front_matter:
            front_matter = number == 1 or text.strip() not in ("---", "...")
            continue
        mark = _FENCE.match(text)
        if fence:
            if mark and mark[1].startswith(fence) and not text.strip().strip(fence[0]):
                fence = ""
            continue
        if mark:
            fence = mark[1]
            continue
        start = source.line_starts[number - 1]
        if heading := _HEADING.match(text):
            yield heading[2], len(heading[1]), number, start + heading.start(2)
        elif number > 1 and (under := _UNDERLINE.match(text)):
            above = source.line_text(number - 1)
            plain = above.strip() and not re.match(r"\s*(?:[#>|*+-]|\d+\.|```)|\s{4}", above)
            if plain and "|" not in above:
                begin = source.line_starts[number - 2] + len(above) - len(above.lstrip())
                yield above.strip(), 1 if under[1][0] == "=" else 2, number - 1, begin


def replace_symbol(operation: Operation, project: Project) -> Resolution:
    """Replace a section by the block, which begins with its heading."""
    source = project.source(operation.target.path)
    section = _find(source, operation.target)
    name = f"{source.path}::{section.title}"
    block = operation.blocks[0].strip("\n") + "\n"
    new = sections(SourceText("block.md", block))
    if not new or new[0].start != 0 or new[0].title != section.title:
        found = new[0].title if new else "no heading"
        raise EditError(
            f"The block begins with {found!r}, not with the heading {section.title!r}.",
            hint="Begin with the same heading; use rename for another title.",
        )
    if any(s.level < section.level for s in new):
        raise EditError(f"The block holds a heading above the level of {section.title!r}.")
    blank = blank_before(source, section.end) if section.end < len(source.text) else 0
    text = closed(source, block + "\n" * blank, section.end)
    edit = SpanEdit(source.path, section.start, section.end, text)
    if source.text[section.start : section.end] == text:
        return Resolution((), f"{name} is like that already.")
    return Resolution((edit,), f"Replaced the section {name}.")


def add_symbol(operation: Operation, project: Project) -> Resolution:
    """Add a section at the end of the file, or at the end of another section."""
    source = project.source(operation.target.path)
    block = operation.blocks[0].strip("\n") + "\n"
    new = sections(SourceText("block.md", block))
    if not new or new[0].start != 0:
        raise EditError("The block does not begin with a heading.", hint="Begin with: ## Title")
    end, name = len(source.text), source.path
    if operation.target.symbol:
        section = _find(source, operation.target)
        end, name = section.end, f"{source.path}::{section.title}"
        if new[0].level <= section.level:
            raise EditError(
                f"The heading {new[0].title!r} would not stand inside {section.title!r}.",
                hint=f"Begin with: {'#' * (section.level + 1)} {new[0].title}",
            )
        block_end = end
        while block_end > section.start and source.text[block_end - 1 : block_end].isspace():
            block_end -= 1
        at = source.line_end(block_end) if block_end < len(source.text) else end
        return Resolution(
            (insert_lines(source, at, block, above=1, below=1),), f"Added {new[0].title} to {name}."
        )
    if any(s.title == new[0].title and s.level == new[0].level for s in sections(source)):
        raise EditError(
            f"{name} already has a section {new[0].title!r}.", hint="Use replace_symbol."
        )
    edit = insert_lines(source, end, block, above=1)
    return Resolution((edit,), f"Added the section {new[0].title} to {name}.")


def delete(operation: Operation, project: Project) -> Resolution:
    """Delete a section with its heading."""
    source = project.source(operation.target.path)
    section = _find(source, operation.target)
    start = section.start
    if section.end == len(source.text):
        line = source.position(start)[0]
        start = source.line_starts[line - 1 - blank_before(source, start)]
    edit = SpanEdit(source.path, start, section.end, "")
    return Resolution((edit,), f"Deleted the section {source.path}::{section.title}.")


def rename(operation: Operation, project: Project) -> Resolution:
    """Give a heading another title; links to it in the same file follow."""
    source = project.source(operation.target.path)
    section = _find(source, operation.target)
    new = operation.get("new_name").replace("_", " ")
    end = section.title_start + len(section.title)
    edits = [SpanEdit(source.path, section.title_start, end, new)]
    for match in re.finditer(rf"\]\(#({re.escape(_anchor(section.title))})\)", source.text):
        edits.append(SpanEdit(source.path, match.start(1), match.end(1), _anchor(new)))
    return Resolution(tuple(edits), f"Renamed the section {section.title!r} to {new!r}.")


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _find(source: SourceText, address: Address) -> Section:
    known = sections(source)
    if address.position:
        line = address.position[0]
        around = [s for s in known if s.line <= line]
        if around:
            return around[-1]
    found = [s for s in known if s.title == address.symbol]
    plain = [s for s in known if _plain(s.title) == _plain(address.symbol)]
    chosen = found or plain
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        lines = ", ".join(str(s.line) for s in chosen)
        raise EditError(
            f"{source.path} has {len(chosen)} sections {address.symbol!r} (lines {lines}).",
            hint=f"Name one by its line: {source.path}@{chosen[0].line}:1",
        )
    titles = [s.title for s in known]
    raise EditError(
        f"{source.path} has no section {address.symbol!r}.",
        hint=did_you_mean(nearest(address.symbol, titles)) or f"It has: {', '.join(titles[:10])}.",
    )


def _plain(title: str) -> str:
    return re.sub(r"[\W_]+", " ", title).strip().lower()
