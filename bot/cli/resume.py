"""`pavois resume`: sending goes on after a stop, all of it or some posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.cli.common import at, confirmed, opened, say_stopped
from bot.cli.posts import posts_named
from bot.model import Post
from bot.words import _, ngettext

if TYPE_CHECKING:
    from bot.app import App
    from bot.db.brake import Waiting


@click.command(
    "resume",
    help=_(
        "Let sending go on after a stop. Without posts it shows what goes out now, what is "
        "late and is held for you to decide, and what is dropped; then it asks. With posts, only "
        "these go out, and all else stays stopped."
    ),
)
@click.argument("which", metavar=_("[NUMBER|NAME…]"), nargs=-1)
@click.option("--all", "everything", is_flag=True, help=_("Everything."))
@click.option("--yes", is_flag=True, help=_("Do not ask: with --all."))
@click.pass_context
def command(context: click.Context, which: tuple[str, ...], everything: bool, yes: bool) -> None:
    if (which and everything) or (yes and not everything):
        raise click.UsageError(_("Name posts, or give --all; --yes goes with --all."))
    app = opened(context)
    if which:
        posts = [post for name in which for post in posts_named(app, name)]
        if not _release(app, posts):
            context.exit(5)
        return
    _show(app, app.store.brake.waiting(app.campaign))
    say_stopped(app)
    if not yes and not confirmed(_("Let sending go on like this?")):
        click.echo(_("All sending stays stopped."))
        context.exit(130)
    released = app.store.brake.release_all(app.campaign)
    click.secho(_("Sending goes on."), bold=True)
    if released.ask:
        click.echo(_("For each that is held: pavois queue retry NUMBER, or cancel, or move."))


def _release(app: App, posts: Sequence[Post]) -> bool:
    """Release *posts*, and say which; whether they could all be."""
    released = app.store.brake.release([post.id for post in posts])
    if released:
        said = ngettext("{count} post released.", "{count} posts released.", len(released))
        click.echo(said.format(count=len(released)))
    say_stopped(app)
    left = [str(post.id) for post in posts if post.id not in released]
    if left:
        said = _("Not released: {ids}. Only what waits, and is still true, can be.")
        click.echo(said.format(ids=", ".join(left)))
    return not left


def _show(app: App, waiting: Waiting) -> None:
    """What becomes of what waits, in its groups."""
    groups = (
        (_("Goes out now, in this order, spaced on each account:"), waiting.go),
        (_("Late, held for you to decide:"), waiting.ask),
        (_("Dropped: not true any more, or of a kind that is not sent late:"), waiting.drop),
    )
    for heading, posts in groups:
        if posts:
            click.secho(heading, bold=True)
        for post in posts:
            words = f"{post.account}  {post.language}  {post.announcement}"
            click.echo(f"  {post.id}  {at(post.due, app)}  {words}")
    if not any(posts for _heading, posts in groups):
        click.echo(_("Nothing is due."))
    if waiting.later:
        said = ngettext(
            "{count} post is due later and keeps its time.",
            "{count} posts are due later and keep their time.",
            waiting.later,
        )
        click.echo(said.format(count=waiting.later))
