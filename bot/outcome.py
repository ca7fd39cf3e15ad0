"""What a post becomes after an attempt, or after a look for one whose outcome is not known: pure.

The question behind every rule is that of `bot.errors`: could it have been published?
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import AccountBlocked, NetworkError, Refused, Throttled, Uncertain
from bot.model import AttemptState, Post, PostState, Published
from bot.words import N_, Message

#: When a post that was certainly not sent is tried again; after the last it has failed.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))

#: A request that reached a network can be read back within this time (DESIGN §7; not documented
#: by either network): only after it does "not found" begin to mean "not published".
VISIBLE_WITHIN = timedelta(minutes=15)
FIRST_LOOK_AFTER = timedelta(minutes=1)
BETWEEN_LOOKS = timedelta(minutes=5)
LOOKS_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to write after an attempt or a look. `attempt` is None when nothing new is known."""

    attempt: AttemptState | None
    post: PostState
    next_try: datetime
    cause: Message | None = None
    published: Published | None = None
    status: int | None = None
    request_id: str = ""
    looks: int = 0
    hold_account: bool = False
    notice: Message | None = None


def accepted(published: Published, cause: Message | None = None) -> Outcome:
    """The network said that the post is out, or it was found there."""
    return Outcome(
        AttemptState.ACCEPTED,
        PostState.PUBLISHED,
        published.at,
        cause=cause,
        published=published,
        status=published.status,
        request_id=published.request_id,
    )


def failed(error: NetworkError, post: Post, now: datetime) -> Outcome:
    """The call ended in *error*. `post.attempts` counts the attempt that just ended."""
    match error:
        case Uncertain():
            outcome = uncertain(error.message, now)
        case Refused():
            outcome = Outcome(AttemptState.REFUSED, PostState.FAILED, now, notice=error.message)
        case AccountBlocked():
            outcome = Outcome(
                AttemptState.NOT_SENT,
                PostState.QUEUED,
                now,
                hold_account=True,
                notice=error.message,
            )
        case Throttled():
            outcome = Outcome(AttemptState.NOT_SENT, PostState.QUEUED, max(error.retry_at, now))
        case _:
            outcome = not_sent(error.message, post, now)
    return replace(outcome, cause=error.message, status=error.status, request_id=error.request_id)


def not_sent(cause: Message, post: Post, now: datetime) -> Outcome:
    """It certainly did not go out: again later, or failed when the attempts are used up."""
    if post.attempts > len(RETRY_AFTER):
        return Outcome(
            AttemptState.NOT_SENT,
            PostState.FAILED,
            now,
            cause=cause,
            notice=Message(
                N_("It could not be sent in {count} attempts."), {"count": post.attempts}
            ),
        )
    wait = RETRY_AFTER[max(post.attempts - 1, 0)]
    return Outcome(AttemptState.NOT_SENT, PostState.QUEUED, now + wait, cause=cause)


def uncertain(cause: Message, now: datetime) -> Outcome:
    """It may be out: a look before anything else."""
    return Outcome(AttemptState.UNCERTAIN, PostState.UNCERTAIN, now + FIRST_LOOK_AFTER, cause=cause)


def not_found(post: Post, sent_at: datetime, now: datetime) -> Outcome:
    """A look did not find the post that was sent at *sent_at*.

    Absent is said only after two looks that both came when it must have been visible. It then
    counts as an attempt like another: one that is always refused as a repetition ends as failed.
    """
    visible_from = sent_at + VISIBLE_WITHIN
    if now < visible_from:
        return Outcome(None, PostState.UNCERTAIN, visible_from, looks=0)
    looks = post.looks + 1
    if looks < LOOKS_NEEDED:
        return Outcome(None, PostState.UNCERTAIN, now + BETWEEN_LOOKS, looks=looks)
    return not_sent(Message(N_("Looked for twice on the network, and not found there.")), post, now)


def is_stale(post: Post, now: datetime) -> bool:
    """Whether what *post* says has stopped being true."""
    return post.valid_until is not None and now > post.valid_until
