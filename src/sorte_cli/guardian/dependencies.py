"""Dependencies that a change brings: known vulnerabilities, sources that cannot be relied on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sorte_cli.domain import ChangeSet, FileChange, Finding, Severity
from sorte_cli.errors import SorteError
from sorte_cli.guardian.advisories import Advisories, Advisory
from sorte_cli.guardian.manifests import Dependency, Manifest, kind_of, normal, read_manifest
from sorte_cli.paths import cache_dir
from sorte_cli.texts import N_

_TOOL = "dependencies"
_SHORTEST = 5
_MOST_NAMED = 3
_LEVELS = {
    "CRITICAL": Severity.CRITICAL,
    "HIGH": Severity.HIGH,
    "MODERATE": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
}
# What typing mistakes are made of: packages that very many projects have.
_KNOWN = {
    "PyPI": (
        "aiohttp attrs babel bcrypt beautifulsoup4 black boto3 botocore bottle celery certifi "
        "chardet charset-normalizer click colorama coverage cryptography django docker docutils "
        "fastapi flask flask-cors gevent greenlet gunicorn httptools httpx idna importlib-metadata "
        "ipython isort itsdangerous jinja2 jmespath jsonschema keyring kombu lxml markdown "
        "markupsafe marshmallow matplotlib mypy mysqlclient nltk numpy oauthlib openpyxl packaging "
        "pandas paramiko pathspec pillow platformdirs pluggy prometheus-client protobuf psutil "
        "psycopg psycopg2 psycopg2-binary pyasn1 pycparser pycryptodome pydantic pygments pyjwt "
        "pymongo pymysql pyopenssl pyparsing pytest pytest-cov python-dateutil python-dotenv pytz "
        "pyyaml redis regex requests requests-oauthlib rich ruff scikit-learn scipy selenium "
        "sentry-sdk setuptools sqlalchemy starlette sympy tabulate tensorflow toml tomli torch "
        "tornado tqdm typer typing-extensions urllib3 uvicorn uvloop virtualenv websocket-client "
        "websockets werkzeug wheel wrapt zipp"
    ),
    "npm": (
        "angular axios babel-core babel-loader bcrypt bluebird body-parser bootstrap chalk cheerio "
        "chokidar classnames colors commander concurrently cookie-parser cross-env cross-spawn "
        "debug dotenv ejs electron esbuild eslint express fs-extra glob graphql gulp helmet husky "
        "immutable inquirer jest jquery js-yaml jsdom jsonwebtoken lodash lru-cache minimist mocha "
        "moment mongodb mongoose morgan multer mysql mysql2 nodemailer nodemon passport postcss "
        "prettier prop-types puppeteer react react-dom react-router react-router-dom redux "
        "request rimraf rollup rxjs sass semver sequelize sharp socket.io styled-components "
        "supertest svelte tailwindcss ts-node tslib typescript underscore uuid validator vite "
        "vitest vue vue-router vuex webpack webpack-cli winston yargs"
    ),
    "Packagist": (
        "barryvdh/laravel-debugbar doctrine/dbal doctrine/orm fakerphp/faker "
        "guzzlehttp/guzzle guzzlehttp/psr7 intervention/image laravel/framework laravel/sanctum "
        "laravel/tinker league/flysystem mockery/mockery monolog/monolog nesbot/carbon "
        "nunomaduro/collision phpmailer/phpmailer phpstan/phpstan phpunit/phpunit predis/predis "
        "psr/log ramsey/uuid spatie/laravel-permission symfony/console symfony/http-foundation "
        "symfony/process symfony/yaml twig/twig vlucas/phpdotenv"
    ),
}


def check_dependencies(
    changes: ChangeSet, *, folder: str = ""
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What is wrong with the dependencies that `changes` bring or alter; and notes.

    Known vulnerabilities are looked up in `folder`, or in `advisories` of the cache, where there
    is one: nothing is fetched.
    """
    manifests = [c for c in changes.changes if c.after is not None and kind_of(c.path)]
    if not manifests:
        return (), ()
    before = {c.path: read_manifest(c.path, c.before) for c in changes.changes}
    after = {c.path: read_manifest(c.path, c.after) for c in manifests}
    known = {(d.ecosystem, normal(d.ecosystem, d.name)) for m in before.values() for d in
             m.dependencies}  # fmt: skip
    found: list[Finding] = []
    for change in manifests:
        old, new = before[change.path], after[change.path]
        fresh = _fresh(old, new)
        found += _sources(change, fresh, old)
        found += _options(change, old, new)
        found += _hashes(change, old, new)
        found += _look_alikes(change, fresh, known)
    database, notes = _database(folder)
    if database is not None:
        found += [f for c in manifests for f in _vulnerable(c, before[c.path], after, database)]
    return tuple(_with_snippet(f, changes) for f in dict.fromkeys(found)), notes


