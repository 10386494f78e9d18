"""A model's vocabulary and chat template without its weights: prompts as the engine reads them."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from types import TracebackType

from sorte_cli.inference.bindings import bindings, clear_log, reason_lines
from sorte_cli.inference.chat import CHATML, PLAIN, Chat
from sorte_cli.inference.engine import Messages, ModelLoadError
from sorte_cli.inference.gguf import read_header

_CONTROL, _UNKNOWN = 1 << 3, 1 << 0


class Vocabulary:
    """Loaded in a moment, also from a large file. A context manager: leaving it frees it."""

    def __init__(self, path: Path) -> None:
        """Raises GgufError or ModelLoadError where the file cannot be read."""
        header = read_header(path)
        self._c = c = bindings()
        clear_log()
        params = c.llama_model_default_params()
        params.vocab_only = True
        self._model = c.llama_model_load_from_file(os.fsencode(path), params)
        if not self._model:
            raise ModelLoadError(f"llama.cpp cannot read the vocabulary of {path}{reason_lines()}")
        self._vocab = c.llama_model_get_vocab(self._model)
        self.end = int(c.llama_vocab_eot(self._vocab))
        if self.end < 0:
            self.end = int(c.llama_vocab_eos(self._vocab))
        self._bos = int(c.llama_vocab_bos(self._vocab))
        self._adds_bos = bool(c.llama_vocab_get_add_bos(self._vocab))
        specials = self._specials()
        self._chat = Chat(
            header.chat_template or (CHATML if "<|im_start|>" in specials else PLAIN),
            bos=self._text(self._bos),
            eos=self._text(int(c.llama_vocab_eos(self._vocab))),
            tokenize=lambda text: self._tokenize(text, special=True),
            special_texts=lambda: specials,
        )

    def __enter__(self) -> Vocabulary:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._c.llama_model_free(self._model)

    def prompt(self, messages: Messages) -> list[int]:
        """The tokens of a prompt, ready for an answer."""
        tokens = self._chat.tokens(messages)
        if self._adds_bos and tokens[:1] != [self._bos]:
            tokens.insert(0, self._bos)
        return tokens

    def answer(self, text: str) -> list[int]:
        """The tokens of an answer and its end."""
        return [*self._tokenize(text, special=False), self.end]

    def _tokenize(self, text: str, *, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        if not data:
            return []
        buffer = (self._c.llama_token * (len(data) + 8))()
        count = self._c.llama_tokenize(
            self._vocab, data, len(data), buffer, len(buffer), False, special
        )
        return list(buffer[:count])

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes = ctypes.string_at(self._c.llama_vocab_get_text(self._vocab, token))
        return text.decode("utf-8", "replace")

    def _specials(self) -> frozenset[str]:
        found = (
            self._text(token)
            for token in range(int(self._c.llama_vocab_n_tokens(self._vocab)))
            if self._c.llama_vocab_get_attr(self._vocab, token) & (_CONTROL | _UNKNOWN)
        )
        return frozenset(filter(None, found))
