"""Commit messages: what the operations did, in the habit of the repository's own log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sorte_cli.domain import Step
from sorte_cli.edits import Operation, print_address

SUBJECT_LIMIT = 72
LEAST_SUBJECTS = 5
"""A log with fewer subjects in a language that can be told says nothing about the habit."""
_CONVENTIONAL = re.compile(r"^[a-z]+(\([^)]+\))?!?: \S")
_TESTS = re.compile(
    r"(^|/)(tests?/|test_[^/]*$|[^/]*_test\.\w+$|[^/]*Test\.php$|[^/]*\.(test|spec)\.\w+$)"
)
_PORTUGUESE_TEXT = """
adiciona adicionar adicionado adicionando acrescenta ajusta ajustar ajuste ajustes altera alterar
alterado alteração atualiza atualizar atualizado corrige corrigir corrigido correção cria criar
criado implementa implementar melhora melhorar muda mudar removido remover renomeia trocar usa usar
nova novo novas novos para com da das dos em na nos nas não uma um pelo pela ao aos quando mais tela
cadastro pagamento teste testes função arquivo
"""
_ENGLISH_TEXT = """
add added adds adding fix fixed fixes fixing update updated updates bump the to of and for with from
when in on by into change changed changes make improve support test tests use remove removed removes
rename move new allow drop
"""
_PORTUGUESE = frozenset(_PORTUGUESE_TEXT.split())
_ENGLISH = frozenset(_ENGLISH_TEXT.split())
_ACCENTS = re.compile("[ãõçáéíóúâêô]")
_PROSE = re.compile(r"(^|/)docs?/|\.(md|rst|txt|adoc)$")
_FIX = re.compile(r"(fix|correct|repair|corrig|conserta|arruma)", re.IGNORECASE)
FREE_VERBS = frozenset(
    {
        "edit", "insert_before", "insert_after", "replace_statement", "delete_statement", "wrap",
        "replace_symbol", "add_symbol", "replace_text", "create_file", "replace_file",
    }
)  # fmt: skip
"""Verbs that say how a step changes the text, and not what that is for."""


def follows_conventional(subjects: Sequence[str]) -> bool:
    """Whether a log speaks Conventional Commits; a log too short to tell counts as doing so."""
    own = [s for s in subjects if not s.startswith(("Merge ", "Revert "))]
    if len(own) < 5:
        return True
    return sum(bool(_CONVENTIONAL.match(s)) for s in own) >= 0.3 * len(own)


@dataclass(frozen=True, slots=True)
class Habit:
    """How a repository writes its commits; `language` is "en" or "pt_BR"."""

    conventional: bool = True
    language: str = "en"


def habit_of(subjects: Sequence[str], language: str) -> Habit:
    """The habit of a log; `language` is taken where the log is too short to tell."""
    said = [_spoken(s) for s in subjects if not s.startswith(("Merge ", "Revert "))]
    portuguese, english = said.count("pt_BR"), said.count("en")
    if portuguese + english >= LEAST_SUBJECTS:
        language = "pt_BR" if portuguese > english else "en"
    return Habit(follows_conventional(subjects), language)


def _spoken(subject: str) -> str:
    """The language that a subject is certainly in; "" where it could be any."""
    words = re.findall(r"[^\W\d]+", subject.lower())
    portuguese = sum(w in _PORTUGUESE or bool(_ACCENTS.search(w)) for w in words)
    english = sum(w in _ENGLISH for w in words)
    if portuguese == english:
        return ""
    return "pt_BR" if portuguese > english else "en"


def commit_message(
    operations: Sequence[Operation], task: str, habit: Habit, step: Step | None = None
) -> str:
    """Subject and body for the commit of one step (or of several folded into one).

    A single operation with a name of its own says best what it did; for anything else the words
    of the plan do, where the brain wrote some.
    """
    kind, text = _subject(operations, habit.language)
    said = ""
    if step is not None and step.instruction and step.verb in FREE_VERBS:
        said = " ".join(step.instruction.split())
        kind, text = _kind(operations, said), _sentence(said)
    prefix = f"{kind}: " if habit.conventional else ""
    subject = prefix + (text if habit.conventional else text[:1].upper() + text[1:])
    label = "Tarefa" if habit.language == "pt_BR" else "Task"
    body = [_wrapped(f"{label}: {' '.join(task.split())}")]
    if len(subject) > SUBJECT_LIMIT:
        cut = subject[: SUBJECT_LIMIT - 3]
        whole = cut.rpartition(" ")[0]
        subject = (whole if said and len(whole) > len(prefix) else cut).rstrip(" ,;:-") + "..."
        body[:0] = [_wrapped(said)] if said else []
    return "\n\n".join([subject, *body]) + "\n"


def _kind(operations: Sequence[Operation], said: str) -> str:
    """The type of a Conventional Commit for operations that could be anything."""
    paths = {operation.target.path for operation in operations}
    if all(_TESTS.search(path) for path in paths):
        return "test"
    if all(_PROSE.search(path) for path in paths):
        return "docs"
    return "fix" if _FIX.match(said) else "feat"


def _sentence(said: str) -> str:
    """What a plan says as a subject: no full stop, and no capital that is not a name's."""
    text = re.split(r"(?<=[\w)\]`'\"])[.;](?:\s|$)", said, maxsplit=1)[0].strip()
    first = text.split(" ")[0]
    return text[:1].lower() + text[1:] if first[1:].islower() or len(first) == 1 else text


