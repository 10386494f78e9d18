"""What a review reads: each source exactly, and the odd things that repositories hold."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from guardian_support import git, write_files

from sorte_cli.domain import ChangeSet, FileChange, Finding, Severity
from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.guardian import gitread, linters
from sorte_cli.guardian.review import Source, review
from sorte_cli.guardian.suppressions import sift

FAULT = "print(nowhere)\n"
FINE = "x = 1\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    return root


def commit(root: Path, files: dict[str, str | bytes], message: str = "x") -> str:
    write_files(root, files)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", f"--message={message}")
    return git(root, "rev-parse", "HEAD").strip()


def found(root: Path, kind: str = "worktree", text: str = "", diff: str = "") -> list[str]:
    one = review(root, Source(kind, text, diff.encode("utf-8", "surrogateescape")))
    return [f"{f.path}:{f.line}" for f in one.findings]


def notes(root: Path, kind: str = "worktree", text: str = "", diff: str = "") -> tuple[str, ...]:
    return review(root, Source(kind, text, diff.encode())).notes


def test_the_working_tree_holds_what_is_new_and_not_ignored(repository: Path) -> None:
    commit(repository, {"a.py": FINE, "gone.py": FINE, ".gitignore": "build/\n"})
    write_files(repository, {"a.py": FAULT, "new/b.py": FAULT, "build/c.py": FAULT})
    (repository / "gone.py").unlink()
    assert found(repository) == ["a.py:1", "new/b.py:1"]


def test_before_the_first_commit_the_working_tree_is_all_new(repository: Path) -> None:
    write_files(repository, {"a.py": FAULT})
    assert found(repository) == ["a.py:1"]
    assert found(repository, "staged") == []
    for kind, text in (("commit", "HEAD"), ("range", "HEAD..main")):
        with pytest.raises(UsageError, match="there is no commit"):
            review(repository, Source(kind, text))


def test_the_first_commit_is_reviewed_whole(repository: Path) -> None:
    commit(repository, {"a.py": FAULT})
    assert found(repository, "commit", "HEAD") == ["a.py:1"]


def test_two_dots_compare_ends_and_three_dots_what_a_branch_did(repository: Path) -> None:
    commit(repository, {"a.py": FINE})
    git(repository, "switch", "--quiet", "--create", "topic")
    commit(repository, {"b.py": FAULT})
    git(repository, "switch", "--quiet", "main")
    commit(repository, {"c.py": "print(elsewhere, 1)\n"})
    assert found(repository, "range", "main...topic") == ["b.py:1"]
    assert found(repository, "range", "topic..main") == ["c.py:1"]
    git(repository, "switch", "--quiet", "--orphan", "apart")
    commit(repository, {"d.py": FINE})
    with pytest.raises(UsageError, match="no common history"):
        review(repository, Source("range", "main...apart"))


def merge(root: Path) -> None:
    """A merge in which both sides brought a fault, and its resolution another one."""
    commit(root, {"a.py": FINE, "shared.py": "x = 0\n"})
    git(root, "switch", "--quiet", "--create", "topic")
    commit(root, {"theirs.py": FAULT, "shared.py": "x = 1\n"})
    git(root, "switch", "--quiet", "main")
    commit(root, {"ours.py": FAULT, "shared.py": "x = 2\n"})
    with pytest.raises(Exception, match="returned non-zero"):
        git(root, "merge", "--quiet", "topic")


def test_of_a_merge_only_what_the_merge_itself_did_counts(repository: Path) -> None:
    merge(repository)
    assert "shared.py has a conflict that is not resolved" in notes(repository, "staged")
    write_files(repository, {"shared.py": FAULT})
    git(repository, "add", "--all")
    assert found(repository, "staged") == ["shared.py:1"]
    git(repository, "commit", "--quiet", "--message=merged")
    assert found(repository, "commit", "HEAD") == ["shared.py:1"]
    assert notes(repository, "commit", "HEAD") == (
        "a merge: only what differs from every parent was looked at",
    )


def test_a_rename_brings_nothing_and_a_fault_on_top_of_it_does(repository: Path) -> None:
    commit(repository, {"a.py": FAULT + "\n\ndef f():\n    return 1\n"})
    git(repository, "mv", "a.py", "b.py")
    assert found(repository, "staged") == []
    write_files(repository, {"b.py": FAULT + "\n\ndef f():\n    return elsewhere\n"})
    git(repository, "add", "--all")
    assert found(repository, "staged") == ["b.py:5"]
    diff = git(repository, "diff", "--cached", "--find-renames=10%")
    assert "rename to b.py" in diff
    assert found(repository, diff=diff, kind="diff") == ["b.py:5"]


def test_new_modes_links_and_submodules_are_passed_over(repository: Path, tmp_path: Path) -> None:
    commit(repository, {"run.py": FAULT, "a.py": FINE})
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "--quiet")
    first, second = commit(library, {"x.py": FINE}), commit(library, {"x.py": FAULT})
    for head in (first, second):
        git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head},lib")
        (repository / "run.py").chmod(0o755)
        git(repository, "add", "run.py")
        assert found(repository, "staged") == []
        assert "lib is a submodule; its own commits are not read" in notes(repository, "staged")
        git(repository, "commit", "--quiet", "--message=bump")
    (repository / "link").symlink_to("/etc/passwd")
    git(repository, "add", "link")
    assert found(repository, "staged") == []
    assert found(repository, "diff", diff=git(repository, "diff", "HEAD~1", "HEAD")) == []


def test_binary_files_are_no_trouble(repository: Path) -> None:
    commit(repository, {"logo.png": bytes(range(256)) * 20})
    write_files(repository, {"logo.png": bytes(reversed(range(256))) * 20, "bad.py": b"\xff\0x"})
    git(repository, "add", "--all")
    assert all(place.startswith("bad.py") for place in found(repository, "staged"))
    assert "logo.png is binary and was not looked at" in notes(
        repository, "diff", diff=git(repository, "diff", "--cached")
    )


def test_a_file_deleted_between_diff_and_read_is_no_trouble(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, {"a.py": FINE, "b.py": FINE})
    write_files(repository, {"a.py": FAULT, "b.py": FAULT, "c.py": FAULT})
    real = gitread.read_file

    def deleted_first(root: Path, path: str) -> tuple[bytes | None, str]:
        if path != "b.py":
            (root / path).unlink()
        return real(root, path)

    monkeypatch.setattr(gitread, "read_file", deleted_first)
    assert found(repository) == ["b.py:1"]


def test_a_file_that_may_not_be_read_is_named(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, {"a.py": FINE})
    write_files(repository, {"a.py": FAULT, "b.py": FAULT})
    real = Path.read_bytes

    def refuses(path: Path) -> bytes:
        if path.name == "a.py" and path.parent == repository:
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", refuses)
    one = review(repository, Source())
    assert [f.path for f in one.findings] == ["b.py"]
    assert "a.py cannot be read: Permission denied" in one.notes


def test_very_large_files_and_changes_are_cut_and_named(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gitread, "FILE_LIMIT_BYTES", 1_000)
    monkeypatch.setattr(gitread, "TOTAL_LIMIT_BYTES", 1_500)
    files: dict[str, str | bytes] = {f"f{n}.py": FINE * 100 for n in range(5)}
    write_files(repository, {"a_huge.py": FINE * 900, **files})
    assert notes(repository) == (
        "a_huge.py is too large to be looked at",
        "the change is very large: 3 file(s) were not looked at",
    )


def test_a_diff_of_ten_megabytes_is_reviewed(repository: Path) -> None:
    commit(repository, {"a.py": FINE})
    key = "AKIA" + "Q3EGVZ7KPL2MNB5T"
    count = 180_000
    body = "+some data, 12345, and more of the same on every line\n" * count
    diff = f"--- /dev/null\n+++ b/data.txt\n@@ -0,0 +1,{count + 1} @@\n{body}+key = {key}\n"
    assert found(repository, "diff", diff=diff) == [f"data.txt:{count + 1}"]


def test_a_diff_is_reviewed_against_the_files_it_was_made_from(repository: Path) -> None:
    commit(repository, {"a.py": FAULT})
    write_files(repository, {"a.py": FAULT + "\n\nprint(elsewhere)\n"})
    diff = git(repository, "diff")
    assert found(repository, "diff", diff=diff) == ["a.py:4"]  # it is in the working tree
    git(repository, "restore", "a.py")
    assert found(repository, "diff", diff=diff) == ["a.py:4"]  # it is not yet
    git(repository, "rm", "--quiet", "a.py")
    plain = "\n".join(line for line in diff.splitlines() if not line.startswith("index"))
    assert found(repository, "diff", diff=plain + "\n") == ["a.py:4"]  # it is in HEAD


def test_of_a_diff_of_other_files_only_its_lines_are_read(repository: Path) -> None:
    commit(repository, {"a.py": FINE})
    key = "AKIA" + "Q3EGVZ7KPL2MNB5T"
    diff = f"--- a/other.py\n+++ b/other.py\n@@ -7,2 +7,3 @@\n def f(:\n+key = '{key}'\n x\n"
    one = review(repository, Source("diff", diff=diff.encode()))
    assert [f"{f.path}:{f.line}" for f in one.findings] == ["other.py:8"]
    assert one.notes == ("other.py is not here as the diff knows it: only its lines were read",)


@pytest.mark.parametrize("path", ["../outside.py", "/etc/passwd", ".git/config", "link/x.py"])
def test_a_diff_reads_no_file_outside(repository: Path, tmp_path: Path, path: str) -> None:
    commit(repository, {"a.py": FINE})
    write_files(tmp_path, {"outside.py": FAULT, "far/x.py": FAULT})
    (repository / "link").symlink_to(tmp_path / "far")
    diff = f"--- a/{path}\n+++ b/{path}\n@@ -1 +1,2 @@\n print(nowhere)\n+print(elsewhere)\n"
    assert found(repository, "diff", diff=diff) == []


def test_text_that_is_no_diff_is_said_so(repository: Path) -> None:
    commit(repository, {"a.py": FINE})
    assert notes(repository, "diff", diff="what?\n") == (
        "no file was found in this diff; is it a unified diff?",
    )


def test_odd_file_names_are_read(repository: Path) -> None:
    names = ["ação e espaço.py", "-n.py", "tab\there.py", 'quote".py', ":(top)x.py", "new\nline.py"]
    commit(repository, {"a.py": FINE})
    write_files(repository, dict.fromkeys(names, FAULT))
    git(repository, "add", "--all")
    assert sorted(found(repository, "staged")) == sorted(f"{n}:1" for n in names)
    assert sorted(found(repository, "diff", diff=git(repository, "diff", "--cached"))) == sorted(
        f"{n}:1" for n in names
    )


def fake_tool(folder: Path, body: str) -> str:
    path = folder / "ruff"
    path.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("raise SystemExit(3)", "ruff failed: 3"),
        ("import os; os.kill(os.getpid(), 11)", "ruff failed: -11"),
        ("print('not json')", "ruff wrote something that cannot be read"),
        ("print('[{\"code\": 1}]')", "ruff wrote something that cannot be read"),
        ("print('{}')", "ruff wrote something that cannot be read"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe' * 1000)", "ruff wrote"),
    ],
)
def test_a_tool_that_crashes_or_writes_garbage_is_named(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, note: str
) -> None:
    tool = fake_tool(tmp_path, body)
    monkeypatch.setattr(linters, "beside_python", lambda name: tool)
    write_files(repository, {"a.py": "import os\n\nos.system('ls ' + input())\n"})
    one = review(repository, Source())
    assert [f.rule for f in one.findings] == ["B605"]  # the other checks still count
    assert any(n.startswith(note) and n.endswith("its checks were left out") for n in one.notes)


def test_a_tool_that_is_missing_is_named(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linters, "beside_python", lambda name: None)
    write_files(repository, {"a.py": "def f(:\n"})
    one = review(repository, Source())
    assert [f.rule for f in one.findings] == ["invalid-syntax"]  # Python's own parser stands in
    assert "ruff is not installed; its checks were left out" in one.notes


def test_git_that_is_missing_is_named(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EnvironmentFailure, match="git was not found"):
        review(repository, Source())


def test_a_folder_without_a_working_tree_is_named(repository: Path, tmp_path: Path) -> None:
    for folder in (repository / ".git", tmp_path / "nowhere"):
        with pytest.raises(EnvironmentFailure):
            gitread.toplevel(folder)


@pytest.mark.parametrize(
    ("line", "answered"),
    [
        ("bad()  # sorte: ignore[F821] it is made by the framework", True),
        ("bad()  # sorte: ignore[ruff/F821] why", True),
        ("bad()  # sorte: ignore[B602, f821] why", True),
        ("bad();  // sorte: ignore[F821] why", True),
        ("bad();  /* sorte: ignore[F821] why */", True),
        ("<p>  <!-- sorte: ignore[F821] why -->", True),
        ("# sorte: ignore[F821] why\nbad()", True),
        ("bad()  # sorte: ignore[F821]", False),
        ("bad()  # sorte: ignore[B602] why", False),
        ("bad()  # sorte: ignore why", False),
        ("good()  # sorte: ignore[F821] why\nbad()", False),
        ("bad()  # sorte ignore F821", False),
    ],
)
def test_comments_that_answer(line: str, answered: bool) -> None:
    number = len(line.split("\n"))
    finding = Finding("ruff", "F821", "a.py", number, Severity.HIGH, "m", "s")
    sifted = sift([finding], ChangeSet.of([FileChange("a.py", None, line.encode())]))
    assert bool(sifted.suppressed) is answered
    assert bool(sifted.kept) is not answered
