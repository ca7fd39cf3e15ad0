"""What is known of a post before it is queued."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.attached import Attached, Media, Mention, Sort
from bot.compose.lint import Level
from bot.compose.repeats import Earlier
from bot.compose.rules import Rules, Tag
from bot.model import Announcement, Campaign, Rendering
from bot.networks import network_kind
from bot.preview.build import Made, Surroundings, preview_of, runs
from bot.preview.values import Preview, Price, Run
from bot.words import Message
from tests.announcements_sample import MARK, announcement
from tests.conftest import START
from tests.fakes import PlainRules

TEXT = f"La délégation de Suwon visite Tours.\n\n{MARK}"
PHOTO = Media("a1", Sort.PICTURE, "image/jpeg", 9, alt="La gare", name="gare.jpg")


class Dear(PlainRules):
    """A network where a link makes a post dear, and nothing may be repeated."""

    forbids_repetition = True

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal:
        return Decimal(10 if self.links(text) else 1) + alt_texts * Decimal("0.5")

    def mentioned(self, text: str, mentions: Sequence[Mention] = ()) -> list[Tag]:
        at = text.find("@tours")
        return [Tag("tours", at, at + 6)] if at >= 0 else []


def rendering(
    network: str = "x", language: str = "fr", text: str = TEXT, **more: object
) -> Rendering:
    made = Rendering(network, language, text, len(text), 300, "signs", shown=len(text))
    return replace(made, **more)  # type: ignore[arg-type]  # of the dataclass


Look = Callable[..., Preview]


@pytest.fixture
def look(campaign: Campaign) -> Look:
    """The preview of what was made for accounts, given by their names."""

    def preview(
        made: dict[str, Rendering | Message],
        earlier: dict[str, Sequence[Earlier]] | None = None,
        rules: Rules | None = None,
        what: Announcement | None = None,
    ) -> Preview:
        around = Surroundings(
            campaign, lambda _network: rules or Dear(), str.upper, earlier or {}, START
        )
        each = [
            Made(campaign.accounts[slug], "fr", None, one)
            if isinstance(one, Message)
            else Made(campaign.accounts[slug], one.language, one)
            for slug, one in made.items()
        ]
        return preview_of(what or announcement(campaign), each, around)

    return preview


def said(messages: Sequence[Message]) -> list[str]:
    return [str(one) for one in messages]


def test_what_two_accounts_publish_alike_is_shown_once(look: Look) -> None:
    preview = look({"x-fr": rendering(), "x-ko": rendering(), "linkedin-fr": rendering("linkedin")})
    shown = [(sheet.title, [one.slug for one in sheet.accounts]) for sheet in preview.sheets]
    assert shown == [("X", ["x-fr", "x-ko"]), ("LINKEDIN", ["linkedin-fr"])]
    assert preview.languages == ["fr"]
    assert preview.of("fr") == list(preview.sheets)
    assert preview.of("ko") == []


def test_that_two_accounts_say_the_same_is_told_where_it_is_forbidden(look: Look) -> None:
    (problem,) = look({"x-fr": rendering(), "x-ko": rendering()}).errors
    assert str(problem).startswith(
        "bonjour · X · fr: Post bonjour (x-fr, 2023-02-20) says the same"
    )
    assert look({"x-fr": rendering(), "x-ko": rendering()}, rules=PlainRules()).errors == ()


def test_another_network_is_no_repetition(look: Look) -> None:
    assert look({"x-fr": rendering(), "linkedin-fr": rendering("linkedin")}).errors == ()


def test_what_was_said_before_blocks_word_for_word_and_warns_nearly(look: Look) -> None:
    before = Earlier(7, "x-fr", "fr", TEXT, START - timedelta(days=3))
    long = f"{'La délégation visite le marché, la mairie et la gare. ' * 3}Un mot.\n\n{MARK}"
    near = replace(before, text=long.replace("Un mot", "Autre"))
    assert len(look({"x-fr": rendering()}, {"x": [before]}).errors) == 1
    preview = look({"x-fr": rendering(text=long)}, {"x": [near]})
    assert preview.errors == ()
    assert any(
        "Post 7 (x-fr, 2023-02-17) says nearly the same" in one for one in said(preview.advice)
    )


def test_what_could_not_be_made_is_there_with_the_reason_and_nothing_else(look: Look) -> None:
    preview = look({"x-fr": Message("Too long.")})
    (sheet,) = preview.sheets
    assert said(preview.errors) == ["bonjour · X · fr: Too long."]
    assert (sheet.left, sheet.attached, sheet.texts, preview.advice) == (0, Attached(), (), ())


def test_what_is_said_of_several_networks_alike_is_said_once(look: Look) -> None:
    bold = rendering(text=f"𝗕𝗼𝗻𝗷𝗼𝘂𝗿 à tous.\n\n{MARK}")
    preview = look({"x-fr": bold, "linkedin-fr": replace(bold, network="linkedin")})
    (problem,) = preview.errors
    assert str(problem).startswith("bonjour · X, LINKEDIN · fr: ")


def test_the_languages_that_are_not_written_are_named(look: Look, campaign: Campaign) -> None:
    what = announcement(campaign, texts={"fr": "Bonjour"}, facts={})
    assert look({"x-fr": rendering()}, what=what).missing == ("ko", "en")


def test_what_was_cut_and_noted_comes_before_what_lint_advises(look: Look) -> None:
    made = rendering(
        text=f"Cliquez ici.\n\n{MARK}", cuts=(Message("A cut."),), notes=(Message("A note."),)
    )
    advice = said(look({"x-fr": made}).advice)
    assert advice[:2] == ["bonjour · X · fr: A cut.", "bonjour · X · fr: A note."]
    (sheet,) = look({"x-fr": made}).sheets
    assert all(one.level is Level.ADVICE for one in sheet.findings)


def test_what_the_network_would_refuse_blocks_in_any_post_of_a_thread(look: Look) -> None:
    made = rendering(rest=(f"$KRW $EUR\n\n{MARK}",))
    (problem,) = look({"x-fr": made}, rules=network_kind("x").rules).errors
    assert "X takes one cashtag a post" in str(problem)


def test_how_much_is_left_is_what_the_limit_leaves(look: Look) -> None:
    (sheet,) = look({"x-fr": rendering()}).sheets
    assert sheet.left == 300 - len(TEXT)
    assert sheet.aloud.startswith("La délégation de Suwon visite Tours.")
    assert "drapeau" in sheet.aloud


# links and price


def test_a_link_that_nobody_meant_is_told_from_the_one_that_was_meant(look: Look) -> None:
    text = f"Lisez README.md\n\nhttps://tours.fr/a\n{MARK}"
    made = rendering(text=text, link="https://tours.fr/a")
    (sheet,) = look({"x-fr": made}, rules=network_kind("x").rules).sheets
    assert [link.address for link in sheet.links] == ["README.md", "https://tours.fr/a"]
    assert [link.address for link in sheet.accidental] == ["README.md"]


@pytest.mark.parametrize(
    ("made", "price"),
    [
        pytest.param(rendering(), Price(Decimal(1)), id="a text"),
        pytest.param(
            rendering(text="Ici https://a.fr", link="https://a.fr"),
            Price(Decimal(10), Decimal(1)),
            id="with its link",
        ),
        pytest.param(rendering(text="Ici https://a.fr"), Price(Decimal(10)), id="with another"),
        pytest.param(
            rendering(attached=Attached(media=(PHOTO, replace(PHOTO, alt="")))),
            Price(Decimal("1.5")),
            id="with one described photo",
        ),
        pytest.param(
            rendering(
                text="Ici https://a.fr",
                link="https://a.fr",
                rest=("Suite.", "Fin."),
                attached=Attached(media=(PHOTO,)),
            ),
            Price(Decimal("12.5"), Decimal("3.5")),
            id="a thread",
        ),
    ],
)
def test_a_price_is_that_of_all_the_posts_and_what_they_would_cost_without_the_link(
    made: Rendering, price: Price, look: Look
) -> None:
    (sheet,) = look({"x-fr": made}).sheets
    assert sheet.price == price


def test_where_posting_is_free_there_is_no_price(look: Look) -> None:
    (sheet,) = look({"x-fr": rendering()}, rules=PlainRules()).sheets
    assert sheet.price is None


# what is shown


def test_a_text_is_cut_into_what_is_linked_and_what_is_not() -> None:
    text = "Avec @tours : https://a.fr/b #Tag fin"
    assert runs(text, Dear(), ()) == [
        Run("Avec "),
        Run("@tours", "mention"),
        Run(" : "),
        Run("a.fr/b", "link"),
        Run(" "),
        Run("#Tag", "tag"),
        Run(" fin"),
    ]
    assert runs("", Dear(), ()) == []
    assert runs("#Tag", Dear(), ()) == [Run("#Tag", "tag")]


def test_what_lies_inside_something_linked_is_not_linked_again() -> None:
    class Overlapping(Dear):
        def tags(self, text: str) -> list[Tag]:
            return [Tag("b", 10, 12), Tag("Tag", 13, 17)]

    assert runs("https://a.#b #Tag", Overlapping(), ()) == [
        Run("a.#b", "link"),
        Run(" "),
        Run("#Tag", "tag"),
    ]


def test_every_post_of_a_thread_is_shown(look: Look) -> None:
    (sheet,) = look({"x-fr": rendering(rest=("Suite #Tag",))}).sheets
    assert [len(text) for text in sheet.texts] == [3, 2]


def test_every_post_of_a_thread_is_looked_at(look: Look) -> None:
    rest = (f"CLIQUEZ ICI DEMAIN https://tours.fr\n\n{MARK}", f"𝐆𝐫𝐚𝐧𝐝 𝐟𝐨𝐫𝐮𝐦\n\n{MARK}")
    made = rendering(rest=rest, attached=Attached(media=(PHOTO,)))
    (sheet,) = look({"x-fr": made}).sheets
    assert {one.code for one in sheet.findings} >= {"shouting", "fancy-letters"}
    assert [link.address for link in sheet.links] == ["https://tours.fr"]
    assert "tours.fr" in sheet.aloud
    # What is attached stands beside the first post, and is judged once.
    undescribed = Attached(media=(replace(PHOTO, alt=""),))
    (sheet,) = look({"x-fr": rendering(rest=rest, attached=undescribed)}).sheets
    assert [one.code for one in sheet.findings].count("alt-missing") == 1


def test_a_thread_must_not_repeat_in_any_of_its_posts(look: Look) -> None:
    again = f"Le forum annuel ouvre ses portes à tous les élus.\n\n{MARK}"
    before = Earlier(7, "x-fr", "fr", again, START - timedelta(days=3))
    assert len(look({"x-fr": rendering(rest=(again,))}, {"x": [before]}).errors) == 1


def test_a_picture_that_may_not_be_shown_any_more_is_told_beforehand(look: Look) -> None:
    today = START.date()
    for expires, count in ((today - timedelta(days=1), 1), (today, 0)):
        shown = Attached(media=(replace(PHOTO, expires=expires),))
        errors = said(look({"x-fr": rendering(attached=shown)}).errors)
        assert len([one for one in errors if "gare.jpg may be shown until" in one]) == count
