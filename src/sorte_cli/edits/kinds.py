"""Which family of operations a file belongs to, by its name. Pure."""

from __future__ import annotations

from sorte_cli.edits.source import is_python

_SYNTAX = {
    "js": "javascript", "mjs": "javascript", "cjs": "javascript", "jsx": "javascript",
    "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx", "vue": "vue",
    "php": "php", "go": "go", "java": "java", "rs": "rust", "cs": "csharp", "rb": "ruby",
    "rake": "ruby", "html": "html", "htm": "html", "css": "css",
}  # fmt: skip
_DATA = {
    "toml": "toml", "yaml": "yaml", "yml": "yaml", "json": "json", "jsonc": "json",
    "json5": "json", "md": "markdown", "markdown": "markdown", "mdx": "markdown",
}  # fmt: skip
_RUBY_NAMES = frozenset(("rakefile", "gemfile"))


def syntax_language(path: str) -> str:
    """The tree-sitter language of a file ("php", "vue", ...); "" where it has none here."""
    base = path.rpartition("/")[2].lower()
    if base.endswith(".blade.php"):
        return ""  # a template of two languages at once, which no grammar reads: text
    if base in _RUBY_NAMES:
        return "ruby"
    stem, _, extension = base.rpartition(".")
    return _SYNTAX.get(extension, "") if stem else ""


def data_format(path: str) -> str:
    """The format of a data or prose file ("toml", "env", "markdown", ...); "" for others."""
    base = path.rpartition("/")[2].lower()
    stem, _, extension = base.rpartition(".")
    if base == ".env" or base.startswith(".env.") or base.endswith(".env"):
        return "env"
    if extension in ("txt", "in") and ("requirements" in base or "constraints" in base):
        return "requirements"
    if extension == "txt" and "/requirements/" in f"/{path.lower()}":
        return "requirements"
    return _DATA.get(extension, "") if stem else ""


def family_of(path: str) -> str:
    """ "python", "syntax", "data" or "text": which operations know the inside of a file."""
    if is_python(path):
        return "python"
    if syntax_language(path):
        return "syntax"
    return "data" if data_format(path) else "text"
