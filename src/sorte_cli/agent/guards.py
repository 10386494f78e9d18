"""The grammar of a guard: a test of a function's own parameters, then raise or return.

In the compact profile a statement that begins with `if` is one of these, so that a small model can
only test what is there, in the way and with the numbers that the sentence speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sorte_cli.agent.grounding import Mentions, fold
from sorte_cli.inference.grammar import trie

_COMMON_ERRORS = ("ValueError", "TypeError", "RuntimeError", "KeyError", "PermissionError")
_NAMED_ERROR = re.compile(
    r"[A-Z]\w*(?:Error|Exception|Warning)|StopIteration|Erro[A-Z]\w*|Excecao[A-Z]\w*"
)
_CLASS_LIKE = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+")
_RAISES = re.compile(r"\b(?:rais|throw|lanc|levant|dispar|excep|error|erro)")
_RETURNS = re.compile(
    r"\b(?:return|devolv|retorn|respond|answer|early|cedo|skip|nothing|nada\b(?! de)|sai[ar]?\b|"
    r"pula)"
)
# What is refused raises, whatever else the sentence says: "termo sem nome não vale nada".
_REFUSES = re.compile(
    r"\b(?:reject|refus|recus|rejeit|forbid|proib|barr[ae]\b|object|complain|reclam|blow|explod)"
)
_GIVES = re.compile(r"\b(?:return|devolv|retorn|respond|answer)")
_GIVEN = re.compile(
    r"\b(?:return|devolv|retorn|respond|answer)\w*:? (?:(?:just|only|simply|an?|um|uma|the|with|"
    r"com|so|apenas|straight|logo|direto) )*[`'\"]?"
    r"(-?\d+(?:[.,]\d+)?|none|true|false|null|nulo|verdadeiro|falso|zero|\[\]|\{\}|''|\"\"|"
    r"empty (?:list|dict|string)|(?:lista|dict|string) vazi[oa])(?![\w.])[`'\"]?"
)
_GIVEN_TYPE = re.compile(
    r"\b(?:return|devolv|retorn)\w* (?:an? |um |uma )?(?:int|float|str|bool|list|dict|tuple|"
    r"bytes)\b(?! vazi)"
)
_MEANT = {
    "none": "None", "null": "None", "nulo": "None", "true": "True", "verdadeiro": "True",
    "false": "False", "falso": "False", "zero": "0", "empty list": "[]", "empty dict": "{}",
    "empty string": "\"\"", "lista vazia": "[]", "dict vazio": "{}", "string vazia": "\"\"",
}  # fmt: skip
# What a sentence says of a value, and the tests that can mean. `{x}` is the name tested.
_WAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "negative": (r"negativ", ("< zero",)),
    "not positive": (r"positiv", ("<= zero",)),
    "empty": (r"empt|blank|vazi|branco|\bno items|nothing|nada\b|tiver itens", ("not",)),
    "missing": (
        r"\bnone\b|\bnull|\bnul[oa]s?\b|missing|\bgiven|informad|obrigat|requir|mandator|ausent|"
        r"\bthere is no\b|\bno \w+ is\b|not set|nao houver|nao vier|without|\bsem\b",
        ("is None",),
    ),
    # What there is none of may be empty as well.
    "none of": (
        r"\bno (?:\w+ )?(?:is|are|was|were) (?:given|passed|left|there)|\bthere (?:are|were) no\b|"
        r"\bno\s+(?:is|are)\b|nao (?:houver|ha\b|tiver|ve(?:io|m)\b|vier)|\bnenhum|\bno one\b",
        ("not",),
    ),
    "type": (r"\btypes?\b|\btipo|instanc|\bisn.t an?\b|\bis not an?\b|\bnon-", ("isinstance",)),
    "long": (r"\blong|charact|caracter|\bitems?\b|\bitens\b|length|tamanho|\blen\b", ("len",)),
}
_LEAST = re.compile(
    r"at least|minim|or more|or greater|no min|pelo menos|ou mais|ou maior|as its floor|\bpiso\b"
)
_MOST = re.compile(
    r"at most|maxim|no max|limit|up to|exceed|exced|ultrapass|or less|ou menos|as its ceiling|"
    r"\bteto\b|\bno more than|nao (?:pode )?pass[ae]"
)
_MORE = re.compile(
    r"\b(?:above|greater|more|over|larg|bigger|acima|maior|passar|superior|high|"
    r"mais (?:de|do que|que)\b)|>"
)
_LESS = re.compile(
    r"\b(?:below|less|under|fewer|small|lower|abaixo|menor|inferior|low\b|"
    r"menos (?:de|do que|que)\b)|<"
)
_ZERO = re.compile(r"\bzero|(?<![\d.,])0(?![\d.,]*\d)|zerad")
_TYPES = re.compile(
    r"\b(?:int|str|float|list|dict|bool|bytes|set|tuple|Decimal|Path|datetime|date|integer|string|"
    r"boolean|inteiro|texto|booleano|lista|number)\b"
)


def guard_rules(parameters: Sequence[str], mentions: Mentions) -> dict[str, str]:
    """GBNF rules by name; `guard` is the whole statement with its newline.

    `parameters` must not be empty: the names that a condition may test.
    """
    numbers = tuple(dict.fromkeys((*mentions.numbers, "0", "1")))
    text = _bare(parameters, mentions)
    ways = _ways(parameters, text, mentions)
    given = _given(mentions)
    rules = {
        "guard": (
            " | ".join(_guard(w, text, mentions) for w in ways)
            if ways
            else _any_guard(text, mentions)
        ),
        "guard-name": trie(tuple(parameters)),
        "guard-number": trie(_said_numbers(mentions) or numbers),
        "guard-value": f"{trie(numbers)} | guard-text | {trie(tuple(parameters))}",
        "guard-type": '[a-zA-Z_(] [a-zA-Z0-9_.,() |]{0,40}',
        "guard-text": '"\\"" [^"\\n]{0,60} "\\"" | "\'" [^\'\\n]{0,60} "\'"',
        "guard-error": trie(_errors(mentions)),
        "guard-return": (
            f'"return " {trie(given)} "\\n"' if given else '"return" (" " [^\\n]{1,40})? "\\n"'
        ),
    }  # fmt: skip
    if not ways:
        rules["guard-test"] = " | ".join(_ANY_TEST)
    return rules


def can_test(parameters: Sequence[str], mentions: Mentions) -> bool:
    """Whether the sentence speaks of something that a guard can test."""
    return bool(_ways(parameters, _bare(parameters, mentions), mentions))


def _guard(way: str, text: str, mentions: Mentions) -> str:
    """A test of one kind, and what follows with a message that fits it."""
    return f'"if " {_SPELLED[way]} ":\\n    " ({_outcome(text, mentions, way)})'


def _any_guard(text: str, mentions: Mentions) -> str:
    outcome = _outcome(text, mentions, "")
    return f'"if " guard-test ((" or " | " and ") guard-test)? ":\\n    " ({outcome})'


_ANY_TEST = (
    '"not " guard-name',
    'guard-name (" is None" | " is not None")',
    '(guard-name | "len(" guard-name ")")'
    ' (" < " | " <= " | " > " | " >= " | " == " | " != ") guard-value',
    '"not isinstance(" guard-name ", " guard-type ")"',
    'guard-name (" not in " | " in ") guard-value',
)


def _given(mentions: Mentions) -> tuple[str, ...]:
    """What the sentence says that is returned, if it says it: "return 0", "responde None"."""
    text = fold(mentions.text)
    found = [_MEANT.get(m[1], m[1].replace(",", ".")) for m in _GIVEN.finditer(text)]
    if found == ["''"] or found == ['""']:
        return ('""', "''")
    return tuple(dict.fromkeys(found)) if len({*found}) == 1 else ()


def _bare(parameters: Sequence[str], mentions: Mentions) -> str:
    """The folded sentence without names, quoted texts and what is returned: what is left says how
    to test."""
    text = mentions.text
    for name in sorted((*mentions.code, *mentions.quoted, *parameters), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    text = _GIVEN_TYPE.sub(" ", fold(text))
    return _GIVEN.sub(lambda m: m.group().replace(m[1], " "), text)


def _ways(parameters: Sequence[str], text: str, mentions: Mentions) -> tuple[str, ...]:
    """The kinds of test that the sentence's words can mean; none where it says nothing known."""
    found: list[str] = []
    for pattern, ways in _WAYS.values():
        if re.search(pattern, text):
            found += ways
    if _EMPTY.search(text) and not _NONE.search(text):
        found = [w for w in found if w != "is None"]
    if _MANY_NONE.search(text) and not _NONE.search(text):
        several = [p for p in parameters if p.endswith("s") and not p.endswith("ss")]
        found = [w for w in found if w != "is None"] if len(several) == len(parameters) else found
    if {"< zero", "<= zero", "len"} & {*found} and not _EMPTY.search(text):
        found = [w for w in found if w != "not"]
    more, less = _directions(text)
    if _ZERO.search(text):
        zero = _zero_ways(text, found, more, less)
        found = [w for w in found if w not in ("< zero", "<= zero") or len(zero) > 1] + zero
    said = [n for n in _said_numbers(mentions) if n != "0"]
    if said and "len" not in found and (more or less or not found):
        found += [">"] if more and not less else ["<"] if less and not more else [">", "<", "=="]
    if not said and "len" in found:
        found.remove("len")
    if re.search(r"or equal|ou igual|<=|>=|\bat or\b", text):
        found = [{">": ">=", "<": "<="}.get(w, w) for w in found]
    typed = bool(_TYPES.search(mentions.text))
    if typed and (not found or "isinstance" in found):
        found.append("isinstance")
    if 1 < len(parameters) < 4 and (more or less):
        found.append("names")
    if found == ["isinstance"] and not typed:
        return ()
    return tuple(dict.fromkeys(found))


