"""The tables. Instants are kept in UTC and come back aware; a naive one is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeDecorator

#: The revision of `migrations/versions` that makes these tables; a test keeps the two together.
REVISION = "0004"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; SQLite would give it back naive (seen with SQLAlchemy 2.1)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a zone reached the store")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

announcements = Table(
    "announcements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign", String(80), nullable=False),
    Column("slug", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("content", JSON, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    UniqueConstraint("campaign", "slug"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("slug", String(80), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("cause", JSON(none_as_null=True)),
    Column("since", UtcDateTime, nullable=False),
    # When it was last read, and when that was last tried.
    Column("read_at", UtcDateTime),
    Column("tried_at", UtcDateTime),
    # Until when its network asked it to wait.
    Column("wait_until", UtcDateTime),
    # When its last post went to the wire: the next keeps its distance.
    Column("sent_at", UtcDateTime),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("announcement_id", ForeignKey("announcements.id"), nullable=False),
    Column("account", ForeignKey("accounts.slug"), nullable=False),
    Column("network", String(40), nullable=False),
    Column("language", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("due", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime),
    Column("state", String(20), nullable=False),
    Column("next_try", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("looks", Integer, nullable=False, server_default="0"),
    # Who is sending it, and until when nobody else may touch it (a lease).
    Column("sender", String(80)),
    Column("lease_until", UtcDateTime),
    Column("remote_id", String(200), nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("published_at", UtcDateTime),
    # Files, poll, card and mentions; null for a text alone.
    Column("attached", JSON(none_as_null=True)),
    # Its place in a thread: each goes out as the answer to the one before.
    Column("part", Integer, nullable=False, server_default="0"),
    # When a person last said that it is to go: late, or while all else is stopped.
    Column("released_at", UtcDateTime),
    # When what is out is to be read back; null when there is nothing (more) to read.
    Column("read_back_at", UtcDateTime),
    Index(None, "state", "next_try"),
    Index(None, "state", "valid_until"),
    Index(None, "account", "state", "next_try"),
    Index(None, "account", "due"),
    Index(None, "read_back_at"),
    Index(None, "published_at"),
    Index(None, "network", "remote_id"),
)
# One post (or thread) of an announcement per account and language; a cancelled one makes room for
# another. What it says for PostgreSQL is in bot/db/postgres.py.
LIVE = Index(
    "uq_posts_live",
    posts.c.announcement_id,
    posts.c.account,
    posts.c.language,
    posts.c.part,
    unique=True,
    sqlite_where=posts.c.state != "cancelled",
)

#: The ledger: a line for each state that an attempt reached, never rewritten.
attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("account", String(80), nullable=False),
    Column("request_id", String(200), nullable=False, server_default=""),
    Column("status", Integer),
    Column("cause", JSON(none_as_null=True)),
    Column("remote_id", String(200), nullable=False, server_default=""),
    # What was tried: to publish, correct or delete it.
    Column("act", String(20), nullable=False, server_default="publish"),
    # What the call costs, in millionths of a dollar; reserved in `spending` when it is made.
    Column("price", Integer),
    # Whether the network refused it as a repetition of what is out already.
    Column("repeats", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("post_id", "number", "state"),
    Index(None, "account", "state", "at"),
)

#: What was spent on a network in a month (`2026-11`, UTC), in millionths of a dollar.
spending = Table(
    "spending",
    metadata,
    Column("network", String(40), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("amount", BigInteger, nullable=False),
)

#: How many calls were made in an account's name on a day (`2026-11-25`, UTC).
calls = Table(
    "calls",
    metadata,
    Column("account", String(80), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("count", Integer, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("source", String(120), nullable=False),
    Column("api_version", String(20), nullable=False),
    Column("impressions", Integer),
    Column("reactions", Integer),
    Column("comments", Integer),
    Column("shares", Integer),
    Column("clicks", Integer),
    Column("extra", JSON(none_as_null=True)),
    Index(None, "post_id", "taken_at"),
)

#: What the pages that announcements link to say of themselves, each read once.
pages = Table(
    "pages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("picture", String(64), nullable=False, server_default=""),
    Column("read_at", UtcDateTime, nullable=False),
    UniqueConstraint("url"),
)

reports = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign", String(80), nullable=False),
    Column("period", String(20), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    UniqueConstraint("campaign", "period"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("subject", String(120), nullable=False),
    Column("message", JSON, nullable=False),
    Column("settled_at", UtcDateTime),
    Index(None, "settled_at"),
)

#: What Pavois must remember of itself: whether this is a rehearsal's database, what was confirmed.
settings = Table(
    "settings",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
