"""How X is called in the name of one account: tweepy's client on our Session.

tweepy 4.17 has its host written in, waits for ever, follows a redirected POST as a GET and logs
what it sends: `XClient` replaces the one method through which all of its calls go. tweepy has no
types: `Any` stays in this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
import tweepy
from requests_oauthlib import OAuth1

from bot.clock import Clock
from bot.errors import NotSent
from bot.networks.again import repeated
from bot.networks.http import json_object, request_id, translate
from bot.networks.x.errors import failure
from bot.words import N_

#: The one call that publishes; any other may be made twice.
PUBLISHING = ("POST", "/2/tweets")


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
        """One call; only what reads is made again. Raises what its failure amounts to."""

        def call() -> requests.Response:
            publishing = (method, route) == PUBLISHING
            with translate("X", publishing=publishing):
                response: requests.Response = self.session.request(
                    method, self._base_url + route, params=params, json=json, auth=self._signature
                )
            if not 200 <= response.status_code < 300:
                raise failure(response, publishing=publishing, now=self._clock.now())
            return response

        return repeated(call, self._clock) if method == "GET" else call()


def read(response: requests.Response) -> dict[str, Any]:
    """The answer, which must be an object. Raises NotSent: what is read may be read again."""
    answer = json_object(response)
    if answer is None:
        raise _odd_answer(response)
    return answer


def read_whole(response: requests.Response) -> dict[str, Any]:
    """A page of posts that holds all of them, or says that there is none. Raises NotSent as `read`.

    X answers 200 also with `errors` instead of posts, or beside some of them (X docs 2026-08,
    "partial errors"): what is missing in such a page may be out all the same.
    """
    answer = read(response)
    meta = answer.get("meta")
    is_empty = isinstance(meta, dict) and meta.get("result_count") == 0
    has_posts = isinstance(answer.get("data"), list)
    if answer.get("errors") or not (has_posts or ("data" not in answer and is_empty)):
        raise _odd_answer(response)
    return answer


def _odd_answer(response: requests.Response) -> NotSent:
    return NotSent(
        N_("X did not answer with what was asked."),
        status=response.status_code,
        request_id=request_id(response, "x-transaction-id"),
    )
