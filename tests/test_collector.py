"""Reading what was seen: at which hours, of which posts, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.clock import RehearsalClock
from bot.collector import READ_FOR, YOUNG_FOR, Collector, last_reading_hour, next_reading_hour
from bot.db.store import Store
from bot.errors import AccountBlocked, ConfigError, NotSent, StoreError
from bot.metrics import Metrics
from bot.model import AttemptState, Campaign, Post
from bot.networks.base import Network
from bot.purse import Purse
from tests.announcements_sample import announcement, planned
from tests.conftest import START
from tests.fakes import (
    FakeNetwork,
    publisher_of,
)

PARIS = "Europe/Paris"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        # winter: Paris is UTC+1, so 00, 03, 06 … are 23, 02, 05 …
        ("2023-02-20T07:30", "2023-02-20T05:00", "2023-02-20T08:00"),
        ("2023-02-20T08:00", "2023-02-20T08:00", "2023-02-20T11:00"),
        ("2023-02-20T22:59:59", "2023-02-20T20:00", "2023-02-20T23:00"),
        # 26 March: 02:00 does not exist, from midnight to 03:00 are two hours
        ("2023-03-25T23:30", "2023-03-25T23:00", "2023-03-26T01:00"),
        ("2023-03-26T00:59", "2023-03-25T23:00", "2023-03-26T01:00"),
        ("2023-03-26T01:00", "2023-03-26T01:00", "2023-03-26T04:00"),
        # 29 October: 02:00 comes twice, from midnight to 03:00 are four hours
        ("2023-10-29T00:30", "2023-10-28T22:00", "2023-10-29T02:00"),
        ("2023-10-29T01:30", "2023-10-28T22:00", "2023-10-29T02:00"),
        ("2023-10-29T02:00", "2023-10-29T02:00", "2023-10-29T05:00"),
    ],
)
def test_the_hours_of_reading_follow_the_clocks_of_the_campaign(
    now: str, last: str, following: str
) -> None:
    assert last_reading_hour(utc(now), PARIS) == utc(last)
    assert next_reading_hour(utc(now), PARIS) == utc(following)


@pytest.mark.parametrize("zone", [PARIS, "Asia/Seoul", "Africa/Cairo", "America/St_Johns"])
def test_in_a_year_every_hour_of_reading_comes_after_the_one_before(zone: str) -> None:
    now, end = utc("2023-01-01T00:00"), utc("2024-01-01T00:00")
    midnights = 0
    while now < end:
        following = next_reading_hour(now, zone)
        assert HOUR < following - now <= 4 * HOUR or now == utc("2023-01-01T00:00")
        assert last_reading_hour(following, zone) == following
        assert last_reading_hour(following - timedelta(seconds=1), zone) < following
        local = following.astimezone(ZoneInfo(zone))
        midnights += local.hour == 0
        now = following
    assert midnights >= 364  # Cairo's clocks skip a midnight


class Reading:
    """A collector, its store and its networks; and posts that are out."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: RehearsalClock,
        networks: dict[str, FakeNetwork],
    ) -> None:
        self.campaign = campaign
        self.store = store
        self.clock = clock
        self.networks = networks
        network_of: Callable[[str], Network] = networks.__getitem__
        self.collector = Collector(campaign, store, clock, network_of, Purse(store, clock))

    def publish(self, slug: str, account: str = "x-fr", impressions: int | None = None) -> Post:
        post = planned(account, self.clock.now())
        ids = self.store.queue.add([(announcement(self.campaign, slug), [post])])[0]
        network = self.networks[account]
        publisher_of(self.campaign, self.store, self.clock, self.networks.__getitem__).publish_due()
        made = self.store.queue.post(ids[0])
        network.figures[made.remote_id] = Metrics(impressions)
        return made

    def asked(self, account: str = "x-fr") -> list[tuple[str, ...]]:
        """What the network was asked for since this was called last."""
        asked = list(self.networks[account].asked_for)
        self.networks[account].asked_for.clear()
        return asked

    def until(self, instant: datetime) -> int:
        self.clock.advance_to(instant)
        return self.collector.collect_due()


@pytest.fixture
def reading(
    campaign: Campaign, store: Store, clock: RehearsalClock, networks: dict[str, FakeNetwork]
) -> Reading:
    return Reading(campaign, store, clock, networks)


