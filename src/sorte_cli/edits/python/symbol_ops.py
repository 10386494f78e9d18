"""Operations on whole symbols: replace one, add one at a natural place."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.layout import parse_block, reindent, unit_of
from sorte_cli.edits.python.parsing import parse_module
from sorte_cli.edits.python.placement import (
    closed,
    gap,
    gap_between_definitions,
    insert_lines,
    is_definition,
)
from sorte_cli.edits.python.statement_ops import expand_suite
from sorte_cli.edits.python.tree import (
    Definition,
    PythonTree,
    Suite,
    parse_tree,
)
from sorte_cli.edits.python.value_ops import is_positional_dataclass
from sorte_cli.edits.registry import Project
from sorte_cli.edits.source import SourceText, unify_newlines
from sorte_cli.edits.statements import docstring_of

_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")


def replace_symbol(operation: Operation, project: Project) -> Resolution:
    """Replace a whole function, class, method, constant or field by the block.

    The block must define the same name; comments above the symbol stay unless the block brings its
    own. Decorators are part of the symbol.
    """
    tree = project.tree(operation.target.path)
    definition = tree.resolve(operation.target)
    name = f"{tree.path}::{definition.qualified_name}"
    text, module = parse_block(operation.blocks[0])
    _require_name(text, definition, name)
    if isinstance(definition.statement, cst.SimpleStatementLine):
        if len(definition.statement.body) > 1:
            raise EditError(
                f"{name} shares its line with other statements.", hint="Use replace_statement."
            )
    elif isinstance(definition.statement, cst.BaseSmallStatement):
        raise EditError(f"{name} stands in a one-line body.", hint="Replace the whole class.")
    brings_comments = bool(module.body) and text.startswith("#")
    start, end = tree.definition_span(definition, comments=brings_comments)
    indent = tree.indent_at(tree.span(definition.statement)[0])
    unit = unit_of(unify_newlines(tree.source.text[start:end])) or tree.unit_at(indent)
    new = closed(tree.source, reindent(text, indent, unit), end)
    edit = SpanEdit(tree.path, start, end, new)
    if unify_newlines(tree.source.text[start:end]) == new:
        return Resolution((), f"{name} is like that already.")
    return Resolution((edit,), f"Replaced {definition.kind} {name}.")


def _require_name(text: str, definition: Definition, name: str) -> None:
    new = parse_tree(SourceText("block.py", text))
    top = [d for d in new.definitions if d.parent is None]
    if any(d.name == definition.name for d in top):
        return
    found = ", ".join(dict.fromkeys(d.name for d in top)) or "nothing"
    raise EditError(
        f"The block defines {found}, not {definition.name!r}.",
        hint=f"Keep the name {definition.name!r}, or use rename for {name}.",
    )


def add_symbol(operation: Operation, project: Project) -> Resolution:
    """Add functions, classes, methods, constants or fields to a file or a class.

    Functions and classes go behind the last one, methods to the end of the class (a constructor
    before the first method), fields behind the last field, constants behind the last constant.
    """
    tree = project.tree(operation.target.path)
    text, module = parse_block(operation.blocks[0])
    new = parse_tree(SourceText("block.py", text))
    top = [d for d in new.definitions if d.parent is None]
    if not top:
        raise EditError(
            "The block defines no function, class, method or field.",
            hint="Use insert_before or insert_after for statements.",
        )
    owner = _owner(operation, tree)
    name = f"{tree.path}::{owner.qualified_name}" if owner else tree.path
    _refuse_existing(tree, owner, new, top, name)
    added = ", ".join(dict.fromkeys(d.name for d in top))
    summary = f"Added {added} to {name}."
    if owner is not None:
        assert isinstance(owner.node, cst.ClassDef)
        return Resolution((_into_class(tree, owner, text, module),), summary)
    imports, text, module = _split_imports(text, module)
    edits: list[SpanEdit] = []
    for statement in imports:
        from sorte_cli.edits.python.imports import add_import_edits

        edits += add_import_edits(project, tree.path, statement)
    edits.append(_into_module(tree, text, module))
    return Resolution(tuple(edits), summary)


def _owner(operation: Operation, tree: PythonTree) -> Definition | None:
    address = operation.target
    if not address.symbol and not address.position:
        return None
    owner = tree.resolve(address)
    if not isinstance(owner.node, cst.ClassDef):
        raise EditError(
            f"{tree.path}::{owner.qualified_name} is a {owner.kind}; symbols are added to a file "
            "or a class.",
            hint=f"Write: add_symbol {tree.path}",
        )
    return owner


def _refuse_existing(
    tree: PythonTree,
    owner: Definition | None,
    new: PythonTree,
    top: Sequence[Definition],
    name: str,
) -> None:
    known = {d.name: d for d in tree.definitions if d.parent is owner}
    for definition in top:
        if definition.name in known and not _extends(new, definition):
            line = tree.line(known[definition.name].name_node)
            raise EditError(
                f"{name} already defines {definition.name!r} (line {line}).",
                hint="Use replace_symbol to change it.",
            )


def _extends(tree: PythonTree, definition: Definition) -> bool:
    """Whether a definition is one more for a name by design: an overload, a property's setter."""
    decorators = getattr(definition.node, "decorators", ())
    names = [tree.text(d.decorator).rpartition(".")[2] for d in decorators]
    return any(n in ("overload", "setter", "getter", "deleter") for n in names) or any(
        tree.text(d.decorator).endswith(".register") for d in decorators
    )


