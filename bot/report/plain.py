"""The report as plain data, for JSON: instants in ISO 8601 and UTC, missing figures as null."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.model import Post
from bot.report.values import (
    Change,
    Day,
    Group,
    Planned,
    PostFigures,
    Report,
    Source,
    Total,
)


def as_json(report: Report) -> dict[str, Any]:
    """*report* as dictionaries, lists, texts, numbers and None, ready for `json.dumps`."""
    period = report.period
    return {
        "campaign": report.campaign,
        "week": period.name,
        "zone": period.zone,
        "start": _instant(period.start),
        "end": _instant(period.end),
        "made_at": _instant(report.made_at),
        "cut": _instant(report.cut),
        "so_far": report.so_far,
        "posts": report.posts,
        "published_before": report.published_before,
        "totals": _changes(report.totals),
        "published": [_figures(each) for each in report.published],
        "misses": [_post(post) for post in report.misses],
        "networks": [_group(group) for group in report.networks],
        "languages": [_group(group) for group in report.languages],
        "partners": [_group(group) for group in report.partners],
        "best": [_figures(each) for each in report.best],
        "days": [_day(day) for day in report.days],
        "planned": [_planned(each) for each in report.planned],
        "sources": [_source(source) for source in report.sources],
    }


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _post(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "announcement": post.announcement,
        "kind": post.kind,
        "partners": list(post.partners),
        "account": post.account,
        "network": post.network,
        "language": post.language,
        "text": post.text,
        "state": post.state.value,
        "due": _instant(post.due),
        "published_at": _instant(post.published_at),
        "url": post.url,
    }


def _figures(measured: PostFigures) -> dict[str, Any]:
    return {
        **_post(measured.post),
        "figures": dict(measured.growth),
        "read_at": _instant(measured.read_at),
    }


def _total(total: Total) -> dict[str, int | None]:
    return {"value": total.value, "measured": total.measured, "without": total.without}


def _changes(changes: Mapping[str, Change]) -> dict[str, Any]:
    return {
        figure: {
            **_total(change.now),
            "before": _total(change.before),
            "difference": change.difference,
            "ratio": change.ratio,
        }
        for figure, change in changes.items()
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "slug": group.slug,
        "published": group.published,
        "figures": _changes(group.figures),
    }


def _day(day: Day) -> dict[str, Any]:
    impressions = {network: _total(total) for network, total in day.impressions.items()}
    return {"day": day.day.isoformat(), "over": day.over, "impressions": impressions}


def _planned(planned: Planned) -> dict[str, Any]:
    return {
        "announcement": planned.announcement,
        "posts": [_post(post) for post in planned.posts],
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "network": source.network,
        "source": source.source,
        "api_version": source.api_version,
        "readings": source.readings,
        "first": _instant(source.first),
        "last": _instant(source.last),
    }
