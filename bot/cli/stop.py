"""`pavois stop`: nothing is sent any more, at once and everywhere."""

from __future__ import annotations

import getpass

import click

from bot.cli.common import opened
from bot.words import _


@click.command(
    "stop",
    help=_(
        "Stop all sending at once, in every process that uses this database. It asks nothing. What "
        "is out stays out. To go on: pavois resume"
    ),
)
@click.option("--reason", default="", help=_("Why, for those who see it next."))
@click.pass_context
def command(context: click.Context, reason: str) -> None:
    brake = opened(context).store.brake
    brake.stop(reason.strip(), _who())
    click.secho(_("All sending is stopped."), bold=True)
    if begun := brake.on_their_way():
        numbers = ", ".join(map(str, begun))
        click.echo(
            _("Begun before, perhaps out: {ids}. Look: pavois queue show NUMBER").format(
                ids=numbers
            )
        )
    click.echo(_("To go on, all or post by post: pavois resume"))


def _who() -> str:
    """Who is at this terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account that the machine has no name for
        return "?"
