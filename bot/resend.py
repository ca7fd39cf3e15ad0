"""Whether a post is sent once more although it may be out, and what becomes of it then: pure.

Only where nobody can look (a person on LinkedIn) and the account opted in. It relies on one thing:
within some ten minutes LinkedIn refuses the very same text and names the post that is out
(reference/linkedin.md §1.8). One resend for each call whose outcome is not known; whatever it does
not make certain is a person's to settle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.model import PUBLISH, RESEND, Attempt, AttemptState, Post, PostState, Published
from bot.outcome import Outcome, accepted
from bot.words import N_, Message

#: The call whose answer was lost may be under way for so long (reference/linkedin.md §1.8).
NOT_BEFORE = timedelta(seconds=30)
#: The resend itself may be so long on its way, and "about ten minutes" a little less.
ON_ITS_WAY = timedelta(minutes=1)

_NAMED = Message(N_("It was out: sent once more, the network refused it and named the first one."))
_ANOTHERS = Message(N_("The network named a post that is another one's already."))


@dataclass(frozen=True, slots=True)
class Chance:
    """What was sent at `sent_at` may be sent once more until `until`."""

    sent_at: datetime
    until: datetime


def chance_of(
    post: Post, lines: Sequence[Attempt], within: timedelta, now: datetime
) -> Chance | None:
    """Whether *post*, whose ledger is *lines*, may be sent once more *now*.

    The network knows a repetition *within* that time after the call. Not what was sent once more
    already, what it refused as a repetition, or what a backup's restoring has as sent. Nothing
    with files either: another process must send them anew, under other names, and nobody knows
    whether the network takes the post for the same then.
    """
    tried = [line for line in lines if line.number == post.attempts]
    sent = next((line for line in tried if line.state == AttemptState.SENDING), None)
    if (
        sent is None
        or sent.cause
        or post.attached.files
        or tried[-1].repeats
        or tried[-1].state != AttemptState.UNCERTAIN
        or any(line.act != PUBLISH for line in tried)
    ):
        return None
    chance = Chance(sent.at, sent.at + within - ON_ITS_WAY)
    return chance if sent.at + NOT_BEFORE <= now < chance.until else None


def named(published: Published) -> Outcome:
    """The network refused it as a repetition of *published*: that is what was sent before, unless
    it turns out to be another post's."""
    return replace(accepted(published, _NAMED), act=RESEND)


def in_doubt(outcome: Outcome, post: Post, now: datetime) -> Outcome:
    """The resend ended in *outcome*, which does not say what became of the call before.

    The post is uncertain as before, and a person is told. What *outcome* says of the account
    (held, told to wait) stays true.
    """
    return replace(
        outcome,
        attempt=AttemptState.UNCERTAIN,
        post=PostState.UNCERTAIN,
        next_try=now,
        cause=_ANOTHERS if outcome.published else outcome.cause,
        published=None,
        is_found=False,
        failures=post.failures,
        looks=0,
        notice=outcome.notice if outcome.hold_account else None,
        act=RESEND,
    )
