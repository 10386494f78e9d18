"""How often the grammar lets the right answer be written at all: the ceiling for every small model.

    python training/possible.py --cache RUN/harvest.pkl [--count 400] [--hand FILE] [--show]

No model runs; only the vocabulary of the shipped one is read. Plans are looked at clause by clause,
as the agent plans.
"""

from __future__ import annotations

import argparse
import ctypes
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from evaluate import ROOT, Case, Score, _made, generated_cases, hand_cases
from sorte_cli.agent import grounding
from sorte_cli.agent.clauses import split_clauses
from sorte_cli.agent.grammar import plan_grammar, step_grammar
from sorte_cli.agent.prompting import render_step
from sorte_cli.domain import Step


def acceptor(model_path: Path) -> Callable[[str, str], bool]:
    """A function (grammar, text) -> whether the grammar accepts the whole text."""
    import llama_cpp.llama_cpp as c

    c.llama_backend_init()
    parameters = c.llama_model_default_params()
    parameters.vocab_only = True
    model = c.llama_model_load_from_file(str(model_path).encode(), parameters)
    vocab = c.llama_model_get_vocab(model)
    size = c.llama_vocab_n_tokens(vocab)

    def check(grammar: str, text: str) -> bool:
        sampler = c.llama_sampler_init_grammar(vocab, grammar.encode(), b"root")
        raw = text.encode()
        tokens = (c.llama_token * (len(raw) + 8))()
        count = c.llama_tokenize(vocab, raw, len(raw), tokens, len(tokens), False, False)
        try:
            for token in [*tokens[:count], c.llama_vocab_eos(vocab)]:
                data = c.llama_token_data(token, 0.0, 0.0)
                array = c.llama_token_data_array(ctypes.pointer(data), 1, -1, False)
                c.llama_sampler_apply(sampler, ctypes.byref(array))
                if array.data[0].logit == float("-inf"):
                    return False
                if token != c.llama_vocab_eos(vocab):
                    c.llama_sampler_accept(sampler, token)
            return True
        finally:
            c.llama_sampler_free(sampler)

    assert size
    return check


def plan_possible(case: Case, accepts: Callable[[str, str], bool]) -> bool:
    clauses = split_clauses(case.task, case.symbols)
    if len(clauses) > 1 and case.steps:
        if len(clauses) != len(case.steps):
            return False
        pairs = zip(clauses, [[s] for s in case.steps], strict=True)
    else:
        pairs = iter([(case.task, case.steps)])
    for text, steps in pairs:
        grammar = plan_grammar(case.symbols, grounding.read_mentions(text))
        lines = "".join(render_step(Step(s.verb, s.targets)) + "\n" for s in steps)
        if not accepts(grammar, lines or "none: not a code change\n"):
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "src/sorte_cli/nano/nano.gguf")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=777)
    parser.add_argument("--hand", type=Path, action="append", default=[])
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args()
    cases = [case for path in args.hand for case in hand_cases(path)]
    if args.cache:
        cases += generated_cases(args.cache, args.count, args.seed)
    accepts = acceptor(args.model)
    scores: dict[str, Score] = defaultdict(Score)
    for case in cases:
        good = plan_possible(case, accepts)
        scores[f"plan {case.group}"].add(good)
        if args.show and not good:
            print("PLAN ", case.task, "|", [render_step(s) for s in case.steps])
            print("       cut:", split_clauses(case.task, case.symbols)) if len(
                case.steps
            ) > 1 else 0
        created: list = []
        clauses = split_clauses(case.task, case.symbols)
        parts = clauses if len(clauses) == len(case.steps) else [case.task] * len(case.steps)
        for step, answer, bodies, part in zip(
            case.steps, case.answers, case.bodies, parts, strict=True
        ):
            mentions = grounding.read_mentions(part)
            grammar = step_grammar(step, case.symbols, mentions, bodies, created)
            right = accepts(grammar, answer + "\n")
            scores[f"answer {step.verb}"].add(right)
            good = good and right
            created += _made(case, answer)
            if args.show and not right:
                print("STEP ", case.task, "|", repr(answer))
        scores[f"task {case.group}"].add(good)
    for name in sorted(scores):
        print(f"{name:32s} {scores[name]}")


if __name__ == "__main__":
    main()
