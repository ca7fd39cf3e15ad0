"""A file imports only what stands above it (DESIGN §5), wherever in the file it does so."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

BOT = Path(__file__).parent.parent / "bot"

#: DESIGN §5's list, with what has come since: each may import those above it, and itself.
ORDER = (
    # values and decisions: no I/O
    "words",
    "templates",
    "errors",
    "attached",
    "model",
    "metrics",
    "compose",
    "plan",
    "outcome",
    "resend",
    "pace",
    "lateness",
    "last_check",
    "changes",
    "invariants",
    "read_back",
    "preview",
    "report",
    # edges: each talks to one thing outside
    "clock",
    "files",
    "wal",
    "media",
    "config",
    "campaigns",
    "attachments",
    "announcements",
    "networks",
    "pages",
    "db",
    # the work
    "senders",
    "wire",
    "allowance",
    "purse",
    "settler",
    "publisher",
    "resender",
    "collector",
    "proofreader",
    "reporter",
    "composer",
    "editor",
    "corrector",
    "sandbox",
    # joining, and the ways in
    "confirmation",
    "app",
    "checks",
    "backup",
    "daemon",
    "rehearsal",
    "cli",
    "__main__",
)

#: Never sideways: each of these pairs knows nothing of the other.
STRANGERS = (
    ("db", "networks"),
    ("media", "networks"),
    ("sandbox", "db"),
    ("report", "compose"),
    ("publisher", "collector"),
    ("publisher", "reporter"),
    ("collector", "reporter"),
    ("publisher", "proofreader"),
    ("collector", "proofreader"),
)

#: The only part of the clients that the networks of the rehearsal share (DESIGN §5).
SHARED_WITH_SANDBOX = {"bot.networks.x.text"}

#: A library is used in one place, so that it can be replaced there.
USED_IN = {
    "PIL": ("bot.media.pictures",),
    "alembic": ("bot.db.engine",),
    "apscheduler": ("bot.daemon",),
    "click": ("bot.cli",),
    "emoji": ("bot.compose.marks", "bot.compose.signs"),
    "flask": ("bot.sandbox",),
    "msgspec": (
        "bot.files",
        "bot.config",
        "bot.campaigns",
        "bot.attachments",
        "bot.announcements",
        "bot.db.rows",
        "bot.backup.archive",
    ),
    "oauthlib": ("bot.sandbox",),
    "pi_heif": ("bot.media.pictures",),
    "psycopg": ("bot.db.postgres",),
    "pypdf": ("bot.media.documents",),
    "requests": ("bot.networks", "bot.pages"),
    "requests_oauthlib": ("bot.networks",),
    "sqlalchemy": ("bot.db",),
    "tenacity": ("bot.networks.again",),
    "tweepy": ("bot.networks.x",),
    "werkzeug": ("bot.sandbox",),
}

#: What talks to the world outside: no business of values and decisions.
OUTSIDE = {"os", "pathlib", "requests", "socket", "sqlalchemy", "sqlite3", "subprocess", "time"}


def modules() -> list[Path]:
    return sorted(BOT.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(("bot", *path.relative_to(BOT).with_suffix("").parts)).removesuffix(".__init__")


def part_of(name: str) -> str:
    """Which of ORDER the module *name* belongs to: `bot.db.engine` → `db`."""
    return name.split(".")[1] if "." in name else name


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that *path* imports: at its top, inside functions, and for types only."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(str(node.module))
            found |= {
                f"{node.module}.{alias.name}" for alias in node.names if is_module(node, alias)
            }
    return frozenset(found)


def is_module(node: ast.ImportFrom, alias: ast.alias) -> bool:
    place = BOT.parent.joinpath(*str(node.module).split("."), alias.name)
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def own(path: Path) -> set[str]:
    """What *path* imports of Pavois itself; `bot`, which says the version, is above everything."""
    return {name for name in imports(path) if name.startswith("bot.")}


def test_every_part_has_its_place_in_the_order() -> None:
    parts = {part_of(name_of(path)) for path in modules()} - {"bot"}
    assert parts == set(ORDER)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_file_imports_only_what_stands_above_it(path: Path) -> None:
    if name_of(path) == "bot":
        assert own(path) == set()
        return
    here = ORDER.index(part_of(name_of(path)))
    below = {name for name in own(path) if ORDER.index(part_of(name)) > here}
    assert below == set()


@pytest.mark.parametrize(("one", "other"), STRANGERS)
def test_strangers_know_nothing_of_each_other(one: str, other: str) -> None:
    known = {
        (name_of(path), name)
        for path in modules()
        for name in own(path)
        if {part_of(name_of(path)), part_of(name)} == {one, other}
    }
    assert known == set()


def test_the_rehearsals_networks_import_nothing_of_the_clients_they_stand_in_for() -> None:
    packages = {name.rpartition(".")[0] for name in SHARED_WITH_SANDBOX}
    used = {
        name
        for path in (BOT / "sandbox").rglob("*.py")
        for name in own(path)
        if part_of(name) == "networks"
    }
    assert used - packages == SHARED_WITH_SANDBOX


def test_a_network_knows_nothing_of_another() -> None:
    folders = [folder for folder in (BOT / "networks").iterdir() if (folder / "rules.py").exists()]
    assert len(folders) >= 2
    for folder in folders:
        others = {f"bot.networks.{other.name}" for other in folders if other != folder}
        for path in folder.glob("*.py"):
            assert not {".".join(name.split(".")[:3]) for name in own(path)} & others


def test_only_the_app_and_the_ways_in_join_the_store_with_the_networks() -> None:
    joining = {
        part_of(name_of(path))
        for path in modules()
        if any(name.startswith("bot.networks") for name in own(path) - {"bot.networks.base"})
        and any(name.startswith("bot.db") for name in own(path))
    }
    assert joining <= {"app"}, joining


@pytest.mark.parametrize("library", USED_IN)
def test_a_library_is_used_where_it_belongs(library: str) -> None:
    users = {
        name_of(path)
        for path in modules()
        if any(name.partition(".")[0] == library for name in imports(path))
    }
    assert users
    assert {name for name in users if not name.startswith(USED_IN[library])} == set()


@pytest.mark.parametrize(
    "part",
    [
        "errors",
        "attached",
        "model",
        "compose",
        "plan",
        "outcome",
        "resend",
        "pace",
        "lateness",
        "last_check",
        "changes",
        "invariants",
        "read_back",
    ],
)
def test_values_and_decisions_talk_to_nothing_outside(part: str) -> None:
    for path in modules():
        if part_of(name_of(path)) == part:
            assert {name.partition(".")[0] for name in imports(path)} & OUTSIDE == set()


def test_only_the_clock_asks_the_time() -> None:
    asking = {
        name_of(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time"}
    }
    assert asking == {"bot.clock"}


@pytest.mark.parametrize(
    "part",
    [
        "model",
        "compose",
        "plan",
        "outcome",
        "read_back",
        "db",
        "wire",
        "publisher",
        "resend",
        "resender",
        "collector",
        "proofreader",
        "reporter",
        "corrector",
        "daemon",
    ],
)
def test_no_network_is_known_by_name_where_any_network_would_do(part: str) -> None:
    named = {
        (name_of(path), node.lineno)
        for path in modules()
        if part_of(name_of(path)) == part
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in {"x", "linkedin"}
    }
    assert {place for place in named if place[0] != "bot.compose.wording"} == set()
