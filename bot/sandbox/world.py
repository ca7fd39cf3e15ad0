"""What the rehearsal networks remember, in one SQLite file.

Several processes (the daemon, a command) may each stand up their own server on the same file and
see one world; every change is one `BEGIN IMMEDIATE` transaction, so that a SIGKILL loses nothing
that was answered and two processes never give out the same number.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.errors import StoreError
from bot.sandbox.values import SandboxAccount, SandboxPost, Window, from_ms, to_ms
from bot.wal import write_ahead
from bot.words import N_

#: Both networks number by time: milliseconds since their own first day, then 22 bits of their own
#: (X: documented; LinkedIn: checked on two recordings, reference/linkedin.md §1.3).
FIRST_DAY_MS = {"x": 1288834974657, "linkedin": 0}

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    network TEXT NOT NULL, slug TEXT NOT NULL, name TEXT NOT NULL, handle TEXT NOT NULL,
    remote_id INTEGER NOT NULL, PRIMARY KEY (network, slug)
);
CREATE TABLE IF NOT EXISTS posts (
    network TEXT NOT NULL, id INTEGER NOT NULL, account TEXT NOT NULL, sent TEXT NOT NULL,
    stored TEXT NOT NULL, shown TEXT NOT NULL, created_ms INTEGER NOT NULL,
    truncated_at INTEGER, deleted_ms INTEGER, content TEXT NOT NULL,
    PRIMARY KEY (network, id)
);
CREATE TABLE IF NOT EXISTS uploads (
    network TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL,
    kind TEXT NOT NULL, mime TEXT NOT NULL, announced INTEGER, created_ms INTEGER NOT NULL,
    finished_ms INTEGER, size INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    alt TEXT NOT NULL, fate TEXT NOT NULL, waited INTEGER NOT NULL,
    PRIMARY KEY (network, id), UNIQUE (network, name)
);
CREATE TABLE IF NOT EXISTS parts (
    network TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (network, name, number)
);
CREATE INDEX IF NOT EXISTS posts_of_an_account ON posts (network, account, created_ms);
CREATE TABLE IF NOT EXISTS windows (
    network TEXT NOT NULL, account TEXT NOT NULL, route TEXT NOT NULL, start INTEGER NOT NULL,
    used INTEGER NOT NULL, PRIMARY KEY (network, account, route)
);
CREATE TABLE IF NOT EXISTS charges (
    day TEXT NOT NULL, account TEXT NOT NULL, what TEXT NOT NULL, mills INTEGER NOT NULL,
    PRIMARY KEY (day, account, what)
);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY, network TEXT NOT NULL, kind TEXT NOT NULL, route TEXT NOT NULL,
    remaining INTEGER NOT NULL, seconds REAL NOT NULL
);
"""

#: Columns that came after the first version: the file of an earlier rehearsal lacks them.
SINCE = (
    ("posts", "reply_to", "INTEGER"),
    ("posts", "conversation", "INTEGER"),
    ("posts", "edited_ms", "INTEGER"),
    ("posts", "earlier", "TEXT"),
    ("posts", "replaced_by", "INTEGER"),
)

#: How long one process waits for another that is writing.
BUSY_SECONDS = 30

POST = (
    "network, id, account, sent, stored, shown, created_ms, truncated_at, deleted_ms, content,"
    " reply_to, conversation, edited_ms, earlier, replaced_by"
)


