"""What is true of a post of which it is not known whether it is out, for who wants to change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from bot.cli.common import at
from bot.model import Post, PostState
from bot.words import _

if TYPE_CHECKING:
    from bot.app import App


def say_doubts(app: App, posts: Iterable[Post], then: str = "") -> None:
    """Tell on stderr of those of *posts* that are uncertain what Pavois does about them, and what
    a person can do: *then* is the command for afterwards, "" where none is needed."""
    for post in posts:
        if post.state == PostState.UNCERTAIN:
            click.echo(" ".join(_doubt(app, post, then)), err=True)


@contextmanager
def doubts_told(app: App, posts: Iterable[Post], then: str) -> Iterator[None]:
    """When what is done within is refused, `say_doubts` first."""
    from bot.errors import RefusedCommand

    try:
        yield
    except RefusedCommand:
        say_doubts(app, posts, then)
        raise


def _doubt(app: App, post: Post, then: str) -> Iterator[str]:
    yield _look(app, post)
    if not then:
        said = _(
            "If you are sure that it is not out, and want it sent: pavois queue settle {id} "
            "--not-published"
        )
        yield said.format(id=post.id)
        return
    said = _(
        "If you are sure that it is not out: pavois queue settle {id} --not-published, then {then}"
    )
    yield said.format(id=post.id, then=then)
    if post.due <= app.clock.now():
        yield _("It is due and would go out at once: before that, pavois stop")


def _look(app: App, post: Post) -> str:
    """Who looks for *post*, and until when."""
    from bot.outcome import BETWEEN_LOOKS, LOOKS_NEEDED

    if not app.can_look(post.account):
        said = _("Post {id} may be out, and Pavois cannot look for it. Look at the account.")
        return said.format(id=post.id)
    if post.next_try <= app.clock.now():
        said = _("Post {id} may be out, and Pavois looks for it as soon as it runs: pavois run.")
        return said.format(id=post.id)
    said = _("Post {id} may be out. Pavois looks for it still: next {at}, until about {until}.")
    until = post.next_try + BETWEEN_LOOKS * max(LOOKS_NEEDED - 1 - post.looks, 0)
    return said.format(id=post.id, at=at(post.next_try, app), until=at(until, app))
