"""PostgreSQL: what a server refuses or suffers, in sentences; writers, readers, listeners."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select, update

from bot.clock import RehearsalClock
from bot.db import postgres as db_postgres
from bot.db.claims import Claim, take_heads
from bot.db.journal import notify
from bot.db.postgres import TURN
from bot.db.store import Store
from bot.db.tables import settings
from bot.errors import ConfigError, StoreError
from bot.model import Campaign, PostState
from bot.pace import Limits
from bot.publisher import LEASE
from bot.words import Message
from tests.announcements_sample import announcement, planned
from tests.conftest import START
from tests.fakes import claimed
from tests.postgres import Server
from tests.story import NETWORKS, town_hall

#: So many commits at least has a daemon that sends two posts.
COMMITS = 10
LOOK_FIRST = r"The connection to the database broke.*look before you repeat"


@pytest.fixture
def database_url(postgres: Server) -> str:
    """A server's database: what a file does and suffers is in tests/test_store.py."""
    return postgres.emptied()


def until(is_so: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def change(store: Store, value: object, before_commit: Callable[[Connection], None]) -> None:
    """Give every setting this value in a transaction that meets *before_commit* at its end."""
    with store.journal._writing() as connection:
        connection.execute(update(settings).values(value=value))
        before_commit(connection)


def opened(url: str, busy_seconds: float = 5) -> closing[Store]:
    return closing(Store(url, RehearsalClock(START), busy_seconds=busy_seconds))


# ── who is not let in ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("guarded:wrong-secret@127.0.0.1:{port}/pavois", "does not know this user or password"),
        ("guarded@127.0.0.1:{port}/pavois", "does not know this user or password"),
        ("nobody@127.0.0.1:{port}/pavois", "does not know this user or password"),
        ("outsider@127.0.0.1:{port}/pavois", "lets nobody in from this machine"),
        ("pavois@127.0.0.1:{port}/nowhere", "database.url does not exist. Have it made"),
        ("pavois@127.0.0.1:1/pavois", "No database server answers at the address"),
        ("pavois@nowhere.invalid/pavois", "No machine has the name in database.url"),
        (
            "pavois@127.0.0.1:{port}/pavois?sslmode=require",
            "let Pavois in: server does not support",
        ),
    ],
)
def test_whoever_is_not_let_in_is_told_what_to_do(
    postgres: Server, address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSFILE", "/dev/null")
    with (
        pytest.raises(StoreError) as refused,
        opened("postgresql://" + address.format(port=postgres.port)),
    ):
        """Never reached."""
    assert said in str(refused.value)
    assert "wrong-secret" not in str(refused.value)


def test_a_server_with_no_connection_free_is_told(postgres: Server) -> None:
    with postgres.connect() as admin:
        admin.execute("ALTER ROLE guarded CONNECTION LIMIT 0")
        try:
            with (
                pytest.raises(StoreError, match="has no connection free"),
                opened(postgres.url(user="guarded", password="right")),
            ):
                """Never reached."""
        finally:
            admin.execute("ALTER ROLE guarded CONNECTION LIMIT -1")


def test_a_user_that_may_not_make_tables_is_told(postgres: Server) -> None:
    with postgres.new_database() as url:
        guarded = url.replace("//pavois@", "//guarded:right@")
        with pytest.raises(StoreError, match="Make the user the owner"), opened(guarded):
            """Never reached."""


def test_a_database_that_cannot_hold_hangul_is_refused(postgres: Server) -> None:
    latin = "TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
    with (
        postgres.new_database(latin) as url,
        pytest.raises(StoreError, match="keeps its texts in LATIN1, which lacks Hangul"),
        opened(url),
    ):
        """Never reached."""


def test_a_server_that_is_too_old_is_refused(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_postgres, "OLDEST", 99)
    with pytest.raises(StoreError, match="Pavois needs 99 or later"), opened(database_url):
        """Never reached."""


def test_without_its_driver_the_command_that_installs_it_is_told(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "bot.db.postgres")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with (
        pytest.raises(ConfigError, match=r"make postgres; .*\.whl\[postgres\]"),
        opened(database_url),
    ):
        """Never reached."""


@pytest.mark.parametrize("driver", ["psycopg2", "asyncpg"])
def test_another_driver_is_refused(driver: str) -> None:
    with pytest.raises(ConfigError, match="a driver that Pavois does not use"):
        Store(f"postgresql+{driver}://localhost/pavois", RehearsalClock(START))


def test_the_database_of_another_program_is_refused_and_left_alone(postgres: Server) -> None:
    with postgres.new_database() as url:
        with postgres.connect(url.rpartition("/")[2]) as other:
            other.execute("CREATE TABLE recettes (nom TEXT)")
        with pytest.raises(StoreError, match="is not one of Pavois"), opened(url):
            """Never reached."""


def test_what_is_confirmed_is_on_the_disk_and_nobody_waits_for_ever(
    postgres: Server, database_url: str
) -> None:
    with postgres.connect("postgres") as admin:
        admin.execute("ALTER DATABASE pavois SET synchronous_commit = off")
        try:
            with opened(database_url) as store, store.journal._writing() as connection:
                found = {
                    name: connection.exec_driver_sql(f"SHOW {name}").scalar()
                    for name in (
                        "synchronous_commit",
                        "lock_timeout",
                        "statement_timeout",
                        "timezone",
                        "application_name",
                    )
                }
        finally:
            admin.execute("ALTER DATABASE pavois RESET synchronous_commit")
    assert found == {
        "synchronous_commit": "on",
        "lock_timeout": "5s",
        "statement_timeout": "30s",
        "timezone": "UTC",
        "application_name": "pavois",
    }


def test_what_the_address_says_itself_is_kept(database_url: str) -> None:
    own = f"{database_url}?application_name=tours&options=-c%20statement_timeout%3D7s"
    with opened(own) as store, store.journal._reading() as connection:
        assert connection.exec_driver_sql("SHOW application_name").scalar() == "tours"
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "7s"
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "5s"


# ── writers and readers ─────────────────────────────────────────────────────────────────────────


def test_a_writer_that_waits_too_long_for_its_turn_is_told(
    postgres: Server, database_url: str
) -> None:
    with opened(database_url, busy_seconds=0.1) as store, postgres.connect() as other:
        other.execute("SELECT pg_advisory_lock(%s)", (TURN,))
        with pytest.raises(StoreError, match="busy with another program"):
            store.journal.remember("a", "b")
        assert store.journal.setting("a") == ""  # reading goes on
        other.execute("SELECT pg_advisory_unlock(%s)", (TURN,))
        store.journal.remember("a", "b")


def test_two_daemons_claim_beside_each_other_and_never_for_the_same_account(
    database_url: str, campaign: Campaign
) -> None:
    everybody = Claim("campaign", "one", START + LEASE, lambda _account: Limits(), (), 1)
    with opened(database_url, busy_seconds=0.1) as store:
        for slug in ("visite", "forum"):
            posts = [planned("x-fr", START), planned("x-ko", START)]
            store.queue.add([(announcement(campaign, slug), posts)])
        with store.ledger._writing(in_turn=False) as connection:
            [mine] = take_heads(connection, everybody, START)
            # What the first has not committed yet is skipped, and nobody waits for it.
            assert claimed(store, sender="another") == []
            with pytest.raises(StoreError, match="busy with another program"):
                store.brake.stop("", "claire")
        theirs = claimed(store, sender="another")
        assert {mine.account, *(post.account for post in theirs)} == {"x-fr", "x-ko"}
        assert claimed(store, sender="a third") == []


def test_a_reader_sees_one_moment_and_writes_nothing(database_url: str) -> None:
    with opened(database_url) as store:
        with store.journal._reading() as reading:
            query = select(settings.c.value).where(settings.c.key == "a")
            assert reading.scalar(query) is None
            store.journal.remember("a", "b")
            assert reading.scalar(query) is None
        with (
            pytest.raises(StoreError, match="takes no changes"),
            store.journal._reading() as reading,
        ):
            reading.execute(update(settings).values(value="c"))
        assert store.journal.setting("a") == "b"


def test_two_senders_that_hold_an_account_at_once_tell_it_once(database_url: str) -> None:
    with opened(database_url) as store:

        def tell() -> None:
            with store.ledger._writing() as connection:
                notify(connection, "account x-fr", Message("Why."), START)

        with store.ledger._writing() as connection:
            notify(connection, "account x-fr", Message("Why."), START)
            other = threading.Thread(target=tell)
            other.start()
            time.sleep(0.1)
        other.join(timeout=10)
        assert len(store.journal.notices()) == 1


def test_a_report_that_two_daemons_write_at_once_is_issued_once(database_url: str) -> None:
    with opened(database_url) as store:
        start = threading.Barrier(4)
        failed: list[BaseException] = []

        def issue() -> None:
            start.wait()
            try:
                store.figures.issued("campaign", "2023-W08")
            except StoreError as error:
                failed.append(error)

        threads = [threading.Thread(target=issue) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=10)
        assert failed == []


def test_a_machine_that_sleeps_within_a_transaction_does_not_stop_the_others(
    database_url: str,
) -> None:
    with opened(database_url, busy_seconds=0.1) as asleep, opened(database_url) as awake:

        def sleep(_connection: Connection) -> None:
            awake.journal.remember("a", "b")  # waits until the server has given the sleeper up

        with pytest.raises(StoreError, match=LOOK_FIRST):
            change(asleep, "c", before_commit=sleep)
        asleep.journal.remember("a", "c")
        assert awake.journal.setting("a") == "c"


# ── what a server can suffer ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("53100", "The disk of the database server is full. Nothing was half-written."),
        ("40P01", "The database is busy with another program. Nothing is lost; try again."),
        ("40001", "The database is busy with another program. Nothing is lost; try again."),
        ("57014", "The database is busy with another program. Nothing is lost; try again."),
        ("58030", "The disk failed to read or write the database. Check the disk."),
        ("XX001", "The database is damaged. Restore a copy of it, then run: pavois check"),
        ("22001", "A name or an address is too long for the database."),
        ("42P01", "The database refused what was asked of it. Run: pavois check"),
    ],
)
def test_what_the_server_reports_is_told_in_a_sentence_and_nothing_is_half_written(
    postgres: Server, database_url: str, code: str, said: str
) -> None:
    """The server itself raises its code, in the middle of a transaction."""
    with opened(database_url) as store, failing(postgres, code):
        with pytest.raises(StoreError) as told:
            store.journal.remember("a", "b")
        assert str(told.value) == said
        assert store.journal.setting("a") == ""


