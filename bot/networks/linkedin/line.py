"""How LinkedIn is called in the name of one account: versioned REST, and the addresses for files.

Addresses are built by hand: `List()`, its commas and its colons must arrive bare, and `params=`
would encode them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from bot.clock import Clock
from bot.errors import NotSent
from bot.networks.again import repeated
from bot.networks.http import is_guarded, json_object, request_id, translate
from bot.networks.linkedin.errors import REQUEST_IDS, failure, put_failure
from bot.networks.uploads import Stretch
from bot.words import N_

#: The one call that publishes; any other may be made twice.
PUBLISHING = ("POST", "/rest/posts")


@dataclass(frozen=True, slots=True)
class Line:
    """How LinkedIn is called in the name of one account."""

    base_url: str
    version: str
    token: str = field(repr=False)
    session: requests.Session = field(repr=False)
    clock: Clock
    address_of: Callable[[str], str]

    def call(
        self,
        method: str,
        path: str,
        *,
        rest_method: str = "",
        body: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        """One call; only what reads is made again. Raises what its failure amounts to."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "LinkedIn-Version": self.version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        if rest_method:
            headers["X-RestLi-Method"] = rest_method

        def call() -> requests.Response:
            publishing = (method, path) == PUBLISHING
            with translate("LinkedIn", publishing=publishing):
                response = self.session.request(
                    method, self.base_url + path, headers=headers, json=body
                )
            if not 200 <= response.status_code < 300:
                raise failure(
                    response, publishing=publishing, version=self.version, now=self.clock.now()
                )
            return response

        return repeated(call, self.clock) if method == "GET" else call()

    def put(self, url: str, body: Stretch, mime: str, *, signed: bool) -> requests.Response:
        """Send *body*, of type *mime*, to the address *url* that LinkedIn named for it, as given.

        It is no part of the versioned API: of what that is sent, only the token, when *signed*.
        Raises FilesGone when the address is not valid any more.
        """
        if not is_guarded(url):
            raise NotSent(N_("LinkedIn named an address for a file that is not encrypted."))
        headers = {"Content-Type": mime}
        if signed:
            headers["Authorization"] = f"Bearer {self.token}"
        with translate("LinkedIn", publishing=False):
            request = self.session.prepare_request(
                requests.Request("PUT", url, headers=headers, data=body)
            )
            # requests spells addresses anew; a signed one might not survive it.
            request.url = url
            response = self.session.send(request)
        if not 200 <= response.status_code < 300:
            raise put_failure(response, version=self.version, now=self.clock.now())
        return response

    def read(self, path: str, *, rest_method: str = "") -> list[dict[str, Any]]:
        """The `elements` of what is at *path*."""
        response = self.call("GET", path, rest_method=rest_method)
        elements = (json_object(response) or {}).get("elements")
        if not isinstance(elements, list):
            raise odd_answer(response)
        return [one for one in elements if isinstance(one, dict)]


def odd_answer(response: requests.Response) -> NotSent:
    """What a call that may be made again amounts to when its answer says something else."""
    return NotSent(
        N_("LinkedIn did not answer with what was asked."),
        status=response.status_code,
        request_id=request_id(response, *REQUEST_IDS),
    )
