"""The rehearsal: the main job from end to end, on the campaign that Pavois ships."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.app import App, make_app
from bot.clock import RehearsalClock
from bot.config import Config, load_config
from bot.errors import PavoisError, RefusedCommand
from bot.model import PostState
from bot.rehearsal import (
    MARKER,
    START,
    Step,
    Tally,
    clean_folder,
    in_folder,
    rehearse,
    rehearsed_app,
)
from bot.sandbox import SandboxPost
from tests.story import NETWORKS, end, found_town_hall, pavois

TAG = "#KoreaFranceLocalCooperation"
#: On X a hashtag ends where a letter of any script follows it, so it must not.
GLUED = re.compile(rf"\w{TAG}|{TAG}\w")


@dataclass
class Rehearsed:
    """A rehearsal of two weeks that has ended, and every step that it was told of."""

    app: App
    tally: Tally
    steps: list[Step]

    def truth(self) -> dict[str, SandboxPost]:
        """What the networks show, by the name that Pavois knows it by."""
        return {
            (post.urn if network == "linkedin" else str(post.id)): post
            for network in NETWORKS
            for post in self.app.sandbox.posts(network)
        }


def defaults(folder: Path) -> Config:
    """The configuration of somebody who has none."""
    return load_config(None, folder)


@pytest.fixture(scope="module")
def two_weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    folder = tmp_path_factory.mktemp("rehearsal")
    app, clock = rehearsed_app(defaults(folder), folder)
    steps: list[Step] = []
    with app:
        tally = rehearse(app, clock, 2, steps.append)
        yield Rehearsed(app, tally, steps)


def test_in_two_weeks_every_announcement_of_the_fortnight_goes_out_on_both_networks(
    two_weeks: Rehearsed,
) -> None:
    posts = two_weeks.app.store.queue.posts("korea-france")
    out = [post for post in posts if post.state == PostState.PUBLISHED]
    fortnight = START + timedelta(weeks=2)
    assert len(out) >= 30
    assert {post.network for post in out} == set(NETWORKS)
    assert {post.language for post in out} == {"fr", "ko", "en"}
    assert [post.id for post in posts if post.due <= fortnight] == [post.id for post in out]
    assert two_weeks.tally.became == {PostState.PUBLISHED: len(out)}
    assert two_weeks.app.store.journal.notices() == []


def test_each_post_is_shown_once_at_the_minute_it_was_due(two_weeks: Rehearsed) -> None:
    truth = two_weeks.truth()
    out = two_weeks.app.store.queue.posts("korea-france", states=[PostState.PUBLISHED])
    assert sorted(truth) == sorted(post.remote_id for post in out)
    for post in out:
        late = truth[post.remote_id].created_at - post.due
        assert timedelta(0) <= late < timedelta(minutes=1), post


def test_every_post_carries_tag_and_flags_as_its_network_shows_it(two_weeks: Rehearsed) -> None:
    for post in two_weeks.truth().values():
        assert post.shown.count(TAG) == 1
        assert GLUED.search(post.shown) is None
        assert post.shown.count("🇫🇷") == post.shown.count("🇰🇷") == 1
        assert post.truncated_at is None


def test_the_networks_themselves_take_the_tag_for_a_hashtag(two_weeks: Rehearsed) -> None:
    for network in NETWORKS:
        page = two_weeks.app.sandbox.timeline_page(network)
        tags = re.findall(rf'<span class="tag">{TAG}</span>', page)
        assert len(tags) == len(two_weeks.app.sandbox.posts(network))


def test_what_was_seen_grows_and_is_kept_reading_by_reading(two_weeks: Rehearsed) -> None:
    out = two_weeks.app.store.queue.posts("korea-france", states=[PostState.PUBLISHED])
    taken = two_weeks.app.store.figures.snapshots([post.id for post in out])
    assert sum(map(len, taken.values())) == two_weeks.tally.readings
    totals = []
    old = [post for post in out if post.due < START + timedelta(days=7)]
    for post in old:
        seen = [snapshot.metrics.impressions for snapshot in taken[post.id]]
        known = [number for number in seen if number is not None]
        assert len(known) > 20
        assert known == sorted(known)
        totals.append(known[-1])
    # Here and there is a post that nobody saw, as in life.
    assert sum(total > 0 for total in totals) > len(totals) * 0.8


def test_a_report_is_written_for_each_week_in_each_language(two_weeks: Rehearsed) -> None:
    folder = two_weeks.app.config.reports
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"2023-W{week}.{language}.{form}"
        for week in ("08", "09")
        for language in ("fr", "ko", "en")
        for form in ("html", "md")
    )
    assert sorted(two_weeks.tally.reports) == sorted(folder.iterdir())
    for path in folder.glob("*.html"):
        assert TAG in path.read_text(encoding="utf-8")


def test_the_display_is_told_of_each_post_and_how_far_it_is(two_weeks: Rehearsed) -> None:
    shares = [step.share for step in two_weeks.steps]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert sum(len(step.posts) for step in two_weeks.steps) == len(two_weeks.truth())


def test_the_timelines_are_written_as_pages(two_weeks: Rehearsed, tmp_path: Path) -> None:
    pages = two_weeks.app.write_timelines()
    assert [page.name for page in pages] == ["x.html", "linkedin.html"]
    for page in pages:
        assert "Grenoble" in page.read_text(encoding="utf-8")


def figures(folder: Path) -> list[tuple[Any, ...]]:
    """Every figure of one week in a small campaign, in the order in which it was read."""
    found_town_hall(folder)
    announcement = folder / "campaigns" / "tours" / "announcements" / "visite.toml"
    announcement.write_text(
        'kind = "news"\nat = 2023-02-20T10:00:00\n[texts]\nfr = "Tours accueille Suwon."\n',
        encoding="utf-8",
    )
    app, clock = rehearsed_app(load_config(folder / "config.toml", folder), folder / "rehearsal")
    with app:
        rehearse(app, clock, 1, lambda _step: None)
        posts = app.store.queue.posts("tours")
        taken = app.store.figures.snapshots([post.id for post in posts])
        return [
            (post.network, post.remote_id, snapshot.taken_at, snapshot.metrics)
            for post in posts
            for snapshot in taken[post.id]
        ]


def test_two_rehearsals_give_the_same_figures(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = figures(tmp_path / "one")
    assert len(first) > 50
    assert figures(tmp_path / "two") == first


def test_a_rehearsal_that_is_stopped_ends_between_two_steps(tmp_path: Path) -> None:
    app, clock = rehearsed_app(defaults(tmp_path), tmp_path)
    steps: list[Step] = []
    with app:
        rehearse(app, clock, 2, steps.append, lambda: len(steps) == 3)
    assert len(steps) == 3


def test_a_fault_of_the_disk_ends_a_rehearsal_with_a_sentence(tmp_path: Path) -> None:
    app, clock = rehearsed_app(defaults(tmp_path), tmp_path)
    app.config.reports.write_text("not a folder")
    with app, pytest.raises(PavoisError, match="cannot be written"):
        rehearse(app, clock, 2, lambda _step: None)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "lettre-au-maire.odt"
    letter.write_text("Monsieur le Maire,")
    with pytest.raises(RefusedCommand, match="holds other files"), clean_folder(tmp_path):
        raise AssertionError("it was taken")
    assert letter.read_text() == "Monsieur le Maire,"


def test_an_earlier_rehearsal_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    with clean_folder(folder):
        (folder / "reports").mkdir()
        (folder / "reports" / "2023-W08.fr.md").write_text("# an old one")
        (folder / "pavois.db").write_text("old")
    with clean_folder(folder):
        assert [path.name for path in folder.iterdir()] == [MARKER]


def test_a_link_in_an_earlier_rehearsal_is_removed_and_not_followed(tmp_path: Path) -> None:
    folder, letters = tmp_path / "rehearsal", tmp_path / "letters"
    letters.mkdir()
    (letters / "maire.odt").write_text("Monsieur le Maire,")
    with clean_folder(folder):
        (folder / "reports").symlink_to(letters)
    with clean_folder(folder):
        assert [path.name for path in folder.iterdir()] == [MARKER]
    assert (letters / "maire.odt").exists()


def test_two_rehearsals_in_one_folder_at_once_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    with clean_folder(folder):
        (folder / "pavois.db").write_text("in use")
        with pytest.raises(RefusedCommand, match="Another rehearsal runs"), clean_folder(folder):
            raise AssertionError("it was taken")
        assert (folder / "pavois.db").read_text() == "in use"
    with clean_folder(folder):
        assert not (folder / "pavois.db").exists()


def test_the_folder_of_a_rehearsal_cannot_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rehearsal"
    path.write_text("a file")
    with pytest.raises(RefusedCommand, match="is a file"), clean_folder(path):
        raise AssertionError("it was taken")


def test_a_rehearsal_of_a_live_configuration_touches_neither_its_files_nor_its_addresses(
    tmp_path: Path,
) -> None:
    path = found_town_hall(
        tmp_path,
        'mode = "live"\n[database]\nurl = "sqlite:///vrai.db"\n'
        '[networks.x]\nbase_url = "https://x.example"\n',
    )
    config = in_folder(load_config(path, tmp_path), tmp_path / "rehearsal")
    with make_app(config, clock=RehearsalClock(START), environment=Forbidden()) as app:
        assert not app.config.is_live
        assert app.network_settings("x")["base_url"].startswith("http://127.0.0.1:")
        app.store.queue.posts("tours")
    assert not (tmp_path / "vrai.db").exists()


def test_the_timelines_are_served_until_it_is_stopped(tmp_path: Path) -> None:
    found_town_hall(tmp_path)
    announcement = tmp_path / "campaigns" / "tours" / "announcements" / "visite.toml"
    announcement.write_text(
        'kind = "news"\nat = 2023-02-20T10:00:00\n[texts]\nfr = "Tours accueille Suwon."\n',
        encoding="utf-8",
    )
    process = pavois(tmp_path, "demo", "--weeks", "1", "--serve")
    try:
        assert process.stdout is not None
        urls: list[str] = []
        for line in process.stdout:
            urls += re.findall(r"http://127\.0\.0\.1:\d+/\w+/", line)
            if len(urls) == len(NETWORKS):
                break
        for url in urls:
            page = requests.get(url, timeout=5)
            assert page.status_code == 200
            assert "Tours accueille Suwon." in page.text
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=10)
        assert process.returncode == 0, err
        assert "Traceback" not in err
    finally:
        end([process])


def test_a_demonstration_that_is_interrupted_says_so_and_leaves_what_it_has(
    tmp_path: Path,
) -> None:
    process = pavois(tmp_path, "demo", "--weeks", "26")
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "published" in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        end([process])
    assert (process.returncode, err.splitlines()[-1]) == (130, "Stopped.")
    assert "rehearsal/x.html" in out
    assert "<article" in (tmp_path / "rehearsal" / "x.html").read_text(encoding="utf-8")


def test_a_timeline_that_cannot_be_written_keeps_no_server_up(tmp_path: Path) -> None:
    app, _clock = rehearsed_app(defaults(tmp_path), tmp_path)
    url = app.network_settings("x")["base_url"]
    (tmp_path / "x.html").mkdir()
    with pytest.raises(PavoisError, match=r"x\.html"):
        app.close()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=2)


class Forbidden(Mapping[str, str]):
    """An environment that nobody may look into."""

    def __getitem__(self, key: str) -> str:
        raise AssertionError(f"{key} was read")

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the environment was read")

    def __len__(self) -> int:
        raise AssertionError("the environment was read")


def test_a_rehearsal_calls_no_other_machine_and_reads_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: set[str] = set()
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        reached.add(str(address[0]) if isinstance(address, tuple) else str(address))
        connect(self, address)

    def no_names(*arguments: Any, **_options: Any) -> Any:
        raise AssertionError(f"a name was looked up: {arguments[0]}")

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "gethostbyname", no_names)
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    monkeypatch.setenv("HTTPS_PROXY", "http://192.0.2.1:3128")
    path = found_town_hall(tmp_path, '[http]\nproxy = "http://192.0.2.1:3128"\n')
    announcement = tmp_path / "campaigns" / "tours" / "announcements" / "visite.toml"
    announcement.write_text(
        'kind = "news"\nat = 2023-02-20T10:00:00\nlink = "https://www.tours.fr/"\n'
        '[texts]\nfr = "Tours accueille Suwon."\n',
        encoding="utf-8",
    )
    config = in_folder(load_config(path, tmp_path), tmp_path / "rehearsal")
    clock = RehearsalClock(START)
    with make_app(config, clock=clock, environment=Forbidden()) as app:
        tally = rehearse(app, clock, 1, lambda _step: None)
        assert len(app.sandbox.posts("x")) == len(app.sandbox.posts("linkedin")) == 1
    assert tally.readings > 0
    assert reached == {"127.0.0.1"}


@pytest.mark.parametrize(
    "address", ["https://api.x.com", "http://127.0.0.1.example.org", "https://localhost.evil.test"]
)
def test_an_address_outside_is_replaced_in_a_rehearsal(address: str, tmp_path: Path) -> None:
    path = found_town_hall(tmp_path, f'[networks.x]\nbase_url = "{address}"\n')
    with make_app(load_config(path, tmp_path), environment=Forbidden()) as app:
        assert app.network_settings("x")["base_url"] == app.sandbox.x_url


def test_another_server_on_this_machine_may_play_a_network(tmp_path: Path) -> None:
    path = found_town_hall(tmp_path, '[networks.x]\nbase_url = "http://127.0.0.1:9/x"\n')
    with make_app(load_config(path, tmp_path), environment=Forbidden()) as app:
        assert app.network_settings("x")["base_url"] == "http://127.0.0.1:9/x"
        assert "sandbox" not in vars(app)
