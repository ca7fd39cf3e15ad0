"""What becomes of a post that is late — an outage, a stop, a laptop that slept: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model import Campaign, Post
from bot.outcome import is_stale
from bot.words import N_, Message


class Verdict(StrEnum):
    """What is to be done with a post now; the values are what `late` of a kind may be."""

    GO = "send"
    ASK = "ask"
    DROP = "drop"


def verdict(post: Post, campaign: Campaign, now: datetime) -> Verdict:
    """Whether *post*, which is due, still goes out by itself, waits for a person, or is dropped.

    What has stopped being true is dropped. What is late is as its kind says; a post that a person
    released is late only when that, too, was long ago. A kind that is no more asks. What follows in
    a thread goes when its turn comes: what has begun is not broken off because it is late.
    """
    if is_stale(post, now):
        return Verdict.DROP
    if post.part or now - max(post.due, post.released_at or post.due) <= campaign.late_after:
        return Verdict.GO
    kind = campaign.kinds.get(post.kind)
    return Verdict(kind.late) if kind else Verdict.ASK


def verdicts(posts: Sequence[Post], campaign: Campaign, now: datetime) -> dict[int, Verdict]:
    """The verdict on each of *posts* that is due; what follows one of them in its thread, and could
    go, shares its lot."""
    due = [post for post in posts if post.due <= now]
    heads = {_thread(post): verdict(post, campaign, now) for post in due if not post.part}
    judged = {}
    for post in due:
        own = verdict(post, campaign, now)
        judged[post.id] = heads.get(_thread(post), own) if own is Verdict.GO else own
    return judged


def why_asked(post: Post, campaign: Campaign) -> Message:
    """What a person is told of a late post that waits for her."""
    return Message(
        N_(
            "It is late: it was due more than {hours} h ago. To send it all the same: pavois queue "
            "retry {id}; or cancel it: pavois queue cancel {id}"
        ),
        {"hours": _hours(campaign.late_after), "id": post.id},
    )


def why_dropped(post: Post, campaign: Campaign, now: datetime) -> Message:
    """What a person is told of a post that does not go out any more."""
    if is_stale(post, now):
        return Message(N_("What it says had stopped being true before it could go out."))
    return Message(
        N_("It was due more than {hours} h ago, and its kind is not sent late: it was dropped."),
        {"hours": _hours(campaign.late_after)},
    )


def _thread(post: Post) -> tuple[str, str, str]:
    return post.announcement, post.account, post.language


def _hours(span: timedelta) -> int:
    return int(span.total_seconds() // 3600)
