"""A text that comes back from X is known again, whichever way X spells its links."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.networks.x.spelling import comparable

#: What X takes into the path of a link (twitter-text), with the "&" and "=" of a query.
LINKED = "abzAZ059éèçàœÀÉжЯ-_~|+.,!*';:=&%"
PATHS = st.lists(st.text(LINKED, min_size=1, max_size=6), max_size=3).map("/".join)
STAYS = "/!*';:=&+,%-_~."
LABELS = st.text("abcz09éèçœ한국문화жя", min_size=1, max_size=8)


def coded_host(host: str) -> str:
    """*host* as it is asked for (RFC 3492), label by label."""
    return ".".join(
        one if one.isascii() else f"xn--{one.encode('punycode').decode()}"
        for one in host.split(".")
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Voir https://mairie-é.fr/visite", "Voir https://xn--mairie--hya.fr/visite"),
        ("https://xn--mairie--hya.fr/visite", "https://mairie-É.fr/visite"),
        ("https://straße.de/a", "https://xn--strae-oqa.de/a"),
        ("https://문화.한국/a", "https://xn--z92bu90c.xn--3e0b707e/a"),
        ("https://문화.한국:8080", "https://xn--z92bu90c.xn--3e0b707e:8080/"),
        ("https://ville.fr/été?q=à", "https://ville.fr/%C3%A9t%c3%a9?q=%C3%A0"),
        ("https://ville.fr/e\u0301", "https://ville.fr/%C3%A9"),
        ("https://ville.fr/문화?q=가", "https://ville.fr/%EB%AC%B8%ED%99%94?q=%EA%B0%80"),
        ("https://ville.fr/a~b|c", "https://ville.fr/a%7Eb%7Cc"),
        ("https://ville.fr/%2f%e9", "https://ville.fr/%2F%E9"),
        ("ville.fr et ville.fr", "http://ville.fr/ et https://ville.fr"),
        ("https://ville.fr?a=1", "https://ville.fr/?a=1"),
    ],
)
def test_a_link_in_another_spelling_is_the_same(ours: str, theirs: str) -> None:
    assert comparable(ours) == comparable(theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://ville.fr/a%2Fb", "https://ville.fr/a/b"),
        ("https://ville.fr/a%3Fb", "https://ville.fr/a?b"),
        ("https://ville.fr/?a=1%26b=2", "https://ville.fr/?a=1&b=2"),
        ("https://ville.fr/?a=1%2B1", "https://ville.fr/?a=1+1"),
        ("https://ville.fr/%2541", "https://ville.fr/%41"),
        ("https://ville.fr/a%20b", "https://ville.fr/a b"),
        ("https://ville.fr/a%C2%A0b", "https://ville.fr/a b"),
        ("https://ville.fr/é", "https://ville.fr/%E9"),
        ("https://ville.fr/é", "https://ville.fr/è"),
        ("https://ville.fr/É", "https://ville.fr/é"),
        ("https://mairie-é.fr", "https://mairie-e.fr"),
        ("https://xn--abc-.fr", "https://abc.fr"),
        ("https://ville.fr//a", "https://ville.fr/a"),
        ("50 %C3%A9 de plus", "50 é de plus"),
        ("xn--mairie--hya est un code", "mairie-é est un code"),
    ],
)
def test_another_link_is_another(ours: str, theirs: str) -> None:
    assert comparable(ours) != comparable(theirs)


@given(st.lists(LABELS, min_size=1, max_size=2), PATHS)
def test_a_link_is_known_again_however_its_signs_are_coded(labels: list[str], path: str) -> None:
    host = ".".join([*labels, "fr"])
    ours = f"Forum https://{host}/{path} à Tours"
    # Coded as a strict client does it: what is ASCII in an address stays, as does "%".
    address = f"{coded_host(host)}/{quote(path, safe=STAYS)}"
    theirs = f"Forum https://{address} à Tours"
    assert comparable(ours) == comparable(theirs)


@given(st.lists(LABELS, min_size=1, max_size=2), PATHS, PATHS)
def test_links_that_are_written_out_differ_as_their_paths_do(
    labels: list[str], one: str, other: str
) -> None:
    host = ".".join([*labels, "fr"])
    one, other = one.replace("%", ""), other.replace("%", "")
    is_same = one.strip("/") == other.strip("/")
    assert (comparable(f"https://{host}/{one}") == comparable(f"https://{host}/{other}")) is is_same
