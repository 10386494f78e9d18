"""What can go wrong because of a finding: one sentence for each rule that people meet often."""

from __future__ import annotations

from sorte_cli.terminal.translate import _

_SHELL = _("who controls a part of that text runs commands of their own")
_PICKLE = _("who controls the data runs code of their own when it is read")
_XML = _("a crafted document eats all memory or reads local files")
_HASH = _("it can be forged: fine for a checksum, not for passwords or signatures")
_TLS = _("anyone on the way can read and change what is sent")
_SECRET = _(
    "whoever can read the repository can use it; revoke it and read it from the environment"
)
_MISSING = _("it fails with NameError when this line runs")

SCENARIOS = {
    "bandit/B102": _("who controls that text runs code of their own"),
    "bandit/B103": _("every user of the machine may change that file"),
    "bandit/B104": _("the service answers to the whole network, not only to this machine"),
    "bandit/B108": _("another user of the machine can put a file of that name there first"),
    "bandit/B110": _("errors vanish here, and nobody learns of them"),
    "bandit/B113": _("it waits for ever when the other side does not answer"),
    "bandit/B201": _("the debugger lets anyone who reaches it run code"),
    "bandit/B202": _("an archive with `../` in its names writes files anywhere"),
    "bandit/B301": _PICKLE,
    "bandit/B302": _PICKLE,
    "bandit/B303": _HASH,
    "bandit/B304": _HASH,
    "bandit/B305": _HASH,
    "bandit/B306": _("another user of the machine can put a file of that name there first"),
    "bandit/B307": _("who controls that text runs code of their own"),
    "bandit/B308": _("what a user typed can become a script in other people's pages"),
    "bandit/B310": _("`file:` addresses read local files"),
    "bandit/B311": _("it can be guessed: not for tokens, passwords or keys"),
    "bandit/B313": _XML,
    "bandit/B314": _XML,
    "bandit/B318": _XML,
    "bandit/B319": _XML,
    "bandit/B320": _XML,
    "bandit/B321": _TLS,
    "bandit/B323": _TLS,
    "bandit/B324": _HASH,
    "bandit/B501": _TLS,
    "bandit/B502": _TLS,
    "bandit/B503": _TLS,
    "bandit/B504": _TLS,
    "bandit/B505": _("a key that short can be broken"),
    "bandit/B506": _PICKLE,
    "bandit/B507": _("it trusts whatever machine answers under that name"),
    "bandit/B601": _SHELL,
    "bandit/B602": _SHELL,
    "bandit/B604": _SHELL,
    "bandit/B605": _SHELL,
    "bandit/B608": _("a value with a quote in it changes the query; pass values as parameters"),
    "bandit/B609": _("a file whose name begins with `-` becomes an option"),
    "bandit/B614": _PICKLE,
    "bandit/B701": _("what a user typed can become a script in other people's pages"),
    "bandit/B702": _("what a user typed can become a script in other people's pages"),
    "bandit/B703": _("what a user typed can become a script in other people's pages"),
    "parse/invalid-syntax": _("nothing of this file works as long as it does not parse"),
    "ruff/F821": _MISSING,
    "ruff/F822": _("an import of that name fails"),
    "ruff/F823": _MISSING,
    "ruff/F811": _("the first definition can never be reached"),
    "ruff/F601": _("it is never equal: the branch does not run"),
    "ruff/F632": _("it compares identity: equal values may count as different"),
    "ruff/F701": _("nothing of this file works as long as it does not parse"),
    "ruff/F706": _("nothing of this file works as long as it does not parse"),
}


def scenario(rule: str) -> str:
    """What can go wrong, for a rule such as `bandit/B602`; empty where we have no sentence."""
    return _SECRET if rule.startswith("secrets/") else SCENARIOS.get(rule, "")
