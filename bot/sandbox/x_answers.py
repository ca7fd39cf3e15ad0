"""X's answers, word for word (data/x/errors.json names the source of each)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence

from flask import Response

PROBLEMS = "https://api.twitter.com/2/problems/"
JSON = "application/json; charset=utf-8"
ACCOUNT_OF_THE_CREDIT = 1146115155501039616


def answer(
    status: int,
    body: Mapping[str, object],
    headers: Mapping[str, str] | None = None,
    content_type: str = JSON,
) -> Response:
    """A JSON answer of X, with the headers that all of them carry."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status, content_type=content_type)
    response.headers["api-version"] = "2.167"
    response.headers["cache-control"] = "no-cache, no-store, max-age=0"
    response.headers["x-transaction-id"] = secrets.token_hex(8)
    response.headers.update(headers or {})
    return response


def _plain(status: int, title: str, detail: str) -> Response:
    body = {"detail": detail, "type": "about:blank", "title": title, "status": status}
    return answer(status, body)


def unauthorized() -> Response:
    """The token is unknown or the signature is not the right one."""
    body = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
    return answer(401, body, content_type="application/problem+json")


def unsupported_authentication() -> Response:
    """A Bearer token where a user is needed."""
    detail = (
        "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported"
        " authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context]."
    )
    body = {"title": "Unsupported Authentication", "detail": detail}
    return answer(403, body | {"type": f"{PROBLEMS}unsupported-authentication", "status": 403})


def no_credit() -> Response:
    """The prepaid credit is used up."""
    detail = (
        f"Your enrolled account [{ACCOUNT_OF_THE_CREDIT}] does not have any credits"
        " to fulfill this request."
    )
    body = {"account_id": ACCOUNT_OF_THE_CREDIT, "title": "CreditsDepleted", "detail": detail}
    return answer(402, body | {"type": f"{PROBLEMS}credits"})


def not_permitted() -> Response:
    return _plain(403, "Forbidden", "You are not permitted to perform this action.")


def suspended() -> Response:
    detail = "Your account is suspended and is not permitted to access this feature."
    return _plain(403, "Forbidden", detail)


def duplicate() -> Response:
    detail = "You are not allowed to create a Tweet with duplicate content."
    return _plain(403, "Forbidden", detail)


def too_long() -> Response:
    detail = (
        "Your Tweet text is too long. For more information on how Twitter determines text length"
        " see https://github.com/twitter/twitter-text."
    )
    return _plain(403, "Forbidden", detail)


def reply_not_allowed() -> Response:
    detail = (
        "Reply to this conversation is not allowed because you have not been mentioned or otherwise"
        " engaged by the author of the post you are replying to."
    )
    return _plain(403, "Forbidden", detail)


def quote_not_allowed() -> Response:
    detail = (
        "Quoting this post is not allowed because you have not been mentioned or are not part of"
        " the conversation thread of the post you are quoting."
    )
    return _plain(403, "Forbidden", detail)


def not_yours_to_delete() -> Response:
    return _plain(403, "Forbidden", "You are not authorized to delete this Tweet.")


def too_many(headers: Mapping[str, str] | None = None) -> Response:
    response = _plain(429, "Too Many Requests", "Too Many Requests")
    response.headers.update(headers or {})
    return response


def server_error(status: int, title: str) -> Response:
    return _plain(status, title, title)


def invalid(name: str, value: object, message: str) -> Response:
    """A parameter of the query, or of the body (`$.name`), that X cannot take."""
    return _invalid({name: [_short(value)]}, message)


def media_invalid(numbers: Sequence[str]) -> Response:
    """Unknown, expired, somebody else's, not processed, or out of X's limits: the same words."""
    return _invalid({"media.media_ids": list(numbers)}, "Your media IDs are invalid.")


def not_together(given: Mapping[str, object]) -> Response:
    """Two things of which a post can have one."""
    message = (
        "You can only provide one of poll or quote_tweet_id or direct_message_deep_link or media"
        " or card_uri."
    )
    return _invalid({name: [_short(value)] for name, value in given.items()}, message)


def _invalid(parameters: Mapping[str, Sequence[str]], message: str) -> Response:
    body = {
        "errors": [{"parameters": parameters, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}invalid-request",
    }
    return answer(400, body)


def _short(value: object) -> str:
    """*value* as a refusal repeats it: not a whole picture."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:300]


def missing(resource: str, parameter: str, value: str) -> dict[str, object]:
    """The part of an answer that says what was not found."""
    return {
        "value": value,
        "detail": f"Could not find {resource} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": f"{PROBLEMS}resource-not-found",
    }


def not_for_you(field: str, parameter: str, value: str) -> dict[str, object]:
    """The part of an answer that says which figure of a post is its author's alone."""
    detail = (
        f"Sorry, you are not authorized to access '{field}' on the Tweet"
        f" with {parameter} : [{value}]."
    )
    return {
        "resource_type": "tweet",
        "field": field,
        "parameter": parameter,
        "resource_id": value,
        "title": "Field Authorization Error",
        "section": "data",
        "detail": detail,
        "value": value,
        "type": f"{PROBLEMS}not-authorized-for-field",
    }


def not_shown(user: str) -> Response:
    """No refusal by its status, and nothing of what was asked: X has only errors to tell."""
    error = {
        "value": user,
        "detail": f"Sorry, you are not authorized to see the user with id: [{user}].",
        "title": "Authorization Error",
        "resource_type": "user",
        "parameter": "id",
        "resource_id": user,
        "section": "data",
        "type": f"{PROBLEMS}not-authorized-for-resource",
    }
    return answer(200, {"errors": [error]})
