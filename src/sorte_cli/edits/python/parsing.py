"""Parsing Python with libcst, safely.

libcst's native parser recurses without a limit: a file (or a block that a model wrote) with a few
thousand open brackets ends the process. CPython's parser has limits, is ten times as fast, and
words its errors better, so it looks first. What it calls too deep is refused; what it merely does
not know may be syntax newer than this interpreter, and is judged by libcst within a bound.
"""

from __future__ import annotations

import ast
import re
import warnings

import libcst as cst

from sorte_cli.edits.model import EditError
from sorte_cli.edits.scanning import LineKind, line_kinds

_TOO_DEEP = ("too many nested", "too many levels", "too many statically")
_BRACKETS = re.compile(r"[(\[{]|([)\]}])")
_OPERATOR = re.compile(r"\b(?:and|or|not|lambda|else|elif|await)\b|[-+*/%&|^~<>]")
_DEEPEST = 200  # brackets; CPython's own limit
_LONGEST_CHAIN = 4_000  # operands of one expression; CPython limits all but `and` and `or`


def parse_module(text: str, what: str) -> cst.Module:
    """The syntax tree of a text with "\\n" lines.

    Raises EditError where it is nested too deeply (`what` names it), and cst.ParserSyntaxError
    where it does not parse.
    """
    check_depth(text, what)
    try:
        return cst.parse_module(text)
    except RecursionError as error:
        raise too_deep(what) from error


def parse_expression(text: str, what: str) -> cst.BaseExpression:
    """The syntax tree of an expression; raises as `parse_module` does."""
    check_depth(f"({text})", what)
    try:
        return cst.parse_expression(text)
    except RecursionError as error:
        raise too_deep(what) from error


def check_depth(text: str, what: str) -> None:
    """Raise EditError where a text is nested so deeply that libcst could not bear it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = compile(text, what, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        except SyntaxError as error:
            known = any(sign in str(error.msg) for sign in _TOO_DEEP)
            if known or _bracket_depth(text) > _DEEPEST or _operators(text) > _LONGEST_CHAIN:
                raise too_deep(what) from error
            return
        except (RecursionError, MemoryError) as error:
            raise too_deep(what) from error
        except ValueError:
            return  # a NUL byte; libcst refuses it too
    if text.count(" and ") + text.count(" or ") > _LONGEST_CHAIN:
        chains = (len(n.values) for n in ast.walk(tree) if isinstance(n, ast.BoolOp))
        if max(chains, default=0) > _LONGEST_CHAIN:
            raise too_deep(what)


def too_deep(what: str) -> EditError:
    """The refusal of a text that no parser can bear."""
    return EditError(
        f"{what} is nested too deeply to be parsed.",
        hint="No one wrote it by hand: use replace_text, or leave it alone.",
    )


def _bracket_depth(text: str) -> int:
    """The greatest number of brackets open at once, those in strings and comments included."""
    depth = deepest = 0
    for match in _BRACKETS.finditer(text):
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _operators(text: str) -> int:
    """The greatest number of operators in one statement."""
    most = count = 0
    for line, kind in zip(text.split("\n"), line_kinds(text), strict=True):
        if kind is LineKind.CODE:
            count = 0
        count += len(_OPERATOR.findall(line))
        most = max(most, count)
    return most
