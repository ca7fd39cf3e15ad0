"""What a change of an announcement makes of its posts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.attached import Attached, Media, Sort
from bot.changes import CHANGEABLE, Step, changeable, shifted, steps
from bot.errors import RefusedCommand
from bot.model import PlannedPost, Post, PostState
from tests.post_sample import NOW, TOURS_ON_X, sending

HOUR = timedelta(hours=1)
BEGUN = [PostState.SENDING, PostState.UNCERTAIN, PostState.PUBLISHED, PostState.DELETED]


def post(number: int, state: PostState = PostState.QUEUED, **changes: Any) -> Post:
    return replace(sending(TOURS_ON_X, "Bonjour"), id=number, state=state, **changes)


def new(one: Post, **changes: Any) -> PlannedPost:
    """*one* as a plan has it, but for *changes*."""
    same = ("account", "network", "language", "text", "due", "valid_until", "attached", "part")
    values = {name: getattr(one, name) for name in same}
    return PlannedPost(**{**values, **changes})


def test_every_state_but_cancelled_has_begun_or_can_be_changed() -> None:
    assert {*CHANGEABLE, *BEGUN, PostState.CANCELLED} == set(PostState)


@pytest.mark.parametrize("state", CHANGEABLE)
def test_what_has_not_gone_out_can_be_changed(state: PostState) -> None:
    assert changeable("visite", [post(1, state)]) == (post(1, state),)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            PostState.SENDING,
            "post 2 (tours-x, fr) is being sent at this moment: try again in a few minutes",
        ),
        (PostState.UNCERTAIN, "post 2 (tours-x, fr) may be out"),
        (PostState.PUBLISHED, "post 2 (tours-x, fr) is out"),
        (PostState.DELETED, "post 2 (tours-x, fr) was out and has been deleted"),
    ],
)
def test_what_has_begun_is_named_and_only_the_rest_can_be_changed(
    state: PostState, said: str
) -> None:
    posts = [post(1, account="tours-in"), post(2, state)]
    with pytest.raises(RefusedCommand) as refused:
        changeable("visite", posts)
    assert str(refused.value) == (
        f"visite cannot be changed as a whole: {said}. Nothing was changed. To change only what "
        "has not begun: --remaining"
    )
    assert changeable("visite", posts, remaining=True) == (posts[0],)


@pytest.mark.parametrize("state", BEGUN)
def test_a_thread_that_has_begun_is_changed_nowhere(state: PostState) -> None:
    thread = [post(1, state, part=0), post(2, part=1), post(3, part=2)]
    with pytest.raises(RefusedCommand):
        changeable("visite", thread)
    assert changeable("visite", thread, remaining=True) == ()
    in_english = post(4, language="en")
    assert changeable("visite", [*thread, in_english], remaining=True) == (in_english,)


def test_a_post_that_says_the_same_at_the_same_time_is_no_change() -> None:
    (step,) = steps([post(1)], [new(post(1))])
    assert not step.is_change


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Bonsoir"},
        {"due": NOW + HOUR},
        {"valid_until": NOW + HOUR},
        {"attached": Attached(media=(Media("aa", Sort.PICTURE, "image/jpeg", 9),))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_text_time_end_or_file_is_a_change(changes: dict[str, object]) -> None:
    (step,) = steps([post(1)], [new(post(1), **changes)])
    assert step.is_change


@pytest.mark.parametrize("state", [PostState.HELD, PostState.FAILED, PostState.EXPIRED])
def test_what_is_held_or_failed_waits_again_even_with_the_same_words(state: PostState) -> None:
    (step,) = steps([post(1, state)], [new(post(1))])
    assert step.is_change


def test_posts_keep_their_place_new_ones_are_added_and_those_that_are_no_more_end() -> None:
    old = [post(1, part=0), post(2, part=1), post(3, language="en")]
    planned = [new(old[0], text="Bonsoir"), new(old[0], language="ko")]
    assert steps(old, planned) == (
        Step(old[0], planned[0]),
        Step(None, planned[1]),
        Step(old[1], None),
        Step(old[2], None),
    )


def test_a_new_post_is_known_for_one_that_a_person_had_cancelled() -> None:
    gone = post(1, PostState.CANCELLED)
    again, other = steps([], [new(gone), new(gone, language="ko")], [gone])
    assert (again.returns, other.returns) == (True, False)


@given(st.lists(st.integers(-9999, 9999), min_size=1, max_size=5), st.integers(-9999, 9999))
def test_moved_posts_keep_their_distances(minutes: list[int], at: int) -> None:
    def instant(count: int) -> datetime:
        return NOW + timedelta(minutes=count)

    posts = [post(number, due=instant(due)) for number, due in enumerate(minutes)]
    moved = shifted(posts, instant(at))
    assert min(one.due for one in moved) == instant(at)
    assert {one.due - old.due for one, old in zip(moved, posts, strict=True)} == {
        instant(at) - min(old.due for old in posts)
    }
    assert [replace(one, due=NOW) for one in moved] == [new(one, due=NOW) for one in posts]
