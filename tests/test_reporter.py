"""The weekly report is written once, at its hour, after an outage too, and whole."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import RehearsalClock
from bot.db.claims import Begun
from bot.db.store import Store
from bot.errors import StoreError
from bot.metrics import Metrics, Snapshot
from bot.model import Campaign, Published
from bot.outcome import accepted
from bot.report.build import build
from bot.report.growth import windows
from bot.report.period import week_named
from bot.reporter import Reporter, report_hour, write_whole
from tests.announcements_sample import announcement, planned
from tests.conftest import START
from tests.fakes import begin, claimed

PARIS = "Europe/Paris"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = 7 * DAY
#: Monday 27 February 2023, 08:00 in Paris: the report of the week that began at START.
MONDAY = datetime(2023, 2, 27, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "reports"


@pytest.fixture
def reporter(campaign: Campaign, store: Store, clock: RehearsalClock, folder: Path) -> Reporter:
    return Reporter(
        campaign, store, clock, folder, ("fr", "ko"), {"x": "X", "linkedin": "LinkedIn"}
    )


@pytest.fixture
def queued(store: Store, campaign: Campaign) -> None:
    """An announcement was queued at START."""
    store.queue.add([(announcement(campaign), [planned("x-fr", START + WEEK)])])


def names(files: list[Path]) -> list[str]:
    return [file.name for file in files]


@pytest.mark.parametrize(
    ("week", "hour"),
    [
        ("2023-W08", "2023-02-27T07:00"),
        ("2023-W12", "2023-03-27T06:00"),  # the clocks changed on the Sunday
        ("2023-W43", "2023-10-30T07:00"),
    ],
)
def test_a_report_is_due_on_monday_at_eight_in_paris(week: str, hour: str) -> None:
    due = datetime.fromisoformat(hour).replace(tzinfo=UTC)
    assert report_hour(week_named(week, PARIS)) == due


@pytest.mark.usefixtures("queued")
def test_a_report_is_written_at_its_hour_and_once(
    reporter: Reporter, clock: RehearsalClock, folder: Path
) -> None:
    clock.advance_to(MONDAY - MINUTE)
    assert reporter.report_due() == []
    assert reporter.next_hour() == MONDAY
    clock.advance_to(MONDAY)
    assert names(reporter.report_due()) == [
        "2023-W08.fr.html",
        "2023-W08.fr.md",
        "2023-W08.ko.html",
        "2023-W08.ko.md",
    ]
    assert reporter.report_due() == []
    assert reporter.next_hour() == MONDAY + WEEK
    assert len(list(folder.iterdir())) == 4


@pytest.mark.usefixtures("queued")
def test_a_report_that_an_outage_delayed_is_written_afterwards(
    reporter: Reporter, clock: RehearsalClock
) -> None:
    clock.advance_to(MONDAY + timedelta(days=3))
    assert names(reporter.report_due())[0] == "2023-W08.fr.html"
    clock.advance_to(MONDAY + 4 * WEEK)
    assert names(reporter.report_due())[0] == "2023-W12.fr.html"
    assert reporter.report_due() == []


@pytest.mark.usefixtures("queued")
def test_two_daemons_write_one_report(
    reporter: Reporter, campaign: Campaign, store: Store, clock: RehearsalClock, folder: Path
) -> None:
    clock.advance_to(MONDAY)
    other = Reporter(campaign, store, clock, folder, ("fr",), {})
    assert reporter.report_due()
    assert other.report_due() == []


def test_weeks_before_the_first_announcement_have_no_report(
    reporter: Reporter, clock: RehearsalClock, store: Store, campaign: Campaign
) -> None:
    clock.advance_to(MONDAY)
    assert reporter.report_due() == []
    store.queue.add([(announcement(campaign), [planned("x-fr", MONDAY + WEEK)])])
    assert reporter.report_due() == []
    clock.advance_to(MONDAY + WEEK)
    assert names(reporter.report_due())[0] == "2023-W09.fr.html"


@pytest.mark.usefixtures("queued")
def test_a_folder_that_cannot_be_written_is_told_and_the_report_is_still_owed(
    reporter: Reporter, clock: RehearsalClock, folder: Path
) -> None:
    folder.write_text("a file stands where the folder should be")
    clock.advance_to(MONDAY)
    with pytest.raises(StoreError, match=r"reports.* cannot be written"):
        reporter.report_due()
    folder.unlink()
    assert len(reporter.report_due()) == 4


def test_a_report_speaks_of_its_week_and_of_what_comes_next(
    reporter: Reporter, store: Store, campaign: Campaign
) -> None:
    posts = [planned("x-fr", START + WEEK, text="La semaine prochaine")]
    store.queue.add([(announcement(campaign), posts)])
    report = reporter.build(week_named("2023-W08", PARIS))
    assert (report.period.name, len(report.planned)) == ("2023-W08", 1)


@pytest.fixture
def long_history(store: Store, campaign: Campaign, clock: RehearsalClock) -> None:
    """Twenty posts in two hundred days, each read at any hour for a hundred days; three to come."""
    chance = random.Random(2023)
    for number in range(20):
        clock.advance_to(START + number * 10 * DAY)
        store.queue.add([(announcement(campaign, f"n-{number}"), [planned("x-fr", clock.now())])])
        [post] = claimed(store, campaign.slug, "me", HOUR)
        assert begin(store, post, "me") is Begun.YES
        assert store.ledger.record(post, accepted(Published(str(number), "", clock.now())), "me")
        moments = sorted(clock.now() + chance.uniform(0, 100) * DAY for _ in range(900))
        taken = [
            Snapshot(post.id, at, "GET", "2", Metrics(10 * place, place, place // 3, 0))
            for place, at in enumerate(moments)
        ]
        store.figures.keep("x-fr", taken, clock.now())
    for days in (2, 8, 60):
        later = planned("x-fr", clock.now() + days * DAY)
        store.queue.add([(announcement(campaign, f"later-{days}"), [later])])


@pytest.mark.usefixtures("long_history")
@pytest.mark.parametrize(
    ("week", "made_at"),
    [
        ("2023-W35", "2023-09-04T08:00+02:00"),  # with the last post, a late one and one to come
        ("2023-W35", "2023-08-30T15:20+02:00"),  # so far
        ("2023-W35", "2023-08-28T00:30+02:00"),  # its first half-hour
        ("2023-W13", "2023-04-03T08:00+02:00"),  # the week before, the clocks changed
        ("2023-W28", "2024-01-01T00:00+01:00"),  # long ago
    ],
)
def test_a_report_is_the_one_that_the_whole_history_would_give(
    week: str, made_at: str, campaign: Campaign, store: Store, folder: Path
) -> None:
    period, now = week_named(week, PARIS), datetime.fromisoformat(made_at)
    whole = store.figures.snapshots(range(1, 21))
    expected = build(campaign, store.queue.posts(campaign.slug), whole, period, now)
    assert expected.sources
    assert Reporter(campaign, store, RehearsalClock(now), folder, (), {}).build(period) == expected


def test_a_report_reads_little_of_a_long_history(store: Store, long_history: None) -> None:
    period = week_named("2023-W35", PARIS)
    near = windows(period, period.end)
    read = store.figures.snapshots(range(1, 21), near)
    assert len(near) == 9
    assert sum(map(len, read.values())) < 0.1 * sum(
        map(len, store.figures.snapshots(range(1, 21)).values())
    )


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.md"
    assert write_whole(path, "avant") == path
    assert write_whole(path, "après").read_text("utf-8") == "après"
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "la moitié \ud800")
    assert path.read_text("utf-8") == "après"
    assert [file.name for file in path.parent.iterdir()] == ["report.md"]
    assert path.stat().st_mode & 0o777 == 0o644
