"""What every route of LinkedIn does first: the gateway, in its order (reference/linkedin.md §8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from bot.sandbox import linkedin_answers as answers
from bot.sandbox.credentials import credentials_of
from bot.sandbox.faults import Stage
from bot.sandbox.restli import NotAllowedError
from bot.sandbox.values import SandboxAccount

#: 202512 never existed for Marketing; 202610 and 202611 probably do (reference/linkedin.md §1.2).
VERSIONS = frozenset(str(version) for version in range(202601, 202612))
DAY = 86_400

Act = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """A route's name among the faults, and LinkedIn's for the resource and the method."""

    name: str
    resource: str


class Gate:
    """Tokens, versions, daily limits and faults of LinkedIn over one world."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def view(self, route: Route, act: Act) -> Callable[..., Response]:
        """*act* as a view of Flask: who calls is the first thing that it is given."""

        def view(**where: str) -> Response:
            return self.stage.perform(
                "linkedin", route.name, self.refusals(route), lambda: self._serve(route, act, where)
            )

        return view

    def _serve(self, route: Route, act: Act, where: Mapping[str, str]) -> Response:
        account = self.account()
        if isinstance(account, Response):
            return account
        asked = version()
        if not asked:
            return answers.version_missing()
        if asked not in VERSIONS:
            return answers.version_not_active(asked)
        if self._day_is_used_up(route, account):
            return answers.throttled_for_the_day()
        try:
            return act(account, **where)
        except NotAllowedError as error:
            return answers.parameter_not_allowed(str(error))

    def account(self) -> SandboxAccount | Response:
        """Who calls, by the bearer token."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer").strip()
        if not token:
            return answers.empty_token()
        for account in self.stage.world.accounts("linkedin"):
            if token == credentials_of("linkedin", account.slug)["access_token"]:
                return account
        return answers.invalid_token()

    def _day_is_used_up(self, route: Route, account: SandboxAccount) -> bool:
        """LinkedIn counts by UTC day; how many are allowed only its developer portal says."""
        allowed = self.stage.world.number("linkedin_calls_a_day")
        if allowed is None:
            return False
        midnight = int(self.now.timestamp()) // DAY * DAY
        return self.stage.world.count_call(
            "linkedin", account.slug, route.resource, start=midnight, width=DAY, limit=allowed
        ).exhausted

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    def refusals(self, route: Route) -> Mapping[str, Callable[[], Response]]:
        """LinkedIn's words for the faults."""
        return {
            "error_500_before": answers.server_error,
            "unavailable_503": answers.unavailable,
            "hang_before": answers.gateway_timeout,
            "unauthorized_401": answers.expired_token,
            "revoked_401": answers.revoked_token,
            "forbidden_403": lambda: answers.access_denied(route.resource, version()),
            "rate_limit_429": answers.throttled,
            "rate_limit_day_429": answers.throttled_for_the_day,
            "rate_limit_429_bare": answers.throttled_bare,
            "version_426": lambda: answers.version_not_active(version()),
            "conflict_409": answers.conflict,
        }


def version() -> str:
    """The version that the request asks for, or ""."""
    return request.headers.get("LinkedIn-Version", "")


def author_refusal(
    account: SandboxAccount, author: str, reading: Route | None = None
) -> Response | None:
    """None when the token speaks for the author: a page, or a person, who is shown nothing."""
    if not author:
        return answers.missing_field("author")
    if author.startswith("urn:li:person:"):
        own = credentials_of("linkedin", account.slug, is_person=True)["author"]
        return None if author == own and reading is None else answers.member_permission()
    if not author.startswith("urn:li:organization:"):
        message = "author must be a URN of type person or organization"
        return answers.bad_field("author", "INVALID_URN_TYPE", message)
    if author == credentials_of("linkedin", account.slug)["author"]:
        return None
    if reading is None:
        return answers.not_the_author()
    return answers.access_denied(reading.resource, version())
