"""Queue and ledger as they stand at one moment, for `bot.invariants` to judge."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, select

from bot.db.part import Part
from bot.db.rows import attempt_of, post_of, select_posts
from bot.db.tables import attempts, notices, pages, posts
from bot.invariants import Book
from bot.model import Attempt

#: What is tried with a post that is out: no part of publishing it.
_AFTERWARDS = ("correct", "delete")


class Audit(Part):
    """Reads; one method is one moment, whoever writes meanwhile."""

    def book(self) -> Book:
        """The posts of all campaigns, by number, and what the ledger says of publishing them."""
        with self._reading() as connection:
            rows = connection.execute(select_posts().order_by(posts.c.id))
            return Book(
                [post_of(row) for row in rows],
                _lines(connection),
                frozenset(connection.scalars(_leased)),
                _told(connection),
            )

    def pictures(self) -> frozenset[str]:
        """The pictures of the pages that were read, by their hashes."""
        with self._reading() as connection:
            return frozenset(connection.scalars(select(pages.c.picture))) - {""}


_leased = select(posts.c.id).where(posts.c.sender.is_not(None), posts.c.lease_until.is_not(None))


def _lines(connection: Connection) -> dict[int, list[Attempt]]:
    lines: defaultdict[int, list[Attempt]] = defaultdict(list)
    query = select(attempts).where(attempts.c.act.not_in(_AFTERWARDS)).order_by(attempts.c.id)
    for row in connection.execute(query):
        lines[row.post_id].append(attempt_of(row))
    return lines


def _told(connection: Connection) -> dict[int, datetime]:
    """When a person was last told of each post, whether or not they have ticked it off."""
    told: dict[int, datetime] = {}
    query = select(notices.c.subject, notices.c.at).where(notices.c.subject.like("post %"))
    for subject, at in connection.execute(query.order_by(notices.c.at)):
        number = subject.removeprefix("post ")
        if number.isdecimal():
            told[int(number)] = at
    return told
