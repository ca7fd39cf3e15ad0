"""What may still be called in an account's name today, counted before each call is made."""

from __future__ import annotations

from collections.abc import Callable

from bot.clock import Clock, next_day, spread
from bot.db.calls import Calls
from bot.errors import NotSent, Spent, StoreError
from bot.words import N_

#: One call of so many is kept for publishing: reading figures stops before.
KEPT = 5


class Allowance:
    """The calls that one account may make in a day of UTC, in every process together."""

    def __init__(
        self,
        account: str,
        ceiling: int,
        calls: Callable[[], Calls],
        clock: Clock,
        *,
        for_figures: bool,
    ) -> None:
        """*ceiling* 0 is none. *calls* opens where they are counted, when the first is made.
        *for_figures*: a fifth of the ceiling is left to publishing."""
        self._account = account
        self._ceiling = ceiling
        self._kept = -(-ceiling // KEPT) if for_figures else 0
        self._calls = calls
        self._clock = clock

    def take(self) -> None:
        """Count a call that is made next. Raises Spent when none is left, and NotSent when it
        cannot be counted: it is then not made."""
        now = self._clock.now()
        try:
            taken = self._calls().take(self._account, now.date(), self._ceiling, self._kept)
        except StoreError as error:
            raise NotSent(N_("The call was not made: {reason}"), reason=error.message) from error
        if not taken:
            raise Spent(self._words(), retry_at=spread(next_day(now)))

    def _words(self) -> str:
        if self._kept:
            return N_("The calls that are left today are kept for publishing.")
        return N_("This account has made all the calls that it may make in a day (UTC).")
