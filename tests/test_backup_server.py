"""Backup, restore, verify with PostgreSQL: what tests/test_backup.py does not ask of both
kinds of database, and the way from one kind to the other."""

from __future__ import annotations

import io
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, select

from bot.backup.archive import DATABASE, opened
from bot.backup.make import back_up, work
from bot.backup.restore import replaced
from bot.db.engine import open_engine
from bot.db.moving import Progress, copy_tables, move_all
from bot.db.store import Store
from bot.db.tables import REVISION, metadata
from bot.errors import RefusedCommand, StoreError
from bot.media.store import MediaStore
from bot.model import PostState
from tests.backups import EVERYBODY, HOUR, House, queued, quietly
from tests.postgres import Server
from tests.story import NETWORKS, end, pavois, pavois_said
from tests.tiny_files import png

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def url(postgres: Server) -> str:
    """The address of an empty database with Pavois's tables, on a server."""
    return postgres.emptied()


@pytest.fixture
def served(url: str, tmp_path: Path) -> House:
    """A house whose database is on a server; a visit is queued there, an hour from now."""
    return queued(House(tmp_path / "served", url))


def rows(url: str) -> Rows:
    """All that the database at *url* holds."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            return {
                table.name: [
                    tuple(row)
                    for row in connection.execute(select(table).order_by(*table.primary_key))
                ]
                for table in metadata.sorted_tables
            }
    finally:
        engine.dispose()


# ── copies of a server ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("comes_from", ["a file", "a server"])
def test_a_backup_of_one_kind_of_database_is_put_back_into_the_other(
    comes_from: str, url: str, tmp_path: Path
) -> None:
    file, server = House(tmp_path / "file"), House(tmp_path / "served", url)
    old, new = (file, server) if comes_from == "a file" else (server, file)
    sha256 = MediaStore(old.place.media).put(io.BytesIO(png()))
    with queued(old).hall() as hall:
        hall.queue("한국", 2 * HOUR, "투르")
        old.back_up()
        hall.work()
    shutil.copytree(old.folder / "rehearsal", new.folder / "rehearsal", dirs_exist_ok=True)
    (new.folder / "rehearsal" / "pavois.db").unlink(missing_ok=True)
    shutil.rmtree(new.place.media)
    shutil.copy(old.file, new.file)
    new.clock = old.clock
    with opened(new.file) as archive:
        assert replaced(archive, new.place) == [str(new.place.campaign)]
    assert new.restore_as_pavois_does().undo is None
    assert MediaStore(new.place.media).has(sha256)
    with new.hall() as hall:
        hall.queue("label", HOUR)
        hall.work()
        for network in NETWORKS:
            shown = [len(hall.shown(network, text)) for text in ("visite", "투르", "label")]
            assert shown == [1, 1, 1]
    assert new.words() == []


def test_the_copy_of_a_server_holds_all_that_the_server_does(served: House, url: str) -> None:
    """Also what the queue was told meanwhile: as a file that any SQLite reads."""
    with served.hall() as hall:
        hall.work()
    served.back_up()
    with opened(served.file) as archive:
        archive.unpack(DATABASE, served.folder / "alone.db", quietly)
    with closing(sqlite3.connect(served.folder / "alone.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert rows(f"sqlite:///{served.folder / 'alone.db'}") == rows(url)


def test_a_backup_is_of_one_moment_while_daemons_write(served: House, url: str) -> None:
    """Two settings that are one at each moment, in tables that are copied first and last."""
    stop, written = threading.Event(), threading.Event()

    def write(store: Store) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with store.ledger._writing(in_turn=False) as connection:
                connection.exec_driver_sql(f"UPDATE posts SET text = '{number}'")
                connection.exec_driver_sql(f"UPDATE announcements SET kind = '{number}'")
                connection.exec_driver_sql(f"UPDATE settings SET value = '{number}'")
            if number > 3:
                written.set()

    with served.hall() as hall:
        writer = threading.Thread(target=write, args=(hall.app.store,))
        writer.start()
        try:
            assert written.wait(10)
            for copy in range(3):
                back_up(served.place, served.folder / f"{copy}.zip", served.clock, quietly)
        finally:
            stop.set()
            writer.join()
    seen = set()
    for copy in range(3):
        with opened(served.folder / f"{copy}.zip") as archive:
            archive.unpack(DATABASE, served.folder / f"{copy}.db", quietly)
        found = rows(f"sqlite:///{served.folder / f'{copy}.db'}")
        texts = {post[5] for post in found["posts"]}
        kinds = {announcement[3] for announcement in found["announcements"]}
        values = {setting[1] for setting in found["settings"]}
        assert len(texts | kinds | values) == 1
        seen |= texts
    assert len(seen) == 3


def test_the_password_of_a_server_is_neither_in_a_backup_nor_in_a_name(
    postgres: Server, tmp_path: Path
) -> None:
    with postgres.new_database("OWNER guarded") as address:
        house = queued(House(tmp_path, address.replace("//pavois@", "//guarded:right@")))
        assert "right" not in f"{house.place.database} {house.place!r}"
        house.back_up()
        assert house.place.config is None
        with opened(house.file) as archive:
            assert "config.toml" not in archive.names()
        assert b":right@" not in house.file.read_bytes()


def test_how_far_it_is_is_told_of_a_server_too(served: House) -> None:
    told: list[int] = []
    expected = work(served.place)
    back_up(served.place, served.file, served.clock, told.append)
    assert all(more >= 0 for more in told)
    assert expected / 4 < sum(told)
    assert len(told) > len(metadata.tables) / 2


# ── what is refused ─────────────────────────────────────────────────────────────────────────────


@contextmanager
def unchanged(url: str) -> Iterator[None]:
    """The database at *url* is afterwards what it was, and takes the next row."""
    before = rows(url)
    yield
    assert rows(url) == before
    assert next_number(url) > max((int(str(row[0])) for row in before["posts"]), default=0)


def next_number(url: str) -> int:
    """The number that the next post would get."""
    engine = open_engine(url)
    with engine.begin() as connection:
        number = connection.exec_driver_sql("SELECT nextval('posts_id_seq')").scalar()
    engine.dispose()
    return int(number or 0)


def test_a_restore_is_refused_while_a_daemon_runs_idle_anywhere(served: House, url: str) -> None:
    served.change("UPDATE posts SET state = 'cancelled'")
    served.back_up()
    daemon = pavois(served.folder, "run")
    try:
        assert daemon.stderr is not None
        while "started" not in daemon.stderr.readline():
            assert daemon.poll() is None
        with pytest.raises(
            RefusedCommand, match=r"Others are connected .*: pavois \(127.0.0.1\).*Stop Pavois on"
        ):
            served.restore(EVERYBODY)
    finally:
        end([daemon])
    assert {row[8] for row in rows(url)["posts"]} == {"cancelled"}
    served.restore(EVERYBODY)


def test_a_program_that_only_watches_the_server_forbids_no_restore(
    served: House, postgres: Server
) -> None:
    served.back_up()
    with psycopg.connect(postgres.url(user="guarded", password="right")):
        served.restore(EVERYBODY)


def test_a_restore_waits_for_nobody_for_ever(served: House, url: str, postgres: Server) -> None:
    served.back_up()
    config = served.folder / "config.toml"
    config.write_text(config.read_text().replace(url, f"{url}?options=-c%20lock_timeout%3D100"))
    with postgres.connect() as other, other.transaction():
        other.execute("UPDATE posts SET text = text")
        with pytest.raises(StoreError, match="busy with another program"):
            served.restore(EVERYBODY)


def test_there_must_be_something_to_back_up_and_to_verify(url: str, tmp_path: Path) -> None:
    house = House(tmp_path, url)
    with pytest.raises(RefusedCommand, match="back up yet: Pavois has kept nothing in postgresql"):
        house.back_up()
    assert work(house.place) == 0
    with pytest.raises(RefusedCommand, match="verify yet: Pavois has kept nothing in postgresql"):
        house.verify()


def test_a_restore_into_a_database_without_tables_makes_them(
    served: House, postgres: Server, tmp_path: Path
) -> None:
    served.back_up()
    with postgres.new_database() as address:
        other = House(tmp_path / "other", address)
        assert not other.place.database.exists()
        shutil.copy(served.file, other.file)
        assert other.restore(EVERYBODY).undo is None
        with other.hall() as hall:
            hall.work()
            assert {hall.post("visite", network).state for network in NETWORKS} == {"published"}


def test_the_database_of_another_program_is_left_alone(
    served: House, postgres: Server, tmp_path: Path
) -> None:
    served.back_up()
    with postgres.new_database() as address:
        with postgres.connect(address.rpartition("/")[2]) as other:
            other.execute("CREATE TABLE recettes (nom TEXT)")
        house = House(tmp_path / "other", address)
        shutil.copy(served.file, house.file)
        with pytest.raises(StoreError, match="is not one of Pavois"):
            house.restore(EVERYBODY)


@pytest.mark.parametrize(
    ("revision", "error", "says"),
    [
        ("9999", StoreError, r"newer Pavois \(revision 9999\)\. Update Pavois"),
        ("0002", RefusedCommand, r"earlier Pavois \(revision 0002\)\. .*: pavois check"),
    ],
)
def test_tables_of_another_version_are_told_and_not_touched(
    revision: str, error: type[Exception], says: str, served: House, url: str
) -> None:
    served.back_up()
    again = served.folder / "again.zip"
    served.change(f"UPDATE alembic_version SET version_num = '{revision}'")
    try:
        for do in (
            lambda: back_up(served.place, again, served.clock, quietly),
            lambda: served.restore(EVERYBODY),
            served.place.database.faults,
        ):
            with pytest.raises(error, match=says):
                do()
    finally:
        served.change(f"UPDATE alembic_version SET version_num = '{REVISION}'")
    assert not again.exists()
    assert {row[8] for row in rows(url)["posts"]} == {"queued"}


def test_a_backup_of_an_earlier_version_is_put_on_a_server(url: str, tmp_path: Path) -> None:
    earlier, house = House(tmp_path / "earlier"), House(tmp_path / "served", url)
    earlier.database.parent.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "data" / "databases" / "0001.db", earlier.database)
    earlier.back_up()
    shutil.copy(earlier.file, house.file)
    house.restore(EVERYBODY)
    with house.hall() as hall:
        assert len(hall.app.store.queue.posts("campaign")) == 4
    assert next_number(url) == 5


def test_a_user_without_the_rights_is_told(postgres: Server, tmp_path: Path) -> None:
    with postgres.new_database() as address:
        house = queued(House(tmp_path, address))
        house.back_up()
        house.file.rename(tmp_path / "kept.zip")
        config = tmp_path / "config.toml"
        config.write_text(config.read_text().replace("//pavois@", "//guarded:right@"))
        with pytest.raises(StoreError, match="owner of the database and of its tables"):
            house.back_up()
        with postgres.connect(address.rpartition("/")[2]) as admin:
            admin.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO guarded")
        house.back_up()
        with unchanged(address), pytest.raises(StoreError, match="and of its tables"):
            house.restore(EVERYBODY)


# ── all of it or nothing ────────────────────────────────────────────────────────────────────────


def test_a_fault_half_way_leaves_everything_as_it_was(served: House, url: str) -> None:
    served.back_up()
    with served.hall() as hall:
        hall.queue("label", 2 * HOUR)
    (served.place.campaign / "new.txt").write_text("since")
    # The last table to be filled: what went before it is there already.
    served.change("ALTER TABLE attempts ADD CONSTRAINT no CHECK (number > 99)")
    try:
        with pytest.raises(StoreError, match="refused what was asked"):
            served.restore(EVERYBODY)
    finally:
        served.change("ALTER TABLE attempts DROP CONSTRAINT no")
    assert (served.place.campaign / "new.txt").exists()
    assert not served.place.marker.exists()
    with served.hall() as hall:
        hall.queue("forum", 3 * HOUR)
        hall.work()
        for network in NETWORKS:
            shown = [len(hall.shown(network, slug)) for slug in ("visite", "label", "forum")]
            assert shown == [1, 1, 1]


def test_a_server_that_goes_away_in_the_middle_is_told_and_nothing_is_changed(
    served: House, url: str, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.back_up()

    def cut(reading: Connection, writing: Connection, *more: Progress) -> dict[str, int]:
        copied = copy_tables(reading, writing, *more)
        if writing.dialect.name == "postgresql":
            drive_out(postgres)
        return copied

    monkeypatch.setattr("bot.db.server_copies.copy_tables", cut)
    with unchanged(url):
        with pytest.raises(StoreError, match=r"connection .* broke.*look before you repeat"):
            served.restore(EVERYBODY)
        # It was about to commit: nobody here knows whether it did.
        assert served.place.marker.exists()
        with pytest.raises(RefusedCommand, match="Do it again"), served.hall() as hall:
            assert hall.app.store
    monkeypatch.undo()
    served.clock.wait(HOUR)
    served.restore(EVERYBODY)
    with served.hall() as hall:
        assert {hall.post("visite", network).state for network in NETWORKS} == {"uncertain"}


def test_a_server_that_goes_away_while_a_backup_is_made_leaves_no_half_of_one(
    served: House, postgres: Server
) -> None:
    before = sorted(served.folder.iterdir())

    def cut(_more: int) -> None:
        drive_out(postgres)

    with pytest.raises(StoreError, match="connection to the database broke"):
        back_up(served.place, served.file, served.clock, cut)
    assert sorted(served.folder.iterdir()) == before


def test_a_server_that_is_down_is_told(served: House, postgres: Server) -> None:
    served.back_up()
    served.file.rename(served.folder / "kept.zip")
    postgres.stop()
    try:
        for do in (served.back_up, served.verify):
            with pytest.raises(StoreError, match="No database server answers at the address"):
                do()
        (served.folder / "kept.zip").rename(served.file)
        with pytest.raises(StoreError, match="No database server answers at the address"):
            served.restore(EVERYBODY)
    finally:
        postgres.start()
    served.restore(EVERYBODY)


def drive_out(server: Server) -> None:
    """The administrator ends every connection."""
    with server.connect() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = 'pavois' AND pid != pg_backend_pid()"
        )


#: A restore in a process that dies on the way: before the server's tables are emptied, before it
#: commits, and when all is done but the end.
KILLS = {
    "before": "server_copies.empty = die",
    "all there": "server_copies.copy_tables = copy_and_die",
    "at the end": "Path.unlink = die",
}
KILLED = """
import os, sys
from pathlib import Path
from bot.db import server_copies
from tests.backups import EVERYBODY, House

