"""The grammar of a new parameter in the compact profile: `"timeout: float = 30.0"`.

Name, type and default come from the words of the sentence, so that a small model chooses and does
not spell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sorte_cli.agent import grounding, naming
from sorte_cli.agent.grounding import COMMON, Mentions, fold
from sorte_cli.domain import Symbol
from sorte_cli.inference.grammar import trie

_TYPES = (
    "int", "str", "float", "bool", "list", "dict", "set", "tuple", "bytes", "Decimal", "Path",
    "datetime", "date", "Any", "object",
)  # fmt: skip
_TYPE_WORDS = {
    "integer": "int", "inteiro": "int", "string": "str", "texto": "str", "text": "str",
    "boolean": "bool", "booleano": "bool", "flag": "bool", "lista": "list", "number": "float",
    "numero": "float", "dicionario": "dict", "dictionary": "dict", "decimal": "Decimal",
}  # fmt: skip
_ALWAYS = ("None", '""', "''", "0", "[]", "{}", "()", "True", "False")
_PARAMETER_WORDS = {
    "parameter", "argument", "param", "arg", "option", "flag", "setting", "switch", "parametro",
    "argumento", "opcao",
}  # fmt: skip
_NO_NAMES = {
    "a", "an", "the", "to", "of", "in", "on", "for", "and", "o", "os", "um", "uma", "no", "na",
    "do", "da", "de", "em", "e", "new", "novo", "nova", "called", "named", "chamado", "chamada",
    "with", "com", "is", "that", "should", "must", "deve", "que", "por", "default", "padrao",
    "type", "tipo",
}  # fmt: skip


def declaration_rules(
    target: Symbol, own: Iterable[str], mentions: Mentions, known: Iterable[str]
) -> dict[str, str]:
    """GBNF rules by name; `declaration` is the quoted declaration. `own` are the parameters that
    the target has, `known` the names of the project."""
    declared = grounding.declarations(mentions)
    if whole := [d for d in declared if "=" in d]:
        quoted = tuple(f'"{d}"' if '"' not in d else f"'{d}'" for d in whole)
        return {"declaration": trie(quoted)}
    said = defaults(mentions)
    # A number may be thought up only where the sentence states none.
    free = "" if mentions.numbers else ' | [1-9] [0-9]{0,4} ("." [0-9]{1,3})?'
    rules = {
        "default-a": trie(tuple(d for d in said if '"' not in d)) + free,
        "default-b": trie(tuple(d for d in said if '"' in d and "'" not in d)),
    }
    if declared:
        rules["declared"] = trie(tuple(re.sub(r": ?", ": ", d, count=1) for d in declared))
        typed = "declared"
    else:
        names = parameter_names(target, mentions, own, known)
        rules["parameter-name"] = trie(names) if names else "[a-zA-Z_] [a-zA-Z0-9_]{0,60}"
        base = trie(types(mentions))
        rules["parameter-type"] = (
            f'": " {base} ("[" [a-zA-Z_] [a-zA-Z0-9_., |]{{0,40}} "]")? (" | None")?'
        )
        typed = "parameter-name parameter-type"
    double, single = '"\\""', '"\'"'
    rules["declaration"] = (
        f'{double} {typed} (" = " default-a)? {double} | {single} {typed} " = " default-b {single}'
    )
    if not declared:
        rules["declaration"] += (
            f' | {double} parameter-name ("=" default-a)? {double}'
            f' | {single} parameter-name "=" default-b {single}'
        )
    return rules


def types(mentions: Mentions) -> tuple[str, ...]:
    """Types that a declaration may have: those the sentence names, or may mean, and the usual."""
    named = [t for t in mentions.tokens if t[:1].isupper() and t.isidentifier()]
    named += [_TYPE_WORDS[p] for p in mentions.pieces if p in _TYPE_WORDS]
    return tuple(dict.fromkeys([*named, *_TYPES]))


def defaults(mentions: Mentions) -> tuple[str, ...]:
    """Default values that the sentence names, spelled in every way it may mean; None and the
    empty ones are always among them."""
    found: list[str] = []
    for number in mentions.numbers:
        found += [number, f'Decimal("{number}")', f"Decimal('{number}')"]
        found += [f"{number}.0"] if "." not in number else []
    texts = list(mentions.quoted)
    words = [w.strip("()`'\"").rstrip(".,;:!?") for w in mentions.text.split()]
    texts += [w for w in words if w and not w.isnumeric() and fold(w) not in COMMON]
    for text in texts:
        found += [f'"{text}"'] if '"' not in text else []
        found += [f"'{text}'"] if "'" not in text and '"' not in text else []
    found += [w for w in words if w.isidentifier() and w[:1].isupper()]
    return tuple(dict.fromkeys([*found, *_ALWAYS]))


def parameter_names(
    target: Symbol, mentions: Mentions, own: Iterable[str], known: Iterable[str] = ()
) -> tuple[str, ...]:
    """Names for a new parameter: words beside "parameter" and the like, quoted and code-like ones,
    else any word that is no glue. Names of the project only where there is nothing else."""
    taken = {*own, target.name, *target.qualified_name.split(".")}
    tokens = mentions.tokens
    beside: list[str] = []
    for i, token in enumerate(tokens):
        if fold(token) in _PARAMETER_WORDS:
            beside += [*tokens[max(i - 1, 0) : i], *tokens[i + 1 : i + 3]]
    beside = [t for t in beside if fold(t) not in _NO_NAMES]
    words = [t for t in tokens if fold(t) not in COMMON]
    grouped = ["_".join(g) for g in naming.phrases(mentions, (*known, *taken))]
    every = [*mentions.quoted, *mentions.code, *beside, *words, *grouped]
    names = [n for n in dict.fromkeys(every) if n.isidentifier() and n not in taken]
    fresh = [n for n in names if n in mentions.quoted or n not in {*known}]
    return tuple(fresh or names)
