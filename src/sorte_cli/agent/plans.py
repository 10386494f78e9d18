"""Plans as text: one step a line, `VERB TARGET[, TARGET...][: INSTRUCTION]`, or `none: REASON`.

The brain writes this text under a grammar, the plan view shows it, the user may edit it.
"""

from __future__ import annotations

import re

from sorte_cli.agent.prompting import render_step
from sorte_cli.domain import Plan, Step
from sorte_cli.errors import UsageError

_NUMBERED = re.compile(r"^\s*(?:\d+[.)]|[-*])\s+")
_STEP = re.compile(r"(?P<verb>[a-z_]+)(?:\s+(?P<targets>.*?))?(?::\s+(?P<instruction>.*))?$")


def parse_plan(text: str) -> Plan:
    """Read a plan; blank lines, `#` comments and list numbers are allowed.

    Raises UsageError naming the line that is no step.
    """
    steps: list[Step] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = _NUMBERED.sub("", raw).strip()
        if not line or line.startswith("#"):
            continue
        if line == "none" or line.startswith("none:"):
            return Plan(reason=line.removeprefix("none").removeprefix(":").strip())
        match = _STEP.fullmatch(line)
        if match is None:
            raise UsageError(
                f"line {number} of the plan is no step: {line}",
                hint="a step is VERB ADDRESS, for example: rename shop/orders.py::calc_total",
            )
        targets = tuple(t.strip() for t in (match["targets"] or "").split(",") if t.strip())
        steps.append(Step(match["verb"], targets, (match["instruction"] or "").strip()))
    return Plan(tuple(steps))


def print_plan(plan: Plan) -> str:
    """The canonical text of a plan; `parse_plan` reads it back."""
    if not plan.steps:
        return f"none: {plan.reason}\n" if plan.reason else "none\n"
    return "".join(f"{render_step(step)}\n" for step in plan.steps)
