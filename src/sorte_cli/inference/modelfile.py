"""Reads Modelfiles, exactly as Ollama does, with Sorte's own settings in comments. Pure parsing.

Ollama allows no commands of one's own, so what Sorte wants to know stands in comment lines that
begin with `# sorte:`, as `name=value` pairs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sorte_cli.errors import UsageError

COMMANDS = (
    "from",
    "license",
    "template",
    "system",
    "adapter",
    "draft",
    "renderer",
    "parser",
    "parameter",
    "message",
    "requires",
)
_FLOATS = frozenset(
    (
        "top_p",
        "min_p",
        "typical_p",
        "temperature",
        "repeat_penalty",
        "presence_penalty",
        "frequency_penalty",
    )
)
_INTEGERS = frozenset(
    (
        "num_ctx",
        "num_batch",
        "num_gpu",
        "main_gpu",
        "num_thread",
        "draft_num_predict",
        "num_keep",
        "seed",
        "num_predict",
        "top_k",
        "repeat_last_n",
    )
)
_BOOLEANS = frozenset({"use_mmap"})
_DEPRECATED = frozenset(
    (
        "penalize_newline",
        "low_vram",
        "f16_kv",
        "logits_all",
        "vocab_only",
        "use_mlock",
        "mirostat",
        "mirostat_tau",
        "mirostat_eta",
    )
)
PARAMETERS = _FLOATS | _INTEGERS | _BOOLEANS | {"stop"}
ROLES = ("system", "user", "assistant")
_METADATA: Mapping[str, re.Pattern[str]] = {
    "role": re.compile(r"brain|executor|both"),
    "tier": re.compile(r"[a-z0-9-]+"),
    "kv": re.compile(r"f32|f16|bf16|q8_0|q4_0"),
    "cpu_experts": re.compile(r"\d{1,4}|all"),
    "adapter_scale": re.compile(r"\d+(\.\d+)?"),
}

Parameter = int | float | bool | str | tuple[str, ...]


class ModelfileError(UsageError):
    """The text is not a Modelfile; the message names the line."""


@dataclass(frozen=True, slots=True)
class Modelfile:
    """What a Modelfile says. Paths and names are as written."""

    source: str
    """What FROM names: a path or the name of a model."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """`stop` is a tuple of texts; the others have the type that Ollama gives them."""
    system: str = ""
    template: str = ""
    """A Go template, which Sorte does not use: the GGUF carries its own."""
    adapters: tuple[str, ...] = ()
    draft: str = ""
    licenses: tuple[str, ...] = ()
    messages: tuple[tuple[str, str], ...] = ()
    renderer: str = ""
    parser: str = ""
    requires: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Sorte's own: role, tier, kv, cpu_experts, adapter_scale."""
    warnings: tuple[str, ...] = ()

    def integer(self, name: str, default: int = 0) -> int:
        """A parameter that is a whole number."""
        value = self.parameters.get(name, default)
        return value if isinstance(value, int) else default


def parse_modelfile(text: str, *, name: str = "Modelfile") -> Modelfile:
    """The Modelfile as data. Raises ModelfileError where `ollama create` would refuse it, too."""
    return _Parser(text, name).parse()


def decode_modelfile(data: bytes, *, name: str = "Modelfile") -> Modelfile:
    """The same from bytes: UTF-8, or UTF-16 with a byte-order mark."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return parse_modelfile(data.decode(encoding), name=name)
    except UnicodeDecodeError as error:
        raise ModelfileError(
            f"{name} is neither UTF-8 nor UTF-16 text", hint="Save it as UTF-8."
        ) from error


def print_modelfile(modelfile: Modelfile) -> str:
    """The text of a Modelfile; parsing it gives the same again.

    Raises ModelfileError for a text that cannot be quoted, because there are no escapes.
    """
    lines = []
    if modelfile.metadata:
        pairs = " ".join(f"{name}={value}" for name, value in modelfile.metadata.items())
        lines.append(f"# sorte: {pairs}")
    lines.append(f"FROM {_quoted(modelfile.source)}")
    lines += [f"ADAPTER {_quoted(path)}" for path in modelfile.adapters]
    for name, value in modelfile.parameters.items():
        texts = value if isinstance(value, tuple) else (value,)
        for text in texts:
            shown = str(text).lower() if isinstance(text, bool) else str(text)
            lines.append(f"PARAMETER {name} {_quoted(shown)}")
    for command in ("template", "system", "draft", "renderer", "parser", "requires"):
        if text := getattr(modelfile, command):
            lines.append(f"{command.upper()} {_quoted(text)}")
    lines += [f"LICENSE {_quoted(text)}" for text in modelfile.licenses]
    lines += [f"MESSAGE {role} {_quoted(text)}" for role, text in modelfile.messages]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """`text` in the quotes it needs."""
    if text and "\n" not in text and not text.startswith('"') and text == text.strip():
        return text
    for quote in ('"""', '"'):
        first = re.search(rf"{quote}[ \t]*(\n|\Z)", text + quote)
        if first is not None and first.start() == len(text):
            return f"{quote}{text}{quote}"
    raise ModelfileError(f"this text cannot be quoted in a Modelfile: {text[:60]!r}")