def _fresh(old: Manifest, new: Manifest) -> list[Dependency]:
    """What is new or different; on which line it stands does not count."""
    had = Counter(replace(d, line=0) for d in old.dependencies)
    kept = []
    for dependency in new.dependencies:
        key = replace(dependency, line=0)
        if had[key] > 0:
            had[key] -= 1
        else:
            kept.append(dependency)
    return kept


def _finding(change: FileChange, line: int, rule: str, severity: Severity, message: str) -> Finding:
    return Finding(_TOOL, rule, change.path, line, severity, message)


def _with_snippet(finding: Finding, changes: ChangeSet) -> Finding:
    content = next(c.after for c in changes.changes if c.path == finding.path) or b""
    lines = content.splitlines()
    text = lines[finding.line - 1] if 0 < finding.line <= len(lines) else b""
    return replace(finding, snippet=text.decode("utf-8", "replace").strip()[:200])


def _sources(change: FileChange, fresh: Sequence[Dependency], old: Manifest) -> Iterator[Finding]:
    hosts = Counter(d.host for d in old.dependencies if d.locked and d.host and not d.source)
    usual = hosts.most_common(1)[0][0] if hosts else ""
    scripted = {d.name for d in old.dependencies if d.scripted}
    for d in fresh:
        name = d.name
        if re.match(r"(?:git\+|hg\+|svn\+)?(?:http|git)://", d.url):
            yield _finding(change, d.line, "insecure-source", Severity.HIGH,
                           N_(f"{name} is fetched over a connection that anybody on the way can "
                              "change"))  # fmt: skip
        elif not d.fixed and d.source in ("git", "url"):
            yield _finding(change, d.line, "unpinned-source", Severity.MEDIUM,
                           N_(f"{name} comes from an address, and is not tied to a commit or hash: "
                              "what is installed can change unseen"))  # fmt: skip
        elif d.locked and usual and d.host and not d.source and d.host not in hosts:
            host = d.host
            yield _finding(change, d.line, "other-host", Severity.MEDIUM,
                           N_(f"{name} is fetched from {host}, unlike everything that was locked "
                              "before"))  # fmt: skip
        if d.scripted and old.dependencies and name not in scripted:
            yield _finding(change, d.line, "install-script", Severity.LOW,
                           N_(f"{name} runs a script of its own when it is installed"))  # fmt: skip


def _options(change: FileChange, old: Manifest, new: Manifest) -> Iterator[Finding]:
    had = {option for _, option in old.options}
    for line, option in new.options:
        if option in had:
            continue
        if option.startswith("--extra-index-url"):
            yield _finding(change, line, "extra-index", Severity.MEDIUM,
                           N_("with a second index, whoever has a package of that name in either "
                              "is installed"))  # fmt: skip
        elif option.startswith("--trusted-host") or "http://" in option:
            yield _finding(change, line, "insecure-source", Severity.HIGH,
                           N_("packages are fetched over a connection that anybody on the way can "
                              "change"))  # fmt: skip


def _hashes(change: FileChange, old: Manifest, new: Manifest) -> Iterator[Finding]:
    """Checksums that went away, or are others for the same version."""
    had: dict[tuple[str, str], list[Dependency]] = {}
    for d in old.dependencies:
        if d.hashes:
            had.setdefault((normal(d.ecosystem, d.name), d.version), []).append(d)
    names = {name for name, _ in had}
    for d in new.dependencies:
        name = d.name
        same = had.get((normal(d.ecosystem, d.name), d.version), [])
        if not d.hashes and normal(d.ecosystem, d.name) in names and not d.source:
            yield _finding(change, d.line, "hash-removed", Severity.MEDIUM,
                           N_(f"the checksum of {name} was taken away: what is installed is no "
                              "longer checked"))  # fmt: skip
        elif (
            same
            and re.match(r"v?\d", d.version)
            and d.hashes
            and all(not d.hashes & s.hashes for s in same)
        ):
            version = d.version
            yield _finding(change, d.line, "hash-changed", Severity.HIGH,
                           N_(f"{name} {version} has another checksum than before, and the same "
                              "version"))  # fmt: skip


