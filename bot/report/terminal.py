"""The report as tables in the terminal; rich knows that a Korean letter takes two columns."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.style import Style
from rich.table import Table as RichTable
from rich.text import Text

from bot.model import Campaign
from bot.report.sheet import Card, Sheet, sheet
from bot.report.table import Cell, Column, Table
from bot.report.values import Report

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def show(report: Report, campaign: Campaign, language: str, console: Console) -> None:
    """Print the report on *console*. Raises RefusedCommand for a language without a report."""
    written = sheet(report, campaign, language)
    console.print(Text(f"{written.campaign} · {written.hashtag} {written.flags}", style="dim"))
    _show_head(written, console)
    for table in written.tables:
        _show_table(table, console)
    _title(written.method_title, console)
    for sentence in written.method:
        console.print(Padding(Text(sentence), (0, 0, 0, 2)))
    console.print()
    console.print(Text(written.made, style="dim"))


def show_summary(report: Report, campaign: Campaign, language: str, console: Console) -> None:
    """Print the report's first lines only: the sentence and the four figures."""
    _show_head(sheet(report, campaign, language), console)


def _show_head(written: Sheet, console: Console) -> None:
    console.print(Text(f"{written.title} · {written.week}", style="bold"))
    console.print()
    console.print(Text(" ".join(written.summary)))
    console.print()
    console.print(_cards(written.cards))


def _cards(cards: tuple[Card, ...]) -> RichTable:
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column()
    for card in cards:
        notes = Text(" · ".join(card.cell.notes), style="dim")
        grid.add_row(Text(card.label), Text(card.cell.text, style="bold"), notes)
    return grid


def _title(title: str, console: Console) -> None:
    console.print()
    console.print(Text(title, style="bold underline"))


def _show_table(table: Table, console: Console) -> None:
    _title(table.title, console)
    if not table.rows:
        console.print(Text(table.empty, style="dim"))
        return
    shown = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), expand=False)
    footnotes: list[str] = []
    cells = [
        [_cell(cell, table.columns[place], footnotes) for place, cell in enumerate(row)]
        for row in table.rows
    ]
    for place, column in enumerate(table.columns):
        # rich breaks a line at a no-break space too: a number gets the room it needs.
        widest = max(row[place].cell_len for row in cells) if column.number else None
        shown.add_column(
            Text(column.short or column.title),
            justify="right" if column.number else "left",
            min_width=widest,
            # rich's ellipsis would swallow the last letter of a line of Hangul.
            overflow="fold",
        )
    for row in cells:
        shown.add_row(*row)
    console.print(shown)
    for number, note in enumerate(footnotes, start=1):
        console.print(Text(f"{_raised(number)} {note}", style="dim"))
    for note in table.notes:
        console.print(Text(note, style="dim"))


def _cell(cell: Cell, column: Column, footnotes: list[str]) -> Text:
    """A `Text`, never markup: a post may hold brackets. What is said of a number goes below."""
    shown = Text(cell.text, style=Style(link=cell.link) if cell.link else Style())
    for note in cell.notes:
        if column.number:
            if note not in footnotes:
                footnotes.append(note)
            shown.append(_raised(footnotes.index(note) + 1), style=Style(dim=True))
        else:
            shown.append(f"\n{note}", style=Style(dim=True))
    return shown


def _raised(number: int) -> str:
    return str(number).translate(_RAISED)
