"""What every route of X does first: who calls, how often, with what credit left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

from flask import Response, request
from oauthlib.oauth1.rfc5849 import signature as oauth

from bot.sandbox import x_answers as answers
from bot.sandbox.credentials import credentials_of
from bot.sandbox.faults import Stage
from bot.sandbox.values import SandboxAccount, Window
from bot.sandbox.x_schema import InvalidError

QUARTER = 900
FORM = "application/x-www-form-urlencoded"

Act = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """A route's name among the faults, and how many calls a user has in a quarter of an hour."""

    name: str
    per_quarter: int
    window: str


class Gate:
    """Signatures, counted windows, money and faults of X over one world."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    def view(self, route: Route, act: Act) -> Callable[..., Response]:
        """*act* as a view of Flask: who calls is the first thing that it is given."""

        def view(**where: str) -> Response:
            return self.stage.perform(
                "x", route.name, self._refusals(route), lambda: self._serve(route, act, where)
            )

        return view

    def _serve(self, route: Route, act: Act, where: Mapping[str, str]) -> Response:
        account = self._account()
        if isinstance(account, Response):
            return account
        window = self._count(route, account)
        if window.exhausted:
            return answers.too_many(_headers(window))
        if self._credit_is_used_up():
            response = answers.no_credit()
        else:
            try:
                response = act(account, **where)
            except InvalidError as error:
                response = error.response
        response.headers.update({"x-access-level": "read-write"} | _headers(window))
        return response

    def _account(self) -> SandboxAccount | Response:
        """Who calls, by an OAuth 1.0a signature over the URL that was called."""
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer ") and request.method != "GET":
            return answers.unsupported_authentication()
        try:
            parameters = oauth.collect_parameters(
                uri_query=request.environ["QUERY_STRING"],
                # A form's fields are signed too (RFC 5849 §3.4.1.3); a JSON body is not.
                body=request.get_data(as_text=True) if request.mimetype == FORM else [],
                headers={"Authorization": header},
                exclude_oauth_signature=False,
            )
        except ValueError:
            return answers.unauthorized()
        given = dict(parameters)
        for account in self.stage.world.accounts("x"):
            keys = credentials_of("x", account.slug)
            if given.get("oauth_token") == keys["access_token"] and _is_signed(parameters, keys):
                return account
        return answers.unauthorized()

    def _count(self, route: Route, account: SandboxAccount) -> Window:
        return self.stage.world.count_call(
            "x",
            account.slug,
            route.window,
            start=int(self.now.timestamp()),
            width=QUARTER,
            limit=route.per_quarter,
        )

    def _credit_is_used_up(self) -> bool:
        credit = self.stage.world.number("credit_mills")
        return credit is not None and self.stage.world.spent() >= credit

    def charge(self, account: SandboxAccount, prices: Sequence[tuple[str, int]]) -> None:
        """Write down prices, in thousandths of a dollar; the same thing once a UTC day."""
        self.stage.world.charge(account.slug, f"{self.now:%Y-%m-%d}", prices)

    def _refusals(self, route: Route) -> Mapping[str, Callable[[], Response]]:
        """X's words for the faults; those of an account come with its counted window."""

        def told(refusal: Callable[[], Response]) -> Callable[[], Response]:
            return lambda: self._serve(route, lambda _account, **_where: refusal(), {})

        def not_shown(account: SandboxAccount, **_where: str) -> Response:
            return answers.not_shown(str(account.remote_id))

        reset = int(self.now.timestamp())
        spent = {
            "x-rate-limit-limit": str(route.per_quarter),
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(reset + QUARTER),
        }
        return {
            "error_500_before": lambda: answers.server_error(500, "Internal Server Error"),
            "unavailable_503": lambda: answers.server_error(503, "Service Unavailable"),
            "hang_before": lambda: answers.server_error(504, "Gateway Timeout"),
            "unauthorized_401": answers.unauthorized,
            "no_credit_402": told(answers.no_credit),
            "forbidden_403": told(answers.not_permitted),
            "suspended_403": told(answers.suspended),
            "rate_limit_429": lambda: answers.too_many(spent),
            "rate_limit_day_429": lambda: answers.too_many(_day_headers(reset)),
            "rate_limit_429_bare": answers.too_many,
            "errors_200": lambda: self._serve(route, not_shown, {}),
        }


def _is_signed(parameters: list[tuple[str, str]], keys: Mapping[str, str]) -> bool:
    given = dict(parameters)
    if given.get("oauth_consumer_key") != keys["api_key"]:
        return False
    if given.get("oauth_signature_method") != "HMAC-SHA1":
        return False
    call = SimpleNamespace(
        uri=f"http://{request.host}{request.environ['REQUEST_URI']}",
        http_method=request.method,
        params=[pair for pair in parameters if pair[0] != "oauth_signature"],
        signature=given.get("oauth_signature", ""),
    )
    return bool(oauth.verify_hmac_sha1(call, keys["api_secret"], keys["access_secret"]))


def _headers(window: Window) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(window.limit),
        "x-rate-limit-remaining": str(window.remaining),
        "x-rate-limit-reset": str(window.reset),
    }


def _day_headers(now: int) -> dict[str, str]:
    """The trap: the quarter of an hour is wide open, the day is used up."""
    day: dict[str, str] = {}
    for who in ("app", "user"):
        day[f"x-{who}-limit-24hour-limit"] = "17"
        day[f"x-{who}-limit-24hour-remaining"] = "0"
        day[f"x-{who}-limit-24hour-reset"] = str(now + 86_400)
    return day | {
        "x-rate-limit-limit": "1080000",
        "x-rate-limit-remaining": "1079999",
        "x-rate-limit-reset": str(now + QUARTER),
    }