def _look_alikes(
    change: FileChange, fresh: Sequence[Dependency], known: set[tuple[str, str]]
) -> Iterator[Finding]:
    """New names that are one slip away from one that is known. What others need is their choice."""
    for d in (d for d in fresh if not d.locked):
        name = normal(d.ecosystem, d.name)
        popular = _KNOWN[d.ecosystem].split()
        if (d.ecosystem, name) in known or name in popular or d.source or name.startswith("@"):
            continue
        others = {n for e, n in known if e == d.ecosystem and not n.startswith("@")}
        like = next((n for n in (*popular, *sorted(others)) if _one_slip(name, n)), "")
        if like:
            yield _finding(change, d.line, "look-alike", Severity.MEDIUM,
                           N_(f"{name} is one letter from {like}: is it the one you mean?")
                           )  # fmt: skip


def _one_slip(one: str, other: str) -> bool:
    """Whether a letter too many, too few, another or two swapped make one name the other."""
    if min(len(one), len(other)) < _SHORTEST or abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        swapped = len(a) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
        # `mysql1` and `mysql2` are versions, no slips.
        return swapped or (a[1:] == b[1:] and not (a[0].isdigit() and b[0].isdigit()))
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    whole = max(one, other, key=len)
    if not shorter and (longer.isdigit() or (longer == "s" and not whole.endswith("ss"))):
        return False  # `httpx2`, `colors`: another generation, a plural
    return longer[1:] == shorter


def _database(folder: str) -> tuple[Advisories | None, tuple[str, ...]]:
    """The advisories on this machine, and a note where those that were named cannot be read."""
    place = Path(folder).expanduser() if folder else cache_dir() / "advisories"
    if not folder and not place.is_dir():
        return None, ()
    try:
        return Advisories(place), ()
    except SorteError as error:
        return None, (N_(f"dependencies were not audited: {error.message}"),)


def _vulnerable(
    change: FileChange, old: Manifest, after: dict[str, Manifest], database: Advisories
) -> Iterator[Finding]:
    """Versions with known vulnerabilities that were not there before.

    What a lock file pins is said there; a manifest that names the same version is not blamed too.
    """
    had = {(d.ecosystem, normal(d.ecosystem, d.name), d.version) for d in old.dependencies}
    locked = {
        (d.ecosystem, normal(d.ecosystem, d.name), d.version)
        for path, manifest in after.items() if path != change.path
        for d in manifest.dependencies if d.locked
    }  # fmt: skip
    said: set[tuple[str, str, str]] = set()
    for d in after[change.path].dependencies:
        key = (d.ecosystem, normal(d.ecosystem, d.name), d.version)
        if not d.version or key in had or key in said or (not d.locked and key in locked):
            continue
        said.add(key)
        found = database.about(*key)
        if found:
            level = max(_LEVELS.get(a.level, Severity.HIGH) for a in found)
            yield _finding(change, d.line, "known-vulnerability", level, _message(d, found))


def _message(dependency: Dependency, found: Iterable[Advisory]) -> str:
    name, version = dependency.name, dependency.version
    all_found = list(found)
    worst = max(all_found, key=lambda a: _LEVELS.get(a.level, Severity.HIGH))
    known, summary = "; ".join(a.id for a in all_found[:_MOST_NAMED]), worst.summary
    if len(all_found) > _MOST_NAMED:
        known += f"; + {len(all_found) - _MOST_NAMED}"
    if len(all_found) == 1 and worst.fixed:
        fixed = worst.fixed
        return N_(f"{name} {version} is known to be vulnerable ({known}): {summary}; "
                  f"mended in {fixed}")  # fmt: skip
    return N_(f"{name} {version} is known to be vulnerable ({known}): {summary}")
