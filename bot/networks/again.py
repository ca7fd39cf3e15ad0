"""When a call is made again: by itself a moment later, or at the instant that an answer names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from bot.clock import Clock
from bot.errors import NotReady, NotSent, Throttled

if TYPE_CHECKING:
    import requests

Result = TypeVar("Result")

#: How often a call that only reads is made in all, and after how many seconds again.
TRIES = 3
PAUSE = (0.5, 2.0)
#: Seconds: what has taken longer is not made again. Somebody waits for it, and so may a lease.
PATIENCE = 10.0

#: A network's word when to come back is bounded: its clock and this machine's need not agree.
SOONEST = timedelta(minutes=1)
LATEST = timedelta(hours=25)


def repeated(call: Callable[[], Result], clock: Clock) -> Result:
    """What *call*, which only reads, gives; made again while the network is out of order.

    Not when it asks to wait, and never for what publishes: that is for the publisher to decide.
    """
    # Whoever reads nothing does not wait for it to be imported.
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay
    from tenacity.wait import wait_random

    tries = Retrying(
        retry=retry_if_exception(_may_pass),
        stop=stop_after_attempt(TRIES) | stop_after_delay(PATIENCE),
        wait=wait_random(*PAUSE),
        sleep=lambda seconds: clock.wait(timedelta(seconds=seconds)),
        reraise=True,
    )
    return tries(call)


def _may_pass(error: BaseException) -> bool:
    """No answer, or one of a server out of order: anything else would be said again."""
    if not isinstance(error, NotSent) or isinstance(error, Throttled | NotReady):
        return False
    return error.status is None or error.status >= 500


def retry_after(response: requests.Response, now: datetime) -> datetime | None:
    """When the header `Retry-After` says to come back: after seconds, or at a date (RFC 9110).

    Neither network sends one; the gateways and proxies before them do. None: it says nothing.
    """
    said = response.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return bounded(now + timedelta(seconds=min(int(said[:9]), LATEST.total_seconds())), now)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return bounded(at if at.tzinfo else at.replace(tzinfo=UTC), now)


def bounded(at: datetime, now: datetime) -> datetime:
    """*at* as it may be believed."""
    return min(max(at, now + SOONEST), now + LATEST)
