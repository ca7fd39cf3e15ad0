"""How X counts, and what it makes hashtags and links of."""

from __future__ import annotations

import gc
import json
import re
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import emoji as emoji_package
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.compose.rules import Rules, Tag
from bot.networks.x.emoji import TABLE
from bot.networks.x.rules import XRules
from bot.networks.x.text import (
    V1,
    V2,
    V3,
    Config,
    Span,
    extract_cashtags,
    extract_cashtags_with_indices,
    extract_hashtags,
    extract_hashtags_with_indices,
    extract_mentions,
    extract_mentions_or_lists_with_indices,
    extract_mentions_with_indices,
    extract_reply,
    extract_urls,
    extract_urls_with_indices,
    is_valid,
    is_valid_hashtag,
    is_valid_list,
    is_valid_url,
    is_valid_username,
    parse,
    weighted_length,
)
from tests import x_emoji

HERE = Path(__file__).parent
OURS: dict[str, Any] = json.loads((HERE / "data" / "x_text.json").read_text("utf-8"))
OFFICIAL = HERE.parent.parent / "shared" / "data" / "twitter-text"
CAMPAIGN = "KoreaFranceLocalCooperation"

official = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official data is not here")


def _spelled(text: str) -> str:
    """*text* with the campaign's name for the letter H after a sign."""
    for sign in "#＃﹟":
        text = text.replace(f"{sign}H", sign + CAMPAIGN)
    return text.replace("️⃣H", "️⃣" + CAMPAIGN).replace("#️H", "#️" + CAMPAIGN)


def _name(tag: str) -> str:
    return CAMPAIGN + tag[1:] if tag.startswith("H") else tag


@pytest.mark.parametrize("case", OURS["cases"], ids=lambda case: case["what"])
def test_x_makes_of_a_text_what_it_makes_of_it(case: dict[str, Any]) -> None:
    text = _spelled(case["text"])
    assert extract_hashtags(text) == [_name(tag) for tag in case["tags"]]
    assert extract_urls(text) == [_spelled(link) for link in case["links"]]
    assert weighted_length(text) == case["length"]


@pytest.mark.parametrize("case", OURS["mentions"], ids=lambda case: case["text"])
def test_an_account_is_named_or_is_not(case: dict[str, Any]) -> None:
    assert extract_mentions(case["text"]) == case["names"]


@pytest.mark.parametrize("case", OURS["cashtags"], ids=lambda case: case["text"])
def test_a_cashtag_is_one_or_is_not(case: dict[str, Any]) -> None:
    assert extract_cashtags(case["text"]) == case["names"]


@pytest.mark.parametrize("case", OURS["lists"], ids=lambda case: case["text"])
def test_a_list_of_an_account_is_told_from_the_account(case: dict[str, Any]) -> None:
    found = extract_mentions_or_lists_with_indices(case["text"])
    assert [[one.text, one.list] for one in found] == case["found"]
    assert [case["text"][one.start : one.end] for one in found] == [
        f"@{one.text}{one.list}" for one in found
    ]


@pytest.mark.parametrize("case", OURS["replies"], ids=lambda case: case["text"])
def test_a_text_answers_the_account_it_begins_with(case: dict[str, Any]) -> None:
    assert extract_reply(case["text"]) == case["name"]


@pytest.mark.parametrize("case", OURS["probable"], ids=lambda case: case["what"])
def test_an_emoji_surely_weighs_one_thing_and_probably_another(case: dict[str, Any]) -> None:
    parsed = parse(case["text"])
    assert parsed.weighted_length == case["length"]
    assert parsed.probable_length == case["probable"]


@pytest.mark.parametrize("case", OURS["ranges"], ids=lambda case: case["what"])
def test_what_is_shown_and_what_is_valid_is_said_in_utf_16(case: dict[str, Any]) -> None:
    parsed = parse(case["text"])
    assert list(parsed.display_range) == case["display"]
    assert list(parsed.valid_range) == case["valid"]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("a" * 285, 279),
        ("가" * 141, 139),
        ("a" * 279 + "가", 278),
        ("a" * 279 + "😀", 278),
        ("a" * 278 + "👩🏽‍🚀a", 284),
        ("a" * 260 + " http://ville.fr", 260),
        ("🇫🇫🇷" + "a" * 280, 281),
        ("e\u0301" * 281, 560),
        ("x.com가.kr/a " + "a" * 281, 263),
    ],
)
def test_the_valid_range_ends_where_280_is_reached(text: str, last: int) -> None:
    parsed = parse(text)
    assert not parsed.valid
    assert parsed.valid_range == (0, last)


