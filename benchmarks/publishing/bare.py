"""The bare limits: an outbox on sqlite3 alone, Pavois' own statements on sqlite3 alone, and calls
through requests alone.

    bare outbox FOLDER POSTS COMMITS    one or two durable commits for each post
    bare replay DATABASE STATEMENTS     what `recorder` kept, group by group
    bare calls URL POSTS THREADS        posts through requests and nothing else
    bare late FOLDER START SECONDS POSTS    sleeping until the next is due
"""

from __future__ import annotations

import pickle
import sqlite3
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.publishing.child import tell

TABLES = """
CREATE TABLE post (id INTEGER PRIMARY KEY, due REAL, state TEXT, text TEXT, remote_id TEXT);
CREATE INDEX post_due ON post (state, due);
CREATE TABLE attempt (id INTEGER PRIMARY KEY, post INTEGER, at REAL, state TEXT);
"""


def main(what: str, *arguments: str) -> None:
    measures: dict[str, Callable[..., None]] = {
        "outbox": outbox,
        "replay": replay,
        "calls": calls,
        "late": late,
    }
    measures[what](*arguments)


def outbox(folder: str, posts: str, commits: str) -> None:
    """Claim and attempt are committed, then it is sent; with one commit, its end with the next."""
    base = _filled(folder, [0.0] * int(posts))
    began = time.perf_counter()
    base.execute("BEGIN IMMEDIATE")
    while post := _claimed(base, time.time()):
        base.execute("COMMIT")
        base.execute("BEGIN IMMEDIATE")
        _record(base, post)
        if commits == "2":
            base.execute("COMMIT")
            base.execute("BEGIN IMMEDIATE")
    base.execute("COMMIT")
    tell(seconds=time.perf_counter() - began, posts=_count(base, "post"))


def replay(database: str, statements: str) -> None:
    with Path(statements).open("rb") as file:
        groups = pickle.load(file)
    base = _opened(Path(database))
    base.execute("PRAGMA foreign_keys = ON")
    began = time.perf_counter()
    for group in groups:
        for sql, values, many in group:
            if many:
                base.executemany(sql, values)
            else:
                base.execute(sql, values).fetchall()
    seconds = time.perf_counter() - began
    tell(seconds=seconds, posts=_count(base, "posts"), groups=len(groups))


def calls(url: str, posts: str, threads: str) -> None:
    from benchmarks.publishing.work import caller

    call = caller(url)
    with ThreadPoolExecutor(int(threads)) as pool:
        began = time.perf_counter()
        done = sum(1 for _answer in pool.map(lambda _post: call(), range(int(posts))))
        tell(seconds=time.perf_counter() - began, posts=done)


def late(folder: str, start: str, seconds: str, posts: str) -> None:
    from benchmarks.publishing import work

    dues = work.spread(float(start), float(seconds), int(posts))
    base = _filled(folder, dues)
    sent = []
    while row := base.execute("SELECT min(due) FROM post WHERE state = 'queued'").fetchone():
        if row[0] is None:
            break
        time.sleep(max(0.0, row[0] - time.time()))
        base.execute("BEGIN IMMEDIATE")
        post = _claimed(base, time.time())
        base.execute("COMMIT")
        if post is None:
            continue  # the sleep ended a moment early
        sent.append(time.time())
        base.execute("BEGIN IMMEDIATE")
        _record(base, post)
        base.execute("COMMIT")
    tell(**work.late(dues, sent))


def _opened(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    return base


def _filled(folder: str, dues: list[float]) -> sqlite3.Connection:
    base = _opened(Path(folder, "outbox.db"))
    base.executescript(TABLES)
    base.execute("BEGIN")
    base.executemany(
        "INSERT INTO post (due, state, text) VALUES (?, 'queued', ?)",
        [(due, "x" * 200) for due in dues],
    )
    base.execute("COMMIT")
    return base


def _claimed(base: sqlite3.Connection, now: float) -> int | None:
    """The next that is due, as being sent, with its attempt."""
    row = base.execute(
        "SELECT id FROM post WHERE state = 'queued' AND due <= ? ORDER BY due, id LIMIT 1", (now,)
    ).fetchone()
    if row is None:
        return None
    base.execute("UPDATE post SET state = 'sending' WHERE id = ?", row)
    base.execute("INSERT INTO attempt (post, at, state) VALUES (?, ?, 'sending')", (row[0], now))
    return int(row[0])


def _record(base: sqlite3.Connection, post: int) -> None:
    base.execute("UPDATE post SET state = 'published', remote_id = ? WHERE id = ?", ("1", post))
    base.execute(
        "INSERT INTO attempt (post, at, state) VALUES (?, ?, 'accepted')", (post, time.time())
    )


def _count(base: sqlite3.Connection, table: str) -> int:
    row = base.execute(f"SELECT count(*) FROM {table} WHERE state = 'published'").fetchone()
    return int(row[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
