"""What is sent to LinkedIn for a text, so that all of it is shown."""

from __future__ import annotations

import json
import time
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.attached import Mention
from bot.compose.rules import Link, Measure, Rules, Tag
from bot.compose.units import utf16_length
from bot.networks.linkedin.rules import LinkedInRules
from bot.networks.linkedin.text import (
    RESERVED,
    Named,
    escape,
    find_hashtags,
    find_links,
    find_mentions,
    from_little_text,
    to_little_text,
)
from bot.sandbox.little_text import parse

HERE = Path(__file__).parent
OURS: dict[str, Any] = json.loads((HERE / "data" / "little_text.json").read_text("utf-8"))
SHARED = HERE.parent.parent / "shared" / "data" / "linkedin" / "vectors" / "little_text.json"

SUWON = Mention("수원시", "urn:li:organization:2414183")
TOURS = Mention("Tours", "urn:li:organization:1")
METROPOLE = Mention("Tours Métropole", "urn:li:organization:2")
JANE = Mention("Jane Doe", "urn:li:person:Ww-h__kIES")
BRACKETS = Mention("Ville [de] Tours (37)", "urn:li:organization:3")
EVERYBODY = (SUWON, TOURS, METROPOLE, JANE, BRACKETS)

#: What little text may break on, beside anything that Unicode has.
PIECES = [
    *RESERVED,
    *("#️⃣", "*️⃣", "1️⃣", "＃", "[공지]", "가", "은", "창업", "é", "e\u0301", "ᄒ", "ᅡ", "ᆫ", "🇫🇷", "🇰🇷"),
    *(
        "👨‍👩‍👧",
        "\u200d",
        "\ufe0f",
        "\u20e3",
        "\u0338",
        "#Tag",
        "#창업",
        "{hashtag|#|a}",
        "@[a](urn:li:b:1)",
    ),
    *(
        "https://a.fr/",
        "tours.fr",
        " ",
        "\n",
        "\0",
        "a",
        "7",
        "_",
        "-",
        *(one.name for one in EVERYBODY),
    ),
]
ANY_SIGN = st.characters(exclude_categories=["Cs"])
TEXTS = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(ANY_SIGN, max_size=3)), max_size=15
).map("".join)

shared = pytest.mark.skipif(not SHARED.is_file(), reason="the shared data is not here")


def test_a_post_with_a_bracket_is_shown_whole() -> None:
    wire = to_little_text("Réunion (mardi), inscription ouverte")
    assert wire == "Réunion \\(mardi\\), inscription ouverte"


@pytest.mark.parametrize("case", OURS["cases"], ids=lambda case: case["what"])
def test_a_text_is_sent_so_that_it_is_shown_as_approved(case: dict[str, Any]) -> None:
    assert to_little_text(case["text"]) == case["wire"]
    assert [tag.name for tag in find_hashtags(case["text"])] == case["tags"]
    assert from_little_text(case["wire"]) == unicodedata.normalize("NFC", case["text"])


@pytest.mark.parametrize("case", OURS["read"], ids=lambda case: case["wire"])
def test_what_linkedin_stores_is_read_as_people_read_it(case: dict[str, str]) -> None:
    assert from_little_text(case["wire"]) == case["text"]


@given(TEXTS, st.lists(st.sampled_from(EVERYBODY)))
def test_whatever_is_written_is_what_linkedin_shows(text: str, mentions: list[Mention]) -> None:
    wire = to_little_text(text, mentions)
    read = parse(wire)
    assert (read.cut_at, read.shown) == (None, unicodedata.normalize("NFC", text))
    assert from_little_text(wire) == from_little_text(read.wire) == read.shown


@given(TEXTS, st.lists(st.sampled_from(EVERYBODY)))
def test_the_tags_and_mentions_that_are_found_are_shown_as_such_and_nothing_else(
    text: str, mentions: list[Mention]
) -> None:
    text = unicodedata.normalize("NFC", text)
    elements = parse(to_little_text(text, mentions)).elements
    tags = [element.shown for element in elements if element.kind == "hashtag"]
    assert tags == [text[tag.start : tag.end] for tag in find_hashtags(text)]
    assert [tag[1:] for tag in tags] == [tag.name for tag in find_hashtags(text)]
    named = [(one.shown, one.urn) for one in elements if one.kind == "mention"]
    found = [named.mention for named in find_mentions(text, mentions)]
    assert named == [(mention.name, mention.urn) for mention in found]


