"""What the crash harness kills runs in: a project with everything in it, and how it is compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from history_support import Project


@dataclass(frozen=True)
class Snapshot:
    """Everything of the user's that counts."""

    tree: str
    files: dict[str, tuple[int, bytes | str]]
    index: str
    status: str
    refs: str
    hooks: tuple[str, ...]

    @classmethod
    def of(cls, project: Project) -> Snapshot:
        modes = {
            path: ((project.root / path).lstat().st_mode, data)
            for path, data in project.files().items()
        }
        refs = [
            line
            for line in project.git("for-each-ref", "--format=%(refname)").splitlines()
            if not line.startswith("refs/sorte/")
        ]
        common = Path(
            project.git("rev-parse", "--path-format=absolute", "--git-common-dir").strip()
        )
        return cls(
            project.git("rev-parse", "HEAD^{tree}"),
            modes,
            project.git("ls-files", "--stage", "-v"),
            project.status(),
            "\n".join(refs),
            tuple(sorted(p.name for p in (common / "hooks").iterdir())),
        )


def make_project(root: Path) -> Project:
    """A project with one of everything that the user may have lying about."""
    project = Project.make(
        root,
        {
            "shop/__init__.py": b"",
            "shop/pay.py": b"def pay(amount):\n    return amount\n",
            "shop/old.py": b"OLD = 1\n",
            "thing": b"a file\n",
            "tool.sh": b"#!/bin/sh\n",
            "plain.sh": b"#!/bin/sh\n",
            "windows.txt": b"one\r\ntwo\r\n",
            "picture.bin": b"version https://git-lfs.github.com/spec/v1\n",
            "notes.txt": b"notes\n",
            "todo.txt": b"todo\n",
            "gone.txt": b"gone\n",
            ".gitattributes": b"*.bin filter=lfs diff=lfs merge=lfs -text\nwindows.txt eol=crlf\n",
            ".gitignore": b"*.log\n",
        },
    )
    (root / "link").symlink_to("shop/pay.py")
    project.commit("link")
    project.write("notes.txt", "my own edit\n")
    project.write("todo.txt", "staged\n")
    project.git("add", "todo.txt")
    project.write("todo.txt", "staged, and edited again\n")
    (root / "gone.txt").unlink()
    project.write("untracked.txt", "untracked\n")
    project.write("app.log", "ignored\n")
    (root / "tool.sh").chmod(0o700)
    (root / "dangling").symlink_to("nowhere")
    return project
