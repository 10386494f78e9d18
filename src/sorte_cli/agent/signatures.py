"""Parameters of a function, read from the signature that a candidate line shows."""

from __future__ import annotations

import ast
from functools import lru_cache


@lru_cache(maxsize=2048)
def parameters(detail: str) -> tuple[tuple[str, str], ...]:
    """(name, default) of each parameter in a signature as `Symbol.detail` shows it.

    Empty for a signature that Python cannot read (cut short, or of another language).
    """
    source = f"def f{detail}: ..."
    try:
        (function,) = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ()
    if not isinstance(function, ast.FunctionDef):
        return ()
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(given.defaults))
    pairs = [*zip(positional, [*defaults, *given.defaults], strict=True)]
    pairs += [(given.vararg, None)] if given.vararg else []
    pairs += zip(given.kwonlyargs, given.kw_defaults, strict=True)
    pairs += [(given.kwarg, None)] if given.kwarg else []
    return tuple(
        (name.arg, (ast.get_source_segment(source, value) or "") if value else "")
        for name, value in pairs
    )
