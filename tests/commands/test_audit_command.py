"""`sorte audit`: runs, reviews and overrides leave a trace, and tampering shows."""

from __future__ import annotations

import json

RENAME = "rename prices.py::calc_total compute_total\n"
BAD = "import subprocess\n\n\ndef run(name):\n    subprocess.run('ls ' + name, shell=True)\n"


def kinds(sorte, project) -> list[str]:
    document = json.loads(sorte("audit", "--json", "--limit", "500", cwd=project).out)
    return [e["kind"] for e in document["entries"]]


def test_runs_are_sealed_when_their_command_ends(sorte, project, home):
    assert sorte("apply", "-", "--yes", cwd=project, stdin=RENAME).code == 0
    text = (home / "state" / "audit.jsonl").read_text(encoding="utf-8")
    found = [json.loads(line)["kind"] for line in text.splitlines()]
    assert found[0] == "run"
    assert {"event operations", "event verdict"} <= set(found)
    sorte("undo", "--yes", cwd=project)
    assert len(kinds(sorte, project)) > len(found)
    answer = sorte("audit", "verify", cwd=project)
    assert answer.code == 0
    assert "entries, all as they were written; " in answer.out


def test_reviews_and_what_goes_around_them_are_recorded(sorte, git, project):
    sorte("hook", "install", cwd=project)
    comment = "shell=True)  # sorte: ignore[B602] names are ours"
    (project / "shop.py").write_text(BAD.replace("shell=True)", comment), encoding="utf-8")
    sorte("review", cwd=project)
    sorte("hook", "run", "pre-commit", cwd=project, env={"SORTE_SKIP": "1"})
    sorte("review", "--write-baseline", cwd=project)
    assert kinds(sorte, project) == ["hook", "check", "override", "override", "override"]


def test_trust_is_recorded(sorte, project):
    (project / "sorte.toml").write_text('test_command = "pytest"\n', encoding="utf-8")
    sorte("trust", "--yes", cwd=project)
    sorte("trust", "--revoke", cwd=project)
    assert kinds(sorte, project) == ["trust", "trust"]


def test_a_changed_log_is_found_out(sorte, project, home):
    (project / "shop.py").write_text(BAD, encoding="utf-8")
    sorte("review", cwd=project)
    path = home / "state" / "audit.jsonl"
    head = json.loads(path.read_text(encoding="utf-8").splitlines()[0])["hash"]
    assert sorte("audit", "verify", "--expect", head[:12], cwd=project).code == 0
    assert sorte("audit", "verify", "--expect", "beef", cwd=project).code == 1
    text = path.read_text(encoding="utf-8").replace('"stopped": true', '"stopped": false')
    path.write_text(text, encoding="utf-8")
    answer = sorte("audit", "verify", cwd=project)
    assert answer.code == 1
    assert "entry 1 was changed" in answer.err
    document = json.loads(sorte("audit", "verify", "--json", cwd=project).out)
    assert document["ok"] is False


def test_a_log_that_cannot_be_written_stops_no_review(sorte, project, tmp_path):
    (tmp_path / "file").touch()
    (project / "shop.py").write_text("LIMIT = 3\n", encoding="utf-8")
    answer = sorte("review", cwd=project, env={"SORTE_STATE_DIR": str(tmp_path / "file")})
    assert answer.code == 0
    assert "note: cannot write the audit log" in answer.err


def test_wrong_words_are_named(sorte, project):
    answer = sorte("audit", "forge", cwd=project)
    assert answer.code == 2
    assert "`sorte audit forge` does not exist" in answer.err


def test_the_list_has_a_line_an_entry_latest_last(sorte, project):
    sorte("hook", "install", cwd=project)
    sorte("hook", "uninstall", cwd=project)
    lines = sorte("audit", "--limit", "1", cwd=project).out.splitlines()
    assert len(lines) == 1
    assert "  hook  " in lines[0]
    assert '"removed": ["pre-commit"]' in lines[0]
