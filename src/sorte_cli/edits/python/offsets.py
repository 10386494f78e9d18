"""Character offsets of every libcst node, in one pass over its own code generator.

libcst's PositionProvider counts lines and columns; span edits want offsets. Counting characters is
simpler and about twice as fast, and the generated text comes along to prove that it is exact.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import libcst as cst

# Private to libcst, hence the pin below 2: the state that `_codegen` writes into. It is what
# libcst.metadata.PositionProvider is built on.
from libcst._nodes.internal import CodegenState


class _Recorder:
    """Context manager of one node: remembers where its own code begins and ends."""

    __slots__ = ("end_node", "node", "start", "start_node", "state")

    def __init__(
        self,
        state: _OffsetState,
        node: cst.CSTNode,
        start_node: cst.CSTNode | None,
        end_node: cst.CSTNode | None,
    ) -> None:
        self.state = state
        self.node = node
        self.start_node = start_node
        self.end_node = end_node

    def __enter__(self) -> None:
        self.start = self.state.offset

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            return  # too deep: what the span is made of may be missing
        spans = self.state.spans
        start = self.start if self.start_node is None else spans[self.start_node][0]
        end = self.state.offset if self.end_node is None else spans[self.end_node][1]
        spans[self.node] = (start, end)


class _OffsetState(CodegenState):
    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.offset = 0
        self.spans: dict[cst.CSTNode, tuple[int, int]] = {}
        self._stack: list[int] = []

    def add_indent_tokens(self) -> None:
        self.tokens.extend(self.indent_tokens)
        self.offset += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._stack.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._stack.pop()
        if node not in self.spans:
            self.spans[node] = (start, self.offset)

    def record_syntactic_position(self, node: cst.CSTNode, **around: Any) -> Any:
        return _Recorder(self, node, around.get("start_node"), around.get("end_node"))


def node_spans(module: cst.Module) -> tuple[dict[cst.CSTNode, tuple[int, int]], str]:
    """[start, end) of every node's own code, and the text that the module generates."""
    state = _OffsetState(module)
    module._codegen(state)
    return state.spans, "".join(state.tokens)
