"""What must be true of queue and ledger at any moment: values in, faults out.

`pavois verify` asks it of a database, the simulation of what it played.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, pairwise, starmap

from bot.model import RESEND, Attempt, AttemptState, Post, PostState
from bot.pace import LONGEST_WAIT
from bot.words import N_, Message

#: An uncertain post that nobody was told of for so long waits unseen.
TOLD_WITHIN = timedelta(days=1)

#: Out, or it was until somebody deleted it.
_OUT = (PostState.PUBLISHED, PostState.DELETED)
#: Those that a person is told of in the very moment when they become so.
_TOLD_AT_ONCE = (PostState.HELD, PostState.FAILED)

#: What may follow each state of an attempt (DESIGN §7).
_NEXT = {
    AttemptState.PREPARED: {AttemptState.SENDING, AttemptState.NOT_SENT, AttemptState.REFUSED},
    AttemptState.SENDING: {
        AttemptState.ACCEPTED,
        AttemptState.REFUSED,
        AttemptState.NOT_SENT,
        AttemptState.UNCERTAIN,
    },
    AttemptState.UNCERTAIN: {AttemptState.ACCEPTED, AttemptState.REFUSED, AttemptState.NOT_SENT},
    # Its own answer came when it had been given up.
    AttemptState.NOT_SENT: {AttemptState.ACCEPTED},
}
#: An attempt that stands there is not over.
_OPEN = frozenset({AttemptState.PREPARED, AttemptState.SENDING, AttemptState.UNCERTAIN})
#: How the last attempt of a post may stand; those that are not named here have none open.
_STANDS = {
    PostState.SENDING: {AttemptState.PREPARED, AttemptState.SENDING},
    PostState.UNCERTAIN: {AttemptState.UNCERTAIN},
}

Lines = Sequence[Attempt]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is not as it must be: the *invariant* that is broken, and a sentence about it."""

    invariant: str
    message: Message


@dataclass(frozen=True, slots=True)
class Book:
    """Queue and ledger at one moment.

    `attempts` holds each post's lines in the order in which they were written: those of trying to
    publish it, no others. `leased` are the posts that somebody has in hand until a lease ends,
    `told` when a person was last told of a post.
    """

    posts: Sequence[Post]
    attempts: Mapping[int, Lines]
    leased: Collection[int] = ()
    told: Mapping[int, datetime] = field(default_factory=dict)


def ledger_faults(posts: Sequence[Post], attempts: Mapping[int, Lines]) -> list[Message]:
    """What is wrong with *posts* and their lines in the ledger."""
    return [fault.message for fault in _ledger(posts, attempts)]


def faults(book: Book, now: datetime) -> list[Fault]:
    """What is wrong with *book*: ledger, leases, and what a person was not told."""
    return [
        *_ledger(book.posts, book.attempts),
        *_leases(book),
        *_waits(book, now),
        *_notices(book, now),
    ]


def _ledger(posts: Sequence[Post], attempts: Mapping[int, Lines]) -> Iterator[Fault]:
    for post in posts:
        lines = attempts.get(post.id, ())
        for name, look in _OF_A_POST.items():
            yield from (Fault(name, message) for message in look(post, lines))
    yield from (Fault("one post a name", message) for message in _shared_names(posts))
    yield from (Fault("threads in order", message) for message in _threads(posts))


def _accepted_once(post: Post, lines: Lines) -> Iterator[Message]:
    """What is out was accepted once and has its name; what is not out was never accepted."""
    count = sum(line.state == AttemptState.ACCEPTED for line in _since_a_doubt(lines))
    if post.state not in _OUT:
        if count:
            yield _about(
                post, N_("Post {id} was accepted by its network, and Pavois holds it for not out.")
            )
        return
    if count != 1:
        yield Message(
            N_("Post {id} is out, and its ledger says {count} times that it was accepted."),
            {"id": post.id, "count": count},
        )
    if not post.remote_id:
        yield _about(post, N_("Post {id} is out, and its name on the network is missing."))


def _since_a_doubt(lines: Lines) -> Lines:
    """What of *lines* holds: what was found before is not what it was taken for, if it was looked
    for anew."""
    doubts = [place for place, line in enumerate(lines) if _is_doubt(line)]
    return lines[doubts[-1] :] if doubts else lines


def _is_doubt(line: Attempt) -> bool:
    """Whether *line* is no call, but a doubt about an earlier one: *sending* has a cause there."""
    return line.state == AttemptState.SENDING and line.cause is not None


def _numbers(post: Post, lines: Lines) -> Iterator[Message]:
    """Attempts are counted 1, 2, 3 … and the post knows how many there are.

    What was tried with a post that is out (to correct it, to delete it) counts on.
    """
    numbers = sorted({line.number for line in lines})
    highest = len(numbers)
    if numbers != list(range(1, highest + 1)):
        yield _about(post, N_("The attempts of post {id} are not numbered 1, 2, 3 … without gap."))
    elif post.attempts != highest and not (post.state in _OUT and post.attempts > highest):
        yield Message(
            N_("Attempts of post {id} by its own count: {said}; in its ledger: {count}."),
            {"id": post.id, "said": post.attempts, "count": highest},
        )


