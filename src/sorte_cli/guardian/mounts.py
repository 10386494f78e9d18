"""What a sandboxed command may see of the machine: hidden folders, and what is shown through."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# Private or reachable-service places. Each becomes an empty folder inside.
_HIDDEN = ("/home", "/root", "/tmp", "/var/tmp", "/run", "/mnt", "/media")

# Under $HOME: where tools live, as opposed to where people and their secrets live.
TOOL_HOMES = (
    ".asdf",
    ".bun/bin",
    ".cargo/bin",
    ".cargo/registry",
    ".composer/vendor",
    ".config/composer/vendor",
    ".deno/bin",
    ".local/bin",
    ".local/lib",
    ".local/pipx/venvs",
    ".local/share/mise",
    ".local/share/pipx/venvs",
    ".local/share/pnpm",
    ".local/share/pypoetry",
    ".local/share/uv/python",
    ".local/share/uv/tools",
    ".local/share/virtualenvs",
    ".cache/pypoetry/virtualenvs",
    ".nvm/versions",
    ".pyenv",
    ".rbenv",
    ".rustup",
    ".virtualenvs",
    ".volta",
    "go/bin",
    "go/pkg/mod",
)

_ARTEFACT_FOLDERS = frozenset(
    {
        ".eggs",
        ".nox",
        ".tox",
        ".venv",
        "__pypackages__",
        "_skbuild",
        "build",
        "node_modules",
        "vendor",
        "venv",
    }
)
_ARTEFACT_ENDINGS = (".so", ".pyd", ".dylib", ".egg-link", ".mo", "_pb2.py", "_pb2_grpc.py")
_ARTEFACT_FOLDER_ENDINGS = (".egg-info", ".dist-info")
_ARTEFACT_FILES = frozenset({"_version.py", "_version.pyi"})
_WINDOWS_DRIVE = re.compile(r"/mnt/[a-z](/|$)")
_WELL_KNOWN = (".venv", "venv", "node_modules", "vendor")


def hidden_folders(home: Path | None = None) -> tuple[Path, ...]:
    """Existing folders that are empty inside the sandbox, real paths, none within another."""
    wanted = [Path(p) for p in _HIDDEN]
    wanted.append(home if home is not None else Path.home())
    real = sorted({p.resolve() for p in wanted if p.is_dir()} - {Path("/")})
    return tuple(p for p in real if not any(p != o and p.is_relative_to(o) for o in real))


@dataclass(frozen=True, slots=True)
class Shown:
    """Host paths to show read-only at their own place, and links (place, target) to make again."""

    paths: tuple[Path, ...] = ()
    links: tuple[tuple[Path, str], ...] = ()


def tools_to_show(
    command: Sequence[str],
    *,
    wanted: Iterable[Path],
    hidden: Sequence[Path],
    env: Mapping[str, str],
    repository: Path,
) -> Shown:
    """What the tools of `command` need of the hidden folders.

    That is: the tool homes under $HOME, the folders on PATH, the `wanted` folders, and the
    interpreters that the command and the virtual environments among `wanted` stand on.
    """
    paths: set[Path] = set()
    links: dict[Path, str] = {}
    home = Path(env.get("HOME") or Path.home())
    paths.update(p for p in (home / name for name in TOOL_HOMES) if p.is_dir())
    for entry in env.get("PATH", "").split(os.pathsep):
        folder = Path(entry)
        if _WINDOWS_DRIVE.match(entry):  # WSL puts the Windows PATH here; it is slow and no use
            continue
        if folder.is_absolute() and folder.is_dir() and not _holds_people(folder, home):
            paths.add(folder)
    starts = list(wanted)
    paths.update(starts)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if env.get(variable):
            starts.append(Path(env[variable]))
    program = shutil.which(command[0], path=env.get("PATH")) if command else None
    if program:
        _interpreter(Path(program), paths, links)
    for start in starts:
        _interpreter(start / "bin" / "python", paths, links)
    return _only_hidden(paths, links, hidden, repository)


def _holds_people(folder: Path, home: Path) -> bool:
    """Whether showing `folder` would show a whole home or more."""
    real = folder.resolve()
    return home.resolve().is_relative_to(real) or str(real) in _HIDDEN


def _only_hidden(
    paths: set[Path], links: Mapping[Path, str], hidden: Sequence[Path], repository: Path
) -> Shown:
    """Drop what can be seen anyway, and what lies in the repository (its worktree stands there)."""

    def covered(path: Path) -> bool:
        inside = any(path.is_relative_to(h) for h in hidden)
        return inside and path not in hidden and not path.is_relative_to(repository)

    shown = sorted(p for p in paths if covered(p))
    outer = [p for p in shown if not any(p != o and p.is_relative_to(o) for o in shown)]
    kept = tuple(
        (place, target)
        for place, target in sorted(links.items())
        if covered(place) and not any(place.is_relative_to(o) for o in outer)
    )
    return Shown(tuple(outer), kept)


def _interpreter(program: Path, paths: set[Path], links: dict[Path, str]) -> None:
    """Follow `program` to the interpreter it is or runs under, and collect what that needs."""
    for _ in range(16):  # links and venv-of-venv chains are short; a loop must end
        prefix = program.parent.parent
        if (prefix / "pyvenv.cfg").is_file():
            paths.add(prefix)
            base = _base_of(prefix)
            if base is not None:
                _interpreter(base / "python3", paths, links)
        elif _is_prefix(prefix):
            paths.add(prefix)
        if not program.is_symlink():
            break
        target = program.readlink()
        links[program] = str(target)
        # A link may also be some folder on the way (uv: cpython-3.12 -> cpython-3.12.4).
        program = program.parent / target
        _linked_parents(program, links)
        program = Path(os.path.normpath(program))
    real = Path(os.path.realpath(program))
    if _is_prefix(real.parent.parent):
        paths.add(real.parent.parent)
    elif real.is_file():
        paths.add(real)
    shebang = _shebang(program)
    if shebang is not None and shebang != program:
        _interpreter(shebang, paths, links)


def _linked_parents(path: Path, links: dict[Path, str]) -> None:
    for parent in Path(os.path.normpath(path)).parents:
        if parent.is_symlink():
            links[parent] = str(parent.readlink())


def _is_prefix(prefix: Path) -> bool:
    """Whether a Python lives here: its own standard library, not just some user's packages."""
    return any(prefix.glob("lib/python3*/os.py")) or any(prefix.glob("lib64/python3*/os.py"))