_EMPTY = re.compile(r"\bempt|\bblank|\bvazi")
_NONE = re.compile(r"\bnone\b|\bnull|\bnul[oa]s?\b")
_MANY_NONE = re.compile(
    r"\bare no\b|\bwere no\b|nao (?:houver|ha\b|tiver|ve(?:io|m)\b|vier)|nenhum"
)


def _directions(text: str) -> tuple[bool, bool]:
    """Whether what is too much, and whether what is too little is tested."""
    if _LEAST.search(text):
        return False, True
    if _MOST.search(text):
        return True, False
    return bool(_MORE.search(text)), bool(_LESS.search(text))


_ZERO_OR = re.compile(
    r"(?:zero|\b0) (?:or|ou) (?:below|less|negativ|under|smaller|lower|menos|menor|abaixo)|"
    r"negativ\w* (?:or|ou|nem) (?:zero|0\b)|not? positiv|n.t positiv|nao (?:for |seja |e )?positiv|"
    r"(?:must|should|has to|deve|tem que|precisa) (?:be|ser) positiv"
)
_ZERO_OR_MORE = re.compile(
    r"zero (?:or|ou) (?:more|greater|higher|mais|maior|positiv)|(?:at least|pelo menos|no minimo) "
    r"(?:zero|0\b)|>= ?0"
)
_BELOW_ZERO = re.compile(
    r"(?:below|less than|under|smaller than|lower than|abaixo de|menor(?:es)? (?:que|do que)|<) "
    r"(?:zero|0\b)(?! (?:or|ou))"
)


