"""`pavois live`: the confirmation without which nothing leaves."""

from __future__ import annotations

import click

from bot.cli.common import opened
from bot.words import _


@click.command(
    "live",
    help=_(
        "Confirm that posts may go out on the real networks. Asked again when accounts or "
        "addresses "
        "change. It publishes nothing by itself."
    ),
)
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_context
def command(context: click.Context, yes: bool) -> None:
    from bot.checks import advice, connection_faults
    from bot.errors import ConfigError, RefusedCommand
    from bot.model import PostState
    from bot.words import N_

    app = opened(context)
    if not app.config.is_live:
        raise RefusedCommand(
            N_('This is a rehearsal. Write mode = "live" in config.toml first (pavois init).')
        )
    if faults := connection_faults(app):
        for fault in faults:
            click.echo(f"pavois: {fault}", err=True)
        context.exit(ConfigError.exit_code)
    click.echo(_("These accounts will publish, for everybody to see:"))
    for account in app.campaign.accounts.values():
        address = app.network_settings(account.network)["base_url"]
        languages = ", ".join(account.languages)
        identity = app.identity(account.slug)
        click.echo(f"  {account.slug}  {account.name}  {languages}  {address}  {identity}")
    for message in advice(app):
        click.echo(str(message))
    waiting = app.store.queue.posts(app.campaign.slug, states=[PostState.QUEUED])
    click.echo(_("Waiting in the queue: {count}").format(count=len(waiting)))
    click.echo(
        _(
            "X asks an Enterprise plan of users who act for a public authority: settle that with X "
            "before you go on."
        )
    )
    if not yes:
        answer = click.prompt(
            _("Type the campaign's hashtag to confirm"), default="", show_default=False
        )
        if answer.strip().lstrip("#").casefold() != app.campaign.hashtag.casefold():
            click.echo(_("Not confirmed: that is not the hashtag. Nothing changed."), err=True)
            context.exit(5)
    app.confirm_live()
    click.echo(_("Confirmed. Start it with: pavois run"))
