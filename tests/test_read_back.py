"""How what is out differs from what was approved, in words; and when it is looked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Post, PostState, RemotePost
from bot.networks.characters import same_words
from bot.read_back import READ_AGAIN_AFTER, differences, read_again_at
from tests.post_sample import NOW, TOURS_ON_X, sending

TAG = "KoreaFranceLocalCooperation"
TEXT = f"Suwon est à Tours (du 3 au 5 mars) 🇫🇷🇰🇷 #{TAG}"


def out(text: str = TEXT) -> Post:
    return sending(TOURS_ON_X, text, state=PostState.PUBLISHED, url="https://x.com/tours/1")


def shown(text: str, tags: tuple[str, ...] | None = (TAG,)) -> RemotePost:
    return RemotePost("1", "https://x.com/tours/1", text, NOW, tags)


def said(post: Post, remote: RemotePost | None) -> list[str]:
    same = remote is not None and same_words(post.text) == same_words(remote.text)
    return [str(one) for one in differences(post, remote, TAG, same_text=same)]


def test_what_is_as_it_was_approved_is_not_spoken_of() -> None:
    assert said(out(), shown(TEXT)) == []
    assert said(out(), shown(TEXT, (TAG.lower(), "Tours"))) == []
    assert said(out(), shown(TEXT, None)) == []


def test_what_is_not_there_is_told_with_its_address() -> None:
    (message,) = said(out(), None)
    assert "does not show it" in message
    assert "https://x.com/tours/1" in message


def test_a_hashtag_that_is_none_is_told() -> None:
    (message,) = said(out(), shown(TEXT, ("Tours",)))
    assert f"#{TAG} is no hashtag there" in message


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("Suwon est à Tours ", "…Suwon est à Tours”"),
        ("Suwon est à Tours (du 3 au", "…à Tours (du 3 au”"),
        ("Suwon est à To", "…Suwon est à To”"),
        ("", "“…”"),
    ],
)
def test_a_text_that_was_cut_is_told_with_its_last_words(text: str, ends: str) -> None:
    (message,) = said(out(), shown(text))
    assert "cut" in message
    assert ends in message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (TEXT.replace("Tours", "Paris"), "“Tours (du 3 au 5…”"),
        (f"{TEXT} et plus", "“et plus…”"),
        (f"Bonjour {TEXT}", "“Suwon est à Tours (du…”"),
    ],
)
def test_a_text_that_reads_otherwise_is_told_with_the_place(text: str, place: str) -> None:
    (message,) = said(out(), shown(text))
    assert "otherwise" in message
    assert place in message


def test_a_text_that_lost_its_hashtag_is_told_both_ways() -> None:
    assert len(said(out(), shown("Suwon est à Tours", ()))) == 2


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_two_texts_are_one_sentence_says_where_they_part(sent: str, other: str) -> None:
    messages = said(out(sent), shown(other))
    assert len(messages) == (same_words(sent) != same_words(other))


@given(st.text(min_size=1, max_size=60), st.integers(0, 60))
def test_the_beginning_of_a_text_is_always_called_cut(sent: str, at: int) -> None:
    part = sent[:at]
    # A sign that combines with what was cut off makes another word of it.
    if same_words(sent) != same_words(part) and same_words(sent).startswith(same_words(part)):
        assert "cut" in said(out(sent), shown(part))[0]


def test_what_is_not_visible_yet_is_looked_at_again_twice() -> None:
    times = [read_again_at(looks, NOW) for looks in (1, 2, 3)]
    assert times == [*(NOW + wait for wait in READ_AGAIN_AFTER), None]
    assert [wait.seconds // 60 for wait in READ_AGAIN_AFTER] == [5, 15]
