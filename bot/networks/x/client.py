"""One account on X, through tweepy: POST and GET /2/tweets, its own timeline, deletion.

tweepy 4.17 has its host written in, waits for ever, follows a redirected POST as a GET and logs
what it sends: `XClient` replaces the one method through which all of its calls go. tweepy has no
types: `Any` stays in this module.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import tweepy
from requests_oauthlib import OAuth1

from bot.clock import Clock
from bot.errors import ConfigError, NotSent, Refused, Uncertain
from bot.model import Metrics, Post, Published, RemotePost
from bot.networks.base import Connection
from bot.networks.characters import same_words
from bot.networks.http import (
    base_address,
    check_secret,
    json_object,
    request_id,
    translate,
    whole_number,
)
from bot.networks.x import user_of
from bot.networks.x.errors import failure
from bot.networks.x.text import extract_urls_with_indices
from bot.words import N_

#: X docs 2026-08: ids in one lookup, posts in one page, posts that a timeline gives at all.
LOOKUP_SIZE = 100
PAGE_SIZE = 100
TIMELINE_PAGES = 32

_ADDRESS = re.compile(r"(?:https?://)?([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


class XClient(tweepy.Client):  # type: ignore[misc]
    """tweepy's client on our Session: signs the address it calls, follows nothing, logs nothing.

    Raises `NetworkError`s only, none of tweepy's nor of requests'; returns the plain answer. Every
    call is signed with the account's keys (OAuth 1.0a).
    """

    def __init__(
        self, base_url: str, keys: Mapping[str, str], session: requests.Session, clock: Clock
    ) -> None:
        super().__init__(
            consumer_key=keys["api_key"],
            consumer_secret=keys["api_secret"],
            access_token=keys["access_token"],
            access_token_secret=keys["access_secret"],
            return_type=requests.Response,
        )
        self.session = session
        self._base_url = base_url
        self._clock = clock
        self._signature = OAuth1(
            keys["api_key"], keys["api_secret"], keys["access_token"], keys["access_secret"]
        )

    def request(
        self,
        method: str,
        route: str,
        params: Any = None,
        json: Any = None,
        user_auth: bool = True,
    ) -> requests.Response:
        """One call, made once. Raises the NetworkError that its failure amounts to."""
        publishing = method == "POST"
        with translate("X", publishing=publishing):
            response = self.session.request(
                method, self._base_url + route, params=params, json=json, auth=self._signature
            )
        if not 200 <= response.status_code < 300:
            raise failure(response, publishing=publishing, now=self._clock.now())
        return response


class X:
    """One account on X. Publishes, measures, finds its own posts, deletes."""

    source = "GET /2/tweets"
    api_version = "2"

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

    def publish(self, post: Post) -> Published:
        """POST /2/tweets, once: X takes no key by which it would know a second one."""
        response = self._client.create_tweet(text=post.text, user_auth=True)
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
            for tweet in _tweets(_read(response)):
                if (measured := _metrics(tweet)) is not None:
                    found[tweet["id"]] = measured
        return found

    def recent(self, since: datetime) -> Sequence[RemotePost]:
        """The account's own timeline since *since*, newest first, links as they were written."""
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
        """Whether *remote* is *post*: forms, white space and the spelling of links set aside."""
        return _comparable(post.text) == _comparable(remote.text)

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

    def _pages(self, start: datetime) -> Iterator[dict[str, Any]]:
        token: str | None = None
        for _page in range(TIMELINE_PAGES):
            page = _read(
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
        return RemotePost(tweet["id"], self._address_of(tweet["id"]), _written(tweet), at)


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


def _read(response: requests.Response) -> dict[str, Any]:
    answer = json_object(response)
    if answer is None:
        raise NotSent(
            N_("X did not answer with what was asked."),
            status=response.status_code,
            request_id=request_id(response, "x-transaction-id"),
        )
    return answer


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


def _written(tweet: Mapping[str, Any]) -> str:
    """The text of *tweet* as people wrote it: X shortens links, and escapes three signs."""
    text = _unescaped(tweet["text"])
    entities = tweet.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    for url in urls if isinstance(urls, list) else []:
        short, long = (
            (url.get("url"), url.get("expanded_url")) if isinstance(url, dict) else ("", "")
        )
        if isinstance(short, str) and short and isinstance(long, str):
            text = text.replace(short, long)
    return text


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _comparable(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    parts: list[str] = []
    at = 0
    for link in extract_urls_with_indices(text):
        parts += [text[at : link.start], _plain_link(link.text)]
        at = link.end
    return same_words("".join([*parts, text[at:]]))


def _plain_link(link: str) -> str:
    """*link* as two spellings of it are compared: X adds a scheme to one that has none."""
    found = _ADDRESS.match(link)
    host, rest = (found[1], found[2]) if found else (link, "")
    return host.lower() + rest.rstrip("/")


def _instant(written: object) -> datetime | None:
    """The instant that X writes as `2026-11-23T09:00:00.000Z`."""
    if not isinstance(written, str):
        return None
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
