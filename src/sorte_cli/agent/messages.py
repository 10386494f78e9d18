"""Commit messages: what the operations did, in the habit of the repository's own log."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sorte_cli.domain import Step
from sorte_cli.edits import Operation, print_address

SUBJECT_LIMIT = 72
_CONVENTIONAL = re.compile(r"^[a-z]+(\([^)]+\))?!?: \S")
_TESTS = re.compile(
    r"(^|/)(tests?/|test_[^/]*$|[^/]*_test\.\w+$|[^/]*Test\.php$|[^/]*\.(test|spec)\.\w+$)"
)
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


def commit_message(
    operations: Sequence[Operation], task: str, *, conventional: bool, step: Step | None = None
) -> str:
    """Subject and body for the commit of one step (or of several folded into one).

    A single operation with a name of its own says best what it did; for anything else the words
    of the plan do, where the brain wrote some.
    """
    kind, text = _subject(operations)
    said = ""
    if step is not None and step.instruction and step.verb in FREE_VERBS:
        said = " ".join(step.instruction.split())
        kind, text = _kind(operations, said), _sentence(said)
    prefix = f"{kind}: " if conventional else ""
    subject = prefix + (text if conventional else text[:1].upper() + text[1:])
    body = [_wrapped(f"Task: {' '.join(task.split())}")]
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


def _subject(operations: Sequence[Operation]) -> tuple[str, str]:
    kind, text = _one(operations[0])
    if len(operations) > 1:
        others = len(operations) - 1
        text += f" and {others} more edit{'s' if others > 1 else ''}"
    return kind, text


def _one(operation: Operation) -> tuple[str, str]:
    target = operation.target
    name = target.symbol.rpartition(".")[2] or target.path.rpartition("/")[2]
    path = target.path
    new = operation.get("new_name") or operation.get("new_path")
    in_tests = bool(_TESTS.search(path))
    feature = "test" if in_tests else "feat"
    match operation.verb:
        case "rename" if target.parameter:
            return "refactor", f"rename parameter {target.parameter} of {name} to {new}"
        case "rename":
            return "refactor", f"rename {name} to {new}"
        case "clone" if not target.symbol:
            return feature, f"add {new.rpartition('/')[2]} after the pattern of {name}"
        case "clone":
            return feature, f"add {new} after the pattern of {name}"
        case "move" | "move_file":
            return "refactor", f"move {name}"
        case "delete" | "delete_file" | "remove_parameter" | "remove_entry" | "remove_import":
            return "refactor", f"{operation.verb.replace('_', ' ')} {name}"
        case "add_parameter":
            declared = re.match(r"\W*(\w+)", operation.get("declaration"))
            return feature, f"add parameter {declared[1] if declared else ''} to {name}"
        case "change_parameter":
            return feature, f"change parameter {target.parameter} of {name}"
        case "set_value":
            return feature, f"set {name} to {operation.get('value')}"
        case "add_entry":
            return feature, f"add {operation.get('key') or operation.get('value')} to {name}"
        case "add_import":
            return "chore", f"import what {name} needs"
        case "set_docstring":
            return "docs", f"document {name}"
        case "create_file":
            return feature, f"add {name}"
        case "add_symbol":
            return feature, f"extend {name}"
        case _:
            return feature, f"change {print_address(target).partition('#')[0].rpartition('/')[2]}"


def _wrapped(text: str) -> str:
    import textwrap

    return textwrap.fill(text, 72, break_long_words=False, break_on_hyphens=False)
