"""Whether a place that says a name means one definition: surely, perhaps, or surely not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sorte_cli.edits.model import SpanEdit
from sorte_cli.edits.syntax.js_imports import js_imports
from sorte_cli.edits.syntax.js_paths import resolve_module
from sorte_cli.edits.syntax.names import Mention
from sorte_cli.edits.syntax.php_names import names_of
from sorte_cli.edits.syntax.references import (
    field_of,
    is_declaration,
    is_member,
    receiver_of,
    shadowed_ranges,
)
from sorte_cli.edits.syntax.tree import Definition, SyntaxTree, sections

if TYPE_CHECKING:
    from tree_sitter import Node

    from sorte_cli.edits.registry import Project

_OWN = frozenset(("this", "$this", "self", "static", "Self"))
_IMPLICIT = frozenset(("java", "csharp", "ruby"))  # members are called without `this.`
_BINDING = re.compile(r"\{\{.*?\}\}|(?:\s(?:[:@]|v-)[\w.:@-]*=(\"[^\"]*\"|'[^']*'))", re.S)


class Decider:
    """Decides for one definition."""

    def __init__(self, project: Project, tree: SyntaxTree, definition: Definition) -> None:
        self.project = project
        self.tree = tree
        self.target = definition
        self.language = tree.language.name
        self.script = "javascript" in tree.language.family
        owner = definition.parent
        self.member = owner is not None and (
            owner.kind != "scope" or owner.node.type == "impl_item"
        )
        self._shadows: dict[str, list[tuple[int, int]]] = {}
        self._bound: dict[str, bool] = {}
        self._modules: frozenset[str] | None = None

    # --- one place ---

    def replacement(self, mention: Mention, new: str) -> str | None:
        """What is written instead in a place that surely means the definition; None elsewhere."""
        here = mention.path == self.tree.path
        if here and self._is_definition(mention):
            return new
        if mention.defines or self._shadowed(mention):
            return None
        if not self.member and is_declaration(mention.node):
            return None
        if self.member:
            return new if here and self._own_member(mention) else None
        if self.language == "php":
            return new if self._php_class(mention) else None
        if is_member(mention.node):
            return new if self._through_module(mention) else None
        if not (here or self._imported(mention)):
            return None
        return self._spelled(mention, new)

    def may_be(self, mention: Mention) -> bool:
        """Whether a place that was not changed may still mean the definition."""
        if mention.defines or self._shadowed(mention) or is_declaration(mention.node):
            return False
        if self.language == "php":
            parent = mention.node.parent
            local = parent is not None and parent.type == "variable_name"
            if local and not is_member(mention.node):
                return False
            return self.member == (is_member(mention.node) or _php_call(mention.node))
        if self.member:
            return is_member(mention.node) or (self.script and self._is_key(mention.node))
        if self.script and self._is_module_of_its_own(mention.path):
            return False
        return not is_member(mention.node) or self.target.kind == "class"

    def _is_module_of_its_own(self, path: str) -> bool:
        """Whether a script knows only what it imports: it has `import` or `export`."""
        root = self.project.syntax(path).root
        return any(c.type in ("import_statement", "export_statement") for c in root.named_children)

    def _is_definition(self, mention: Mention) -> bool:
        span = self.target.name_span
        if span is not None and mention.end == span[1] and mention.start >= span[0]:
            return True
        parent = mention.node.parent
        if parent is not None and parent.type in (
            "constructor_declaration",
            "destructor_declaration",
        ):
            return self.target.kind == "class" and self._inside(mention)
        # Overloads and Rust's `impl Name` belong to the definition.
        same = [d for d in self.tree.definitions if d.qualified == self.target.qualified]
        return any(
            d.name_span is not None and d.name_span[1] == mention.end
            for d in same
            if d.kind == "scope" or d.node.type == "function_signature"
        ) or (
            self._inside(mention)
            and mention.node.parent is not None
            and mention.node.parent.type == "function_signature"
            and field_of(mention.node) == "name"
        )

    def _inside(self, mention: Mention) -> bool:
        return self.target.start <= mention.start < self.target.end

    def _spelled(self, mention: Mention, new: str) -> str:
        """A shorthand property keeps its key: `{ total }` becomes `{ total: sum }`."""
        node = mention.node
        if node.type == "shorthand_property_identifier":
            return f"{self.target.name}: {new}"
        return new

    def _shadowed(self, mention: Mention) -> bool:
        if self.member or self.language == "php":
            return False
        if mention.path not in self._shadows:
            there = self.project.syntax(mention.path)
            known = set()
            if mention.path == self.tree.path and self.target.name_span:
                known.add(self.target.name_span)
            self._shadows[mention.path] = shadowed_ranges(there, self.target.name, known)
        byte = mention.node.start_byte
        return any(start <= byte < end for start, end in self._shadows[mention.path])

    # --- members ---

    def _own_member(self, mention: Mention) -> bool:
        owner = self.target.parent
        assert owner is not None
        node = mention.node
        start, end = self._class_span()
        inside = start <= mention.start < end
        if is_member(node):
            receiver = receiver_of(self.tree, node)
            if receiver in _OWN:
                return inside and self._same_class(mention)
            if self.language == "go":
                return receiver != "" and receiver == self._go_receiver(node)
            return receiver == owner.name and owner.kind == "class"
        if not inside:
            return False
        if self.language not in _IMPLICIT or is_declaration(node):
            return False
        called = field_of(node) in ("name", "method", "function", "")
        return called and self._same_class(mention)

    def _class_span(self) -> tuple[int, int]:
        owner = self.target.parent
        assert owner is not None
        if owner.kind == "option" or (self.language == "vue" and owner.kind != "class"):
            return 0, len(self.tree.source.text)
        if self.language == "rust":
            same = [d for d in self.tree.definitions if d.qualified == owner.qualified]
            return min(d.start for d in same), max(d.end for d in same)
        return owner.start, owner.end

    def _same_class(self, mention: Mention) -> bool:
        """Whether the innermost class around a place is the one of the definition."""
        owner = self.target.parent
        assert owner is not None
        around = [
            d
            for d in self.tree.definitions
            if d.kind == "class" and d.start <= mention.start < d.end
        ]
        if not around:
            return owner.kind != "class" or self.language == "rust"
        inner = min(around, key=lambda d: d.end - d.start)
        return inner is owner or owner.kind != "class"

    def _go_receiver(self, node: Node) -> str:
        """The name of the receiver where code stands in a method of the definition's type."""
        current: Node | None = node
        owner = self.target.parent
        while current is not None and current.type != "method_declaration":
            current = current.parent
        if current is None or owner is None:
            return ""
        receiver = current.child_by_field_name("receiver")
        text = self.tree.text(receiver) if receiver is not None else ""
        words = re.findall(r"\w+", text.split("[")[0])
        return words[0] if len(words) > 1 and words[-1] == owner.name else ""

    def _is_key(self, node: Node) -> bool:
        return field_of(node) == "key"

    # --- top-level names in other files ---

    def _php_class(self, mention: Mention) -> bool:
        if self.target.kind != "class":
            here = mention.path == self.tree.path
            return here and not is_member(mention.node) and _php_call(mention.node)
        from sorte_cli.edits.syntax.php_references import references_in

        there = self.project.syntax(mention.path)
        key = f"php:{mention.path}"
        if key not in self._shadows:
            names = names_of(self.tree)
            full = names.within(self.target.name)
            edits = references_in(there, full, names.within("\0"), self.target.name, "\0")
            self._shadows[key] = [(e.start, e.end) for e in edits]
        return any(
            start <= mention.start and mention.end == end for start, end in self._shadows[key]
        )

    def _imported(self, mention: Mention) -> bool:
        if mention.path not in self._bound:
            self._bound[mention.path] = self._knows(self.project.syntax(mention.path))
        return self._bound[mention.path]

    def _knows(self, there: SyntaxTree) -> bool:
        """Whether a file has the name from the definition's file."""
        name = self.target.name
        if self.script:
            return any(
                name in (n.removeprefix("type ").split()[0] for n in item.names)
                and self._is_module(item.source, there.path)
                for item in js_imports(there)
            ) or bool(self._re_exported(there))
        if self.language == "go":
            return self._folder(there.path) == self._folder(self.tree.path)
        return self._only_one() and self._mentions_import(there)

    def _re_exported(self, there: SyntaxTree) -> bool:
        pattern = re.compile(r"export\s+(?:type\s+)?\{[^}]*\}\s*from\s*['\"]([^'\"]+)['\"]")
        return any(
            self._is_module(m[1], there.path) and re.search(rf"\b{self.target.name}\b", m[0])
            for m in pattern.finditer(there.source.text)
        )

    def _is_module(self, specifier: str, path: str) -> bool:
        return resolve_module(specifier, path, self.project.exists) in self._module_paths()

    def _module_paths(self) -> frozenset[str]:
        """The definition's file, and those that pass all of it on (`export * from`)."""
        if self._modules is None:
            found = {self.tree.path}
            pattern = re.compile(r"export\s*\*\s*from\s*['\"]([^'\"]+)['\"]")
            named = re.compile(
                rf"export\s+(?:type\s+)?\{{[^}}]*\b{re.escape(self.target.name)}\b(?!\s+as)[^}}]*\}}"
                r"\s*from\s*['\"]([^'\"]+)['\"]"
            )
            indexes = [p for p in self.project.paths() if re.search(r"\.(?:[cm]?[jt]sx?)$", p)]
            for _ in range(4):
                before = len(found)
                for path in indexes:
                    data = self.project.snapshot.read(path) or b""
                    if b"export" not in data or b"from" not in data:
                        continue
                    text = data.decode("utf-8", "replace")
                    sources = [*pattern.findall(text), *named.findall(text)]
                    if any(resolve_module(s, path, self.project.exists) in found for s in sources):
                        found.add(path)
                if len(found) == before:
                    break
            self._modules = frozenset(found)
        return self._modules

    def _through_module(self, mention: Mention) -> bool:
        """`ns.name` where ns is the whole module: `import * as ns`, a Go package."""
        there = self.project.syntax(mention.path)
        receiver = receiver_of(there, mention.node)
        if self.script:
            return any(
                item.namespace == receiver and self._is_module(item.source, there.path)
                for item in js_imports(there)
            )
        if self.language == "go" and mention.path != self.tree.path:
            folder = self._folder(self.tree.path)
            from sorte_cli.edits.syntax.imports import imports_of

            for what in imports_of(there):
                path = what[what.index('"') + 1 : -1]
                alias = what.split()[0] if " " in what else path.rpartition("/")[2]
                if receiver == alias and folder and path.endswith(f"/{folder}"):
                    return True
        return self.language == "rust" and self._only_one() and mention.imports

    def _folder(self, path: str) -> str:
        return path.rpartition("/")[0]

    def _only_one(self) -> bool:
        """Whether the project defines the name once at the top level of a file."""
        if "only" not in self._bound:
            from sorte_cli.edits.syntax.names import files_mentioning

            count = 0
            for path in files_mentioning(self.project, self.tree.language.family, self.target.name):
                there = self.project.syntax(path)
                count += len(
                    {d.qualified for d in there.definitions if d.name == self.target.name
                     and d.kind not in ("scope", "method", "field")}
                )  # fmt: skip
            self._bound["only"] = count <= 1
        return self._bound["only"]

    def _mentions_import(self, there: SyntaxTree) -> bool:
        if self.language == "ruby" or self.language == "csharp":
            return True
        text = there.source.text
        if self.language == "java":
            package = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.M)
            own, other = package.search(self.tree.source.text), package.search(text)
            mine = own[1] if own else ""
            if mine == (other[1] if other else ""):
                return True
            return bool(
                re.search(
                    rf"^\s*import\s+{re.escape(mine)}\.(?:{self.target.name}|\*)\s*;", text, re.M
                )
            )
        return bool(re.search(rf"\buse\b[^;]*\b(?:{self.target.name}|\*)", text))

    # --- Vue templates ---

    def in_templates(self, new: str) -> list[SpanEdit]:
        """Uses in the template of the definition's own Vue file."""
        return [
            SpanEdit(self.tree.path, start, end, new)
            for start, end, sure in self._template_places()
            if sure
        ]

    def possible_in_templates(self) -> list[str]:
        source = self.tree.source
        lines = {source.position(s)[0] for s, _e, sure in self._template_places() if not sure}
        return [f"{self.tree.path}:{n}: {source.line_text(n).strip()}" for n in sorted(lines)]

    def _template_places(self) -> list[tuple[int, int, bool]]:
        if self.language != "vue":
            return []
        text = self.tree.source.text
        found: list[tuple[int, int, bool]] = []
        for tag, _attributes, _whole, (low, high) in sections(text):
            if tag != "template":
                continue
            local = re.search(
                rf"v-for=[\"'][^\"']*\b{re.escape(self.target.name)}\b[^\"']*\s(?:in|of)\s|"
                rf"(?:#\w*|v-slot[:\w]*|slot-scope)=[\"'][^\"']*\b{re.escape(self.target.name)}\b",
                text[low:high],
            )
            for binding in _BINDING.finditer(text, low, high):
                start = binding.start(1) + 1 if binding[1] else binding.start()
                end = binding.end(1) - 1 if binding[1] else binding.end()
                for match in re.compile(
                    rf"(?<![\w$.'`-]){re.escape(self.target.name)}(?![\w$'`-]|\s*:[^:])"
                ).finditer(text, start, end):
                    found.append((*match.span(), local is None))
        return found


def _php_call(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type in ("function_call_expression", "argument")
