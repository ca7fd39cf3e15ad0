"""Addresses that every network links whole, the campaign's parameters, links that nobody meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.compose.links import accidental, same_page, whole, with_utm
from bot.compose.rules import Rules
from bot.networks import NETWORKS, network_kind

X = network_kind("x").rules
LINKEDIN = network_kind("linkedin").rules
BOTH = [pytest.param(network_kind(name).rules, id=name) for name in NETWORKS]

UTM = {"utm_source": "linkedin", "utm_medium": "social"}
SENT = "utm_source=linkedin&utm_medium=social"
#: What an address may break on, beside anything that Unicode has.
PIECES = [
    *"/?#&=+%.,;:!*'()[]{}<>|\\^`\"~_-@$ \n…",
    *(
        "안내",
        "é",
        "e\u0301",
        "%C3%A9",
        "%5f",
        "%",
        "%4",
        "//",
        "a",
        "7",
        "utm_source=x",
        "#Tag",
        "🇫🇷",
    ),
]
TAILS = st.lists(
    st.one_of(
        st.sampled_from(PIECES), st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://example.com/안내", "https://example.com/%EC%95%88%EB%82%B4"),
        ("https://ville.fr/é?q=é#é", "https://ville.fr/%C3%A9?q=%C3%A9#%C3%A9"),
        ("https://ville.fr/%C3%A9/%c3%a9", "https://ville.fr/%C3%A9/%c3%a9"),
        ("https://ville.fr/100%", "https://ville.fr/100%25"),
        ("https://ville.fr/Tours_(37)~*[a]", "https://ville.fr/Tours%5F%2837%29%7E%2A%5Ba%5D"),
        (
            "https://ville.fr/a?b[]=(c)&utm_source=x",
            "https://ville.fr/a?b%5B%5D=%28c%29&utm_source=x",
        ),
        ("https://ville.fr/a#:~:text=un,deux", "https://ville.fr/a#:~:text=un,deux"),
        ("https://ville.fr", "https://ville.fr/"),
        ("https://ville.fr.", "https://ville.fr/"),
        ("https://ville.fr#actes", "https://ville.fr/#actes"),
        ("https://ville.fr?a=1", "https://ville.fr/?a=1"),
        ("https://ville.fr/a?", "https://ville.fr/a"),
        ("https://ville.fr/etc.", "https://ville.fr/etc%2E"),
        ("https://ville.fr/?q=deux+mots+", "https://ville.fr/?q=deux+mots%20"),
        ("https://ville.fr/?a=1&", "https://ville.fr/?a=1"),
        ("https://ville.fr/a.?b#c!?d", "https://ville.fr/a%2E?b#c%21?d"),
        ("https://ville.fr/a?b&?c+?d", "https://ville.fr/a?b&?c+?d"),
        ("https://île.fr:8080/a", "https://xn--le-pja.fr:8080/a"),
        ("https://수원시.한국/안", "https://xn--9p4b2n21h.xn--3e0b707e/%EC%95%88"),
        ("https://straße.de/a", "https://straße.de/a"),
        ("https://..é/a", "https://..é/a"),
    ],
)
def test_an_address_is_put_into_the_form_that_every_network_links_whole(
    link: str, expected: str
) -> None:
    assert whole(link) == expected


@given(st.sampled_from(["https://ville.fr", "http://수원시.kr", "https://île.fr:443"]), TAILS)
def test_whatever_the_address_x_and_linkedin_link_it_from_end_to_end(site: str, tail: str) -> None:
    link = whole(f"{site}/{tail}")
    assert link.isascii()
    assert whole(link) == link
    for rules in (X, LINKEDIN):
        assert [found.address for found in rules.links(f"Voir {link} (ici)")] == [link]
        assert [found.address for found in rules.links(f"«\u00a0{link}, demain")] == [link]


@given(st.text())
def test_no_text_is_an_address_that_cannot_be_encoded_once_and_for_all(text: str) -> None:
    assert whole(whole(text)) == whole(text)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://ville.fr/a", f"https://ville.fr/a?{SENT}"),
        ("https://ville.fr/a#b?c", f"https://ville.fr/a?{SENT}#b?c"),
        ("https://ville.fr/a?z=1&y=%41+b&&x", f"https://ville.fr/a?z=1&y=%41+b&&x&{SENT}"),
        ("https://ville.fr/a?utm_source=old&z=1", f"https://ville.fr/a?z=1&{SENT}"),
        ("https://ville.fr/a?utm%5Fmedium=old&utm_term=t", f"https://ville.fr/a?utm_term=t&{SENT}"),
    ],
)
def test_the_campaigns_parameters_join_those_of_the_link(link: str, expected: str) -> None:
    assert with_utm(link, UTM) == expected
    assert with_utm(expected, UTM) == expected


def test_a_parameter_says_what_it_is_meant_to_say() -> None:
    link = with_utm("https://ville.fr/", {"utm_campaign": "Corée & France #1"})
    assert link == "https://ville.fr/?utm_campaign=Cor%C3%A9e%20%26%20France%20%231"
    assert whole(link) == link


def test_without_parameters_a_link_stays_as_it_is() -> None:
    assert with_utm("https://ville.fr/a?", {}) == "https://ville.fr/a?"


def test_what_a_network_links_although_nobody_meant_it_is_found() -> None:
    text = "Lire README.md sur ville.de, voir https://ville.fr/forum et paris.fr."
    found = accidental(text, X, ["https://ville.fr/forum", "https://Paris.fr/"])
    assert [link.address for link in found] == ["README.md", "ville.de"]
    assert [text[link.start : link.end] for link in found] == ["README.md", "ville.de"]


@pytest.mark.parametrize("rules", BOTH)
def test_an_address_written_in_full_is_meant(rules: Rules) -> None:
    assert accidental("Voir https://ville.de/a et HTTP://ville.fr/", rules, []) == []


def test_linkedin_makes_no_accidental_links_as_far_as_is_known() -> None:
    assert accidental("Lire README.md sur ville.de", LINKEDIN, []) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.fr", "https://a.fr/", True),
        ("https://a.fr/안내", "https://a.fr/%EC%95%88%EB%82%B4?utm_source=x", True),
        ("https://a.fr/?p=1", "https://a.fr/?p=1&utm_medium=social", True),
        ("https://a.fr/?p=1", "https://a.fr/?p=2", False),
        ("https://a.fr/b", "https://a.fr/", False),
    ],
)
def test_two_addresses_are_of_one_page_whatever_counts_their_visits(
    one: str, other: str, same: bool
) -> None:
    assert same_page(one, other) is same_page(other, one) is same
