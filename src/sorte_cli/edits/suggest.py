"""Words of messages: the nearest names for one that is not there, numbers of things. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches

from sorte_cli.texts import N_

_MOST = 3
_FAR = 20_000  # names beyond which comparing every one costs more than the hint is worth


def did_you_mean(names: Sequence[str]) -> str:
    """`Did you mean a, b or c?`; empty without names."""
    if not names:
        return ""
    *first, last = names
    if not first:
        return N_(f"Did you mean {last}?")
    return N_(f"Did you mean {', '.join(first)} or {last}?")


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Up to three names that look like `name`, best first; the same last part counts most."""
    candidates = list(dict.fromkeys(known))[:_FAR]
    last = name.rpartition(".")[2].lower()
    same = [c for c in candidates if c.rpartition(".")[2].lower() == last and c != name]
    close = get_close_matches(name, candidates, n=_MOST, cutoff=0.6)
    tails = {c.rpartition(".")[2]: c for c in reversed(candidates)}
    close += [tails[t] for t in get_close_matches(last, list(tails), n=_MOST, cutoff=0.75)]
    ranked = sorted(same, key=lambda c: -SequenceMatcher(None, c, name).ratio())
    return list(dict.fromkeys([*ranked, *close]))[:_MOST]


def nearest_paths(path: str, known: Iterable[str]) -> list[str]:
    """Up to three paths that look like `path`; the same file name counts most."""
    candidates = list(known)[:_FAR]
    base = path.rpartition("/")[2]
    same = [c for c in candidates if c.rpartition("/")[2] == base and c != path]
    close = get_close_matches(path, candidates, n=_MOST, cutoff=0.6)
    return list(dict.fromkeys([*same, *close]))[:_MOST]


def counted(number: int, thing: str) -> str:
    """`1 place`, `3 places`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
