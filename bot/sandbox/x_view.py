"""A post and a user as X's API shows them, in the dialect that was asked for (spec 2.167)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.engagement import Counters, engagement, followers, votes
from bot.sandbox.language import language_of
from bot.sandbox.uploads import Upload, Uploads
from bot.sandbox.values import SandboxAccount, SandboxPost, to_ms
from bot.sandbox.world import made_at
from bot.sandbox.x_text import Piece, entities, pieces, with_media

#: "Private metrics need user context of the author and age ≤ 30 days" (X docs 2026-08).
PRIVATE_FOR = timedelta(days=30)
#: "Within an hour" (X changelog 2025-10-03; the page on edits says 30 minutes), "up to five times".
EDITABLE_FOR, EDITS = timedelta(hours=1), 5
#: By kind of upload: what a media_key begins with (recorded: 3, 7), and what the API calls it.
KEY_STARTS = {"image": "3", "video": "7", "gif": "16"}
TYPES = {"3": "photo", "7": "video", "16": "animated_gif"}
PLACES = {"3": "photo", "7": "video", "16": "photo"}
PRIVATE = {"non_public_metrics": "impression_count", "organic_metrics": "like_count"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request wants to see. *new_names*: it spoke the `post.fields` dialect."""

    fields: frozenset[str]
    expansions: frozenset[str]
    new_names: bool

    @property
    def shows_author(self) -> bool:
        """In the new dialect the author is an expansion and no field."""
        return "author_id" in (self.expansions if self.new_names else self.fields | self.expansions)

    @property
    def shows_attachments(self) -> bool:
        """Whoever wants what is attached also gets the keys by which to find it."""
        wanted = {"attachments.media_keys", "attachments.poll_ids"}
        return "attachments" in self.fields or bool(wanted & self.expansions)


def asked(query: Mapping[str, str]) -> Asked:
    """Read the two dialects; the answer follows the parameter that was used."""
    new_names = "post.fields" in query
    fields = query.get("post.fields" if new_names else "tweet.fields", "")
    return Asked(_names(fields), _names(query.get("expansions", "")), new_names)


def _names(value: str) -> frozenset[str]:
    return frozenset(name for name in value.split(",") if name)


def x_time(instant: datetime) -> str:
    """`2026-11-23T10:00:00.000Z`."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03}Z"


def cut(post: SandboxPost) -> list[Piece]:
    """The stretches of a post's text, with its own t.co links."""
    salt = salt_of(post.account, post.created_at)
    found = pieces(post.shown, salt)
    return with_media(found, salt) if post.attached.get("media") else found


def salt_of(account: str, created_at: datetime) -> str:
    """What makes the t.co links of a post its own."""
    return f"{account}/{to_ms(created_at)}"


def first_version_at(post: SandboxPost) -> datetime:
    """When *post* was published, whatever was changed since."""
    return made_at("x", post.earlier[0]) if post.earlier else post.created_at


def conversation_of(post: SandboxPost) -> int:
    """The number of the thread that *post* belongs to: that of its beginning's first version."""
    return post.conversation or (*post.earlier, post.id)[0]


def edit_controls(post: SandboxPost) -> dict[str, object]:
    """How much longer, and how often, *post* can be edited."""
    return {
        "is_edit_eligible": "poll" not in post.attached,
        "editable_until": x_time(first_version_at(post) + EDITABLE_FOR),
        "edits_remaining": EDITS - len(post.earlier),
    }


def seen_until(post: SandboxPost, now: datetime) -> datetime:
    """Until when this version was the one that people saw."""
    return now if post.replaced_by is None else min(now, made_at("x", post.replaced_by))


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, when, and at which seed's curves."""

    account: SandboxAccount
    now: datetime
    seed: int

    def refused_field(self, post: SandboxPost, wanted: Asked) -> str:
        """The field that hides this post from this viewer, or ""."""
        if post.account == self.account.slug and self.now - post.created_at <= PRIVATE_FOR:
            return ""
        for name, first in PRIVATE.items():
            if name in wanted.fields:
                return f"{name}.{first}"
        return ""

    def show(self, post: SandboxPost, author: SandboxAccount, wanted: Asked) -> dict[str, object]:
        """The post; fields that X does not know, or that this post has not, are left out."""
        history = "edit_history_post_ids" if wanted.new_names else "edit_history_tweet_ids"
        shown: dict[str, object] = {
            "id": str(post.id),
            "text": post.stored,
            history: [str(number) for number in (*post.earlier, post.id)],
        }
        if wanted.shows_author:
            shown["author_id"] = str(author.remote_id)
        if wanted.shows_attachments and (attachments := _attachments(post)):
            shown["attachments"] = attachments
        known = self._known_fields(post, author, wanted)
        return shown | {name: known[name] for name in sorted(wanted.fields & known.keys())}

    def _known_fields(
        self, post: SandboxPost, author: SandboxAccount, wanted: Asked
    ) -> dict[str, object]:
        seen = seen_until(post, self.now)
        counted = engagement(self.seed, post.id, "x", post.created_at, seen)
        found = entities(cut(post), _media_links(post, author))
        known: dict[str, object] = {
            "created_at": x_time(post.created_at),
            "conversation_id": str(conversation_of(post)),
            "edit_controls": edit_controls(post),
            "lang": language_of(post.shown),
            "possibly_sensitive": False,
            "reply_settings": "everyone",
            "public_metrics": public_metrics(counted, new_names=wanted.new_names),
            "non_public_metrics": _non_public(counted, linked="urls" in found),
            "organic_metrics": _organic(counted, linked="urls" in found),
        }
        if post.reply_to is not None:
            name = "referenced_posts" if wanted.new_names else "referenced_tweets"
            known[name] = [{"type": "replied_to", "id": str(post.reply_to)}]
            known["in_reply_to_user_id"] = str(author.remote_id)
        return known | ({"entities": found} if found else {})


