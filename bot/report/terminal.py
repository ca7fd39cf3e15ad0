"""The report as tables in the terminal; rich knows that a Korean letter takes two columns."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.style import Style
from rich.table import Table as RichTable
from rich.text import Text

from bot.model import Campaign
from bot.report.sheet import Card, sheet
from bot.report.table import Cell, Table
from bot.report.values import Report


def show(report: Report, campaign: Campaign, language: str, console: Console) -> None:
    """Print the report on *console*. Raises RefusedCommand for a language without a report."""
    written = sheet(report, campaign, language)
    console.print(Text(f"{written.campaign} · {written.hashtag} {written.flags}", style="dim"))
    console.print(Text(f"{written.title} · {written.week}", style="bold"))
    console.print()
    console.print(Text(" ".join(written.summary)))
    console.print()
    console.print(_cards(written.cards))
    for table in written.tables:
        _show_table(table, console)
    _title(written.method_title, console)
    for sentence in written.method:
        console.print(Padding(Text(sentence), (0, 0, 0, 2)))
    console.print()
    console.print(Text(written.made, style="dim"))


def _cards(cards: tuple[Card, ...]) -> RichTable:
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column()
    for card in cards:
        notes = Text("; ".join(card.cell.notes), style="dim")
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
    for column in table.columns:
        shown.add_column(
            Text(column.title),
            justify="right" if column.number else "left",
            overflow="fold",
        )
    for row in table.rows:
        shown.add_row(*(_cell(cell) for cell in row))
    console.print(shown)
    for note in table.notes:
        console.print(Text(note, style="dim"))


def _cell(cell: Cell) -> Text:
    """A `Text`, never markup: a post may hold brackets."""
    style = Style(link=cell.link) if cell.link else Style()
    shown = Text(cell.text, style=style)
    for note in cell.notes:
        shown.append(f"\n{note}", style=Style(dim=True))
    return shown
