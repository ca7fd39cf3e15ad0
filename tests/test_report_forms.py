"""The report as HTML, Markdown, terminal tables and JSON: the same numbers, for everyone."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from bot.errors import RefusedCommand
from bot.model import PostState
from bot.report import html, markdown, plain, terminal
from bot.report.sheet import Sheet, sheet
from bot.report.table import Table
from bot.report.values import FIGURES, Report
from bot.report.wording import Wording
from tests.report_sample import (
    CAMPAIGN,
    DAY,
    WEEK,
    Entries,
    catalogues,
    full_report,
    post,
    read,
    report,
    unpublished,
)

LANGUAGES = ("fr", "ko", "en")
#: Those that are tables in the page too; the others are lists there.
TABLES = ("totals", "days", "networks", "languages", "partners", "published", "sources")
VOID = {"meta", "br", "link", "img", "input"}


class Page(HTMLParser):
    """Reads the page: its tables' numbers, its elements, and whether each was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: Counter[str] = Counter()
        self.attributes: list[tuple[str, dict[str, str]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._in_number = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.seen[tag] += 1
        self.attributes.append((tag, named))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self._rows = self.tables.setdefault(named["class"].split()[-1], [])
        if tag == "tr":
            self._rows.append([])
        if tag == "td" and "number" in named.get("class", ""):
            self._rows[-1].append("")
            self._in_number = True
        if tag == "small" or named.get("class") == "vh":
            self._in_number = False

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "td":
            self._in_number = False

    def handle_data(self, data: str) -> None:
        if self._in_number:
            self._rows[-1][-1] += data.strip()


def numbers(table: Table) -> list[list[str]]:
    """What the number columns of *table* say."""
    return [
        [cell.text for cell, column in zip(row, table.columns, strict=True) if column.number]
        for row in table.rows
    ]


def markdown_rows(text: str, title: str) -> list[list[str]]:
    section = text.split(f"## {title}\n\n")[1].split("\n\n", maxsplit=1)[0]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section.splitlines()]
    is_number = [cell.strip() == "---:" for cell in rows[1]]
    return [
        [
            cell.split("<br>")[0].strip()
            for cell, wanted in zip(row, is_number, strict=True)
            if wanted
        ]
        for row in rows[2:]
    ]


def shown(made: Report, language: str, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    terminal.show(made, CAMPAIGN, language, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def terminal_words(text: str) -> Iterator[list[str]]:
    """The words of each line, as columns part them, without the marks of footnotes."""
    for line in text.splitlines():
        yield re.split(r" {2,}", re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]", "", line).strip())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_says_the_same_numbers(language: str) -> None:
    made = full_report()
    written = sheet(made, CAMPAIGN, language)
    page = Page(html.page(made, CAMPAIGN, language))
    text = markdown.text(made, CAMPAIGN, language)
    lines = list(terminal_words(shown(made, language, 300)))
    for name in TABLES:
        table = written.table(name)
        wanted = numbers(table)
        assert wanted
        assert page.tables[name][1:] == wanted
        assert markdown_rows(text, table.title) == wanted
        for row, cells in zip(table.rows, wanted, strict=True):
            told = [line for line in lines if line[0] == row[0].text]
            assert any(set(filter(None, cells)) <= set(line) for line in told), (name, cells)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plain_data_holds_the_numbers_that_people_read(language: str) -> None:
    made = full_report()
    data = json.loads(json.dumps(plain.as_json(made)))
    words = Wording(language)
    rows = numbers(sheet(made, CAMPAIGN, language).table("totals"))
    assert rows[0][0] == words.number(len(data["published"]))
    for figure, row in zip(FIGURES, rows[1:], strict=True):
        total = data["totals"][figure]
        assert row[0] == words.number(total["value"])
        assert row[1] == words.number(total["before"]["value"])
        assert row[3] == words.number(total["measured"])


def test_plain_data_has_iso_times_and_null_for_what_is_missing() -> None:
    data = plain.as_json(report([post(1, WEEK.start + DAY)]))
    assert data["start"] == "2023-02-26T23:00:00+00:00"
    assert data["week"] == "2023-W09"
    assert data["totals"]["impressions"]["value"] is None
    assert data["published"][0]["read_at"] is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stands_alone_and_its_markup_is_sound(language: str) -> None:
    page = Page(html.page(full_report(), CAMPAIGN, language))
    assert page.open == []
    assert not {"script", "link", "img", "iframe"} & set(page.seen)
    assert not [named for _tag, named in page.attributes if "src" in named or "style" in named]
    ids = [named["id"] for _tag, named in page.attributes if "id" in named]
    assert len(ids) == len(set(ids))
    assert ("html", {"lang": language}) in page.attributes


def test_the_page_can_be_heard_as_well_as_seen() -> None:
    page = Page(html.page(full_report(), CAMPAIGN, "fr"))
    assert page.seen["svg"] == 2
    assert page.seen["desc"] == 2
    assert page.seen["table"] == page.seen["caption"] == len(TABLES)
    headings = [named for tag, named in page.attributes if tag == "th"]
    assert all(named["scope"] in {"col", "row"} for named in headings)
    ids = {named["id"] for _tag, named in page.attributes if "id" in named}
    for _tag, named in page.attributes:
        assert set(named.get("aria-labelledby", "").split()) <= ids
    assert named_link(page, "#report")["class"] == "skip"
    quoted = [named["lang"] for tag, named in page.attributes if tag == "a" and "lang" in named]
    assert set(quoted) == {"fr", "ko"}


def named_link(page: Page, target: str) -> dict[str, str]:
    return next(named for _tag, named in page.attributes if named.get("href") == target)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_is_wider_than_a_terminal_of_eighty_columns(language: str) -> None:
    made = full_report()
    text = shown(made, language, 80)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    clicks = sheet(made, CAMPAIGN, language).table("networks").columns[-1]
    assert clicks.short in text


def test_a_post_with_a_bracket_is_shown_whole() -> None:
    made = report(
        [post(1, WEEK.start + DAY, text="Forum [bold]places limitées[/bold] | <b>gratuit</b> *1*")],
        {1: [read(1, WEEK.end, 9, 1, 1, 1)]},
    )
    assert "Forum [bold]places limitées[/bold] | <b>gratuit</b> *1*" in shown(made, "fr", 200)
    assert "&lt;b&gt;gratuit&lt;/b&gt;" in html.page(made, CAMPAIGN, "fr")
    assert r"places limitées\[/bold\] \| \<b\>gratuit\</b\> \*1\*" in markdown.text(
        made, CAMPAIGN, "fr"
    )


def test_an_address_that_is_no_web_address_is_not_made_a_link() -> None:
    made = report([post(1, WEEK.start + DAY, url="javascript:alert(1)")])
    assert "javascript:" not in html.page(made, CAMPAIGN, "en")
    assert "javascript:" not in markdown.text(made, CAMPAIGN, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_week_without_anything_is_told_too(language: str) -> None:
    made = report([])
    page = Page(html.page(made, CAMPAIGN, language))
    assert page.open == []
    assert page.seen["svg"] == 0
    text = markdown.text(made, CAMPAIGN, language)
    assert markdown_rows(text, sheet(made, CAMPAIGN, language).table("totals").title)[1][0] == "—"
    assert "not known: no figures were read" in shown(made, "en", 300)


def test_a_missing_figure_is_a_dash_and_says_how_many_posts_lack_it() -> None:
    made = report(
        [post(1, WEEK.start + DAY), post(2, WEEK.start + DAY)], {2: [read(2, WEEK.end, 70)]}
    )
    text = markdown.text(made, CAMPAIGN, "en")
    assert "| Impressions | 70<br>1 post without figures |" in text
    assert "| Clicks | —<br>2 posts without figures |" in text
    page = html.page(made, CAMPAIGN, "en")
    assert '<span aria-hidden="true">—</span><span class="vh">not measured</span>' in page


def test_an_announcement_to_come_is_one_line_with_its_networks_and_languages() -> None:
    made = full_report()
    (row,) = sheet(made, CAMPAIGN, "en").table("planned").rows
    assert row[0].text == "Tue 7 Mar, 00:00 (Paris)"
    assert row[0].notes == ("08:00 (Seoul)",)
    assert row[2].text == "LinkedIn (Korean) · X (French)"


def test_what_did_not_go_out_is_said_in_words() -> None:
    made = report([unpublished(1, WEEK.start + DAY, PostState.HELD)])
    assert "waits for somebody to act" in shown(made, "en", 200)
    assert "1 post did not go out" in html.page(made, CAMPAIGN, "en")


def test_a_report_of_an_unfinished_week_says_so() -> None:
    made = report([post(1, WEEK.start)], made_at=WEEK.start + 2 * DAY)
    assert "The week is not over" in html.page(made, CAMPAIGN, "en")
    assert "Same days, week before" in markdown.text(made, CAMPAIGN, "en")


def test_what_left_the_campaigns_files_keeps_its_short_name() -> None:
    gone = replace(CAMPAIGN, partners={}, kinds={}, accounts={}, names={})
    text = markdown.text(full_report(), gone, "fr")
    assert "news · grenoble · gumi" in text
    assert "korea-france" in text


def test_a_partner_is_called_as_its_reader_calls_it() -> None:
    def first(language: str) -> Sheet:
        return sheet(full_report(), CAMPAIGN, language)

    assert {row[0].text for row in first("ko").table("partners").rows} == {"그르노블시", "구미시"}
    assert {row[0].text for row in first("en").table("partners").rows} == {"Grenoble", "Gumi"}
    assert {row[0].text for row in first("fr").table("languages").rows} == {"Français", "Coréen"}


def test_there_is_no_report_in_a_language_that_pavois_does_not_speak() -> None:
    with pytest.raises(RefusedCommand, match="choose fr, ko or en"):
        html.page(full_report(), CAMPAIGN, "de")


def test_the_report_speaks_its_own_language_whatever_the_process_speaks(
    tmp_path: Path,
) -> None:
    words: Entries = {"not measured": "10% 미집계 <b>", "Weekly visibility report": "주간 보고서"}
    with catalogues(tmp_path, ko=words):
        page = html.page(report([]), CAMPAIGN, "ko")
        assert "주간 보고서" in markdown.text(report([]), CAMPAIGN, "ko")
    assert "<h1>주간 보고서" in page
    assert "10% 미집계 &lt;b&gt;" in page
