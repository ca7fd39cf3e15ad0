"""The commands. A command's module, and what it needs, is imported when it is called."""

from __future__ import annotations

import importlib
import io
import os
import re
import sys
from collections.abc import Sequence

import click

from bot.cli.layout import Formatter
from bot.words import LANGUAGES, N_, _, language_of_environment, speak

#: Name → module of `bot.cli`, and the line that `pavois --help` shows. In the order of a first day.
COMMANDS = {
    "demo": ("demo", N_("Rehearse two weeks of the campaign, without any account.")),
    "init": ("init", N_("Write a config.toml of your own, and say what to do next.")),
    "check": ("check", N_("Say what is wrong here, and how to mend it.")),
    "preview": ("preview", N_("Show an announcement as each network will, without queueing it.")),
    "rules": ("rules", N_("List the rules of style that texts are checked by.")),
    "queue": ("queue", N_("Add announcements to the queue, look at it, change, cancel, settle.")),
    "correct": ("correct", N_("Change the text of a post that is out.")),
    "delete": ("delete", N_("Take back posts that are out.")),
    "publish": ("publish", N_("Publish once all that is due, then stop (for cron).")),
    "stop": ("stop", N_("Stop all sending at once, in every process.")),
    "resume": ("resume", N_("Let sending go on after a stop: all of it, or some posts.")),
    "run": ("run", N_("Publish, collect and report by itself, until it is stopped.")),
    "collect": ("collect", N_("Read now what was seen of the posts that are out.")),
    "report": ("report", N_("Show or write the visibility report of a week.")),
    "accounts": ("accounts", N_("List the accounts; let a held one publish again.")),
    "notices": ("notices", N_("Show what a person must know of, and tick it off.")),
    "database": ("database", N_("Move all that Pavois remembers to another database.")),
    "live": ("live", N_("Confirm that this is no rehearsal any more.")),
    "backup": ("backup", N_("Write all that must not be lost into one file.")),
    "restore": ("restore", N_("Put a backup back, and send nothing twice.")),
    "verify": ("verify", N_("Say whether database, ledger and files are whole.")),
}


class Commands(click.Group):
    """Knows the commands by name, and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"bot.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, (_module, line) in COMMANDS.items()])
        formatter.write_paragraph()
        with formatter.section(_("Exit codes")):
            formatter.write_text(
                _(
                    "0 done · 1 something needs a person · 2 wrong usage · 3 configuration or "
                    "campaign file · 4 a text or a file does not fit · 5 cannot be done now · 6 "
                    "database or disk · 7 network · 8 a file of the media folder"
                )
            )


def _group() -> click.Group:
    """The `pavois` command, in the language that was chosen by now."""

    @click.group(
        cls=Commands,
        help=_("Pavois publishes the announcements of a hashtag campaign on X and LinkedIn."),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    @click.option(
        "--config",
        "config_path",
        metavar=_("FILE"),
        default="",
        help=_("The configuration; without it ./config.toml, else the defaults of a rehearsal."),
    )
    @click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        help=_("Language of messages and help (also: PAVOIS_LANGUAGE)."),
    )
    @click.version_option(package_name="pavois", prog_name="Pavois", message="%(prog)s %(version)s")
    @click.pass_context
    def pavois(context: click.Context, config_path: str, language: str | None) -> None:
        context.obj = {"config": config_path, "language": language or ""}

    return pavois


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `pavois` and exit with its code; a user's mistake is a sentence, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show Hangul or flags shows a question mark instead.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    speak(_wanted_language(arguments) or language_of_environment(os.environ))
    click.Context.formatter_class = Formatter
    try:
        result = _group().main(arguments, prog_name="pavois", standalone_mode=False)
    except click.ClickException as error:
        _show(error)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo(_("Stopped."), err=True)
        sys.exit(130)
    except SystemExit:
        # click's answer when whoever read our output has had enough (`pavois queue list | head`).
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  the last resort: told in a sentence below
        sys.exit(_say(error))
    sys.exit(result if isinstance(result, int) else 0)


def _show(error: click.ClickException) -> None:
    """click's *error* on stderr, what it quotes between the quotation marks of the language."""
    shown = io.StringIO()
    error.show(shown)
    quoted = _("“{quoted}”").format(quoted=r"\1")
    click.echo(re.sub(r"(?<!\w)'([^'\n]*)'(?!\w)", quoted, shown.getvalue()), nl=False, err=True)


def _say(error: Exception) -> int:
    """Tell *error* in a sentence on stderr; the exit code."""
    from bot.errors import PavoisError, reason_of

    if isinstance(error, PavoisError):
        click.echo(f"pavois: {error}", err=True)
        return error.exit_code
    if os.environ.get("PAVOIS_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.strerror:
        # What no part expects: the folder we stand in is gone, the output's disk is full.
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"pavois: {where}{reason_of(error)}.", err=True)
        return 6
    click.echo(
        _(
            "pavois: a fault of Pavois itself ({kind}). Nothing was half-written. Set "
            "PAVOIS_DEBUG=1, call it again, and send the output to whoever looks after Pavois."
        ).format(kind=type(error).__name__),
        err=True,
    )
    return 70


def _wanted_language(arguments: Sequence[str]) -> str:
    """The language of `--language`, which must be known before the help is put into words."""
    for index, argument in enumerate(arguments):
        if argument == "--language" and index + 1 < len(arguments):
            chosen = arguments[index + 1]
            return chosen if chosen in LANGUAGES else ""
        if argument.startswith("--language="):
            chosen = argument.partition("=")[2]
            return chosen if chosen in LANGUAGES else ""
        if not argument.startswith("-"):
            break
    return ""
