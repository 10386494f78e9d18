"""Which of two versions is later, as each package registry orders them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cmp_to_key
from typing import Any

_PART = re.compile(r"\d+|[A-Za-z]+")


def compare(ecosystem: str, one: str, other: str) -> int:
    """Negative, zero or positive, as `one` comes before, is, or comes after `other`."""
    if ecosystem == "PyPI":
        from packaging.version import InvalidVersion, Version

        try:
            first, second = Version(one), Version(other)
        except InvalidVersion:
            pass
        else:
            return (first > second) - (first < second)
    a, b = _semantic(one), _semantic(other)
    return (a > b) - (a < b)


def _semantic(version: str) -> tuple[object, ...]:
    """Numbers, then whether it is a release, then the parts of the pre-release (semver.org)."""
    main, _, before = version.lstrip("vV=").partition("+")[0].partition("-")
    numbers = [int(n) for n in re.findall(r"\d+", main)]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    parts = [(0, int(p), "") if p.isdigit() else (1, 0, p.lower()) for p in _PART.findall(before)]
    return (tuple(numbers), not parts, tuple(parts))


def is_affected(ecosystem: str, version: str, affected: Mapping[str, Any]) -> bool:
    """Whether `version` is among what an OSV entry's `affected` names: a list, or ranges."""
    if version in (affected.get("versions") or ()):
        return True
    kinds = ("ECOSYSTEM", "SEMVER")
    ranges = [r for r in affected.get("ranges") or () if r.get("type") in kinds]
    return any(_within(ecosystem, version, r.get("events") or ()) for r in ranges)


def _within(ecosystem: str, version: str, events: Iterable[Mapping[str, str]]) -> bool:
    """The events in the order of their versions switch it on and off."""
    ordered = sorted(events, key=cmp_to_key(_by_version(ecosystem)))
    inside = False
    for event in ordered:
        if "introduced" in event:
            start = event["introduced"]
            inside |= start == "0" or compare(ecosystem, version, start) >= 0
        elif "fixed" in event:
            inside &= compare(ecosystem, version, event["fixed"]) < 0
        elif "last_affected" in event:
            inside &= compare(ecosystem, version, event["last_affected"]) <= 0
    return inside


def _by_version(
    ecosystem: str,
) -> Callable[[Mapping[str, str], Mapping[str, str]], int]:
    def version(event: Mapping[str, str]) -> str:
        return next((event[k] for k in ("introduced", "fixed", "last_affected") if k in event), "0")

    def order(one: Mapping[str, str], other: Mapping[str, str]) -> int:
        a, b = version(one), version(other)
        if "0" in (a, b) and a != b:
            return -1 if a == "0" else 1
        return compare(ecosystem, a, b)

    return order


def fixed_in(ecosystem: str, version: str, affected: Mapping[str, Any]) -> str:
    """The first version after `version` that an OSV entry calls fixed; empty where none is."""
    fixes = [
        event["fixed"]
        for found in affected.get("ranges") or ()
        if found.get("type") in ("ECOSYSTEM", "SEMVER")
        for event in found.get("events") or ()
        if "fixed" in event and compare(ecosystem, event["fixed"], version) > 0
    ]

    def order(one: str, other: str) -> int:
        return compare(ecosystem, one, other)

    return min(fixes, key=cmp_to_key(order), default="")
