"""Which model does which work: by rule, and as the setting says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorte_cli.errors import UsageError
from sorte_cli.inference import ModelSpec
from sorte_cli.inference.manager import ModelManager
from sorte_cli.settings import USUAL_ROLES, Settings, checked, routes

from .tiny import tiny_model


def test_the_usual_rule() -> None:
    assert routes("") == USUAL_ROLES
    found = Settings(brain="large", executor="quick")
    assert {w: found.model_for(w) for w in USUAL_ROLES} == {
        "plan": "large",
        "reflect": "large",
        "chat": "large",
        "review": "large",
        "operations": "quick",
        "commit": "quick",
    }


def test_the_setting_changes_what_it_names() -> None:
    found = Settings(brain="large", executor="quick", roles="review=executor , operations=brain")
    assert found.model_for("review") == "quick"
    assert found.role_for("operations") == "brain"
    assert found.model_for("plan") == "large"


@pytest.mark.parametrize("text", ["review", "review=nobody", "cooking=brain", "=", "review:brain"])
def test_what_makes_no_sense_is_refused_where_it_is_set(text: str) -> None:
    with pytest.raises(UsageError, match="who does which work"):
        checked("roles", text)


def test_settings_that_are_out_of_range_are_refused() -> None:
    for name, value in (("candidates", 0), ("candidates", 17), ("thinking_tokens", -1)):
        with pytest.raises(UsageError, match=name):
            checked(name, value)
    assert checked("candidates", "4") == 4


def test_the_manager_follows_it(model: Path, tmp_path: Path) -> None:
    other = tiny_model(tmp_path / "other.gguf", seed=2, name="other")
    where = routes("review=executor")
    with ModelManager(ModelSpec(other), ModelSpec(model), inline=True, routes=where) as manager:
        assert manager.engine("plan").info.name == manager.engine("brain").info.name == "other"
        assert manager.engine("review").info.name == manager.engine("operations").info.name
        assert manager.engine("review").info.name == "tiny"
        with pytest.raises(UsageError, match="no role 'dance'"):
            manager.engine("dance")
