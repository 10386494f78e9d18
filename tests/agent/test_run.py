"""The loop, with a model that answers from a list: landing, repair, folding, planning again."""

import os
import signal

import pytest
from doubles import FILES, Watcher, git, make_project

from sorte_cli.errors import (
    ExitCode,
    InterruptedRun,
    NotLandedError,
    RefusedError,
    UsageError,
)

PLAN = "rename shop/orders.py::calc_total\n"
RENAME = "rename shop/orders.py::calc_total compute_total\n"
PLAN_TWO = "rename shop/orders.py::calc_total\nset_value shop/orders.py::MAX_ITEMS\n"
SET_LIMIT = "set_value shop/orders.py::MAX_ITEMS 30\n"


def tree(root):
    """Every file of the working tree but git's own, with content and mode."""
    return {
        str(p.relative_to(root)): (p.read_bytes(), p.stat().st_mode & 0o777)
        for p in sorted(root.rglob("*"))
        if p.is_file() and ".git" not in p.relative_to(root).parts
    }


def assert_clean(root):
    assert git(root, "fsck", "--full", "--strict", "--no-dangling") == ""
    assert len(git(root, "worktree", "list").splitlines()) == 1
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "stash", "list") == ""


def test_a_plan_lands_as_one_commit_a_step(scripted, project):
    report = scripted([PLAN_TWO, RENAME, SET_LIMIT])
    assert (report.status, report.exit_code) == ("landed", ExitCode.OK)
    assert [s.status for s in report.steps] == ["committed", "committed"]
    assert "def compute_total" in (project / "shop/orders.py").read_text()
    assert "compute_total([1, 2])" in (project / "tests/test_orders.py").read_text()
    assert "MAX_ITEMS = 30" in (project / "shop/orders.py").read_text()
    subjects = git(project, "log", "--format=%s").splitlines()
    assert subjects == [
        "feat: set MAX_ITEMS to 30",
        "refactor: rename calc_total to compute_total",
        "feat: the shop",
    ]
    assert report.verdict.tests.passed == 2
    assert_clean(project)


def test_commits_carry_the_trailers_and_no_sign_off(scripted, project):
    report = scripted([PLAN, RENAME])
    message = git(project, "log", "-1", "--format=%B")
    assert f"Sorte-Run: {report.run_id}" in message
    assert "Sorte-Step: 1/1" in message
    assert "Assisted-by: sorte:scripted" in message
    assert "Signed-off-by" not in message


def test_an_operation_that_cannot_be_done_goes_back_with_its_reason(scripted, project):
    wrong = "rename shop/orders.py::calc_totals compute_total\n"
    report = scripted([PLAN, wrong, RENAME])
    assert report.status == "landed"
    assert "calc_totals" in scripted.engine.asked[-1]
    assert "repair" in scripted.watcher.names()


def test_a_red_test_goes_back_with_its_message(scripted, project):
    broken = "replace_statement shop/orders.py::calc_total#1\n<<<\nreturn sum(items) + 1\n>>>\n"
    plan = "replace_statement shop/orders.py::calc_total\n"
    good = "replace_statement shop/orders.py::calc_total#1\n<<<\nreturn sum(list(items))\n>>>\n"
    report = scripted([plan, broken, good])
    assert report.status == "landed"
    assert "test_total" in scripted.engine.asked[-1]
    assert len(git(project, "log", "--format=%s").splitlines()) == 2


def test_a_new_finding_goes_back_with_its_rule(scripted, project):
    plan = "insert_before shop/orders.py::calc_total\n"
    bad = "insert_before shop/orders.py::calc_total#1\n<<<\nitems = undefined_name\n>>>\n"
    good = "insert_before shop/orders.py::calc_total#1\n<<<\nitems = list(items)\n>>>\n"
    report = scripted([plan, bad, good])
    assert report.status == "landed"
    assert "F821" in scripted.engine.asked[-1]


def test_the_same_bad_answer_twice_stops_the_step(scripted, project):
    before = tree(project)
    bad = "rename shop/orders.py::nothing other\n"
    report = scripted([PLAN, bad, bad, "rename shop/orders.py::checkout\n", bad, bad])
    assert (report.status, report.exit_code) == ("not landed", ExitCode.NOT_LANDED)
    assert tree(project) == before
    assert_clean(project)


