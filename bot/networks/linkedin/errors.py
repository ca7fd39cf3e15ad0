"""What LinkedIn's answers mean for a post: certainly not published, or not known.

Sources: LinkedIn docs 2026-08 and the answers that public reports show (reference/linkedin.md §4.4,
§5.8). Two families of bodies, the gateway's (`code`) and the resource's (`errorDetails`), and pages
of HTML from the edge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.clock import next_day, spread
from bot.errors import (
    AccountBlocked,
    NetworkError,
    NoAnswer,
    NotSent,
    Refused,
    Throttled,
    Uncertain,
)
from bot.networks.again import retry_after
from bot.networks.http import json_object, request_id
from bot.networks.uploads import FilesGone
from bot.words import N_

if TYPE_CHECKING:
    import requests

WITHOUT_A_WORD = timedelta(minutes=15)
REQUEST_IDS = ("x-li-uuid", "x-li-request-id")

_DUPLICATE = re.compile(r"duplicate of (urn:li:[A-Za-z]+:[A-Za-z0-9_-]+)")
_DAY = re.compile(r"\bDAY\b")
_LACKS_PERMISSION = "permissions must be used"
_UNVERIFIED = "unverified members"
_NOT_READY = "still processing"
_LOST_FILES = frozenset({"EXPIRED_UPLOAD_URL", "UPDATING_ASSET_FAILED"})
_STRANGE_FILES = frozenset({"INVALID_IMAGE_ID", "INVALID_VIDEO_ID", "INVALID_DOCUMENT_ID"})
_NOT_OWNED = "not owned by the author"
#: Seen with several statuses (reference/linkedin.md §5.8): the post may well be there.
_LOST_FROM_SIGHT = "Unable to obtain activity"


@dataclass(frozen=True, slots=True)
class Problem:
    """What LinkedIn says went wrong: its codes, the number of the gateway's fault, its words."""

    codes: frozenset[str]
    number: int
    words: str


def problem_of(answer: Mapping[str, Any] | None) -> Problem:
    """The problem in *answer*, of either family, or an empty one."""
    answer = answer or {}
    details = answer.get("errorDetails")
    inputs = details.get("inputErrors") if isinstance(details, dict) else None
    codes = [one.get("code") for one in inputs or [] if isinstance(one, dict)]
    number, words = answer.get("serviceErrorCode"), answer.get("message")
    return Problem(
        codes=frozenset(code for code in [answer.get("code"), *codes] if isinstance(code, str)),
        number=number if isinstance(number, int) else 0,
        words=words if isinstance(words, str) else "",
    )


def failure(
    response: requests.Response, *, publishing: bool, version: str, now: datetime
) -> NetworkError:
    """The NetworkError that an answer other than the one hoped for amounts to."""
    status = response.status_code
    known: dict[str, Any] = {
        "status": status,
        "request_id": request_id(response, *REQUEST_IDS),
    }
    answer = json_object(response)
    problem = problem_of(answer)
    if status == 429:
        return Throttled(
            N_("LinkedIn asks to wait before the next call."),
            retry_at=spread(_retry_at(response, problem, now)),
            **known,
        )
    lost = status == 408 or _LOST_FROM_SIGHT in problem.words
    if 400 <= status < 500 and not lost:
        return (
            _account_fault(status, problem, known, version)
            or _address_fault(status, answer, known)
            or _file_fault(problem, known)
            or _post_fault(status, problem, known, publishing=publishing)
        )
    if publishing:
        return Uncertain(N_("LinkedIn answered {code}: the post may be out."), code=status, **known)
    if at := retry_after(response, now):
        return Throttled(
            N_("LinkedIn asks to wait before the next call."), retry_at=spread(at), **known
        )
    return NoAnswer(N_("LinkedIn answered {code}."), code=status, **known)


