"""`pavois notices`: what a person must know of."""

from __future__ import annotations

import click

from bot.cli.common import (
    about,
    at,
    json_option,
    notice_number,
    opened,
    show_json,
    show_table,
    told,
)
from bot.words import _, ngettext


@click.group("notices", help=_("Show what a person must know of, and tick it off."))
def command() -> None:
    """The group; its help is above."""


@command.command("list", help=_("What nobody has dealt with yet, oldest first."))
@json_option
@click.pass_context
def list_notices(context: click.Context, as_json: bool) -> None:
    app = opened(context, quiet=as_json)
    notices = app.store.journal.notices()
    if as_json:
        show_json(
            [
                {
                    "id": notice.id,
                    "at": notice.at.isoformat(),
                    "subject": notice.subject,
                    "message": told(notice),
                }
                for notice in notices
            ]
        )
    elif notices:
        show_table(
            [_("No."), _("When"), _("About"), _("What")],
            [[str(one.id), at(one.at, app), about(one.subject), told(one)] for one in notices],
        )
    else:
        click.echo(_("Nothing needs a person."))


@command.command(
    "done", help=_("Tick notices off, by number or all: somebody has dealt with them.")
)
@click.argument("numbers", metavar=_("[NUMBER…]"), nargs=-1, type=notice_number)
@click.option("--all", "everything", is_flag=True, help=_("All of them."))
@click.pass_context
def done(context: click.Context, numbers: tuple[int, ...], everything: bool) -> None:
    if bool(numbers) == everything:
        raise click.UsageError(_("Give the numbers of notices, or --all."))
    app = opened(context)
    chosen = [one.id for one in app.store.journal.notices()] if everything else list(numbers)
    count = app.store.journal.settle_numbers(chosen)
    said = ngettext("{count} notice ticked off.", "{count} notices ticked off.", count)
    click.echo(said.format(count=count))
