"""`sorte trust`: let a project's own settings count."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal.translate import _

HELP = _(
    "Trust this project's own Sorte settings.\n\n"
    "`sorte.toml` (or `[tool.sorte]` in `pyproject.toml`) came with the project and may name "
    "commands to run. It counts only after you have read and trusted it, and only until it changes."
    "\n\nThe checkers that a trusted project has configured (mypy, pyright, pylint, semgrep, "
    "eslint, phpstan) run too, in the sandbox: their configuration is code."
)


def run(
    revoke: Annotated[bool, typer.Option("--revoke", help=_("Take the trust back."))] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help=_("Trust without asking; you have read it."))
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the answer as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli import settings
    from sorte_cli.errors import ExitCode, RefusedError
    from sorte_cli.guardian.gitread import base_tree
    from sorte_cli.guardian.projectchecks import tools_of
    from sorte_cli.history import Repository
    from sorte_cli.terminal import ask, output
    from sorte_cli.terminal.style import safe

    root = Repository.discover(Path.cwd()).root
    if revoke:
        settings.distrust(root)
        _answer(root, trusted=False, as_json=as_json)
        return
    config = settings.project_config(root)
    tools = tools_of(root, base_tree(root, "worktree"))
    if config is None and not tools:
        if as_json:
            output.say_json({"ok": True, "trusted": False, "root": str(root), "settings": {}})
        else:
            output.say(_("this project has no settings of its own; there is nothing to trust"))
        return
    if config is not None:
        output.say(_("{file} sets:").format(file=config.path.name), to_stderr=True)
        for name, value in config.values.items():
            output.say(f"  {safe(str(name))} = {safe(repr(value))}", to_stderr=True)
    if tools:
        said = _("its checkers will run in the sandbox: {tools}").format(tools=", ".join(tools))
        output.say(said, to_stderr=True)
    if not yes:
        if not output.is_interactive():
            raise RefusedError(
                _("not trusted: nobody is here to confirm"),
                hint=_("read the settings above, then run `sorte trust --yes`"),
            )
        question = _("Use these settings?") if config is not None else _("Let them run?")
        if not ask.yes_or_no(question):
            raise typer.Exit(int(ExitCode.NOT_LANDED))
    settings.trust(root)
    _answer(root, trusted=True, as_json=as_json)


def _answer(root: Path, *, trusted: bool, as_json: bool) -> None:
    from sorte_cli.terminal import output

    if as_json:
        output.say_json({"ok": True, "trusted": trusted, "root": str(root)})
    elif trusted:
        output.say(_("trusted: {root}").format(root=root))
    else:
        output.say(_("no longer trusted: {root}").format(root=root))
