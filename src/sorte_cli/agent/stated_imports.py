"""Import statements that a sentence names, as the language of the file writes them."""

from __future__ import annotations

import re

from sorte_cli.agent import grounding
from sorte_cli.agent.grounding import COMMON, Mentions, fold
from sorte_cli.domain import Symbol

_IMPORT = re.compile(
    r"\b(?:from [\w.]+ import \w+(?:, \w+)*"
    r"|import \w+(?:\.\w+)*(?! (?:from|de|do|da)\b)(?![\w.]))(?: as \w+)?"
)
_FROM = re.compile(
    r"\b(?=(\w+)[`\"']? (?:from|de|do|da) (?:the |o |a )?(?:module |modulo |pacote )?"
    r"[`\"']?([A-Za-z_]\w*(?:\.\w+)*))"
)
_MODULE = re.compile(r"(?!.*\.py$)[A-Za-z_]\w*(?:\.\w+)*")


def statements(target: Symbol, mentions: Mentions) -> tuple[str, ...]:
    """Import statements that the sentence names, as the file's language writes them: written out,
    "x from y", or modules alone."""
    language = target.path.rpartition(".")[2]
    if language == "php":
        return _php_imports(target, mentions)
    if language in ("ts", "tsx", "js", "jsx", "mjs"):
        return _script_imports(target, mentions)
    text = mentions.text
    written = [m.group() for m in _IMPORT.finditer(text) if not _is_prose(m.group())]
    if written:
        return tuple(dict.fromkeys(written))
    own = {target.path, target.name, target.name.partition(".")[0]}
    pairs = [m.groups() for m in _FROM.finditer(grounding.plain(text))]
    both = [
        f"from {module} import {name}"
        for name, module in pairs
        if ("." in module or not {fold(name), fold(module)} & COMMON) and module not in own
        and not fold(name).startswith("import")
    ]  # fmt: skip
    if both:
        return tuple(dict.fromkeys(both))
    words = [w for w in grounding.importable(mentions) if w not in own and not w.endswith(".py")]
    quoted = [q for q in mentions.quoted if _MODULE.fullmatch(q) and q not in own]
    return tuple(f"import {w}" for w in (quoted or words) if "/" not in w)


_PHP_IMPORT = re.compile(r"\buse (?:function |const )?[A-Z\\][\w\\]*(?: as \w+)?;?")
_SCRIPT_IMPORT = re.compile(r"\bimport (?:[^;`]+? from )?(?:\"[^\"]+\"|'[^']+');?")


def _php_imports(target: Symbol, mentions: Mentions) -> tuple[str, ...]:
    written = [m.group().rstrip(";") + ";" for m in _PHP_IMPORT.finditer(mentions.text)]
    own = {target.name.partition(".")[0]}
    text = mentions.text
    classes = [w.strip("\\") for w in re.findall(r"(?<![\w.])[A-Z\\][\w\\]*(?![\w.])", text)]
    first = re.match(r"\W*(\w+)", text)
    opening = first[1] if first else ""
    named = [c for c in classes if c not in own and fold(c) not in COMMON]
    named = [c for c in named if c != opening] or named
    return tuple(dict.fromkeys(written or [f"use {c};" for c in named]))


def _script_imports(target: Symbol, mentions: Mentions) -> tuple[str, ...]:
    written = [m.group().rstrip(";") + ";" for m in _SCRIPT_IMPORT.finditer(mentions.text)]
    if written:
        return tuple(dict.fromkeys(written))
    pairs = [m.groups() for m in _SCRIPT_FROM.finditer(grounding.plain(mentions.text))]
    good = [
        (n, m) for n, m in pairs if fold(n) not in COMMON and m not in (target.name, target.path)
    ]
    return tuple(
        f'import {n} from "{m}";'
        if fold(n) == fold(m.rpartition("/")[2])
        else f'import {{ {n} }} from "{m}";'
        for n, m in good
    )


_SCRIPT_FROM = re.compile(
    r"([A-Za-z_$]\w*)[`\"']? (?:from|de|do|da) (?:the |o |a )?(?:module |modulo |pacote |package )?"
    r"[`\"']?(@?[\w./-]*\w)"
)


def _is_prose(statement: str) -> bool:
    words = statement.split()
    return words[0] == "import" and fold(words[1]) in {
        *COMMON,
        "of",
        "from",
        "de",
        "do",
        "statement",
    }


__all__ = ["statements"]
