"""What can be checked without publishing: each finding with the step that mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.announcements import read_announcement
from bot.app import App
from bot.campaigns import announcement_files
from bot.config import mode_word
from bot.errors import PavoisError
from bot.model import STOP, AccountState
from bot.networks import network_kind
from bot.networks.sections import section_faults, settings_of
from bot.plan import both_zones
from bot.words import N_, Message

#: Before this version was made: a machine that believes so has a wrong clock.
MADE = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found, and whether it is well."""

    subject: Message
    ok: bool
    message: Message


def check(app: App) -> list[Finding]:
    """Look at everything, each thing by itself: one that is wrong hides no other."""
    findings = [
        finding
        for subject, look in (
            (Message(N_("stop")), _stop),
            (Message(N_("configuration")), _configuration),
            (Message(N_("campaign")), _campaign),
            (Message(N_("announcements")), _announcements),
            (Message(N_("database")), _database),
            (Message(N_("clock")), _clock),
            (Message(N_("accounts")), _accounts),
            (Message(N_("notices")), _notices),
        )
        for finding in _findings(app, subject, look)
    ]
    # A campaign that cannot be read is met by every look: it is told once.
    first = {str(finding.message): finding for finding in reversed(findings) if not finding.ok}
    return [one for one in findings if one.ok or first[str(one.message)] is one]


class _Problems(list[Message]):
    """What a look found wrong."""

    @contextmanager
    def noted(self) -> Iterator[None]:
        """What goes wrong inside is one of them, and ends nothing."""
        try:
            yield
        except PavoisError as error:
            self.append(error.message)


def _findings(
    app: App, subject: Message, look: Callable[[App, _Problems], Message]
) -> Iterator[Finding]:
    """The problems that *look* found, or the sentence that it says when all is well."""
    problems = _Problems()
    try:
        summary = look(app, problems)
    except PavoisError as error:
        problems.append(error.message)
    for problem in problems:
        yield Finding(subject, False, problem)
    if not problems:
        yield Finding(subject, True, summary)


def _stop(app: App, problems: _Problems) -> Message:
    """That nobody has stopped all sending."""
    if stopped := app.store.brake.state():
        since = both_zones(stopped.since, app.campaign.zones)
        said = N_("All sending is stopped since {since}: {reason} · To go on: pavois resume")
        problems.append(Message(said, {"since": since, "reason": stopped.reason or "—"}))
    return Message(N_("sending is not stopped"))


def _configuration(app: App, problems: _Problems) -> Message:
    """Sections that name no network, no address, no account, or a key that means nothing."""
    from bot.networks.http import base_address

    problems += [fault.message for fault in section_faults(app.config, app.campaign.accounts)]
    for network in app.networks:
        with problems.noted():
            base_address(settings_of(app.config, network), network)
    problems += advice(app)
    where = str(app.config.path) if app.config.path else "—"
    return Message(N_("{path}, mode {mode}"), {"path": where, "mode": mode_word(app.config.mode)})


def advice(app: App) -> list[Message]:
    """What should soon be done about the settings of the campaign's networks.

    Nothing in a rehearsal, which goes to none of them.
    """
    if not app.config.is_live:
        return []
    today = app.clock.now().date()
    return [
        message
        for network in app.networks
        for message in network_kind(network).advice(settings_of(app.config, network), today)
    ]


def connection_faults(app: App) -> list[Message]:
    """Why accounts cannot be connected: keys, author, certificates, proxy, addresses, version."""
    problems = _Problems()
    for slug in app.campaign.accounts:
        with problems.noted():
            app.network(slug)
    return list({str(problem): problem for problem in problems}.values())


def _campaign(app: App, _problems: _Problems) -> Message:
    campaign = app.campaign
    return Message(
        N_("#{hashtag}: {accounts} accounts, {partners} partners, {kinds} kinds"),
        {
            "hashtag": campaign.hashtag,
            "accounts": len(campaign.accounts),
            "partners": len(campaign.partners),
            "kinds": len(campaign.kinds),
        },
    )


def _announcements(app: App, problems: _Problems) -> Message:
    """Every announcement file of the campaign, read and put into words."""
    files = announcement_files(app.config.campaign)
    for path in files:
        with problems.noted():
            problems.extend(app.preview(read_announcement(path, app.campaign)).errors)
    return Message(N_("{count} files, each fits every network"), {"count": len(files)})


def _database(app: App, problems: _Problems) -> Message:
    """That it opens, is whole, and can be written."""
    problems.extend(app.store.faults())
    problems.extend(
        Message(
            N_(
                "{count} posts of campaign {slug} wait in this database, and no campaign of that "
                "name is configured"
            ),
            {"count": count, "slug": slug},
        )
        for slug, count in app.store.queue.waiting_elsewhere(app.campaign.slug).items()
    )
    return Message(N_("{count} posts"), {"count": len(app.store.queue.posts(app.campaign.slug))})


def _clock(app: App, problems: _Problems) -> Message:
    now = app.clock.now()
    if now < MADE:
        problems.append(
            Message(N_("This machine's clock is wrong: it says {now}."), {"now": now.isoformat()})
        )
    return Message(N_("{now}"), {"now": both_zones(now, app.campaign.zones)})


def _accounts(app: App, problems: _Problems) -> Message:
    """That each can be connected, without calling its network, and none is held."""
    problems += connection_faults(app)
    problems.extend(
        Message(
            N_("Account {account} is held: {cause} Then: pavois accounts release {account}"),
            {"account": status.account, "cause": status.cause or ""},
        )
        for status in app.store.ledger.accounts()
        if status.state == AccountState.HELD
    )
    if app.config.is_live and not app.is_confirmed():
        problems.append(Message(N_("Live publishing is not confirmed. Run: pavois live")))
    return Message(N_("{count} ready"), {"count": len(app.campaign.accounts)})


def _notices(app: App, problems: _Problems) -> Message:
    if count := len([one for one in app.store.journal.notices() if one.subject != STOP]):
        problems.append(Message(N_("{count} unread. See: pavois notices list"), {"count": count}))
    return Message(N_("nothing needs a person"))
