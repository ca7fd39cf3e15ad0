"""`pavois rules`: the rules of style that texts are checked by."""

from __future__ import annotations

import click

from bot.cli.common import json_option, opened, show_json, show_table
from bot.words import _


@click.command(
    "rules",
    help=_(
        "The rules that texts are checked by, for people and for accessibility. An error keeps an "
        "announcement out of the queue; advice is yours to follow. Those that a campaign does "
        "without stand in its campaign.toml: [lint] off."
    ),
)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    from bot.compose.lint import REQUIRED, RULES, Level

    off = opened(context, quiet=as_json).campaign.lint_off
    if as_json:
        show_json(
            [
                {
                    "code": rule.code,
                    "level": rule.level.value,
                    "about": str(rule.about),
                    "source": rule.source,
                    "applied": rule.code not in off,
                    "required": rule.code in REQUIRED,
                }
                for rule in RULES.values()
            ]
        )
        return
    words = {Level.ERROR: _("error"), Level.ADVICE: _("advice")}
    levels = {code: words[rule.level] for code, rule in RULES.items()}
    levels |= dict.fromkeys(off, _("not applied")) | dict.fromkeys(REQUIRED, _("error, always"))
    show_table(
        [_("Rule"), _("Level"), _("What it asks"), _("Source")],
        [[rule.code, levels[rule.code], str(rule.about), rule.source] for rule in RULES.values()],
    )
