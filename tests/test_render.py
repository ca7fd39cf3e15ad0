"""One announcement for one network and one language, within its limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.compose.render import Composed, Frame, compose
from bot.compose.wording import Wordings
from bot.errors import RenderError
from bot.model import Announcement, Campaign, Rendering
from tests.announcements_sample import MARK, announcement
from tests.announcements_sample import rendered as in_words
from tests.fakes import PlainRules


def rendered(campaign: Campaign, what: Announcement, limit: int = 300) -> Rendering:
    return in_words(what, Wordings(campaign), rules=PlainRules(limit))


def test_a_rendering_is_the_text_with_its_mark_and_its_length(campaign: Campaign) -> None:
    text = f"Bonjour\n\n{MARK}"
    made = rendered(campaign, announcement(campaign))
    assert made == Rendering("liste", "fr", text, len(text), 300, "signs", shown=len(text))


def test_the_link_stands_between_the_text_and_the_mark(campaign: Campaign) -> None:
    made = rendered(campaign, announcement(campaign, link="https://ville.example/forum"))
    assert made.text == f"Bonjour\n\nhttps://ville.example/forum\n{MARK}"


def test_the_longest_wording_that_fits_is_taken(campaign: Campaign) -> None:
    texts = {"fr": ["très " * 30 + "long", "moyen " * 5 + "long", "court"]}
    written = announcement(campaign, texts=texts)
    assert rendered(campaign, written, limit=80).text.startswith("moyen")


def test_a_wording_of_just_the_limit_fits_and_one_sign_more_does_not(campaign: Campaign) -> None:
    length = len(f"Bonjour\n\n{MARK}")
    assert rendered(campaign, announcement(campaign), limit=length).length == length
    with pytest.raises(RenderError):
        rendered(campaign, announcement(campaign), limit=length - 1)


def test_a_text_that_is_too_long_is_refused_with_how_much_is_too_many(campaign: Campaign) -> None:
    with pytest.raises(RenderError) as raised:
        rendered(campaign, announcement(campaign, texts={"fr": "x" * 100}), limit=90)
    length = 100 + 2 + len(MARK)
    assert str(raised.value) == (
        f"The text is too long: {length} of 90 signs, {length - 90} too many. Shorten texts.fr, or "
        "give a second, shorter wording."
    )


def test_a_template_that_is_too_long_is_named(campaign: Campaign) -> None:
    with pytest.raises(RenderError) as raised:
        rendered(campaign, announcement(campaign), limit=9)
    assert str(raised.value).endswith(
        "too many. Shorten its facts, write texts.fr yourself, or give the template news.fr.txt "
        "a shorter wording."
    )


def composed(campaign: Campaign, *texts: str, limit: int, link: str = "") -> Composed:
    return compose(texts, Frame(link, campaign, PlainRules(limit)))


def test_what_was_mended_in_the_mark_is_said(campaign: Campaign) -> None:
    made = composed(campaign, "Avec #KoreaFranceLocalCooperation에서 🇫🇷🇰🇷", limit=300)
    assert made.text == "Avec #KoreaFranceLocalCooperation 에서 🇫🇷🇰🇷"
    assert len(made.mends) == 1
    assert made.cuts == ()


def test_a_longer_wording_without_its_hashtags_is_better_than_a_shorter_one_cut(
    campaign: Campaign,
) -> None:
    texts = ("Le forum ouvre ici. #Bretagne", "Le forum ouvre. Et là encore.")
    made = composed(campaign, *texts, limit=len(f"Le forum ouvre ici.\n\n{MARK}"))
    assert made.text == f"Le forum ouvre ici.\n\n{MARK}"
    assert [str(cut) for cut in made.cuts] == ["left out: the tag #Bretagne"]


def test_if_none_fits_the_shortest_is_shortened_and_what_is_left_out_is_said(
    campaign: Campaign,
) -> None:
    texts = ("Le très long forum ouvre ici. Et là.", "Le forum ouvre. Et là.")
    made = composed(campaign, *texts, limit=len(f"Le forum ouvre.\n\n{MARK}"))
    assert made.text == f"Le forum ouvre.\n\n{MARK}"
    assert [str(cut) for cut in made.cuts] == ["left out: “Et là.”"]


def test_the_campaigns_own_hashtag_is_no_secondary_one(campaign: Campaign) -> None:
    text = f"Le forum ouvre. {MARK}에서 #Bretagne"
    made = composed(campaign, text, limit=len(text) - 9)
    assert made.text == f"Le forum ouvre. {MARK} 에서"
    assert [str(cut) for cut in made.cuts] == ["left out: the tag #Bretagne"]


def test_a_link_that_stands_in_the_text_is_not_added_again(campaign: Campaign) -> None:
    link = "https://ville.example/forum"
    made = composed(campaign, f"Voir {link}.", limit=300, link=link)
    assert made.text == f"Voir {link}.\n\n{MARK}"


def test_a_mark_that_no_network_would_see_is_refused_in_its_own_words(campaign: Campaign) -> None:
    unseen = replace(campaign, hashtag="Korea-France")
    with pytest.raises(RenderError, match="cannot be put right here"):
        rendered(unseen, announcement(campaign))


def test_a_thread_has_the_link_in_its_first_post_and_the_mark_in_each(campaign: Campaign) -> None:
    link = "https://ville.example/forum"
    frame = Frame(link, campaign, PlainRules(84))
    made = compose(["Un mot ici. Deux mots là."], frame, threads=True)
    assert (made.text, made.rest) == (
        f"Un mot ici. (1/2)\n\n{link}\n{MARK}",
        (f"Deux mots là. (2/2)\n\n{MARK}",),
    )
    assert made.cuts == ()


def test_an_account_without_threads_has_the_text_shortened(campaign: Campaign) -> None:
    link = "https://ville.example/forum"
    made = compose(["Un mot ici. Deux mots là."], Frame(link, campaign, PlainRules(84)))
    assert (made.text, made.rest) == (f"Un mot ici.\n\n{link}\n{MARK}", ())


def test_what_makes_no_thread_is_shortened_too(campaign: Campaign) -> None:
    """Its first sentence alone is too long for a post that stands alone."""
    long = "Un premier mot qui ne finit pas si tôt. Deux."
    limit = len(f"Un premier mot qui ne finit…\n\n{MARK}")
    made = compose([long], Frame("", campaign, PlainRules(limit)), threads=True)
    assert made.rest == ()
    assert len(made.text) <= limit


@pytest.mark.parametrize(
    "written",
    ["https://www.tours.fr", "https://www.tours.fr/", "https://www.tours.fr/?utm_source=mail"],
)
def test_the_link_that_the_officer_wrote_herself_is_put_into_its_counted_form(
    written: str, campaign: Campaign
) -> None:
    link = "https://www.tours.fr/?utm_source=x"
    made = composed(campaign, f"Voir {written} et venez.", limit=300, link=link)
    assert made.text == f"Voir {link} et venez.\n\n{MARK}"


def test_another_page_of_the_same_site_is_another_link(campaign: Campaign) -> None:
    link = "https://www.tours.fr/coree"
    made = composed(campaign, "Voir https://www.tours.fr/autre", limit=300, link=link)
    assert made.text == f"Voir https://www.tours.fr/autre\n\n{link}\n{MARK}"


def test_why_a_text_makes_no_thread_is_said(campaign: Campaign) -> None:
    long = "Un premier mot qui ne finit pas si tôt. Deux."
    limit = len(f"Un premier mot qui ne finit…\n\n{MARK}")
    made = compose([long], Frame("", campaign, PlainRules(limit)), threads=True)
    assert str(made.cuts[-1]).startswith("it makes no thread: The first sentence alone")


@pytest.mark.parametrize("text", ["\u200b", " \u2060\n\u00ad"])
def test_a_text_in_which_nothing_is_seen_is_refused(text: str, campaign: Campaign) -> None:
    with pytest.raises(RenderError, match="nothing to read"):
        rendered(campaign, announcement(campaign, texts={"fr": text}))


def test_a_link_that_stands_later_in_a_thread_is_not_added_to_its_first_post(
    campaign: Campaign,
) -> None:
    link = "https://ville.example/forum?utm_source=x"
    text = "Un mot ici. Deux mots là : https://ville.example/forum"
    limit = len(f"Un mot ici. Deux mots là : {link}\n\n{MARK}") - 1
    made = compose([text], Frame(link, campaign, PlainRules(limit)), threads=True)
    assert (made.text, made.rest) == (
        f"Un mot ici. (1/2)\n\n{MARK}",
        (f"Deux mots là : {link} (2/2)\n\n{MARK}",),
    )


def test_where_a_card_carries_the_link_the_officers_own_stays_in_its_counted_form(
    campaign: Campaign,
) -> None:
    link = "https://ville.example/forum?utm_source=linkedin"
    frame = Frame(link, campaign, PlainRules(), adds_link=False)
    assert compose(["Bonjour"], frame).text == f"Bonjour\n\n{MARK}"
    written = compose(["Voir https://ville.example/forum"], frame).text
    assert written == f"Voir {link}\n\n{MARK}"


def test_a_text_of_nothing_but_the_mark_is_refused(campaign: Campaign) -> None:
    with pytest.raises(RenderError, match="nothing to read"):
        rendered(campaign, announcement(campaign, texts={"fr": f" {MARK}"}))
