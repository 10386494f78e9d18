"""llama.cpp's own judgement of grammars, for tests: only the vocabulary of nano is read."""

from __future__ import annotations

import ctypes

import llama_cpp.llama_cpp as c

from sorte_cli.paths import nano_model


class Acceptor:
    """Called with a grammar and a text: whether the grammar accepts all of the text and its end."""

    def __init__(self) -> None:
        parameters = c.llama_model_default_params()
        parameters.vocab_only = True
        self._model = c.llama_model_load_from_file(str(nano_model()).encode(), parameters)
        self._vocab = c.llama_model_get_vocab(self._model)

    def __call__(self, grammar: str, text: str) -> bool:
        sampler = c.llama_sampler_init_grammar(self._vocab, grammar.encode(), b"root")
        raw = text.encode()
        tokens = (c.llama_token * (len(raw) + 8))()
        count = c.llama_tokenize(self._vocab, raw, len(raw), tokens, len(tokens), False, False)
        end = c.llama_vocab_eos(self._vocab)
        try:
            for token in [*tokens[:count], end]:
                data = c.llama_token_data(token, 0.0, 0.0)
                array = c.llama_token_data_array(ctypes.pointer(data), 1, -1, False)
                c.llama_sampler_apply(sampler, ctypes.byref(array))
                if array.data[0].logit == float("-inf"):
                    return False
                if token != end:
                    c.llama_sampler_accept(sampler, token)
            return True
        finally:
            c.llama_sampler_free(sampler)
