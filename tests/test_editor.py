"""Announcements previewed and queued: what blocks, what advises, and all of them or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import RehearsalClock
from bot.compose.rules import Rules
from bot.composer import Composer
from bot.db.store import Store
from bot.editor import Editor
from bot.errors import ConfigError, RefusedCommand, RenderError
from bot.media.store import MediaStore
from bot.model import Announcement, Campaign
from tests.announcements_sample import announcement
from tests.conftest import START
from tests.fakes import PageList, PageNotes, PlainRules

#: Long enough that a word changed leaves most of it alike.
VISIT = "La délégation de Suwon visite la mairie de Tours et son marché couvert ce mercredi matin."
OTHER = "Un forum sur les villes jumelées ouvre ses portes à Issy-les-Moulineaux au printemps."
DAY = timedelta(days=1)


class Watchful(PlainRules):
    """A network that forbids repetition."""

    forbids_repetition = True


Make = Callable[..., Editor]


@pytest.fixture
def make(store: Store, clock: RehearsalClock, tmp_path: Path) -> Make:
    def made(campaign: Campaign, x: Rules | None = None) -> Editor:
        rules = {"x": x or Watchful(), "linkedin": PlainRules()}
        titles = {"x": "X", "linkedin": "LinkedIn"}
        composer = Composer(
            campaign,
            rules.__getitem__,
            titles.__getitem__,
            MediaStore(tmp_path / "shelf"),
            PageNotes(),
            PageList(),
        )
        return Editor(campaign, store, clock, composer, rules.__getitem__, titles.__getitem__)

    return made


@pytest.fixture
def editor(make: Make, campaign: Campaign) -> Editor:
    return make(campaign)


def french(campaign: Campaign, slug: str, text: str, days: float = 0) -> Announcement:
    """An announcement in French alone, due in so many *days*; 0: at the next free slot."""
    at = START + days * DAY if days else None
    return replace(announcement(campaign, slug, texts={"fr": text}, facts={}), at=at)


def queued(store: Store) -> list[tuple[str, str, str]]:
    return [
        (post.announcement, post.account, post.language) for post in store.queue.posts("campaign")
    ]


def said_of(refused: pytest.ExceptionInfo[Exception]) -> str:
    return str(refused.value)


def test_a_preview_has_a_sheet_for_each_network_and_language_and_queues_nothing(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    preview = editor.preview(announcement(campaign))
    assert [(sheet.title, sheet.language) for sheet in preview.sheets] == [
        ("X", "fr"),
        ("X", "en"),
        ("X", "ko"),
        ("LinkedIn", "fr"),
    ]
    assert (preview.missing, preview.errors) == ((), ())
    assert queued(store) == []


def test_an_announcement_is_queued_for_each_account_and_language(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    texts = {"fr": VISIT, "ko": "수원시 대표단이 투르시를 방문합니다.", "en": "Suwon visits Tours."}
    (done,) = editor.queue([announcement(campaign, "visite", texts=texts, facts={})])
    assert len(done.ids) == len(done.planned) == 4
    assert sorted(queued(store)) == [
        ("visite", "linkedin-fr", "fr"),
        ("visite", "x-fr", "en"),
        ("visite", "x-fr", "fr"),
        ("visite", "x-ko", "ko"),
    ]


def test_the_same_announcement_again_changes_nothing(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    what = french(campaign, "visite", VISIT)
    editor.queue([what], ["fr"])
    (again,) = editor.queue([what], ["fr"])
    assert (again.ids, again.planned, again.advice) == ((), (), ())
    assert len(queued(store)) == 2


# languages


def test_a_language_that_is_not_written_must_be_left_out_on_purpose(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    what = french(campaign, "visite", VISIT)
    with pytest.raises(RefusedCommand) as refused:
        editor.queue([what])
    assert said_of(refused) == (
        "visite is not written yet in: ko, en. Write it, or queue the languages that are there: "
        "--only fr"
    )
    editor.queue([what], ["fr"])
    assert queued(store) == [("visite", "x-fr", "fr"), ("visite", "linkedin-fr", "fr")]


def test_a_language_that_is_asked_for_and_not_written_is_refused(
    editor: Editor, campaign: Campaign
) -> None:
    with pytest.raises(RefusedCommand, match="visite is not written yet in: ko"):
        editor.queue([french(campaign, "visite", VISIT)], ["fr", "ko"])


def test_languages_that_no_account_speaks_are_said_so_and_not_passed_over(
    make: Make, campaign: Campaign, store: Store
) -> None:
    accounts = {slug: one for slug, one in campaign.accounts.items() if slug != "x-ko"}
    without_korean = replace(campaign, accounts=accounts)
    with pytest.raises(RefusedCommand, match="no account of the campaign publishes in: ko"):
        make(without_korean).queue([announcement(campaign, "visite")], ["ko"])
    assert not store.queue.is_known(announcement(campaign, "visite"))


# what blocks and what advises


def test_a_text_that_is_too_long_names_its_network_and_language_and_nothing_is_queued(
    make: Make, campaign: Campaign, store: Store
) -> None:
    right = french(campaign, "forum", OTHER)
    with pytest.raises(RenderError, match=r"visite · X · fr: The text is too long: .* 250 signs"):
        make(campaign, PlainRules(250)).queue(
            [right, french(campaign, "visite", "x" * 260)], ["fr"]
        )
    assert queued(store) == []


def test_an_error_of_style_blocks_unless_the_campaign_does_without_the_rule(
    make: Make, campaign: Campaign, store: Store
) -> None:
    bold = "𝗟𝗮 𝗱𝗲́𝗹𝗲́𝗴𝗮𝘁𝗶𝗼𝗻 est à Tours."
    what = french(campaign, "visite", bold)
    (finding,) = {
        one.code for sheet in make(campaign).preview(what).sheets for one in sheet.findings
    }
    with pytest.raises(RenderError, match="visite · X, LinkedIn · fr: "):
        make(campaign).queue([what], ["fr"])
    assert queued(store) == []
    make(replace(campaign, lint_off=frozenset({finding}))).queue([what], ["fr"])
    assert len(queued(store)) == 2


def test_a_rule_of_style_that_there_is_not_is_refused_when_it_is_switched_off(
    make: Make, campaign: Campaign
) -> None:
    with pytest.raises(
        ConfigError, match=r"`lint\.off` has emoji-al-fine, and the rules are: alt-"
    ):
        make(replace(campaign, lint_off=frozenset({"emoji-al-fine"})))


def test_advice_blocks_nothing_and_is_told_with_what_was_cut(
    make: Make, campaign: Campaign
) -> None:
    text = f"{VISIT} Cliquez ici. #Bretagne"
    editor = make(campaign, Watchful(len(VISIT) + 55))
    (done,) = editor.queue([french(campaign, "visite", text)], ["fr"])
    assert len(done.ids) == 2
    said = [str(one) for one in done.advice]
    assert "visite · X · fr: left out: the tag #Bretagne" in said


# repetition


def test_the_same_text_again_within_a_month_is_refused_where_a_network_forbids_it(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    editor.queue([french(campaign, "visite", VISIT, 1)], ["fr"])
    with pytest.raises(RenderError) as refused:
        editor.queue([french(campaign, "rappel", VISIT, 30)], ["fr"])
    said = said_of(refused)
    assert said.startswith("rappel · X · fr: Post 1 (x-fr, 2023-02-21) says the same (100%).")
    editor.queue([french(campaign, "rappel", VISIT, 31.1)], ["fr"])
    assert len(queued(store)) == 4


def test_a_text_that_is_to_go_out_later_is_not_to_be_said_before_it_either(
    editor: Editor, campaign: Campaign
) -> None:
    editor.queue([french(campaign, "visite", VISIT, 20)], ["fr"])
    with pytest.raises(RenderError, match="says the same"):
        editor.queue([french(campaign, "rappel", VISIT, 1)], ["fr"])


def test_nearly_the_same_text_is_advice(editor: Editor, campaign: Campaign) -> None:
    editor.queue([french(campaign, "visite", VISIT, 1)], ["fr"])
    changed = VISIT.replace("mercredi", "jeudi")
    (done,) = editor.queue([french(campaign, "rappel", changed, 2)], ["fr"])
    (said,) = [str(one) for one in done.advice]
    assert said.startswith("rappel · X · fr: Post 1 (x-fr, 2023-02-21) says nearly the same (")


def test_a_text_that_was_cancelled_may_be_said_again(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    (first,) = editor.queue([french(campaign, "visite", VISIT, 1)], ["fr"])
    store.queue.cancel(first.ids)
    (done,) = editor.queue([french(campaign, "rappel", VISIT, 2)], ["fr"])
    assert len(done.ids) == 2


def test_a_preview_of_what_is_queued_does_not_repeat_itself(
    editor: Editor, campaign: Campaign
) -> None:
    what = french(campaign, "visite", VISIT, 1)
    editor.queue([what], ["fr"])
    assert editor.preview(what).errors == ()


# several at once


def test_two_that_say_the_same_are_refused_together_by_name(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    pair = [french(campaign, slug, VISIT, days) for slug, days in (("visite", 1), ("rappel", 2))]
    with pytest.raises(RenderError, match=r"rappel · X · fr: Post visite \(x-fr, 2023-02-21\)"):
        editor.queue(pair, ["fr"])
    assert queued(store) == []


def test_two_without_an_hour_take_two_slots(editor: Editor, campaign: Campaign) -> None:
    pair = [french(campaign, "visite", VISIT), french(campaign, "forum", OTHER)]
    first, second = editor.queue(pair, ["fr"])
    due = {(post.account, post.due) for one in (first, second) for post in one.planned}
    assert len(due) == 4


def test_no_campaign_does_without_alt_texts(make: Make, campaign: Campaign) -> None:
    with pytest.raises(ConfigError, match=r"has alt-missing: no campaign does without"):
        make(replace(campaign, lint_off=frozenset({"alt-missing", "shouting"})))
