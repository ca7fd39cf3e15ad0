"""What the pages that announcements link to said of themselves when they were read."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select, update

from bot.attached import Page
from bot.db.part import Part
from bot.db.tables import pages


class Pages(Part):
    """What a page said when it was read last."""

    def page(self, url: str, *, within: timedelta | None = None) -> Page | None:
        """What the page at *url* said, or None: it was not read, or not *within* that time."""
        query = select(pages).where(pages.c.url == url)
        if within is not None:
            query = query.where(pages.c.read_at > self._clock.now() - within)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return Page(row.url, row.title, row.description, row.picture) if row else None

    def keep(self, page: Page) -> None:
        """Remember what *page* says."""
        values = {
            "title": page.title,
            "description": page.description,
            "picture": page.picture,
            "read_at": self._clock.now(),
        }
        with self._writing() as connection:
            known = connection.execute(
                update(pages).where(pages.c.url == page.url).values(**values)
            )
            if known.rowcount == 0:
                connection.execute(insert(pages).values(url=page.url, **values))
