"""Pictures of a real session for the README: talks to `sorte` at a pty, writes SVG.

python scripts/screenshots.py [FOLDER]        # docs/images by default
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from html import escape
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "session"))

from terminal_double import Person  # noqa: E402

from sorte_cli.demo import copy_sample  # noqa: E402

TALKS = {
    "en": (
        "where is create_payment used?",
        "rename create_payment to build_payment",
        ("Go on?", "y"),
        "Apply this step?",
    ),
    "pt_BR": (
        "onde create_payment é usado?",
        "renomeie create_payment para build_payment",
        ("Continuar?", "s"),
        "Aplicar este passo?",
    ),
}
COLUMNS, LINES, STEP_LINES = 88, 34, 24
FONT_PX, LINE_PX, CHAR_PX, EDGE_PX = 14, 19, 8.43, 16
DARK, LIGHT = "#1b1f27", "#d5dae3"
COLORS = {
    "black": "#000000", "red": "#e06c75", "green": "#98c379", "brown": "#e5c07b",
    "yellow": "#e5c07b",
    "blue": "#61afef", "magenta": "#c678dd", "cyan": "#56b6c2", "brightblack": "#7f848e",
}  # fmt: skip


def picture(person: Person) -> str:
    """The screen as SVG, with its colours; no font or anything else is fetched for it."""
    shown = max(y for y, line in enumerate(person.screen.display) if line.strip()) + 1
    width, height = COLUMNS * CHAR_PX + 2 * EDGE_PX, shown * LINE_PX + 2 * EDGE_PX
    rows = [
        f'<text x="{EDGE_PX}" y="{EDGE_PX + (y + 0.8) * LINE_PX:.1f}">{_row(person, y)}</text>'
        for y in range(shown)
    ]
    grounds = "\n".join(_grounds(person, y) for y in range(shown))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="{FONT_PX}">\n'
        f'<rect width="100%" height="100%" rx="8" fill="{DARK}"/>\n'
        f"{grounds}\n"
        f'<g fill="{LIGHT}" xml:space="preserve">\n' + "\n".join(rows) + "\n</g>\n</svg>\n"
    )


def _grounds(person: Person, y: int) -> str:
    """The coloured grounds of a line, as in a diff."""
    parts: list[str] = []
    start = 0
    for ground, run in groupby(person.screen.buffer[y][x].bg for x in range(COLUMNS)):
        count = len(list(run))
        if ground != "default":
            parts.append(
                f'<rect x="{EDGE_PX + start * CHAR_PX:.1f}" y="{EDGE_PX + y * LINE_PX}" '
                f'width="{count * CHAR_PX:.1f}" height="{LINE_PX}" fill="{_color(ground)}"/>'
            )
        start += count
    return "".join(parts)


def _color(name: str) -> str:
    """A colour as pyte names it: one of the sixteen, or six hexadecimal digits."""
    return COLORS.get(name) or (f"#{name}" if len(name) == 6 and name.isalnum() else LIGHT)


def _row(person: Person, y: int) -> str:
    """A line as runs of cells that look alike, each put at its column."""
    cells = [person.screen.buffer[y][x] for x in range(COLUMNS)]
    parts: list[str] = []
    start = 0
    for (fg, bold, italic, reverse), run in groupby(
        cells, key=lambda c: (c.fg, c.bold, c.italics, c.reverse)
    ):
        text = "".join(c.data or " " for c in run)
        if text.strip() or reverse:
            whole = text if reverse else text.rstrip()
            fill = _color(fg)
            look = (
                f' fill="{fill}"' + ' font-weight="bold"' * bold + ' font-style="italic"' * italic
            )
            look += ' text-decoration="underline"' * reverse
            at = EDGE_PX + start * CHAR_PX
            length = len(whole) * CHAR_PX
            parts.append(
                f'<tspan x="{at:.1f}" textLength="{length:.1f}"{look}>{escape(whole)}</tspan>'
            )
        start += len(text)
    return "".join(parts)


def talk(folder: Path, language: str) -> tuple[str, str]:
    """One talk about the sample project. Two pictures: the plan that waits for its yes, and its
    step with the diff that waits for another."""
    home, project = folder / "home", folder / "checkout"
    home.mkdir()
    project.mkdir()
    copy_sample(project)
    env = {
        "PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "SORTE_LANG": language,
        "TERM": "xterm-256color", "SORTE_STATE_DIR": str(home / "state"),
        "SORTE_CACHE_DIR": str(home / "cache"), "SORTE_CONFIG_DIR": str(home / "config"),
    }  # fmt: skip
    for who in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{who}_NAME": "Ana", f"GIT_{who}_EMAIL": "ana@example.com"}
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "checkout"]):
        subprocess.run(["git", *words], cwd=project, env=env, check=True)
    (home / "state").mkdir()
    (home / "state" / "welcomed").touch()
    question, change, (waits, yes), waits_again = TALKS[language]
    person = Person(project, env, columns=COLUMNS, lines=LINES)
    try:
        person.wait(lambda text: "0%" in text)
        person.say("/mode steps")
        person.say(question)
        person.wait(lambda text: "nano é" in text or "nano is" in text)
        person.say(change)
        person.wait(waits)
        person.look(1)
        first = picture(person)
        person.resize(COLUMNS, STEP_LINES)
        person.say(yes)
        person.wait(waits_again)
        person.look(1)
        return first, picture(person)
    finally:
        person.close()


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    target.mkdir(parents=True, exist_ok=True)
    for language in TALKS:
        with tempfile.TemporaryDirectory(prefix="sorte-picture-") as folder:
            plan, step = talk(Path(folder), language)
            (target / f"session-{language}.svg").write_text(plan)
            (target / f"step-{language}.svg").write_text(step)


if __name__ == "__main__":
    main()
