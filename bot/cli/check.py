"""`pavois check`: what is wrong here, and how to mend it."""

from __future__ import annotations

import click

from bot.cli.common import json_option, opened, show_json
from bot.words import _


@click.command(
    "check",
    help=_(
        "Look at configuration, campaign, announcements, database, clock and accounts, and say "
        "what is wrong and how to mend it. Exit code 1 when something is. Publishes nothing."
    ),
)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    from bot.checks import check

    findings = check(opened(context, quiet=as_json))
    if as_json:
        show_json(
            [
                {"subject": finding.subject.text, "ok": finding.ok, "message": str(finding.message)}
                for finding in findings
            ]
        )
    else:
        for finding in findings:
            mark = click.style("✓", fg="green") if finding.ok else click.style("✗", fg="red")
            said = _("{place}: {problem}").format(place=finding.subject, problem=finding.message)
            click.echo(f"{mark} {said}")
    if not all(finding.ok for finding in findings):
        context.exit(1)