@given(TEXTS)
def test_tags_links_and_mentions_do_not_overlap(text: str) -> None:
    found: list[Tag | Link | Named] = [*find_hashtags(text), *find_links(text)]
    found += find_mentions(text, EVERYBODY)
    spans = sorted((one.start, one.end) for one in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@given(TEXTS)
def test_what_is_escaped_comes_back(text: str) -> None:
    assert from_little_text(escape(text)) == text


@given(st.text(alphabet=st.sampled_from(RESERVED + "a한 "), max_size=60))
def test_no_reserved_sign_is_sent_bare(text: str) -> None:
    wire = escape(text)
    bare = wire.replace("\\\\", "")
    for sign in RESERVED.replace("\\", ""):
        assert bare.count(sign) == bare.count("\\" + sign)


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("Avec Tours !", "Avec @[Tours](urn:li:organization:1) !"),
        ("수원시가 왔다", "@[수원시](urn:li:organization:2414183)가 왔다"),
        ("수원시에서는", "@[수원시](urn:li:organization:2414183)에서는"),
        ("À Jane Doe", "À @[Jane Doe](urn:li:person:Ww-h\\_\\_kIES)"),
        ("(l’équipe de Tours)", "\\(l’équipe de @[Tours](urn:li:organization:1)\\)"),
        ("Tours’s, d'Tours", "@[Tours](urn:li:organization:1)’s, d'Tours"),
        (BRACKETS.name, "@[Ville \\[de\\] Tours \\(37\\)](urn:li:organization:3)"),
    ],
)
def test_a_name_becomes_a_mention(text: str, wire: str) -> None:
    assert to_little_text(text, EVERYBODY) == wire
    assert from_little_text(wire) == parse(wire).shown == text


def test_a_name_is_a_mention_the_first_time_only() -> None:
    wire = to_little_text("Tours, Tours, Tours", [TOURS, TOURS])
    assert wire == "@[Tours](urn:li:organization:1), Tours, Tours"


def test_a_name_inside_a_longer_one_is_no_mention() -> None:
    text = "Tours Métropole et Tours ; Tours Métropole"
    found = find_mentions(text, [TOURS, METROPOLE])
    assert [(one.mention, text[one.start : one.end]) for one in found] == [
        (METROPOLE, "Tours Métropole"),
        (TOURS, "Tours"),
    ]
    assert find_mentions("Tours Métropole", [TOURS, METROPOLE])[0].mention == METROPOLE
    assert len(find_mentions("Tours Métropole, Tours Métropole", [TOURS, METROPOLE])) == 1


@pytest.mark.parametrize(
    "text",
    [
        "#Tours",
        "https://ville.example/Tours",
        "Tours.fr",
        "contact@Tours.fr",
        "Saint-Tours",
        "Tours-Nord",
        "Tours_2026",
        "Tours2026",
        "Toursain",
        "tours",
        "TOURS",
        "수원시청",
        "수원시의회",
        "수원시인",
        "경기수원시",
        "Tours\u0331",
    ],
)
def test_what_is_another_word_is_no_mention(text: str) -> None:
    assert find_mentions(text, EVERYBODY) == []
    assert to_little_text(text, EVERYBODY) == to_little_text(text)


@pytest.mark.parametrize(
    "urn", ["", "2414183", "urn:li:share:1", "urn:li:person:a)b", "urn:li:person:"]
)
def test_a_mention_that_would_cut_the_post_is_sent_as_a_word(urn: str) -> None:
    assert to_little_text("Tours", [Mention("Tours", urn)]) == "Tours"
    assert to_little_text("Tours", [Mention("", "urn:li:person:a")]) == "Tours"


def test_a_name_in_pieces_of_letters_is_found() -> None:
    mention = Mention("Gue\u0301rande", "urn:li:organization:4")
    wire = "@[Guérande](urn:li:organization:4)"
    assert (
        to_little_text("Guérande", [mention]) == to_little_text("Gue\u0301rande", [mention]) == wire
    )


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        ("@[Jane Doe](urn:li:person:Ww-h__kIES)", "Jane Doe"),
        ("@[Jane Doe](urn:li:person:Ww-h\\_\\_kIES)", "Jane Doe"),
        ("@(urn:li:person:a\\_b)", "urn:li:person:a_b"),
    ],
)
def test_a_mention_is_read_with_its_underscores_escaped_or_not(wire: str, text: str) -> None:
    assert from_little_text(wire) == parse(wire).shown == text


def test_a_tag_is_where_it_is_said_to_be() -> None:
    text = "🇫🇷 ＃창업 et #Tag."
    assert find_hashtags(text) == [Tag("창업", 3, 6), Tag("Tag", 10, 14)]
    assert text[10:14] == "#Tag"


