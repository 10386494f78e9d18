"""The tokeniser: byte-level BPE whose merges never cross a space, a camelCase border, a digit or
an underscore, so that an identifier has the same tokens wherever it stands.

    python training/tokenizer.py --cache RUN/harvest.pkl --out RUN/tokenizer.json

Trained with a strict split, used with GPT-2's plain regex, which is what llama.cpp has built in.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ("<|user|>", "<|assistant|>", "<|end|>")
STRICT = r"\n {3}(?= )|\s|\p{N}|_|\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{L}|[^\s\p{L}\p{N}_]{1,3}"


def train(corpus: list[str], vocab: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(STRICT), "isolated"), byte_level]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=vocab,
        special_tokens=[AddedToken(t, special=True, normalized=False) for t in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        max_token_length=24,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def load_encoder(path: Path) -> Callable[[str], list[int]]:
    tokenizer = Tokenizer.from_file(str(path))
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids


def main() -> None:
    import sentences
    import words
    from generate import Maker, stream, texts
    from harvest import harvest

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vocab", type=int, default=3072)
    args = parser.parse_args()
    maker = Maker(harvest(args.cache))
    corpus: list[str] = []
    for tree in stream(maker, 99, 2500):
        context, branches = texts(tree)
        corpus.append(context.removeprefix("<|user|>").rstrip("\n") + "\n")
        corpus += [b.stem for b in branches]
        corpus += [answer.removesuffix("<|end|>") for b in branches for _, answer in b.leaves]
    rng = random.Random(7)
    corpus += rng.sample(maker.pool, min(25_000, len(maker.pool)))
    lists = [words.NOUNS, words.VERBS, words.PARAMS, words.FOLDERS, words.ERRORS]
    corpus += [w for some in lists for w in some for _ in range(20)]
    corpus += [w.title() for w in words.NOUNS for _ in range(8)]
    every = [
        t for table in vars(sentences).values() if isinstance(table, dict) for t in _strings(table)
    ]
    corpus += [
        t.replace("|", " ").replace("[", " ").replace("]", " ") for t in every for _ in range(6)
    ]
    tokenizer = train(corpus, args.vocab)
    tokenizer.save(str(args.out))
    encode = load_encoder(args.out)
    for text in (
        "add_parameter shop/http.py::HTTPClient.fetch",
        '\n    raise ValueError("x")',
        "a\n\nb",
    ):
        print(text, [tokenizer.decode([i]) for i in encode(text)])
    sizes = [len(encode(t)) for t in corpus[:2000]]
    print("tokens", sum(sizes), "characters", sum(map(len, corpus[:2000])))


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [t for v in value.values() for t in _strings(v)]
    return [t for v in value for t in _strings(v)] if isinstance(value, list | tuple) else []


if __name__ == "__main__":
    main()
