"""Dependencies that a change brings: held against a database here, and against common sense."""

from __future__ import annotations

import itertools
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorte_cli.domain import ChangeSet, FileChange, Finding, Severity
from sorte_cli.guardian.checks import check
from sorte_cli.guardian.dependencies import check_dependencies
from sorte_cli.guardian.manifests import kind_of, read_manifest
from sorte_cli.guardian.versions import compare

COMMIT = "a" * 40
ENTRY = {
    "id": "PYSEC-1",
    "aliases": ["CVE-2030-1", "GHSA-1"],
    "summary": "it lets anybody in",
    "database_specific": {"severity": "CRITICAL"},
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Open.Door"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "1.10.2"}]},
                {"type": "GIT", "events": [{"introduced": "0"}]},
            ],
        }
    ],
}
TWIN = {**ENTRY, "id": "GHSA-1", "aliases": ["PYSEC-1"]}
NPM = {
    "id": "GHSA-2",
    "affected": [
        {
            "package": {"ecosystem": "npm", "name": "left-door"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}],
        }
    ],
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"SORTE_{name}_DIR", str(tmp_path / name.lower()))
    return tmp_path / "cache"


@pytest.fixture
def database(tmp_path: Path) -> str:
    folder = tmp_path / "osv"
    (folder / "advisories" / "2030").mkdir(parents=True)
    (folder / "advisories" / "2030" / "GHSA-2.json").write_text(json.dumps(NPM), encoding="utf-8")
    (folder / "advisories" / "broken.json").write_text("{", encoding="utf-8")
    (folder / "advisories" / "odd.json").write_text(
        '{"id": "X", "affected": [3]}', encoding="utf-8"
    )
    (folder / "PyPI").mkdir()
    with zipfile.ZipFile(folder / "PyPI" / "all.zip", "w") as archive:
        archive.writestr("PYSEC-1.json", json.dumps(ENTRY))
        archive.writestr("GHSA-1.json", json.dumps(TWIN))
        archive.writestr("W.json", json.dumps({**ENTRY, "id": "W", "withdrawn": "2030"}))
    return str(folder)


def audit(path: str, before: str | None, after: str, folder: str = "") -> tuple[Finding, ...]:
    content = None if before is None else before.encode()
    found, notes = check_dependencies(
        ChangeSet.of([FileChange(path, content, after.encode())]), folder=folder
    )
    assert notes == ()
    return found


def rules(path: str, before: str | None, after: str) -> list[tuple[str, int]]:
    return [(f.rule, f.line) for f in audit(path, before, after)]


@pytest.mark.parametrize(
    ("version", "known"),
    [("1.9", True), ("1.10.1", True), ("1.10.2", False), ("0.9", False), ("1.10.2rc1", True)],
)
def test_a_version_with_a_known_fault_is_found(database: str, version: str, known: bool) -> None:
    found = audit("requirements.txt", "click\n", f"click\nopen_door=={version}\n", database)
    assert [(f.rule, f.line, f.severity) for f in found] == [
        ("known-vulnerability", 2, Severity.CRITICAL)
    ] * known
    if known:
        assert f"open_door {version} is known to be vulnerable (" in found[0].message
        assert "it lets anybody in; mended in 1.10.2" in found[0].message
        assert found[0].snippet == f"open_door=={version}"


def test_what_was_there_before_is_no_news(database: str) -> None:
    before = "open_door==1.9\n"
    assert audit("requirements.txt", before, before + "click==8.1.0\n", database) == ()
    assert audit("requirements.txt", before, "open_door==1.8\n", database) != ()


def test_lock_files_are_audited_and_said_once(database: str) -> None:
    lock = {
        "packages": {
            "": {"name": "shop"},
            "node_modules/left-door": {"version": "1.2.3", "integrity": "sha512-x"},
        }
    }
    changes = ChangeSet.of(
        [
            FileChange("package-lock.json", None, json.dumps(lock, indent=1).encode()),
            FileChange("package.json", None, b'{"dependencies": {"left-door": "1.2.3"}}'),
            FileChange("uv.lock", None, b'[[package]]\nname = "open-door"\nversion = "1.2"\n'),
        ]
    )
    found, _ = check_dependencies(changes, folder=database)
    assert [(f.path, f.rule) for f in found] == [
        ("package-lock.json", "known-vulnerability"),
        ("uv.lock", "known-vulnerability"),
    ]
    assert found[0].severity == Severity.HIGH  # the database does not say


