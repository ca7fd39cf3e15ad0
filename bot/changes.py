"""What a change of an announcement makes of its posts: pure.

The posts of one account and language go together: a thread that has begun is changed nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.errors import RefusedCommand
from bot.model import Announcement, PlannedPost, Post, PostState
from bot.words import N_, Message

#: Nothing of these has gone out: what failed or expired can be mended, and waits again.
CHANGEABLE = (
    PostState.DRAFT,
    PostState.QUEUED,
    PostState.HELD,
    PostState.FAILED,
    PostState.EXPIRED,
)
#: Of these something may be out, or be on its way this very moment.
_BEGUN = {
    PostState.SENDING: N_(
        "post {id} ({account}, {language}) is being sent at this moment: try again in a few minutes"
    ),
    PostState.UNCERTAIN: N_("post {id} ({account}, {language}) may be out"),
    PostState.PUBLISHED: N_("post {id} ({account}, {language}) is out"),
    PostState.DELETED: N_("post {id} ({account}, {language}) was out and has been deleted"),
}
#: They wait as they are: one that is unchanged stays so, another waits again.
_WAITING = (PostState.DRAFT, PostState.QUEUED)


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one post: without `before` it is a new one, without `after` it is cancelled.

    `returns` says of a new one that a person had cancelled it.
    """

    before: Post | None
    after: PlannedPost | None
    returns: bool = False

    @property
    def is_change(self) -> bool:
        """Whether anything of it is to be written."""
        one, other = self.before, self.after
        if one is None or other is None:
            return True
        return one.state not in _WAITING or _said(one) != _said(other)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of the posts of the announcement *slug*, as a person was shown it.

    `announcement` is what it says from now on; None: what it said. `seen` are the numbers of all
    its posts that were not cancelled.
    """

    slug: str
    campaign: str
    announcement: Announcement | None
    seen: frozenset[int]
    steps: tuple[Step, ...]

    @property
    def changed(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.is_change)


def place(post: Post | PlannedPost) -> tuple[str, str]:
    """The account and language of *post*: what the parts of a thread share."""
    return post.account, post.language


def changeable(slug: str, posts: Iterable[Post], *, remaining: bool = False) -> tuple[Post, ...]:
    """Those of *posts*, all of the announcement *slug*, that can be changed; none is cancelled.

    Raises RefusedCommand when something of it has begun, unless only the *remaining* are meant.
    """
    found = list(posts)
    begun = [post for post in found if post.state in _BEGUN]
    if begun and not remaining:
        raise has_begun(slug, begun)
    places = {place(post) for post in begun}
    return tuple(post for post in found if place(post) not in places)


def has_begun(slug: str, begun: Iterable[Post]) -> RefusedCommand:
    """Why *slug* cannot be changed: *begun* are its posts that are out, or may be."""
    values = [
        Message(
            _BEGUN[post.state],
            {"id": post.id, "account": post.account, "language": post.language},
        )
        for post in begun
    ]
    return RefusedCommand(
        N_(
            "{slug} cannot be changed as a whole: {begun}. Nothing was changed. To change only "
            "what has not begun: --remaining"
        ),
        slug=slug,
        begun="; ".join(map(str, values)),
    )


def steps(
    posts: Collection[Post], planned: Iterable[PlannedPost], cancelled: Iterable[Post] = ()
) -> tuple[Step, ...]:
    """What becomes of *posts*, which can all be changed, when *planned* takes their place.

    *cancelled* are those that a person cancelled earlier.
    """
    old = {(*place(post), post.part): post for post in posts}
    new = {(*place(post), post.part): post for post in planned}
    gone = {(*place(post), post.part) for post in cancelled}
    kept = [Step(old.get(key), post, key in gone and key not in old) for key, post in new.items()]
    ended = [Step(post, None) for key, post in old.items() if key not in new]
    return (*kept, *ended)


def shifted(posts: Iterable[Post], at: datetime) -> tuple[PlannedPost, ...]:
    """*posts*, the first of them due *at*, the others as far from it as they are now."""
    found = list(posts)
    by = at - min(post.due for post in found)
    return tuple(
        PlannedPost(
            post.account,
            post.network,
            post.language,
            post.text,
            post.due + by,
            post.valid_until,
            post.attached,
            post.part,
        )
        for post in found
    )


def _said(post: Post | PlannedPost) -> tuple[object, ...]:
    return post.text, post.due, post.valid_until, post.attached
