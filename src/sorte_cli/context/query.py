"""What a task asks for, as search terms: words, identifiers, translations, paths. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sorte_cli.context import words

TRANSLATION_WEIGHT = 0.8
TYPO_WEIGHT = 0.7
MAX_TERMS = 60
TASK_LIMIT = 4_000
PIECES_IN_NAMES = 150
LONGEST_NAME = 4
_TOKEN = re.compile(r"[\w$@./\\:#-]*\w")
_INNER_CASE = re.compile(r"[a-z0-9][A-Z]")
_PATH = re.compile(r"[\w.@-]+(?:[/\\][\w.@-]+)+|[\w-]+\.[A-Za-z]\w{0,5}\b")
# What points elsewhere: links, issues, the type of a conventional commit (its scope stays).
_LINK = re.compile(
    r"https?://\S+|(?:\b(?:fixe?[sd]?|close[sd]?|resolve[sd]?|refs?|see)[ :]+)?"
    r"\(?(?:(?<![\w/.-])[\w-]+/[\w-]+)?#\d+\)?",
    re.I,
)
_TYPE = re.compile(
    r"\A\s*(?:feat|fix|chore|refactor|perf|style|build|ci|docs?|tests?|revert)"
    r"(?:\(([^()\n]*)\))?!?:\s",
    re.I,
)
_ENDLESS = re.compile(r"\S{200,}")
_PLAIN_WORD = re.compile(r"[^\W\d_]+")
_PORTUGUESE_WORDS = """
o os uma uns umas e ou da dos das em nas nos na pelo pela para pra com sem que ao seu sua quando
onde mais já não só também deve tem adicionar adicione adiciona crie criar cria novo nova novos
novas corrigir corrija mudar mude muda alterar altere altera fazer implementar implemente atualizar
atualize usar incluir inclua colocar coloque renomear renomeie remover remova apagar apague excluir
exclua aumentar aumente diminuir diminua reduzir reduza trocar troque copiar copie duplicar duplique
validar valide verificar verifique mostrar mostre permitir permita quero preciso acima abaixo maior
menor método função classe valor parâmetro teste arquivo limite desconto pagamento pedido
"""
_ENGLISH_WORDS = """
the a an is are to of in on for with and or not when which that this add new create make use rename
remove delete change set fix update by from as it should must be
"""
_CREATION_WORDS = """
add create new implement support introduce adds adding another adicionar adicione adiciona
acrescentar acrescente criar crie cria novo nova implementar implemente incluir inclua suportar
suporte outro outra
"""
_TEST_WORDS = """
test testing spec fixture pytest phpunit jest vitest benchmark coverage parametrize parametrise mock
mocking flaky assert assertion teste testar testado cobertura asserção
"""
_PORTUGUESE = frozenset(words.fold(w) for w in _PORTUGUESE_WORDS.split())
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_CREATION = frozenset(words.stem(w) for w in _CREATION_WORDS.split())
_TESTS = frozenset(words.stem(words.fold(w)) for w in _TEST_WORDS.split())


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: alternatives (index term, weight), the first as the task says it.

    `weight` is the term's own importance in the sentence before rarity is counted.
    """

    alternatives: tuple[tuple[str, float], ...]
    weight: float = 1.0

    @property
    def text(self) -> str:
        return self.alternatives[0][0]


@dataclass(frozen=True, slots=True)
class Query:
    """A task ready for search. `pieces` are its words folded and split, in order, without stems;
    `names` are tokens that look like code; `paths` tokens that look like paths; `of_tests` says
    whether the task speaks of tests.
    """

    task: str
    terms: tuple[Term, ...]
    pieces: tuple[str, ...]
    names: tuple[str, ...]
    paths: tuple[str, ...]
    portuguese: bool
    creates: bool
    of_tests: bool = False