def test_each_post_is_read_once_an_hour_of_reading(reading: Reading) -> None:
    post = reading.publish("visite", impressions=10)
    assert reading.collector.collect_due() == 1
    assert reading.collector.collect_due() == 0
    assert reading.until(utc("2023-02-20T07:59")) == 0
    reading.networks["x-fr"].figures[post.remote_id] = Metrics(impressions=25)
    assert reading.until(utc("2023-02-20T08:00")) == 1
    kept = reading.store.figures.snapshots([post.id])[post.id]
    assert [(one.taken_at, one.metrics.impressions) for one in kept] == [
        (START, 10),
        (utc("2023-02-20T08:00"), 25),
    ]
    assert (kept[0].source, kept[0].api_version) == ("a list", "1")


def test_the_posts_of_an_account_are_asked_for_together(reading: Reading) -> None:
    ids = [reading.publish(slug, impressions=1).remote_id for slug in ("un", "deux", "trois")]
    assert reading.collector.collect_due() == 3
    assert reading.asked() == [tuple(ids)]


def test_figures_that_are_absent_stay_absent(reading: Reading) -> None:
    said = reading.publish("un", impressions=0)
    unsaid = reading.publish("deux")
    gone = reading.publish("trois")
    del reading.networks["x-fr"].figures[gone.remote_id]
    assert reading.collector.collect_due() == 2
    kept = reading.store.figures.snapshots([said.id, unsaid.id, gone.id])
    assert kept[said.id][0].metrics == Metrics(impressions=0)
    assert kept[unsaid.id][0].metrics == Metrics()
    assert kept[gone.id] == []


@pytest.mark.parametrize("error", [NotSent("Down."), AccountBlocked("No."), ConfigError("No key.")])
def test_a_network_that_does_not_answer_is_read_at_the_next_hour_and_delays_no_other(
    reading: Reading, error: Exception
) -> None:
    reading.publish("un", "x-fr", impressions=1)
    reading.publish("deux", "linkedin-fr", impressions=1)
    reading.networks["x-fr"].unreadable = [error]
    assert reading.collector.collect_due() == 1
    assert reading.collector.collect_due() == 0
    assert len(reading.asked()) == 1
    assert reading.until(utc("2023-02-20T08:00")) == 2


def test_old_posts_are_read_once_a_day_and_very_old_ones_not_at_all(reading: Reading) -> None:
    old = reading.publish("un", impressions=1)
    reading.clock.advance_to(START + YOUNG_FOR + HOUR)
    young = reading.publish("deux", impressions=1)
    reading.collector.collect_due()
    assert reading.asked() == [(old.remote_id, young.remote_id)]
    next_midnight = last_reading_hour(reading.clock.now() + DAY, PARIS).replace(hour=23) - DAY
    for hours in range(3, 12, 3):
        reading.until(last_reading_hour(reading.clock.now(), PARIS) + 3 * HOUR)
        assert reading.asked() == [(young.remote_id,)], hours
    reading.until(next_midnight)
    assert reading.asked() == [(old.remote_id, young.remote_id)]
    reading.until(START + READ_FOR + DAY)
    assert reading.asked() == [(young.remote_id,)]


def test_a_midnight_that_was_missed_is_made_up_for_at_the_next_hour(reading: Reading) -> None:
    old = reading.publish("un", impressions=1)
    evening = utc("2023-04-10T19:30")  # 21:30 in Paris
    reading.until(evening)
    reading.asked()
    reading.until(evening + 4 * HOUR)  # 01:30: the reading of midnight
    assert reading.asked() == [(old.remote_id,)]
    reading.until(evening + 7 * HOUR)
    assert reading.asked() == []
    reading.until(utc("2023-04-11T21:00"))  # 23:00, then an outage until 04:00
    reading.until(utc("2023-04-12T02:00"))
    assert reading.asked() == [(old.remote_id,)]


def test_reading_now_reads_everything_and_says_what_failed(reading: Reading) -> None:
    reading.publish("un", impressions=1)
    assert reading.collector.collect_now() == 1
    assert reading.collector.collect_now() == 1
    reading.networks["x-fr"].unreadable = [NotSent("Down.")]
    with pytest.raises(NotSent):
        reading.collector.collect_now()


