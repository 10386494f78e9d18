"""The demo's sample project for tests: as it is, and under other names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.demo import copy_sample

Git = Callable[..., str]


@dataclass(frozen=True)
class Variant:
    """Names to put in place of the sample's, whole words only; files and folders follow."""

    name: str
    renames: Mapping[str, str]

    def __call__(self, text: str) -> str:
        for old, new in self.renames.items():
            text = re.sub(rf"(?<![A-Za-z0-9_]){old}(?![A-Za-z0-9_])", new, text)
        return text


AS_IT_IS = Variant("as it is", {})
RENAMED = Variant(
    "renamed",
    {
        "checkout": "store",
        "payments": "paying",
        "PixPayment": "PixCharge",
        "BoletoPayment": "BoletoCharge",
        "CreditCardPayment": "CardCharge",
        "PaymentMethod": "BaseCharge",
        "PAYMENT_METHODS": "CHARGES",
        "CheckoutService": "StoreFront",
        "create_payment": "build_charge",
        "minimum_amount": "smallest_total",
        "factory": "registry",
        "test_factory": "test_registry",
    },
)
VARIANTS = (AS_IT_IS, RENAMED)


def make(folder: Path, variant: Variant, git: Git) -> Path:
    """The sample under the names of `variant` as a repository with one commit."""
    original = folder / "original"
    original.mkdir(parents=True)
    copy_sample(original)
    project = folder / "project"
    for source in original.rglob("*"):
        if source.is_file():
            parts = [variant(part) for part in source.relative_to(original).with_suffix("").parts]
            target = project.joinpath(*parts).with_suffix(source.suffix)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(variant(source.read_text(encoding="utf-8")), encoding="utf-8")
    git(project, "init", "--quiet", "--initial-branch=main")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "-m", "feat: checkout")
    return project