@contextmanager
def failing(server: Server, code: str) -> Iterator[None]:
    """Whoever writes a setting is told *code* by the server."""
    with server.connect() as admin:
        admin.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE 'Plus de place' USING ERRCODE = '{code}'; END $$".encode()
        )
        admin.execute("CREATE TRIGGER t AFTER INSERT ON settings EXECUTE FUNCTION fail()")
        try:
            yield
        finally:
            admin.execute("DROP FUNCTION fail() CASCADE")


def test_a_server_that_takes_no_changes_is_told(postgres: Server, database_url: str) -> None:
    with postgres.connect("postgres") as admin:
        admin.execute("ALTER DATABASE pavois SET default_transaction_read_only = on")
        try:
            with opened(database_url) as store:
                with pytest.raises(StoreError, match="takes no changes now: it is read-only"):
                    store.journal.remember("a", "b")
                assert store.journal.notices() == []
        finally:
            admin.execute("ALTER DATABASE pavois RESET default_transaction_read_only")


def test_a_connection_cut_before_the_commit_changes_nothing(
    postgres: Server, database_url: str
) -> None:
    with opened(database_url) as store, postgres.connect() as admin:
        store.journal.remember("a", "before")

        def cut(connection: Connection) -> None:
            own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (own,))

        with pytest.raises(StoreError, match=LOOK_FIRST):
            change(store, "after", before_commit=cut)
        assert store.journal.setting("a") == "before"