def media_key(upload: Upload) -> str:
    """X's name for a file that posts show."""
    return f"{KEY_STARTS[upload.kind]}_{upload.name}"


def _attachments(post: SandboxPost) -> dict[str, object]:
    attached = post.attached
    if "poll" in attached:
        return {"poll_ids": [poll_id(post)]}
    return {"media_keys": attached["media"]} if "media" in attached else {}


def poll_id(post: SandboxPost) -> str:
    """A poll has a number of its own, near that of its post."""
    return str(post.id - 1)


def _media_links(post: SandboxPost, author: SandboxAccount) -> list[dict[str, object]]:
    """Where the link behind a text leads to, for each file."""
    status = f"https://x.com/{author.handle.removeprefix('@')}/status/{post.id}"
    return [
        {
            "expanded_url": f"{status}/{PLACES[key.partition('_')[0]]}/1",
            "display_url": f"pic.x.com/{cut(post)[-1].short[-10:]}",
            "media_key": key,
        }
        for key in post.attached.get("media", [])
    ]


def media_of(
    posts: Sequence[SandboxPost], uploads: Uploads, fields: Sequence[str]
) -> list[dict[str, object]]:
    """`includes.media` of *posts*."""
    keys = [key for post in posts for key in post.attached.get("media", [])]
    found = [(key, uploads.find("x", key.partition("_")[2])) for key in keys]
    return [_show_media(key, upload, fields) for key, upload in found if upload is not None]


def _show_media(key: str, upload: Upload, fields: Sequence[str]) -> dict[str, object]:
    start = key.partition("_")[0]
    known: dict[str, object] = {"width": upload.width, "height": upload.height}
    address = f"https://pbs.twimg.com/media/{upload.name}.jpg"
    known["url" if upload.kind == "image" else "preview_image_url"] = address
    if upload.alt:
        known["alt_text"] = upload.alt
    shown: dict[str, object] = {"media_key": key, "type": TYPES[start]}
    return shown | {name: known[name] for name in fields if known.get(name)}


def poll_end(post: SandboxPost) -> datetime:
    """When the poll of *post* closes."""
    return post.created_at + timedelta(minutes=post.attached["poll"]["duration_minutes"])


def polls_of(
    posts: Sequence[SandboxPost], viewer: Viewer, fields: Sequence[str]
) -> list[dict[str, object]]:
    """`includes.polls` of *posts*."""
    return [_show_poll(post, viewer, fields) for post in posts if "poll" in post.attached]


def _show_poll(post: SandboxPost, viewer: Viewer, fields: Sequence[str]) -> dict[str, object]:
    labels, end = post.attached["poll"]["options"], poll_end(post)
    counted = votes(viewer.seed, post.id, "x", post.created_at, min(viewer.now, end), len(labels))
    shown: dict[str, object] = {
        "id": poll_id(post),
        "options": [
            {"position": place, "label": label, "votes": number}
            for place, (label, number) in enumerate(zip(labels, counted, strict=True), 1)
        ],
    }
    known: dict[str, object] = {
        "duration_minutes": post.attached["poll"]["duration_minutes"],
        "end_datetime": x_time(end),
        "voting_status": "open" if viewer.now < end else "closed",
    }
    return shown | {name: known[name] for name in fields if name in known}


def public_metrics(counted: Counters, *, new_names: bool) -> dict[str, int]:
    """What anybody may read."""
    return {
        "repost_count" if new_names else "retweet_count": counted.shares,
        "reply_count": counted.comments,
        "like_count": counted.reactions,
        "quote_count": counted.quotes,
        "bookmark_count": counted.bookmarks,
        "impression_count": counted.impressions,
    }


def _non_public(counted: Counters, *, linked: bool) -> dict[str, int]:
    clicks = {"url_link_clicks": counted.clicks} if linked else {}
    done = counted.reactions + counted.comments + counted.shares + counted.quotes
    return clicks | {
        "impression_count": counted.impressions,
        "user_profile_clicks": counted.profile_clicks,
        "engagements": done + counted.profile_clicks + sum(clicks.values()),
    }


def _organic(counted: Counters, *, linked: bool) -> dict[str, int]:
    clicks = {"url_link_clicks": counted.clicks} if linked else {}
    return clicks | {
        "impression_count": counted.impressions,
        "like_count": counted.reactions,
        "reply_count": counted.comments,
        "retweet_count": counted.shares,
        "user_profile_clicks": counted.profile_clicks,
    }


def show_user(
    account: SandboxAccount, fields: Sequence[str], viewer: Viewer, posts: int, *, premium: bool
) -> dict[str, object]:
    """An account as `GET /2/users/me` shows it."""
    shown: dict[str, object] = {
        "id": str(account.remote_id),
        "name": account.name,
        "username": account.handle.removeprefix("@"),
    }
    known = {
        "verified": premium,
        "protected": False,
        "public_metrics": {
            "followers_count": followers(viewer.seed, f"x/{account.slug}", viewer.now),
            "following_count": 120,
            "tweet_count": posts,
            "listed_count": 7,
            "like_count": 64,
        },
    }
    return shown | {name: known[name] for name in fields if name in known}
