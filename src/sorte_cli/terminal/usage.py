"""What the command line's parser says of wrong usage, in words for people and in their language."""

from __future__ import annotations

import re
from collections.abc import Callable

from sorte_cli.terminal.translate import _

_Say = Callable[[re.Match[str]], str]
_SAYINGS: tuple[tuple[re.Pattern[str], _Say], ...] = (
    (re.compile(r"Missing argument '(.+)'"), lambda m: _("`{name}` is missing").format(name=m[1])),
    (re.compile(r"Missing command"), lambda m: _("a command is missing")),
    (
        re.compile(r"No such command '(.+?)'\.? Did you mean (.+)\?"),
        lambda m: _("there is no command `{name}`; did you mean `{near}`?").format(
            name=m[1], near=_near(m[2])
        ),
    ),
    (
        re.compile(r"No such command '(.+?)'"),
        lambda m: _("there is no command `{name}`").format(name=m[1]),
    ),
    (
        re.compile(r"No such option: (\S+?)\.? (?:Did you mean|\(Possible options:) (.+?)[?)]"),
        lambda m: _("there is no option `{name}`; did you mean `{near}`?").format(
            name=m[1], near=_near(m[2])
        ),
    ),
    (
        re.compile(r"No such option: (\S+)"),
        lambda m: _("there is no option `{name}`").format(name=m[1]),
    ),
    (
        re.compile(r"Option '(.+)' requires an argument"),
        lambda m: _("{option} needs a value").format(option=m[1]),
    ),
    (
        re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)"),
        lambda m: _("too much was said: {words}").format(words=m[1]),
    ),
    (
        re.compile(r"Invalid value for '(.+?)': (.+)", re.DOTALL),
        lambda m: _("{name}: {reason}").format(name=m[1].replace("'", ""), reason=_reason(m[2])),
    ),
)


def in_words(message: str) -> str:
    """The parser's message as we say it; one that is not known stays as it is."""
    bare = message.rstrip(".")
    for pattern, say in _SAYINGS:
        if match := pattern.fullmatch(bare):
            return say(match)
    return bare


def _near(names: str) -> str:
    """ "'undo', 'redo'" as "undo`, `redo", for the marks around it."""
    return "`, `".join(name.strip(" '") for name in names.split(","))


def _reason(text: str) -> str:
    """Why a value is no good."""
    if re.search(r"valid int(?:eger)?\b", text):
        return _("a whole number is wanted")
    # As typer's parser says it: "-3 is not in the range 0<=x<=9", "x>=0".
    bounds = re.search(r"(\S+) is not in the range (?:(\S+)<=)?x(?:>=(\S+)|<=(\S+))?", text)
    said, *ends = bounds.groups() if bounds else ("",)
    least, most = (ends[0] or ends[1], ends[2]) if ends else (None, None)
    if least and (not most or float(said) < float(least)):
        return _("at least {number} is wanted").format(number=least)
    if most:
        return _("at most {number} is wanted").format(number=most)
    if found := re.search(r"greater than or equal to (\S+)", text):
        return _("at least {number} is wanted").format(number=found[1])
    if found := re.search(r"less than or equal to (\S+)", text):
        return _("at most {number} is wanted").format(number=found[1])
    return text
