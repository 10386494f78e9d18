"""The grammar of what takes away, moves and annotates, in the compact profile.

Every choice comes from the words of the sentence, or from what the candidate line shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sorte_cli.agent import families, grounding, naming
from sorte_cli.agent.declaring import TYPE_WORDS, TYPES, empty_said, may_have, text_mark
from sorte_cli.agent.grounding import COMMON, Mentions, fold, split_words
from sorte_cli.agent.said_names import name_beside_type, switch_default
from sorte_cli.agent.signatures import parameters
from sorte_cli.agent.stated_imports import statements
from sorte_cli.domain import Symbol

_DECORATORS = (
    "property", "staticmethod", "classmethod", "cache", "lru_cache", "cached_property",
    "dataclass", "contextmanager", "abstractmethod", "override", "final", "total_ordering",
    "deprecated",
)  # fmt: skip
_WRITTEN_DECORATOR = re.compile(r"@([A-Za-z_]\w*(?:\.\w+)*(?:\([^()]*\))?)")
_CALLED = re.compile(
    r"(?<![\w@.])([A-Za-z_][\w.]*\([^()]*=[^()]*\)|[A-Za-z_]\w*(?:\.\w+)+\([^()]+\))"
)
_NAMED = r"[A-Za-z_]\w*(?:\.\w+)*(?:\[[^\]\n]{1,40}\])?"
_TYPE = re.compile(rf"(?<![\w.]){_NAMED}(?:\s*\|\s*{_NAMED})*")
_PYTHON_TYPES = frozenset(
    {*TYPES, "None", "Iterator", "Iterable", "Sequence", "Mapping", "frozenset"}
)
_BARE_FOLDER = re.compile(r"(?<![\w./-])((?:[\w-]+/)+[\w-]+)(?![\w/-]|\.\w)")
_FOLDER = re.compile(r"(?<![\w/])((?:[\w-]+/)+)(?![\w.])")


_PARAMETER_CUE = re.compile(r"\b(?:param|arg|parametro|argumento|keyword|kwarg)")
_TYPE_CUE = re.compile(
    r"\btype|\btyped|\btipo|\btip[ea]\b|annotat|\banot|\bmake\b|\bshould (?:be|take)|\bmust be|"
    r"\bto be|"
    r"\bas an? |\bas\b|\bdeclar|\bdeve (?:ser|receber)|\btem que ser|\bprecisa ser|\bdevia ser|"
    r"\bcomo\b|:|\bis\b|\be (?:um|uma|do)\b|\b(?:can|may|could|pode|podia) (?:be|ser)\b|\btem tipo"
)
_DEFAULT_CUE = re.compile(r"default|padr|=|\bfrom\b.*\bto\b.*\d")


def speaks_of_parameter(mentions: Mentions) -> bool:
    return bool(_PARAMETER_CUE.search(fold(mentions.text)))


def beside_parameter(target: Symbol, mentions: Mentions) -> tuple[str, ...]:
    """The word beside "parameter" in the sentence: what follows it, else what comes before."""
    tokens = mentions.tokens
    own = {*target.qualified_name.split(".")}
    for i, token in enumerate(tokens):
        if not _PARAMETER_CUE.match(fold(token)):
            continue
        near = [*tokens[i + 1 : i + 2], *tokens[max(i - 1, 0) : i]]
        found = [t for t in near if t.isidentifier() and fold(t) not in COMMON and t not in own]
        if found:
            return (found[0],)
    return ()


def speaks_of_type(mentions: Mentions) -> bool:
    return bool(_TYPE_CUE.search(fold(mentions.text)))


def speaks_of_default(mentions: Mentions) -> bool:
    return bool(_DEFAULT_CUE.search(fold(mentions.text)))


def named_parameters(own: Sequence[str], target: Symbol, mentions: Mentions) -> tuple[str, ...]:
    """Those of a function's parameters that the sentence names."""
    names = [p for p in own if p not in ("self", "cls")]
    exact = [p for p in names if p in mentions.tokens or p in mentions.quoted]
    calls = re.findall(r"\(([\w, ]+)\)", mentions.text)
    if len(calls) == 2 and calls[0] == calls[1]:  # "chk(sku) should be known(sku)"
        return ()
    if calls:
        exact += [p for p in names if p in calls[0].split(", ") and p not in exact]
    folded = {fold(t) for t in mentions.tokens}
    said = [p for p in names if fold(p) in folded or _in_words(p, mentions)]
    found = exact or said
    return tuple(p for p in found if p not in target.qualified_name.split(".")) or tuple(found)


