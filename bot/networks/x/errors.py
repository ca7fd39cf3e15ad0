"""What X's answers mean for a post: certainly not published, or not known.

Sources: X docs 2026-08, and the answers that public logs show (reference/x.md §1.5, §2.5). The same
fault comes with several statuses and two spellings of its address, so words and the last part of
the problem's address decide before the status does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.clock import next_day, spread
from bot.errors import (
    AccountBlocked,
    NetworkError,
    NoAnswer,
    Refused,
    Throttled,
    Uncertain,
)
from bot.networks.again import bounded, retry_after
from bot.networks.http import json_object, request_id
from bot.networks.uploads import FilesGone
from bot.words import N_

if TYPE_CHECKING:
    import requests

WINDOWS = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
WITHOUT_A_WORD = timedelta(minutes=15)
#: X counts an account's posts of the day in parts of half an hour, and does not say when it stops
#: refusing; hourly tries are few, and a post whose time is over expires by itself.
ACCOUNT_LIMIT = timedelta(hours=1)

_NO_CREDIT = "credits"
#: What a month's reads may be, of plans of before 2026.
_CAPPED = "usage-capped"
_ACCOUNT_PROBLEMS = frozenset(
    {"oauth1-permissions", "unsupported-authentication", "client-forbidden", "client-not-enrolled"}
)
_ACCOUNT_WORDS = ("suspended", "locked", "deactivated")
_LIMIT_WORDS = "not permitted to perform this action"
_REPLY_WORDS = "reply to this conversation is not allowed"
_FILES_WORDS = "media ids are invalid"
#: v1.1: authentication failed, suspended, invalid token, locked, no access to this endpoint.
_ACCOUNT_CODES = frozenset({32, 64, 89, 326, 453})


@dataclass(frozen=True, slots=True)
class Problem:
    """What X says went wrong: the last part of the problem's address, its words, v1.1 codes."""

    kind: str
    reason: str
    words: str
    codes: frozenset[int]


def problem_of(answer: Mapping[str, Any] | None) -> Problem:
    """The problem in *answer*, of either family (problem JSON, v1.1 `errors`), or an empty one."""
    answer = answer or {}
    listed = answer.get("errors")
    errors = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    said = [one["message"] for one in errors if isinstance(one.get("message"), str)]
    words = "; ".join(said) or _text(answer, "detail") or _text(answer, "title")
    return Problem(
        kind=_text(answer, "type").rstrip("/").rpartition("/")[2],
        reason=_text(answer, "reason"),
        words=words,
        codes=frozenset(one["code"] for one in errors if isinstance(one.get("code"), int)),
    )


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    return value if isinstance(value, str) else ""


def failure(response: requests.Response, *, publishing: bool, now: datetime) -> NetworkError:
    """The NetworkError that an answer other than 2xx amounts to.

    An empty 404 is X's answer to an address it does not have (seen 2026-09): the account waits
    until the address is put right. A 3xx or 5xx to a publication leaves it unknown.
    """
    known: dict[str, Any] = {
        "status": response.status_code,
        "request_id": request_id(response, "x-transaction-id"),
    }
    answer = json_object(response)
    problem = problem_of(answer)
    # Credit and windows are counted apart, and no waiting brings credit.
    if response.status_code == 429 and problem.kind != _NO_CREDIT:
        return Throttled(
            N_("X asks to wait before the next call."),
            retry_at=spread(_retry_at(response, problem, now)),
            **known,
        )
    if 400 <= response.status_code < 500 and response.status_code != 408:
        return (
            _account_limit(response.status_code, problem, known, now)
            or _account_fault(response.status_code, problem, known, known_address=bool(answer))
            or _post_fault(response.status_code, problem, known, publishing=publishing)
        )
    if publishing:
        return Uncertain(
            N_("X answered {code}: the post may be out."), code=response.status_code, **known
        )
    if at := retry_after(response, now):
        return Throttled(N_("X asks to wait before the next call."), retry_at=spread(at), **known)
    return NoAnswer(N_("X answered {code}."), code=response.status_code, **known)


def _account_limit(
    status: int, problem: Problem, known: dict[str, Any], now: datetime
) -> NetworkError | None:
    """An account's own limits, which no header tells (reference/x.md §2.2), show as this 403."""
    if status != 403 or problem.kind != "about:blank" or _LIMIT_WORDS not in problem.words.lower():
        return None
    return Throttled(
        N_("X does not let this account post now: perhaps its daily limit."),
        retry_at=now + ACCOUNT_LIMIT,
        **known,
    )


def _account_fault(
    status: int, problem: Problem, known: dict[str, Any], *, known_address: bool
) -> NetworkError | None:
    """What a person must put right before this account can publish, if that is what it is."""
    if status == 402 or problem.kind == _NO_CREDIT:
        return AccountBlocked(
            N_("There is no credit left on X: top up the account of the application."), **known
        )
    if status == 401:
        return AccountBlocked(
            N_("X does not accept the keys of this account: they are wrong or were revoked."),
            **known,
        )
    if status == 404 and not known_address:
        return AccountBlocked(N_("X has no such address: look at networks.x.base_url."), **known)
    if status == 403 and _is_the_account(problem):
        return AccountBlocked(
            N_("X does not let this account publish: {detail}"),
            detail=problem.words or problem.kind,
            **known,
        )
    return None


def _post_fault(
    status: int, problem: Problem, known: dict[str, Any], *, publishing: bool
) -> NetworkError:
    words = problem.words.lower()
    if publishing and "duplicate content" in words:
        # Not by this call: but an earlier one, whose answer was lost, may have done it.
        return Uncertain(N_("X says that this text is out already."), repeats=True, **known)
    if _FILES_WORDS in words:
        return FilesGone(N_("X does not know a file of this post, or not any more."), **known)
    if "too long" in words:
        return Refused(N_("X finds this text too long."), **known)
    if _REPLY_WORDS in words:
        # X docs 2026-02-23: only who was mentioned may answer; of one's own posts it says nothing.
        return Refused(
            N_(
                "X does not let this account answer its own post: what is out of this thread "
                "stands alone. Say the rest in an announcement of its own, and write "
                "threads = false for this account in the campaign."
            ),
            **known,
        )
    if not words:
        return Refused(N_("X refuses with {code} and says no more."), code=status, **known)
    return Refused(N_("X refuses: {detail}"), detail=problem.words, **known)


def _is_the_account(problem: Problem) -> bool:
    if problem.kind in _ACCOUNT_PROBLEMS or problem.reason in _ACCOUNT_PROBLEMS:
        return True
    said = problem.words.lower()
    return bool(problem.codes & _ACCOUNT_CODES) or any(word in said for word in _ACCOUNT_WORDS)


def _retry_at(response: requests.Response, problem: Problem, now: datetime) -> datetime:
    """The latest reset among the windows that are used up: a short one may be open, a day's not.

    A gateway before X says it in its own way; what a month's cap ends, only another day can bring.
    """
    resets = [
        bounded(reset, now)
        for window in WINDOWS
        if response.headers.get(f"{window}-remaining", "0").strip() == "0"
        and (reset := _instant(response.headers.get(f"{window}-reset", ""))) is not None
    ]
    if at := retry_after(response, now):
        resets.append(at)
    if problem.kind == _CAPPED:
        resets.append(next_day(now))
    return max(resets, default=now + WITHOUT_A_WORD)


def _instant(seconds: str) -> datetime | None:
    """The instant *seconds* after 1970, as the headers write it."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
