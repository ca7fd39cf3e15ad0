"""`pavois restore`: a backup in the place of what is there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import configuration, confirmed
from bot.words import _

if TYPE_CHECKING:
    from bot.backup.archive import Archive
    from bot.backup.place import Place
    from bot.backup.restore import Restored
    from bot.config import Config


@click.command(
    "restore",
    help=_(
        "Put a backup in the place of what is here, which is kept. Pavois must "
        "be stopped. What may have gone out since the backup is looked for before anything is sent."
    ),
)
@click.argument("file", metavar=_("FILE"), type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_context
def command(context: click.Context, file: Path, yes: bool) -> None:
    from bot.backup.archive import opened
    from bot.backup.place import place_of
    from bot.backup.restore import replaced, restore, work
    from bot.cli.progress import progress
    from bot.clock import SystemClock
    from bot.config import mode_word
    from bot.db.recovery import in_utc

    with opened(file) as archive, _chosen(context, archive) as config:
        place = place_of(config)
        made = in_utc(archive.manifest.made_at)
        click.echo(
            _("Backup of {at}, mode {mode}.").format(at=made, mode=mode_word(archive.manifest.mode))
        )
        if there := replaced(archive, place):
            click.echo(_("It takes the place of:"))
            for what in there:
                click.echo(f"  {what}")
            if not yes and not confirmed(_("Restore this backup?")):
                raise click.Abort
        clock = SystemClock()
        with progress(_("Restoring…"), work(archive)) as step:
            done = restore(
                archive,
                place,
                clock,
                lambda campaign, slugs: _lookable(
                    replace(config, campaign=campaign or config.campaign), slugs
                ),
                step,
            )
    _say(place, done)


@contextmanager
def _chosen(context: click.Context, archive: Archive) -> Iterator[Config]:
    """The configuration that is here; where there is none, the backup's, from then on."""
    from bot.backup.archive import CONFIG
    from bot.config import load_config

    config = configuration(context)
    if config.path or not archive.names(CONFIG):
        yield config
        return
    own = Path.cwd() / CONFIG
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=own.parent) as folder:
        unpacked = Path(folder) / CONFIG
        archive.unpack(CONFIG, unpacked, lambda _more: None)
        # What it names is named from the folder where it is going to lie.
        beside = own.with_name(f".{Path(folder).name}.toml")
        unpacked.rename(beside)
        try:
            yield replace(load_config(beside, own.parent), path=own)
            os.link(beside, own)
        finally:
            beside.unlink()
    click.echo(_("Written: {path}").format(path=own))


def _lookable(config: Config, slugs: Collection[str]) -> Collection[str]:
    """Those accounts whose own posts Pavois can read; those of which it cannot be known, too."""
    from bot.app import make_app
    from bot.errors import ConfigError

    with make_app(config) as app:
        try:
            _ = app.campaign
        except ConfigError:
            return slugs
        return [slug for slug in slugs if app.can_look(slug)]


def _say(place: Place, done: Restored) -> None:
    from bot.config import LIVE
    from bot.db.recovery import in_utc
    from bot.outcome import BETWEEN_LOOKS, LOOKS_NEEDED, VISIBLE_WITHIN

    click.echo(_("Restored. Nothing is sent before it is known what is out."))
    for said, count in (
        (_("posts that Pavois looks for: {count}"), done.recovered.looked_for),
        (
            _("posts that you must look for (pavois notices list): {count}"),
            done.recovered.for_a_person,
        ),
        (_("posts that stay held: {count}"), done.recovered.held),
    ):
        if count:
            click.echo(f"  {said.format(count=count)}")
    if done.stopped:
        said = _("All sending is stopped since {since}: {reason} · To go on: pavois resume")
        since, reason = in_utc(done.stopped.since), done.stopped.reason or "—"
        click.secho(f"■ {said.format(since=since, reason=reason)}", fg="red", bold=True, err=True)
    if done.recovered.looked_for:
        minutes = (VISIBLE_WITHIN + (LOOKS_NEEDED - 1) * BETWEEN_LOOKS) // timedelta(minutes=1)
        click.echo(
            _(
                "The looks are done about {minutes} minutes from now, and only while Pavois runs; "
                "until then none of these posts can be changed or cancelled: pavois run"
            ).format(minutes=minutes)
        )
    if done.undo:
        click.echo(
            _("What was here is kept. To go back: pavois restore {path}").format(path=done.undo)
        )
    if done.campaign:
        click.echo(_("The campaign's folder as it was: {path}").format(path=done.campaign))
    click.echo(_("What was queued, changed or cancelled after the backup is not in it."))
    click.echo(_("Keys and tokens are in no backup; what is missing is said by: pavois check"))
    if place.mode == LIVE:
        click.echo(
            _(
                "If the machine that the backup is from still runs, stop it there. Then confirm "
                "that this one publishes: pavois live"
            )
        )
