"""Waits that cannot be true: a clock that was ahead noted them, and they would last until it is
right."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, case, exists, select, update

from bot.db.part import Part
from bot.db.tables import UtcDateTime, accounts, attempts, posts
from bot.model import AttemptState, PostState
from bot.pace import LONGEST_WAIT


class Waits(Part):
    """What puts them right."""

    def put_right(self) -> int:
        """Let posts that were put off beyond any true wait, of whatever campaign, be looked for
        now, and go when they are due. How many that were.
        """
        now = self._clock.now()
        asked = {"now": now, "far": now + LONGEST_WAIT}
        with self._reading() as connection:
            if not any(connection.scalar(one, asked) for one in _FIRST):
                return 0
        with self._writing() as connection:
            return sum(connection.execute(one, asked).rowcount for one in _PUT_RIGHT)


_NOW = bindparam("now", type_=UtcDateTime)
_DUE_OR_NOW = case((posts.c.due > _NOW, posts.c.due), else_=_NOW)
_IS_FAR = posts.c.next_try > bindparam("far", type_=UtcDateTime)

_LOOKS = and_(posts.c.state == PostState.UNCERTAIN, _IS_FAR)
#: Whatever puts off a queued post for so long leaves a line of that time in the ledger of its
#: account. Without one nobody looks through all that is due in a year.
_WAS_AHEAD = exists().where(
    attempts.c.account == accounts.c.slug,
    attempts.c.state.in_(list(AttemptState)),
    attempts.c.at > _NOW,
)
_TRIES = and_(
    posts.c.account.in_(select(accounts.c.slug).where(_WAS_AHEAD)),
    posts.c.state == PostState.QUEUED,
    _IS_FAR,
    posts.c.next_try > posts.c.due,
)
_FIRST = [select(posts.c.id).where(untrue).limit(1) for untrue in (_LOOKS, _TRIES)]
_PUT_RIGHT = [
    update(posts).where(_LOOKS).values(next_try=_NOW),
    update(posts).where(_TRIES).values(next_try=_DUE_OR_NOW),
]
