"""The report as one HTML page that stands alone: no script, style and charts within."""

from __future__ import annotations

from bot.model import Campaign
from bot.report.charts import Bar, Series, by_day, by_name, scale
from bot.report.figures import FigureTables
from bot.report.names import Names
from bot.report.sheet import sheet
from bot.report.values import Report, Total
from bot.report.wording import Wording
from bot.templates import environment

#: More partners than this are in the table only: the chart would be longer than the page.
PARTNERS_DRAWN = 10


def page(report: Report, campaign: Campaign, language: str) -> str:
    """The whole page, in *language*. Raises RefusedCommand for a language without a report."""
    written = sheet(report, campaign, language)
    names = Names(campaign, Wording(language), report.titles)
    template = environment("bot.report", language).get_template("report.html")
    return template.render(
        sheet=written,
        language=language,
        days_partial=any(
            total.partial and total.value is not None
            for day in report.days
            for total in day.impressions.values()
        ),
        days_chart=_days_chart(report, names),
        partners_chart=_partners_chart(report, names),
    )


def _days_chart(report: Report, names: Names) -> str | None:
    """Impressions of each day and network, or None when no day was measured."""
    words = names.wording
    totals = [day.impressions for day in report.days]
    if all(total.value is None for day in totals for total in day.values()):
        return None
    series = [
        Series(
            names.network(network),
            tuple(_bar(day[network], words) for day in totals),
        )
        for network in FigureTables(report, names).networks_of_days()
    ]
    ticks = scale([bar.value for each in series for bar in each.bars]).ticks
    return by_day(
        [f"{words.weekday(day.day)} {day.day.day}" for day in report.days],
        series,
        [words.number(tick) for tick in ticks],
        words.gettext("Impressions per day and network"),
        _described(series, [words.day(day.day) for day in report.days], words),
    )


def _bar(total: Total, words: Wording) -> Bar:
    return Bar(total.value, words.number(total.value), total.partial)


def _described(series: list[Series], days: list[str], words: Wording) -> str:
    """The highest day of each network: what one sees at a glance."""
    sentences = []
    for each in series:
        known = [
            (bar.value, day, bar.text)
            for bar, day in zip(each.bars, days, strict=True)
            if bar.value is not None
        ]
        if known:
            _value, day, text = max(known)
            sentence = words.gettext("{network}: most on {day}, {number}.")
            sentences.append(sentence.format(network=each.title, day=day, number=text))
    return " ".join((*sentences, words.gettext("Every number is in the table below.")))


def _partners_chart(report: Report, names: Names) -> str | None:
    words = names.wording
    seen = [(group, group.figures["impressions"].now.value) for group in report.partners]
    rows = [
        (names.partner(group.slug), Bar(value, words.number(value)))
        for group, value in seen
        if value is not None
    ][:PARTNERS_DRAWN]
    if not rows:
        return None
    most = words.gettext("{partner}: {number} impressions, the most.").format(
        partner=rows[0][0], number=rows[0][1].text
    )
    text = f"{most} {words.gettext('Every number is in the table below.')}"
    return by_name(rows, words.gettext("Impressions per partner"), text)
