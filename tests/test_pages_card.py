"""What a page says of itself: in any encoding, and whatever state it is in."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pages.card import ADDRESS_MAX, DESCRIPTION_MAX, TITLE_MAX, PageCard, absolute, card_of

URL = "https://www.tours.example/actualites/suwon.html"
#: Pieces that hostile pages are made of.
PIECES = [
    b"<", b"</", b"<!", b"<![x[", b"<!--", b"-->", b"<?", b"<meta ", b"property=", b"'", b'"', b">",
    b"og:title", b"og:image", b"content=", b"<title>", b"</title>", b"<base href=", b"http://[",
    b"&#", b"&#x110000;", b"9" * 5000, b"&amp", b"charset=", b"utf-16", b"euc-kr", b"\xff\xfe",
    b"\x00", b"\xed\xa0\x80", b"\xc7", b"<script>", b"</script", b"=", b" ", b"\n", b"a",
]  # fmt: skip


def card(html: str | bytes, content_type: str = "text/html; charset=utf-8") -> PageCard:
    return card_of(html.encode() if isinstance(html, str) else html, content_type, URL)


def said(**properties: str) -> str:
    """The <meta> of *properties*, whose names are written with _ for a colon."""
    return "".join(
        f'<meta property="{name.replace("_", ":")}" content="{content}">'
        for name, content in properties.items()
    )


def test_a_page_that_wants_a_card_gets_the_one_it_wants() -> None:
    html = said(
        og_title="Suwon à Tours",
        og_description="Une délégation de vingt personnes.",
        og_image="https://www.tours.example/suwon.jpg",
    )
    assert card(f"<title>Accueil</title>{html}") == PageCard(
        URL,
        "Suwon à Tours",
        "Une délégation de vingt personnes.",
        "https://www.tours.example/suwon.jpg",
    )


def test_a_page_that_knows_of_no_cards_gets_one_of_its_title_and_description() -> None:
    found = card("<title>Ville de Tours</title><META NAME=Description CONTENT='Le site.'>")
    assert found == PageCard(URL, "Ville de Tours", "Le site.", "")


def test_a_page_that_says_nothing_gets_an_empty_card() -> None:
    assert card("") == card("<p>Bonjour</p>") == PageCard(URL, "", "", "")


@pytest.mark.parametrize(
    ("html", "title"),
    [
        (said(twitter_title="T", og_title="O"), "O"),
        (said(twitter_title="T") + "<title>P</title>", "T"),
        ('<meta name="og:title" content="O">', "O"),
        (said(og_title="O") + said(og_title="second"), "O"),
        (said(og_title="  ") + "<title>P</title>", "P"),
        ('<meta property="og:title"><title>P</title>', "P"),
        ("<title>P</title><svg><title>drawing</title></svg>", "P"),
        ('<meta property="og:title" content="O" content="again">', "O"),
        ('<!-- <meta property="og:title" content="old"> --><title>P</title>', "P"),
        ('<script>\'<meta property="og:title" content="s">\'</script><title>P</title>', "P"),
        ('<a title=\'<meta property="og:title" content="a">\'></a><title>P</title>', "P"),
        ("<link rel=canonical href=/elsewhere><title>P</title>", "P"),
    ],
)
def test_what_is_meant_for_cards_is_believed_before_anything_else(html: str, title: str) -> None:
    assert card(html).title == title


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("  Suwon\n\t à \r\n Tours ", "Suwon à Tours"),
        ("L&#8217;amiti&eacute; &amp; &quot;nous&quot;", 'L’amitié & "nous"'),
        ("a&#0;b\x07c&#x202E;d\u200be", "a\ufffdbcde"),
        ("«\u00a0Amitié\u00a0»\u202f!", "«\u00a0Amitié\u00a0»\u202f!"),
        ("\u00a0\u3000", ""),
        ("\u1112\u1161\u11ab", "한"),
        ("&lt;script&gt;", "<script>"),
        ("👨‍👩‍👧 🇫🇷🇰🇷", "👨‍👩‍👧 🇫🇷🇰🇷"),
    ],
)
def test_a_title_is_one_line_of_plain_text(content: str, title: str) -> None:
    assert card(said(og_title=content)).title == title


def test_long_words_of_a_page_are_cut_between_two_of_them() -> None:
    found = card(said(og_title="mairie " * 100, og_description="한국 " * 2000))
    assert found.title == "mairie " * 56 + "mairie…"
    assert found.description.endswith("한국…")
    assert len(found.description) <= DESCRIPTION_MAX


def test_one_word_without_an_end_is_cut_between_two_letters() -> None:
    title = card(said(og_title="🇰🇷" * 300)).title
    assert title.encode("utf-16-le").decode("utf-16-le") == title
    assert len(title.encode("utf-16-le")) // 2 <= TITLE_MAX


def test_what_just_fits_is_not_cut() -> None:
    assert card(said(og_title="a" * TITLE_MAX)).title == "a" * TITLE_MAX


@pytest.mark.parametrize(
    ("html", "picture"),
    [
        (said(og_image="/suwon.jpg"), "https://www.tours.example/suwon.jpg"),
        (said(og_image="suwon.jpg"), "https://www.tours.example/actualites/suwon.jpg"),
        (said(og_image="//cdn.example/s.jpg"), "https://cdn.example/s.jpg"),
        (said(og_image=" a\nb.jpg "), "https://www.tours.example/actualites/ab.jpg"),
        (said(og_image="/a b/é.jpg?x=1&amp;y=2"), "https://www.tours.example/a%20b/é.jpg?x=1&y=2"),
        ('<base href="/m/">' + said(og_image="s.jpg"), "https://www.tours.example/m/s.jpg"),
        ('<base href="http://[">' + said(og_image="/s.jpg"), "https://www.tours.example/s.jpg"),
        ("<base target=_top><base href=/m/>" + said(og_image="s"), "https://www.tours.example/m/s"),
        (said(og_image="http://a.example/1")
         + '<meta property="og:image:secure_url" content="https://a.example/2">',
         "https://a.example/2"),
        (said(og_image="data:image/png;base64,AA==", twitter_image="/t.png"),
         "https://www.tours.example/t.png"),
        (said(og_image="javascript:alert(1)"), ""),
        (said(og_image="file:///etc/passwd"), ""),
        (said(og_image="http://["), ""),
        (said(og_image="/" + "a" * ADDRESS_MAX), ""),
        (said(og_image="/1.jpg") + said(og_image="/2.jpg"), "https://www.tours.example/1.jpg"),
    ],
)  # fmt: skip
def test_a_picture_is_an_address_of_the_web_or_none(html: str, picture: str) -> None:
    assert card(html).picture == picture


def test_an_empty_picture_is_not_the_page_itself() -> None:
    assert card(said(og_image="")).picture == ""
    assert absolute(URL, "") == ""


KOREAN = "수원시와 투르시, 우호 협력"
FRENCH = "L’amitié franco-coréenne : 20 œuvres à 5 €"
LATIN = "Été à Tours : « ça »"


@pytest.mark.parametrize(
    ("page", "content_type", "title"),
    [
        (f"<title>{KOREAN}</title>".encode("euc-kr"), "text/html; charset=EUC-KR", KOREAN),
        (f"<meta charset=euc-kr><title>{KOREAN}</title>".encode("euc-kr"), "text/html", KOREAN),
        (f'<meta http-equiv="Content-Type" content="text/html; charset=ks_c_5601-1987">'
         f"<title>{KOREAN} 똠</title>".encode("cp949"), "text/html", KOREAN + " 똠"),
        (f'<?xml version="1.0" encoding="EUC-KR"?><title>{KOREAN}</title>'.encode("euc-kr"),
         "application/xhtml+xml", KOREAN),
        (f"<title>{LATIN}</title>".encode("latin-1"), 'text/html; charset="ISO-8859-1"', LATIN),
        (f"<title>{FRENCH}</title>".encode("cp1252"), "text/html;charset=windows-1252", FRENCH),
        (f"<title>{FRENCH}</title>".encode("cp1252"), "text/html;charset=iso-8859-1", FRENCH),
        (f"<title>{FRENCH}</title>".replace("’", "'").encode("iso8859-15"),
         "text/html;charset=ISO-8859-15", FRENCH.replace("’", "'")),
        (b"\xef\xbb\xbf" + f"<title>{FRENCH}</title>".encode(), "", FRENCH),
        (b"\xef\xbb\xbf" + f"<title>{KOREAN}</title>".encode(), "text/html;charset=euc-kr", KOREAN),
        (b"\xff\xfe" + f"<title>{KOREAN}</title>".encode("utf-16-le"), "text/html", KOREAN),
        (b"\xfe\xff" + f"<title>{KOREAN}</title>".encode("utf-16-be"), "text/html", KOREAN),
        # Nothing is said: it is seen.
        (f"<title>{KOREAN}</title>".encode(), "text/html", KOREAN),
        (f"<title>{KOREAN}</title>".encode("euc-kr"), "text/html", KOREAN),
        (f"<title>{FRENCH}</title>".encode("cp1252"), "", FRENCH),
        # The header is believed before the page…
        (f"<meta charset=euc-kr><title>{FRENCH}</title>".encode(), "text/html; charset=UTF-8",
         FRENCH),
        (f"<meta charset=utf-8><title>{LATIN}</title>".encode("latin-1"),
         "text/html; charset=iso-8859-1", LATIN),
        # …unless the page cannot be read so.
        (f"<meta charset=euc-kr><title>{KOREAN}</title>".encode("euc-kr"),
         "text/html; charset=UTF-8", KOREAN),
        (f"<meta charset=utf-16><title>{KOREAN}</title>".encode(), "text/html", KOREAN),
        # What nobody knows is as good as nothing, and is not looked up among Python's codecs.
        (f"<title>{KOREAN}</title>".encode(), "text/html; charset=klingon", KOREAN),
        (b"<title>K+AOk-</title>", "text/html; charset=utf-7", "K+AOk-"),
        (b"<meta charset=zlib><title>T</title>", "text/html", "T"),
        # One broken letter spoils no page.
        (f"<title>{KOREAN}</title>".encode() + b"\xff", "text/html; charset=utf-8", KOREAN),
    ],
)  # fmt: skip
def test_a_page_is_read_in_the_encoding_it_is_written_in(
    page: bytes, content_type: str, title: str
) -> None:
    assert card_of(page, content_type, URL).title == title


@pytest.mark.parametrize("encoding", ["utf-8", "euc-kr"])
def test_a_page_cut_off_within_a_letter_is_read_up_to_there(encoding: str) -> None:
    page = f"<title>{KOREAN}</title><p>끝".encode(encoding)[:-1]
    assert card_of(page, "text/html", URL).title == KOREAN


def test_an_encoding_that_is_named_far_down_is_not_looked_for() -> None:
    page = b"<title>\xbc\xf6</title>" + b" " * 5000 + b"<meta charset=iso-8859-1>"
    assert card_of(page, "text/html", URL).title == "수"


@pytest.mark.parametrize(
    "rest",
    [
        "<![x",
        "<![x[",
        "&#" + "9" * 5000 + ";",
        "<meta content='",
        "<title",
        "<!--",
        "<script>",
        "<",
    ],
)
def test_what_is_broken_further_down_spoils_nothing_before_it(rest: str) -> None:
    assert card(said(og_title="T") + rest).title == "T"


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(max_size=40), st.text(max_size=40))
def test_any_bytes_give_a_card(page: bytes, content_type: str, url: str) -> None:
    assert card_of(page, content_type, url).url == url


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_any_hostile_page_gives_a_card_that_is_fit_to_be_shown(page: bytes) -> None:
    found = card_of(page, "text/html", URL)
    assert len(found.title) <= TITLE_MAX
    assert len(found.description) <= DESCRIPTION_MAX
    assert "\n" not in found.title + found.description
    assert found.picture == "" or found.picture.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "piece",
    ["<a ", "<a a=", "<a a='", "</a ", "<!--", "<!", "<?", "<![CDATA[", '<meta a="', "<title>",
     "<title>a</title>", "&", "&#", "<a\x00", "<a b=,", "</", "<script>", "<meta ",
     "<meta property=og:title content=", "<base href=", "\u0300", "<!doctype", "<meta charset"],
)  # fmt: skip
def test_no_page_takes_longer_than_its_length(piece: str) -> None:
    """Ten times the page, at most fifty times the time: a hundred would be the square."""
    short, long = (_seconds(piece * (size // len(piece))) for size in (30_000, 300_000))
    assert long < 0.2 or long < 50 * short


def _seconds(html: str) -> float:
    taken = []
    for _time in range(2):
        began = time.perf_counter()
        card(html)
        taken.append(time.perf_counter() - began)
    return min(taken)
