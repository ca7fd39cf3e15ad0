"""`pavois run`: the daemon."""

from __future__ import annotations

import logging

import click

from bot.cli.common import opened
from bot.words import _


@click.command(
    "run",
    help=_(
        "Publish when due, collect what was seen, and write the report every Monday at "
        "08:00, until "
        "Ctrl-C or SIGTERM: the call in hand is finished first."
    ),
)
@click.pass_context
def command(context: click.Context) -> None:
    from bot import daemon

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", force=True)
    # Its warnings say that a look was skipped because a call still waits for its network.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    app = opened(context)

    def started() -> None:
        if app.config.is_live:
            click.echo(_("Live: posts go out on the real networks. Ctrl-C stops."), err=True)
            return
        click.echo(_("Rehearsal: nothing leaves this machine. Ctrl-C stops."), err=True)
        for network in app.networks:
            click.echo(f"  {app.network_settings(network)['base_url']}/", err=True)

    daemon.run(app, started=started)