class World:
    """Accounts, posts, counted calls, credit and faults, as the networks remember them.

    Raises StoreError where its file cannot be opened or written.
    """

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.RLock()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._open(path)
        except (OSError, sqlite3.OperationalError) as error:
            raise StoreError(
                N_(
                    "{path} cannot be opened or written. Is the file or its folder read-only, is "
                    "the disk full, does another program hold it?"
                ),
                path=str(path),
            ) from error

    def _open(self, path: Path | None) -> None:
        self._connection = sqlite3.connect(
            path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        weakref.finalize(self, self._connection.close)
        self._connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        write_ahead(self._connection, BUSY_SECONDS)
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self.change() as connection:
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            for table, column, kind in SINCE:
                known = connection.execute(f"PRAGMA table_info({table})").fetchall()
                if column not in [row[1] for row in known]:
                    connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction that writes, alone among threads and processes."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What *query* finds."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    # accounts

    def open_account(self, account: SandboxAccount) -> None:
        """Open the account, or take over its new name and handle."""
        with self.change() as connection:
            connection.execute(
                "INSERT INTO accounts VALUES (?, ?, ?, ?, ?) ON CONFLICT (network, slug)"
                " DO UPDATE SET name = excluded.name, handle = excluded.handle",
                (account.network, account.slug, account.name, account.handle, account.remote_id),
            )

    def accounts(self, network: str) -> list[SandboxAccount]:
        """The accounts of *network*, by slug."""
        rows = self.rows(
            "SELECT network, slug, name, handle, remote_id FROM accounts"
            " WHERE network = ? ORDER BY slug",
            network,
        )
        return [SandboxAccount(*row) for row in rows]  # type: ignore[arg-type]

    # posts

    def publish(self, draft: SandboxPost, *, no_twin_for: timedelta) -> tuple[SandboxPost, bool]:
        """Store *draft* under a number of its own, unless the account said the same of late.

        Returns the post that stands and whether it is this one. X also counts what was deleted.
        """
        with self.change() as connection:
            twin = self._twin(connection, draft, draft.created_at - no_twin_for)
            if twin is not None:
                return twin, False
            post = replace(
                draft, id=next_number(connection, "posts", draft.network, draft.created_at)
            )
            connection.execute(
                f"INSERT INTO posts ({POST}) VALUES ({', '.join('?' * 15)})",  # noqa: S608
                _row_of(post),
            )
            if draft.earlier:
                connection.execute(
                    "UPDATE posts SET replaced_by = ? WHERE network = ? AND id = ?",
                    (post.id, draft.network, draft.earlier[-1]),
                )
            return post, True

    def rewrite(self, post: SandboxPost) -> None:
        """Give the post of this number the text that *post* has, and the time of its edit."""
        with self.change() as connection:
            connection.execute(
                "UPDATE posts SET sent = ?, stored = ?, shown = ?, truncated_at = ?, edited_ms = ?"
                " WHERE network = ? AND id = ?",
                (
                    post.sent,
                    post.stored,
                    post.shown,
                    post.truncated_at,
                    None if post.edited_at is None else to_ms(post.edited_at),
                    post.network,
                    post.id,
                ),
            )

    @staticmethod
    def _twin(
        connection: sqlite3.Connection, draft: SandboxPost, since: datetime
    ) -> SandboxPost | None:
        row = connection.execute(
            f"SELECT {POST} FROM posts WHERE network = ? AND account = ? AND created_ms > ?"  # noqa: S608
            " AND shown = ? AND content = ? AND (deleted_ms IS NULL OR network = 'x')"
            " ORDER BY id DESC LIMIT 1",
            (draft.network, draft.account, to_ms(since), draft.shown, draft.content),
        ).fetchone()
        return None if row is None else _post_of(row)

    def delete(self, network: str, post_id: int, at: datetime) -> bool:
        """Take a post down, all its versions; False when there is nothing to take down."""
        with self.change() as connection:
            done = connection.execute(
                "WITH RECURSIVE versions (id) AS (VALUES (?) UNION SELECT posts.id FROM posts"
                " JOIN versions ON posts.replaced_by = versions.id OR posts.id ="
                " (SELECT replaced_by FROM posts AS one WHERE one.network = ?"
                " AND one.id = versions.id) WHERE posts.network = ?)"
                " UPDATE posts SET deleted_ms = ? WHERE network = ? AND deleted_ms IS NULL"
                " AND id IN (SELECT id FROM versions)",
                (post_id, network, network, to_ms(at), network),
            )
            return done.rowcount > 0

    def posts(self, network: str, account: str | None = None) -> list[SandboxPost]:
        """Every post ever made, deleted ones too, newest first."""
        rows = self.rows(
            f"SELECT {POST} FROM posts WHERE network = ? AND coalesce(?, account) = account"  # noqa: S608
            " ORDER BY id DESC",
            network,
            account,
        )
        return [_post_of(row) for row in rows]

    def standing(self, network: str, ids: Sequence[int]) -> dict[int, SandboxPost]:
        """Those of the posts *ids* that were not deleted."""
        # X's numbers have up to 19 digits; SQLite's end a little earlier.
        ids = [number for number in ids if number < 1 << 63]
        marks = ", ".join("?" * len(ids))
        rows = self.rows(
            f"SELECT {POST} FROM posts"  # noqa: S608
            f" WHERE network = ? AND deleted_ms IS NULL AND id IN ({marks})",
            network,
            *ids,
        )
        return {post.id: post for post in map(_post_of, rows)}

    # counted calls

    def count_call(
        self, network: str, account: str, route: str, *, start: int, width: int, limit: int
    ) -> Window:
        """Count one call. The window in course goes on if it covers *start* (unix seconds)."""
        with self.change() as connection:
            row = connection.execute(
                "SELECT start, used FROM windows WHERE network = ? AND account = ? AND route = ?",
                (network, account, route),
            ).fetchone()
            if row is not None and row[0] <= start < row[0] + width:
                start, used = row
            else:
                used = 0
            connection.execute(
                "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?, ?)",
                (network, account, route, start, used + 1),
            )
        return Window(limit, max(0, limit - used - 1), start + width, used >= limit)

    # money and settings

    def charge(self, account: str, day: str, prices: Sequence[tuple[str, int]]) -> None:
        """Write down what calls cost, in thousandths of a dollar; the same thing once a UTC day."""
        with self.change() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO charges VALUES (?, ?, ?, ?)",
                [(day, account, what, mills) for what, mills in prices],
            )

    def spent(self) -> int:
        """All charges, in thousandths of a dollar."""
        (row,) = self.rows("SELECT coalesce(sum(mills), 0) FROM charges")
        return int(str(row[0]))

    def set_number(self, name: str, number: int | None) -> None:
        """Keep a setting of the world; None forgets it."""
        with self.change() as connection:
            if number is None:
                connection.execute("DELETE FROM settings WHERE name = ?", (name,))
            else:
                connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, number))

    def number(self, name: str) -> int | None:
        """A setting of the world."""
        rows = self.rows("SELECT number FROM settings WHERE name = ?", name)
        return int(str(rows[0][0])) if rows else None

    # faults

    def add_fault(self, network: str, kind: str, route: str, times: int, seconds: float) -> None:
        """Let the next *times* calls of *route* go wrong."""
        with self.change() as connection:
            connection.execute(
                "INSERT INTO faults (network, kind, route, remaining, seconds)"
                " VALUES (?, ?, ?, ?, ?)",
                (network, kind, route, times, seconds),
            )

    def take_fault(self, network: str, *routes: str) -> tuple[str, float] | None:
        """The fault that a call of these *routes* meets, and for how many seconds; one less now."""
        due = f"network = ? AND remaining > 0 AND route IN ({', '.join('?' * len(routes))})"
        if not self.rows(f"SELECT id FROM faults WHERE {due}", network, *routes):  # noqa: S608
            return None
        with self.change() as connection:
            row = connection.execute(
                f"SELECT id, kind, seconds FROM faults WHERE {due} ORDER BY id LIMIT 1",  # noqa: S608
                (network, *routes),
            ).fetchone()
            if row is None:
                return None
            connection.execute("UPDATE faults SET remaining = remaining - 1 WHERE id = ?", row[:1])
        return str(row[1]), float(row[2])


