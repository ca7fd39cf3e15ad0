"""`pavois queue`: what is to go out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.change import change, move
from bot.cli.common import (
    at,
    confirmed,
    json_option,
    opened,
    post_number,
    say_notices,
    say_stopped,
    show_json,
    show_table,
    state_word,
)
from bot.cli.doubts import say_doubts
from bot.cli.options import announcement_options, from_options, languages_named
from bot.cli.posts import (
    as_data,
    attached_in_brief,
    ledger_as_data,
    posts_named,
    price_in_words,
    show_post,
    state,
    thread_places,
)
from bot.model import PostState
from bot.words import _, ngettext

if TYPE_CHECKING:
    from bot.app import App
    from bot.editor import Queued
    from bot.model import Announcement

#: What a list shows unless asked for more: what still waits for something.
WAITING = (
    PostState.DRAFT,
    PostState.QUEUED,
    PostState.SENDING,
    PostState.UNCERTAIN,
    PostState.HELD,
)


@click.group("queue", help=_("Add announcements to the queue, look at it, change, cancel, settle."))
def command() -> None:
    """The group; its help is above."""


command.add_command(change)
command.add_command(move)


@command.command(
    "add",
    help=_(
        "Queue announcements. They are TOML files, or one written with the options below. All of "
        "them are checked first; if one is wrong, none is queued."
    ),
)
@click.argument("files", metavar=_("[FILE…]"), nargs=-1, type=click.Path(path_type=Path))
@click.option("--name", default="", help=_("Its name: small letters, digits and hyphens."))
@announcement_options(without_at=_("When; without it, the next free slot."))
@json_option
@click.pass_context
def add(
    context: click.Context,
    /,
    files: tuple[Path, ...],
    only: str,
    as_json: bool,
    **fields: Any,
) -> None:
    from bot.announcements import announcement_from, read_announcement

    if bool(files) == any(fields.values()) or not (files or fields["kind"]):
        raise click.UsageError(_("Name files, or write one announcement with --kind and more."))
    app = opened(context, quiet=as_json)
    announcements: list[Announcement] = [read_announcement(path, app.campaign) for path in files]
    if fields["kind"]:
        source, name = from_options(**fields)
        announcements.append(announcement_from(source, name, app.campaign))
    results = app.queue(*announcements, languages=languages_named(app, only))
    if as_json:
        show_json([_queued_as_data(result) for result in results])
        return
    for result in results:
        _say_queued(app, result)
    say_stopped(app)


@command.command("list", help=_("The posts that wait, by time."))
@click.option(
    "--all", "everything", is_flag=True, help=_("Also what is out, failed, cancelled or expired.")
)
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([s.value for s in PostState]),
    help=_("Only posts in this state."),
)
@json_option
@click.pass_context
def list_posts(
    context: click.Context, everything: bool, states: tuple[str, ...], as_json: bool
) -> None:
    app = opened(context, quiet=as_json)
    wanted = [PostState(state) for state in states] or ([] if everything else list(WAITING))
    posts = app.store.queue.posts(app.campaign.slug, states=wanted)
    if as_json:
        show_json([as_data(post) for post in posts])
        return
    say_stopped(app)
    if not posts and states:
        said = _("No post is in this state: {states}. All posts: pavois queue list --all")
        click.echo(said.format(states=", ".join(state_word(one) for one in wanted)))
        return
    if not posts:
        click.echo(_("Nothing waits. Add an announcement: pavois queue add FILE"))
        return
    threads = thread_places(app, posts)
    show_table(
        [
            _("No."),
            _("Due"),
            _("Account"),
            _("Language"),
            _("Announcement"),
            _("With"),
            _("State"),
        ],
        [
            [
                str(post.id),
                at(post.due, app),
                post.account,
                post.language,
                post.announcement,
                ", ".join(filter(None, [attached_in_brief(post.attached), threads.get(post.id)])),
                state(app, post),
            ]
            for post in posts
        ],
    )
    say_notices(app)


@command.command("show", help=_("One post, or all of an announcement: text, state, every attempt."))
@click.argument("which", metavar=_("NUMBER|NAME"))
@json_option
@click.pass_context
def show(context: click.Context, which: str, as_json: bool) -> None:
    app = opened(context, quiet=as_json)
    posts = posts_named(app, which)
    if as_json:
        show_json(
            [
                as_data(post) | {"text": post.text, "attempts": ledger_as_data(app, post)}
                for post in posts
            ]
        )
        return
    say_stopped(app)
    threads = thread_places(app, posts)
    for post in posts:
        show_post(app, post, threads.get(post.id, ""))


@command.command("cancel", help=_("Cancel posts by number, or a whole announcement by name."))
@click.argument("which", metavar=_("NUMBER|NAME…"), nargs=-1, required=True)
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_context
def cancel(context: click.Context, which: tuple[str, ...], yes: bool) -> None:
    app = opened(context)
    posts = [post for name in which for post in posts_named(app, name)]
    waiting = [post for post in posts if post.state in WAITING]
    if not waiting:
        click.echo(_("None of them waits any more: nothing to cancel."))
        context.exit(5)
    for post in waiting:
        click.echo(f"{post.id}  {at(post.due, app)}  {post.account}  {post.announcement}")
    question = ngettext("Cancel this post?", "Cancel these {count} posts?", len(waiting))
    if not yes and not confirmed(question.format(count=len(waiting))):
        raise click.Abort
    cancelled = app.store.queue.cancel([post.id for post in waiting])
    said = ngettext("{count} post cancelled.", "{count} posts cancelled.", len(cancelled))
    click.echo(said.format(count=len(cancelled)))
    if left := [app.store.queue.post(post.id) for post in waiting if post.id not in cancelled]:
        say_doubts(app, left, f"pavois queue cancel {which[0] if len(which) == 1 else '…'}")
        if late := [str(post.id) for post in left if post.state != PostState.UNCERTAIN]:
            click.echo(_("Too late for {ids}: sending has begun.").format(ids=", ".join(late)))
        context.exit(5)


@command.command(
    "retry",
    help=_(
        "Send posts now that failed, are held or wait for another try. They go out as they are: "
        "by number, or all of an announcement."
    ),
)
@click.argument("which", metavar=_("NUMBER|NAME…"), nargs=-1, required=True)
@click.pass_context
def retry(context: click.Context, which: tuple[str, ...]) -> None:
    app = opened(context)
    posts = [post for name in which for post in posts_named(app, name)]
    retried = app.store.queue.retry([post.id for post in posts])
    said = ngettext("{count} post queued again.", "{count} posts queued again.", len(retried))
    click.echo(said.format(count=len(retried)))
    say_stopped(app)
    say_doubts(app, posts)
    if not retried:
        click.echo(
            _(
                "Only what failed, is held or waits for another try, and is still true, can be "
                "sent again."
            )
        )
        context.exit(5)


@command.command(
    "settle", help=_("Say what became of an uncertain post that Pavois cannot look for.")
)
@click.argument("number", metavar=_("NUMBER"), type=post_number)
@click.option(
    "--published", "url", default="", metavar="URL", help=_("It is out, at this address.")
)
@click.option("--not-published", is_flag=True, help=_("It is not out: send it again."))
@click.pass_context
def settle(context: click.Context, number: int, url: str, not_published: bool) -> None:
    from bot.networks import network_kind

    if bool(url) == not_published:
        raise click.UsageError(
            _("Look at the account, then give --published URL or --not-published.")
        )
    app = opened(context)
    post = app.store.queue.post(number)
    remote_id = network_kind(post.network).post_in(url)
    if url and not remote_id:
        raise click.UsageError(
            _("That address names no post of this network. Copy it whole from the post's own page.")
        )
    app.settler.settle_by_hand(post, url, remote_id)
    click.echo(_("Settled."))


def _say_queued(app: App, result: Queued) -> None:
    slug = result.announcement.slug
    if not result.ids:
        click.echo(_("{name}: queued already, nothing changed.").format(name=slug))
        return
    said = ngettext(
        "{name}: {count} post queued.", "{name}: {count} posts queued.", len(result.ids)
    )
    click.echo(said.format(name=slug, count=len(result.ids)))
    for post_id, post in zip(result.ids, result.planned, strict=True):
        click.echo(f"  {post_id}  {at(post.due, app)}  {post.account}  {post.language}")
    if result.price:
        click.echo(f"  {price_in_words(result.price)}")
    for advice in result.advice:
        click.secho(f"  ! {advice}", fg="yellow", err=True)


def _queued_as_data(result: Queued) -> dict[str, Any]:
    return {
        "announcement": result.announcement.slug,
        "changed": bool(result.ids),
        "advice": [str(one) for one in result.advice],
        "price": str(result.price.dollars) if result.price else None,
        "posts": [
            {
                "id": post_id,
                "account": post.account,
                "language": post.language,
                "due": post.due.isoformat(),
            }
            for post_id, post in zip(result.ids, result.planned, strict=True)
        ],
    }
