"""What X lets be corrected: an edit is a new version of a post, with a number of its own.

Sources: X changelog 2025-10-03 (`edit_options` of POST /2/tweets: Premium, own posts, within the
hour) and X docs "Edit Posts" (thirty minutes, five edits, no polls). Of the two times the longer is
taken: within it, X decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from bot.errors import Refused, Throttled, Uncertain
from bot.model import Post
from bot.words import N_, Message

EDITABLE_FOR = timedelta(hours=1)

RULE = Message(
    N_(
        "X lets accounts with Premium change a post within an hour of its publication, at most "
        "five times. Everybody can read what it said before."
    )
)
_TOO_LATE = Message(N_("X lets a post be changed within an hour of its publication only."))
_HAS_POLL = Message(N_("X lets no post with a poll be changed."))
_HAS_FILES = Message(N_("A change on X would take the files of this post away from it."))


def hindrance(post: Post, now: datetime) -> Message | None:
    """Why X will certainly not let *post* be changed as it should be."""
    if post.attached.poll:
        return _HAS_POLL
    if post.attached.media:
        # An edit is made like a post: of its files, X would have to be given the ids again.
        return _HAS_FILES
    if post.published_at and now - post.published_at > EDITABLE_FOR:
        return _TOO_LATE
    return None


def body_of(post: Post, text: str) -> dict[str, Any]:
    """The body of the edit that gives *post* the text *text*: that of the post, otherwise."""
    body: dict[str, Any] = {"text": text, "edit_options": {"previous_post_id": post.remote_id}}
    if post.reply_to:
        body["reply"] = {"in_reply_to_tweet_id": post.reply_to}
    return body


@contextmanager
def told_of_the_edit() -> Iterator[None]:
    """What X answers to an edit, in words for it.

    X has no words of its own for an account that may not edit (none are public): its 403 for
    whatever an account may not do is taken for that, and no waiting helps.
    """
    try:
        yield
    except Throttled as error:
        if error.status != 403:
            raise
        raise Refused(
            N_(
                "X does not let this account change this post: without Premium, after its time or "
                "after five changes it does not."
            ),
            status=error.status,
            request_id=error.request_id,
        ) from None
    except Uncertain as error:
        raise Uncertain(
            N_("X did not say whether it changed the post: it may have."),
            status=error.status,
            request_id=error.request_id,
        ) from None