def _in_words(name: str, mentions: Mentions) -> bool:
    words = split_words(name)
    return len(words) > 1 and grounding.occurs(words, mentions.pieces)


_BECOMES = (
    r"\b{}\b[`'\"]*(?: (?:parameter|argument))?\s*"
    r"(?:->|=>|to\b|para\b|pra\b|vira\b|ought to be|"
    r"(?:should|must|has to|needs to) be (?:called|named|renamed)|"
    r"deve(?:ria)? se chamar|devia (?:se )?chamar|"
    r"passa a se chamar|becomes?\b|is now\b|turns into)"
)


def becomes(parameter: str, mentions: Mentions) -> bool:
    """Whether the sentence says that the parameter gets another name: "front to first"."""
    return bool(re.search(_BECOMES.format(re.escape(fold(parameter))), fold(mentions.text)))


def adds_parameter(own: Sequence[str], target: Symbol, mentions: Mentions) -> bool:
    """Whether a parameter may be meant that is not there yet."""
    named = named_parameters(own, target, mentions)
    return not named or bool(_ADDS_PARAMETER.search(fold(mentions.text)))


def parts_from(names: Sequence[str], mentions: Mentions) -> bool:
    """Whether the sentence takes one of the names out of something: "drop x from f"."""
    text = fold(mentions.text)
    if re.search(r"\bpass(?:es|a|am)?\b|\bneed|precis|receb|\btak(?:e|es|ing)\b|\bignor", text):
        return True
    pattern = r"\b{}\b[`'\"]*,? (?:\w+ )?(?:out of|from|of|in|do|da|de|no|na|em)\b"
    return speaks_of_parameter(mentions) or any(
        re.search(pattern.format(re.escape(fold(n))), text) for n in names
    )


_ADDS_PARAMETER = re.compile(
    r"\badd|adicion|inclu|acrescent|\bnew\b|\bnov[oa]|extra|another|mais um|also|\btake|accept|"
    r"receiv|"
    r"receb|aceit|ganha|need|precis|\bgive|\bpass|\bbota|\bpoe|coloc|wire|feat|support|introduc|let\b"
)


def destinations(target: Symbol, symbols: Sequence[Symbol], mentions: Mentions) -> tuple[str, ...]:
    """Files that the sentence names for something that is to go elsewhere: those that are there,
    by path or name, and new ones as written."""
    there = dict.fromkeys(s.path for s in symbols if s.path != target.path)
    written = {*mentions.code, *mentions.quoted}
    named = [p for p in there if {p, p.rpartition("/")[2]} & written]
    own = target.path.rpartition("/")[2]
    new = families.written_paths(target.path, mentions, {*there, target.path, own})
    fresh = [p for p in new if p.rpartition("/")[2] not in {n.rpartition("/")[2] for n in named}]
    found = [*named, *fresh]
    if not found:  # "to the cart module"
        stems = {p: split_words(p.rpartition("/")[2].rpartition(".")[0]) for p in there}
        found = [
            p
            for p, words in stems.items()
            if words and grounding.occurs(words, mentions.pieces) and not {*words} <= COMMON
        ]
    return tuple(dict.fromkeys(found))


def new_places(target: Symbol, symbols: Sequence[Symbol], mentions: Mentions) -> tuple[str, ...]:
    """Paths that a file may move to: as written, in the folder that the sentence names."""
    known = {s.path for s in symbols} | {target.path, target.name}
    found = list(families.written_paths(target.path, mentions, known))
    bare = [m[1] for m in _BARE_FOLDER.finditer(mentions.text)]
    bare = [f for f in bare if f.rpartition("/")[2] != target.name.partition(".")[0]]
    found = [p for p in found if p.rpartition(".")[0] not in bare]
    found += [f"{f}/{target.name}" for f in bare if not target.path.startswith(f"{f}/")]
    found += [p for p in (*mentions.code, *mentions.quoted) if _same_name(p, target)]
    folders = _FOLDER.findall(mentions.text)
    found += [f"{f}{target.name}" for f in folders if not target.path.startswith(f)]
    return tuple(p for p in dict.fromkeys(found) if p != target.path and p not in known - {p})


