"""The sample project of `sorte demo`, as package data, and the task that the demo runs on it.

No other module of Sorte knows its names or sentences.
"""

from __future__ import annotations

import shutil
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample"

TASKS = {
    "en": 'add a payment method "Pix Parcelado" for purchases above R$ 300.00',
    "pt_BR": 'adicione uma forma de pagamento "Pix Parcelado" para compras acima de R$ 300,00',
}

# Git would apply a .gitignore inside the package to Sorte's own repository.
_RENAMED = {"gitignore": ".gitignore"}


def copy_sample(folder: Path) -> None:
    """Copy the sample project into `folder`, which must be there, without what tools left in it."""
    for source in sorted(SAMPLE.rglob("*")):
        relative = source.relative_to(SAMPLE)
        if source.is_dir() or any(p.startswith((".", "__pycache__")) for p in relative.parts):
            continue
        target = folder / relative.with_name(_RENAMED.get(relative.name, relative.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
