"""Pavois' own side: all that the benchmark asks of it is asked here.

    ours drain FOLDER ACCOUNTS [--url URL] [--slow SECONDS] [--record FILE] [--say-when]
    ours late FOLDER START SECONDS POSTS
    ours looks FOLDER

Each works on the database that `filled` left in FOLDER.
"""

from __future__ import annotations

import argparse
import os
import pickle
import signal
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from sqlalchemy import insert

from benchmarks.publishing.child import tell
from benchmarks.publishing.recorder import Statement, recording
from bot import daemon
from bot.app import App
from bot.campaigns import load_campaign
from bot.clock import Clock, RehearsalClock, SystemClock
from bot.config import Config, load_config
from bot.db.engine import open_engine
from bot.db.tables import accounts, announcements, posts
from bot.metrics import Metrics
from bot.model import Account, AccountState, Announcement, Campaign, Post, PostState, Published
from bot.networks import NETWORKS
from bot.networks.http import make_session
from bot.pace import Limits
from bot.publisher import Publisher

#: Where the clock of `looks` begins: so late that nothing of it is due by the machine's own.
START = datetime(2099, 12, 1, 12, tzinfo=UTC)
#: When the posts that only wait are due.
FAR = datetime(2100, 1, 1, tzinfo=UTC)
TEXT = "Announcement {index}: Tours and Suncheon #KoreaFranceLocalCooperation 🇫🇷🇰🇷"


# ── the seam: what is called of the engine


def publish_all(publisher: Publisher) -> int:
    """Send all that is due; how many went out."""
    return sum(state == PostState.PUBLISHED for _post, state in publisher.publish_due())


def app_on(config: Config, campaign: Campaign, clock: Clock, networks: Mapping[str, Net]) -> App:
    """Pavois on *campaign*, joined to *networks* by account instead of to the world."""
    app = App(config, clock, {})
    # Posts wait in the database from one measurement to the next: they are not to be late.
    app.campaign = replace(campaign, late_after=timedelta(days=365))
    # Put in the place of the method that connects to the world.
    app.network = networks.__getitem__  # type: ignore[method-assign, assignment]
    app.limits = _no_limits  # type: ignore[method-assign]
    return app


def _no_limits(slug: str) -> Limits:
    """None for *slug*, as for any other."""
    return Limits()


# ── the world that it is put into


class Net:
    """A network inside the process that answers at once, and notes when each post came."""

    source = "benchmark"
    api_version = ""
    names = count(1)

    def __init__(self) -> None:
        self.came: list[tuple[int, float]] = []

    def publish(self, post: Post) -> Published:
        self.came.append((post.id, time.time()))
        return Published(self.call(post), "", datetime.now(UTC))

    def call(self, post: Post) -> str:
        return str(next(self.names))

    def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, Metrics]:
        return {}


class HttpNet(Net):
    """A network that is asked through requests, with Pavois' own Session."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._session = make_session(loopback_only=True)

    def call(self, post: Post) -> str:
        answer = self._session.post(self._url, json={"text": post.text})
        answer.raise_for_status()
        return str(answer.json()["id"])


class SlowNet(Net):
    """A network that takes its time for each post."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def call(self, post: Post) -> str:
        time.sleep(self._seconds)
        return super().call(post)


class LastTells(Net):
    """Ends the daemon when the last post is out."""

    def __init__(self, down: Callable[[], bool]) -> None:
        super().__init__()
        self._down = down

    def call(self, post: Post) -> str:
        if self._down():
            os.kill(os.getpid(), signal.SIGTERM)
        return super().call(post)


def configured(folder: Path) -> Config:
    return load_config(None, folder)


def database(folder: Path) -> Path:
    """Where Pavois keeps its tables, when it runs in *folder*."""
    return Path(configured(folder).database_url.removeprefix("sqlite:///"))


def campaign_of(speakers: int) -> Campaign:
    """A campaign of *speakers* accounts."""
    shipped = load_campaign(configured(Path()).campaign, NETWORKS)
    slugs = [f"account-{number}" for number in range(speakers)]
    return replace(
        shipped,
        slug="benchmark",
        accounts={slug: Account(slug, "x", slug, "", ("en",), "UTC", ()) for slug in slugs},
    )


