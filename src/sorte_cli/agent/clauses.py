"""Splits a task into clauses that stand alone: "rename a to b and set C to 3" is two tasks.

Deterministic and cautious. Small models forget the second half of a long sentence, so the compact
profile plans clause by clause. A sentence is cut only where both halves name something of the
project and say what to do with it; everything else stays one task.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from sorte_cli.agent.grounding import SLIP_LENGTH, WORD, fold, read_mentions, strength
from sorte_cli.agent.naming import known_names
from sorte_cli.context.words import within_one_edit
from sorte_cli.domain import Symbol

MOST_CLAUSES = 6
_JOIN = re.compile(
    r"\s*[,;.]?\s+(?:and while you(?:'re| are) (?:there|at it|on it)|"
    r"e aproveit(?:a|e|ando)(?: e| para)?|"
    r"and then|and also|and|then|also|plus|after that|in addition|"
    r"e depois|e também|e tambem|e aí|e ai|e|depois|também|tambem|além disso|alem disso|em seguida)"
    r"(?:\s*,)?\s+|\s*;\s+|\.\s+|,\s+",
    re.IGNORECASE,
)
# More than a bare "and": the sentence itself says that something else follows.
_STRONG = re.compile(
    r"[;.]|then|also|after|while|aproveit|addition|depois|tamb|al[eé]m|seguida|e a[íi]", re.I
)
_LEADING = re.compile(
    r"^(?:(?:and|then|also|plus|after that|e|depois|também|tambem|além disso|alem disso|"
    r"em seguida|please|por favor|pls)\b[, ]*)+",
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
_NAME_AND_VALUE = re.compile(r"^(\S+)\s+(\"[^\"]*\"|'[^']*'|\S+)$")
_SHORT_SECOND = re.compile(r"^\S+\s+(?:to|=|as|para|pra|por|como)\s+\S+.*$")


def split_clauses(task: str, symbols: Sequence[Symbol]) -> tuple[str, ...]:
    """The clauses of a task in order; the whole task alone where nothing can be cut."""
    text = " ".join(task.split())
    names = known_names(symbols)
    clauses: list[str] = []
    start = 0
    for joint in joints(text):
        head, tail = text[start : joint.start()], text[joint.end() :]
        part = _first_part(tail, strong=bool(_STRONG.search(joint.group())))
        second = _second(head, part, joint, symbols, names)
        if not second or not _named(head, symbols, names):
            continue
        clauses.append(_clean(head))
        start = joint.end()
        if second != part:  # its verb was left out
            return (*clauses, second)
    clauses.append(_clean(text[start:]))
    return tuple(clauses) if 1 < len(clauses) <= MOST_CLAUSES else (task,)


def _clean(clause: str) -> str:
    return _LEADING.sub("", clause)


def joints(text: str) -> list[re.Match[str]]:
    """Where a cut may be, outside of quotes and brackets."""
    closed = [m.span() for m in _PROTECTED.finditer(text)]
    return [m for m in _JOIN.finditer(text) if not any(a < m.start() + 1 < b for a, b in closed)]


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
    if joint.group().strip() == "," and not (words and words[0] in VERBS and _acts(head)):
        return ""
    if words[:1] and words[0] in VERBS:
        return part
    if strong and len(words) > 2:
        return part
    opens = _named(" ".join(clean.split()[:4]), symbols, names)
    if opens and _SAYS.search(fold(clean)):
        return part
    return _with_verb_of(head, clean) if opens else ""


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
