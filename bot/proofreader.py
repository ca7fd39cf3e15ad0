"""Reads back what went out, some minutes later, and tells a person where it is not as approved.

One look a time and account: networks charge for what is read, or count the calls of a day.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby

from bot.errors import OWN_FAULT, ConfigError, NetworkError, Spent, StoreError, Throttled
from bot.model import Post, RemotePost
from bot.networks.base import Finder
from bot.purse import Reader
from bot.read_back import CLOCKS_DIFFER, differences, read_again_at
from bot.words import N_, Message

log = logging.getLogger(__name__)


class Proofreader(Reader):
    """Reads the accounts of one campaign back."""

    def read_due(
        self, stopping: Callable[[], bool] = lambda: False
    ) -> list[tuple[Post, tuple[Message, ...]]]:
        """Read back each post whose time has come: those of which it is known now how they are
        shown, each with what is otherwise there than approved.

        What was left in the middle of a correction or a deletion is told too. *stopping* is asked
        between two accounts. A network that fails delays its own posts only.
        """
        self._store.deeds.give_up(self._campaign.slug)
        read: list[tuple[Post, tuple[Message, ...]]] = []
        due = self._store.proofs.due(self._campaign.slug)
        for account, group in groupby(due, key=lambda post: post.account):
            if stopping():
                break
            read += self._read(account, list(group))
        return read

    def next_at(self) -> datetime | None:
        """When there is something to read back next; None: nothing waits for it."""
        slug = self._campaign.slug
        moments = (self._store.proofs.next_at(slug), self._store.deeds.next_at(slug))
        return min((moment for moment in moments if moment), default=None)

    def _read(self, account: str, posts: list[Post]) -> list[tuple[Post, tuple[Message, ...]]]:
        """Read *posts* of *account* back, in one look."""
        try:
            network = self._network_of(account)
            if not isinstance(network, Finder):
                self._leave(posts)
                return []
            published = min(post.published_at or post.due for post in posts)
            shown = self._purse.look(network, published - CLOCKS_DIFFER, posts)
            return [one for post in posts if (one := self._compared(network, post, shown))]
        except StoreError:
            raise
        except Spent as error:
            log.info("account %s is read back later: %s", account, error)
            for post in posts:
                self._store.proofs.put_off(post, error.retry_at)
        except (NetworkError, ConfigError) as error:
            log.warning("account %s could not be read back: %s", account, error)
            self._put_off(posts, error.message, error)
        except Exception:
            log.exception("account %s: a fault of Pavois itself", account)
            self._put_off(posts, OWN_FAULT)
        return []

    def _leave(self, posts: Sequence[Post]) -> None:
        """A network that shows an account nothing: there is nothing to read."""
        for post in posts:
            self._store.proofs.done(post)

    def _compared(
        self, network: Finder, post: Post, shown: Sequence[RemotePost]
    ) -> tuple[Post, tuple[Message, ...]] | None:
        """What is otherwise in *shown* than in *post*; None: it is not there yet."""
        remote = next((one for one in shown if one.remote_id == post.remote_id), None)
        again = read_again_at(post.looks + 1, self._clock.now())
        if remote is None and again:
            self._store.proofs.later(post, again)
            return None
        same = remote is not None and network.same_text(post, remote)
        said = differences(post, remote, self._campaign.hashtag, same_text=same)
        self._store.proofs.done(post, said)
        for message in said:
            log.warning("post %s: %s", post.id, message)
        return post, said

    def _put_off(self, posts: Sequence[Post], why: Message, error: object = None) -> None:
        """*posts* could not be read: again later, and then no more, which a person is told."""
        now = self._clock.now()
        for post in posts:
            again = read_again_at(post.looks + 1, now)
            if again is None:
                said = Message(N_("It could not be read back: {why}"), {"why": why})
                self._store.proofs.done(post, [said])
            else:
                earliest = error.retry_at if isinstance(error, Throttled) else again
                self._store.proofs.later(post, max(again, earliest))
