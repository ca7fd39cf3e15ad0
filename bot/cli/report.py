"""`pavois report`: the visibility of a week."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import opened
from bot.words import LANGUAGES, _, spoken

if TYPE_CHECKING:
    from rich.console import Console

    from bot.model import Campaign
    from bot.report.values import Report

FORMS = ("terminal", "html", "markdown", "json")


@click.command(
    "report",
    help=_(
        "Show the visibility report of a week, Monday to Sunday; the last whole week if none "
        "is named."
    ),
)
@click.option(
    "--week",
    default="",
    metavar="2023-W09",
    help=_("The week; “this” for the present one, so far."),
)
@click.option("--language", type=click.Choice(LANGUAGES), help=_("The report's language."))
@click.option(
    "--form",
    type=click.Choice(FORMS),
    help=_("The report's form; without it, what the ending of --output says, or the terminal's."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Plain data for programs, as JSON."))
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help=_("Write it into this file.")
)
@click.pass_context
def command(
    context: click.Context,
    week: str,
    language: str | None,
    form: str | None,
    as_json: bool,
    output: Path | None,
) -> None:
    from bot.report.period import last_complete_week, present_week, week_named
    from bot.reporter import write_whole

    app = opened(context, quiet=as_json)
    zone = app.campaign.zone
    now = app.clock.now()
    if week == "this":
        period = present_week(now, zone)
    else:
        period = week_named(week, zone) if week else last_complete_week(now, zone)
    report = app.reporter.build(period)
    text = _in_form(
        "json" if as_json else form or _form_of(output), report, app.campaign, language or spoken()
    )
    if output:
        write_whole(output, text)
        click.echo(_("Written: {path}").format(path=output))
    else:
        click.echo(text, nl=False)


def _form_of(output: Path | None) -> str:
    endings = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json"}
    return endings.get(output.suffix.lower(), "terminal") if output else "terminal"


def _in_form(form: str, report: Report, campaign: Campaign, language: str) -> str:
    from bot.report import html, markdown, plain, terminal

    if form == "html":
        return html.page(report, campaign, language)
    if form == "markdown":
        return markdown.text(report, campaign, language)
    if form == "json":
        return json.dumps(plain.as_json(report), ensure_ascii=False, indent=2) + "\n"
    return _on_a_terminal(lambda console: terminal.show(report, campaign, language, console))


def _on_a_terminal(show: Callable[[Console], None]) -> str:
    """What *show* prints, as wide as this terminal and with its colours, if it is one."""
    from rich.console import Console

    console = Console(width=None if os.isatty(1) else 100, highlight=False)
    with console.capture() as captured:
        show(console)
    return captured.get()
