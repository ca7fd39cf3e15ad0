"""What the tests share: a small campaign, a store on a file, a clock that is told to go on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import words
from bot.app import App
from bot.campaigns import load_campaign
from bot.clock import RehearsalClock
from bot.config import load_config
from bot.db.store import Store
from bot.model import Campaign
from bot.networks import NETWORKS
from bot.sandbox import Sandbox
from tests.fakes import FakeNetwork
from tests.postgres import MISSING, Server, installed

DATA = Path(__file__).parent / "data"

#: Monday 20 February 2023, 08:30 in Paris, 16:30 in Seoul.
START = datetime(2023, 2, 20, 7, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins in English, whatever the machine or the test before it speaks."""
    monkeypatch.setattr(words, "_language", "en")


@pytest.fixture
def campaign_folder(tmp_path: Path) -> Path:
    """A copy of the small campaign, for the test to spoil."""
    return Path(shutil.copytree(DATA / "campaign", tmp_path / "campaigns" / "small"))


@pytest.fixture
def campaign() -> Campaign:
    return load_campaign(DATA / "campaign", NETWORKS)


@pytest.fixture
def clock() -> RehearsalClock:
    return RehearsalClock(START)


@pytest.fixture
def sandbox(clock: RehearsalClock) -> Iterator[Sandbox]:
    """The rehearsal networks, running, with nobody on them yet."""
    with Sandbox(clock) as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL for all the tests that need one, started for the first of them."""
    programs = installed()
    if programs is None:
        pytest.skip(MISSING)
    server = Server(programs)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: a file, and then again one of a server (ON_SQLITE: the file alone)."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'pavois.db'}"
    server: Server = request.getfixturevalue("postgres")
    return server.emptied()


@pytest.fixture
def open_store(database_url: str, clock: RehearsalClock) -> Iterator[Callable[[], Store]]:
    """Opens a store on the one file, as often as it is called: each is another process's."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store(database_url, clock, busy_seconds=5))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()


@pytest.fixture
def networks(campaign: Campaign, clock: RehearsalClock) -> dict[str, FakeNetwork]:
    """A network for each account of the small campaign."""
    return {account: FakeNetwork(clock) for account in campaign.accounts}


@pytest.fixture
def app(
    campaign_folder: Path,
    tmp_path: Path,
    clock: RehearsalClock,
    networks: dict[str, FakeNetwork],
) -> Iterator[App]:
    """Pavois on the small campaign, joined to networks that are lists."""
    (tmp_path / "config.toml").write_text(f'campaign = "{campaign_folder}"\n', "utf-8")
    config = load_config(tmp_path / "config.toml", tmp_path)
    with App(config, clock, {}) as joined:
        joined.network = networks.__getitem__  # type: ignore[assignment]
        joined.network_for_figures = networks.__getitem__  # type: ignore[assignment]
        yield joined


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With REQUIRE_ALL a skipped test fails: CI installs what every test needs.

    Only the official data ("… is not here") cannot be installed: it lies beside some clones.
    """
    report = yield
    missing_data = "is not here" in str(report.longrepr)
    if report.skipped and os.environ.get("REQUIRE_ALL") and not missing_data:
        report.outcome = "failed"
    return report