def _order(post: Post, lines: Lines) -> Iterator[Message]:
    """Each attempt goes from state to state as it may, and ends before the next begins."""
    tries = [list(group) for _number, group in groupby(lines, key=lambda line: line.number)]
    for tried, following in zip(tries, [*tries[1:], []], strict=False):
        legal = _begins_well(tried[0]) and all(starmap(_may_follow, pairwise(tried)))
        if not legal or (following and not _may_go_before(tried, following)):
            yield Message(
                N_("The ledger of post {id} has attempt {number} in an order that cannot be."),
                {"id": post.id, "number": tried[0].number},
            )


def _begins_well(line: Attempt) -> bool:
    """An attempt is prepared first; only a doubt about a post that had none under way is not."""
    return line.state == AttemptState.PREPARED or _is_doubt(line)


def _may_follow(before: Attempt, after: Attempt) -> bool:
    """What keeps a post from being sent once more leaves it as uncertain as it was."""
    is_kept = (before.state, after.state) == (AttemptState.PREPARED, AttemptState.UNCERTAIN)
    return after.state in _NEXT.get(before.state, ()) or (is_kept and after.act == RESEND)


def _may_go_before(tried: Lines, following: Lines) -> bool:
    """An attempt is over before the next; only what is uncertain is sent once more, and once."""
    if following[0].act != RESEND:
        return tried[-1].state not in _OPEN
    return tried[-1].state == AttemptState.UNCERTAIN and tried[0].act != RESEND


def _stands(post: Post, lines: Lines) -> Iterator[Message]:
    """The last attempt stands as the post does: open while it is sent or looked for, else over."""
    last = lines[-1].state if lines else None
    if allowed := _STANDS.get(post.state):
        if last not in allowed:
            yield _about(
                post, N_("Post {id} is being sent or looked for, and its ledger has no such try.")
            )
    elif last in _OPEN:
        yield _about(post, N_("Post {id} is not being sent, and its last attempt was never ended."))


_OF_A_POST: Mapping[str, Callable[[Post, Lines], Iterator[Message]]] = {
    "accepted once": _accepted_once,
    "attempts counted": _numbers,
    "states in order": _order,
    "post and ledger agree": _stands,
}


def _shared_names(posts: Sequence[Post]) -> Iterator[Message]:
    """No two posts of a network are the same post there."""
    owners: dict[tuple[str, str], Post] = {}
    for post in posts:
        if not post.remote_id:
            continue
        owner = owners.setdefault((post.network, post.remote_id), post)
        if owner is not post:
            yield Message(
                N_("Posts {id} and {other} are taken for the same post on the network."),
                {"id": owner.id, "other": post.id},
            )


def _threads(posts: Sequence[Post]) -> Iterator[Message]:
    """A part of a thread is out only if the part before it is."""
    out: defaultdict[tuple[str, str, str, str], set[int]] = defaultdict(set)
    for post in posts:
        if post.state in _OUT:
            out[_thread(post)].add(post.part)
    for post in posts:
        if post.state in _OUT and post.part and post.part - 1 not in out[_thread(post)]:
            yield _about(post, N_("Post {id} is out, and the part of its thread before it is not."))


def _thread(post: Post) -> tuple[str, str, str, str]:
    return post.campaign, post.announcement, post.account, post.language


def _leases(book: Book) -> Iterator[Fault]:
    """What is being sent is in somebody's hand until a lease ends: else it would stay so."""
    for post in book.posts:
        if post.state == PostState.SENDING and post.id not in book.leased:
            sentence = N_("Post {id} is marked as being sent, and nobody has it in hand.")
            yield Fault("leases", _about(post, sentence))


def _waits(book: Book, now: datetime) -> Iterator[Fault]:
    """No post waits for longer than until it is due, or than anything makes one wait."""
    for post in book.posts:
        if post.state == PostState.QUEUED and post.next_try > max(post.due, now + LONGEST_WAIT):
            sentence = N_(
                "Post {id} waits until long after it is due: this machine's clock was ahead. A "
                "running Pavois puts that right within an hour; if not, give it another hour: "
                "pavois queue change"
            )
            yield Fault("no wait too long", _about(post, sentence))


def _notices(book: Book, now: datetime) -> Iterator[Fault]:
    """Nothing waits unseen: a person was told of it since it stands as it does."""
    for post in book.posts:
        lines = book.attempts.get(post.id, ())
        since = lines[-1].at if lines else None
        told = book.told.get(post.id)
        if told and (since is None or told >= since):
            continue
        overdue = post.state == PostState.UNCERTAIN and since and now - since > TOLD_WITHIN
        if post.state in _TOLD_AT_ONCE or overdue:
            sentence = N_(
                "Post {id} waits for a person, and no notice says so. Look at it: pavois queue "
                "show {id}"
            )
            yield Fault("nothing waits unseen", _about(post, sentence))


def _about(post: Post, sentence: str) -> Message:
    return Message(sentence, {"id": post.id})
