"""Whether a changed file is still whole: Python that parses, JSON and TOML that load. Pure."""

from __future__ import annotations

import ast
import json
import re
import tomllib
import warnings
from functools import lru_cache

from sorte_cli.edits.kinds import syntax_language
from sorte_cli.edits.model import EditError
from sorte_cli.edits.source import SourceText, decode, is_python

# Files that are called JSON and whose programs read comments in them.
_COMMENTED_JSON = re.compile(r"(^|/)([jt]sconfig[^/]*\.json$|\.vscode/|\.devcontainer)")


def check_result(path: str, before: bytes | None, after: bytes) -> None:
    """Refuse a result that is broken where the file was whole before.

    Raises EditError naming the place. A file that was broken before may stay broken.
    """
    if before is None and _COMMENTED_JSON.search(path):
        return
    if before is not None and syntax_error(path, before):
        return
    if syntax_language(path):
        _check_syntax(path, before, after)
        return
    if problem := syntax_error(path, after):
        state = "not be valid" if before is None else "no longer be valid"
        raise EditError(f"{path} would {state}: {problem}")


def _check_syntax(path: str, before: bytes | None, after: bytes) -> None:
    """Refuse a result that the file's grammar reads worse than what was there."""
    from sorte_cli.edits.syntax.tree import mistakes

    known = 0 if before is None else mistakes(decode(path, before))[0]
    count, place = mistakes(decode(path, after))
    if count > known:
        state = "not be valid" if before is None else "no longer be valid"
        raise EditError(f"{path} would {state}: {place}")


def syntax_error(path: str, data: bytes) -> str:
    """What is wrong with a file of a known kind, with its line; empty where nothing is."""
    if b"\0" in data:
        return "it holds a NUL byte"
    if is_python(path):
        return _python_error(decode(path, data))
    if path.endswith((".json", ".toml", ".yaml", ".yml")):
        return _data_error(path, data)
    return ""


# Errors of literals, which libcst does not look into: never a sign of newer syntax.
_OF_LITERALS = ("(unicode error)", "(value error)", "bytes can only", "dict unpacking")


def _python_error(source: SourceText) -> str:
    if not source.python_can_read:
        return f"it is not valid {source.encoding}"
    error = compile_error(source.text, source.path)
    if not error:
        return compile_error(source.text, source.path, 0)
    if any(known in error for known in _OF_LITERALS):
        return error
    # The interpreter that runs Sorte may be older than the project's: libcst knows newer syntax.
    import libcst as cst

    from sorte_cli.edits.python.parsing import parse_module
    from sorte_cli.edits.python.tree import for_parser

    try:
        parse_module(for_parser(source.text)[0], source.path)
    except (cst.ParserSyntaxError, EditError):
        return error
    return ""


@lru_cache(maxsize=16)  # the file before, and what a script that is tried again makes of it
def compile_error(text: str, path: str, flags: int = ast.PyCF_ONLY_AST) -> str:
    """What this interpreter says against a Python text, with the line; empty where nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the file's own warnings are no concern of an edit
        try:
            compile(text, path, "exec", flags, dont_inherit=True)
        except SyntaxError as error:
            shown = f" ({error.text.strip()})" if error.text else ""
            return f"line {error.lineno}: {error.msg}{shown}"
        except (ValueError, RecursionError, MemoryError) as error:
            return str(error) or "it is nested too deeply"
    return ""


def _yaml_error(text: str) -> str:
    from sorte_cli.edits.data.yaml_file import LIMIT_CHARACTERS, compose

    if len(text) > LIMIT_CHARACTERS:
        return ""
    try:
        compose(text)
    except ValueError as error:
        return str(error)
    return ""


def _data_error(path: str, data: bytes) -> str:
    try:
        if path.endswith(".json"):
            json.loads(data)
        elif path.endswith((".yaml", ".yml")):
            return _yaml_error(data.decode("utf-8"))
        else:
            tomllib.loads(data.decode("utf-8"))
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        return str(error)
    except UnicodeDecodeError:
        return "it is not valid UTF-8"
    except RecursionError:
        return "it is nested too deeply"
    return ""
