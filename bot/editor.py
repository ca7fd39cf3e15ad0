"""Announcements are previewed and queued here: composed, judged, planned, and all of it kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.changes import Change, changeable, place, shifted, steps
from bot.clock import Clock
from bot.compose.languages import complete, missing
from bot.compose.lint import REQUIRED, RULES, unknown_codes
from bot.compose.repeats import Earlier
from bot.compose.rules import Rules
from bot.composer import Composer
from bot.db.queue import SlotTakenError
from bot.db.store import Store
from bot.errors import ConfigError, RefusedCommand, RenderError
from bot.model import Announcement, Campaign, PlannedPost, Post, PostState, Rendering
from bot.plan import both_zones, plan, require_in_time
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
#: How often slots are chosen anew when others, queueing at the same moment, were quicker.
_TRIES = 10


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


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that a person is shown before `Store.queue.change` writes it; as for `Queued`."""

    change: Change
    advice: tuple[Message, ...] = ()
    price: Price | None = None


class Editor:
    """Previews, queues and changes the announcements of one campaign."""

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
        wanted = list(announcements)
        for _try in range(_TRIES):
            batch: list[Queued] = []
            for announcement in wanted:
                batch.append(self._planned(announcement, languages, batch))
            with suppress(SlotTakenError):
                added = self._store.queue.add([(one.announcement, one.planned) for one in batch])
                return [replace(one, ids=ids) for one, ids in zip(batch, added, strict=True)]
        raise RefusedCommand(
            N_(
                "Others are queueing announcements at this very moment. Nothing was queued: "
                "try again."
            )
        )

    def change(
        self,
        announcement: Announcement,
        languages: Collection[str] = (),
        *,
        remaining: bool = False,
        keeps_hour: bool = False,
    ) -> Proposal:
        """What becomes of the posts of the announcement that has its name, when this one is it.

        With *languages*, of those in these only; with *remaining*, of those that have not begun.
        A post keeps its time unless the hour was changed; with *keeps_hour* it was not, whatever
        *announcement* says. Raises as `queue` does, and RefusedCommand when something has begun.
        """
        known = self._known(announcement.slug)
        if keeps_hour:
            announcement = replace(announcement, at=self._hour_of(announcement.slug))
        mine = [post for post in known if not languages or post.language in languages]
        alive = [post for post in mine if post.state != PostState.CANCELLED]
        left = changeable(announcement.slug, alive, remaining=remaining)
        preview = self._judged(announcement, languages, ())
        begun = {place(post) for post in alive if post not in left}
        renderings = {
            where: made for where, made in _renderings(preview).items() if where not in begun
        }
        planned = plan(
            announcement,
            self._campaign,
            renderings,
            self._store.queue.taken(self._campaign.slug, without=announcement.slug),
            self._clock.now(),
            {} if self._has_another_hour(announcement) else {place(p): p.due for p in left},
        )
        if not (planned or begun):
            raise self._no_account(announcement, languages)
        cancelled = [post for post in mine if post.state == PostState.CANCELLED]
        change = Change(
            announcement.slug,
            self._campaign.slug,
            announcement,
            _seen(known),
            steps(left, planned, cancelled),
        )
        return Proposal(change, preview.advice, preview.price)

    def move(self, slug: str, at: datetime, only: Post | None, *, remaining: bool) -> Proposal:
        """What becomes of the posts of the announcement *slug* when the first of them is due *at*
        and the others are as far from it as they are now.

        With *only*, of this post and its thread; with *remaining*, of those that have not begun.
        Raises RefusedCommand.
        """
        known = self._known(slug)
        alive = [post for post in known if post.state != PostState.CANCELLED]
        mine = [post for post in alive if only is None or place(post) == place(only)]
        left = changeable(slug, mine, remaining=remaining)
        if not left:
            raise RefusedCommand(N_("Nothing of {slug} is left that could be moved."), slug=slug)
        if at < self._clock.now():
            raise RefusedCommand(
                N_("{at} has passed. Give a later hour."), at=both_zones(at, self._campaign.zones)
            )
        planned = shifted(left, at)
        require_in_time(slug, planned, self._campaign)
        change = Change(slug, self._campaign.slug, None, _seen(known), steps(left, planned))
        return Proposal(change, tuple(self._clashes(slug, planned)))

    def _known(self, slug: str) -> list[Post]:
        """The posts of the announcement *slug*. Raises RefusedCommand if none is alive."""
        posts = self._store.queue.of(self._campaign.slug, slug)
        if not _seen(posts):
            raise RefusedCommand(
                N_("There is no announcement {name} in the queue. See: pavois queue list --all"),
                name=slug,
            )
        return posts

    def _has_another_hour(self, announcement: Announcement) -> bool:
        return self._hour_of(announcement.slug) != announcement.at

    def _hour_of(self, slug: str) -> datetime | None:
        """The hour that the announcement *slug* was queued or changed with; None: a slot."""
        said = self._store.queue.content(self._campaign.slug, slug).get("at")
        return datetime.fromisoformat(said) if said else None

    def _clashes(self, slug: str, planned: Iterable[PlannedPost]) -> Iterator[Message]:
        """Which of *planned* another post of the same account is due with."""
        taken = self._store.queue.taken(self._campaign.slug, without=slug)
        for post in planned:
            if post.part == 0 and post.due in taken.get(post.account, ()):
                yield Message(
                    N_("{account} has another post at that time: {at}"),
                    {"account": post.account, "at": both_zones(post.due, self._campaign.zones)},
                )

    def _planned(
        self, announcement: Announcement, languages: Collection[str], batch: Sequence[Queued]
    ) -> Queued:
        """*announcement* with its posts, none if it is queued already; *batch* goes with it."""
        if self._store.queue.is_known(announcement):
            return Queued(announcement)
        preview = self._judged(announcement, languages, batch)
        taken = self._store.queue.taken(self._campaign.slug)
        for post in (post for one in batch for post in one.planned):
            taken.setdefault(post.account, set()).add(post.due)
        posts = plan(announcement, self._campaign, _renderings(preview), taken, self._clock.now())
        if not posts:
            raise self._no_account(announcement, languages)
        return Queued(announcement, (), posts, preview.advice, preview.price)

    def _no_account(self, announcement: Announcement, languages: Collection[str]) -> RefusedCommand:
        return RefusedCommand(
            N_("{slug}: no account of the campaign publishes in: {languages}."),
            slug=announcement.slug,
            languages=", ".join(languages or complete(announcement, self._campaign)),
        )

    def _judged(
        self, announcement: Announcement, languages: Collection[str], batch: Sequence[Queued]
    ) -> Preview:
        """The preview of *announcement*, which may be queued as it is. Raises RenderError, and
        RefusedCommand for a language that is not written."""
        self._require_languages(announcement, languages)
        preview = self._preview(announcement, languages, batch)
        for problem in preview.errors:
            raise RenderError(problem.text, **problem.values)
        return preview

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


def _seen(posts: Iterable[Post]) -> frozenset[int]:
    return frozenset(post.id for post in posts if post.state != PostState.CANCELLED)


def _renderings(preview: Preview) -> dict[tuple[str, str], Rendering]:
    return {
        (account.slug, sheet.language): sheet.rendering
        for sheet in preview.sheets
        if sheet.rendering
        for account in sheet.accounts
    }
