"""`pavois accounts`: who publishes, whether it may, and what is left of its limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from bot.cli.common import at, json_option, opened, show_json, state_word
from bot.cli.layout import columns, padded
from bot.errors import ConfigError, RefusedCommand
from bot.model import AccountState, AccountStatus
from bot.words import N_, _, spoken

if TYPE_CHECKING:
    from bot.app import App

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Used:
    """How much of a limit was used; None where there is none, or where it is not counted.

    Money is in millionths of a dollar, its network's.
    """

    posts: int
    resent: int
    posts_a_day: int | None
    calls: int | None
    calls_a_day: int | None
    spent: int | None
    budget: int | None

    @property
    def left(self) -> int | None:
        """What may still be spent this month; None without a budget."""
        return None if self.budget is None else max(0, self.budget - (self.spent or 0))


@click.group("accounts", help=_("List the accounts; let a held one publish again."))
def command() -> None:
    """The group; its help is above."""


@command.command("list", help=_("The accounts of the campaign and their state."))
@json_option
@click.pass_context
def list_accounts(context: click.Context, as_json: bool) -> None:
    app = opened(context, quiet=as_json)
    statuses = [(_status(app, slug), _used(app, slug)) for slug in app.campaign.accounts]
    if as_json:
        show_json([_as_data(app, status, used) for status, used in statuses])
        return
    for status, used in statuses:
        _show(app, status, used)
    _say_what_is_spent(app, [used for _status, used in statuses])


@command.command(
    "release", help=_("Let held accounts publish again, once what held them is mended.")
)
@click.argument("accounts", metavar=_("[ACCOUNT…]"), nargs=-1)
@click.option("--all", "everything", is_flag=True, help=_("All that are held."))
@click.pass_context
def release(context: click.Context, accounts: tuple[str, ...], everything: bool) -> None:
    if bool(accounts) == everything:
        raise click.UsageError(_("Give the names of accounts, or --all."))
    app = opened(context)
    for account in accounts:
        if account not in app.campaign.accounts:
            raise RefusedCommand(
                N_("There is no account {account}. The campaign's accounts: {known}."),
                account=account,
                known=", ".join(app.campaign.accounts),
            )
    held = [one.account for one in app.store.ledger.accounts() if one.state == AccountState.HELD]
    if everything and not held:
        click.echo(_("No account is held."))
    for account in held if everything else dict.fromkeys(accounts):
        app.store.ledger.release_account(account)
        click.echo(
            _("{account} publishes again; what waited is sent when due.").format(account=account)
        )


def _status(app: App, slug: str) -> AccountStatus:
    """What is known of the account; disconnected when its keys are missing, whatever was known."""
    now = app.clock.now()
    known = {status.account: status for status in app.store.ledger.accounts()}
    status = known.get(slug, AccountStatus(slug, AccountState.READY, None, now))
    try:
        app.account_credentials(slug)
    except ConfigError as error:
        return replace(status, state=AccountState.DISCONNECTED, cause=error.message)
    return status


def _used(app: App, slug: str) -> _Used:
    """What account *slug* used of its limits."""
    now, limits, calls = app.clock.now(), app.limits(slug), app.store.calls
    network = app.campaign.accounts[slug].network
    has_price = app.rules(network).price("") is not None
    return _Used(
        posts=calls.sent(slug, now - _DAY),
        resent=calls.resent(slug, now - _DAY),
        posts_a_day=limits.posts_a_day or None,
        calls=calls.made(slug, now.date()) if limits.calls_a_day else None,
        calls_a_day=limits.calls_a_day or None,
        spent=calls.spent(network, now.date()) if has_price else None,
        budget=limits.budget,
    )


def _show(app: App, status: AccountStatus, used: _Used) -> None:
    """An account and, below it, what is known of it: a table of all that needs a wide terminal."""
    account = app.campaign.accounts[status.account]
    what = (
        app.title(account.network),
        account.name,
        " ".join(account.languages),
        state_word(status.state),
    )
    click.echo(f"{click.style(account.slug, bold=True)}  {' · '.join(what)}")
    known = {
        _("Posts, 24 h"): _of(used.posts, used.posts_a_day),
        _("Calls today"): _of(used.calls, used.calls_a_day),
        _("Last read"): at(status.read_at, app) if status.read_at else "",
        _("Cause"): str(status.cause or ""),
    }
    width = max(map(columns, known))
    for heading, value in known.items():
        if value:
            click.echo(f"  {padded(heading, width)}  {value}")


def _say_what_is_spent(app: App, used: list[_Used]) -> None:
    """A line for each network that costs something: money is the network's, not an account's."""
    networks = [account.network for account in app.campaign.accounts.values()]
    for network, one in dict(zip(networks, used, strict=True)).items():
        if one.spent is None:
            continue
        said = _("{network}: {spent} spent this month, without a budget.")
        if one.budget is not None:
            said = _("{network}: {spent} spent this month of a budget of {budget}; {left} left.")
        spent, budget, left = map(_dollars, (one.spent, one.budget, one.left))
        title = app.title(network)
        click.echo(said.format(network=title, spent=spent, budget=budget, left=left))


def _of(used: object | None, most: object | None) -> str:
    """`12 / 100`; "" for what is not counted."""
    if used is None:
        return ""
    return str(used) if most is None else f"{used} / {most}"


def _dollars(millionths: int | None) -> str | None:
    """An amount as people of the reader's language write it."""
    from bot.preview.page import in_dollars

    return None if millionths is None else in_dollars(_amount(millionths), spoken())


def _amount(millionths: int) -> Decimal:
    return Decimal(millionths) / 1_000_000


def _as_data(app: App, status: AccountStatus, used: _Used) -> dict[str, Any]:
    account = app.campaign.accounts[status.account]
    return {
        "account": account.slug,
        "network": account.network,
        "languages": list(account.languages),
        "state": status.state.value,
        "cause": str(status.cause or ""),
        "posts_in_24_hours": used.posts,
        "sent_once_more_in_24_hours": used.resent,
        "posts_a_day": used.posts_a_day,
        "calls_today": used.calls,
        "calls_a_day": used.calls_a_day,
        "spent_this_month": None if used.spent is None else str(_amount(used.spent)),
        "budget": None if used.budget is None else str(_amount(used.budget)),
        "left_this_month": None if used.left is None else str(_amount(used.left)),
    }
