"""`sorte config`: what is set, where each value comes from, and setting one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "Show and change settings.\n\n"
    "Options of a command win over SORTE_* variables, those over the project's own file "
    "(`sorte.toml`, once trusted), that over your own (`config.toml`)."
)

_AsJson = Annotated[bool, typer.Option("--json", help=_("Print the answer as one JSON document."))]
_Name = Annotated[str, typer.Argument(metavar=_("NAME"), help=_("Which setting."))]


def descriptions() -> dict[str, str]:
    """What each setting is for."""
    return {
        "brain": _("model that plans: a GGUF file, a name, or nano"),
        "executor": _("model that writes the edits; empty: the brain's"),
        "profile": _("prompts: compact (small models), full, or auto"),
        "roles": _("who does which work, where not as usual: review=executor, chat=executor"),
        "thinking_tokens": _("how long a model that thinks may do so first; 0: not at all"),
        "context_tokens": _("context window in tokens; 0: by the model, at most 8,192"),
        "gpu_layers": _("layers on the GPU; -1: all that fit"),
        "threads": _("CPU threads; 0: chosen for the machine"),
        "rpc_workers": _("llama.cpp's RPC servers that lend their memory: host:port,host:port"),
        "keep_alive": _("seconds a model stays loaded; -1: five minutes for large ones"),
        "model_dirs": _("more folders with models, separated as in PATH"),
        "embedding": _("model that finds files by meaning (an embedding GGUF); empty: none"),
        "test_command": _("how the project runs its tests; empty: found by itself"),
        "test_timeout_s": _("the tests are stopped after so many seconds"),
        "max_repairs": _("how often a failed step is written again; -1: by the model"),
        "candidates": _("answers written side by side for a step; the first good one is taken"),
        "max_replans": _("how often a failed plan is made again; -1: by the model"),
        "benchmark_command": _("a command that is timed before and after each change"),
        "benchmark_threshold": _("by how many percent it may become slower"),
        "advisories": _("folder with known vulnerabilities (OSV); empty: in the cache"),
        "sandbox": _("where tests run: bubblewrap, none, or auto"),
        "lang": _("language of messages: en or pt_BR; empty: by locale"),
        "theme": _("the terminal's background: dark, light, or auto (as it says itself)"),
    }


def list_(as_json: _AsJson = False) -> None:
    values, notes = _in_force()
    if as_json:
        output.say_json({"ok": True, "settings": values, "notes": notes})
        return
    from sorte_cli.terminal.messages import print_note
    from sorte_cli.terminal.style import safe
    from sorte_cli.terminal.tables import render

    for note in notes:
        print_note(safe(note))
    rows = [
        (name, safe(str(v["value"])) or "-", safe(v["source"]), descriptions().get(name, ""))
        for name, v in values.items()
    ]
    headings = (_("setting"), _("value"), _("from"), _("what it is for"))
    output.say(render(headings, rows, wrap=True))


def get(name: _Name, as_json: _AsJson = False) -> None:
    from sorte_cli import settings
    from sorte_cli.terminal.style import safe

    settings.kind_of(name)
    found = _in_force()[0][name]
    if as_json:
        output.say_json({"ok": True, "name": name, **found})
    else:
        output.say(safe(str(found["value"])))


def set_(
    name: _Name,
    value: Annotated[str, typer.Argument(metavar=_("VALUE"), help=_("Its value from now on."))],
    as_json: _AsJson = False,
) -> None:
    from sorte_cli import configuring

    _written(name, configuring.set_value(name, value), as_json=as_json)


def unset(name: _Name, as_json: _AsJson = False) -> None:
    from sorte_cli import configuring

    _written(name, configuring.set_value(name, None), as_json=as_json)


def _written(name: str, path: Path, *, as_json: bool) -> None:
    from sorte_cli.terminal.style import safe

    found = _in_force()[0][name]
    if as_json:
        output.say_json({"ok": True, "name": name, "file": str(path), **found})
        return
    shown = _("{name} = {value} ({source}); written to {file}")
    output.say(
        shown.format(
            name=name, value=safe(str(found["value"])), source=safe(found["source"]), file=path
        )
    )


def path(as_json: _AsJson = False) -> None:
    from sorte_cli import configuring

    if as_json:
        output.say_json({"ok": True, "file": str(configuring.user_file())})
    else:
        output.say(str(configuring.user_file()))


def schema() -> None:
    from sorte_cli import settings

    defaults = settings.Settings()
    properties: dict[str, Any] = {}
    for name, text in descriptions().items():
        kind = "integer" if settings.kind_of(name) is int else "string"
        entry = {"type": kind, "default": getattr(defaults, name), "description": text}
        if allowed := settings.choices(name):
            entry["enum"] = list(allowed)
        properties[name] = entry
    output.say_json(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "sorte.toml",
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
    )


def _in_force() -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Each setting with its value and where that comes from, and notes about the project's."""
    from sorte_cli.settings import load_settings
    from sorte_cli.terminal.session.welcome import find_root_or_none

    found, notes = load_settings(find_root_or_none(Path.cwd()))
    values = {
        name: {"value": getattr(found, name), "source": found.sources.get(name, _("default"))}
        for name in descriptions()
    }
    return values, list(notes)


ACTIONS = {
    "list": (list_, _("All settings in force, and where each comes from.")),
    "get": (get, _("The value of one setting.")),
    "set": (set_, _("Set a value in your own settings file.")),
    "unset": (unset, _("Take a value out of your own settings file.")),
    "path": (path, _("Where your own settings file is.")),
    "schema": (schema, _("The settings as a JSON schema, for editors.")),
}
