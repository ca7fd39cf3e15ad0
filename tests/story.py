"""A small town hall for the tests that walk the whole way: real clients, the rehearsal networks.

One campaign of one language with an account on each network; what the networks show is asked of
the rehearsal networks themselves, never of Pavois.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import App, make_app
from bot.clock import Clock, RehearsalClock, SystemClock
from bot.config import load_config
from bot.daemon import Daemon
from bot.model import AccountState, Announcement, AttemptState, PlannedPost, Post, PostState
from bot.sandbox import Sandbox, SandboxPost

#: A Monday morning in Tours, as the rehearsal's.
MONDAY = datetime(2023, 2, 20, 7, 30, tzinfo=UTC)
NETWORKS = ("x", "linkedin")

CAMPAIGN = """
hashtag = "KoreaFranceLocalCooperation"
flags = ["FR", "KR"]
languages = ["fr"]
zones = ["Europe/Paris", "Asia/Seoul"]

[names]
fr = "Coopération locale"

[accounts.x-fr]
network = "x"
name = "Ville de Tours"
handle = "tours"
languages = ["fr"]
zone = "Europe/Paris"
slots = ["09:00", "17:00"]

[accounts.linkedin-fr]
network = "linkedin"
name = "Ville de Tours"
handle = "ville-de-tours"
languages = ["fr"]
zone = "Europe/Paris"
slots = ["09:00", "17:00"]

[kinds.news]
names = { fr = "Actualité" }
facts = { headline = "text" }
late = "send"
"""

PARTNERS = """
[tours]
country = "FR"
names = { fr = "Tours" }
"""

#: A template of the campaign; the tests give most announcements words of their own.
TEMPLATE = "{{ headline }}\n"


def found_town_hall(folder: Path, config: str = "") -> Path:
    """Write the campaign and a config.toml (with *config* added) into *folder*; the latter."""
    campaign = folder / "campaigns" / "tours"
    (campaign / "templates").mkdir(parents=True)
    (campaign / "announcements").mkdir()
    (campaign / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
    (campaign / "partners.toml").write_text(PARTNERS, encoding="utf-8")
    (campaign / "templates" / "news.fr.txt").write_text(TEMPLATE, encoding="utf-8")
    path = folder / "config.toml"
    path.write_text(f'campaign = "campaigns/tours"\n{config}', encoding="utf-8")
    return path


@dataclass
class TownHall:
    """Pavois in a town hall, its daemon, and a clock that the test moves."""

    app: App
    clock: RehearsalClock
    daemon: Daemon

    @property
    def sandbox(self) -> Sandbox:
        return self.app.sandbox

    def queue(self, slug: str, after: timedelta, text: str = "") -> None:
        """Queue an announcement for every account, due so long after now."""
        at = self.clock.now() + after
        words = text or f"Tours : {slug}"
        self.app.queue(Announcement(slug, "tours", "news", {}, {"fr": (words,)}, (), "", at, None))

    def queue_unchecked(self, slug: str, of: str, after: timedelta) -> None:
        """Queue the very texts of announcement *of* again, as another one, past what checks it."""
        due = self.clock.now() + after
        again = [
            PlannedPost(post.account, post.network, post.language, post.text, due, None)
            for post in (self.post(of, network) for network in NETWORKS)
        ]
        what = Announcement(slug, "tours", "news", {}, {"fr": ("…",)}, (), "", due, None)
        self.app.store.queue.add([(what, again)])

    def post(self, slug: str, network: str) -> Post:
        """The post of announcement *slug* on *network*."""
        return next(
            post
            for post in self.app.store.queue.posts("tours")
            if (post.announcement, post.network) == (slug, network)
        )

    def trail(self, post: Post) -> list[tuple[int, AttemptState]]:
        """The ledger of *post*: what each attempt came to, and what was found of it later."""
        return [
            (line.number, line.state)
            for line in self.app.store.ledger.attempts(post.id)
            if line.state not in (AttemptState.PREPARED, AttemptState.SENDING)
        ]

    def is_held(self, account: str) -> bool:
        states = {status.account: status.state for status in self.app.store.ledger.accounts()}
        return states[account] == AccountState.HELD

    def notices(self) -> dict[str, str]:
        """What a person must know of, by subject."""
        return {
            notice.subject: notice.message.in_language("en")
            for notice in self.app.store.journal.notices()
        }

    def shown(self, network: str, text: str = "") -> list[SandboxPost]:
        """What *network* really shows that has *text* in it."""
        return [post for post in self.sandbox.posts(network) if post.stands and text in post.shown]

    def work(self, steps: int = 200) -> None:
        """Let the daemon work, from wake-up to wake-up, until nothing moves any more."""
        for _step in range(steps):
            wake = self.daemon.tick(self.clock.now())
            if self._is_quiet():
                return
            self.clock.advance_to(max(wake, self.clock.now() + timedelta(seconds=1)))
        raise AssertionError(f"not quiet after {steps} wake-ups")

    def _is_quiet(self) -> bool:
        moving = (PostState.QUEUED, PostState.SENDING, PostState.UNCERTAIN)
        return not [
            post
            for post in self.app.store.queue.posts("tours", states=moving)
            if not (post.state == PostState.QUEUED and self.is_held(post.account))
        ]


@contextmanager
def town_hall(
    folder: Path,
    *,
    read_timeout: float = 5,
    clock: RehearsalClock | None = None,
    environment: Mapping[str, str] | None = None,
    database_url: str = "",
) -> Iterator[TownHall]:
    """A town hall in *folder*; its campaign is written there if it is not there yet."""
    path = folder / "config.toml"
    if not path.exists():
        found_town_hall(folder)
    config = replace(load_config(path, folder), timeouts=(2.0, read_timeout))
    if database_url:
        config = replace(config, database_url=database_url)
    clock = clock or RehearsalClock(MONDAY)
    with make_app(config, clock=clock, environment=environment or {}) as app:
        yield TownHall(app, clock, Daemon(app))


def networks_truth(folder: Path, clock: Clock | None = None) -> Sandbox:
    """The rehearsal networks of a town hall whose daemon is another process; not started."""
    return Sandbox(clock or SystemClock(), folder / "rehearsal" / "networks.db")


def pavois(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """`python -m bot` in a process of its own, in *folder*."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**os.environ, "PAVOIS_LANGUAGE": "en", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def pavois_said(folder: Path, *arguments: str, seconds: float = 60) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command that ends by itself."""
    process = pavois(folder, *arguments)
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def end(processes: Sequence[subprocess.Popen[str]]) -> None:
    """Leave no process and no pipe behind, whatever a test met."""
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)
