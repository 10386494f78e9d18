import pytest
from doubles import ScriptedEngine, ScriptedManager, Watcher, make_project

from sorte_cli.agent import run
from sorte_cli.agent.report import RunRequest


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "project")


@pytest.fixture(autouse=True)
def own_directories(tmp_path, monkeypatch):
    """Nothing of the user's machine is read or written."""
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"SORTE_{name}_DIR", str(tmp_path / "sorte" / name.lower()))
    for name in ("SORTE_BRAIN", "SORTE_EXECUTOR", "DEFAULT_MODEL", "EXECUTOR_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def scripted(monkeypatch, project):
    """Run a task with canned answers: scripted(answers, task=..., **request) -> report."""

    def start(answers, *, task="rename calc_total to compute_total", watcher=None, **options):
        engine = ScriptedEngine(list(answers), options.pop("parameters", 1_000_000))
        monkeypatch.setattr(run, "ModelManager", ScriptedManager(engine))
        monkeypatch.setattr(run, "model_specs", lambda _settings: ("brain", "executor"))
        monkeypatch.setenv("SORTE_MAX_REPLANS", "1")
        options.setdefault("max_repairs", 2)
        request = RunRequest(task, options.pop("directory", project), **options)
        start.engine = engine
        start.watcher = watcher or Watcher()
        return run.do(request, start.watcher)

    return start
