"""One account on X, through tweepy: POST and GET /2/tweets, its timeline, edits, deletion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from bot.clock import Clock
from bot.errors import ConfigError, NotSent, Refused, Uncertain
from bot.metrics import Metrics
from bot.model import Post, Published, RemotePost
from bot.networks.base import Connection
from bot.networks.http import (
    base_address,
    check_secret,
    json_object,
    request_id,
    whole_number,
)
from bot.networks.uploads import Alive, FilesGone, Opened
from bot.networks.x import corrections
from bot.networks.x.kind import user_of
from bot.networks.x.line import PUBLISHING, XClient, read, read_whole
from bot.networks.x.media import XFiles
from bot.networks.x.spelling import comparable
from bot.words import N_, Message

#: X docs 2026-08: ids in one lookup, posts in one page, posts that a timeline gives at all.
LOOKUP_SIZE = 100
PAGE_SIZE = 100
TIMELINE_PAGES = 32

_ADDED_LINK = re.compile(r"\s*\bt\.co/\w+$")
_ADDED_NAMES = re.compile(r"^(?:@\w+ )+")
_PICTURE_LINKS = ("pic.x.com/", "pic.twitter.com/")


class X:
    """One account on X. Sends files ahead, publishes, measures, finds its own posts, corrects and
    deletes them."""

    source = "GET /2/tweets"
    api_version = "2"
    corrections = corrections.RULE
    renames = True

    def __init__(
        self,
        client: XClient,
        *,
        user_id: str,
        address_of: Callable[[str], str],
        clock: Clock,
    ) -> None:
        self._client = client
        self._user_id = user_id
        self._address_of = address_of
        self._clock = clock
        self._files = XFiles(client, clock)
        self._sent_anew: set[int] = set()

    def upload(self, post: Post, opened: Opened, alive: Alive) -> None:
        """Send the files of *post* ahead; what X has already is not sent again."""
        self._files.send(post.attached.media, opened, alive)

    def publish(self, post: Post) -> Published:
        """POST /2/tweets, once: X takes no key by which it would know a second one."""
        return self._published(self._create(post))

    def hindrance(self, post: Post) -> Message | None:
        """Why X will certainly not let *post* be changed."""
        return corrections.hindrance(post, self._clock.now())

    def correct(self, post: Post, text: str) -> Published:
        """POST /2/tweets with `edit_options`, which tweepy does not know: a version of its own."""
        if hindrance := self.hindrance(post):
            raise Refused(hindrance.text)
        with corrections.told_of_the_edit():
            return self._published(
                self._client.request(*PUBLISHING, json=corrections.body_of(post, text))
            )

    def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """The public counters, 100 posts a call. What X leaves out is left out here too."""
        found: dict[str, Metrics] = {}
        wanted = list(dict.fromkeys(remote_ids))
        for at in range(0, len(wanted), LOOKUP_SIZE):
            response = self._client.get_tweets(
                wanted[at : at + LOOKUP_SIZE],
                tweet_fields=["public_metrics", "created_at"],
                user_auth=True,
            )
            for tweet in _tweets(read(response)):
                if (measured := _metrics(tweet)) is not None:
                    found[tweet["id"]] = measured
        return found

    def recent(self, since: datetime) -> Sequence[RemotePost]:
        """The account's own timeline since *since*, newest first, links as they were written.

        Raises NotSent when X does not show all of it: what it leaves out would count as not out.
        """
        # X tells whole seconds, and takes no start that is not yet past.
        since = since.astimezone(UTC).replace(microsecond=0)
        start = min(since, self._clock.now() - timedelta(minutes=1))
        found = [self._remote(tweet) for page in self._pages(start) for tweet in _tweets(page)]
        return sorted(
            (post for post in found if post is not None and post.at >= since),
            key=lambda post: post.at,
            reverse=True,
        )

    def same_text(self, post: Post, remote: RemotePost) -> bool:
        """Whether *remote* is *post*: forms, white space and the spelling of links set aside.

        So are the link that X adds for files and the names that it may put before an answer.
        """
        wanted = comparable(post.text)
        shown = comparable(remote.text)
        if post.attached.media and shown != wanted:
            shown = _ADDED_LINK.sub("", shown)
        if post.reply_to and shown != wanted:
            shown = _ADDED_NAMES.sub("", shown)
        return shown == wanted

    def delete(self, remote_id: str) -> None:
        """DELETE /2/tweets/:id. A post that X has no more is deleted."""
        try:
            response = self._client.delete_tweet(remote_id, user_auth=True)
        except Refused as error:
            if error.status == 404:
                return
            raise
        data = (json_object(response) or {}).get("data")
        if not isinstance(data, dict) or data.get("deleted") is not True:
            raise NotSent(N_("X does not say that the post is deleted."))

    def _published(self, response: requests.Response) -> Published:
        """What X says that it made. Raises Uncertain when it does not say under which number."""
        data = (json_object(response) or {}).get("data")
        remote_id = data.get("id") if isinstance(data, dict) else None
        call = request_id(response, "x-transaction-id")
        if not isinstance(remote_id, str) or not remote_id.isdigit():
            raise Uncertain(
                N_("X took the post and did not say under which number."),
                status=response.status_code,
                request_id=call,
            )
        return Published(
            remote_id=remote_id,
            url=self._address_of(remote_id),
            at=self._clock.now(),
            request_id=call,
            status=response.status_code,
        )

    def _create(self, post: Post) -> requests.Response:
        """The call itself, which X refuses for files that it does not have (any more).

        They are sent anew once: X says the same of a video that it took and cannot show.
        """
        media = post.attached.media
        asked = {**_attachments(post, self._files.ids(media)), "text": post.text}
        try:
            response: requests.Response = self._client.create_tweet(**asked, user_auth=True)
        except FilesGone as error:
            self._files.forget(media)
            if post.id not in self._sent_anew:
                self._sent_anew.add(post.id)
                raise
            self._sent_anew.discard(post.id)
            raise Refused(
                N_(
                    "X took the files of this post and does not show them, though they were sent "
                    "anew. A video may be outside X's limits: take another file."
                ),
                status=error.status,
                request_id=error.request_id,
            ) from None
        self._sent_anew.discard(post.id)
        return response

    def _pages(self, start: datetime) -> Iterator[dict[str, Any]]:
        token: str | None = None
        for _page in range(TIMELINE_PAGES):
            page = read_whole(
                self._client.get_users_tweets(
                    self._user_id,
                    start_time=start,
                    max_results=PAGE_SIZE,
                    pagination_token=token,
                    tweet_fields=["created_at", "entities"],
                    user_auth=True,
                )
            )
            yield page
            meta = page.get("meta")
            token = meta.get("next_token") if isinstance(meta, dict) else None
            if not token:
                return

    def _remote(self, tweet: Mapping[str, Any]) -> RemotePost | None:
        at = _instant(tweet.get("created_at"))
        if at is None or not isinstance(tweet.get("text"), str):
            return None
        address = self._address_of(tweet["id"])
        return RemotePost(tweet["id"], address, _written(tweet), at, _tags(tweet))


def connect(connection: Connection) -> X:
    """The account of *connection*. ConfigError for a missing key or one that cannot be one."""
    slug = connection.account.slug
    names = ("api_key", "api_secret", "access_token", "access_secret")
    keys = {name: check_secret(connection.credentials, name, slug) for name in names}
    user_id = user_of(keys)
    if not user_id:
        raise ConfigError(
            N_(
                "The access_token of the account {account} is not one of X's: they begin with a "
                "number and a hyphen."
            ),
            account=slug,
        )
    base_url = base_address(connection.settings, "x")
    client = XClient(base_url, keys, connection.session, connection.clock)
    return X(
        client,
        user_id=user_id,
        address_of=connection.address_of,
        clock=connection.clock,
    )


def _attachments(post: Post, media_ids: Sequence[str]) -> dict[str, Any]:
    """What is attached to *post*, as tweepy names it; nothing for a text alone."""
    asked: dict[str, Any] = {}
    if media_ids:
        asked["media_ids"] = media_ids
    if poll := post.attached.poll:
        asked["poll_options"] = list(poll.options)
        asked["poll_duration_minutes"] = poll.days * 24 * 60
    if post.reply_to:
        asked["in_reply_to_tweet_id"] = post.reply_to
    return asked


def _tweets(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The posts of *answer*: none at all when X knows none of those it was asked for."""
    data = answer.get("data")
    listed = data if isinstance(data, list) else []
    return [one for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str)]