def name_keys(query: Query) -> dict[str, int]:
    """Keys (see `words.key`) of what in a task may be the name of a definition: its words and runs
    of up to four of them, with how many words each is.
    """
    found: dict[str, int] = {}
    pieces = query.pieces[:PIECES_IN_NAMES]
    for size in range(1, LONGEST_NAME + 1):
        for start in range(len(pieces) - size + 1):
            first, last = pieces[start], pieces[start + size - 1]
            key = "".join(pieces[start : start + size])
            if first in words.STOP or last in words.STOP or len(key) < 3:
                continue
            if size > 1 or first not in words.VERBS:
                found[key] = size
    return found


def is_portuguese(task: str) -> bool:
    """Whether a sentence is rather Portuguese than English, by its function words."""
    found = [words.fold(w) for w in _PLAIN_WORD.findall(task)]
    portuguese = sum(w in _PORTUGUESE for w in found) + 2 * (not task.isascii())
    return portuguese > sum(w in _ENGLISH for w in found)


def understand(task: str, own: Mapping[str, tuple[str, ...]] | None = None) -> Query:
    """Read a task. Never fails; an empty task has no terms.

    `own` is what the project itself translates: Portuguese stem -> English stems.
    """
    text = _LINK.sub(" ", _ENDLESS.sub(" ", task[:TASK_LIMIT]))
    text = _TYPE.sub(lambda found: f"{found[1] or ''} ", text)
    portuguese = is_portuguese(text)
    weights: dict[str, float] = {}
    for line_number, line in enumerate(text.strip().split("\n")):
        share = 1.0 if line_number == 0 else 0.5
        for token in words.WORD.findall(line):
            folded = words.fold(token)
            if folded in words.STOP:
                continue
            verb = 0.35 if folded in words.VERBS else 1.0
            for term in words.terms_of(token):
                weights[term] = min(weights.get(term, 0.0) + share * verb, 2.0)
    terms = [
        Term(_alternatives(term, portuguese, own or {}), weight)
        for term, weight in list(weights.items())[:MAX_TERMS]
    ]
    tokens = [t.strip(".:-") for t in _TOKEN.findall(text)]
    pieces = tuple(p for t in tokens for p in words.split_words(t))
    names = tuple(dict.fromkeys(n for t in tokens if (n := _code_name(t))))
    paths = tuple(dict.fromkeys(m.group().replace("\\", "/") for m in _PATH.finditer(text)))
    creates = any(words.stem(p) in _CREATION for p in pieces[:12])
    # The type of a commit is no search term, but `test:` says what it is about.
    of_tests = any(
        words.stem(words.fold(w)) in _TESTS for w in _PLAIN_WORD.findall(task[:TASK_LIMIT])
    )
    return Query(task, tuple(terms), pieces, names, paths, portuguese, creates, of_tests)


def _alternatives(
    term: str, portuguese: bool, own: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, float], ...]:
    found = [(term, 1.0)]
    if portuguese:
        english = dict.fromkeys((*own.get(term, ()), *words.glossary().get(term, ())))
        found += [(e, TRANSLATION_WEIGHT) for e in english if e != term]
    return tuple(found)


def corrected(query: Query, near: Mapping[str, tuple[str, ...]]) -> Query:
    """The query with known neighbours put beside terms that the project does not have."""
    terms = (
        replace(t, alternatives=(*t.alternatives, *((n, TYPO_WEIGHT) for n in near[t.text])))
        if near.get(t.text)
        else t
        for t in query.terms
    )
    return replace(query, terms=tuple(terms)) if near else query


def _code_name(token: str) -> str:
    """The identifier in a token that only code can look like; "" for plain words."""
    name = re.split(r"[./\\:#]+", token)[-1].strip("$@-")
    looks = "_" in name.strip("_") or _INNER_CASE.search(name) or name.startswith("_")
    dotted = re.fullmatch(r"\w+(?:\.\w+)+", token) and not token[0].isdigit()
    return name if name and (looks or dotted or (name.isupper() and len(name) > 2)) else ""
