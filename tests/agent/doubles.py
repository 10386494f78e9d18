"""A model that answers from a list, and a project to work on.

The double stands for a model that fails in a chosen way; everything else in these tests is real:
git, the worktree, the sandbox, the linters, the tests.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sorte_cli.inference import Generation, ModelInfo, Options

FILES = {
    "shop/__init__.py": "",
    "shop/orders.py": (
        '"""Orders."""\n\n'
        "MAX_ITEMS = 20\n\n\n"
        "def calc_total(items):\n"
        '    """Sum of the prices."""\n'
        "    return sum(items)\n\n\n"
        "def checkout(items):\n"
        "    if len(items) > MAX_ITEMS:\n"
        '        raise ValueError("too many items")\n'
        "    return calc_total(items)\n"
    ),
    "tests/test_orders.py": (
        "import pytest\n\n"
        "from shop.orders import MAX_ITEMS, calc_total, checkout\n\n\n"
        "def test_total():\n"
        "    assert calc_total([1, 2]) == 3\n\n\n"
        "def test_too_many():\n"
        "    with pytest.raises(ValueError):\n"
        "        checkout([1] * (MAX_ITEMS + 1))\n"
    ),
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
    ".gitignore": "__pycache__/\n",
}


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout


def make_project(root: Path, files: dict[str, str] | None = None) -> Path:
    """A committed repository with the shop in it, or with other files."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "Ana")
    git(root, "config", "user.email", "ana@example.com")
    for name, text in (files or FILES).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "feat: the shop")
    return root


@dataclass
class ScriptedEngine:
    """Answers in order; keeps what it was asked. An answer may be a callable that fails."""

    answers: list[str | Callable[[], str]]
    parameters: int = 1_000_000
    asked: list[str] = field(default_factory=list)
    window: int = 4096

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(
            name="scripted",
            path=Path("scripted.gguf"),
            architecture="llama",
            parameters=self.parameters,
            context_tokens=self.window,
            trained_context_tokens=self.window,
            size_bytes=1,
            quantisation="F16",
            chat_template="",
            fingerprint="0",
        )

    def tokenize(self, text: str) -> list[int]:
        return [0] * self.count(text)

    def count(self, text: str) -> int:
        return len(text) // 4 + 1

    def render(self, messages: Sequence[tuple[str, str]]) -> str:
        return "".join(content for _, content in messages)

    def check_grammar(self, grammar: str) -> None:
        assert grammar

    def generate(self, messages, options: Options, *, on_text=None, on_prompt=None, cancel=None):
        self.asked.append(messages[-1][1])
        answer = self.answers.pop(0)
        text = answer() if callable(answer) else answer
        if on_text:
            on_text(text)
        return Generation(
            text=text,
            tokens=(),
            logprobs=(),
            finish="stop",
            prompt_tokens=0,
            reused_tokens=0,
            prompt_ms=0.0,
            generation_ms=0.0,
        )

    def close(self) -> None:
        pass


class Silence:
    """An observer that nobody watches."""

    def event(self, name: str, **data: object) -> None:
        pass


class ScriptedManager:
    """Stands in for ModelManager: one scripted engine for both roles."""

    def __init__(self, engine: ScriptedEngine) -> None:
        self._engine = engine

    def __call__(self, *arguments: object, **named: object) -> ScriptedManager:
        return self

    def __enter__(self) -> ScriptedManager:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def engine(self, role: str) -> ScriptedEngine:
        return self._engine


@dataclass
class Watcher:
    """An observer that remembers, and answers as told."""

    approve: bool = True
    edit: str = ""
    agree: bool = False
    on_event: Callable[[str], None] | None = None
    events: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def event(self, name: str, **data: object) -> None:
        self.events.append((name, data))
        if self.on_event:
            self.on_event(name)

    def approve_plan(self, plan_text: str) -> str | None:
        return (self.edit or plan_text) if self.approve else None

    def consent(self, question_id: str, text: str) -> bool:
        return self.agree

    def names(self) -> list[str]:
        return [name for name, _ in self.events]
