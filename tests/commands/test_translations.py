"""The catalogues are complete and well formed, and the tool that keeps them so works."""

from __future__ import annotations

import gettext
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.locale import catalogue
from sorte_cli.locale.catalogue import CatalogueError, Entry, Text
from sorte_cli.terminal.translate import (
    LANGUAGES,
    _,
    current_language,
    detect_language,
    match_language,
    plural,
    set_language,
)


@pytest.fixture
def language():
    yield set_language
    set_language("en")


def test_every_language_but_english_has_a_catalogue():
    assert {p.parts[-3] for p in catalogue.po_files()} == set(LANGUAGES) - {"en"}


@pytest.mark.parametrize("path", catalogue.po_files(), ids=lambda p: p.parts[-3])
def test_catalogues_are_complete(path):
    header, entries = catalogue.parse_po(path.read_text(encoding="utf-8"))
    assert "charset=UTF-8" in header
    assert catalogue.problems(catalogue.collect(), entries) == []


@pytest.mark.parametrize("path", catalogue.po_files(), ids=lambda p: p.parts[-3])
def test_the_compiled_catalogue_is_that_of_the_source(path):
    header, entries = catalogue.parse_po(path.read_text(encoding="utf-8"))
    assert path.with_suffix(".mo").read_bytes() == catalogue.to_mo(header, entries), (
        "run `python -m sorte_cli.locale.catalogue compile`"
    )


def test_problems_are_found():
    texts = [Text("one {a}"), Text("two"), Text("f {count}", "fs {count}"), Text(" three")]
    entries = [
        Entry(Text("one {a}"), ("um {b}",)),
        Entry(Text("two"), ("",)),
        Entry(Text("f {count}", "fs {count}"), ("um", "{count} as")),
        Entry(Text("gone"), ("foi",)),
        Entry(Text("gone"), ("foi",)),
    ]
    said = "\n".join(catalogue.problems(texts, entries))
    assert "other {fields} than the source: 'one {a}'" in said
    assert "not translated: 'two'" in said
    assert "missing: ' three'" in said
    assert "no longer used: 'gone'" in said
    assert "twice: 'gone'" in said
    assert "'f {count}'" not in said


@pytest.mark.parametrize(
    "source",
    [
        'msgid "a"\nmsgstr "b',
        'msgid "a"\nmsgid "b"\nmsgstr "c"',
        'msgstr "only"',
        'msgid "a"\nrubbish\nmsgstr "b"',
        '"text before any keyword"',
    ],
)
def test_malformed_files_are_refused_with_the_line(source):
    with pytest.raises(CatalogueError, match="line"):
        catalogue.parse_po(source)


_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1) | st.just('"\\\n\t"')


@given(
    st.dictionaries(_TEXTS, st.tuples(_TEXTS) | st.tuples(_TEXTS, _TEXTS), max_size=6),
)
def test_printing_parsing_and_compiling_agree(translations):
    entries = [
        Entry(Text(one, "many" if len(forms) == 2 else ""), forms)
        for one, forms in translations.items()
    ]
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    text = catalogue.print_po(header, entries)
    assert catalogue.parse_po(text) == (header, entries)
    loaded = gettext.GNUTranslations(io.BytesIO(catalogue.to_mo(header, entries)))
    for entry in entries:
        if len(entry.translations) == 2:
            assert loaded.ngettext(entry.text.one, "many", 1) == entry.translations[0]
            assert loaded.ngettext(entry.text.one, "many", 5) == entry.translations[1]
        else:
            assert loaded.gettext(entry.text.one) == entry.translations[0]


def test_updating_keeps_translations_and_drops_dead_texts():
    old = [Entry(Text("a"), ("x",)), Entry(Text("dead"), ("y",))]
    new = catalogue.updated([Text("a"), Text("b"), Text("c", "cs")], old)
    assert new == [
        Entry(Text("a"), ("x",)),
        Entry(Text("b"), ("",)),
        Entry(Text("c", "cs"), ("", "")),
    ]


def test_texts_are_shown_in_the_language_that_is_set(language):
    assert _("error") == "error"
    language("pt_BR")
    assert current_language() == "pt_BR"
    assert _("error") == "erro"
    assert _("no such text") == "no such text"


def test_plural_forms(language):
    def files(count):
        return plural("created {count} file", "created {count} files", count)

    assert [files(n) for n in (0, 1, 2)] == [
        "created 0 files", "created 1 file", "created 2 files",
    ]  # fmt: skip
    language("pt_BR")
    assert [files(n) for n in (1, 2)] == ["1 arquivo criado", "2 arquivos criados"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pt", "pt_BR"),
        ("pt-br", "pt_BR"),
        ("PT_BR.UTF-8", "pt_BR"),
        ("en_GB", "en"),
        ("C", "en"),
        ("POSIX", "en"),
        ("de_DE", None),
        ("", None),
    ],
)
def test_names_of_languages(name, expected):
    assert match_language(name) == expected


@pytest.mark.parametrize(
    ("environment", "configured", "expected"),
    [
        ({}, "", "en"),
        ({"LANG": "pt_BR.UTF-8"}, "", "pt_BR"),
        ({"LANG": "pt_BR.UTF-8", "LC_ALL": "C"}, "", "en"),
        ({"LANG": "pt_BR.UTF-8", "SORTE_LANG": "en"}, "", "en"),
        ({"LANG": "pt_BR.UTF-8"}, "en", "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "pt_BR:en"}, "", "pt_BR"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "pt_BR"}, "", "en"),
        ({"LANG": "de_DE.UTF-8"}, "", "en"),
        ({"SORTE_LANG": "klingon", "LANG": "pt_BR.UTF-8"}, "", "pt_BR"),
    ],
)
def test_the_language_is_found(environment, configured, expected):
    assert detect_language(environment, configured) == expected
