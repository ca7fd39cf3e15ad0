"""What of an installation belongs into a backup, and where it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.backup.secrets import secret_files, tells_no_secret
from bot.config import Config
from bot.db.copies import RESTORING
from bot.db.whole import Database, database_of
from bot.files import shipped

_DEFAULT_CAMPAIGN = "campaigns/korea-france"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installation keeps what it cannot lose.

    `config` is None where there is no config.toml, or one that may not travel. `campaign` need not
    be there: Pavois then uses the one that it comes with. `secrets` are files that are no part of
    it, wherever they lie: those of keys, and config.toml, which has a place of its own.
    """

    folder: Path
    mode: str
    database: Database
    media: Path
    campaign: Path
    config: Path | None
    secrets: frozenset[Path]

    @property
    def marker(self) -> Path:
        """Is there while a restore is at work: nothing runs on half of one."""
        return self.folder / RESTORING

    @property
    def workshop(self) -> Path:
        """The folder for copies of the database: on the same disk, where it is a file."""
        return self.database.file.parent if self.database.file else self.folder

    def campaign_files(self) -> Iterator[tuple[str, Path]]:
        """The files of the campaign by their names in it: none that is hidden, a secret, a database
        or a backup, or that lies elsewhere in truth."""
        for path in sorted(self.campaign.rglob("*")):
            name = path.relative_to(self.campaign)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                real = path.resolve()
                if real.is_relative_to(self.campaign.resolve()) and not self._stays(real):
                    yield name.as_posix(), path

    def _stays(self, path: Path) -> bool:
        """Whether the file at *path* is none of the campaign's, though it lies in its folder."""
        folder, inside = self.folder.resolve(), self.campaign.resolve()
        others = [one for one in (folder, folder / "rehearsal") if one != inside]
        return (
            path in self.secrets
            or path.suffix == ".zip"
            or self._is_database(path)
            or any(one.is_relative_to(inside) and path.is_relative_to(one) for one in others)
        )

    def _is_database(self, path: Path) -> bool:
        """Whether *path* is the database's file, or one that lies beside it and has its name."""
        if not self.database.file:
            return False
        file = self.database.file.resolve()
        return path.parent == file.parent and path.name.startswith(file.name)


def place_of(config: Config) -> Place:
    """Where the installation of *config* keeps what it cannot lose. Raises RefusedCommand."""
    base = config.path.parent.absolute() if config.path else config.folder.parent
    campaign = config.campaign
    if campaign == shipped(_DEFAULT_CAMPAIGN) and not campaign.is_relative_to(base):
        # It comes with Pavois; one of the machine's own is looked for here.
        campaign = base / _DEFAULT_CAMPAIGN
    return Place(
        folder=config.folder,
        mode=config.mode,
        database=database_of(config.database_url),
        media=config.folder / "media",
        campaign=campaign,
        config=config.path if tells_no_secret(config) else None,
        secrets=secret_files(config) | ({config.path.resolve()} if config.path else set()),
    )
