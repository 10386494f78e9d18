"""Holes that bandit does not know: what a request says goes where it must not, in four languages.

Python is read as a tree, function by function: a value that comes from a request keeps that origin
through names and text, and loses it in what checks or converts it. JavaScript, TypeScript and PHP
are read line by line. Precision comes first: a rule that is not sure says nothing.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from sorte_cli.domain import ChangeSet, FileChange, Finding, Severity
from sorte_cli.guardian.fingerprints import fingerprints, new_findings
from sorte_cli.guardian.outline import Outline
from sorte_cli.guardian.runners import SCRIPTS
from sorte_cli.texts import N_

_TOOL = "risks"
_LIMIT_BYTES = 1_000_000
_NOT_LIVE = re.compile(
    r"(?:^|/)(?:tests?|__tests__|specs?|fixtures?|examples?|docs?|benchmarks?|cypress|e2e|dist|build"
    r"|vendor|node_modules|public/(?:js|build))/|(?:^|/)(?:test_[^/]*|conftest)\.py$|_test\.py$"
    r"|\.(?:test|spec|min|bundle)\.[mc]?[jt]sx?$|Test\.php$"
)

MESSAGES = {
    "path-traversal": (
        Severity.HIGH,
        N_("what a request says becomes a file's path: `../` leads anywhere"),
    ),
    "ssrf": (
        Severity.HIGH,
        N_("what a request says becomes an address that the server fetches, also inside"),
    ),
    "open-redirect": (
        Severity.MEDIUM,
        N_("what a request says becomes the address that people are sent to"),
    ),
    "template-injection": (
        Severity.HIGH,
        N_("what a request says becomes a template, which can run code"),
    ),
    "mass-assignment": (
        Severity.MEDIUM,
        N_("a request chooses which attributes are set, also those it should not"),
    ),
    "timing-compare": (
        Severity.MEDIUM,
        N_("comparing a signature with == tells by its time how much of it was right"),
    ),
    "logged-secret": (Severity.MEDIUM, N_("a secret of a person is written to the log")),
    "code-injection": (Severity.HIGH, N_("text becomes code that is run")),
    "command-injection": (Severity.HIGH, N_("text becomes part of a shell's command line")),
    "sql-injection": (Severity.HIGH, N_("text becomes part of an SQL statement")),
    "cross-site-scripting": (
        Severity.HIGH,
        N_("text that others choose becomes part of the page, with its tags"),
    ),
    "file-inclusion": (Severity.HIGH, N_("what a request says chooses the code that is run")),
    "unsafe-deserialization": (
        Severity.HIGH,
        N_("what a request says becomes objects, whose methods run"),
    ),
    "weak-password-hash": (
        Severity.MEDIUM,
        N_("a fast hash of a password is found out by trying; use password_hash"),
    ),
    "no-certificate-check": (
        Severity.MEDIUM,
        N_("any certificate is accepted: whoever is on the way can read and change it"),
    ),
}


def new_risks(changes: ChangeSet) -> tuple[Finding, ...]:
    """Risks that are on the side after and were not before. Tests and examples do not count."""
    live = [c for c in changes.changes if not _NOT_LIVE.search(c.path) and _reader(c.path)]
    after = [f for c in live for f in _found(c, c.after)]
    if not after:
        return ()
    before = [f for c in live for f in _found(c, c.before)]
    old = {c.path: _outline(c.path, c.before) for c in live}
    new = {c.path: _outline(c.path, c.after) for c in live}
    return tuple(new_findings(fingerprints(before, old), fingerprints(after, new)))


def _outline(path: str, content: bytes | None) -> Outline:
    return Outline(content if path.endswith(".py") else None)


def _reader(path: str) -> str:
    if path.endswith(".py"):
        return "python"
    return "php" if path.endswith(".php") else "js" if path.endswith(SCRIPTS) else ""


def _found(change: FileChange, content: bytes | None) -> Iterator[Finding]:
    if content is None or len(content) > _LIMIT_BYTES or b"\0" in content[:8_000]:
        return
    kind = _reader(change.path)
    if kind == "python":
        places = _in_python(content)
    else:
        from sorte_cli.guardian.risk_lines import risks_in_lines  # many patterns; commits wait

        lines = content.decode("utf-8", "replace").split("\n")
        places = risks_in_lines(lines, kind)
    texts = content.split(b"\n")
    for rule, line in sorted(set(places), key=lambda p: (p[1], p[0])):
        severity, message = MESSAGES[rule]
        snippet = texts[line - 1].decode("utf-8", "replace").strip()[:200]
        yield Finding(_TOOL, rule, change.path, line, severity, message, snippet)


_REQUEST_PARTS = frozenset(
    {
        "args",
        "form",
        "GET",
        "POST",
        "json",
        "data",
        "values",
        "files",
        "cookies",
        "headers",
        "query_params",
        "path_params",
        "FILES",
        "COOKIES",
        "match_info",
        "get_json",
        "get_data",
        "body",
        "query",
    }
)
# Whatever has been through these is no longer what the request said.
_CLEANERS = frozenset(
    {
        "int",
        "float",
        "bool",
        "len",
        "Decimal",
        "UUID",
        "secure_filename",
        "basename",
        "escape",
        "quote",
        "quote_plus",
        "urlencode",
        "safe_join",
        "isdigit",
        "isalnum",
        "hexdigest",
        "digest",
        "index",
        "loads",
        "model_validate",
        "parse_obj",
        "validate",
        "url_has_allowed_host_and_scheme",
        "is_safe_url",
        "is_relative_to",
        "get_object_or_404",
        "filter",
        "exists",
        "url_for",
        "reverse",
        "sub",
    }
)
_FETCHERS = frozenset({"requests", "httpx", "aiohttp", "urllib", "urllib3"})
_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "request", "urlopen"})
_FILE_CALLS = frozenset({"open", "send_file", "FileResponse", "rmtree", "unlink", "remove"})
_REDIRECTS = frozenset({"redirect", "RedirectResponse", "HttpResponseRedirect"})
_SIGNATURES = re.compile(r"^(?:\w*_)?(?:signature|hmac|mac|digest|csrf_token)$")
_EXPECTED = re.compile(
    r"^(?:\w*_)?(?:signature|hmac|mac|digest|csrf_token|expected|received|given|provided|computed"
    r"|calculated)(?:_\w+)?$"
)
_PERSONAL = re.compile(r"^(?:\w*_)?(?:cvv|cvc|password|passwd|senha|card_number|pan)$")
_LOG_METHODS = frozenset({"debug", "info", "warning", "error", "critical", "exception", "log"})


# Most files have none of these words, and need not be parsed.
_WORDS = re.compile(rb"\breq(?:uest)?\.|signature|hmac|digest|csrf_token|cv[vc]|passw|senha|card")


def _in_python(content: bytes) -> Iterator[tuple[str, int]]:
    if not _WORDS.search(content):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _Function(node).risks()


class _Function:
    """One function: which of its names hold what a request said, and where that goes."""

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._body = [n for statement in node.body for n in _own_nodes(statement)]
        self._tainted: set[str] = set()
        for _ in range(3):  # names that get it from names; chains are short
            for inner in self._body:
                self._follow(inner)

    def _follow(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
            if self._says(node.value):
                self._tainted.update(names)
        elif isinstance(node, ast.For) and self._says(node.iter):
            self._tainted.update(n.id for n in ast.walk(node.target) if isinstance(n, ast.Name))

    def _says(self, node: ast.AST | None) -> bool:
        """Whether an expression holds what a request said."""
        if node is None or isinstance(node, ast.Lambda):
            return False
        if isinstance(node, ast.Name):
            return node.id in self._tainted
        if isinstance(node, ast.Attribute):
            return _is_request_part(node) or self._says(node.value)
        if isinstance(node, ast.Call):
            if _name(node.func) in _CLEANERS:
                return False
            parts = [*node.args, *(k.value for k in node.keywords)]
            own = isinstance(node.func, ast.Attribute) and self._says(node.func)
            # What other functions make of it is not known; text stays text.
            passes = _name(node.func) in ("str", "join", "format", "Path", "unquote", "strip")
            return own or (passes and any(map(self._says, parts)))
        if isinstance(node, ast.Compare | ast.BoolOp):
            # `x or "/"` hands x on, a comparison does not.
            return isinstance(node, ast.BoolOp) and any(map(self._says, node.values))
        if isinstance(node, ast.IfExp):
            return self._says(node.body) or self._says(node.orelse)
        if isinstance(node, ast.Subscript):
            return self._says(node.value)
        return any(self._says(child) for child in ast.iter_child_nodes(node))

    def risks(self) -> Iterator[tuple[str, int]]:
        checked = self._checked()
        for node in self._body:
            if isinstance(node, ast.Call):
                yield from ((rule, node.lineno) for rule in self._of_call(node, checked))
            elif isinstance(node, ast.Compare) and _is_loose_comparison(node):
                yield "timing-compare", node.lineno
            elif isinstance(node, ast.For) and self._says(node.iter):
                sets = (n for n in ast.walk(node) if isinstance(n, ast.Call))
                if any(_name(n.func) == "setattr" for n in sets) and not _has_test(node):
                    yield "mass-assignment", node.lineno

    def _checked(self) -> frozenset[str]:
        """Names that a condition of this function looks at: somebody thought about them."""
        tests = [n.test for n in self._body if isinstance(n, ast.If | ast.Assert | ast.While)]
        return frozenset(n.id for t in tests for n in ast.walk(t) if isinstance(n, ast.Name))

    def _of_call(self, node: ast.Call, checked: frozenset[str]) -> Iterator[str]:
        name = _name(node.func)
        first = node.args[0] if node.args else None
        names = {n.id for n in ast.walk(first) if isinstance(n, ast.Name)} if first else set()
        if self._says(first) and not names & checked:
            owner = _root(node.func)
            if name in _FILE_CALLS and (name == "open" or owner in ("os", "shutil", name)):
                yield "path-traversal"
            elif name in _METHODS and owner in _FETCHERS and not _is_request_part(node.func):
                yield "ssrf"
            elif name in _REDIRECTS:
                yield "open-redirect"
            elif name in ("render_template_string", "Template", "from_string"):
                yield "template-injection"
        spread = [k.value for k in node.keywords if k.arg is None]
        if any(_is_whole_request(v) for v in spread) and name in ("update", "create", "build"):
            yield "mass-assignment"
        if name in _LOG_METHODS and isinstance(node.func, ast.Attribute):
            logs = _root(node.func) in ("logger", "log", "logging", "LOG", "LOGGER", "_logger")
            if logs and any(_is_personal(a) for a in node.args):
                yield "logged-secret"


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those below it, without the functions in it, which are judged by themselves."""
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for child in ast.iter_child_nodes(node):
        yield from _own_nodes(child)


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", "")


def _is_request_part(node: ast.AST) -> bool:
    """`request.args`, `self.request.GET`, `flask.request.form`."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in _REQUEST_PARTS
        and _name(node.value) in ("request", "req")
    )


def _is_whole_request(node: ast.AST) -> bool:
    """`request.json`, `request.get_json()`, `request.POST.dict()`."""
    while isinstance(node, ast.Call | ast.Attribute) and not _is_request_part(node):
        node = node.func if isinstance(node, ast.Call) else node.value
    return _is_request_part(node)


def _has_test(node: ast.AST) -> bool:
    return any(isinstance(n, ast.If | ast.IfExp | ast.Compare) for n in ast.walk(node))


def _is_loose_comparison(node: ast.Compare) -> bool:
    """`signature == expected`: two names or calls, of which one is a signature."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return False
    names = [_name(side) for side in (node.left, node.comparators[0])]
    return any(_SIGNATURES.match(n) for n in names) and all(_EXPECTED.match(n) for n in names)


def _is_personal(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and bool(_PERSONAL.match(_name(node)))