def made_at(network: str, number: int) -> datetime:
    """When what has this number was made, as the number tells it."""
    return from_ms((number >> 22) + FIRST_DAY_MS[network])


def next_number(connection: sqlite3.Connection, table: str, network: str, at: datetime) -> int:
    """A number for a new row of *table*: it tells the time, and nobody else has it."""
    wanted = (to_ms(at) - FIRST_DAY_MS[network]) << 22
    (highest,) = connection.execute(
        f"SELECT coalesce(max(id), 0) FROM {table} WHERE network = ?",  # noqa: S608
        (network,),
    ).fetchone()
    return max(wanted, int(highest) + 1)


def _row_of(post: SandboxPost) -> tuple[object, ...]:
    return (
        post.network,
        post.id,
        post.account,
        post.sent,
        post.stored,
        post.shown,
        to_ms(post.created_at),
        post.truncated_at,
        None if post.deleted_at is None else to_ms(post.deleted_at),
        post.content,
        post.reply_to,
        post.conversation,
        None if post.edited_at is None else to_ms(post.edited_at),
        " ".join(map(str, post.earlier)),
        post.replaced_by,
    )


def _post_of(row: Sequence[object]) -> SandboxPost:
    network, number, account, sent, stored, shown, created, truncated, deleted, content, *since = (
        row
    )
    reply, first, edited, earlier, replaced = since
    return SandboxPost(
        str(network),
        int(str(number)),
        str(account),
        str(sent),
        str(stored),
        str(shown),
        from_ms(int(str(created))),
        number_or_none(truncated),
        None if deleted is None else from_ms(int(str(deleted))),
        str(content),
        number_or_none(reply),
        number_or_none(first),
        None if edited is None else from_ms(int(str(edited))),
        tuple(int(one) for one in str(earlier or "").split()),
        number_or_none(replaced),
    )


def number_or_none(value: object) -> int | None:
    """A number that the world may not have."""
    return None if value is None else int(str(value))
