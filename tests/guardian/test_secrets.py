"""Secrets: planted ones are found, and what only looks like one is not.

The planted ones are put together here from parts, so that this file holds none.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.domain import ChangeSet, FileChange, Severity
from sorte_cli.guardian.secrets import entropy, masked, new_secrets, secrets_in

MIXED = "q7Rt2LxW9vKp4ZsD8mNc3HgB6yTf5JaE1uVoXwQi"
HEX = "9f3c1e7a5b2d8046c1f7e39ab5d28046"
KEY_LINES = "MIIEpAIBAAKCAQEA" + MIXED + "\n" + MIXED + MIXED[:20] + "\n"


def private_key(kind: str = "RSA ") -> str:
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{KEY_LINES}-----END {kind}PRIVATE KEY-----\n"


PLANTED = [
    ("aws-key", 'KEY = "' + "AKIA" + 'Q3EGVZ7KPL2MNB5T"'),
    ("aws-secret", "aws_secret_access_key = " + MIXED),
    ("github-token", "token: " + "ghp_" + MIXED[:36]),
    ("github-token", 'x = "' + "github_pat_" + MIXED[:22] + "_" + (MIXED * 2)[:59] + '"'),
    ("gitlab-token", "GITLAB=" + "glpat-" + MIXED[:20]),
    ("slack-token", "xoxb-" + "123098745612-" + MIXED[:24]),
    ("slack-webhook", "https://hooks.slack.com/services/T0A1B2C3D/B4E5F6G7H/" + MIXED[:24]),
    ("stripe-key", "stripe.api_key = '" + "sk_live_" + MIXED[:24] + "'"),
    ("google-key", "const k = '" + "AIza" + MIXED[:35] + "';"),
    ("openai-key", "sk-" + MIXED[:20] + "T3BlbkFJ" + MIXED[20:]),
    ("npm-token", "//registry/:_authToken=" + "npm_" + MIXED[:36]),
    ("sendgrid-key", "SG." + MIXED[:22] + "." + (MIXED * 2)[:43]),
    ("telegram-token", "bot = '" + "110201543:AA" + MIXED[:33] + "'"),
    ("mercadopago-token", "APP_USR-" + "4934588586838432-120318-" + HEX + "-241983636"),
    ("azure-key", "AccountKey=" + (MIXED * 3)[:86] + "=="),
    ("private-key", private_key()),
    ("private-key", private_key("OPENSSH ")),
    ("private-key", private_key("")),
    ("private-key", 'KEY = "' + private_key("EC ").replace("\n", "\\n") + '"'),
    ("url-password", 'DATABASE = "postgres://shop:' + MIXED[:14] + '@db.loja.com.br:5432/shop"'),
    ("named-secret", 'DB_PASSWORD = "' + MIXED[:18] + '"'),
    ("named-secret", "DB_PASSWORD=" + MIXED[:24]),
    ("named-secret", "  client_secret: '" + HEX + "'"),
    ("named-secret", "$config['api_key'] = '" + MIXED[:32] + "';"),
    ("named-secret", 'const apiSecret = "' + MIXED[:28] + '";'),
    ("named-secret", 'senha: "Jx9#kd02!mQz"'),
    ("jwt", "t = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ." + MIXED[:30] + "'"),
]


@pytest.mark.parametrize(("rule", "text"), PLANTED, ids=lambda v: v[:24])
def test_a_planted_secret_is_found_once_and_not_shown(rule: str, text: str) -> None:
    found = secrets_in("shop/settings.py", text)
    assert [f.rule for f in found] == [rule]
    assert found[0].severity >= Severity.MEDIUM
    shown = found[0].snippet + found[0].message
    assert not any(part in shown for part in (MIXED[:14], HEX, "kd02!mQz", "Q3EGVZ7KPL2MNB5T"))


INNOCENT = [
    'password = "x"',
    'password="secret"',
    'PASSWORD = "changeme-please-now"',
    'password = os.environ["DB_PASSWORD"]',
    'password = get_password("user", 1234)',
    "password: str = Field(..., min_length=8)",
    'api_key = "YOUR_API_KEY_HERE_123"',
    'api_key: "${API_KEY}"',
    'api_key = "{{ vault.api_key_prod_2 }}"',
    'token = "<your-token-9f8e7d>"',
    'SECRET_KEY = "django-insecure-' + MIXED + '"',
    'password = "correct horse battery staple 9"',
    'token_url = "https://auth.loja.com.br/oauth2/token"',
    'PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]',
    'password_hash = "$2b$12$' + MIXED[:22] + '"',
    'key_id = "' + HEX + '"',
    'sha256 = "' + HEX * 2 + '"',
    '"integrity": "sha512-' + MIXED * 2 + '=="',
    'checksum_key: "sha256:' + HEX * 2 + '"',
    'secret = "f47ac10b-58cc-4372-a567-0e02b2c3d479"',
    "AKIAIOSFODNN7" + "EXAMPLE",
    "ghp_" + "x" * 36,
    "postgres://user:password@localhost:5432/app",
    "redis://:" + MIXED[:12] + "@localhost:6379",
    "mysql://root:root@db.loja.com.br/app",
    "https://user:${TOKEN}@git.loja.com.br/x.git",
    "-----BEGIN PUBLIC KEY-----\n" + KEY_LINES,
    "-----BEGIN CERTIFICATE-----\n" + KEY_LINES,
    "-----BEGIN RSA PRIVATE KEY-----\nexample\n-----END RSA PRIVATE KEY-----",
    'if line.startswith("-----BEGIN PRIVATE KEY-----"):',
    "TOKENIZER = 'Qwen2Tokenizer4Fast!x9'",
    "token = tokens[index + 1].value.strip()",
    "const csrfToken = document.querySelector('meta[name=csrf-2]').content;",
    "def authenticate(username, password, secret_key=None):",
    "key = 'checkout.payments.methods.v2'",
    "sort_key = 'created_at_2-desc'",
    "passphrase_label = 'Frase-senha nº 2 (mín. 12)'",
]


@pytest.mark.parametrize("text", INNOCENT, ids=lambda v: v[:30])
def test_what_only_looks_like_a_secret_is_not_one(text: str) -> None:
    assert secrets_in("shop/settings.py", text) == ()


@pytest.mark.parametrize(
    "path",
    ["tests/test_login.py", "docs/setup.md", ".env.example", "src/app.spec.ts", "x/conftest.py"],
)
def test_in_tests_and_examples_a_name_alone_proves_nothing(path: str) -> None:
    assert secrets_in(path, 'DB_PASSWORD = "' + MIXED[:18] + '"') == ()
    token = "AKIA" + "Q3EGVZ7KPL2MNB5T"
    assert [f.rule for f in secrets_in(path, f'key = "{token}"')] == ["aws-key"]
    assert [f.severity for f in secrets_in(path, private_key())] == [Severity.LOW]


def change(path: str, before: str | None, after: str | None) -> FileChange:
    return FileChange(path, *(t.encode() if t is not None else None for t in (before, after)))


def test_only_new_secrets_count_and_a_move_brings_none() -> None:
    line = 'DB_PASSWORD = "' + MIXED[:18] + '"\n'
    assert new_secrets(ChangeSet.of([change("a.py", line, "# x\n" + line)])) == ()
    moved = [change("a.py", line, None), change("b.py", None, line)]
    assert new_secrets(ChangeSet.of(moved)) == ()
    assert len(new_secrets(ChangeSet.of([change("a.py", line, line * 2)]))) == 1
    assert len(new_secrets(ChangeSet.of([change("a.py", "", line)]))) == 1


@pytest.mark.parametrize("path", ["package-lock.json", "web/yarn.lock", "go.sum", "app.min.js"])
def test_files_that_tools_write_are_passed_over(path: str) -> None:
    text = '"token": "' + MIXED + '"\n'
    assert new_secrets(ChangeSet.of([change(path, None, text)])) == ()


def test_binary_files_and_endless_lines_are_passed_over() -> None:
    key = "AKIA" + "Q3EGVZ7KPL2MNB5T"
    assert new_secrets(ChangeSet.of([change("a.bin", None, f"\0{key}")])) == ()
    assert new_secrets(ChangeSet.of([change("a.js", None, "x" * 10_000 + key)])) == ()


@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    for finding in secrets_in("a.py", text):
        assert finding.line >= 1
    assert entropy(text) >= 0


@given(st.text(min_size=12, max_size=60))
def test_what_is_masked_does_not_hold_the_secret(secret: str) -> None:
    assert secret not in masked(f"key = {secret}", secret)
