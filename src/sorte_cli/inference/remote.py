"""The same engine over an OpenAI-compatible one that the user runs: llama-server, vLLM, Ollama,
LM Studio. Used only where a model is named by its address: `http://localhost:8080/v1#MODEL`.

Where the engine takes a grammar, it gets ours; where it takes a JSON schema instead, that of the
same answer. Where it takes neither, answers are checked here, and asked for again with the reason
when they are not of the right form.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.address import read_address
from sorte_cli.inference.endpoint import Endpoint
from sorte_cli.inference.engine import (
    DEFAULT_CONTEXT_TOKENS,
    REMOTE,
    EngineDied,
    Generation,
    GrammarError,
    Messages,
    ModelInfo,
    OnPrompt,
    OnText,
    Options,
    candidate_options,
)
from sorte_cli.inference.gbnf import Gbnf
from sorte_cli.inference.output import Output

MAX_RETRIES = 2
SCHEMA_SHOWN_CHARS = 6_000
"""Longer schemas are enforced over there but not shown to the model."""
PROBE = "sorte-7361"
CHARACTERS_PER_TOKEN = 3
"""Where the engine cannot count tokens. Code has about 3.5; too many is on the safe side."""
_BILLIONS = re.compile(r"(\d+(?:\.\d+)?)\s*b(?![a-z])", re.IGNORECASE)
_FENCED = re.compile(r"\s*```[\w-]*\n(.*?)\n?```\s*\Z", re.DOTALL)


class RemoteEngine:
    """An `Engine` over HTTP. Calls from several threads are answered one after the other."""

    def __init__(self, url: str, *, context_tokens: int = 0) -> None:
        """`context_tokens`: the engine's window, where it does not tell."""
        self._endpoint = Endpoint(read_address(url))
        self._lock = threading.Lock()
        self._closed = False
        self._grammar_field: str | None = None
        """How the engine takes a grammar; "": not at all; None: not yet tried."""
        self._schema_field: str | None = None
        """The same for a JSON schema: "json_schema" or "json_object"."""
        self._counts = True
        self.info = self._look(context_tokens)
        self._endpoint.window = self.info.context_tokens

    @property
    def alive(self) -> bool:
        return not self._closed

    def close(self) -> None:
        self._closed = True

    def tokenize(self, text: str) -> list[int]:
        """Raises EnvironmentFailure where the engine does not show its tokens."""
        found = self._tokens(text)
        if found is None:
            raise EnvironmentFailure(
                f"the engine at {self._endpoint.where()} does not show its tokens"
            )
        return found

    def count(self, text: str) -> int:
        """Exact where the engine can count; else an estimate that is rather too high."""
        found = self._tokens(text) if self._counts else None
        return len(found) if found is not None else -(-len(text) // CHARACTERS_PER_TOKEN)

    def render(self, messages: Messages) -> str:
        """The messages as text. The engine applies its own template, which it does not show."""
        return "".join(f"{role}: {content}\n" for role, content in messages)

    def check_grammar(self, grammar: str) -> None:
        Gbnf(grammar)

    def generate(
        self,
        messages: Messages,
        options: Options,
        *,
        on_text: OnText | None = None,
        on_prompt: OnPrompt | None = None,
        cancel: threading.Event | None = None,
    ) -> Generation:
        with self._lock:
            if self._closed:
                raise EngineDied("the engine is closed", hint="Open it again.")
            if not options.grammar:
                return self._stream(messages, options, {}, on_text, cancel)
            checker = Gbnf(options.grammar)
            if self._grammar_field is None:
                self._grammar_field = self._probe_grammar()
            if self._grammar_field:
                extra = _grammar_fields(self._grammar_field, options.grammar)
                return self._stream(messages, options, extra, on_text, cancel)
            if options.schema and self._schema_field is None:
                self._schema_field = self._probe_schema()
            if options.schema and self._schema_field:
                return self._as_json(messages, options, on_text, cancel)
            judge = _Judge(partial(_in_form, checker=checker), partial(_reproach, checker=checker))
            return self._until_valid(messages, options, {}, judge, on_text, cancel)

    def candidates(
        self,
        messages: Messages,
        options: Options,
        count: int,
        *,
        on_text: OnText | None = None,
        on_prompt: OnPrompt | None = None,
        cancel: threading.Event | None = None,
    ) -> list[Generation]:
        """One after the other: the engine over there keeps the prompt in its own cache."""
        return [
            self.generate(
                messages,
                candidate_options(options, number),
                on_text=None if number else on_text,
                on_prompt=on_prompt,
                cancel=cancel,
            )
            for number in range(count)
        ]

    # -- grammars

    def _probe_grammar(self) -> str:
        """Asks for a text that only comes when a grammar is obeyed."""
        grammar = f'root ::= "{PROBE}"'
        options = Options(max_tokens=32)
        for field in ("grammar", "structured_outputs"):
            with contextlib.suppress(EnvironmentFailure):
                found = self._stream(
                    [("user", "Say hello.")], options, _grammar_fields(field, grammar), None, None
                )
                if found.text.strip() == PROBE:
                    return field
        return ""

    def _probe_schema(self) -> str:
        """The same with a JSON schema, in the two ways that engines take one."""
        schema = {
            "type": "object",
            "properties": {"code": {"enum": [PROBE]}},
            "required": ["code"],
            "additionalProperties": False,
        }
        options = Options(max_tokens=48)
        for field in ("json_schema", "json_object"):
            with contextlib.suppress(EnvironmentFailure, ValueError):
                found = self._stream(
                    [("user", "Say hello as JSON.")],
                    options,
                    _schema_fields(field, schema),
                    None,
                    None,
                )
                if json.loads(found.text) == {"code": PROBE}:
                    return field
        return ""

    def _as_json(
        self,
        messages: Messages,
        options: Options,
        on_text: OnText | None,
        cancel: threading.Event | None,
    ) -> Generation:
        """The answer as JSON that follows the schema."""
        assert self._schema_field
        *before, (role, last) = messages
        shown = f" of this schema:\n{options.schema}"
        told = "\n\nAnswer as one JSON document"
        told += shown if len(options.schema) <= SCHEMA_SHOWN_CHARS else "."
        extra = _schema_fields(self._schema_field, json.loads(options.schema))
        judge = _Judge(_as_document, lambda _: "This is not one whole JSON document. Answer again.")
        asked = [*before, (role, last + told)]
        found = self._until_valid(asked, options, extra, judge, on_text, cancel)
        return found if found.finish == "cancelled" else replace(found, form="json")

    def _until_valid(
        self,
        messages: Messages,
        options: Options,
        extra: Mapping[str, Any],
        judge: _Judge,
        on_text: OnText | None,
        cancel: threading.Event | None,
    ) -> Generation:
        """Where the form is not certain: ask, check, and say what was wrong."""
        conversation = list(messages)
        for attempt in range(MAX_RETRIES + 1):
            found = self._stream(conversation, options, extra, None, cancel)
            if found.finish == "cancelled":
                return found
            text = judge.accepted(found.text)
            if text is not None:
                if on_text is not None:
                    on_text(text)
                return replace(found, text=text)
            if attempt < MAX_RETRIES:
                conversation += [("assistant", found.text), ("user", judge.reproach(found))]
        raise GrammarError(
            f"{self.info.name} did not answer in the form that was asked for, "
            f"{MAX_RETRIES + 1} times",
            hint="This engine takes no grammar. llama-server and vLLM do; or use a larger model.",
        )

    # -- requests

    def _stream(
        self,
        messages: Messages,
        options: Options,
        extra: Mapping[str, Any],
        on_text: OnText | None,
        cancel: threading.Event | None,
    ) -> Generation:
        body = {
            "model": self._endpoint.address.model or self.info.name,
            "messages": [{"role": role, "content": content} for role, content in messages],
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p if options.temperature > 0 else 1.0,
            "seed": options.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
            **({"stop": list(options.stop)} if options.stop else {}),
            **extra,
        }
        began = first = time.perf_counter()
        output = Output(options.stop, on_text)
        finish, pieces, ended = "length", 0, False
        usage: dict[str, Any] = {}
        for event in self._endpoint.events("/chat/completions", body, cancel):
            usage = event.get("usage") or usage
            for choice in event.get("choices") or []:
                text = (choice.get("delta") or {}).get("content") or ""
                if text and not pieces:
                    first = time.perf_counter()
                pieces += bool(text)
                if text and output.add(text.encode("utf-8", "replace")):
                    finish = "stop"
                if choice.get("finish_reason"):
                    ended = True
                    finish = "stop" if choice["finish_reason"] == "stop" else "length"
        if cancel is not None and cancel.is_set():
            finish = "cancelled"
        elif not (pieces or ended):  # llama-cpp-python's server says no more when it fails
            raise EnvironmentFailure(
                f"the engine at {self._endpoint.where()} broke off without an answer",
                hint="Its own log says why. Often the prompt is longer than its window.",
            )
        details = usage.get("prompt_tokens_details") or {}
        return Generation(
            text=output.finish(),
            tokens=tuple(range(int(usage.get("completion_tokens") or pieces))),
            logprobs=(),
            finish=finish,
            prompt_tokens=int(usage.get("prompt_tokens") or 0),
            reused_tokens=int(details.get("cached_tokens") or 0),
            prompt_ms=1000 * (first - began),
            generation_ms=1000 * (time.perf_counter() - first),
        )

    # -- what it is

    def _look(self, context_tokens: int) -> ModelInfo:
        listed = self._endpoint.ask(f"{self._endpoint.address.base}/models")
        rows = listed.get("data") if isinstance(listed, dict) else None
        models = [row for row in rows or [] if isinstance(row, dict) and row.get("id")]
        if not models:
            raise EnvironmentFailure(
                f"what answers at {self._endpoint.where()} is not an OpenAI-compatible engine",
                hint="Its address usually ends in /v1.",
            )
        names = [str(row["id"]) for row in models]
        wanted = self._endpoint.address.model or names[0]
        row = next((r for r in models if r["id"] == wanted), None)
        if row is None:
            raise EnvironmentFailure(
                f"the engine at {self._endpoint.where()} has no model called {wanted!r}",
                hint=f"It has: {', '.join(names[:8])}",
            )
        meta = row.get("meta")
        details: dict[str, Any] = meta if isinstance(meta, dict) else {}
        window = (
            context_tokens or row.get("max_model_len") or details.get("n_ctx") or self._window()
        )
        size = _BILLIONS.search(wanted)
        parameters = details.get("n_params") or (float(size[1]) * 1e9 if size else 7e9)
        return ModelInfo(
            name=Path(wanted).name,
            path=Path(wanted),
            architecture=REMOTE,
            parameters=int(parameters),
            context_tokens=int(window or DEFAULT_CONTEXT_TOKENS),
            trained_context_tokens=int(details.get("n_ctx_train") or 0),
            size_bytes=int(details.get("size") or 0),
            quantisation="",
            chat_template="",
            fingerprint=f"{self._endpoint.where()} {wanted}",
        )

    def _window(self) -> int:
        """llama-server tells its window apart from the models."""
        found = self._endpoint.ask("/props")
        settings = found.get("default_generation_settings") if isinstance(found, dict) else None
        return int(settings.get("n_ctx") or 0) if isinstance(settings, dict) else 0

    def _tokens(self, text: str) -> list[int] | None:
        """llama-server and llama-cpp-python count at different places."""
        for path, body in (
            ("/tokenize", {"content": text, "prompt": text, "model": self.info.name}),
            ("/extras/tokenize", {"input": text}),
        ):
            found = self._endpoint.ask(path, body)
            tokens = found.get("tokens") if isinstance(found, dict) else None
            if isinstance(tokens, list):
                return [int(t) for t in tokens]
        self._counts = False
        return None


@dataclass(frozen=True, slots=True)
class _Judge:
    """Whether an answer is of the right form: its text or None; and what is said of a wrong one."""

    accepted: Callable[[str], str | None]
    reproach: Callable[[Generation], str]


def _schema_fields(field: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """As OpenAI, Ollama, LM Studio and vLLM take a schema, or as llama-cpp-python does."""
    if field == "json_object":
        return {"response_format": {"type": "json_object", "schema": schema}}
    form = {"name": "answer", "schema": schema, "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def _as_document(text: str) -> str | None:
    """The text, or what is inside of its fence, where it is one JSON object; else None."""
    fenced = _FENCED.match(text)
    for candidate in (text, fenced[1] if fenced else ""):
        with contextlib.suppress(ValueError):
            if isinstance(json.loads(candidate), dict):
                return candidate
    return None


def _grammar_fields(field: str, grammar: str) -> dict[str, Any]:
    return {field: grammar} if field == "grammar" else {field: {"grammar": grammar}}


def _in_form(text: str, checker: Gbnf) -> str | None:
    """The text, or what is inside of its fence, where it is of the form; else None."""
    fenced = _FENCED.match(text)
    inside = fenced[1] if fenced else text
    for candidate in (text, inside, inside + "\n", inside.strip(), inside.strip() + "\n"):
        if checker.matches(candidate):
            return candidate
    return None


def _reproach(found: Generation, checker: Gbnf) -> str:
    right, _may_end = checker.longest(found.text)
    shown = found.text[right : right + 40]
    where = f"from {shown!r} on" if shown else "because something is missing at its end"
    return (
        f"This is not in the required form {where}. Answer again, with nothing but the answer in "
        "exactly that form: no explanation, no code fence."
    )
