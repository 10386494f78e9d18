import ctypes

import pytest
from doubles import ScriptedEngine, ScriptedManager, Watcher, make_project

from sorte_cli.agent import run
from sorte_cli.agent.report import RunRequest
from sorte_cli.paths import nano_model


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


@pytest.fixture(scope="module")
def vocabulary():
    import llama_cpp.llama_cpp as c

    parameters = c.llama_model_default_params()
    parameters.vocab_only = True
    model = c.llama_model_load_from_file(str(nano_model()).encode(), parameters)
    assert model
    yield c.llama_model_get_vocab(model)
    c.llama_model_free(model)


@pytest.fixture
def accepts(vocabulary):
    import llama_cpp.llama_cpp as c

    def check(grammar: str, text: str) -> bool:
        sampler = c.llama_sampler_init_grammar(vocabulary, grammar.encode(), b"root")
        assert sampler, f"llama.cpp cannot parse this grammar:\n{grammar}"
        data = text.encode()
        buffer = (c.llama_token * 4096)()
        count = c.llama_tokenize(vocabulary, data, len(data), buffer, 4096, False, False)
        end = c.llama_vocab_eos(vocabulary)
        try:
            for token in [*buffer[:count], end]:
                one = c.llama_token_data(id=token, logit=1.0, p=0.0)
                row = c.llama_token_data_array(
                    data=ctypes.pointer(one), size=1, selected=-1, sorted=False
                )
                c.llama_sampler_apply(sampler, ctypes.byref(row))
                if one.logit == float("-inf"):
                    return False
                if token != end:
                    c.llama_sampler_accept(sampler, token)
            return True
        finally:
            c.llama_sampler_free(sampler)

    return check
