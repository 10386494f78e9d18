"""Every operation of the language: what it acts on, which arguments it takes, how many blocks.

One table for the parser, the printer, the grammar of the models and the documentation. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sorte_cli.edits.model import Address
from sorte_cli.texts import N_


class Target(StrEnum):
    """What an address can stand for."""

    FILE = "file"
    SYMBOL = "symbol"
    PARAMETER = "parameter"
    LOCAL = "local"
    STATEMENTS = "statements"
    LINES = "lines"
    POSITION = "position"


class Kind(StrEnum):
    """How an argument is written."""

    NAME = "name"  # an identifier
    PATH = "path"  # a repository-relative path, in quotes where it holds spaces
    QUOTED = "quoted"  # a declaration in quotes: "timeout: float = 30.0"
    EXPRESSION = "expression"  # a Python expression; the last one takes the rest of the line
    STATEMENT = "statement"  # the rest of the line
    KEYWORDS = "keywords"  # the rest of the line: FIELD=EXPRESSION, ...


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. `keyword` is the word written before it (`to`, `with`)."""

    name: str
    kind: Kind
    optional: bool = False
    keyword: str = ""

    @property
    def usage(self) -> str:
        """`[to PATH]`"""
        shown = {
            Kind.QUOTED: f'"{self.name.upper()}"',
            Kind.PATH: "PATH",
            Kind.KEYWORDS: "FIELD=EXPRESSION, ...",
        }.get(self.kind, self.name.upper())
        text = f"{self.keyword} {shown}" if self.keyword else shown
        return f"[{text}]" if self.optional else text


@dataclass(frozen=True, slots=True)
class Signature:
    """A verb's form. `file_arguments` replace `arguments` where the target is a whole file."""

    verb: str
    targets: frozenset[Target]
    arguments: tuple[Argument, ...] = ()
    blocks: int = 0
    file_arguments: tuple[Argument, ...] | None = None
    summary: str = ""

    def arguments_for(self, address: Address) -> tuple[Argument, ...]:
        """The arguments this verb takes with that target."""
        if self.file_arguments is not None and target_kind(address) is Target.FILE:
            return self.file_arguments
        return self.arguments

    @property
    def inline(self) -> bool:
        """Whether a block of one line may stand behind the address instead."""
        return self.blocks == 1 and not self.arguments and self.verb != "wrap"

    @property
    def usage(self) -> str:
        """One line: `clone PATH::SYMBOL NEW_NAME [to PATH] [with FIELD=EXPRESSION, ...]`."""
        words = [self.verb, _target_usage(self.targets), *(a.usage for a in self.arguments)]
        return " ".join(words) + " + block" * self.blocks


def target_kind(address: Address) -> Target:
    """What the address stands for."""
    if address.position:
        return Target.POSITION
    if address.lines:
        return Target.LINES
    if address.statements:
        return Target.STATEMENTS
    if address.parameter:
        return Target.PARAMETER
    if address.local:
        return Target.LOCAL
    return Target.SYMBOL if address.symbol else Target.FILE


def _target_usage(targets: frozenset[Target]) -> str:
    if Target.STATEMENTS in targets and Target.FILE in targets:
        return "PATH[::SYMBOL[#k-m]]"
    if Target.STATEMENTS in targets:
        return "PATH::SYMBOL#k[-m]"
    if targets == {Target.PARAMETER, Target.POSITION}:
        return "PATH::FUNCTION(PARAMETER)"
    if Target.SYMBOL in targets:
        return "PATH[::SYMBOL]" if Target.FILE in targets else "PATH::SYMBOL"
    return "PATH"


_SYMBOL = frozenset({Target.SYMBOL, Target.POSITION})
_FILE = frozenset({Target.FILE})
_KEYED = frozenset({Target.SYMBOL})
_NAMED = frozenset({Target.SYMBOL, Target.PARAMETER, Target.LOCAL, Target.POSITION})
_PARAMETER = frozenset({Target.PARAMETER, Target.POSITION})
_PLACE = frozenset({Target.STATEMENTS, Target.LINES})
_ANY = _SYMBOL | _FILE
_PLACED = _ANY | {Target.STATEMENTS}
_SCOPED = frozenset({Target.FILE, Target.SYMBOL}) | _PLACE

_TO = Argument("to", Kind.PATH, keyword="to")
_TO_OPTIONAL = Argument("to", Kind.PATH, optional=True, keyword="to")
_WITH = Argument("with", Kind.KEYWORDS, optional=True, keyword="with")
_DECLARATION = Argument("declaration", Kind.QUOTED)
_DECORATOR = Argument("decorator", Kind.EXPRESSION)
_IMPORT = Argument("statement", Kind.STATEMENT)
_VALUE = Argument("value", Kind.EXPRESSION)

