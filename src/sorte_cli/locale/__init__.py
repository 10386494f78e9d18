"""Translations: one folder a language with `sorte.po`, compiled to `sorte.mo` when we build."""