def filled(folder: Path, campaign: Campaign, dues: Sequence[datetime]) -> None:
    """A database in *folder* with a post for each of *dues*, over the accounts in turn.

    Written at once: how long queueing takes is not asked here.
    """
    engine = open_engine(configured(folder).database_url)
    with engine.begin() as connection:
        connection.execute(insert(accounts), list(_account_rows(campaign)))
        speakers = len(campaign.accounts)
        for number in range(-(-len(dues) // speakers)):
            connection.execute(insert(announcements), [_announcement_row(campaign, number + 1)])
            of_it = dues[number * speakers : (number + 1) * speakers]
            connection.execute(insert(posts), list(_post_rows(campaign, number + 1, of_it)))
    engine.dispose()


def _account_rows(campaign: Campaign) -> Iterator[dict[str, object]]:
    for slug in campaign.accounts:
        yield {"slug": slug, "state": AccountState.READY, "since": START}


def _announcement_row(campaign: Campaign, number: int) -> dict[str, object]:
    said = Announcement(
        slug=f"announcement-{number}",
        campaign=campaign.slug,
        kind="news",
        facts={},
        texts={},
        partners=(),
        link="",
        at=None,
        valid_until=None,
    )
    return {
        "id": number,
        "campaign": said.campaign,
        "slug": said.slug,
        "kind": said.kind,
        "content": said.content(),
        "queued_at": START,
    }


def _post_rows(
    campaign: Campaign, number: int, dues: Sequence[datetime]
) -> Iterator[dict[str, object]]:
    for account, due in zip(campaign.accounts.values(), dues, strict=False):
        yield {
            "announcement_id": number,
            "account": account.slug,
            "network": account.network,
            "language": "en",
            "text": TEXT.format(index=number),
            "due": due,
            "state": "queued",
            "next_try": due,
        }


# ── what is measured


def drain(chosen: argparse.Namespace) -> None:
    """All that is due, in one go: the process of `publish_due` alone.

    With one slow account, what is measured is how long the posts of the others take.
    """
    campaign = campaign_of(chosen.speakers)
    nets: dict[str, Net] = {
        slug: HttpNet(chosen.url) if chosen.url else Net() for slug in campaign.accounts
    }
    if chosen.slow:
        nets["account-0"] = SlowNet(chosen.slow)
    with app_on(configured(chosen.folder), campaign, SystemClock(), nets) as app:
        publisher = app.publisher
        if chosen.say_when:
            print("ready", flush=True)
        recorder: AbstractContextManager[list[list[Statement]]] = (
            recording() if chosen.record else nullcontext(list[list[Statement]]())
        )
        with recorder as groups:
            began = time.time()
            done = publish_all(publisher)
            ended = time.time()
        if left := len(app.store.queue.posts(campaign.slug)) - done:
            raise AssertionError(f"{left} posts did not go out")
    _require_order(nets, done)
    if chosen.record:
        Path(chosen.record).write_bytes(pickle.dumps(groups))
    if chosen.slow:
        slow = nets.pop("account-0")
        done -= len(slow.came)
        ended = max(at for net in nets.values() for _post, at in net.came)
    tell(seconds=ended - began, posts=done)


def late(chosen: argparse.Namespace) -> None:
    """A whole daemon, whose network notes when each post came."""
    from benchmarks.publishing import work

    dues = work.spread(chosen.start, chosen.seconds, chosen.posts)
    campaign = campaign_of(min(chosen.posts, 100))
    left = work.Countdown(chosen.posts)
    nets = {slug: LastTells(left.down) for slug in campaign.accounts}
    filled(chosen.folder, campaign, [datetime.fromtimestamp(due, UTC) for due in dues])
    with app_on(configured(chosen.folder), campaign, SystemClock(), nets) as app:
        daemon.run(app)
    sent = dict(came for net in nets.values() for came in net.came)
    tell(**work.late(dues, [sent[post] for post in sorted(sent)]))


def looks(chosen: argparse.Namespace) -> None:
    """A look when nothing is due, a whole tick then, and the one post that is due among others.

    In milliseconds, each the median of as many as there are posts that fall due.
    """
    config = configured(chosen.folder)
    campaign = load_campaign(config.campaign, NETWORKS)
    clock = RehearsalClock(START)
    nets = {slug: Net() for slug in campaign.accounts}
    with app_on(config, campaign, clock, nets) as app:
        ticking = daemon.Daemon(app)
        ticking.tick(clock.now())
        taken: dict[str, list[float]] = {"look": [], "tick": [], "one_due": []}
        for _post in range(DUE_AMONG):
            taken["look"].append(_milliseconds(lambda: publish_all(app.publisher)))
            taken["tick"].append(_milliseconds(lambda: ticking.tick(clock.now())))
            clock.wait(timedelta(minutes=1))
            taken["one_due"].append(_milliseconds(lambda: publish_all(app.publisher)))
    sent = sum(len(net.came) for net in nets.values())
    if sent != DUE_AMONG:
        raise AssertionError(f"{sent} of {DUE_AMONG} posts went out")
    tell(**{name: statistics.median(times) for name, times in taken.items()})


#: How many posts fall due, a minute apart, among those that `queued_up` puts far in the future.
DUE_AMONG = 20


def queued_up(folder: Path, waiting: int) -> None:
    """A database of the shipped campaign for `looks` and for `pavois run`."""
    soon = [START + timedelta(minutes=minute + 1) for minute in range(DUE_AMONG)]
    far = islice((FAR + timedelta(minutes=minute) for minute in count()), waiting)
    filled(folder, load_campaign(configured(folder).campaign, NETWORKS), [*soon, *far])


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _require_order(nets: Mapping[str, Net], done: int) -> None:
    """Raises AssertionError unless each post came once, those of one account in their order."""
    came = [post for net in nets.values() for post, _at in net.came]
    if len(came) != done or len(set(came)) != done:
        raise AssertionError(f"{len(came)} calls for {done} posts")
    for slug, net in nets.items():
        posts_of_it = [post for post, _at in net.came]
        if posts_of_it != sorted(posts_of_it):
            raise AssertionError(f"{slug}: out of order")


def main() -> None:
    parser = argparse.ArgumentParser()
    ways = parser.add_subparsers(dest="way", required=True)
    for way in ("drain", "late", "looks"):
        ways.add_parser(way).add_argument("folder", type=Path)
    draining, being_late = ways.choices["drain"], ways.choices["late"]
    draining.add_argument("speakers", type=int)
    draining.add_argument("--url", default="")
    draining.add_argument("--slow", type=float, default=0)
    draining.add_argument("--record", default="")
    draining.add_argument("--say-when", action="store_true")
    being_late.add_argument("start", type=float)
    being_late.add_argument("seconds", type=float)
    being_late.add_argument("posts", type=int)
    chosen = parser.parse_args()
    {"drain": drain, "late": late, "looks": looks}[chosen.way](chosen)


if __name__ == "__main__":
    main()