class _Parser:
    """A cursor over the text; line numbers for messages."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._name = name
        self._at = 0
        self._single: dict[str, str] = {}
        self._parameters: dict[str, Parameter] = {}
        self._many: dict[str, list[str]] = {"adapter": [], "license": []}
        self._messages: list[tuple[str, str]] = []
        self._metadata: dict[str, str] = {}
        self._warnings: list[str] = []

    def parse(self) -> Modelfile:
        while self._skip_blank():
            if self._text[self._at] == "#":
                self._comment(self._line())
            else:
                self._statement()
        if "from" not in self._single:
            raise ModelfileError(
                f"{self._name} has no FROM line", hint="Say which model it builds on: FROM ..."
            )
        one = self._single
        return Modelfile(
            source=one["from"],
            parameters=self._parameters,
            system=one.get("system", ""),
            template=one.get("template", ""),
            adapters=tuple(self._many["adapter"]),
            draft=one.get("draft", ""),
            licenses=tuple(self._many["license"]),
            messages=tuple(self._messages),
            renderer=one.get("renderer", ""),
            parser=one.get("parser", ""),
            requires=one.get("requires", ""),
            metadata=self._metadata,
            warnings=tuple(self._warnings),
        )

    def _broken(self, what: str, hint: str = "") -> ModelfileError:
        number = self._text.count("\n", 0, self._at) + 1
        return ModelfileError(f"line {number} of {self._name}: {what}", hint=hint)

    def _skip_blank(self) -> bool:
        while self._at < len(self._text) and self._text[self._at] in " \t\n":
            self._at += 1
        return self._at < len(self._text)

    def _line(self) -> str:
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end
        line, self._at = self._text[self._at : end], end
        return line

    def _statement(self) -> None:
        word = self._word(str.isalpha)
        command = word.lower()
        if command not in COMMANDS:
            raise self._broken(
                f"{word or self._text[self._at]!r} is not a command",
                hint=f"Commands are {', '.join(c.upper() for c in COMMANDS)}.",
            )
        if command == "parameter":
            self._parameter()
        elif command == "message":
            self._message()
        else:
            value = self._value(command.upper())
            if command in self._many:
                self._many[command].append(value)
            else:
                self._single[command] = value

    def _word(self, belongs: Callable[[str], bool]) -> str:
        start = self._at
        while self._at < len(self._text) and belongs(self._text[self._at]):
            self._at += 1
        return self._text[start : self._at]

    def _gap(self, after: str) -> None:
        start = self._at
        self._word(lambda c: c in " \t")
        if start == self._at or self._at >= len(self._text) or self._text[self._at] == "\n":
            raise self._broken(f"{after} has no value")

    def _value(self, after: str) -> str:
        """What follows a command: to the end of the line, or of the quotes."""
        self._gap(after)
        for quote in ('"""', '"'):
            if self._text.startswith(quote, self._at):
                return _printable(self._quoted(quote))
        return _printable(self._line().strip())

    def _quoted(self, quote: str) -> str:
        """There are no escapes: the quotes end where they are the last thing on a line."""
        start = self._at + len(quote)
        at = start
        while (at := self._text.find(quote, at)) >= 0:
            end = at + len(quote)
            rest, _, _ = self._text[end:].partition("\n")
            if not rest.strip(" \t"):
                self._at = end + len(rest)
                return self._text[start:at]
            at += 1
        raise self._broken(f"a text that begins with {quote} has no end")

    def _parameter(self) -> None:
        self._gap("PARAMETER")
        name = self._word(lambda c: c.isalnum() or c == "_")
        value = self._value(f"PARAMETER {name}")
        if name in _DEPRECATED:
            self._warnings.append(f"PARAMETER {name} is no longer used")
        elif name == "stop":
            known = self._parameters.get("stop", ())
            assert isinstance(known, tuple)
            self._parameters["stop"] = (*known, value)
        elif name in PARAMETERS:
            self._parameters[name] = self._typed(name, value)
        else:
            raise self._broken(
                f"{name!r} is not a parameter", hint=f"Known: {', '.join(sorted(PARAMETERS))}."
            )

    def _typed(self, name: str, value: str) -> Parameter:
        try:
            if name in _BOOLEANS:
                return {"true": True, "false": False, "1": True, "0": False}[value.lower()]
            return float(value) if name in _FLOATS else int(value)
        except (KeyError, ValueError):
            raise self._broken(
                f"PARAMETER {name} must be true or false, not {value!r}"
                if name in _BOOLEANS
                else f"PARAMETER {name} must be a number, not {value!r}"
                if name in _FLOATS
                else f"PARAMETER {name} must be a whole number, not {value!r}"
            ) from None

    def _message(self) -> None:
        self._gap("MESSAGE")
        role = self._word(str.isalpha)
        if role not in ROLES:
            raise self._broken(f"MESSAGE has the role {role!r}", hint=f"One of {', '.join(ROLES)}.")
        self._messages.append((role, self._value(f"MESSAGE {role}")))

    def _comment(self, line: str) -> None:
        mark, colon, rest = line[1:].partition(":")
        if mark.strip() != "sorte" or not colon:
            return
        for pair in rest.split():
            name, _, value = pair.partition("=")
            allowed = _METADATA.get(name)
            if allowed is None:
                raise self._broken(
                    f"{name!r} is not a setting of Sorte", hint=f"Known: {', '.join(_METADATA)}."
                )
            if not allowed.fullmatch(value):
                raise self._broken(f"{value!r} is no value for {name}")
            self._metadata[name] = value


def _printable(text: str) -> str:
    """Without the control characters that Ollama drops, too."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable())