def _base_of(environment: Path) -> Path | None:
    """The `home` of a virtual environment: the folder of the interpreter it was made from."""
    try:
        text = (environment / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name.strip().lower() == "home" and Path(value.strip()).is_absolute():
            return Path(value.strip())
    return None


def _shebang(program: Path) -> Path | None:
    try:
        with program.open("rb") as file:
            first = file.readline(512)
    except OSError:
        return None
    words = first[2:].decode("utf-8", "replace").split() if first.startswith(b"#!") else []
    return Path(words[0]) if words and words[0].startswith("/") else None


def ignored_artefacts(repository: Path) -> tuple[str, ...]:
    """What a fresh worktree lacks and tests need: dependency folders and build products that git
    ignores, and submodules.

    Repository-relative POSIX paths, none within another. Never `.env` files, databases or
    anything else that only happens to be ignored.
    """
    found = {n for n in _WELL_KNOWN if (repository / n).is_dir()}
    found.update(_submodules(repository))
    for name in _ignored(repository):
        path = name.rstrip("/")
        if _is_artefact(repository, path, folder=name.endswith("/")):
            found.add(path)
    return tuple(p for p in sorted(found) if not any(_within(p, o) for o in found))


def _submodules(repository: Path) -> Iterator[str]:
    """Folders of submodules that are checked out in the repository."""
    try:
        text = (repository / ".gitmodules").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    for match in re.finditer(r"^\s*path\s*=\s*(\S.*?)\s*$", text, re.MULTILINE):
        path = PurePosixPath(match[1])
        if path.is_absolute() or ".." in path.parts or ".git" in path.parts:
            continue
        if (repository / path / ".git").exists():
            yield path.as_posix()


def _within(path: str, other: str) -> bool:
    return path != other and path.startswith(other + "/")


def _is_artefact(repository: Path, path: str, *, folder: bool) -> bool:
    base = path.rpartition("/")[2]
    if folder:
        return (
            base in _ARTEFACT_FOLDERS
            or base.endswith(_ARTEFACT_FOLDER_ENDINGS)
            or (repository / path / "pyvenv.cfg").is_file()
        )
    if base in _ARTEFACT_FOLDERS:  # a link to a folder kept elsewhere
        return (repository / path).is_dir()
    return base in _ARTEFACT_FILES or base.endswith(_ARTEFACT_ENDINGS)


def _ignored(repository: Path) -> list[str]:
    command = ["git", "-C", str(repository), "ls-files", "-z", "--others", "--ignored"]
    command += ["--exclude-standard", "--directory"]
    # In a hook, GIT_DIR and GIT_INDEX_FILE point at something else.
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        listed = subprocess.run(command, capture_output=True, env=env, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if listed.returncode != 0:
        return []
    return [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]


def linked_git_dir(worktree: Path, common_dir: Path) -> str | None:
    """Where the worktree's own git directory lies within `common_dir` ("worktrees/NAME").

    None where `worktree` is not a linked worktree of that repository.
    """
    pointer = worktree / ".git"
    if not pointer.is_file():
        return None
    text = pointer.read_text(encoding="utf-8", errors="surrogateescape").strip()
    if not text.startswith("gitdir:"):
        return None
    target = Path(os.path.normpath(worktree / text.removeprefix("gitdir:").strip()))
    for place in (target, target.resolve()):
        if place.is_relative_to(common_dir):
            return place.relative_to(common_dir).as_posix()
    return None


def borrowed_objects(common_dir: Path) -> tuple[Path, ...]:
    """Object stores of other repositories that this one leans on (`git clone --shared`)."""
    listing = common_dir / "objects" / "info" / "alternates"
    try:
        lines = listing.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ()
    places = (common_dir / "objects" / line for line in lines if line and line[0] != "#")
    return tuple(p.resolve() for p in places if p.is_dir())


class MountPoints:
    """Removes what bubblewrap made in a folder to mount on: only what is new, only while empty.

    Goes by directory descriptors and follows no link: a command in the sandbox may have put a link
    in the place of a folder.
    """

    def __init__(self, root: Path, places: Iterable[str]) -> None:
        self._root = root
        missing: set[PurePosixPath] = set()
        for place in places:
            path = PurePosixPath(place)
            while path.parts and not os.path.lexists(root / path):
                missing.add(path)
                path = path.parent
        self._missing = sorted(missing, key=lambda p: len(p.parts), reverse=True)

    def remove(self) -> None:
        """Call when the sandbox has ended. What holds anything is left alone."""
        for path in self._missing:
            with contextlib.suppress(OSError), _opened(self._root, path.parent.parts) as folder:
                status = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    os.rmdir(path.name, dir_fd=folder)
                elif stat.S_ISREG(status.st_mode) and status.st_size == 0:
                    os.unlink(path.name, dir_fd=folder)


@contextlib.contextmanager
def _opened(root: Path, parts: Sequence[str]) -> Iterator[int]:
    """A descriptor of the folder `parts` under `root`, none of them a link. Raises OSError."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            inner = os.open(part, flags, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)
