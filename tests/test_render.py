"""One announcement for one network and one language, within its limit."""

from __future__ import annotations

import pytest

from bot.compose.wording import Wordings
from bot.errors import RenderError
from bot.model import Announcement, Campaign, Rendering
from tests.announcements_sample import MARK, announcement
from tests.announcements_sample import rendered as in_words
from tests.fakes import PlainRules


def rendered(campaign: Campaign, what: Announcement, limit: int = 300) -> Rendering:
    return in_words(what, Wordings(campaign), rules=PlainRules(limit))


def test_a_rendering_is_the_text_with_its_mark_and_its_length(campaign: Campaign) -> None:
    text = f"Bonjour\n\n{MARK}"
    made = rendered(campaign, announcement(campaign))
    assert made == Rendering("liste", "fr", text, len(text), 300, "signs", shown=len(text))


def test_the_link_stands_between_the_text_and_the_mark(campaign: Campaign) -> None:
    made = rendered(campaign, announcement(campaign, link="https://ville.example/forum"))
    assert made.text == f"Bonjour\n\nhttps://ville.example/forum\n{MARK}"


def test_the_longest_wording_that_fits_is_taken(campaign: Campaign) -> None:
    texts = {"fr": ["très " * 30 + "long", "moyen " * 5 + "long", "court"]}
    written = announcement(campaign, texts=texts)
    assert rendered(campaign, written, limit=80).text.startswith("moyen")


def test_a_wording_of_just_the_limit_fits_and_one_sign_more_does_not(campaign: Campaign) -> None:
    length = len(f"Bonjour\n\n{MARK}")
    assert rendered(campaign, announcement(campaign), limit=length).length == length
    with pytest.raises(RenderError):
        rendered(campaign, announcement(campaign), limit=length - 1)


def test_a_text_that_is_too_long_is_refused_with_how_much_is_too_many(campaign: Campaign) -> None:
    with pytest.raises(RenderError) as raised:
        rendered(campaign, announcement(campaign, texts={"fr": "x" * 100}), limit=90)
    length = 100 + 2 + len(MARK)
    assert str(raised.value) == (
        f"The text is too long: {length} of 90 signs, {length - 90} too many. Shorten texts.fr, or "
        "give a second, shorter wording."
    )


def test_a_template_that_is_too_long_is_named(campaign: Campaign) -> None:
    with pytest.raises(RenderError) as raised:
        rendered(campaign, announcement(campaign), limit=9)
    assert str(raised.value).endswith(
        "too many. Shorten its facts, write texts.fr yourself, or give the template news.fr.txt "
        "a shorter wording."
    )