def test_the_database_is_looked_for_in_the_cache_and_read_once(
    database: str, own_cache: Path
) -> None:
    own_cache.mkdir()
    Path(database).rename(own_cache / "advisories")
    for _ in range(2):
        assert audit("requirements.txt", None, "open_door==1.9\n") != ()
        (kept,) = (own_cache / "advisories-index").iterdir()
    kept.write_text("{", encoding="utf-8")  # a broken index is made again
    assert audit("requirements.txt", None, "open_door==1.9\n") != ()
    (own_cache / "advisories" / "PyPI" / "all.zip").unlink()  # and one that is out of date
    assert audit("requirements.txt", None, "open_door==1.9\n") == ()


def test_a_database_that_cannot_be_read_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "osv").mkdir()
    (tmp_path / "osv" / "all.zip").write_bytes(b"no zip")
    changes = ChangeSet.of([FileChange("requirements.txt", None, b"a==1\n")])
    for folder in ("osv", "nowhere"):
        found, notes = check_dependencies(changes, folder=str(tmp_path / folder))
        assert found == ()
        assert notes[0].startswith("dependencies were not audited: the advisories in ")


def test_only_a_trusted_project_names_the_database(tmp_path: Path, database: str) -> None:
    (tmp_path / "sorte.toml").write_text(f'advisories = "{database}"\n', encoding="utf-8")
    changes = ChangeSet.of([FileChange("requirements.txt", None, b"open_door==1.9\n")])
    assert check(changes, root=tmp_path) == ((), ())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"shop @ git+https://example.org/shop@{COMMIT}", []),
        ("shop @ git+https://example.org/shop@main", ["unpinned-source"]),
        ("-e git+https://example.org/shop#egg=shop", ["unpinned-source"]),
        ("shop @ https://example.org/shop.whl --hash=sha256:00ff", []),
        ("shop @ https://example.org/shop.whl", ["unpinned-source"]),
        ("shop @ http://example.org/shop.whl", ["insecure-source"]),
        (f"git+git://example.org/shop@{COMMIT}", ["insecure-source"]),
        ("--extra-index-url https://example.org/simple", ["extra-index"]),
        ("--trusted-host example.org", ["insecure-source"]),
        ("-r other.txt", []),
        ("./local", []),
        ("requsts==2.0", ["look-alike"]),
        ("reqeusts", ["look-alike"]),
        ("requests[socks]>=2 ; python_version > '3'  # usual", []),
        ("flask2", []),
        ("flaskk", ["look-alike"]),
        ("psycopg2", []),
        ("mysql3", []),
        ("", []),
    ],
)
def test_lines_of_requirements(line: str, expected: list[str]) -> None:
    found = rules("requirements/dev.txt", "click\n", f"click\n{line}\n")
    assert found == [(rule, 2) for rule in expected]
    assert rules("requirements.txt", f"click\n{line}\n", f"click\n{line}\nzope\n") == []


def test_checksums_that_go_away_or_change_are_found() -> None:
    before = "click==8.1.0 \\\n    --hash=sha256:00aa \\\n    --hash=sha256:00bb\nflask==3.0.0\n"
    assert rules("requirements.txt", before, "click==8.1.0\nflask==3.0.0\n") == [
        ("hash-removed", 1)
    ]
    other = before.replace("00aa", "00cc").replace("00bb", "00dd")
    assert rules("requirements.txt", before, other) == [("hash-changed", 1)]
    assert rules("requirements.txt", before, other.replace("8.1.0", "8.1.1")) == []
    assert rules("requirements.txt", before, before.replace("00aa", "00cc")) == []  # one more


