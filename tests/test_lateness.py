"""What becomes of posts that are late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lateness import Verdict, verdict, verdicts, why_asked, why_dropped
from bot.model import Campaign, Kind, Post
from tests.post_sample import NOW, TOURS_ON_X, sending

HOUR = timedelta(hours=1)
LATE = {
    "news": "send",
    "field_visit": "ask",
    "consultation": "drop",
}
CAMPAIGN = Campaign(
    slug="korea-france",
    names={},
    hashtag="Tag",
    countries=(),
    languages=("fr",),
    zones=("Europe/Paris",),
    spacing_minutes=20,
    accounts={},
    partners={},
    kinds={slug: Kind(slug, {}, {}, frozenset(), {}, late) for slug, late in LATE.items()},
)

hours = st.floats(-100, 100).map(lambda count: NOW + timedelta(hours=count))


def post(kind: str, due: datetime = NOW, **changes: object) -> Post:
    return sending(TOURS_ON_X, "Bonjour", kind=kind, due=due, **changes)


@pytest.mark.parametrize("kind", [*LATE, "a kind that is no more"])
def test_what_is_due_within_six_hours_goes_out(kind: str) -> None:
    for late in (0 * HOUR, HOUR, 6 * HOUR):
        assert verdict(post(kind, NOW - late), CAMPAIGN, NOW) == Verdict.GO


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [
        ("news", Verdict.GO),
        ("field_visit", Verdict.ASK),
        ("consultation", Verdict.DROP),
        ("a kind that is no more", Verdict.ASK),
    ],
)
def test_what_is_later_is_as_its_kind_says(kind: str, becomes: Verdict) -> None:
    late = NOW - 6 * HOUR - timedelta(seconds=1)
    assert verdict(post(kind, late), CAMPAIGN, NOW) == becomes


@pytest.mark.parametrize("kind", LATE)
def test_what_has_stopped_being_true_is_dropped_whatever_its_kind_and_whoever_released_it(
    kind: str,
) -> None:
    stale = post(kind, valid_until=NOW - HOUR, released_at=NOW)
    assert verdict(stale, CAMPAIGN, NOW) == Verdict.DROP
    assert verdict(replace(stale, valid_until=NOW), CAMPAIGN, NOW) == Verdict.GO


@pytest.mark.parametrize("kind", LATE)
def test_what_a_person_released_goes_out_however_late_it_is(kind: str) -> None:
    released = post(kind, NOW - 48 * HOUR, released_at=NOW - HOUR)
    assert verdict(released, CAMPAIGN, NOW) == Verdict.GO


def test_what_was_released_long_ago_is_late_again() -> None:
    released = post("field_visit", NOW - 48 * HOUR, released_at=NOW - 7 * HOUR)
    assert verdict(released, CAMPAIGN, NOW) == Verdict.ASK


def test_a_release_before_its_hour_makes_nothing_late() -> None:
    released = post("field_visit", NOW - HOUR, released_at=NOW - 48 * HOUR)
    assert verdict(released, CAMPAIGN, NOW) == Verdict.GO


def test_a_campaign_says_what_is_late() -> None:
    patient = replace(CAMPAIGN, late_after=24 * HOUR)
    assert verdict(post("field_visit", NOW - 23 * HOUR), patient, NOW) == Verdict.GO
    assert verdict(post("field_visit", NOW - 25 * HOUR), patient, NOW) == Verdict.ASK


@pytest.mark.parametrize("kind", LATE)
def test_a_thread_that_has_begun_is_not_broken_off_because_it_is_late(kind: str) -> None:
    part = post(kind, NOW - 48 * HOUR, part=1)
    assert verdict(part, CAMPAIGN, NOW) == Verdict.GO
    assert verdicts([part], CAMPAIGN, NOW) == {part.id: Verdict.GO}
    stale = replace(part, valid_until=NOW - HOUR)
    assert verdict(stale, CAMPAIGN, NOW) == Verdict.DROP


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [("news", Verdict.GO), ("field_visit", Verdict.ASK), ("consultation", Verdict.DROP)],
)
def test_what_follows_a_late_post_in_a_thread_that_has_not_begun_shares_its_lot(
    kind: str, becomes: Verdict
) -> None:
    thread = [post(kind, NOW - 48 * HOUR, id=1 + part, part=part) for part in range(3)]
    other = replace(thread[2], id=9, language="ko")
    later = post(kind, NOW + HOUR, id=10)
    assert verdicts([*reversed(thread), other, later], CAMPAIGN, NOW) == {
        **dict.fromkeys((1, 2, 3), becomes),
        9: Verdict.GO,
    }


@given(due=hours, released=st.none() | hours, end=st.none() | hours, kind=st.sampled_from([*LATE]))
def test_a_post_never_becomes_less_late_by_waiting(
    due: datetime, released: datetime | None, end: datetime | None, kind: str
) -> None:
    one = post(kind, due, released_at=released, valid_until=end)
    order = [Verdict.GO, Verdict.ASK, Verdict.DROP]
    said = [order.index(verdict(one, CAMPAIGN, NOW + 3 * count * HOUR)) for count in range(12)]
    assert said == sorted(said)


def test_a_person_is_told_what_to_do_with_what_is_late() -> None:
    said = str(why_asked(post("forum", id=12), CAMPAIGN))
    assert said == (
        "It is late: it was due more than 6 h ago. To send it all the same: pavois queue retry 12; "
        "or cancel it: pavois queue cancel 12"
    )


def test_a_person_is_told_why_something_was_dropped() -> None:
    late = post("consultation", NOW - 9 * HOUR)
    assert "its kind is not sent late" in str(why_dropped(late, CAMPAIGN, NOW))
    stale = replace(late, valid_until=NOW - HOUR)
    assert "had stopped being true" in str(why_dropped(stale, CAMPAIGN, NOW))
