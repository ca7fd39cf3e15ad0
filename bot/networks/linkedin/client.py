"""One account on LinkedIn: a page, or a person. Versioned REST (LinkedIn docs, 202609).

A person's own posts cannot be read back (`r_member_social` is closed) and have no statistics in
this way: `LinkedInMember` has no `recent`, and its metrics are absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bot.errors import ConfigError, Refused, Uncertain
from bot.metrics import Metrics
from bot.model import Post, Published, RemotePost
from bot.networks.base import Connection
from bot.networks.characters import same_words
from bot.networks.http import base_address, check_secret, request_id, whole_number
from bot.networks.linkedin.body import body_of
from bot.networks.linkedin.errors import REQUEST_IDS
from bot.networks.linkedin.line import PUBLISHING, Line
from bot.networks.linkedin.media import LinkedInFiles
from bot.networks.linkedin.text import from_little_text, live_tags, to_little_text
from bot.networks.linkedin.versions import month_of
from bot.networks.uploads import Alive, FilesGone, Opened
from bot.words import N_, Message

#: LinkedIn docs: a query of more than some 4000 characters needs another method.
BATCH_SIZE = 50
PAGE_SIZE = 100
PAGES = 10

_STATISTICS = "/rest/organizationalEntityShareStatistics"
_ORGANISATION = re.compile(r"urn:li:organization:[0-9]+")
_PERSON = re.compile(r"urn:li:person:[A-Za-z0-9_-]+")
_POST_URN = re.compile(r"urn:li:[A-Za-z]+:[A-Za-z0-9_-]+")
_NO_ACTIVITY = Metrics(impressions=0, reactions=0, comments=0, shares=0, clicks=0)
_NOT_OUT = frozenset({"DRAFT", "PUBLISH_FAILED"})
_CORRECTIONS = Message(
    N_(
        "LinkedIn lets the text of a post be changed at any time; what is attached to it stays. "
        "People read that it was edited."
    )
)


class LinkedInMember:
    """A person on LinkedIn. Sends files ahead, publishes, corrects, deletes; is not told what was
    seen."""

    source = f"GET {_STATISTICS}"
    corrections = _CORRECTIONS
    renames = False

    def __init__(self, line: Line, author: str) -> None:
        self._line = line
        self._author = author
        self._files = LinkedInFiles(line, author)

    @property
    def api_version(self) -> str:
        return self._line.version

    def upload(self, post: Post, opened: Opened, alive: Alive) -> None:
        """Send the files of *post* ahead; what LinkedIn has already is not sent again."""
        self._files.send(post.attached.files, opened, alive)

    def publish(self, post: Post) -> Published:
        """POST /rest/posts, once: LinkedIn takes no key by which it would know a second one."""
        body = body_of(post, self._author, self._files.urn)
        try:
            response = self._line.call(*PUBLISHING, body=body)
        except (FilesGone, Refused):
            # Whoever tries a refused post again does not want what was refused.
            self._files.forget(post.attached.files)
            raise
        urn = response.headers.get("x-restli-id", "")
        call = request_id(response, *REQUEST_IDS)
        if response.status_code != 201 or not _POST_URN.fullmatch(urn):
            raise Uncertain(
                N_("LinkedIn took the post and did not say under which name."),
                status=response.status_code,
                request_id=call,
            )
        return Published(
            remote_id=urn,
            url=self._line.address_of(urn),
            at=self._line.clock.now(),
            request_id=call,
            status=response.status_code,
        )

    def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """Nothing: LinkedIn gives no statistics of a person's posts here. Absent, not zero."""
        return {}

    def address_of(self, remote_id: str) -> str:
        """Where people see the post of that URN, which a 422 may have named."""
        return self._line.address_of(remote_id)

    def hindrance(self, post: Post) -> Message | None:
        """Nothing: what LinkedIn does not let be changed, it says when it is asked."""
        return None

    def correct(self, post: Post, text: str) -> Published:
        """Partial update of the commentary (LinkedIn docs, "Posts API"): the post keeps its name,
        and the same update again changes nothing."""
        commentary = to_little_text(text, post.attached.mentions)
        response = self._line.call(
            "POST",
            f"/rest/posts/{_coded(post.remote_id)}",
            rest_method="PARTIAL_UPDATE",
            body={"patch": {"$set": {"commentary": commentary}}},
        )
        return Published(
            remote_id=post.remote_id,
            url=post.url,
            at=self._line.clock.now(),
            request_id=request_id(response, *REQUEST_IDS),
            status=response.status_code,
        )

    def delete(self, remote_id: str) -> None:
        """DELETE /rest/posts/{urn}: 204 again for a post that is gone already (LinkedIn docs)."""
        try:
            self._line.call("DELETE", f"/rest/posts/{_coded(remote_id)}", rest_method="DELETE")
        except Refused as error:
            if error.status != 404:
                raise


