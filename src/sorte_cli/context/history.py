"""What past commits say: their messages and the files they touched, read once and kept.

`read_commits` parses `git log`; `History` is the view of one HEAD: its ancestors newest first, each
with the files it touched under the names those files bear at HEAD.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.context.sources import git, is_partial

MAX_COMMITS = 20_000
MAX_FILES_PER_COMMIT = 400
MESSAGE_LIMIT = 2_000
_NOISE = re.compile(
    r"^\s*(?:(?:[\w-]+-by|Change-Id|Reviewed-on|Cc|PR-URL|Refs?-URL|git-svn-id|Sorte-\w+)\s*:.*"
    r"|[\s\-*_=#]*)(?:\n|\Z)",
    re.I | re.M,
)


@dataclass(frozen=True, slots=True)
class Touch:
    """A file that a commit touched; `old` is its former name after a rename, else ""."""

    path: str
    old: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """One past change: `message` is subject and body without trailers."""

    sha: str
    time: int
    message: str
    touched: tuple[Touch, ...]


def read_commits(directory: Path, head: str, known: Sequence[str] = ()) -> list[Commit]:
    """Commits reachable from `head` and not from `known`, newest first, without merges."""
    # In a partial clone inexact renames would fetch contents over the network; where contents are
    # missing altogether git gives up, and exact renames need none.
    for renames in ("-M100%",) if is_partial(directory) else ("-M60%", "-M100%"):
        raw = git(
            directory,
            "-c", "diff.renameLimit=200", "-c", "log.showSignature=false", "log", "--no-merges",
            "--topo-order", f"--max-count={MAX_COMMITS}", renames, "--name-status", "-z",
            "--no-color", "--no-ext-diff", "--format=%x01%H%x02%ct%x02%B%x03", head, "--not",
            *known, check=False,
        )  # fmt: skip
        if raw:
            break
    return list(_parse(raw.decode("utf-8", "replace")))


def _parse(text: str) -> Iterator[Commit]:
    for record in text.split("\x01")[1:]:
        head, _, rest = record.partition("\x03")
        parts = head.split("\x02", 2)
        if len(parts) == 3 and parts[1].isdigit():
            yield Commit(parts[0], int(parts[1]), clean_message(parts[2]), _touched(rest))


def _touched(text: str) -> tuple[Touch, ...]:
    fields = text.lstrip("\0\n").split("\0")
    found: list[Touch] = []
    i = 0
    while i + 1 < len(fields):
        status = fields[i].lstrip("\n")
        if status[:1] in ("R", "C") and i + 2 < len(fields):
            found.append(Touch(fields[i + 2], fields[i + 1] if status[0] == "R" else ""))
            i += 3
        else:
            if status and len(found) <= MAX_FILES_PER_COMMIT:
                found.append(Touch(fields[i + 1]))
            i += 2
    return tuple(found)


def clean_message(raw: str) -> str:
    """The message without trailers and rulers, at most MESSAGE_LIMIT characters."""
    return _NOISE.sub("", raw[: 2 * MESSAGE_LIMIT].replace("\r", ""))[:MESSAGE_LIMIT].strip()


def read_ancestors(directory: Path, head: str) -> list[str]:
    """Ids of the non-merge ancestors of `head`, newest first, bounded."""
    raw = git(
        directory, "rev-list", "--no-merges", "--topo-order", f"--max-count={MAX_COMMITS}", head,
        check=False,
    )  # fmt: skip
    return raw.decode("ascii", "replace").split()


@dataclass(frozen=True, slots=True)
class History:
    """The ancestors of one HEAD, newest first, in flat arrays.

    Commit i has the database id `commits[i]` and touched the path ids
    `paths[starts[i]:starts[i + 1]]`, already under their present names.
    """

    commits: array[int]
    starts: array[int]
    paths: array[int]

    @classmethod
    def empty(cls) -> History:
        return cls(array("q"), array("q", [0]), array("q"))

    @classmethod
    def build(cls, rows: Iterable[tuple[int, Sequence[tuple[int, int]]]]) -> History:
        """From (commit id, [(path id, old path id or 0)]), newest first; renames are followed."""
        commits, starts, paths = array("q"), array("q", [0]), array("q")
        present: dict[int, int] = {}
        for commit, touched in rows:
            commits.append(commit)
            for path, old in touched:
                now = present.get(path, path)
                paths.append(now)
                if old:
                    present[old] = now
            starts.append(len(paths))
        return cls(commits, starts, paths)

    def touched(self, position: int) -> array[int]:
        """Path ids of the commit at `position`."""
        return self.paths[self.starts[position] : self.starts[position + 1]]

    def to_bytes(self) -> bytes:
        sizes = array("q", [len(self.commits), len(self.paths)])
        return b"".join(a.tobytes() for a in (sizes, self.commits, self.starts, self.paths))

    @classmethod
    def from_bytes(cls, data: bytes) -> History:
        flat = array("q")
        flat.frombytes(data)
        commits, paths = flat[0], flat[1]
        first, second = 2 + commits, 3 + 2 * commits
        return cls(flat[2:first], flat[first:second], flat[second : second + paths])
