"""Whole runs, and their undoing, in every kind of repository that has caught somebody out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from history_support import Project, assert_sound, commit_in, git, run_and_land

from sorte_cli.errors import NotLandedError, RefusedError
from sorte_cli.history.journal import Journal
from sorte_cli.history.landing import DirtyConflict
from sorte_cli.history.locking import RunLock
from sorte_cli.history.repository import Repository
from sorte_cli.history.transaction import Transaction
from sorte_cli.history.undoing import redo, undo

STEP: dict[str, bytes | None] = {
    "shop/pay.py": b"x = 1\n",
    "shop/old.py": None,
    "docs/new.md": b"new\n",
}


def full_circle(project: Project, journal: Journal, step: dict[str, bytes | None] = STEP) -> None:
    """Run, undo, redo: each lands with a clean index, and undo brings back the exact bytes."""
    before, head, status = project.files(), project.head(), project.status()
    _, landing = run_and_land(project, journal, step)
    after = project.files()
    assert after != before
    assert project.head() == landing.new
    assert project.status() == status
    assert_sound(project)
    assert undo(project.repo, journal).how == "moved back"
    assert (project.files(), project.head(), project.status()) == (before, head, status)
    redo(project.repo, journal)
    assert (project.files(), project.head(), project.status()) == (after, landing.new, status)
    assert_sound(project)


def test_hostile_git_variables(
    project: Project, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Project.make(tmp_path / "other")
    mine = other.write("notes.txt", "not to be lost")
    state = (other.files(), other.head(), other.status())
    # Not over monkeypatch: the test's own git would follow them too.
    hostile = {
        "GIT_DIR": str(other.root / ".git"),
        "GIT_WORK_TREE": str(other.root),
        "GIT_INDEX_FILE": str(other.root / ".git" / "index"),
        "GIT_PREFIX": "shop/",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OBJECT_DIRECTORY": str(tmp_path / "nowhere"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(tmp_path / "nowhere"),
        "GIT_CONFIG_PARAMETERS": f"'core.worktree={other.root}'",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.worktree",
        "GIT_CONFIG_VALUE_0": str(other.root),
        "GIT_TRACE": "1",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_DEFAULT_HASH": "sha256",
    }
    with monkeypatch.context() as patch:
        for name, value in hostile.items():
            patch.setenv(name, value)
        run_and_land(project, journal, STEP)
        undo(Repository.discover(project.root), journal)
        redo(Repository.discover(project.root), journal)
    assert project.status() == ""
    assert (project.root / "docs/new.md").read_bytes() == b"new\n"
    assert (other.files(), other.head(), other.status()) == state
    assert mine.read_text() == "not to be lost"


def test_a_linked_worktree(project: Project, journal: Journal, tmp_path: Path) -> None:
    project.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    main = project.head()
    full_circle(Project(tmp_path / "side"), journal)
    assert project.head() == main
    assert project.status() == ""


def test_worktree_configuration(project: Project, journal: Journal, tmp_path: Path) -> None:
    project.git("config", "extensions.worktreeConfig", "true")
    project.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = Project(tmp_path / "side")
    side.git("config", "--worktree", "user.name", "Bia")
    full_circle(side, journal)
    full_circle(project, journal)


def test_a_detached_head(project: Project, journal: Journal) -> None:
    main = project.head()
    project.git("checkout", "--quiet", "--detach")
    full_circle(project, journal)
    assert project.git("rev-parse", "main").strip() == main
    assert project.repo.branch() is None


def test_a_shallow_clone(project: Project, journal: Journal, tmp_path: Path) -> None:
    for number in range(3):
        project.write("notes.txt", f"{number}\n")
        project.commit(f"commit {number}")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project.root}", "shallow")
    full_circle(Project(tmp_path / "shallow"), journal)


def test_a_separate_git_directory_and_odd_folder_names(tmp_path: Path, journal: Journal) -> None:
    root = tmp_path / "meu projeto (ção) \n 'x'"
    project = Project.make(root)
    git(root, "init", "--quiet", f"--separate-git-dir={tmp_path / 'git dir'}")
    full_circle(project, journal)


def test_a_submodule_as_the_repository(project: Project, journal: Journal, tmp_path: Path) -> None:
    outer = Project.make(tmp_path / "outer", {"README": b"outer\n"})
    allow = ("-c", "protocol.file.allow=always")
    outer.git(*allow, "submodule", "--quiet", "add", str(project.root), "libs/shop")
    outer.commit("submodule")
    inner = Project(outer.root / "libs/shop")
    full_circle(inner, journal)
    assert outer.status().strip() == "M libs/shop"


def test_a_repository_with_a_submodule(project: Project, journal: Journal, tmp_path: Path) -> None:
    lib = Project.make(tmp_path / "lib", {"lib.py": b"lib\n"})
    allow = ("-c", "protocol.file.allow=always")
    project.git(*allow, "submodule", "--quiet", "add", str(lib.root), "lib")
    project.commit("submodule")
    project.write("lib/lib.py", "dirty inside\n")
    full_circle(project, journal)
    assert (project.root / "lib/lib.py").read_bytes() == b"dirty inside\n"
    with (
        RunLock(project.repo),
        Transaction.begin(project.repo, "run-x") as transaction,
        pytest.raises(RefusedError, match="lib is a submodule"),
    ):
        commit_in(transaction, {"lib/new.py": b"1\n"})


def test_a_sparse_checkout(project: Project, journal: Journal) -> None:
    project.write("big/data.txt", "much\n")
    project.commit("big")
    project.git("sparse-checkout", "set", "shop", "docs")
    assert not (project.root / "big").exists()
    full_circle(project, journal)
    assert not (project.root / "big").exists()
    with (
        RunLock(project.repo),
        Transaction.begin(project.repo, "run-x") as transaction,
        pytest.raises(RefusedError, match="outside the sparse checkout"),
    ):
        commit_in(transaction, {"big/data.txt": b"1\n"})


@pytest.mark.parametrize("setting", ["true", "input"])
def test_core_autocrlf(project: Project, journal: Journal, setting: str) -> None:
    project.git("config", "core.autocrlf", setting)
    project.write("windows.txt", b"one\r\ntwo\r\n")
    project.commit("windows")
    with RunLock(project.repo), Transaction.begin(project.repo, "run-x") as transaction:
        seen = (transaction.root / "windows.txt").read_bytes()
    assert seen == (b"one\r\ntwo\r\n" if setting == "true" else b"one\ntwo\n")
    full_circle(project, journal, {**STEP, "windows.txt": seen + b"three\n"})


def test_line_endings_on_disk_that_git_would_not_write_come_back_exactly(
    project: Project, journal: Journal
) -> None:
    # Mixed endings are neither what is committed nor what a checkout writes; git says clean.
    mixed = b"one\r\ntwo\n"
    project.write(".gitattributes", "*.txt text eol=crlf\n")
    project.write("notes.txt", mixed)
    project.commit("attributes")
    assert (project.root / "notes.txt").read_bytes() == mixed
    assert project.status() == ""
    full_circle(project, journal, {"notes.txt": b"one\r\ntwo\r\nmore\r\n"})
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "--prune=now", "--quiet")
    undo(project.repo, journal)
    assert (project.root / "notes.txt").read_bytes() == mixed
    project.git("gc", "--prune=now", "--quiet")
    redo(project.repo, journal)
    assert (project.root / "notes.txt").read_bytes() == b"one\r\ntwo\r\nmore\r\n"
    assert_sound(project)


def test_crlf_files_committed_before_autocrlf_was_set(project: Project, journal: Journal) -> None:
    project.write("windows.txt", b"one\r\ntwo\r\n")
    project.commit("crlf in the repository")
    project.git("config", "core.autocrlf", "true")
    full_circle(project, journal, {"windows.txt": b"one\r\nTWO\r\n"})


def test_a_missing_filter_does_not_stop_runs_that_leave_its_files_alone(
    project: Project, journal: Journal
) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    project.write("picture.bin", pointer)
    project.commit("picture")
    project.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    project.git("add", ".gitattributes")
    project.git("commit", "--quiet", "-m", "attributes")
    for key in ("clean", "smudge", "process"):
        project.git("config", f"filter.lfs.{key}", f"git-lfs-is-not-here {key}")
    project.git("config", "filter.lfs.required", "true")
    head = project.head()
    _, landing = run_and_land(project, journal, STEP)
    assert undo(project.repo, journal).commit == head
    assert redo(project.repo, journal).commit == landing.new
    assert (project.root / "picture.bin").read_bytes() == pointer
    assert_sound(project)


def test_a_filter_that_works_is_applied_both_ways(project: Project, journal: Journal) -> None:
    project.write(".gitattributes", "*.rot filter=rot\n")
    project.git("config", "filter.rot.clean", "tr a-z b-za")
    project.git("config", "filter.rot.smudge", "tr b-za a-z")
    project.write("secret.rot", b"hal\n")
    project.commit("rot")
    assert project.git("show", "HEAD:secret.rot") == "ibm\n"
    full_circle(project, journal, {"secret.rot": b"hello\n"})
    assert project.git("show", "HEAD:secret.rot") == "ifmmp\n"


def test_a_hanging_fsmonitor_and_odd_settings(project: Project, journal: Journal) -> None:
    for key, value in {
        "core.fsmonitor": "sleep 30; false",
        "core.untrackedCache": "true",
        "core.splitIndex": "true",
        "index.version": "4",
        "commit.template": "no/such/template",
        "commit.verbose": "true",
        "commit.cleanup": "scissors",
        "core.commentChar": "auto",
        "core.quotePath": "true",
        "core.pager": "false",
        "core.editor": "false",
        "diff.noprefix": "true",
        "diff.renames": "copies",
        "diff.external": "false",
        "status.short": "true",
        "color.ui": "always",
        "i18n.commitEncoding": "ISO-8859-1",
        "log.showSignature": "true",
        "merge.ff": "only",
        "submodule.recurse": "true",
        "worktree.guessRemote": "true",
        "checkout.defaultRemote": "nowhere",
        "rerere.enabled": "true",
    }.items():
        project.git("config", key, value)
    with RunLock(project.repo), Transaction.begin(project.repo, "run-x") as transaction:
        commit = commit_in(transaction, STEP, "feat: preço\n\n# stays")
    assert "\n\nfeat: preço\n\n# stays\n" in project.git("cat-file", "commit", commit)
    project.git("config", "core.fsmonitor", "false")
    full_circle(project, journal)


def test_file_names_that_are_not_utf8_or_look_like_pathspecs(
    project: Project, journal: Journal
) -> None:
    odd = os.fsdecode(b"caf\xe9.py")
    step: dict[str, bytes | None] = {
        odd: b"1\n",
        ":(glob)*": b"2\n",
        "[a-z]*.py": b"3\n",
        "-rf": b"4\n",
        "tab\tnew\nline.py": b"5\n",
        'quo"te\\.py': b"6\n",
        " space ": b"7\n",
        "日本/ção.py": b"8\n",
    }
    full_circle(project, journal, step)
    full_circle(project, journal, dict.fromkeys(step, b"changed\n"))
    full_circle(project, journal, dict.fromkeys(step))


def test_very_long_paths(project: Project, journal: Journal) -> None:
    deep = "/".join(["a" * 200] * 15) + "/" + "b" * 240 + ".py"
    full_circle(project, journal, {deep: b"1\n"})


def test_sha256_repositories(tmp_path: Path, journal: Journal) -> None:
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "--initial-branch=main", "new")
    project = Project(tmp_path / "new")
    project.write("shop/pay.py", "x\n")
    project.write("shop/old.py", "y\n")
    project.commit("first")
    full_circle(project, journal)


def test_file_modes_that_git_is_told_to_ignore(project: Project, journal: Journal) -> None:
    project.git("config", "core.fileMode", "false")
    (project.root / "shop/pay.py").chmod(0o755)
    (project.root / "tool.sh").chmod(0o644)
    full_circle(project, journal, {**STEP, "tool.sh": b"#!/bin/sh\necho more\n"})
    assert project.git("ls-files", "--stage", "tool.sh").startswith("100755")


def test_a_case_insensitive_checkout_does_not_overwrite(project: Project, journal: Journal) -> None:
    # What a case-insensitive file system shows: the other spelling is there already.
    project.git("config", "core.ignoreCase", "true")
    project.write("SHOP2.py", "mine")
    (project.root / "shop2.py").hardlink_to(project.root / "SHOP2.py")
    repo = project.repo
    with RunLock(repo):
        run = journal.start_run(repo, "t", "apply", "").id
        with Transaction.begin(repo, run) as transaction:
            commit_in(transaction, {"shop2.py": b"1\n"})
            with pytest.raises(DirtyConflict):
                transaction.land(journal, run)
    assert (project.root / "SHOP2.py").read_text() == "mine"


def test_symlinks_of_the_user_stay_links(project: Project, journal: Journal) -> None:
    (project.root / "link").symlink_to("shop/pay.py")
    (project.root / "folder").symlink_to("shop")
    project.commit("links")
    (project.root / "untracked-link").symlink_to("/etc/hostname")
    full_circle(project, journal)
    assert (project.root / "link").readlink() == Path("shop/pay.py")
    assert (project.root / "folder").is_symlink()


def test_a_run_begun_from_a_symlinked_path(
    project: Project, journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "alias").symlink_to(project.root)
    repo = Repository.discover(tmp_path / "alias" / "shop")
    assert repo.root == project.root
    full_circle(Project(tmp_path / "alias"), journal)


def test_packed_refs_and_a_branch_with_slashes(project: Project, journal: Journal) -> None:
    project.git("switch", "--quiet", "-c", "feat/pix/parcelado")
    project.git("pack-refs", "--all")
    project.git("tag", "v1")
    full_circle(project, journal)
    assert project.git("rev-parse", "--abbrev-ref", "HEAD").strip() == "feat/pix/parcelado"


def test_aliases_and_a_branch_named_like_a_file(project: Project, journal: Journal) -> None:
    project.git("config", "alias.commit", "!false")
    project.git("branch", "docs/new.md")
    project.git("switch", "--quiet", "-c", "notes.txt")
    full_circle(project, journal)


SIGNER = (
    "#!/bin/sh\ncat > /dev/null\n"
    'echo "[GNUPG:] SIG_CREATED D 1 8 00 1 X" >&2\n'
    "printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nabc\\n-----END PGP SIGNATURE-----\\n'\n"
)
ONLY_SIGNED = (
    "#!/bin/sh\n[ $1 = prepared ] || exit 0\n"
    "while read old new ref; do case $ref in refs/heads/*)\n"
    "  git cat-file commit $new | grep -q '^gpgsig' || exit 1;;\nesac; done\n"
)


def test_where_only_signed_commits_are_let_in(
    project: Project, journal: Journal, tmp_path: Path
) -> None:
    hook = project.write(".git/hooks/reference-transaction", ONLY_SIGNED)
    hook.chmod(0o755)
    before = project.files(), project.head(), project.status()
    with pytest.raises(NotLandedError, match="git did not move main"):
        run_and_land(project, journal, STEP)
    assert (project.files(), project.head(), project.status()) == before
    assert_sound(project)
    signer = tmp_path / "signer"
    signer.write_text(SIGNER)
    signer.chmod(0o755)
    project.git("config", "commit.gpgsign", "true")
    project.git("config", "gpg.program", str(signer))
    for name in ("log.showSignature", "merge.verifySignatures"):
        project.git("config", name, "true")
    _, landing = run_and_land(project, journal, STEP)
    assert "gpgsig" in project.git("cat-file", "commit", landing.new)
    assert_sound(project)


def test_templates_that_bring_hooks_and_settings(tmp_path: Path, journal: Journal) -> None:
    template, said = tmp_path / "template", tmp_path / "said"
    for name in ("post-checkout", "post-index-change", "post-rewrite", "pre-auto-gc"):
        hook = template / "hooks" / name
        hook.parent.mkdir(parents=True, exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho {name} >> '{said}'\n")
        hook.chmod(0o755)
    (template / "info").mkdir()
    (template / "info/exclude").write_text("*.tmp\n.sorte-*\n")
    git(tmp_path, "config", "--file", os.environ["GIT_CONFIG_GLOBAL"], "init.templateDir", template)
    project = Project.make(tmp_path / "shop")
    said.unlink(missing_ok=True)  # the user's own git has run them
    with RunLock(project.repo), Transaction.begin(project.repo, "run-x"):
        pass
    assert not said.exists()
    full_circle(project, journal)


def test_the_daemon_that_watches_files_is_not_started(project: Project, journal: Journal) -> None:
    project.git("config", "core.fsmonitor", "true")
    run_and_land(project, journal, STEP)
    undo(project.repo, journal)
    assert not list((project.root / ".git").rglob("fsmonitor--daemon*"))
