"""The nouns of the rehearsal networks: plain values that every part of the sandbox hands round."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NETWORKS = ("x", "linkedin")


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """Somebody who has an account on a rehearsal network; `remote_id` is the network's number."""

    network: str
    slug: str
    name: str
    handle: str
    remote_id: int


@dataclass(frozen=True, slots=True)
class SandboxPost:
    """The truth about a post: what was sent, what the network made of it, whether it still stands.

    `stored` is what the API gives back (X: with t.co links and `&amp;`; LinkedIn: little text),
    `shown` what people read. `truncated_at` is the code point of `sent` at which LinkedIn stopped
    reading, or None. `content` is what goes out with the text, as JSON, or "": on LinkedIn what was
    sent, on X `{"media": [keys]}` or `{"poll": {"options", "duration_minutes"}}`. `conversation` is
    the first post of the thread that an answer (`reply_to`) belongs to.

    `edited_at` is when its text was last changed. On X that makes a post of its own: `earlier` are
    the numbers of its versions before this one, the first first, `replaced_by` is the next one's.
    """

    network: str
    id: int
    account: str
    sent: str
    stored: str
    shown: str
    created_at: datetime
    truncated_at: int | None = None
    deleted_at: datetime | None = None
    content: str = ""
    reply_to: int | None = None
    conversation: int | None = None
    edited_at: datetime | None = None
    earlier: tuple[int, ...] = ()
    replaced_by: int | None = None

    @property
    def stands(self) -> bool:
        """Whether people see it: neither deleted nor replaced by a later version."""
        return self.deleted_at is None and self.replaced_by is None

    @property
    def attached(self) -> dict[str, Any]:
        """`content`, read."""
        return json.loads(self.content) if self.content else {}

    @property
    def urn(self) -> str:
        """LinkedIn's name for it: mostly a share, but several files, a document or a video make it
        a ugcPost (reference/linkedin.md §1.3, recorded); nobody has shown the name of a poll."""
        attached = self.attached
        file = str(attached.get("media", {}).get("id", ""))
        is_more = "multiImage" in attached or "poll" in attached
        other = is_more or file.startswith(("urn:li:video:", "urn:li:document:"))
        return f"urn:li:{'ugcPost' if other else 'share'}:{self.id}"


@dataclass(frozen=True, slots=True)
class Window:
    """A counted stretch of calls: so many allowed, so many left, until `reset` (unix seconds)."""

    limit: int
    remaining: int
    reset: int
    exhausted: bool


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970."""
    return int(instant.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The instant, aware, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)
