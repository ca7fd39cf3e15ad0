"""What can go wrong between a client and a network, on demand (for tests and rehearsals).

A fault is kept in the world and used up call by call, whichever process takes the call. *before*
means that nothing was stored, *after* that the post stands although its author is not told so.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Event
from typing import cast

from flask import Response, request

from bot.clock import Clock, RehearsalClock
from bot.sandbox.uploads import Upload, Uploads
from bot.sandbox.values import NETWORKS, SandboxAccount
from bot.sandbox.world import World

#: `upload` stands for all steps of an upload, `upload_part` and its like for one.
UPLOAD_ROUTES = ("upload_start", "upload_part", "upload_end", "upload_status", "upload_alt")
ROUTES = (
    "publish",
    "metrics",
    "recent",
    "correct",
    "delete",
    "other",
    "upload",
    *UPLOAD_ROUTES,
    "any",
)
KINDS = (
    "error_500_before",
    "error_500_after",
    "html_502",
    "unavailable_503",
    "hang_before",
    "hang_after",
    "drop_before",
    "drop_after",
    "unauthorized_401",
    "revoked_401",
    "no_credit_402",
    "forbidden_403",
    "suspended_403",
    "rate_limit_429",
    "rate_limit_day_429",
    "rate_limit_429_bare",
    "redirect_301",
    "empty_404",
    "version_426",
    "conflict_409",
    "errors_200",
)
#: What becomes of the next file that is whole: its processing fails, or never ends.
FATES = ("processing_failed", "processing_stuck")
ONLY_ON = {
    "no_credit_402": "x",
    "suspended_403": "x",
    "errors_200": "x",
    "revoked_401": "linkedin",
    "version_426": "linkedin",
    "conflict_409": "linkedin",
}

#: A network's own words for what went wrong, by kind of fault.
Answers = Mapping[str, Callable[[], Response]]

HTML_502 = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True)
class Stage:
    """What both networks play on. `halt` ends every wait when the server stops."""

    world: World
    uploads: Uploads
    clock: Clock
    seed: int
    halt: Event = field(default_factory=Event)

    def is_premium(self, account: SandboxAccount) -> bool:
        """Whether X counts *account* among those who pay."""
        return bool(self.world.number(f"premium {account.slug}"))

    def let_wait(self, upload: Upload, seconds: int) -> None:
        """A client was told to come back: on a clock that stands still, it is taken to have waited
        when it does, or a rehearsal's file would be processed for ever."""
        if isinstance(self.clock, RehearsalClock):
            self.uploads.keep(replace(upload, waited=upload.waited + seconds))

    def perform(
        self, network: str, route: str, answers: Answers, act: Callable[[], Response]
    ) -> Response:
        """The answer of *act*, unless a fault stands in the way or comes after it."""
        fault = self.world.take_fault(network, route, route.partition("_")[0], "any")
        if fault is None:
            return act()
        kind, seconds = fault
        response = act() if kind.endswith("_after") else _common(kind) or answers[kind]()
        if kind.startswith("hang"):
            self.halt.wait(seconds)
        if kind.startswith("drop"):
            _hang_up()
        return answers["error_500_before"]() if kind == "error_500_after" else response


def _common(kind: str) -> Response | None:
    """The answers that are of no network but of the machines before it."""
    if kind == "html_502":
        return Response(HTML_502, 502, content_type="text/html")
    if kind == "redirect_301":
        place = request.script_root + "/" + request.path.split("/")[1] + "/"
        return Response("", 301, {"Location": place})
    if kind in {"empty_404", "drop_before"}:
        return empty(404)
    return None


def _hang_up() -> None:
    """Close the connection under the answer: the client gets none."""
    connection = cast("socket.socket", request.environ["werkzeug.socket"])
    connection.shutdown(socket.SHUT_RDWR)


def empty(status: int) -> Response:
    """An answer of no bytes and no content type."""
    response = Response("", status)
    response.headers.pop("Content-Type", None)
    return response


def set_fault(
    world: World, network: str, kind: str, route: str, times: int, seconds: float
) -> None:
    """Let *kind* happen; ValueError for a fault that no network here has."""
    if network not in NETWORKS:
        raise ValueError(f"no rehearsal network is called {network!r}")
    if kind not in KINDS + FATES or ONLY_ON.get(kind, network) != network:
        raise ValueError(f"{network} has no fault {kind!r}")
    if route not in ROUTES:
        raise ValueError(f"no route is called {route!r}: one of {', '.join(ROUTES)}")
    if times < 1 or seconds < 0:
        raise ValueError("a fault happens at least once and takes no negative time")
    world.add_fault(network, kind, "processing" if kind in FATES else route, times, seconds)
