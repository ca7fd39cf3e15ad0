"""LinkedIn, rehearsed: posts, share statistics, followers (reference/linkedin.md §1, 2, 5, 8)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote, unquote

from flask import Blueprint, Response, request

from bot.sandbox import linkedin_answers as answers
from bot.sandbox.credentials import credentials_of
from bot.sandbox.engagement import Counters, engagement, followers
from bot.sandbox.faults import Stage, empty
from bot.sandbox.linkedin_body import (
    change_in,
    refusal_of,
    statistics,
    summed,
    text_refusal,
    update_refusal,
    view_of,
)
from bot.sandbox.linkedin_content import content_refusal
from bot.sandbox.linkedin_gate import Act, Gate, Route, author_refusal, version
from bot.sandbox.linkedin_media import Files
from bot.sandbox.little_text import parse
from bot.sandbox.restli import NotAllowedError, raw_parameters, read_list
from bot.sandbox.timelines import timeline_page
from bot.sandbox.values import SandboxAccount, SandboxPost

#: "Wait about ten minutes" (LinkedIn docs); what exactly is compared is not known.
NO_TWIN_FOR = timedelta(minutes=10)

PUBLISH = Route("publish", "partnerApiPostsExternal.CREATE")
UPDATE = Route("correct", "partnerApiPostsExternal.PARTIAL_UPDATE")
DELETE = Route("delete", "partnerApiPostsExternal.DELETE")
FINDER = Route("recent", "partnerApiPostsExternal.FINDER-author")
GET = Route("other", "partnerApiPostsExternal.GET")
STATISTICS = Route("metrics", "organizationalEntityShareStatistics.FINDER-organizationalEntity")
NETWORK_SIZES = Route("other", "partnerApiNetworkSizes.GET")


class LinkedIn:
    """The routes of LinkedIn over one world."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._gate = Gate(stage)
        self._files = Files(self._gate)

    def blueprint(self) -> Blueprint:
        """The routes, for mounting under `/linkedin`."""
        found = Blueprint("linkedin", __name__)
        routes: tuple[tuple[str, str, Route, Act], ...] = (
            ("POST", "/rest/posts", PUBLISH, self._create),
            ("GET", "/rest/posts", FINDER, self._finder),
            ("GET", "/rest/posts/<urn>", GET, self._get),
            ("POST", "/rest/posts/<urn>", UPDATE, self._update),
            ("DELETE", "/rest/posts/<urn>", DELETE, self._delete),
            ("GET", "/rest/organizationalEntityShareStatistics", STATISTICS, self._statistics),
            ("GET", "/rest/networkSizes/<urn>", NETWORK_SIZES, self._network_size),
        )
        for method, rule, route, act in routes:
            view = self._gate.view(route, act)
            found.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
        for method, rule, view in self._files.views():
            found.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
        found.add_url_rule("/", "page", lambda: timeline_page(self._stage, "linkedin"))
        return found

    # posts

    def _create(self, account: SandboxAccount) -> Response:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            return answers.bad_field("/", "INVALID_VALUE_FOR_FIELD", "the body is no JSON object")
        refusal = (
            author_refusal(account, str(body.get("author", "")))
            or refusal_of(body)
            or content_refusal(body, account, self._files.named)
            or text_refusal(body)
        )
        if refusal is not None:
            return refusal
        sent = str(body["commentary"])
        parsed = parse(sent)
        content = json.dumps(body["content"], ensure_ascii=False) if "content" in body else ""
        draft = SandboxPost(
            "linkedin", 0, account.slug, sent, parsed.wire, parsed.shown, self._gate.now,
            truncated_at=parsed.cut_at, content=content,
        )  # fmt: skip
        post, is_new = self._stage.world.publish(draft, no_twin_for=NO_TWIN_FOR)
        if not is_new:
            return answers.duplicate(post.urn)
        # The number is in the headers only; the address is relative and without /rest (recorded).
        place = f"/posts/{quote(post.urn, safe='')}"
        return answers.answer(201, None, {"Location": place, "x-restli-id": post.urn})

    def _finder(self, account: SandboxAccount) -> Response:
        query = raw_parameters(request.environ["QUERY_STRING"])
        if "author" not in query or query.get("q") != "author":
            return answers.parameter_not_allowed("q")
        known = {"q", "author", "count", "start", "sortBy", "viewContext"}
        if unknown := sorted(query.keys() - known):
            return answers.parameter_not_allowed(unknown[0])
        author = unquote(query["author"])
        if refusal := author_refusal(account, author, reading=FINDER):
            return refusal
        start, count = query.get("start", "0"), query.get("count", "10")
        if not (start.isdecimal() and count.isdecimal() and 1 <= int(count) <= 100):
            return answers.parameter_not_allowed("count")
        posts = self._standing_of(account)
        page = posts[int(start) : int(start) + int(count)]
        paging = _paging(int(start), int(count), len(posts), query)
        elements = [view_of(post, author) for post in page]
        return answers.answer(200, {"paging": paging, "elements": elements})

    def _get(self, account: SandboxAccount, urn: str) -> Response:
        post = self._post(urn)
        if post is None:
            return answers.not_found()
        if post.account != account.slug:
            return answers.access_denied(GET.resource, version())
        author = credentials_of("linkedin", account.slug)["author"]
        return answers.answer(200, view_of(post, author))

    def _update(self, account: SandboxAccount, urn: str) -> Response:
        """A partial update; the same again changes nothing more."""
        if request.headers.get("X-RestLi-Method", "").upper() != "PARTIAL_UPDATE":
            return answers.parameter_not_allowed("X-RestLi-Method")
        post = self._post(urn)
        if post is None:
            return answers.not_found()
        if post.account != account.slug:
            return answers.access_denied(UPDATE.resource, version())
        change = change_in(request.get_json(silent=True))
        refusal = update_refusal(change, post)
        if refusal is not None:
            return refusal
        if "commentary" in change:
            sent = str(change["commentary"])
            parsed = parse(sent)
            edited = replace(
                post,
                sent=sent,
                stored=parsed.wire,
                shown=parsed.shown,
                truncated_at=parsed.cut_at,
                edited_at=self._gate.now,
            )
            self._stage.world.rewrite(edited)
        return answers.answer(204, None)

    def _delete(self, account: SandboxAccount, urn: str) -> Response:
        """Deleting twice is the same answer twice (LinkedIn docs)."""
        post = self._post(urn)
        if post is not None and post.account != account.slug:
            return answers.access_denied(DELETE.resource, version())
        if post is not None:
            self._stage.world.delete("linkedin", post.id, self._gate.now)
        return answers.answer(204, None)

    def _post(self, urn: str) -> SandboxPost | None:
        """The post of that name; another sort of name for the same number names nothing."""
        number = urn.rpartition(":")[2]
        if not number.isdecimal() or len(number) > 19:
            return None
        post = self._stage.world.standing("linkedin", [int(number)]).get(int(number))
        return post if post is not None and post.urn == urn else None

    def _standing_of(self, account: SandboxAccount) -> list[SandboxPost]:
        posts = self._stage.world.posts("linkedin", account.slug)
        return [post for post in posts if post.deleted_at is None]

    # figures

    def _statistics(self, account: SandboxAccount) -> Response:
        query = raw_parameters(request.environ["QUERY_STRING"])
        known = {"q", "organizationalEntity", "shares", "ugcPosts"}
        if "timeIntervals" in query:
            return answers.invalid_time_intervals()
        if unknown := sorted(query.keys() - known):
            return answers.parameter_not_allowed(unknown[0])
        if query.get("q") != "organizationalEntity":
            return answers.parameter_not_allowed("q")
        author = credentials_of("linkedin", account.slug)["author"]
        if unquote(query.get("organizationalEntity", "")) != author:
            return answers.access_denied(STATISTICS.resource, version())
        if "shares" in query or "ugcPosts" in query:
            return self._of_posts(account, author, query)
        total = summed(self._counted(post) for post in self._standing_of(account))
        return _elements(
            [{"totalShareStatistics": statistics(total), "organizationalEntity": author}]
        )

    def _of_posts(self, account: SandboxAccount, author: str, query: Mapping[str, str]) -> Response:
        """Lifetime figures by post; those without any activity are left out."""
        _needs_protocol_2("shares" if "shares" in query else "ugcPosts")
        lists = {
            kind: read_list(name, query.get(name, "List()"))
            for name, kind in (("shares", "share"), ("ugcPosts", "ugcPost"))
        }
        elements: list[Mapping[str, object]] = []
        for kind, urns in lists.items():
            if not all(urn.startswith(f"urn:li:{kind}:") for urn in urns):
                return answers.wrong_urn_type()
            for urn in dict.fromkeys(urns):
                post = self._post(urn)
                counted = self._counted(post) if post and post.account == account.slug else None
                if counted and counted.anything:
                    figures = {"totalShareStatistics": statistics(counted)}
                    elements.append({**figures, kind: urn, "organizationalEntity": author})
        return _elements(elements)

    def _counted(self, post: SandboxPost) -> Counters:
        return engagement(self._stage.seed, post.id, "linkedin", post.created_at, self._gate.now)

    def _network_size(self, account: SandboxAccount, urn: str) -> Response:
        query = raw_parameters(request.environ["QUERY_STRING"])
        if query != {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"}:
            return answers.parameter_not_allowed("edgeType")
        if urn != credentials_of("linkedin", account.slug)["author"]:
            return answers.access_denied(NETWORK_SIZES.resource, version())
        size = followers(self._stage.seed, f"linkedin/{account.slug}", self._gate.now)
        return answers.answer(200, {"firstDegreeSize": size})


def unknown_route(path: str) -> Response:
    """What the gateway says of a path that it does not know; the bare host says nothing."""
    if not path.startswith("/linkedin/rest/"):
        return empty(404)
    return answers.no_such_resource(path.removeprefix("/linkedin"))


def _needs_protocol_2(name: str) -> None:
    """Without the header a list is read as protocol 1.0.0 reads it: `List(` is no index."""
    if request.headers.get("X-Restli-Protocol-Version") != "2.0.0":
        raise NotAllowedError(name)


def _paging(start: int, count: int, total: int, query: Mapping[str, str]) -> dict[str, object]:
    links: list[dict[str, str]] = []
    if start + count < total:
        rest = "&".join(f"{name}={value}" for name, value in query.items() if name != "start")
        href = f"/rest/posts?{rest}&start={start + count}"
        links.append({"type": "application/json", "rel": "next", "href": href})
    return {"start": start, "count": count, "links": links, "total": total}


def _elements(elements: Sequence[Mapping[str, object]]) -> Response:
    paging = {"start": 0, "count": 10, "links": []}
    return answers.answer(200, {"paging": paging, "elements": list(elements)})