_SIGNATURES = (
    Signature(
        "rename",
        _NAMED,
        (Argument("new_name", Kind.NAME),),
        summary=N_("give a new name, everywhere it is used"),
    ),
    Signature(
        "clone",
        _ANY,
        (Argument("new_name", Kind.NAME), _TO_OPTIONAL, _WITH),
        file_arguments=(Argument("new_path", Kind.PATH), _WITH),
        summary=N_("copy a symbol or a file as a pattern, under a new name"),
    ),
    Signature("move", _SYMBOL, (_TO,), summary=N_("move a symbol to another file; imports follow")),
    Signature("delete", _SYMBOL, summary=N_("delete a symbol that nothing refers to")),
    Signature(
        "add_parameter", _SYMBOL, (_DECLARATION,), summary=N_("add a parameter; callers still work")
    ),
    Signature("change_parameter", _PARAMETER, (_DECLARATION,), summary=N_("change a parameter")),
    Signature(
        "rename_parameter",
        _PARAMETER,
        (Argument("new_name", Kind.NAME),),
        summary=N_("give a parameter a new name; callers follow"),
    ),
    Signature("remove_parameter", _PARAMETER, summary=N_("remove a parameter; callers follow")),
    Signature(
        "set_return_type",
        _SYMBOL,
        (Argument("type", Kind.EXPRESSION),),
        summary=N_("set the return annotation"),
    ),
    Signature("add_decorator", _SYMBOL, (_DECORATOR,), summary=N_("add a decorator")),
    Signature("remove_decorator", _SYMBOL, (_DECORATOR,), summary=N_("remove a decorator")),
    Signature("set_docstring", _ANY, blocks=1, summary=N_("set the docstring")),
    Signature("add_import", _FILE, (_IMPORT,), summary=N_("add an import where it belongs")),
    Signature("remove_import", _FILE, (_IMPORT,), summary=N_("remove an import")),
    Signature(
        "insert_before", _PLACE, blocks=1, summary=N_("insert statements before a statement")
    ),
    Signature("insert_after", _PLACE, blocks=1, summary=N_("insert statements after a statement")),
    Signature("replace_statement", _PLACE, blocks=1, summary=N_("replace one or more statements")),
    Signature("delete_statement", _PLACE, summary=N_("delete one or more statements")),
    Signature("wrap", _PLACE, blocks=1, summary=N_("wrap statements; `...` marks their place")),
    Signature(
        "replace_expression",
        _PLACED,
        (Argument("old", Kind.EXPRESSION), Argument("new", Kind.EXPRESSION, keyword="with")),
        summary=N_("replace an expression that stands exactly once"),
    ),
    Signature("replace_symbol", _SYMBOL, blocks=1, summary=N_("replace a whole symbol")),
    Signature("add_symbol", _ANY, blocks=1, summary=N_("add a function, class, method or field")),
    Signature("set_value", _SYMBOL, (_VALUE,), summary=N_("set the value of a constant or field")),
    Signature(
        "add_entry",
        _SYMBOL,
        (Argument("key", Kind.EXPRESSION, optional=True), _VALUE),
        summary=N_("add an entry to a dict, list, set, tuple or enum"),
    ),
    Signature(
        "remove_entry",
        _SYMBOL,
        (Argument("entry", Kind.EXPRESSION),),
        summary=N_("remove an entry by its key or value"),
    ),
    Signature(
        "set_key",
        _KEYED,
        (_VALUE,),
        summary=N_("set a key of a data file; add it where it is missing"),
    ),
    Signature(
        "delete_key", _KEYED, summary=N_("delete a key of a data file, or an item of a list")
    ),
    Signature("add_item", _ANY, (_VALUE,), summary=N_("add an item to a list of a data file")),
    Signature("create_file", _FILE, (_WITH,), blocks=1, summary=N_("create a file")),
    Signature("replace_file", _FILE, (_WITH,), blocks=1, summary=N_("replace a whole file")),
    Signature("delete_file", _FILE, summary=N_("delete a file")),
    Signature("move_file", _FILE, (_TO,), summary=N_("move a file; imports follow")),
    Signature(
        "replace_text", _SCOPED, blocks=2, summary=N_("replace a text that occurs exactly once")
    ),
)

VERBS: Mapping[str, Signature] = MappingProxyType({s.verb: s for s in _SIGNATURES})
"""Every verb of the language, in the order of the documentation."""
