"""What the commands share: the configuration, the app, and how things are shown."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot.config import Config, find_config, load_config
from bot.model import STOP, AccountState, AttemptState, Notice, PostState
from bot.plan import both_zones
from bot.words import N_, _, language_of_environment, speak, spoken

if TYPE_CHECKING:
    from bot.app import App

json_option = click.option(
    "--json", "as_json", is_flag=True, help=_("Plain data for programs, as JSON.")
)


class Number(click.ParamType[int]):
    """The number of a post or a notice: what every database can count to. *wrong* says what else
    is none, with {value}."""

    name = "number"

    def __init__(self, wrong: str) -> None:
        self._wrong = wrong

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """*value* as a number. Raises click.BadParameter."""
        try:
            number = int(value)
        except ValueError:
            number = 0
        if not 0 < number < 2**31:
            self.fail(_(self._wrong).format(value=value), param, ctx)
        return number


post_number = Number(N_("“{value}” is not a post number."))
notice_number = Number(N_("“{value}” is not the number of a notice."))


def configuration(context: click.Context) -> Config:
    """The configuration that this call is to use. Raises ConfigError."""
    chosen = context.obj or {"config": "", "language": ""}
    path = find_config(chosen["config"], os.environ, Path.cwd())
    config = load_config(path, Path.cwd())
    if not (chosen["language"] or os.environ.get("PAVOIS_LANGUAGE")):
        speak(config.language or language_of_environment(os.environ))
    return config


def opened(context: click.Context, *, quiet: bool = False) -> App:
    """The app, closed when the command ends. Without a config.toml it says that it rehearses."""
    from bot.app import make_app

    config = configuration(context)
    if config.path is None and not quiet:
        click.echo(
            _("No config.toml here: this is a rehearsal with defaults. Your own: pavois init"),
            err=True,
        )
    app: App = context.with_resource(make_app(config))
    return app


def show_json(data: object) -> None:
    """*data* on stdout as JSON, letters as they are."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def show_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table that knows how wide Hangul and flags are; a column in which nothing stands is left
    out, for what stands in the others."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    columns = [column for column in zip(headings, *rows, strict=True) if any(column[1:])]
    for heading, *_cells in columns:
        table.add_column(heading, overflow="fold")
    for row in list(zip(*columns, strict=True))[1:]:
        table.add_row(*(Text(cell) for cell in row))
    Console(width=None if os.isatty(1) else 140).print(table)


def at(instant: datetime | None, app: App) -> str:
    """*instant* in the campaign's zones, or a dash."""
    return both_zones(instant, app.campaign.zones) if instant else "—"


def to_the_second(instant: datetime, app: App) -> str:
    """*instant* in the campaign's first zone, as the ledger shows it."""
    return f"{instant.astimezone(ZoneInfo(app.campaign.zone)):%Y-%m-%d %H:%M:%S}"


def state_word(state: PostState | AttemptState | AccountState) -> str:
    """The state in the reader's language."""
    return {
        "draft": _("draft"),
        "queued": _("queued"),
        "sending": _("sending"),
        "published": _("published"),
        "failed": _("failed"),
        "uncertain": _("uncertain"),
        "held": _("held"),
        "cancelled": _("cancelled"),
        "expired": _("expired"),
        "deleted": _("deleted"),
        "prepared": _("prepared"),
        "accepted": _("accepted"),
        "refused": _("refused"),
        "not_sent": _("not sent"),
        "ready": _("ready"),
        "disconnected": _("disconnected"),
    }[state.value]


def language_name(code: str) -> str:
    """The name of a language in the reader's."""
    from babel import Locale

    return str(Locale.parse(code).get_display_name(spoken()) or code)


def confirmed(question: str) -> bool:
    """Ask *question* and wait for a yes or a no, in the reader's language or in English."""
    # Translators: what may be typed for yes, then for no, the shown one first.
    yes, no = _("y yes").split(), _("n no").split()
    prompt = f"{question} [{yes[0]}/{no[0]}]"
    while True:
        answer = click.prompt(prompt, prompt_suffix=" ", default="", show_default=False)
        word = answer.strip().casefold()
        if word in {*yes, "y", "yes"}:
            return True
        if not word or word in {*no, "n", "no"}:
            return False
        click.echo(_("Type {yes} or {no}.").format(yes=yes[0], no=no[0]))


def say_stopped(app: App) -> None:
    """Tell on stderr that all sending is stopped, if it is."""
    if stopped := app.store.brake.state():
        said = _("All sending is stopped since {since}: {reason} · To go on: pavois resume")
        words = said.format(since=at(stopped.since, app), reason=stopped.reason or "—")
        click.secho(f"■ {words}", fg="red", bold=True, err=True)


def say_notices(app: App) -> int:
    """Tell on stderr what a person must know of; how many there are."""
    notices = app.store.journal.notices()
    # That all is stopped is said on top, and cannot be ticked off.
    others = [notice for notice in notices if notice.subject != STOP]
    for notice in others:
        place = about(notice.subject)
        said = _("{place}: {problem}").format(place=place, problem=told(notice))
        click.echo(f"! {said}", err=True)
    if others:
        click.echo(_("Dealt with? pavois notices done --all"), err=True)
    return len(notices)


def about(subject: str) -> str:
    """What a notice is about, in the reader's language."""
    kind, _space, name = subject.partition(" ")
    if kind == "post":
        return _("post {number}").format(number=name)
    if kind == STOP:
        return _("stop")
    if kind == "reading":
        return _("figures of {name}").format(name=name)
    if kind == "budget":
        return _("budget of {name}").format(name=name)
    if kind == "restore":
        return _("restored backup")
    return _("account {name}").format(name=name) if kind == "account" else _("report")


def told(notice: Notice) -> str:
    """What *notice* says; of an account that is held, also the command that releases it."""
    kind, _space, name = notice.subject.partition(" ")
    if kind != "account":
        return str(notice.message)
    said = _("{cause} Once that is mended: pavois accounts release {account}")
    return said.format(cause=notice.message, account=name)


def plain(value: Any) -> Any:
    """A value of the model as JSON has it: instants and days in ISO 8601, messages in words."""
    from bot.words import Message

    if isinstance(value, Message):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value
