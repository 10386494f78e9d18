"""What a definition, a comment, an import and a container is in each language of tree-sitter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Parser

_MEMBERS = frozenset(("class_body", "declaration_list", "enum_declaration_list"))


@dataclass(frozen=True)
class Language:
    """One language.

    `definitions` maps node types to roles (class, function, constant, field, scope, variable);
    `wrappers` are nodes that belong to the one definition inside them (`export`, the `const` of
    `const A = 1`); `leading` are siblings above that belong to it (attributes, decorators).
    `identifiers` are the leaves that are names, `imports` the statements that bring names in.
    """

    name: str
    grammar: str
    definitions: Mapping[str, str]
    wrappers: frozenset[str] = frozenset()
    leading: frozenset[str] = frozenset()
    comments: frozenset[str] = frozenset(("comment",))
    identifiers: frozenset[str] = frozenset(("identifier",))
    strings: frozenset[str] = frozenset(("string_content",))
    imports: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()  # not looked into: the insides of functions
    family: frozenset[str] = field(default_factory=frozenset)  # languages that share names
    line_comment: str = "//"


_JS_DEFINITIONS = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "class_declaration": "class",
    "method_definition": "function",
    "field_definition": "field",
    "variable_declarator": "variable",
    "pair": "option",
    "shorthand_property_identifier": "option",
}
_TS_DEFINITIONS = {
    **_JS_DEFINITIONS,
    "abstract_class_declaration": "class",
    "interface_declaration": "class",
    "enum_declaration": "class",
    "type_alias_declaration": "constant",
    "public_field_definition": "field",
    "property_signature": "field",
    "method_signature": "function",
    "abstract_method_signature": "function",
    "function_signature": "function",
    "enum_assignment": "field",
    "internal_module": "scope",
}
_JS_WRAPPERS = frozenset(
    ("export_statement", "lexical_declaration", "variable_declaration", "ambient_declaration",
     "expression_statement")
)  # fmt: skip
_JS_NAMES = frozenset(
    ("identifier", "property_identifier", "private_property_identifier", "type_identifier",
     "shorthand_property_identifier", "shorthand_property_identifier_pattern",
     "jsx_identifier", "statement_identifier")
)  # fmt: skip
_JS_FAMILY = frozenset(("javascript", "typescript", "tsx", "vue"))


def _js(name: str, grammar: str, definitions: Mapping[str, str]) -> Language:
    return Language(
        name,
        grammar,
        definitions,
        wrappers=_JS_WRAPPERS,
        leading=frozenset(("decorator",)),
        identifiers=_JS_NAMES,
        strings=frozenset(("string_fragment",)),
        imports=frozenset(("import_statement",)),
        family=_JS_FAMILY,
    )


LANGUAGES: Mapping[str, Language] = {
    "javascript": _js("javascript", "javascript", _JS_DEFINITIONS),
    "typescript": _js("typescript", "typescript", _TS_DEFINITIONS),
    "tsx": _js("tsx", "tsx", _TS_DEFINITIONS),
    "vue": _js("vue", "typescript", _TS_DEFINITIONS),
    "php": Language(
        "php",
        "php",
        {
            "class_declaration": "class",
            "interface_declaration": "class",
            "trait_declaration": "class",
            "enum_declaration": "class",
            "function_definition": "function",
            "method_declaration": "function",
            "property_element": "field",
            "const_element": "field",
            "enum_case": "field",
        },
        wrappers=frozenset(("property_declaration", "const_declaration", "expression_statement")),
        identifiers=frozenset(("name",)),
        strings=frozenset(("string_content",)),
        imports=frozenset(("namespace_use_declaration",)),
        bodies=frozenset(("compound_statement",)),
        family=frozenset(("php",)),
    ),
    "go": Language(
        "go",
        "go",
        {
            "function_declaration": "function",
            "method_declaration": "function",
            "type_spec": "class",
            "type_alias": "constant",
            "const_spec": "constant",
            "var_spec": "constant",
            "field_declaration": "field",
            "method_elem": "function",
        },
        wrappers=frozenset(
            ("type_declaration", "const_declaration", "var_declaration", "var_spec_list")
        ),
        identifiers=frozenset(
            ("identifier", "type_identifier", "field_identifier", "package_identifier")
        ),
        strings=frozenset(("interpreted_string_literal_content", "raw_string_literal_content")),
        imports=frozenset(("import_declaration",)),
        bodies=frozenset(("block",)),
        family=frozenset(("go",)),
    ),
    "java": Language(
        "java",
        "java",
        {
            "class_declaration": "class",
            "interface_declaration": "class",
            "enum_declaration": "class",
            "record_declaration": "class",
            "annotation_type_declaration": "class",
            "method_declaration": "function",
            "constructor_declaration": "function",
            "variable_declarator": "field",
            "enum_constant": "field",
        },
        wrappers=frozenset(("field_declaration",)),
        comments=frozenset(("line_comment", "block_comment")),
        identifiers=frozenset(("identifier", "type_identifier")),
        strings=frozenset(("string_fragment",)),
        imports=frozenset(("import_declaration",)),
        bodies=frozenset(("block", "constructor_body")),
        family=frozenset(("java",)),
    ),
    "rust": Language(
        "rust",
        "rust",
        {
            "function_item": "function",
            "function_signature_item": "function",
            "macro_definition": "function",
            "struct_item": "class",
            "enum_item": "class",
            "union_item": "class",
            "trait_item": "class",
            "type_item": "constant",
            "const_item": "constant",
            "static_item": "constant",
            "impl_item": "scope",
            "mod_item": "scope",
            "field_declaration": "field",
            "enum_variant": "field",
        },
        leading=frozenset(("attribute_item",)),
        comments=frozenset(("line_comment", "block_comment")),
        identifiers=frozenset(("identifier", "type_identifier", "field_identifier")),
        imports=frozenset(("use_declaration",)),
        bodies=frozenset(("block",)),
        family=frozenset(("rust",)),
    ),
    "csharp": Language(
        "csharp",
        "csharp",
        {
            "class_declaration": "class",
            "interface_declaration": "class",
            "struct_declaration": "class",
            "record_declaration": "class",
            "enum_declaration": "class",
            "method_declaration": "function",
            "constructor_declaration": "function",
            "property_declaration": "field",
            "variable_declarator": "field",
            "enum_member_declaration": "field",
        },
        wrappers=frozenset(("variable_declaration", "field_declaration")),
        strings=frozenset(("string_literal_content",)),
        imports=frozenset(("using_directive",)),
        bodies=frozenset(("block", "accessor_list")),
        family=frozenset(("csharp",)),
    ),
    "ruby": Language(
        "ruby",
        "ruby",
        {
            "class": "class",
            "module": "class",
            "method": "function",
            "singleton_method": "function",
            "assignment": "constant",
        },
        identifiers=frozenset(
            ("identifier", "constant", "instance_variable", "hash_key_symbol", "simple_symbol")
        ),
        family=frozenset(("ruby",)),
        line_comment="#",
    ),
    "css": Language(
        "css",
        "css",
        {
            "rule_set": "rule",
            "media_statement": "rule",
            "supports_statement": "rule",
            "keyframes_statement": "rule",
            "at_rule": "rule",
            "declaration": "property",
        },
        identifiers=frozenset(("class_name", "id_name", "property_name", "identifier")),
        imports=frozenset(("import_statement",)),
        family=frozenset(("css",)),
    ),
    # Read by `data`, which finds keys by itself.
    "json": Language("json", "json", {}),
    "toml": Language("toml", "toml", {}, line_comment="#"),
    "html": Language(
        "html",
        "html",
        {"element": "element", "script_element": "element", "style_element": "element"},
        identifiers=frozenset(("attribute_value",)),
        strings=frozenset(("text",)),
        family=frozenset(("html",)),
    ),
}


@cache
def parser(grammar: str) -> Parser:
    """A parser, made once a process. Loading a grammar takes a few milliseconds."""
    from tree_sitter import Parser
    from tree_sitter_language_pack import get_language

    return Parser(get_language(grammar))  # type: ignore[arg-type]
