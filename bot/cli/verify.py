"""`pavois verify`: whether database, ledger and files are whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import json_option, opened, plain, show_json
from bot.words import _

if TYPE_CHECKING:
    from bot.backup.verify import Verdict


@click.command(
    "verify",
    help=_(
        "Look whether the database is whole, the ledger without contradiction and every file of a "
        "post there and unchanged: here, also while Pavois runs, or in a backup. Exit code 1 when "
        "something is wrong. Changes nothing."
    ),
)
@click.argument("file", metavar=_("[FILE]"), required=False, type=click.Path(path_type=Path))
@json_option
@click.pass_context
def command(context: click.Context, file: Path | None, as_json: bool) -> None:
    verdict = _of_file(file) if file else _of_place(context, as_json)
    if as_json:
        show_json(plain(verdict))
    else:
        for fault in verdict.faults:
            click.echo(f"{click.style('✗', fg='red')} {fault.message}")
        if not verdict.faults:
            click.echo(f"{click.style('✓', fg='green')} {_all_is_well(verdict)}")
    if verdict.faults:
        context.exit(1)


def _of_file(file: Path) -> Verdict:
    from bot.backup.verify import verify_file
    from bot.cli.progress import progress
    from bot.clock import SystemClock

    with progress(_("Verifying…"), file.stat().st_size if file.exists() else 0) as step:
        return verify_file(file, SystemClock(), step)


def _of_place(context: click.Context, as_json: bool) -> Verdict:
    from bot.backup.place import place_of
    from bot.backup.verify import verify_place, work
    from bot.cli.progress import progress

    app = opened(context, quiet=as_json)
    place = place_of(app.config)
    with progress(_("Verifying…"), work(place)) as step:
        return verify_place(place, lambda: app.store, app.clock, step)


def _all_is_well(verdict: Verdict) -> str:
    said = _("All is whole. Posts: {posts}, attempts: {attempts}, files: {files}.").format(
        posts=verdict.posts, attempts=verdict.attempts, files=verdict.files
    )
    if not verdict.unnamed:
        return said
    unnamed = _("Files in no post: {count}.").format(count=verdict.unnamed)
    return f"{said} {unnamed}"
