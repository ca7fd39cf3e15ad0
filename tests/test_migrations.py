"""Migrations: equal to the tables, run once, with a copy beforehand, and never on a stranger."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.clock import RehearsalClock
from bot.db import engine as db_engine
from bot.db.engine import open_engine
from bot.db.store import Store
from bot.db.tables import REVISION, metadata
from bot.errors import StoreError
from bot.files import shipped
from tests.conftest import START
from tests.postgres import Server

#: Opens the database that is named, when a line comes in, and writes into it.
OPENER = """
import sys
from bot.clock import SystemClock
from bot.db.store import Store
print("ready", flush=True)
sys.stdin.readline()
store = Store(sys.argv[1], SystemClock())
store.journal.remember(sys.argv[2], "was here")
store.close()
"""

#: A later revision than any: what a Pavois after this one would bring.
NEXT = '''"""A table more."""
import sqlalchemy as sa
from alembic import op
revision = "next"
down_revision = "{head}"
def upgrade():
    op.create_table("more", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("announcements") as batch:
        batch.alter_column("kind", type_=sa.String(60))  # SQLite: a new table in its place
{fault}
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pavois.db"


def asked(path: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(question).fetchall()


def make_now(path: Path) -> None:
    """A database of this Pavois with a notice and a post of an announcement in it."""
    store = Store(f"sqlite:///{path}", RehearsalClock(START))
    store.journal.remember("mode", "rehearsal")
    store.close()
    with closing(sqlite3.connect(path)) as database:
        when = "2023-02-20 07:30:00.000000"
        database.execute(
            "INSERT INTO announcements VALUES (1, 'small', 'visite', 'news', '{}', ?)", (when,)
        )
        database.execute(
            "INSERT INTO accounts (slug, state, since) VALUES ('x-fr', 'ready', ?)", (when,)
        )
        database.execute(
            "INSERT INTO posts (announcement_id, account, network, language, text, due, state,"
            " next_try) VALUES (1, 'x-fr', 'x', 'fr', 'Bonjour', ?, 'queued', ?)",
            (when, when),
        )
        database.commit()


@pytest.fixture
def later_pavois(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """From its call on this is a Pavois with one revision more, which may have a *fault*."""

    def become(fault: str = "") -> None:
        folder = tmp_path / "later" / "migrations"
        shutil.copytree(shipped("migrations"), folder)
        (folder / "versions" / "next.py").write_text(NEXT.format(head=REVISION, fault=fault))
        monkeypatch.setattr(db_engine, "shipped", lambda _name: folder)
        monkeypatch.setattr(db_engine, "REVISION", "next")

    return become


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest, path: Path) -> Iterator[str]:
    """The address of a database that has not even tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgres")
    with server.new_database() as url:
        yield url


@contextmanager
def looking(url: str) -> Iterator[Connection]:
    engine = open_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_the_migrations_make_just_these_tables(new: str) -> None:
    with looking(new) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_migrations_make_just_these_indexes_with_their_conditions(
    new: str,
) -> None:
    """alembic compares no conditions: the tables made at once are compared with the migrated."""
    with looking(new) as connection:
        migrated = indexes(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        assert indexes(connection) == migrated
    assert "cancelled" in migrated["uq_posts_live"]
    assert [name for name, sql in migrated.items() if " WHERE " in sql] == ["uq_posts_live"]


def indexes(connection: Connection) -> dict[str, str]:
    """How the database itself writes each index, without its spacing."""
    question = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename != 'alembic_version'",
    }[connection.dialect.name]
    return {
        row[0]: " ".join(row[1].replace('"', "").split())
        for row in connection.exec_driver_sql(question)
    }


def test_a_cancelled_post_makes_room_for_another_on_either_database(new: str) -> None:
    with looking(new) as connection:
        insert_post(connection, "cancelled")
        insert_post(connection, "cancelled")
        insert_post(connection, "queued")
        with pytest.raises(IntegrityError):
            insert_post(connection, "queued")
        connection.rollback()


def insert_post(connection: Connection, state: str) -> None:
    when = START.isoformat()
    if connection.exec_driver_sql("SELECT count(*) FROM accounts").scalar() == 0:
        connection.exec_driver_sql(
            f"INSERT INTO announcements VALUES (1, 'small', 'visite', 'news', '{{}}', '{when}')"
        )
        connection.exec_driver_sql(
            f"INSERT INTO accounts (slug, state, since) VALUES ('x-fr', 'ready', '{when}')"
        )
    connection.exec_driver_sql(
        "INSERT INTO posts (announcement_id, account, network, language, text, due, state,"
        f" next_try) VALUES (1, 'x-fr', 'x', 'fr', 'Bonjour', '{when}', '{state}', '{when}')"
    )


def test_opening_a_file_loads_nothing_of_a_server(path: Path) -> None:
    make_now(path)  # alembic, which makes the tables, does load it
    loaded = (
        "import sys; from bot.clock import SystemClock; from bot.db.store import Store;"
        f"Store('sqlite:///{path}', SystemClock()).journal.notices();"
        "print([n for n in sys.modules if 'postgresql' in n or 'psycopg' in n])"
    )
    said = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert said.stdout == "[]\n"


