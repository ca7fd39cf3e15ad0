"""A text that is too long is shortened as a person would shorten it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.compose.dates import spans_of_dates
from bot.compose.fit import CutSort, Fitted, fit, fit_without_tags
from bot.compose.marks import mark_faults, marked
from bot.compose.rules import Rules, Tag
from bot.errors import RenderError
from bot.networks import NETWORKS, network_kind
from bot.networks.characters import tidy
from tests.fakes import PlainRules

TAG = "KoreaFranceLocalCooperation"
COUNTRIES = ("FR", "KR")
MARK = f"#{TAG} 🇫🇷🇰🇷"
LINK = "https://ville.example/forum"
RULES = [
    pytest.param(PlainRules(), id="plain"),
    *(pytest.param(network_kind(name).rules, id=name) for name in NETWORKS),
]

#: What announcements are made of, with what is easily cut in the wrong place.
PIECES = [
    *(
        "La délégation de Suwon",
        "visitera la mairie",
        "de",
        "l’",
        "Bonjour à tous !",
        "Merci.",
        "M.",
    ),
    *(
        "Rendez-vous le 12 mars 2023 à 18 h.",
        "du 1er au 3 mars",
        "mai 2023",
        "3 500 €",
        "12",
        "10:00",
    ),
    *(
        "포럼은 3월 1일(수) 오후 6시에 열립니다.",
        "함께 해요",
        "한국과 프랑스의",
        "2023년 5월",
        "및",
    ),
    *("The forum opens.", "of the", "1–3 March 2023", "«", "»", "(", ")", "“oui. non”", "Thèmes :"),
    *(
        "\n",
        "\n\n",
        "• point",
        "#Bretagne",
        "#Paix #Suwon",
        MARK,
        f"#{TAG}",
        "🇫🇷",
        "👨‍👩‍👧",
        "e\u0301",
        "\u1112\u1161\u11ab",
    ),
    *("https://a.example/b", "ville.de", "@seoul", "a@b.example", "…", ",", "!", "2", "\u00a0"),
]
TEXTS = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), min_size=1, max_size=30
).map(" ".join)


class Frame:
    """How a body is finished and measured for the tests: a link, the mark, 150 at most."""

    limit = 150

    def __init__(self, rules: Rules, link: str = "", limit: int = 150) -> None:
        self.rules, self.link, self.limit = rules, link, limit

    def finish(self, body: str) -> str:
        linked = f"{body}\n\n{self.link}" if self.link and self.link not in body else body
        return marked(linked, TAG, COUNTRIES, self.rules).text

    def length(self, text: str) -> int:
        return self.rules.measure(text).length

    def tags(self, text: str) -> list[Tag]:
        return [tag for tag in self.rules.tags(text) if TAG not in tag.name]

    def fit(self, wording: str) -> Fitted:
        return fit(wording, self.finish, self.length, self.limit, tags=self.tags)


def fitted(wording: str, limit: int) -> tuple[str, list[str]]:
    """What is left of *wording* within *limit* signs, without any mark, and what is said of it."""
    made = fit(wording, str.strip, len, limit, tags=PlainRules().tags)
    assert made.text == made.body.strip()
    return made.text, [str(cut.message) for cut in made.cuts]


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert fitted("Bonjour. #Paix", 14) == ("Bonjour. #Paix", [])


def test_secondary_hashtags_go_first_and_the_last_of_them_first() -> None:
    text = "Un. Deux.\n\n#Paix #Suwon"
    assert fitted(text, 20) == ("Un. Deux.\n\n#Paix", ["left out: the tag #Suwon"])
    assert fitted(text, 10) == (
        "Un. Deux.",
        ["left out: the tag #Paix", "left out: the tag #Suwon"],
    )


def test_a_hashtag_inside_a_sentence_keeps_its_word() -> None:
    text = "Une #Paix durable"
    assert fitted(text, 16) == ("Une Paix durable", ["the tag #Paix has lost its sign"])


def test_a_hashtag_keeps_its_sign_where_losing_it_would_not_suffice() -> None:
    assert fitted("Une #Paix durable. Deux. Trois.", 24)[0] == "Une #Paix durable. Deux."


def test_then_the_last_sentences_go() -> None:
    text = "Un ici.\n\nDeux là. Trois là.\n\nQuatre."
    assert fitted(text, 28) == ("Un ici.\n\nDeux là. Trois là.", ["left out: “Quatre.”"])
    assert fitted(text, 17) == (
        "Un ici.\n\nDeux là.",
        ["left out: “Trois là.”", "left out: “Quatre.”"],
    )


@pytest.mark.parametrize("kept", ["Le 12 mars à 18 h.", "3월 1일(수)에 만나요.", f"Voir {LINK}."])
def test_a_sentence_with_a_date_or_a_link_stays(kept: str) -> None:
    assert fitted(f"Un ici. Deux là. {kept} Trois là.", len(kept) + 8)[0] == f"Un ici. {kept}"


def test_an_introduction_goes_with_what_it_leads_to() -> None:
    text = "Un ici.\n\nAu programme :\n• un\n• deux"
    assert fitted(text, 20) == (
        "Un ici.",
        ["left out: “Au programme :\n• un”", "left out: “• deux”"],
    )


def test_then_words_go_from_the_end_and_an_ellipsis_says_so() -> None:
    text = "La délégation visite la mairie de la ville de Tours. Elle repart."
    left, said = fitted(text, 44)
    assert left == "La délégation visite la mairie de la ville…"
    assert said == [
        "left out: “Elle repart.”",
        "shortened after “de la ville”: “de Tours.” is left out",
    ]


def test_no_article_and_no_comma_stands_before_the_ellipsis() -> None:
    assert fitted("Voici les élus, de la ville et du port", 24)[0] == "Voici les élus…"


def test_a_date_is_never_cut() -> None:
    text = "Les élus de Suwon viennent le 12 mars 2023 à 18 h pour une visite"
    assert fitted(text, 52)[0] == "Les élus de Suwon viennent le 12 mars 2023 à 18 h…"
    with pytest.raises(RenderError):
        fitted(text, 49)


def test_an_earlier_sentence_is_broken_off_where_the_last_holds_a_date() -> None:
    text = "Les élus de Suwon visitent la mairie. Le 12 mars."
    assert fitted(text, 36)[0] == "Les élus de Suwon… Le 12 mars."


def test_the_ellipsis_counts_as_the_network_counts_it() -> None:
    rules = network_kind("x").rules  # 17 letters, … as 2, two line breaks, the mark as 33
    text = "Les élus visitent une école à Tours"
    assert Frame(rules, limit=54).fit(text).text == f"Les élus visitent…\n\n{MARK}"
    assert Frame(rules, limit=53).fit(text).text == f"Les élus…\n\n{MARK}"


def test_a_text_that_cannot_fit_is_refused_by_how_much() -> None:
    with pytest.raises(RenderError) as raised:
        fitted("x" * 100, 90)
    assert str(raised.value) == "Even shortened, the text is too long: 100 of 90, 10 too many."
    with pytest.raises(RenderError, match="12 of 9, 3 too many"):
        fitted("Le 12 mars ! Trois mots ici", 9)


def test_what_suffices_without_hashtags_is_told_from_what_does_not() -> None:
    def lighter(limit: int) -> Fitted | None:
        return fit_without_tags("Un. Deux. #Paix", str.strip, len, limit, tags=PlainRules().tags)

    assert lighter(15) == Fitted("Un. Deux. #Paix", (), "Un. Deux. #Paix")
    made = lighter(10)
    assert made is not None
    assert [cut.sort for cut in made.cuts] == [CutSort.TAG]
    assert lighter(8) is None


@pytest.mark.parametrize("rules", RULES)
@given(text=TEXTS, link=st.sampled_from(["", LINK]))
@settings(max_examples=60, deadline=None)
def test_whatever_the_text_what_must_stay_stays(rules: Rules, text: str, link: str) -> None:
    frame = Frame(rules, link)
    try:
        made = frame.fit(text)
    except RenderError as error:
        over = error.message.values["over"]
        assert isinstance(over, int)
        assert over > 0
        return
    assert frame.length(made.text) <= frame.limit
    assert mark_faults(made.text, TAG, COUNTRIES, rules) == ()
    assert link in made.text
    for start, end in spans_of_dates(text):
        assert unicodedata.normalize("NFC", text[start:end]) in made.text
    assert all(cut.text in text and cut.after in text for cut in made.cuts)
    again = frame.fit(made.text)
    assert (again.text, again.cuts) == (made.text, ())


@pytest.mark.parametrize("rules", RULES)
@given(text=TEXTS)
@settings(max_examples=40, deadline=None)
def test_whatever_the_text_no_word_is_halved(rules: Rules, text: str) -> None:
    """Every cut is at white space: no grapheme, no syllable, no number with its unit is parted."""
    frame = Frame(rules)
    try:
        made = frame.fit(text)
    except RenderError:
        return
    words = re.split(r"[ \n\t\u3000]+", tidy(text))
    kept = [word for word in re.split(r"[ \n\t\u3000]+", tidy(made.body)) if word]
    signs = " \t\n\u00a0\u202f,;:–—-/&+•·…#＃"
    bare = [word.strip(signs) for word in words]
    assert all(word.strip(signs) in bare for word in kept)


def test_a_long_text_is_shortened_in_good_time() -> None:
    frame = Frame(network_kind("x").rules, LINK, 280)
    assert frame.length(frame.fit("Une phrase de plus ici. " * 400).text) <= 280