@pytest.mark.parametrize(
    ("begin", "room"),
    [
        ("x.com/", 4096 - 6 - 8),
        ("https://x.com/", 4096 - 14 - 8),  # a scheme that is written counts twice
        ("http://😀.com/", 4096 - 14 - 7),  # a sign beyond U+FFFF too
    ],
)
def test_an_address_of_more_than_4096_characters_is_none(begin: str, room: int) -> None:
    longest = begin + "a" * room
    assert extract_urls(longest) == [longest]
    assert extract_urls(longest + "a") == []


VALIDATORS: dict[str, Callable[[str], bool]] = {
    "username": is_valid_username,
    "list": is_valid_list,
    "hashtag": is_valid_hashtag,
    "url": is_valid_url,
}


@pytest.mark.parametrize("kind", VALIDATORS)
def test_a_name_or_an_address_is_one_as_a_whole(kind: str) -> None:
    texts = OURS["whole"][kind]
    assert [text for text in texts["yes"] if not VALIDATORS[kind](text)] == []
    assert [text for text in texts["no"] if VALIDATORS[kind](text)] == []


def test_an_address_may_be_asked_for_without_a_scheme_or_in_ascii() -> None:
    assert is_valid_url("ville.fr/a?b", require_protocol=False)
    assert not is_valid_url("ville fr", require_protocol=False)
    assert not is_valid_url("http://☃.net/", unicode_domains=False)
    assert is_valid_url("http://a_b.xn--n3h.net/", unicode_domains=False)


def test_what_is_found_is_where_it_is_said_to_be() -> None:
    text = "🇫🇷 #Tag, @tours $KRW https://example.com/é korea.kr에서"
    found = [
        *extract_hashtags_with_indices(text),
        *extract_mentions_with_indices(text),
        *extract_cashtags_with_indices(text),
        *extract_urls_with_indices(text),
    ]
    assert [text[span.start : span.end] for span in found] == [
        "#Tag",
        "@tours",
        "$KRW",
        "https://example.com/é",
        "korea.kr",
    ]
    assert [span.text for span in found] == [
        "Tag",
        "tours",
        "KRW",
        "https://example.com/é",
        "korea.kr",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("a", True),
        ("가" * 140, True),
        ("가" * 140 + "a", False),
        ("a" * 280, True),
        ("a" * 281, False),
        ("a\ufffe", False),
        ("\ufeffa", False),
        ("a\u202e", True),
    ],
)
def test_x_takes_280_and_no_more(text: str, expected: bool) -> None:
    assert is_valid(text) is expected


UNITS = (
    *("a.", "가.", ".", "한", "e\u0301", "a_.", "-.", "a.com.", "a.xn--", "“a.fr", "😀.com"),
    *("#", "#a", "#1", "@", "@a", "rt", "$A ", "http://", "%e2", "(", "👨‍👩‍👧‍👦", "🇫", "\ufe0f"),
    *("x.com ", "x.com/(", "x.com/(a ", "x.com/!", "x.com?!", "x.com/(a)", "(a(b)"),
)
READERS: tuple[Callable[[str], object], ...] = (
    parse,
    extract_hashtags_with_indices,
    extract_mentions_or_lists_with_indices,
    extract_cashtags_with_indices,
    extract_reply,
    is_valid_url,
)


def _least(read: Callable[[str], object], text: str, times: int) -> float:
    """The least time that *read* took for *text*, of *times*, and never none."""
    took = []
    # The collector goes through all that other tests have left, more often the more is made.
    gc.disable()
    try:
        for _ in range(times):
            began = time.process_time()
            read(text)
            took.append(time.process_time() - began)
    finally:
        gc.enable()
    return max(min(took), 1e-6)


