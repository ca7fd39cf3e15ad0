"""The preview as one HTML page that stands alone, to be looked at, printed or sent for approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from urllib.parse import urlsplit

from babel import Locale
from babel.numbers import format_currency
from jinja2 import Environment

from bot.model import Account, Campaign
from bot.plan import both_zones
from bot.preview.values import Preview
from bot.templates import environment
from bot.words import locale_of, spoken


def page(previews: Sequence[Preview], campaign: Campaign, pictures: Mapping[str, str]) -> str:
    """The whole page, in the reader's language.

    *pictures* gives the address (`data:…`) of a file by its hash; a file without one is named only.
    """
    language = spoken()
    return (
        _environment(language)
        .get_template("page.html")
        .render(
            previews=[(preview, _head(preview, campaign, language)) for preview in previews],
            campaign=campaign.names.get(language, campaign.slug),
            language=language,
            pictures=pictures,
        )
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands above an announcement: its kind, when it goes out, until when it is true."""

    kind: str
    at: str
    until: str


def _head(preview: Preview, campaign: Campaign, language: str) -> _Head:
    announcement = preview.announcement
    at, until = (
        both_zones(instant, campaign.zones) if instant else ""
        for instant in (announcement.at, announcement.valid_until)
    )
    names = campaign.kinds[announcement.kind].names
    return _Head(names.get(language, announcement.kind), at, until)


@cache
def _environment(language: str) -> Environment:
    made = environment("bot.preview", language)
    made.filters |= {
        "said": lambda message: message.in_language(language),
        "in_words": lambda code: language_in_words(code, language),
        "dollars": lambda amount: in_dollars(amount, language),
        "initials": initials,
        "handle": handle,
        "host": lambda address: urlsplit(address).hostname or address,
    }
    return made


def language_in_words(code: str, language: str) -> str:
    """The name of the language *code*, in *language*, as a heading begins: "Coréen"."""
    name = str(Locale.parse(code).get_display_name(locale_of(language)) or code)
    return name[:1].upper() + name[1:]


def in_dollars(amount: Decimal, language: str) -> str:
    """ "0,20 $US" in French, "US$0.015" in Korean: thousandths count here."""
    return format_currency(amount, "USD", locale=locale_of(language), decimal_quantization=False)


def initials(account: Account) -> str:
    """The letters that stand for a picture that is not known here."""
    words = [word for word in account.name.split() if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def handle(account: Account) -> str:
    """What stands under the name: the handle."""
    return account.handle if account.handle.startswith("@") else f"@{account.handle}"
