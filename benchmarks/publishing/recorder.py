"""What SQLAlchemy executes, kept by transaction, so that sqlite3 alone can execute it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Engine, event

#: A statement, its values, and whether those are many rows.
Statement = tuple[str, Any, bool]


@contextmanager
def recording() -> Iterator[list[list[Statement]]]:
    """The statements of every engine of this process, by transaction, in the order of their ends.

    That is the order of the commits: only one writes at a time.
    """
    done: list[list[Statement]] = []
    under_way: dict[int, list[Statement]] = {}

    def on_statement(
        connection: Connection, _cursor: object, sql: str, values: Any, _context: object, many: bool
    ) -> None:
        group = under_way.get(id(connection))
        statement = sql, _plain(values), many
        if group is not None:
            group.append(statement)
        elif sql.startswith("BEGIN"):
            under_way[id(connection)] = [statement]
        else:
            done.append([statement])

    def on_end(connection: Connection, word: str) -> None:
        if group := under_way.pop(id(connection), None):
            done.append([*group, (word, (), False)])

    def on_commit(connection: Connection) -> None:
        on_end(connection, "COMMIT")

    def on_rollback(connection: Connection) -> None:
        on_end(connection, "ROLLBACK")

    listeners = (
        ("before_cursor_execute", on_statement),
        ("commit", on_commit),
        ("rollback", on_rollback),
    )
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield done
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


def _plain(values: Any) -> Any:
    """*values* as sqlite3 knows them without Pavois: a state is its text."""
    if isinstance(values, dict):
        return {name: _plain(value) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return tuple(_plain(value) for value in values)
    return values.value if isinstance(values, Enum) else values
