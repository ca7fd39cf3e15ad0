"""X, rehearsed: the routes that an announcement bot needs (reference/x.md §2.2, 2.5, 3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, request

from bot.sandbox import x_answers as answers
from bot.sandbox.faults import Stage, empty
from bot.sandbox.timelines import timeline_page
from bot.sandbox.values import SandboxAccount, SandboxPost
from bot.sandbox.x_gate import Act, Gate, Route
from bot.sandbox.x_media import Media
from bot.sandbox.x_post import Writer
from bot.sandbox.x_query import (
    FIELD_KEYS,
    TIMELINE_KEYS,
    between,
    checked_number,
    only,
    page_size,
)
from bot.sandbox.x_schema import InvalidError
from bot.sandbox.x_view import Asked, Viewer, asked, media_of, polls_of, show_user

#: Thousandths of a dollar (X docs 2026-08, "pricing").
DELETE_PRICE, READ_PRICE, OWN_READ_PRICE, USER_PRICE = 5, 5, 1, 10
NEWEST_POSTS = 3200

PUBLISH = Route("publish", 100, "POST /2/tweets")
DELETE = Route("delete", 50, "DELETE /2/tweets/:id")
LOOKUP = Route("metrics", 5000, "GET /2/tweets")
LOOKUP_ONE = Route("metrics", 900, "GET /2/tweets/:id")
TIMELINE = Route("recent", 900, "GET /2/users/:id/tweets")
ME = Route("other", 75, "GET /2/users/me")


class X:
    """The routes of X over one world."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._gate = Gate(stage)

    def blueprint(self) -> Blueprint:
        """The routes, for mounting under `/x`."""
        found = Blueprint("x", __name__)
        routes: tuple[tuple[str, str, Route, Act], ...] = (
            ("POST", "/2/tweets", PUBLISH, Writer(self._gate).create),
            ("DELETE", "/2/tweets/<number>", DELETE, self._delete),
            ("GET", "/2/tweets", LOOKUP, self._lookup),
            ("GET", "/2/tweets/<number>", LOOKUP_ONE, self._lookup_one),
            ("GET", "/2/users/me", ME, self._me),
            ("GET", "/2/users/<number>/tweets", TIMELINE, self._timeline),
            *Media(self._gate).routes(),
        )
        for method, rule, route, act in routes:
            view = self._gate.view(route, act)
            found.add_url_rule(rule, f"{method} {rule}".replace(".", ""), view, methods=[method])
        found.add_url_rule("/", "page", lambda: timeline_page(self._stage, "x"))
        return found

    def _viewer(self, account: SandboxAccount) -> Viewer:
        return Viewer(account, self._gate.now, self._stage.seed)

    # money

    def _charge_reads(
        self, account: SandboxAccount, posts: Sequence[SandboxPost], *, timeline: bool
    ) -> None:
        """Own posts are five times cheaper through the own timeline."""
        self._gate.charge(
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

    def _delete(self, account: SandboxAccount, number: str) -> Response:
        post = self._post(checked_number("id", number))
        if post is not None and post.account != account.slug:
            return answers.not_yours_to_delete()
        if post is not None and self._stage.world.delete("x", post.id, self._gate.now):
            self._gate.charge(account, [(f"delete {post.id}", DELETE_PRICE)])
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
        self._gate.charge(account, [(f"user {account.remote_id}", USER_PRICE)])
        fields = request.args.get("user.fields", "").split(",")
        shown = self._user(account, fields, self._viewer(account))
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
            body |= self._includes(account, wanted, posts)
        if errors:
            body["errors"] = errors
        return answers.answer(200, body | ({"meta": meta} if meta else {}))

    def _includes(
        self, account: SandboxAccount, wanted: Asked, posts: Sequence[SandboxPost]
    ) -> dict[str, object]:
        """What the question wants beside the posts: authors, media, polls."""
        viewer = self._viewer(account)
        found: dict[str, object] = {}
        if "author_id" in wanted.expansions:
            found["users"] = self._users(viewer, posts)
        if "attachments.media_keys" in wanted.expansions:
            found["media"] = media_of(posts, self._stage.uploads, _names("media.fields"))
        if "attachments.poll_ids" in wanted.expansions:
            found["polls"] = polls_of(posts, viewer, _names("poll.fields"))
        found = {name: items for name, items in found.items() if items}
        return {"includes": found} if found else {}

    def _users(self, viewer: Viewer, posts: Sequence[SandboxPost]) -> list[dict[str, object]]:
        """The authors of *posts*, each of whom costs."""
        slugs = {post.account for post in posts}
        authors = [one for one in self._stage.world.accounts("x") if one.slug in slugs]
        prices = [(f"user {author.remote_id}", USER_PRICE) for author in authors]
        self._gate.charge(viewer.account, prices)
        return [self._user(author, _names("user.fields"), viewer) for author in authors]

    def _user(
        self, account: SandboxAccount, fields: Sequence[str], viewer: Viewer
    ) -> dict[str, object]:
        posts, premium = len(self._standing_of(account)), self._stage.is_premium(account)
        return show_user(account, fields, viewer, posts, premium=premium)

    def _post(self, number: str) -> SandboxPost | None:
        return self._stage.world.standing("x", [int(number)]).get(int(number))

    def _author(self, number: str) -> SandboxAccount | None:
        accounts = self._stage.world.accounts("x")
        return next((one for one in accounts if one.remote_id == int(number)), None)

    def _standing_of(self, account: SandboxAccount) -> list[SandboxPost]:
        posts = self._stage.world.posts("x", account.slug)
        return [post for post in posts if post.stands]


def _names(parameter: str) -> list[str]:
    return request.args.get(parameter, "").split(",")


def unknown_route() -> Response:
    """X answers what it does not know with a 404 of no bytes (recorded 2026-09-08)."""
    return empty(404)
