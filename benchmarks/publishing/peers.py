"""The other schedulers, as far as they can be run here."""

from __future__ import annotations

from contextlib import ExitStack
from importlib.util import find_spec

from benchmarks.publishing import postgres

#: What stands in the tables, and the module of this package that runs it.
ON_SQLITE = {
    "huey on SQLite, 1 worker": "peer_huey",
    "APScheduler, its store on SQLite": "peer_apscheduler",
}
ON_POSTGRESQL = {"procrastinate on PostgreSQL, 10 at a time": "peer_procrastinate"}


def missing(*, brief: bool) -> str:
    """Why some are left out; "" when all are run."""
    if brief:
        return "the peers (huey, APScheduler, procrastinate), which the whole form has"
    if not _are_installed():
        return "the peers: install Pavois' extra `bench` (make bench does)"
    why = postgres.why_not()
    return f"procrastinate: {why}" if why else ""


def on_sqlite(*, brief: bool) -> dict[str, str]:
    """Name and module of those that want nothing but a folder."""
    return ON_SQLITE if _are_installed() and not brief else {}


def on_postgresql(stack: ExitStack, *, brief: bool) -> tuple[dict[str, str], str]:
    """Name and module of those that want a PostgreSQL; how to connect to one, which ends with
    *stack*."""
    if brief or not _are_installed() or postgres.why_not():
        return {}, ""
    return ON_POSTGRESQL, stack.enter_context(postgres.running())


def _are_installed() -> bool:
    return all(find_spec(name) for name in ("huey", "procrastinate"))
