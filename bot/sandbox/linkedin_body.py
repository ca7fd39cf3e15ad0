"""The body of a LinkedIn post: what is refused coming in, and how it is shown going out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from flask import Response

from bot.sandbox import linkedin_answers as answers
from bot.sandbox.engagement import Counters
from bot.sandbox.little_text import utf16_units
from bot.sandbox.values import SandboxPost, to_ms

LIMIT = 3000
VISIBILITIES = frozenset({"PUBLIC", "CONNECTIONS", "LOGGED_IN", "CONTAINER"})
FEEDS = frozenset({"MAIN_FEED", "NONE"})


def refusal_of(body: Mapping[str, object]) -> Response | None:
    """Why LinkedIn does not take *body*, whatever it says and shows (LinkedIn docs "Posts API")."""
    for field in ("commentary", "visibility", "distribution", "lifecycleState"):
        if body.get(field) is None:
            return answers.missing_field(field)
    distribution = body["distribution"]
    feed = distribution.get("feedDistribution") if isinstance(distribution, dict) else None
    for field, value, known in (
        ("visibility", body["visibility"], VISIBILITIES),
        ("lifecycleState", body["lifecycleState"], frozenset({"PUBLISHED"})),
        ("distribution/feedDistribution", feed, FEEDS),
    ):
        if value not in known:
            message = f"{field} does not have a valid value"
            return answers.bad_field(field, "INVALID_VALUE_FOR_FIELD", message)
    return None


def text_refusal(body: Mapping[str, object]) -> Response | None:
    """Why LinkedIn does not take the commentary, or None."""
    commentary = body["commentary"]
    if not isinstance(commentary, str):
        message = "commentary must be a string"
        return answers.bad_field("commentary", "INVALID_VALUE_FOR_FIELD", message)
    if not commentary and "content" not in body:
        message = "commentary must not be blank"
        return answers.bad_field("commentary", "INVALID_VALUE_BLANK_FIELD", message)
    # Whether escapes count is not known: counting them is the stricter reading.
    units = utf16_units(commentary)
    return answers.too_long(units, LIMIT) if units > LIMIT else None


#: What can be changed of a post that is out (LinkedIn docs "Posts API").
CHANGEABLE = frozenset(
    {"commentary", "contentCallToActionLabel", "contentLandingPage", "lifecycleState", "adContext"}
)


def change_in(body: object) -> Mapping[str, object]:
    """What a partial update sets; nothing for a body that is none."""
    patch = body.get("patch") if isinstance(body, dict) else None
    change = patch.get("$set") if isinstance(patch, dict) else None
    return change if isinstance(change, dict) else {}


def update_refusal(change: Mapping[str, object], post: SandboxPost) -> Response | None:
    """Why LinkedIn does not take *change* as a partial update of *post*."""
    if not change:
        return answers.missing_field("patch/$set")
    for field in change:
        if field not in CHANGEABLE:
            message = f"{field} can not be updated"
            return answers.bad_field(field, "INVALID_VALUE_FOR_FIELD", message)
    if "commentary" not in change:
        return None
    shown = {"content": post.content} if post.content else {}
    return text_refusal({"commentary": change["commentary"], **shown})


def view_of(post: SandboxPost, author: str) -> dict[str, object]:
    """The post as LinkedIn gives it back: its commentary in little text (recorded 2023-03)."""
    created = to_ms(post.created_at)
    changed = to_ms(post.edited_at) if post.edited_at else created
    shown: dict[str, object] = {
        "isReshareDisabledByAuthor": False,
        "createdAt": created,
        "lifecycleState": "PUBLISHED",
        "lastModifiedAt": changed,
        "visibility": "PUBLIC",
        "publishedAt": created,
        "author": author,
        "id": post.urn,
        "distribution": {"feedDistribution": "MAIN_FEED", "thirdPartyDistributionChannels": []},
        "commentary": post.stored,
        "lifecycleStateInfo": {"isEditedByAuthor": post.edited_at is not None},
    }
    return shown | ({"content": json.loads(post.content)} if post.content else {})


def statistics(counted: Counters) -> dict[str, int | float]:
    """`totalShareStatistics`; engagement by the formula that the recorded sample bears out."""
    done = counted.clicks + counted.reactions + counted.comments + counted.shares
    return {
        "uniqueImpressionsCount": counted.unique_impressions,
        "shareCount": counted.shares,
        "engagement": done / counted.impressions if counted.impressions else 0.0,
        "clickCount": counted.clicks,
        "likeCount": counted.reactions,
        "impressionCount": counted.impressions,
        "commentCount": counted.comments,
    }


def summed(counters: Iterable[Counters]) -> Counters:
    """The figures of a page: those of its posts together."""
    total: dict[str, int] = {}
    for counted in counters:
        for name in Counters.__slots__:
            total[name] = total.get(name, 0) + getattr(counted, name)
    return Counters(**total)
