"""`pavois accounts`: who publishes, and whether it may."""

from __future__ import annotations

import click

from bot.cli.common import at, json_option, opened, show_json, show_table, state_word
from bot.errors import RefusedCommand
from bot.model import AccountState
from bot.words import N_, _


@click.group("accounts", help=_("List the accounts; let a held one publish again."))
def command() -> None:
    """The group; its help is above."""


@command.command("list", help=_("The accounts of the campaign and their state."))
@json_option
@click.pass_context
def list_accounts(context: click.Context, as_json: bool) -> None:
    app = opened(context, quiet=as_json)
    known = {status.account: status for status in app.store.ledger.accounts()}
    if as_json:
        show_json(
            [
                {
                    "account": account.slug,
                    "network": account.network,
                    "languages": list(account.languages),
                    "state": known[account.slug].state if account.slug in known else "ready",
                    "cause": str(known[account.slug].cause or "") if account.slug in known else "",
                }
                for account in app.campaign.accounts.values()
            ]
        )
        return
    rows = []
    for account in app.campaign.accounts.values():
        status = known.get(account.slug)
        rows.append(
            [
                account.slug,
                account.network,
                account.name,
                " ".join(account.languages),
                state_word(status.state if status else AccountState.READY),
                at(status.read_at if status else None, app),
                str(status.cause or "") if status else "",
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
@click.argument("account")
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
