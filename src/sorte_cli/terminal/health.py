"""What `sorte doctor` found, one line a check, the remedy under what needs one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

from sorte_cli.terminal import output
from sorte_cli.terminal.style import paint, safe
from sorte_cli.terminal.translate import _, plural

_KINDS = {"ok": "good", "warn": "warning", "fail": "bad"}


class Check(Protocol):
    """A finding; `status` is "ok", "warn" or "fail"."""

    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def remedy(self) -> str: ...


def print_checks(checks: Sequence[Check]) -> None:
    """All checks, then how many are not as they should be."""
    words = {"ok": _("ok"), "warn": _("warning"), "fail": _("missing")}
    width = max(len(word) for word in words.values())
    for check in checks:
        word = paint(words[check.status].ljust(width), _KINDS[check.status], sys.stdout)
        output.say(f"{word}  {check.name}: {safe(check.detail)}")
        if check.remedy:
            indent = " " * (width + 2)
            for line in safe(check.remedy).splitlines():
                output.say(f"{indent}→ {line}")
    failed = sum(c.status == "fail" for c in checks)
    warned = sum(c.status == "warn" for c in checks)
    output.say()
    if failed:
        output.say(plural("{count} thing is missing", "{count} things are missing", failed))
    elif warned:
        output.say(plural("ready, with {count} warning", "ready, with {count} warnings", warned))
    else:
        output.say(_("everything is ready"))
