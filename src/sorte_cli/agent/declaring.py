"""The grammar of a new parameter in the compact profile: `"timeout: float = 30.0"`.

Name, type and default come from the words of the sentence, so that a small model chooses and does
not spell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from sorte_cli.agent import grounding, naming
from sorte_cli.agent.grounding import COMMON, Mentions, fold, is_slip, looks_like_code
from sorte_cli.agent.said_names import name_beside_target, name_beside_type, switch_default
from sorte_cli.domain import Symbol
from sorte_cli.inference.grammar import trie

TYPES = (
    "int", "str", "float", "bool", "list", "dict", "set", "tuple", "bytes", "Decimal", "Path",
    "datetime", "date", "Any", "object",
)  # fmt: skip
TYPE_WORDS = {
    "integer": "int", "inteiro": "int", "string": "str", "texto": "str", "text": "str",
    "boolean": "bool", "booleano": "bool", "flag": "bool", "lista": "list", "number": "float",
    "numero": "float", "dicionario": "dict", "dictionary": "dict", "decimal": "Decimal",
}  # fmt: skip
_ALWAYS = ("None", "0", "[]", "{}", "()", "True", "False")
_EMPTY_OF = {"list": "[]", "dict": "{}", "tuple": "()", "set": "set()"}
_TYPE_TOKEN = re.compile(r"\w+|[:,(\[-]")
_BEFORE_TYPE = {
    "a", "an", "um", "uma", "is", "e", "as", "como", "with", "com", ":", ",", "(", "[", "-",
    "type", "typed", "tipo", "hint",
}  # fmt: skip
_DEFAULT_CUE = re.compile(
    r"default|padr|=|otherwise|unless|usual|normal|\bif (?:not|omit|miss|nothing)|"
    r"\bse (?:nao|ninguem)|quando (?:nao|omit)|omit|initial|inicial|start|comec|valendo|em geral|"
    r"na falta|optional|opcional|\bnone\b|\bnull|\bnulo|\btrue|\bfalse|verdadeiro|falso|\bon\b|"
    r"\boff\b|standard|preset|set to|left out|left off|fall(?:s|ing)? back|let.?s say|digamos|"
    r"senao|caindo em|salvo|assum|specif|especif|choos|escolh|\bcaller|absent|fallback|"
    r"being used|\bvalor\b|\bvalue\b|nobody|when not|de fora|ausente|\bsem nada"
)
PARAMETER_WORDS = {
    "parameter", "argument", "param", "arg", "option", "flag", "setting", "switch", "keyword",
    "kwarg", "knob", "input", "parametro", "argumento", "opcao",
}  # fmt: skip
_NO_NAMES = {
    "a", "an", "the", "to", "of", "in", "on", "for", "and", "o", "os", "um", "uma", "no", "na",
    "do", "da", "de", "em", "e", "new", "novo", "nova", "called", "named", "chamado", "chamada",
    "with", "com", "is", "that", "should", "must", "deve", "que", "por", "default", "padrao",
    "type", "tipo", "hint",
}  # fmt: skip


_NO_WORDS = frozenset({*_NO_NAMES, "valor", "value", "chamado"})
_NO_PARAMETERS = frozenset({*PARAMETER_WORDS, *TYPE_WORDS, *TYPES} - {"text", "number", "date"})
# "A boolean calibrate flag": types that are no part of a longer name.
_ADJECTIVES = frozenset(
    {"bool", "boolean", "int", "integer", "str", "string", "float", "booleano", "inteiro"}
)
_EMPTY = re.compile(r"\b(?:empty|blank|vazi[oa]|em branco)\b|''|\"\"", re.IGNORECASE)
_EMPTY_KIND = re.compile(
    r"\bempty (list|dict|dictionary|tuple|set)\b|\b(list|lista|dict|dicionario|tuple|set) vazi[oa]"
)
_ASSIGNED = re.compile(
    r"(?<![\w.])([A-Za-z_]\w*) ?= ?"
    r"(''|\"\"|'[^']*'|\"[^\"]*\"|-?\d[\d_.]*\d|\d|None|True|False|\[\]|\{\})"
)


def declaration_rules(
    target: Symbol, own: Iterable[str], mentions: Mentions, known: Iterable[str]
) -> dict[str, str]:
    """GBNF rules by name; `declaration` is the quoted declaration. `own` are the parameters that
    the target has, `known` the names of the project."""
    # "by default: pepper=''" declares no parameter `default`.
    declared = [
        d for d in grounding.declarations(mentions) if fold(d.partition(":")[0]) not in _NO_NAMES
    ]
    mark = text_mark(target.detail)
    if whole := [_spelled(d) for d in declared if "=" in d]:
        quoted = tuple(in_marks(_marked(d, mark)) for d in whole)
        return {"declaration": trie(quoted)}
    own = tuple(own)
    sure = _sure_defaults(mentions, mark) or _only_text(mentions, mark, {*known, *own, target.name})
    said = sure or (defaults(mentions, mark) if _says_default(mentions) else ("None", mark * 2))
    assigned = [
        m.groups()
        for m in _ASSIGNED.finditer(mentions.text)
        if not (m[1] in own or m[1] in TYPES or fold(m[1]) in {*COMMON, *TYPE_WORDS})
    ]
    if len(assigned) == 1 and not declared:
        said = sure = (_marked(assigned[0][1], mark),)
    # A number may be thought up only where the sentence states none.
    free = (
        ""
        if mentions.numbers or sure or len(assigned) == 1
        else ' | [1-9] [0-9]{0,4} ("." [0-9]{1,3})?'
    )
    if len(named := _named_types(mentions)) == 1 and not declared:
        said = tuple(d for d in said if d == "None" or may_have(named[0], d))
        free = free if named[0] not in ("str", "bool", *_EMPTY_OF) else ""
    bare = tuple(d for d in said if mark not in d)
    marked = tuple(d for d in said if mark in d)
    rules: dict[str, str] = {}
    if bare:
        rules["default-a"] = trie(bare) + free
    if marked:
        rules["default-b"] = trie(marked)
    if declared:
        rules["declared"] = trie(tuple(map(_spelled, declared)))
        typed = "declared"
    else:
        names = parameter_names(target, mentions, own, known)
        if len(assigned) == 1:
            names = (assigned[0][0],)
        rules["parameter-name"] = trie(names) if names else "[a-zA-Z_] [a-zA-Z0-9_]{0,60}"
        base = trie(types(mentions) if not sure else fitting_types(types(mentions), sure[0]))
        rules["parameter-type"] = (
            f'": " {base} ("[" [a-zA-Z_] [a-zA-Z0-9_., |]{{0,40}} "]")? (" | None")?'
        )
        typed = "parameter-name parameter-type"
    if not declared and not _is_typed(target, mentions):
        typed = ""
    if typed and not declared and not _named_types(mentions):
        # What the default is says what the type may be.
        kinds = {k: [d for d in bare if _kind(d) == k] for k in ("int", "float", "bool")}
        rules |= {f"default-{k}": trie(tuple(v)) for k, v in kinds.items() if v}
        sorts = [f'": {k} = " default-{k}' for k, v in kinds.items() if v]
        rest = tuple(d for d in bare if not _kind(d))
        if rest:
            rules["default-rest"] = trie(rest)
            sorts.append('parameter-type (" = " default-rest)?')
        if free:
            sorts.append('(": int = " [1-9] [0-9]{0,4} | ": float = " [0-9]{1,4} "." [0-9]{1,3})')
        rules["typed-default"] = " | ".join(sorts) or "parameter-type"
    outer, inner = '"\\""', '"\'"'  # of the argument: not those of the texts within
    other = inner if mark == '"' else outer
    optional = "" if sure else "?"
    forms: list[str] = []
    if "typed-default" in rules:
        forms += [f"{outer} parameter-name (typed-default) {outer}"] if bare or not sure else []
        forms += [f'{other} parameter-name ": str = " default-b {other}'] if marked else []
    elif typed:
        forms += [f'{outer} {typed} (" = " default-a){optional} {outer}'] if bare else []
        forms += [f'{other} {typed} " = " default-b {other}'] if marked else []
        forms += [] if bare or sure else [f"{outer} {typed} {outer}"]
    if not declared and not _named_types(mentions):
        forms += [f'{outer} parameter-name ("=" default-a){optional} {outer}'] if bare else []
        forms += [f'{other} parameter-name "=" default-b {other}'] if marked else []
    rules["declaration"] = " | ".join(forms)
    return rules


def text_mark(detail: str) -> str:
    """The quotation mark of a new text: single where the signature or value has only such."""
    return "'" if "'" in detail and '"' not in detail else '"'


def in_marks(declaration: str) -> str:
    """A declaration in quotation marks, single ones where it holds double ones."""
    return f"'{declaration}'" if '"' in declaration else f'"{declaration}"'


def _marked(expression: str, mark: str) -> str:
    """An expression with its text in the marks that are wanted, where nothing stands against it."""
    other = '"' if mark == "'" else "'"
    return expression if mark in expression else expression.replace(other, mark)


def _sure_defaults(mentions: Mentions, mark: str) -> tuple[str, ...]:
    """The defaults that the words leave: empty texts and collections, a switch that is on or off;
    () where they leave it open."""
    if empty_said(mentions):
        return (_EMPTY_OF.get(_emptied(mentions), mark * 2),)
    switched = switch_default(mentions)
    return (switched,) if switched else ()


def _only_text(mentions: Mentions, mark: str, known: set[str]) -> tuple[str, ...]:
    """The one text that is quoted beside a name of type str: it can only be the default."""
    name = name_beside_type(mentions, known)
    texts = [q for q in mentions.quoted if q != name and q not in known]
    if not name or len(texts) != 1 or _named_types(mentions) != ("str",):
        return ()
    return () if {"'", '"'} & {*texts[0]} else (f"{mark}{texts[0]}{mark}",)


def empty_said(mentions: Mentions) -> bool:
    """Whether the sentence says that something is empty."""
    return bool(_EMPTY.search(mentions.text))


def _emptied(mentions: Mentions) -> str:
    """The type of what is empty: "an empty list", "tags: list, empty"; str unless it says."""
    named = _named_types(mentions)
    near = _EMPTY_KIND.search(fold(mentions.text))
    kind = next(w for w in near.groups() if w) if near else ""
    meant = TYPE_WORDS.get(kind, kind)
    return meant if meant in _EMPTY_OF else named[0] if named else "str"


def fitting_types(known: tuple[str, ...], default: str) -> tuple[str, ...]:
    """Those types that a default can have; all of them where none fits."""
    return tuple(t for t in known if may_have(t, default)) or known


def may_have(type_: str, default: str) -> bool:
    """Whether a value can be the default of something of this type, as far as that is plain."""
    base, optional = type_.partition("[")[0].partition(" ")[0], "None" in type_
    if default == "None":
        return optional or base not in ("int", "float", "bool", "str")
    kind = _kind(default) or ("str" if default[:1] in ("'", '"') else "")
    fits = {"int": ("int",), "float": ("float", "int"), "bool": ("bool",), "str": ("str",)}
    kinds = {"[]": "list", "{}": "dict", "()": "tuple", "set()": "set"}
    if default in kinds:
        return base == kinds[default] or base not in {*fits, *kinds.values(), "bytes", "Decimal"}
    return not kind or base not in {*fits, *kinds.values()} or kind in fits.get(base, ())


def _kind(default: str) -> str:
    """The type of a plain literal; "" for what may be of several."""
    if default in ("True", "False"):
        return "bool"
    if re.fullmatch(r"-?[\d_]+", default):
        return "int"
    return "float" if re.fullmatch(r"-?[\d_]+\.\d+", default) else ""


def _spelled(declaration: str) -> str:
    """`index:integer = 3` as Python has it: `index: int = 3`."""
    name, colon, rest = declaration.partition(":")
    if not colon:
        return declaration
    type_ = re.match(r" ?(\w+)(?![\w.\[])", rest)
    if type_ and (meant := TYPE_WORDS.get(fold(type_[1]))):
        rest = f"{meant}{rest[type_.end() :]}"
    return f"{name}: {rest.lstrip()}"


def types(mentions: Mentions) -> tuple[str, ...]:
    """Types that a declaration may have: those the sentence names, else what it may mean."""
    if named := _named_types(mentions) or _loose_types(mentions):
        return named
    classes = [t for t in mentions.tokens if t[:1].isupper() and t.isidentifier()]
    return tuple(dict.fromkeys([*TYPES, *classes]))


def _named_types(mentions: Mentions) -> tuple[str, ...]:
    """The types that the sentence names beside "type", "a", ":" and the like."""
    found: list[str] = []
    tokens = _TYPE_TOKEN.findall(mentions.text)
    for word, after in pairwise(tokens):  # "a bool flag"
        meant = TYPE_WORDS.get(fold(word), word)
        if meant in TYPES and fold(after) in PARAMETER_WORDS and fold(word) != "flag":
            found.append(meant)
    for before, word in pairwise(tokens):
        meant = TYPE_WORDS.get(fold(word), word)
        sure = before in ("type", "typed", "tipo") and fold(word) not in _NO_NAMES
        if before in (",", "(", "-") and fold(word) in _AMBIGUOUS:
            continue  # ", set to 3"
        if fold(before) in _BEFORE_TYPE and (sure or meant in TYPES) and word.isidentifier():
            found.append(meant)
    return tuple(dict.fromkeys(found))


def _loose_types(mentions: Mentions) -> tuple[str, ...]:
    """Types whose words stand anywhere: perhaps the parameter's, perhaps not."""
    words = [TYPE_WORDS.get(fold(t), t) for t in mentions.tokens if fold(t) not in _AMBIGUOUS]
    return tuple(dict.fromkeys(w for w in words if w in TYPES))


