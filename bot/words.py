"""Sentences for people, in their language, through gettext.

English is what the code says; `bot/locale/<language>/LC_MESSAGES/pavois.po` says it in French and
Korean, and a test fails on a sentence without them. A sentence that is kept (the cause of an
attempt, a notice) is kept as a `Message` and put into words only when somebody reads it: the
officer in Tours and her colleague in Suwon read the same row in their own language.
"""

from __future__ import annotations

import gettext as _gettext
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

LANGUAGES = ("fr", "ko", "en")
LOCALE_DIR = Path(__file__).parent / "locale"

_language = "en"


@cache
def translations(language: str) -> _gettext.NullTranslations:
    """The catalogue of *language*; English, which the code speaks, for one that has none."""
    return _gettext.translation("pavois", LOCALE_DIR, languages=[language], fallback=True)


def language_of_environment(environment: Mapping[str, str]) -> str:
    """What the locale of *environment* asks for, or English; as in gettext, the first that is set
    decides: `LC_ALL=C` means English, whatever LANG says."""
    names = ("PAVOIS_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    asked = next((environment[name] for name in names if environment.get(name)), "")
    codes = (re.split("[_.@-]", wanted)[0].lower() for wanted in asked.split(":"))
    return next((code for code in codes if code in LANGUAGES), "en")


def speak(language: str) -> None:
    """Make *language* that of messages and help in this process."""
    global _language  # noqa: PLW0603  the language of the person at this terminal: one a process
    _language = language
    # click takes its own words ("Usage:", "Options:") from gettext's global domain.
    os.environ["LANGUAGE"] = language
    _gettext.bindtextdomain("pavois", LOCALE_DIR)
    _gettext.textdomain("pavois")


def spoken() -> str:
    """The language of messages in this process."""
    return _language


def locale_of(language: str) -> str:
    """The name by which CLDR knows *language*; English as in Europe: the day before the month."""
    return "en_GB" if language == "en" else language


def _(text: str) -> str:
    """*text* in the language of this process."""
    return translations(_language).gettext(text)


def ngettext(singular: str, plural: str, number: int) -> str:
    """The form that *number* asks for, in the language of this process."""
    return translations(_language).ngettext(singular, plural, number)


def N_(text: str) -> str:  # noqa: N802  gettext's own name, which the extraction knows
    """Marks *text* for the catalogues without translating it here."""
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence and what it speaks of, put into words when it is read; a value may be one too."""

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        values = {
            name: value.in_language(language) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return translations(language).gettext(self.text).format(**values)

    def __str__(self) -> str:
        return self.in_language(_language)


#: What a sentence may speak of.
Value = str | int | Message
