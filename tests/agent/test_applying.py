"""`sorte apply`: a script through the same transaction as a run."""

import pytest
from doubles import FILES, Watcher, git

from sorte_cli.agent.applying import apply
from sorte_cli.agent.report import ApplyRequest
from sorte_cli.edits import EditError
from sorte_cli.errors import NotLandedError, UsageError

SCRIPT = (
    "rename shop/orders.py::calc_total compute_total\n"
    "create_file shop/notes.py\n<<<\nNOTE = 1\n>>>\n"
)


@pytest.fixture
def run(project):
    def start(script=SCRIPT, watcher=None, **options):
        request = ApplyRequest(script, project, yes=options.pop("yes", True), **options)
        return apply(request, watcher or Watcher())

    return start


def status(root):
    return git(root, "status", "--porcelain").splitlines()


def test_a_script_lands_as_one_verified_commit(run, project):
    report = run()
    assert report.status == "landed"
    assert report.verdict.tests.passed == 2
    assert git(project, "log", "--format=%s").splitlines() == [
        "refactor: rename calc_total to compute_total and 1 more edit",
        "feat: the shop",
    ]
    assert "Assisted-by" not in git(project, "log", "-1", "--format=%B")
    assert status(project) == []


def test_dry_run_shows_the_diff_and_changes_nothing(run, project):
    report = run(dry_run=True)
    assert "+def compute_total" in report.diff
    assert {(c.path, c.kind) for c in report.changes} >= {("shop/notes.py", "created")}
    assert status(project) == []
    assert "calc_total" in (project / "shop/orders.py").read_text()


def test_without_a_commit_the_files_change_and_the_branch_stays(run, project):
    (project / "mine.txt").write_text("mine")
    git(project, "add", "mine.txt")
    head = git(project, "rev-parse", "HEAD")
    report = run(commit=False)
    assert report.status == "applied"
    assert git(project, "rev-parse", "HEAD") == head
    assert status(project) == [
        "A  mine.txt",
        " M shop/orders.py",
        " M tests/test_orders.py",
        "?? shop/notes.py",
    ]
    assert "def compute_total" in (project / "shop/orders.py").read_text()


def test_one_bad_operation_and_nothing_happens(run, project):
    with pytest.raises(EditError) as caught:
        run(SCRIPT + "set_value shop/orders.py::MAX_ITEM 3\n")
    assert caught.value.exit_code == 4
    assert "MAX_ITEMS" in str(caught.value)
    assert status(project) == []
    assert (project / "shop/orders.py").read_text() == FILES["shop/orders.py"]


def test_a_script_that_breaks_the_tests_does_not_land(run, project):
    report = run("set_value shop/orders.py::MAX_ITEMS -1\n", watcher=Watcher())
    assert report.status == "landed"  # the tests follow the constant: still green
    broken = run(
        "replace_statement shop/orders.py::calc_total#1\n<<<\nreturn 0\n>>>\n", watcher=Watcher()
    )
    assert (broken.status, broken.exit_code) == ("not landed", 1)
    assert "test_total" in broken.message
    assert "return sum(items)" in (project / "shop/orders.py").read_text()
    assert git(project, "branch", "--list", "sorte/*").strip() == broken.branch


def test_an_empty_script_is_a_usage_error(run):
    with pytest.raises(UsageError):
        run("# nothing\n")


def test_operations_that_change_nothing_say_so(run):
    with pytest.raises(NotLandedError, match="nothing"):
        run("set_value shop/orders.py::MAX_ITEMS 20\n")


def test_not_approved_changes_nothing(run, project):
    with pytest.raises(NotLandedError, match="not approved"):
        run(yes=False, watcher=Watcher(approve=False))
    assert status(project) == []