def test_a_dropped_step_makes_the_brain_plan_again(scripted, project):
    bad = "rename shop/orders.py::nothing other\n"
    report = scripted(
        [PLAN, bad, bad, "set_value shop/orders.py::MAX_ITEMS\n", SET_LIMIT],
    )
    assert report.status == "landed"
    assert "failed before" in scripted.engine.asked[3]
    assert git(project, "log", "-1", "--format=%s").strip() == "feat: set MAX_ITEMS to 30"


def test_the_same_plan_again_stops(scripted, project):
    bad = "rename shop/orders.py::nothing other\n"
    report = scripted([PLAN, bad, bad, PLAN])
    assert report.status == "not landed"
    assert "nothing" in report.message


def test_a_red_step_is_folded_into_the_one_that_makes_it_green(scripted, project):
    plan = "replace_statement shop/orders.py::calc_total\nreplace_text tests/test_orders.py\n"
    change = "replace_statement shop/orders.py::calc_total#1\n<<<\nreturn sum(items) * 2\n>>>\n"
    test = "replace_text tests/test_orders.py\n<<<\n== 3\n>>>\n<<<\n== 6\n>>>\n"
    report = scripted([plan, change, change, test], task="double calc_total")
    assert report.status == "landed"
    assert [s.status for s in report.steps] == ["folded", "committed"]
    assert len({s.commit for s in report.steps}) == 1
    assert len(git(project, "log", "--format=%s").splitlines()) == 2


def test_a_good_step_before_a_bad_one_is_kept_on_a_branch_not_landed(scripted, project):
    before = tree(project)
    bad = "set_value shop/orders.py::NOTHING 3\n"
    report = scripted([PLAN_TWO, RENAME, bad, bad, PLAN_TWO])
    assert report.status == "not landed"
    assert tree(project) == before
    assert len(git(project, "log", "--format=%s", "main").splitlines()) == 1
    assert len(git(project, "worktree", "list").splitlines()) == 1


def test_none_changes_nothing_and_says_why(scripted, project):
    with pytest.raises(NotLandedError, match="not a code change"):
        scripted(["none: not a code change\n"], task="what time is it")
    assert_clean(project)


def test_plan_only_stops_after_the_plan(scripted, project):
    report = scripted([PLAN], plan_only=True)
    assert (report.status, report.plan) == ("planned", (PLAN.strip(),))
    assert_clean(project)


def test_no_land_keeps_the_verified_change_on_a_branch(scripted, project):
    before = tree(project)
    report = scripted([PLAN, RENAME], land=False)
    assert (report.status, report.exit_code) == ("kept", ExitCode.OK)
    assert tree(project) == before
    assert "compute_total" in git(project, "show", f"{report.branch}:shop/orders.py")


def test_a_declined_plan_changes_nothing(scripted, project):
    with pytest.raises(NotLandedError, match="not approved"):
        scripted([PLAN], watcher=Watcher(approve=False))
    assert_clean(project)


def test_an_edited_plan_is_the_one_carried_out(scripted, project):
    watcher = Watcher(edit="set_value shop/orders.py::MAX_ITEMS\n")
    report = scripted([PLAN, SET_LIMIT], watcher=watcher)
    assert report.plan == ("set_value shop/orders.py::MAX_ITEMS",)
    assert report.status == "landed"


def test_a_later_step_follows_a_rename(scripted, project):
    plan = "rename shop/orders.py::calc_total\nadd_parameter shop/orders.py::calc_total\n"
    add = 'add_parameter shop/orders.py::compute_total "tax=0"\n'
    report = scripted([plan, RENAME, add])
    assert report.status == "landed"
    assert "def compute_total(items, tax=0):" in (project / "shop/orders.py").read_text()


def test_dirty_files_elsewhere_survive_byte_for_byte(scripted, project):
    (project / "notes.txt").write_bytes(b"mine\r\n\xff")
    (project / "pyproject.toml").write_text(FILES["pyproject.toml"] + "# mine\n")
    (project / "staged.py").write_text("x = 1\n")
    git(project, "add", "staged.py")
    report = scripted([PLAN, RENAME])
    assert report.status == "landed"
    assert (project / "notes.txt").read_bytes() == b"mine\r\n\xff"
    assert git(project, "status", "--porcelain").splitlines() == [
        " M pyproject.toml",
        "A  staged.py",
        "?? notes.txt",
    ]


