"""Makes nano from nothing: harvest, tokeniser, shards, training, export, verbs, evaluation.

    python training/make.py --run training/runs/nano --minutes 90

Every stage is skipped where its result exists, so the command can be repeated after a stop.
`--steps` instead of `--minutes` makes the run independent of the machine's speed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parent / "src" / "sorte_cli" / "nano" / "nano.gguf"


def run(script: str, *arguments: str | Path) -> None:
    subprocess.run([sys.executable, str(HERE / script), *map(str, arguments)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=HERE / "runs" / "nano")
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--shards", type=int, default=60, help="about 480,000 tokens each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--vocab", type=int, default=3072)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    args = parser.parse_args()
    cache, tokenizer = args.run / "harvest.pkl", args.run / "tokenizer.json"
    shards = args.run / "shards"
    args.run.mkdir(parents=True, exist_ok=True)
    if not cache.exists():
        run("harvest.py", cache)
    if not tokenizer.exists():
        run("tokenizer.py", "--cache", cache, "--out", tokenizer, "--vocab", args.vocab)
    generator = subprocess.Popen(
        [
            sys.executable, str(HERE / "generate.py"), "--cache", str(cache),
            "--tokenizer", str(tokenizer), "--out", str(shards),
            "--seed", str(args.seed), "--shards", str(args.shards),
        ]
    )  # fmt: skip
    try:
        length = ["--steps", args.steps] if args.steps else ["--minutes", args.minutes]
        run(
            "train.py", "--data", shards, "--run", args.run, "--seed", args.seed,
            "--threads", args.threads, "--vocab", args.vocab, *length,
        )  # fmt: skip
    finally:
        generator.terminate()
        generator.wait()
    run(
        "export.py",
        "--checkpoint",
        args.run / "last.pt",
        "--tokenizer",
        tokenizer,
        "--out",
        args.out,
    )
    if args.out == SHIPPED:
        run("verbs.py", "--cache", cache, "--seed", args.seed)
    run("evaluate.py", "--model", args.out, "--cache", cache)
    run("evaluate.py", "--model", args.out, "--cache", cache, "--grammar")


if __name__ == "__main__":
    main()
