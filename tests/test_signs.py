"""Emoji are found whole, and called by the names that CLDR gives them."""

from __future__ import annotations

import time

import pytest
from emoji import EMOJI_DATA
from hypothesis import given
from hypothesis import strategies as st

from bot.compose.signs import Sign, signs_in, spoken_sign

FAMILY, ENGLAND = "👨‍👩‍👧", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("sign", "french", "korean", "english"),
    [
        ("🇫🇷", "drapeau\u00a0: France", "깃발: 프랑스", "flag: France"),
        ("🇰🇷", "drapeau\u00a0: Corée du Sud", "깃발: 대한민국", "flag: South Korea"),
        ("🇨🇮", "drapeau\u00a0: Côte d’Ivoire", "깃발: 코트디부아르", "flag: Côte d’Ivoire"),
        ("🇨🇶", "drapeau\u00a0: Sercq", "깃발: 사크", "flag: Sark"),  # Babel has it in English only
        (ENGLAND, "drapeau\u00a0: Angleterre", "깃발: 잉글랜드", "flag: England"),
        ("🎉", "cotillons", "파티", "party popper"),
        ("❤️", "cœur rouge", "빨간색 하트", "red heart"),
        ("🕐", "une heure", "한 시", "one o’clock"),
        (
            "👍🏽",
            "pouce vers le haut\u00a0: peau légèrement mate",
            "올린 엄지: 갈색 피부",
            "thumbs up: medium skin tone",
        ),
        ("1️⃣", "touches\u00a0: 1", "키 캡: 1", "keycap: 1"),
        ("🏽", "peau légèrement mate", "갈색 피부", "medium skin tone"),
    ],
)
def test_an_emoji_is_called_by_its_name_in_each_language(
    sign: str, french: str, korean: str, english: str
) -> None:
    assert [spoken_sign(sign, code) for code in ("fr", "ko", "en")] == [french, korean, english]


def test_in_other_languages_it_is_called_as_well_as_can_be() -> None:
    assert spoken_sign("🎉", "de") == "konfettibombe"
    assert spoken_sign("🇫🇷", "de") == "flagge frankreich"
    assert spoken_sign("🇫🇷", "br") == "flag: France"


@pytest.mark.parametrize("language", ["fr", "ko", "en"])
def test_every_emoji_has_a_name(language: str) -> None:
    names = {sign: spoken_sign(sign, language) for sign in EMOJI_DATA}
    assert [sign for sign, name in names.items() if not name or {"_", sign} & {*name, name}] == []


def test_an_emoji_of_several_signs_is_one() -> None:
    text = f"a{FAMILY}🇫🇷🇰🇷1️⃣2👍🏽"
    assert [sign.text for sign in signs_in(text)] == [FAMILY, "🇫🇷", "🇰🇷", "1️⃣", "👍🏽"]


def test_a_letter_or_mark_is_a_picture_only_when_it_is_asked_for_as_one() -> None:
    assert [(sign.text, sign.pictured) for sign in signs_in("©❤❤️🎉")] == [
        ("©", False),
        ("❤", False),
        ("❤️", True),
        ("🎉", True),
    ]


def test_the_last_emoji_ends_with_its_text() -> None:
    assert signs_in("👏👏") == [Sign("👏", 0, 1, True), Sign("👏", 1, 2, True)]


@given(st.lists(st.sampled_from("a1#👏🏽🇫🇷\u200d👩❤\ufe0f\u20e3 "), max_size=20).map("".join))
def test_emoji_stand_where_they_are_said_to_stand(text: str) -> None:
    end = 0
    for sign in signs_in(text):
        assert end <= sign.start < sign.end <= len(text)
        assert text[sign.start : sign.end] == sign.text
        end = sign.end


def test_emoji_that_join_on_and_on_are_found_in_no_time() -> None:
    """The `emoji` package's own search takes 3.5 s for it."""
    before = time.process_time()
    assert len(signs_in("👩\u200d" * 10_000)) == 10_000
    assert time.process_time() - before < 1
