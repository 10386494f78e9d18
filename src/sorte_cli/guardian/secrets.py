"""Finds secrets that a change adds: tokens by their shape, passwords by what they look like.

Precision comes first, because a hook that cries wolf is switched off. A token of a known shape is
reported wherever it stands. A value that only its name makes a secret ("password = ...") counts
when it is long and irregular enough to be one, and never in tests, examples and documentation.
Pure: text in, findings out.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from sorte_cli.domain import ChangeSet, FileChange, Finding, Severity
from sorte_cli.texts import N_

_LINE_LIMIT = 4_000
_SNIPPET_CHARACTERS = 200
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class _Shape:
    """A kind of secret that its text gives away. `hint` must be in a line for a match."""

    rule: str
    what: str
    severity: Severity
    hint: str
    text: str

    @property
    def pattern(self) -> re.Pattern[str]:
        return _compiled(self.text)


@cache
def _compiled(text: str) -> re.Pattern[str]:
    """Compiled when a line first asks for it: most runs see no such line, and commits wait."""
    return re.compile(text)


def _shape(rule: str, what: str, hint: str, pattern: str, severity: Severity) -> _Shape:
    return _Shape(rule, what, severity, hint, pattern)


_CRITICAL, _HIGH = Severity.CRITICAL, Severity.HIGH
_WORD = r"(?<![A-Za-z0-9_\-])"
_END = r"(?![A-Za-z0-9_\-])"

# Published formats: each service documents the prefix of its tokens so that they can be found.
_SHAPES = (
    _shape("aws-key", N_("an AWS access key"), "A", rf"{_WORD}(?:AKIA|ASIA)[A-Z2-7]{{16}}{_END}",
           _CRITICAL),
    _shape("github-token", N_("a GitHub token"), "gh",
           rf"{_WORD}gh[pousr]_[A-Za-z0-9]{{36,251}}{_END}",
           _CRITICAL),
    _shape("github-token", N_("a GitHub token"), "github_pat_",
           rf"{_WORD}github_pat_[A-Za-z0-9]{{22}}_[A-Za-z0-9]{{59}}{_END}", _CRITICAL),
    _shape("gitlab-token", N_("a GitLab token"), "gl",
           rf"{_WORD}gl(?:pat|ptt|dt|rt|soat)-[A-Za-z0-9_\-]{{20,64}}{_END}", _CRITICAL),
    _shape("slack-token", N_("a Slack token"), "xox",
           rf"{_WORD}xox[abeoprs]-(?:\d{{8,}}-){{1,3}}[A-Za-z0-9\-]{{16,}}{_END}", _CRITICAL),
    _shape("slack-webhook", N_("a Slack webhook"), "hooks.slack.com",
           r"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{24}", _HIGH),
    _shape("stripe-key", N_("a Stripe live key"), "_live_",
           rf"{_WORD}[rs]k_live_[A-Za-z0-9]{{20,247}}{_END}", _CRITICAL),
    _shape("google-key", N_("a Google API key"), "AIza", rf"{_WORD}AIza[A-Za-z0-9_\-]{{35}}{_END}",
           _HIGH),
    _shape("openai-key", N_("an OpenAI key"), "sk-",
           rf"{_WORD}sk-(?:proj-|svcacct-)?[A-Za-z0-9_\-]{{20,}}T3BlbkFJ[A-Za-z0-9_\-]{{20,}}{_END}",
           _CRITICAL),
    _shape("anthropic-key", N_("an Anthropic key"), "sk-ant-",
           rf"{_WORD}sk-ant-[a-z]{{3,5}}\d{{2}}-[A-Za-z0-9_\-]{{80,}}{_END}", _CRITICAL),
    _shape("huggingface-token", N_("a Hugging Face token"), "hf_",
           rf"{_WORD}hf_[A-Za-z]{{34}}{_END}", _CRITICAL),
    _shape("npm-token", N_("an npm token"), "npm_",
           rf"{_WORD}npm_[A-Za-z0-9]{{36}}{_END}", _CRITICAL),
    _shape("pypi-token", N_("a PyPI token"), "pypi-",
           rf"{_WORD}pypi-AgE[A-Za-z0-9_\-]{{50,}}{_END}", _CRITICAL),
    _shape("sendgrid-key", N_("a SendGrid key"), "SG.",
           rf"{_WORD}SG\.[A-Za-z0-9_\-]{{22}}\.[A-Za-z0-9_\-]{{43}}{_END}", _CRITICAL),
    _shape("twilio-key", N_("a Twilio key"), "SK", rf"{_WORD}SK[0-9a-f]{{32}}{_END}", _HIGH),
    _shape("telegram-token", N_("a Telegram bot token"), ":AA",
           rf"{_WORD}\d{{8,10}}:AA[A-Za-z0-9_\-]{{33}}{_END}", _CRITICAL),
    _shape("digitalocean-token", N_("a DigitalOcean token"), "do",
           rf"{_WORD}do[opr]_v1_[a-f0-9]{{64}}{_END}", _CRITICAL),
    _shape("mercadopago-token", N_("a Mercado Pago production token"), "APP_USR-",
           rf"{_WORD}APP_USR-\d{{12,20}}-\d{{6}}-[0-9a-f]{{32}}-\d{{6,12}}{_END}", _CRITICAL),
    _shape("asaas-key", N_("an Asaas production key"), "$aact_",
           r"\$aact_(?:prod_)?[A-Za-z0-9+/=]{60,}", _CRITICAL),
    _shape("azure-key", N_("an Azure storage key"), "AccountKey=",
           r"AccountKey=[A-Za-z0-9+/]{86}==", _CRITICAL),
    _shape("age-key", N_("an age secret key"), "AGE-SECRET-KEY-1",
           r"AGE-SECRET-KEY-1[0-9A-Z]{58}", _CRITICAL),
)  # fmt: skip

_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_JWT = re.compile(
    rf"{_WORD}(eyJ[A-Za-z0-9_\-]{{8,}})\.(eyJ[A-Za-z0-9_\-]{{8,}})\.([A-Za-z0-9_\-]{{20,}})"
)
_URL = re.compile(
    r"\b(?P<scheme>[a-z][a-z0-9+.\-]{1,20})://(?P<user>[^\s:/@'\"`<>{}$]{0,64})"
    r":(?P<password>[^\s:/@'\"`<>]{3,100})@(?P<host>[A-Za-z0-9\[][A-Za-z0-9.\-\[\]]*)"
)
_NAMED = re.compile(
    r"(?P<name>[\w.\-]*(?:passwo?r?d|passwd|pwd|passphrase|senha|secret|token|api[_\-]?key|apikey|"
    r"access[_\-]?key|auth[_\-]?key|private[_\-]?key|encryption[_\-]?key|signing[_\-]?key|"
    r"client[_\-]?secret|credential|chave[_\-]?(?:secreta|api|privada))[\w\-]*)"
    r"[\"']?\]?\s*(?::\s*[\w.\[\] |]{1,40}=|:=|=>|=|:|,)\s*"
    r"(?:[bruBRU]{0,2}(?P<quote>[\"'`])(?P<text>[^\"'`\n]{6,200})(?P=quote)|(?P<bare>[^\s\"'`,;#]{8,200})\s*$)",
    re.IGNORECASE,
)
_AWS_SECRET = re.compile(
    r"aws.{0,24}(?:secret|key).{0,24}?[\"'=:\s](?P<text>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    re.IGNORECASE,
)

# What a value says when it stands for something else.
_PLACEHOLDER = re.compile(
    r"example|sample|placeholder|change[_\- ]?(?:me|it|this)|changeit|replace|your[_\- ]|insert|"
    r"dummy|fake|mock|todo|fixme|xxxx|\*{3}|\.{3}|redacted|removed|hidden|"
    r"secret[_\- ]?(?:key|value)|not[_\- ]?(?:a[_\- ])?(?:real|secret|used|set)|insecure|"
    r"for[_\- ]?test|testing|"
    r"^test|test$|_test_|demo|foo|bar(?!c)|lorem|abcdef|1234|aaaa|0000|exemplo|troque|sua[_\- ]|"
    r"coloque|aqui|undefined|^none|^null|^true|^false|default|password|passwd|senha|token|"
    r"my[_\- ]|localhost|hunter2|letmein|correct[_\- ]?horse|qwerty|s3cr3t|supersecret|nothing|"
    r"invalid|expired|wrong|unknown|missing|required|optional",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"[$%]\{|\$\(|\{\{|\{[\w.]*\}|<[^>]*>|%\(|%s|^\$\w|^%\w+%$|^@|^env[.(]|\(\)$"
)
_CODE = re.compile(
    r"[()\[\]{}]|^[\w]+(?:\.[\w]+)+$|^[A-Za-z_]+$|^[a-z]+(?:[_\-./:][a-z0-9]+)*$|^https?://|^/|^\.|^\w+::"
)
_NO_SECRET_NAME = re.compile(
    r"(?:name|field|label|header|url|uri|path|file|type|hint|help|text|title|message|error|regex|"
    r"pattern|prefix|suffix|length|policy|param|parameter|column|class|id|hash|salt_rounds|expir\w*"
    r"|ttl|limit|scheme|backend|hasher|validator|algorithm|count|size|index|reset|format|public\w*|"
    r"placeholder|description|selector|symbol|tokenizer|max|min)s?$",
    re.IGNORECASE,
)
_HASH = re.compile(
    r"^(?:sha(?:1|224|256|384|512)[-:=]|md5[-:=]|pbkdf2|\$2[abxy]\$|\$argon2|\$[156]\$|bcrypt|scrypt"
    r"|argon2|\{SHA|h1:)",
    re.IGNORECASE,
)
_UUID = re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)

# Files made by tools: what looks random there is a checksum.
_LOCKS = frozenset(
    {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"}
    | {"poetry.lock", "uv.lock", "pdm.lock", "pipfile.lock", "composer.lock", "cargo.lock"}
    | {"go.sum", "gemfile.lock", "flake.lock", "packages.lock.json", "podfile.lock", "mix.lock"}
    | {"pubspec.lock", ".secrets.baseline", ".sorte-baseline.json"}
)
_MADE = (".min.js", ".map", ".svg", ".ipynb", ".snap", ".lock", ".sum", ".po", ".csv", ".tsv",
         ".pb.go", "_pb2.py", ".patch", ".diff", ".asc", ".crt", ".cer", ".pub")  # fmt: skip
_FOR_SHOW = re.compile(
    r"(?:^|/)(?:tests?|testing|__tests__|specs?|fixtures?|testdata|test_data|examples?|samples?|docs?|"
    r"documentation|mocks?|__mocks__|cypress|e2e|benchmarks?|demo|factories|seeders?|cassettes)/"
    r"|(?:^|/)(?:test_[^/]*|conftest)\.py$|_test\.(?:py|go)$|\.(?:test|spec|stories)\.[jt]sx?$|Test\.php$"
    r"|\.(?:md|rst|adoc|txt|example|sample|dist|template|tmpl|j2)$|(?:^|/)\.env\.(?:example|sample|dist|test|testing)$",
    re.IGNORECASE,
)


def new_secrets(changes: ChangeSet) -> tuple[Finding, ...]:
    """Secrets in the files after that were in none of the files before, worst first."""
    # Nearly always there is none in the lines that a change wrote; then the rest need not be read.
    if not any(_in_new_lines(c) for c in changes.changes):
        return ()
    before = Counter(value for c in changes.changes for _, value in _found(c.path, c.before))
    fresh: list[Finding] = []
    for change in changes.changes:
        for finding, value in _found(change.path, change.after):
            if before[value] > 0:
                before[value] -= 1
            else:
                fresh.append(finding)
    return tuple(sorted(fresh, key=lambda f: (-f.severity, f.path, f.line, f.rule)))


def _in_new_lines(change: FileChange) -> bool:
    """Whether the lines that a change wrote may hold a secret. A key of many lines: always."""
    if change.after is None:
        return False
    if b"PRIVATE KEY" in change.after:
        return True
    new = Counter(change.after.split(b"\n"))
    new.subtract(Counter((change.before or b"").split(b"\n")))
    written = b"\n".join(line for line, count in new.items() if count > 0)
    return any(True for _ in _found(change.path, written))


def secrets_in(path: str, text: str) -> tuple[Finding, ...]:
    """All secrets in a text that goes by the name `path`."""
    return tuple(f for f, _ in _lines(path, text.split("\n")))


def _found(path: str, content: bytes | None) -> Iterable[tuple[Finding, str]]:
    if content is None or b"\0" in content[:8_000] or not _is_looked_at(path):
        return ()
    return _lines(path, content.decode("utf-8", "replace").split("\n"))


def _is_looked_at(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name not in _LOCKS and not name.endswith(_MADE)


def _lines(path: str, lines: list[str]) -> Iterator[tuple[Finding, str]]:
    for_show = bool(_FOR_SHOW.search(path))
    for number, line in enumerate(lines, 1):
        if len(line) > _LINE_LIMIT or len(line) < 12:
            continue
        seen: set[str] = set()
        for rule, what, severity, value in _of_line(line, lines, number, for_show):
            if any(value in other or other in value for other in seen):
                continue  # a token under a telling name is one secret
            seen.add(value)
            message = N_(f"{what} is written into the file")
            shown = _shown(line.strip(), value)
            yield Finding("secrets", rule, path, number, severity, message, shown), value


def _of_line(
    line: str, lines: list[str], number: int, for_show: bool
) -> Iterator[tuple[str, str, Severity, str]]:
    """(rule, what, severity, value), the surest first."""
    for shape in _SHAPES:
        if shape.hint in line:
            for match in shape.pattern.finditer(line):
                if not _is_placeholder_token(match[0]):
                    yield shape.rule, shape.what, shape.severity, match[0]
    if "PRIVATE KEY" in line and _PRIVATE_KEY.search(line) and _has_body(lines, number):
        severity = Severity.LOW if for_show else Severity.CRITICAL  # tests of TLS have keys
        yield "private-key", N_("a private key"), severity, _body_of(lines, number)
    if for_show:
        return
    if "eyJ" in line:
        for match in _JWT.finditer(line):
            if _is_jwt(match[1]):
                yield "jwt", N_("a signed token (JWT)"), Severity.MEDIUM, match[0]
    if "://" in line:
        for match in _URL.finditer(line):
            if _is_password_in_url(match):
                yield "url-password", N_("a password in a URL"), Severity.HIGH, match["password"]
    lowered = line.lower()
    if "aws" in lowered:
        for match in _AWS_SECRET.finditer(line):
            value = match["text"]
            if _looks_random(value, 4.0) and not _PLACEHOLDER.search(value):
                yield "aws-secret", N_("an AWS secret key"), Severity.CRITICAL, value
    if any(word in lowered for word in _WORDS):
        for match in _NAMED.finditer(line):
            value = match["text"] or match["bare"]
            if _is_named_secret(match["name"], value, bare=match["text"] is None):
                what = N_(f"what looks like the value of `{match['name'][:60]}`")
                yield "named-secret", what, Severity.HIGH, value


_WORDS = ("pass", "pwd", "senha", "secret", "token", "key", "credential", "chave")


def _is_placeholder_token(value: str) -> bool:
    """`AKIAIOSFODNN7EXAMPLE`, `ghp_xxxxxxxx...`: shapes shown in documentation."""
    body = value.rpartition("_")[2]
    if re.search(r"example|x{6}|placeholder|\*{3}|your", value, re.IGNORECASE):
        return True
    return len(set(body)) < 6 or "1234567890" in body or "abcdefgh" in body.lower()


def _has_body(lines: list[str], number: int) -> bool:
    """Whether a key follows its first line (perhaps in the same line, with `\\n` written out)."""
    return bool(_body_of(lines, number))


def _body_of(lines: list[str], number: int) -> str:
    here = _PRIVATE_KEY.split(lines[number - 1])[-1]
    for text in (here, *lines[number : number + 6]):
        found = _KEY_BODY.search(text)
        if found and len(set(found[0])) >= 12:
            return found[0]
    return ""


def _is_jwt(header: str) -> bool:
    try:
        decoded = base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))
    except (binascii.Error, ValueError):
        return False
    return b'"alg"' in decoded


def _is_password_in_url(match: re.Match[str]) -> bool:
    password, host, user = unquote(match["password"]), match["host"].lower(), match["user"].lower()
    # Services of a developer's own machine have passwords that are none.
    local = re.match(r"(?:localhost|127\.|0\.0\.0\.0|\[|10\.|192\.168\.|example\.|host\b)", host)
    if local or host.endswith((".example", ".test", ".local", ".invalid", "example.com")):
        return False
    if "." not in host or _REFERENCE.search(password) or _PLACEHOLDER.search(password):
        return False
    return password.lower() not in (user, "pass", "pw", "secret", "postgres", "root", "admin")


def _is_named_secret(name: str, value: str, *, bare: bool) -> bool:
    value = value.strip()
    if _NO_SECRET_NAME.search(name.replace("-", "_").rstrip("_")):
        return False
    if _REFERENCE.search(value) or _HASH.match(value) or _UUID.match(value):
        return False
    if _PLACEHOLDER.search(value) or _CODE.search(value) or " " in value:
        return False
    if bare and not re.fullmatch(r"[A-Za-z0-9+/=_\-.!@#$%^&*~]{16,}", value):
        return False
    return _looks_random(value, 3.0 if len(value) < 20 else 3.4)


def is_plausible_password(value: str) -> bool:
    """Whether a literal may be a password, even a weak one: no placeholder, no word of code."""
    usual = _PLACEHOLDER.search(value) or _REFERENCE.search(value) or _CODE.search(value)
    return len(value) >= 6 and not usual and " " not in value


def _looks_random(value: str, bits: float) -> bool:
    """Irregular enough for a secret: letters and others mixed, and little repeated."""
    kinds = sum(bool(re.search(k, value)) for k in ("[a-z]", "[A-Z]", r"\d", r"[^A-Za-z0-9]"))
    if kinds < 2 or len(value) < 8 or not re.search(r"\d|[^A-Za-z0-9_\-]", value):
        return False
    if len(value) < 12 and kinds < 3:
        return False
    return entropy(value) >= min(bits, math.log2(len(value)) - 0.5)


def entropy(text: str) -> float:
    """Bits a character (Shannon), of this text by itself; 0 for empty text."""
    if not text:
        return 0.0
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def _shown(line: str, value: str) -> str:
    """The line of a finding. Of a private key only its first line is shown."""
    header = _PRIVATE_KEY.search(line)
    return (line[: header.end()] if header else masked(line, value))[:_SNIPPET_CHARACTERS]


def masked(line: str, value: str) -> str:
    """A line fit to be shown, kept and sent on: of the secret only its beginning is left."""
    return line.replace(value, value[:_SHOWN] + "…") if value else line
