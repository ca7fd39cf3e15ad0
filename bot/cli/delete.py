"""`pavois delete`: posts that are out are taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.cli.common import at, confirmed, opened, say_notices
from bot.cli.posts import posts_named
from bot.words import _, ngettext

if TYPE_CHECKING:
    from bot.app import App
    from bot.model import Post


@click.command(
    "delete",
    help=_(
        "Take back posts that are out, by number, or all of an announcement by name; of a thread, "
        "what follows too, if you say so. It can be done while all sending is stopped, and when "
        "the budget is spent. Their figures stay. Of a deletion that had no answer it is not known "
        "whether it was done: repeat it, that does no harm. A deleted announcement keeps its name: "
        "to say it again, queue it under another one, with other words, because networks may "
        "refuse the same text for a day."
    ),
)
@click.argument("which", metavar=_("NUMBER|NAME…"), nargs=-1, required=True)
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_context
def command(context: click.Context, which: tuple[str, ...], yes: bool) -> None:
    from bot.model import PostState

    app = opened(context)
    named = {post.id: post for name in which for post in posts_named(app, name)}
    out = {number: post for number, post in named.items() if post.state == PostState.PUBLISHED}
    for post in named.values():
        if post.id not in out:
            _say_why_not(post)
    if not out:
        context.exit(5)
    rest = {one.id: one for post in out.values() for one in app.corrections.following(post)}
    if left := [post for number, post in rest.items() if number not in out]:
        _list(app, left)
        if yes or confirmed(_("They follow it in its thread. Delete them too?")):
            out |= rest
    _list(app, list(out.values()))
    question = ngettext("Delete this post?", "Delete these {count} posts?", len(out))
    if not yes and not confirmed(question.format(count=len(out))):
        raise click.Abort
    if not _delete(app, list(out.values())):
        say_notices(app)
        context.exit(7)
    if any(post.state not in (PostState.PUBLISHED, PostState.DELETED) for post in named.values()):
        # One of them may still go out: who only looks at the exit code must know.
        context.exit(5)


def _say_why_not(post: Post) -> None:
    """Why *post* is not deleted: it is not out."""
    from bot.corrector import require_out
    from bot.errors import RefusedCommand

    try:
        require_out(post)
    except RefusedCommand as error:
        click.echo(str(error), err=True)


def _list(app: App, posts: list[Post]) -> None:
    """*posts*, with how often each was shown, as far as that was read."""
    taken = app.store.figures.snapshots([post.id for post in posts])
    for post in posts:
        shown = taken[post.id][-1].metrics.impressions if taken[post.id] else None
        seen = "" if shown is None else _("shown {count}×").format(count=shown)
        line = f"{post.id}  {at(post.published_at, app)}  {post.account}  {post.announcement}"
        click.echo(f"{line}  {post.url}  {seen}".rstrip())


def _delete(app: App, posts: list[Post]) -> bool:
    """Delete *posts*, of a thread the last first; False when one could not be.

    What stands before it in its thread is left then: nothing is to answer what is gone.
    """
    from bot.errors import NetworkError, RefusedCommand

    failed = set()
    for post in sorted(posts, key=lambda post: (-post.part, post.id)):
        thread = (post.announcement, post.account, post.language)
        if thread in failed:
            click.echo(_("Post {id} is left: what follows it is still there.").format(id=post.id))
            continue
        try:
            cancelled = app.corrections.delete(post)
        except (NetworkError, RefusedCommand) as error:
            failed.add(thread)
            said = _("post {number}").format(number=post.id)
            click.echo(_("{place}: {problem}").format(place=said, problem=error), err=True)
            continue
        click.echo(_("Post {id} is deleted.").format(id=post.id))
        for number in cancelled:
            click.echo(_("Post {id}, which was to follow it, is cancelled.").format(id=number))
    return not failed