def test_the_revision_of_the_tables_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_migrations_import_nothing_of_pavois() -> None:
    for version in (shipped("migrations") / "versions").glob("*.py"):
        assert "import bot" not in version.read_text("utf-8")
        assert "from bot" not in version.read_text("utf-8")


def test_a_new_database_needs_no_copy(path: Path) -> None:
    open_engine(f"sqlite:///{path}").dispose()
    assert sorted(file.name for file in path.parent.iterdir()) == ["pavois.db"]
    assert asked(path, "SELECT version_num FROM alembic_version") == [(REVISION,)]


def test_a_database_that_is_up_to_date_is_left_alone(path: Path) -> None:
    make_now(path)
    before = asked(path, "SELECT * FROM posts")
    open_engine(f"sqlite:///{path}").dispose()
    assert asked(path, "SELECT * FROM posts") == before
    assert list(path.parent.glob("*before*")) == []


def test_an_earlier_database_is_copied_then_migrated(
    path: Path, tmp_path: Path, later_pavois: Callable[..., None]
) -> None:
    make_now(path)
    later_pavois()
    open_engine(f"sqlite:///{path}").dispose()
    copy = tmp_path / "pavois.db.before-next"
    assert asked(copy, "SELECT version_num FROM alembic_version") == [(REVISION,)]
    assert asked(copy, "SELECT text FROM posts") == [("Bonjour",)]
    assert asked(path, "SELECT version_num FROM alembic_version") == [("next",)]
    assert asked(path, "SELECT count(*) FROM more") == [(0,)]
    # A batch migration of the parent must not take the children with it.
    assert asked(path, "SELECT text FROM posts") == [("Bonjour",)]
    assert asked(path, "PRAGMA foreign_key_check") == []


def test_a_migration_that_fails_changes_nothing(
    path: Path, later_pavois: Callable[..., None]
) -> None:
    make_now(path)
    before = asked(path, "SELECT sql FROM sqlite_master ORDER BY name")
    later_pavois(fault="    op.execute('INSERT INTO nowhere VALUES (1)')")
    with pytest.raises(StoreError):
        open_engine(f"sqlite:///{path}")
    assert asked(path, "SELECT sql FROM sqlite_master ORDER BY name") == before
    assert asked(path, "SELECT version_num FROM alembic_version") == [(REVISION,)]


def test_a_copy_that_cannot_be_written_stops_the_migration(
    path: Path, tmp_path: Path, later_pavois: Callable[..., None]
) -> None:
    make_now(path)
    later_pavois()
    (tmp_path / "pavois.db.before-next").mkdir()
    with pytest.raises(StoreError, match="The database cannot be opened"):
        open_engine(f"sqlite:///{path}")
    assert asked(path, "SELECT version_num FROM alembic_version") == [(REVISION,)]


def test_a_database_of_a_newer_pavois_is_refused_and_left_alone(path: Path) -> None:
    make_now(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    with pytest.raises(StoreError) as raised:
        open_engine(f"sqlite:///{path}")
    assert str(raised.value) == (
        "This database was made by a newer Pavois (revision 9999). Update Pavois."
    )
    assert list(path.parent.glob("*before*")) == []


def test_the_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE recettes (nom TEXT)")
        database.execute("INSERT INTO recettes VALUES ('tarte')")
        database.commit()
    with pytest.raises(StoreError, match="a database that is not one of Pavois"):
        open_engine(f"sqlite:///{path}")
    assert asked(path, "SELECT name FROM sqlite_master") == [("recettes",)]
    assert asked(path, "SELECT * FROM recettes") == [("tarte",)]


def test_processes_that_open_a_new_database_at_once_all_find_it_ready(new: str) -> None:
    names = ["one", "two", "three"]
    opening = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, new, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for process in opening:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in opening:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate(timeout=30) for process in opening]
    assert [errors for _out, errors in ended] == ["", "", ""]
    with looking(new) as connection:
        found = connection.exec_driver_sql("SELECT key FROM settings ORDER BY key")
        assert [row[0] for row in found] == sorted(names)


def test_a_server_is_migrated_in_place_and_its_administrator_is_told(
    postgres: Server, later_pavois: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.db.engine")
    with postgres.new_database() as url:
        open_engine(url).dispose()
        assert caplog.messages == []
        later_pavois()
        with looking(url) as connection:
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
            assert [row[0] for row in found] == ["next"]
            assert connection.exec_driver_sql("SELECT count(*) FROM more").scalar() == 0
        assert caplog.messages == [
            "the tables of the server are changed now; copies of it are its administrator's"
        ]


def test_a_migration_of_a_server_that_fails_changes_nothing(
    postgres: Server, later_pavois: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.new_database() as url:
        open_engine(url).dispose()
        later_pavois(fault="    op.execute('INSERT INTO nowhere VALUES (1)')")
        with pytest.raises(StoreError):
            open_engine(url)
        monkeypatch.undo()
        with looking(url) as connection:
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
            assert [row[0] for row in found] == [REVISION]


def test_a_servers_database_of_a_newer_pavois_is_refused(postgres: Server) -> None:
    with postgres.new_database() as url:
        with looking(url) as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StoreError, match=r"newer Pavois \(revision 9999\)"):
            open_engine(url)
