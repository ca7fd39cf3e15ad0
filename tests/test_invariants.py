"""What must be true of queue and ledger; each fault is made here, and found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.invariants import TOLD_WITHIN, Book, faults, ledger_faults
from bot.model import RESEND, Attempt, AttemptState, Post, PostState
from bot.pace import LONGEST_WAIT
from bot.words import Message
from tests.post_sample import NOW, TOURS_ON_X, sending

PREPARED, SENDING, ACCEPTED, REFUSED, NOT_SENT, UNCERTAIN = AttemptState
WHY = Message("Why.")
MINUTE = timedelta(minutes=1)
#: A try from its beginning to an end in which the post is out.
OUT = (PREPARED, SENDING, ACCEPTED)
#: One of which nobody knows what came of it.
UNKNOWN = (PREPARED, SENDING, UNCERTAIN)


def post(state: PostState = PostState.QUEUED, **changes: object) -> Post:
    out = {"remote_id": "42"} if state in (PostState.PUBLISHED, PostState.DELETED) else {}
    return replace(sending(TOURS_ON_X, "Bonjour"), state=state, **{**out, **changes})  # type: ignore[arg-type]


def lines(*tries: Sequence[AttemptState], **changes: object) -> list[Attempt]:
    """The ledger of post 1: the states of each try, a minute between two lines."""
    states = [(number, state) for number, states in enumerate(tries, 1) for state in states]
    return [
        replace(Attempt(1, number, state, NOW + at * MINUTE, "tours-x"), **changes)  # type: ignore[arg-type]
        for at, (number, state) in enumerate(states)
    ]


def resent(first: Sequence[AttemptState], *tries: Sequence[AttemptState]) -> list[Attempt]:
    """The same, where every try but the first sends once more."""
    return [replace(line, act=RESEND) if line.number > 1 else line for line in lines(first, *tries)]


def found(one: Post, ledger: Sequence[Attempt] = ()) -> list[str]:
    return [str(fault) for fault in ledger_faults([one], {one.id: ledger})]


def _doubted(number: int, *ends: AttemptState) -> list[Attempt]:
    """What is written when the store learns that a post is not what it was found to be."""
    states = (SENDING, UNCERTAIN, *ends)
    return [replace(line, number=number) for line in lines(states, cause=WHY)]


SOUND = [
    pytest.param(post(), [], id="nothing tried yet"),
    pytest.param(post(PostState.PUBLISHED, attempts=1), lines(OUT), id="out"),
    pytest.param(post(PostState.DELETED, attempts=2), lines(OUT), id="out, then deleted"),
    pytest.param(post(attempts=1), lines((PREPARED, NOT_SENT)), id="stopped before the wire"),
    pytest.param(
        post(PostState.PUBLISHED, attempts=2),
        lines((PREPARED, SENDING, UNCERTAIN, NOT_SENT), OUT),
        id="not found, sent again",
    ),
    pytest.param(
        post(PostState.PUBLISHED, attempts=1),
        lines((PREPARED, SENDING, UNCERTAIN, ACCEPTED)),
        id="found",
    ),
    pytest.param(
        post(PostState.FAILED, attempts=1), lines((PREPARED, SENDING, REFUSED)), id="refused"
    ),
    pytest.param(
        post(PostState.UNCERTAIN, attempts=1), lines((SENDING, UNCERTAIN), cause=WHY), id="restored"
    ),
    *(
        pytest.param(
            post(state, attempts=2),
            resent(UNKNOWN, tried),
            id=f"sent once more: {' '.join(tried)}",
        )
        for state, tried in (
            (PostState.SENDING, (PREPARED,)),
            (PostState.SENDING, (PREPARED, SENDING)),
            (PostState.PUBLISHED, (PREPARED, SENDING, ACCEPTED)),
            (PostState.UNCERTAIN, (PREPARED, UNCERTAIN)),
            (PostState.UNCERTAIN, (PREPARED, SENDING, UNCERTAIN)),
            (PostState.PUBLISHED, (PREPARED, SENDING, UNCERTAIN, ACCEPTED)),
            (PostState.QUEUED, (PREPARED, UNCERTAIN, NOT_SENT)),
        )
    ),
    pytest.param(
        post(PostState.UNCERTAIN, attempts=2),
        [*lines(OUT), *_doubted(2)],
        id="found, and then known to be another's",
    ),
    pytest.param(
        post(PostState.PUBLISHED, attempts=3),
        [*lines(OUT), *_doubted(2, NOT_SENT), *(replace(line, number=3) for line in lines(OUT))],
        id="mistaken for another's, sent again",
    ),
    pytest.param(post(PostState.SENDING, attempts=1), lines((PREPARED,)), id="in hand"),
    pytest.param(post(PostState.SENDING, attempts=1), lines((PREPARED, SENDING)), id="on its way"),
]


@pytest.mark.parametrize(("one", "ledger"), SOUND)
def test_what_is_as_it_should_be_is_not_found_fault_with(one: Post, ledger: list[Attempt]) -> None:
    assert found(one, ledger) == []


BROKEN = [
    pytest.param(
        post(PostState.PUBLISHED, attempts=2), lines(OUT, OUT), "2 times", id="accepted twice"
    ),
    pytest.param(
        post(PostState.PUBLISHED, attempts=1),
        lines((PREPARED, SENDING, NOT_SENT)),
        "0 times",
        id="out, and never accepted",
    ),
    pytest.param(
        post(PostState.PUBLISHED, attempts=1, remote_id=""),
        lines(OUT),
        "its name on the network is missing",
        id="out without a name",
    ),
    pytest.param(post(attempts=1), lines(OUT), "holds it for not out", id="out, and queued"),
    pytest.param(
        post(PostState.FAILED, attempts=1), lines(OUT), "holds it for not out", id="out, and failed"
    ),
    pytest.param(
        post(attempts=2),
        [replace(line, number=2) for line in lines((PREPARED, NOT_SENT))],
        "not numbered",
        id="a gap",
    ),
    pytest.param(
        post(attempts=2),
        lines((PREPARED, NOT_SENT)),
        "count: 2; in its ledger: 1",
        id="one too few",
    ),
    pytest.param(post(attempts=1), [], "count: 1; in its ledger: 0", id="none written down"),
    pytest.param(
        post(PostState.PUBLISHED, attempts=1),
        lines((PREPARED, NOT_SENT), OUT),
        "count: 1; in its ledger: 2",
        id="one too many",
    ),
    pytest.param(
        post(PostState.SENDING, attempts=1), lines((SENDING,)), "cannot be", id="not prepared"
    ),
    pytest.param(
        post(PostState.SENDING, attempts=2),
        lines((PREPARED, SENDING), (PREPARED,)),
        "attempt 1 in an order",
        id="tried again while it was open",
    ),
    pytest.param(
        post(attempts=2),
        lines((PREPARED, SENDING, UNCERTAIN), (PREPARED, NOT_SENT)),
        "attempt 1 in an order",
        id="an uncertain one tried again without a look",
    ),
    pytest.param(
        post(PostState.UNCERTAIN, attempts=3),
        resent(UNKNOWN, UNKNOWN, UNKNOWN),
        "attempt 2 in an order",
        id="sent once more, and again",
    ),
    pytest.param(
        post(PostState.PUBLISHED, attempts=2),
        resent((PREPARED, NOT_SENT), OUT),
        "attempt 1 in an order",
        id="sent once more without doubt",
    ),
    pytest.param(
        post(PostState.UNCERTAIN, attempts=1),
        lines((PREPARED, UNCERTAIN)),
        "attempt 1 in an order",
        id="in doubt before the wire",
    ),
    pytest.param(
        post(PostState.PUBLISHED, attempts=1),
        lines((PREPARED, SENDING, REFUSED, ACCEPTED)),
        "cannot be",
        id="refused, then accepted",
    ),
    pytest.param(post(attempts=1), lines((PREPARED, SENDING)), "never ended", id="left on its way"),
    pytest.param(
        post(PostState.CANCELLED, attempts=1),
        lines((PREPARED, SENDING, UNCERTAIN)),
        "never ended",
        id="cancelled while uncertain",
    ),
    pytest.param(
        post(PostState.UNCERTAIN, attempts=1),
        lines((PREPARED, SENDING)),
        "no such try",
        id="uncertain by itself",
    ),
    pytest.param(post(PostState.SENDING), [], "no such try", id="sent without a line"),
]


@pytest.mark.parametrize(("one", "ledger", "says"), BROKEN)
def test_what_must_not_be_is_found(one: Post, ledger: list[Attempt], says: str) -> None:
    said = found(one, ledger)
    assert any(says in sentence for sentence in said), said
    assert all("1" in sentence and "{" not in sentence for sentence in said)


def test_two_posts_of_a_network_are_never_the_same_post_there() -> None:
    first = post(PostState.PUBLISHED, attempts=1)
    second = replace(first, id=2, announcement="autre")
    ledger = {1: lines(OUT), 2: [replace(line, post_id=2) for line in lines(OUT)]}
    assert [str(one) for one in ledger_faults([first, second], ledger)] == [
        "Posts 1 and 2 are taken for the same post on the network."
    ]
    assert ledger_faults([first, replace(second, network="linkedin")], ledger) == []


@pytest.mark.parametrize(("before", "is_right"), [("published", True), ("queued", False)])
def test_a_part_of_a_thread_is_out_only_after_the_part_before_it(
    before: str, is_right: bool
) -> None:
    state = PostState(before)
    first = post(state, attempts=int(is_right))
    second = post(PostState.PUBLISHED, id=2, part=1, attempts=1, remote_id="43")
    ledger = {1: lines(OUT) if is_right else [], 2: lines(OUT)}
    said = [str(one) for one in ledger_faults([first, second], ledger)]
    assert (
        said == []
        if is_right
        else said == ["Post 2 is out, and the part of its thread before it is not."]
    )


def book(one: Post, ledger: Sequence[Attempt], **known: object) -> Book:
    return Book([one], {one.id: ledger}, **known)  # type: ignore[arg-type]


def names(one: Book, now: datetime = NOW) -> list[str]:
    return [fault.invariant for fault in faults(one, now)]


def test_what_is_being_sent_is_in_somebodys_hand() -> None:
    one, ledger = post(PostState.SENDING, attempts=1), lines((PREPARED, SENDING))
    assert names(book(one, ledger, leased={1})) == []
    assert names(book(one, ledger)) == ["leases"]


def test_no_post_waits_longer_than_until_it_is_due_or_than_a_limit_lasts() -> None:
    due = NOW + LONGEST_WAIT + MINUTE
    assert names(book(post(due=due, next_try=due), [])) == []
    assert names(book(post(due=NOW, next_try=NOW + LONGEST_WAIT), [])) == []
    assert names(book(post(due=NOW, next_try=due), [])) == ["no wait too long"]


@pytest.mark.parametrize("state", [PostState.HELD, PostState.FAILED])
def test_what_waits_for_a_person_was_told_since_it_was_last_tried(state: PostState) -> None:
    one, ledger = post(state, attempts=1), lines((PREPARED, SENDING, REFUSED))
    last = ledger[-1].at
    assert names(book(one, ledger, told={1: last})) == []
    assert names(book(one, ledger, told={1: last - MINUTE})) == ["nothing waits unseen"]
    assert names(book(one, ledger)) == ["nothing waits unseen"]
    never_tried = replace(one, attempts=0)
    assert names(book(never_tried, [], told={1: NOW - TOLD_WITHIN})) == []


def test_an_uncertain_post_may_be_looked_for_a_day_before_somebody_is_told() -> None:
    one, ledger = post(PostState.UNCERTAIN, attempts=1), lines((PREPARED, SENDING, UNCERTAIN))
    last = ledger[-1].at
    assert names(book(one, ledger), last + TOLD_WITHIN) == []
    assert names(book(one, ledger), last + TOLD_WITHIN + MINUTE) == ["nothing waits unseen"]
    assert names(book(one, ledger, told={1: last + MINUTE}), last + 2 * TOLD_WITHIN) == []


def test_each_fault_has_the_name_of_what_is_broken() -> None:
    twice = book(post(PostState.PUBLISHED, attempts=2), lines(OUT, OUT))
    assert names(twice) == ["accepted once"]


ENDS: Mapping[AttemptState, PostState] = {
    ACCEPTED: PostState.PUBLISHED,
    REFUSED: PostState.FAILED,
    NOT_SENT: PostState.QUEUED,
    UNCERTAIN: PostState.UNCERTAIN,
    SENDING: PostState.SENDING,
    PREPARED: PostState.SENDING,
}
FAILED_TRIES = [
    (PREPARED, NOT_SENT),
    (PREPARED, REFUSED),
    *((PREPARED, SENDING, end) for end in (NOT_SENT, REFUSED)),
    *((PREPARED, SENDING, UNCERTAIN, end) for end in (NOT_SENT, REFUSED)),
]
LAST_TRIES = [
    *FAILED_TRIES,
    *(OUT[:length] for length in (1, 2, 3)),
    (PREPARED, SENDING, UNCERTAIN),
    (PREPARED, SENDING, UNCERTAIN, ACCEPTED),
]


@given(st.lists(st.sampled_from(FAILED_TRIES), max_size=5), st.sampled_from(LAST_TRIES))
def test_every_way_that_the_publisher_can_go_is_sound(
    before: list[tuple[AttemptState, ...]], last: tuple[AttemptState, ...]
) -> None:
    one = post(ENDS[last[-1]], attempts=len(before) + 1)
    assert found(one, lines(*before, last)) == []


@given(
    st.lists(st.sampled_from(FAILED_TRIES), max_size=3),
    st.sampled_from(LAST_TRIES),
    st.data(),
)
def test_a_ledger_that_lost_a_line_is_found(
    before: list[tuple[AttemptState, ...]], last: tuple[AttemptState, ...], data: st.DataObject
) -> None:
    ledger = lines(*before, last)
    one = post(ENDS[last[-1]], attempts=len(before) + 1)
    # A try that ended may have been looked for or not, at the wire or not: both are ways to go.
    needed = [
        at
        for at, line in enumerate(ledger)
        if line.state != SENDING and (line.state != UNCERTAIN or line is ledger[-1])
    ]
    lost = data.draw(st.sampled_from(needed))
    assert found(one, ledger[:lost] + ledger[lost + 1 :]) != []


@pytest.mark.parametrize(
    ("post_state", "last"), list(product(PostState, [None, *AttemptState])), ids=str
)
def test_a_post_and_the_end_of_its_ledger_say_the_same(
    post_state: PostState, last: AttemptState | None
) -> None:
    known: Mapping[AttemptState | None, list[tuple[AttemptState, ...]]] = {
        None: [],
        PREPARED: [(PREPARED,)],
        SENDING: [(PREPARED, SENDING)],
        UNCERTAIN: [(PREPARED, SENDING, UNCERTAIN)],
    }
    states = known.get(last) or ([(PREPARED, SENDING, last)] if last else [])
    one = post(post_state, attempts=len(states))
    agree = {
        PostState.SENDING: {PREPARED, SENDING},
        PostState.UNCERTAIN: {UNCERTAIN},
        PostState.PUBLISHED: {ACCEPTED},
        PostState.DELETED: {ACCEPTED},
    }.get(post_state, {None, NOT_SENT, REFUSED})
    assert (found(one, lines(*states)) == []) == (last in agree)
