"""Sentences in the language of who reads them."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from string import Formatter

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry

from bot.errors import ConfigError
from bot.words import Message, language_of_environment, ngettext, speak, spoken
from tests import catalogues

LANGUAGES = pytest.mark.parametrize("language", catalogues.TRANSLATED)
#: An ordinary space, or none, where French puts one that does not break; "pavois:" is a shell's.
BADLY_SET_APART = re.compile(r"« | [:;!?»](?=\s|$)|\S[;!?](?=\s|$)|(?<!pavois)(?<=\S):(?=\s|$)")


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


def test_a_message_within_a_message_is_read_in_the_same_language() -> None:
    cause = Message("a whole number")
    message = Message("{place}: {problem}", {"place": "config.toml", "problem": cause})
    assert str(message) == "config.toml: a whole number"
    assert cause.in_language("ko") in message.in_language("ko")
    assert cause.in_language("ko") != str(cause)


def test_one_and_several_have_their_own_words() -> None:
    assert [ngettext("a post", "posts", number) for number in (1, 2)] == ["a post", "posts"]


def test_a_process_speaks_one_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    speak("ko")
    assert spoken() == "ko"
    speak("en")
    assert spoken() == "en"


@cache
def sentences() -> Catalog:
    """What the code, its templates and click say; read once for all the tests below."""
    return catalogues.sentences()


@cache
def catalogue(language: str) -> Catalog:
    return catalogues.read(language)


def entries(language: str) -> Iterator[tuple[str, Entry]]:
    """The sentences of *language*, without the head of the file, each with its English."""
    for entry in catalogue(language):
        if entry.id:
            yield entry.id if isinstance(entry.id, str) else entry.id[0], entry


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """The singular and the plural of a sentence, or the one form that it has."""
    return [text] if isinstance(text, str) else list(text or ())


def placeholders(text: str) -> Counter[str]:
    """What stands in braces, and in the one sentence of click that has it, after a %."""
    named = Counter(
        f"{{{name}!{conversion or ''}:{spec}}}"
        for _words, name, spec, conversion in Formatter().parse(text)
        if name is not None
    )
    return named + Counter(re.findall(r"%\(\w+\)s", text))


def test_the_signs_that_french_sets_apart_are_recognised() -> None:
    wrong = ("Erreur : x", "Erreur: x", "« x »", "Vraiment ?", "Vraiment?", "oui; non", "Où : ")
    assert [text for text in wrong if not BADLY_SET_APART.search(text)] == []
    right = ("Erreur\u00a0: x", "«\u00a0x\u00a0»", "Vraiment\u202f?", "https://…", "pavois: x")
    assert [text for text in right if BADLY_SET_APART.search(text)] == []


@LANGUAGES
def test_every_sentence_has_its_translation(language: str) -> None:
    known = {entry.id for _text, entry in entries(language)}
    new = [entry.id for entry in sentences() if entry.id and entry.id not in known]
    assert new == [], "run `make catalogues`, and translate these"
    assert list(catalogues.untranslated(catalogue(language))) == []


@LANGUAGES
def test_a_catalogue_holds_nothing_that_is_no_longer_said(language: str) -> None:
    said = {entry.id for entry in sentences()}
    assert [text for text, entry in entries(language) if entry.id not in said] == []
    assert list(catalogue(language).obsolete) == []


@LANGUAGES
def test_no_translation_is_a_guess(language: str) -> None:
    assert not catalogue(language).fuzzy
    assert [text for text, entry in entries(language) if entry.fuzzy] == []


@LANGUAGES
def test_a_translation_has_the_placeholders_of_its_sentence(language: str) -> None:
    for text, entry in entries(language):
        allowed = [placeholders(form) for form in forms(entry.id)]
        for given in forms(entry.string):
            if isinstance(entry.id, str):
                assert set(placeholders(given)) == set(allowed[0]), text
            else:
                assert set(placeholders(given)) in [set(one) for one in allowed], text


@LANGUAGES
def test_a_translation_keeps_keys_and_commands_as_they_are(language: str) -> None:
    for text, entry in entries(language):
        for given in forms(entry.string):
            assert set(re.findall(r"`[^`]+`", given)) == set(re.findall(r"`[^`]+`", text)), text
            for command in re.findall(r"pavois [a-z]+(?: [a-z]+)?(?= --|$)|--[a-z-]+", text):
                assert command in given, text


@LANGUAGES
def test_the_compiled_catalogue_is_what_the_written_one_says(language: str) -> None:
    compiled = catalogues.path(language, "mo").read_bytes()
    assert compiled == catalogues.compiled(catalogue(language)), "run `make catalogues`"


def test_french_sets_its_signs_apart_with_spaces_that_do_not_break() -> None:
    wrong = [
        given
        for _text, entry in entries("fr")
        for given in forms(entry.string)
        if BADLY_SET_APART.search(given) or re.search(r"[^\W\d_]'[^\W\d_]", given)
    ]
    assert wrong == []


def test_korean_is_written_in_korean() -> None:
    wrong = [
        text
        for text, entry in entries("ko")
        for given in forms(entry.string)
        if re.search(r"[^\W\d_]{2}", re.sub(r"\{[^}]*\}|%\(\w+\)s", "", given))
        and not re.search("[가-힣]", given)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "Le fichier a.toml n’existe pas."), ("ko", "a.toml 파일이 없습니다.")],
)
def test_a_message_speaks_to_each_reader_in_their_language(language: str, words: str) -> None:
    error = ConfigError("There is no file {path}.", path="a.toml")
    assert str(error) == "There is no file a.toml."
    assert error.message.in_language(language) == words
    within = Message("{place}: {problem}", {"place": "b", "problem": error.message})
    assert words in within.in_language(language)


@pytest.mark.parametrize(
    ("language", "usage", "mistake"),
    [
        ("fr", "Utilisation\u00a0:", "Erreur\u00a0: L’option '--colour' n’existe pas."),
        ("ko", "사용법:", "오류: '--colour' 옵션은 없습니다."),
    ],
)
def test_click_speaks_as_pavois_does(
    language: str,
    usage: str,
    mistake: str,
    say: Callable[[str], None],
) -> None:
    command = click.Command("pavois")
    say(language)
    assert command.get_help(click.Context(command, info_name="pavois")).startswith(usage)
    shown = io.StringIO()
    with pytest.raises(click.NoSuchOption) as caught:
        command.parse_args(click.Context(command), ["--colour"])
    caught.value.show(shown)
    assert mistake in shown.getvalue()


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a language that of this process, as long as the test lasts."""
    monkeypatch.setenv("LANGUAGE", "en")
    return speak