def _same_name(path: str, target: Symbol) -> bool:
    return "/" in path and path != target.path and path.rpartition("/")[2] == target.name


def decorators(mentions: Mentions, known: Iterable[str], own: Symbol) -> tuple[str, ...]:
    """Decorators that the sentence names, without the at sign."""
    written = _WRITTEN_DECORATOR.findall(mentions.text) + _CALLED.findall(mentions.text)
    if written:
        return tuple(dict.fromkeys(written))
    names = [q.removeprefix("@") for q in mentions.quoted]
    names += [t for t in (*mentions.code, *mentions.tokens) if t.rpartition(".")[2] in _DECORATORS]
    skip = {*known, own.name, own.qualified_name, *(p for p, _ in parameters(own.detail))}
    dotted = [n for n in dict.fromkeys(names) if _dotted(n) and n not in skip]
    if dotted:
        # "the property decorator of functools" is rare; "functools.cache" is one name.
        return tuple(n for n in dotted if not any(o != n and o.endswith(f".{n}") for o in dotted))
    other = [t for t in mentions.code if _dotted(t) and t not in skip and "/" not in t]
    other += _beside(mentions)
    return tuple(dict.fromkeys(o for o in other if o not in skip))


def _dotted(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z_][\w.]*(?:\([^()]*\))?", text)) and not text.endswith(".py")


def _beside(mentions: Mentions) -> list[str]:
    """Words beside "decorator", and after "decorate ... with"."""
    tokens = mentions.tokens
    found: list[str] = []
    decorates = re.search(r"\bdecor|\bmar[ck]|\ban+ot", fold(mentions.text))
    for i, token in enumerate(tokens):
        if decorates and fold(token) in ("with", "com", "as", "como"):
            found += tokens[i + 1 : i + 2]
        if fold(token).startswith("decorat") or fold(token).startswith("decorad"):
            found += [*tokens[max(i - 1, 0) : i], *tokens[i + 1 : i + 2]]
    return [t for t in found if fold(t) not in COMMON and t.isidentifier()]


def said_types(mentions: Mentions, symbols: Sequence[Symbol]) -> tuple[str, ...]:
    """Types that the sentence names: Python's own, in words too, generics, unions, classes that
    are there."""
    classes = {s.name for s in symbols if s.kind == "class"}
    found: list[str] = []
    for match in _TYPE.finditer(mentions.text):
        text = " ".join(match.group().split())
        text = re.sub(r"\s*\|\s*", " | ", text)
        heads = re.findall(r"[A-Za-z_][\w.]*", text)
        parts = [h.rpartition(".")[2] for h in heads]
        compound = "[" in text or "|" in text
        if parts and all(_is_type(p, classes, compound) for p in parts):
            found.append(text)
        elif not compound and (meant := TYPE_WORDS.get(fold(text))):
            found.append(meant)
    whole = [f for f in found if "[" in f or "|" in f]
    return tuple(dict.fromkeys(whole or found))


def _is_type(name: str, classes: set[str], compound: bool) -> bool:
    if name in _PYTHON_TYPES or name in classes:
        return True
    return compound and bool(re.fullmatch(r"[A-Z]\w*", name))


# "Its docstring: Sends it all." without quotation marks.
_DICTATED = re.compile(
    r"(?:docstring|docs?|documenta\S+)\b[^:]*:\s*(?:(?:un)?quote:?\s+)?([A-ZÀ-Ú]\S* [^\n\"]*?)"
    r"\s*(?:\bunquote\b.*)?$"
)


def docstrings(mentions: Mentions, known: Iterable[str]) -> tuple[str, ...]:
    """Texts that may become a docstring: quoted ones that are no name."""
    names = {*known}
    quoted = tuple(q for q in mentions.quoted if q not in names and '"""' not in q)
    if quoted:
        return quoted
    said = _DICTATED.search(mentions.text)
    return (said[1],) if said else ()


