"""Moving everything to another database: all of it, equal, and never two that send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Engine, event, insert, select

from bot.app import make_app
from bot.cli.database import move
from bot.clock import RehearsalClock
from bot.config import load_config
from bot.db.claims import Begun
from bot.db.engine import open_engine
from bot.db.moving import move_all
from bot.db.store import Store
from bot.db.tables import metadata, settings
from bot.errors import RefusedCommand, StoreError
from bot.metrics import Metrics, Snapshot
from bot.model import Campaign, Post, Published
from bot.outcome import accepted
from bot.words import Message
from tests import fakes
from tests.announcements_sample import announcement, planned
from tests.conftest import DATA, START
from tests.fakes import begin
from tests.postgres import Server
from tests.story import found_town_hall, pavois_said, town_hall

LEASE = timedelta(minutes=5)
LATER = START + timedelta(hours=1)


@pytest.fixture(params=["to the server", "to a file"])
def places(request: pytest.FixtureRequest, postgres: Server, tmp_path: Path) -> Iterator[list[str]]:
    """The address of a database, and that of an empty one of the other kind."""
    with postgres.new_database() as server:
        file = f"sqlite:///{tmp_path / 'pavois.db'}"
        yield [file, server] if request.param == "to the server" else [server, file]


@pytest.fixture
def engines(places: list[str]) -> Iterator[list[Engine]]:
    opened = [open_engine(place, busy_seconds=1) for place in places]
    yield opened
    for engine in opened:
        engine.dispose()


@contextmanager
def opened(place: str) -> Iterator[Store]:
    store = Store(place, RehearsalClock(START), busy_seconds=1)
    try:
        yield store
    finally:
        store.close()


def claimed(store: Store) -> Post:
    [post] = fakes.claimed(store)
    return post


def fill(place: str, campaign: Campaign) -> None:
    """Something in every corner: Hangul, flags, nothing at all, a thread, a notice, figures."""
    with opened(place) as store:
        store.journal.remember("mode", "rehearsal")
        posts = [planned("x-fr", START), planned("x-ko", START), planned("linkedin-fr", START)]
        store.queue.add([(announcement(campaign, "visite"), posts)])
        post = claimed(store)
        begin(store, post, "me")
        outcome = accepted(Published("42", "https://x.example/42", START, "r-1", 201))
        store.ledger.record(post, outcome, "me")
        metrics = Metrics(0, None, 3, extra={"조회": 7, "é": 1})
        store.figures.keep("x-fr", [Snapshot(post.id, START, "GET", "2", metrics)], START)
        store.figures.issued("campaign", "2023-W08")
        store.journal.notify("post 2", Message("{problem}", {"problem": Message("Why.")}))


def rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.execution_options(reads_only=True).begin() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
                if row[0] not in ("moved", "arriving")
            ]
            for table in metadata.sorted_tables
        }


def test_everything_is_there_and_equal(
    places: list[str], engines: list[Engine], campaign: Campaign
) -> None:
    fill(places[0], campaign)
    before = rows(engines[0])
    counted = move_all(engines[0], engines[1], START)
    assert rows(engines[1]) == rows(engines[0]) == before
    assert counted == {name: len(found) for name, found in before.items()}
    assert counted["posts"] == 3
    assert counted["attempts"] == 3


def test_the_copy_goes_on_where_the_old_one_stopped(
    places: list[str], engines: list[Engine], campaign: Campaign
) -> None:
    fill(places[0], campaign)
    move_all(engines[0], engines[1], START)
    with opened(places[1]) as store:
        assert claimed(store).id == 2
        ids = store.queue.add([(announcement(campaign, "encore"), [planned("x-fr", START)])])
        assert ids == [(4,)]
        assert store.faults() == []


def test_a_daemon_that_still_has_the_old_database_open_can_send_nothing_from_it(
    places: list[str], engines: list[Engine], campaign: Campaign
) -> None:
    fill(places[0], campaign)
    with opened(places[0]) as old, opened(places[0]) as about_to:
        waiting = old.queue.posts("campaign")[-1]
        move_all(engines[0], engines[1], START)
        with pytest.raises(StoreError, match="was moved to another one and takes no changes"):
            claimed(old)
        with pytest.raises(StoreError, match="was moved"):
            about_to.queue.cancel([waiting.id])
        with pytest.raises(StoreError, match="was moved"):
            old.queue.add([(announcement(campaign, "encore"), [planned("x-fr", START)])])
        with opened(places[1]) as new:
            assert [claimed(new).id, claimed(new).id] == [2, 3]


def test_a_post_on_its_way_keeps_everything_where_it_is(
    places: list[str], engines: list[Engine], campaign: Campaign
) -> None:
    fill(places[0], campaign)
    with opened(places[0]) as store:
        post = claimed(store)
        with pytest.raises(RefusedCommand, match=f"Post {post.id} is being sent"):
            move_all(engines[0], engines[1], START)
        assert begin(store, post, "me") is Begun.YES
        with opened(places[1]) as new:
            assert new.queue.posts("campaign") == []
        # Whoever sent it did not come back: the copy says so, and looks for it.
        move_all(engines[0], engines[1], LATER)
        assert begin(store, post, "another") is Begun.LOST
        with opened(places[1]) as new:
            assert new.queue.post(post.id).state == "sending"


def test_what_a_daemon_wanted_to_write_down_before_a_call_is_refused(
    places: list[str], engines: list[Engine], campaign: Campaign
) -> None:
    """Its clock may be behind: it believes in a lease that is over."""
    fill(places[0], campaign)
    with opened(places[0]) as store:
        post = claimed(store)
        move_all(engines[0], engines[1], LATER)
        with pytest.raises(StoreError, match="was moved"):
            begin(store, post, "me")
        with pytest.raises(StoreError, match="was moved"):
            store.ledger.renew(post, "me", LEASE)


def test_a_database_with_anything_in_it_is_not_written_to(
    places: list[str], engines: list[Engine], campaign: Campaign
) -> None:
    fill(places[0], campaign)
    with opened(places[1]) as other:
        other.journal.remember("mode", "live")
    before = rows(engines[0]), rows(engines[1])
    with pytest.raises(RefusedCommand, match=r"is not empty \(settings\)"):
        move_all(engines[0], engines[1], START)
    assert (rows(engines[0]), rows(engines[1])) == before
    with opened(places[0]) as store:
        assert store.journal.setting("moved") == ""
        assert claimed(store)


def test_a_database_is_not_moved_into_itself(engines: list[Engine]) -> None:
    with pytest.raises(RefusedCommand, match="the database that is used already"):
        move_all(engines[0], engines[0], START)


def test_a_writer_that_does_not_end_keeps_everything_where_it_is(
    places: list[str], engines: list[Engine], campaign: Campaign
) -> None:
    fill(places[0], campaign)
    with opened(places[0]) as store, store.journal._writing(in_turn=False) as connection:
        connection.execute(insert(settings).values(key="a", value="b", at=START))
        with pytest.raises(StoreError, match="busy with another program"):
            move_all(engines[0], engines[1], START)
    move_all(engines[0], engines[1], START)
    assert ("a", "b", START) in rows(engines[1])["settings"]


def test_a_copy_that_is_not_equal_is_refused_and_nothing_is_changed(
    places: list[str], engines: list[Engine], campaign: Campaign
) -> None:
    fill(places[0], campaign)

    @event.listens_for(engines[1], "after_cursor_execute")
    def spoil(connection: Connection, _cursor: object, statement: str, *_others: object) -> None:
        if statement.startswith("INSERT INTO posts"):
            connection.exec_driver_sql("UPDATE posts SET text = '?' WHERE id = 2")

    with pytest.raises(StoreError, match="The copy of posts is not what it was copied from"):
        move_all(engines[0], engines[1], START)
    assert set(map(len, rows(engines[1]).values())) == {0}
    with opened(places[0]) as store:
        assert claimed(store)


class Killed(BaseException):
    """The process ends here."""


def usable(place: str, folder: Path) -> bool:
    """Whether Pavois, configured to, would work on the database at *place*."""
    config = replace(load_config(None, folder), database_url=place, campaign=DATA / "campaign")
    with make_app(config, clock=RehearsalClock(START), environment={}) as app:
        try:
            _ = app.store
        except RefusedCommand:
            return False
    return True


@dataclass(frozen=True)
class Crash:
    """The process ends at this event of this engine, when it comes so many times."""

    sentence: str
    engine: int
    what: str
    time: int = 1
    goes_on: bool = True


CRASHES = [
    Crash("before the copy is there", 1, "commit"),
    Crash("before the old one is closed", 0, "commit", goes_on=False),
    Crash("after the old one is closed", 1, "begin", 2),
    Crash("before the copy is opened", 1, "commit", 2),
]


@pytest.mark.parametrize("crash", [pytest.param(crash, id=crash.sentence) for crash in CRASHES])
def test_a_crash_in_the_middle_leaves_never_two_databases_that_send(
    places: list[str],
    engines: list[Engine],
    campaign: Campaign,
    tmp_path: Path,
    crash: Crash,
) -> None:
    fill(places[0], campaign)
    seen: list[str] = []

    def die(*_arguments: object) -> None:
        seen.append(crash.what)
        if len(seen) == crash.time:
            raise Killed

    event.listen(engines[crash.engine], crash.what, die)
    with pytest.raises(Killed):
        move_all(engines[0], engines[1], START)
    event.remove(engines[crash.engine], crash.what, die)
    closed = crash.sentence != "before the old one is closed"
    if crash.goes_on:
        assert move_all(engines[0], engines[1], LATER)["posts"] == 3
    else:
        with pytest.raises(RefusedCommand, match="is not empty"):
            move_all(engines[0], engines[1], LATER)
    assert [usable(place, tmp_path) for place in places] == [not closed, closed]


def test_what_was_moved_once_is_not_moved_again(
    places: list[str], engines: list[Engine], campaign: Campaign
) -> None:
    fill(places[0], campaign)
    move_all(engines[0], engines[1], START)
    with pytest.raises(RefusedCommand, match=r"was moved to .* already"):
        move_all(engines[0], engines[1], START)


# ── the command ─────────────────────────────────────────────────────────────────────────────────


def test_a_town_hall_moves_to_a_server_with_one_command_and_one_line(
    postgres: Server, tmp_path: Path
) -> None:
    found_town_hall(tmp_path)
    with town_hall(tmp_path) as tours:
        tours.queue("visite", timedelta(minutes=10))
        tours.work()
        tours.queue("forum", timedelta(minutes=10))
    with postgres.new_database() as server:
        code, out, err = pavois_said(tmp_path, "database", "move", server, "--yes")
        assert (code, err) == (0, "")
        assert f'[database]\nurl = "{server}"' in out
        code, _out, err = pavois_said(tmp_path, "queue", "list")
        assert code == 5
        assert f"This database was moved to {server}, and is not used any more" in err
        found = (tmp_path / "config.toml").read_text()
        (tmp_path / "config.toml").write_text(f'{found}[database]\nurl = "{server}"\n')
        with town_hall(tmp_path, clock=tours.clock) as moved:
            moved.work()
            for network in ("x", "linkedin"):
                assert [len(moved.shown(network, slug)) for slug in ("visite", "forum")] == [1, 1]
        code, out, _err = pavois_said(tmp_path, "queue", "list", "--all", "--json")
        assert code == 0
        assert out.count('"published"') == 4


def moved(folder: Path, url: str, *options: str, types: str = "") -> Result:
    """What `pavois database move` of the town hall in *folder* came to."""
    path = found_town_hall(folder)
    context = {"config": str(path), "language": "en"}
    return CliRunner().invoke(move, [url, *options], obj=context, input=types)


def test_of_a_database_that_was_moved_no_backup_is_made(tmp_path: Path) -> None:
    assert moved(tmp_path, "sqlite:///new.db", "--yes").exit_code == 0
    code, out, err = pavois_said(tmp_path, "backup", "copy.zip")
    assert (code, out) == (5, "")
    assert f"This database was moved to sqlite:///{tmp_path}/new.db, and is not used" in err
    assert not (tmp_path / "copy.zip").exists()


def test_moving_is_asked_about_first(tmp_path: Path) -> None:
    said = moved(tmp_path, "sqlite:///new.db", types="n\n")
    assert f"is copied to sqlite:///{tmp_path}/new.db, and then closed for ever" in said.stdout
    assert (said.exit_code, said.stderr) == (5, "Nothing changed.\n")
    with town_hall(tmp_path) as tours:
        assert tours.app.store.queue.posts("tours") == []


def test_a_password_is_not_shown(postgres: Server, tmp_path: Path) -> None:
    with postgres.new_database("OWNER guarded") as server:
        said = moved(tmp_path, server.replace("//pavois@", "//guarded:right@"), "--yes")
    assert (said.exit_code, said.stderr) == (0, "")
    assert "right" not in said.stdout
    assert "***" not in said.stdout
    assert 'url = "postgresql://guarded@127.0.0.1' in said.stdout
    assert "Its password goes into ~/.pgpass" in said.stdout
