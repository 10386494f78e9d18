"""Sorte: a terminal coding assistant that runs on its owner's own hardware."""

__version__ = "0.1.0"
