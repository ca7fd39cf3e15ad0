"""Characters that nobody sees."""

from __future__ import annotations

import re

import pytest

from bot.compose.hidden import HIDDEN, SHAPING, shown_after, shown_before


@pytest.mark.parametrize(
    "sign", ["\u00ad", "\u200b", "\u200d", "\u2060", "\u200f", "\u3164", "\ufeff", "\0", "\x1f"]
)
def test_what_nobody_sees_is_known(sign: str) -> None:
    assert re.fullmatch(f"[{HIDDEN}]", sign)


@pytest.mark.parametrize("sign", [*"aé한 \n\t·_#", "\u00a0", "\u202f", "🇫", "\u0301", "\ufe0f"])
def test_what_people_see_is_not_hidden(sign: str) -> None:
    assert not re.fullmatch(f"[{HIDDEN}]", sign)


def test_what_gives_a_sign_its_look_is_told_apart() -> None:
    assert all(re.fullmatch(f"[{SHAPING}]", sign) for sign in ("\ufe0f", "\u20e3", "\U000e0067"))


def test_what_is_seen_beside_a_place_is_found() -> None:
    text = "a\u200b\u200db"
    assert (shown_before(text, 3), shown_after(text, 1)) == (1, 3)
    assert (shown_before(text, 1), shown_after(text, 4)) == (1, 4)
    assert (shown_before("\u200b", 1), shown_after("\u200b", 0)) == (0, 1)
