"""Which module a file is, and which file an import means."""

import pytest

from sorte_cli.edits.python.modules import ModuleMap, ModuleRef

SRC_LAYOUT = [
    "src/shop/__init__.py",
    "src/shop/pix.py",
    "src/shop/api/__init__.py",
    "src/shop/api/v1.py",
    "tests/conftest.py",
    "tests/test_pix.py",
    "setup.py",
]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/shop/__init__.py", "shop"),
        ("src/shop/pix.py", "shop.pix"),
        ("src/shop/api/v1.py", "shop.api.v1"),
        ("setup.py", "setup"),
        ("tests/test_pix.py", "tests.test_pix"),
    ],
)
def test_a_module_is_named_from_the_folder_above_its_topmost_package(path, name):
    assert ModuleMap(SRC_LAYOUT).name_of(path) == name


def test_namespace_packages_count_from_src_or_the_root():
    modules = ModuleMap(["src/shop/pix.py", "lib/tool.py", "app/main.py"])
    assert modules.name_of("src/shop/pix.py") == "shop.pix"
    assert modules.name_of("lib/tool.py") == "tool"
    assert modules.name_of("app/main.py") == "app.main"


def test_a_path_with_a_dash_is_no_module():
    assert ModuleMap(["my-app/main.py"]).name_of("my-app/main.py") == ""


@pytest.mark.parametrize(
    ("dotted", "importer", "found"),
    [
        ("shop", "tests/test_pix.py", "src/shop/__init__.py"),
        ("shop.pix", "tests/test_pix.py", "src/shop/pix.py"),
        ("shop.api", "setup.py", "src/shop/api/__init__.py"),
        ("conftest", "tests/test_pix.py", "tests/conftest.py"),
        ("requests", "tests/test_pix.py", None),
        ("shop.missing", "tests/test_pix.py", None),
    ],
)
def test_an_absolute_import_is_found_from_the_import_roots(dotted, importer, found):
    module = ModuleMap(SRC_LAYOUT).absolute(dotted, importer)
    assert module == (ModuleRef(found) if found else None)


@pytest.mark.parametrize(
    ("level", "dotted", "importer", "found"),
    [
        (1, "pix", "src/shop/__init__.py", "src/shop/pix.py"),
        (1, "", "src/shop/pix.py", "src/shop/__init__.py"),
        (2, "pix", "src/shop/api/v1.py", "src/shop/pix.py"),
        (2, "", "src/shop/api/v1.py", "src/shop/__init__.py"),
        (9, "pix", "src/shop/api/v1.py", None),
    ],
)
def test_a_relative_import_goes_up_one_folder_for_each_further_dot(level, dotted, importer, found):
    module = ModuleMap(SRC_LAYOUT).relative(level, dotted, importer)
    assert module == (ModuleRef(found) if found else None)


def test_a_folder_without_init_is_a_namespace_package():
    modules = ModuleMap(["shop/pix.py"])
    package = modules.absolute("shop", "shop/pix.py")
    assert package == ModuleRef("shop/")
    assert modules.submodule(package, "pix") == ModuleRef("shop/pix.py")


def test_the_source_file_is_preferred_to_its_stub():
    modules = ModuleMap(["shop/__init__.py", "shop/pix.py", "shop/pix.pyi"])
    assert modules.absolute("shop.pix", "a.py") == ModuleRef("shop/pix.py")
    assert modules.twin("shop/pix.py") == "shop/pix.pyi"
    assert modules.twin("shop/pix.pyi") == "shop/pix.py"


def test_two_packages_of_one_name_are_told_apart_by_the_importer():
    paths = ["one/shop/__init__.py", "one/app.py", "two/shop/__init__.py", "two/app.py"]
    modules = ModuleMap(paths)
    assert modules.absolute("shop", "two/app.py") == ModuleRef("two/shop/__init__.py")
    assert modules.absolute("shop", "one/app.py") == ModuleRef("one/shop/__init__.py")
