"""Chat messages to prompt text, through the template the model file carries.

The template is code from a stranger, so it runs in jinja2's sandbox. Nothing a user or a file of
the repository says may become a control token: see `Chat.tokens`.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, NoReturn

import jinja2
import jinja2.ext
import jinja2.sandbox
from jinja2 import nodes
from jinja2.parser import Parser

from sorte_cli.inference.engine import ChatTemplateError, Messages
from sorte_cli.inference.thinking import ready, style_of

# jinja2 drops a newline at the very end of a template, but not one that is an expression.
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant{{ '\n' }}"
)
PLAIN = (
    "{% for m in messages %}### {{ m.role | capitalize }}:\n{{ m.content }}\n\n{% endfor %}"
    "### Assistant:{{ '\n' }}"
)
RENDER_TIMEOUT_S = 10.0
MAX_TEXT = 1 << 20
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

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """A few characters of a template must not ask for all memory or for ever."""
        sizes = [len(v) if hasattr(v, "__len__") else 1 for v in (left, right)]
        numbers = [abs(v) if isinstance(v, int) else 1 for v in (left, right)]
        wide = operator == "%" and isinstance(left, str) and re.search(r"\d{4}|\*", left)
        too_much = max(sizes) * max(numbers) > MAX_TEXT if operator == "*" else False
        if wide or too_much or (operator == "**" and numbers[1] * numbers[0].bit_length() > 4096):
            raise jinja2.TemplateError("it asks for an absurd amount of text")
        return super().call_binop(context, operator, left, right)


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Ends a template that loops for ever: nobody could cancel it."""
    end = time.monotonic() + RENDER_TIMEOUT_S
    before = sys.gettrace()

    def watch(_frame: object, _event: str, _argument: object) -> Any:
        if time.monotonic() > end:
            raise jinja2.TemplateError(f"it does not end within {RENDER_TIMEOUT_S:.0f} s")
        return watch

    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(before)


def _to_json(value: Any, indent: int | None = None, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise(message: str) -> NoReturn:
    raise jinja2.TemplateError(str(message))


class Chat:
    """A model's template and the way from messages to tokens.

    `tokenize` is the model's own, and reads control tokens where they are spelled out;
    `special_texts` are their spellings, asked for once, when first needed.
    """

    def __init__(
        self,
        template: str,
        *,
        bos: str,
        eos: str,
        tokenize: Callable[[str], list[int]],
        special_texts: Callable[[], frozenset[str]],
    ) -> None:
        self._tokens = {"bos_token": bos, "eos_token": eos}
        self._tokenize = tokenize
        self._special_texts = special_texts
        self.style = style_of(template)
        """How the model thinks, if it does."""
        try:
            self._template = _Environment().from_string(template)
        except jinja2.TemplateError as error:
            raise ChatTemplateError(
                f"the model's chat template is broken: {error}",
                hint="Use another conversion of this model.",
            ) from error

    def render(self, messages: Messages, *, think: bool = False) -> str:
        """The prompt as text, up to where the answer begins, or a thought with `think`.

        Some templates refuse a system role (Gemma 2), some drop it without a word (Phi 3): then
        its text goes into the first user message. Where it does not come through there either,
        the template means it so (nano was trained without one).
        """
        text = self._render(messages, think)
        return text + ready(text, self.style, think=think) if self.style else text

    def _render(self, messages: Messages, think: bool) -> str:
        folded = _fold_system(messages)
        try:
            text = self._expand(messages, think)
        except jinja2.TemplateError as error:
            if folded is None:
                raise _refused(error) from error
            text = ""
        if folded is None or (text and _has_system(text, messages)):
            return text
        try:
            second = self._expand(folded, think)
        except jinja2.TemplateError as error:
            if text:
                return text
            raise _refused(error) from error
        return second if not text or _has_system(second, messages) else text

    def _expand(self, messages: Messages, think: bool) -> str:
        turns = [{"role": role, "content": content} for role, content in messages]
        try:
            with _limited():
                return self._template.render(
                    messages=turns,
                    add_generation_prompt=True,
                    enable_thinking=think,
                    thinking=think,
                    **self._tokens,
                )
        except _TEMPLATE_MISTAKES as error:
            # jinja2 lets the template's own mistakes through as Python's errors
            raise jinja2.TemplateError(f"{type(error).__name__}: {error}") from error

    def tokens(self, messages: Messages, *, think: bool = False) -> list[int]:
        """The prompt as tokens; only the template's own words can be control tokens.

        Where a message spells a control token, or the beginning or end of one at its edge, a
        mark is put there before the template sees it, and the text is tokenised in the pieces
        between the marks: the spelling is cut in two, whatever the template does to messages.
        Other prompts, nearly all, are tokenised whole, as in training.
        """
        contents = [content for _, content in messages]
        if not any(map(self._is_suspicious, contents)):
            return self._tokenize(self.render(messages, think=think))
        mark = _unused_character("".join(contents))
        cut = [(role, self._cut(content, mark)) for role, content in messages]
        pieces = self.render(cut, think=think).split(mark)
        return [t for piece in pieces for t in self._tokenize(piece)]

    @cached_property
    def _specials(self) -> frozenset[str]:
        return frozenset(text for text in self._special_texts() if len(text) > 1)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._specials), default=0)

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(t[:k] for t in self._specials for k in range(1, len(t)))

    @cached_property
    def _ends(self) -> frozenset[str]:
        return frozenset(t[k:] for t in self._specials for k in range(1, len(t)))

    @cached_property
    def _spelled(self) -> re.Pattern[str]:
        """Finds every place where a control token's spelling begins, overlapping ones too."""
        return re.compile(f"(?={'|'.join(map(re.escape, self._specials))})")

    def _is_suspicious(self, content: str) -> bool:
        core = content.strip()
        spelled = any(text in content for text in self._specials)
        return spelled or self._completes(core) or self._begins(core)

    def _completes(self, core: str) -> bool:
        """Whether its start could end a control token that the template begins before it."""
        sizes = range(1, min(self._longest, len(core) + 1))
        return any(core[:k] in self._ends for k in sizes)

    def _begins(self, core: str) -> bool:
        """Whether its end could begin a control token that the template ends after it."""
        sizes = range(1, min(self._longest, len(core) + 1))
        return any(core[-k:] in self._beginnings for k in sizes)

    def _cut(self, content: str, mark: str) -> str:
        """The content with marks; around its core, because templates strip white space."""
        core = content.strip()
        before, _, after = content.partition(core) if core else (content, "", "")
        places = [match.start() + 1 for match in self._spelled.finditer(core)]
        places += [0] * self._completes(core)
        places += [len(core)] * self._begins(core)
        for place in sorted(set(places), reverse=True):
            core = core[:place] + mark + core[place:]
        return before + core + after


def _unused_character(text: str) -> str:
    """A private-use character that is not in `text`."""
    return next(c for c in map(chr, range(0xF0000, 0xFFFFE)) if c not in text)


def _has_system(text: str, messages: Messages) -> bool:
    return all(content.strip() in text for role, content in messages if role == "system")


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
