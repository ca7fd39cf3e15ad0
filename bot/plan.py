"""From an announcement's renderings to posts with due times: pure.

One post per account and language. An announcement with an hour goes out at that hour everywhere,
the languages of one account a few minutes apart; one without takes each account's next free slot.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.attached import NOTHING_ATTACHED
from bot.errors import RefusedCommand
from bot.model import Account, Announcement, Campaign, PlannedPost, Rendering
from bot.words import N_, locale_of, spoken


def plan(
    announcement: Announcement,
    campaign: Campaign,
    renderings: Mapping[tuple[str, str], Rendering],
    taken: Mapping[str, Collection[datetime]],
    now: datetime,
    kept: Mapping[tuple[str, str], datetime] = MappingProxyType({}),
) -> tuple[PlannedPost, ...]:
    """The posts of *announcement*, by due time.

    *renderings* are by account and language: where there is none, no post is made. A thread's are
    due at once, in their order. *taken* are the due times that each account has already; *kept*,
    by account and language, those of this announcement that stay as they are.
    Raises RefusedCommand when the hour has passed or lies after the end of its validity.
    """
    posts: list[PlannedPost] = []
    for account in campaign.accounts.values():
        found = [renderings.get((account.slug, language)) for language in account.languages]
        made = [rendering for rendering in found if rendering is not None]
        stays = {language: due for (slug, language), due in kept.items() if slug == account.slug}
        busy = taken.get(account.slug, ())
        first = partial(_first, announcement, account, campaign, busy, now)
        languages = [rendering.language for rendering in made]
        due_times = _due_times(languages, campaign.spacing_minutes, stays, first)
        in_slot = announcement.at is None and not stays
        for rendering, due in zip(made, due_times, strict=True):
            posts += _posts(announcement, account, rendering, due, in_slot and due == due_times[0])
    require_in_time(announcement.slug, posts, campaign)
    return tuple(sorted(posts, key=lambda post: post.due))


def require_in_time(slug: str, posts: Iterable[PlannedPost], campaign: Campaign) -> None:
    """Raises RefusedCommand when one of *posts* is due after it may go out."""
    for post in posts:
        if post.valid_until and post.due > post.valid_until:
            raise RefusedCommand(
                N_("{slug}: {account} would publish it at {due}, after the end of its validity."),
                slug=slug,
                account=post.account,
                due=both_zones(post.due, campaign.zones),
            )
        _require_shown_in_time(slug, post, campaign.zone)


def _require_shown_in_time(slug: str, post: PlannedPost, zone: str) -> None:
    """Raises RefusedCommand for a file that may not be shown any more when *post* is due."""
    day = post.due.astimezone(ZoneInfo(zone)).date()
    for file in post.attached.files:
        if file.expires and file.expires < day:
            raise RefusedCommand(
                N_(
                    "{slug}: {file} may be shown until {expires}, and {account} would publish it "
                    "on {day}. Take another picture, or an earlier day."
                ),
                slug=slug,
                file=file.name,
                expires=file.expires.isoformat(),
                account=post.account,
                day=day.isoformat(),
            )


def local_instant(local: datetime, zone: str) -> datetime | None:
    """The instant (UTC) of a naive *local* time; None where clocks skip it or show it twice."""
    instants = {local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    instant = min(instants)
    exists = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
    return instant if exists and len(instants) == 1 else None


def both_zones(instant: datetime, zones: Collection[str]) -> str:
    """*instant* in each of *zones*: "2023-03-01 10:00 Paris · 18:00 Seoul"."""
    shown: list[str] = []
    day = None
    for zone in zones:
        local = instant.astimezone(ZoneInfo(zone))
        form = "%H:%M" if local.date() == day else "%Y-%m-%d %H:%M"
        shown.append(f"{local.strftime(form)} {_city(zone)}")
        day = day or local.date()
    return " · ".join(shown)


def _city(zone: str) -> str:
    """The city that *zone* is named after, in the reader's language: `Séoul`."""
    from babel import Locale

    known = Locale.parse(locale_of(spoken())).time_zones.get(zone, {})
    return str(known.get("city", zone.rpartition("/")[2].replace("_", " ")))


def _posts(
    announcement: Announcement,
    account: Account,
    rendering: Rendering,
    due: datetime,
    in_slot: bool,
) -> Iterator[PlannedPost]:
    """The post of *rendering*, and those that follow it in its thread, which are texts alone."""
    for part, text in enumerate((rendering.text, *rendering.rest)):
        yield PlannedPost(
            account=account.slug,
            network=account.network,
            language=rendering.language,
            text=text,
            due=due,
            valid_until=announcement.valid_until,
            attached=NOTHING_ATTACHED if part else rendering.attached,
            part=part,
            in_slot=in_slot,
        )


def _due_times(
    languages: Sequence[str],
    spacing_minutes: int,
    stays: Mapping[str, datetime],
    first: Callable[[], datetime],
) -> list[datetime]:
    """When one account publishes in each of *languages*, those that have their time as it is."""
    if not languages:
        return []
    spacing = timedelta(minutes=spacing_minutes)
    places = enumerate(languages)
    known = (stays[one] - place * spacing for place, one in places if one in stays)
    begins = next(known, None) or first()
    return [stays.get(one, begins + place * spacing) for place, one in enumerate(languages)]


def _first(
    announcement: Announcement,
    account: Account,
    campaign: Campaign,
    taken: Collection[datetime],
    now: datetime,
) -> datetime:
    """When *account* publishes the first of *announcement*: at its hour, or in a free slot."""
    if announcement.at is None:
        return next(slot for slot in _slots(account, now) if slot not in taken)
    if announcement.at < now:
        raise RefusedCommand(
            N_("{slug}: its hour ({at}) has passed. Give a later one, or leave `at` out."),
            slug=announcement.slug,
            at=both_zones(announcement.at, campaign.zones),
        )
    return announcement.at


def _slots(account: Account, now: datetime) -> Iterator[datetime]:
    """The account's slots after *now*, for ever; those that a clock change skips are left out."""
    day: date = now.astimezone(ZoneInfo(account.zone)).date()
    while True:
        for slot in sorted(account.slots or (time(9),)):
            instant = local_instant(datetime.combine(day, slot), account.zone)
            if instant and instant > now:
                yield instant
        day += timedelta(days=1)
