"""What can be checked without publishing: each finding with the step that mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.announcements import read_announcement
from bot.app import App
from bot.campaigns import announcement_files
from bot.config import check_accounts
from bot.errors import PavoisError
from bot.model import AccountState
from bot.networks import network_kind
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


def _configuration(app: App, problems: _Problems) -> Message:
    """Sections that name no network, no address, no account, or a key that means nothing."""
    from bot.networks.http import base_address

    for network, section in app.config.networks.items():
        kind_of_network = network_kind(network)
        base_address(section, kind_of_network.settings["base_url"], network)
        for key in section:
            if key not in kind_of_network.settings:
                problems.append(
                    Message(
                        N_("networks.{network}.{key} means nothing. Known are: {known}."),
                        {
                            "network": network,
                            "key": key,
                            "known": ", ".join(kind_of_network.settings),
                        },
                    )
                )
    for slug in app.config.accounts:
        if slug not in app.campaign.accounts:
            problems.append(
                Message(
                    N_(
                        "[accounts.{account}] is no account of the campaign. Its accounts: {known}."
                    ),
                    {"account": slug, "known": ", ".join(app.campaign.accounts)},
                )
            )
            continue
        kind = network_kind(app.campaign.accounts[slug].network)
        check_accounts(app.config, slug, kind.secrets, kind.identifiers)
    where = str(app.config.path) if app.config.path else "—"
    return Message(N_("{path}, mode {mode}"), {"path": where, "mode": app.config.mode})


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
        try:
            app.preview(read_announcement(path, app.campaign))
        except PavoisError as error:
            problems.append(error.message)
    return Message(N_("{count} files, each fits every network"), {"count": len(files)})


def _database(app: App, problems: _Problems) -> Message:
    """That it opens, is whole, and can be written."""
    problems.extend(app.store.faults())
    return Message(N_("{count} posts"), {"count": len(app.store.queue.posts(app.campaign.slug))})


def _clock(app: App, problems: _Problems) -> Message:
    now = app.clock.now()
    if now < MADE:
        problems.append(
            Message(N_("This machine's clock is wrong: it says {now}."), {"now": now.isoformat()})
        )
    return Message(N_("{now}"), {"now": both_zones(now, app.campaign.zones)})


def _accounts(app: App, problems: _Problems) -> Message:
    """Live: that each has its keys. Always: that none is held."""
    for slug in app.campaign.accounts:
        try:
            app.account_credentials(slug)
        except PavoisError as error:
            problems.append(error.message)
    problems.extend(
        Message(
            N_("Account {account} is held: {cause} Then: pavois accounts release {account}"),
            {"account": status.account, "cause": str(status.cause or "")},
        )
        for status in app.store.ledger.accounts()
        if status.state == AccountState.HELD
    )
    if app.config.is_live and not app.is_confirmed():
        problems.append(Message(N_("Live publishing is not confirmed. Run: pavois live")))
    return Message(N_("{count} ready"), {"count": len(app.campaign.accounts)})


def _notices(app: App, problems: _Problems) -> Message:
    if count := len(app.store.journal.notices()):
        problems.append(Message(N_("{count} unread. See: pavois notices list"), {"count": count}))
    return Message(N_("nothing needs a person"))
