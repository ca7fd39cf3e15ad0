"""`pavois queue change` and `move`: what is queued, changed whole or not at all."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.common import at, confirmed, opened, say_stopped, state_word
from bot.cli.doubts import doubts_told
from bot.cli.options import announcement_options, from_options, languages_named
from bot.cli.posts import attached_in_words, posts_named, price_in_words
from bot.model import PlannedPost, Post, PostState
from bot.words import _, ngettext

if TYPE_CHECKING:
    from bot.app import App
    from bot.changes import Step
    from bot.editor import Proposal

_remaining_option = click.option(
    "--remaining",
    is_flag=True,
    help=_("Only what has not begun to be sent, when some of it has."),
)


@click.command(
    "change",
    help=_(
        "Change a queued announcement. Write it anew, as a file or with the options below. With "
        "options and no --at, the hour stays as it is; a file without `at` asks for the next free "
        "slot. What becomes of each post is shown first. All of it is changed, or nothing; a "
        "language that is new is added."
    ),
)
@click.argument("which", metavar=_("NUMBER|NAME"))
@click.argument("file", metavar=_("[FILE]"), required=False, type=click.Path(path_type=Path))
@announcement_options(without_at=_("When; without it, the hour stays as it is."))
@_remaining_option
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_context
def change(
    context: click.Context,
    /,
    which: str,
    file: Path | None,
    only: str,
    remaining: bool,
    yes: bool,
    **fields: Any,
) -> None:
    from bot.announcements import announcement_from, read_announcement

    if bool(file) == any(fields.values()) or not (file or fields["kind"]):
        raise click.UsageError(_("Name a file, or write the announcement with --kind and more."))
    app = opened(context)
    posts = posts_named(app, which)
    slug = posts[0].announcement
    if file:
        written = replace(read_announcement(file, app.campaign), slug=slug)
    else:
        source, _name = from_options(name=slug, **fields)
        written = announcement_from(source, slug, app.campaign)
    languages = languages_named(app, only)
    keeps_hour = not (file or fields["at"])
    with doubts_told(app, posts, f"pavois queue change {which}"):
        proposal = app.editor.change(written, languages, remaining=remaining, keeps_hour=keeps_hour)
    _proposed(app, proposal, yes=yes)


@click.command(
    "move",
    help=_(
        "Give a post, or all those of an announcement, another time. The first goes out at that "
        "time, the others as far from it as they were."
    ),
)
@click.argument("which", metavar=_("NUMBER|NAME"))
@click.option("--at", "hour", required=True, metavar="2023-03-01T09:30", help=_("The new time."))
@click.option("--zone", default="", help=_("The zone of --at: Asia/Seoul."))
@_remaining_option
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_context
def move(
    context: click.Context, which: str, hour: str, zone: str, remaining: bool, yes: bool
) -> None:
    from bot.announcements import instant_from
    from bot.files import Source

    app = opened(context)
    posts = posts_named(app, which)
    post = posts[0]
    only = post if str(post.id) == which else None
    source = Source(_("command line"), "", {"at": hour, "zone": zone})
    instant = instant_from(source, app.campaign)
    with doubts_told(app, posts, f"pavois queue move {which}"):
        proposal = app.editor.move(post.announcement, instant, only, remaining=remaining)
    _proposed(app, proposal, yes=yes)


def _proposed(app: App, proposal: Proposal, *, yes: bool) -> None:
    """Show *proposal*, ask for it, and write it."""
    change = proposal.change
    click.secho(change.slug, bold=True)
    for step in change.steps:
        _show(app, step)
    if proposal.price:
        click.echo(f"  {price_in_words(proposal.price)}")
    for advice in proposal.advice:
        click.secho(f"  ! {advice}", fg="yellow", err=True)
    count = len(change.changed)
    question = ngettext("Change this post?", "Change these {count} posts?", count)
    if count and not yes and not confirmed(question.format(count=count)):
        raise click.Abort
    app.store.queue.change(change)
    said = ngettext("{count} post changed.", "{count} posts changed.", count)
    click.echo(said.format(count=count) if count else _("Its posts stay as they are."))
    say_stopped(app)


def _show(app: App, step: Step) -> None:
    one = step.after or step.before
    if one is None:
        return
    number = str(step.before.id) if step.before else "+"
    first, *then = _times(app, step)
    words = (number, one.account, one.language, first, _fate(step))
    click.echo("  " + "  ".join(filter(None, words)))
    for time in then:
        # On a line of its own: two times in two zones are wider than a terminal.
        click.echo(f"      → {time}")
    if step.before and step.after and step.before.valid_until != step.after.valid_until:
        said = _("true until {before} → {after}")
        before, after = at(step.before.valid_until, app), at(step.after.valid_until, app)
        click.echo("      " + said.format(before=before, after=after))
    if step.after:
        for line in _differences(step.before, step.after):
            click.secho(f"      {line}", fg="red" if line[0] == "−" else "green")


def _times(app: App, step: Step) -> list[str]:
    """The due time, the old and the new one where they differ."""
    due = [at(one.due, app) for one in (step.before, step.after) if one]
    if step.after and step.after.due <= app.clock.now():
        due[-1] = _("{at} (at once)").format(at=due[-1])
    return list(dict.fromkeys(due))


def _fate(step: Step) -> str:
    """What becomes of the post as a whole, in a word or two."""
    if step.after is None:
        return _("is cancelled")
    if step.before is None:
        return _("new: it was cancelled before") if step.returns else _("new")
    if step.before.state not in (PostState.QUEUED, PostState.DRAFT):
        return f"{state_word(step.before.state)} → {state_word(PostState.QUEUED)}"
    return "" if step.is_change else _("unchanged")


def _differences(before: Post | None, after: PlannedPost) -> Iterator[str]:
    """The lines that go and those that come, each with its sign."""
    lines = difflib.ndiff(_lines(before) if before else [], _lines(after))
    found = [line for line in lines if line[:2] in ("- ", "+ ")]
    yield from (f"{'−' if line[0] == '-' else '+'}{line[1:]}" for line in found)
    same_words = not any(line[2:].startswith("▢") for line in found)
    if before and before.attached != after.attached and same_words:
        yield "+ ▢ " + _("other files under the same names")


def _lines(post: Post | PlannedPost) -> list[str]:
    attached = [f"▢ {words}" for words in attached_in_words(post.attached)]
    return [*filter(None, post.text.splitlines()), *attached]
