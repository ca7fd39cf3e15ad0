"""The report in words, before it takes a form: a summary, four cards, the tables, the method.

Every form shows this, so the same numbers stand in each.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Campaign
from bot.report.figures import FigureTables
from bot.report.growth import NEAR
from bot.report.names import Names
from bot.report.posts import PostTables
from bot.report.table import Cell, Table
from bot.report.values import ENGAGEMENT, FOLLOWED, POSTS_FOR_A_PERCENTAGE, Change, Report
from bot.report.wording import MISSING, Wording


@dataclass(frozen=True, slots=True)
class Card:
    """One of the four answers: a number, what it counts, and what must be known of it."""

    label: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole report in the reader's language; *tables* in the order in which they are read."""

    title: str
    campaign: str
    hashtag: str
    flags: str
    week: str
    made: str
    summary: tuple[str, ...]
    cards: tuple[Card, ...]
    tables: tuple[Table, ...]
    method_title: str
    method: tuple[str, ...]

    def table(self, name: str) -> Table:
        """The table of that name."""
        return next(table for table in self.tables if table.name == name)


def sheet(report: Report, campaign: Campaign, language: str) -> Sheet:
    """*report* in *language* (fr, ko, en). Raises RefusedCommand for another language."""
    return _Writer(report, Names(campaign, Wording(language), report.titles)).sheet()


@dataclass(frozen=True, slots=True)
class _Writer:
    report: Report
    names: Names

    def sheet(self) -> Sheet:
        _ = self.words.gettext
        return Sheet(
            title=_("Weekly visibility report"),
            campaign=self.names.title,
            hashtag=self.names.hashtag,
            flags=self.names.flags,
            week=self._week(),
            made=self._made(),
            summary=self._summary(),
            cards=self._cards(),
            tables=self._tables(),
            method_title=_("How the figures were made"),
            method=self._method(),
        )

    @property
    def words(self) -> Wording:
        return self.names.wording

    @property
    def figures(self) -> FigureTables:
        return FigureTables(self.report, self.names)

    def _tables(self) -> tuple[Table, ...]:
        figures, posts = self.figures, PostTables(self.report, self.names)
        return (
            posts.best(),
            posts.planned(),
            posts.misses(),
            figures.totals(),
            figures.days(),
            figures.networks(),
            figures.languages(),
            figures.partners(),
            posts.published(),
            figures.sources(),
        )

    def _week(self) -> str:
        days = self.report.period.days
        return self.words.span(days[0], days[-1])

    def _made(self) -> str:
        _ = self.words.gettext
        zone = self.report.period.zone
        made = _("Made on {instant}.").format(
            instant=self.words.instant_in(self.report.made_at, zone)
        )
        if not self.report.so_far:
            return made
        return " ".join((made, _("The week is not over: the figures go as far as this.")))

    def _summary(self) -> tuple[str, ...]:
        return (self._what_happened(), self._what_was_seen())

    def _what_happened(self) -> str:
        _ = self.words.gettext
        posts = [each.post for each in self.report.published]
        if not posts:
            return _("Nothing was published this week.")
        languages = sorted({self.names.language(post.language) for post in posts})
        networks = sorted({self.names.network(post.network) for post in posts})
        return self.words.ngettext(
            "{n} post was published, on {networks}, in {languages}.",
            "{n} posts were published, on {networks}, in {languages}.",
            len(posts),
        ).format(networks=self.words.listed(networks), languages=self.words.listed(languages))

    def _what_was_seen(self) -> str:
        _ = self.words.gettext
        change = self.report.totals["impressions"]
        if change.now.value is None:
            return _("How often the campaign’s posts were seen is not known: no figures were read.")
        compared = self._compared(change)
        if not compared:
            return self.words.ngettext(
                "The campaign’s posts were displayed {n} time.",
                "The campaign’s posts were displayed {n} times.",
                change.now.value,
            )
        return self.words.ngettext(
            "The campaign’s posts were displayed {n} time: {change}.",
            "The campaign’s posts were displayed {n} times: {change}.",
            change.now.value,
        ).format(change=compared[0])

    def _cards(self) -> tuple[Card, ...]:
        _ = self.words.gettext
        published = self.figures.published_change()
        return (
            Card(
                _("Posts published"),
                Cell(
                    self.words.number(published.now.value),
                    (*self._compared(published), *self._missed()),
                ),
            ),
            self._figure_card(_("Impressions"), "impressions"),
            self._figure_card(_("Reactions, comments and shares"), ENGAGEMENT),
            self._next_card(),
        )

    def _figure_card(self, label: str, figure: str) -> Card:
        change = self.report.totals[figure]
        notes = [*self._compared(change)]
        if change.now.measured:
            notes.append(
                self.words.ngettext("{n} post measured", "{n} posts measured", change.now.measured)
            )
        notes += self.figures.without(change.now)
        return Card(label, Cell(self.words.number(change.now.value), tuple(notes)))

    def _next_card(self) -> Card:
        planned = self.report.planned
        label = self.words.gettext("Announcements to come")
        number = self.words.number(len(planned))
        if not planned:
            return Card(label, Cell(number, (self.words.gettext("Nothing is queued."),)))
        first = self.words.gettext("First: {instant}").format(
            instant=self.words.instant_in(planned[0].posts[0].due, self.report.period.zone)
        )
        posts = sum(len(each.posts) for each in planned)
        queued = self.words.ngettext("{n} post queued", "{n} posts queued", posts)
        return Card(label, Cell(number, (first, queued)))

    def _missed(self) -> tuple[str, ...]:
        missed = len(self.report.misses)
        text = self.words.ngettext("{n} post did not go out", "{n} posts did not go out", missed)
        return (text,) if missed else ()

    def _compared(self, change: Change) -> tuple[str, ...]:
        """`+4 800 (+12 %) on the week before`, or nothing."""
        _ = self.words.gettext
        text = self.figures.change(change)
        if text == MISSING:
            return ()
        if self.report.so_far:
            return (_("{change} on the same days of the week before").format(change=text),)
        return (_("{change} on the week before").format(change=text),)

    def _method(self) -> tuple[str, ...]:
        _ = self.words.gettext
        return (
            _(
                "A figure is what posts gained from Monday 00:00 to the next Monday 00:00 in"
                " {city}, whenever they were published: the reading at the end less the reading"
                " at the start."
            ).format(city=self.words.city(self.report.period.zone)),
            _(
                "A reading counts when it was taken within {hours} hours of that moment."
                " Otherwise the figure is missing: it is shown as a dash and never counted as"
                " zero. Totals add up the posts that were measured."
            ).format(hours=NEAR.seconds // 3600),
            _(
                "An impression is one display of a post, as the network counts it. It is not a"
                " number of people, and followers are never added up."
            ),
            _(
                "Engagement is reactions, comments and shares together. A figure can fall: people"
                " take reactions back, and networks correct their counts."
            ),
            _(
                "A percentage is given when at least {posts} posts were measured in both weeks"
                " and at most one in ten lacks figures."
            ).format(posts=POSTS_FOR_A_PERCENTAGE),
            _(
                "A post older than {days} days that is no longer read is left out of the figures."
            ).format(days=FOLLOWED.days),
        )
