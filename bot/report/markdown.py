"""The report as Markdown (tables as GitHub, GitLab and most wikis read them)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.model import Campaign
from bot.report.sheet import Card, sheet
from bot.report.table import Cell, Column, Table
from bot.report.values import Report

# What would be read as markup in running text or would end a cell. A hashtag is left alone: a sign
# within a line starts no heading.
_MARKUP = re.compile(r"([\\`*_\[\]<>|~])")


def text(report: Report, campaign: Campaign, language: str) -> str:
    """The whole report, in *language*. Raises RefusedCommand for a language without a report."""
    written = sheet(report, campaign, language)
    parts = [
        f"# {_escaped(written.title)}",
        f"{_escaped(written.campaign)} · {_escaped(written.hashtag)} {written.flags}",
        f"**{_escaped(written.week)}**",
        _escaped(" ".join(written.summary)),
        "\n".join(_card(card) for card in written.cards),
        *(_section(table) for table in written.tables),
        f"## {_escaped(written.method_title)}",
        "\n".join(f"- {_escaped(sentence)}" for sentence in written.method),
        f"*{_escaped(written.made)}*",
    ]
    return "\n\n".join(parts) + "\n"


def _card(card: Card) -> str:
    notes = "".join(f" · {_escaped(note)}" for note in card.cell.notes)
    return f"- **{_escaped(card.cell.text)}** {_escaped(card.label)}{notes}"


def _section(table: Table) -> str:
    title = f"## {_escaped(table.title)}"
    if not table.rows:
        return f"{title}\n\n{_escaped(table.empty)}"
    lines = [
        _line(_escaped(column.title) for column in table.columns),
        _line(_rule(column) for column in table.columns),
        *(_line(_cell(cell) for cell in row) for row in table.rows),
    ]
    notes = "".join(f"\n\n{_escaped(note)}" for note in table.notes)
    return f"{title}\n\n" + "\n".join(lines) + notes


def _rule(column: Column) -> str:
    return "---:" if column.number else "---"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    shown = _escaped(cell.text)
    if cell.link:
        shown = f"[{shown}](<{_in_link(cell.link)}>)"
    return "<br>".join((shown, *(_escaped(note) for note in cell.notes)))


def _in_link(link: str) -> str:
    return link.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")


def _escaped(plain: str) -> str:
    return _MARKUP.sub(r"\\\1", plain)
