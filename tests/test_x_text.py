"""How X counts, and what it makes hashtags and links of."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.compose.rules import Rules, Tag
from bot.networks.x.rules import XRules
from bot.networks.x.text import (
    extract_cashtags,
    extract_cashtags_with_indices,
    extract_hashtags,
    extract_hashtags_with_indices,
    extract_mentions,
    extract_mentions_with_indices,
    extract_urls,
    extract_urls_with_indices,
    is_valid,
    weighted_length,
)

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


HEAVY = {
    "labels": "a." * 50_000,
    "full stops": "." * 100_000,
    "domains": "a.com." * 16_000,
    "Hangul labels": "가." * 50_000,
    "underscores": "a_." * 33_000,
    "hyphens": "-." * 50_000,
    "tags": "#a" * 50_000,
    "signs": "#" * 100_000,
    "open parentheses": "x.com/" + "(" * 100_000,
    "parentheses": "x.com/" + "(a)" * 33_000,
    "an open path": "x.com/(" + "a" * 100_000,
    "paths that do not close": "x.com/(a " * 11_000,
    "paths that do not end": "x.com/" + "!" * 100_000,
    "queries that do not end": "x.com?" + "!" * 100_000,
    "schemes": "http://" * 14_000,
    "punycode": "a.xn--" * 16_000,
    "one long label": "https://" + "가" * 100_000 + ".com",
    "mentions": "@a" * 50_000,
    "cashtags": "$a " * 33_000,
    "families": "👨‍👩‍👧‍👦" * 14_000,
    "retweets": "rt" * 50_000,
}


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY.keys())
def test_no_text_takes_long_to_count(text: str) -> None:
    extract_urls("warm.fr")
    before = time.process_time()
    weighted_length(text)
    extract_hashtags(text + "#a")
    extract_mentions(text)
    extract_cashtags(text)
    # 100 kB take some tenths of a second; what is quadratic takes minutes.
    assert time.process_time() - before < 5


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


@official
def test_the_lengths_of_the_official_data_are_found() -> None:
    tests = yaml.safe_load((OFFICIAL / "validate.yml").read_text("utf-8"))["tests"]
    # The first group is of configuration 2, which counts emoji by their code points.
    of_version_2 = ("Count a mix of single byte", "Count unicode emoji chars outside")
    cases = [
        case
        for group in (
            "WeightedTweetsCounterTest",
            "WeightedTweetsWithDiscountedEmojiCounterTest",
            "UnicodeDirectionalMarkerCounterTest",
        )
        for case in tests[group]
        if group != "WeightedTweetsCounterTest" or not case["description"].startswith(of_version_2)
    ]
    wrong = [
        case["description"]
        for case in cases
        if weighted_length(case["text"]) != case["expected"]["weightedLength"]
        or is_valid(case["text"]) is not case["expected"]["valid"]
    ]
    assert len(cases) == 42
    assert wrong == []


@official
def test_every_top_level_domain_of_the_official_data_makes_a_link() -> None:
    tests = yaml.safe_load((OFFICIAL / "tlds.yml").read_text("utf-8"))["tests"]
    cases = [case for group in tests.values() for case in group]
    assert [case["text"] for case in cases if extract_urls(case["text"]) != case["expected"]] == []
    assert len(cases) == 1574
