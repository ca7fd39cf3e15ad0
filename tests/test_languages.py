"""In which languages an announcement has all that it says."""

from __future__ import annotations

from typing import Any

import pytest

from bot.attached import AnnouncedPoll
from bot.compose.languages import complete, missing
from bot.model import Announcement, Campaign

HEADLINE = {"fr": "Bonjour", "ko": "안녕하세요"}


def news(**fields: Any) -> Announcement:
    given = {"facts": {}, "texts": {}, **fields}
    return Announcement(
        slug="visite",
        campaign="c",
        kind="news",
        partners=(),
        link="",
        at=None,
        valid_until=None,
        **given,
    )


@pytest.mark.parametrize(
    ("what", "languages"),
    [
        pytest.param(news(facts={"headline": HEADLINE}), ("fr", "ko"), id="facts in two"),
        pytest.param(
            news(facts={"headline": HEADLINE, "details": {"fr": "Plus", "en": "More"}}),
            ("fr",),
            id="each fact must be there",
        ),
        pytest.param(
            news(facts={"headline": HEADLINE, "places": 3, "host": "tours"}),
            ("fr", "ko"),
            id="numbers and partners have no language",
        ),
        pytest.param(news(texts={"en": ("Hello",)}), ("en",), id="texts of her own"),
        pytest.param(
            news(facts={"headline": HEADLINE}, texts={"en": ("Hello",)}),
            ("fr", "ko", "en"),
            id="a text where facts are not enough",
        ),
        pytest.param(news(texts={"fr": ()}), (), id="no wording is no text"),
    ],
)
def test_a_language_is_complete_when_all_that_is_said_is_written_in_it(
    what: Announcement, languages: tuple[str, ...], campaign: Campaign
) -> None:
    assert complete(what, campaign) == languages
    left = tuple(one for one in campaign.languages if one not in languages)
    assert missing(what, campaign) == left


@pytest.mark.parametrize(
    "poll",
    [
        AnnouncedPoll({"fr": "Quand ?"}, (HEADLINE, HEADLINE), 3),
        AnnouncedPoll(HEADLINE, (HEADLINE, {"fr": "Jeudi"}), 3),
    ],
    ids=["its question", "an answer"],
)
def test_a_poll_must_be_written_too(poll: AnnouncedPoll, campaign: Campaign) -> None:
    texts = dict.fromkeys(campaign.languages, ("Votez",))
    assert complete(news(texts=texts, poll=poll), campaign) == ("fr",)


def test_languages_come_in_the_campaigns_order(campaign: Campaign) -> None:
    texts = dict.fromkeys(("en", "ko", "fr", "de"), ("…",))
    assert complete(news(texts=texts), campaign) == ("fr", "ko", "en")
