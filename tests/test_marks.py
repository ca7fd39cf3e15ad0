"""The mark: the hashtag once, recognised as one by the network, and each flag once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.compose import marks
from bot.compose.marks import flag, mark_faults
from bot.compose.rules import Rules
from bot.errors import ConfigError
from bot.networks import NETWORKS, network_kind
from tests.fakes import PlainRules

TAG = "KoreaFranceLocalCooperation"
MARK = f"#{TAG} 🇫🇷🇰🇷"
COUNTRIES = ("FR", "KR")
BOTH = [pytest.param(network_kind(name).rules, id=name) for name in NETWORKS]

#: What officers paste, and what breaks a hashtag: letters of all sorts beside it, signs, flags.
PIECES = [
    *(f"#{TAG}", f"＃{TAG}", f"#{TAG.lower()}", TAG, "#", "＃", "##", "🇫🇷", "🇰🇷", "🇫", "🇷", "🇰"),
    *(" ", "\n", "안녕", "은", "é", "e", "\u0301", "2", "_", "·", "・", "&", "(", ")", ".", "://"),
    *(
        "https://a.fr/",
        "ville.de/",
        "@",
        "🎌",
        "\u200d",
        "\ufe0f",
        "\u20e3",
        "\0",
        "\u00ad",
        "#Paix",
    ),
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=12).map("".join)


def marked(text: str, rules: Rules | None = None) -> str:
    return marks.marked(text, TAG, COUNTRIES, rules or PlainRules()).text


def faults(text: str, rules: Rules) -> list[str]:
    return [str(fault) for fault in mark_faults(text, TAG, COUNTRIES, rules)]


def test_a_text_without_its_mark_is_given_it_on_a_line_of_its_own() -> None:
    assert marked("Bonjour Suwon.") == f"Bonjour Suwon.\n\n{MARK}"


def test_an_empty_text_is_nothing_but_its_mark() -> None:
    assert marked("  ") == MARK


def test_after_a_link_the_mark_stands_on_the_next_line() -> None:
    text = "Le programme :\n\nhttps://ville.example/forum"
    assert marked(text) == f"{text}\n{MARK}"


def test_a_text_with_its_mark_stays_as_it_is() -> None:
    text = f"Bonjour {MARK} Suwon"
    assert marked(text) == text


def test_only_the_flags_are_added_to_a_text_that_has_the_hashtag() -> None:
    assert marked(f"Avec #{TAG}, en route.") == f"Avec #{TAG}, en route. 🇫🇷🇰🇷"


def test_only_the_flag_that_is_missing_is_added() -> None:
    assert marked(f"🇰🇷 #{TAG}") == f"🇰🇷 #{TAG} 🇫🇷"


def test_only_the_hashtag_is_added_to_a_text_that_has_the_flags() -> None:
    assert marked("🇫🇷🇰🇷 Bonjour") == f"🇫🇷🇰🇷 Bonjour\n\n#{TAG}"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (f"안녕#{TAG}", f"안녕 #{TAG}"),
        (f"#{TAG}은 좋다", f"#{TAG} 은 좋다"),
        (f"bonjour#{TAG}!", f"bonjour #{TAG}!"),
        (f"#{TAG}s", f"#{TAG} s"),
        (f"#{TAG}2023", f"#{TAG} 2023"),
        (f"2023#{TAG}", f"2023 #{TAG}"),
        (f"#{TAG}_", f"#{TAG} _"),
        (f"#{TAG}·#Paix", f"#{TAG} ·#Paix"),
        (f"한·#{TAG}", f"한· #{TAG}"),
        (f"#Paix#{TAG}", f"#Paix #{TAG}"),
        (f"&#{TAG}", f"& #{TAG}"),
    ],
)
@pytest.mark.parametrize("rules", BOTH)
def test_a_hashtag_that_is_glued_to_something_is_set_apart(
    rules: Rules, text: str, mended: str
) -> None:
    assert marked(text, rules) == f"{mended} 🇫🇷🇰🇷"


@pytest.mark.parametrize("rules", BOTH)
def test_a_hashtag_glued_to_a_flag_is_set_apart(rules: Rules) -> None:
    assert marked(f"🇫🇷#{TAG}🇰🇷", rules) == f"🇫🇷 #{TAG} 🇰🇷"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Bonjour🇫🇷🇰🇷한국", "Bonjour 🇫🇷🇰🇷 한국"),
        ("2023🇫🇷2024 🇰🇷é", "2023 🇫🇷 2024 🇰🇷 é"),
        ("(🇫🇷🇰🇷), 🎌", "(🇫🇷🇰🇷), 🎌"),
        ("«🇫🇷» 🇰🇷!", "«🇫🇷» 🇰🇷!"),
        ("한국🇰🇷🇫🇷https://ville.example/", "한국 🇰🇷🇫🇷 https://ville.example/"),
    ],
)
@pytest.mark.parametrize("rules", BOTH)
def test_a_flag_that_is_glued_to_letters_is_set_apart(rules: Rules, text: str, mended: str) -> None:
    assert marked(f"#{TAG} {text}", rules) == f"#{TAG} {mended}"


@pytest.mark.parametrize("rules", BOTH)
def test_a_flag_inside_a_link_is_left_alone(rules: Rules) -> None:
    text = f"https://ville.example/a🇫🇷b#c🇰🇷 #{TAG}"
    assert marked(text, rules) == text


@pytest.mark.parametrize("around", ["()", "«»", "“”", "「」", "（）"])
@pytest.mark.parametrize("rules", BOTH)
def test_brackets_and_quotation_marks_around_the_hashtag_stay(rules: Rules, around: str) -> None:
    text = f"{around[0]}#{TAG}{around[1]}, 🇫🇷🇰🇷"
    assert marked(text, rules) == text


@pytest.mark.parametrize("written", [f"#{TAG.lower()}", f"#{TAG.upper()}", f"＃{TAG}"])
@pytest.mark.parametrize("rules", BOTH)
def test_the_hashtag_is_put_into_its_own_spelling(rules: Rules, written: str) -> None:
    assert marked(f"Avec {written} 🇫🇷🇰🇷", rules) == f"Avec #{TAG} 🇫🇷🇰🇷"


def test_a_second_hashtag_loses_its_sign() -> None:
    assert marked(f"#{TAG} : {MARK}") == f"#{TAG} : {TAG} 🇫🇷🇰🇷"


@pytest.mark.parametrize("rules", BOTH)
def test_a_second_hashtag_with_two_signs_does_not_keep_one(rules: Rules) -> None:
    assert marked(f"{MARK} ##{TAG}", rules) == f"{MARK} {TAG}"


def test_a_flag_that_stands_twice_stays_where_it_stood_first() -> None:
    assert marked(f"🇰🇷 Corée 🇰🇷 et France 🇫🇷🇫🇷 #{TAG}") == f"🇰🇷 Corée et France 🇫🇷 #{TAG}"


@pytest.mark.parametrize("rules", BOTH)
def test_a_flag_that_goes_does_not_make_a_second_hashtag(rules: Rules) -> None:
    assert marked(f"{MARK} #🇫🇷{TAG}", rules).count(f"#{TAG}") == 1


@pytest.mark.parametrize("link", [f"https://ville.fr/page#{TAG}", f"https://ville.fr/#{TAG}"])
@pytest.mark.parametrize("rules", BOTH)
def test_a_hashtag_inside_a_link_is_left_alone_and_does_not_count(rules: Rules, link: str) -> None:
    assert marked(f"Voir {link} et la suite", rules) == f"Voir {link} et la suite\n\n{MARK}"


@pytest.mark.parametrize("rules", BOTH)
def test_a_hashtag_that_an_address_follows_is_one_all_the_same(rules: Rules) -> None:
    assert faults(marked(f"#{TAG}://x", rules), rules) == []


@pytest.mark.parametrize("rules", BOTH)
def test_half_a_flag_before_a_flag_does_not_hide_it(rules: Rules) -> None:
    assert faults(marked("🇦🇫🇷🇰🇷", rules), rules) == []


@pytest.mark.parametrize("rules", BOTH)
def test_other_flags_and_hashtags_are_the_officers_own(rules: Rules) -> None:
    text = f"🇯🇵 #Paix 🇯🇵 #Paix {MARK}"
    assert marked(text, rules) == text


@pytest.mark.parametrize("rules", BOTH)
def test_a_hashtag_with_a_sharp_s_is_put_into_its_own_spelling(rules: Rules) -> None:
    assert marks.marked("Auf der #STRASSE", "Straße", (), rules).text == "Auf der #Straße"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (f"{MARK}\n🇫🇷", MARK),  # no empty line is left behind
        (f"{MARK} e🇫🇷\u0301", f"{MARK} é"),  # what comes together is written as one letter
    ],
)
@pytest.mark.parametrize("rules", BOTH)
def test_where_a_flag_goes_the_text_is_tidied(rules: Rules, text: str, mended: str) -> None:
    assert marked(text, rules) == mended


@pytest.mark.parametrize("rules", BOTH)
@given(text=TEXTS)
@settings(max_examples=150, deadline=None)
def test_whatever_the_text_its_mark_is_right_and_marking_twice_changes_nothing(
    rules: Rules, text: str
) -> None:
    once = marked(text, rules)
    assert faults(once, rules) == []
    assert [tag.name for tag in rules.tags(once)].count(TAG) == 1
    assert marked(once, rules) == once


@pytest.mark.parametrize("rules", BOTH)
@given(text=TEXTS)
@settings(max_examples=150, deadline=None)
def test_whatever_the_text_no_flag_of_the_campaign_is_glued_to_letters(
    rules: Rules, text: str
) -> None:
    words = [word for word in marked(text, rules).split() if "://" not in word]
    for sign in ("🇫🇷", "🇰🇷"):
        for before, after in (word.split(sign, 1) for word in words if sign in word):
            assert not before[-1:].isalnum()
            assert not after[:1].isalnum()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Bonjour 🇫🇷🇰🇷", f"the hashtag #{TAG} is missing"),
        (f"안녕#{TAG} 🇫🇷🇰🇷", f"the hashtag #{TAG} is missing"),
        (f"#{TAG} {MARK}", f"the hashtag #{TAG} must stand there once, in this spelling"),
        (f"#{TAG.lower()} 🇫🇷🇰🇷", f"the hashtag #{TAG} must stand there once, in this spelling"),
        (f"#{TAG} 🇫🇷", "the flag 🇰🇷 must stand there once"),
        (f"#{TAG} 🇫🇷🇰🇷🇫🇷", "the flag 🇫🇷 must stand there once"),
    ],
)
@pytest.mark.parametrize("rules", BOTH)
def test_what_is_wrong_with_a_mark_is_said(rules: Rules, text: str, fault: str) -> None:
    assert faults(text, rules) == [fault]


@pytest.mark.parametrize("rules", BOTH)
def test_nothing_is_wrong_with_a_mark_that_is_whole(rules: Rules) -> None:
    assert faults(f"Bonjour {MARK}", rules) == []


def test_a_country_has_its_flag() -> None:
    assert flag("KR") == "🇰🇷"


@pytest.mark.parametrize("country", ["ZZ", "", "FRA", "F"])
def test_what_is_no_country_has_no_flag(country: str) -> None:
    with pytest.raises(ConfigError, match="has no flag"):
        flag(country)
