"""`delete` in files that tree-sitter reads: by names, refused while the name is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.syntax.containers import Container
from sorte_cli.edits.syntax.layout import after_edits, removal, require_parses
from sorte_cli.edits.syntax.names import mentions
from sorte_cli.edits.syntax.tree import Definition, SyntaxTree

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

_MEMBERS = ("method", "field", "option")


def delete(operation: Operation, project: Project) -> Resolution:
    """Take a definition away with its comment and attributes.

    Raises EditError with the places where its name is used. Where other things of that name exist,
    such places cannot be told apart without types: they are reported as possible instead.
    """
    tree = project.syntax(operation.target.path)
    definition = tree.resolve(operation.target)
    name = tree.address(definition)
    edit = _edit(tree, definition)
    changed = after_edits(tree, [edit])
    require_parses(tree, changed, "The rest")
    used = mentions(project, tree, definition.name)
    inside = [
        m for m in used
        if not (m.path == tree.path and definition.comment_start <= m.start < definition.end)
    ]  # fmt: skip
    uses = [m.describe(project) for m in inside if not m.defines and not m.imports]
    others = any(m.defines for m in inside)
    if definition.kind in ("section", "test", "rule", "element"):
        uses = []
    if uses and not (others or definition.kind == "option"):
        shown = "; ".join(uses[:5])
        more = f"; and {len(uses) - 5} more" if len(uses) > 5 else ""
        raise EditError(
            f"{name} is still used in {len(uses)} place{'s' * (len(uses) != 1)}.",
            hint=f"Change them first: {shown}{more}.",
        )
    return Resolution((edit,), f"Deleted {name}.", tuple(dict.fromkeys(uses)))


def _edit(tree: SyntaxTree, definition: Definition) -> SpanEdit:
    parent = definition.outer.parent
    listed = parent is not None and parent.type in (
        "object", "enum_body", "enum_variant_list", "enum_member_declaration_list",
        "field_declaration_list",
    )  # fmt: skip
    following = tree.source.text[definition.end :].lstrip()[:1]
    listed = listed and tree.language.name != "go"
    if parent is not None and listed and (following == "," or parent.type == "object"):
        edit = Container(tree, parent, "object", ": ").remove(definition.outer)
        start = definition.comment_start
        if edit.start == tree.source.line_start(edit.start):
            start = tree.source.line_start(start)
        return SpanEdit(edit.path, min(edit.start, start), edit.end, edit.text)
    behind = _with_remark(tree, definition.end)
    if definition.shared:
        start, end = tree.whole_lines(definition.comment_start, behind)
        if (start, end) == (definition.comment_start, behind):
            return _from_list(tree, definition)
    return removal(tree, definition.comment_start, behind)


def _with_remark(tree: SyntaxTree, end: int) -> int:
    """The end of the comment that stands behind code on its line, where nothing else does."""
    line_end = tree.source.line_end(end)
    rest = tree.source.text[end:line_end].rstrip()
    if not rest.strip():
        return end
    start = end + len(rest) - len(rest.lstrip())
    node = tree.node_at(start)
    remark = node.type in tree.language.comments and tree.span(node)[0] == start
    return end + len(rest) if remark and tree.span(node)[1] >= end + len(rest) else end


def _from_list(tree: SyntaxTree, definition: Definition) -> SpanEdit:
    """Take one of `A = 1, B = 2` away with its comma."""
    node = definition.outer
    start, end = tree.span(node)
    following, before = node.next_sibling, node.prev_sibling
    if following is not None and following.type == ",":
        after = following.next_sibling
        end = tree.char(after.start_byte) if after is not None else tree.char(following.end_byte)
    elif before is not None and before.type == ",":
        start = tree.char(before.start_byte)
    return SpanEdit(tree.path, start, end, "")
