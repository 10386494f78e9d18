"""Projects as people have them: environments, editable installs, build products, git inside."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from guardian_support import Project, git, make_project, write_files

from sorte_cli.guardian import Limits, Sandbox, detect_test_command
from sorte_cli.guardian.mounts import (
    MountPoints,
    hidden_folders,
    ignored_artefacts,
    tools_to_show,
)

SRC_LAYOUT = {
    ".gitignore": ".venv/\n*.so\n.env\n_version.py\n*.sqlite3\n",
    "src/shop/__init__.py": "VALUE = 'old'\n",
    "tests/test_shop.py": (
        "import shop\n\n\ndef test_value():\n    assert shop.VALUE == 'new', shop.__file__\n"
    ),
    "pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\n[tool.pytest.ini_options]\n",
}


def make_environment(project: Project, name: str = ".venv") -> Path:
    """A virtual environment in which the project is installed editable; its interpreter."""
    folder = project.repository / name
    venv.create(folder, symlinks=True)
    site = next(folder.glob("lib/python3*/site-packages"))
    (site / "__editable__.shop-1.pth").write_text(f"{project.repository / 'src'}\n")
    return folder / "bin" / "python"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return make_project(tmp_path, SRC_LAYOUT)


def test_an_editable_install_tests_the_new_code(shop: Project, sandbox: Sandbox) -> None:
    python = make_environment(shop)
    code = "import shop; print(shop.VALUE)"
    outside = subprocess.run([str(python), "-c", code], capture_output=True, text=True)
    assert outside.stdout == "old\n"
    shop.write({"src/shop/__init__.py": "VALUE = 'new'\n"})
    assert shop.run(sandbox, [str(python), "-c", code]).output == "new\n"


def test_the_test_runner_finds_the_environment_and_tests_the_new_code(
    shop: Project, sandbox: Sandbox
) -> None:
    python = make_environment(shop)
    shop.write({"src/shop/__init__.py": "VALUE = 'new'\n"})
    command = detect_test_command(shop.worktree, shop.repository)
    assert command is not None
    assert command.argv[0] == str(python)
    assert "Sorte's own" in command.note  # the environment has no pytest
    report = shop.test(sandbox, command)
    assert (report.status, report.passed) == ("passed", 1), report.output
    shop.write({"src/shop/__init__.py": "VALUE = 'wrong'\n"})
    assert shop.test(sandbox, command).failures == ("tests/test_shop.py::test_value",)


@pytest.mark.parametrize("layout", ["src", "."])
def test_an_installed_copy_does_not_hide_the_new_code(
    tmp_path: Path, sandbox: Sandbox, layout: str
) -> None:
    files = {f"{layout}/shop/__init__.py": "VALUE = 'old'\n", ".gitignore": ".venv/\n"}
    project = make_project(tmp_path, files)
    folder = project.repository / ".venv"
    venv.create(folder, symlinks=True)
    site = next(folder.glob("lib/python3*/site-packages"))
    write_files(site, {"shop/__init__.py": "VALUE = 'installed'\n"})
    project.write({f"{layout}/shop/__init__.py": "VALUE = 'new'\n"})
    script = project.worktree / "bin" / "show.py"  # its own folder comes first on the path
    write_files(script.parent, {"show.py": "import shop; print(shop.VALUE)\n"})
    ran = project.run(sandbox, [str(folder / "bin" / "python"), "bin/show.py"])
    assert ran.output == "new\n"


def test_a_src_folder_that_is_not_installed_is_found(shop: Project, sandbox: Sandbox) -> None:
    shop.write({"src/shop/__init__.py": "VALUE = 'new'\n"})
    report = shop.test(sandbox)
    assert (report.status, report.passed) == ("passed", 1), report.output


def test_an_absolute_path_of_the_repository_means_the_new_code(
    shop: Project, bubblewrap: Sandbox
) -> None:
    shop.write({"src/shop/__init__.py": "VALUE = 'new'\n"})
    path = shop.repository / "src" / "shop" / "__init__.py"
    assert shop.run(bubblewrap, ["cat", str(path)]).output == "VALUE = 'new'\n"
    assert shop.run(bubblewrap, ["pwd"]).output == f"{shop.repository}\n"


def test_ignored_dependencies_are_there_read_only_and_secrets_are_not(
    shop: Project, bubblewrap: Sandbox
) -> None:
    make_environment(shop)
    write_files(
        shop.repository,
        {
            "src/shop/_speed.so": "native",
            "src/shop/_version.py": "version = '1'\n",
            ".env": "PASSWORD=1\n",
            "customers.sqlite3": "data",
        },
    )
    before = shop.listing()
    look = shop.run(
        bubblewrap, ["find", ".", "-maxdepth", "3", "-name", "*.s*", "-o", "-name", ".*"]
    )
    names = set(look.output.split())
    assert {"./src/shop/_speed.so", "./.venv"} <= names
    assert not {"./.env", "./customers.sqlite3"} & names
    assert shop.run(bubblewrap, ["cat", "src/shop/_version.py"]).output == "version = '1'\n"
    for place in (".venv/x", "src/shop/_speed.so"):
        assert "Read-only" in shop.run(bubblewrap, ["touch", place]).output
    assert shop.listing() == before


def test_what_the_worktree_holds_itself_is_not_covered(tmp_path: Path, bubblewrap: Sandbox) -> None:
    project = make_project(tmp_path, {"vendor/lib.txt": "tracked\n", ".gitignore": "_version.py\n"})
    write_files(project.repository, {"vendor/lib.txt": "dirty\n", "_version.py": "ignored\n"})
    project.write({"_version.py": "of the run\n"})
    assert project.run(bubblewrap, ["cat", "vendor/lib.txt"]).output == "tracked\n"
    assert project.run(bubblewrap, ["cat", "_version.py"]).output == "of the run\n"


def test_nested_and_linked_dependency_folders_are_there(
    tmp_path: Path, bubblewrap: Sandbox
) -> None:
    files = {".gitignore": "node_modules\n.venv\n", "web/package.json": "{}\n"}
    project = make_project(tmp_path, files)
    write_files(project.repository, {"web/node_modules/vue/index.js": "vue\n"})
    elsewhere = tmp_path / "environments" / "shop"
    venv.create(elsewhere, symlinks=True)
    (project.repository / ".venv").symlink_to(elsewhere)
    assert project.run(bubblewrap, ["cat", "web/node_modules/vue/index.js"]).output == "vue\n"
    asked = project.run(bubblewrap, [".venv/bin/python", "-c", "import sys; print(sys.prefix)"])
    assert asked.returncode == 0, asked.output
    assert not (project.worktree / "web" / "node_modules").exists()
    assert not os.path.lexists(project.worktree / ".venv")


def test_a_submodule_is_there(tmp_path: Path, bubblewrap: Sandbox) -> None:
    library = make_project(tmp_path / "library", {"lib.txt": "of the submodule\n"})
    project = make_project(tmp_path, {"a.txt": "a\n"})
    source = str(library.repository)
    allow = ("-c", "protocol.file.allow=always")
    git(project.repository, *allow, "submodule", "--quiet", "add", source, "deps/lib")
    git(project.repository, "commit", "--quiet", "--message=submodule")
    git(project.worktree, "checkout", "--quiet", "--detach", "main")
    assert project.run(bubblewrap, ["cat", "deps/lib/lib.txt"]).output == "of the submodule\n"


def test_git_answers_inside_and_sees_the_new_code(shop: Project, bubblewrap: Sandbox) -> None:
    shop.write({"src/shop/__init__.py": "VALUE = 'new'\n"})
    assert shop.run(bubblewrap, ["git", "log", "--format=%s"]).output == "base\n"
    status = shop.run(bubblewrap, ["git", "status", "--short"])
    assert status.output == " M src/shop/__init__.py\n"
    top = shop.run(bubblewrap, ["git", "rev-parse", "--show-toplevel"])
    assert top.output == f"{shop.repository}\n"


def test_a_test_may_make_repositories_of_its_own(shop: Project, bubblewrap: Sandbox) -> None:
    script = (
        "cd $(mktemp -d) && git init -q && echo x > f && git add f && "
        "git -c user.name=a -c user.email=a@b commit -q -m own && git log --format=%s"
    )
    assert shop.run(bubblewrap, ["sh", "-c", script]).output.splitlines()[-1] == "own"


def test_a_repository_that_is_a_linked_worktree_itself(
    shop: Project, bubblewrap: Sandbox, tmp_path: Path
) -> None:
    users = tmp_path / "linked"
    git(shop.repository, "worktree", "add", "--quiet", "-b", "topic", str(users))
    ran = bubblewrap.run(
        ["git", "log", "--format=%s"],
        worktree=shop.worktree,
        repository=users,
        common_dir=shop.common_dir,
        limits=Limits(timeout_s=60),
    )
    assert ran.output == "base\n"


def test_tests_may_run_on_the_repository_itself(shop: Project, bubblewrap: Sandbox) -> None:
    ran = bubblewrap.run(
        ["sh", "-c", "git log --format=%s; touch .git/x"],
        worktree=shop.repository,
        repository=shop.repository,
        common_dir=shop.common_dir,
        limits=Limits(timeout_s=60),
    )
    assert ran.output.startswith("base\n")
    assert "Read-only" in ran.output


def test_a_shared_clone_finds_its_objects(
    shop: Project, bubblewrap: Sandbox, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--shared", str(shop.repository), str(clone))
    worktree = clone / ".git" / "sorte" / "run"
    git(clone, "worktree", "add", "--quiet", "--detach", str(worktree))
    ran = bubblewrap.run(
        ["git", "log", "--format=%s"],
        worktree=worktree,
        repository=clone,
        common_dir=clone / ".git",
        limits=Limits(timeout_s=60),
    )
    assert ran.output == "base\n"


def test_odd_names_are_no_trouble(tmp_path: Path, bubblewrap: Sandbox) -> None:
    project = make_project(tmp_path / "pasta com espaço e 'aspas'", {"naïve file.txt": "ok\n"})
    assert project.run(bubblewrap, ["cat", "naïve file.txt"]).output == "ok\n"


def test_nothing_is_left_behind_even_after_a_timeout(shop: Project, bubblewrap: Sandbox) -> None:
    make_environment(shop)
    before = shop.listing()
    ran = shop.run(bubblewrap, ["sleep", "60"], limits=Limits(timeout_s=0.5))
    assert ran.timed_out
    assert shop.listing() == before
    assert git(shop.worktree, "status", "--short", "--ignored") == ""


def test_removing_mount_points_follows_no_link(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "pkg").mkdir(parents=True)
    (outside / ".venv").mkdir(parents=True)
    (outside / "empty.so").touch()
    points = MountPoints(root, ["pkg/.venv", "pkg/empty.so", "made/lib.so", "kept/full.so"])
    (root / "made").mkdir()
    (root / "made" / "lib.so").touch()
    write_files(root, {"kept/full.so": "something"})
    (root / "pkg").rmdir()
    (root / "pkg").symlink_to(outside)
    points.remove()
    assert (outside / ".venv").is_dir()
    assert (outside / "empty.so").is_file()
    assert not (root / "made").exists()
    assert (root / "kept" / "full.so").read_text() == "something"


def test_only_artefacts_are_borrowed(tmp_path: Path) -> None:
    project = make_project(
        tmp_path, {".gitignore": "*\n!.gitignore\n!src/\n!src/a.py\n", "src/a.py": ""}
    )
    write_files(
        project.repository,
        {
            "my env/pyvenv.cfg": "home = /usr/bin\n",
            "src/a.egg-info/PKG-INFO": "x",
            "src/fast.cpython-311.so": "x",
            "src/secrets.py": "x",
            ".envrc": "x",
            ".env/token": "x",
            "keys/id": "x",
        },
    )
    found = ignored_artefacts(project.repository)
    assert found == ("my env", "src/a.egg-info", "src/fast.cpython-311.so")


def fake_interpreter(prefix: Path, version: str = "3.12") -> Path:
    write_files(prefix, {f"lib/python{version}/os.py": "", f"bin/python{version}": "binary"})
    program = prefix / "bin" / f"python{version}"
    program.chmod(0o755)
    return program


def test_an_interpreter_under_home_is_shown_and_the_rest_of_home_is_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    store = home / "pythons"
    real = fake_interpreter(store / "cpython-3.12.4")
    (store / "cpython-3.12").symlink_to("cpython-3.12.4")
    (home / "bin-links").mkdir()
    link = home / "bin-links" / "python3.12"
    link.symlink_to(store / "cpython-3.12" / "bin" / "python3.12")
    environment = tmp_path / "repository" / ".venv"
    write_files(environment, {"pyvenv.cfg": f"home = {store}/cpython-3.12/bin\n", "bin/x": ""})
    (environment / "bin" / "python").symlink_to(link)
    shown = tools_to_show(
        [str(environment / "bin" / "python")],
        wanted=[],
        hidden=[home],
        env={"HOME": str(home), "PATH": "/usr/bin"},
        repository=tmp_path / "repository",
    )
    assert real.parent.parent in shown.paths
    assert (link, str(link.readlink())) in shown.links
    assert store / "cpython-3.12" in shown.paths
    assert home not in shown.paths
    assert store not in shown.paths


def test_an_environment_whose_interpreter_is_a_link_in_the_home_works(
    shop: Project, bubblewrap: Sandbox, own_home: Path
) -> None:
    python = make_environment(shop)
    real = python.resolve()
    link = own_home / "tools" / "python3"
    link.parent.mkdir()
    link.symlink_to(real)
    for name in python.parent.glob("python*"):
        name.unlink()
    python.symlink_to(link)
    ran = shop.run(bubblewrap, [str(python), "-c", "import shop; print(shop.VALUE)"])
    assert ran.output == "old\n"


def test_a_folder_on_path_does_not_show_the_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_files(home, {"bin/tool": "", ".local/bin/tool": "", ".ssh/id": ""})
    shown = tools_to_show(
        ["tool"],
        wanted=[],
        hidden=[home],
        env={"HOME": str(home), "PATH": f"{home}:{tmp_path}:{home}/bin:{home}/.local/bin:."},
        repository=tmp_path / "repository",
    )
    assert shown.paths == (home / ".local" / "bin", home / "bin")


def test_hidden_folders_do_not_repeat_each_other() -> None:
    hidden = hidden_folders(Path("/tmp"))
    assert Path("/tmp") in hidden
    assert Path("/") not in hidden
    assert len(hidden) == len(set(hidden))


def test_the_interpreter_that_runs_sorte_works_inside(
    project: Project, bubblewrap: Sandbox
) -> None:
    ran = project.python(bubblewrap, "import sys; print(sys.prefix)")
    assert ran.output == f"{sys.prefix}\n"


def give_pytest(environment: Path) -> None:
    """A pytest in an environment: the one that runs this test."""
    site = next(environment.glob("lib/python3*/site-packages"))
    own = Path(pytest.__file__).parent.parent
    (site / "lent.pth").write_text(f"{own}\n", encoding="utf-8")
    (site / "pytest").mkdir()


@pytest.mark.parametrize("kind", ["uv", "poetry", "tox", "nox"])
def test_environments_of_other_tools_are_found_and_work(
    tmp_path: Path, bubblewrap: Sandbox, own_home: Path, kind: str
) -> None:
    files = {**SRC_LAYOUT, ".gitignore": ".venv/\n.tox/\n.nox/\n"}
    if kind == "poetry":
        files["pyproject.toml"] = "[tool.poetry]\nname = 'My Shop'\n[tool.pytest.ini_options]\n"
    project = make_project(tmp_path, files)
    digest = hashlib.sha256(str(project.repository).encode()).digest()
    hashed = base64.urlsafe_b64encode(digest).decode()[:8]
    folder = {
        "uv": project.repository / ".venv",
        "poetry": own_home / f".cache/pypoetry/virtualenvs/my_shop-{hashed}-py3.11",
        "tox": project.repository / ".tox" / "py311",
        "nox": project.repository / ".nox" / "tests-3-11",
    }[kind]
    venv.create(folder, symlinks=True)
    if kind == "uv":  # its interpreters live in the home, and the environment links to one
        real = own_home / ".local/share/uv/python/cpython-3.11/bin/python3.11"
        real.parent.mkdir(parents=True)
        real.symlink_to(os.path.realpath(sys.executable))
        (folder / "bin" / "python").unlink()
        (folder / "bin" / "python").symlink_to(real)
        (folder / "uv.lock").touch()
    give_pytest(folder)
    project.write({"src/shop/__init__.py": "VALUE = 'new'\n"})
    command = detect_test_command(project.worktree, project.repository)
    assert command is not None
    assert command.argv[0] == str(folder / "bin" / "python")
    report = project.test(bubblewrap, command)
    assert (report.status, report.passed) == ("passed", 1), report.output
    if kind in ("tox", "nox"):
        assert "Read-only" in project.run(bubblewrap, ["touch", str(folder / "x")]).output


def test_namespace_packages_of_several_folders_test_the_new_code(
    tmp_path: Path, bubblewrap: Sandbox
) -> None:
    files = {
        "src/acme/shop/__init__.py": "VALUE = 'old'\n",
        "plugins/acme/more/__init__.py": "VALUE = 'old'\n",
        "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['plugins']\n",
        "tests/test_both.py": (
            "import acme.more\nimport acme.shop\n\n\ndef test_both():\n"
            "    assert (acme.shop.VALUE, acme.more.VALUE) == ('new', 'new')\n"
        ),
    }
    project = make_project(tmp_path, files)
    for path in ("src/acme/shop/__init__.py", "plugins/acme/more/__init__.py"):
        project.write({path: "VALUE = 'new'\n"})
    report = project.test(bubblewrap)
    assert (report.status, report.passed) == ("passed", 1), report.output


def test_vendored_packages_of_composer_run_the_new_code(
    tmp_path: Path, bubblewrap: Sandbox
) -> None:
    """A stand-in for PHPUnit: like the real one a program in vendor, which loads the rest."""
    project = make_project(
        tmp_path,
        {".gitignore": "vendor/\n", "composer.json": "{}", "src/Cart.php": "old\n"},
    )
    write_files(
        project.repository,
        {
            "vendor/bin/phpunit": '#!/bin/sh\n. "$(dirname "$0")/../autoload.sh"\n',
            "vendor/autoload.sh": (
                'bad="<failure>old</failure>"; [ "$(cat src/Cart.php)" = new ] && bad=\n'
                'echo "<testsuites><testcase name=\\"test_it\\" class=\\"CartTest\\" '
                'file=\\"$PWD/tests/CartTest.php\\">$bad</testcase></testsuites>" > "$2"\n'
                '[ -z "$bad" ]\n'
            ),
        },
    )
    (project.repository / "vendor/bin/phpunit").chmod(0o755)
    command = detect_test_command(project.worktree, project.repository)
    assert command is not None
    assert command.kind == "phpunit"
    report = project.test(bubblewrap, command)
    assert report.failures == ("tests/CartTest.php::test_it",), report.output
    project.write({"src/Cart.php": "new\n"})
    report = project.test(bubblewrap, command)
    assert (report.status, report.passed) == ("passed", 1), report.output


def test_vendored_packages_of_npm_run_the_new_code(tmp_path: Path, bubblewrap: Sandbox) -> None:
    """Links between packages, as npm's workspaces and pnpm's store make them, lead somewhere."""
    project = make_project(
        tmp_path,
        {".gitignore": "node_modules/\n", "package.json": "{}", "packages/money/value": "old\n"},
    )
    write_files(project.repository, {"node_modules/.store/left@1/left/value": "left\n"})
    modules = project.repository / "node_modules"
    (modules / "left").symlink_to(".store/left@1/left")
    (modules / "money").symlink_to("../packages/money")
    project.write({"packages/money/value": "new\n"})
    look = ["cat", "node_modules/left/value", "node_modules/money/value"]
    assert project.run(bubblewrap, look).output == "left\nnew\n"