_ELEMENT = re.compile(
    r"[\[({,]\s*(\w{0,2}\"[^\"]*\"|\w{0,2}'[^']*'|-?[\w.]+)"
    r"(?:\s*(?::|=>)\s*[^,{}\[\]]+)?\s*(?=[,\])}]|\Z)"
)


def elements(detail: str) -> tuple[str, ...]:
    """Keys or elements of the collection that a candidate line shows."""
    return tuple(dict.fromkeys(_ELEMENT.findall(detail.partition("=")[2].strip())))


def entries(inside: Sequence[str], mentions: Mentions) -> tuple[str, ...]:
    """Those of a collection's elements or keys that the sentence names, best evidence only."""
    said = [e for e in dict.fromkeys(inside) if _spoken(e, mentions, exact=True)]
    return tuple(said or [e for e in dict.fromkeys(inside) if _spoken(e, mentions, exact=False)])


def _spoken(expression: str, mentions: Mentions, *, exact: bool) -> bool:
    text = expression.strip("rbfu").strip("\"'") if expression[-1:] in "\"'" else expression
    if text in mentions.quoted or text in mentions.tokens or text in mentions.numbers:
        return True
    if exact:
        return bool(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", mentions.text))
    words = split_words(text)
    return bool(words) and grounding.occurs(words, mentions.pieces)


def fields(target: Symbol, symbols: Sequence[Symbol], mentions: Mentions) -> tuple[str, ...]:
    """Declarations that may become a field of the class: `paid: bool = False`, `limit = 3`."""
    taken = {s.name for s in symbols} | {target.qualified_name}
    if ended := _ended(target, mentions):
        return ended
    mark = text_mark(" ".join(s.detail for s in symbols if s.address.startswith(target.address)))
    values = [v for v in _field_values(mentions, mark) if v.strip("\"'") not in taken]
    declared = [
        d for d in grounding.declarations(mentions) if d.partition(":")[0].strip() not in taken
    ]
    whole = [_spaced(d) for d in declared if "=" in d]
    if whole:
        return tuple(dict.fromkeys(whole))
    if declared:  # "phone: str, empty at first"
        return tuple(
            dict.fromkeys(
                f"{_spaced(d)}{f' = {v}' if v else ''}"
                for d in declared
                for v in _fitting(d.partition(":")[2].strip(), _not_named(values, d)) or ("",)
            )
        )
    assigned = [m.groups() for m in _ASSIGNED.finditer(mentions.text) if m[1] not in taken]
    if assigned:
        return tuple(dict.fromkeys(f"{name} = {value}" for name, value in assigned))
    names = _field_names(mentions, taken)
    types = [t for t in said_types(mentions, ()) if t != "None"]
    if values == ["None"] and any("None" in t for t in types):
        values = ["", "None"]  # of the type, or the value
    return tuple(
        dict.fromkeys(
            f"{n}{f': {t}' if t else ''}{f' = {v}' if v else ''}"
            for n in names
            for t in (types or ("",))
            for v in (_fitting(t, values) or ("",))
            if (t or v) and v.strip("\"'") != n and t != n
        )
    )


def _fitting(type_: str, values: Sequence[str]) -> list[str]:
    """The values that something of the type can be: no number for a text."""
    return [v for v in values if not v or not type_ or may_have(type_, v)]


def _not_named(values: Sequence[str], declaration: str) -> list[str]:
    return [v for v in values if v.strip("\"'") != declaration.partition(":")[0].strip()]


_ENDED = {
    "php": re.compile(
        r"(?:\b(?:public|protected|private|static|readonly|var) )+(?:\??[\w\\|]+ )?\$\w+"
        r"(?: ?= ?(?:\"[^\"]*\"|'[^']*'|[^;`\"'])+)?;"
    ),
    "script": re.compile(
        r"(?<![\w$])(?:(?:public|protected|private|static|readonly) )*[A-Za-z_$#]\w*[?!]?"
        r"(?:: [\w<>\[\]|. ]+?)?(?: ?= ?(?:\"[^\"]*\"|'[^']*'|[^;`\"'])+)?;"
    ),
}


def _ended(target: Symbol, mentions: Mentions) -> tuple[str, ...]:
    """Declarations as they are written in PHP, JavaScript and TypeScript, with their semicolon:
    in quotes, or with what only code has."""
    language = target.path.rpartition(".")[2]
    pattern = _ENDED.get("php" if language == "php" else "script")
    if language not in ("php", "ts", "tsx", "js", "jsx", "mjs") or pattern is None:
        return ()
    written = [q for q in mentions.quoted if pattern.fullmatch(q)]
    free = [m.group() for m in pattern.finditer(mentions.text)]
    coded = [f for f in free if "$" in f or ": " in f or " = " in f]
    return tuple(dict.fromkeys(written or coded))


_ASSIGNED = re.compile(
    r"(?<![\w.])([A-Za-z_]\w*) ?= ?"
    r"(\"[^\"]*\"|'[^']*'|-?[\d_.]*\d|[A-Z][\w.]*(?:\([^()]*\))?|\[\]|\{\})"
)


def _spaced(declaration: str) -> str:
    text = re.sub(r"\s*=\s*", " = ", declaration, count=1)
    return re.sub(r":\s*", ": ", text, count=1) if ":" in text.partition("=")[0] else text


_FIELD_WORDS = ("field", "attribute", "member", "campo", "atributo", "membro", "called", "named",
                "chamado", "chamada")  # fmt: skip


def _field_names(mentions: Mentions, taken: set[str]) -> list[str]:
    if beside_type := name_beside_type(mentions, taken):
        return [beside_type]
    tokens = list(mentions.tokens)
    beside = [
        t
        for word, *after in zip(tokens, tokens[1:], [*tokens[2:], ""], strict=False)
        if fold(word) in _FIELD_WORDS
        for t in after[:1]
    ]
    named = [t for t in beside if t.isidentifier() and fold(t) not in COMMON and t not in taken]
    if named:
        return named
    other = [t for t in (*mentions.code, *mentions.quoted) if t.isidentifier() and t not in taken]
    words = [t for t in tokens if t.isidentifier() and fold(t) not in COMMON and t not in taken]
    return list(dict.fromkeys([*other, *words]))


def _field_values(mentions: Mentions, mark: str) -> list[str]:
    found = [f"{mark}{q}{mark}" for q in mentions.quoted if mark not in q and not q.isidentifier()]
    found += [*mentions.numbers]
    found += [w for w in ("True", "False", "None") if w in mentions.tokens]
    found += [w for w in ("[]", "{}", "()") if w in mentions.text]
    if empty_said(mentions):
        found += [mark * 2, *(w for w in ("[]", "{}") if w not in found)]
    words = {
        "true": "True",
        "false": "False",
        "none": "None",
        "verdadeiro": "True",
        "falso": "False",
    }
    found += [words[p] for p in mentions.pieces if p in words]
    if not found and (switched := switch_default(mentions)):
        found.append(switched)
    found += [f"{mark}{q}{mark}" for q in mentions.quoted if q.isidentifier()]
    return list(dict.fromkeys(found))


def members(owned: Sequence[Symbol], mentions: Mentions, taken: set[str]) -> tuple[str, ...]:
    """Names for a new member of an enumeration, as the others are spelled."""
    upper = all(s.name.isupper() for s in owned)
    names = [t for t in (*mentions.code, *mentions.quoted) if t.isidentifier()]
    words = [t for t in mentions.tokens if t.isidentifier() and fold(t) not in COMMON]
    spelled = [n.upper() if upper else n for n in (names or words)]
    spelled += ["_".join(p).upper() for p in naming.phrases(mentions, taken)] if upper else []
    free = [n for n in dict.fromkeys(spelled) if n not in taken and n.isidentifier()]
    exact = [n for n in free if n in mentions.tokens or n in mentions.quoted]
    return tuple(exact or free)


__all__ = [
    "decorators", "destinations", "docstrings", "entries", "fields", "members", "new_places",
    "said_types", "statements",
]  # fmt: skip
