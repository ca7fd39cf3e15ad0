"""Backup, restore, verify: nothing is lost, nothing goes out twice, nothing is half-done."""

from __future__ import annotations

import hashlib
import io
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.announcements import read_announcement
from bot.app import make_app
from bot.backup.archive import DATABASE, FORMAT, MANIFEST, opened
from bot.backup.make import UNFINISHED, back_up, default_name
from bot.backup.place import place_of
from bot.backup.restore import replaced, restore
from bot.backup.secrets import tells_no_secret
from bot.backup.verify import Verdict, verify_file
from bot.clock import RehearsalClock
from bot.config import load_config
from bot.db.store import Store
from bot.db.tables import REVISION
from bot.errors import RefusedCommand, StoreError
from bot.invariants import faults
from bot.media.store import MediaStore
from bot.model import AttemptState, PostState
from tests.announcements_sample import MARK
from tests.backups import EVERYBODY, HOUR, NOBODY, House, quietly
from tests.backups import queued as filled
from tests.databases import DATABASES
from tests.story import MONDAY, NETWORKS, end, found_town_hall, pavois
from tests.tiny_files import png


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture(scope="module")
def queued_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(House(tmp_path_factory.mktemp("queued"))).folder


@pytest.fixture
def queued(queued_once: Path, tmp_path: Path) -> House:
    """A house in which a visit is queued for X and LinkedIn, an hour from now."""
    return House(Path(shutil.copytree(queued_once, tmp_path, dirs_exist_ok=True)))


@pytest.fixture
def either(database_url: str, tmp_path: Path) -> House:
    """The same house on a file, and then again on a server."""
    return filled(House(tmp_path, database_url if "postgresql" in database_url else ""))


# ── what went out after the backup ──────────────────────────────────────────────────────────────


def test_what_went_out_after_the_backup_is_found_and_not_sent_again(either: House) -> None:
    with either.hall() as hall:
        hall.queue("label", 2 * HOUR)
        either.back_up()
        hall.work()
    done = either.restore_as_pavois_does()
    assert (done.recovered.looked_for, done.recovered.for_a_person) == (4, 0)
    with either.hall() as hall:
        hall.work()
        for network in NETWORKS:
            assert [len(hall.shown(network, slug)) for slug in ("visite", "label")] == [1, 1]
            post = hall.post("visite", network)
            assert post.state == PostState.PUBLISHED
            assert hall.trail(post) == [(1, AttemptState.UNCERTAIN), (1, AttemptState.ACCEPTED)]
        assert faults(hall.app.store.audit.book(), either.clock.now()) == []


def test_what_did_not_go_out_goes_out_once(either: House) -> None:
    either.back_up()
    either.restore_as_pavois_does()
    with either.hall() as hall:
        hall.work()
        assert [len(hall.shown(network, "visite")) for network in NETWORKS] == [1, 1]
        assert faults(hall.app.store.audit.book(), either.clock.now()) == []


def test_what_was_moved_forward_after_the_backup_and_went_out_is_found(house: House) -> None:
    with house.hall() as hall:
        hall.queue("visite", 72 * HOUR)
        house.back_up()
        house.change("UPDATE posts SET due = datetime(due, '-71 hours'), next_try = due")
        house.change("UPDATE posts SET next_try = due")
        hall.work()
    house.restore_as_pavois_does()
    with house.hall() as hall:
        hall.work()
        assert [len(hall.shown(network, "visite")) for network in NETWORKS] == [1, 1]
        assert {hall.post("visite", network).state for network in NETWORKS} == {PostState.PUBLISHED}


def test_a_post_that_was_sent_a_moment_before_the_restore_is_not_given_up_too_early(
    queued: House,
) -> None:
    """Networks show what they were sent within a quarter of an hour: no look counts before."""
    queued.back_up()
    queued.clock.wait(24 * HOUR)
    queued.restore(EVERYBODY)
    with queued.hall() as hall:
        for network in NETWORKS:
            post = hall.post("visite", network)
            assert post.state == PostState.UNCERTAIN
            assert post.next_try == queued.clock.now() + timedelta(minutes=15)
            sent, lost = hall.app.store.ledger.attempts(post.id)
            assert (sent.state, sent.at) == (AttemptState.SENDING, MONDAY)
            assert (lost.state, lost.at) == (AttemptState.UNCERTAIN, queued.clock.now())
            assert str(sent.cause) == (
                "Restored from the backup of 2023-02-20 07:30 UTC: looked for before anything is "
                "sent."
            )


def test_a_copy_from_the_future_is_looked_for_from_now_on(queued: House) -> None:
    queued.back_up()
    queued.clock = RehearsalClock(MONDAY - 24 * HOUR)
    queued.restore(EVERYBODY)
    with queued.hall() as hall:
        lines = hall.app.store.ledger.attempts(hall.post("visite", "x").id)
        assert [line.at for line in lines] == [queued.clock.now()] * 2


