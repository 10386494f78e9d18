"""How the index grows with the project: time, memory and size for trees of 1,000 files and more.

    python benchmarks/index_growth.py REPOSITORY [--sizes 1000,5000,20000] [--svg docs/FILE.svg]
                                      [--rows FILE]

The trees are copies of the repository's own files, each made different, so that every content is
read. Each size is indexed once from nothing and once warm, in fresh processes; the figures are
processor seconds, peak memory, and bytes on disk. `--svg` draws them. Sizes that stand in the file
of `--rows` are not measured again, so that a long run can be done in pieces.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from index_speed import copies, fresh

WIDTH, HEIGHT, LEFT, TOP = 230, 150, 52, 34
PANELS = (
    ("cold_s", "from nothing, CPU s"),
    ("peak_mib", "peak memory, MiB"),
    ("index_mib", "on disk, MiB"),
    ("warm_s", "warm start, CPU s"),
)


def measured(repository: Path, size: int, scratch: Path) -> dict[str, float]:
    tree = copies(repository, size, scratch)
    cache = scratch / f"cache-{size}"
    cold, warm = fresh(tree, cache), fresh(tree, cache)
    return {
        "files": size,
        "indexed": cold["files"],
        "cold_s": cold["update_s"],
        "warm_s": warm["update_s"] + warm["history_s"],
        "one_changed_s": warm["one_changed_s"],
        "rank_s": warm["rank_s"],
        "peak_mib": cold["peak_mib"],
        "index_mib": cold["index_mib"],
    }


def panel(rows: list[dict[str, float]], name: str, title: str, number: int) -> str:
    """One small plot with a line through the origin and the largest tree, to compare with."""
    left, right = LEFT + number * (WIDTH + 66), LEFT + number * (WIDTH + 66) + WIDTH
    bottom = TOP + HEIGHT
    most_files = max(r["files"] for r in rows)
    most = max(r[name] for r in rows) * 1.08 or 1.0
    points = [
        (left + WIDTH * r["files"] / most_files, bottom - HEIGHT * r[name] / most) for r in rows
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts = [
        f'<text x="{left}" y="{TOP - 12}" class="title">{title}</text>',
        f'<path d="M{left} {TOP}V{bottom}H{right}" class="axis"/>',
        f'<path d="M{left} {bottom}L{points[-1][0]:.1f} {points[-1][1]:.1f}" class="linear"/>',
        f'<polyline points="{path}" class="line"/>',
        f'<text x="{left - 6}" y="{bottom + 4}" class="end">0</text>',
    ]
    for row, (x, y) in zip(rows, points, strict=True):
        value = f"{row[name]:.2f}" if row[name] < 10 else f"{row[name]:.0f}"
        files = f"{row['files'] / 1000:.0f}k"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
        parts.append(f'<text x="{x - 5:.1f}" y="{y - 7:.1f}" class="end">{value}</text>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 15}" class="mid">{files}</text>')
    return "\n".join(parts)


def drawing(rows: list[dict[str, float]]) -> str:
    width = LEFT + len(PANELS) * (WIDTH + 66)
    body = "\n".join(panel(rows, n, t, i) for i, (n, t) in enumerate(PANELS))
    style = (
        "text{font:12px sans-serif;fill:#555}.title{font-weight:bold}.end{text-anchor:end}"
        ".mid{text-anchor:middle}.axis,.line,.linear{fill:none;stroke:#999}"
        ".line{stroke:#0b7285;stroke-width:2}.linear{stroke-dasharray:3 4}circle{fill:#0b7285}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{TOP + HEIGHT + 28}" '
        f'role="img" aria-label="Cost of the index by number of files">\n'
        f"<style>{style}</style>\n{body}\n</svg>\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--sizes", default="1000,5000,20000", help="numbers of files")
    parser.add_argument("--svg", type=Path, help="draw the figures into this file")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=Path, help="keep what was measured in this file")
    options = parser.parse_args()
    kept = options.rows.read_text() if options.rows and options.rows.is_file() else "[]"
    rows = json.loads(kept)
    for size in (int(n) for n in options.sizes.split(",")):
        if any(r["files"] == size for r in rows):
            continue
        with tempfile.TemporaryDirectory() as scratch:
            rows.append(measured(options.repository.resolve(), size, Path(scratch)))
        if options.rows:
            options.rows.write_text(json.dumps(rows, indent=2) + "\n")
        if not options.json:
            print("  ".join(f"{k} {v:.3f}".rstrip("0").rstrip(".") for k, v in rows[-1].items()),
                  flush=True)  # fmt: skip
    rows.sort(key=lambda r: r["files"])
    if options.json:
        print(json.dumps(rows, indent=2))
    if options.svg:
        options.svg.write_text(drawing(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
