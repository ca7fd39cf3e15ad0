"""LinkedIn's answers, word for word (data/linkedin/errors.json names the source of each).

Errors of the gateway (token, version, throttle) and of a resource differ in shape and header.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping

from flask import Response

GATEWAY = {"x-restli-gateway-error": "true"}
RESOURCE = {"x-restli-error-response": "true"}
EXCEPTION = "com.linkedin.content.common.exception.BadRequestResponseException: "


def answer(
    status: int, body: Mapping[str, object] | None, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer, or one of no bytes when *body* is None, with LinkedIn's usual headers."""
    text = "" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status, content_type="application/json")
    if body is None:
        response.headers.pop("Content-Type")
    response.headers["x-restli-protocol-version"] = "2.0.0"
    response.headers["x-li-fabric"] = "prod-lva1"
    response.headers["x-li-uuid"] = base64.b64encode(secrets.token_bytes(16)).decode()
    response.headers.update(headers or {})
    return response


def _gateway(status: int, code: str, message: str, number: int | None = None) -> Response:
    body: dict[str, object] = {"status": status}
    if number is not None:
        body["serviceErrorCode"] = number
    return answer(status, body | {"code": code, "message": message}, GATEWAY)


def _resource(status: int, message: str, **problem: object) -> Response:
    body: dict[str, object] = {"message": message, "status": status}
    if problem:
        body = {
            "errorDetailType": "com.linkedin.common.error.BadRequest",
            "message": message,
            "errorDetails": {"inputErrors": [problem]},
            "status": status,
        }
    return answer(status, body, RESOURCE)


# the gateway


def invalid_token() -> Response:
    return _gateway(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)


def empty_token() -> Response:
    return _gateway(401, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token", 65604)


def expired_token() -> Response:
    return _gateway(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65602)


def revoked_token() -> Response:
    message = "The token used in the request has been revoked by the user"
    return _gateway(401, "REVOKED_ACCESS_TOKEN", message, 65601)


def version_missing() -> Response:
    message = (
        "A version must be present. Please specify a version by adding the Linkedin-Version header."
    )
    return _gateway(400, "VERSION_MISSING", message)


def version_not_active(version: str) -> Response:
    """`202504` is printed as `20250401`."""
    return _gateway(426, "NONEXISTENT_VERSION", f"Requested version {version}01 is not active")


def throttled_for_the_day() -> Response:
    message = (
        "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource"
        " is reached."
    )
    return _gateway(429, "TOO_MANY_REQUESTS", message, 101)


def throttled() -> Response:
    message = "Resource level throttle limit for calls to this resource is reached."
    return _gateway(429, "TOO_MANY_REQUESTS", message, 101)


def throttled_bare() -> Response:
    return answer(429, {"status": 429, "message": "Too Many Requests"}, GATEWAY)


def access_denied(resource: str, version: str) -> Response:
    message = f"Not enough permissions to access: {resource}.{version}01"
    return _gateway(403, "ACCESS_DENIED", message, 100)


# the resource


def not_the_author() -> Response:
    """The token has no role on the page that is to be the author."""
    message = (
        "Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing"
        " fields [/author]"
    )
    body = {"message": message, "serviceErrorCode": 100, "status": 403}
    return answer(403, body, RESOURCE)


def member_permission() -> Response:
    return _resource(400, "Member permissions must be used when using member as author")


def duplicate(urn: str) -> Response:
    return _resource(
        422,
        f"{EXCEPTION}Content is a duplicate of {urn}",
        description="Duplicate post is detected",
        input={},
        code="DUPLICATE_POST",
    )


def too_long(units: int, limit: int) -> Response:
    message = (
        f"{EXCEPTION}ShareCommentary text length ({units} characters) exceeded the maximum allowed"
        f" ({limit} characters)"
    )
    return _resource(
        400,
        message,
        description="Size of array cannot be higher than the maxLength",
        input={"value": {"stringValue": "..."}},
        code="FIELD_ARRAY_SIZE_TOO_HIGH",
        maxLength=limit,
    )


def bad_field(field: str, code: str, message: str, status: int = 400) -> Response:
    where = {"inputPath": {"fieldPath": field}}
    return _resource(status, message, description=message, input=where, code=code)


def missing_field(field: str) -> Response:
    return bad_field(field, "MISSING_FIELD", f"{field} is required but missing")


def not_owned() -> Response:
    """A file of somebody else (recorded 2019 to 2026)."""
    return _resource(400, "One or more of the assets is not owned by the author")


def still_processing() -> Response:
    """A file that is not ready yet."""
    return _resource(422, "asset is still processing")


def file_forbidden(kind: str) -> Response:
    """The state of a file that one may not see (recorded for images, 2025-2026)."""
    message = (
        f"Accessing this {kind} resource is forbidden."
        " Please check your permissions for this resource"
    )
    return answer(403, {"status": 403, "code": "ACCESS_DENIED", "message": message}, RESOURCE)


def parameter_not_allowed(name: str) -> Response:
    return _resource(
        400,
        "Invalid param. Please see errorDetails for more information.",
        description="Invalid query parameters passed to request",
        input={"inputPath": {"fieldPath": name}},
        code="QUERY_PARAM_NOT_ALLOWED",
    )


def invalid_time_intervals() -> Response:
    return _resource(400, "Parameter 'timeIntervals' is invalid")


def not_found() -> Response:
    body = {"status": 404, "code": "NOT_FOUND", "message": "Could not find entity"}
    return answer(404, body, RESOURCE)


def wrong_urn_type() -> Response:
    return _resource(404, "could not find entity")


def no_such_resource(path: str) -> Response:
    body = {
        "status": 404,
        "code": "RESOURCE_NOT_FOUND",
        "message": f"No virtual resource found {path}",
    }
    return answer(404, body, GATEWAY)


def conflict() -> Response:
    body = {
        "status": 409,
        "code": "CONFLICT",
        "message": "A write conflict occurred. Retry the request.",
    }
    return answer(409, body, RESOURCE)


def server_error() -> Response:
    body = {"status": 500, "code": "INTERNAL_SERVER_ERROR", "message": "Internal Server Error"}
    return answer(500, body, RESOURCE)


def unavailable() -> Response:
    return answer(503, {"status": 503, "message": "Service Unavailable"}, GATEWAY)


def gateway_timeout() -> Response:
    body = {"status": 504, "code": "GATEWAY_TIMEOUT", "message": "Gateway Timeout"}
    return answer(504, body, GATEWAY)
