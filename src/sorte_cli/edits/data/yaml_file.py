"""YAML under edit: keys and items as spans; comments, order and style of the rest stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sorte_cli.edits.data.keys import Part, item, joined, no_key, written
from sorte_cli.edits.model import EditError, SpanEdit
from sorte_cli.edits.source import SourceText, unify_newlines
from sorte_cli.edits.syntax.layout import insert_lines

LIMIT_CHARACTERS = 500_000  # the parser is written in Python


def open_file(source: SourceText, form: str) -> YamlFile:
    """The file as nodes. Raises EditError where it is no YAML."""
    return YamlFile(source)


def compose(text: str) -> list[Any]:
    """The documents of a YAML text as nodes with marks. Raises ValueError saying what is wrong."""
    import yaml  # type: ignore[import-untyped]

    try:
        return [d for d in yaml.compose_all(text, Loader=yaml.SafeLoader) if d is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        place = f"line {mark.line + 1}: " if mark is not None else ""
        raise ValueError(f"{place}{problem}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


class YamlFile:
    """One YAML file. Offsets are those of the text; the parser is given it as it is."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        if len(source.text) > LIMIT_CHARACTERS:
            raise EditError(f"{source.path} is too large.", hint="Use replace_text for it.")
        try:
            self.documents = compose(source.text)
        except ValueError as error:
            raise EditError(
                f"{source.path} is not valid YAML: {error}.", hint="Use replace_text for it."
            ) from error

    def set(self, path: Sequence[Part], value: str) -> tuple[SpanEdit, str]:
        text = yaml_value(value)
        node, rest = self._walk(path)
        if not rest:
            start, end = self._span(node)
            old = self.source.text[start:end]
            if start == end:  # `key:` with nothing behind it
                return SpanEdit(self.source.path, start, end, f" {text}"), ""
            if "\n" in old and _is_block(node):
                start = (
                    self.source.text.rindex(":", 0, start) + 1 if self._after_key(start) else start
                )
                text = f" {text}" if self._after_key(start + 1) else text
            return SpanEdit(self.source.path, start, end, text), old
        if not isinstance(rest[0], str) or node.id != "mapping":
            raise no_key(self.source, path, self._known(node))
        return self._new_key(node, rest, text, path), ""

    def delete(self, path: Sequence[Part]) -> SpanEdit:
        holder, rest = self._walk(path[:-1])
        node, missing = self._walk(path)
        if rest or missing:
            raise no_key(self.source, path, self._known(holder))
        keys = [k for k, v in holder.value if v is node] if holder.id == "mapping" else [node]
        start = keys[0].start_mark.index
        end = self._span(node)[1]
        if holder.id == "mapping":
            end = max(end, keys[0].end_mark.index)
        if holder.flow_style:
            return self._from_flow(start, end)
        siblings = holder.value
        if len(siblings) == 1 and len(path) > 1:
            raise EditError(
                f"{written(path)} is the only entry of {written(path[:-1])}.",
                hint=f"Delete {written(path[:-1])}, or set it to {{}} or [].",
            )
        line = self.source.line_start(start)
        before = self.source.text[line:start]
        if before.strip().strip("- "):
            raise EditError(f"{written(path)} shares its line.", hint="Use replace_text.")
        if holder.id == "mapping" and "-" in before:
            # The first key of an item: the dash stays for the next one.
            following = siblings[1][0].start_mark.index
            return SpanEdit(self.source.path, start, following, "")
        last = self.source.line_end(max(start, end - 1))
        return SpanEdit(self.source.path, line, last, "")

    def add(self, path: Sequence[Part], value: str) -> SpanEdit:
        node, rest = self._walk(path)
        if rest:
            raise no_key(self.source, path, self._known(node))
        text = yaml_value(value)
        if node.id == "scalar" and not node.value:
            indent = self._indent_at(node.start_mark.index)
            end = self._span(node)[1]
            return SpanEdit(self.source.path, end, end, f"\n{indent}  - {text}")
        if node.id != "sequence":
            raise EditError(
                f"{written(path) or 'The top'} of {self.source.path} is no list.",
                hint="Use set_key for a key.",
            )
        if any(self._text(v) == text for v in node.value):
            raise EditError(f"{written(path)} of {self.source.path} already has {text}.")
        if node.flow_style:
            return self._into_flow(node, text)
        dash = " " * node.start_mark.column
        end = self.source.line_end(max(0, self._span(node.value[-1])[1] - 1))
        gap = self._gap_between(node)
        return insert_lines(self.source, end, f"{dash}- {text}\n", above=gap)

    # --- finding ---

    def _walk(self, path: Sequence[Part]) -> tuple[Any, list[Part]]:
        """The deepest node of a path, and the parts that are not there. Of several documents the
        first that has the first key.
        """
        if not self.documents:
            raise EditError(
                f"{self.source.path} is empty.", hint="Use create_file or replace_text."
            )
        best: tuple[Any, list[Part]] = (self.documents[0], list(path))
        for document in self.documents:
            found = self._descend(document, path)
            if len(found[1]) < len(best[1]):
                best = found
        return best

    def _descend(self, node: Any, path: Sequence[Part]) -> tuple[Any, list[Part]]:
        rest = list(path)
        while rest:
            first = rest[0]
            if isinstance(first, int):
                if node.id != "sequence":
                    break
                node = node.value[item(node.value, first, self.source, path)]
                rest = rest[1:]
                continue
            if node.id != "mapping":
                break
            pairs = {k.value: v for k, v in node.value if k.id == "scalar"}
            key, count = joined(rest, list(pairs))
            if key not in pairs:
                break
            node, rest = pairs[key], rest[count:]
        return node, rest

    def _known(self, node: Any) -> list[str]:
        if node.id != "mapping":
            return []
        return [k.value for k, _ in node.value if k.id == "scalar"]

    def _span(self, node: Any) -> tuple[int, int]:
        """[start, end) without the blank lines and comments that the parser counts in."""
        start = node.start_mark.index
        if node.id != "scalar" and not node.flow_style and node.value:
            last = node.value[-1]
            return start, self._span(last[1] if node.id == "mapping" else last)[1] or start
        end = node.end_mark.index
        if node.id == "scalar" and node.style in ("|", ">"):
            return start, self._block_end(node)
        return start, end

    def _block_end(self, node: Any) -> int:
        """The end of a `|` or `>` text: the last line that is indented as it is."""
        lines = self.source.text[node.start_mark.index : node.end_mark.index]
        kept = lines.rstrip()
        margin = len(self._indent_at(node.start_mark.index))
        rows = kept.split("\n")
        while (
            len(rows) > 1 and rows[-1].strip() and len(rows[-1]) - len(rows[-1].lstrip()) <= margin
        ):
            rows.pop()  # a comment behind the text
        return int(node.start_mark.index + len("\n".join(rows).rstrip()))

    def _text(self, node: Any) -> str:
        start, end = self._span(node)
        return self.source.text[start:end]

    def _indent_at(self, offset: int) -> str:
        line = self.source.text[self.source.line_start(offset) :]
        return line[: len(line) - len(line.lstrip(" "))]

    def _after_key(self, offset: int) -> bool:
        return bool(re.search(r":[ \t]*(?:#[^\n]*)?\s*$", self.source.text[:offset]))

    # --- inserting ---

    def _new_key(self, node: Any, rest: list[Part], text: str, path: Sequence[Part]) -> SpanEdit:
        if any(isinstance(p, int) for p in rest):
            raise no_key(self.source, path, self._known(node))
        keys = [yaml_key(str(p)) for p in rest]
        if node.flow_style:
            for key in reversed(keys[1:]):
                text = f"{{{key}: {text}}}"
            return self._into_flow(node, f"{keys[0]}: {text}")
        margin = " " * node.start_mark.column
        step = self._unit()
        lines = [f"{margin}{step * depth}{key}:" for depth, key in enumerate(keys)]
        entry = "\n".join(lines) + f" {text}\n"
        end = self.source.line_end(max(0, self._span(node)[1] - 1))
        return insert_lines(self.source, end, entry, above=self._gap_between(node))

    def _into_flow(self, node: Any, entry: str) -> SpanEdit:
        close = node.end_mark.index - 1
        inside = self.source.text[node.start_mark.index + 1 : close]
        if not inside.strip():
            at = node.start_mark.index + 1
            return SpanEdit(self.source.path, at, close, entry)
        end = node.start_mark.index + 1 + len(inside.rstrip().rstrip(","))
        if "\n" in inside:
            indent = self._indent_at(end - 1)
            comma = "," if inside.rstrip().endswith(",") else ""
            stop = end + len(comma)
            return SpanEdit(self.source.path, end, stop, f",\n{indent}{entry}{comma}")
        return SpanEdit(self.source.path, end, end, f", {entry}")

    def _from_flow(self, start: int, end: int) -> SpanEdit:
        text = self.source.text
        if behind := re.compile(r"\s*,\s*").match(text, end):
            return SpanEdit(self.source.path, start, behind.end(), "")
        before = re.search(r",\s*$", text[:start])
        return SpanEdit(self.source.path, before.start() if before else start, end, "")

    def _gap_between(self, node: Any) -> int:
        """The blank lines between the last two entries, where they stand apart."""
        entries = [v[0] if node.id == "mapping" else v for v in node.value]
        if len(entries) < 2:
            return 0
        start = self.source.line_start(entries[-1].start_mark.index)
        count = 0
        text = unify_newlines(self.source.text[:start])
        while text.endswith("\n\n"):
            text = text[:-1]
            count += 1
        return count

    def _unit(self) -> str:
        match = re.search(r"^( +)[^\s#-]", self.source.text, re.M)
        return match[1] if match else "  "


