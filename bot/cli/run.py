"""`pavois run`: the daemon."""

from __future__ import annotations

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from bot.cli.common import opened, say_stopped
from bot.words import _


class _Lines(logging.Formatter):
    """Lines that begin with the hour of the campaign, to the second, and its offset."""

    def __init__(self, zone: str) -> None:
        super().__init__("%(asctime)s %(message)s")
        self._zone = ZoneInfo(zone)

    def formatTime(  # noqa: N802  logging's own name
        self, record: logging.LogRecord, datefmt: str | None = None
    ) -> str:
        return datetime.fromtimestamp(record.created, self._zone).isoformat(timespec="seconds")


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

    app = opened(context)
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines(app.campaign.zone))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Its warnings say that a look was skipped because a call still waits for its network.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)

    def started() -> None:
        say_stopped(app)
        if app.config.is_live:
            click.echo(_("Live: posts go out on the real networks. Ctrl-C stops."), err=True)
            return
        click.echo(_("Rehearsal: nothing leaves this machine. Ctrl-C stops."), err=True)
        for network in app.networks:
            click.echo(f"  {app.network_settings(network)['base_url']}/", err=True)

    daemon.run(app, started=started)
