"""What a post becomes after an attempt, or after a look for one whose outcome is not known: pure.

The question behind every rule is that of `bot.errors`: could it have been published?
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zlib import crc32

from bot.errors import AccountBlocked, NetworkError, NotReady, Refused, Throttled, Uncertain
from bot.model import PUBLISH, AttemptState, Post, PostState, Published
from bot.words import N_, Message

#: When a post that was certainly not sent is tried again; after the last it has failed.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))

#: A post that a network makes wait for longer is told to a person: their limits end within a day.
TELL_LATE_AFTER = timedelta(days=1)

#: A request that reached a network can be read back within this time (DESIGN §7; not documented
#: by either network): only after it does "not found" begin to mean "not published".
VISIBLE_WITHIN = timedelta(minutes=15)
FIRST_LOOK_AFTER = timedelta(minutes=1)
BETWEEN_LOOKS = timedelta(minutes=5)
LOOKS_NEEDED = 2
#: What was sent so long after now was sent while this machine's clock was wrong.
AHEAD = timedelta(days=1)

#: A look in vain says it in the very words of a restored copy, so that it adds no second notice.
LOOK_YOURSELF = Message(
    N_(
        "It may be out, and this network does not let Pavois look. Look yourself, then: "
        "pavois queue settle"
    )
)
_SENT_AHEAD = Message(
    N_(
        "It was sent while this machine's clock was ahead, and is not found on the network. Look "
        "yourself, then: pavois queue settle"
    )
)
_ABSENT = Message(N_("Looked for twice on the network, and not found there."))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to write after an attempt or a look. `attempt` is None when nothing new is known.

    `is_found`: `published` is no answer to the post's own call, but was found on the network.
    `wait_until` is when the account may be called again, if its network said so. `act` is what the
    attempt tried (`Attempt.act`).
    """

    attempt: AttemptState | None
    post: PostState
    next_try: datetime
    cause: Message | None = None
    published: Published | None = None
    status: int | None = None
    request_id: str = ""
    failures: int = 0
    looks: int = 0
    wait_until: datetime | None = None
    hold_account: bool = False
    notice: Message | None = None
    is_found: bool = False
    repeats: bool = False
    read_back_at: datetime | None = None
    act: str = PUBLISH


def accepted(published: Published, cause: Message | None = None) -> Outcome:
    """The network said that the post is out; or it was found there, and *cause* says how."""
    return Outcome(
        AttemptState.ACCEPTED,
        PostState.PUBLISHED,
        published.at,
        cause=cause,
        published=published,
        is_found=cause is not None,
        status=published.status,
        request_id=published.request_id,
    )


def failed(error: NetworkError, post: Post, now: datetime) -> Outcome:
    """The call ended in *error*."""
    match error:
        case Uncertain():
            outcome = replace(uncertain(error.message, post, now), repeats=error.repeats)
        case Refused():
            outcome = Outcome(AttemptState.REFUSED, PostState.FAILED, now, notice=error.message)
        case AccountBlocked():
            outcome = blocked(error.message, post, now)
        case Throttled():
            outcome = replace(
                put_off(error.message, post, max(error.retry_at, now)),
                wait_until=error.retry_at,
                notice=error.message if now - post.due > TELL_LATE_AFTER else None,
            )
        case NotReady():
            outcome = put_off(error.message, post, max(error.retry_at, now))
        case _:
            outcome = not_sent(error.message, post, now)
    return replace(outcome, cause=error.message, status=error.status, request_id=error.request_id)


def put_off(cause: Message, post: Post, at: datetime) -> Outcome:
    """It certainly did not go out, and that is no failure of its own: again *at*."""
    return Outcome(AttemptState.NOT_SENT, PostState.QUEUED, at, cause=cause, failures=post.failures)


def blocked(cause: Message, post: Post, now: datetime) -> Outcome:
    """The account cannot publish until a person acts: its posts wait."""
    return replace(put_off(cause, post, now), hold_account=True, notice=cause)


def not_sent(cause: Message, post: Post, now: datetime) -> Outcome:
    """It certainly did not go out: again later, or failed when the attempts are used up."""
    failures = post.failures + 1
    if failures > len(RETRY_AFTER):
        notice = Message(N_("It could not be sent in {count} attempts."), {"count": failures})
        return Outcome(AttemptState.NOT_SENT, PostState.FAILED, now, cause=cause, notice=notice)
    return Outcome(
        AttemptState.NOT_SENT,
        PostState.QUEUED,
        now + RETRY_AFTER[failures - 1] * _spread(post),
        cause=cause,
        failures=failures,
    )


def _spread(post: Post) -> float:
    """1 to 1.25, another for each post and failure: what failed together does not return together.

    No chance is in it, so that a run can be played again.
    """
    return 1 + crc32(f"{post.id} {post.failures}".encode()) / 2**34


def uncertain(cause: Message, post: Post, now: datetime) -> Outcome:
    """It may be out: a look before anything else."""
    return Outcome(
        AttemptState.UNCERTAIN,
        PostState.UNCERTAIN,
        now + FIRST_LOOK_AFTER,
        cause=cause,
        failures=post.failures,
    )


def look_again(post: Post, at: datetime, notice: Message | None = None) -> Outcome:
    """Nothing new is known of an uncertain post: the next look is *at*."""
    return Outcome(
        None, PostState.UNCERTAIN, at, failures=post.failures, looks=post.looks, notice=notice
    )


def not_found(post: Post, sent_at: datetime, now: datetime) -> Outcome:
    """A look did not find the post that was sent at *sent_at*.

    Absent is said only after two looks that both came when it must have been visible. It then
    counts as an attempt like another: one that is always refused as a repetition ends as failed.
    When it was sent by a clock that was far ahead nobody knows: a person is asked.
    """
    if sent_at > now + AHEAD:
        return _sent_ahead(post, now)
    visible_from = sent_at + VISIBLE_WITHIN
    if now < visible_from:
        return replace(look_again(post, visible_from), looks=0)
    looks = post.looks + 1
    if looks < LOOKS_NEEDED:
        return replace(look_again(post, now + BETWEEN_LOOKS), looks=looks)
    outcome = not_sent(_ABSENT, post, now)
    # A copy that was restored looks for posts whose time is still to come.
    return replace(outcome, next_try=max(outcome.next_try, post.due))


def _sent_ahead(post: Post, now: datetime) -> Outcome:
    looks = min(post.looks + 1, LOOKS_NEEDED)
    if looks < LOOKS_NEEDED:
        return replace(look_again(post, now + VISIBLE_WITHIN), looks=looks)
    return replace(look_again(post, now + timedelta(days=1), _SENT_AHEAD), looks=looks)


def is_stale(post: Post, now: datetime) -> bool:
    """Whether what *post* says has stopped being true."""
    return post.valid_until is not None and now > post.valid_until


def held(cause: Message, now: datetime) -> Outcome:
    """It does not leave until a person says so."""
    return Outcome(AttemptState.NOT_SENT, PostState.HELD, now, cause=cause, notice=cause)


def expired(now: datetime, cause: Message, attempt: AttemptState | None = None) -> Outcome:
    """It does not leave any more, and *cause* says why."""
    return Outcome(attempt, PostState.EXPIRED, now, cause=cause, notice=cause)


def repetition_of(twin: Post, now: datetime) -> Outcome:
    """The network has the same text from another post, and takes it only once."""
    cause = Message(N_("The network refuses it as a repetition of post {id}."), {"id": twin.id})
    return Outcome(AttemptState.REFUSED, PostState.FAILED, now, cause=cause, notice=cause)
