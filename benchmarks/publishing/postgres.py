"""A PostgreSQL of the benchmark's own, as it comes: durable commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.postgres import MISSING, Server, installed


def why_not() -> str:
    """What keeps it from being started; "" when nothing does."""
    return "" if installed() else MISSING


@contextmanager
def running() -> Iterator[str]:
    """How to connect to an empty database."""
    programs = installed()
    assert programs
    server = Server(programs, durable=True)
    try:
        # The shortest way: a socket.
        yield f"host={server.folder} port={server.port} user=pavois dbname=postgres"
    finally:
        server.remove()
