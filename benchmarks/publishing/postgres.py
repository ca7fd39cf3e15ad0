"""A PostgreSQL of the benchmark's own, in a temporary folder, reached through a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Where Debian's package puts the programs.
PROGRAMS = Path("/usr/lib/postgresql/15/bin")
#: PostgreSQL does not run as root; the package brings this user.
USER = "postgres"


def why_not() -> str:
    """What keeps it from being started; "" when nothing does."""
    if not (PROGRAMS / "postgres").exists():
        return "PostgreSQL 15 is not here (Debian: apt-get install postgresql-15)"
    if os.geteuid() == 0 and USER not in {one.pw_name for one in pwd.getpwall()}:
        return f"PostgreSQL does not run as root, and there is no user {USER}"
    return ""


@contextmanager
def running() -> Iterator[str]:
    """How to connect to an empty database, as it comes: durable commits, default settings."""
    # Sockets have short names, and another user must be able to go in.
    folder = Path(tempfile.mkdtemp(prefix="pavois-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        data = folder / "data"
        _run("initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale")
        settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
        _run("pg_ctl", "-D", data, "-l", folder / "log", "-o", settings, "-w", "start")
        try:
            yield f"host={folder} user=bench dbname=postgres"
        finally:
            _run("pg_ctl", "-D", data, "-m", "fast", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: object) -> None:
    subprocess.run(
        [PROGRAMS / program, *map(str, arguments)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/tmp",
        user=USER if os.geteuid() == 0 else None,
    )
