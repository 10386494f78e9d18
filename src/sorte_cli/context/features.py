"""What sets the leading files of a ranking apart from each other, as numbers. Pure.

The sum of `ranking.py` weighs each kind of evidence by itself. What depends on the others (a path
that says all of a short task, a test whose code leads, a past commit that nothing else bears out)
is told here, for the few files that lead by that sum, and weighed by `learned.py`.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sorte_cli.context import words
from sorte_cli.context.evidence import Evidence, Scores, rarity
from sorte_cli.context.languages import CODE, is_test, tested_stem
from sorte_cli.context.past_features import PastFeatures, folder_of
from sorte_cli.context.past_scores import PastScores
from sorte_cli.context.query import Query
from sorte_cli.context.text_scores import TextScores

SHARES = ("fields", "passage", "path", "messages", "nearest", "recent", "together", "defined")
RANKED = ("fields", "passage", "path", "messages", "nearest", "recent")
CONSENSUS = ("fields", "passage", "path", "messages", "nearest")
FAR = 8.0
"""The base-two logarithm of a place that is not there."""
NEIGHBOURS = 10
MARKUP = frozenset(("blade", "html", "jinja", "twig", "css", "scss", "less"))
BARRELS = frozenset(("__init__", "index", "mod", "lib", "main"))
_SCOPE = re.compile(r"\A\s*(?:\[([^\]\n]{2,40})\]|\w+\(([^()\n]{2,40})\)!?:|([\w./ -]{2,40}):\s)")
_FIX = re.compile(
    r"\A\W*(?:bug)?(?:fix\w*|hotfix|correct\w*|resolve\w*|prevent\w*|avoid\w*)\b", re.I
)
_TIDY = re.compile(
    r"\A\W*(?:refactor\w*|chore|style|clean\w*|simplif\w*|remov\w*|renam\w*|us(?:e|ing))\b", re.I
)


class Features:
    """Numbers for the candidates of one query: positions of files, best first by the sum."""

    def __init__(
        self,
        query: Query,
        evidence: Evidence,
        text: TextScores,
        past: PastScores,
        lists: Mapping[str, Scores],
        candidates: Sequence[tuple[int, float]],
    ) -> None:
        self.query = query
        self.evidence = evidence
        self.text = text
        self.past = past
        self.lists = lists
        self.positions = [p for p, _ in candidates]
        self.scores = [s for _, s in candidates]
        self.paths = [evidence.files[p].path for p in self.positions]
        self.total = len(evidence.files)

    def rows(self) -> list[dict[str, float]]:
        """One row a candidate, by name, in the order given."""
        found = [dict[str, float]() for _ in self.positions]
        shared = self._of_query()
        for row in found:
            row.update(shared)
        past = PastFeatures(self.evidence, self.past, self.positions)
        for part in (
            self._strengths, self._coverage, self._passages, past.nearest, past.lately,
            past.together, self._kin, self._kind,
        ):  # fmt: skip
            for row, values in zip(found, part(), strict=True):
                row.update(values)
        for row, share in zip(found, self._shares_of_all(), strict=True):
            row["soft"] = share
            row.update(_together(row))
        return found

    def _shares_of_all(self) -> list[float]:
        """The sums as shares of a whole, the first by far the largest where it stands out."""
        first = max(self.scores, default=0.0)
        powers = [math.exp(s - first) for s in self.scores]
        return [p / sum(powers) for p in powers]

    def _of_query(self) -> dict[str, float]:
        query = self.query
        first = self.scores[0] if self.scores else 1.0
        fifth = self.scores[min(4, len(self.scores) - 1)] if self.scores else 0.0
        subject = query.task.strip().split("\n")[0]
        return {
            "q_terms": len(query.terms),
            "q_body": float("\n" in query.task.strip()),
            "q_names": len(query.names),
            "q_tests": float(query.of_tests),
            "q_creates": float(query.creates),
            "q_fix": float(bool(_FIX.match(subject))),
            "q_tidy": float(bool(_TIDY.match(subject))),
            "q_files": math.log2(1 + self.total),
            "q_past": math.log2(1 + len(self.evidence.history.commits)),
            "q_first": first,
            "q_flat": fifth / first if first else 1.0,
            "q_paths": max(self.lists["path"].values(), default=0.0),
        }

    def _strengths(self) -> list[dict[str, float]]:
        rows = [dict[str, float]() for _ in self.positions]
        for name in SHARES:
            scores = self.lists[name]
            best = max(scores.values(), default=0.0) or 1.0
            mine = [scores.get(p, 0.0) for p in self.positions]
            for row, value in zip(rows, mine, strict=True):
                row[f"s_{name}"] = value / best
            if name in RANKED:
                for row, place, margin in zip(rows, _places(mine), _margins(mine), strict=True):
                    row[f"r_{name}"] = place
                    row[f"m_{name}"] = margin
        weight = sum(
            t.weight * rarity(len(self.text.counted(t.text)[0]), self.total)
            for t in self.query.terms
        )
        for i, (row, position, margin) in enumerate(
            zip(rows, self.positions, _margins(self.scores), strict=True)
        ):
            row["sum"] = self.scores[i]
            row["sum_share"] = self.scores[i] / (self.scores[0] or 1.0)
            row["sum_margin"] = margin
            row["sum_rank"] = math.log2(1 + i)
            row["named"] = self.lists["named"].get(position, 0.0)
            for name in ("fields", "passage", "path", "messages"):
                row[f"a_{name}"] = self.lists[name].get(position, 0.0) / (weight or 1.0)
        return rows

    def _coverage(self) -> list[dict[str, float]]:
        """How much of the task stands in the text, the names, the path, the past messages."""
        rows = [defaultdict[str, float](float) for _ in self.positions]
        place_of = {p: i for i, p in enumerate(self.positions)}
        paths, total = self.evidence.paths, self.total
        scope = self._scope()
        whole = in_scope = in_names = 0.0
        written = {t[-1] for n in self.query.names if (t := words.terms_of(n))}
        for term in self.query.terms:
            counted = self.text.counted(term.text)[0]
            value = term.weight * rarity(len(counted), total)
            whole += value
            stems, folders = set[int](), set[int]()
            body, names, said = set[int](), set[int](), set[int]()
            for alternative, _ in term.alternatives:
                body.update(self.text.counted(alternative)[0])
                names.update(self.text.counted(alternative)[1])
                stems.update(paths.stems.get(alternative, ()))
                folders.update(paths.folders.get(alternative, ()))
                said.update(self.text.messages.get(alternative, ()))
            for position, i in place_of.items():
                row = rows[i]
                row["c_body"] += value * (position in body)
                row["c_names"] += value * (position in names)
                row["c_stem"] += value * (position in stems)
                row["c_path"] += value * (position in stems or position in folders)
                row["c_said"] += value * (position in said)
                row["n_stem"] += position in stems
                row["n_names"] += position in names
            if term.text in scope:
                in_scope += value
                for position, i in place_of.items():
                    rows[i]["scope"] += value * (
                        (position in stems) + 0.5 * (position in folders and position not in stems)
                    )
            if term.text in written:
                in_names += value
                for position, i in place_of.items():
                    rows[i]["w_names"] += value * (position in names)
                    rows[i]["w_body"] += value * (position in body)
        found = []
        for row, position in zip(rows, self.positions, strict=True):
            values = {
                k: row[k] / (whole or 1.0)
                for k in ("c_body", "c_names", "c_stem", "c_path", "c_said")
            }
            values["n_stem"] = row["n_stem"]
            values["n_names"] = row["n_names"]
            stem = len(words_of_stem(self.evidence.files[position].path))
            values["own"] = row["n_stem"] / max(stem, 1)
            values["scope"] = row["scope"] / in_scope if in_scope else -1.0
            values["w_names"] = row["w_names"] / in_names if in_names else -1.0
            values["w_body"] = row["w_body"] / in_names if in_names else -1.0
            found.append(values)
        return found

    def _scope(self) -> frozenset[str]:
        """Words of what stands before a colon or in brackets at the beginning."""
        found = _SCOPE.match(self.query.task)
        return (
            frozenset(words.terms(next(g for g in found.groups() if g))) if found else frozenset()
        )

    def _passages(self) -> list[dict[str, float]]:
        size = self.evidence.pieces_per_blob
        wanted = {self.evidence.files[p].blob for p in self.positions}
        by_blob: dict[int, list[float]] = defaultdict(list)
        best = 0.0
        for piece, value in self.text.passages.items():
            best = max(best, value)
            if piece // size in wanted:
                by_blob[piece // size].append(value)
        named: dict[int, float] = defaultdict(float)
        whole = 0.0
        for term in self.query.terms:
            postings = self.evidence.postings[term.text].names
            value = term.weight * rarity(len(self.text.counted(term.text)[0]), self.total)
            whole += value
            for piece in postings:
                if piece // size in wanted:
                    named[piece] += value
        in_names: dict[int, float] = {}
        for piece, value in named.items():
            in_names[piece // size] = max(in_names.get(piece // size, 0.0), value)
        rows = []
        for position in self.positions:
            blob = self.evidence.files[position].blob
            mine = sorted(by_blob.get(blob, ()), reverse=True)[:4]
            rows.append({
                "p_second": mine[1] / best if len(mine) > 1 else 0.0,
                "p_close": sum(v >= 0.6 * best for v in by_blob.get(blob, ())),
                "p_names": in_names.get(blob, 0.0) / (whole or 1.0),
            })  # fmt: skip
        return rows

    def _kin(self) -> list[dict[str, float]]:
        """Tests and what they test, folders and languages among the leaders."""
        stems = [words.key(_stem(p)) for p in self.paths]
        tests = [is_test(p) for p in self.paths]
        of = [words.key(tested_stem(p)) for p in self.paths]
        code_at: dict[str, int] = {}
        test_at: dict[str, int] = {}
        for i in range(len(self.paths)):
            if tests[i]:
                test_at.setdefault(of[i], i)
            else:
                code_at.setdefault(stems[i], i)
        folders = [folder_of(p) for p in self.paths]
        languages = [self.evidence.files[p].language for p in self.positions]
        rows = []
        for i in range(len(self.paths)):
            others = [j for j in range(min(NEIGHBOURS, len(self.paths))) if j != i]
            leader = others[0] if others else i
            partner = code_at.get(of[i]) if tests[i] else test_at.get(stems[i])
            rows.append({
                "k_test": float(tests[i]),
                "k_partner": math.log2(1 + partner) if partner is not None else FAR,
                "k_folder": sum(folders[j] == folders[i] for j in others) / NEIGHBOURS,
                "k_same": float(folders[leader] == folders[i]),
                "k_stem": sum(stems[j] == stems[i] for j in others),
                "k_language": sum(languages[j] == languages[i] for j in others) / NEIGHBOURS,
                "k_tests": sum(tests[j] for j in others) / NEIGHBOURS,
                "k_above": sum(
                    folders[j] == folders[i] and tests[j] == tests[i] for j in range(min(i, 20))
                ),
            })  # fmt: skip
        return rows

    def _kind(self) -> list[dict[str, float]]:
        counts = Counter(f.language for f in self.evidence.files if f.language in CODE)
        code = max(sum(counts.values()), 1)
        rows = []
        for position, path in zip(self.positions, self.paths, strict=True):
            file = self.evidence.files[position]
            rows.append({
                "f_length": math.log2(1 + file.length),
                "f_depth": path.count("/"),
                "f_barrel": float(_stem(path) in BARRELS),
                "f_markup": float(file.language in MARKUP),
                "f_share": counts[file.language] / code,
                "f_aside": float(bool(_ASIDE.search(path))),
            })  # fmt: skip
        return rows


def _together(row: Mapping[str, float]) -> dict[str, float]:
    """What two kinds of evidence say only together."""
    places = [row[f"r_{name}"] for name in CONSENSUS]
    short = math.sqrt(max(row["q_terms"], 1.0))
    partner = float(row["k_partner"] < 1.1)
    return {
        "top1": sum(p == 0 for p in places),
        "top3": sum(p <= 1.6 for p in places),
        "rrf": sum(1.0 / (2.0 + 2.0**p) for p in places if p < FAR),
        "short_path": row["s_path"] / short,
        "short_cstem": row["c_stem"] / short,
        "own_cov": row["own"] * row["c_stem"],
        "rec_near": row["s_recent"] * row["near"],
        "rec_field": row["s_recent"] * row["s_fields"],
        "test_q": row["k_test"] * row["q_tests"],
        "test_partner": row["k_test"] * partner,
        "code_partner": (1.0 - row["k_test"]) * partner,
    }


_ASIDE = re.compile(
    r"(?:^|/)(?:examples?|docs?|docs_src|samples?|demos?|bench\w*|scripts?|fixtures?|playground)/"
)


def words_of_stem(path: str) -> list[str]:
    return words.split_words(_stem(path))


def _stem(path: str) -> str:
    base = path.rpartition("/")[2]
    return base.partition(".")[0] or base


def _places(values: Sequence[float]) -> list[float]:
    """The base-two logarithm of each value's place among them; FAR for what is not positive."""
    ordered = sorted(values, reverse=True)
    first = {v: i for i, v in reversed(list(enumerate(ordered)))}
    return [math.log2(1 + first[v]) if v > 0 else FAR for v in values]


def _margins(values: Sequence[float]) -> list[float]:
    """Each value over the best of the others, at most 3."""
    ordered = sorted(values, reverse=True)
    best, second = [*ordered, 0.0, 0.0][:2]
    found = []
    for value in values:
        other = second if value == best else best
        found.append(min(value / other, 3.0) if other > 0 else (3.0 if value > 0 else 0.0))
    return found
