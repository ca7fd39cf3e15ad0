"""What pages said when they were read is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.attached import Page
from bot.clock import RehearsalClock
from bot.db.store import Store

PAGE = Page("https://tours.example/coree", "La Corée à Tours", "Le programme", "a" * 64)


def test_a_page_that_was_never_read_is_not_known(store: Store) -> None:
    assert store.pages.page(PAGE.url) is None


def test_what_a_page_said_is_known_to_the_next_process(open_store: Callable[[], Store]) -> None:
    open_store().pages.keep(PAGE)
    assert open_store().pages.page(PAGE.url) == PAGE


def test_a_page_that_is_read_again_says_what_it_says_now(store: Store) -> None:
    other = Page("https://tours.example/forum", "Le forum")
    store.pages.keep(PAGE)
    store.pages.keep(other)
    store.pages.keep(Page(PAGE.url, "Un autre titre"))
    assert store.pages.page(PAGE.url) == Page(PAGE.url, "Un autre titre")
    assert store.pages.page(other.url) == other


def test_a_page_that_was_read_long_ago_is_told_from_one_that_was_just_read(
    store: Store, clock: RehearsalClock
) -> None:
    store.pages.keep(PAGE)
    day = timedelta(days=1)
    assert store.pages.page(PAGE.url, within=day) == PAGE
    clock.advance_to(clock.now() + day)
    assert store.pages.page(PAGE.url, within=day) is None
    assert store.pages.page(PAGE.url) == PAGE


def test_addresses_that_differ_at_all_are_two_pages(store: Store) -> None:
    store.pages.keep(PAGE)
    assert store.pages.page(f"{PAGE.url}?lang=ko") is None
    assert store.pages.page(PAGE.url.upper()) is None
