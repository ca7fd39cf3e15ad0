"""Who makes the calls: no account waits for another."""

from __future__ import annotations

import threading
from collections.abc import Callable

from bot.senders import InTurn, Threads


def test_in_turn_a_call_is_made_where_it_is_asked_for() -> None:
    senders: InTurn[str] = InTurn()
    assert (senders.free, list(senders.busy)) == (1, [])
    senders.start("x-fr", lambda: "out")
    assert (senders.free, list(senders.busy)) == (0, ["x-fr"])
    assert senders.finished() == ["out"]
    assert (senders.free, senders.finished()) == (1, [])


def test_a_call_that_hangs_keeps_no_other_account_waiting() -> None:
    senders: Threads[str] = Threads(most=2)
    answer = threading.Event()

    def hanging() -> str:
        answer.wait(30)
        return "at last"

    senders.start("x-fr", hanging)
    senders.start("linkedin-fr", lambda: "out")
    assert _first(senders.finished) == "out"
    assert (list(senders.busy), senders.free) == (["x-fr"], 1)
    answer.set()
    assert _first(senders.finished) == "at last"
    assert (list(senders.busy), senders.free) == ([], 2)


def _first(finished: Callable[[], list[str]]) -> str:
    while True:
        for result in finished():
            return result
