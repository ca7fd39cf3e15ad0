"""Sentences in the language of who reads them."""

from __future__ import annotations

import pytest

from bot.words import Message, language_of_environment, ngettext, speak, spoken


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "fr@euro"}, "fr"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "kok_IN"}, "en"),  # Konkani is not Korean
        ({"LANGUAGE": "de:ko:fr", "LANG": "fr_FR"}, "ko"),
        ({"LANGUAGE": "", "LANG": "fr_FR"}, "fr"),
        ({"LC_ALL": "ko_KR.UTF-8", "LANG": "fr_FR.UTF-8"}, "ko"),
        ({"LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_MESSAGES": "ko_KR", "LANG": "fr_FR"}, "ko"),
        ({"PAVOIS_LANGUAGE": "ko", "LC_ALL": "fr_FR"}, "ko"),
    ],
)
def test_the_language_is_that_which_the_terminal_asks_for(
    environment: dict[str, str], language: str
) -> None:
    assert language_of_environment(environment) == language


def test_a_message_is_put_into_words_when_it_is_read() -> None:
    message = Message("post {id}", {"id": 7})
    assert str(message) == "post 7"
    assert message.in_language("xx") == "post 7"


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    assert str(Message("{text}", {"text": "{id}"})) == "{id}"


def test_one_and_several_have_their_own_words() -> None:
    assert [ngettext("a post", "posts", number) for number in (1, 2)] == ["a post", "posts"]


def test_a_process_speaks_one_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    speak("ko")
    assert spoken() == "ko"
    speak("en")
    assert spoken() == "en"
