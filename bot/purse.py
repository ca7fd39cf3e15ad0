"""What is paid for besides publishing: counted against the month's budget before it is called for.

Networks take nothing for what they refuse. A budget never keeps anybody from looking for what may
be out, nor from taking back what is: that is counted all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from bot.allowance import KEPT
from bot.clock import Clock, next_day, spread
from bot.db.money import budget_of
from bot.db.store import Store
from bot.errors import NetworkError, NoAnswer, RefusedCommand, Spent, StoreError
from bot.metrics import Metrics
from bot.model import Campaign, Post, RemotePost
from bot.networks.base import Charges, Finder, Network
from bot.pace import Limits
from bot.words import N_, Message, spoken

log = logging.getLogger(__name__)

T = TypeVar("T")

#: In the words of config.toml: the person who is told can change it there.
_NOTHING_LEFT = N_(
    "Of this month's budget (networks.{network}.budget in config.toml), what is left is kept for "
    "publishing: what is out is not read back, and no figures are read, until the next month "
    "begins or the budget is raised."
)


def _free(_network: str) -> Charges:
    return Charges()


def _no_limits(_account: str) -> Limits:
    return Limits()


@dataclass(frozen=True, slots=True)
class Purse:
    """Counts what accounts read, and knows what may still be spent.

    *charges_of* gives what a network takes, *limits_of* what an account may do.
    """

    store: Store
    clock: Clock
    charges_of: Callable[[str], Charges] = _free
    limits_of: Callable[[str], Limits] = _no_limits

    def look(self, finder: Finder, since: datetime, posts: Sequence[Post]) -> Sequence[RemotePost]:
        """What *finder* shows since *since*, to find *posts* of one account there.

        Raises Spent when what is left of the budget is kept for publishing: no call is made.
        """
        return self._paid(posts[0], [post.remote_id for post in posts], _looked(finder, since))

    def look_anyway(self, finder: Finder, since: datetime, post: Post) -> Sequence[RemotePost]:
        """The same for a post that may be out, whatever is left of the budget."""
        return self._paid(post, None, _looked(finder, since))

    def metrics(
        self, network: Network, names: Sequence[str], posts: Sequence[Post]
    ) -> Mapping[str, Metrics]:
        """The metrics of *names*, which are *posts* of one account. Raises Spent."""

        def measured() -> tuple[Mapping[str, Metrics], Iterable[str]]:
            found = network.metrics(names)
            return found, found

        return self._paid(posts[0], names, measured)

    def deletion(self, post: Post) -> int:
        """What it costs to delete *post*, in millionths of a dollar."""
        return millionths(self.charges_of(post.network).delete)

    def budget(self, post: Post) -> int | None:
        """This month's budget of the network of *post*, in millionths; None: there is none."""
        return self.limits_of(post.account).budget

    def require(self, post: Post, price: int) -> None:
        """Raises RefusedCommand when *price* is more than is left of this month's budget."""
        budget = self.budget(post)
        if budget is None:
            return
        left = budget - self.store.calls.spent(post.network, self.clock.now().date())
        if price > left:
            raise RefusedCommand(
                N_(
                    "That costs {price}, and of this month's budget (networks.{network}.budget in "
                    "config.toml) {left} is left. Raise it, or wait until the next month begins. "
                    "To take the post back, whatever is left: pavois delete {id}"
                ),
                price=_dollars(price),
                network=post.network,
                left=_dollars(max(0, left)),
                id=post.id,
            )

    def _paid(
        self,
        post: Post,
        names: Collection[str] | None,
        call: Callable[[], tuple[T, Iterable[str]]],
    ) -> T:
        """What *call* gives, which tells what was read for it.

        *names* are expected to be read, for an account like that of *post*; None: nobody knows
        which, and no budget stops it.
        """
        price = millionths(self.charges_of(post.network).read)
        if not price:
            answer, _read = call()
            return answer
        at = self.clock.now()
        reserved = frozenset[str]() if names is None else self._reserved(post, names, price)
        try:
            answer, read = call()
        except NoAnswer:
            raise  # the network may have answered, and taken its price
        except NetworkError:
            self._settle(post, at, price, reserved, frozenset())
            raise
        self._settle(post, at, price, reserved, frozenset(read))
        return answer

    def _reserved(self, post: Post, names: Collection[str], price: int) -> frozenset[str]:
        """Those of *names* that cost something today. Raises Spent, of which a person is told."""
        budget = self.budget(post)
        most = None if budget is None else budget - -(-budget // KEPT)
        reserved = self.store.money.reserve_reads(post.network, names, price, most)
        if reserved is None:
            why = Message(_NOTHING_LEFT, {"network": post.network})
            self.store.journal.notify(budget_of(post.network), why)
            # Tomorrow, not next month: a person may raise it.
            until = spread(next_day(self.clock.now()))
            raise Spent(why.text, retry_at=until, network=post.network)
        return reserved

    def _settle(
        self, post: Post, at: datetime, price: int, reserved: frozenset[str], read: frozenset[str]
    ) -> None:
        """Count what was really read. What was learned is worth more than its price."""
        try:
            self.store.money.settle_reads(post.network, at, price, reserved, read)
        except StoreError as error:
            log.warning("%s: what was read could not be counted: %s", post.account, error)


class Reader:
    """Reads what networks show of the accounts of one campaign."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: Clock,
        network_of: Callable[[str], Network],
        purse: Purse,
    ) -> None:
        """*network_of* gives the connected network of an account, *purse* pays for reading it."""
        self._campaign = campaign
        self._store = store
        self._clock = clock
        self._network_of = network_of
        self._purse = purse


def millionths(dollars: Decimal | None) -> int:
    """An amount as it is counted; nothing costs nothing."""
    return int((dollars or 0) * 1_000_000)


def _dollars(amount: int) -> str:
    """An amount as people of the reader's language write it."""
    from bot.preview.page import in_dollars

    return in_dollars(Decimal(amount) / 1_000_000, spoken())


def _looked(
    finder: Finder, since: datetime
) -> Callable[[], tuple[Sequence[RemotePost], Iterable[str]]]:
    def looked() -> tuple[Sequence[RemotePost], Iterable[str]]:
        shown = finder.recent(since)
        return shown, [remote.remote_id for remote in shown]

    return looked
