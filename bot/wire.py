"""The way of a post to the wire, whoever sends it: the last check, its price, the one call."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.compose.marks import mark_faults
from bot.compose.rules import Rules
from bot.errors import OWN_FAULT, NetworkError
from bot.lateness import Verdict, verdict, why_asked, why_dropped
from bot.model import AttemptState, Campaign, Post
from bot.networks.base import Finder, Network
from bot.outcome import Outcome, accepted, expired, held, is_stale, put_off, uncertain
from bot.read_back import READ_BACK_AFTER
from bot.words import N_, Message

log = logging.getLogger(__name__)

#: When a post is tried again that was not sent for reasons of this machine.
A_MOMENT = timedelta(minutes=1)

ALL_STOPPED = Message(N_("All sending was stopped before it went out."))
_TOO_LATE = Message(N_("This machine was asleep or too busy: it was not sent in time."))
_PICTURE_EXPIRED = Message(
    N_(
        "A picture of it may not be shown any more: its consent or licence has ended. Cancel it, "
        "and write it anew with another picture."
    )
)


def sender_name() -> str:
    """A name for who sends, another for each process and each time it is asked for."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def last_check(post: Post, campaign: Campaign, rules: Rules, now: datetime) -> Outcome | None:
    """What is stale or lacks its mark does not leave: what becomes of it; None: it may go."""
    if is_stale(post, now) or not post.part:
        # A thread that has begun is not broken off because it is late.
        match verdict(post, campaign, now):
            case Verdict.DROP:
                return expired(now, why_dropped(post, campaign, now), AttemptState.NOT_SENT)
            case Verdict.ASK:
                return held(why_asked(post, campaign), now)
    faults = mark_faults(post.text, campaign.hashtag, campaign.countries, rules)
    if faults:
        cause = Message(
            N_("It may not leave: {fault}. Cancel it, and write it anew under another name."),
            {"fault": faults[0]},
        )
        return held(cause, now)
    today = now.astimezone(ZoneInfo(campaign.zone)).date()
    if any(one.expires and one.expires < today for one in post.attached.files):
        return held(_PICTURE_EXPIRED, now)
    return None


def price_of(post: Post, rules: Rules) -> int | None:
    """What publishing *post* costs, in millionths of a dollar; None: nothing."""
    alt_texts = sum(bool(file.alt) for file in post.attached.media)
    price = rules.price(post.text, alt_texts=alt_texts)
    return None if price is None else int(price * 1_000_000)


def call(
    network: Network,
    post: Post,
    deadline: float,
    clock: Clock,
    after: Callable[[NetworkError, Post], Outcome],
) -> Outcome:
    """Make the one call that may publish *post*, unless *deadline* (monotonic) has come.

    What came of it; *after* says what of a call that ended in an error.
    """
    if clock.monotonic() >= deadline:
        return put_off(_TOO_LATE, post, clock.now() + A_MOMENT)
    try:
        published = network.publish(post)
    except NetworkError as error:
        return after(error, post)
    except Exception:
        # Of a fault of our own nobody can say what the network did with the call.
        log.exception("post %s: a fault of Pavois itself", post.id)
        return uncertain(OWN_FAULT, post, clock.now())
    outcome = accepted(published)
    if isinstance(network, Finder):
        outcome = replace(outcome, read_back_at=published.at + READ_BACK_AFTER)
    return outcome
