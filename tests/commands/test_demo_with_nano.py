"""The demo itself: the whole way from a sentence to a commit and back, with the nano model."""

from __future__ import annotations

import json
import re

import pytest
from samples import VARIANTS, make

from sorte_cli.demo import TASKS


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted(TASKS))
def test_the_demo_lands_a_method_with_tests_and_takes_it_back(sorte, tmp_path, language):
    answer = sorte("demo", "--lang", language, env={"TMPDIR": str(tmp_path)})
    assert answer.code == 0, answer.err
    for shown in ("$ sorte do", "$ git show --stat", "$ git diff", "$ sorte undo"):
        assert shown in answer.out
    assert re.search(r"\+class PixParcelado\w+\(", answer.out)
    assert not list(tmp_path.glob("sorte-demo-*"))


@pytest.mark.slow
def test_the_demo_can_be_kept_and_undone_later(sorte, git, tmp_path):
    answer = sorte("demo", "--keep", "--json", env={"TMPDIR": str(tmp_path)})
    assert answer.code == 0, answer.err
    document = json.loads(answer.out)
    assert document["status"] == "landed"
    assert document["verdict"]["tests"]["failed"] == 0
    (folder,) = tmp_path.glob("sorte-demo-*")
    project = folder / "checkout"
    assert git(project, "status", "--porcelain") == ""
    assert sorte("undo", "--yes", cwd=project).code == 0
    assert len(git(project, "log", "--oneline").splitlines()) == 1
    git(project, "fsck", "--full", "--strict")


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted(TASKS))
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
def test_the_same_task_works_under_other_names(sorte, git, tmp_path, variant, language):
    project = make(tmp_path / "sample", variant, git)
    answer = sorte("do", TASKS[language], "--yes", "--json", cwd=project)
    assert answer.code == 0, answer.err
    document = json.loads(answer.out)
    kinds = {c["path"]: c["kind"] for c in document["changes"]}
    package = f"{variant('checkout')}/{variant('payments')}"
    assert kinds == {
        f"{package}/pix_parcelado.py": "created",
        f"{package}/{variant('factory')}.py": "changed",
        "tests/test_pix_parcelado.py": "created",
    }
    code = (project / package / "pix_parcelado.py").read_text(encoding="utf-8")
    assert f'{variant("minimum_amount")} = Decimal("300.00")' in code
    assert document["verdict"]["tests"]["status"] == "passed"
    git(project, "fsck", "--full", "--strict")