def _is_block(node: Any) -> bool:
    return (node.id != "scalar" and not node.flow_style) or (
        node.id == "scalar" and node.style in ("|", ">")
    )


def yaml_key(key: str) -> str:
    """A key as YAML writes it: plain where it means the same text."""
    try:
        (node,) = compose(f"{key}: 1")
        if node.id == "mapping" and node.value[0][0].value == key and len(node.value) == 1:
            return key
    except ValueError:
        pass
    return "'" + key.replace("'", "''") + "'"


def yaml_value(value: str) -> str:
    """The value as YAML on one line: as it stands where it is one, else in quotes."""
    text = value.strip()
    text = {"True": "true", "False": "false", "None": "null"}.get(text, text)
    try:
        documents = compose(f"x: {text}\n")
    except ValueError:
        documents = []
    if len(documents) == 1 and documents[0].id == "mapping" and len(documents[0].value) == 1:
        node = documents[0].value[0][1]
        whole = node.end_mark.index >= len(f"x: {text}")
        if whole and (node.id == "scalar" or node.flow_style):
            return text
    if text[:1] in '[{"':
        raise EditError(
            f"{text!r} is not a YAML value.", hint="Write text in quotes, lists as [a, b]."
        )
    return "'" + text.replace("'", "''") + "'"
