"""Pages from templates: escaped, with sentences in the reader's language."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.words import translations


def environment(package: str, language: str) -> Environment:
    """The templates of *package* (its folder `templates`), whose sentences are in *language*."""
    # Not newstyle: there a translator's "10 %" would be read as a format.
    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(  # type: ignore[attr-defined]  # the extension's
        translations(language), newstyle=False
    )
    return made