def test_a_dirty_file_that_the_run_would_change_stops_the_landing(scripted, project):
    edited = FILES["shop/orders.py"] + "\n# mine\n"
    (project / "shop/orders.py").write_text(edited)
    with pytest.raises(RefusedError, match=r"shop/orders\.py"):
        scripted([PLAN, RENAME])
    assert (project / "shop/orders.py").read_text() == edited
    assert len(git(project, "log", "--format=%s", "main").splitlines()) == 1


def test_a_commit_made_meanwhile_is_kept_and_the_run_lands_on_top(scripted, project):
    def commit_meanwhile(name):
        if name == "verifying" and not (project / "other.py").exists():
            (project / "other.py").write_text("y = 1\n")
            git(project, "add", "other.py")
            git(project, "commit", "-q", "-m", "feat: other")

    report = scripted([PLAN, RENAME], watcher=Watcher(on_event=commit_meanwhile))
    assert report.status == "landed"
    assert git(project, "log", "--format=%s").splitlines() == [
        "refactor: rename calc_total to compute_total",
        "feat: other",
        "feat: the shop",
    ]
    assert_clean(project)


def test_tests_that_failed_before_do_not_block(scripted, tmp_path):
    files = FILES | {"tests/test_old.py": "def test_old():\n    assert 1 == 2\n"}
    root = make_project(tmp_path / "red", files)
    report = scripted([PLAN, RENAME], directory=root)
    assert report.status == "landed"
    assert "before" in report.verdict.tests.output


def test_a_file_that_cannot_be_collected_does_not_hide_the_other_tests(scripted, tmp_path):
    files = FILES | {"tests/test_old.py": "import a_package_that_is_not_installed\n"}
    root = make_project(tmp_path / "lacking", files)
    report = scripted([PLAN, RENAME], directory=root)
    assert report.status == "landed"
    assert (report.verdict.tests.passed, report.verdict.tests.failed) == (2, 1)


def test_where_no_test_passes_nothing_is_verified_and_nothing_lands(scripted, tmp_path):
    broken = "import a_package_that_is_not_installed\n"
    tests = [path for path in FILES if path.startswith("tests/test_")]
    root = make_project(tmp_path / "lacking", FILES | dict.fromkeys(tests, broken))
    report = scripted([PLAN, RENAME], directory=root)
    assert (report.status, report.exit_code) == ("not landed", ExitCode.NOT_LANDED)
    assert "nothing is verified" in report.message
    assert "def calc_total" in (root / "shop/orders.py").read_text()


@pytest.mark.parametrize(
    "phase", ["index", "selected", "plan", "step_started", "tests_started", "verifying"]
)
def test_ctrl_c_at_any_phase_changes_nothing(scripted, project, phase):
    before = tree(project)

    def press(name):
        if name == phase:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(InterruptedRun) as caught:
        scripted([PLAN, RENAME], watcher=Watcher(on_event=press))
    assert caught.value.exit_code == 130
    assert tree(project) == before
    assert_clean(project)
    assert scripted([PLAN, RENAME]).status == "landed"


def test_sigterm_unwinds_like_ctrl_c(scripted, project):
    def end(name):
        if name == "verifying":
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(InterruptedRun):
        scripted([PLAN, RENAME], watcher=Watcher(on_event=end))
    assert_clean(project)


@pytest.mark.parametrize("task", ["", "   \n", "\u200b\u2060", "x" * 5000])
def test_an_empty_or_enormous_task_is_a_usage_error(scripted, task):
    with pytest.raises(UsageError):
        scripted([], task=task)


def test_a_task_in_another_script_is_read(scripted):
    report = scripted([PLAN, RENAME], task="переименуй calc_total в compute_total 合計")
    assert report.status == "landed"


def test_a_large_model_thinks_before_it_plans(scripted, project):
    plan = "edit shop/orders.py::calc_total: rename it to compute_total\n"
    report = scripted(["plan\n", "I would rename it.", plan, RENAME], parameters=30_000_000_000)
    assert report.status == "landed"
    look, think, plan, step = scripted.engine.asked
    assert (think, plan) == ("think", "plan")
    assert look.endswith("look")
    assert step.rpartition("step: ")[2].startswith("edit shop/orders.py::calc_total")


