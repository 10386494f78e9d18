"""The sample project of the demo is sound, and its pattern can be followed by operations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from samples import VARIANTS, make

from sorte_cli.demo import SAMPLE, TASKS, copy_sample
from sorte_cli.terminal.translate import LANGUAGES


@pytest.fixture(params=VARIANTS, ids=lambda v: v.name)
def variant(request):
    return request.param


@pytest.fixture
def sample(tmp_path, variant, git) -> Path:
    return make(tmp_path / "sample", variant, git)


def check(folder: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_a_task_in_every_language():
    assert set(TASKS) == set(LANGUAGES)


def test_the_copy_is_complete_and_clean(tmp_path):
    copy_sample(tmp_path)
    copied = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    there = {str(p.relative_to(SAMPLE)) for p in SAMPLE.rglob("*") if p.is_file()}
    there = {p for p in there if "__pycache__" not in p and not p.startswith(".")}
    assert copied == there - {"gitignore"} | {".gitignore"}


def test_the_sample_is_green_and_clean(sample, variant):
    check(sample, "pytest", "-q", "-p", "no:cacheprovider")
    check(sample, "ruff", "check", "--no-cache", ".")
    check(sample, "bandit", "-q", "-r", variant("checkout"))


def test_a_method_can_be_added_by_following_the_pattern(sample, variant, sorte, git):
    package = f"{variant('checkout')}/{variant('payments')}"
    pix, new = variant("PixPayment"), variant("PixPayment").replace("Pix", "PixParcelado")
    registry = f"{package}/{variant('factory')}.py::{variant('PAYMENT_METHODS')}"
    minimum = variant("minimum_amount")
    for script in (
        f"clone {package}/pix.py::{pix} {new} to {package}/pix_parcelado.py "
        f'with {minimum}=Decimal("300.00")\n',
        f'add_entry {registry} "pix_parcelado" {new}\n',
        "clone tests/test_pix.py tests/test_pix_parcelado.py\n",
    ):
        answer = sorte("apply", "-", "--yes", cwd=sample, stdin=script)
        assert answer.code == 0, answer.err
    code = (sample / package / "pix_parcelado.py").read_text(encoding="utf-8")
    assert 'code = "pix_parcelado"' in code
    assert 'label = "Pix Parcelado"' in code
    assert f'{minimum} = Decimal("300.00")' in code
    tests = (sample / "tests" / "test_pix_parcelado.py").read_text(encoding="utf-8")
    assert new in tests and pix not in tests.replace(new, "")
    check(sample, "pytest", "-q", "-p", "no:cacheprovider")
    check(sample, "ruff", "check", "--no-cache", ".")
    assert git(sample, "status", "--porcelain") == ""
    assert len(git(sample, "log", "--oneline").splitlines()) == 4
