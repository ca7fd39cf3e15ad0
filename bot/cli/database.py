"""`pavois database`: where everything is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.cli.common import configuration, confirmed, show_table
from bot.words import _


@click.group("database", help=_("Move all that Pavois remembers to another database."))
def command() -> None:
    """The group; its help is above."""


@command.command(
    "move",
    help=_(
        "Copy the whole database into an empty one. The two are compared, and the old one is "
        "closed for ever: from SQLite to PostgreSQL, or back. Stop what publishes from it first. "
        "The files in the folder media stay where they are. URL is "
        "postgresql://user@host/database, or sqlite:///file.db"
    ),
)
@click.argument("url", metavar="URL")
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_context
def move(context: click.Context, url: str, yes: bool) -> None:
    from bot.clock import SystemClock
    from bot.config import absolute_url
    from bot.db.engine import open_engine
    from bot.db.moving import for_config, move_all, place_of

    config = configuration(context)
    folder = config.path.parent.absolute() if config.path else Path.cwd()
    source = open_engine(config.database_url)
    context.call_on_close(source.dispose)
    target = open_engine(absolute_url(url, folder))
    context.call_on_close(target.dispose)
    told = _("{old} is copied to {new}, and then closed for ever.")
    click.echo(told.format(old=place_of(source.url), new=place_of(target.url)))
    if not yes and not confirmed(_("Go on?")):
        click.echo(_("Nothing changed."), err=True)
        context.exit(5)
    with _progress() as progress:
        counted = move_all(source, target, SystemClock().now(), progress)
    show_table((_("Table"), _("Rows")), [(name, str(rows)) for name, rows in counted.items()])
    click.echo(_("All of it is there, and equal. Now write this into config.toml:"))
    click.echo(f'\n[database]\nurl = "{for_config(url)}"\n')
    if target.url.password:
        # Not shown here, nor for everybody to read in config.toml.
        click.echo(
            _("Its password goes into ~/.pgpass of the user that Pavois runs as (chmod 600):")
        )
        click.echo("  HOST:PORT:DATABASE:USER:PASSWORD")
    click.echo(_("Then: pavois check"))


@contextmanager
def _progress() -> Iterator[Callable[[str, int], None]]:
    """A line on the terminal with the table that is copied and how many rows are there."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    console = Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.description}")
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("")
        yield lambda table, rows: bar.update(task, description=f"{table} {rows}")
