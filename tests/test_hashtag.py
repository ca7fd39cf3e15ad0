"""Where people write the campaign's hashtag, in whatever form."""

from __future__ import annotations

import time

import pytest

from bot.compose.hashtag import has_name, ours, same_name, spelled
from tests.fakes import PlainRules

TAG = "KoreaFrance"
RULES = PlainRules()


@pytest.mark.parametrize(
    "name", ["koreafrance", "KOREAFRANCE", "ＫｏｒｅａＦｒａｎｃｅ", "Korea\u200dFrance"]
)
def test_a_name_is_the_same_in_every_form(name: str) -> None:
    assert same_name(name, TAG)
    assert has_name(f"{name}에서", TAG)


@pytest.mark.parametrize("name", ["KoreaFrance에서", "Korea", "KoreaFrances"])
def test_a_longer_or_shorter_name_is_another(name: str) -> None:
    assert not same_name(name, TAG)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Avec #KoreaFrance.", ["#KoreaFrance"]),
        ("#\ufe0f\u20e3 ＃koreafrance\u200d!", ["＃koreafrance\u200d"]),
        ("x\u200b##Korea\u00adFrance에서", ["\u200b##Korea\u00adFrance"]),
        ("❤\ufe0f#KoreaFrance", ["#KoreaFrance"]),  # the emoji keeps what shapes it
        ("KoreaFrance", []),
        ("#KoreaFranceForum", []),
        ("https://a.fr/#KoreaFrance", []),
    ],
)
def test_it_is_found_with_what_is_not_seen_beside_it(text: str, found: list[str]) -> None:
    assert [text[one.start : one.end] for one in ours(text, TAG, RULES)] == found


def test_the_first_keeps_its_sign_and_the_others_are_words() -> None:
    text, mends = spelled("#KoreaFrance#KoreaFrance, #Paix#KoreaFrance에서", TAG, RULES)
    assert text == "#KoreaFrance KoreaFrance, #Paix KoreaFrance에서"
    assert len(mends) == 2


@pytest.mark.parametrize("piece", ["#", "\u200b", "#KoreaFrance", "k\u200b", "#\u200b", "·", "_"])
def test_a_long_text_takes_time_that_grows_with_its_length_only(piece: str) -> None:
    def took(times: int) -> float:
        began = time.perf_counter()
        spelled(piece * times, TAG, RULES)
        return time.perf_counter() - began

    took(10)
    assert took(5_000) < 25 * took(500) + 0.05
