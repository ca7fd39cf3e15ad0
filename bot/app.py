"""The only place where the parts are joined: what commands, daemon and desk all hold.

Parts are made when they are first needed: a command that lists the queue connects to no network.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.allowance import Allowance
from bot.campaigns import load_campaign
from bot.clock import Clock, SystemClock
from bot.config import Config, credentials
from bot.confirmation import Confirmation
from bot.db.copies import INTERRUPTED, RESTORING
from bot.db.store import Store
from bot.db.use import require_in_use
from bot.errors import ConfigError, RefusedCommand
from bot.model import Announcement, Campaign
from bot.networks import NETWORKS, network_kind
from bot.networks.sections import limits_of, section_faults, settings_of
from bot.pace import Limits
from bot.senders import senders_for
from bot.words import N_

if TYPE_CHECKING:
    from bot.collector import Collector
    from bot.compose.rules import Rules
    from bot.composer import Composer
    from bot.corrector import Corrections
    from bot.editor import Editor, Queued
    from bot.media.store import MediaStore
    from bot.networks.base import Network
    from bot.preview.values import Preview
    from bot.proofreader import Proofreader
    from bot.publisher import Lookups, Publisher
    from bot.purse import Purse
    from bot.reporter import Reporter
    from bot.resender import Resender
    from bot.sandbox import Sandbox
    from bot.settler import Settler


class App:
    """Pavois, joined. Close it, or use it in `with`."""

    def __init__(self, config: Config, clock: Clock, environment: Mapping[str, str]) -> None:
        self.config = config
        self.clock = clock
        self._environment = environment
        self._connected: dict[tuple[str, bool], tuple[Mapping[str, str], Network]] = {}

    @cached_property
    def campaign(self) -> Campaign:
        """The campaign. Raises ConfigError."""
        return load_campaign(self.config.campaign, NETWORKS)

    @cached_property
    def store(self) -> Store:
        """The store: that of rehearsals or that of live sending, for ever; none that was moved to
        another place. Raises StoreError, RefusedCommand."""
        if (self.config.folder / RESTORING).exists():
            raise RefusedCommand(INTERRUPTED)
        store = Store(self.config.database_url, self.clock)
        try:
            require_in_use(store.journal, self.config.mode)
        except BaseException:
            store.close()
            raise
        return store

    @cached_property
    def networks(self) -> list[str]:
        """The networks that the campaign's accounts are on."""
        return list(dict.fromkeys(account.network for account in self.campaign.accounts.values()))

    def rules(self, network: str) -> Rules:
        """The rules of text of *network*."""
        return network_kind(network).rules

    def title(self, network: str) -> str:
        """The name of *network* for people."""
        return network_kind(network).title

    @cached_property
    def shelf(self) -> MediaStore:
        """The files that go out with posts, kept by what they hold."""
        from bot.media.store import MediaStore

        return MediaStore(self.config.folder / "media")

    @cached_property
    def editor(self) -> Editor:
        """Where announcements are previewed and queued."""
        from bot.editor import Editor

        return Editor(*self._known, self.composer, self.rules, self.title)

    @cached_property
    def composer(self) -> Composer:
        """What puts announcements into words and pictures; in a rehearsal it reads no page that is
        not on this machine."""
        from bot.composer import Composer
        from bot.pages.reader import PageReader

        source = PageReader(
            loopback_only=not self.config.is_live,
            proxy=self.config.proxy if self.config.is_live else "",
            ca_file=self.config.ca_file if self.config.is_live else "",
        )
        return Composer(self.campaign, self.rules, self.title, self.shelf, self.store.pages, source)

    def preview(self, announcement: Announcement) -> Preview:
        """What *announcement* will look like on each network, in each language, and what is known
        of it before it is queued. Raises ConfigError."""
        return self.editor.preview(announcement)

    def queue(self, *announcements: Announcement, languages: Collection[str] = ()) -> list[Queued]:
        """Queue *announcements*: one post per account and language, all of them or none.

        With *languages*, in these only. Queueing the same one again changes nothing. Raises
        RenderError, RefusedCommand.
        """
        return self.editor.queue(announcements, languages)

    @cached_property
    def publisher(self) -> Publisher:
        """The publisher; in live mode only after `pavois live`.

        Raises RefusedCommand, and ConfigError before anything is claimed.
        """
        from bot.publisher import Publisher

        self._require_confirmation()
        return Publisher(*self._known, self._lookups(), senders_for(self.clock))

    @cached_property
    def resender(self) -> Resender:
        """What sends once more what nobody can look for; as `publisher`, if it is live."""
        from bot.resender import Resender

        self._require_confirmation()
        return Resender(*self._known, self._lookups(), senders_for(self.clock))

    @cached_property
    def settler(self) -> Settler:
        """What finds out about posts whose outcome is not known; as `publisher`, if it is live."""
        from bot.settler import Settler

        self._require_confirmation()
        return Settler(*self._known, self._confirmed_network, senders_for(self.clock), self.purse)

    @cached_property
    def corrections(self) -> Corrections:
        """Where posts that are out are corrected and deleted; in live mode like the publisher."""
        from bot.corrector import Corrections

        self._require_confirmation()
        network_of = self._confirmed_network
        return Corrections(*self._known, network_of, self.rules, self.title, self.purse)

    @cached_property
    def purse(self) -> Purse:
        """What pays for calls besides publishing."""
        from bot.purse import Purse

        return Purse(self.store, self.clock, lambda name: network_kind(name).charges(), self.limits)

    @cached_property
    def proofreader(self) -> Proofreader:
        """What reads back what went out."""
        from bot.proofreader import Proofreader

        return Proofreader(*self._known, self.network, self.purse)

    @cached_property
    def collector(self) -> Collector:
        from bot.collector import Collector

        return Collector(*self._known, self.network_for_figures, self.purse)

    @cached_property
    def reporter(self) -> Reporter:
        from bot.reporter import Reporter

        languages = self.config.report_languages or self.campaign.languages
        titles = {name: network_kind(name).title for name in self.networks}
        return Reporter(*self._known, self.config.reports, languages, titles)

    @cached_property
    def sandbox(self) -> Sandbox:
        """The rehearsal networks, started on loopback, on the world kept beside the database."""
        from bot.sandbox import Sandbox

        sandbox = Sandbox(self.clock, self.config.folder / "networks.db")
        for account in self.campaign.accounts.values():
            sandbox.open_account(account.network, account.slug, account.name, account.handle)
        sandbox.start()
        return sandbox

    def is_confirmed(self) -> bool:
        """Whether a person confirmed live publishing as it is configured now."""
        return self._confirmation.holds()

    def confirm_live(self) -> None:
        """Remember that a person confirmed live publishing as it is configured now."""
        self._confirmation.give()

    def identity(self, slug: str) -> str:
        """In whose name account *slug* publishes, as its network has it: no secret.

        "" when it is not connected: it publishes nothing.
        """
        kind = network_kind(self.campaign.accounts[slug].network)
        try:
            return kind.identity(self.account_credentials(slug))
        except ConfigError:
            return ""

    def network(self, slug: str) -> Network:
        """The network of account *slug*, connected anew when its credentials have changed.

        Raises ConfigError.
        """
        return self._network(slug, for_figures=False)

    def network_for_figures(self, slug: str) -> Network:
        """The same, to read figures with: it leaves a part of the day's calls to publishing."""
        return self._network(slug, for_figures=True)

    def limits(self, slug: str) -> Limits:
        """What account *slug* may do; one that left the campaign is stopped elsewhere."""
        account = self.campaign.accounts.get(slug)
        return limits_of(self.config, account.network, slug) if account else Limits()

    def can_look(self, slug: str) -> bool:
        """Whether account *slug* is shown its own posts; one that is not connected may be."""
        from bot.networks.base import Finder

        try:
            return isinstance(self.network(slug), Finder)
        except ConfigError:
            return True

    def account_credentials(self, slug: str) -> Mapping[str, str]:
        """What account *slug* needs; in rehearsal no secret is read. Raises ConfigError."""
        self._require_known_sections()
        account = self.campaign.accounts[slug]
        kind = network_kind(account.network)
        if not self.config.is_live:
            from bot.sandbox.credentials import credentials_of

            is_person = kind.hides(self.config.accounts.get(slug, {}))
            return credentials_of(account.network, slug, is_person=is_person)
        return credentials(self.config, slug, kind.secrets, kind.identifiers, self._environment)

    def network_settings(self, network: str) -> dict[str, str]:
        """The section [networks.<network>] over its defaults; in rehearsal a loopback address."""
        from bot.networks.http import is_loopback

        self._require_known_sections()
        settings = settings_of(self.config, network)
        if not self.config.is_live and not is_loopback(_host(settings["base_url"])):
            settings["base_url"] = getattr(self.sandbox, f"{network}_url")
            settings["post_url"] = f"{self._timeline(network).as_uri()}#post-{{id}}"
        return settings

    def write_timelines(self) -> list[Path]:
        """What people would see on the rehearsal networks, as pages beside the database."""
        from bot.reporter import write_whole

        return [
            write_whole(self._timeline(network), self.sandbox.timeline_page(network))
            for network in self.networks
        ]

    def close(self) -> None:
        """Stop the rehearsal networks, leaving their timelines, and close the database."""
        try:
            if "sandbox" in self.__dict__:
                self.write_timelines()
        finally:
            if "sandbox" in self.__dict__:
                self.sandbox.stop()
            if "store" in self.__dict__:
                self.store.close()

    def __enter__(self) -> App:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _known(self) -> tuple[Campaign, Store, Clock]:
        """What each part of the work is given first."""
        return self.campaign, self.store, self.clock

    def _lookups(self) -> Lookups:
        from bot.publisher import Lookups

        network_of = self._confirmed_network
        return Lookups(network_of, self.rules, lambda one: self.shelf.open(one.sha256), self.limits)

    def _timeline(self, network: str) -> Path:
        return self.config.folder / f"{network}.html"

    def _require_confirmation(self) -> None:
        self._require_known_sections()
        if self.config.is_live and not self.is_confirmed():
            raise RefusedCommand(
                N_("Live publishing is not confirmed, or its accounts changed. Run: pavois live")
            )

    def _require_known_sections(self) -> None:
        """Raises ConfigError for what in [networks.*] or [accounts.*] means nothing."""
        for fault in section_faults(self.config, self.campaign.accounts):
            raise fault

    def _network(self, slug: str, *, for_figures: bool) -> Network:
        if slug not in self.campaign.accounts:
            raise ConfigError(
                N_("{account} is no account of the campaign any more, and posts wait for it."),
                account=slug,
            )
        found = self.account_credentials(slug)
        connected = self._connected.get((slug, for_figures))
        if connected is None or connected[0] != found:
            connected = found, self._connect(slug, found, for_figures=for_figures)
            self._connected[slug, for_figures] = connected
        return connected[1]

    def _connect(self, slug: str, found: Mapping[str, str], *, for_figures: bool) -> Network:
        from bot.networks.base import Connection
        from bot.networks.http import make_session

        account = self.campaign.accounts[slug]
        session = make_session(
            timeout=self.config.timeouts,
            proxy=self.config.proxy if self.config.is_live else "",
            ca_file=self.config.ca_file if self.config.is_live else "",
            loopback_only=not self.config.is_live,
            allowance=Allowance(
                slug,
                self.limits(slug).calls_a_day,
                lambda: self.store.calls,
                self.clock,
                for_figures=for_figures,
            ),
        )
        settings = self.network_settings(account.network)
        connection = Connection(account, settings, found, session, self.clock)
        return network_kind(account.network).connect(connection)

    def _confirmed_network(self, slug: str) -> Network:
        """The network of account *slug*, unless its keys have become somebody else's meanwhile."""
        network = self.network(slug)
        if self.config.is_live:
            found, _network = self._connected[slug, False]
            identity = network_kind(self.campaign.accounts[slug].network).identity(found)
            if identity != self._confirmation.identities().get(slug):
                raise ConfigError(
                    N_("Account {account} publishes as {who} now. To confirm that: pavois live"),
                    account=slug,
                    who=identity,
                )
        return network

    @property
    def _confirmation(self) -> Confirmation:
        return Confirmation(self.config, self.campaign, self.store.journal, self.identity)


def make_app(
    config: Config,
    *,
    clock: Clock | None = None,
    environment: Mapping[str, str] = os.environ,
) -> App:
    """Join the parts for *config*; with no *clock*, the machine's."""
    return App(config, clock or SystemClock(), environment)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # "http://[": no address at all
        return ""
