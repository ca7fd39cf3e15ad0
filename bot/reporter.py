"""Writes the weekly report: Mondays at 08:00 on the campaign's clock, once, after an outage too."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.db.store import Store
from bot.errors import StoreError, reason_of
from bot.model import Campaign
from bot.report.build import build
from bot.report.growth import windows
from bot.report.period import Period, last_complete_week
from bot.report.values import FOLLOWED, Report
from bot.words import N_

log = logging.getLogger(__name__)

MONDAY_AT = time(8)


def report_hour(period: Period) -> datetime:
    """When the report of *period* is due: the Monday after it, at 08:00 of its zone."""
    day = period.end.astimezone(ZoneInfo(period.zone)).date()
    return datetime.combine(day, MONDAY_AT, ZoneInfo(period.zone)).astimezone(UTC)


class Reporter:
    """Builds and writes the reports of one campaign into *folder*."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: Clock,
        folder: Path,
        languages: Sequence[str],
        titles: Mapping[str, str],
    ) -> None:
        """*titles* are the names of the networks for people."""
        self._campaign = campaign
        self._store = store
        self._clock = clock
        self._folder = folder
        self._languages = languages
        self._titles = titles

    def build(self, period: Period) -> Report:
        """The report of *period* from what the store holds now."""
        made_at = self._clock.now()
        near_cuts = windows(period, made_at)
        posts = self._store.figures.reported_posts(
            self._campaign.slug,
            published=(period.previous.start - FOLLOWED, period.end),
            due=(period.start, period.next.end),
            windows=near_cuts,
        )
        published = [post.id for post in posts if post.published_at]
        snapshots = self._store.figures.snapshots(published, near_cuts)
        return build(self._campaign, posts, snapshots, period, made_at, self._titles)

    def write(self, period: Period) -> list[Path]:
        """Write the report of *period* in each language, as a page and as Markdown; the files."""
        from bot.report import html, markdown

        report = self.build(period)
        written = []
        for language in self._languages:
            name = f"{period.name}.{language}"
            pages = {
                f"{name}.html": html.page(report, self._campaign, language),
                f"{name}.md": markdown.text(report, self._campaign, language),
            }
            written += [write_whole(self._folder / file, text) for file, text in pages.items()]
        return written

    def report_due(self) -> list[Path]:
        """Write last week's report if its hour has come and it was not issued; the files."""
        now = self._clock.now()
        period = last_complete_week(now, self._campaign.zone)
        if now < report_hour(period) or not self._is_owed(period):
            return []
        written = self.write(period)
        self._store.figures.issued(self._campaign.slug, period.name)
        log.info("report %s: %s files", period.name, len(written))
        return written

    def next_hour(self) -> datetime:
        """When the next report will be due."""
        now = self._clock.now()
        period = last_complete_week(now, self._campaign.zone)
        if now < report_hour(period):
            return report_hour(period)
        return report_hour(period.next)

    def _is_owed(self, period: Period) -> bool:
        """A week before the first announcement has nothing to report."""
        first = self._store.figures.first_queued_at(self._campaign.slug)
        if first is None or first >= period.end:
            return False
        return not self._store.figures.is_issued(self._campaign.slug, period.name)


def write_whole(path: Path, text: str) -> Path:
    """Write *text* to *path* so that nobody ever sees half of it. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreError(
            N_("{path} cannot be written: {problem}."),
            path=str(path),
            problem=reason_of(error),
        ) from error
    return path
