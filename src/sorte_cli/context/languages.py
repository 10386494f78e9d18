"""Which file is which language, and the tag queries that find definitions in each.

A query captures whole definition nodes under the name of their role; `symbols.py` reads name,
detail and nesting from the captured nodes. Roles: class, function (a method when inside a class),
constant, field, variable (function or constant, by its value), scope (a container that is no
symbol itself, such as a Rust `impl`) and decorated (what begins where the decorators do).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Parser, Query

EXTENSIONS = {
    "py": "python", "pyi": "python", "pyw": "python",
    "js": "javascript", "mjs": "javascript", "cjs": "javascript", "jsx": "javascript",
    "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx",
    "vue": "vue", "svelte": "svelte",
    "php": "php", "go": "go", "java": "java", "rs": "rust", "cs": "csharp", "rb": "ruby",
    "kt": "kotlin", "kts": "kotlin", "c": "c", "h": "c", "cc": "cpp", "cpp": "cpp", "cxx": "cpp",
    "hpp": "cpp", "hh": "cpp", "swift": "swift", "scala": "scala", "lua": "lua", "ex": "elixir",
    "exs": "elixir", "sh": "bash", "bash": "bash", "zsh": "bash", "fish": "fish",
    "html": "html", "htm": "html", "jinja": "jinja", "jinja2": "jinja", "j2": "jinja",
    "twig": "twig", "css": "css", "scss": "scss", "sass": "scss", "less": "less",
    "md": "markdown", "markdown": "markdown", "mdx": "markdown", "rst": "rst", "txt": "text",
    "toml": "toml", "yaml": "yaml", "yml": "yaml", "json": "json", "jsonc": "json", "ini": "ini",
    "cfg": "ini", "env": "ini", "properties": "ini", "xml": "xml", "sql": "sql",
    "graphql": "graphql", "proto": "proto", "dockerfile": "dockerfile", "mk": "make",
    "tf": "terraform", "prisma": "prisma", "po": "gettext",
}  # fmt: skip
NAMES = {
    "dockerfile": "dockerfile", "makefile": "make", "gnumakefile": "make", "rakefile": "ruby",
    "gemfile": "ruby", "justfile": "make", "readme": "text",
}  # fmt: skip

_CODE_TEXT = """
python javascript typescript tsx vue svelte php blade go java rust csharp ruby kotlin c cpp swift
scala lua elixir bash fish html jinja twig css scss less sql
"""
CODE = frozenset(_CODE_TEXT.split())
"""Languages whose files are source: code, templates and styles."""

_DOCUMENTS_TEXT = """
markdown rst text gettext
"""
DOCUMENTS = frozenset(_DOCUMENTS_TEXT.split())

TEMPLATES = frozenset(("vue", "svelte", "blade", "html", "jinja", "twig"))
"""Languages whose files use components as tags."""

_JAVASCRIPT = """
(function_declaration) @function
(generator_function_declaration) @function
(class_declaration) @class
(method_definition) @function
(program (lexical_declaration (variable_declarator) @variable))
(program (variable_declaration (variable_declarator) @variable))
(program (export_statement declaration: (lexical_declaration (variable_declarator) @variable)))
"""
_TYPESCRIPT = (
    _JAVASCRIPT
    + """
(abstract_class_declaration) @class
(interface_declaration) @class
(enum_declaration) @class
(type_alias_declaration) @constant
(public_field_definition) @field
(interface_body (property_signature) @field)
(interface_body (method_signature) @function)
(abstract_method_signature) @function
(enum_assignment) @field
(enum_body name: (property_identifier) @field)
(function_signature) @function
(internal_module) @scope
"""
)

QUERIES = {
    "python": """
(decorated_definition) @decorated
(function_definition) @function
(class_definition) @class
(module (assignment) @constant)
(module (if_statement (block (assignment) @constant)))
(module (try_statement (block (assignment) @constant)))
(module (type_alias_statement) @constant)
(class_definition body: (block (assignment) @field))
""",
    "javascript": _JAVASCRIPT + "(field_definition) @field\n",
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "php": """
(class_declaration) @class
(interface_declaration) @class
(trait_declaration) @class
(enum_declaration) @class
(function_definition) @function
(method_declaration) @function
(property_element) @field
(class_declaration body: (declaration_list (const_declaration (const_element) @field)))
(interface_declaration body: (declaration_list (const_declaration (const_element) @field)))
(program (const_declaration (const_element) @constant))
(enum_case) @field
""",
    "go": """
