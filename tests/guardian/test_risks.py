"""Holes that bandit does not know: each rule with what it finds, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.guardian.checks import check
from sorte_cli.guardian.risks import new_risks


def found(path: str, after: str, before: str | None = None) -> list[tuple[str, int]]:
    change = FileChange(path, before.encode() if before is not None else None, after.encode())
    return [(f.rule, f.line) for f in new_risks(ChangeSet.of([change]))]


def in_view(body: str) -> list[str]:
    """The rules found in a function of that body."""
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return [rule for rule, _ in found("app/views.py", f"def view(request, db):\n{lines}")]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("return open('/srv/' + request.args['name'])", "path-traversal"),
        ("name = request.GET.get('n') or 'x'\npath = f'/srv/{name}'\nreturn open(path)",
         "path-traversal"),
        ("os.remove(os.path.join(ROOT, request.form['f']))", "path-traversal"),
        ("os.remove('/srv/%s' % request.form['f'])", "path-traversal"),
        ("return requests.get(request.args['url'], timeout=3)", "ssrf"),
        ("return urllib.request.urlopen(request.args['url'])", "ssrf"),
        ("return redirect(request.args.get('next', '/'))", "open-redirect"),
        ("return render_template_string(request.form['t'])", "template-injection"),
        ("for k, v in request.json.items():\n    setattr(db.user, k, v)", "mass-assignment"),
        ("db.user.update(**request.get_json())", "mass-assignment"),
        ("if signature == expected:\n    return 1", "timing-compare"),
        ("return hmac.new(k).hexdigest() == db.signature", ""),
        ("logger.info('login %s %s', db.name, db.password)", "logged-secret"),
    ],
)  # fmt: skip
def test_what_a_request_says_is_followed(body: str, rule: str) -> None:
    assert in_view(body) == [rule] * bool(rule)


@pytest.mark.parametrize(
    "body",
    [
        "return open(ROOT + secure_filename(request.args['name']))",
        "return open(f'/srv/{int(request.args[\"id\"])}')",
        "name = request.args['n']\nif name not in ALLOWED:\n    return None\nreturn open(name)",
        "return requests.get(BASE, params=request.args)",
        "return request.get(request.args['url'])",
        "return redirect(url_for('home'))",
        "if request.args['next'] == 'x':\n    return redirect('/x')",
        "for k, v in request.json.items():\n    if k in ALLOWED:\n        setattr(db.user, k, v)",
        "if db.kind == 'signature':\n    return 1",
        "if signature is None or signature == '':\n    return 1",
        "if inspect.signature == value:\n    return 1",
        "logger.info('the password of %s was changed', db.name)",
        "return hmac.compare_digest(signature, expected)",
        "def inner(name):\n    return open(name)\nreturn inner",
    ],
)
def test_what_is_checked_converted_or_something_else_is_none(body: str) -> None:
    assert in_view(body) == []


@pytest.mark.parametrize(
    ("path", "line", "rule"),
    [
        ("web/a.js", "eval(input)", "code-injection"),
        ("web/a.js", "element.innerHTML = location.hash.slice(1)", "cross-site-scripting"),
        ("web/a.ts", "box.innerHTML = `<b>${field.value}</b>`", "cross-site-scripting"),
        ("web/a.js", "exec(`tar czf ${name}`)", "command-injection"),
        ("web/a.js", "child_process.execSync('ls ' + name)", "command-injection"),
        ("web/a.js", "db.query(`SELECT * FROM a WHERE id = ${id}`)", "sql-injection"),
        ("web/a.js", "fs.readFile('/srv/' + req.query.name, done)", "path-traversal"),
        ("web/a.js", "res.redirect(req.query.next)", "open-redirect"),
        ("web/a.js", "const r = await fetch(req.body.url)", "ssrf"),
        ("web/a.js", "new Agent({ rejectUnauthorized: false })", "no-certificate-check"),
        ("a.php", "<?php echo $_GET['name'];", "cross-site-scripting"),
        ("a.php", "<p><?= $_POST['x'] ?></p>", "cross-site-scripting"),
        ("a.php", "$db->query(\"SELECT * FROM a WHERE id = '\" . $_GET['id'] . \"'\");",
         "sql-injection"),
        ("a.php", "include $_GET['page'] . '.php';", "file-inclusion"),
        ("a.php", "shell_exec('ping ' . $_POST['host']);", "command-injection"),
        ("a.php", "$x = unserialize($_COOKIE['cart']);", "unsafe-deserialization"),
        ("a.php", "readfile('/srv/' . $_GET['f']);", "path-traversal"),
        ("a.php", "header('Location: ' . $_GET['to']);", "open-redirect"),
        ("a.php", "$hash = md5($password);", "weak-password-hash"),
        ("a.php", "curl_setopt($c, CURLOPT_SSL_VERIFYPEER, false);", "no-certificate-check"),
        ("web/a.js", "// eval(input)", ""),
        ("web/a.js", "const evaluate = retrieval(input)", ""),
        ("web/a.js", "model.eval(input)", ""),
        ("web/a.js", "eval('1 + 1')", ""),
        ("web/a.js", "element.innerHTML = '<b>fixed</b>'", ""),
        ("web/a.js", "element.innerHTML = DOMPurify.sanitize(location.hash)", ""),
        ("web/a.js", "const found = pattern.exec(`a${b}`)", ""),
        ("web/a.js", "db.query('SELECT * FROM a WHERE id = ?', [id])", ""),
        ("web/a.test.js", "eval(input)", ""),
        ("public/build/app.js", "eval(input)", ""),
        ("a.php", "echo htmlspecialchars($_GET['name']);", ""),
        ("a.php", "$id = (int) $_GET['id']; $db->query(\"SELECT 1 FROM a WHERE id = $id\");", ""),
        ("a.php", "$this->include($page);", ""),
        ("a.php", "$checksum = md5($file);", ""),
        ("a.php", "# echo $_GET['x']", ""),
    ],
)  # fmt: skip
def test_lines_of_other_languages(path: str, line: str, rule: str) -> None:
    assert found(path, f"\n{line}\n") == [(rule, 2)] * bool(rule)


def test_only_what_is_new_counts_and_tests_do_not() -> None:
    line = "def view(request):\n    return open(request.args['n'])\n"
    assert found("app/a.py", "import os\n\n\n" + line, line) == []
    assert found("app/a.py", line + line.replace("view", "other"), line) == [("path-traversal", 4)]
    for path in ("tests/a.py", "app/test_a.py", "docs/a.py"):
        assert found(path, line) == []


def test_they_are_among_the_checks_of_a_review(tmp_path) -> None:
    change = FileChange("web/a.js", None, b"eval(input)\n")
    findings, _ = check(ChangeSet.of([change]), root=tmp_path)
    assert [(f.tool, f.rule, f.snippet) for f in findings] == [
        ("risks", "code-injection", "eval(input)")
    ]


@settings(max_examples=60, deadline=None)
@given(path=st.sampled_from(["a.py", "a.js", "a.php"]), text=st.binary(max_size=200))
def test_no_text_is_too_odd(path: str, text: bytes) -> None:
    new_risks(ChangeSet.of([FileChange(path, None, b"request.args\n" + text)]))
