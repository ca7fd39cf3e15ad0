"""`pavois stop`: nothing is sent any more, at once and everywhere."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import configuration, opened
from bot.words import _

if TYPE_CHECKING:
    from bot.config import Config
    from bot.db.whole import Database
    from bot.errors import RefusedCommand


@click.command(
    "stop",
    help=_(
        "Stop all sending at once, in every process that uses this database. It asks nothing. What "
        "is out stays out. To go on: pavois resume"
    ),
)
@click.option("--reason", help=_("Why, for those who see it next."))
@click.pass_context
def command(context: click.Context, reason: str | None) -> None:
    from bot.db.recovery import in_utc
    from bot.db.whole import database_of

    why = " ".join((reason or "").split())
    if reason is not None and not why:
        raise click.UsageError(_("The reason is empty. Say why, or leave --reason out."))
    config = configuration(context)
    database = database_of(config.database_url)
    if not database.exists():
        # A stop that is kept where nobody looks would stop nothing, and say that it did.
        raise _nothing_there(config, database)
    brake = opened(context).store.brake
    before = brake.state()
    brake.stop(why, _who())
    click.secho(_("All sending is stopped."), bold=True)
    click.echo(_("Mode {mode}, database {place}").format(mode=config.mode, place=database))
    if why:
        click.echo(_("Why: {reason}").format(reason=why))
    if before:
        said = _("It was stopped already, since {since}: {reason}")
        click.echo(said.format(since=in_utc(before.since), reason=before.reason or "—"))
    if begun := brake.on_their_way():
        numbers = ", ".join(map(str, begun))
        click.echo(
            _("Begun before, perhaps out: {ids}. Look: pavois queue show NUMBER").format(
                ids=numbers
            )
        )
    click.echo(_("To go on, all or post by post: pavois resume"))


def _nothing_there(config: Config, database: Database) -> RefusedCommand:
    from bot.errors import RefusedCommand
    from bot.words import N_

    if config.path:
        return RefusedCommand(
            N_(
                "Nothing was stopped: {config} names the database {place}, and Pavois has kept "
                "nothing there. Go to the folder of the config.toml that Pavois runs with, or name "
                "it: pavois --config FILE stop"
            ),
            config=str(config.path),
            place=str(database),
        )
    return RefusedCommand(
        N_(
            "Nothing was stopped: in {folder} there is neither a config.toml nor a database. Go to "
            "the folder of the config.toml that Pavois runs with, or name it: pavois --config FILE "
            "stop"
        ),
        folder=str(Path.cwd()),
    )


def _who() -> str:
    """Who is at this terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account that the machine has no name for
        return "?"
