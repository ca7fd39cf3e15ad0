"""What a restored database takes over from the one whose place it takes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import RehearsalClock
from bot.db.handed import NOTHING_HANDED, handed_by
from bot.db.store import Store
from bot.model import STOP, PostState, Stopped
from tests.backups import EVERYBODY, HOUR, House, queued
from tests.conftest import START
from tests.databases import DATABASES
from tests.story import MONDAY, NETWORKS, TownHall

MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> House:
    """A house on a file, and then again on a server; a visit is queued, an hour from now."""
    return queued(House(tmp_path, database_url if "postgresql" in database_url else ""))


def work_for(span: timedelta, hall: TownHall) -> None:
    """Let the daemon work for so long: while all is stopped, it never comes to an end."""
    end = hall.clock.now() + span
    while (now := hall.clock.now()) < end:
        hall.clock.advance_to(max(hall.daemon.tick(now), now + MINUTE))


def test_what_a_person_stopped_stays_stopped_when_an_older_backup_is_put_back(
    house: House,
) -> None:
    house.back_up()
    house.clock.wait(MINUTE)
    with house.hall() as hall:
        hall.app.store.brake.stop("The wrong picture.", "Anne")
    stopped = Stopped("The wrong picture.", MONDAY + MINUTE)
    house.clock.wait(MINUTE)
    assert house.restore_as_pavois_does().stopped == stopped
    with house.hall() as hall:
        assert hall.app.store.brake.state() == stopped
        assert "Why: The wrong picture. (Anne)" in hall.notices()[STOP]
        work_for(3 * HOUR, hall)
        assert [len(hall.shown(network, "visite")) for network in NETWORKS] == [0, 0]
        hall.app.store.brake.release_all(hall.app.campaign)
        hall.work()
        assert [len(hall.shown(network, "visite")) for network in NETWORKS] == [1, 1]


def test_what_was_released_when_the_backup_was_made_and_stopped_again_since_stays(
    house: House,
) -> None:
    with house.hall() as hall:
        brake = hall.app.store.brake
        brake.stop("An accident.", "Anne")
        brake.release([hall.post("visite", network).id for network in NETWORKS])
        house.back_up()
        house.clock.wait(MINUTE)
        brake.stop("A strike.", "Claire")
    done = house.restore_as_pavois_does()
    assert done.stopped == Stopped("An accident. · A strike.", MONDAY)
    with house.hall() as hall:
        work_for(3 * HOUR, hall)
        assert [len(hall.shown(network, "visite")) for network in NETWORKS] == [0, 0]
        assert {hall.post("visite", network).state for network in NETWORKS} == {PostState.QUEUED}


def test_a_backup_that_was_made_during_a_stop_is_stopped_too(house: House) -> None:
    with house.hall() as hall:
        hall.app.store.brake.stop("", "Anne")
        house.back_up()
        hall.app.store.brake.release_all(hall.app.campaign)
    assert house.restore(EVERYBODY).stopped == Stopped("", MONDAY)


def test_where_nothing_was_stopped_nothing_is(house: House) -> None:
    house.back_up()
    assert house.restore(EVERYBODY).stopped is None


def test_what_was_spent_and_called_since_the_backup_is_not_forgotten(house: House) -> None:
    """Of each month and day the greater: what only the backup knows of stays as well."""
    day, before = MONDAY.date(), MONDAY.date() - timedelta(days=40)
    with house.hall() as hall:
        store = hall.app.store
        store.money.reserve_reads("x", {"1", "2"}, 5_000, None)
        for _call in range(2):
            store.calls.take("li", day, 100)
        store.calls.take("li", before, 100)
        house.back_up()
        store.money.reserve_reads("x", {"3"}, 5_000, None)
        store.money.reserve_reads("linkedin", {"1"}, 7, None)
        store.calls.take("li", day, 100)
        store.calls.take("x-tours", day, 100)
    house.change("DELETE FROM calls WHERE day < '2023-02-01'")
    house.restore(EVERYBODY)
    with house.hall() as hall:
        spent, made = hall.app.store.calls.spent, hall.app.store.calls.made
        assert [spent(network, day) for network in ("x", "linkedin")] == [15_000, 7]
        assert [made("li", day), made("x-tours", day), made("li", before)] == [3, 1, 1]


def test_where_the_backup_counted_more_that_holds(house: House) -> None:
    with house.hall() as hall:
        hall.app.store.money.reserve_reads("x", {"1", "2"}, 5_000, None)
    house.back_up()
    house.change("UPDATE spending SET amount = 5000")
    house.restore(EVERYBODY)
    with house.hall() as hall:
        assert hall.app.store.calls.spent("x", MONDAY.date()) == 10_000


# ── what cannot be read ─────────────────────────────────────────────────────────────────────────


def test_a_database_of_an_earlier_version_hands_its_stop_over_and_is_left_as_it_is(
    tmp_path: Path,
) -> None:
    old = tmp_path / "old.db"
    old.write_bytes((DATABASES / "0001.db").read_bytes())
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute(
            "INSERT INTO settings VALUES ('stopped', 'A strike.', '2023-02-20 08:00:00.000000')"
        )
    before = old.read_bytes()
    assert handed_by(old).stopped == Stopped("A strike.", MONDAY + 30 * MINUTE)
    assert old.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"", b"Monsieur le Maire, " * 1000])
def test_what_is_no_database_hands_nothing_over(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    if content is not None:
        file.write_bytes(content)
    assert handed_by(file) == NOTHING_HANDED


def test_a_setting_that_was_damaged_is_not_handed_over(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'old.db'}", RehearsalClock(START))
    store.brake.stop("A strike.", "Anne")
    store.close()
    for damaged in ("yesterday", 20230220):
        with closing(sqlite3.connect(tmp_path / "old.db")) as connection, connection:
            connection.execute("UPDATE settings SET at = ? WHERE key = 'stopped'", [damaged])
        assert handed_by(tmp_path / "old.db").stopped is None
