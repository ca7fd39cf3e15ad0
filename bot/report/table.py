"""A table in words: what every form of the report shows, each in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.report.values import ENGAGEMENT
from bot.report.wording import MISSING, Wording
from bot.words import N_

FIGURE_NAMES: Mapping[str, str] = {
    "impressions": N_("Impressions"),
    "reactions": N_("Reactions"),
    "comments": N_("Comments"),
    "shares": N_("Shares"),
    "clicks": N_("Clicks"),
    ENGAGEMENT: N_("Engagement"),
}

SHORT_FIGURE_NAMES: Mapping[str, str] = {
    "impressions": N_("Impr."),
    "reactions": N_("React."),
    "comments": N_("Comm."),
    "shares": N_("Shares"),
    "clicks": N_("Clicks"),
    ENGAGEMENT: N_("Engag."),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, with smaller lines under it. *language* is the text's own, when it is a quotation."""

    text: str
    notes: tuple[str, ...] = ()
    link: str = ""
    language: str = ""

    @property
    def missing(self) -> bool:
        return self.text == MISSING


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, and whether it holds numbers, which are aligned at their end.

    *short* is the heading where there is little room; empty: the same.
    """

    title: str
    number: bool = False
    short: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One section of the report. *empty* is said in its place when it has no row."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    empty: str = ""


def figure_column(words: Wording, figure: str) -> Column:
    """The column of *figure* (`FIGURES`), in both lengths."""
    title, short = words.gettext(FIGURE_NAMES[figure]), words.gettext(SHORT_FIGURE_NAMES[figure])
    return Column(title, number=True, short=short)
