"""`pavois correct`: the text of a post that is out is changed, or a correcting post is queued."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import confirmed, opened, post_number, say_notices
from bot.cli.posts import price_in_words
from bot.words import _

if TYPE_CHECKING:
    from bot.app import App
    from bot.corrector import Correction


@click.command(
    "correct",
    help=_(
        "Change the text of a post that is out. Hashtag and flags are added and checked as for "
        "any announcement. What is attached stays. Where the network has no way to change it, a "
        "correcting post can be queued instead."
    ),
)
@click.argument("number", metavar=_("NUMBER"), type=post_number)
@click.option("--text", default="", help=_("What it is to say, whole."))
@click.option(
    "--file",
    default="",
    metavar=_("FILE"),
    help=_("A file with what it is to say; - reads it from standard input (with --yes)."),
)
@click.option(
    "--as-post",
    is_flag=True,
    help=_("Change nothing: queue a correcting post, due now, as an announcement of its own."),
)
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_context
def command(
    context: click.Context, number: int, text: str, file: str, as_post: bool, yes: bool
) -> None:
    if bool(text) == bool(file):
        raise click.UsageError(_("Give what it is to say, with --text or with --file."))
    if file == "-" and not yes:
        raise click.UsageError(_("Who reads from standard input cannot be asked: add --yes."))
    app = opened(context)
    post = app.store.queue.post(number)
    correction = app.corrections.considered(post, _read(file) if file else text)
    _show(correction)
    if as_post:
        _say_anew(app, correction, yes=yes)
    elif correction.hindrance:
        click.echo(str(correction.hindrance), err=True)
        _offer(context, app, correction, yes=yes)
    else:
        _correct(context, app, correction, yes=yes)


def _read(file: str) -> str:
    """The text in *file*, or on standard input. Raises ConfigError."""
    from bot.files import read_text

    return sys.stdin.read() if file == "-" else read_text(Path(file))


def _show(correction: Correction) -> None:
    """What it says, what it will say, and what a person should know before."""
    post = correction.post
    click.secho(f"{post.id}  {post.announcement}  {post.account}  {post.url}", bold=True)
    for heading, text in ((_("Now:"), post.text), (_("Then:"), correction.text)):
        click.secho(heading, dim=True)
        click.echo(f"{text}\n")
    for mend in correction.mends:
        click.secho(f"  ~ {mend}", fg="cyan")
    if correction.price:
        click.echo(f"  {price_in_words(correction.price)}")
    for advice in correction.advice:
        click.secho(f"  ! {advice}", fg="yellow")


def _correct(context: click.Context, app: App, correction: Correction, *, yes: bool) -> None:
    from bot.errors import NetworkError, Refused

    click.echo(str(correction.rule))
    if not yes and not confirmed(_("Change it?")):
        raise click.Abort
    try:
        post = app.corrections.correct(correction)
    except Refused as error:
        click.echo(str(error), err=True)
        _offer(context, app, correction, yes=yes)
        return
    except NetworkError as error:
        click.echo(f"pavois: {error}", err=True)
        say_notices(app)
        context.exit(error.exit_code)
    click.echo(_("Corrected: {url}").format(url=post.url))


def _offer(context: click.Context, app: App, correction: Correction, *, yes: bool) -> None:
    """A correcting post instead: only if a person says so."""
    if yes:
        click.echo(_("To say it in a post of its own: add --as-post"), err=True)
        context.exit(5)
    _say_anew(app, correction, yes=False)


def _say_anew(app: App, correction: Correction, *, yes: bool) -> None:
    question = _("Queue it as a post of its own, due now?")
    if not yes and not confirmed(question):
        raise click.Abort
    post = app.corrections.say_anew(correction)
    click.echo(_("{name} is queued as post {id}.").format(name=post.announcement, id=post.id))
