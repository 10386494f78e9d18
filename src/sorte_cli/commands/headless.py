"""`sorte -p MESSAGE`: one message without a session, taken for what a session would take it."""

from __future__ import annotations

from collections.abc import Sequence

from sorte_cli.errors import UsageError
from sorte_cli.terminal.translate import _

NAMES = ("-p", "--print")


def expanded(words: Sequence[str]) -> list[str]:
    """The command line that `-p MESSAGE [OPTIONS]` stands for; any other one as it is.

    Raises UsageError where the message is missing, or is a command of the session.
    """
    if not words or words[0] not in NAMES:
        return list(words)
    from sorte_cli.agent import conversation

    if len(words) < 2 or not conversation.clean(words[1]):
        raise UsageError(
            _("{option} needs a message").format(option=words[0]),
            hint='sorte -p "where is calc_total used?"',
        )
    routed = conversation.route(words[1])
    options = list(words[2:])
    if routed.kind in (conversation.COMMAND, conversation.SHELL):
        raise UsageError(
            _("`{message}` works only in a session").format(message=words[1]),
            hint=_("the same as a command: see `sorte --help`"),
        )
    if routed.kind == conversation.PLAN:
        return ["do", "--plan-only", *options, "--", routed.text]
    return ["do" if routed.kind == conversation.CHANGE else "ask", *options, "--", routed.text]
