"""What can go wrong between a client and a network, on demand (for tests and rehearsals).

A fault is kept in the world and used up call by call, whichever process takes the call. *before*
means that nothing was stored, *after* that the post stands although its author is not told so.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import cast

from flask import Response, request

from bot.clock import Clock
from bot.sandbox.values import NETWORKS
from bot.sandbox.world import World

ROUTES = ("publish", "metrics", "recent", "delete", "other", "any")
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
    "no_credit_402",
    "forbidden_403",
    "rate_limit_429",
    "rate_limit_day_429",
    "rate_limit_429_bare",
    "redirect_301",
    "empty_404",
    "version_426",
    "conflict_409",
)
ONLY_ON = {"no_credit_402": "x", "version_426": "linkedin", "conflict_409": "linkedin"}

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
    clock: Clock
    seed: int
    halt: Event = field(default_factory=Event)

    def perform(
        self, network: str, route: str, answers: Answers, act: Callable[[], Response]
    ) -> Response:
        """The answer of *act*, unless a fault stands in the way or comes after it."""
        fault = self.world.take_fault(network, route)
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


def check_fault(network: str, kind: str, route: str, times: int, seconds: float) -> None:
    """Raise ValueError for a fault that no network here has."""
    if network not in NETWORKS:
        raise ValueError(f"no rehearsal network is called {network!r}")
    if kind not in KINDS or ONLY_ON.get(kind, network) != network:
        raise ValueError(f"{network} has no fault {kind!r}")
    if route not in ROUTES:
        raise ValueError(f"no route is called {route!r}: one of {', '.join(ROUTES)}")
    if times < 1 or seconds < 0:
        raise ValueError("a fault happens at least once and takes no negative time")