def _metrics(tweet: Mapping[str, Any]) -> Metrics | None:
    """The counters of *tweet*, in either of the two vocabularies that X speaks since 2026-08."""
    public = tweet.get("public_metrics")
    if not isinstance(public, dict):
        return None
    private = tweet.get("non_public_metrics")
    clicks = private.get("url_link_clicks") if isinstance(private, dict) else None
    extra = {name: whole_number(public.get(name)) for name in ("quote_count", "bookmark_count")}
    return Metrics(
        impressions=whole_number(public.get("impression_count")),
        reactions=whole_number(public.get("like_count")),
        comments=whole_number(public.get("reply_count")),
        shares=whole_number(public.get("retweet_count", public.get("repost_count"))),
        clicks=whole_number(clicks),
        extra={name: count for name, count in extra.items() if count is not None},
    )


def _tags(tweet: Mapping[str, Any]) -> tuple[str, ...]:
    """The hashtags that X shows as such; a post without any entity has none of them."""
    entities = tweet.get("entities")
    listed = entities.get("hashtags") if isinstance(entities, dict) else None
    found = listed if isinstance(listed, list) else []
    return tuple(str(one["tag"]) for one in found if isinstance(one, dict) and "tag" in one)


def _written(tweet: Mapping[str, Any]) -> str:
    """The text of *tweet* as people wrote it.

    X shortens links, adds one for the files that it shows, and escapes three signs.
    """
    text = _unescaped(tweet["text"])
    entities = tweet.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    for url in urls if isinstance(urls, list) else []:
        short, long = _link(url) if isinstance(url, dict) else ("", "")
        if short:
            text = text.replace(short, long)
    return text.rstrip()


def _link(url: Mapping[str, Any]) -> tuple[str, str]:
    """A link in a text, and what was written in its place: nothing, for that of a file."""
    short, long, shown = url.get("url"), url.get("expanded_url"), url.get("display_url")
    if not isinstance(short, str) or not isinstance(long, str):
        return "", ""
    is_file = bool(url.get("media_key")) or str(shown).startswith(_PICTURE_LINKS)
    return short, "" if is_file else long


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _instant(written: object) -> datetime | None:
    """The instant that X writes as `2026-11-23T09:00:00.000Z`."""
    if not isinstance(written, str):
        return None
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