def _subject(operations: Sequence[Operation], language: str) -> tuple[str, str]:
    kind, saying, names = _one(operations[0])
    place = ("en", "pt_BR").index(language)
    text = _SAYINGS[saying][place].format(**names)
    if others := len(operations) - 1:
        more = "one more" if others == 1 else "more"
        text += _SAYINGS[more][place].format(count=others)
    return kind, text


_SAYINGS = {
    "rename_parameter": (
        "rename parameter {parameter} of {name} to {new}",
        "renomeia o parâmetro {parameter} de {name} para {new}",
    ),
    "rename": ("rename {name} to {new}", "renomeia {name} para {new}"),
    "clone": ("add {new} after the pattern of {name}", "adiciona {new} no padrão de {name}"),
    "move": ("move {name}", "move {name}"),
    "delete": ("delete {name}", "exclui {name}"),
    "remove_parameter": (
        "remove parameter {parameter} of {name}", "remove o parâmetro {parameter} de {name}",
    ),
    "remove": ("remove {what} from {name}", "remove {what} de {name}"),
    "remove_import": ("remove an import of {name}", "remove um import de {name}"),
    "add_parameter": (
        "add parameter {parameter} to {name}", "adiciona o parâmetro {parameter} a {name}",
    ),
    "change_parameter": (
        "change parameter {parameter} of {name}", "altera o parâmetro {parameter} de {name}",
    ),
    "set_value": ("set {name} to {what}", "define {name} como {what}"),
    "set_return_type": ("{name} returns {what}", "{name} devolve {what}"),
    "add_entry": ("add {what} to {name}", "adiciona {what} a {name}"),
    "add_import": ("import what {name} needs", "importa o que {name} precisa"),
    "set_docstring": ("document {name}", "documenta {name}"),
    "create_file": ("add {name}", "adiciona {name}"),
    "add_symbol": ("extend {name}", "amplia {name}"),
    "change": ("change {name}", "altera {name}"),
    "one more": (" and 1 more edit", " e mais 1 edição"),
    "more": (" and {count} more edits", " e mais {count} edições"),
}  # fmt: skip
"""What an operation did, in English and in Brazilian Portuguese."""


def _one(operation: Operation) -> tuple[str, str, dict[str, str]]:
    """(type of the commit, which saying, the names in it)."""
    target, get = operation.target, operation.get
    name = target.symbol.rpartition(".")[2] or target.path.rpartition("/")[2]
    new = get("new_name") or get("new_path")
    feature = "test" if _TESTS.search(target.path) else "feat"
    names = {"name": name, "new": new, "parameter": target.parameter}
    match operation.verb:
        case "rename_parameter":
            return "refactor", "rename_parameter", names
        case "rename":
            return "refactor", "rename_parameter" if target.parameter else "rename", names
        case "clone":
            return feature, "clone", names | {"new": new if target.symbol else _base(new)}
        case "move" | "move_file":
            return "refactor", "move", names
        case "delete" | "delete_file":
            return "refactor", "delete", names
        case "remove_parameter" | "remove_import":
            return "refactor", operation.verb, names
        case "remove_entry" | "remove_decorator":
            return "refactor", "remove", names | {"what": get("entry") or get("decorator")}
        case "add_parameter":
            declared = re.match(r"\W*(\w+)", get("declaration"))
            return feature, "add_parameter", names | {"parameter": declared[1] if declared else ""}
        case "change_parameter" | "add_symbol" | "create_file":
            return feature, operation.verb, names
        case "set_value" | "set_return_type":
            return feature, operation.verb, names | {"what": get("value") or get("type")}
        case "add_entry":
            return feature, "add_entry", names | {"what": get("key") or get("value")}
        case "add_decorator":
            return feature, "add_entry", names | {"what": f"@{get('decorator')}"}
        case "add_import":
            return "chore", "add_import", names
        case "set_docstring":
            return "docs", "set_docstring", names
        case _:
            whole = print_address(target).partition("#")[0]
            return feature, "change", {"name": _base(whole)}


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _wrapped(text: str) -> str:
    import textwrap

    return textwrap.fill(text, 72, break_long_words=False, break_on_hyphens=False)
