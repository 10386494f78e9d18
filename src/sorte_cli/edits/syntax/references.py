"""What an identifier is where it stands: a declaration, a member, shadowed by a local name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sorte_cli.edits.syntax.tree import SyntaxTree, leaves

if TYPE_CHECKING:
    from tree_sitter import Node

# Parent type -> the field in which an identifier is the member of something.
_MEMBERS = {
    "member_expression": "property",
    "pair": "key",
    "pair_pattern": "key",
    "member_access_expression": "name",
    "nullsafe_member_access_expression": "name",
    "member_call_expression": "name",
    "nullsafe_member_call_expression": "name",
    "scoped_call_expression": "name",
    "selector_expression": "field",
    "qualified_type": "name",
    "field_access": "field",
    "method_invocation": "name",
    "field_expression": "field",
    "scoped_identifier": "name",
    "scoped_type_identifier": "name",
    "call": "method",
    "field_initializer": "field",
    "nested_type_identifier": "name",
    "argument": "name",
}
_OBJECTS = ("object", "operand", "value", "scope", "path", "receiver", "expression", "package")
# Parent type -> the field in which an identifier declares a local name.
_DECLARES = {
    "variable_declarator": "name",
    "function_declaration": "name",
    "class_declaration": "name",
    "required_parameter": "pattern",
    "optional_parameter": "pattern",
    "arrow_function": "parameter",
    "catch_clause": "parameter",
    "assignment_pattern": "left",
    "for_in_statement": "left",
    "parameter_declaration": "name",
    "formal_parameter": "name",
    "parameter": "name",
    "var_spec": "name",
    "let_declaration": "pattern",
    "catch_formal_parameter": "name",
    "enhanced_for_statement": "name",
    "foreach_statement": "left",
    "assignment": "left",
    "optional_parameter_ruby": "name",
    "keyword_parameter": "name",
}
_DECLARING_PARENTS = frozenset(
    ("formal_parameters", "rest_pattern", "array_pattern", "method_parameters", "block_parameters",
     "closure_parameters", "tuple_pattern", "lambda_parameters", "inferred_parameters")
)  # fmt: skip
_SCOPES = frozenset(
    ("statement_block", "block", "compound_statement", "function_declaration", "arrow_function",
     "function_expression", "method_definition", "method_declaration", "function_item",
     "closure_expression", "for_statement", "for_in_statement", "catch_clause", "func_literal",
     "lambda_expression", "method", "do_block", "constructor_declaration", "if_statement",
     "enhanced_for_statement", "foreach_statement", "function_definition", "match_arm",
     "generator_function_declaration", "generator_function", "local_function_statement")
)  # fmt: skip


def field_of(node: Node) -> str:
    """The name of the field that a node is of its parent."""
    parent = node.parent
    if parent is None:
        return ""
    for index, child in enumerate(parent.children):
        if child == node:
            return parent.field_name_for_child(index) or ""
    return ""


def is_member(node: Node) -> bool:
    """Whether an identifier stands behind a dot (an arrow, two colons): whose it is needs types."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "class_constant_access_expression":
        return parent.named_children[-1] == node and len(parent.named_children) > 1
    if parent.type == "variable_name":
        above = parent.parent
        return above is not None and above.type == "scoped_property_access_expression"
    if parent.type == "call" and parent.child_by_field_name("receiver") is None:
        return False
    if parent.type == "method_invocation" and parent.child_by_field_name("object") is None:
        return False
    wanted = _MEMBERS.get(parent.type)
    if wanted is None:
        return parent.type in ("literal_element", "keyed_element") and field_of(parent) == "key"
    return field_of(node) == wanted


def receiver_of(tree: SyntaxTree, node: Node) -> str:
    """What stands before the dot of a member: `this`, `$order`, `Pix`."""
    parent = node.parent
    if parent is not None and parent.type == "variable_name":
        parent = parent.parent
    if parent is None:
        return ""
    if parent.type in ("class_constant_access_expression", "scoped_property_access_expression"):
        return tree.text(parent.named_children[0])
    for field in _OBJECTS:
        found = parent.child_by_field_name(field)
        if found is not None and found != node:
            return tree.text(found)
    scope = parent.child_by_field_name("scope")
    return tree.text(scope) if scope is not None else ""


def is_declaration(node: Node) -> bool:
    """Whether an identifier brings a local name into being."""
    current, parent = node, node.parent
    if parent is None:
        return False
    if parent.type in _DECLARING_PARENTS or node.type == "shorthand_property_identifier_pattern":
        return True
    if parent.type == "pair_pattern":
        return field_of(node) == "value"
    if parent.type == "expression_list" and parent.parent is not None:
        current, parent = parent, parent.parent
        if parent.type in ("short_var_declaration", "range_clause"):
            return field_of(current) == "left"
        return False
    wanted = _DECLARES.get(parent.type)
    return wanted is not None and field_of(current) == wanted


def shadowed_ranges(
    tree: SyntaxTree, name: str, known: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Byte ranges in which a local declaration gives `name` another meaning. `known` are the spans
    (in characters) of the names of the definition itself.
    """
    found: list[tuple[int, int]] = []
    for node in leaves(tree.root, tree.language.identifiers):
        if tree.text(node) != name or tree.span(node) in known or not is_declaration(node):
            continue
        scope = node.parent
        if scope is not None and scope.type in ("function_declaration", "class_declaration"):
            scope = scope.parent
        while scope is not None and scope.type not in _SCOPES:
            scope = scope.parent
        if scope is not None:
            start = scope.start_byte
            if "javascript" not in tree.language.family:
                start = _known_from(node, scope)
            found.append((start, scope.end_byte))
    return found


def _known_from(node: Node, scope: Node) -> int:
    """The byte from which a local name is known: behind its declaration, but for parameters."""
    current: Node | None = node
    while current is not None and current != scope:
        if current.type in ("short_var_declaration", "var_spec", "let_declaration", "assignment",
                            "local_variable_declaration"):  # fmt: skip
            return current.end_byte
        current = current.parent
    return scope.start_byte