def test_where_pavois_cannot_look_a_person_is_asked_for_what_is_due_and_the_rest_waits(
    house: House,
) -> None:
    with house.hall() as hall:
        hall.queue("visite", HOUR)
        hall.queue("label", 48 * HOUR)
    house.back_up()
    house.clock.wait(24 * HOUR)
    done = house.restore(NOBODY)
    assert (done.recovered.looked_for, done.recovered.for_a_person) == (0, 2)
    with house.hall() as hall:
        for network in NETWORKS:
            due, later = hall.post("visite", network), hall.post("label", network)
            assert (due.state, later.state) == (PostState.UNCERTAIN, PostState.QUEUED)
            assert later.next_try == later.due
            assert "Look yourself" in hall.notices()[f"post {due.id}"]
        assert faults(hall.app.store.audit.book(), house.clock.now()) == []


@pytest.mark.parametrize("lookable", [NOBODY, EVERYBODY])
@pytest.mark.parametrize("states", [["prepared"], ["prepared", "sending"]], ids="-".join)
def test_what_was_under_way_when_the_backup_was_made_is_uncertain(
    states: list[str],
    lookable: Callable[[Path | None, Collection[str]], Collection[str]],
    queued: House,
) -> None:
    queued.change(
        "UPDATE posts SET state = 'sending', attempts = 1, sender = 'me', lease_until = due"
    )
    for state in states:
        queued.change(
            "INSERT INTO attempts (post_id, number, state, at, account)"
            " SELECT id, 1, ?, '2023-02-20 07:00:00', account FROM posts",
            state,
        )
    queued.back_up()
    queued.restore(lookable)
    with queued.hall() as hall:
        for network in NETWORKS:
            post = hall.post("visite", network)
            assert (post.state, post.attempts) == (PostState.UNCERTAIN, 1)
            lines = [line.state.value for line in hall.app.store.ledger.attempts(post.id)]
            assert lines == ["prepared", "sending", "uncertain"]
    assert queued.words() == []


def test_what_was_uncertain_already_is_looked_for_anew(queued: House) -> None:
    queued.change("UPDATE posts SET state = 'uncertain', attempts = 1, looks = 1")
    for state in ("prepared", "sending", "uncertain"):
        queued.change(
            "INSERT INTO attempts (post_id, number, state, at, account)"
            " SELECT id, 1, ?, '2023-02-20 07:00:00', account FROM posts",
            state,
        )
    queued.back_up()
    queued.clock.wait(HOUR)
    queued.restore(EVERYBODY)
    with queued.hall() as hall:
        post = hall.post("visite", "x")
        assert (post.state, post.attempts, post.looks) == (PostState.UNCERTAIN, 1, 0)
        assert post.next_try == queued.clock.now() + timedelta(minutes=15)
        assert len(hall.app.store.ledger.attempts(post.id)) == 3


def test_what_was_held_stays_held_and_its_sender_is_warned(either: House) -> None:
    either.change("UPDATE posts SET state = 'held'")
    either.back_up()
    either.clock.wait(24 * HOUR)
    assert either.restore(EVERYBODY).recovered.held == 2
    with either.hall() as hall:
        hall.work()
        for network in NETWORKS:
            post = hall.post("visite", network)
            assert post.state == PostState.HELD
            assert "look at the account yourself" in hall.notices()[f"post {post.id}"]
            assert hall.shown(network) == []


@pytest.mark.parametrize("state", ["draft", "cancelled", "expired"])
def test_what_waits_for_nothing_is_as_it_was(state: str, queued: House) -> None:
    queued.change("UPDATE posts SET state = ?", state)
    queued.back_up()
    queued.clock.wait(24 * HOUR)
    queued.restore(EVERYBODY)
    with queued.hall() as hall:
        post = hall.post("visite", "x")
        assert (post.state.value, hall.app.store.ledger.attempts(post.id)) == (state, [])


def test_a_restore_is_told_and_remembered_and_live_is_to_be_confirmed_anew(either: House) -> None:
    with either.hall() as hall:
        hall.app.store.journal.remember("live", "these accounts")
    either.back_up()
    either.restore(EVERYBODY)
    with either.hall() as hall:
        said = hall.notices()["restore"]
        assert "backup of 2023-02-20 07:30 UTC" in said
        assert "before anything is sent: 2" in said
        journal = hall.app.store.journal
        assert json.loads(journal.setting("restored")) == {
            "backup": "copy.zip",
            "made_at": "2023-02-20T07:30:00+00:00",
        }
        assert journal.setting("live") == ""


# ── making one ──────────────────────────────────────────────────────────────────────────────────


