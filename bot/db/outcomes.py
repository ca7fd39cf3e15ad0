"""What came of posts, written down: posts, ledger, accounts and notices together.

Many posts at a time: what happens to all of them is one statement, what happens to a few is one
for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from bot.db.doubts import Name, doubt, owners
from bot.db.journal import notify, settle_all
from bot.db.lines import append, line
from bot.db.money import give_back
from bot.db.rows import after, kept_message
from bot.db.tables import accounts, posts
from bot.model import AccountState, AttemptState, Post, PostState
from bot.outcome import Outcome
from bot.words import N_, Message

#: A post, and what came of it.
Ended = tuple[Post, Outcome]
#: Whether a post is, by its row, still what the one who writes read of it.
IsStill = Callable[[Post, Row[Any]], bool]


def write_down(
    connection: Connection, ended: Sequence[Ended], is_still: IsStill, now: datetime
) -> list[bool]:
    """Write down those of *ended* whose post *is_still* at the same attempt; which were."""
    names = [_name(*one) for one in ended if one[1].published]
    if len(set(names)) < len(names):
        # Of two that are taken for one post, the second must see what became of the first.
        return [one for each in ended for one in write_down(connection, [each], is_still, now)]
    owner_of = owners(connection, names)
    rows = connection.execute(_ROWS, {"ids": [post.id for post, _outcome in ended]})
    row_of = {row.id: row for row in rows}

    def other_owner(post: Post, outcome: Outcome) -> Row[Any] | None:
        """Another post that is known to be what *outcome* says that *post* is."""
        owner = owner_of.get(_name(post, outcome)) if outcome.published else None
        return owner if owner is not None and owner.id != post.id else None

    def goes(post: Post, outcome: Outcome) -> bool:
        row = row_of.get(post.id)
        if row is None or row.attempts != post.attempts or not is_still(post, row):
            return False
        # What is another's by all that is known, only the network's own answer can take.
        return not (outcome.is_found and other_owner(post, outcome) is not None)

    going = [goes(*one) for one in ended]
    written = [one for one, does_go in zip(ended, going, strict=True) if does_go]
    _become(connection, written)
    append(
        connection,
        [
            _line(post, outcome, outcome.attempt, now)
            for post, outcome in written
            if outcome.attempt
        ],
    )
    settle_all(connection, [f"post {post.id}" for post in _answered(written)], now)
    for post, outcome in written:
        _of_a_few(connection, post, outcome, now)
        if (mistaken := other_owner(post, outcome)) is not None:
            doubt(connection, mistaken, post, now)
    return going


def set_account(
    connection: Connection,
    slug: str,
    state: AccountState,
    cause: Message | None,
    now: datetime,
) -> None:
    connection.execute(
        update(accounts)
        .where(accounts.c.slug == slug)
        .values(state=state, cause=kept_message(cause), since=now)
    )


def _name(post: Post, outcome: Outcome) -> Name:
    return post.network, outcome.published.remote_id if outcome.published else ""


def _become(connection: Connection, written: Sequence[Ended]) -> None:
    """Bring the posts to where they are now; one that is out gets its name besides."""
    for values in (
        [_values(*one) for one in written if not one[1].published],
        [_values(*one) for one in written if one[1].published],
    ):
        if values:
            connection.execute(_BECOMES, values)


def _values(post: Post, outcome: Outcome) -> dict[str, Any]:
    values: dict[str, Any] = {
        "post": post.id,
        "state": outcome.post,
        "next_try": outcome.next_try,
        "failures": outcome.failures,
        "looks": outcome.looks,
        "sender": None,
        "lease_until": None,
    }
    if outcome.published:
        values |= {
            "remote_id": outcome.published.remote_id,
            "url": outcome.published.url,
            "published_at": outcome.published.at,
            "read_back_at": outcome.read_back_at,
        }
    return values


def _line(post: Post, outcome: Outcome, attempt: AttemptState, now: datetime) -> dict[str, Any]:
    return {
        **line(post, attempt, now, outcome.act),
        "request_id": outcome.request_id[:200],
        "status": outcome.status,
        "cause": kept_message(outcome.cause),
        "remote_id": outcome.published.remote_id if outcome.published else "",
        "repeats": outcome.repeats,
    }


def _answered(written: Sequence[Ended]) -> Iterator[Post]:
    """Posts of which a person was told as they stood before: that is answered."""
    for post, outcome in written:
        waits_again = (post.state, outcome.post) == (PostState.SENDING, PostState.QUEUED)
        if outcome.post != post.state and not waits_again:
            yield post


def _of_a_few(connection: Connection, post: Post, outcome: Outcome, now: datetime) -> None:
    """What an *outcome* that is not the usual one changes besides: money, account, notices."""
    if outcome.attempt in (AttemptState.REFUSED, AttemptState.NOT_SENT):
        give_back(connection, post)
    if outcome.hold_account:
        set_account(connection, post.account, AccountState.HELD, outcome.cause, now)
    if outcome.wait_until:
        connection.execute(
            update(accounts)
            .where(accounts.c.slug == post.account)
            .values(wait_until=outcome.wait_until)
        )
    if outcome.post == PostState.FAILED:
        _hold_what_follows(connection, post, now)
    if outcome.notice:
        subject = f"account {post.account}" if outcome.hold_account else f"post {post.id}"
        notify(connection, subject, outcome.notice, now)


def _hold_what_follows(connection: Connection, post: Post, now: datetime) -> None:
    """What follows *post* in its thread would wait for it for ever: a person is told."""
    rows = connection.execute(
        update(posts)
        .where(posts.c.id.in_(after([post.id])), posts.c.state == PostState.QUEUED)
        .values(state=PostState.HELD)
        .returning(posts.c.id)
    )
    cause = Message(
        N_(
            "It follows post {id}, which did not go out. Send both again: pavois queue retry "
            "{name}; or cancel it."
        ),
        {"id": post.id, "name": post.announcement},
    )
    for row in rows.all():
        notify(connection, f"post {row.id}", cause, now)


_ROWS: Select[Any] = select(
    posts.c.id, posts.c.state, posts.c.attempts, posts.c.sender, posts.c.lease_until
).where(posts.c.id.in_(bindparam("ids", expanding=True)))
_BECOMES = update(posts).where(posts.c.id == bindparam("post"))
