"""From an announcement's renderings to posts with due times: pure.

One post per account and language. An announcement with an hour goes out at that hour everywhere,
the languages of one account a few minutes apart; one without takes each account's next free slot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
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
) -> tuple[PlannedPost, ...]:
    """The posts of *announcement*, by due time.

    *renderings* are by account and language: where there is none, no post is made. A thread's are
    due at once, in their order. *taken* are the due times that each account has already.
    Raises RefusedCommand when the hour has passed or lies after the end of its validity.
    """
    if announcement.at and announcement.at < now:
        raise RefusedCommand(
            N_("{slug}: its hour ({at}) has passed. Give a later one, or leave `at` out."),
            slug=announcement.slug,
            at=both_zones(announcement.at, campaign.zones),
        )
    posts = [
        post
        for account in campaign.accounts.values()
        for rendering, due in _due_times(
            announcement, account, campaign, renderings, taken.get(account.slug, ()), now
        )
        for post in _posts(announcement, account, rendering, due)
    ]
    for post in posts:
        if post.valid_until and post.due > post.valid_until:
            raise RefusedCommand(
                N_("{slug}: {account} would publish it at {due}, after the end of its validity."),
                slug=announcement.slug,
                account=post.account,
                due=both_zones(post.due, campaign.zones),
            )
        _require_shown_in_time(announcement, post, campaign.zone)
    return tuple(sorted(posts, key=lambda post: post.due))


def _require_shown_in_time(announcement: Announcement, post: PlannedPost, zone: str) -> None:
    """Raises RefusedCommand for a file that may not be shown any more when *post* is due."""
    day = post.due.astimezone(ZoneInfo(zone)).date()
    for file in post.attached.files:
        if file.expires and file.expires < day:
            raise RefusedCommand(
                N_(
                    "{slug}: {file} may be shown until {expires}, and {account} would publish it "
                    "on {day}. Take another picture, or an earlier day."
                ),
                slug=announcement.slug,
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
    announcement: Announcement, account: Account, rendering: Rendering, due: datetime
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
        )


def _due_times(
    announcement: Announcement,
    account: Account,
    campaign: Campaign,
    renderings: Mapping[tuple[str, str], Rendering],
    taken: Collection[datetime],
    now: datetime,
) -> Iterator[tuple[Rendering, datetime]]:
    first = announcement.at or next(slot for slot in _slots(account, now) if slot not in taken)
    made = [renderings.get((account.slug, language)) for language in account.languages]
    for index, rendering in enumerate(one for one in made if one is not None):
        yield rendering, first + index * timedelta(minutes=campaign.spacing_minutes)


def _slots(account: Account, now: datetime) -> Iterator[datetime]:
    """The account's slots after *now*, for ever; those that a clock change skips are left out."""
    day: date = now.astimezone(ZoneInfo(account.zone)).date()
    while True:
        for slot in sorted(account.slots or (time(9),)):
            instant = local_instant(datetime.combine(day, slot), account.zone)
            if instant and instant > now:
                yield instant
        day += timedelta(days=1)
