"""`POST /2/tweets` of the rehearsal's X: text, media, polls, threads, edits.

Sources: reference/x.md §1.2, §2.5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Response

from bot.sandbox import x_answers as answers
from bot.sandbox.uploads import Upload
from bot.sandbox.values import SandboxAccount, SandboxPost
from bot.sandbox.x_gate import Gate
from bot.sandbox.x_media import is_ready
from bot.sandbox.x_schema import POST, read_body
from bot.sandbox.x_text import MAX_WEIGHT, is_invalid, normal, pieces, weight, with_media
from bot.sandbox.x_view import (
    EDITABLE_FOR,
    EDITS,
    conversation_of,
    first_version_at,
    media_key,
    salt_of,
)

#: Undocumented; "hours to about a day" (reference/x.md §2.5).
NO_TWIN_FOR = timedelta(hours=24)
#: Thousandths of a dollar (X docs 2026-08, "pricing").
PRICE, PRICE_WITH_LINK = 15, 200
#: Of these a post has one.
ONE_OF = ("poll", "quote_tweet_id", "direct_message_deep_link", "media", "card_uri")


class Writer:
    """What makes posts."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._stage = gate.stage

    def create(self, account: SandboxAccount) -> Response:
        """The route."""
        body = read_body(POST)
        text = normal(body.get("text", ""))
        media = self._media(account, body)
        refusal = (
            self._refusal(account, body, media)
            or self._edit_refusal(account, body)
            or _text_refusal(text)
        )
        if refusal is not None:
            return refusal
        draft, linked = self._draft(account, body, text, media)
        post, is_new = self._stage.world.publish(draft, no_twin_for=NO_TWIN_FOR)
        if not is_new:
            return answers.duplicate()
        self._gate.charge(account, [(f"post {post.id}", PRICE_WITH_LINK if linked else PRICE)])
        # X answers a creation in its old words, with one empty string (recorded autumn 2026).
        data = {"id": str(post.id), "text": post.stored, "edit_history_tweet_ids": [""]}
        return answers.answer(201, {"data": data})

    def _draft(
        self,
        account: SandboxAccount,
        body: Mapping[str, Any],
        text: str,
        media: Sequence[Upload | None],
    ) -> tuple[SandboxPost, bool]:
        """The post as X stores it, and whether it costs what a link costs."""
        now = self._gate.now
        salt = salt_of(account.slug, now)
        stretches = pieces(text, salt)
        linked = any(piece.kind == "url" for piece in stretches)
        parent, before = self._parent(body), self._edited(body)
        draft = SandboxPost(
            network="x",
            id=0,
            account=account.slug,
            sent=body.get("text", ""),
            stored="".join(
                piece.stored for piece in (with_media(stretches, salt) if media else stretches)
            ),
            shown=text,
            created_at=now,
            content=_content(body, media),
            reply_to=parent.id if parent else None,
            conversation=conversation_of(parent) if parent else None,
            edited_at=now if before else None,
            earlier=(*before.earlier, before.id) if before else (),
        )
        return draft, linked

    def _refusal(
        self, account: SandboxAccount, body: Mapping[str, Any], media: Sequence[Upload | None]
    ) -> Response | None:
        """What is refused whatever the text says."""
        given = {name: body[name] for name in ONE_OF if name in body}
        if len(given) > 1:
            return answers.not_together(given)
        if "quote_tweet_id" in body:
            return answers.quote_not_allowed()
        if "media" in body and not _fit_together(media):
            return answers.media_invalid(body["media"]["media_ids"])
        if "reply" in body:
            parent = self._parent(body)
            if parent is None or parent.account != account.slug:
                return answers.reply_not_allowed()
        if not body.get("text") and not media:
            return answers.invalid("$.text", body.get("text", ""), "$.text: is missing or empty")
        return None

    def _parent(self, body: Mapping[str, Any]) -> SandboxPost | None:
        """The post that is answered, if it stands."""
        number = int(body["reply"]["in_reply_to_tweet_id"]) if "reply" in body else 0
        return self._stage.world.standing("x", [number]).get(number)

    def _edited(self, body: Mapping[str, Any]) -> SandboxPost | None:
        """The version that is edited, if it stands."""
        number = int(body.get("edit_options", {}).get("previous_post_id", 0))
        return self._stage.world.standing("x", [number]).get(number)

    def _edit_refusal(self, account: SandboxAccount, body: Mapping[str, Any]) -> Response | None:
        """An account's own latest version, with Premium, within the hour, five times, no poll."""
        post = self._edited(body)
        may = (
            post is not None
            and post.account == account.slug
            and post.stands
            and "poll" not in post.attached
            and self._stage.is_premium(account)
            and len(post.earlier) < EDITS
            and self._gate.now - first_version_at(post) <= EDITABLE_FOR
        )
        return None if may or "edit_options" not in body else answers.not_permitted()

    def _media(self, account: SandboxAccount, body: Mapping[str, Any]) -> list[Upload | None]:
        """The files that the post shows; None for one that it cannot."""
        found = []
        for number in body.get("media", {}).get("media_ids", []):
            upload = self._stage.uploads.find("x", number)
            ready = upload is not None and is_ready(upload, account, self._gate.now)
            found.append(upload if ready else None)
        return found


def _content(body: Mapping[str, Any], media: Sequence[Upload | None]) -> str:
    if "poll" in body:
        poll = {name: body["poll"][name] for name in ("options", "duration_minutes")}
        return json.dumps({"poll": poll}, ensure_ascii=False)
    keys = [media_key(upload) for upload in media if upload is not None]
    if not keys:
        return ""
    title = {name: body["media"][name] for name in ("title",) if name in body["media"]}
    return json.dumps({"media": keys} | title, ensure_ascii=False)


def _fit_together(media: Sequence[Upload | None]) -> bool:
    """Four photos, or one GIF, or one video; each once."""
    kinds = [upload.kind for upload in media if upload is not None]
    names = {upload.name for upload in media if upload is not None}
    alone = len(media) == 1 or set(kinds) == {"image"}
    return len(kinds) == len(names) == len(media) and alone


def _text_refusal(text: str) -> Response | None:
    if is_invalid(text):
        return answers.invalid("$.text", text, "$.text: contains invalid characters")
    if weight(text) > MAX_WEIGHT:
        return answers.too_long()
    if sum(piece.kind == "cashtag" for piece in pieces(text, "")) > 1:
        return answers.not_permitted()
    return None
