"""The mark: the hashtag once, recognised as one by the network, and each flag once."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.compose.hidden import HIDDEN, SHAPING
from bot.compose.marks import Marked, flag, mark_faults
from bot.compose.marks import marked as put_right
from bot.compose.rules import Rules, Tag
from bot.errors import ConfigError, RenderError
from bot.networks import NETWORKS, network_kind
from tests.fakes import PlainRules

TAG = "KoreaFranceLocalCooperation"
MARK = f"#{TAG} 🇫🇷🇰🇷"
COUNTRIES = ("FR", "KR")
BOTH = [pytest.param(network_kind(name).rules, id=name) for name in NETWORKS]
ALL = [pytest.param(PlainRules(), id="plain"), *BOTH]

TRAPS = Path(__file__).parents[2] / "shared" / "data" / "twitter-text" / "traps.json"
PART_OF_IT = "which would have become part of it"
WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in TAG)

#: What officers paste, and what breaks a hashtag: letters of all sorts beside it, signs, flags.
PIECES = [
    *(f"#{TAG}", f"＃{TAG}", f"#{TAG.lower()}", TAG, f"##{TAG}", f"#{WIDE}", f"#\ufe0f{TAG}"),
    *(f"#\ufe0f\u20e3{TAG}", f"#Korea\u00ad{TAG[5:]}", f"#Korea\u200d{TAG[5:]}", f"﹟{TAG}"),
    *("#", "＃", "##", "#Paix", "#Bretagne", "🇫🇷", "🇰🇷", "🇫", "🇷", "🇰", "🇦", "🎌", "✌️", "👨‍👩‍👧"),
    *(" ", "\n", "\t", "\u00a0", "\u202f", "안녕", "은", "에서", "é", "e", "\u0301", "2", "_", "s"),
    *(
        "·",
        "ㆍ",
        "・",
        "&",
        "(",
        ")",
        "«",
        "»",
        ".",
        ",",
        "-",
        "/",
        "’",
        "://",
        "@",
        "\u1100",
        "\u11ab",
    ),
    *("https://a.fr/", f"https://a.fr/#{TAG}", "ville.de/", "ville.de", "http://", "Forum"),
    *("\u200d", "\u200c", "\u200b", "\u2060", "\u200f", "\u202e", "\ufe0f", "\u20e3", "\u3164"),
    *("\0", "\x1f", "\u00ad", "\u034f", "\ufeff", "\u2028"),
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=12).map("".join)


def marked(text: str, rules: Rules | None = None) -> str:
    return put_right(text, TAG, COUNTRIES, rules or PlainRules()).text


def mends(text: str, rules: Rules | None = None) -> list[str]:
    return [str(mend) for mend in put_right(text, TAG, COUNTRIES, rules or PlainRules()).mends]


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
        (f"#{TAG}2023", f"#{TAG} 2023"),
        (f"2023#{TAG}", f"2023 #{TAG}"),
        (f"#{TAG}_2023", f"#{TAG} 2023"),
        (f"#{TAG}_, oui", f"#{TAG}, oui"),
        (f"_#{TAG}_", f"_ #{TAG}"),
        (f"#{TAG}·#Paix", f"#{TAG} · #Paix"),
        (f"#{TAG}ㆍ프랑스", f"#{TAG} ㆍ 프랑스"),
        (f"#{TAG}· oui", f"#{TAG} · oui"),
        (f"한·#{TAG}", f"한 · #{TAG}"),
        (f"#Paix·#{TAG}", f"#Paix · #{TAG}"),
        (f"•#{TAG}", f"• #{TAG}"),
        (f"#{TAG}https://a.fr/", f"#{TAG} https://a.fr/"),
        (f"#{TAG}🎌", f"#{TAG} 🎌"),
        (f"✌️#{TAG}", f"✌️ #{TAG}"),
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
def test_a_flag_inside_a_link_is_left_alone_and_does_not_count(rules: Rules) -> None:
    text = f"https://ville.example/a🇫🇷b#c🇰🇷 #{TAG}"
    assert marked(text, rules) == f"{text} 🇫🇷🇰🇷"


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
    assert put_right("Auf der #STRASSE", "Straße", (), rules).text == "Auf der #Straße"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (f"{MARK}\n🇫🇷", MARK),  # no empty line is left behind
        (f"{MARK}\n\n🇫🇷\n\nSuite", f"{MARK}\n\nSuite"),
        (f"{MARK} Tours 🇫🇷, Suwon", f"{MARK} Tours, Suwon"),
        (f"{MARK} Tours🇫🇷Suwon", f"{MARK} Tours Suwon"),
        (f"{MARK} Tours (🇫🇷) et Suwon", f"{MARK} Tours et Suwon"),
        (f"{MARK} Tours ([🇫🇷]).", f"{MARK} Tours."),
        (f"{MARK} 🇯🇵🇫🇷🇯🇵", f"{MARK} 🇯🇵🇯🇵"),
        (f"{MARK} 🇦 🇫🇷 🇧", f"{MARK} 🇦 🇧"),  # 🇦🇧 would be read as one flag
    ],
)
@pytest.mark.parametrize("rules", BOTH)
def test_where_a_flag_goes_the_text_is_tidied(rules: Rules, text: str, mended: str) -> None:
    assert marked(text, rules) == mended


@pytest.mark.parametrize(
    "text", [f"#{TAG}s", f"#{TAG}Forum", f"#{TAG.lower()}forum", f"#{TAG}é et la suite"]
)
@pytest.mark.parametrize("rules", BOTH)
def test_a_longer_hashtag_is_another_one_and_the_campaigns_own_is_added(
    rules: Rules, text: str
) -> None:
    name = text.split(maxsplit=1)[0]
    made = put_right(text, TAG, COUNTRIES, rules)
    assert made.text == f"{text}\n\n{MARK}"
    if name[1:].startswith(TAG):
        said = f"“{name}” is another hashtag: #{TAG} is added at the end"
        assert [str(mend) for mend in made.mends] == [said]


@pytest.mark.parametrize(
    ("text", "mended"),
    [("#한불협력은 좋다", "#한불협력 은 좋다"), ("#한불협력포럼", "#한불협력포럼\n\n#한불협력")],
)
@pytest.mark.parametrize("rules", BOTH)
def test_a_korean_hashtag_is_parted_from_a_particle_and_not_from_a_longer_word(
    rules: Rules, text: str, mended: str
) -> None:
    assert put_right(text, "한불협력", (), rules).text == mended


@pytest.mark.parametrize("rules", ALL)
def test_a_hashtag_that_ends_in_a_number_is_not_found_in_a_longer_number(rules: Rules) -> None:
    made = put_right("#Paris20245", "Paris2024", (), rules)
    assert made.text == "#Paris20245\n\n#Paris2024"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"＃{TAG}", f"“＃{TAG}”: the hashtag is now written with ordinary characters"),
        (f"#{WIDE}", f"“#{WIDE}”: the hashtag is now written with ordinary characters"),
        (f"##{TAG}", f"“##{TAG}”: the hashtag has a single sign # now"),
        (
            f"#Korea\u00ad{TAG[5:]}",
            f"“#{TAG}”: invisible characters in the hashtag or beside it are taken out",
        ),
        (
            f"#\ufe0f{TAG}",
            f"“#{TAG}”: invisible characters in the hashtag or beside it are taken out",
        ),
        (
            f"#{TAG}\u200d!",
            f"“#{TAG}”: invisible characters in the hashtag or beside it are taken out",
        ),
        (
            f"x\u200f\u2060 \u202e#{TAG}",
            f"“#{TAG}”: invisible characters in the hashtag or beside it are taken out",
        ),
        (
            f"#{TAG.lower()}",
            f"“#{TAG.lower()}”: the hashtag is now in its own spelling, #{TAG}",
        ),
        (
            f"#{TAG}에서 만나요",
            f"“#{TAG}에서”: a space now parts the hashtag from “에서”, {PART_OF_IT}",
        ),
        (
            f"#{TAG}#Bretagne",
            f"“#{TAG}#Bretagne”: a space now parts the hashtag from “#Bretagne”",
        ),
        (f"한국#{TAG}", f"“한국#{TAG}”: a space now parts the hashtag from “한국”"),
        (TAG, f"“{TAG}” has its sign now: #{TAG}"),
        (
            f"#{TAG} et #{TAG}",
            f"the hashtag #{TAG} stands once: where it stands again, it has lost its sign",
        ),
        (f"#{TAG} 🇫🇷🇫🇷", "the flag 🇫🇷 stands once: its repetition is taken out"),
        (f"#{TAG} Corée🇰🇷", "a space now parts the flag 🇰🇷 from “Corée”"),
    ],
)
@pytest.mark.parametrize("rules", ALL)
def test_each_mend_is_said(rules: Rules, text: str, said: str) -> None:
    assert mends(text, rules) == [said]


def test_letters_in_two_parts_are_written_as_one_and_it_is_said() -> None:
    text = unicodedata.normalize("NFD", "#CoopérationFranceCorée")
    made = put_right(text, "CoopérationFranceCorée", (), PlainRules())
    assert made.text == "#CoopérationFranceCorée"
    said = "“#CoopérationFranceCorée”: the letters of the hashtag are now each one character"
    assert [str(mend) for mend in made.mends] == [said]


@pytest.mark.parametrize("text", ["", "Bonjour", f"Avec #{TAG}.", f"Bonjour 🇰🇷\n#{TAG}"])
def test_what_is_added_is_no_mend(text: str) -> None:
    assert mends(text) == []


@pytest.mark.parametrize(
    "text", [f"Écrire à a@{TAG}.fr", f"www.{TAG}.org", f"@{TAG}", f"https://a.fr/{TAG}", f"{TAG}s"]
)
@pytest.mark.parametrize("rules", ALL)
def test_a_name_inside_a_word_or_an_address_is_given_no_sign(rules: Rules, text: str) -> None:
    assert marked(text, rules).startswith(text)
    assert mends(text, rules) == []


def test_a_hashtag_where_the_network_sees_none_goes_to_the_end() -> None:
    class Blind(PlainRules):
        def tags(self, text: str) -> list[Tag]:
            return [tag for tag in super().tags(text) if tag.start and text[tag.start - 1] == "\n"]

    made = put_right(f"Avec #{TAG}.", TAG, COUNTRIES, Blind())
    assert made.text == f"Avec {TAG}.\n\n{MARK}"
    assert [str(mend) for mend in made.mends] == [
        f"#{TAG} would not have been a hashtag where it stood: it is now at the end"
    ]


@pytest.mark.parametrize("hashtag", ["2023", "Korea France", ""])
def test_a_hashtag_that_no_network_sees_is_refused_with_the_reason(hashtag: str) -> None:
    with pytest.raises(RenderError, match=r"cannot be put right here: .* is missing"):
        put_right("Bonjour", hashtag, COUNTRIES, network_kind("x").rules)


@pytest.mark.skipif(not TRAPS.is_file(), reason="the shared data is not here")
def test_every_trap_of_the_official_library_is_mended() -> None:
    rules = network_kind("x").rules
    for case in json.loads(TRAPS.read_text("utf-8"))["cases"]:
        own = [tag.name for tag in rules.tags(marked(case["text"], rules)) if TAG in tag.name]
        assert own == [TAG], case["name"]


def words_of(text: str) -> str:
    """What people read of *text*, but for signs, flags, brackets and the space between."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return re.sub(rf"[\s#_()\[\]\U0001f1e6-\U0001f1ff\x1f{HIDDEN}{SHAPING}]", "", plain)


@pytest.mark.parametrize("rules", ALL)
@given(text=TEXTS)
@settings(max_examples=200, deadline=None)
def test_whatever_the_text_its_mark_is_right_and_marking_twice_mends_nothing(
    rules: Rules, text: str
) -> None:
    once = marked(text, rules)
    assert faults(once, rules) == []
    assert [tag.name for tag in rules.tags(once)].count(TAG) == 1
    assert put_right(once, TAG, COUNTRIES, rules) == Marked(once, ())


@pytest.mark.parametrize("rules", ALL)
@given(text=TEXTS)
@settings(max_examples=100, deadline=None)
def test_whatever_the_text_its_words_stay(rules: Rules, text: str) -> None:
    before, after = words_of(text), words_of(marked(text, rules))
    assert after in {before, before + words_of(TAG)}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Bonjour 🇫🇷🇰🇷", f"the hashtag #{TAG} is missing"),
        (f"안녕#{TAG} 🇫🇷🇰🇷", f"the hashtag #{TAG} is missing"),
        (f"#{TAG} {MARK}", f"the hashtag #{TAG} must stand there once, in this spelling"),
        (f"#{TAG.lower()} 🇫🇷🇰🇷", f"the hashtag #{TAG} must stand there once, in this spelling"),
        (f"#{TAG} 🇫🇷", "the flag 🇰🇷 must stand there once"),
        (f"#{TAG} 🇫🇷🇰🇷🇫🇷", "the flag 🇫🇷 must stand there once"),
        (f"#{TAG} 🇦🇫🇷 🇰🇷", "the flag 🇫🇷 must stand there once"),  # people see 🇦🇫
        (
            f"#{WIDE} {MARK}",
            f"the hashtag #{TAG} must stand there once, in this spelling",
        ),
        (f"https://a.fr/#{TAG} 🇫🇷🇰🇷", f"the hashtag #{TAG} is missing"),
        (f"https://a.fr/🇫🇷 #{TAG} 🇰🇷", "the flag 🇫🇷 must stand there once"),
        (
            f"#{TAG} Corée🇰🇷 🇫🇷",
            "the flag 🇰🇷 must be set apart by a space from the letters beside it",
        ),
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
