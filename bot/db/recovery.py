"""What the queue of a restored copy must be told: what went out after the copy was made.

A copy does not know it; so what may have gone out is looked for before anything is sent.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bot.db.handed import NOTHING_HANDED, Handed, take_over
from bot.db.journal import notify
from bot.db.part import Part
from bot.db.rows import kept_message, post_of, select_posts
from bot.db.tables import attempts, posts, settings
from bot.model import AttemptState, Post, PostState
from bot.outcome import LOOK_YOURSELF, VISIBLE_WITHIN
from bot.words import N_, Message

#: What may have become another since the copy was made.
_WAITING = (PostState.QUEUED, PostState.SENDING, PostState.UNCERTAIN, PostState.HELD)


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many posts are looked for, wait for a person to look, and stay held."""

    looked_for: int
    for_a_person: int
    held: int


class Recovery(Part):
    """Works on a restored copy before anybody else may."""

    def accounts(self) -> list[str]:
        """The accounts for which posts wait."""
        query = select(posts.c.account).where(posts.c.state.in_(_WAITING)).distinct()
        with self._reading() as connection:
            return list(connection.scalars(query.order_by(posts.c.account)))

    def recover(
        self,
        name: str,
        made_at: datetime,
        can_be_looked_at: Collection[str],
        handed: Handed = NOTHING_HANDED,
    ) -> Recovered:
        """Make of a copy that was made at *made_at* a queue that repeats nothing, all at once.

        What waits for an account that *can_be_looked_at* is looked for, whenever it is due: it may
        have been moved, and gone out. Of other accounts, what is due by now is a person's to
        settle. What is held stays held, with a notice. Live publishing is to be confirmed anew:
        the machine that the copy is from may publish still. *name* is the copy's; what the database
        whose place it takes has *handed* over holds on.
        """
        now = self._clock.now()
        # No clock puts the copy into the future: the look would begin too late.
        made_at = min(made_at, now)
        with self._writing() as connection:
            query = select_posts().where(posts.c.state.in_(_WAITING)).order_by(posts.c.id)
            found = [post_of(row) for row in connection.execute(query)]
            held = [post for post in found if post.state == PostState.HELD]
            waiting = [post for post in found if post.state != PostState.HELD]
            lost = [post for post in waiting if post.account in can_be_looked_at]
            blind = [post for post in waiting if post.account not in can_be_looked_at]
            unseen = [post for post in blind if _may_be_out(post, now)]
            # Not before what was sent a moment ago must be visible.
            _become_uncertain(connection, lost, now + VISIBLE_WITHIN)
            _become_uncertain(connection, unseen, now)
            _write_down(connection, lost + unseen, made_at, now)
            for post in unseen:
                notify(connection, f"post {post.id}", LOOK_YOURSELF, now)
            for post in held:
                notify(connection, f"post {post.id}", _held(made_at), now)
            recovered = Recovered(len(lost), len(unseen), len(held))
            notify(connection, "restore", _restored(made_at, recovered), now)
            _remember(connection, name, made_at, now)
            take_over(connection, handed, now)
            return recovered


def in_utc(instant: datetime) -> str:
    """*instant* as sentences about copies have it, the same for every reader."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _may_be_out(post: Post, now: datetime) -> bool:
    """Whether a post that waited for an account that shows nothing may have gone out since."""
    return post.state == PostState.SENDING or (post.state == PostState.QUEUED and post.due <= now)


def _become_uncertain(connection: Connection, lost: Sequence[Post], next_try: datetime) -> None:
    """One that was uncertain already is looked for anew: it may have been sent again since."""
    if lost:
        connection.execute(
            update(posts)
            .where(posts.c.id == bindparam("post"))
            .values(
                state=PostState.UNCERTAIN,
                next_try=next_try,
                looks=0,
                sender=None,
                lease_until=None,
            ),
            [{"post": post.id, "attempts": _number(post)} for post in lost],
        )


def _number(post: Post) -> int:
    """The attempt that may have been made since the copy: a new one, or that under way."""
    return post.attempts + (post.state == PostState.QUEUED)


def _write_down(
    connection: Connection, lost: Sequence[Post], made_at: datetime, now: datetime
) -> None:
    known = _at_the_wire(connection)
    cause = kept_message(
        Message(
            N_("Restored from the backup of {at}: looked for before anything is sent."),
            {"at": in_utc(made_at)},
        )
    )
    new = [
        line | {"cause": cause}
        for post in lost
        for line in _lines(post, made_at, now)
        if (line["post_id"], line["number"], line["state"]) not in known
    ]
    if new:
        connection.execute(insert(attempts), new)


def _lines(post: Post, made_at: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    """To the wire as soon as the copy was made, and nobody knows what came of it."""
    if post.state != PostState.UNCERTAIN:
        line = {"post_id": post.id, "number": _number(post), "account": post.account}
        yield line | {"state": AttemptState.SENDING, "at": made_at}
        yield line | {"state": AttemptState.UNCERTAIN, "at": now}


def _at_the_wire(connection: Connection) -> set[tuple[int, int, str]]:
    """The attempts under way that the copy has as sending already."""
    query = (
        select(attempts.c.post_id, attempts.c.number, attempts.c.state)
        .join(posts)
        .where(posts.c.attempts == attempts.c.number, attempts.c.state == AttemptState.SENDING)
    )
    return {(row.post_id, row.number, row.state) for row in connection.execute(query)}


def _held(made_at: datetime) -> Message:
    return Message(
        N_(
            "It was held when the backup of {at} was made, which is restored now. Somebody may "
            "have sent it since: look at the account yourself before you send it."
        ),
        {"at": in_utc(made_at)},
    )


def _restored(made_at: datetime, recovered: Recovered) -> Message:
    return Message(
        N_(
            "Restored from the backup of {at}. Posts that are looked for before anything is sent: "
            "{count}. What was queued, changed or cancelled after the backup is not in it: go "
            "through the queue. Before you send again what failed or is held, look at the account."
        ),
        {"at": in_utc(made_at), "count": recovered.looked_for + recovered.for_a_person},
    )


def _remember(connection: Connection, name: str, made_at: datetime, now: datetime) -> None:
    connection.execute(delete(settings).where(settings.c.key.in_(("live", "restored"))))
    value = json.dumps({"backup": name, "made_at": made_at.isoformat()}, ensure_ascii=False)
    connection.execute(insert(settings).values(key="restored", value=value, at=now))
