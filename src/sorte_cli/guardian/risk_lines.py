"""Holes in JavaScript, TypeScript and PHP that one line gives away.

A rule names a place where text does harm and, on the same line, where it comes from; what cleans
it on that line takes the finding away. Pure: lines in, rules and line numbers out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LINE_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class _Rule:
    """A line has the risk where `text` is found in it and `unless` is not."""

    rule: str
    text: re.Pattern[str]
    unless: re.Pattern[str] = re.compile(r"(?!)")


_JS_SOURCE = (
    r"(?:location\.(?:hash|search|href)|document\.(?:URL|referrer|cookie)|window\.name"
    r"|\breq(?:uest)?\.(?:query|params|body|cookies|headers)\b|URLSearchParams|\.value\b)"
)
_JS_CLEAN = re.compile(
    r"sanitize|purify|escape|encodeURI|parseInt|Number\(|JSON\.stringify|textContent"
)
_JS = (
    _Rule("code-injection", re.compile(r"(?<![\w.$])eval\s*\(\s*(?![\"'`)])[^)]*[\w\])]")),
    _Rule("code-injection", re.compile(rf"\bnew Function\s*\(.*{_JS_SOURCE}")),
    _Rule(
        "cross-site-scripting",
        re.compile(
            r"(?:\.(?:inner|outer)HTML\s*\+?=|\.insertAdjacentHTML\(|document\.write(?:ln)?\()"
            rf".*{_JS_SOURCE}"
        ),
        _JS_CLEAN,
    ),
    _Rule(
        "cross-site-scripting",
        re.compile(rf"\bres(?:ponse)?\.(?:send|write|end)\(.*[+`{{]\s*{_JS_SOURCE}"),
        _JS_CLEAN,
    ),
    _Rule(
        "command-injection",
        re.compile(
            r"(?:child_process\.|(?<![\w.$]))(?:exec|execSync)\s*\(\s*"
            r"(?:`[^`]*\$\{|[\"'][^\"']*[\"']\s*\+)"
        ),
    ),
    _Rule(
        "sql-injection",
        re.compile(
            r"\.(?:query|execute|raw)\s*\(\s*(?:`\s*(?:SELECT|INSERT|UPDATE|DELETE)\b[^`]*=\s*'?\$\{"
            r"|[\"']\s*(?:SELECT|INSERT|UPDATE|DELETE)\b[^\"']*=\s*'?[\"']\s*\+)",
            re.IGNORECASE,
        ),
    ),
    _Rule(
        "path-traversal",
        re.compile(
            r"\b(?:readFile|readFileSync|createReadStream|sendFile|unlink|writeFile|writeFileSync)"
            r"\s*\(.*\breq(?:uest)?\.(?:query|params|body)\b"
        ),
        re.compile(r"basename|normalize|resolve\("),
    ),
    _Rule(
        "open-redirect",
        re.compile(r"\bres(?:ponse)?\.redirect\(\s*req(?:uest)?\.(?:query|params|body)\b"),
    ),
    _Rule(
        "ssrf",
        re.compile(r"\b(?:fetch|axios(?:\.\w+)?|got)\s*\(\s*req(?:uest)?\.(?:query|params|body)\b"),
    ),
    _Rule("no-certificate-check", re.compile(r"\brejectUnauthorized\s*:\s*false\b")),
)

_PHP_SOURCE = r"\$_(?:GET|POST|REQUEST|COOKIE|FILES)\b"
_PHP_CLEAN = re.compile(
    r"htmlspecialchars|htmlentities|\be\(|intval|\(int\)|\(float\)|json_encode|urlencode|strip_tags"
    r"|filter_(?:input|var)|esc_\w+|isset\([^)]*\)\s*\?|in_array|basename|escapeshell|absint|quote\("
)
_PHP = (
    _Rule(
        "cross-site-scripting",
        re.compile(rf"(?:\becho\b|\bprint\b|<\?=)[^;]*{_PHP_SOURCE}"),
        _PHP_CLEAN,
    ),
    _Rule(
        "sql-injection",
        re.compile(
            r"[\"'](?:[^\"']|'(?=[^\"']*\"))*\b(?:SELECT\b.*\bFROM|INSERT\s+INTO|UPDATE\b.*\bSET"
            rf"|DELETE\s+FROM)\b.*{_PHP_SOURCE}",
            re.IGNORECASE,
        ),
        _PHP_CLEAN,
    ),
    _Rule(
        "file-inclusion",
        re.compile(rf"\b(?:include|require)(?:_once)?\b[^;]*{_PHP_SOURCE}"),
        re.compile(r"basename|in_array"),
    ),
    _Rule(
        "command-injection",
        re.compile(
            rf"(?<![\w>:$])(?:system|exec|shell_exec|passthru|popen|proc_open)\s*\([^;]*{_PHP_SOURCE}"
        ),
        re.compile(r"escapeshell|intval|\(int\)"),
    ),
    _Rule(
        "unsafe-deserialization",
        re.compile(rf"(?<![\w>:$])unserialize\s*\([^;]*{_PHP_SOURCE}"),
        re.compile(r"allowed_classes"),
    ),
    _Rule("code-injection", re.compile(rf"(?<![\w>:$])(?:eval|assert)\s*\([^;]*{_PHP_SOURCE}")),
    _Rule("code-injection", re.compile(rf"(?<![\w>:$])extract\s*\(\s*{_PHP_SOURCE}")),
    _Rule(
        "path-traversal",
        re.compile(
            r"(?<![\w>:$])(?:file_get_contents|fopen|readfile|unlink|file_put_contents|file)\s*\("
            r"[^;]*\$_(?:GET|POST|REQUEST|COOKIE)\b"
        ),
        re.compile(r"basename|realpath|intval|\(int\)"),
    ),
    _Rule(
        "open-redirect",
        re.compile(rf"(?<![\w>:$])header\s*\(\s*[\"']Location:[^;]*{_PHP_SOURCE}", re.IGNORECASE),
        _PHP_CLEAN,
    ),
    _Rule(
        "weak-password-hash",
        re.compile(
            r"(?<![\w>:$])(?:md5|sha1)\s*\(\s*\$\w*(?:password|passwd|senha)\w*", re.IGNORECASE
        ),
    ),
    _Rule("no-certificate-check", re.compile(r"CURLOPT_SSL_VERIFYPEER\s*,\s*(?:false|0)\b")),
)
_COMMENT = re.compile(r"^\s*(?://|/?\*|#(?!\[)|<!--)")


def risks_in_lines(lines: Iterable[str], kind: str) -> Iterator[tuple[str, int]]:
    """(rule, line) of each risk; `kind` is "js" or "php"."""
    rules = _PHP if kind == "php" else _JS
    for number, line in enumerate(lines, 1):
        if len(line) > _LINE_LIMIT or _COMMENT.match(line):
            continue
        for rule in rules:
            if rule.text.search(line) and not rule.unless.search(line):
                yield rule.rule, number