@pytest.mark.parametrize("unit", UNITS)
def test_ten_times_the_text_takes_at_most_twelve_times_as_long(unit: str) -> None:
    short, long = (unit * (size // len(unit.encode())) for size in (10_000, 100_000))
    parse("warm #a @b x.fr/c?d 🫶🏽")
    for read in READERS:
        # A busy machine may spoil one measurement; what is quadratic costs a hundred times.
        ratios = (_least(read, long, 1) / _least(read, short, 3) for _ in range(8))
        assert any(ratio <= 12 for ratio in ratios), read


def test_composing_is_told_xs_own_rules() -> None:
    rules: Rules = XRules()
    assert (rules.limit, rules.unit) == (280, "characters as X counts them")
    assert rules.measure("한국 https://example.com/a/b").length == 28
    assert rules.tags("un #Tag🇫🇷") == [Tag("Tag", 3, 7)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("Cor\u0065\u0301e", "Corée"),
        ("\ufeffa\ufffe\uffff\x00\x1bb", "ab"),
        ("#Korea\u00adFrance", "#KoreaFrance"),
        ("a\tb\u2028c", "a b\nc"),
        ("e\u00ad\u0301", "é"),
        ("fin\u202f!", "fin\u202f!"),
    ],
)
def test_what_x_would_refuse_or_change_is_mended_while_composing(text: str, expected: str) -> None:
    rules = XRules()
    assert rules.clean(text) == expected
    assert rules.clean(expected) == expected


# ── properties ──────────────────────────────────────────────────────────────────────────────────

#: Any text at all, and texts that are more likely to hold something.
PIECES = st.sampled_from(
    [
        *"#＃@$./:?()-_ \n가aé1\u0301\ufe0f\u200d\u20e3\ud83d😀🇫🇷🏽",
        "http://",
        "ville.fr",
        "#a",
        "/b",
        "RT",
    ]
)
TEXTS = st.text() | st.lists(PIECES | st.characters(), max_size=30).map("".join)


@given(TEXTS, st.sampled_from([V1, V2, V3]))
def test_any_text_at_all_can_be_read(text: str, config: Config) -> None:
    parsed = parse(text, config)
    assert 0 <= parsed.probable_length <= parsed.weighted_length
    assert parsed.valid <= (0 < parsed.weighted_length <= config.max_weight)
    assert 0 <= parsed.valid_range[1] <= parsed.display_range[1]
    assert (parsed.valid_range == parsed.display_range) or not parsed.valid
    for validate in VALIDATORS.values():
        assert validate(text) in (True, False)
    assert extract_reply(text) in (None, *extract_mentions(text.strip()), *_names_of_lists(text))


def _names_of_lists(text: str) -> list[str]:
    return [one.text for one in extract_mentions_or_lists_with_indices(text.strip())]


@pytest.mark.parametrize(
    "extract",
    [
        extract_hashtags_with_indices,
        extract_urls_with_indices,
        extract_mentions_with_indices,
        extract_cashtags_with_indices,
    ],
)
@given(TEXTS)
def test_what_is_found_is_in_order_and_apart(
    extract: Callable[[str], list[Span]], text: str
) -> None:
    place = 0
    for span in extract(text):
        assert place <= span.start < span.end <= len(text)
        assert text[span.start : span.end].endswith(span.text[-1])
        place = span.end


@given(TEXTS, TEXTS)
def test_two_texts_apart_weigh_what_they_weigh_alone(first: str, second: str) -> None:
    # A link's beginning may be read otherwise where a text begins.
    together = f" {first} \n {second}"
    apart = weighted_length(f" {first}") + weighted_length(f" \n {second}")
    assert weighted_length(together) == apart


@given(TEXTS.filter(lambda text: not re.search("[\ud800-\udfff]", text)))
def test_composed_or_not_a_text_weighs_the_same(text: str) -> None:
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    assert {weighted_length(form) for form in forms} == {weighted_length(text)}


# ── tables ──────────────────────────────────────────────────────────────────────────────────────


def test_the_table_of_emoji_is_what_its_script_makes() -> None:
    assert TABLE.read_text("utf-8") == x_emoji.table()


def test_any_emoji_that_there_is_probably_weighs_2() -> None:
    several = [sign for sign in emoji_package.EMOJI_DATA if len(sign) > 1]
    assert [sign for sign in several if parse(sign).probable_length != 2] == []


def test_a_letter_is_what_unicode_calls_one() -> None:
    table = TABLE.with_name("letters.txt").read_text("utf-8")
    letters, digits = table.partition("[letters]")[2].split("[digits]")
    private = range(0xF870, 0xF900)  # Apple's own, which X takes for letters
    late = {"\ua7cb", "\ua7dc"}  # capitals of Unicode 16
    odd = [
        sign
        for sign in _signs(letters)
        if ord(sign) not in private
        and sign not in late
        and unicodedata.category(sign)[0] not in "LM"
    ]
    assert odd == []
    assert {unicodedata.category(sign) for sign in _signs(digits)} == {"Nd"}


def _signs(ranges: str) -> list[str]:
    ends = [[int(end, 16) for end in one.split("-")] for one in ranges.split()]
    return [chr(point) for pair in ends for point in range(pair[0], pair[-1] + 1)]


# ── the official data ───────────────────────────────────────────────────────────────────────────


@official
@pytest.mark.parametrize(("config", "name"), [(V1, "v1"), (V2, "v2"), (V3, "v3")])
def test_our_numbers_are_those_of_the_official_configuration(config: Config, name: str) -> None:
    given_ = json.loads((OFFICIAL / f"{name}.json").read_text("utf-8"))
    assert config.version == given_["version"]
    assert config.max_weight == given_["maxWeightedTweetLength"]
    assert config.url_weight == given_["transformedURLLength"]
    assert config.emoji_count_as_one is given_.get("emojiParsingEnabled", False)
    weights = [given_["defaultWeight"] // given_["scale"]] * 0x3000
    for one in given_["ranges"]:
        size = one["end"] + 1 - one["start"]
        weights[one["start"] : one["end"] + 1] = [one["weight"] // given_["scale"]] * size
    for point in filter(lambda point: unicodedata.is_normalized("NFC", chr(point)), range(0x3000)):
        assert parse(chr(point), config).weighted_length == weights[point], hex(point)


@official
def test_the_traps_of_the_official_library_are_known() -> None:
    data = json.loads((OFFICIAL / "traps.json").read_text("utf-8"))
    wrong = [
        case["name"]
        for case in data["cases"]
        if extract_hashtags(case["text"]) != case["hashtags"]
        or extract_urls(case["text"]) != case["urls"]
        or extract_mentions(case["text"]) != case["mentions"]
        or extract_cashtags(case["text"]) != case["cashtags"]
        or weighted_length(case["text"]) != case["weightedLength"]
        or is_valid(case["text"]) is not case["valid"]
    ]
    wrong += [
        case["codepoints"]
        for case in data["weights"]
        if weighted_length(case["text"]) != case["weightedLength"]
    ]
    assert wrong == []


def _official_validations() -> list[tuple[str, dict[str, Any]]]:
    if not OFFICIAL.is_dir():
        return []
    tests = yaml.safe_load((OFFICIAL / "validate.yml").read_text("utf-8"))["tests"]
    return [(group, case) for group, cases in tests.items() for case in cases]


def _parsed(text: str, config: Config) -> dict[str, object]:
    parsed = parse(text, config)
    return {
        "weightedLength": parsed.weighted_length,
        "valid": parsed.valid,
        "permillage": parsed.permillage,
        "displayRangeStart": parsed.display_range[0],
        "displayRangeEnd": parsed.display_range[1],
        "validRangeStart": parsed.valid_range[0],
        "validRangeEnd": parsed.valid_range[1],
    }


#: How each group of validate.yml is asked; the first weighted one is of configuration 2.
GROUPS: dict[str, Callable[[str], object]] = {
    "tweets": lambda text: parse(text, V1).valid,
    "usernames": is_valid_username,
    "lists": is_valid_list,
    "hashtags": is_valid_hashtag,
    "urls": is_valid_url,
    "urls_without_protocol": lambda text: is_valid_url(text, require_protocol=False),
    "WeightedTweetsCounterTest": lambda text: _parsed(text, V2),
    "WeightedTweetsWithDiscountedEmojiCounterTest": lambda text: _parsed(text, V3),
    "UnicodeDirectionalMarkerCounterTest": lambda text: _parsed(text, V3),
}


@official
def test_every_validation_of_the_official_data_is_ours() -> None:
    cases = _official_validations()
    wrong = [
        (group, case["description"])
        for group, case in cases
        if GROUPS[group](case["text"]) != case["expected"]
    ]
    assert wrong == []
    assert len(cases) == 97


@official
def test_the_table_of_endings_is_the_official_one() -> None:
    library = yaml.safe_load((OFFICIAL / "tld_lib.yml").read_text("utf-8"))
    lines = TABLE.with_name("tlds.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if line[0] != "#"] == library["country"] + library["generic"]


@official
def test_every_top_level_domain_of_the_official_data_makes_a_link() -> None:
    tests = yaml.safe_load((OFFICIAL / "tlds.yml").read_text("utf-8"))["tests"]
    cases = [case for group in tests.values() for case in group]
    assert [case["text"] for case in cases if extract_urls(case["text"]) != case["expected"]] == []
    assert len(cases) == 1574
