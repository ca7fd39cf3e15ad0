"""Announcements are previewed and queued here: composed, judged, planned, and all of it kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.compose.languages import complete, missing
from bot.compose.lint import REQUIRED, RULES, unknown_codes
from bot.compose.repeats import Earlier
from bot.compose.rules import Rules
from bot.composer import Composer
from bot.db.store import Store
from bot.errors import ConfigError, RefusedCommand, RenderError
from bot.model import Announcement, Campaign, PlannedPost, Post, PostState, Rendering
from bot.plan import plan
from bot.preview.build import Surroundings, preview_of
from bot.preview.values import Preview, Price
from bot.words import N_, Message

#: Posts that a network shows, or may soon: what must not be said again.
_SAID = (
    PostState.QUEUED,
    PostState.SENDING,
    PostState.PUBLISHED,
    PostState.UNCERTAIN,
    PostState.HELD,
)
#: Repetitions are looked for as far as this on both sides (X's guidelines name no time).
_NEARBY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Queued:
    """What queueing an announcement did: the new posts, none if it was queued already.

    *advice* is what a person may want to look at, each with the post that it is about; *price* what
    its posts cost, None for nothing.
    """

    announcement: Announcement
    ids: tuple[int, ...] = ()
    planned: tuple[PlannedPost, ...] = ()
    advice: tuple[Message, ...] = ()
    price: Price | None = None


class Editor:
    """Previews and queues the announcements of one campaign."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: Clock,
        composer: Composer,
        rules_of: Callable[[str], Rules],
        title_of: Callable[[str], str],
    ) -> None:
        """*rules_of* and *title_of* give a network's rules and its name for people.

        Raises ConfigError when the campaign does without rules of style that there are not.
        """
        if unknown := unknown_codes(campaign.lint_off):
            raise ConfigError(
                N_("campaign.toml: `lint.off` has {unknown}, and the rules are: {known}."),
                unknown=", ".join(unknown),
                known=", ".join(RULES),
            )
        if needed := sorted(campaign.lint_off & REQUIRED):
            raise ConfigError(
                N_("campaign.toml: `lint.off` has {needed}: no campaign does without."),
                needed=", ".join(needed),
            )
        self._campaign = campaign
        self._store = store
        self._clock = clock
        self._composer = composer
        self._rules_of = rules_of
        self._title_of = title_of

    def preview(self, announcement: Announcement) -> Preview:
        """What *announcement* will look like, and what is known of it. Raises ConfigError."""
        return self._preview(announcement, (), [])

    def queue(
        self, announcements: Iterable[Announcement], languages: Collection[str] = ()
    ) -> list[Queued]:
        """Queue *announcements*, all of them or none: one post per account and language.

        With *languages*, in these only. Raises RenderError for what may not go out as it is,
        RefusedCommand for what cannot be planned.
        """
        batch: list[Queued] = []
        for announcement in announcements:
            batch.append(self._planned(announcement, languages, batch))
        added = self._store.queue.add([(one.announcement, one.planned) for one in batch])
        return [replace(one, ids=ids) for one, ids in zip(batch, added, strict=True)]

    def _planned(
        self, announcement: Announcement, languages: Collection[str], batch: Sequence[Queued]
    ) -> Queued:
        """*announcement* with its posts, none if it is queued already; *batch* goes with it."""
        if self._store.queue.is_known(announcement):
            return Queued(announcement)
        self._require_languages(announcement, languages)
        preview = self._preview(announcement, languages, batch)
        for problem in preview.errors:
            raise RenderError(problem.text, **problem.values)
        taken = self._store.queue.taken(self._campaign.slug)
        for post in (post for one in batch for post in one.planned):
            taken.setdefault(post.account, set()).add(post.due)
        posts = plan(announcement, self._campaign, _renderings(preview), taken, self._clock.now())
        if not posts:
            raise RefusedCommand(
                N_("{slug}: no account of the campaign publishes in: {languages}."),
                slug=announcement.slug,
                languages=", ".join(languages or complete(announcement, self._campaign)),
            )
        return Queued(announcement, (), posts, preview.advice, preview.price)

    def _preview(
        self, announcement: Announcement, languages: Collection[str], batch: Sequence[Queued]
    ) -> Preview:
        at = announcement.at or self._clock.now()
        around = Surroundings(
            self._campaign,
            self._rules_of,
            self._title_of,
            self._said_around(announcement, at, batch),
            at,
        )
        return preview_of(announcement, self._composer.made(announcement, languages), around)

    def _said_around(
        self, announcement: Announcement, at: datetime, batch: Sequence[Queued]
    ) -> dict[str, list[Earlier]]:
        """The posts near *at* that *announcement* must not repeat, by network; those of *batch*
        among them, which have no number yet and are named after their announcement."""
        said: list[tuple[str, int | str, Post | PlannedPost]] = [
            *(
                (post.announcement, post.id, post)
                for post in self._store.queue.posts(self._campaign.slug, states=_SAID)
            ),
            *(
                (one.announcement.slug, one.announcement.slug, post)
                for one in batch
                for post in one.planned
            ),
        ]
        zone = ZoneInfo(self._campaign.zone)
        found: dict[str, list[Earlier]] = {}
        for slug, name, post in said:
            if slug != announcement.slug and abs(post.due - at) <= _NEARBY:
                due = post.due.astimezone(zone)
                one = Earlier(name, post.account, post.language, post.text, due)
                found.setdefault(post.network, []).append(one)
        return found

    def _require_languages(self, announcement: Announcement, languages: Collection[str]) -> None:
        """Raises RefusedCommand when a language is not written that nobody said to leave out."""
        wanted = [one for one in missing(announcement, self._campaign) if not languages]
        wanted += [one for one in languages if one in missing(announcement, self._campaign)]
        if wanted:
            have = [one for one in self._campaign.languages if one not in wanted]
            raise RefusedCommand(
                N_(
                    "{slug} is not written yet in: {missing}. Write it, or queue the languages "
                    "that are there: --only {have}"
                ),
                slug=announcement.slug,
                missing=", ".join(wanted),
                have=",".join(have) or "…",
            )


def _renderings(preview: Preview) -> dict[tuple[str, str], Rendering]:
    return {
        (account.slug, sheet.language): sheet.rendering
        for sheet in preview.sheets
        if sheet.rendering
        for account in sheet.accounts
    }
