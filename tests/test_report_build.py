"""The figures of a week: what was gained in it, measured or absent."""

from __future__ import annotations

import pytest

from bot.errors import RefusedCommand
from bot.metrics import Snapshot
from bot.model import PostState
from bot.report.values import Change, Report, Total
from tests.report_sample import DAY, HOUR, MADE_AT, WEEK, post, read, report, unpublished

BEFORE = WEEK.start - 2 * DAY


def impressions(made: Report) -> Total:
    return made.totals["impressions"].now


def test_an_older_post_counts_for_what_it_gained_this_week() -> None:
    snapshots = {1: [read(1, WEEK.start, 400), read(1, WEEK.end, 1000)]}
    assert impressions(report([post(1, BEFORE)], snapshots)) == Total(600, 1, 0)


def test_a_post_of_this_week_began_at_nothing() -> None:
    made = report([post(1, WEEK.start)], {1: [read(1, WEEK.end, 250)]})
    assert impressions(made) == Total(250, 1, 0)
    assert [each.post.id for each in made.published] == [1]


@pytest.mark.parametrize(("minutes", "value"), [(-180, 90), (180, 90), (-181, None), (181, None)])
def test_a_reading_speaks_for_the_cut_within_three_hours_only(
    minutes: int, value: int | None
) -> None:
    snapshots = {1: [read(1, WEEK.end + minutes * HOUR / 60, 90)]}
    assert impressions(report([post(1, WEEK.start + DAY)], snapshots)).value == value


def test_the_nearest_reading_is_taken_and_the_earlier_of_two_as_near() -> None:
    nearer = [read(1, WEEK.end - 2 * HOUR, 90), read(1, WEEK.end + HOUR, 99)]
    as_near = [read(1, WEEK.end - HOUR, 91), read(1, WEEK.end + HOUR, 99)]
    new = post(1, WEEK.start + DAY)
    assert impressions(report([new], {1: nearer})).value == 99
    assert impressions(report([new], {1: as_near})).value == 91


def test_a_counter_that_the_nearest_reading_does_not_say_is_taken_from_the_next() -> None:
    snapshots = {1: [read(1, WEEK.end - HOUR, 90), read(1, WEEK.end, None, reactions=4)]}
    made = report([post(1, WEEK.start + DAY)], snapshots)
    assert impressions(made).value == 90
    assert made.totals["reactions"].now.value == 4


def test_a_post_without_readings_is_missing_and_never_zero() -> None:
    posts = [post(1, WEEK.start + DAY), post(2, WEEK.start + DAY)]
    made = report(posts, {2: [read(2, WEEK.end, 70)]})
    assert impressions(made) == Total(70, 1, 1)
    assert made.totals["clicks"].now == Total(None, 0, 2)
    assert impressions(report(posts)) == Total(None, 0, 2)


def test_a_zero_that_was_measured_stays_a_zero() -> None:
    made = report([post(1, WEEK.start + DAY)], {1: [read(1, WEEK.end, 0)]})
    assert impressions(made) == Total(0, 1, 0)


def test_a_figure_may_fall() -> None:
    snapshots = {1: [read(1, WEEK.start, 400, 30), read(1, WEEK.end, 400, 21)]}
    made = report([post(1, BEFORE)], snapshots)
    assert made.totals["reactions"].now.value == -9


def test_the_same_reading_at_both_ends_is_no_growth_of_nought() -> None:
    snapshots = {1: [read(1, WEEK.start + HOUR, 400)]}
    made = report([post(1, BEFORE)], snapshots, made_at=WEEK.start + 2 * HOUR)
    assert impressions(made) == Total(None, 0, 1)


def test_a_post_that_is_no_longer_followed_is_not_counted_as_missing() -> None:
    ages_ago = WEEK.start - 91 * DAY
    assert report([post(1, ages_ago)]).posts == 0
    read_still = {1: [read(1, WEEK.start, 5), read(1, WEEK.end, 8)]}
    assert impressions(report([post(1, ages_ago)], read_still)).value == 3


def test_engagement_is_missing_when_one_of_its_parts_is() -> None:
    snapshots = {
        1: [read(1, WEEK.end, 90, 5, 2, 1)],
        2: [read(2, WEEK.end, 90, 50, None, 10)],
    }
    made = report([post(1, WEEK.start), post(2, WEEK.start)], snapshots)
    assert made.totals["engagement"].now == Total(8, 1, 1)
    assert [each.post.id for each in made.best] == [1]


def test_the_best_posts_are_five_and_the_more_seen_comes_first_of_two_alike() -> None:
    numbers = range(1, 8)
    snapshots: dict[int, list[Snapshot]] = {
        number: [read(number, WEEK.end, 100 * number, 10, 0, 0)] for number in numbers
    }
    snapshots[1] = [read(1, WEEK.end, 1, 11, 0, 0)]
    snapshots[7] = [read(7, WEEK.end, 9999, 0, 0, 0)]
    made = report([post(number, WEEK.start) for number in numbers], snapshots)
    assert [each.post.id for each in made.best] == [1, 6, 5, 4, 3]


def change(now: Total, before: Total) -> Change:
    return Change(now, before)


