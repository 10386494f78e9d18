"""The inference engine: GGUF models in a child process that Sorte owns.

`engine` is the contract, `manager` keeps the two roles' models, `models` finds model files, `gguf`
reads their headers, `hardware` says what the machine has, `grammar` builds GBNF. `process` and
`protocol` are the parent's side of the pipe, `worker` the child's. `local` runs the model, with
`bindings`, `native`, `memory`, `prefixes`, `sampling`, `chat` and `output`; these are imported only
where it runs.
"""

from __future__ import annotations

from sorte_cli.inference.engine import (
    AdapterError,
    ChatTemplateError,
    ContextOverflow,
    Engine,
    EngineDied,
    Generation,
    GrammarError,
    ModelInfo,
    ModelLoadError,
    ModelSpec,
    Options,
    open_engine,
)

__all__ = [
    "AdapterError",
    "ChatTemplateError",
    "ContextOverflow",
    "Engine",
    "EngineDied",
    "Generation",
    "GrammarError",
    "ModelInfo",
    "ModelLoadError",
    "ModelSpec",
    "Options",
    "open_engine",
]
