"""The tables of posts: the best, those published, those that were not, and those to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Post, PostState
from bot.report.names import Names
from bot.report.table import Cell, Column, Table, figure_column
from bot.report.values import ENGAGEMENT, Planned, PostFigures, Report
from bot.report.wording import MISSING, Wording
from bot.words import N_

_MISSED: Mapping[PostState, str] = {
    PostState.FAILED: N_("Failed: the network refused it, or every attempt was in vain."),
    PostState.EXPIRED: N_("Expired: it was no longer true when it could have gone out."),
    PostState.HELD: N_("Held: its account waits for somebody to act."),
    PostState.UNCERTAIN: N_("Uncertain: it may be out; somebody must look."),
    PostState.QUEUED: N_("Late: it has not gone out yet."),
    PostState.SENDING: N_("Late: it has not gone out yet."),
}

_CITED = 110
_CITED_BEST = 200


@dataclass(frozen=True, slots=True)
class PostTables:
    """Puts the posts of *report* into the tables of the reader's language."""

    report: Report
    names: Names

    @property
    def words(self) -> Wording:
        return self.names.wording

    def best(self) -> Table:
        _ = self.words.gettext
        rows = tuple(
            (
                self._post(each.post, _CITED_BEST, f"{self._when(each)} · {self._parts(each)}"),
                Cell(self.words.number(each.growth[ENGAGEMENT])),
                Cell(self.words.number(each.growth["impressions"])),
            )
            for each in self.report.best
        )
        columns = (
            Column(_("Post")),
            figure_column(self.words, ENGAGEMENT),
            figure_column(self.words, "impressions"),
        )
        return Table(
            "best", _("Best posts"), columns, rows, empty=_("No post had measured engagement.")
        )

    def published(self) -> Table:
        _ = self.words.gettext
        columns = (
            Column(_("Published on")),
            Column(_("Post")),
            figure_column(self.words, "impressions"),
            figure_column(self.words, ENGAGEMENT),
            Column(_("Figures read")),
        )
        rows = tuple(self._published(each) for each in self.report.published)
        title = _("Published this week")
        return Table("published", title, columns, rows, empty=_("Nothing was published."))

    def misses(self) -> Table:
        _ = self.words.gettext
        rows = tuple(
            (self._times(post.due), self._post(post, _CITED), Cell(_(_MISSED[post.state])))
            for post in self.report.misses
        )
        columns = (Column(_("Was due")), Column(_("Post")), Column(_("What happened")))
        empty = _("Nothing: every post due this week went out.")
        return Table("misses", _("What did not go out"), columns, rows, empty=empty)

    def planned(self) -> Table:
        _ = self.words.gettext
        columns = (
            Column(_("First post")),
            Column(_("Announcement")),
            Column(_("Networks and languages")),
        )
        rows = tuple(self._planned(each) for each in self.report.planned)
        title = _("What comes next")
        return Table("planned", title, columns, rows, empty=_("Nothing is queued."))

    def _published(self, each: PostFigures) -> tuple[Cell, ...]:
        read_at = each.read_at
        read = self.words.instant_in(read_at, self.report.period.zone) if read_at else MISSING
        return (
            self._times(each.post.published_at or each.post.due),
            self._post(each.post, _CITED),
            Cell(self.words.number(each.growth["impressions"])),
            Cell(self.words.number(each.growth[ENGAGEMENT])),
            Cell(read),
        )

    def _planned(self, planned: Planned) -> tuple[Cell, ...]:
        posts = planned.posts
        own = [post for post in posts if post.language == self.words.language]
        shown = (own or posts)[0]
        text = self.names.cited(shown, _CITED)
        return (
            self._times(posts[0].due),
            Cell(text, self._about(shown), language=shown.language),
            Cell(self._where(posts)),
        )

    def _where(self, posts: Sequence[Post]) -> str:
        """`LinkedIn (French, Korean) · X (French)`."""
        languages: dict[str, dict[str, None]] = {}
        for post in posts:
            languages.setdefault(post.network, {})[self.names.language(post.language)] = None
        return " · ".join(
            self.words.with_more(self.names.network(network), ", ".join(found))
            for network, found in sorted(languages.items())
        )

    def _times(self, instant: datetime) -> Cell:
        first, *others = self.words.instants(instant, self._zones)
        return Cell(first, tuple(others))

    @property
    def _zones(self) -> tuple[str, ...]:
        """The zone of the report's week first, then the campaign's others."""
        return tuple(dict.fromkeys((self.report.period.zone, *self.names.campaign.zones)))

    def _post(self, post: Post, longest: int, *notes: str) -> Cell:
        where = (
            self.names.network(post.network),
            self.names.account(post.account),
            self.names.language(post.language),
        )
        text = self.names.cited(post, longest)
        notes = (" · ".join(where), *self._about(post), *notes)
        link = post.url if post.url.startswith(("https://", "http://", "file://")) else ""
        return Cell(text, notes, link, post.language)

    def _about(self, post: Post) -> tuple[str, ...]:
        """The kind and the partners, on one line."""
        partners = sorted(self.names.partner(slug) for slug in post.partners)
        return (" · ".join((self.names.kind(post.kind), *partners)),)

    def _parts(self, each: PostFigures) -> str:
        """`120 reactions, 14 comments, 9 shares`, of which the engagement is the sum."""
        reactions, comments, shares = (
            each.growth[part] or 0 for part in ("reactions", "comments", "shares")
        )
        return ", ".join(
            (
                self.words.ngettext("{n} reaction", "{n} reactions", reactions),
                self.words.ngettext("{n} comment", "{n} comments", comments),
                self.words.ngettext("{n} share", "{n} shares", shares),
            )
        )

    def _when(self, each: PostFigures) -> str:
        instant = each.post.published_at or each.post.due
        return self.words.instant_in(instant, self.report.period.zone)