def test_a_connection_cut_while_it_commits_is_told_and_nothing_is_done_twice(
    database_url: str,
) -> None:
    """The server has committed, and its answer never arrives: the caller cannot know."""

    def cut(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.pgconn.exec_(b"COMMIT")
        driver.close()

    with opened(database_url) as store:
        store.journal.remember("a", "+")
        begun: list[Connection] = []
        event.listen(store._engine, "begin", begun.append)
        with pytest.raises(StoreError, match=LOOK_FIRST):
            change(store, settings.c.value + "+", before_commit=cut)
        assert len(begun) == 1
        assert store.journal.setting("a") == "++"


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
def test_a_connection_cut_in_the_middle_of_any_commit_of_a_daemon_sends_nothing_twice(
    is_done: bool, database_url: str, tmp_path: Path
) -> None:
    """Claim, call, answer, look: at each the server has done it, or not, and its word is lost."""
    with town_hall(tmp_path, database_url=database_url) as tours:
        left = [0]

        @event.listens_for(tours.app.store._engine, "commit")
        def cut(connection: Connection) -> None:
            left[0] -= 1
            if left[0] == 0:
                driver = connection.connection.driver_connection
                assert driver is not None
                if is_done:
                    driver.pgconn.exec_(b"COMMIT")
                driver.close()

        for number in range(1, COMMITS + 1):
            tours.queue(f"visite-{number}", timedelta(hours=1))
            left[0] = number
            tours.work()
            assert left[0] <= 0, "there are fewer commits than that"
            assert [len(tours.shown(one, f"visite-{number}")) for one in NETWORKS] == [1, 1]
            assert tours.post(f"visite-{number}", "x").state == PostState.PUBLISHED
        assert not [subject for subject in tours.notices() if subject.startswith("post")]


def test_a_server_restarted_under_load_keeps_what_it_confirmed_and_nothing_by_halves(
    postgres: Server, database_url: str, campaign: Campaign
) -> None:
    confirmed: list[str] = []
    told: list[str] = []
    stop = threading.Event()
    with opened(database_url, busy_seconds=2) as store:

        def queue() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                slug = f"visite-{number}"
                posts = [planned("x-fr", START), planned("x-ko", START)]
                try:
                    store.queue.add([(announcement(campaign, slug), posts)])
                except StoreError as error:
                    told.append(str(error))
                else:
                    confirmed.append(slug)

        thread = threading.Thread(target=queue)
        thread.start()
        try:
            for _again in range(3):
                before = len(confirmed)
                until(lambda: len(confirmed) > before + 5)  # noqa: B023  asked at once
                postgres.stop()
                postgres.start()
            before = len(confirmed)
            until(lambda: len(confirmed) > before + 5)
        finally:
            stop.set()
            thread.join(timeout=20)
        posts = [post.announcement for post in store.queue.posts("campaign")]
        assert set(confirmed) <= set(posts)
        assert {posts.count(slug) for slug in set(posts)} == {2}
        assert told
        # What nobody could know: at most one for each time that it went down.
        assert len(set(posts) - set(confirmed)) <= 3


# ── listening ───────────────────────────────────────────────────────────────────────────────────


def test_only_what_was_committed_is_heard(database_url: str) -> None:
    with opened(database_url) as here, opened(database_url) as there:
        before = here.change_counter()
        there.journal.notices()
        with pytest.raises(ZeroDivisionError), there.journal._writing():
            _ = 1 / 0
        with there.ledger._writing(in_turn=False):
            """Its writers do not tell each other."""
        time.sleep(0.1)
        assert here.change_counter() == before
        there.journal.remember("a", "b")
        until(lambda: here.change_counter() == before + 1)


def test_a_lost_line_is_opened_again_and_counts_as_a_change(
    postgres: Server, database_url: str, clock: RehearsalClock
) -> None:
    with opened(database_url) as here, opened(database_url) as there, postgres.connect() as admin:
        before = here.change_counter()
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query ~ '^LISTEN'"
        )
        # The server's farewell is read first, the end of the line at the next look.
        looks = (here.change_counter() for _look in range(3))
        with pytest.raises(StoreError, match="connection to the database broke"):
            list(looks)
        after = here.change_counter()
        assert after > before
        there.journal.remember("a", "b")
        until(lambda: here.change_counter() > after)


def test_while_the_server_is_down_looking_is_refused_and_goes_on_afterwards(
    postgres: Server, database_url: str
) -> None:
    with opened(database_url, busy_seconds=2) as store:
        before = store.change_counter()
        postgres.stop()
        try:
            looks = (store.change_counter() for _look in range(3))
            with pytest.raises(StoreError, match="connection to the database broke"):
                list(looks)
            with pytest.raises(StoreError, match="No database server answers"):
                store.change_counter()
        finally:
            postgres.start()
        assert store.change_counter() > before