def test_a_large_model_adds_to_a_test_file_that_it_looked_for(scripted, project):
    test = (
        "add_import tests/test_orders.py from shop import orders\n"
        "add_symbol tests/test_orders.py\n<<<\n"
        "def test_nothing_costs_nothing():\n    assert orders.calc_total([]) == 0\n>>>\n"
    )
    answers = [
        "search test_total\n",
        "plan\n",
        "The tests stand beside the others.",
        "add_symbol tests/test_orders.py: a test of the empty order\n",
        test,
    ]
    report = scripted(answers, task="test the empty order", parameters=30_000_000_000)
    assert report.status == "landed"
    assert "def test_nothing_costs_nothing" in (project / "tests/test_orders.py").read_text()
    assert "tests/test_orders.py:6: def test_total():" in scripted.engine.asked[1]


def test_tests_that_never_ran_are_not_blamed_on_the_model(scripted, project):
    (project / "tests/conftest.py").write_text("import not_installed_here\n")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "broken tests")
    plan = PLAN + "set_value shop/orders.py::MAX_ITEMS\n"
    report = scripted([plan, RENAME, RENAME, RENAME], max_repairs=2)
    assert report.status == "not landed"
    assert "they did not run before this change either" in report.message
    assert len(scripted.engine.asked) == 2  # neither repaired, nor held for later, nor planned anew


def test_the_repositorys_hooks_run_and_their_refusal_reaches_the_model(scripted, project):
    hook = project / ".git/hooks/commit-msg"
    hook.write_text("#!/bin/sh\ngrep -q 'MAX_ITEMS' \"$1\" || { echo no ticket; exit 1; }\n")
    hook.chmod(0o755)
    report = scripted([PLAN, RENAME, SET_LIMIT])
    assert "no ticket" in scripted.engine.asked[2]
    assert report.status == "landed"


def test_a_repository_without_conventional_commits_keeps_its_habit(scripted, project):
    for number in range(6):
        git(project, "commit", "-q", "--allow-empty", "-m", f"Improve things, part {number}")
    scripted([PLAN, RENAME])
    assert git(project, "log", "-1", "--format=%s").strip() == "Rename calc_total to compute_total"


def test_a_red_step_is_tried_again_before_it_waits_for_a_later_one(scripted, project):
    plan = (
        "edit shop/orders.py::calc_total: round the sum\n"
        "edit tests/test_orders.py::test_total: expect it\n"
    )
    red = "replace_statement shop/orders.py::calc_total#1\n<<<\nreturn -sum(items)\n>>>\n"
    green = "replace_statement shop/orders.py::calc_total#1\n<<<\nreturn round(sum(items))\n>>>\n"
    body = "assert calc_total([1.4]) == 1"
    test = f"replace_statement tests/test_orders.py::test_total#1\n<<<\n{body}\n>>>\n"
    answers = ["plan\n", "so", plan, red, green, test]
    report = scripted(answers, parameters=30_000_000_000, max_repairs=2)
    assert report.status == "landed"
    assert [s.status for s in report.steps] == ["committed", "committed"]
    assert "the very same where a later step" in scripted.engine.asked[4]


def test_the_same_answer_again_means_that_a_later_step_makes_it_good(scripted, project):
    plan = (
        "edit shop/orders.py::calc_total: the other sign\n"
        "edit tests/test_orders.py::test_total: expect it\n"
    )
    red = "replace_statement shop/orders.py::calc_total#1\n<<<\nreturn -sum(items)\n>>>\n"
    body = "assert calc_total([1]) == -1"
    test = f"replace_statement tests/test_orders.py::test_total#1\n<<<\n{body}\n>>>\n"
    answers = ["plan\n", "so", plan, red, red, test]
    report = scripted(answers, parameters=30_000_000_000, max_repairs=2)
    assert report.status == "landed"
    assert [s.status for s in report.steps] == ["folded", "committed"]


def test_operations_outside_of_a_steps_files_are_refused(scripted, project):
    before = tree(project)
    plan = "edit shop/orders.py::calc_total: round it\n"
    other = "set_value tests/test_orders.py::NOTHING 3\n"
    foreign = "delete_file pyproject.toml\n"
    answers = ["plan\n", "so", plan, foreign, other, foreign, "plan\n", "so", plan]
    report = scripted(answers, parameters=30_000_000_000, max_repairs=2)
    assert report.status == "not landed"
    assert "this step does not change pyproject.toml" in report.message
    assert tree(project) == before
