"""The name of a new parameter or field, where the words around it leave no other: "a str called
x", "separator, a str", "um whatsapp do tipo bool", "a boolean calibrate flag".

Plain text, no model. Where the words leave a doubt, nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sorte_cli.agent.grounding import COMMON, Mentions, fold, plain

# Types that are no plain words of sentences, in both languages.
SURE_TYPES = (
    "int", "str", "float", "bool", "dict", "tuple", "bytes", "Decimal", "datetime", "Path",
    "integer", "string", "boolean", "inteiro", "booleano", "dicionario",
)  # fmt: skip
_TYPE = rf"(?:{'|'.join(SURE_TYPES)})\b"
_NAME = r"[`\"']?(?<![\w.])([A-Za-z_]\w*)[`\"']?"
_AN = r"(?:an? |um |uma |the |o )?"
_ASIDE = r"(?:,? ?\([^()]*\))?"
_LINK = r"(?:\(|,|-|–|which is|that is|que e|que vai ser|sendo)"
_TYPED = (
    r"(?:of type|do tipo|de tipo|com tipo|type hint(?:ed as)?|tipad[oa] como|anotad[oa] como|"
    r"typed as|typed|annotated as|declared as|declarad[oa] como)"
)
_AFTER_NAME = tuple(
    re.compile(_NAME + pattern)
    for pattern in (
        rf",? ?\(?{_TYPED} {_AN}[a-zA-Z]",
        rf"{_ASIDE}(?:,| -| –|:)? ?{_LINK} ?{_AN}{_TYPE}",
        rf"{_ASIDE},? (?:which|that|que) (?:is|e|vai ser|sera) {_AN}{_TYPE}",
        rf": {_AN}{_TYPE}",
    )
)
_KINDS = (
    r"called|named|chamad[oa]|parameter|param|argument|arg|parametro|argumento|field|campo|flag"
)
_BEFORE_NAME = re.compile(
    r"\b(?:an?|um|uma|another|new|extra|mais um|novo|nova|optional|opcional) "
    rf"{_TYPE} (?:(?:{_KINDS}) )*{_NAME}"
)
_OWNED = re.compile(r"\b([A-Za-z_]\w*)[`\"']? (?:do|da|de|of|of the|of a|para o|for) [`\"']?$")
_NO_NOUNS = frozenset(
    {
        "it", "he", "she", "they", "we", "you", "i", "who", "which", "that", "this", "ele", "ela",
        "eles", "elas", "gente", "nos", "que", "quem", "isso",
    }
)  # fmt: skip
_NO_NAMES = frozenset(
    {
        "flag", "parameter", "param", "argument", "arg", "option", "switch", "keyword", "kwarg",
        "field", "attribute", "member", "setting", "parametro", "argumento", "opcao", "campo",
        "atributo", "type", "tipo", "default", "padrao", "value", "valor", "hence", "thus",
        "therefore", "otherwise", "seja", "hint", "str", "int", "bool",
        "string", "integer", "boolean", "float",
    }
)  # fmt: skip


def name_beside_type(mentions: Mentions, taken: Iterable[str] = ()) -> str:
    """The one name that stands beside a type; "" where none does, more than one do, or where the
    word before it may belong to it ("an otp code of type str")."""
    text = plain(mentions.text)
    code, taken = {*mentions.code}, {*taken}
    found = [*_before_types(text, code, taken), *_after_types(text, code, taken)]
    return found[0] if len({*found}) == 1 else ""


def name_beside_target(target: str, mentions: Mentions, taken: Iterable[str] = ()) -> str:
    """The word between "hence", "so" or a colon and "in" or "for" the target: "hence recurso in
    multa"; "" where there is none."""
    text = plain(mentions.text)
    pattern = (
        rf"{_THEREFORE}{_NAME} (?:in|for|em|no|na) (?:a |o |the )?[`\"']?{re.escape(target)}\b"
    )
    found = [m[1] for m in re.finditer(pattern, text) if _may_name(m[1], {*taken})]
    return found[0] if len(found) == 1 else ""


_THEREFORE = r"(?::|\b(?:hence|so|therefore|thus|logo|entao|por isso)) (?:an? |um |uma )?"


def _before_types(text: str, code: set[str], taken: set[str]) -> Iterator[str]:
    for match in (m for pattern in _AFTER_NAME for m in pattern.finditer(text)):
        owned = _OWNED.search(text[: match.start(1)])
        if match[1] in taken and owned:  # "the age of Singer (int)"
            match = owned
        sure = match[1] in code or _stands_alone(text[: match.start(1)])
        if sure and _may_name(match[1], taken):
            yield match[1]


def _after_types(text: str, code: set[str], taken: set[str]) -> Iterator[str]:
    for match in _BEFORE_NAME.finditer(text):
        after = re.match(r"\s+([a-z]+)", text[match.end(1) :])
        sure = match[1] in code or after is None or _is_glue(fold(after[1]))
        if sure and _may_name(match[1], taken):
            yield match[1]


def _stands_alone(before: str) -> bool:
    """Whether the word before a name is glue, so that it belongs to no longer name; behind a
    pronoun there is no name but a verb."""
    words = re.findall(r"[A-Za-z_][\w'’]*|[^\w\s]", before)
    last = fold(words[-1]) if words else ""
    return not last.isidentifier() or (last not in _NO_NOUNS and _is_glue(last))


def _is_glue(word: str) -> bool:
    return word in COMMON or word in _NO_NAMES


def _may_name(word: str, taken: set[str]) -> bool:
    return word.isidentifier() and word not in taken and not _is_glue(fold(word))


# ---------------------------------------------------------------- defaults in words

_WORDS = {
    "True": r"true|on|enabled|yes|verdadeir[oa]|ligad[oa]|ativ[oa]|ativad[oa]|habilitad[oa]",
    "False": r"false|off|disabled|no|fals[oa]|desligad[oa]|inativ[oa]|(?:des|in)ativad[oa]",
    "None": r"none|null|nul[oa]",
}
_BY_DEFAULT = (
    r"(?:(?:by|per|as|as a|as the|por|de|como) (?:default|padrao)|unless|until|at first|initially|"
    r"if (?:not|nobody|no one|omitted)|to (?:begin|start) with|a menos|a nao ser|salvo|"
    r"(?:se|quando) (?:nao|ninguem)|no comeco|de inicio|inicialmente)"
)
_DEFAULTS_TO = (
    r"(?:defaults? (?:to |is |of |value |= ?|: ?)?|defaulting to |padrao (?:e |eh |= ?|: ?)?|"
    r"starts? (?:out )?(?:as |at |with )?|comeca(?:ndo)? (?:como |em |com )?)"
)


def switch_default(mentions: Mentions) -> str:
    """`True`, `False` or `None`, where the words say that it is so by default ("off by default",
    "ligado por padrão", "None unless there is one"); "" where they say nothing or two things."""
    text = fold(mentions.text)
    for quoted in mentions.quoted:
        text = text.replace(fold(quoted), " ")
    said = [
        value
        for value, words in _WORDS.items()
        if re.search(rf"\b(?:{words})\b,? {_BY_DEFAULT}|\b{_DEFAULTS_TO}(?:{words})\b", text)
    ]
    return said[0] if len(said) == 1 else ""


__all__ = ["SURE_TYPES", "name_beside_target", "name_beside_type", "switch_default"]
