"""The way of a post to the wire, whoever sends it: its price, and the one call."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.clock import Clock
from bot.compose.rules import Rules
from bot.db.claims import Call
from bot.errors import OWN_FAULT, NetworkError
from bot.model import PUBLISH, Post
from bot.networks.base import Finder, Network
from bot.outcome import Outcome, accepted, put_off, uncertain
from bot.pace import Limits
from bot.read_back import READ_BACK_AFTER
from bot.words import N_, Message

log = logging.getLogger(__name__)

#: When a post is tried again that was not sent for reasons of this machine.
A_MOMENT = timedelta(minutes=1)

ALL_STOPPED = Message(N_("All sending was stopped before it went out."))
_TOO_LATE = Message(N_("This machine was asleep or too busy: it was not sent in time."))


def sender_name() -> str:
    """A name for who sends, another for each process and each time it is asked for."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def priced(post: Post, rules: Rules, limits: Limits, act: str = PUBLISH) -> Call:
    """The call that publishes *post*, and what it costs."""
    alt_texts = sum(bool(file.alt) for file in post.attached.media)
    price = rules.price(post.text, alt_texts=alt_texts)
    return Call(post, None if price is None else int(price * 1_000_000), limits.budget, act)


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
