"""Splits a task into clauses that stand alone: "rename a to b and set C to 3" is two tasks.

Deterministic and cautious. Small models forget the second half of a long sentence, so the compact
profile plans clause by clause. A sentence is cut only where both halves name something of the
project and say what to do with it; everything else stays one task.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from sorte_cli.agent.asking import both_ask
from sorte_cli.agent.grounding import SLIP_LENGTH, WORD, fold, narrow, read_mentions, strength
from sorte_cli.agent.joining import goes_on
from sorte_cli.agent.naming import known_names
from sorte_cli.context.words import within_one_edit
from sorte_cli.domain import Symbol

MOST_CLAUSES = 6
# Words that say that something else follows; alone, or after a mark or "and".
_MORE = (
    "and while you're there|and while you are there|and while you're at it|while you're at it|"
    "and while there|and, while there|e aproveita e|e aproveite e|e aproveita|e aproveite|"
    "e aproveitando|aproveita e|aproveitando|and then|and also|and besides|"
    "and on top of that|on top of that|then|also|plus|after that|afterwards|in addition|"
    "additionally|besides|furthermore|btw|by the way|next|second|secondly|followed by this|"
    "e depois|e tambem|e também|e aí|e ai|e além disso|e alem disso|e de quebra|de quebra|depois|"
    "depois disso|também|tambem|além disso|alem disso|em seguida|por fim|fora isso|"
    "adicionalmente|bem como|mais|segundo|oh, and|ah, e"
)
_MARK = r"(?:\(?[2-9b-f]\)|[2-9]\.)"
_JOIN = re.compile(
    rf"(?:\s*[,;.]|\s+-)?\s+(?:(?:(?:and|e),? )?(?:{_MORE})|and|e|/|&|\+)(?:\s*[,:])?\s+|"
    rf"\s*[,;.]?\s+{_MARK}\s+|\s*;\s+|\.\s+|,\s+",
    re.IGNORECASE,
)
# More than a bare "and": the sentence itself says that something else follows.
_STRONG = re.compile(rf"[;.)]|\b(?:{_MORE})\b", re.IGNORECASE)
_LEADING = re.compile(
    rf"^(?:(?:{_MORE}|and|e|please|por favor|pls|first|firstly|primeiro)\b[,: ]*|"
    r"(?:two|duas|2) (?:things|changes|edits|coisas|mudancas|mudanças)[:,]? +|"
    r"\(?[1-9a-f]\) *|[1-9]\. +|- +)+",
    re.IGNORECASE,
)
_PROTECTED = re.compile(
    r"\b(?:i\.e|e\.g|p\. ?ex|etc|vs)\. |"
    r"`[^`]*`|\"[^\"]*\"|“[^”]*”|«[^»]*»|(?<!\w)'[^']*'(?!\w)|\([^)]*\)|\[[^\]]*\]|\{[^}]*\}"
)
# How a clause says what to do: an imperative at its beginning, or one of these after its subject.
VERBS = frozenset(
    word
    for line in (
        "accept aceite acrescente activate add adiciona adicionar adicione adjust ajuste allow",
        "altera alterar altere append assegure assert assign associe ativa ative atualize aumenta",
        "aumente baixe block bota bring bump call chama chamar chame change check cheque clona",
        "clonar clone coloca colocar coloque copia copiar copie copy create cria criar crie cut",
        "de defina define deixa deixe desativa desative desliga desligue devolva diminua disable",
        "disallow dispare drop duplicate duplique enable ensure escreva extend faca fail faz",
        "fazer forbid garanta garantir give guard habilite have implement implemente import",
        "importa importar importe inclua include inclui incluir increase insert insira introduce",
        "lanca lance let levante leve liga ligue link lower make map mapeie move muda mudar mude",
        "name passe permita poe point ponha proiba protect proteja pull put raise rebatize",
        "recusar recuse reduce reduza refuse register registre reject rejeitar rejeite rename",
        "renomear renomeia renomeie replace retorna retorne return set stop suba substitua",
        "support switch take throw traga troca trocar troque turn update usa usar use validar",
        "validate valide verifique verify vira virar write delete remove remova remover drop kill",
        "tire tira tirar retire retira apague apaga apagar exclua exclui delete deleta annotate",
        "anote anota decorate decore document documente mova mover bota poe sobe baixa turn",
        "alter arranca arruma build bring clean confere conserta converte convert corrige corta",
        "declara declare descreva describe devolve do documenta double equip expand expoe expose",
        "extend fix garante halve insere insira joga launch leva limpa manda mark marca mark mete",
        "mv offer passa pick plumb prefer proibe provide puxa purge rebaptize recusa refactor",
        "rejeita relabel rip rm route retitle spell split start stick strip substitui swap tag",
        "thread tipe transforma traz type valida wire wrap envolve anotar tipar declarar escrever",
        "botar passar levar mandar colocar documentar marcar decorar guardar garante",
    )
    for word in line.split()
)
_SAYS = re.compile(
    r"\b(?:should|must|needs?|has to|have to|ought|becomes?|is|are|to be|wants?|gets?|takes?|goes|"
    r"cannot|can|could|lacks|with|new|deve|deveria|precisa|tem que|vira|passa a|agora|vai|recebe|"
    r"ganha|fica|vale|pode|esta|falta|faltou|nao|com|novo|nova)\b|"
    r"=|->|=>|→|:"
)
_POINTS_BACK = re.compile(r"\b(?:it|them|ele|ela|eles|elas|isso|isto|dele|dela|ambos)\b")
_POINTS_BACK_WEAKLY = re.compile(
    r"\b(?:its|their|this|that|these|those|one|both|o mesmo|a mesma|the same|so)\b"
)
_BE = re.compile(r"\b(?:should be|must be|deve ser|deveria ser|tem que ser)\b", re.I)
_NAME_AND_VALUE = re.compile(r"^(\S+(?:\s[^\W\d]\w*){0,2})\s+(\"[^\"]*\"|'[^']*'|\S+)$")
_SHORT_SECOND = re.compile(r"^\S+(?:\s\w+){0,2}\s+(?:to|=|as|para|pra|por|como)\s+\S+.*$")


def split_clauses(task: str, symbols: Sequence[Symbol]) -> tuple[str, ...]:
    """The clauses of a task in order; the whole task alone where nothing can be cut."""
    text = " ".join(task.split())
    names = known_names(symbols)
    clauses: list[str] = []
    start = 0
    for joint in joints(text):
        head, tail = text[start : joint.start()], text[joint.end() :]
        part = _first_part(tail, strong=bool(_STRONG.search(joint.group())))
        told = _resolved(head, part, joint, symbols, names)
        second = _second(head, told, joint, symbols, names)
        if goes_on(head, part, symbols):
            continue
        if not second or not _named(head, symbols, names):
            if not both_ask(_clean(head), _clean(tail), joint.group(), symbols):
                continue
            second = part
        clauses.append(_clean(head))
        start = joint.end()
        if second != part:  # its verb was left out, or its subject
            rest = tail[len(part) :]
            return (*clauses, *split_clauses(_clean(second) + rest, symbols))
    clauses.append(_clean(text[start:]))
    return tuple(clauses) if 1 < len(clauses) <= MOST_CLAUSES else (task,)


def _clean(clause: str) -> str:
    return _LEADING.sub("", clause)


_TO_IT = re.compile(
    r"\b(?P<by>to|from|in|on|of|for|into|above|onto) (?:it|that|the same one|the same (?:function|"
    r"method|class))(?![\w'])|\b(?P<pt>d|n)(?:el[ae]|ess[ae])\b|\b(?P<a>a) el[ae]\b",
    re.IGNORECASE,
)
_IT_IS_TO = re.compile(
    r"^(?:it|that|the same one|ela|ele|lá)\b(?=[ ,:])|\b(?<=que )(?:ela|ele)\b", re.IGNORECASE
)
_OF_ITSELF = re.compile(r"default|padr|\btype|\btipo(?! de retorno)|\btest|\bregist")
_GOES = re.compile(r"\b(?:renam|mov|delet|remov|clon|cop|apag|renome|mova|duplic|call|cham)")


def _resolved(
    head: str, part: str, joint: re.Match[str], symbols: Sequence[Symbol], names: Container[str]
) -> str:
    """A second clause that points back ("add a to f and remove b from it"), with the name of the
    one thing that the first speaks of; as it is where that is not clear."""
    clean = _clean(part)
    back = _TO_IT.search(clean)
    first, before = _acts(clean), back.start() if back else len(clean)
    if back is None and joint.group().strip(" ,;.") and not _OF_ITSELF.search(fold(clean)):
        back = _IT_IS_TO.search(clean)
        first = back is not None
    if back is None or not (first or _STRONG.search(joint.group())) or _GOES.search(fold(head)):
        return part
    if _named(clean[:before], symbols, names) or re.search(r"\btest|\bregist", fold(clean)):
        return part
    for token in read_mentions(head).code:
        head = head if token in names else head.replace(token, " ")
    mentions = read_mentions(head)
    meant = narrow([s for s in symbols if s.kind != "file"], mentions)
    if len(meant) != 1 or strength(meant[0], mentions) < WORD:
        return part
    name = meant[0].qualified_name
    found = back.groupdict()
    by = found.get("by") or {"d": "de", "n": "em"}.get((found.get("pt") or "").lower(), "")
    by = by or (found.get("a") or "")
    return f"{clean[: back.start()]}{by} {name} {clean[back.end() :]}".strip().replace("  ", " ")


def joints(text: str) -> list[re.Match[str]]:
    """Where a cut may be, outside of quotes and brackets."""
    closed = [m.span() for m in _PROTECTED.finditer(text)]
    return [m for m in _JOIN.finditer(text) if not any(a < m.start() + 1 < b for a, b in closed)]


def follows(joint: re.Match[str]) -> bool:
    """Whether a joint says with a word, not by a mark alone, that something else follows."""
    return bool(_STRONG.search(joint.group().strip(" ,;.")))


def _named(clause: str, symbols: Sequence[Symbol], names: Container[str]) -> bool:
    """Whether a clause names a symbol, new names written as code left out of account."""
    for token in read_mentions(clause).code:
        if token not in names and token.rpartition(".")[2] not in names:
            clause = clause if _slip_of(token, symbols) else clause.replace(token, " ")
    mentions = read_mentions(clause)
    return any(strength(s, mentions) >= WORD for s in symbols)


def _slip_of(token: str, symbols: Sequence[Symbol]) -> bool:
    """Whether the token is the name of a symbol but for one letter."""
    said = fold(token)
    return len(said) > SLIP_LENGTH and any(within_one_edit(said, fold(s.name)) for s in symbols)


def _second(
    head: str, part: str, joint: re.Match[str], symbols: Sequence[Symbol], names: Container[str]
) -> str:
    """What follows the joint as a clause of its own; "" if it is none. A second clause that leaves
    its verb out ("set A to 1 and B to 2") gets the first one's."""
    clean = _clean(part)
    strong = bool(_STRONG.search(joint.group()))
    if not strong and _POINTS_BACK_WEAKLY.search(fold(clean)):
        return ""
    back = _POINTS_BACK.search(fold(clean))
    if not _named(clean, symbols, names):
        return ""
    if back and not _named(
        clean[: back.start()], symbols, names
    ):  # "X is unused, drop it" is whole
        return ""
    words = re.findall(r"[\w']+", fold(clean))
    if _DETAIL.match(fold(clean)) or len(clean.split()) < 2:
        return ""
    if joint.group().strip() == "," and not (words and words[0] in VERBS and _acts(head)):
        return ""
    if words[:1] and words[0] in VERBS and not clean[len(words[0]) :].startswith(":"):
        return part
    if strong and len(words) > 2:
        return part
    opens = _named(" ".join(clean.split()[:4]), symbols, names)
    if opens and _SAYS.search(fold(clean)):
        return part
    return _with_verb_of(head, clean) if opens else ""


# "; type: int", "; default 3": more of the same.
_DETAIL = re.compile(r"(?:type|tipo|default|padrao|value|valor)\b *:?")


def _acts(clause: str) -> bool:
    """Whether a clause begins with an imperative, politeness apart."""
    words = re.findall(r"[\w']+", fold(_clean(clause)))
    return bool(set(words[:3]) & VERBS)


def _with_verb_of(head: str, short: str) -> str:
    """A clause without a verb, with the verb of the clause before: "B to 2" after "set A to 1",
    "B 2" after "A should be 1"."""
    verbs = [w for w in re.findall(r"[\w']+", head) if fold(w) in VERBS]
    if verbs and _SHORT_SECOND.match(short):
        return f"{verbs[0]} {short}"
    said = _BE.search(head)
    pair = _NAME_AND_VALUE.match(short)
    return f"{pair[1]} {said.group()} {pair[2]}" if said and pair else ""


def _first_part(clause: str, *, strong: bool) -> str:
    """Up to the next joint (the next strong one); what comes after is judged later."""
    found = [j for j in joints(clause) if not strong or _STRONG.search(j.group())]
    return clause[: found[0].start()] if found else clause