def _split_imports(text: str, module: cst.Module) -> tuple[list[str], str, cst.Module]:
    """Imports that a block begins with, and the block without them."""
    count = 0
    while count < len(module.body) and _is_import(module.body[count]):
        count += 1
    if not count:
        return [], text, module
    imports = [
        " ".join(module.code_for_node(small).split())
        for line in module.body[:count]
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
    ]
    tree = parse_tree(SourceText("block.py", text))
    rest = text[tree.statement_span(tree.module.body[count])[0] :]
    return imports, rest, parse_module(rest, "The block")


# --- places --------------------------------------------------------------------------------------


def _into_module(tree: PythonTree, text: str, module: cst.Module) -> SpanEdit:
    body = tree.module.body
    index = _module_index(tree, module)
    unit = tree.indent_unit
    text = reindent(text, "", unit)
    if index is None:
        above = _above_at_end(tree, module)
        return insert_lines(tree.source, len(tree.source.text), text, above=above)
    if index == 0:
        offset = tree.statement_span(body[0])[0]
        return insert_lines(
            tree.source, offset, text, below=gap(tree, tree.module, module.body, body[0])
        )
    return _behind(tree, tree.module, index - 1, text, module.body)


def _above_at_end(tree: PythonTree, module: cst.Module) -> int:
    if not tree.module.body:
        return 0
    return gap(tree, tree.module, module.body[:1], tree.module.body[-1])


def _behind(
    tree: PythonTree, suite: Suite, index: int, text: str, new: Sequence[cst.CSTNode]
) -> SpanEdit:
    """Insert `text` behind the statement at `index` of a body."""
    before = suite.body[index]
    offset = tree.statement_span(before)[1]
    above = gap(tree, suite, new[:1], before)
    if not is_definition(new[0]) and not is_definition(before) and _is_import(before):
        above = 1 if not _is_import(new[0]) else 0
    below = 0
    moved_apart = is_definition(before) or any(is_definition(node) for node in new)
    if moved_apart and index + 1 < len(suite.body):
        below = gap(tree, suite, new[-1:], suite.body[index + 1])
    return insert_lines(tree.source, offset, text, above=above, below=below)


def _module_index(tree: PythonTree, module: cst.Module) -> int | None:
    """Before which statement of the module new ones go; None: at the end of the file."""
    body = tree.module.body
    if not body:
        return None
    if any(is_definition(node) for node in module.body):
        last = max((i for i, node in enumerate(body) if _holds_definition(node)), default=None)
        if last is not None:
            return last + 1
        main = next((i for i, node in enumerate(body) if _is_main_guard(tree, node)), None)
        return main if main is not None else len(body)
    return _constant_index(tree, module)


def _holds_definition(node: cst.CSTNode) -> bool:
    if is_definition(node):
        return True
    if isinstance(node, cst.If | cst.Try):
        inner = node.body.body if isinstance(node.body, cst.IndentedBlock) else ()
        return any(is_definition(child) for child in inner)
    return False


def _constant_index(tree: PythonTree, module: cst.Module) -> int:
    """Behind the last constant of the file's head, the imports, and all names it is made of."""
    body = tree.module.body
    index = 1 if docstring_of(tree.module) is not None else 0
    for position, node in enumerate(body):
        if is_definition(node):
            break
        if _is_import(node) or _is_constant(node):
            index = position + 1
    used = _names_in(module)
    for definition in tree.definitions:
        if definition.parent is None and definition.name in used:
            for position, node in enumerate(body):
                if node is definition.statement:
                    index = max(index, position + 1)
    return index


def _names_in(node: cst.CSTNode) -> set[str]:
    if isinstance(node, cst.Name):
        return {node.value}
    return {name for child in node.children for name in _names_in(child)}