# Types that are plain words of sentences as well.
_AMBIGUOUS = frozenset(
    {"set", "list", "lista", "object", "date", "any", "text", "texto", "flag", "number", "numero"}
)


def _is_typed(target: Symbol, mentions: Mentions) -> bool:
    """Whether the new parameter may have a type: the sentence says one, or others have theirs."""
    said = _named_types(mentions) or _loose_types(mentions)
    return bool(said) or ":" in target.detail or "->" in target.detail


def _says_default(mentions: Mentions) -> bool:
    texts = any(not q.isidentifier() and not looks_like_code(q) for q in mentions.quoted)
    return bool(mentions.numbers) or texts or bool(_DEFAULT_CUE.search(fold(mentions.text)))


def defaults(mentions: Mentions, mark: str = '"') -> tuple[str, ...]:
    """Default values that the sentence names, spelled in every way it may mean, texts in the marks
    that are wanted; None and the empty ones are always among them."""
    found: list[str] = []
    named = _named_types(mentions)
    decimal = "float" in named or (not named and not mentions.numbers)
    for number in mentions.numbers:
        found += [number, f"Decimal({mark}{number}{mark})"]
        found += [f"{number}.0"] if "." not in number and decimal else []
    texts = list(mentions.quoted)
    words = [w.strip("()`'\"").rstrip(".,;:!?") for w in mentions.text.split()]
    glue = {*COMMON, *_NO_NAMES, *TYPE_WORDS, *PARAMETER_WORDS, *map(str.lower, TYPES)}
    texts += [w for w in words if w and not w.isnumeric() and fold(w) not in glue]
    for text in texts:
        found += [f"{mark}{text}{mark}"] if "'" not in text and '"' not in text else []
    found += [w for w in words if w.isidentifier() and w[:1].isupper()]
    return tuple(dict.fromkeys([*found, mark * 2, *_ALWAYS]))


