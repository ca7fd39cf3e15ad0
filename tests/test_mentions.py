"""A partner that a text names, as each network has it."""

from __future__ import annotations

import pytest

from bot.attached import Mention
from bot.compose.mentions import named
from bot.errors import RenderError
from bot.model import Handle, Partner

TOURS = Partner(
    "tours",
    "FR",
    {"fr": "Tours", "ko": "투르시"},
    handles={
        "x": Handle("villedetours"),
        "linkedin": Handle("Ville de Tours", "urn:li:organization:7"),
    },
)
PARTNERS = {"tours": TOURS}
URN = Mention("Ville de Tours", "urn:li:organization:7")


@pytest.mark.parametrize(
    ("network", "language", "text", "mentions"),
    [
        ("x", "fr", "Merci à @villedetours !", ()),
        ("linkedin", "fr", "Merci à Ville de Tours !", (URN,)),
        ("elsewhere", "fr", "Merci à Tours !", ()),
        ("elsewhere", "ko", "Merci à 투르시 !", ()),
    ],
)
def test_a_partner_is_named_as_the_network_knows_it(
    network: str, language: str, text: str, mentions: tuple[Mention, ...]
) -> None:
    assert named("Merci à @[tours] !", PARTNERS, network, language) == (text, mentions)


def test_a_partner_that_is_named_twice_is_mentioned_once() -> None:
    text, mentions = named("@[tours] et @[tours]", PARTNERS, "linkedin", "fr")
    assert (text, mentions) == ("Ville de Tours et Ville de Tours", (URN,))


def test_nobody_is_named_by_mistake() -> None:
    with pytest.raises(RenderError, match=r"`@\[suwon\]` names no partner"):
        named("@[suwon]", PARTNERS, "x", "fr")
    assert named("@tours [tours] a@b.fr", PARTNERS, "x", "fr") == ("@tours [tours] a@b.fr", ())