def test_lock_files_of_npm() -> None:
    def lock(**changed: object) -> str:
        item = {"version": "1.0.0", "resolved": "https://registry.example.org/a.tgz",
                "integrity": "sha512-one", **changed}  # fmt: skip
        usual = {**item, "version": "2.0.0", "integrity": "sha512-two"}
        usual["resolved"] = "https://registry.example.org/b.tgz"
        packages = {"": {}, "node_modules/a": item, "node_modules/b": usual}
        return json.dumps({"lockfileVersion": 3, "packages": packages}, indent=1)

    path = "web/package-lock.json"
    assert rules(path, lock(), lock(version="1.0.1", integrity="sha512-new")) == []
    assert [r for r, _ in rules(path, lock(), lock(integrity="sha512-new"))] == ["hash-changed"]
    assert [r for r, _ in rules(path, lock(), lock(integrity=""))] == ["hash-removed"]
    elsewhere = lock(
        version="1.0.1", resolved="https://evil.example.com/a.tgz", integrity="sha512-n"
    )
    assert [r for r, _ in rules(path, lock(), elsewhere)] == ["other-host"]
    scripted = lock(version="1.0.1", hasInstallScript=True, integrity="sha512-new")
    assert "install-script" in [r for r, _ in rules(path, lock(), scripted)]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("package.json", '{"devDependencies": {\n"a": "github:ana/a"}}', [("unpinned-source", 2)]),
        ("package.json", f'{{"dependencies": {{"a": "ana/a#{COMMIT}"}}}}', []),
        ("package.json", '{"dependencies": {"expres": "^4"}}', [("look-alike", 1)]),
        ("package.json", '{"dependencies": {"@types/expres": "^4", "x": "workspace:*"}}', []),
        ("pyproject.toml", '[project]\ndependencies = [\n"djagno>=4",\n]\n', [("look-alike", 3)]),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\npython = "^3.11"\nshop = {git = "https://x.org/s"}\n',
            [("unpinned-source", 3)],
        ),
        ("composer.json", '{"require": {"php": "^8", "ana/shop": "dev-main"}}', []),
        ("composer.json", '{"require": {"monolog/monolog": "^3"}}', []),
        ("composer.json", '{"require": {"monolog/monlog": "^3"}}', [("look-alike", 1)]),
        ("uv.lock", '[[package]]\nname = "s"\nversion = "1"\nsource = { git = "https://x.org/s" }',
         [("unpinned-source", 2)]),
        ("package.json", "[1]", []),
        ("package.json", '{"dependencies": [1]}', []),
        ("pyproject.toml", "[project\n", []),
    ],
)  # fmt: skip
def test_manifests(path: str, text: str, expected: list[tuple[str, int]]) -> None:
    assert rules(path, None, text) == expected


def test_which_files_are_manifests() -> None:
    for path in ("requirements.txt", "a/requirements-dev.txt", "requirements/base.in",
                 "constraints.txt", "dev-requirements.txt", "x/composer.lock"):  # fmt: skip
        assert kind_of(path), path
    for path in ("docs/requirements.md", "notes.txt", "my.package.json.bak", "requirementsx.txt"):
        assert not kind_of(path), path


def test_versions_are_ordered_as_their_registries_do() -> None:
    semver = (
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0 1.0.1 1.10.0"
    )
    ordered = semver.split()
    for one, other in itertools.pairwise(ordered):
        assert compare("npm", one, other) < 0 < compare("npm", other, one)
    assert compare("npm", "v1.2", "1.2.0+build") == 0
    assert compare("PyPI", "1.0rc1", "1.0") < 0


@settings(max_examples=60, deadline=None)
@given(
    path=st.sampled_from(["requirements.txt", "package.json", "poetry.lock", "composer.lock"]),
    before=st.binary(max_size=80),
    after=st.one_of(st.binary(max_size=80), st.text("-@=:/#.[]{}\"'\\\n a1", max_size=80)),
)
def test_no_manifest_is_too_odd(path: str, before: bytes, after: bytes | str) -> None:
    content = after.encode() if isinstance(after, str) else after
    read_manifest(path, content)
    check_dependencies(ChangeSet.of([FileChange(path, before, content)]))
