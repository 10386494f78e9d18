"""Learns the order of the leading files from commits of public repositories: one command.

    pip install -e . lightgbm scipy
    python training/ranking.py --repos DIR --examples DIR [--minutes N]

`DIR/owner+name/repo` (or `DIR/name`) are local clones, best some dozens in several languages. A
query is the message of a commit, its answer the files that the commit changed, asked with the tree
and history of the commit's parent, as `benchmarks/localisation.py` does. What was asked is kept in
`--examples`, so that `--minutes` may end the asking and the same command goes on. Then it prints
what is gained on repositories that were not learned from (folds by repository), learns from all of
them and writes `src/sorte_cli/context/ranking.json`. The same examples give the same bytes.

Repositories that the benchmark asks about, now or to judge by, are never learned from.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean, stdev

import lightgbm
import numpy as np
from scipy.optimize import minimize

from sorte_cli.context import learned, ranking
from sorte_cli.context.index import ProjectIndex
from sorte_cli.context.languages import language_of
from sorte_cli.context.view import View

RANKING = Path(__file__).parents[1] / "src/sorte_cli/context" / learned.FILE
SAMPLE = Path(__file__).parents[1] / "tests/context/learned_examples.json"
NEVER = """
flask llm celery monica vite gin axum aider gptme mini-swe-agent bagisto core ollama ripgrep
""".split()
QUERIES_EACH = 70
NEWEST_SHARE = 0.6
NEWEST_COMMITS = 6_000
FOLDS = 5
SEED = 7
# More of these never speaks against a file, less of those never for it, whatever the rest says.
FOR = re.compile(
    r"(?:s|m|a|c|n|w|p|co|rec|short)_|(?:named|own|own_cov|top\d|rrf|soft|scope|near|near_count"
    r"|near_covered|sum|sum_share|sum_margin|l_20|l_100|l_500|l_folder|test_q|test_partner"
    r"|code_partner)$"
)
AGAINST = re.compile(r"r_|(?:near_place|l_last|l_narrow|sum_rank)$")
SAMPLED = 12
RIDGE = 200.0
STEPS = 60
ROUNDS = 200
PARAMETERS = {
    "learning_rate": 0.05, "num_leaves": 6, "max_depth": 3, "min_data_in_leaf": 40,
    "min_sum_hessian_in_leaf": 5, "lambda_l2": 10, "feature_fraction": 0.4,
    "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 63, "verbose": -1, "num_threads": 1,
    "seed": SEED, "deterministic": True, "force_row_wise": True,
}  # fmt: skip
Predict = Callable[[np.ndarray], np.ndarray]
_BOT = re.compile(r"\bbot\b|dependabot|renovate|\[bot\]", re.I)
_DULL = re.compile(
    r"(?:merge|revert|bump|release|version|v?\d+\.\d+|prepare|update (?:dep|lock|change))", re.I
)
_TRAILER = re.compile(r"^\s*(?:[\w-]+-by|Change-Id|Cc|PR-URL|Refs?-URL|git-svn-id)\s*:", re.I)
_ASIDE = re.compile(
    r"(?:^|/)(?:vendor|vendored|_vendor|third[_-]party|node_modules|dist|lang|locales?|translations"
    r"|__snapshots__|generated)/|\.min\.(?:js|css)$|_pb2(?:_grpc)?\.py$|\.pb\.go$|\.snap$"
)


# Queries


def queries(git_dir: Path, name: str) -> list[dict]:
    """Commits of one repository as queries, oldest first."""
    log = ["log", "--no-merges", "--topo-order", "-M60%", "--name-status", "-z",
           "--format=%x01%H%x02%P%x02%an %ae%x02%B%x03", "HEAD"]  # fmt: skip
    raw = subprocess.run(
        ["git", "--git-dir", git_dir, "-c", "core.quotepath=off", *log],
        check=True, stdout=subprocess.PIPE,
    ).stdout.decode("utf-8", "replace")  # fmt: skip
    records = raw.split("\x01")[1:]
    newest = records[: min(int(len(records) * NEWEST_SHARE), NEWEST_COMMITS)]
    found = [q for n, record in enumerate(newest) if (q := _query(name, n, record))]
    random.Random(name).shuffle(found)
    return sorted(found[:QUERIES_EACH], key=lambda q: -q["place"])


def _query(name: str, place: int, record: str) -> dict | None:
    head, _, rest = record.partition("\x03")
    sha, parents, author, message = head.split("\x02", 3)
    text = _text(message)
    subject = text.split("\n")[0]
    if len(parents.split()) != 1 or _BOT.search(author) or len(text) < 20 or _DULL.match(subject):
        return None
    changes = list(_changes(rest))
    files = sorted({p for status, p in changes if status == "M" and is_judged(p)})
    renames = sum(status == "R" for status, _ in changes)
    if len(subject.split()) < 3 or renames > 2 or len(changes) > 25 or not 1 <= len(files) <= 8:
        return None
    return {
        "id": f"{name}@{sha[:12]}", "repo": name, "place": place, "parent": parents, "text": text,
        "files": files,
    }  # fmt: skip


def _text(message: str) -> str:
    """Subject and first paragraph of the body, without trailers."""
    paragraphs = re.split(r"\n\s*\n", message.strip().replace("\r", ""))[:2]
    kept = (
        "\n".join(
            line.strip()
            for line in paragraph.split("\n")
            if not _TRAILER.match(line) and line.strip(" -*_=")
        )
        for paragraph in paragraphs
    )
    return "\n".join(k for k in kept if k)[:1000].strip()


def _changes(rest: str) -> Iterator[tuple[str, str]]:
    fields = [f.lstrip("\n") for f in rest.strip("\n").split("\0")]
    at = 0
    while at < len(fields):
        if not fields[at]:
            at += 1
            continue
        wide = fields[at][0] in "RC"
        if at + 1 + wide < len(fields):
            yield fields[at][0], fields[at + 1 + wide]
        at += 2 + wide


def is_judged(path: str) -> bool:
    """Code, templates and styles; not what is generated, vendored or translated."""
    return language_of(path) in ranking.CODE and not _ASIDE.search(path)


# Examples


def clones(repositories: Path) -> Iterator[tuple[str, Path]]:
    for folder in sorted(repositories.iterdir()):
        if folder.name.partition("+")[2].lower() in NEVER or folder.name.lower() in NEVER:
            continue
        inner = folder / "repo" if (folder / "repo").is_dir() else folder
        git_dir = inner / ".git" if (inner / ".git").is_dir() else inner
        if (git_dir / "HEAD").is_file():
            yield folder.name, git_dir


def example(view: View, text: str) -> dict:
    """Paths and features of the leading files."""
    query = view.understand(text)
    found = ranking.summed(query, view.evidence(query))
    rows = found.features()
    names = sorted(rows[0]) if rows else []
    paths = [view.files[p].path for p, _ in found.leading()]
    return {"names": names, "paths": paths, "rows": [[round(r[n], 6) for n in names] for r in rows]}


def ask(repositories: Path, kept: Path, ends: float) -> None:
    """Write the examples of every repository that has none yet."""
    kept.mkdir(parents=True, exist_ok=True)
    for name, git_dir in clones(repositories):
        out = kept / f"{name}.json.gz"
        if out.exists():
            continue
        found = []
        with tempfile.TemporaryDirectory() as cache:
            for query in queries(git_dir, name):
                if time.monotonic() > ends:
                    return
                with ProjectIndex.at_commit(git_dir, query["parent"], Path(cache)) as index:
                    leading = index.ask(lambda view, q=query: example(view, q["text"]))
                if leading["rows"]:
                    found.append({**query, **leading})
        with gzip.open(out, "wt", encoding="utf-8") as handle:
            json.dump(found, handle)
        print(f"{name}: {len(found)} queries", flush=True)


def examples(kept: Path) -> list[dict]:
    """All examples, what is not judged left out of them."""
    found = []
    for file in sorted(kept.glob("*.json.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as handle:
            for one in json.load(handle):
                judged = [is_judged(p) for p in one["paths"]]
                one["rows"] = [r for r, j in zip(one["rows"], judged, strict=True) if j]
                one["paths"] = [p for p, j in zip(one["paths"], judged, strict=True) if j]
                one["right"] = [int(p in one["files"]) for p in one["paths"]]
                if one["rows"]:
                    found.append(one)
    return found


# Learning


class Table:
    """Examples as arrays: one row a file, the files of a query together."""

    def __init__(self, rows: Sequence[dict], names: Sequence[str]) -> None:
        used = [one for one in rows if any(one["right"])]
        self.data = np.array([row for one in used for row in one["rows"]])
        self.sum = self.data[:, names.index("sum")]
        self.right = np.array([float(r) for one in used for r in one["right"]])
        sizes = [len(one["right"]) for one in used]
        self.starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        self.query = np.repeat(np.arange(len(used)), sizes)
        self.count = len(used)

    def _by_query(self, values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values, self.starts)[self.query]

    def loss(self, scores: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """How unlikely the right files are, its slope by each score, and their likelihoods.

        Half of it asks for every right file, half for any of them, as recall and MRR do.
        """
        powers = np.exp(scores - np.maximum.reduceat(scores, self.starts)[self.query])
        likely = powers / self._by_query(powers)
        all_right = self._by_query(likely * self.right)
        wanted = self.right / self._by_query(self.right)
        any_right = likely * self.right / all_right
        loss = -(wanted * np.log(likely + 1e-30)).sum()
        loss -= np.log(all_right[self.starts] + 1e-30).sum()
        return 0.5 * loss, likely - 0.5 * wanted - 0.5 * any_right, likely


def learn(rows: Sequence[dict], names: Sequence[str]) -> tuple[str, Predict]:
    """What was learned: as the text of the file, and as a function of the learner's own.

    Weights, and trees that correct what they sum up to.
    """
    table = Table(rows, names)
    weights = weigh(table, names)
    start = table.data @ weights
    trees = grow(table, names, start)
    nodes = [_flat(tree["tree_structure"]) for tree in trees.dump_model()["tree_info"]]
    text = written(names, [round(float(w), 6) for w in weights], nodes)
    return text, lambda data: data @ weights + trees.predict(data)


def weigh(table: Table, names: Sequence[str]) -> np.ndarray:
    """A weight for each feature; those that are the same for all files of a query have none."""
    mean, spread = table.data.mean(0), table.data.std(0) + 1e-6
    # The sum is not held back, and what is the same for a whole query cannot order it.
    free = np.array([not n.startswith("q_") and n not in ("l_tests", "sum") for n in names])
    even = (table.data - mean) / spread * free

    def held(weights: np.ndarray) -> tuple[float, np.ndarray]:
        loss, slope, _ = table.loss(weights[0] * table.sum + even @ weights[1:])
        bound = RIDGE * np.concatenate([[0.0], weights[1:]])
        slopes = np.concatenate([[slope @ table.sum], even.T @ slope])
        return (loss + bound @ weights) / table.count, (slopes + 2 * bound) / table.count

    begin = np.zeros(len(names) + 1)
    begin[0] = 1.0
    bounds = [(0, None), *({1: (0, None), -1: (None, 0), 0: (None, None)}[sense(n)] for n in names)]
    options = {"maxiter": STEPS}
    found = minimize(held, begin, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    weights = found[1:] / spread * free
    weights[names.index("sum")] += found[0]
    return weights


def sense(name: str) -> int:
    """1 where more of a feature may only raise a file, -1 where only lower it, else 0."""
    return 1 if FOR.match(name) else -1 if AGAINST.match(name) else 0


def grow(table: Table, names: Sequence[str], start: np.ndarray) -> lightgbm.Booster:
    """Trees that correct the scores they start from."""

    def slopes(scores: np.ndarray, _: object) -> tuple[np.ndarray, np.ndarray]:
        _, slope, likely = table.loss(start + scores)
        return slope, np.maximum(likely * (1.0 - likely), 1e-4)

    data = lightgbm.Dataset(table.data, table.right)
    given = {"objective": slopes, "monotone_constraints": [sense(n) for n in names]}
    return lightgbm.train(PARAMETERS | given, data, ROUNDS)


def _flat(root: dict) -> list:
    """A tree as a list of splits and leaves, the root first."""
    nodes: list = []

    def place(node: dict) -> int:
        at = len(nodes)
        nodes.append(None)
        if "leaf_value" in node:
            nodes[at] = round(node["leaf_value"], 5)
        else:
            bound = float(f"{node['threshold']:.6g}")
            left, right = place(node["left_child"]), place(node["right_child"])
            nodes[at] = [node["split_feature"], bound, left, right]
        return at

    place(root)
    return nodes


def written(names: Sequence[str], weights: Sequence[float], trees: Sequence[Sequence]) -> str:
    """The text of the file, one tree a line, with only the features that count."""
    splits = {n[0] for tree in trees for n in tree if isinstance(n, list | tuple)}
    used = [i for i in range(len(names)) if i in splits or weights[i]]
    place = {feature: at for at, feature in enumerate(used)}
    body = {
        "features": [names[u] for u in used],
        "weights": [weights[u] for u in used],
        "trees": [
            [[place[n[0]], *n[1:]] if isinstance(n, list | tuple) else n for n in tree]
            for tree in trees
        ],
    }
    short = {"separators": (",", ":")}
    lines = ",\n".join(json.dumps(tree, **short) for tree in body["trees"])
    return (
        f'{{"sha256":"{learned.checksum(body)}",\n"features":{json.dumps(body["features"])},\n'
        f'"weights":{json.dumps(body["weights"], **short)},\n"trees":[\n{lines}\n]}}\n'
    )


def measures(one: dict, scores: Sequence[float]) -> tuple[float, float]:
    """recall@5 and reciprocal rank of one query."""
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    hits = [place for place, i in enumerate(order) if one["right"][i]]
    return sum(h < 5 for h in hits) / len(one["files"]), 1 / (hits[0] + 1) if hits else 0.0


def check(rows: Sequence[dict], names: Sequence[str]) -> None:
    """Print what is gained on repositories that were not learned from."""
    repositories = sorted({one["repo"] for one in rows})
    random.Random(SEED).shuffle(repositories)
    fold = {repository: at % FOLDS for at, repository in enumerate(repositories)}
    before, after = [], []
    for at in range(FOLDS):
        text, _ = learn([one for one in rows if fold[one["repo"]] != at], names)
        told = learned.loaded(text)
        for one in (one for one in rows if fold[one["repo"]] == at):
            sums = [row[names.index("sum")] for row in one["rows"]]
            before.append(measures(one, sums))
            scores = [told.score(dict(zip(names, row, strict=True))) for row in one["rows"]]
            after.append(measures(one, scores))
    for at, what in enumerate(("recall@5", "MRR")):
        gained = [b[at] - a[at] for a, b in zip(before, after, strict=True)]
        error = stdev(gained) / math.sqrt(len(gained))
        print(
            f"{what}: {fmean(a[at] for a in before):.3f} by the sum, "
            f"{fmean(b[at] for b in after):.3f} learned ({fmean(gained):+.3f} ± {error:.3f})"
        )


def sample(rows: Sequence[dict], names: Sequence[str], predict: Predict) -> str:
    """Features and the learner's own scores of some files, for the tests."""
    chosen = [
        one["rows"][place]
        for one in random.Random(SEED).sample(list(rows), SAMPLED)
        for place in range(0, len(one["rows"]), 20)
    ]
    scores = [round(float(score), 5) for score in predict(np.array(chosen))]
    lines = [
        json.dumps([s, row], separators=(",", ":")) for s, row in zip(scores, chosen, strict=True)
    ]
    return f'{{"names":{json.dumps(names)},\n"rows":[\n' + ",\n".join(lines) + "\n]}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repos", type=Path, help="folder of local clones")
    parser.add_argument("--examples", type=Path, required=True, help="keep what was asked here")
    parser.add_argument("--minutes", type=float, default=1e6, help="ask no more after this time")
    parser.add_argument("--no-check", action="store_true", help="only learn")
    options = parser.parse_args()
    if options.repos:
        ask(options.repos, options.examples, time.monotonic() + 60 * options.minutes)
    rows = examples(options.examples)
    names = rows[0]["names"]
    print(f"{len(rows)} queries of {len({one['repo'] for one in rows})} repositories")
    if not options.no_check:
        check(rows, names)
    text, predict = learn(rows, names)
    RANKING.write_text(text, encoding="utf-8")
    print(f"{RANKING.name}: {RANKING.stat().st_size} bytes")
    SAMPLE.write_text(sample(rows, names, predict), encoding="utf-8")


if __name__ == "__main__":
    main()
