"""Nearly the same text again: where the line is drawn, and what is said of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announcements import read_announcement
from bot.campaigns import announcement_files, load_campaign
from bot.compose.repeats import NEAR, SAME, Earlier, Verdict, likeness, repetitions
from bot.compose.wording import Wordings
from bot.networks import NETWORKS, network_kind
from tests.announcements_sample import MARK, rendered

CAMPAIGN = Path(__file__).parent.parent / "campaigns" / "korea-france"
NOW = datetime(2023, 3, 1, 9, tzinfo=UTC)

TEXTS = {
    "fr": (
        "Tours accueille une délégation de Suwon du 6 au 10 mars. Au programme : écoles, "
        "transports et jumelage des bibliothèques. Venez les rencontrer à la mairie le 8 mars "
        "à 18 h."
    ),
    "ko": (
        "투르시가 3월 6일부터 10일까지 수원시 대표단을 맞이합니다. 학교와 대중교통, 도서관 교류를 "
        "함께 살펴봅니다. 3월 8일 오후 6시 시청에서 만나요."
    ),
    "en": (
        "Tours welcomes a delegation from Suwon from 6 to 10 March. On the programme: schools, "
        "transport and twinned libraries. Come and meet them at the town hall on 8 March at 6 pm."
    ),
}
REWORDED = {
    "fr": (
        "Une délégation de Suwon sera à Tours du 6 au 10 mars : visites d’écoles, des transports, "
        "et jumelage des bibliothèques. Rendez-vous le 8 mars à 18 h à la mairie."
    ),
    "ko": (
        "수원시 대표단이 3월 6일부터 10일까지 투르를 찾습니다. 학교, 교통, 도서관 교류가 주요 "
        "일정입니다. 8일 오후 6시 시청으로 오세요."
    ),
    "en": (
        "A delegation from Suwon will be in Tours from 6 to 10 March: schools, transport, twinned "
        "libraries. Join us on 8 March at 6 pm at the town hall."
    ),
}
LANGUAGES = pytest.mark.parametrize("language", TEXTS)


def changed(language: str, *pairs: tuple[str, str]) -> str:
    text = TEXTS[language]
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    return text


def swapped(text: str) -> str:
    first, second, third = text.split(". ")
    return ". ".join((second, first, third))


CHANGES = [
    ("a word, fr", "fr", changed("fr", ("rencontrer", "saluer"))),
    ("a word, ko", "ko", changed("ko", ("맞이합니다", "환영합니다"))),
    ("a word, en", "en", changed("en", ("meet", "greet"))),
    ("two words, fr", "fr", changed("fr", ("rencontrer", "saluer"), ("accueille", "reçoit"))),
    ("two words, ko", "ko", changed("ko", ("맞이합", "환영합"), ("살펴봅", "둘러봅"))),
    ("two words, en", "en", changed("en", ("meet", "greet"), ("welcomes", "hosts"))),
    ("a date, fr", "fr", changed("fr", ("8 mars", "9 mars"))),
    ("a date, ko", "ko", changed("ko", ("3월 8일", "3월 9일"))),
    ("a date, en", "en", changed("en", ("8 March", "9 March"))),
    ("the month, fr", "fr", changed("fr", ("mars", "avril"))),
    ("the month, ko", "ko", changed("ko", ("3월", "4월"))),
    ("the month, en", "en", changed("en", ("March", "April"))),
    *((f"the order, {language}", language, swapped(text)) for language, text in TEXTS.items()),
    *(
        (f"a sentence less, {language}", language, text.rpartition(". ")[0])
        for language, text in TEXTS.items()
    ),
]


def earlier(text: str = TEXTS["fr"], **changes: object) -> Earlier:
    values = {"post": 7, "account": "x-tours", "language": "fr", "text": text, "at": NOW, **changes}
    return Earlier(**values)  # type: ignore[arg-type]  # the test's own fields


def verdicts(text: str, *posts: Earlier) -> list[Verdict]:
    return [found.verdict for found in repetitions(text, "fr", "x-tours", NOW, posts)]


@LANGUAGES
def test_dress_makes_no_other_text(language: str) -> None:
    text = TEXTS[language]
    dressed = f"🎉 {text.upper().replace('.', ' !')}\n\nhttps://ville.fr/a?b=c\n{MARK}"
    invisible = "\u200b".join(text)
    assert likeness(text, dressed) == likeness(text, invisible) == 1


@pytest.mark.parametrize(
    ("language", "text"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
def test_a_text_with_little_changed_is_nearly_the_same(language: str, text: str) -> None:
    assert NEAR <= likeness(TEXTS[language], text) < SAME


@LANGUAGES
def test_a_text_told_in_other_words_is_another(language: str) -> None:
    assert likeness(TEXTS[language], REWORDED[language]) < 0.5


def test_the_campaigns_own_announcements_do_not_repeat_each_other() -> None:
    """The likest are the consultation with its reminder (0.44) and the visits (0.42)."""
    campaign = load_campaign(CAMPAIGN, NETWORKS)
    wordings = Wordings(campaign)
    written = [read_announcement(path, campaign) for path in announcement_files(CAMPAIGN)]
    assert len(written) == 21
    forbidding = [name for name in NETWORKS if network_kind(name).rules.forbids_repetition]
    assert forbidding
    for name in forbidding:
        rules = network_kind(name).rules
        for language in campaign.languages:
            texts = [rendered(one, wordings, language, rules, network=name).text for one in written]
            assert max(likeness(one, other) for one, other in combinations(texts, 2)) < 0.5


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_the_same_both_ways_and_whole_with_itself(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
    assert likeness(one, one) == 1


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("abcd", "abcd", 1),
        ("abcde", "abcdf", 1 / 3),
        ("ab", "ab!", 1),
        ("ab", "abc", 0),
        ("ＡＢ１２ cd", "ab12cd", 1),
        ("le 12", "le 13", 0),
        ("", "", 1),
        ("", "abc", 0),
    ],
)
def test_runs_of_four_letters_are_compared(one: str, other: str, alike: float) -> None:
    assert likeness(one, other) == alike


def test_texts_that_are_nothing_but_a_link_are_as_alike_as_their_links() -> None:
    one, other = (f"https://ville.fr/{page}\n{MARK}" for page in ("forum", "delegation"))
    assert likeness(one, one) == 1
    assert likeness(one, other) < SAME


def test_the_same_text_again_is_the_same_and_a_changed_date_nearly() -> None:
    assert verdicts(TEXTS["fr"], earlier()) == [Verdict.SAME]
    assert verdicts(changed("fr", ("8 mars", "9 mars")), earlier()) == [Verdict.NEAR]
    assert verdicts(REWORDED["fr"], earlier()) == []


def test_another_language_is_another_text() -> None:
    assert verdicts(TEXTS["fr"], earlier(language="en")) == []


def test_a_text_may_come_again_after_thirty_days() -> None:
    month = timedelta(days=30)
    instant = timedelta(seconds=1)
    assert verdicts(TEXTS["fr"], earlier(at=NOW - month)) == [Verdict.SAME]
    assert verdicts(TEXTS["fr"], earlier(at=NOW - month - instant)) == []
    assert verdicts(TEXTS["fr"], earlier(at=NOW + month)) == [Verdict.SAME]
    assert verdicts(TEXTS["fr"], earlier(at=NOW + month + instant)) == []
    posts = [earlier(at=NOW - timedelta(days=8))]
    assert repetitions(TEXTS["fr"], "fr", "x-tours", NOW, posts, timedelta(days=7)) == []


def test_the_likest_comes_first() -> None:
    near, same = earlier(changed("fr", ("mars", "avril")), post=1), earlier(post=2)
    found = repetitions(TEXTS["fr"], "fr", "x-tours", NOW, [near, same])
    assert [one.earlier.post for one in found] == [2, 1]


@pytest.mark.parametrize(
    ("account", "text", "what", "why"),
    [
        ("x-tours", TEXTS["fr"], "the same (100%)", "the same text again so soon: write"),
        ("x-suwon", TEXTS["fr"], "the same (100%)", "the same text on several accounts: write"),
        ("x-tours", swapped(TEXTS["fr"]), "nearly the same (92%)", "change more of it, or wait"),
        ("x-suwon", swapped(TEXTS["fr"]), "nearly the same (92%)", "one text on several accounts"),
    ],
)
def test_what_is_repeated_is_said_and_why_that_is_not_wanted(
    account: str, text: str, what: str, why: str
) -> None:
    (found,) = repetitions(text, "fr", account, NOW, [earlier()])
    said = str(found.message)
    assert said.startswith(f"Post 7 (x-tours, 2023-03-01) says {what}. The network ")
    assert why in said


def test_the_day_is_that_of_the_zone_in_which_the_post_is_given() -> None:
    seoul = timezone(timedelta(hours=9))
    late = earlier(at=datetime(2023, 3, 1, 23, tzinfo=UTC).astimezone(seoul))
    (found,) = repetitions(TEXTS["fr"], "fr", "x-tours", NOW, [late])
    assert "2023-03-02" in str(found.message)


def test_five_hundred_earlier_posts_are_looked_through_at_once() -> None:
    posts = [earlier(f"{TEXTS['fr']} {number} {number**3}", post=number) for number in range(500)]
    before = time.process_time()
    found = repetitions(TEXTS["fr"], "fr", "x-tours", NOW, posts)
    # Some 30 ms; ten times that on a machine that is busy or slow.
    assert time.process_time() - before < 0.5
    assert len(found) == 500
