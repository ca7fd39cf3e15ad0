"""A text that is too long for one post, as a thread."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.compose.dates import spans_of_dates
from bot.compose.marks import mark_faults
from bot.compose.rules import Rules
from bot.compose.thread import MOST_POSTS, split
from bot.errors import RenderError
from tests.fakes import PlainRules
from tests.test_fit import COUNTRIES, LINK, MARK, RULES, TAG, TEXTS, Frame

COUNTER = re.compile(r" \(\d+/\d+\)(?=\n)")


def posts(wording: str, limit: int, link: str = "") -> tuple[str, ...]:
    first, rest = Frame(PlainRules(), link), Frame(PlainRules())
    return split(wording, first.finish, rest.finish, len, limit)


def bodies(made: tuple[str, ...]) -> list[str]:
    return [post.removesuffix(f"\n\n{MARK}") for post in made]


def test_a_text_that_fits_is_one_post() -> None:
    assert posts("Bonjour.", 100, LINK) == (f"Bonjour.\n\n{LINK}\n{MARK}",)


def test_a_text_is_parted_between_sentences_and_each_post_has_its_mark_and_number() -> None:
    made = posts("Un mot ici. Deux mots là. Trois mots là.", 57)
    assert made == (
        f"Un mot ici. (1/3)\n\n{MARK}",
        f"Deux mots là. (2/3)\n\n{MARK}",
        f"Trois mots là. (3/3)\n\n{MARK}",
    )


def test_the_posts_are_of_about_the_same_length() -> None:
    text = " ".join(f"Phrase numéro {number:02}." for number in range(8))
    lengths = [len(body) for body in bodies(posts(text, 170))]
    assert len(lengths) == 2
    assert max(lengths) - min(lengths) <= 5


def test_the_link_is_in_the_first_post_only() -> None:
    made = posts("Un mot ici. Deux mots là. Trois mots là.", 80, LINK)
    assert [LINK in post for post in made] == [True, False]
    assert made[0].startswith("Un mot ici.")


def test_a_counter_that_does_not_fit_is_left_out() -> None:
    text = "Dix lettres. Dix lettres."
    made = posts(text, len(f"Dix lettres.\n\n{MARK}"))
    assert bodies(made) == ["Dix lettres.", "Dix lettres."]


def test_a_sentence_that_is_too_long_alone_is_parted_between_words() -> None:
    made = posts("Un ici. Les élus visitent la mairie puis une école avec des enfants.", 76)
    assert bodies(made) == [
        "Un ici. (1/3)",
        "Les élus visitent la mairie… (2/3)",
        "… puis une école avec des enfants. (3/3)",
    ]


def test_the_first_post_stands_alone_or_there_is_no_thread() -> None:
    with pytest.raises(RenderError, match="The first sentence alone is too long for a post, by"):
        posts("Les élus visitent la mairie puis une école avec des enfants. Oui.", 60)


def test_a_word_that_is_too_long_for_a_post_is_named() -> None:
    with pytest.raises(RenderError, match=r"cannot be parted is too long by .*: “X{50}”"):
        posts(f"Oui. {'X' * 50}", 70)


def test_hashtags_and_signs_alone_are_no_post() -> None:
    made = posts("Un mot ici, et là. Deux mots ici, et là.\n\n#Paix 🎉", 78)
    assert bodies(made) == ["Un mot ici, et là. (1/2)", "Deux mots ici, et là.\n\n#Paix 🎉 (2/2)"]


def test_a_thread_has_an_end() -> None:
    with pytest.raises(RenderError, match=f"more than {MOST_POSTS} posts"):
        posts("Un mot ici. " * 50, 60)


@pytest.mark.parametrize("rules", RULES)
@given(text=TEXTS, link=st.sampled_from(["", LINK]))
@settings(max_examples=40, deadline=None)
def test_whatever_the_text_each_post_may_leave_and_nothing_is_lost(
    rules: Rules, text: str, link: str
) -> None:
    first, rest = Frame(rules, link), Frame(rules)
    try:
        made = split(text, first.finish, rest.finish, first.length, first.limit)
    except RenderError:
        return
    assert all(first.length(post) <= first.limit for post in made)
    assert all(mark_faults(post, TAG, COUNTRIES, rules) == () for post in made)
    assert link in made[0]
    for start, end in spans_of_dates(text):
        assert any(unicodedata.normalize("NFC", text[start:end]) in post for post in made)
    shown = " ".join(COUNTER.sub("", post) for post in made)
    said = iter(word for word in re.findall(r"\w+", shown) if word != TAG)
    words = re.findall(r"\w+", unicodedata.normalize("NFC", rules.clean(text)))
    assert all(word in said for word in words if word != TAG)