_DEMANDS = re.compile(
    r"\b(?:must|should|has to|have to|needs? to|ought|only|always|ensure|make sure|not|n.t|never|"
    r"validate|check|deve|deveria|tem que|tem de|precisa|so|sempre|garant\w+|valid\w+|verifi\w+|"
    r"nao|nunca)\b"
)


def _zero_ways(text: str, found: Sequence[str], more: bool, less: bool) -> list[str]:
    if _ZERO_OR_MORE.search(text):
        return ["< zero"]
    if _ZERO_OR.search(text) or (
        re.search(r"(?:igual|equal) (?:a|to) (?:zero|0\b)", text) and less
    ):
        return ["<= zero"]
    if _BELOW_ZERO.search(text) and not more:
        return ["< zero"]
    if more and not less and not _DEMANDS.search(text):
        return ["> zero"]  # "Error if x is more than 0"
    if more or less:
        return ["<= zero", *(["> zero"] if more else []), *(["< zero"] if less else [])]
    if "< zero" in found:
        return ["<= zero"]
    return ["== zero", "<= zero", *(["not"] if "not" in found else [])]


_SPELLED = {
    "not": '"not " guard-name',
    "is None": 'guard-name " is None"',
    "isinstance": '"not isinstance(" guard-name ", " guard-type ")"',
    "len": '"len(" guard-name ")" (" > " | " < " | " >= " | " <= " | " == ") guard-number',
    "< zero": 'guard-name " < 0"',
    "<= zero": 'guard-name " <= 0"',
    "> zero": 'guard-name " > 0"',
    "== zero": 'guard-name " == 0"',
    ">": 'guard-name " > " guard-number',
    "<": 'guard-name " < " guard-number',
    ">=": 'guard-name (" > " | " >= ") guard-number',
    "<=": 'guard-name (" < " | " <= ") guard-number',
    "names": 'guard-name (" < " | " > " | " <= " | " >= ") guard-name',
    "==": 'guard-name (" == " | " != ") guard-number',
}  # fmt: skip


