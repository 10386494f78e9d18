"""What the past tells of the leading files of a ranking, as numbers. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

from sorte_cli.context.evidence import Evidence, Late
from sorte_cli.context.languages import CODE, is_test
from sorte_cli.context.past_scores import WIDE_COMMIT, PastScores

LEADERS = 8
LATE_COMMITS = 200
LAST_COMMITS = 20
TOUCHES_COMPARED = 300
NEVER = 15.0
"""Where a place in the history is asked for and there is none; as a logarithm."""


class PastFeatures:
    """Numbers for files at `positions`, best first; each method gives one row a file."""

    def __init__(self, evidence: Evidence, past: PastScores, positions: Sequence[int]) -> None:
        self.evidence = evidence
        self.past = past
        self.positions = positions

    def nearest(self) -> list[dict[str, float]]:
        """The past commits most like the task that touched a file."""
        commits = self.past.nearest_commits
        best = commits[0][1] if commits else 1.0
        found: dict[int, list[tuple[float, int, int, float]]] = defaultdict(list)
        for rank, (place, likeness) in enumerate(commits):
            files = self.past.files_of(place)
            if 0 < len(files) <= WIDE_COMMIT:
                covered = self.past.covered(place, likeness) if rank < 10 else 0.0
                for position in files:
                    found[position].append((likeness / best, place, len(files), covered))
        rows = []
        for position in self.positions:
            mine = found.get(position)
            if not mine:
                rows.append({
                    "near": 0.0, "near_count": 0.0, "near_place": NEVER, "near_width": 31.0,
                    "near_covered": 0.0,
                })  # fmt: skip
                continue
            likeness, place, width, covered = max(mine, key=lambda m: (m[0], -m[1]))
            rows.append({
                "near": likeness, "near_count": len(mine), "near_place": math.log2(1 + place),
                "near_width": width, "near_covered": covered,
            })  # fmt: skip
        return rows

    def lately(self) -> list[dict[str, float]]:
        """How lately and how often a file, its folder and its kind were worked on."""
        evidence = self.evidence
        if evidence.known.late is None:
            evidence.known.late = self._late()
        late = evidence.known.late
        starts = evidence.history.starts
        rows = []
        for position in self.positions:
            file = evidence.files[position]
            touches = evidence.touches.get(evidence.path_ids[position], ())
            narrowest = next(
                (t for t in touches[:20] if starts[t + 1] - starts[t] <= WIDE_COMMIT), None
            )
            rows.append({
                "l_last": math.log2(1 + touches[0]) if touches else NEVER,
                "l_narrow": math.log2(1 + narrowest) if narrowest is not None else NEVER,
                "l_20": bisect_left(touches, 20),
                "l_100": bisect_left(touches, 100),
                "l_500": min(bisect_left(touches, 500), 500),
                "l_all": math.log2(1 + len(touches)),
                "l_born": math.log2(1 + touches[-1]) if touches else NEVER,
                "l_folder": late.folders.get(folder_of(file.path), 0.0),
                "l_tests": late.tests,
                "l_kind": late.kinds.get(file.language, 0.0) if late.kinds else 0.5,
            })  # fmt: skip
        return rows

    def _late(self) -> Late:
        evidence = self.evidence
        starts = evidence.history.starts
        folders: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        tests = narrow = 0
        for place in range(min(LATE_COMMITS, len(evidence.history.commits))):
            files = [evidence.files[p] for p in self.past.files_of(place)]
            if not files or starts[place + 1] - starts[place] > WIDE_COMMIT:
                continue
            narrow += 1
            tests += any(is_test(f.path) for f in files)
            kinds.update(f.language for f in files if f.language in CODE)
            if place < LAST_COMMITS:
                folders.update({folder_of(f.path) for f in files})
        touched = kinds.total()
        return Late(
            {folder: count / LAST_COMMITS for folder, count in folders.items()},
            {kind: count / touched for kind, count in kinds.items()},
            tests / narrow if narrow else 0.5,
        )

    def together(self) -> list[dict[str, float]]:
        """How often a file changed when each of the leaders did."""
        starts = self.evidence.history.starts
        sets = []
        for position in self.positions:
            touches = self.evidence.touches.get(self.evidence.path_ids[position], ())
            sets.append({
                t
                for t in touches[:TOUCHES_COMPARED]
                if 1 < starts[t + 1] - starts[t] <= WIDE_COMMIT
            })  # fmt: skip
        rows = []
        for i, mine in enumerate(sets):
            shares = [
                len(mine & other) / (2.0 + len(other)) if j != i else 0.0
                for j, other in enumerate(sets[:LEADERS])
            ]
            rows.append({
                # A leader always changes with itself: it must not stand behind the one after it.
                "co_first": 1.0 if i == 0 else shares[0],
                "co_best": max(shares),
                "co_sum": sum(shares),
            })  # fmt: skip
        return rows


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]
