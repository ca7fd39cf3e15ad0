"""`pavois demo`: the rehearsal, with a display of what is happening."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import configuration, state_word
from bot.cli.layout import padded
from bot.model import PostState
from bot.words import _, ngettext, spoken

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar

    from bot.app import App
    from bot.clock import RehearsalClock
    from bot.rehearsal import Step, Tally


@click.command(
    "demo",
    help=_(
        "Rehearse the campaign on the built-in X and LinkedIn: two weeks pass in under a minute. "
        "No account, no key, nothing leaves this machine."
    ),
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("rehearsal"),
    show_default=True,
    help=_("Where it writes; emptied of an earlier rehearsal."),
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 26),
    default=2,
    show_default=True,
    help=_("How many weeks to rehearse."),
)
@click.option(
    "--serve", is_flag=True, help=_("Keep the rehearsal networks up, to open their timelines.")
)
@click.pass_context
def command(context: click.Context, folder: Path, weeks: int, serve: bool) -> None:
    from rich.console import Console

    from bot.rehearsal import clean_folder, rehearsed_app

    console = Console(highlight=False)
    began = time.perf_counter()
    with clean_folder(folder):
        app, clock = rehearsed_app(configuration(context), folder)
        with app:
            stop = _stop_on_signals()
            tally = _show(console, app, clock, weeks, stop)
            pages = app.write_timelines()
            _summary(console, app, tally, pages, folder, time.perf_counter() - began)
            if stop.is_set():
                click.echo(_("Stopped."), err=True)
                context.exit(130)
            if serve:
                _serve(console, app, stop)


def _show(
    console: Console, app: App, clock: RehearsalClock, weeks: int, stop: threading.Event
) -> Tally:
    from bot.cli.progress import bar
    from bot.rehearsal import rehearse

    _introduce(console, app)
    with bar(console) as progress:
        task = progress.add_task(_("Queueing the announcements…"), total=1.0)

        def show(step: Step) -> None:
            progress.update(task, completed=step.share, description=_present(step, app))
            _print_posts(progress, step, app)

        return rehearse(app, clock, weeks, show, stop.is_set)


def _introduce(console: Console, app: App) -> None:
    name = app.campaign.names.get(spoken(), app.campaign.slug)
    console.print(f"[bold]Pavois[/bold] · {name} · #{app.campaign.hashtag}")
    console.print(
        _("A rehearsal: the built-in X and LinkedIn on this machine, and a clock of their own.")
    )
    console.print()


def _present(step: Step, app: App) -> str:
    """What the clock says and what was done so far, for the line of the bar."""
    published = sum(count for state, count in step.tally.became.items() if state == "published")
    return _("{time} · {published} of {posts} posts out · {readings} readings").format(
        time=_clock(step, app),
        published=published,
        posts=step.tally.posts,
        readings=step.tally.readings,
    )


def _clock(step: Step, app: App) -> str:
    """The rehearsal's present, as the reader's language writes a day and an hour."""
    from bot.report.wording import Wording

    return Wording(spoken()).instant(step.now, app.campaign.zone)


def _print_posts(bar: Bar, step: Step, app: App) -> None:
    from rich.text import Text

    when = padded(_clock(step, app), 22)
    for post, state in step.posts:
        first_line = post.text.partition("\n")[0]
        said = f"{post.account:<11}  {post.language}  {padded(state_word(state), 10)}  {first_line}"
        bar.console.print(Text(f"{when}  {said}"), no_wrap=True, overflow="ellipsis")


def _summary(
    console: Console, app: App, tally: Tally, pages: list[Path], folder: Path, seconds: float
) -> None:
    from bot.report import terminal
    from bot.report.period import last_complete_week

    period = last_complete_week(app.clock.now(), app.campaign.zone)
    console.print()
    if tally.reports:
        terminal.show_summary(app.reporter.build(period), app.campaign, spoken(), console)
    counted = ngettext(
        "{announcements} announcement, {posts} post queued",
        "{announcements} announcements, {posts} posts queued",
        tally.posts,
    ).format(announcements=tally.announcements, posts=tally.posts)
    readings = ngettext("{count} reading kept", "{count} readings kept", tally.readings)
    became = [
        _("{state}: {count}").format(state=state_word(state), count=count)
        for state, count in tally.became.items()
    ]
    later = app.store.queue.posts(app.campaign.slug, states=[PostState.QUEUED])
    if later:
        became.append(_("for later: {count}").format(count=len(later)))
    facts = [*became, readings.format(count=tally.readings)]
    facts.append(_("{seconds} s").format(seconds=round(seconds)))
    console.print(" · ".join([f"[bold]{counted}[/bold]", *facts]))
    _where(console, tally, pages, folder)


def _where(console: Console, tally: Tally, pages: list[Path], folder: Path) -> None:
    """Where everything can be seen."""
    shown = [path for path in tally.reports if path.name.endswith(f".{spoken()}.html")]
    lines = [(_("Report"), shown[-1])] if shown else []
    lines.append((_("Database"), folder / "pavois.db"))
    lines += [(_("Timeline"), page) for page in pages]
    for title, path in lines:
        console.print(f"  {padded(title, 12)} {_short(path)}", soft_wrap=True)
    console.print(
        "  " + _("The timelines in a browser, from the networks themselves: pavois demo --serve")
    )


def _short(path: Path) -> Path:
    """*path* from here, if it lies below."""
    absolute = path.absolute()
    return absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute


def _serve(console: Console, app: App, stop: threading.Event) -> None:
    console.print()
    console.print(_("The rehearsal networks are up; Ctrl-C stops them:"))
    for network in app.networks:
        console.print(f"  {app.network_settings(network)['base_url']}/")
    stop.wait()


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_arguments: stop.set())
    return stop
