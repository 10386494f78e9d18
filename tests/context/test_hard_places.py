"""Repositories, files and caches that are not as one would wish: clear behaviour, never a crash."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sorte_cli.context import sources, store
from sorte_cli.context.index import ProjectIndex
from sorte_cli.errors import EnvironmentFailure


def index_file(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "cache" / "index").glob("*.sqlite")
    return found


def names(index: ProjectIndex) -> set[str]:
    return {s.name for path in index.files for s in index.symbols(path)}


def test_a_repository_without_commits_is_indexed(make_project):
    project = make_project({"a.py": "def fetch(): ...\n"}, commit=False)
    with ProjectIndex.open(project.root) as index:
        assert index.past_commits == 0
        assert index.files == ("a.py",)
        assert index.select("change fetch").files[0].path == "a.py"


def test_an_empty_repository_has_no_files(make_project):
    project = make_project({}, commit=False)
    with ProjectIndex.open(project.root) as index:
        assert index.files == ()
        assert index.select("add a thing").symbols == ()


def test_a_shallow_clone_has_only_the_history_it_has(make_project, tmp_path):
    project = make_project({"a.py": "x = 1\n"})
    project.commit("second", {"a.py": "x = 2\n"})
    clone = tmp_path / "clone"
    project.git("clone", "-q", "--depth", "1", f"file://{project.root}", str(clone))
    with ProjectIndex.open(clone) as index:
        assert index.past_commits == 1
        assert index.files == ("a.py",)


def test_a_submodule_and_a_nested_repository_are_left_out(make_project):
    library = make_project({"lib.py": "x = 1\n"}, name="library")
    project = make_project({"a.py": "x = 1\n"})
    project.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library.root), "sub"
    )
    project.git("clone", "-q", str(library.root), "nested")
    with ProjectIndex.open(project.root) as index:
        aside = dict(index.update().set_aside)
        assert [f for f in index.files if f.endswith(".py")] == ["a.py"]
    assert aside == {"submodule": 1, "another repository": 1}


def test_odd_names_are_kept_and_impossible_ones_left_out(make_project):
    good = ["com espaço.py", "ação.py", "日本.py", "-dash.py", "quote'\".py", "a\\b.py"]
    project = make_project(dict.fromkeys(good, "x = 1\n"))
    (project.root / os.fsdecode(b"latin-\xe9.py")).write_text("x = 1\n")
    (project.root / "new\nline.py").write_text("x = 1\n")
    with ProjectIndex.open(project.root) as index:
        aside = dict(index.update().set_aside)
        assert set(index.files) == set(good)
        for path in index.files:
            assert index.symbols(path)[0].address == f"{path}::x"
    assert aside == {"unusable name": 2}


def test_symbolic_links_are_never_followed(make_project, tmp_path):
    outside = tmp_path / "outside.py"
    outside.write_text("secret = 1\n")
    project = make_project({"a.py": "x = 1\n"})
    (project.root / "loop").symlink_to(".")
    (project.root / "out.py").symlink_to(outside)
    project.commit("links")
    (project.root / "untracked.py").symlink_to(outside)
    with ProjectIndex.open(project.root) as index:
        assert index.files == ("a.py",)
        assert names(index) == {"x"}


def test_a_pipe_among_the_files_does_not_block(make_project):
    project = make_project({"a.py": "x = 1\n", "p.py": "x = 1\n"})
    (project.root / "p.py").unlink()
    os.mkfifo(project.root / "p.py")
    with ProjectIndex.open(project.root) as index:
        assert index.files == ("a.py",)


def test_a_merge_in_progress_shows_the_file_as_it_is_on_disk(make_project):
    project = make_project({"a.py": "x = 1\n"})
    project.git("switch", "-q", "-c", "side")
    project.commit("side", {"a.py": "x = 2\n"})
    project.git("switch", "-q", "main")
    project.commit("main", {"a.py": "x = 3\n"})
    with pytest.raises(subprocess.CalledProcessError):
        project.git("merge", "-q", "side")
    project.write({"a.py": "resolved = 1\n"})
    with ProjectIndex.open(project.root) as index:
        assert names(index) == {"resolved"}


def test_converted_line_endings_are_not_read_again_and_again(make_project):
    project = make_project({"a.py": "x = 1\ny = 2\n", ".gitattributes": "*.py text eol=crlf\n"})
    (project.root / "a.py").unlink()
    project.git("checkout", "-q", "a.py")
    assert b"\r\n" in (project.root / "a.py").read_bytes()
    with ProjectIndex.open(project.root) as index:
        index.update()
        assert index.update().indexed == 0
        assert names(index) == {"x", "y"}


def test_a_file_that_changes_while_it_is_read_is_right_the_next_time(make_project, monkeypatch):
    project = make_project({"a.py": "before = 1\n"})
    real = sources.read_regular

    def racing(path: Path) -> bytes | None:
        path.write_text("after = 1\n")
        return real(path)

    with ProjectIndex.open(project.root) as index:
        monkeypatch.setattr(sources, "read_regular", racing)
        assert names(index) == {"before"}
        monkeypatch.setattr(sources, "read_regular", real)
        index.update()
        assert names(index) == {"after"}


def test_a_file_in_a_folder_that_vanishes_is_left_out(make_project, monkeypatch):
    project = make_project({"a.py": "x = 1\n", "b.py": "y = 1\n"})
    monkeypatch.setattr(sources, "read_regular", lambda path: None)
    project.write({"new.py": "z = 1\n"})
    with ProjectIndex.open(project.root) as index:
        assert dict(index.update().set_aside) == {"huge": 2, "unreadable": 1}


def test_syntax_errors_and_odd_encodings_still_give_symbols(make_project):
    project = make_project(
        {
            "broken.py": "def good(): ...\ndef bad(:\nclass After: ...\n",
            "latin.py": "# ação\nname = 'é'\n".encode("latin-1"),
            "bom.py": b"\xef\xbb\xbfmarked = 1\r\nother = 2\r\n",
            "empty.py": "",
            "tabs.py": "class T:\n\tfield = 1\n\tdef m(self):\n\t\treturn 1",
        }
    )
    with ProjectIndex.open(project.root) as index:
        assert {s.name for s in index.symbols("broken.py")} >= {"good", "After"}
        assert {s.name for s in index.symbols("latin.py")} == {"name"}
        assert {s.name for s in index.symbols("bom.py")} == {"marked", "other"}
        assert index.symbols("empty.py") == ()
        assert [s.qualified_name for s in index.symbols("tabs.py")] == ["T", "T.field", "T.m"]


def test_variables_of_an_outer_git_do_not_lead_astray(make_project, monkeypatch):
    other = make_project({"other.py": "x = 1\n"}, name="other")
    project = make_project({"a.py": "x = 1\n"})
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    with ProjectIndex.open(project.root) as index:
        assert index.files == ("a.py",)


def test_a_repository_with_sha256_ids(tmp_path, make_project):
    root = tmp_path / "modern"
    root.mkdir()
    project = type(make_project({}, commit=False))(root)
    project.git("init", "-q", "--object-format=sha256")
    project.commit("start", {"a.py": "def f(): ...\n"})
    project.write({"b.py": "def g(): ...\n"})
    with ProjectIndex.open(root) as index:
        assert index.update().indexed == 2
        assert index.update().indexed == 0
        assert names(index) == {"f", "g"}


def test_a_bare_repository_is_refused(make_project, tmp_path):
    project = make_project({"a.py": "x = 1\n"})
    project.git("clone", "-q", "--bare", str(project.root), str(tmp_path / "bare"))
    with pytest.raises(EnvironmentFailure, match="not inside a git working tree"):
        ProjectIndex.open(tmp_path / "bare")


@pytest.mark.parametrize("damage", ["garbage", "truncated", "middle", "future", "empty"])
def test_a_damaged_or_future_index_is_made_anew(make_project, tmp_path, damage):
    project = make_project({f"m{i}.py": f"def function_{i}(): ...\n" for i in range(40)})
    with ProjectIndex.open(project.root) as index:
        index.update()
    file = index_file(tmp_path)
    data = file.read_bytes()
    if damage == "garbage":
        file.write_bytes(b"not a database at all" * 100)
    elif damage == "truncated":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "middle":
        file.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    elif damage == "empty":
        file.write_bytes(b"")
    else:
        connection = sqlite3.connect(file)
        connection.execute("PRAGMA user_version = 999")
        connection.close()
    with ProjectIndex.open(project.root) as index:
        assert index.update().files == 40
        assert [s.address for s in index.find("function_7")] == ["m7.py::function_7"]
        assert index.select("change function_7").symbols[0].name == "function_7"
    assert sqlite3.connect(file).execute("PRAGMA user_version").fetchone()[0] != 999


def test_a_cache_that_cannot_be_written_means_an_index_in_memory(make_project, tmp_path):
    project = make_project({"a.py": "def f(): ...\n"})
    (tmp_path / "file").write_text("")
    with ProjectIndex.open(project.root, tmp_path / "file" / "cache") as index:
        stats = index.update()
        assert "cannot be kept" in stats.notes[0]
        assert names(index) == {"f"}


def test_a_full_disk_means_an_index_in_memory(make_project, monkeypatch):
    def text(i: int) -> str:
        return f"f{i} = 1\n" + "".join(f"# word{i}x{n}y other{n}z{i}\n" for n in range(80))

    project = make_project({f"m{i}.py": text(i) for i in range(50)})
    real = store._connect

    def small(path: Path) -> sqlite3.Connection:
        connection = real(path)
        connection.execute("PRAGMA max_page_count = 34")
        return connection

    monkeypatch.setattr(store, "_connect", small)
    with ProjectIndex.open(project.root) as index:
        stats = index.update()
        assert stats.files == 50
        assert "cannot be kept" in stats.notes[0]
        assert "f33" in names(index)


def test_an_index_that_became_read_only_is_kept_in_memory_and_still_right(
    make_project, monkeypatch
):
    project = make_project({"a.py": "def before(): ...\n"})
    with ProjectIndex.open(project.root) as index:
        index.update()
    real = store._connect

    def read_only(path: Path) -> sqlite3.Connection:
        connection = real(path)
        connection.execute("PRAGMA query_only = ON")
        return connection

    monkeypatch.setattr(store, "_connect", read_only)
    project.commit("more", {"a.py": "def after(): ...\n"})
    with ProjectIndex.open(project.root) as index:
        assert "cannot be kept" in index.update().notes[0]
        assert names(index) == {"after"}
        assert index.kept("map", "x", lambda: "made") == "made"
        assert index.past_commits == 2


def test_two_processes_may_index_at_the_same_time(make_project, tmp_path):
    project = make_project({f"m{i}.py": f"def f{i}(): ...\n" for i in range(300)})
    code = (
        "import sys; from pathlib import Path; from sorte_cli.context.index import ProjectIndex\n"
        "with ProjectIndex.open(Path(sys.argv[1])) as index:\n"
        "    stats = index.update(); assert not stats.notes, stats; print(len(index.find('f7')))\n"
    )
    command = [sys.executable, "-c", code, str(project.root)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)
    ]
    results = [process.communicate() for process in running]
    assert [out.strip() for out, _ in results] == [b"1"] * 3, results
    with ProjectIndex.open(project.root) as index:
        assert index.update().indexed == 0


def test_stale_contents_do_not_pile_up_without_bound(make_project, monkeypatch, tmp_path):
    monkeypatch.setattr("sorte_cli.context.index.STALE_BLOBS_KEPT", 5)
    project = make_project({"a.py": "x = 0\n"})
    with ProjectIndex.open(project.root) as index:
        for number in range(30):
            project.write({"a.py": f"x{number} = 1\n"})
            index.update()
        assert index._store.blob_count() <= 10
        assert names(index) == {"x29"}


def test_an_answer_does_not_depend_on_what_else_the_index_has_seen(make_project, tmp_path):
    files = {f"m{i}.py": f"def payment_{i}(amount): ...\n" for i in range(12)}
    project = make_project(files)
    with ProjectIndex.open(project.root) as index:
        for number in range(5):
            project.write({"m3.py": f"def payment_other_{number}(payment): return 'payment'\n" * 9})
            index.update()
        project.write(files)
        index.update()
        used = index.select("raise the amount of payment 3")
    with ProjectIndex.open(project.root, tmp_path / "fresh") as index:
        assert index.select("raise the amount of payment 3") == used


def test_two_hundred_thousand_files_are_only_many(make_project):
    project = make_project({"a.py": "x = 1\n"})
    stream = ["blob\nmark :1\ndata 20\ndef fetch(url): ...\n"]
    stream.append("commit refs/heads/many\ncommitter A <a@example.org> 1700000000 +0000\n")
    stream.append("data 4\nmany\n")
    stream += [f"M 100644 :1 d{i // 500}/module_{i}.py\n" for i in range(200_000)]
    subprocess.run(
        ["git", "fast-import", "--quiet"],
        cwd=project.root,
        input="".join(stream).encode(),
        check=True,
    )
    with ProjectIndex.at_commit(project.root / ".git", "many") as index:
        assert index.update().files == 200_000
        assert index.select("change module 4711").files[0].path == "d9/module_4711.py"
