"""From renderings to posts with due times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.attached import NOTHING_ATTACHED, Attached, LinkCard, Media, Sort
from bot.errors import RefusedCommand
from bot.model import Account, Announcement, Campaign, PlannedPost, Rendering
from bot.plan import both_zones, local_instant, plan
from tests.announcements_sample import announcement
from tests.conftest import START

PARIS = "Europe/Paris"


def planned(
    campaign: Campaign,
    what: Announcement,
    now: datetime = START,
    taken: dict[str, set[datetime]] | None = None,
) -> tuple[PlannedPost, ...]:
    renderings = {
        (account.slug, language): Rendering(account.network, language, f"in {language}", 5, 9, "")
        for account in campaign.accounts.values()
        for language in account.languages
    }
    return plan(what, campaign, renderings, taken or {}, now)


def due(posts: tuple[PlannedPost, ...]) -> dict[tuple[str, str], str]:
    """When each account publishes in each language, on the clocks of Paris."""
    return {
        (post.account, post.language): post.due.astimezone(ZoneInfo(PARIS)).strftime("%d %H:%M")
        for post in posts
    }


def test_an_announcement_with_an_hour_goes_out_then_its_languages_a_few_minutes_apart(
    campaign: Campaign,
) -> None:
    posts = planned(campaign, announcement(campaign, at="2023-03-01T10:00:00"))
    assert due(posts) == {
        ("x-fr", "fr"): "01 10:00",
        ("x-fr", "en"): "01 10:20",
        ("x-ko", "ko"): "01 10:00",
        ("linkedin-fr", "fr"): "01 10:00",
    }


def test_an_announcement_without_an_hour_takes_the_next_free_slot_of_each_account(
    campaign: Campaign,
) -> None:
    posts = planned(campaign, announcement(campaign))
    assert due(posts) == {
        ("x-fr", "fr"): "20 09:00",
        ("x-fr", "en"): "20 09:20",
        ("linkedin-fr", "fr"): "20 12:00",
        ("x-ko", "ko"): "21 00:30",  # 08:30 in Seoul
    }
    assert [post.due for post in posts] == sorted(post.due for post in posts)


def test_a_slot_that_is_taken_is_left_to_who_has_it(campaign: Campaign) -> None:
    nine = datetime(2023, 2, 20, 8, tzinfo=UTC)
    posts = planned(campaign, announcement(campaign), taken={"x-fr": {nine}})
    assert due(posts)["x-fr", "fr"] == "20 17:30"


def test_a_slot_that_is_now_has_passed(campaign: Campaign) -> None:
    nine = datetime(2023, 2, 20, 8, tzinfo=UTC)
    assert due(planned(campaign, announcement(campaign), nine))["x-fr", "fr"] == "20 17:30"


def with_slots(campaign: Campaign, *slots: time) -> Campaign:
    """The campaign with one account in Paris and just these slots."""
    account = Account("x-fr", "x", "Tours", "", ("fr",), PARIS, slots)
    return replace(campaign, accounts={"x-fr": account})


def test_an_account_without_slots_publishes_at_nine(campaign: Campaign) -> None:
    small = with_slots(campaign)
    assert due(planned(small, announcement(small))) == {("x-fr", "fr"): "20 09:00"}


def test_a_slot_that_the_clocks_skip_is_left_out_that_day(campaign: Campaign) -> None:
    saturday_evening = datetime(2023, 3, 25, 20, tzinfo=UTC)
    small = with_slots(campaign, time(2, 30))
    posts = planned(small, announcement(small), saturday_evening)
    assert due(posts) == {("x-fr", "fr"): "27 02:30"}  # not Sunday: 02:30 does not exist


def test_a_slot_that_the_clocks_show_twice_is_left_out_that_day(campaign: Campaign) -> None:
    saturday_evening = datetime(2023, 10, 28, 20, tzinfo=UTC)
    small = with_slots(campaign, time(2, 30), time(12))
    posts = planned(small, announcement(small), saturday_evening)
    assert due(posts) == {("x-fr", "fr"): "29 12:00"}


def test_slots_keep_their_hour_on_the_wall_when_the_clocks_change(campaign: Campaign) -> None:
    small = with_slots(campaign, time(9))
    before = planned(small, announcement(small), datetime(2023, 3, 25, 0, tzinfo=UTC))
    after = planned(small, announcement(small), datetime(2023, 3, 26, 0, tzinfo=UTC))
    assert after[0].due - before[0].due == timedelta(hours=23)


def test_an_hour_that_has_passed_is_refused_in_both_zones(campaign: Campaign) -> None:
    past = announcement(campaign, at="2023-02-20T08:00:00")
    with pytest.raises(RefusedCommand) as raised:
        planned(campaign, past)
    assert str(raised.value) == (
        "bonjour: its hour (2023-02-20 08:00 Paris · 16:00 Seoul) has passed. "
        "Give a later one, or leave `at` out."
    )


def test_an_hour_that_is_now_has_not_passed(campaign: Campaign) -> None:
    posts = planned(campaign, announcement(campaign, at="2023-02-20T08:30:00"))
    assert posts[0].due == START


def test_a_post_that_would_come_after_its_validity_is_refused(campaign: Campaign) -> None:
    late = announcement(campaign, at="2023-03-01T10:00:00", valid_until="2023-03-01T10:10:00")
    with pytest.raises(RefusedCommand, match="x-fr would publish it at 2023-03-01 10:20 Paris"):
        planned(campaign, late)


def test_every_post_knows_until_when_it_is_true(campaign: Campaign) -> None:
    end = datetime(2023, 3, 31, 21, 59, 59, tzinfo=UTC)  # the last second of the day in Paris
    posts = planned(campaign, announcement(campaign, valid_until="2023-03-31"))
    assert {post.valid_until for post in posts} == {end}


def planned_for_x(campaign: Campaign, made: Rendering, **fields: str) -> tuple[PlannedPost, ...]:
    """The posts of one rendering, for the account in Paris."""
    what = announcement(campaign, **fields)
    return plan(what, campaign, {("x-fr", made.language): made}, {}, START)


def made_with(attached: Attached, *rest: str) -> Rendering:
    return Rendering("x", "fr", "Le début.", 9, 280, "", attached=attached, rest=rest)


PHOTO = Media("a1", Sort.PICTURE, "image/jpeg", 9, name="gare.jpg", expires=date(2023, 3, 1))


def test_no_post_is_made_where_there_is_no_rendering(campaign: Campaign) -> None:
    made = Rendering("x", "en", "Hello", 5, 280, "")
    (post,) = planned_for_x(campaign, made, at="2023-03-01T10:00:00")
    assert (post.account, post.language) == ("x-fr", "en")
    assert due((post,)) == {("x-fr", "en"): "01 10:00"}, "it waits for no language before it"


def test_the_posts_of_a_thread_are_due_at_once_in_their_order(campaign: Campaign) -> None:
    made = made_with(Attached(media=(PHOTO,)), "La suite.", "La fin.")
    posts = planned_for_x(campaign, made, at="2023-03-01T10:00:00")
    assert [(post.part, post.text) for post in posts] == [
        (0, "Le début."),
        (1, "La suite."),
        (2, "La fin."),
    ]
    assert len({post.due for post in posts}) == 1


def test_what_is_attached_goes_out_with_the_first_post_of_a_thread(campaign: Campaign) -> None:
    attached = Attached(media=(PHOTO,))
    posts = planned_for_x(campaign, made_with(attached, "La suite."))
    assert [post.attached for post in posts] == [attached, NOTHING_ATTACHED]


def test_a_picture_may_be_shown_on_its_last_day(campaign: Campaign) -> None:
    made = made_with(Attached(media=(PHOTO,)))
    (post,) = planned_for_x(campaign, made, at="2023-03-01T23:59:00")
    assert post.attached.media == (PHOTO,)


@pytest.mark.parametrize(
    "attached",
    [
        Attached(media=(replace(PHOTO, expires=None), PHOTO)),
        Attached(card=LinkCard("https://tours.fr", "Tours", picture=PHOTO)),
    ],
    ids=["a photo", "the picture of a card"],
)
def test_a_picture_that_may_not_be_shown_any_more_by_then_is_refused(
    attached: Attached, campaign: Campaign
) -> None:
    with pytest.raises(RefusedCommand) as raised:
        planned_for_x(campaign, made_with(attached), at="2023-03-02T00:00:00")
    assert str(raised.value) == (
        "bonjour: gare.jpg may be shown until 2023-03-01, and x-fr would publish it on "
        "2023-03-02. Take another picture, or an earlier day."
    )


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2023-03-01T10:00", datetime(2023, 3, 1, 9, tzinfo=UTC)),
        ("2023-07-01T10:00", datetime(2023, 7, 1, 8, tzinfo=UTC)),
        ("2023-03-26T01:59", datetime(2023, 3, 26, 0, 59, tzinfo=UTC)),
        ("2023-03-26T02:00", None),
        ("2023-03-26T02:59", None),
        ("2023-03-26T03:00", datetime(2023, 3, 26, 1, 0, tzinfo=UTC)),
        ("2023-10-29T01:59", datetime(2023, 10, 28, 23, 59, tzinfo=UTC)),
        ("2023-10-29T02:00", None),
        ("2023-10-29T02:59", None),
        ("2023-10-29T03:00", datetime(2023, 10, 29, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_an_instant_where_the_clocks_show_it_once(
    local: str, instant: datetime | None
) -> None:
    assert local_instant(datetime.fromisoformat(local), PARIS) == instant


def test_an_instant_is_shown_in_both_zones_with_the_day_where_it_differs() -> None:
    zones = (PARIS, "Asia/Seoul", "America/New_York")
    morning, evening = (datetime(2023, 3, 1, hour, tzinfo=UTC) for hour in (9, 17))
    assert both_zones(morning, zones) == ("2023-03-01 10:00 Paris · 18:00 Seoul · 04:00 New York")
    assert both_zones(evening, zones[:2]) == "2023-03-01 18:00 Paris · 2023-03-02 02:00 Seoul"
