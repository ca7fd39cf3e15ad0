"""A town hall whose backups are made, put back and looked at, on a file or on a server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from bot.app import make_app
from bot.backup.archive import opened
from bot.backup.make import back_up
from bot.backup.place import Place, place_of
from bot.backup.restore import Lookable, Restored, restore
from bot.backup.verify import Verdict, verify_place
from bot.clock import RehearsalClock
from bot.config import load_config
from bot.db.engine import bare_engine
from tests.story import MONDAY, TownHall, found_town_hall, town_hall

HOUR = timedelta(hours=1)
NOBODY: Lookable = lambda _folder, _slugs: ()  # noqa: E731
EVERYBODY: Lookable = lambda _folder, slugs: slugs  # noqa: E731


def quietly(_more: int) -> None:
    """Nobody looks how far it is."""


class House:
    """A town hall in a folder, with its backups; its clock goes on between two openings."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        """*database_url*: that of a server, for the folder's database to be there."""
        self.folder = folder
        self.clock = RehearsalClock(MONDAY)
        self._url = database_url or f"sqlite:///{self.database}"
        if not (folder / "config.toml").exists():
            named = f'[database]\nurl = "{database_url}"\n' if database_url else ""
            found_town_hall(folder, named)

    @property
    def database(self) -> Path:
        """Its file, where it is one."""
        return self.folder / "rehearsal" / "pavois.db"

    @property
    def place(self) -> Place:
        return place_of(load_config(self.folder / "config.toml", self.folder))

    @property
    def file(self) -> Path:
        return self.folder / "copy.zip"

    @contextmanager
    def hall(self) -> Iterator[TownHall]:
        with town_hall(self.folder, clock=self.clock) as hall:
            yield hall

    def back_up(self) -> None:
        back_up(self.place, self.file, self.clock, quietly)

    def restore(self, lookable: Lookable) -> Restored:
        with opened(self.file) as archive:
            return restore(archive, self.place, self.clock, lookable, quietly)

    def restore_as_pavois_does(self) -> Restored:
        """With what the networks themselves let Pavois look at."""
        config = load_config(self.folder / "config.toml", self.folder)
        with make_app(config, clock=self.clock, environment={}) as app:
            return self.restore(lambda _folder, slugs: [one for one in slugs if app.can_look(one)])

    def verify(self) -> Verdict:
        with make_app(
            load_config(self.folder / "config.toml", self.folder), clock=self.clock, environment={}
        ) as app:
            return verify_place(self.place, lambda: app.store, self.clock, quietly)

    def change(self, statement: str, *values: object) -> None:
        """Change the database behind everybody's back; *values* only where it is a file."""
        if self.place.database.file:
            with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
                assert connection.execute(statement, values).rowcount
            return
        engine = bare_engine(self._url)
        with engine.begin() as connection:
            assert connection.exec_driver_sql(statement).rowcount
        engine.dispose()

    def words(self) -> list[str]:
        """What is wrong, in words."""
        return [str(fault.message) for fault in self.verify().faults]


def queued(house: House) -> House:
    """*house*, with a visit queued for X and LinkedIn, an hour from now."""
    with house.hall() as hall:
        hall.queue("visite", HOUR)
    return house