def test_a_backup_is_made_while_somebody_writes(house: House) -> None:
    written = threading.Event()
    stop = threading.Event()

    def write(store: Store) -> None:
        """Two settings that are one at each moment."""
        number = 0
        while not stop.is_set():
            number += 1
            with store.journal._writing() as connection:
                for key in ("left", "right"):
                    connection.exec_driver_sql(
                        "INSERT INTO settings VALUES (?, ?, '2023-02-20 07:00:00')"
                        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                        (key, str(number)),
                    )
            if number > 3:
                written.set()

    with house.hall() as hall:
        hall.queue("visite", HOUR)
        writer = threading.Thread(target=write, args=(hall.app.store,))
        writer.start()
        try:
            assert written.wait(10)
            for copy in range(5):
                target = house.folder / f"{copy}.zip"
                back_up(house.place, target, house.clock, quietly)
                assert verify_file(target, house.clock, quietly).faults == ()
                with opened(target) as archive:
                    archive.unpack(DATABASE, house.folder / f"{copy}.db", quietly)
                with closing(sqlite3.connect(house.folder / f"{copy}.db")) as connection:
                    both = dict(connection.execute("SELECT key, value FROM settings").fetchall())
                    assert both["left"] == both["right"]
        finally:
            stop.set()
            writer.join()


