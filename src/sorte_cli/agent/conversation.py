"""A talk with the person: what kind a message is, what of the talk a model still sees.

Pure: text in, values out. `answering.py` answers questions; `run.py` carries changes out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sorte_cli.agent.grounding import fold, read_mentions
from sorte_cli.agent.likely_verbs import likely

COMMAND, SHELL, QUESTION, PLAN, CHANGE, TALK = (
    "command", "shell", "question", "plan", "change", "talk",
)  # fmt: skip
KEPT_TURNS = 4
"""The latest turns are never summarised."""
EDIT_CHANCE = 0.3
"""A statement that is so likely an edit by its words counts as a change; what it names is not known
here, so that many are less likely than they are in their project."""
COMPACT_AT = 0.75
"""Share of the room at which older turns are summarised."""
SUMMARY_CHARS = 120
BACKGROUND_CHARS = 2_000

_POLITE = re.compile(
    r"^(?:please|por favor|pls|can you|could you|would you|will you|voce pode|voce poderia|pode|"
    r"poderia|consegue|quero que voce|quero que|quero|preciso que voce|preciso que|preciso|"
    r"i want you to|i want to|i need you to|i need to|i would like you to|let us|lets|vamos|now|"
    r"agora|then|depois|also|tambem|and|e|ok|okay)\b[\s,:]*"
)
_ASKING_WORDS = """
what where who whose whom which when why how is are was were does do did has have should explain
describe summarize summarise tell show list find search look locate onde quem qual quais quando
quanto quantos quantas como porque existe existem ha sera explique explica descreva descreve
resuma resume mostre mostra liste lista procure procura encontre encontra ache busque diga conte
"""
ASKING = frozenset(_ASKING_WORDS.split())
_ASKING_PAIRS = frozenset({"o que", "por que", "para que", "de onde", "em que", "a que"})
_DOING_WORDS = """
add create make new implement introduce support rename move delete remove drop change set update
fix correct replace raise lower increase decrease reduce copy clone duplicate extract inline
split merge convert refactor write document annotate deprecate validate use turn wrap insert
append extend give put allow enable disable bump sort simplify adicione adicionar adiciona crie
criar cria faca fazer implemente implementar implementa renomeie renomear renomeia mova mover
mude mudar muda altere alterar altera apague apagar exclua excluir remova remover remove tire
tirar defina definir ajuste ajustar atualize atualizar corrija corrigir conserte consertar
substitua substituir troque trocar aumente aumentar diminua diminuir reduza reduzir copie copiar
clone clonar duplique duplicar extraia extrair divida dividir junte juntar converta converter
refatore refatorar escreva escrever documente documentar anote anotar valide validar use usar
coloque colocar ponha por inclua incluir insira inserir acrescente acrescentar passe permita
permitir habilite desabilite
"""
_DOING = frozenset(_DOING_WORDS.split())
_PLANNING = re.compile(r"^(?:plan|planeje|planejar|plano)\b[\s:,]*(?:how to|como|to|para|de)?\s+")
_GREETING_WORDS = """
hi hello hey thanks thank you oi ola obrigado obrigada valeu bom boa dia tarde noite tchau bye
good morning afternoon evening cool nice great legal otimo muito bem well done tudo
"""
_GREETING = frozenset(_GREETING_WORDS.split())


@dataclass(frozen=True, slots=True)
class Route:
    """What a message is: `kind`, and its text without the mark that said so."""

    kind: str
    text: str


def clean(text: str) -> str:
    """A message without control characters, however it came (typed, pasted, piped)."""
    kept = (
        c
        for c in text.replace("\r\n", "\n").replace("\r", "\n")
        if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c == "\u200d"
    )
    return "".join(kept).strip()


def route(message: str) -> Route:
    """The kind of a message. What is neither clearly a change nor a question counts as a question,
    because answering one touches nothing."""
    text = clean(message)
    if text == "?":
        return Route(COMMAND, "help")
    if text.startswith("/") and not text.startswith("//"):
        return Route(COMMAND, text[1:].strip())
    if text.startswith("!"):
        return Route(SHELL, text[1:].strip())
    plain = fold(text)
    words = re.findall(r"[^\W\d_]+", plain)
    if words and len(words) <= 6 and all(w in _GREETING for w in words):
        return Route(TALK, text)
    if found := _PLANNING.match(plain):
        same = len(plain) == len(text)  # folding took nothing away, so the places agree
        return Route(PLAN, (text[found.end() :].strip() if same else "") or text)
    return Route(CHANGE if _is_change(text) else QUESTION, text)


def _is_change(text: str) -> bool:
    """Whether a message begins with a verb of doing, has one early, or its words are likely those
    of an edit in whatever order ("parse_args can go")."""
    plain = fold(text)
    core = plain.lstrip("¿¡\"'`( ")
    polite = False
    while found := _POLITE.match(core):
        core, polite = core[found.end() :], True
    words = re.findall(r"[^\W\d_]+", core)
    if not words:
        return False
    first, pair = words[0], " ".join(words[:2])
    if pair in _ASKING_PAIRS or first in ASKING:
        return False
    if first in _DOING:
        return polite or not plain.rstrip().endswith("?")
    if plain.rstrip().endswith("?"):
        return False
    if any(w in _DOING for w in words[:8]):
        return True
    return max(likely((), read_mentions(text)).values()) >= EDIT_CHANCE


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of the talk, as a model may see it. `summary` is the one-line form."""

    said: str
    reply: str
    kind: str = QUESTION

    @property
    def summary(self) -> str:
        return f"- {self.kind}: {_line(self.said)} -> {_line(self.reply)}"


