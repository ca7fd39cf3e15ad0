"""A post as LinkedIn is sent it: `POST /rest/posts` (LinkedIn docs 202609; linkedin.md §1).

Only the commentary is little text. Titles, descriptions, the texts that stand for pictures and
those of a poll are plain: a backslash in them would be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.attached import LinkCard, Media, Poll, Sort
from bot.errors import Refused
from bot.model import Post
from bot.networks.linkedin.text import to_little_text
from bot.words import N_

_OPEN_FOR = {1: "ONE_DAY", 3: "THREE_DAYS", 7: "SEVEN_DAYS", 14: "FOURTEEN_DAYS"}

#: LinkedIn's name for a file that is up.
UrnOf = Callable[[Media], str]


def body_of(post: Post, author: str, urn_of: UrnOf) -> dict[str, Any]:
    """The body of *post* for everybody. Raises what *urn_of* raises, and Refused."""
    body: dict[str, Any] = {
        "author": author,
        "commentary": to_little_text(post.text, post.attached.mentions),
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    if content := _content(post, urn_of):
        # An empty one is refused: a text alone has no such key.
        body["content"] = content
    return body


def _content(post: Post, urn_of: UrnOf) -> dict[str, Any]:
    attached = post.attached
    if len(attached.media) > 1:
        return {"multiImage": {"images": [_picture(media, urn_of) for media in attached.media]}}
    if attached.media:
        return {"media": _media(attached.media[0], urn_of)}
    if attached.poll:
        return {"poll": _poll(attached.poll)}
    return {"article": _article(attached.card, urn_of)} if attached.card else {}


def _media(media: Media, urn_of: UrnOf) -> dict[str, str]:
    if media.sort in (Sort.VIDEO, Sort.DOCUMENT):
        return {"title": media.title, "id": urn_of(media)}
    return _picture(media, urn_of)


def _picture(media: Media, urn_of: UrnOf) -> dict[str, str]:
    return {"id": urn_of(media), "altText": media.alt}


def _poll(poll: Poll) -> dict[str, Any]:
    if poll.days not in _OPEN_FOR:
        raise Refused(
            N_("LinkedIn keeps a poll open for 1, 3, 7 or 14 days, not for {days}."), days=poll.days
        )
    return {
        "question": poll.question,
        "options": [{"text": option} for option in poll.options],
        "settings": {"duration": _OPEN_FOR[poll.days]},
    }


def _article(card: LinkCard, urn_of: UrnOf) -> dict[str, str]:
    article = {"source": card.url, "title": card.title, "description": card.description}
    if card.picture:
        article["thumbnail"] = urn_of(card.picture)
        article["thumbnailAltText"] = card.picture.alt
    return {name: said for name, said in article.items() if said}