def _said_numbers(mentions: Mentions) -> tuple[str, ...]:
    """Numbers that are written in figures, or as words other than zero."""
    return tuple(n for n in mentions.numbers if n != "0" or re.search(r"\b0\b", mentions.text))


def _outcome(text: str, mentions: Mentions, way: str) -> str:
    """Raise, return, or both where the sentence leaves it open."""
    raising = f'"raise " guard-error ("(" {_message(mentions, way)} ")")? "\\n"'
    raises = bool(_RAISES.search(text)) or bool(_named_errors(mentions))
    refuses = bool(_REFUSES.search(text)) and not (_GIVES.search(text) or _given(mentions))
    if _RETURNS.search(text) and not refuses:
        return f"{raising} | guard-return" if raises else "guard-return"
    return raising


def _named_errors(mentions: Mentions) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t for t in mentions.tokens if _NAMED_ERROR.fullmatch(t)))


def _errors(mentions: Mentions) -> tuple[str, ...]:
    """The exceptions that the sentence names, else names that may be one, and the common ones."""
    if named := _named_errors(mentions):
        return named
    like = tuple(dict.fromkeys(t for t in mentions.tokens if _CLASS_LIKE.fullmatch(t)))
    return (*like, *_COMMON_ERRORS)


_SAID = {
    "not": '" must not be empty"',
    "is None": '" must not be None"',
    "isinstance": '" must be a " guard-type',
    "len": '" must not be longer than " guard-number',
    "< zero": '" must not be negative"',
    "<= zero": '" must be positive"',
    "== zero": '" must not be zero"',
    ">": '" must be at most " guard-number',
    "<": '" must be at least " guard-number',
}  # fmt: skip


_SAYS_MESSAGE = re.compile(r"messag|mensag|saying|says|dizendo|\btext|[:,(]\s*[\"'“]")


def _message(mentions: Mentions, way: str) -> str:
    """The text that the sentence quotes for the message, else one that says what is tested."""
    said = _SAYS_MESSAGE.search(fold(mentions.text))
    quoted = [q for q in mentions.quoted if said and " " in q.strip() and '"' not in q]
    if quoted:
        return trie(tuple(f'"{q}"' for q in quoted))
    if way in _SAID:
        return f'"\\"" guard-name {_SAID[way]} "\\""'
    return '"f"? guard-text'


def tested(parameters: Sequence[str], mentions: Mentions) -> tuple[str, ...]:
    """The parameters that the sentence names, else all but self and cls."""
    own = [p for p in parameters if p not in ("self", "cls")]
    named = [p for p in own if p in mentions.tokens or p in mentions.quoted]
    folded = [p for p in own if p.lower() in mentions.pieces]
    return tuple(named or folded or own)
