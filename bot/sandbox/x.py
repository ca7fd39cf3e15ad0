"""X, rehearsed: the routes that an announcement bot needs (reference/x.md §2.2, 2.5, 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace

from flask import Blueprint, Response, request
from oauthlib.oauth1.rfc5849 import signature as oauth

from bot.sandbox import x_answers as answers
from bot.sandbox.credentials import credentials_of
from bot.sandbox.faults import Stage, empty
from bot.sandbox.timelines import timeline_page
from bot.sandbox.values import SandboxAccount, SandboxPost, Window
from bot.sandbox.x_query import (
    FIELD_KEYS,
    TIMELINE_KEYS,
    InvalidError,
    between,
    checked_number,
    is_number,
    only,
    page_size,
    read_body,
)
from bot.sandbox.x_text import MAX_WEIGHT, is_invalid, normal, pieces, weight
from bot.sandbox.x_view import Asked, Viewer, asked, salt_of, show_user

QUARTER = 900
FORM = "application/x-www-form-urlencoded"
#: Undocumented; "hours to about a day" (reference/x.md §2.5).
NO_TWIN_FOR = timedelta(hours=24)
#: Thousandths of a dollar (X docs 2026-08, "pricing").
POST_PRICE, POST_WITH_LINK_PRICE, DELETE_PRICE = 15, 200, 5
READ_PRICE, OWN_READ_PRICE, USER_PRICE = 5, 1, 10
NEWEST_POSTS = 3200


@dataclass(frozen=True, slots=True)
class Route:
    """A route's name among the faults, and how many calls a user has in a quarter of an hour."""

    name: str
    per_quarter: int
    window: str


PUBLISH = Route("publish", 100, "POST /2/tweets")
DELETE = Route("delete", 50, "DELETE /2/tweets/:id")
LOOKUP = Route("metrics", 5000, "GET /2/tweets")
LOOKUP_ONE = Route("metrics", 900, "GET /2/tweets/:id")
TIMELINE = Route("recent", 900, "GET /2/users/:id/tweets")
ME = Route("other", 75, "GET /2/users/me")

Act = Callable[..., Response]