def _is_import(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and isinstance(
        node.body[0], cst.Import | cst.ImportFrom
    )


def _is_constant(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and isinstance(
        node.body[0], cst.Assign | cst.AnnAssign | cst.TypeAlias
    )


def _is_main_guard(tree: PythonTree, node: cst.CSTNode) -> bool:
    return isinstance(node, cst.If) and "__name__" in tree.text(node.test)


def add_to_class(tree: PythonTree, node: cst.ClassDef, text: str) -> SpanEdit:
    """The edit that adds fields or methods to a class at their natural place."""
    module = parse_module(text, "The block")
    suite = node.body
    if isinstance(suite, cst.SimpleStatementSuite):
        old = tree.source.text[tree.span(suite.body[0])[0] : tree.span(suite.body[-1])[1]]
        kept = "" if _is_placeholder(suite.body[0]) else f"{old}\n"
        return expand_suite(tree, suite, node, kept + text)
    assert isinstance(suite, cst.IndentedBlock)
    indent = tree.indent_at(tree.span(suite.body[0])[0])
    text = reindent(text, indent, tree.unit_at(indent))
    placeholder = [child for child in suite.body if _is_placeholder(child)]
    docstring = docstring_of(suite)
    if placeholder and len(suite.body) == 1 + (docstring is not None):
        start, end = tree.statement_span(placeholder[0], comments=False)
        return SpanEdit(tree.path, start, end, closed(tree.source, text, end))
    index = _class_index(tree, suite, module)
    if index == 0:
        offset = tree.statement_span(suite.body[0])[0]
        below = gap_between_definitions(tree, suite) if is_definition(suite.body[0]) else 0
        return insert_lines(tree.source, offset, text, below=below)
    edit = _behind(tree, suite, index - 1, text, module.body)
    before = suite.body[index - 1]
    if before is docstring and not edit.text.startswith("\n"):
        # PEP 257: a blank line after a class's docstring.
        return insert_lines(tree.source, edit.start, text, above=1, below=0)
    return edit


def _into_class(tree: PythonTree, owner: Definition, text: str, module: cst.Module) -> SpanEdit:
    assert isinstance(owner.node, cst.ClassDef)
    _refuse_required_after_default(tree, owner, module)
    return add_to_class(tree, owner.node, text)


def _class_index(tree: PythonTree, suite: cst.IndentedBlock, module: cst.Module) -> int:
    """Before which statement of a class body new ones go."""
    body = suite.body
    names = {
        i: child.name.value for i, child in enumerate(body) if isinstance(child, cst.FunctionDef)
    }
    methods = list(names)
    first = module.body[0]
    if not any(is_definition(node) for node in module.body):
        fields = [i for i, child in enumerate(body) if _is_constant(child)]
        early = [i for i in fields if not methods or i < methods[0]]
        if early or (fields and not methods):
            return (early or fields)[-1] + 1
        return 1 if docstring_of(suite) is not None else 0
    if isinstance(first, cst.FunctionDef) and methods:
        name = first.name.value
        if same := [i for i in methods if names[i] == name]:
            return same[-1] + 1  # a property's setter goes behind its getter
        if name in _CONSTRUCTORS:
            earlier = _CONSTRUCTORS[: _CONSTRUCTORS.index(name)]
            before = [i for i in methods if names[i] in earlier]
            return before[-1] + 1 if before else methods[0]
    return len(body)


def _is_placeholder(node: cst.CSTNode) -> bool:
    small = node.body[0] if isinstance(node, cst.SimpleStatementLine) else node
    return isinstance(small, cst.Pass) or (
        isinstance(small, cst.Expr) and isinstance(small.value, cst.Ellipsis)
    )


def _refuse_required_after_default(tree: PythonTree, owner: Definition, module: cst.Module) -> None:
    """Raise EditError where a dataclass would get a field without default behind one with."""
    assert isinstance(owner.node, cst.ClassDef)
    if not is_positional_dataclass(tree, owner.node):
        return
    new = [
        small.target.value
        for line in module.body
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
        if isinstance(small, cst.AnnAssign)
        and small.value is None
        and isinstance(small.target, cst.Name)
    ]
    fields = [d for d in tree.definitions if d.parent is owner and d.kind == "field"]
    with_default = [f.name for f in fields if isinstance(f.node, cst.AnnAssign) and f.node.value]
    if new and with_default:
        raise EditError(
            f"The field {new[0]!r} needs a default: {with_default[-1]!r} before it has one.",
            hint=f"Write: {new[0]}: TYPE = DEFAULT",
        )
