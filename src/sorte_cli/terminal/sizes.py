"""Bytes as people read them."""

from __future__ import annotations


def gigabytes(count: int) -> str:
    """Bytes as "15.6 GB"."""
    return f"{count / 1000**3:.1f} GB"


def megabytes(count: int) -> str:
    """Bytes as "5.1 MB"; from 1 GB on as gigabytes."""
    return gigabytes(count) if count >= 1000**3 else f"{count / 1000**2:.1f} MB"