def die(*_arguments, **_names):
    os._exit(9)

copy_tables = server_copies.copy_tables
def copy_and_die(reading, writing, *progress):
    copy_tables(reading, writing, *progress)
    if writing.dialect.name == "postgresql":
        die()

exec(sys.argv[3])
House(Path(sys.argv[1]), sys.argv[2]).restore(EVERYBODY)
"""


@pytest.mark.parametrize("moment", KILLS)
def test_nothing_runs_on_half_of_a_restore_and_it_can_be_done_again(
    moment: str, served: House, url: str
) -> None:
    served.back_up()
    served.change("UPDATE posts SET text = text || ' (changed since)'")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(served.folder), url, KILLS[moment]],
        capture_output=True,
        check=False,
        timeout=30,
        cwd=Path(__file__).parent.parent,
    )
    assert (killed.returncode, killed.stderr) == (9, b"")
    assert served.place.marker.exists()
    with pytest.raises(RefusedCommand, match="A restore was interrupted"), served.hall() as hall:
        assert hall.app.store
    texts = [str(row[5]) for row in rows(url)["posts"]]
    assert [text.endswith("(changed since)") for text in texts] == [moment != "at the end"] * 2
    served.clock.wait(timedelta(seconds=1))
    served.restore(EVERYBODY)
    with served.hall() as hall:
        posts = hall.app.store.queue.posts("tours")
        assert [post.state for post in posts] == [PostState.UNCERTAIN] * 2
        assert not any("changed" in post.text for post in posts)
    assert served.words() == []


def test_what_cannot_be_kept_is_not_replaced(postgres: Server, tmp_path: Path) -> None:
    with postgres.new_database() as address:
        house = queued(House(tmp_path, address))
        house.back_up()
        damage(postgres, address, "posts")
        with pytest.raises(StoreError) as told:
            house.restore(EVERYBODY)
        assert "cannot be kept, so nothing was restored: The database is damaged." in str(
            told.value
        )
        assert "have an empty database made" in str(told.value)


def test_a_database_that_was_moved_away_can_be_used_again_after_a_restore(
    served: House, url: str
) -> None:
    served.back_up()
    source, target = open_engine(url), open_engine(f"sqlite:///{served.folder / 'new.db'}")
    move_all(source, target, served.clock.now())
    source.dispose()
    target.dispose()
    with pytest.raises(RefusedCommand, match="This database was moved"), served.hall() as hall:
        assert hall.app.store
    served.restore(EVERYBODY)
    with served.hall() as hall:
        hall.work()
        assert {hall.post("visite", network).state for network in NETWORKS} == {"published"}


# ── looking whether all is whole ────────────────────────────────────────────────────────────────


def test_rows_that_belong_to_nothing_are_told_and_not_packed(served: House) -> None:
    """A server checks them too, unless its administrator has told it not to."""
    served.change("SET session_replication_role = replica; DELETE FROM accounts")
    assert served.words() == ["Rows of the database that belong to nothing: 2."]
    with pytest.raises(StoreError, match=r"belong to nothing: 2\. No backup was made"):
        served.back_up()


def test_a_damaged_page_is_told_by_its_table(postgres: Server, tmp_path: Path) -> None:
    with postgres.new_database() as address:
        house = queued(House(tmp_path, address))
        damage(postgres, address, "posts")
        (said,) = house.words()
        assert said.startswith("The table posts cannot be read: The database is damaged. Restore a")
        with pytest.raises(StoreError, match="The database is damaged"):
            house.back_up()
        assert not house.file.exists()


def damage(server: Server, address: str, table: str) -> None:
    """Spoil the first page of *table*: what a failing disk does."""
    with server.connect(address.rpartition("/")[2]) as admin:
        admin.execute("CHECKPOINT")
        [path] = admin.execute("SELECT pg_relation_filepath(%s)", (table,)).fetchall()[0]
    server.stop()
    try:
        with (server.data / path).open("r+b") as file:
            file.write(b"Monsieur le Maire" * 100)
    finally:
        server.start()


# ── the commands ────────────────────────────────────────────────────────────────────────────────


def test_a_town_hall_backs_up_its_server_and_puts_it_back_with_two_commands(
    served: House, url: str
) -> None:
    code, out, err = pavois_said(served.folder, "backup", "copy.zip")
    assert (code, err) == (0, "")
    assert "Backed up and read back: copy.zip" in out
    code, out, _err = pavois_said(served.folder, "verify")
    assert (code, out.splitlines()[-1]) == (
        0,
        "✓ All is whole. Posts: 2, attempts: 0, files: 0.",
    )
    code, out, err = pavois_said(served.folder, "restore", "copy.zip", "--yes")
    assert (code, err) == (0, "")
    assert f"It takes the place of:\n  {url}\n  {served.place.campaign}\n" in out
    assert "What was here is kept. To go back: pavois restore " in out
