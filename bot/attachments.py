"""`[[media]]`, `[poll]` and `[card]` of an announcement, read and checked.

A file is named in relation to the announcement's own; what it holds is looked at when it is made
ready for a network (`bot.media`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import msgspec

from bot.attached import AnnouncedCard, AnnouncedPoll, MediaFile
from bot.errors import MediaError
from bot.files import Source, decode, unknown
from bot.media.files import named
from bot.model import Campaign
from bot.words import N_

#: More and an officer has named a folder by mistake; no network takes as many.
MOST_FILES = 20


class _Media(msgspec.Struct, forbid_unknown_fields=True):
    file: str
    alt: object = None
    title: object = None
    credit: str = ""
    consent: str = ""
    expires: object = None
    networks: list[str] = []


class _Poll(msgspec.Struct, forbid_unknown_fields=True):
    options: list[object]
    question: object = None
    days: int = 3


class _Card(msgspec.Struct, forbid_unknown_fields=True):
    title: object = None
    description: object = None
    picture: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class AttachmentReader:
    """Reads what one source attaches; *folder* is where it lies, None for a command line."""

    source: Source
    campaign: Campaign
    folder: Path | None

    def media(self, given: list[dict[str, object]]) -> tuple[MediaFile, ...]:
        if len(given) > MOST_FILES:
            raise self.source.error(
                "media",
                N_("An announcement takes {most} files at most; this one names {count}."),
                most=MOST_FILES,
                count=len(given),
            )
        return tuple(self._file("media", one) for one in given)

    def poll(self, given: Mapping[str, object] | None) -> AnnouncedPoll | None:
        if given is None:
            return None
        raw = decode(self.source, _Poll, given, "poll")
        options = tuple(self._texts("poll.options", option) for option in raw.options)
        if len(options) < 2:
            raise self.source.error("poll.options", N_("A poll needs two answers at least."))
        if not all(options):
            raise self.source.error("poll.options", N_("An answer of the poll has no text."))
        question = self._texts("poll.question", raw.question)
        if not question:
            raise self.source.error("poll", N_("`{key}` is missing."), key="poll.question")
        return AnnouncedPoll(question, options, raw.days)

    def card(self, given: Mapping[str, object] | None) -> AnnouncedCard | None:
        if given is None:
            return None
        raw = decode(self.source, _Card, given, "card")
        return AnnouncedCard(
            self._texts("card.title", raw.title),
            self._texts("card.description", raw.description),
            self._file("card.picture", raw.picture) if raw.picture is not None else None,
        )

    def networks(self, key: str, given: list[str]) -> tuple[str, ...]:
        """*given*, each the network of an account of the campaign."""
        known = {account.network for account in self.campaign.accounts.values()}
        for network in given:
            if network not in known:
                raise unknown(self.source, key, network, known)
        return tuple(given)

    def _file(self, key: str, given: Mapping[str, object]) -> MediaFile:
        raw = decode(self.source, _Media, given, key)
        path = self._path(f"{key}.file", raw.file)
        with path.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        return MediaFile(
            path=str(path),
            sha256=sha256,
            alts=self._texts(f"{key}.alt", raw.alt),
            titles=self._texts(f"{key}.title", raw.title),
            credit=raw.credit.strip().removeprefix("©").strip(),
            consent=raw.consent.strip(),
            expires=self._day(f"{key}.expires", raw.expires),
            networks=self.networks(f"{key}.networks", raw.networks),
        )

    def _path(self, key: str, name: str) -> Path:
        folder = self.folder or Path.cwd()
        # Beside the announcement, or anywhere in the folder of its campaign.
        root = folder.parent if folder.name == "announcements" else folder
        try:
            return named(folder, name, root)
        except MediaError as error:
            raise self.source.error(key, error.message.text, **error.message.values) from error

    def _texts(self, key: str, given: object) -> Mapping[str, str]:
        """A text by language; one text alone stands for all of them, nothing for none."""
        if given is None:
            return {}
        if isinstance(given, str):
            given = dict.fromkeys(self.campaign.languages, given)
        if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
            raise self.source.error(
                key, N_("`{key}` must be a text, or a text for each language."), key=key
            )
        for language in given:
            if language not in self.campaign.languages:
                raise unknown(self.source, f"{key}.{language}", language, self.campaign.languages)
        return {language: text.strip() for language, text in given.items() if text.strip()}

    def _day(self, key: str, given: object) -> date | None:
        if given is None or given == "":
            return None
        if isinstance(given, date) and not isinstance(given, datetime):
            return given
        raise self.source.error(key, N_("`{key}` must be a day: 2027-12-31."), key=key)
