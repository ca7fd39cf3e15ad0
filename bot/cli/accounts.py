"""`pavois accounts`: who publishes, and whether it may."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from bot.cli.common import at, json_option, opened, show_json, show_table, state_word
from bot.errors import ConfigError, RefusedCommand
from bot.model import AccountState, AccountStatus
from bot.words import N_, _

if TYPE_CHECKING:
    from bot.app import App


@click.group("accounts", help=_("List the accounts; let a held one publish again."))
def command() -> None:
    """The group; its help is above."""


@command.command("list", help=_("The accounts of the campaign and their state."))
@json_option
@click.pass_context
def list_accounts(context: click.Context, as_json: bool) -> None:
    app = opened(context, quiet=as_json)
    statuses = [_status(app, slug) for slug in app.campaign.accounts]
    if as_json:
        show_json([_as_data(app, status) for status in statuses])
        return
    rows = []
    for status in statuses:
        account = app.campaign.accounts[status.account]
        rows.append(
            [
                account.slug,
                account.network,
                account.name,
                " ".join(account.languages),
                state_word(status.state),
                at(status.read_at, app),
                str(status.cause or ""),
            ]
        )
    show_table(
        [
            _("Account"),
            _("Network"),
            _("Name"),
            _("Language"),
            _("State"),
            _("Last read"),
            _("Cause"),
        ],
        rows,
    )


@command.command("release", help=_("Let a held account publish again, once its cause is mended."))
@click.argument("account", metavar=_("ACCOUNT"))
@click.pass_context
def release(context: click.Context, account: str) -> None:
    app = opened(context)
    if account not in app.campaign.accounts:
        raise RefusedCommand(
            N_("There is no account {account}. The campaign's accounts: {known}."),
            account=account,
            known=", ".join(app.campaign.accounts),
        )
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


def _as_data(app: App, status: AccountStatus) -> dict[str, Any]:
    account = app.campaign.accounts[status.account]
    return {
        "account": account.slug,
        "network": account.network,
        "languages": list(account.languages),
        "state": status.state.value,
        "cause": str(status.cause or ""),
    }
