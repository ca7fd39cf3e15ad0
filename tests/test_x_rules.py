"""What X makes of a text that composing must know: links, refusals, what it costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.attached import Mention
from bot.compose.rules import Link, Rules, Tag
from bot.networks.x.prices import charges, prices
from bot.networks.x.rules import XRules

RULES: Rules = XRules()


def refusals(text: str) -> list[str]:
    return [str(refusal) for refusal in RULES.refusals(text)]


def test_a_link_is_where_it_is_said_to_be() -> None:
    text = "🇫🇷 README.md, https://ville.fr/a."
    assert RULES.links(text) == [
        Link("README.md", 3, 12),
        Link("https://ville.fr/a", 14, 32),
    ]


@pytest.mark.parametrize(
    "text", ["Bonjour #Tag 🇫🇷🇰🇷", "$KRW", "50 $ et 60 $", "US$20 $5", "a\u202eb"]
)
def test_x_takes_an_ordinary_text(text: str) -> None:
    assert refusals(text) == []


def test_x_takes_one_cashtag_and_the_others_are_named() -> None:
    (refusal,) = refusals("$KRW $EUR, $USD. $EUR")
    assert refusal.endswith("application like this: write EUR, USD without the sign $.")
    assert len(refusals("$KRW $KRW")) == 1


@pytest.mark.parametrize("text", ["", " \n\u00a0"])
def test_a_text_with_nothing_in_it_is_refused(text: str) -> None:
    assert refusals(text) == ["There is nothing in the text."]


def test_signs_that_x_refuses_are_named_until_they_are_cleaned_away() -> None:
    text = "a\ufeffb\uffff\ufeff\ud83c"
    (refusal,) = refusals(text)
    assert "text: U+D83C, U+FEFF, U+FFFF. Take" in refusal
    assert refusals(RULES.clean(text)) == []


def test_everything_that_is_wrong_with_a_text_is_said() -> None:
    assert len(refusals("$KRW $EUR \ufffe")) == 2


@pytest.mark.parametrize(
    ("text", "alt_texts", "dollars"),
    [
        ("Bonjour #Tag 🇫🇷🇰🇷", 0, "0.015"),
        ("Bonjour", 4, "0.035"),
        ("https://ville.fr/forum", 0, "0.200"),
        ("Deux : https://a.fr https://b.fr", 0, "0.200"),
        ("Lire README.md", 0, "0.200"),
        ("ville.de", 1, "0.205"),
    ],
)
def test_a_post_with_a_link_costs_thirteen_times_one_without(
    text: str, alt_texts: int, dollars: str
) -> None:
    assert RULES.price(text, alt_texts=alt_texts) == Decimal(dollars)


def test_prices_have_a_day_and_a_source_and_are_read_once() -> None:
    known = prices()
    assert known is prices()
    assert known.as_of >= date(2026, 8, 22)
    assert known.source.startswith("https://docs.x.com/")
    assert 0 < known.alt_text < known.post < known.post_with_link
    assert charges().delete == charges().read == Decimal("0.005")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://www.ville.fr/a", "ville.fr/a"),
        ("HTTP://ville.fr", "ville.fr"),
        ("README.md", "README.md"),
        ("https://ville.example/12345678901", "ville.example/12345678901"),
        ("https://ville.example/123456789012", "ville.example/123456789012"),
        ("https://ville.example/1234567890123", "ville.example/123456789012…"),
    ],
)
def test_of_a_link_people_read_its_beginning_without_its_scheme(address: str, shown: str) -> None:
    assert RULES.shown_link(address) == shown


def test_those_who_are_named_with_their_sign_are_linked_and_nobody_else() -> None:
    text = "🇫🇷 @tours, a@b.fr et Suwon"
    assert RULES.mentioned(text, [Mention("Suwon", "urn:li:organization:1")]) == [
        Tag("tours", 3, 9)
    ]
