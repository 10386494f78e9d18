"""Writing a docstring: from plain text, or from a literal that is one already. Pure."""

from __future__ import annotations

import libcst as cst

from sorte_cli.edits.model import EditError
from sorte_cli.edits.python.parsing import parse_expression

QUOTES = '"""'


def docstring_literal(text: str, quotes: str = QUOTES) -> str:
    """The lines of a docstring at the left margin (no newline at the end).

    A block that is a string literal already is taken as it is. Raises EditError for an empty text.
    """
    stripped = text.strip("\n").strip()
    if not stripped:
        raise EditError("The docstring is empty.", hint="Use delete_statement to remove one.")
    if stripped[0] in "rRuU\"'" and _is_string(stripped):
        return stripped
    lines = [line.rstrip() for line in _dedent(text.strip("\n").split("\n"))]
    while not lines[0]:
        lines.pop(0)
    while not lines[-1]:
        lines.pop()
    prefix = ""
    content = "\n".join(lines)
    if "\\" in content:
        if quotes in content or content.endswith("\\"):
            content = content.replace("\\", "\\\\")
        else:
            prefix = "r"
    content = content.replace(quotes, "\\" + "\\".join(quotes))
    if "\n" in content:
        return f"{prefix}{quotes}{content}\n{quotes}"
    if content.endswith(quotes[0]):
        # The last quote must not run into the closing ones.
        return (
            f"{prefix}{quotes}{content} {quotes}"
            if prefix
            else (f"{quotes}{content[:-1]}\\{content[-1]}{quotes}")
        )
    return f"{prefix}{quotes}{content}{quotes}"


def _dedent(lines: list[str]) -> list[str]:
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    first = next(len(line) - len(line.lstrip()) for line in lines if line.strip())
    # "First line\n    rest", as docstrings are often written: only the rest is indented.
    margin = min(indents)
    if first == 0 and len(indents) > 1 and min(indents[1:]) > 0:
        rest = min(indents[1:])
        return [lines[0], *(line[rest:] for line in lines[1:])]
    return [line[margin:] for line in lines]


def _is_string(text: str) -> bool:
    try:
        expression = parse_expression(text, "The docstring")
    except cst.ParserSyntaxError:
        return False
    return isinstance(expression, cst.SimpleString) and "b" not in expression.prefix.lower()
