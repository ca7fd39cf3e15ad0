"""`pavois init`: a configuration of one's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from bot.words import _

#: A sample that names no day, and so can be queued on any.
SAMPLE = "campaigns/korea-france/announcements/partenariat-auvergne-rhone-alpes.toml"


@click.command(
    "init",
    help=_(
        "Write a commented config.toml and a copy of the campaign into a folder, and say "
        "what to do "
        "next. Nothing that is there already is touched."
    ),
)
@click.argument(
    "folder", metavar=_("[FOLDER]"), default=".", type=click.Path(path_type=Path, file_okay=False)
)
def command(folder: Path) -> None:
    from bot.errors import RefusedCommand, reason_of
    from bot.files import shipped
    from bot.words import N_

    config = folder / "config.toml"
    if config.exists():
        raise RefusedCommand(
            N_("{path} is there already; it stays as it is. Check it with: pavois check"),
            path=str(config),
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        campaign = folder / "campaigns" / "korea-france"
        if is_new := not campaign.exists():
            shutil.copytree(shipped("campaigns/korea-france"), campaign)
        with config.open("x", encoding="utf-8") as file:
            file.write(shipped("config.example.toml").read_text(encoding="utf-8"))
    except OSError as error:
        raise RefusedCommand(
            N_("{path} cannot be written: {problem}."),
            path=str(error.filename or folder),
            problem=reason_of(error),
        ) from error
    click.echo(_("Written: {path}").format(path=config))
    told = _("Written: {path}") if is_new else _("Left as it is: {path}")
    click.echo(told.format(path=campaign))
    click.echo()
    click.echo(_("It rehearses: nothing leaves this machine. Next:"))
    for line, what in (
        *(((f"cd {folder}", ""),) if folder != Path() else ()),
        ("pavois check", _("see that all is well")),
        (f"pavois preview {SAMPLE}", _("look at a text")),
        (f"pavois queue add {SAMPLE}", _("queue it")),
        ("pavois run", _("let Pavois work; Ctrl-C stops it")),
    ):
        click.echo(f"  # {what}\n  {line}" if what else f"  {line}")
    click.echo(_("To go live: set the mode and the accounts in config.toml, then: pavois live"))
