"""How commands show posts: in a list, one by one, for programs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import click

from bot.cli.common import at, plain, state_word, to_the_second
from bot.model import Attempt, Post, PostState
from bot.words import _, ngettext, spoken

if TYPE_CHECKING:
    from bot.app import App
    from bot.attached import Attached
    from bot.preview.values import Price


def posts_named(app: App, which: str) -> list[Post]:
    """The post with this number, or all those of the announcement with this name that are not
    cancelled. Raises RefusedCommand."""
    from bot.errors import RefusedCommand
    from bot.words import N_

    if which.isascii() and which.isdigit() and len(which) < 19:
        return [app.store.queue.post(int(which))]
    found = app.store.queue.of(app.campaign.slug, which)
    posts = [post for post in found if post.state != PostState.CANCELLED]
    if not posts:
        raise RefusedCommand(
            N_("There is no announcement {name} in the queue. See: pavois queue list --all"),
            name=which,
        )
    return posts


def show_post(app: App, post: Post, thread: str) -> None:
    """All that is known of *post*, with every attempt; *thread* is its place in one, or ""."""
    click.secho(f"{post.id}  {post.announcement}  {post.account}  {post.language}", bold=True)
    click.echo(f"{at(post.due, app)}  {state_word(post.state)}  {post.url}".rstrip())
    if thread:
        click.echo(thread)
    click.echo(f"\n{post.text}\n")
    for words in attached_in_words(post.attached):
        click.echo(f"  ▢ {words}")
    for line in app.store.ledger.attempts(post.id):
        details = " · ".join(
            filter(
                None,
                [
                    state_word(line.state),
                    f"HTTP {line.status}" if line.status else "",
                    line.remote_id,
                    line.request_id,
                    str(line.cause or ""),
                ],
            )
        )
        click.echo(f"  {_tried(line)}  {to_the_second(line.at, app)}  {details}")


def _tried(line: Attempt) -> str:
    """Which attempt it is, and at what, unless at publishing."""
    attempt = _("attempt {number}").format(number=line.number)
    acts = {"resend": _("once more"), "correct": _("correction"), "delete": _("deletion")}
    return f"{attempt} ({acts[line.act]})" if line.act in acts else attempt


def attached_in_words(attached: Attached) -> Iterator[str]:
    """What goes out with a text, a line each."""
    for media in attached.media:
        said = [media.name, media.title or media.alt or _("no alternative text")]
        if media.credit:
            said.append(f"© {media.credit}")
        if media.expires:
            said.append(_("until {day}").format(day=media.expires.isoformat()))
        yield " · ".join(said)
    if attached.poll:
        yield f"{attached.poll.question} {' / '.join(attached.poll.options)}".lstrip()
    if attached.card:
        yield f"{attached.card.title} · {attached.card.url}"


def attached_in_brief(attached: Attached) -> str:
    """What goes out with a text, in a column of a table."""
    files = len(attached.media)
    if files:
        return ngettext("{count} file", "{count} files", files).format(count=files)
    if attached.poll:
        return _("Poll")
    return _("link card") if attached.card else ""


def thread_places(app: App, posts: Collection[Post]) -> dict[int, str]:
    """Where those of *posts* stand that belong to a thread, by their numbers: "Thread 2/3"."""
    lengths: dict[tuple[str, str, str], int] = {}
    for post in app.store.queue.posts(app.campaign.slug):
        if post.state != PostState.CANCELLED:
            lengths[_thread(post)] = max(lengths.get(_thread(post), 0), post.part + 1)
    return {
        post.id: _("Thread {number}/{total}").format(number=post.part + 1, total=total)
        for post in posts
        if (total := lengths.get(_thread(post), 1)) > 1
    }


def _thread(post: Post) -> tuple[str, str, str]:
    return post.announcement, post.account, post.language


def state(app: App, post: Post) -> str:
    """The state; for one that is tried again, when."""
    if post.state == PostState.QUEUED and post.attempts and post.next_try > post.due:
        again = _("again: {at}").format(at=at(post.next_try, app))
        return f"{state_word(post.state)}, {again}"
    return state_word(post.state)


def as_data(post: Post) -> dict[str, Any]:
    """A post for programs: instants in UTC, ISO 8601."""
    fields = plain(post)
    return {name: value for name, value in fields.items() if name not in {"text", "looks"}}


def ledger_as_data(app: App, post: Post) -> list[dict[str, Any]]:
    """The attempts of *post* for programs."""
    lines = [plain(line) for line in app.store.ledger.attempts(post.id)]
    return [{name: one for name, one in line.items() if name != "post_id"} for line in lines]


def price_in_words(price: Price) -> str:
    """What is to be paid, and what would be without the link."""
    from bot.preview.page import in_dollars

    said = _("costs {price}").format(price=in_dollars(price.dollars, spoken()))
    if price.without_link is None:
        return said
    return _("{said}; {price} without its link").format(
        said=said, price=in_dollars(price.without_link, spoken())
    )