def parameter_names(
    target: Symbol, mentions: Mentions, own: Iterable[str], known: Iterable[str] = ()
) -> tuple[str, ...]:
    """Names for a new parameter: words beside "parameter" and the like, quoted and code-like ones,
    else any word that is no glue. Names of the project only where there is nothing else."""
    taken = {*own, target.name, *target.qualified_name.split(".")}
    beside_it = name_beside_type(mentions, {*taken, *known})
    if named := beside_it or name_beside_target(target.name, mentions, {*taken, *known}):
        return (named,)
    tokens = mentions.tokens
    beside: list[str] = []
    for i, token in enumerate(tokens):
        if fold(token) in PARAMETER_WORDS:
            beside += [*tokens[max(i - 1, 0) : i], *tokens[i + 1 : i + 3]]
    beside = [t for t in beside if fold(t) not in _NO_NAMES]
    words = [t for t in tokens if fold(t) not in COMMON]
    own_words = {*grounding.split_words(target.name)}
    grouped = [
        "_".join(g)
        for g in naming.phrases(mentions, (*known, *taken))
        if not {*g} & _NO_WORDS
        and grounding.occurs(g, mentions.pieces)
        and not own_words <= {*g}
        and not {g[0], g[-1]} & _ADJECTIVES
    ]
    # A sentence begins with a capital; a parameter does not.
    words = [w.lower() if w.istitle() else w for w in words]
    plain = [w for w in (*beside, *words, *grouped) if w not in _NO_PARAMETERS]
    every = [*mentions.quoted, *mentions.code, *plain]
    names = [n for n in dict.fromkeys(every) if n.isidentifier() and n not in taken]
    names = [n for n in names if not is_slip(n, target.name)]
    quoted = [n for n in names if n in mentions.quoted]
    # A name of the project in quotes is the new one's only where it stands alone.
    fresh = [n for n in names if n not in {*known} or quoted == [n]]
    # "let run take pool_size": what is written as code is the name, not a word beside it.
    code = [n for n in fresh if n in mentions.code and grounding.looks_like_code(n)]
    code = [n for n in code if not n[:1].isupper()]
    return tuple(code or fresh or names)
