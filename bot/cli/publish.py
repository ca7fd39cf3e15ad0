"""`pavois publish`: all that is due, once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from bot.cli.common import at, json_option, opened, say_notices, say_stopped, show_json, state_word
from bot.cli.posts import as_data
from bot.model import Post, PostState, Stopped
from bot.words import _, ngettext

if TYPE_CHECKING:
    from bot.app import App

#: What a post may become that asks nothing of anybody.
FINE = (PostState.PUBLISHED, PostState.QUEUED)


@click.command(
    "publish",
    help=_(
        "Publish all that is due now, once, then stop: for those who use cron instead of "
        "`pavois run`. "
        "Exit code 1 when something needs a person."
    ),
)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    app = opened(context, quiet=as_json)
    publisher = app.publisher
    if not as_json:
        say_stopped(app)
    done = app.resender.resend_due() + app.settler.settle() + publisher.publish_due()
    while publisher.look_again_at:
        # Which files are up is forgotten when this process ends.
        app.clock.wait(max(publisher.look_again_at - app.clock.now(), timedelta()))
        done += publisher.publish_due()
    became = {post.id: state for post, state in done}
    current = [(app.store.queue.post(post_id), state) for post_id, state in became.items()]
    if as_json:
        show_json([as_data(post) | {"became": state.value} for post, state in current])
    elif not current:
        _say_what_waits(app)
    else:
        for post, state in current:
            _say(app, post, state)
    notices = len(app.store.journal.notices()) if as_json else say_notices(app)
    if notices or any(state not in FINE for _post, state in current):
        context.exit(1)


def _say_what_waits(app: App) -> None:
    """Why nothing was done: all is stopped, or the next is due later."""
    waiting = app.store.queue.posts(app.campaign.slug, states=[PostState.QUEUED])
    stopped = app.store.brake.state()
    kept = [post for post in waiting if stopped and not _goes(post, stopped)]
    if kept:
        said = ngettext(
            "Nothing was sent: {count} post waits for pavois resume",
            "Nothing was sent: {count} posts wait for pavois resume",
            len(kept),
        )
        click.echo(said.format(count=len(kept)))
    else:
        click.echo(_("Nothing was due."))
    if next_tries := [post.next_try for post in waiting if post not in kept]:
        click.echo(_("Next: {at}").format(at=at(min(next_tries), app)))


def _goes(post: Post, stopped: Stopped) -> bool:
    """Whether a person released *post* since everything was stopped."""
    return post.released_at is not None and post.released_at >= stopped.since


def _say(app: App, post: Post, state: PostState) -> None:
    """One line for a post; for one that has to wait, why and until when."""
    click.echo(
        f"{post.id}  {post.account}  {post.announcement}  {state_word(state)}  {post.url}".rstrip()
    )
    cause = app.store.ledger.attempts(post.id)[-1:]
    if state == PostState.QUEUED and cause and cause[0].cause:
        again = _("again: {at}").format(at=at(post.next_try, app))
        click.echo(f"   {cause[0].cause} · {again}")
