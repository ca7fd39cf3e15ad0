"""Rows as values, and values as rows: the only place where both are known."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select

from bot.attached import NOTHING_ATTACHED, Attached
from bot.db.tables import announcements, posts
from bot.metrics import COUNTERS, Metrics, Snapshot
from bot.model import AccountState, AccountStatus, Attempt, AttemptState, Notice, Post, PostState
from bot.words import Message

#: The post before one in its thread.
before = posts.alias("before")
IS_BEFORE = and_(
    before.c.announcement_id == posts.c.announcement_id,
    before.c.account == posts.c.account,
    before.c.language == posts.c.language,
    before.c.part == posts.c.part - 1,
    before.c.state != PostState.CANCELLED,
)
#: Nothing of its thread must go out before it; `before` is joined.
ITS_TURN = or_(posts.c.part == 0, before.c.state == PostState.PUBLISHED)


@cache
def select_posts() -> Select[Any]:
    """Posts with what their announcement says of them, and the name of the post before."""
    return (
        select(
            posts,
            announcements.c.campaign,
            announcements.c.slug,
            announcements.c.kind,
            announcements.c.content,
            before.c.remote_id.label("reply_to"),
        )
        .join_from(posts, announcements)
        .outerjoin(before, IS_BEFORE)
    )


def after(ids: Collection[int]) -> Select[tuple[int]]:
    """The posts that follow one of *ids* in its thread."""
    return (
        select(posts.c.id)
        .join(
            before,
            and_(
                before.c.announcement_id == posts.c.announcement_id,
                before.c.account == posts.c.account,
                before.c.language == posts.c.language,
                before.c.part < posts.c.part,
            ),
        )
        .where(before.c.id.in_(ids))
    )


def follows_what_ended(sent_again: Collection[int] = ()) -> ColumnElement[bool]:
    """Whether something before the post in its thread did not go out, nor is *sent_again* now: the
    post would wait for it for ever."""
    return exists().where(
        before.c.announcement_id == posts.c.announcement_id,
        before.c.account == posts.c.account,
        before.c.language == posts.c.language,
        before.c.part < posts.c.part,
        before.c.state.in_((PostState.FAILED, PostState.EXPIRED)),
        before.c.id.not_in(sent_again),
    )


def post_of(row: Row[Any]) -> Post:
    return Post(
        id=row.id,
        campaign=row.campaign,
        announcement=row.slug,
        kind=row.kind,
        partners=tuple(row.content["partners"]),
        account=row.account,
        network=row.network,
        language=row.language,
        text=row.text,
        due=row.due,
        valid_until=row.valid_until,
        state=PostState(row.state),
        next_try=row.next_try,
        attempts=row.attempts,
        failures=row.failures,
        looks=row.looks,
        remote_id=row.remote_id,
        url=row.url,
        published_at=row.published_at,
        attached=msgspec.convert(row.attached, Attached) if row.attached else NOTHING_ATTACHED,
        part=row.part,
        reply_to=row.reply_to or "",
        released_at=row.released_at,
    )


def kept_attached(attached: Attached) -> dict[str, Any] | None:
    """*attached* as the store keeps it; None for nothing."""
    if attached == NOTHING_ATTACHED:
        return None
    kept: dict[str, Any] = msgspec.to_builtins(attached)
    return kept


def attempt_of(row: Row[Any]) -> Attempt:
    return Attempt(
        row.post_id,
        row.number,
        AttemptState(row.state),
        row.at,
        row.account,
        row.request_id,
        row.status,
        message_of(row.cause),
        row.remote_id,
        row.price,
        row.repeats,
        row.act,
    )


def account_of(row: Row[Any]) -> AccountStatus:
    return AccountStatus(
        row.slug,
        AccountState(row.state),
        message_of(row.cause),
        row.since,
        row.read_at,
        row.tried_at,
    )


def snapshot_of(row: Row[Any]) -> Snapshot:
    metrics = Metrics(**{name: getattr(row, name) for name in COUNTERS}, extra=row.extra or {})
    return Snapshot(row.post_id, row.taken_at, row.source, row.api_version, metrics)


def notice_of(row: Row[Any]) -> Notice:
    message = message_of(row.message) or Message("")
    return Notice(row.id, row.at, row.subject, message, row.settled_at)


def message_of(kept: dict[str, Any] | None) -> Message | None:
    return _message(kept) if kept else None


def kept_message(message: Message | None) -> dict[str, Any] | None:
    return _kept(message) if message else None


def _message(kept: dict[str, Any]) -> Message:
    values = {
        name: _message(value) if isinstance(value, dict) else value
        for name, value in kept["values"].items()
    }
    return Message(kept["text"], values)


def _kept(message: Message) -> dict[str, Any]:
    values = {
        name: _kept(value) if isinstance(value, Message) else value
        for name, value in message.values.items()
    }
    return {"text": message.text, "values": values}
