"""What does not leave, looked at just before its call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.attached import Attached, Media, Sort
from bot.last_check import last_check
from bot.model import Campaign, Post, PostState
from tests.announcements_sample import MARK
from tests.fakes import PlainRules
from tests.post_sample import NOW, TOURS_ON_X, sending

HOUR = timedelta(hours=1)
PHOTO = Media("photo", Sort.PICTURE, "image/jpeg", 5, alt="La gare")


@pytest.fixture
def post() -> Post:
    return sending(TOURS_ON_X, f"Bonjour\n\n{MARK}", kind="news")


def becomes(post: Post, campaign: Campaign) -> PostState | None:
    outcome = last_check(post, campaign, PlainRules(), NOW)
    return outcome.post if outcome else None


def test_what_is_right_may_go(post: Post, campaign: Campaign) -> None:
    assert becomes(post, campaign) is None


def test_what_has_lost_its_mark_waits_for_a_person(post: Post, campaign: Campaign) -> None:
    assert becomes(replace(post, text="Bonjour"), campaign) is PostState.HELD


def test_what_stopped_being_true_is_dropped_also_within_a_thread(
    post: Post, campaign: Campaign
) -> None:
    for part in (0, 1):
        stale = replace(post, part=part, valid_until=NOW - HOUR)
        assert becomes(stale, campaign) is PostState.EXPIRED


def test_a_thread_that_has_begun_is_not_broken_off_because_it_is_late(
    post: Post, campaign: Campaign
) -> None:
    asking = replace(
        campaign, kinds={**campaign.kinds, "news": replace(campaign.kinds["news"], late="ask")}
    )
    late = replace(post, due=NOW - campaign.late_after - HOUR)
    assert becomes(late, asking) is PostState.HELD
    assert becomes(replace(late, part=1), asking) is None


def test_a_picture_may_be_shown_until_the_last_day_of_its_consent(
    post: Post, campaign: Campaign
) -> None:
    for days, state in ((0, None), (-1, PostState.HELD)):
        expires = NOW.date() + timedelta(days=days)
        shown = Attached(media=(replace(PHOTO, expires=expires),))
        assert becomes(replace(post, attached=shown), campaign) is state
