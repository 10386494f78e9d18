"""What `sorte doctor` looks at. Each check asks an engine and says what it means for a person."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sorte_cli import __version__
from sorte_cli.errors import SorteError
from sorte_cli.terminal.sizes import gigabytes, megabytes
from sorte_cli.terminal.translate import _, plural

OK, WARN, FAIL = "ok", "warn", "fail"
CHILD_TIMEOUT_S = 60
_PROBE = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from sorte_cli.commands.llama_probe import main; main()"
)
"""With -P and from "/": nothing in a stranger's repository may be imported in place of it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `status` is "ok", "warn" (Sorte works, with less) or "fail" (it cannot)."""

    name: str
    status: str
    detail: str
    remedy: str = ""

    def to_json(self) -> dict[str, str]:
        return {
            "name": self.name,
            "status": self.status,
            "detail": self.detail,
            "remedy": self.remedy,
        }


def examine(directory: Path) -> list[Check]:
    """Every check, in the order in which a person would mend things."""
    found: list[Check] = []
    for examiner in (
        _program,
        _machine,
        _llama,
        _models,
        _git,
        _sandbox,
        _linters,
        _folders,
        lambda: _project(directory),
    ):
        found += _guarded(examiner)
    return found


def _guarded(examiner: Callable[[], list[Check]]) -> list[Check]:
    """A check that cannot be made is a finding too, and must not hide the others."""
    try:
        return examiner()
    except SorteError as error:
        return [Check(_("check"), FAIL, error.message, error.hint)]


def _program() -> list[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    return [Check("sorte", OK, f"{__version__}, Python {version}, {sys.executable}")]


def _machine() -> list[Check]:
    from sorte_cli.inference.hardware import hardware

    machine = hardware()
    cores = plural("{count} core", "{count} cores", machine.physical_cores)
    free, total = gigabytes(machine.ram_available_bytes), gigabytes(machine.ram_total_bytes)
    detail = _("{cpu}, {cores}, {free} of {total} memory free").format(
        cpu=machine.cpu, cores=cores, free=free, total=total
    )
    found = [Check(_("machine"), WARN if machine.notes else OK, detail, "\n".join(machine.notes))]
    for gpu in machine.gpus:
        memory = _("{free} of {total} memory free").format(
            free=gigabytes(gpu.free_bytes), total=gigabytes(gpu.total_bytes)
        )
        found.append(Check(_("graphics card"), OK, f"{gpu.name}, {memory}"))
    return found


def _llama() -> list[Check]:
    """What the installed llama-cpp-python can do, asked in a child that may crash."""
    from sorte_cli.inference.hardware import gpus, install_for

    name = "llama-cpp-python"
    reinstall = "pip install --force-reinstall --no-cache-dir llama-cpp-python==0.3.36"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _PROBE, str(Path(__file__).parents[2])],
            cwd="/",
            capture_output=True,
            timeout=CHILD_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [Check(name, FAIL, _("does not answer"), reinstall)]
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        last = lines[-1] if lines else _("ended with code {code}").format(code=done.returncode)
        return [Check(name, FAIL, _("does not work: {reason}").format(reason=last), reinstall)]
    build: dict[str, Any] = json.loads(done.stdout)
    use = _("can use a GPU") if build["gpu"] else _("CPU only")
    detail = f"{build['version']}, {use}; {build['features']}"
    cards = gpus()
    if cards and not build["gpu"]:
        without = _("{card} is there, but this build cannot use it").format(card=cards[0].name)
        return [Check(name, WARN, f"{detail}; {without}", install_for(cards[0]))]
    return [Check(name, OK, detail)]


def _models() -> list[Check]:
    from sorte_cli.inference.gguf import read_header
    from sorte_cli.inference.models import list_models
    from sorte_cli.inference.specs import spec_for
    from sorte_cli.settings import load_settings

    settings, _notes = load_settings(None)
    found = []
    names = {_("brain"): settings.brain_name, _("executor"): settings.executor_name}
    for role, model in names.items():
        try:
            spec = spec_for(model)
        except SorteError as error:
            found.append(Check(role, FAIL, error.message, error.hint))
            continue
        if spec.url:
            found.append(_elsewhere(role, spec.url))
            continue
        path = spec.path
        header = read_header(path)
        size = megabytes(path.stat().st_size)
        found.append(Check(role, OK, f"{model}: {header.architecture}, {size}, {path}"))
    others = [m.name for m in list_models()]
    if others:
        shown = ", ".join(others[:6]) + (", …" if len(others) > 6 else "")
        found.append(Check(_("other models"), OK, shown))
    return found