def test_an_emoji_with_a_digit_is_no_part_of_a_name() -> None:
    assert [tag.name for tag in find_hashtags("#Tag1️⃣ #1️⃣a #Tag1 #a️b")] == ["Tag", "Tag1", "a"]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Voir https://ville.example/a_(b)?c#d.", ["https://ville.example/a_(b)?c#d"]),
        ("(HTTP://ville.example) <https://a.fr/>", ["HTTP://ville.example", "https://a.fr/"]),
        ("README.md, ville.de, www.ville.fr, ftp://a.fr", []),
        ("https://...", []),
    ],
)
def test_linkedin_links_what_is_written_in_full(text: str, addresses: list[str]) -> None:
    rules = LinkedInRules()
    assert [link.address for link in rules.links(text)] == addresses
    assert all(text[link.start : link.end] == link.address for link in rules.links(text))
    assert rules.links("à https://a.fr.") == [Link("https://a.fr", 2, 14)]


def test_a_name_of_more_than_a_hundred_letters_is_no_tag() -> None:
    assert [tag.name for tag in find_hashtags("#" + "a" * 100)] == ["a" * 100]
    assert find_hashtags("#" + "a" * 101) == []


@pytest.mark.parametrize(
    ("text", "units"), [("🎉", 2), ("🇰🇷", 4), ("한글", 2), ("é", 1), ("", 0), ("\ud83c", 1)]
)
def test_a_text_is_measured_in_the_units_of_java(text: str, units: int) -> None:
    assert utf16_length(text) == units


def test_the_longer_of_what_is_seen_and_what_is_sent_counts() -> None:
    rules: Rules = LinkedInRules()
    assert (rules.limit, rules.unit) == (3000, "characters as LinkedIn counts them")
    assert rules.measure("abc").length == 3
    assert rules.measure("(a)").length == 5
    assert rules.measure("#Tag").length == len("{hashtag|\\#|Tag}")
    assert rules.measure("🇰🇷").length == 4
    wire = "@[Tours](urn:li:organization:1)"
    assert rules.measure("Tours", [TOURS]) == Measure(len(wire), shown=5)
    assert rules.tags("le #Tag") == [Tag("Tag", 3, 7)]


def test_whom_a_text_names_is_linked_once_where_the_name_first_stands() -> None:
    rules: Rules = LinkedInRules()
    assert rules.mentioned("À Tours, Tours !", [TOURS]) == [Tag("Tours", 2, 7)]
    assert rules.mentioned("À Tours, @tours", []) == []


def test_people_read_a_link_as_it_is_written() -> None:
    assert LinkedInRules().shown_link("https://www.ville.fr/a?b") == "https://www.ville.fr/a?b"


def test_what_linkedin_would_change_is_mended_while_composing() -> None:
    rules = LinkedInRules()
    assert rules.clean("\ufeffCore\u0301e\r\n#Ko\u00adrea\x07") == "Corée\n#Korea"


@pytest.mark.parametrize(
    "piece",
    [
        "#",
        "#a",
        "1️⃣#a",
        "{hashtag|",
        "{hashtag|#|a",
        "@[",
        "@[a](",
        "\\",
        "(",
        "Tours ",
        "https://",
        "수원시",
    ],
)
def test_no_text_takes_long_to_write_or_read(piece: str) -> None:
    short, long = (_seconds((piece * size)[:size]) for size in (10_000, 100_000))
    # Ten times the text; what is quadratic takes a hundred times as long.
    assert long < 40 * short + 0.01


def _seconds(text: str) -> float:
    """The best of three: how long *text* takes to be written and read."""

    def once() -> float:
        before = time.process_time()
        from_little_text(to_little_text(text, EVERYBODY))
        from_little_text(text)
        return time.process_time() - before

    return min(once() for _ in range(3))


@shared
def test_the_shared_vectors_are_all_met() -> None:
    data = json.loads(SHARED.read_text("utf-8"))
    assert "".join(data["reserved"]) == RESERVED
    assert [escape(case["in"]) for case in data["escape_plain"]] == [
        case["out"] for case in data["escape_plain"]
    ]
    assert [from_little_text(case["wire"]) for case in data["read_back"]] == [
        case["visible"] for case in data["read_back"]
    ]
    assert [utf16_length(case["text"]) for case in data["utf16_length"]] == [
        case["units"] for case in data["utf16_length"]
    ]
    for case in data["truncation"]:
        assert from_little_text(to_little_text(case["sent"])) == case["sent"]
    for case in data["compose"]:
        assert _composed(case["parts"]) == case["out"]


def _composed(parts: list[dict[str, Any]]) -> str:
    """What our own functions make of the parts of a shared vector."""
    wire = ""
    for part in parts:
        if "hashtag" in part:
            wire += to_little_text("#" + part["hashtag"])
        elif "mention" in part:
            mention = Mention(**part["mention"])
            wire += to_little_text(mention.name, [mention])
        else:
            wire += to_little_text(part["text"])
    return wire