(function_declaration) @function
(method_declaration) @function
(type_spec) @class
(type_alias) @constant
(source_file (const_declaration (const_spec) @constant))
(source_file (var_declaration (var_spec) @constant))
(source_file (var_declaration (var_spec_list (var_spec) @constant)))
(type_spec type: (struct_type (field_declaration_list (field_declaration) @field)))
(type_spec type: (interface_type (method_elem) @function))
""",
    "java": """
(class_declaration) @class
(interface_declaration) @class
(enum_declaration) @class
(record_declaration) @class
(annotation_type_declaration) @class
(method_declaration) @function
(constructor_declaration) @function
(field_declaration declarator: (variable_declarator) @field)
(enum_constant) @field
""",
    "rust": """
(function_item) @function
(function_signature_item) @function
(macro_definition) @function
(struct_item) @class
(enum_item) @class
(union_item) @class
(trait_item) @class
(type_item) @constant
(const_item) @constant
(static_item) @constant
(impl_item) @scope
(mod_item) @scope
(field_declaration) @field
(enum_variant) @field
""",
    "csharp": """
(class_declaration) @class
(interface_declaration) @class
(struct_declaration) @class
(record_declaration) @class
(enum_declaration) @class
(method_declaration) @function
(constructor_declaration) @function
(property_declaration) @field
(field_declaration (variable_declaration (variable_declarator) @field))
(enum_member_declaration) @field
""",
    "ruby": """
(class) @class
(module) @class
(method) @function
(singleton_method) @function
(assignment left: (constant)) @constant
""",
    "kotlin": """
(class_declaration) @class
(object_declaration) @class
(function_declaration) @function
""",
    "c": """
(function_definition) @function
(struct_specifier body: (_)) @class
(enum_specifier body: (_)) @class
(type_definition) @constant
(preproc_def) @constant
(preproc_function_def) @function
""",
    "cpp": """
(function_definition) @function
(class_specifier body: (_)) @class
(struct_specifier body: (_)) @class
(enum_specifier body: (_)) @class
(namespace_definition) @scope
""",
    "swift": """
(class_declaration) @class
(protocol_declaration) @class
(function_declaration) @function
""",
    "bash": "(function_definition) @function\n",
}
QUERIES["vue"] = QUERIES["svelte"] = QUERIES["typescript"]
# How deep below the root a definition may begin. A query otherwise visits every node of the tree,
# which for PHP takes six times as long. Python: a decorated function in a decorated method of a
# decorated class.
DEPTHS = {"php": 6, "python": 12, "go": 6, "java": 8, "csharp": 10}
DEPTH = 12
_GRAMMARS = {"vue": "typescript", "svelte": "typescript"}


@lru_cache(maxsize=100_000)
def language_of(path: str) -> str:
    """The language of a file by its name; "" where it is unknown."""
    base = path.rpartition("/")[2].lower()
    if base.endswith(".blade.php"):
        return "blade"
    stem, dot, extension = base.rpartition(".")
    if dot and stem and extension in EXTENSIONS:
        return EXTENSIONS[extension]
    return NAMES.get(base) or NAMES.get(stem if dot else base, "")


@cache
def _grammar(name: str) -> Language:
    # Imported here: an index with nothing new to read needs no parser.
    from tree_sitter_language_pack import get_language

    return get_language(name)  # type: ignore[arg-type]


@cache
def parser(language: str) -> Parser:
    """A parser for one of the languages that have a query; one a process."""
    from tree_sitter import Parser

    return Parser(_grammar(_GRAMMARS.get(language, language)))


@cache
def query(language: str) -> Query:
    """The compiled tag query; compiled once a process."""
    from tree_sitter import Query

    return Query(_grammar(_GRAMMARS.get(language, language)), QUERIES[language])


_TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|testing|specs?|e2e)/|(?:^|/)(?:test_[^/]*|conftest)\.py$"
    r"|_tests?\.(?:py|go|rs|rb|exs|c|cc|cpp)$|[._-](?:spec|test|e2e)\.\w+$|(?:Tests?|Spec)\.\w+$"
    r"|(?:^|/)tests?\.\w+$|_spec\.rb$"
)
_TEST_MARK = re.compile(r"^tests?[_-]|[._-](?:tests?|spec|e2e)$|(?:Tests?|Spec)$")


@lru_cache(maxsize=100_000)
def is_test(path: str) -> bool:
    """Whether a path is a test by the habits of its language."""
    return bool(_TEST.search(path))


def tested_stem(path: str) -> str:
    """The name of what a test file tests: `tests/test_pix.py`, `pix.spec.ts` -> "pix"."""
    base = path.rpartition("/")[2]
    stem = base.rpartition(".")[0] or base
    return _TEST_MARK.sub("", stem)
