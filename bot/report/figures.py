"""The tables of figures: totals, days, networks, languages, partners, and where they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.metrics import COUNTERS
from bot.report.names import Names, capitalised
from bot.report.table import FIGURE_NAMES, Cell, Column, Table, figure_column
from bot.report.values import FIGURES, Change, Group, Report, Total
from bot.report.wording import MISSING, Wording


@dataclass(frozen=True, slots=True)
class FigureTables:
    """Puts the figures of *report* into the tables of the reader's language."""

    report: Report
    names: Names

    @property
    def words(self) -> Wording:
        return self.names.wording

    def totals(self) -> Table:
        _ = self.words.gettext
        rows = [self._published_row()]
        for figure in FIGURES:
            change = self.report.totals[figure]
            rows.append(
                (
                    Cell(_(FIGURE_NAMES[figure])),
                    self.total(change.now),
                    self.total(change.before),
                    Cell(self.change(change)),
                    Cell(self.words.number(change.now.measured)),
                )
            )
        columns = (
            Column(_("Figure")),
            Column(_("This week"), number=True),
            Column(self._before_title(), number=True),
            Column(_("Difference"), number=True),
            Column(_("Posts measured"), number=True),
        )
        return Table("totals", _("Totals and change"), columns, tuple(rows))

    def days(self) -> Table:
        _ = self.words.gettext
        networks = self.networks_of_days()
        rows = tuple(
            (
                Cell(self.words.day(day.day)),
                *(self.total(day.impressions[network]) for network in networks),
            )
            for day in self.report.days
        )
        columns = (
            Column(_("Day")),
            *(Column(self.names.network(network), number=True) for network in networks),
        )
        return Table(
            "days",
            _("Impressions per day"),
            columns,
            rows if networks else (),
            (
                _("Days begin and end at midnight in {city}.").format(
                    city=self.words.city(self.report.period.zone)
                ),
            ),
            _("No post was out."),
        )

    def networks_of_days(self) -> tuple[str, ...]:
        """The networks that the days have figures of, in the order of the columns."""
        return tuple(self.report.days[0].impressions) if self.report.days else ()

    def networks(self) -> Table:
        _ = self.words.gettext
        rows = self._group_rows(self.report.networks, self.names.network)
        return self._groups("networks", _("Per network"), _("Network"), rows)

    def languages(self) -> Table:
        _ = self.words.gettext
        rows = self._group_rows(self.report.languages, self.names.language)
        return self._groups("languages", _("Per language"), _("Language"), rows)

    def partners(self) -> Table:
        _ = self.words.gettext
        rows = self._group_rows(self.report.partners, self.names.partner)
        note = _("A post counts for each of its partners: the lines do not add up to the total.")
        return self._groups("partners", _("Per partner"), _("Partner"), rows, note)

    def sources(self) -> Table:
        _ = self.words.gettext
        zone = self.report.period.zone
        rows = tuple(
            (
                Cell(self.names.network(source.network)),
                Cell(source.source),
                Cell(source.api_version),
                Cell(self.words.number(source.readings)),
                Cell(self.words.instant_in(source.first, zone)),
                Cell(self.words.instant_in(source.last, zone)),
            )
            for source in self.report.sources
        )
        columns = (
            Column(_("Network")),
            Column(_("Source")),
            Column(_("API version")),
            Column(_("Readings"), number=True),
            Column(_("First reading")),
            Column(_("Last reading")),
        )
        title = _("Where the figures come from")
        return Table("sources", title, columns, rows, empty=_("No figures were read."))

    def change(self, change: Change) -> str:
        """`+4 800 (+12 %)`, without the percentage where it would mean nothing, or a dash."""
        if change.difference is None:
            return MISSING
        difference = self.words.signed(change.difference)
        if change.ratio is None:
            return difference
        return self.words.with_more(difference, self.words.percent(change.ratio))

    def published_change(self) -> Change:
        """How many posts were published, and in the week before: these are always known."""
        now, before = len(self.report.published), self.report.published_before
        return Change(Total(now, now, 0), Total(before, before, 0))

    def total(self, total: Total) -> Cell:
        """The number, and how many posts have none."""
        return Cell(self.words.number(total.value), self.without(total))

    def without(self, total: Total) -> tuple[str, ...]:
        """`1 post without figures`, or nothing."""
        if not total.without:
            return ()
        text = self.words.ngettext(
            "{n} post without figures", "{n} posts without figures", total.without
        )
        return (text,)

    def _published_row(self) -> tuple[Cell, ...]:
        change = self.published_change()
        return (
            Cell(self.words.gettext("Posts published")),
            self.total(change.now),
            self.total(change.before),
            Cell(self.change(change)),
            Cell(""),
        )

    def _before_title(self) -> str:
        if self.report.so_far:
            return self.words.gettext("Same days, week before")
        return self.words.gettext("Week before")

    def _groups(
        self,
        name: str,
        title: str,
        first: str,
        rows: tuple[tuple[Cell, ...], ...],
        *notes: str,
    ) -> Table:
        _ = self.words.gettext
        columns = [
            Column(first),
            Column(_("Posts published"), number=True, short=_("Posts")),
            figure_column(self.words, "impressions"),
            Column(_("Difference"), number=True),
        ]
        columns += [figure_column(self.words, figure) for figure in COUNTERS[1:]]
        return Table(name, title, tuple(columns), rows, notes, _("No post was out."))

    def _group_rows(
        self, groups: Iterable[Group], named: Callable[[str], str]
    ) -> tuple[tuple[Cell, ...], ...]:
        return tuple(
            (
                Cell(capitalised(named(group.slug))),
                Cell(self.words.number(group.published)),
                self.total(group.figures["impressions"].now),
                Cell(self.change(group.figures["impressions"])),
                *(self.total(group.figures[figure].now) for figure in COUNTERS[1:]),
            )
            for group in groups
        )
