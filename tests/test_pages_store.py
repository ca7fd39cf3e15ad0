"""What pages said when they were read is remembered."""

from __future__ import annotations

from collections.abc import Callable

from bot.attached import Page
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


def test_addresses_that_differ_at_all_are_two_pages(store: Store) -> None:
    store.pages.keep(PAGE)
    assert store.pages.page(f"{PAGE.url}?lang=ko") is None
    assert store.pages.page(PAGE.url.upper()) is None
