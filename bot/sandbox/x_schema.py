"""What X takes in a body, as its specification (2.167) says it, and its words for the rest.

The words are those of the validator that X's recorded refusals speak like
(`$.reply.in_reply_to_tweet_id: is missing but it is required`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, request

from bot.sandbox import x_answers as answers

Schema = Mapping[str, Any]

NUMBER = "^[0-9]{1,19}$"
_ID: Schema = {"type": "string", "pattern": NUMBER}
_ANY: Schema = {}


def _object(required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": required.split(), "properties": properties}


MEDIA = _object(
    "media_ids",
    media_ids={"type": "array", "items": _ID, "minItems": 1, "maxItems": 4},
    tagged_user_ids={"type": "array", "items": _ID, "maxItems": 10},
    call_to_actions=_ANY,
    description={"type": "string"},
    embeddable={"type": "boolean"},
    preview_media_id=_ID,
    title={"type": "string"},
)
POLL = _object(
    "options duration_minutes",
    options={
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 25},
        "minItems": 2,
        "maxItems": 4,
    },
    duration_minutes={"type": "integer", "minimum": 5, "maximum": 10_080},
    reply_settings={"type": "string"},
)
POST = _object(
    "",
    text={"type": "string"},
    media=MEDIA,
    poll=POLL,
    reply=_object(
        "in_reply_to_tweet_id",
        in_reply_to_tweet_id=_ID,
        auto_populate_reply_metadata={"type": "boolean"},
        exclude_reply_user_ids={"type": "array", "items": {"type": "string"}},
    ),
    quote_tweet_id=_ID,
    card_uri=_ANY,
    community_id=_ANY,
    direct_message_deep_link=_ANY,
    edit_options=_object("previous_post_id", previous_post_id=_ID),
    for_super_followers_only=_ANY,
    geo=_ANY,
    made_with_ai=_ANY,
    nullcast=_ANY,
    paid_partnership=_ANY,
    reply_settings=_ANY,
    share_with_followers=_ANY,
)
#: The categories that are played; X has others, for messages, subtitles and advertisers.
CATEGORY: Schema = {"type": "string", "enum": ["tweet_gif", "tweet_image", "tweet_video"]}
INITIALIZE = _object(
    "media_type total_bytes media_category",
    media_type={
        "type": "string",
        "enum": [
            "image/gif",
            "image/jpeg",
            "image/png",
            "image/webp",
            "video/mp4",
            "video/quicktime",
        ],
    },
    total_bytes={"type": "integer", "minimum": 0, "maximum": 17_179_869_184},
    media_category=CATEGORY,
    shared={"type": "boolean"},
    additional_owners={"type": "array", "items": _ID},
)
APPEND = _object(
    "media segment_index",
    media={"type": "string"},
    segment_index={"type": "integer", "minimum": 0, "maximum": 999},
)
ONE_SHOT = _object(
    "media media_category",
    media={"type": "string"},
    media_category=CATEGORY,
    additional_owners={"type": "string"},
)
METADATA = _object(
    "id",
    id=_ID,
    metadata=_object(
        "",
        alt_text=_object("text", text={"type": "string", "maxLength": 1000}),
        allow_download_status=_ANY,
        audience_policy=_ANY,
        content_expiration=_ANY,
        domain_restrictions=_ANY,
        found_media_origin=_ANY,
        geo_restrictions=_ANY,
        management_info=_ANY,
        preview_image=_ANY,
        sensitive_media_warning=_ANY,
        shared_info=_ANY,
        sticker_info=_ANY,
        upload_source=_ANY,
    ),
)

_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
}
#: What a limit is called, what it measures, whether it is a least, and the words of a refusal.
_LIMITS = (
    ("minItems", list, True, "there must be a minimum of {} items in the array"),
    ("maxItems", list, False, "there must be a maximum of {} items in the array"),
    ("minLength", str, True, "must be at least {} characters long"),
    ("maxLength", str, False, "may only be {} characters long"),
    ("minimum", int, True, "must have a minimum value of {}"),
    ("maximum", int, False, "must have a maximum value of {}"),
)


class InvalidError(Exception):
    """A parameter that X refuses with a 400: its name, its value, X's words."""

    @property
    def response(self) -> Response:
        return answers.invalid(*self.args)


def read_body(schema: Schema) -> dict[str, Any]:
    """The JSON body of the request, as *schema* has it; InvalidError otherwise."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise InvalidError("$", "", "$: the body must be a JSON object")
    check(body, schema)
    return body


def check(value: object, schema: Schema) -> None:
    """Raise InvalidError for the first thing in *value* that *schema* does not allow."""
    for path, wrong, words in _violations("$", value, schema):
        raise InvalidError(path, wrong, f"{path}{words}")


def _violations(path: str, value: object, schema: Schema) -> Iterator[tuple[str, object, str]]:
    """Where, what, and the words that follow the place."""
    kind = schema.get("type")
    if kind and not _is(value, kind):
        yield path, value, f": {_kind_of(value)} found, {kind} expected"
        return
    yield from ((path, value, words) for words in _broken_limits(value, schema))
    if isinstance(value, dict) and "properties" in schema:
        yield from _of_object(path, value, schema)
    if isinstance(value, list) and "items" in schema:
        for place, item in enumerate(value):
            yield from _violations(f"{path}[{place}]", item, schema["items"])


def _of_object(
    path: str, value: Mapping[str, object], schema: Schema
) -> Iterator[tuple[str, object, str]]:
    known = schema["properties"]
    for name in schema["required"]:
        if name not in value:
            yield path, value, f".{name}: is missing but it is required"
    for name, item in value.items():
        if name in known:
            yield from _violations(f"{path}.{name}", item, known[name])
        else:
            words = ": is not defined in the schema and the schema does not allow additional"
            yield f"{path}.{name}", item, f"{words} properties"


def _broken_limits(value: object, schema: Schema) -> Iterator[str]:
    for name, kind, is_least, words in _LIMITS:
        if name in schema and isinstance(value, kind):
            measured = value if isinstance(value, int) else len(value)
            if measured < schema[name] if is_least else measured > schema[name]:
                yield f": {words.format(schema[name])}"
    if "enum" in schema and value not in schema["enum"]:
        yield f": does not have a value in the enumeration [{', '.join(schema['enum'])}]"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], str(value)):
        yield f": does not match the regex pattern {schema['pattern']}"


def _is(value: object, kind: str) -> bool:
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _kind_of(value: object) -> str:
    names = {"null": type(None), "number": float, **_KINDS}
    if isinstance(value, bool):
        return "boolean"
    return next((name for name, kind in names.items() if isinstance(value, kind)), "unknown")
