"""`pavois backup`: one file with all that must not be lost."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.common import configuration
from bot.words import _


@click.command(
    "backup",
    help=_(
        "Write database, files of posts, campaign and config.toml into one .zip, also while Pavois "
        "runs, and read it back. Keys and tokens are never in it. Without a name: "
        "pavois-<day>-<hour>.zip, here."
    ),
)
@click.argument("file", metavar=_("[FILE]"), required=False, type=click.Path(path_type=Path))
@click.pass_context
def command(context: click.Context, file: Path | None) -> None:
    from bot.backup.make import back_up, default_name, work
    from bot.backup.place import place_of
    from bot.cli.progress import progress
    from bot.clock import SystemClock

    config = configuration(context)
    place, clock = place_of(config), SystemClock()
    target = file or Path()
    if target.is_dir():
        target /= default_name(clock)
    with progress(_("Backing up…"), work(place)) as step:
        back_up(place, target, clock, step)
    click.echo(
        _("Backed up and read back: {path} ({size} MB).").format(
            path=target, size=in_megabytes(target.stat().st_size)
        )
    )
    if config.path and not place.config:
        click.echo(
            _("config.toml is not in it: it holds a key or a password. Keep a copy of it apart."),
            err=True,
        )
    click.echo(_("Keep it on another machine. To put it back: pavois restore FILE"))


def in_megabytes(size: int) -> str:
    """*size*, in bytes, as people read it."""
    from babel.numbers import format_decimal

    from bot.words import locale_of, spoken

    return format_decimal(size / 1e6, format="#,##0.0", locale=locale_of(spoken()))
