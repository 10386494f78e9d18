"""The project's own translations extend the glossary."""

from __future__ import annotations

import pytest

from sorte_cli.context.catalogues import catalogue, entries, learned
from sorte_cli.context.index import ProjectIndex


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("lang/pt_BR/shop.php", "pt"),
        ("resources/lang/en.json", "en"),
        ("locale/pt_BR/LC_MESSAGES/app.po", "pt"),
        ("src/i18n/messages.pt-BR.json", "pt"),
        ("src/enter.py", ""),
        ("pt.py/x", ""),
    ],
)
def test_catalogues_are_known_by_their_path(path, language):
    assert (catalogue(path) or ("", ""))[0] == language


def test_entries_of_php_json_and_yaml():
    assert entries("return [\n  'order' => 'Pedido',\n];\n") == {"order": "Pedido"}
    assert entries('{\n  "order": "Pedido",\n  "n": 1\n}')["order"] == "Pedido"
    assert entries("pt:\n  order: Pedido\n")["order"] == "Pedido"


def test_only_single_words_are_learned():
    found = learned(
        [
            ("lang/en/shop.php", "'a' => 'Vault',\n'b' => 'Add a contact',\n"),
            ("lang/pt/shop.php", "'a' => 'Cofre',\n'b' => 'Adicionar um contato',\n"),
        ]
    )
    assert found == {"cofr": ("vault",)}


def test_a_portuguese_task_finds_what_only_the_project_translates(make_project):
    project = make_project(
        {
            "lang/en/app.php": "<?php return [\n'v' => 'Vault',\n'k' => 'Kitchen',\n];\n",
            "lang/pt_BR/app.php": "<?php return [\n'v' => 'Cofre',\n'k' => 'Cozinha',\n];\n",
            "app/vault.php": "<?php\nfunction open_vault($key) { return $key; }\n",
            "app/kitchen.php": "<?php\nfunction open_kitchen($key) { return $key; }\n",
        }
    )
    with ProjectIndex.open(project.root) as index:
        ranked = [f.path for f in index.rank("quando o cofre está fechado não deve abrir")]
    assert ranked.index("app/vault.php") < 2
    assert "app/kitchen.php" not in ranked[:2]
