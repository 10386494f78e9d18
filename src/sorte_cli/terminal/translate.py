"""Translations: `_()` gives a text in the user's language; English texts are the source.

The catalogue (`locale/LANG/LC_MESSAGES/sorte.mo`) is read at the first text that is shown in a
language other than English, so English pays nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = ("en", "pt_BR")
LOCALE_DIR = Path(__file__).parent.parent / "locale"

_language = "en"
_catalogue: NullTranslations | None = None


def set_language(language: str) -> None:
    """Show every later text in `language`, one of `LANGUAGES`."""
    global _language, _catalogue
    _language = language
    _catalogue = None


def current_language() -> str:
    """The language in force: "en" or "pt_BR"."""
    return _language


def match_language(name: str) -> str | None:
    """The language that a name means ("pt-br", "pt_BR.UTF-8", "en_GB"); None where we have none."""
    base = name.strip().partition(".")[0].partition("@")[0].replace("-", "_").lower()
    if base in ("c", "posix") or base.split("_")[0] == "en":
        return "en"
    return "pt_BR" if base.split("_")[0] == "pt" else None


def detect_language(environment: Mapping[str, str], configured: str = "") -> str:
    """The language by `SORTE_LANG`, then the user's configuration, then the locale; else "en"."""
    for name in (environment.get("SORTE_LANG", ""), configured):
        if name and (language := match_language(name)):
            return language
    # The order of gettext: LANGUAGE is a list and counts only where the locale is not C.
    locale = next((v for k in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environment.get(k))), "")
    if locale.partition(".")[0] in ("", "C", "POSIX"):
        return "en"
    for name in [*environment.get("LANGUAGE", "").split(":"), locale]:
        if name and (language := match_language(name)):
            return language
    return "en"


def _(text: str) -> str:
    """`text` in the user's language."""
    if _language == "en" or not text:
        return text
    return _loaded().gettext(text)


def plural(one: str, many: str, count: int) -> str:
    """The form that fits `count`, in the user's language, with `{count}` filled in."""
    if _language == "en":
        text = one if count == 1 else many
    else:
        text = _loaded().ngettext(one, many, count)
    return text.format(count=count)


def _loaded() -> NullTranslations:
    global _catalogue
    if _catalogue is None:
        import gettext

        _catalogue = gettext.translation("sorte", LOCALE_DIR, [_language], fallback=True)
    return _catalogue


def language_from_environment() -> str:
    """The language before any option is read: environment, user's configuration, locale."""
    if os.environ.get("SORTE_LANG"):
        return detect_language(os.environ)
    return detect_language(os.environ, _configured())


def _configured() -> str:
    """`lang` of the user's configuration. A broken file is reported later, by who needs it."""
    from sorte_cli.paths import config_dir

    path = config_dir() / "config.toml"
    if not path.is_file():
        return ""
    import tomllib

    try:
        value = tomllib.loads(path.read_text(encoding="utf-8")).get("lang", "")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    return value if isinstance(value, str) else ""