class X:
    """The routes of X over one world."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def blueprint(self) -> Blueprint:
        """The routes, for mounting under `/x`."""
        found = Blueprint("x", __name__)
        for method, rule, route, act in (
            ("POST", "/2/tweets", PUBLISH, self._create),
            ("DELETE", "/2/tweets/<number>", DELETE, self._delete),
            ("GET", "/2/tweets", LOOKUP, self._lookup),
            ("GET", "/2/tweets/<number>", LOOKUP_ONE, self._lookup_one),
            ("GET", "/2/users/me", ME, self._me),
            ("GET", "/2/users/<number>/tweets", TIMELINE, self._timeline),
        ):
            view = self._view(route, act)
            found.add_url_rule(rule, f"{method} {rule}".replace(".", ""), view, methods=[method])
        found.add_url_rule("/", "page", lambda: timeline_page(self._stage, "x"))
        return found

    # what every route does first

    def _view(self, route: Route, act: Act) -> Callable[..., Response]:
        def view(**where: str) -> Response:
            return self._stage.perform(
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
        for account in self._stage.world.accounts("x"):
            keys = credentials_of("x", account.slug)
            if given.get("oauth_token") == keys["access_token"] and _is_signed(parameters, keys):
                return account
        return answers.unauthorized()

    def _count(self, route: Route, account: SandboxAccount) -> Window:
        return self._stage.world.count_call(
            "x",
            account.slug,
            route.window,
            start=int(self._now.timestamp()),
            width=QUARTER,
            limit=route.per_quarter,
        )

    @property
    def _now(self) -> datetime:
        return self._stage.clock.now()

    def _viewer(self, account: SandboxAccount) -> Viewer:
        return Viewer(account, self._now, self._stage.seed)

    # money

    def _credit_is_used_up(self) -> bool:
        credit = self._stage.world.number("credit_mills")
        return credit is not None and self._stage.world.spent() >= credit

    def _charge(self, account: SandboxAccount, prices: Sequence[tuple[str, int]]) -> None:
        self._stage.world.charge(account.slug, f"{self._now:%Y-%m-%d}", prices)

    def _charge_reads(
        self, account: SandboxAccount, posts: Sequence[SandboxPost], *, timeline: bool
    ) -> None:
        """Own posts are five times cheaper through the own timeline."""
        self._charge(
            account,
            [
                (
                    f"read {post.id}",
                    OWN_READ_PRICE if timeline and post.account == account.slug else READ_PRICE,
                )
                for post in posts
            ],
        )

    # routes

    def _create(self, account: SandboxAccount) -> Response:
        body = read_body()
        text = normal(str(body.get("text", "")))
        refusal = self._refusal(account, body) or _text_refusal(text)
        if refusal is not None:
            return refusal
        now = self._now
        stretches = pieces(text, salt_of(account.slug, now))
        stored = "".join(piece.stored for piece in stretches)
        draft = SandboxPost("x", 0, account.slug, str(body["text"]), stored, text, now)
        post, is_new = self._stage.world.publish(draft, no_twin_for=NO_TWIN_FOR)
        if not is_new:
            return answers.duplicate()
        linked = any(piece.kind == "url" for piece in stretches)
        price = POST_WITH_LINK_PRICE if linked else POST_PRICE
        self._charge(account, [(f"post {post.id}", price)])
        # X answers a creation in its old words, with one empty string (recorded autumn 2026).
        data = {"id": str(post.id), "text": post.stored, "edit_history_tweet_ids": [""]}
        return answers.answer(201, {"data": data})

    def _refusal(self, account: SandboxAccount, body: Mapping[str, object]) -> Response | None:
        """What is refused whatever the text says."""
        if "media" in body:
            return answers.invalid("media.media_ids", body["media"], "Your media IDs are invalid.")
        if "quote_tweet_id" in body:
            return answers.quote_not_allowed()
        if "reply" in body and not self._is_own_thread(account, body["reply"]):
            return answers.reply_not_allowed()
        if not body.get("text") or not isinstance(body["text"], str):
            return answers.invalid("$.text", body.get("text", ""), "$.text: is missing or empty")
        return None

    def _is_own_thread(self, account: SandboxAccount, reply: object) -> bool:
        parent = str(reply.get("in_reply_to_tweet_id", "")) if isinstance(reply, dict) else ""
        post = self._post(parent) if is_number(parent) else None
        return post is not None and post.account == account.slug

    def _delete(self, account: SandboxAccount, number: str) -> Response:
        post = self._post(checked_number("id", number))
        if post is not None and post.account != account.slug:
            return answers.not_yours_to_delete()
        if post is not None and self._stage.world.delete("x", post.id, self._now):
            self._charge(account, [(f"delete {post.id}", DELETE_PRICE)])
        return answers.answer(200, {"data": {"deleted": True}})

    def _lookup(self, account: SandboxAccount) -> Response:
        only(FIELD_KEYS | {"ids"})
        numbers = request.args.get("ids", "").split(",")
        if not numbers[0] or len(numbers) > 100:
            message = (
                f"The number of values in the `ids` query parameter list [{len(numbers)}]"
                " is not between 1 and 100"
            )
            raise InvalidError("ids", request.args.get("ids", ""), message)
        for number in numbers:
            checked_number("ids", number)
        numbers = list(dict.fromkeys(numbers))
        found = self._stage.world.standing("x", [int(number) for number in numbers])
        posts = [found[int(number)] for number in numbers if int(number) in found]
        errors = [
            answers.missing("tweet", "ids", number)
            for number in numbers
            if int(number) not in found
        ]
        self._charge_reads(account, posts, timeline=False)
        return self._many(account, posts, errors, "ids")

    def _lookup_one(self, account: SandboxAccount, number: str) -> Response:
        only(FIELD_KEYS)
        post = self._post(checked_number("id", number))
        if post is None:
            return answers.answer(200, {"errors": [answers.missing("tweet", "id", number)]})
        self._charge_reads(account, [post], timeline=False)
        return self._many(account, [post], [], "id", single=True)

    def _me(self, account: SandboxAccount) -> Response:
        only(frozenset({"user.fields", "tweet.fields", "post.fields", "expansions"}))
        self._charge(account, [(f"user {account.remote_id}", USER_PRICE)])
        fields = request.args.get("user.fields", "").split(",")
        posts = self._standing_of(account)
        shown = show_user(account, fields, self._viewer(account), len(posts))
        return answers.answer(200, {"data": shown})

    def _timeline(self, account: SandboxAccount, number: str) -> Response:
        only(TIMELINE_KEYS)
        author = self._author(checked_number("id", number))
        if author is None:
            return answers.answer(200, {"errors": [answers.missing("user", "id", number)]})
        size = page_size()
        posts = between(self._standing_of(author)[:NEWEST_POSTS])
        page, rest = posts[:size], posts[size:]
        self._charge_reads(account, page, timeline=True)
        meta: dict[str, object] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": str(page[0].id), "oldest_id": str(page[-1].id)}
        if rest:
            meta["next_token"] = f"{page[-1].id:x}"
        return self._many(account, page, [], "id", meta=meta)

    def _many(
        self,
        account: SandboxAccount,
        posts: Sequence[SandboxPost],
        errors: list[dict[str, object]],
        parameter: str,
        *,
        single: bool = False,
        meta: Mapping[str, object] | None = None,
    ) -> Response:
        """Posts, those that their reader may not see so, and what was not found."""
        wanted, viewer = asked(request.args), self._viewer(account)
        authors = {author.slug: author for author in self._stage.world.accounts("x")}
        shown: list[dict[str, object]] = []
        for post in posts:
            if field := viewer.refused_field(post, wanted):
                errors.append(answers.not_for_you(field, parameter, str(post.id)))
            else:
                shown.append(viewer.show(post, authors[post.account], wanted))
        body: dict[str, object] = {}
        if shown:
            body["data"] = shown[0] if single else shown
            body |= self._includes(account, wanted, [authors[post.account] for post in posts])
        if errors:
            body["errors"] = errors
        return answers.answer(200, body | ({"meta": meta} if meta else {}))

    def _includes(
        self, account: SandboxAccount, wanted: Asked, authors: Sequence[SandboxAccount]
    ) -> dict[str, object]:
        if "author_id" not in wanted.expansions:
            return {}
        distinct = list({author.slug: author for author in authors}.values())
        self._charge(account, [(f"user {author.remote_id}", USER_PRICE) for author in distinct])
        fields = request.args.get("user.fields", "").split(",")
        viewer = self._viewer(account)
        users = [
            show_user(author, fields, viewer, len(self._standing_of(author))) for author in distinct
        ]
        return {"includes": {"users": users}}

    def _post(self, number: str) -> SandboxPost | None:
        return self._stage.world.standing("x", [int(number)]).get(int(number))

    def _author(self, number: str) -> SandboxAccount | None:
        accounts = self._stage.world.accounts("x")
        return next((one for one in accounts if one.remote_id == int(number)), None)

    def _standing_of(self, account: SandboxAccount) -> list[SandboxPost]:
        posts = self._stage.world.posts("x", account.slug)
        return [post for post in posts if post.deleted_at is None]

    def _refusals(self, route: Route) -> Mapping[str, Callable[[], Response]]:
        """X's words for the faults; those of an account come with its counted window."""

        def told(refusal: Callable[[], Response]) -> Callable[[], Response]:
            return lambda: self._serve(route, lambda _account, **_where: refusal(), {})

        reset = int(self._now.timestamp())
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
            "rate_limit_429": lambda: answers.too_many(spent),
            "rate_limit_day_429": lambda: answers.too_many(_day_headers(reset)),
            "rate_limit_429_bare": answers.too_many,
        }


def unknown_route() -> Response:
    """X answers what it does not know with a 404 of no bytes (recorded 2026-09-08)."""
    return empty(404)


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


def _text_refusal(text: str) -> Response | None:
    if is_invalid(text):
        return answers.invalid("$.text", text, "$.text: contains invalid characters")
    if weight(text) > MAX_WEIGHT:
        return answers.too_long()
    if sum(piece.kind == "cashtag" for piece in pieces(text, "")) > 1:
        return answers.not_permitted()
    return None
