"""Whether a database may be worked on: of one that was moved, and in one mode for ever."""

from __future__ import annotations

from collections.abc import Callable

from bot.db.journal import ARRIVING, MOVED, Journal
from bot.errors import RefusedCommand
from bot.words import N_


def require_in_use(journal: Journal, mode: str) -> None:
    """Raises RefusedCommand for a database that is not to be worked on in *mode*.

    Two databases must never both send: of one that was moved, only the copy is used. Rehearsed
    posts must never go out: the first mode that a database is used in stays its own.
    """
    require_not_moved(journal.setting)
    its_mode = journal.setting("mode")
    if not its_mode:
        journal.remember("mode", mode)
    elif its_mode != mode:
        raise RefusedCommand(
            N_(
                "This database belongs to mode {its_mode}, and config.toml says {mode}. "
                "Name another one for {mode} in config.toml: [database] url = …"
            ),
            its_mode=its_mode,
            mode=mode,
        )


def require_not_moved(setting: Callable[[str], str]) -> None:
    """Raises RefusedCommand for a database that was moved, or is the unfinished copy of one;
    *setting* gives what it remembers."""
    if place := setting(MOVED):
        raise RefusedCommand(
            N_(
                "This database was moved to {place}, and is not used any more. Name that one in "
                "config.toml: [database] url = …"
            ),
            place=place,
        )
    if place := setting(ARRIVING):
        raise RefusedCommand(
            N_(
                "This database is the unfinished copy of {place}. Finish it with the "
                "configuration of that one: pavois database move"
            ),
            place=place,
        )
