"""What a screen reader would say of a text, in the language of the text."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.compose.reading import read_aloud, tag_words
from tests.announcements_sample import MARK

FLAGS = "drapeau\u00a0: France, drapeau\u00a0: Corée du Sud"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "fr",
            f"dièse Korea France Local Cooperation {FLAGS}",
        ),
        ("ko", "해시태그 Korea France Local Cooperation 깃발: 프랑스, 깃발: 대한민국"),
        ("en", "hashtag Korea France Local Cooperation flag: France, flag: South Korea"),
        ("de", "hashtag Korea France Local Cooperation flagge frankreich, flagge südkorea"),
    ],
)
def test_the_mark_is_said_in_the_language_of_the_text(language: str, said: str) -> None:
    assert read_aloud(MARK, language) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Le programme : https://www.ville.fr/forum?a=1.", "Le programme : lien ville.fr."),
        ("(https://ville.fr)", "(lien ville.fr)"),
        ("HTTP://VILLE.FR/#Forum", "lien ville.fr"),
        ("https://[::1", "lien https://[::1"),
        ("https://", "https://"),
        ("http://ville.fr에서", "lien ville.fr 에서"),
        ("mairie@ville.fr, ville.fr", "mairie@ville.fr, ville.fr"),
    ],
)
def test_a_link_is_said_by_its_host(text: str, said: str) -> None:
    assert read_aloud(text, "fr") == said


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("KoreaFranceLocalCooperation", ["Korea", "France", "Local", "Cooperation"]),
        ("KOICAForum2023", ["KOICA", "Forum", "2023"]),
        ("ÉtéÀSuwon", ["Été", "À", "Suwon"]),
        ("villes_jumelles", ["villes", "jumelles"]),
        ("coopérationdécentralisée", ["coopérationdécentralisée"]),
        ("OECD", ["OECD"]),
        ("수원", ["수원"]),
    ],
)
def test_a_hashtag_is_said_word_by_word(name: str, words: list[str]) -> None:
    assert tag_words(name) == words
    assert read_aloud(f"Oui #{name}, non", "fr") == f"Oui dièse {' '.join(words)}, non"


def test_what_is_no_hashtag_is_left_as_it_is() -> None:
    text = "n°#2023, a#b, #, &#x"
    assert read_aloud(text, "fr") == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Bravo👏👏 à tous", "Bravo applaudissements, applaudissements à tous"),
        ("Oui !🎉Non", "Oui ! cotillons Non"),
        ("Oui 🎉.", "Oui cotillons."),
        ("#️⃣Tours", "touches\u00a0: # Tours"),
        ("Suwon ❤ Tours", "Suwon cœur rouge Tours"),
        ("#Tours🎉", "dièse Tours cotillons"),
        ("Vraiment !!", "Vraiment !!"),
        ("", ""),
    ],
)
def test_emoji_are_said_apart_from_the_words_beside_them(text: str, said: str) -> None:
    assert read_aloud(text, "fr") == said


@given(st.text(max_size=60), st.sampled_from(["fr", "ko", "en", "de", "xx", ""]))
def test_every_text_can_be_said(text: str, language: str) -> None:
    said = read_aloud(text, language)
    assert bool(said.strip()) == bool(text.strip())


def test_the_tables_of_emoji_are_not_read_before_they_are_needed() -> None:
    program = "import sys, bot.compose.reading; sys.exit('emoji' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
