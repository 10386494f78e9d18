"""Build hook: compiles the translations, so that wheels and editable installs carry them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileTranslations(BuildHookInterface):
    """Writes `sorte.mo` beside each `sorte.po` before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, str(Path(self.root) / "src"))
        try:
            from sorte_cli.locale.catalogue import compile_all
        finally:
            sys.path.pop(0)
        compile_all()