def test_a_campaign_with_nothing_out_asks_nobody(reading: Reading) -> None:
    assert reading.collector.collect_due() == 0
    assert reading.collector.collect_now() == 0
    assert reading.asked() == []


def test_a_database_that_fails_is_not_taken_for_the_network(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading.publish("un", impressions=1)

    def fails(*_arguments: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(reading.store.figures, "keep", fails)
    with pytest.raises(StoreError):
        reading.collector.collect_due()


def test_an_account_that_fails_keeps_no_other_from_being_read_now(reading: Reading) -> None:
    reading.publish("un", "x-fr", impressions=1)
    other = reading.publish("deux", "linkedin-fr", impressions=1)
    reading.networks["x-fr"].unreadable = [NotSent("Down.")]
    with pytest.raises(NotSent):
        reading.collector.collect_now()
    assert len(reading.store.figures.snapshots([other.id])[other.id]) == 1


def test_a_reading_that_failed_is_no_reading_and_a_person_is_told_until_it_works(
    reading: Reading,
) -> None:
    reading.publish("un", "x-fr", impressions=1)
    reading.networks["x-fr"].unreadable = [AccountBlocked("The key is revoked.")]
    reading.collector.collect_due()
    status = next(one for one in reading.store.ledger.accounts() if one.account == "x-fr")
    assert (status.read_at, status.tried_at) == (None, START)
    notices = reading.store.journal.notices()
    assert [(one.subject, str(one.message)) for one in notices] == [
        ("reading x-fr", "The key is revoked.")
    ]
    reading.until(utc("2023-02-20T08:00"))
    assert reading.store.journal.notices() == []


def test_stopping_ends_the_readings_between_two_accounts(reading: Reading) -> None:
    reading.publish("un", "x-fr", impressions=1)
    reading.publish("deux", "linkedin-fr", impressions=1)
    asked = iter([False, True])
    assert reading.collector.collect_due(lambda: next(asked)) == 1


def test_a_fault_of_our_own_in_one_reading_keeps_no_other_account_from_being_read(
    reading: Reading,
) -> None:
    reading.publish("un", "x-fr", impressions=1)
    reading.publish("deux", "linkedin-fr", impressions=1)
    reading.networks["linkedin-fr"].unreadable = [TypeError("a fault")]
    assert reading.collector.collect_due() == 1
    assert reading.collector.collect_due() == 0
    assert [one.subject for one in reading.store.journal.notices()] == ["reading linkedin-fr"]


def test_the_figures_of_a_corrected_post_are_those_of_all_its_versions(reading: Reading) -> None:
    post = reading.publish("visite")
    line = reading.store.deeds.begin(post, "correct")
    assert line
    done = replace(line, state=AttemptState.ACCEPTED, remote_id="x-2")
    read = replace(post, attempts=line.number)
    assert reading.store.deeds.corrected(read, done, "Autre", "https://x.com/2", START)
    figures = reading.networks["x-fr"].figures
    figures[post.remote_id] = Metrics(impressions=100, reactions=3, extra={"quote_count": 1})
    figures["x-2"] = Metrics(impressions=20, clicks=4, extra={"quote_count": 2, "other": 9})
    assert reading.collector.collect_due() == 1
    assert reading.asked() == [("x-2", post.remote_id)]
    (kept,) = reading.store.figures.snapshots([post.id])[post.id]
    assert kept.metrics == Metrics(impressions=120, extra={"quote_count": 3})


def test_an_earlier_version_that_the_network_gives_no_more_is_left_out(reading: Reading) -> None:
    post = reading.publish("visite")
    line = reading.store.deeds.begin(post, "correct")
    assert line
    done = replace(line, state=AttemptState.ACCEPTED, remote_id="x-2")
    reading.store.deeds.corrected(replace(post, attempts=2), done, "Autre", "", START)
    figures = reading.networks["x-fr"].figures
    del figures[post.remote_id]
    figures["x-2"] = Metrics(impressions=20)
    assert reading.collector.collect_due() == 1
    (kept,) = reading.store.figures.snapshots([post.id])[post.id]
    assert kept.metrics.impressions == 20
