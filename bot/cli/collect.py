"""`pavois collect`: read the metrics now."""

from __future__ import annotations

import click

from bot.cli.common import json_option, opened, show_json
from bot.words import _, ngettext


@click.command("collect", help=_("Read now what was seen of the posts that are out."))
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    app = opened(context, quiet=as_json)
    kept = app.collector.collect_now()
    if as_json:
        show_json({"snapshots": kept})
        return
    said = ngettext("{count} post was read.", "{count} posts were read.", kept)
    click.echo(said.format(count=kept))
