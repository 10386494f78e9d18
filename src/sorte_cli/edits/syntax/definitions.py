"""Finding the definitions of a tree: names, owners, and spans with all that belongs to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sorte_cli.edits.syntax.tree import Definition, SyntaxTree, sections

if TYPE_CHECKING:
    from tree_sitter import Node

Span = tuple[int, int]
_TEST_CALLS = frozenset(("describe", "it", "test", "context", "suite"))
_CLASS_OWNERS = frozenset(("class",))
_NAME_TYPES = frozenset(
    ("identifier", "name", "type_identifier", "property_identifier", "field_identifier",
     "constant", "private_property_identifier", "variable_name", "shorthand_property_identifier")
)  # fmt: skip
# In these an item may be declared together with others: `const A = 1, B = 2;`
_GROUPS = frozenset(
    ("lexical_declaration", "variable_declaration", "property_declaration", "const_declaration",
     "field_declaration", "type_declaration", "var_declaration", "var_spec_list")
)  # fmt: skip
_FUNCTION_VALUES = ("arrow_function", "function_expression", "generator_function", "function")


def definitions_of(tree: SyntaxTree) -> tuple[Definition, ...]:
    """Every definition, in the order of the source."""
    found = [*_Collector(tree).run()]
    if tree.language.name == "vue":
        found += _sections(tree)
        found.sort(key=lambda d: (d.start, -d.end))
    return tuple(found)


class _Collector:
    """Walks a tree with its own stack: long chains of operators nest deeper than Python does."""

    def __init__(self, tree: SyntaxTree) -> None:
        self.tree = tree
        self.language = tree.language
        self.found: list[Definition] = []
        self.script = tree.language.family and "javascript" in tree.language.family

    def run(self) -> list[Definition]:
        stack: list[tuple[Node, Definition | None]] = [(self.tree.root, None)]
        while stack:
            node, owner = stack.pop()
            stack += reversed([*self._inside(node, owner)])
        return self.found

    def _inside(
        self, node: Node, owner: Definition | None
    ) -> Iterator[tuple[Node, Definition | None]]:
        """What to look at next, and who owns what is found there."""
        role = self.language.definitions.get(node.type, "")
        inner = owner
        if self.script and node.type == "call_expression":
            inner = self._test(node, owner) or owner
        elif role:
            if self._counts(node, role, owner):
                made = self._define(node, role, owner)
                inner = made or owner
            elif role == "option":
                return  # a pair in an object that has no name: nothing in it can be addressed
        if node.type in self.language.bodies and self._is_function(node.parent):
            return
        for child in node.named_children:
            if node.type == "enum_body" and child.type == "property_identifier":
                self._define(child, "field", inner)  # TypeScript: a member without a value
            else:
                yield child, inner

    def _is_function(self, node: Node | None) -> bool:
        return node is not None and (
            self.language.definitions.get(node.type) in ("function", "field")
            or "function" in node.type
        )

    def _counts(self, node: Node, role: str, owner: Definition | None) -> bool:
        parent = node.parent
        if parent is None:
            return True
        if role == "variable":
            top = parent.parent
            return top is not None and (
                top.type in ("program", "export_statement")
                or (top.type == "statement_block" and owner is not None and owner.kind == "scope")
            )
        if self.script and parent.type == "object":
            return self._object_has_name(parent, owner)
        if role == "option":
            return False
        if node.type == "assignment":  # Ruby
            left = node.child_by_field_name("left")
            return left is not None and left.type == "constant"
        if node.type == "variable_declarator":  # Java, C#
            return _ancestor(node, "field_declaration", 2) is not None
        if node.type in ("const_spec", "var_spec"):
            return owner is None
        if node.type == "element":
            return True
        if role == "property":
            return owner is not None
        return True

    def _object_has_name(self, node: Node, owner: Definition | None) -> bool:
        """Whether an object is the value of something with a name, or what a file exports."""
        parent = node.parent
        while parent is not None and parent.type in (
            "arguments", "call_expression", "as_expression", "satisfies_expression",
            "parenthesized_expression",
        ):  # fmt: skip
            if parent.type == "call_expression" and not _wraps_object(self.tree, parent):
                return False
            node, parent = parent, parent.parent
        if parent is None:
            return False
        if parent.type in ("pair", "variable_declarator", "public_field_definition"):
            value = parent.child_by_field_name("value")
            return owner is not None and owner.node == parent and value == node
        if parent.type == "export_statement":
            return True
        if parent.type == "assignment_expression":
            left = parent.child_by_field_name("left")
            return left is not None and self.tree.text(left) in ("module.exports", "exports")
        return parent.type == "expression_statement"  # Vue.component("name", {...})

    def _define(self, node: Node, role: str, owner: Definition | None) -> Definition | None:
        named = _name_node(node)
        name = self._name_of(node, named, role)
        if name in ("", "_"):
            return None
        if node.type == "method_declaration" and self.language.name == "go":
            receiver = _go_receiver(self.tree, node)
            qualified = f"{receiver}.{name}" if receiver else name
            owner = next((d for d in self.found if d.qualified == receiver), None)
        else:
            joiner = " " if role == "rule" else "."
            qualified = f"{owner.qualified}{joiner}{name}" if owner else name
        kind = _kind(node, role, owner, self.language.name)
        outer, shared = self._outer(node)
        start, end = self._extent(outer, shared)
        definition = Definition(
            name,
            qualified,
            kind,
            node,
            outer,
            self.tree.span(named) if named is not None else None,
            self.tree.char(start.start_byte),
            end,
            self.tree.char(self._comment_above(start).start_byte),
            owner,
            shared,
        )
        if node.type == "function_signature" or self._joins_overloads(definition):
            definition = self._with_overloads(definition)
        self.found.append(definition)
        return definition

    def _name_of(self, node: Node, named: Node | None, role: str) -> str:
        if role == "rule":
            head = self.tree.text(node).partition("{")[0]
            return " ".join(re.sub(r"/\*.*?\*/", " ", head, flags=re.S).split())
        if role == "element":
            return _element_id(self.tree, node)
        if named is None:
            return ""
        text = self.tree.text(named)
        if named.type == "string":
            return text.strip("'\"")
        text = text.split("<", 1)[0].strip().removeprefix("$" if role == "field" else "\0")
        if role != "field":
            text = re.split(r"::|\.|\\", text)[-1]
        return text if not re.search(r"[\s(){}\[\],:]", text) else ""

    # --- spans ---

    def _outer(self, node: Node) -> tuple[Node, bool]:
        """The statement that a definition alone makes up, and whether it shares one."""
        shared = False
        current = node
        while current.parent is not None and current.parent.type in self.language.wrappers:
            parent = current.parent
            items = [c for c in parent.named_children if c.type == current.type]
            if parent.type in _GROUPS and len(items) > 1:
                shared = True
                break
            if parent.type in _GROUPS and any(c.type == "(" for c in parent.children):
                break  # `const ( A = 1 )`: the parentheses are the group's own
            if parent.type == "expression_statement" and current.type not in ("internal_module",):
                break
            current = parent
        return current, shared

    def _extent(self, outer: Node, shared: bool) -> tuple[Node, int]:
        """The first node that belongs to a definition, and where it ends."""
        first = outer
        if not shared:
            while (above := first.prev_sibling) is not None:
                if above.type in self.language.leading or (
                    above.type in self.language.comments and self._leads_to_attribute(above)
                ):
                    first = above
                else:
                    break
        end = outer.end_byte
        following = outer.next_sibling
        if following is not None and following.type in (";", ",") and not shared:
            between = self.tree.data[end : following.start_byte]
            if following.type == ";" and not between.strip():
                end = following.end_byte
        return first, self.tree.char(end)

    def _leads_to_attribute(self, comment: Node) -> bool:
        above = comment.prev_sibling
        while above is not None and above.type in self.language.comments:
            above = above.prev_sibling
        return above is not None and above.type in self.language.leading

    def _comment_above(self, first: Node) -> Node:
        """The first of the comments that stand directly above, each on a line of its own."""
        current = first
        while (above := current.prev_sibling) is not None:
            if above.type not in self.language.comments:
                break
            gap = self.tree.data[above.end_byte : current.start_byte]
            own_newline = self.tree.data[above.start_byte : above.end_byte].endswith(b"\n")
            if gap.count(b"\n") + own_newline != 1 or gap.strip():
                break
            line_start = self.tree.data.rfind(b"\n", 0, above.start_byte) + 1
            if self.tree.data[line_start : above.start_byte].strip():
                break  # behind code: it speaks of that
            if above.prev_sibling is None and current.type in ("php_tag",):
                break
            current = above
        return current

    # --- TypeScript overloads and tests ---

    def _joins_overloads(self, definition: Definition) -> bool:
        return bool(
            self.found
            and self.found[-1].qualified == definition.qualified
            and self.found[-1].node.type in ("function_signature", "method_signature")
            and definition.node.type in ("function_declaration", "method_definition")
        )

    def _with_overloads(self, last: Definition) -> Definition:
        """One definition for the signatures of a function and the function itself."""
        before = self.found[-1] if self.found else None
        if before is None or before.qualified != last.qualified:
            return last
        if before.node.type not in ("function_signature", "method_signature"):
            return last
        self.found.pop()
        return Definition(
            last.name, last.qualified, last.kind, last.node, last.outer, last.name_span,
            before.start, last.end, before.comment_start, last.parent, last.shared,
        )  # fmt: skip

    def _test(self, node: Node, owner: Definition | None) -> Definition | None:
        """`it("does x", ...)` as a definition whose name is its title."""
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        if function is None or arguments is None or not arguments.named_children:
            return None
        if self.tree.text(function).split(".")[0] not in _TEST_CALLS:
            return None
        title = arguments.named_children[0]
        statement = node.parent
        if title.type not in ("string", "template_string") or statement is None:
            return None
        if statement.type != "expression_statement" or len(arguments.named_children) < 2:
            return None
        name = self.tree.text(title)[1:-1].strip()
        if not name or "\n" in name:
            return None
        first, end = self._extent(statement, shared=False)
        made = Definition(
            name,
            f"{owner.qualified}.{name}" if owner else name,
            "test",
            node,
            statement,
            None,
            self.tree.char(first.start_byte),
            end,
            self.tree.char(self._comment_above(first).start_byte),
            owner,
        )
        self.found.append(made)
        return made


def _kind(node: Node, role: str, owner: Definition | None, language: str) -> str:
    if role == "function":
        if owner is not None and (
            owner.kind in ("class", "option", "constant") or owner.node.type == "impl_item"
        ):
            return "method"
        in_object = node.parent is not None and node.parent.type == "object"
        return "method" if in_object or node.type == "method_declaration" else "function"
    if role in ("variable", "option"):
        value = node.child_by_field_name("value")
        if value is not None and value.type in _FUNCTION_VALUES:
            return "function" if role == "variable" else "method"
        return "constant" if role == "variable" else "option"
    if role == "field" and owner is None:
        return "constant"
    if role == "constant" and owner is not None and language == "ruby":
        return "constant"
    return role


def _name_node(node: Node) -> Node | None:
    named = node.child_by_field_name("name") or node.child_by_field_name("key")
    if named is None and node.type == "impl_item":
        named = node.child_by_field_name("type")
    if named is None:
        named = node.child_by_field_name("left") or node.child_by_field_name("property")
    if named is None and node.type in ("shorthand_property_identifier", "property_identifier"):
        return node
    if named is None and node.type == "declaration":
        return node.named_children[0] if node.named_children else None
    if named is None:
        named = next((c for c in node.named_children if c.type in _NAME_TYPES), None)
    if named is not None and named.type == "variable_name":
        named = named.named_children[0] if named.named_children else named
    if named is not None and named.type in ("generic_type", "scoped_type_identifier"):
        inner = named.child_by_field_name("type") or named.child_by_field_name("name")
        named = inner or named
    if named is not None and named.type == "scope_resolution":
        named = named.child_by_field_name("name") or named
    if named is not None and named.type in ("object_pattern", "array_pattern"):
        return None
    if named is not None and named.type == "computed_property_name":
        return None
    return named


def _go_receiver(tree: SyntaxTree, node: Node) -> str:
    receiver = node.child_by_field_name("receiver")
    if receiver is None:
        return ""
    names = re.findall(r"\w+", tree.text(receiver).split("[", 1)[0])
    return names[-1] if names else ""


def _element_id(tree: SyntaxTree, node: Node) -> str:
    """The id of an HTML element; the tag of those that a page has once."""
    tag = node.named_children[0] if node.named_children else None
    if tag is None or tag.type not in ("start_tag", "self_closing_tag"):
        return ""
    name = ""
    for child in tag.named_children:
        if child.type == "tag_name":
            name = tree.text(child).lower()
        elif child.type == "attribute":
            text = tree.text(child)
            match = re.fullmatch(r"id\s*=\s*['\"]?([^'\"\s]+)['\"]?", text)
            if match:
                return match[1]
    return name if name in ("head", "body", "title", "main", "header", "footer", "nav") else ""


def _wraps_object(tree: SyntaxTree, call: Node) -> bool:
    """Whether a call only passes its object on: defineComponent({...}), Object.freeze({...})."""
    function = call.child_by_field_name("function")
    return function is not None and bool(
        re.fullmatch(
            r"(?:\w+\.)*(?:define\w+|freeze|seal|extend|component|createStore|create\w*|reactive|"
            r"ref|Vue|Store|config|mergeConfig)",
            tree.text(function),
        )
    )


def _ancestor(node: Node, wanted: str, levels: int) -> Node | None:
    current = node.parent
    for _ in range(levels):
        if current is None:
            return None
        if current.type == wanted:
            return current
        current = current.parent
    return None


def _sections(tree: SyntaxTree) -> list[Definition]:
    """The parts of a Vue file as definitions: template, script, style."""
    found: list[Definition] = []
    for tag, attributes, (start, end), _inside in sections(tree.source.text):
        name = "script setup" if tag == "script" and re.search(r"\bsetup\b", attributes) else tag
        root = tree.root
        found.append(Definition(name, name, "section", root, root, None, start, end, start))
    return found