def test_a_change_is_a_difference_and_a_part_of_the_week_before() -> None:
    seen = change(Total(150, 5, 0), Total(120, 6, 0))
    assert seen.difference == 30
    assert seen.ratio == 0.25


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (Total(150, 4, 0), Total(120, 6, 0)),
        (Total(150, 9, 0), Total(120, 4, 0)),
        (Total(150, 9, 0), Total(0, 9, 0)),
        (Total(150, 9, 0), Total(-3, 9, 0)),
        (Total(150, 9, 2), Total(120, 9, 0)),
        (Total(150, 9, 0), Total(120, 9, 2)),
    ],
)
def test_there_is_no_percentage_where_it_would_mean_nothing(now: Total, before: Total) -> None:
    assert change(now, before).difference is not None
    assert change(now, before).ratio is None


def test_there_is_no_change_against_a_week_that_was_not_measured() -> None:
    assert change(Total(150, 9, 0), Total(None, 0, 9)).difference is None


def test_the_week_before_is_measured_in_the_same_way() -> None:
    snapshots = {
        1: [read(1, WEEK.previous.start, 10), read(1, WEEK.start, 40), read(1, WEEK.end, 45)]
    }
    made = report([post(1, WEEK.previous.start - DAY)], snapshots)
    assert made.totals["impressions"].before == Total(30, 1, 0)
    assert impressions(made).value == 5


def test_a_post_counts_for_each_of_its_partners() -> None:
    made = report([post(1, WEEK.start)], {1: [read(1, WEEK.end, 90)]})
    assert [group.slug for group in made.partners] == ["grenoble", "gumi"]
    assert [group.figures["impressions"].now.value for group in made.partners] == [90, 90]


def test_a_day_lies_between_two_midnights_and_a_missing_one_is_a_gap() -> None:
    midnights = WEEK.midnights
    snapshots = {
        1: [read(1, cut, 100 * place) for place, cut in enumerate(midnights) if place not in {0, 3}]
    }
    made = report([post(1, WEEK.start + HOUR)], snapshots)
    values = [day.impressions["x"].value for day in made.days]
    assert values == [100, 100, None, None, 100, 100, 100]
    assert made.days[2].impressions["x"].without == 1


def test_before_sunday_night_the_report_goes_so_far_and_compares_the_same_days() -> None:
    wednesday = WEEK.start + 2 * DAY + 12 * HOUR
    last_wednesday = wednesday - 7 * DAY
    old = post(1, WEEK.previous.start - DAY)
    late = post(2, last_wednesday + HOUR)
    snapshots = {
        1: [
            read(1, WEEK.previous.start, 10),
            read(1, last_wednesday, 25),
            read(1, WEEK.start, 40),
            read(1, wednesday, 44),
        ]
    }
    made = report([old, late], snapshots, made_at=wednesday)
    assert made.so_far
    assert made.cut == wednesday
    assert impressions(made) == Total(4, 1, 1)
    assert made.totals["impressions"].before == Total(15, 1, 0)
    assert made.published_before == 0
    assert [day.over for day in made.days] == [True, True, False, False, False, False, False]


def test_a_week_that_has_not_begun_has_no_report() -> None:
    with pytest.raises(RefusedCommand, match="2023-W09 has not begun"):
        report([], made_at=WEEK.start)


@pytest.mark.parametrize(
    ("state", "missed"),
    [
        (PostState.FAILED, True),
        (PostState.EXPIRED, True),
        (PostState.HELD, True),
        (PostState.UNCERTAIN, True),
        (PostState.QUEUED, True),
        (PostState.SENDING, True),
        (PostState.CANCELLED, False),
        (PostState.DRAFT, False),
    ],
)
def test_what_was_due_and_did_not_go_out_is_said(state: PostState, missed: bool) -> None:
    made = report([unpublished(1, WEEK.start + DAY, state)])
    assert [each.id for each in made.misses] == ([1] if missed else [])


def test_a_post_that_is_about_to_leave_is_not_late() -> None:
    now = WEEK.start + DAY
    made = report([unpublished(1, now - HOUR / 6, PostState.QUEUED)], made_at=now)
    assert made.misses == ()


def test_what_comes_is_told_by_announcement_and_for_the_next_week_only() -> None:
    posts = [
        unpublished(1, WEEK.end + 3 * DAY, PostState.QUEUED, announcement="forum", language="ko"),
        unpublished(2, WEEK.end + 2 * DAY, PostState.QUEUED, announcement="forum"),
        unpublished(3, WEEK.end + DAY, PostState.QUEUED, announcement="visit"),
        unpublished(4, WEEK.next.end, PostState.QUEUED, announcement="later"),
    ]
    made = report(posts)
    told = [(each.announcement, [post.id for post in each.posts]) for each in made.planned]
    assert told == [("visit", [3]), ("forum", [2, 1])]


def test_every_figure_has_its_time_and_source() -> None:
    snapshots = {1: [read(1, WEEK.start + HOUR, 4), read(1, WEEK.end - HOUR, 9)]}
    made = report([post(1, BEFORE)], snapshots)
    (source,) = made.sources
    assert (source.network, source.source, source.api_version) == ("x", "GET /2/tweets", "2")
    assert (source.readings, source.first, source.last) == (2, WEEK.start + HOUR, WEEK.end - HOUR)


def test_a_deleted_post_was_published_all_the_same() -> None:
    made = report([post(1, WEEK.start + DAY, state=PostState.DELETED)])
    assert len(made.published) == 1
    assert made.published[0].read_at is None


def test_posts_of_another_campaign_are_left_out() -> None:
    assert report([post(1, WEEK.start + DAY, campaign="other")], made_at=MADE_AT).posts == 0
