"""`sorte models`: what is on this machine, what fits it, what to fetch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sorte_cli.terminal.translate import _

if TYPE_CHECKING:
    from sorte_cli.inference.gguf import GgufHeader
    from sorte_cli.inference.models import FoundModel

HELP = _(
    "Find, fetch and judge models.\n\n"
    "Sorte uses GGUF files wherever they lie: its own folder, Ollama, LM Studio, the caches of "
    "Hugging Face and llama.cpp, and folders named in the setting `model_dirs`."
)

_Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))]
_Vram = Annotated[
    str,
    typer.Option("--vram", metavar=_("SIZE"), help=_("Memory of the card; default: this one's.")),
]
_Ram = Annotated[
    str, typer.Option("--ram", metavar=_("SIZE"), help=_("Main memory; default: this machine's."))
]


def list_(as_json: _Json = False) -> None:
    from sorte_cli.inference.models import list_models
    from sorte_cli.inference.specs import created_as_found
    from sorte_cli.terminal import models, output

    found = [_described(model) for model in [*created_as_found(), *list_models()]]
    if as_json:
        output.say_json(models.list_as_json(found))
    elif found:
        output.say(models.list_of_models(found))
    else:
        output.say(_("no models were found besides nano, which ships with Sorte"))
        output.say(_("`sorte models recommend` says what suits this machine"))


def show(
    model: Annotated[str, typer.Argument(metavar=_("MODEL"), help=_("A name or a GGUF file."))],
    template: Annotated[
        bool, typer.Option("--template", help=_("Also print the chat template."))
    ] = False,
    as_json: _Json = False,
) -> None:
    from sorte_cli.inference.gguf import read_header
    from sorte_cli.inference.specs import local_spec, settled
    from sorte_cli.terminal import models, output

    header, says = read_header(local_spec(model).path), settled(model)
    if as_json:
        document = models.header_as_json(header)
        output.say_json(document | {"modelfile": says} if says else document)
    else:
        output.say(models.header_of_model(header, with_template=template, says=says))


def fit(
    model: Annotated[
        str, typer.Argument(metavar=_("MODEL"), help=_("The brain: a name or a GGUF file."))
    ],
    other: Annotated[
        str, typer.Option("--with", metavar=_("MODEL"), help=_("The executor beside it."))
    ] = "",
    context: Annotated[
        int,
        typer.Option("--ctx", metavar="N", min=0, max=1 << 24, help=_("Window in tokens.")),
    ] = 0,
    kv_type: Annotated[
        str, typer.Option("--kv", metavar=_("TYPE"), help=_("Type of the cache: f16, q8_0, q4_0."))
    ] = "",
    vram: _Vram = "",
    ram: _Ram = "",
    check: Annotated[
        bool, typer.Option("--check", help=_("Also ask llama.cpp itself, on this machine."))
    ] = False,
    as_json: _Json = False,
) -> None:
    from sorte_cli.commands.fitting import Question, answer
    from sorte_cli.terminal import models, output

    room = (
        models.read_size(vram, "--vram") if vram else None,
        models.read_size(ram, "--ram") if ram else None,
    )
    names = [model, other] if other else [model]
    said = answer(Question(names, context, kv_type, room[0], room[1], check))
    if as_json:
        output.say_json(said.document)
    else:
        output.say(said.text)
    raise typer.Exit(0 if said.fits else 1)


def recommend(vram: _Vram = "", ram: _Ram = "", as_json: _Json = False) -> None:
    from sorte_cli.inference.hardware import hardware
    from sorte_cli.inference.recommend import TIERS, tier_for
    from sorte_cli.terminal import models, output

    machine = hardware()
    card = models.read_size(vram, "--vram") if vram else sum(g.total_bytes for g in machine.gpus)
    memory = models.read_size(ram, "--ram") if ram else machine.ram_total_bytes
    own = tier_for(card, memory)
    if as_json:
        output.say_json(models.tiers_as_json(TIERS, own))
    else:
        output.say(models.table_of_tiers(TIERS, own))
        output.say()
        output.say(models.advice(own))


def pull(
    model: Annotated[
        str, typer.Argument(metavar="ORG/REPO[:QUANT]", help=_("A repository on Hugging Face."))
    ],
    as_json: _Json = False,
) -> None:
    from sorte_cli.inference.gguf import read_header
    from sorte_cli.inference.pull import pull as fetch
    from sorte_cli.terminal import models, output

    files = fetch(model, show_progress=output.wants_animation(sys.stderr))
    header = read_header(files[0])
    if as_json:
        output.say_json({**models.header_as_json(header), "files": [str(f) for f in files]})
    else:
        output.say(models.header_of_model(header, with_template=False))
        output.say()
        output.say(_('use it: sorte do --brain {model} "..."').format(model=model))


def create(
    name: Annotated[str, typer.Argument(metavar=_("NAME"), help=_("Name of the new model."))],
    file: Annotated[
        Path, typer.Option("-f", "--file", metavar="MODELFILE", help=_("The Modelfile."))
    ] = Path("Modelfile"),
    as_json: _Json = False,
) -> None:
    from sorte_cli.inference.specs import create_model
    from sorte_cli.terminal import output
    from sorte_cli.terminal.messages import print_note

    made = create_model(name, file)
    for warning in made.modelfile.warnings:
        print_note(warning)
    if as_json:
        document = {"ok": True, "name": made.name, "file": str(made.file)}
        output.say_json({**document, "weights": str(made.weights)})
    else:
        output.say(_("{name} builds on {weights}").format(name=made.name, weights=made.weights))


ACTIONS = {
    "list": (list_, _("Models on this machine.")),
    "show": (show, _("What a model's file says: size, type, template, licence.")),
    "fit": (
        fit,
        _(
            "Whether and how a model fits, before it is loaded.\n\n"
            "With two models: side by side, in turns, or as one. Ends with code 1 when it does "
            "not fit."
        ),
    ),
    "recommend": (recommend, _("Which models suit which machine, with sources.")),
    "pull": (pull, _("Fetch a model from Hugging Face. The only command that uses the network.")),
    "create": (create, _("Keep a Modelfile under a name.")),
}


def _described(model: FoundModel) -> tuple[FoundModel, GgufHeader | None, str]:
    from sorte_cli.inference.gguf import GgufError, read_header
    from sorte_cli.inference.models import check_model

    try:
        header = read_header(model.path)
        check_model(header)
    except GgufError as error:
        return model, None, error.message
    return model, header, ""