def put_failure(response: requests.Response, *, version: str, now: datetime) -> NetworkError:
    """The same for the bytes of a file, sent to the address that LinkedIn named for them.

    There, a 401 says that the address is out of date (LinkedIn docs, videos): what is wrong with
    the token is said by the call that asks for a new one.
    """
    if response.status_code in (401, 403, 404, 410):
        return FilesGone(
            N_("The address that LinkedIn named for a file is not valid any more."),
            status=response.status_code,
            request_id=request_id(response, *REQUEST_IDS),
        )
    return failure(response, publishing=False, version=version, now=now)


def _account_fault(
    status: int, problem: Problem, known: dict[str, Any], version: str
) -> NetworkError | None:
    """What a person must put right before this account can publish, if that is what it is."""
    if status == 426 or problem.codes & {"NONEXISTENT_VERSION", "VERSION_MISSING"}:
        return AccountBlocked(
            N_("LinkedIn has retired version {version}: set networks.linkedin.version."),
            version=version,
            **known,
        )
    if status == 401:
        return AccountBlocked(_token_words(problem), **known)
    if status == 403 or _LACKS_PERMISSION in problem.words:
        return AccountBlocked(
            N_("LinkedIn does not give this account the permission: {detail}"),
            detail=problem.words or str(status),
            **known,
        )
    return None


def _token_words(problem: Problem) -> str:
    if problem.number == 65602 or "EXPIRED_ACCESS_TOKEN" in problem.codes:
        return N_("The access to LinkedIn has expired: connect the account again.")
    if problem.number == 65601 or "REVOKED_ACCESS_TOKEN" in problem.codes:
        return N_("The access to LinkedIn was withdrawn: connect the account again.")
    return N_("LinkedIn does not accept the access_token of this account.")


def _address_fault(
    status: int, answer: dict[str, Any] | None, known: dict[str, Any]
) -> NetworkError | None:
    """A 404 that is not LinkedIn's own words comes from an address that is not LinkedIn's."""
    if status != 404 or answer:
        return None
    return AccountBlocked(
        N_("LinkedIn has no such address: look at networks.linkedin.base_url."), **known
    )


def _file_fault(problem: Problem, known: dict[str, Any]) -> NetworkError | None:
    """What LinkedIn has against the files of a post (reference/linkedin.md §3.4)."""
    if "MEDIA_ASSET_WAITING_UPLOAD" in problem.codes or _NOT_READY in problem.words:
        return NotSent(N_("LinkedIn is still at work on a file of this post."), **known)
    if problem.codes & _LOST_FILES:
        return FilesGone(N_("LinkedIn has lost a file of this post: it is sent anew."), **known)
    if "MEDIA_ASSET_PROCESSING_FAILED" in problem.codes:
        return Refused(
            N_("LinkedIn could not process a file of this post: {detail}"),
            detail=problem.words or "MEDIA_ASSET_PROCESSING_FAILED",
            **known,
        )
    if problem.codes & _STRANGE_FILES or _NOT_OWNED in problem.words:
        return Refused(
            N_(
                "LinkedIn does not know a file of this post as one of this account. To send the "
                "file anew: pavois queue retry"
            ),
            **known,
        )
    return None


def _post_fault(
    status: int, problem: Problem, known: dict[str, Any], *, publishing: bool
) -> NetworkError:
    duplicate = _DUPLICATE.search(problem.words)
    if publishing and (duplicate or "DUPLICATE_POST" in problem.codes):
        return Uncertain(
            N_("LinkedIn says that this text is out already."),
            repeats=True,
            duplicate_of=duplicate[1] if duplicate else "",
            **known,
        )
    if status == 409:
        return NotSent(N_("LinkedIn was writing something else: to be tried again."), **known)
    if not problem.words:
        return Refused(N_("LinkedIn refuses with {code} and says no more."), code=status, **known)
    return Refused(N_("LinkedIn refuses: {detail}"), detail=problem.words, **known)


def _retry_at(response: requests.Response, problem: Problem, now: datetime) -> datetime:
    """LinkedIn names no instant (only a gateway before it does): counts of a day start again at
    00:00 UTC, others soon."""
    if _DAY.search(problem.words) or _UNVERIFIED in problem.words:
        return next_day(now)
    return retry_after(response, now) or now + WITHOUT_A_WORD