def _line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SUMMARY_CHARS else flat[: SUMMARY_CHARS - 1] + "…"


@dataclass(frozen=True, slots=True)
class Context:
    """What of the talk a model sees: older turns as one summary, the latest whole."""

    summary: str = ""
    turns: tuple[Turn, ...] = ()

    def text(self) -> str:
        """The whole as the prompt holds it."""
        parts = [self.summary] if self.summary else []
        parts += [f"user: {t.said}\nsorte: {t.reply}" for t in self.turns]
        return "\n".join(parts)


Count = Callable[[str], int]


def add_turn(context: Context, turn: Turn) -> Context:
    """The context with one more turn; nothing is left out."""
    return Context(context.summary, (*context.turns, turn))


def compacted(context: Context, kept: int = KEPT_TURNS) -> Context:
    """Older turns as one line each, the latest `kept` whole."""
    if len(context.turns) <= kept:
        return context
    older, latest = context.turns[: len(context.turns) - kept], context.turns[-kept:]
    lines = [context.summary] if context.summary else ["earlier in this talk:"]
    return Context("\n".join([*lines, *(t.summary for t in older)]), tuple(latest) if kept else ())


def fitted(context: Context, room_tokens: int, count: Count) -> tuple[Context, tuple[str, ...]]:
    """The context within `room_tokens`, and what had to be done to it, for people to read.

    First older turns become lines, then fewer of the latest stay whole, then the oldest lines go.
    """
    if count(context.text()) <= room_tokens:
        return context, ()
    done: list[str] = []
    for kept in (KEPT_TURNS, 2, 1, 0):
        smaller = compacted(context, kept) if kept else _all_lines(context)
        if smaller != context:
            done = [str(len(context.turns) - len(smaller.turns))]
        if count(smaller.text()) <= room_tokens:
            return smaller, ("summarised", *done)
    lines = smaller.summary.split("\n")
    while len(lines) > 1 and count("\n".join(lines)) > room_tokens:
        del lines[1]
    fits = len(lines) > 1
    return Context("\n".join(lines) if fits else ""), ("forgotten", *done)


def _all_lines(context: Context) -> Context:
    lines = [context.summary] if context.summary else ["earlier in this talk:"]
    return Context("\n".join([*lines, *(t.summary for t in context.turns)]))


def as_background(context: Context) -> str:
    """The talk for a change that may refer to it ("the same for the other one"), a line a turn."""
    lines = _all_lines(context).summary.split("\n")[1:] if context != Context() else []
    room = BACKGROUND_CHARS
    kept: list[str] = []
    for line in reversed(lines):
        room -= len(line) + 1
        if room < 0:
            break
        kept.insert(0, line)
    return "Earlier in this talk:\n" + "\n".join(kept) if kept else ""


def rebuilt(turns: Sequence[Turn]) -> Context:
    """The context of a resumed talk."""
    return compacted(Context("", tuple(turns)), 2 * KEPT_TURNS)
