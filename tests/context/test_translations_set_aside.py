"""Catalogues in other languages are set aside, wherever the language stands in their path."""

from sorte_cli.context.analysis import other_translations


def test_the_language_is_the_first_part_that_can_be_one():
    shop = "packages/shop/lang"
    kept = [f"{shop}/{one}/{name}.php" for one in ("en", "pt_BR") for name in ("app", "auth")]
    aside = [f"{shop}/{one}/{name}.php" for one in ("bn", "fr") for name in ("app", "auth")]
    assert other_translations(kept + aside) == frozenset(aside)


def test_files_named_for_their_language_are_told_apart():
    paths = ["locales/app.en.json", "locales/app.fr.json", "i18n/en.yml", "i18n/de.yml"]
    assert other_translations(paths) == {"locales/app.fr.json", "i18n/de.yml"}


def test_without_english_or_portuguese_nothing_is_set_aside():
    assert not other_translations(["lang/fr/app.php", "lang/de/app.php", "src/lang/php.ts"])
