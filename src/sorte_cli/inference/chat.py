"""Chat messages to prompt text, through the template the model file carries.

The template is code from a stranger, so it runs in jinja2's sandbox. Nothing a user or a file of
the repository says may become a control token: see `Chat.tokens`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NoReturn

import jinja2
import jinja2.ext
import jinja2.sandbox
from jinja2 import nodes
from jinja2.parser import Parser

from sorte_cli.inference.engine import ChatTemplateError, Messages

# jinja2 drops a newline at the very end of a template, but not one that is an expression.
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant{{ '\n' }}"
)
PLAIN = (
    "{% for m in messages %}### {{ m.role | capitalize }}:\n{{ m.content }}\n\n{% endfor %}"
    "### Assistant:{{ '\n' }}"
)
_TEMPLATE_MISTAKES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


class _GenerationBlock(jinja2.ext.Extension):
    """`{% generation %}` marks the answer for training; here its content is all that counts."""

    tags = {"generation"}  # noqa: RUF012 - as the base class declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Environment(jinja2.sandbox.SandboxedEnvironment):
    """Sandboxed, but lists stay mutable: some templates append to them (Kimi K2)."""

    def __init__(self) -> None:
        extensions = [jinja2.ext.loopcontrols, _GenerationBlock]
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=extensions)
        self.filters["tojson"] = _to_json
        self.filters["from_json"] = json.loads
        self.globals["raise_exception"] = _raise
        self.globals["strftime_now"] = lambda form: datetime.now().strftime(form)


def _to_json(value: Any, indent: int | None = None, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise(message: str) -> NoReturn:
    raise jinja2.TemplateError(str(message))


class Chat:
    """A model's template and the way from messages to tokens.

    `tokenize(text, special)` is the model's own; `special_texts` are the spellings of its control
    tokens, asked for once, when first needed.
    """

    def __init__(
        self,
        template: str,
        *,
        bos: str,
        eos: str,
        tokenize: Callable[[str, bool], list[int]],
        special_texts: Callable[[], frozenset[str]],
    ) -> None:
        self._tokens = {"bos_token": bos, "eos_token": eos}
        self._tokenize = tokenize
        self._special_texts = special_texts
        try:
            self._template = _Environment().from_string(template)
        except jinja2.TemplateError as error:
            raise ChatTemplateError(
                f"the model's chat template is broken: {error}",
                hint="Use another conversion of this model.",
            ) from error

    def render(self, messages: Messages) -> str:
        """The prompt as text.

        Some templates refuse a system role (Gemma 2), some drop it without a word (Phi 3): then
        its text goes into the first user message.
        """
        folded = _fold_system(messages)
        try:
            text = self._expand(messages)
            if folded is None or all(_is_in(c, text) for r, c in messages if r == "system"):
                return text
        except jinja2.TemplateError as error:
            if folded is None:
                raise _refused(error) from error
        try:
            return self._expand(folded)
        except jinja2.TemplateError as error:
            raise _refused(error) from error

    def _expand(self, messages: Messages) -> str:
        turns = [{"role": role, "content": content} for role, content in messages]
        try:
            # Answers are written under a grammar, which leaves no room for thinking aloud first.
            return self._template.render(
                messages=turns, add_generation_prompt=True, enable_thinking=False, **self._tokens
            )
        except _TEMPLATE_MISTAKES as error:
            # jinja2 lets the template's own mistakes through as Python's errors
            raise jinja2.TemplateError(f"{type(error).__name__}: {error}") from error

    def tokens(self, messages: Messages) -> list[int]:
        """The prompt as tokens; only the template's own words can be control tokens.

        As a rule the whole text is tokenised at once, as in training. Where a message spells a
        control token, or part of one at its edge, template and contents are tokenised apart,
        contents with control tokens off.
        """
        if not any(self._is_suspicious(content) for _, content in messages):
            return self._tokenize(self.render(messages), True)
        tokens: list[int] = []
        for text, is_content in self._split(messages):
            tokens += self._tokenize(text, not is_content)
        return tokens

    @cached_property
    def _specials(self) -> tuple[frozenset[str], frozenset[str], int]:
        """Control tokens, their proper beginnings and ends, and the longest one's length."""
        texts = self._special_texts()
        edges = {t[:k] for t in texts for k in range(1, len(t))}
        edges |= {t[k:] for t in texts for k in range(1, len(t))}
        return texts, frozenset(edges), max(map(len, texts), default=0)

    def _is_suspicious(self, content: str) -> bool:
        texts, edges, longest = self._specials
        if any(text in content for text in texts):
            return True
        sizes = range(1, min(longest, len(content)) + 1)
        return any(content[:k] in edges or content[-k:] in edges for k in sizes)

    def _split(self, messages: Messages) -> list[tuple[str, bool]]:
        """The prompt as (text, is content) parts, found by marks around every content."""
        opening, closing = _marks([content for _, content in messages])
        # Templates strip what they are given, so outer white space stays outside the marks.
        marked = []
        for role, content in messages:
            core = content.strip()
            before, _, after = content.partition(core) if core else (content, "", "")
            marked.append((role, f"{before}{opening}{core}{closing}{after}"))
        parts: list[tuple[str, bool]] = []
        for piece in self.render(marked).split(opening):
            content, found, template = piece.partition(closing)
            if found:
                parts.append((content, True))
                parts.append((template, False))
            else:
                parts.append((piece, False))
        return [(text, is_content) for text, is_content in parts if text]


def _marks(contents: Sequence[str]) -> tuple[str, str]:
    """Two private-use characters that no content has."""
    text = "".join(contents)
    free = (c for c in map(chr, range(0xF0000, 0xFFFFE)) if c not in text)
    return next(free), next(free)


def _is_in(content: str, text: str) -> bool:
    return content.strip() in text


def _fold_system(messages: Messages) -> list[tuple[str, str]] | None:
    """System texts moved into the first user message, or None where there is nothing to move."""
    system = [content for role, content in messages if role == "system"]
    rest = [(role, content) for role, content in messages if role != "system"]
    if not system or not rest:
        return None
    role, content = rest[0]
    return [(role, "\n\n".join([*system, content])), *rest[1:]]


def _refused(error: jinja2.TemplateError) -> ChatTemplateError:
    return ChatTemplateError(
        f"the model's chat template refuses this conversation: {error}",
        hint="Choose a chat (instruct) model, or another conversion of this one.",
    )
