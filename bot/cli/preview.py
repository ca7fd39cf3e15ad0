"""`pavois preview`: exact texts and counts, without queueing."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.common import json_option, language_name, opened, show_json
from bot.words import _


@click.command(
    "preview",
    help=_(
        "Show the exact text of announcements for each network and language, with its length. "
        "Nothing is queued."
    ),
)
@click.argument(
    "files", metavar=_("FILE…"), nargs=-1, required=True, type=click.Path(path_type=Path)
)
@json_option
@click.pass_context
def command(context: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    from bot.announcements import read_announcement
    from bot.model import Rendering
    from bot.networks import network_kind

    app = opened(context, quiet=as_json)
    previews = []
    for path in files:
        announcement = read_announcement(path, app.campaign)
        # One text for a network and a language, however many accounts publish it.
        texts: dict[tuple[str, str], Rendering] = {
            (rendering.network, rendering.language): rendering
            for rendering in app.preview(announcement).values()
        }
        previews.append((announcement.slug, list(texts.values())))
    if as_json:
        show_json(
            [
                {
                    "announcement": slug,
                    "network": text.network,
                    "language": text.language,
                    "length": text.length,
                    "limit": text.limit,
                    "text": text.text,
                }
                for slug, texts_of_it in previews
                for text in texts_of_it
            ]
        )
        return
    for slug, texts_of_it in previews:
        for text in texts_of_it:
            title = network_kind(text.network).title
            heading = f"{slug} · {title} · {language_name(text.language)}"
            click.secho(f"── {heading} · {text.length}/{text.limit}", bold=True)
            click.echo(f"{text.text}\n")
