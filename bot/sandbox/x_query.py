"""What X takes in a query, and how it refuses the rest (spec 2.167)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import request

from bot.sandbox.values import SandboxPost
from bot.sandbox.x_schema import InvalidError
from bot.sandbox.x_view import x_time

FIELD_KEYS = frozenset(
    [
        "tweet.fields",
        "post.fields",
        "expansions",
        "user.fields",
        "media.fields",
        "poll.fields",
        "place.fields",
    ]
)
TIMELINE_KEYS = FIELD_KEYS | frozenset(
    ["max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id", "exclude"]
)
_NUMBER = re.compile(r"[0-9]{1,19}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z")


def only(known: frozenset[str]) -> None:
    """Refuse a query parameter that the route has not, or that is given twice."""
    for name in request.args:
        if name not in known:
            message = f"The query parameter [{name}] is not one of [{','.join(sorted(known))}]"
            raise InvalidError(name, request.args[name], message)
        if len(request.args.getlist(name)) > 1:
            raise InvalidError(name, request.args[name], f"Duplicate query parameter [{name}]")


def is_number(text: str) -> bool:
    """Whether *text* could be the number of a post or a user."""
    return _NUMBER.fullmatch(text) is not None


def checked_number(parameter: str, number: str) -> str:
    if is_number(number):
        return number
    message = f"The `{parameter}` query parameter value [{number}] is not valid"
    raise InvalidError(parameter, number, message)


def page_size() -> int:
    value = request.args.get("max_results", "10")
    if value.isdecimal() and 5 <= int(value) <= 100:
        return int(value)
    message = f"The `max_results` query parameter value [{value}] is not between 5 and 100"
    raise InvalidError("max_results", value, message)


def between(posts: Sequence[SandboxPost]) -> list[SandboxPost]:
    """Those of *posts* that the query's times, numbers and page ask for."""
    start, end = _instant("start_time"), _instant("end_time")
    since, until = _id("since_id"), _id("until_id")
    token = request.args.get("pagination_token")
    if token is not None and not re.fullmatch(r"[0-9a-f]{1,16}", token):
        raise InvalidError("pagination_token", token, f"Invalid pagination_token [{token}]")
    before = int(token, 16) if token else None
    return [
        post
        for post in posts
        if (not start or x_time(post.created_at) >= start)
        and (not end or x_time(post.created_at) < end)
        and (since is None or post.id > since)
        and (until is None or post.id < until)
        and (before is None or post.id < before)
    ]


def _instant(name: str) -> str:
    """A time of the query in the form of `x_time`, which sorts as time does; "" when not given."""
    value = request.args.get(name, "")
    if value and not _INSTANT.fullmatch(value):
        message = f"The `{name}` query parameter value [{value}] is not a valid RFC3339 date"
        raise InvalidError(name, value, message)
    if not value:
        return ""
    whole, _, fraction = value.removesuffix("Z").partition(".")
    return f"{whole}.{fraction:0<3}Z"


def _id(name: str) -> int | None:
    value = request.args.get(name)
    return None if value is None else int(checked_number(name, value))