def _elsewhere(role: str, url: str) -> Check:
    from sorte_cli.inference.remote import RemoteEngine

    try:
        engine = RemoteEngine(url)
    except SorteError as error:
        return Check(role, FAIL, error.message, error.hint)
    engine.close()
    return Check(
        role, OK, _("{model}, which runs at {url}").format(model=engine.info.name, url=url)
    )


def _git() -> list[Check]:
    from sorte_cli.history.gitcmd import MINIMUM_VERSION

    needed = ".".join(map(str, MINIMUM_VERSION))
    remedy = _("install git {version} or newer").format(version=needed)
    program = shutil.which("git")
    if program is None:
        return [Check("git", FAIL, _("not installed"), remedy)]
    said = _first_line_of(program, "--version")
    digits = [int(p) for p in said.removeprefix("git version ").split(".")[:2] if p.isdigit()]
    enough = tuple(digits) >= MINIMUM_VERSION
    return [Check("git", OK if enough else FAIL, said, "" if enough else remedy)]


def _linters() -> list[Check]:
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for module in ("ruff", "bandit"):
        remedy = f"{sys.executable} -m pip install {module}"
        try:
            installed = version(module)
        except PackageNotFoundError:
            found.append(Check(module, WARN, _("not installed"), remedy))
            continue
        works = _first_line_of(sys.executable, "-m", module, "--version")
        if works:
            found.append(Check(module, OK, installed))
        else:
            found.append(Check(module, WARN, _("does not work"), remedy))
    return found


def _first_line_of(*command: str) -> str:
    """The first line that a command prints; empty when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=CHILD_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    return lines[0] if lines and done.returncode == 0 else ""


def _folders() -> list[Check]:
    from sorte_cli import paths

    found = []
    folders = {
        _("configuration"): paths.config_dir(),
        _("journal"): paths.state_dir(),
        _("caches"): paths.cache_dir(),
        _("your models"): paths.data_dir() / "models",
    }
    for name, folder in folders.items():
        size = sum(f.lstat().st_size for f in folder.rglob("*") if f.is_file())
        shown = megabytes(size) if folder.is_dir() else _("not made yet")
        found.append(Check(name, OK, f"{folder} ({shown})"))
    return found


def _sandbox() -> list[Check]:
    from sorte_cli.guardian import sandbox_status

    works, sentence = sandbox_status()
    # Without one, Sorte asks before it runs a project's tests: less safe, but no dead end.
    what, _mark, remedy = sentence.partition("; ")
    return [Check(_("sandbox"), OK if works else WARN, what, "" if works else remedy)]


def _project(directory: Path) -> list[Check]:
    from sorte_cli.guardian import detect_test_command
    from sorte_cli.history import Repository
    from sorte_cli.settings import load_settings

    name = _("project")
    try:
        repository = Repository.discover(directory)
    except SorteError as error:
        # Not being in a project is no fault of the machine.
        return [Check(name, WARN, error.message, error.hint)]
    branch = repository.branch() or _("detached HEAD")
    found = [Check(name, OK, f"{repository.root} ({branch})")]
    if dirty := len(repository.dirty_paths()):
        text = plural(
            "{count} file with uncommitted changes", "{count} files with uncommitted changes", dirty
        )
        found.append(Check(_("your changes"), OK, text + _("; Sorte leaves them as they are")))
    settings, notes = load_settings(repository.root)
    found += [Check(_("settings"), WARN, note) for note in notes]
    root = repository.root
    command = detect_test_command(root, root, settings.test_command or None)
    if command is None:
        remedy = _('name the command: sorte do --test-command "..."')
        found.append(Check(_("tests"), WARN, _("no tests were found"), remedy))
    else:
        found.append(Check(_("tests"), OK, " ".join(command.argv)))
    return found
