"""Which files an operation may see and touch."""

from __future__ import annotations

from pathlib import Path

import pytest
from edit_support import refusal

from sorte_cli.edits import DirectorySnapshot, EditError, MemorySnapshot, apply_script, parse_script


def on_disk(root: Path, script: str, paths: tuple[str, ...] = ()) -> EditError:
    with pytest.raises(EditError) as caught:
        apply_script(parse_script(script), DirectorySnapshot(root, paths))
    return caught.value


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/etc/passwd", "not relative to the repository"),
        ("~/x.py", "not relative to the repository"),
        ("C:/x.py", "not relative to the repository"),
        ("../x.py", "leaves the repository"),
        ("a/../../x.py", "leaves the repository"),
        ("a/../x.py", "leaves the repository"),
        ("./x.py", "not in its plain form"),
        ("a//x.py", "not in its plain form"),
        (".git/config", "inside a .git folder"),
        ("sub/.git/hooks/pre-commit", "inside a .git folder"),
        (".GIT/config", "inside a .git folder"),
        (".git./config", "inside a .git folder"),
        ("git~1/config", "inside a .git folder"),
        (".git::$INDEX_ALLOCATION/config", "inside a .git folder"),
        ("a\\b.py", "forward slashes"),
        ("a/", "names no file"),
    ],
)
def test_a_path_outside_the_files_of_the_repository_is_refused(
    tmp_path: Path, path: str, reason: str
) -> None:
    script = f"create_file '{path}'\n<<<\nx\n>>>\n"
    assert reason in refusal({}, script).message
    assert reason in on_disk(tmp_path, script).message
    assert reason in refusal({"a.py": "X = 1\n"}, f"clone a.py '{path}'").message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [".gitignore", ".github/ci.yml", "git/a.py", "a.git/b", "..a/b"])
def test_paths_that_only_look_like_it_are_allowed(path: str) -> None:
    script = (
        parse_script(f"create_file {path}\n<<<\nx\n>>>\n")
        if not path.endswith(".py")
        else (parse_script(f"create_file {path}\n<<<\nx = 1\n>>>\n"))
    )
    assert apply_script(script, MemorySnapshot({})).changes.paths == (path,)


def test_a_link_that_leaves_the_repository_is_refused(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "a.py").write_text("X = 1\n")
    (root / "link.py").symlink_to(outside / "a.py")
    (root / "folder").symlink_to(outside, target_is_directory=True)
    for script in (
        "set_value link.py::X 2",
        "set_value folder/a.py::X 2",
        "create_file folder/new.py\n<<<\nx = 1\n>>>\n",
        "replace_text link.py\n<<<\nX\n>>>\n<<<\nY\n>>>\n",
    ):
        assert (
            "through a symbolic link" in on_disk(root, script, ("link.py", "folder/a.py")).message
        )
    assert DirectorySnapshot(root, ("link.py",)).read("link.py") is None


def test_a_link_inside_the_repository_names_its_target(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("X = 1\n")
    (tmp_path / "link.py").symlink_to("a.py")
    error = on_disk(tmp_path, "set_value link.py::X 2", ("a.py", "link.py"))
    assert "is a symbolic link" in error.message
    assert "a.py" in error.hint
    assert DirectorySnapshot(tmp_path, ("a.py", "link.py")).paths() == ("a.py",)


def test_a_link_into_the_git_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("")
    (tmp_path / "config").symlink_to(".git/config")
    error = on_disk(tmp_path, "replace_text config\n<<<\nx\n>>>\n<<<\ny\n>>>\n")
    assert "inside a .git folder" in error.message


def test_folders_and_files_in_the_way_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b.py").write_text("")
    assert "is a folder" in on_disk(tmp_path, "create_file a\n<<<\nx\n>>>\n").message
    assert "not a folder" in on_disk(tmp_path, "create_file b.py/c\n<<<\nx\n>>>\n").message


def test_an_untracked_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("mine\n")
    error = on_disk(tmp_path, "create_file notes.md\n<<<\nx\n>>>\n", ())
    assert "exists already" in error.message


def test_an_unreadable_file_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("X = 1\n")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "cannot be read: Permission denied" in on_disk(tmp_path, "set_value a.py::X 2").message


@pytest.mark.parametrize("name", [".sorteignore", ".aiignore", ".aiexclude", ".agentsignore"])
def test_files_named_in_an_ignore_file_are_neither_changed_nor_created(
    tmp_path: Path, name: str
) -> None:
    files = {name: "secret/\n*.key.py\n!open.key.py\n", "secret/a.py": "X = 1\n", "b.py": "X = 1\n"}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    for script in ("set_value secret/a.py::X 2", "create_file my.key.py\n<<<\nx = 1\n>>>\n"):
        assert "ignore file" in refusal(files, script).message
        assert "ignore file" in on_disk(tmp_path, script, tuple(files)).message
    allowed = parse_script("create_file open.key.py\n<<<\nx = 1\n>>>\n")
    assert apply_script(allowed, MemorySnapshot(files)).changes.paths == ("open.key.py",)
    assert DirectorySnapshot(tmp_path, files).paths() == (name, "b.py")
    assert MemorySnapshot(files).paths() == (name, "b.py")


def test_an_ignore_file_in_a_folder_speaks_for_that_folder_and_over_the_root() -> None:
    files = {
        ".sorteignore": "*.gen.py\n[broken\n",
        "lib/.sorteignore": "!keep.gen.py\nown.py\n",
        "lib/keep.gen.py": "X = 1\n",
        "lib/own.py": "X = 1\n",
        "own.py": "X = 1\n",
        "a.gen.py": "X = 1\n",
    }
    assert MemorySnapshot(files).paths() == (
        ".sorteignore",
        "lib/.sorteignore",
        "lib/keep.gen.py",
        "own.py",
    )


def test_a_name_of_an_ignored_file_is_not_offered_as_a_suggestion() -> None:
    error = refusal(
        {".sorteignore": "secrets.py\n", "secrets.py": "X = 1\n", "b.py": ""},
        "set_value secret.py::X 2",
    )
    assert "secrets" not in error.hint


def test_a_snapshot_remembers_what_it_has_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("X = 1\n")
    snapshot = DirectorySnapshot(tmp_path, ["a.py"])
    assert snapshot.read("a.py") == b"X = 1\n"
    (tmp_path / "a.py").write_text("X = 2\n")
    assert snapshot.read("a.py") == b"X = 1\n"
    assert snapshot.read("b.py") is None
