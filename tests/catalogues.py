"""Collects the sentences of Pavois into bot/locale, and compiles what is translated there.

`make catalogues` runs it after a change of words; translate the new ones in the .po files, and run
it again. `test_words.py` fails while one lacks its French or its Korean.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "bot" / "locale"
TRANSLATED = ("fr", "ko")

_METHODS = [("**.py", "python"), ("**.html", "jinja2")]
#: click's own words for help and mistakes, which it takes from our catalogue (bot.words.speak).
_CLICKS = Path(click.__file__).parent


def sentences() -> Catalog:
    """Every sentence that the code, its templates and click say to people."""
    catalog = Catalog(project="pavois", charset="utf-8", fuzzy=False)
    for folder, prefix in ((ROOT / "bot", "bot"), (_CLICKS, "click")):
        for file, _line, message, comments, context in extract_from_dir(
            folder, _METHODS, keywords=DEFAULT_KEYWORDS, comment_tags=("Translators:",)
        ):
            # No line numbers: a line that moves is no change of words.
            catalog.add(
                message,
                locations=[(f"{prefix}/{file}", 0)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def path(language: str, ending: str) -> Path:
    """The catalogue of *language*: its .po or .mo file."""
    return LOCALE / language / "LC_MESSAGES" / f"pavois.{ending}"


def read(language: str) -> Catalog:
    """What is translated into *language*; an empty catalogue if there is none yet."""
    file = path(language, "po")
    if not file.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def updated(language: str) -> Catalog:
    """The catalogue of *language* with the sentences of today: none more, none less."""
    catalog = read(language)
    made = catalog.creation_date
    catalog.update(sentences(), no_fuzzy_matching=True)
    # The files change when words do, not with the hour at which this is run.
    catalog.creation_date = made
    catalog.obsolete.clear()
    catalog.fuzzy = False
    return catalog


def compiled(catalog: Catalog) -> bytes:
    """*catalog* as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def untranslated(catalog: Catalog) -> Iterator[str]:
    """The sentences of *catalog* that lack a translation."""
    for message in catalog:
        if message.id:
            given = message.string if isinstance(message.string, tuple) else (message.string,)
            if not all(given):
                yield message.id if isinstance(message.id, str) else message.id[0]


def main() -> None:
    """Write the .po and .mo files, and say what is still to be translated."""
    for language in TRANSLATED:
        catalog = updated(language)
        file = path(language, "po")
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            write_po(opened, catalog, width=100, sort_output=True, include_lineno=False)
        path(language, "mo").write_bytes(compiled(catalog))
        missing = list(untranslated(catalog))
        click.echo(f"{language}: {len(catalog)} sentences, {len(missing)} to translate")


if __name__ == "__main__":
    main()
