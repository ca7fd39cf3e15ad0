"""Puts announcements into words and pictures for each account, as its network will show them.

What each network gets is decided in `bot.compose`; here the files are made ready and the pages that
are linked to are read, once.
"""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Protocol

from bot.attached import Attached, LinkCard, Media, MediaFile, Page, Sort
from bot.compose.attach import Place, Ready, attached, files_for, said_of_the_link
from bot.compose.languages import complete
from bot.compose.links import whole, with_utm
from bot.compose.render import render
from bot.compose.rules import Rules, Takes
from bot.compose.units import cut
from bot.compose.wording import Wordings
from bot.errors import MediaError, PageError, RenderError
from bot.media import NotTaken, prepare
from bot.media.facts import advice_on, facts_of
from bot.media.files import named_as_it_is
from bot.media.store import MediaStore
from bot.model import Account, Announcement, Campaign, Rendering
from bot.preview.build import Made
from bot.preview.values import Preview
from bot.words import N_, Message

log = logging.getLogger(__name__)


class PageMemory(Protocol):
    """What pages said when they were read (`bot.db.pages`)."""

    def page(self, url: str, *, within: timedelta | None = None) -> Page | None: ...

    def keep(self, page: Page) -> None: ...


class ReadPage(Protocol):
    """What a page says of itself now (`bot.pages.card`)."""

    @property
    def title(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def picture(self) -> str: ...


class PageSource(Protocol):
    """Reads pages (`bot.pages.reader`). Both raise PageError."""

    def read(self, url: str) -> ReadPage: ...

    def picture(self, url: str) -> bytes: ...


class Composer:
    """Composes for the accounts of one campaign."""

    def __init__(
        self,
        campaign: Campaign,
        rules_of: Callable[[str], Rules],
        title_of: Callable[[str], str],
        shelf: MediaStore,
        memory: PageMemory,
        source: PageSource,
    ) -> None:
        """*rules_of* and *title_of* give a network's rules and its name for people."""
        self._campaign = campaign
        self._rules_of = rules_of
        self._title_of = title_of
        self._shelf = shelf
        self._memory = memory
        self._source = source
        self._wordings = Wordings(campaign)

    def made(self, announcement: Announcement, languages: Collection[str] = ()) -> Iterator[Made]:
        """What becomes of *announcement* for each account in each language that it is complete in.

        With *languages*, in these only. What cannot be made is there with the reason. Raises
        ConfigError for a template that cannot be filled.
        """
        have = complete(announcement, self._campaign)
        # A file and a page are looked at once, not once an account.
        ready = cache(lambda network: self._ready(announcement, network))
        page = cache(self._page)
        for account in self._campaign.accounts.values():
            if announcement.accounts and account.slug not in announcement.accounts:
                continue
            for language in account.languages:
                if language not in have or (languages and language not in languages):
                    continue
                try:
                    made = self._rendering(announcement, account, language, ready, page)
                except (RenderError, MediaError) as error:
                    yield Made(account, language, None, error.message)
                else:
                    yield Made(account, language, made)

    def thumbnails(self, previews: Iterable[Preview]) -> dict[str, str]:
        """The pictures of *previews*, small, as `data:` addresses by their hashes."""
        files = {
            file.sha256: file
            for preview in previews
            for sheet in preview.sheets
            for file in sheet.attached.files
        }
        drawn = {sha256: self._thumbnail(file) for sha256, file in files.items()}
        return {sha256: address for sha256, address in drawn.items() if address}

    def _thumbnail(self, media: Media) -> str:
        """A small picture of *media* as a `data:` address; "" for what is no picture."""
        if media.sort is not Sort.PICTURE:
            return ""
        small = {Sort.PICTURE: _THUMBNAIL}
        with self._shelf.workshop() as folder:
            path = named_as_it_is(self._shelf.path(media.sha256), folder)
            made = prepare(path, small, self._shelf)
        with self._shelf.open(made.sha256) as file:
            return f"data:{made.mime};base64,{base64.b64encode(file.read()).decode()}"

    def _rendering(
        self,
        announcement: Announcement,
        account: Account,
        language: str,
        ready: Callable[[str], list[Ready]],
        page: Callable[[str], Page | PageError],
    ) -> Rendering:
        place = Place(self._title_of(account.network), self._rules_of(account.network), language)
        link = self._link(announcement, account.network, language)
        card, notes = self._card(announcement, place, link, page)
        goes_out, file_notes = attached(announcement, place, ready(account.network), card)
        made = render(announcement, self._wordings, account, place, link=link, attached=goes_out)
        said = list(file_notes)
        if goes_out.card:
            # Where the officer gave the title, nothing is missing.
            said += () if goes_out.card.title else notes
        elif announcement.card and card:
            said.append(Message(_NO_CARD))
        if goes_out.poll and not goes_out.poll.question and "?" not in made.text:
            said.append(Message(_NO_QUESTION, {"network": place.network}))
        return replace(made, attached=_titled(made), notes=tuple(said))

    def _link(self, announcement: Announcement, network: str, language: str) -> str:
        """The announcement's link as it is written on *network*, or ""."""
        if not announcement.link or network in announcement.without_link:
            return ""
        places = {"network": network, "language": language, "announcement": announcement.slug}
        parameters = {
            f"utm_{name}": value.format(**places) for name, value in self._campaign.utm.items()
        }
        return whole(with_utm(announcement.link, parameters))

    def _ready(self, announcement: Announcement, network: str) -> list[Ready]:
        return [self._prepared(file, network) for file in files_for(announcement, network)]

    def _prepared(self, file: MediaFile, network: str) -> Ready:
        path, takes = Path(file.path), self._rules_of(network).takes
        try:
            media = prepare(path, takes, self._shelf, network=self._title_of(network))
        except NotTaken:
            return Ready(file, None)
        is_video = media.sort is Sort.VIDEO
        return Ready(file, media, advice_on(facts_of(path), file.name) if is_video else None)

    def _card(
        self,
        announcement: Announcement,
        place: Place,
        link: str,
        page: Callable[[str], Page | PageError],
    ) -> tuple[LinkCard | None, tuple[Message, ...]]:
        """The card of the link where the network wants one, and what a person should know of it.

        Its title is "" where neither the officer nor the page gives one.
        """
        if not (link and place.rules.has_cards):
            return None, ()
        read = page(announcement.link)
        notes: tuple[Message, ...] = ()
        if isinstance(read, PageError):
            notes = (Message(_UNREAD, {"problem": read.message}),)
            read = Page(link, "")
        own = announcement.card.picture if announcement.card else None
        picture = self._chosen(own, place) or self._of_page(read, place)
        card = LinkCard(link, read.title, read.description, picture)
        return said_of_the_link(announcement.card, card, picture, place.language), notes

    def _page(self, url: str) -> Page | PageError:
        """What the page at *url* says of itself: it is read once a day, and again for a lost
        picture; what it said before stands while it cannot be read."""
        known = self._memory.page(url, within=_READ_ONCE)
        if known and (not known.picture or self._shelf.has(known.picture)):
            return known
        try:
            read = self._source.read(url)
        except PageError as error:
            return self._memory.page(url) or error
        picture = ""
        if read.picture:
            with suppress(PageError):
                picture = self._shelf.put(io.BytesIO(self._source.picture(read.picture)))
        page = Page(url, read.title, read.description, picture)
        self._memory.keep(page)
        return page

    def _chosen(self, file: MediaFile | None, place: Place) -> Media | None:
        if file is None:
            return None
        return prepare(
            Path(file.path), _pictures_only(place.rules), self._shelf, network=place.network
        )

    def _of_page(self, page: Page, place: Place) -> Media | None:
        """The picture that *page* names, made ready; None when it cannot be used: it is not ours
        to mend."""
        if not page.picture:
            return None
        try:
            with self._shelf.workshop() as folder:
                picture = named_as_it_is(self._shelf.path(page.picture), folder)
                return prepare(
                    picture, _pictures_only(place.rules), self._shelf, network=place.network
                )
        except MediaError as error:
            log.info("the picture of a page cannot be used: %s", error)
            return None


#: A line of a text that is longer is no title any more.
_TITLE_OF_A_TEXT = 120
#: In pages that are sent by mail.
_THUMBNAIL = Takes(("image/jpeg", "image/png"), 100_000, width=640, height=640)
#: A preview, its corrections and the queueing are done in a day: they all show one card.
_READ_ONCE = timedelta(days=1)
_NO_CARD = N_("Its card is not shown: files or a poll take its place.")
_NO_QUESTION = N_(
    "{network} shows no question over a poll: let the text ask it, or people see the answers only."
)
_UNREAD = N_("{problem} The link's card shows the first line of the text.")


def _pictures_only(rules: Rules) -> Mapping[Sort, Takes]:
    return {sort: takes for sort, takes in rules.takes.items() if sort is Sort.PICTURE}


def _titled(made: Rendering) -> Attached:
    """What goes out with *made*, its card with a title, and with words for a page's picture."""
    card = made.attached.card
    if card is None:
        return made.attached
    title = card.title or cut(made.text.lstrip().splitlines()[0], _TITLE_OF_A_TEXT)
    picture = card.picture
    if picture and not picture.name:
        picture = replace(picture, alt=title)
    return replace(made.attached, card=replace(card, title=title, picture=picture))