def test_a_backup_can_be_read_without_pavois(queued: House) -> None:
    shelf = MediaStore(queued.place.media)
    sha256 = shelf.put(io.BytesIO(png()))
    queued.back_up()
    with zipfile.ZipFile(queued.file) as packed:
        names = set(packed.namelist())
        assert {info.compress_type for info in packed.infolist()} == {zipfile.ZIP_STORED}
        assert packed.testzip() is None
        manifest = json.loads(packed.read(MANIFEST))
        assert packed.read(f"media/{sha256[:2]}/{sha256}") == png()
        for name, member in manifest["members"].items():
            assert hashlib.sha256(packed.read(name)).hexdigest() == member["sha256"]
        database = packed.read(DATABASE)
    assert names == {MANIFEST, *manifest["members"]}
    assert {DATABASE, "config.toml", "campaign/campaign.toml", "campaign/partners.toml"} <= names
    assert (manifest["revision"], manifest["mode"]) == (REVISION, "rehearsal")
    assert manifest["made_at"] == "2023-02-20T07:30:00Z"
    (queued.folder / "alone.db").write_bytes(database)
    with closing(sqlite3.connect(queued.folder / "alone.db")) as connection:
        assert connection.execute("SELECT count(*) FROM posts").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_nothing_secret_and_nothing_hidden_is_in_a_backup(queued: House, tmp_path: Path) -> None:
    campaign = queued.place.campaign
    (campaign / "key.txt").write_text("hush")
    (campaign / ".env").write_text("hush")
    (campaign / ".git").mkdir()
    (campaign / ".git" / "config").write_text("hush")
    (campaign / "old.zip").write_text("hush")
    (tmp_path / "elsewhere.txt").write_text("hush")
    (campaign / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    with (queued.folder / "config.toml").open("a") as file:
        file.write('[accounts.x-fr]\napi_key_file = "campaigns/tours/key.txt"\n')
    queued.back_up()
    assert b"hush" not in queued.file.read_bytes()
    with opened(queued.file) as archive:
        assert "config.toml" in archive.names()


@pytest.mark.parametrize(
    "config",
    [
        '[accounts.x-fr]\napi_key = "hush"\n',
        '[http]\nproxy = "http://me:hush@proxy.example:3128"\n',
    ],
)
def test_a_configuration_that_tells_a_secret_stays_at_home(config: str, queued: House) -> None:
    with (queued.folder / "config.toml").open("a") as file:
        file.write(config)
    assert not tells_no_secret(load_config(queued.folder / "config.toml", queued.folder))
    queued.back_up()
    assert b"hush" not in queued.file.read_bytes()


@pytest.mark.parametrize(
    ("url", "tells"),
    [
        ("postgresql://me:hush@db.example/pavois", True),
        ("postgresql://me@db.example/pavois?password=hush", True),
        ("postgresql://me@db.example/pavois?sslmode=verify-full", False),
    ],
)
def test_the_address_of_a_server_that_tells_a_password_stays_at_home_too(
    url: str, tells: bool, house: House
) -> None:
    config = load_config(house.folder / "config.toml", house.folder)
    assert tells_no_secret(replace(config, database_url=url)) is not tells


def test_a_campaign_that_lies_in_the_same_folder_as_all_else_takes_nothing_else_along(
    tmp_path: Path,
) -> None:
    found_town_hall(tmp_path)
    for entry in (tmp_path / "campaigns" / "tours").iterdir():
        entry.rename(tmp_path / entry.name)
    shutil.rmtree(tmp_path / "campaigns")
    (tmp_path / "config.toml").write_text('campaign = "."\n')
    house = House(tmp_path)
    with house.hall() as hall:
        hall.queue("visite", HOUR)
        assert hall.sandbox
    assert (tmp_path / "rehearsal" / "networks.db").exists()
    house.back_up()
    with opened(house.file) as archive:
        assert sorted(archive.names()) == [
            "campaign/campaign.toml",
            "campaign/partners.toml",
            "campaign/templates/news.fr.txt",
            "config.toml",
            DATABASE,
        ]


def test_a_configuration_with_a_secret_is_no_file_of_the_campaign_either(tmp_path: Path) -> None:
    found_town_hall(tmp_path)
    for entry in (tmp_path / "campaigns" / "tours").iterdir():
        entry.rename(tmp_path / entry.name)
    (tmp_path / "config.toml").write_text('campaign = "."\n[accounts.x-fr]\napi_key = "hush"\n')
    house = House(tmp_path)
    house.database.parent.mkdir()
    shutil.copy(DATABASES / f"{REVISION}.db", house.database)
    house.back_up()
    assert b"hush" not in house.file.read_bytes()
    with pytest.raises(RefusedCommand, match="holds the database too"):
        house.restore(EVERYBODY)


def test_what_comes_with_pavois_is_not_packed(tmp_path: Path) -> None:
    config = load_config(None, tmp_path)
    with make_app(config, clock=RehearsalClock(MONDAY), environment={}) as app:
        assert app.store.queue.posts("korea-france") == []
    place = place_of(config)
    assert place.campaign == tmp_path / "campaigns" / "korea-france"
    back_up(place, tmp_path / "copy.zip", RehearsalClock(MONDAY), quietly)
    with opened(tmp_path / "copy.zip") as archive:
        assert archive.names() == [DATABASE]


def test_a_backup_is_named_after_its_minute(house: House) -> None:
    assert default_name(house.clock).startswith("pavois-2023-02-2")
    assert default_name(house.clock).endswith(".zip")


def test_nothing_is_written_over(queued: House) -> None:
    queued.file.write_text("the letter to the mayor")
    with pytest.raises(RefusedCommand, match="is there already"):
        queued.back_up()
    assert queued.file.read_text() == "the letter to the mayor"


def test_a_backup_before_there_is_a_database_is_refused(house: House) -> None:
    with pytest.raises(RefusedCommand, match="nothing to back up yet"):
        house.back_up()


@pytest.mark.parametrize("url", ["sqlite://", "mysql://pavois@db/pavois", "pavois.db", ""])
def test_a_database_of_another_kind_is_refused(url: str, house: House) -> None:
    config = load_config(house.folder / "config.toml", house.folder)
    with pytest.raises(RefusedCommand, match="one SQLite file or on a PostgreSQL server"):
        place_of(replace(config, database_url=url))


def test_a_damaged_database_makes_no_backup(queued: House) -> None:
    damage(queued.database)
    with pytest.raises(StoreError, match="No backup was made"):
        queued.back_up()
    assert not queued.file.exists()


def test_a_full_disk_leaves_no_half_of_a_backup(queued: House) -> None:
    (queued.place.campaign / "film.mp4").write_bytes(bytes(3 << 20))
    before = sorted(queued.folder.iterdir())
    with disk_that_takes(1 << 20), pytest.raises(StoreError, match="No backup was made"):
        queued.back_up()
    assert sorted(queued.folder.iterdir()) == before


def test_what_a_killed_backup_left_goes_with_the_next_but_one(queued: House) -> None:
    old, new = (queued.folder / f"{UNFINISHED}{name}" for name in ("old", "new"))
    for folder in (old, new):
        folder.mkdir()
        (folder / "half.zip").write_text("…")
    day_ago = old.stat().st_mtime - 2 * 24 * 3600
    subprocess.run(["touch", "-d", f"@{day_ago:.0f}", str(old)], check=True)
    queued.back_up()
    assert not old.exists()
    assert new.exists()


@contextmanager
def disk_that_takes(size: int) -> Iterator[None]:
    """No file may become longer than *size*."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def damage(database: Path) -> None:
    """Spoil the pages after the first three: what a failing disk does."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        page = connection.execute("PRAGMA page_size").fetchone()[0]
    with database.open("r+b") as file:
        for number in range(3, 20):
            file.seek(number * page)
            file.write(b"\x00Monsieur le Maire" * (page // 20))


# ── archives that are not to be trusted ─────────────────────────────────────────────────────────


def repacked(
    source: Path,
    target: Path,
    change: Callable[[dict[str, bytes], dict[str, object]], None],
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    """The backup at *source* with *change* made in its members and its list of contents."""
    with zipfile.ZipFile(source) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    manifest = json.loads(members.pop(MANIFEST))
    change(members, manifest)
    with zipfile.ZipFile(target, "w", compression) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
        packed.writestr(MANIFEST, json.dumps(manifest))
    return target


def listed(name: str, content: bytes) -> Callable[[dict[str, bytes], dict[str, object]], None]:
    """Add a member that the list of contents knows well."""

    def change(members: dict[str, bytes], manifest: dict[str, object]) -> None:
        members[name] = content
        known = manifest["members"]
        assert isinstance(known, dict)
        known[name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}

    return change


def spoiled(members: dict[str, bytes], _manifest: dict[str, object]) -> None:
    members["campaign/campaign.toml"] = members["campaign/campaign.toml"][::-1]


def lost(members: dict[str, bytes], _manifest: dict[str, object]) -> None:
    del members["campaign/campaign.toml"]


def newer(_members: dict[str, bytes], manifest: dict[str, object]) -> None:
    manifest["format"] = FORMAT + 1
    manifest["members"] = "another way of writing them"


def of_no_time(_members: dict[str, bytes], manifest: dict[str, object]) -> None:
    manifest["made_at"] = "2023-02-20T07:30:00"


def of_live(_members: dict[str, bytes], manifest: dict[str, object]) -> None:
    manifest["mode"] = "live"


def without_database(members: dict[str, bytes], manifest: dict[str, object]) -> None:
    del members[DATABASE]
    known = manifest["members"]
    assert isinstance(known, dict)
    del known[DATABASE]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(listed("campaign/../../key", b"x"), "Do not use it", id="a way out"),
        pytest.param(listed("/etc/passwd", b"x"), "Do not use it", id="an absolute path"),
        pytest.param(listed("campaign/a\\b", b"x"), "Do not use it", id="the other slash"),
        pytest.param(listed("campaign//a", b"x"), "Do not use it", id="a part without a name"),
        pytest.param(listed("campaign/\x1b[2J", b"x"), "Do not use it", id="a sign of terminals"),
        pytest.param(listed("media/ab/cd", b"x"), "Do not use it", id="no file of posts"),
        pytest.param(listed("networks.db", b"x"), "Do not use it", id="not one of ours"),
        pytest.param(spoiled, "is not what it was", id="other bytes"),
        pytest.param(lost, "is not what it was", id="a member less"),
        pytest.param(without_database, "list of contents", id="no database"),
        pytest.param(newer, "newer Pavois", id="a newer format"),
        pytest.param(of_no_time, "list of contents", id="a time without a zone"),
        pytest.param(of_live, "backup of mode live", id="another mode"),
    ],
)
def test_an_archive_that_is_not_right_is_refused_and_nothing_changes(
    change: Callable[[dict[str, bytes], dict[str, object]], None], says: str, queued: House
) -> None:
    queued.back_up()
    bad = repacked(queued.file, queued.folder / "bad.zip", change)
    before = state_of(queued.folder)
    with pytest.raises(RefusedCommand, match=says), opened(bad) as archive:
        restore(archive, queued.place, queued.clock, EVERYBODY, quietly)
    assert state_of(queued.folder) == before


def test_a_bomb_is_refused_before_it_is_unpacked(queued: House) -> None:
    queued.back_up()
    bomb = queued.folder / "bomb.zip"
    repacked(queued.file, bomb, listed("campaign/zeros", bytes(5 << 20)), zipfile.ZIP_DEFLATED)
    with pytest.raises(RefusedCommand, match="is not what it was"), opened(bomb):
        raise AssertionError


def test_members_that_share_their_bytes_are_refused(queued: House) -> None:
    """Each says that it holds the same bytes of the file: together they are more than there is."""
    queued.back_up()
    shared = queued.folder / "shared.zip"
    with zipfile.ZipFile(shared, "w") as packed:
        packed.writestr("campaign/first", bytes(10_000))
        first = packed.infolist()[0]
        for number in range(50):
            again = zipfile.ZipInfo(f"campaign/{number}")
            again.header_offset, again.CRC = first.header_offset, first.CRC
            again.file_size = again.compress_size = first.file_size
            packed.filelist.append(again)
    with pytest.raises(RefusedCommand, match="more than there is"), opened(shared):
        raise AssertionError


@pytest.mark.parametrize("kept", [0, 1, 1000, -1, -100])
def test_a_backup_that_was_cut_short_is_refused(kept: int, queued: House) -> None:
    queued.back_up()
    whole = queued.file.read_bytes()
    queued.file.write_bytes(whole[:kept])
    with pytest.raises(RefusedCommand, match="or only a part of one"), opened(queued.file):
        raise AssertionError
    verdict = verify_file(queued.file, queued.clock, quietly)
    assert [fault.invariant for fault in verdict.faults] == ["backup whole"]


def test_a_zip_of_somebody_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("photo.jpg", b"x")
    with pytest.raises(RefusedCommand, match="list of contents"), opened(other):
        raise AssertionError
    with pytest.raises(RefusedCommand, match="There is no file"), opened(tmp_path / "none.zip"):
        raise AssertionError


@pytest.fixture(scope="module")
def archive_bytes(queued_once: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("archive") / "copy.zip"
    back_up(House(queued_once).place, target, RehearsalClock(MONDAY), quietly)
    return target.read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_whatever_becomes_of_an_archive_is_told_or_did_no_harm(
    data: st.DataObject, archive_bytes: bytes, tmp_path: Path
) -> None:
    """One byte is another: it is refused in a sentence, or all that it holds is as it was."""
    at = data.draw(
        st.one_of(
            st.integers(0, len(archive_bytes) - 1),
            # Where the lists are.
            st.integers(len(archive_bytes) - 2000, len(archive_bytes) - 1),
        )
    )
    changed = bytearray(archive_bytes)
    changed[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "changed.zip"
    path.write_bytes(changed)
    whole = tmp_path / "whole.zip"
    whole.write_bytes(archive_bytes)
    with suppress(RefusedCommand), opened(path) as archive, opened(whole) as right:
        archive.check(quietly)
        assert archive.manifest.members == right.manifest.members


def test_the_database_of_a_newer_pavois_is_refused(queued: House) -> None:
    queued.change("UPDATE alembic_version SET version_num = '9999'")
    queued.back_up()
    queued.change(f"UPDATE alembic_version SET version_num = '{REVISION}'")
    before = state_of(queued.folder)
    with pytest.raises(StoreError, match=r"newer Pavois \(revision 9999\)"):
        queued.restore(EVERYBODY)
    assert state_of(queued.folder) == before


# ── putting it back ─────────────────────────────────────────────────────────────────────────────


def state_of(folder: Path) -> dict[str, bytes]:
    """Every file in *folder* and what it holds; of databases, what SQLite says of them."""
    state = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".db-wal", ".db-shm"} or not path.is_file():
            continue
        if path.suffix == ".db":
            with closing(sqlite3.connect(path)) as connection:
                content = "\n".join(connection.iterdump()).encode()
        else:
            content = path.read_bytes()
        state[str(path.relative_to(folder))] = content
    return state


def test_a_restore_brings_back_database_campaign_and_files_and_keeps_what_was_there(
    queued: House,
) -> None:
    shelf = MediaStore(queued.place.media)
    sha256 = shelf.put(io.BytesIO(png()))
    queued.back_up()
    shutil.rmtree(queued.place.media)
    template = queued.place.campaign / "templates" / "news.fr.txt"
    template.write_text("spoiled")
    (queued.place.campaign / "new.txt").write_text("since")
    queued.change("DELETE FROM posts")
    done = queued.restore(EVERYBODY)
    assert template.read_text() == "{{ headline }}\n"
    assert not (queued.place.campaign / "new.txt").exists()
    assert shelf.has(sha256)
    with queued.hall() as hall:
        assert len(hall.app.store.queue.posts("tours")) == 2
    assert done.campaign is not None
    assert (done.campaign / "new.txt").read_text() == "since"
    assert [one.name for one in queued.folder.rglob(".restore-*")] == []
    assert not queued.place.marker.exists()


def test_to_go_back_is_a_restore_too_and_sends_nothing_twice(either: House) -> None:
    either.back_up()
    with either.hall() as hall:
        hall.queue("label", 2 * HOUR)
    done = either.restore(EVERYBODY)
    with either.hall() as hall:
        hall.work()
    assert done.undo is not None
    either.file.unlink()
    done.undo.rename(either.file)
    assert verify_file(either.file, either.clock, quietly).faults == ()
    either.restore(EVERYBODY)
    with either.hall() as hall:
        hall.work()
        for network in NETWORKS:
            assert [len(hall.shown(network, slug)) for slug in ("visite", "label")] == [1, 1]


def test_a_file_of_posts_that_was_damaged_is_mended(queued: House) -> None:
    shelf = MediaStore(queued.place.media)
    sha256 = shelf.put(io.BytesIO(png()))
    queued.back_up()
    shelf.path(sha256).write_bytes(b"spoiled")
    queued.restore(EVERYBODY)
    assert shelf.has(sha256)


def test_a_restore_into_an_empty_folder_keeps_nothing(queued: House, tmp_path: Path) -> None:
    queued.back_up()
    other = House(tmp_path / "other")
    shutil.rmtree(other.folder / "campaigns")
    shutil.copy(queued.file, other.file)
    with opened(other.file) as archive:
        assert replaced(archive, other.place) == []
    done = other.restore(EVERYBODY)
    assert (done.undo, done.campaign) == (None, None)
    with other.hall() as hall:
        assert len(hall.app.store.queue.posts("tours")) == 2
    assert other.words() == []


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(house: House) -> None:
    earlier = Path(__file__).parent / "data" / "databases" / "0001.db"
    house.database.parent.mkdir(parents=True)
    shutil.copy(earlier, house.database)
    house.back_up()
    house.restore(EVERYBODY)
    with house.hall() as hall:
        assert len(hall.app.store.queue.posts("campaign")) == 4
        assert hall.app.store.faults() == []


def test_a_restore_is_refused_while_somebody_has_the_database_open(queued: House) -> None:
    queued.back_up()
    with queued.hall() as hall:
        assert hall.app.store.queue.posts("tours")
        before = state_of(queued.folder)
        with pytest.raises(RefusedCommand, match="Another program has"):
            queued.restore(EVERYBODY)
        assert state_of(queued.folder) == before
    queued.restore(EVERYBODY)


def test_a_restore_is_refused_while_the_daemon_runs_idle_in_another_process(
    queued: House,
) -> None:
    queued.change("UPDATE posts SET state = 'cancelled'")
    queued.back_up()
    daemon = pavois(queued.folder, "run")
    try:
        assert daemon.stderr is not None
        while "started" not in daemon.stderr.readline():
            assert daemon.poll() is None
        with pytest.raises(RefusedCommand, match="Another program has"):
            queued.restore(EVERYBODY)
    finally:
        end([daemon])
    queued.restore(EVERYBODY)


def test_what_is_no_database_is_kept_aside_and_replaced(queued: House) -> None:
    content = b"Monsieur le Maire, " * 1000
    queued.back_up()
    database = queued.database
    database.write_bytes(content)
    Path(f"{database}-wal").unlink(missing_ok=True)
    done = queued.restore(EVERYBODY)
    assert done.undo is not None
    with zipfile.ZipFile(done.undo) as packed:
        assert packed.read(DATABASE) == content
    with queued.hall() as hall:
        assert len(hall.app.store.queue.posts("tours")) == 2


def test_a_damaged_database_is_kept_aside_and_replaced(queued: House) -> None:
    queued.back_up()
    damage(queued.database)
    assert queued.words()
    queued.restore(EVERYBODY)
    assert queued.words() == []


def test_a_full_disk_restores_nothing(queued: House) -> None:
    (queued.place.campaign / "film.mp4").write_bytes(bytes(3 << 20))
    queued.back_up()
    before = state_of(queued.folder)
    with disk_that_takes(1 << 20), pytest.raises(StoreError, match=r"film\.mp4"):
        queued.restore(EVERYBODY)
    assert state_of(queued.folder) == before


def test_a_fault_at_the_last_moment_puts_everything_back(
    queued: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued.back_up()
    (queued.place.campaign / "new.txt").write_text("since")
    before = state_of(queued.folder)

    def fail(_self: object, _copy: Path) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr("bot.db.copies.Alone.become", fail)
    with pytest.raises(StoreError, match="disk is full"):
        queued.restore(EVERYBODY)
    after = state_of(queued.folder)
    assert {name: after[name] for name in before} == before
    assert not queued.place.marker.exists()


#: Where a restore is killed: before a name is changed, between two of them, while the database is
#: written, and when all is done but the end.
KILLS = {
    "before": "restore._folder_swapped = die",
    "campaign away": "Path.rename = rename_and_die",
    "campaign in place": "copies.Alone.become = die",
    "half a database": "copies._read = half",
    "at the end": "Path.unlink = die",
}
KILLED = """
import os, sys
from contextlib import contextmanager
from pathlib import Path
from bot.backup import restore
from bot.backup.archive import opened
from bot.backup.place import place_of
from bot.clock import RehearsalClock
from bot.config import load_config
from bot.db import copies
from tests.story import MONDAY

def die(*_arguments, **_names):
    os._exit(9)

rename = Path.rename
def rename_and_die(self, to):
    rename(self, to)
    die()

def die_half_way(_status, left, total):
    if left < total / 2:
        die()

class Half:
    def __init__(self, connection):
        self.connection = connection
        self.execute = connection.execute
    def backup(self, target):
        self.connection.backup(target, pages=4, progress=die_half_way)

read = copies._read
@contextmanager
def half(path):
    with read(path) as connection:
        yield Half(connection)

folder = Path(sys.argv[1])
place = place_of(load_config(folder / "config.toml", folder))
swapped = restore._swapped
def kill_there(*arguments):
    exec(sys.argv[2])
    return swapped(*arguments)
restore._swapped = kill_there
with opened(folder / "copy.zip") as archive:
    clock = RehearsalClock(MONDAY)
    restore.restore(archive, place, clock, lambda _folder, slugs: slugs, lambda _more: None)
"""


@pytest.mark.parametrize("moment", KILLS)
def test_nothing_runs_on_half_of_a_restore_and_it_can_be_done_again(
    moment: str, queued: House
) -> None:
    queued.back_up()
    queued.change("UPDATE posts SET text = text || ' (changed since)'")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(queued.folder), KILLS[moment]],
        capture_output=True,
        check=False,
        timeout=30,
        cwd=Path(__file__).parent.parent,
    )
    assert (killed.returncode, killed.stderr) == (9, b"")
    assert queued.place.marker.exists()
    with pytest.raises(RefusedCommand, match="A restore was interrupted"), queued.hall() as hall:
        assert hall.app.store
    with closing(sqlite3.connect(queued.database)) as connection:
        texts = {row[0] for row in connection.execute("SELECT text FROM posts")}
        whole = connection.execute("PRAGMA integrity_check").fetchone()
    assert whole == ("ok",)
    assert len({"changed since" in text for text in texts}) == 1
    queued.clock.wait(timedelta(seconds=1))
    queued.restore(EVERYBODY)
    with queued.hall() as hall:
        posts = hall.app.store.queue.posts("tours")
        assert [post.state for post in posts] == [PostState.UNCERTAIN] * 2
        assert not any("changed" in post.text for post in posts)
    assert queued.words() == []
    assert [one.name for one in queued.folder.rglob(".restore-*")] == []


# ── looking whether all is whole ────────────────────────────────────────────────────────────────

PICTURE = (
    'kind = "news"\nat = 2023-02-20T10:00:00\n[texts]\nfr = "Suwon est à Tours."\n'
    '[[media]]\nfile = "photo.png"\nalt = { fr = "Une délégation devant la mairie" }\n'
)


@pytest.fixture(scope="module")
def pictured_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = House(tmp_path_factory.mktemp("pictured"))
    folder = house.place.campaign / "announcements"
    (folder / "photo.png").write_bytes(png())
    (folder / "visite.toml").write_text(PICTURE)
    with house.hall() as hall:
        hall.app.queue(read_announcement(folder / "visite.toml", hall.app.campaign))
    return house.folder


@pytest.fixture
def pictured(pictured_once: Path, tmp_path: Path) -> House:
    """A house where a post with a picture waits."""
    return House(Path(shutil.copytree(pictured_once, tmp_path, dirs_exist_ok=True)))


def kept_file(house: House) -> Path:
    """The one file that the posts name."""
    with house.hall() as hall:
        (sha256,) = {
            media.sha256
            for post in hall.app.store.queue.posts("tours")
            for media in post.attached.files
        }
        return hall.app.shelf.path(sha256)


def test_what_is_whole_is_counted(pictured: House) -> None:
    MediaStore(pictured.place.media).put(io.BytesIO(b"nobody's"))
    verdict = pictured.verify()
    assert verdict == Verdict(posts=2, attempts=0, files=1, unnamed=1, faults=())
    pictured.back_up()
    assert verify_file(pictured.file, pictured.clock, quietly) == verdict


@pytest.mark.parametrize(("spoil", "says"), [(True, "was changed"), (False, "no longer kept")])
def test_a_file_of_a_post_that_is_damaged_or_gone_is_told(
    spoil: bool, says: str, pictured: House
) -> None:
    path = kept_file(pictured)
    if spoil:
        path.write_bytes(b"spoiled")
    else:
        path.unlink()
    (said,) = pictured.words()
    assert says in said
    pictured.back_up()
    (fault,) = verify_file(pictured.file, pictured.clock, quietly).faults
    assert str(fault.message) == "The file photo.png of a post is missing or damaged."


def test_a_contradiction_in_the_ledger_is_told_of_a_backup_too(either: House) -> None:
    either.change("UPDATE posts SET attempts = 2")
    assert len(either.words()) == 2
    either.back_up()
    found = verify_file(either.file, either.clock, quietly).faults
    assert {fault.invariant for fault in found} == {"attempts counted"}


def test_what_is_tried_with_a_post_that_is_out_is_no_part_of_publishing_it(queued: House) -> None:
    with queued.hall() as hall:
        hall.work()
    for state in ("prepared", "sending", "accepted"):
        queued.change(
            "INSERT INTO attempts (post_id, number, state, at, account, act)"
            " SELECT id, 2, ?, '2023-02-21 07:00:00', account, 'correct' FROM posts",
            state,
        )
    queued.change("UPDATE posts SET attempts = 2")
    assert queued.words() == []


def test_rows_that_belong_to_nothing_are_told(queued: House) -> None:
    queued.change("DELETE FROM accounts")
    assert "Rows of the database that belong to nothing: 2." in queued.words()


def test_a_damaged_page_is_told(queued: House) -> None:
    damage(queued.database)
    verdict = queued.verify()
    assert verdict.posts == 0
    assert {fault.invariant for fault in verdict.faults} == {"database whole"}
    assert all("damaged" in str(fault.message) for fault in verdict.faults)


def test_there_must_be_something_to_verify(house: House) -> None:
    with pytest.raises(RefusedCommand, match="nothing to verify yet"):
        house.verify()


def test_the_texts_of_a_backup_carry_their_mark(queued: House) -> None:
    """What comes back is what was approved."""
    queued.back_up()
    queued.restore(EVERYBODY)
    with queued.hall() as hall:
        assert all(post.text.endswith(MARK) for post in hall.app.store.queue.posts("tours"))
