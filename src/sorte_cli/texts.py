"""Marks texts of the engines that people will read; the terminal translates them."""

from __future__ import annotations


def N_(text: str) -> str:
    """`text` as it is. Only says to the translators' tool that it will be shown to people."""
    return text