class LinkedInPage(LinkedInMember):
    """An organisation's page: its posts can be read back and have statistics too."""

    def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """Counters since publication. LinkedIn leaves a post without any activity out: zeros."""
        wanted = [urn for urn in dict.fromkeys(remote_ids) if _parameter(urn)]
        found: dict[str, Metrics] = {}
        for at in range(0, len(wanted), BATCH_SIZE):
            found.update(self._statistics(wanted[at : at + BATCH_SIZE]))
        return found

    def recent(self, since: datetime) -> Sequence[RemotePost]:
        """The page's own posts since *since*, newest first, as people read them."""
        found: list[RemotePost] = []
        for page in self._pages():
            shown = (_remote(one, self._line.address_of) for one in page)
            posts = [post for post in shown if post is not None]
            found += [post for post in posts if post.at >= since]
            if len(page) < PAGE_SIZE or any(post.at < since for post in posts):
                break
        return sorted(found, key=lambda post: post.at, reverse=True)

    def same_text(self, post: Post, remote: RemotePost) -> bool:
        """Whether *remote* is *post*: forms and white space set aside."""
        return same_words(post.text) == same_words(remote.text)

    def _statistics(self, urns: list[str]) -> dict[str, Metrics]:
        """One call for *urns*; in halves when LinkedIn does not know one, which fails them all."""
        query = f"?q=organizationalEntity&organizationalEntity={_coded(self._author)}"
        for parameter in ("shares", "ugcPosts"):
            listed = [_coded(urn) for urn in urns if _parameter(urn) == parameter]
            query += f"&{parameter}=List({','.join(listed)})" if listed else ""
        try:
            elements = self._line.read(_STATISTICS + query)
        except Refused as error:
            if error.status != 404:
                raise
            middle = len(urns) // 2
            if not middle:
                return {}
            return {**self._statistics(urns[:middle]), **self._statistics(urns[middle:])}
        measured = dict(_measured(element) for element in elements)
        return {urn: measured.get(urn, _NO_ACTIVITY) for urn in urns}

    def _pages(self) -> Iterator[list[dict[str, Any]]]:
        query = f"/rest/posts?q=author&author={_coded(self._author)}&count={PAGE_SIZE}"
        for page in range(PAGES):
            yield self._line.read(
                f"{query}&start={page * PAGE_SIZE}&sortBy=CREATED", rest_method="FINDER"
            )


def connect(connection: Connection) -> LinkedInMember:
    """The account of *connection*: a page or a person. ConfigError for what cannot be one."""
    slug = connection.account.slug
    token = check_secret(connection.credentials, "access_token", slug)
    author = connection.credentials.get("author", "")
    version = str(connection.settings["version"])
    if month_of(version) is None:
        raise ConfigError(N_("networks.linkedin.version is not a year and a month, as 202609."))
    line = Line(
        base_url=base_address(connection.settings, "linkedin"),
        version=version,
        token=token,
        session=connection.session,
        clock=connection.clock,
        address_of=connection.address_of,
    )
    if _ORGANISATION.fullmatch(author):
        return LinkedInPage(line, author)
    if _PERSON.fullmatch(author):
        return LinkedInMember(line, author)
    raise ConfigError(
        N_(
            "The author of the account {account} is not a name that LinkedIn gives: "
            "urn:li:organization:… for a page, urn:li:person:… for a person."
        ),
        account=slug,
    )


def _coded(urn: str) -> str:
    return quote(urn, safe="")


def _parameter(urn: str) -> str:
    """The parameter that *urn* is asked for with; the wrong one is answered with a 404."""
    if urn.startswith("urn:li:share:"):
        return "shares"
    return "ugcPosts" if urn.startswith("urn:li:ugcPost:") else ""


def _measured(element: Mapping[str, Any]) -> tuple[str, Metrics]:
    """The post that *element* speaks of, and its counters; `likeCount` is any reaction."""
    urn = element.get("share") or element.get("ugcPost")
    total = element.get("totalShareStatistics")
    counted = total if isinstance(total, dict) else {}
    extra = {
        name: whole_number(counted.get(name))
        for name in ("uniqueImpressionsCount", "commentMentionsCount", "shareMentionsCount")
    }
    return str(urn), Metrics(
        impressions=whole_number(counted.get("impressionCount")),
        reactions=whole_number(counted.get("likeCount")),
        comments=whole_number(counted.get("commentCount")),
        shares=whole_number(counted.get("shareCount")),
        clicks=whole_number(counted.get("clickCount")),
        extra={name: count for name, count in extra.items() if count is not None},
    )


def _remote(element: Mapping[str, Any], address_of: Callable[[str], str]) -> RemotePost | None:
    """The post that *element* is; None for a draft, or for what has no name or no date."""
    urn, wire = element.get("id"), element.get("commentary")
    at = whole_number(element.get("publishedAt")) or whole_number(element.get("createdAt"))
    if not isinstance(urn, str) or not at or element.get("lifecycleState") in _NOT_OUT:
        return None
    return RemotePost(
        remote_id=urn,
        url=address_of(urn),
        text=from_little_text(wire if isinstance(wire, str) else ""),
        at=datetime.fromtimestamp(at / 1000, UTC),
        tags=live_tags(wire if isinstance(wire, str) else ""),
    )
