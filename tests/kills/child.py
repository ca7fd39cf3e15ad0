"""A daemon in a process of its own, which stops where it is told to and waits to be killed.

It is joined by `make_app` and does what `pavois run` does; only the store's ledger and the networks
are watched from outside, so that nothing in Pavois knows of the points.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import sqlalchemy

from bot.app import App, make_app
from bot.attached import Media
from bot.config import load_config
from bot.daemon import Daemon
from bot.db.claims import Begun, Call, Claimed
from bot.db.ledger import Ledger
from bot.db.outcomes import Ended
from bot.errors import StoreError
from bot.metrics import Metrics
from bot.model import Post, PostState, Published, RemotePost
from bot.networks.base import Finder, Network, Uploader
from tests.kills.clock import QuickClock
from tests.simulation.bugs import BUGS

T = TypeVar("T")

#: The points in the daemon, in the order in which a post comes by them.
CLAIMED = "claimed"
UPLOADING = "a file is going up"
WRITING_SENDING = "the call is being written down"
SENDING = "the call is written down, not made"
ANSWERED = "answered, not written down"
RECORDING = "the answer is being written down"
RECORDED = "the answer is written down"
LOOKING = "in the middle of a look"
LOOK_RECORDING = "a look is being written down"
POINTS = (
    CLAIMED,
    UPLOADING,
    WRITING_SENDING,
    SENDING,
    ANSWERED,
    RECORDING,
    RECORDED,
    LOOKING,
    LOOK_RECORDING,
)
#: What it says on its line before it begins.
READY = "ready"
#: The longest it sleeps, in seconds: a running daemon asks as often whether the queue has changed.
NAP = 0.1


@dataclass(frozen=True)
class Orders:
    """Where to stop ("": nowhere), and at the how-manieth time; with which deliberate *bug*, one
    of `tests.simulation.bugs` ("": none)."""

    config: Path
    origin: float
    point: str = ""
    times: int = 1
    bug: str = ""


class Stop:
    """Tells the parent that the point is reached, and stays there."""

    def __init__(self, orders: Orders, line: Connection) -> None:
        self._orders = orders
        self._line = line
        self._left = orders.times
        self._lock = threading.Lock()

    def at(self, point: str) -> None:
        if not point or point != self._orders.point:
            return
        with self._lock:
            self._left -= 1
            is_here = self._left == 0
        if is_here:
            self._line.send(point)
            # To be killed; and not to outlive a parent that was.
            self._line.poll(None)
            os._exit(1)


_writing: ContextVar[str] = ContextVar("_writing", default="")


class WatchedLedger(Ledger):
    """The ledger, and the points around its transactions and before their commits."""

    def __init__(self, ledger: Ledger, stop: Stop) -> None:
        super().__init__(ledger._engine, ledger._clock)
        self._stop = stop

    @contextmanager
    def _writing(self, *, in_turn: bool = True) -> Iterator[sqlalchemy.Connection]:
        with super()._writing(in_turn=in_turn) as connection:
            yield connection
            self._stop.at(_writing.get())

    def claim(
        self,
        *arguments: Any,
        call_of: Callable[[Post], Call | None] = lambda _post: None,
        **named: Any,
    ) -> list[Claimed]:
        def watched(post: Post) -> Call | None:
            if call := call_of(post):
                _writing.set(WRITING_SENDING)
            return call

        with _doing(""):
            claimed = super().claim(*arguments, call_of=watched, **named)
        self._at_begun([one.begun for one in claimed if one.begun])
        if any(one.begun is None for one in claimed):
            self._stop.at(CLAIMED)
        return claimed

    def about_to_send(self, calls: Sequence[Call], sender: str) -> list[Begun]:
        with _doing(WRITING_SENDING):
            begun = super().about_to_send(calls, sender)
        self._at_begun(begun)
        return begun

    def _at_begun(self, begun: Sequence[Begun]) -> None:
        if Begun.YES in begun:
            self._stop.at(SENDING)

    def record_all(self, ended: Sequence[Ended], sender: str = "") -> list[bool]:
        is_look = ended[0][0].state == PostState.UNCERTAIN
        with _doing(LOOK_RECORDING if is_look else RECORDING):
            written = super().record_all(ended, sender)
        if sender and any(written):
            self._stop.at(RECORDED)
        return written


@contextmanager
def _doing(what: str) -> Iterator[None]:
    token = _writing.set(what)
    try:
        yield
    finally:
        _writing.reset(token)


class WatchedNetwork:
    """A network that can be looked at and takes files (both can), and the points around it."""

    def __init__(self, network: Network, stop: Stop) -> None:
        assert isinstance(network, Finder)
        assert isinstance(network, Uploader)
        self._network = network
        self._finder: Finder = network
        self._uploader: Uploader = network
        self._stop = stop

    @property
    def source(self) -> str:
        return self._network.source

    @property
    def api_version(self) -> str:
        return self._network.api_version

    def publish(self, post: Post) -> Published:
        published = self._network.publish(post)
        self._stop.at(ANSWERED)
        return published

    def metrics(self, remote_ids: Sequence[str]) -> Any:
        return cast("dict[str, Metrics]", self._network.metrics(remote_ids))

    def recent(self, since: datetime) -> Sequence[RemotePost]:
        remotes = self._finder.recent(since)
        self._stop.at(LOOKING)
        return remotes

    def same_text(self, post: Post, remote: RemotePost) -> bool:
        return self._finder.same_text(post, remote)

    def upload(
        self, post: Post, opened: Callable[[Media], BinaryIO], alive: Callable[[], None]
    ) -> None:
        def alive_here() -> None:
            self._stop.at(UPLOADING)
            alive()

        self._uploader.upload(post, opened, alive_here)


def run(orders: Orders, line: Connection) -> None:
    """Be a daemon until killed, or until something comes in on *line*."""
    logging.disable()
    clock = QuickClock(orders.origin)
    stop = Stop(orders, line)
    with make_app(
        load_config(orders.config, orders.config.parent), clock=clock, environment={}
    ) as app:
        # Whoever keeps a daemon running starts it again when it cannot begin (systemd does).
        patiently(lambda: app.store)
        app.store.ledger = WatchedLedger(app.store.ledger, stop)
        _spoil(app, orders.bug)
        network_of = app.network
        app.network = lambda slug: WatchedNetwork(network_of(slug), stop)  # type: ignore[method-assign]
        daemon = Daemon(app)
        line.send(READY)
        nap = 0.0
        while not line.poll(nap):
            wake = min(daemon.send(clock.now()), daemon.settle(clock.now()))
            nap = min(NAP, max(0.0, clock.wall_seconds(wake - clock.now())))


def patiently(ask: Callable[[], T]) -> T:
    """The answer of a store that may just be busy, or its server starting again."""
    for _again in range(100):
        with suppress(StoreError):
            return ask()
        time.sleep(NAP)
    return ask()


def _spoil(app: App, bug: str) -> None:
    """Give *app* the publisher and the settler with that bug."""
    if bug:
        app.publisher.__class__ = BUGS[bug].publisher
        app.settler.__class__ = BUGS[bug].settler
