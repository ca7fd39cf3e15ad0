"""A PostgreSQL of the tests' or benchmarks' own: in a temporary folder, gone when they end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from bot.db.engine import open_engine

#: Marks a test, or a file of them, that is about a file: it runs on SQLite alone.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

#: Many daemons at once are many connections.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "log_min_messages": "panic",
}
#: Speed: these databases need not outlive the machine. A server that crashes loses nothing either.
_QUICK = {"fsync": "off", "full_page_writes": "off"}
#: Who runs it for root: the package brings this user.
_SERVANT = "postgres"
#: Everybody may come in, but who is asked for a password.
_ENTRANTS = """
host all guarded 127.0.0.1/32 scram-sha-256
host all outsider 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
local all all trust
"""


#: What to say where there is none.
MISSING = "PostgreSQL is not installed: apt-get install postgresql"


def installed() -> Path | None:
    """The folder of the server's programs, which Debian keeps out of the PATH; None: there is none
    that can be started (it refuses to run as root)."""
    if os.geteuid() == 0 and _SERVANT not in {one.pw_name for one in pwd.getpwall()}:
        return None
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    return max(
        (folder for folder in folders if (folder / "initdb").exists()),
        key=lambda folder: float(folder.parent.name),
        default=None,
    )


class Server:
    """A running server, with a database `pavois` that has Pavois's tables.

    It is reached on loopback, and through a socket in `folder`.
    """

    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        """*durable*: with the durable commits that it has by default."""
        self._programs = programs
        # Sockets have short names.
        self.folder = Path(tempfile.mkdtemp(prefix="pavois-postgres-", dir="/tmp"))
        self._user = _SERVANT if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        shutil.chown(self.folder, self._user)
        self._settings = _SETTINGS | ({} if durable else _QUICK)
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._make()
        self.start()
        self.tables = self._migrated()

    def url(self, database: str = "pavois", user: str = "pavois", password: str = "") -> str:
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/{database}"

    @property
    def data(self) -> Path:
        """The folder of its files."""
        return self.folder / "data"

    def start(self) -> None:
        own = {"port": self.port, "unix_socket_directories": self.folder}
        settings = [f"-c{name}={value}" for name, value in {**self._settings, **own}.items()]
        self._process = self._run("postgres", "-D", "data", *settings)
        for _again in range(1000):
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, "PostgreSQL did not start"
                time.sleep(0.01)
            else:
                return
        raise AssertionError("PostgreSQL does not answer")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it: SIGQUIT is `pg_ctl stop -m immediate`, a crash that leaves no process behind."""
        assert self._process
        self._process.send_signal(how)
        self._process.wait(timeout=30)

    def restart(self) -> None:
        """`pg_ctl restart -m immediate`."""
        self.stop()
        self.start()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def connect(self, database: str = "pavois") -> psycopg.Connection:
        """A connection of the test's own, which commits every statement."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="pavois", dbname=database, autocommit=True
        )

    def emptied(self) -> str:
        """The address of the database with Pavois's tables, and nothing in them."""
        with self.connect() as connection:
            _drive_out(connection, "pavois")
            for table in self.tables:
                connection.execute(_sql(f'DELETE FROM "{table}"'))
            for row in connection.execute("SELECT sequencename FROM pg_sequences").fetchall():
                connection.execute(_sql(f'ALTER SEQUENCE "{row[0]}" RESTART'))
        return self.url()

    @contextmanager
    def new_database(self, more: LiteralString = "") -> Iterator[str]:
        """The address of a database with nothing in it, not even tables."""
        self._databases += 1
        name = f"new_{self._databases}"
        with self.connect("postgres") as connection:
            connection.execute(_sql(f"CREATE DATABASE {name} {more}"))
        try:
            yield self.url(name)
        finally:
            with self.connect("postgres") as connection:
                connection.execute(_sql(f"DROP DATABASE {name} WITH (FORCE)"))

    def _make(self) -> None:
        making = self._run(
            "initdb",
            "--pgdata=data",
            "--username=pavois",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        assert making.wait(timeout=60) == 0, "PostgreSQL could not be set up"
        (self.data / "pg_hba.conf").write_text(_ENTRANTS)

    def _migrated(self) -> list[str]:
        with self.connect("postgres") as connection:
            connection.execute("CREATE DATABASE pavois")
            connection.execute("CREATE USER guarded PASSWORD 'right'")
            connection.execute("CREATE USER outsider")
        open_engine(self.url()).dispose()
        with self.connect() as connection:
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname='public'")
            names = {row[0] for row in found} - {"alembic_version"}
        # Children first.
        children = ["attempts", "snapshots", "posts"]
        return children + sorted(names - set(children))

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            as_user = {"user": self._user, "group": self._user, "extra_groups": []}
        # On Linux it ends with the tests, even if these are killed.
        tied = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []
        return subprocess.Popen(
            [*tied, str(self._programs / program), *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_user,
        )


def _drive_out(connection: psycopg.Connection, database: str) -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = %s AND pid != pg_backend_pid()",
        (database,),
    )


def _sql(text: str) -> bytes:
    """A statement with a name in it that no driver can bind."""
    return text.encode()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
