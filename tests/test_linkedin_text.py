"""What is sent to LinkedIn for a text, so that all of it is shown."""

from __future__ import annotations

import json
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.compose.rules import Rules, Tag
from bot.networks.linkedin.rules import LinkedInRules
from bot.networks.linkedin.text import (
    RESERVED,
    escape,
    find_hashtags,
    from_little_text,
    to_little_text,
    utf16_length,
)

HERE = Path(__file__).parent
OURS: dict[str, Any] = json.loads((HERE / "data" / "little_text.json").read_text("utf-8"))
SHARED = HERE.parent.parent / "shared" / "data" / "linkedin" / "vectors" / "little_text.json"

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


@given(st.text(alphabet=st.sampled_from(RESERVED + "＃aé한9️⃣ \n🇫🇷"), max_size=60))
def test_whatever_is_written_comes_back(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    assert from_little_text(to_little_text(text)) == text
    assert from_little_text(escape(text)) == text


@given(st.text(alphabet=st.sampled_from(RESERVED + "a한 "), max_size=60))
def test_no_reserved_sign_is_sent_bare(text: str) -> None:
    wire = escape(text)
    bare = wire.replace("\\\\", "")
    for sign in RESERVED.replace("\\", ""):
        assert bare.count(sign) == bare.count("\\" + sign)


def test_a_tag_is_where_it_is_said_to_be() -> None:
    text = "🇫🇷 ＃창업 et #Tag."
    assert find_hashtags(text) == [Tag("창업", 3, 6), Tag("Tag", 10, 14)]
    assert text[10:14] == "#Tag"


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
    assert rules.tags("le #Tag") == [Tag("Tag", 3, 7)]


def test_what_linkedin_would_change_is_mended_while_composing() -> None:
    rules = LinkedInRules()
    assert rules.clean("\ufeffCore\u0301e\r\n#Ko\u00adrea\x07") == "Corée\n#Korea"


@pytest.mark.parametrize(
    "text",
    [
        "#a" * 50_000,
        "#" * 100_000,
        "{hashtag|" * 11_000,
        "{hashtag|#|a" * 9_000,
        "@[" * 50_000,
        "@[a](" * 20_000,
        "\\" * 100_000,
    ],
)
def test_no_text_takes_long_to_write_or_read(text: str) -> None:
    before = time.process_time()
    to_little_text(text)
    from_little_text(text)
    assert time.process_time() - before < 5


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
            wire += f"@[{escape(part['mention']['name'])}]({part['mention']['urn']})"
        else:
            wire += to_little_text(part["text"])
    return wire
