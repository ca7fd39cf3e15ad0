"""The commands, as somebody types them: what they say, where they say it, their exit codes."""

from __future__ import annotations

import importlib
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from sqlalchemy import delete, insert, update

from bot import words
from bot.app import App, make_app
from bot.cli import COMMANDS, main
from bot.clock import RehearsalClock
from bot.config import load_config
from bot.db.tables import attempts, spending
from bot.errors import Refused
from bot.files import shipped
from bot.model import Announcement
from bot.outcome import failed, uncertain
from bot.words import Message
from tests.announcements_sample import MARK, announcement, planned
from tests.fakes import claimed
from tests.story import found_town_hall, pavois, pavois_said, town_hall
from tests.tiny_files import png

DONE, NEEDS_A_PERSON, USAGE, CONFIG, TEXT, REFUSED, STORE = 0, 1, 2, 3, 4, 5, 6

VISIT = 'kind = "news"\nat = 2096-03-01T09:30:00\n[texts]\nfr = "Suwon est à Tours."\n'


@dataclass
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Desk:
    """Somebody at a terminal in a folder."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: str, types: str = "") -> Said:
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(types))
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = self.capture.readouterr()
        assert "Traceback" not in err
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, out, err)

    def file(self, name: str, text: str = VISIT) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    @contextmanager
    def app(self, ago: timedelta = timedelta(0)) -> Iterator[App]:
        """Pavois on the same files, as it was so long ago."""
        clock = RehearsalClock(datetime.now(UTC) - ago)
        config = load_config(self.folder / "config.toml", self.folder)
        with make_app(config, clock=clock, environment={}) as app:
            yield app

    def queue_in_the_past(self, slug: str) -> list[int]:
        """Queue what was due a minute ago; the numbers of the posts, X's first."""
        with self.app(ago=timedelta(minutes=5)) as app:
            at = app.clock.now() + timedelta(minutes=4)
            (queued,) = app.queue(
                Announcement(
                    slug, "tours", "news", {}, {"fr": (f"Tours : {slug}",)}, (), "", at, None
                )
            )
            return list(queued.ids)


@pytest.fixture
def empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A desk in a folder where nothing is."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.chdir(tmp_path)
    for name in ("PAVOIS_CONFIG", "PAVOIS_DEBUG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    # `speak` changes both: put back at the end of the test.
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr(words, "_language", "en")
    monkeypatch.setenv("PAVOIS_LANGUAGE", "en")
    yield Desk(tmp_path, capsys, monkeypatch)
    # `pavois run` logs to the stderr of its test, which ends with it.
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def tours(empty: Desk) -> Desk:
    """A desk in a town hall that has its config.toml."""
    found_town_hall(empty.folder)
    return empty


# the whole


def test_every_command_is_listed_with_a_line_of_help(empty: Desk) -> None:
    said = empty("--help")
    assert said.code == DONE
    for name, (_module, line) in COMMANDS.items():
        assert f"  {name}" in said.out
        assert line.split()[0] in said.out


def subcommands() -> Iterator[tuple[str, ...]]:
    for name, (module, _line) in COMMANDS.items():
        yield (name,)
        command = importlib.import_module(f"bot.cli.{module}").command
        if isinstance(command, click.Group):
            yield from ((name, below) for below in command.commands)


@pytest.mark.parametrize("name", list(subcommands()), ids=" ".join)
def test_every_command_explains_itself(name: tuple[str, ...], empty: Desk) -> None:
    said = empty(*name, "--help")
    assert said.code == DONE
    assert f"Usage: pavois {' '.join(name)}" in said.out
    assert len(said.out.splitlines()) > 5
    assert list(empty.folder.iterdir()) == [], "help writes nothing"


def test_the_lists_of_the_groups_are_whole(empty: Desk) -> None:
    groups = {name[0] for name in subcommands() if len(name) == 2}
    assert {"queue", "accounts"} <= groups
    for group in groups:
        said = empty(group, "--help")
        for below in (name[1] for name in subcommands() if len(name) == 2 and name[0] == group):
            assert f"  {below} " in said.out


def test_it_says_its_version(empty: Desk) -> None:
    assert empty("--version").out.startswith("Pavois 0.")


def test_without_a_configuration_it_says_that_it_rehearses(empty: Desk) -> None:
    said = empty("queue", "list")
    assert said.code == DONE
    assert "No config.toml here: this is a rehearsal" in said.err
    assert "pavois init" in said.err
    assert empty("queue", "list", "--json").err == ""


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param(["nonsense"], USAGE, "nonsense", id="an unknown command"),
        pytest.param(["queue", "list", "--colour"], USAGE, "--colour", id="an unknown option"),
        pytest.param(["queue", "list", "--state", "lost"], USAGE, "lost", id="an unknown state"),
        pytest.param(["queue", "settle", "one", "--not-published"], USAGE, "one", id="no number"),
        pytest.param(["queue", "add"], USAGE, "--kind", id="nothing to add"),
        pytest.param(["queue", "show", "99"], REFUSED, "99", id="an unknown post"),
        pytest.param(["queue", "show", "forum"], REFUSED, "forum", id="an unknown announcement"),
        pytest.param(["queue", "show", "9" * 40], REFUSED, "9" * 40, id="a number too long"),
        pytest.param(["queue", "show", "²"], REFUSED, "²", id="a digit that is no number"),
        pytest.param(["queue", "cancel", "99"], REFUSED, "99", id="an unknown post to cancel"),
        pytest.param(["queue", "settle", "1"], USAGE, "--published", id="settle without a word"),
        pytest.param(
            ["queue", "settle", "99", "--not-published"], REFUSED, "99", id="settle an unknown post"
        ),
        pytest.param(["queue", "add", "no.toml"], CONFIG, "no file", id="a file that is not there"),
        pytest.param(["queue", "add", "."], CONFIG, "cannot be read", id="a folder as a file"),
        pytest.param(["preview", "no.toml"], CONFIG, "no file", id="nothing to preview"),
        pytest.param(["preview"], USAGE, "FILE…", id="preview without a file"),
        pytest.param(
            ["report", "--week", "2023-W99"], None, "no week 99", id="a week that is none"
        ),
        pytest.param(["report", "--week", "last"], None, "last", id="a word for a week"),
        pytest.param(["report", "--form", "pdf"], USAGE, "pdf", id="a form that is none"),
        pytest.param(["report", "--output", "."], USAGE, "directory", id="a folder for a report"),
        pytest.param(["report", "--output", "config.toml/x"], STORE, "x", id="below a file"),
        pytest.param(["accounts", "release", "x-fr"], REFUSED, "not held", id="nothing to release"),
        pytest.param(
            ["accounts", "release", "x-frr"],
            REFUSED,
            "no account x-frr. The campaign's accounts: x-fr, linkedin-fr",
            id="no such account",
        ),
        pytest.param(["live"], REFUSED, "rehearsal", id="live in a rehearsal"),
        pytest.param(["demo", "--dir", "config.toml"], USAGE, "config.toml", id="--dir a file"),
        pytest.param(["demo", "--weeks", "0"], USAGE, "0", id="no week"),
        pytest.param(["demo", "--dir", "."], REFUSED, "other files", id="--dir of other files"),
        pytest.param(["init", "config.toml"], USAGE, "config.toml", id="init in a file"),
        pytest.param(["--language", "de", "check"], USAGE, "de", id="a language it has not"),
        pytest.param(["--config", "no.toml", "check"], CONFIG, "no.toml", id="no such config"),
        pytest.param(["--config", ".", "check"], CONFIG, "cannot be read", id="config a folder"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_or_two_on_stderr(
    arguments: list[str], code: int | None, says: str, tours: Desk
) -> None:
    said = tours(*arguments)
    assert said.code == (code if code is not None else said.code)
    assert said.code not in (DONE, 70)
    assert said.out == ""
    assert says in said.err
    assert "{" not in said.err


def test_a_file_that_is_no_database_is_told(tours: Desk) -> None:
    (tours.folder / "rehearsal").mkdir()
    (tours.folder / "rehearsal" / "pavois.db").write_text("Monsieur le Maire, " * 100)
    said = tours("queue", "list")
    assert (said.code, said.out) == (STORE, "")
    assert "no database of Pavois" in said.err


@pytest.mark.parametrize("word", ["abc", "0", "2147483648"])
@pytest.mark.parametrize(
    ("command", "what"),
    [
        (["queue", "settle", "--not-published"], "a post number"),
        (["correct"], "a post number"),
        (["notices", "done"], "the number of a notice"),
    ],
)
def test_what_is_no_number_is_told_as_such(
    word: str, command: list[str], what: str, empty: Desk
) -> None:
    said = empty(*command, word)
    assert (said.code, said.out) == (USAGE, "")
    assert f"“{word}” is not {what}." in said.err


def test_a_mistake_is_quoted_as_the_language_quotes(empty: Desk) -> None:
    assert "“--at”" in empty("queue", "move", "1").err
    assert "«\u00a0--at\u00a0»" in empty("--language", "fr", "queue", "move", "1").err


def test_a_folder_that_is_gone_is_told(empty: Desk) -> None:
    gone = empty.folder / "gone"
    gone.mkdir()
    empty.monkeypatch.chdir(gone)
    gone.rmdir()
    said = empty("queue", "list")
    assert (said.code, said.err) == (STORE, "pavois: No such file or directory.\n")


def test_the_home_of_a_person_who_is_not_there_is_told_as_a_missing_file(empty: Desk) -> None:
    said = empty("--config", "~no-such-person/config.toml", "queue", "list")
    assert said.code == CONFIG
    assert said.err == "pavois: There is no file ~no-such-person/config.toml.\n"


def test_what_a_terminal_cannot_show_does_not_stop_it(tours: Desk) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "bot", "preview", tours.file("visite.toml")],
        cwd=tours.folder,
        env={**os.environ, "PAVOIS_LANGUAGE": "ko", "PYTHONIOENCODING": "iso-8859-1"},
        capture_output=True,
        check=False,
        timeout=30,
        encoding="iso-8859-1",
    )
    assert (process.returncode, process.stderr) == (DONE, "")
    assert "Suwon est à Tours." in process.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_an_output_on_a_full_disk_is_told(tmp_path: Path) -> None:
    found_town_hall(tmp_path)
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "bot", "queue", "list", "--json"],
            cwd=tmp_path,
            env={**os.environ, "PAVOIS_LANGUAGE": "en"},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=30,
            encoding="utf-8",
        )
    assert process.stderr == "pavois: No space left on device.\n"
    assert process.returncode == STORE


def test_a_fault_of_pavois_is_told_without_a_traceback(tours: Desk) -> None:
    def broken(_app: App) -> None:
        raise ZeroDivisionError

    tours.monkeypatch.setattr("bot.checks.check", broken)
    said = tours("check")
    assert said.code == 70
    assert "ZeroDivisionError" in said.err
    assert "PAVOIS_DEBUG=1" in said.err


# configuration


def test_init_writes_a_configuration_and_what_it_says_next_works(empty: Desk) -> None:
    said = empty("init")
    assert said.code == DONE
    assert "pavois check" in said.out
    assert (empty.folder / "config.toml").read_text(encoding="utf-8") == shipped(
        "config.example.toml"
    ).read_text(encoding="utf-8")
    checked = empty("check")
    assert (checked.code, checked.err) == (DONE, "")
    announcements = sorted((empty.folder / "campaigns/korea-france/announcements").iterdir())
    assert empty("preview", *map(str, announcements)).code == DONE
    name = empty.file("bonjour.toml", "".join(VISIT.splitlines(keepends=True)[:2]) + TEXTS)
    assert empty("queue", "add", name).code == DONE


TEXTS = '[texts]\nfr = "Bonjour"\nko = "안녕하세요"\nen = "Hello"\n'


def test_init_touches_nothing_that_is_there(tours: Desk) -> None:
    before = (tours.folder / "config.toml").read_bytes()
    said = tours("init")
    assert (said.code, said.out) == (REFUSED, "")
    assert "is there already" in said.err
    assert (tours.folder / "config.toml").read_bytes() == before


def test_init_in_a_folder_to_be_made(empty: Desk) -> None:
    assert empty("init", "mairie/communication").code == DONE
    assert (empty.folder / "mairie" / "communication" / "config.toml").is_file()


def test_a_configuration_elsewhere_is_named_or_set_in_the_environment(tours: Desk) -> None:
    elsewhere = tours.folder / "ailleurs"
    elsewhere.mkdir()
    tours.monkeypatch.chdir(elsewhere)
    assert "No config.toml" in tours("queue", "list").err
    for way in ("option", "environment"):
        options = ["--config", "../config.toml"] if way == "option" else []
        if way == "environment":
            tours.monkeypatch.setenv("PAVOIS_CONFIG", str(tours.folder / "config.toml"))
        said = tours(*options, "accounts", "list", "--json")
        assert [account["account"] for account in said.json] == ["x-fr", "linkedin-fr"]
    assert (tours.folder / "rehearsal" / "pavois.db").exists()


# check


def test_check_finds_nothing_wrong_in_a_new_town_hall(tours: Desk) -> None:
    said = tours("check")
    assert (said.code, said.err) == (DONE, "")
    assert "✗" not in said.out
    found = tours("check", "--json").json
    assert all(finding["ok"] for finding in found)
    assert {"configuration", "campaign", "database", "clock", "accounts"} <= {
        finding["subject"] for finding in found
    }


def add_to(desk: Desk, name: str, text: str) -> None:
    path = desk.folder / name
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("config.toml", '[networks.x]\nbase_ulr = "http://127.0.0.1"\n', "base_ulr"),
        ("config.toml", "[networks.mastodon]\n", "mastodon"),
        ("config.toml", '[networks.x]\nbase_url = "http://["\n', "networks.x.base_url"),
        ("config.toml", '[networks.x]\nbase_url = ""\n', "networks.x.base_url"),
        ("config.toml", '[networks.linkedin]\nversion = "9"\n', "networks.linkedin.version"),
        ("config.toml", '[networks.x]\nbase_url = "http://x.com"\n', "begins with https"),
        ("config.toml", '[accounts.x-de]\nauthor = "a"\n', "x-de"),
        ("config.toml", '[accounts.x-fr]\napi_key = "abc"\n', "is a secret"),
        ("campaigns/tours/campaign.toml", '[accounts.x-de]\nnetwork = "y"\n', "accounts.x-de"),
        ("campaigns/tours/announcements/visite.toml", 'kind = "nwes"\n', "`news`"),
        ("campaigns/tours/templates/news.fr.txt", "{{ headline", "news.fr"),
    ],
)
def test_check_finds_what_is_wrong_and_names_it(
    name: str, text: str, says: str, tours: Desk
) -> None:
    (tours.folder / "campaigns/tours/announcements/forum.toml").write_text(
        'kind = "news"\n[facts]\nheadline = "Forum"\n'
    )
    (tours.folder / name).touch()
    add_to(tours, name, text)
    said = tours("check")
    assert said.code == NEEDS_A_PERSON
    wrong = [line for line in said.out.splitlines() if line.startswith("✗")]
    assert any(says in line for line in wrong)
    assert len(wrong) == len({line.partition(": ")[2] for line in wrong}), "each thing once"


def test_check_finds_posts_of_a_campaign_that_has_another_name_now(tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    assert tours("check").code == DONE
    (tours.folder / "campaigns/tours").rename(tours.folder / "campaigns/touraine")
    path = tours.folder / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("tours", "touraine"), encoding="utf-8")
    said = tours("check")
    assert said.code == NEEDS_A_PERSON
    assert "2 posts of campaign tours wait in this database" in said.out


@pytest.mark.parametrize("section", ['[networks.linkedn]\nversion = "202610"', "[accounts.x-de]"])
def test_nothing_is_sent_while_a_section_of_the_configuration_means_nothing(
    section: str, tours: Desk
) -> None:
    tours.queue_in_the_past("visite")
    add_to(tours, "config.toml", section)
    for command in ("publish", "run"):
        said = tours(command)
        assert (said.code, said.out) == (CONFIG, "")
        assert section.partition("]")[0].rpartition(".")[2] in said.err
    assert {post["state"] for post in tours("queue", "list", "--json").json} == {"queued"}


def test_check_finds_a_held_account_and_says_how_to_release_it(tours: Desk) -> None:
    tours.queue_in_the_past("visite")
    with tours.app() as app:
        app.sandbox.fault("x", "unauthorized_401")
    published = tours("publish")
    assert published.code == NEEDS_A_PERSON
    assert "account x-fr" in published.err
    said = tours("check")
    assert said.code == NEEDS_A_PERSON
    assert "pavois accounts release x-fr" in said.out
    assert tours("accounts", "list", "--json").json[0]["state"] == "held"
    assert tours("accounts", "release", "x-fr").code == DONE
    assert tours("publish").code == DONE
    assert tours("check").code == DONE


# the queue


def test_an_announcement_becomes_a_post_for_each_account(tours: Desk) -> None:
    said = tours("queue", "add", tours.file("visite.toml"))
    assert (said.code, said.err) == (DONE, "")
    assert "visite: 2 posts queued." in said.out
    assert "Paris" in said.out
    assert "Seoul" in said.out
    listed = tours("queue", "list", "--json").json
    assert [post["account"] for post in listed] == ["x-fr", "linkedin-fr"]
    assert {post["due"] for post in listed} == {"2096-03-01T08:30:00+00:00"}


def test_the_same_announcement_again_changes_nothing_and_says_so(tours: Desk) -> None:
    name = tours.file("visite.toml")
    assert tours("queue", "add", name, "--json").json[0]["changed"] is True
    before = tours("queue", "list", "--json").out
    assert "queued already, nothing changed" in tours("queue", "add", name).out
    assert tours("queue", "add", name, "--json").json == [
        {"announcement": "visite", "changed": False, "advice": [], "price": None, "posts": []}
    ]
    assert tours("queue", "list", "--json").out == before


def test_other_words_under_the_same_name_are_refused(tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    said = tours("queue", "add", tours.file("visite.toml", VISIT.replace("Suwon", "Gumi")))
    assert said.code == REFUSED
    assert "pavois queue change visite FILE" in said.err


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        pytest.param('kind = "nwes"', CONFIG, "did you mean `news`", id="an unknown kind"),
        pytest.param(VISIT.replace("2096", "2013"), REFUSED, "has passed", id="in the past"),
        pytest.param(VISIT.replace("2096", "9999"), CONFIG, "too far", id="the end of time"),
        pytest.param(VISIT.replace("2096", "0001"), CONFIG, "too far", id="the year one"),
        pytest.param("kind = " + "[" * 100_000, CONFIG, "too deep", id="brackets without end"),
        pytest.param(VISIT.replace("03-01", "02-30"), CONFIG, "not valid TOML", id="no such day"),
        pytest.param(
            VISIT.replace("2096-03-01T09:30", "2030-03-31T02:30"),
            CONFIG,
            "is skipped",
            id="an hour that the clock skips",
        ),
        pytest.param(
            VISIT.replace("[texts]", 'partners = ["suwom"]\n[texts]'),
            CONFIG,
            "suwom",
            id="an unknown partner",
        ),
        pytest.param(VISIT.replace("fr =", "it ="), CONFIG, "`it`", id="an unknown language"),
        pytest.param('kind = "news"\n', CONFIG, "headline", id="a fact that is missing"),
        pytest.param(
            VISIT.replace("Suwon", "Suwon" * 100), TEXT, "visite", id="a word that is too long"
        ),
        pytest.param("", CONFIG, "`kind`", id="an empty file"),
        pytest.param(VISIT.replace("fr =", "fr : "), CONFIG, "not valid TOML", id="no TOML"),
        pytest.param(
            VISIT.replace('"Suwon est à Tours."', '""'), CONFIG, "texts.fr", id="an empty text"
        ),
        pytest.param(
            VISIT.replace("[texts]", 'link = "tours.fr"\n[texts]'), CONFIG, "tours.fr", id="no link"
        ),
        pytest.param(
            VISIT.replace("[texts]", 'zone = "Europe/Tours"\n[texts]'),
            CONFIG,
            "Europe/Tours",
            id="no zone",
        ),
        pytest.param(
            VISIT.replace("[texts]", "valid_until = 2096-02-01\n[texts]"),
            REFUSED,
            "validity",
            id="stale before it is due",
        ),
    ],
)
def test_if_one_file_is_wrong_none_is_queued(text: str, code: int, says: str, tours: Desk) -> None:
    right = tours.file("forum.toml", VISIT.replace("Suwon", "Gumi"))
    said = tours("queue", "add", right, tours.file("visite.toml", text))
    assert (said.code, said.out) == (code, "")
    assert says in said.err
    assert "visite" in said.err
    assert tours("queue", "list", "--json").json == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(VISIT.replace("\n", "\r\n").encode(), id="ends of lines of Windows"),
        pytest.param(b"\xef\xbb\xbf" + VISIT.encode(), id="a byte order mark"),
    ],
)
def test_a_file_from_notepad_is_read(content: bytes, tours: Desk) -> None:
    path = tours.folder / "visite.toml"
    path.write_bytes(content)
    assert tours("queue", "add", str(path)).code == DONE


def test_a_korean_file_name_is_refused_in_a_sentence(tours: Desk) -> None:
    said = tours("queue", "add", tours.file("수원.toml"))
    assert said.code == CONFIG
    assert "수원" in said.err


def test_an_announcement_is_written_on_the_command_line(tours: Desk) -> None:
    written = ("--kind", "news", "--fact", "headline.fr=Tours reçoit", "--at", "2096-03-01T09:30")
    said = tours("queue", "add", *written, "--zone", "Asia/Seoul", "--json")
    assert said.code == DONE
    (queued,) = said.json
    assert queued["posts"][0]["due"] == "2096-03-01T00:30:00+00:00"
    assert tours("queue", "add", *written, "--zone", "Asia/Seoul", "--json").json[0]["posts"] == []
    (shown, _other) = tours("queue", "show", queued["announcement"], "--json").json
    assert "Tours reçoit" in shown["text"]
    assert "#KoreaFranceLocalCooperation" in shown["text"]


def test_a_file_and_options_together_are_refused(tours: Desk) -> None:
    assert tours("queue", "add", tours.file("a.toml"), "--kind", "news").code == USAGE
    assert tours("queue", "add", tours.file("a.toml"), "--at", "2027-03-01T09:30").code == USAGE
    assert tours("queue", "add", "--at", "2027-03-01T09:30").code == USAGE
    assert tours("queue", "add", "--kind", "news", "--fact", "headline").code == USAGE


@pytest.mark.parametrize(
    "facts",
    [
        ("headline=Forum", "headline=Visite"),
        ("headline.fr=Forum", "headline.fr=Visite"),
        ("headline=Forum", "headline.fr=Visite"),
        ("headline.fr=Visite", "headline=Forum"),
    ],
    ids=" ".join,
)
def test_what_is_given_twice_is_not_silently_dropped(facts: tuple[str, str], tours: Desk) -> None:
    said = tours("queue", "add", "--kind", "news", "--fact", facts[0], "--fact", facts[1])
    assert said.code == USAGE
    assert "given twice" in said.err


def test_a_text_of_emoji_only_is_marked_and_queued(tours: Desk) -> None:
    assert tours("queue", "add", "--kind", "news", "--name", "joie", "--text", "fr=🎉").code == DONE
    shown = tours("queue", "show", "joie", "--json").json
    assert all("🎉" in post["text"] and "🇫🇷🇰🇷" in post["text"] for post in shown)


def test_a_post_is_shown_with_each_attempt(tours: Desk) -> None:
    number, _other = tours.queue_in_the_past("visite")
    assert tours("publish").code == DONE
    said = tours("queue", "show", str(number))
    assert "Tours : visite" in said.out
    assert "published" in said.out
    assert "HTTP 201" in said.out
    (post,) = tours("queue", "show", str(number), "--json").json
    states = [line["state"] for line in post["attempts"]]
    assert states == ["prepared", "sending", "accepted"]
    assert post["url"]


def test_a_list_of_a_state_that_no_post_is_in_does_not_say_that_nothing_waits(tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    said = tours("queue", "list", "--state", "failed", "--state", "not-a-state")
    assert said.code == USAGE
    said = tours("queue", "list", "--state", "failed", "--state", "held")
    assert said.code == DONE
    assert (
        said.out == "No post is in this state: failed, held. All posts: pavois queue list --all\n"
    )
    tours("queue", "cancel", "visite", "--yes")
    assert tours("queue", "list").out.startswith("Nothing waits. Add an announcement")


def test_cancelling_asks_first_and_says_what_it_did(tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    no = tours("queue", "cancel", "visite", types="n\n")
    assert no.code == 130
    assert len(tours("queue", "list", "--json").json) == 2
    yes = tours("queue", "cancel", "1", types="y\n")
    assert yes.code == DONE
    assert "1 post cancelled." in yes.out
    assert tours("queue", "cancel", "visite", "--yes").code == DONE
    assert tours("queue", "list", "--json").json == []
    assert len(tours("queue", "list", "--all", "--json").json) == 2
    again = tours("queue", "cancel", "1", "--yes")
    assert again.code == REFUSED
    assert "nothing to cancel" in again.out + again.err


def test_an_announcement_that_was_cancelled_can_be_queued_again(tours: Desk) -> None:
    name = tours.file("visite.toml")
    tours("queue", "add", name)
    tours("queue", "cancel", "visite", "--yes")
    assert "2 posts queued" in tours("queue", "add", name).out
    assert len(tours("queue", "list", "--json").json) == 2


# changing and moving


MENDED = VISIT.replace("Suwon est", "Suwon sera")


def test_a_change_is_shown_post_by_post_and_asked_for(tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    mended = tours.file("mended.toml", MENDED.replace("T09:30", "T10:30"))
    no = tours("queue", "change", "visite", mended, types="n\n")
    assert no.code == 130
    before = "2096-03-01 09:30 Paris · 17:30 Seoul"
    after = "2096-03-01 10:30 Paris · 18:30 Seoul"
    assert no.out.splitlines()[:6] == [
        "visite",
        f"  1  x-fr  fr  {before}",
        f"      → {after}",
        "      − Suwon est à Tours.",
        "      + Suwon sera à Tours.",
        f"  2  linkedin-fr  fr  {before}",
    ]
    assert "Change these 2 posts? [y/n]" in no.out
    assert "Suwon est" in tours("queue", "show", "1").out
    yes = tours("queue", "change", "1", mended, types="y\n")
    assert (yes.code, yes.out.splitlines()[-1][-16:]) == (DONE, "2 posts changed.")
    assert "Suwon sera" in tours("queue", "show", "1").out
    again = tours("queue", "change", "visite", mended)
    assert again.code == DONE
    assert again.out.count("unchanged") == 2
    assert "Its posts stay as they are." in again.out


def test_an_announcement_is_changed_with_options_as_it_was_written(tours: Desk) -> None:
    words = ("--kind", "news", "--at", "2096-03-01T09:30")
    tours("queue", "add", "--name", "visite", *words, "--text", "fr=Suwon est à Tours.")
    text = ("--text", "fr=Suwon sera à Tours.", "--valid-until", "2096-03-02")
    said = tours("queue", "change", "visite", *words, *text, "--yes")
    assert said.code == DONE
    assert "true until — → 2096-03-02 23:59 Paris" in said.out
    assert "Suwon sera" in tours("queue", "show", "visite").out


@pytest.mark.parametrize("at", [(), ("--at", "2096-03-01T09:30")])
@pytest.mark.parametrize("moved", [(), ("--at", "2096-03-04T11:15")])
def test_other_words_without_an_hour_leave_the_hour_as_it_is(
    at: tuple[str, ...], moved: tuple[str, ...], tours: Desk
) -> None:
    words = ("--kind", "news", "--text")
    tours("queue", "add", "--name", "visite", *words, "fr=Suwon est à Tours.", *at)
    if moved:
        assert tours("queue", "move", "visite", *moved, "--yes").code == DONE
    before = [post["due"] for post in tours("queue", "list", "--json").json]
    said = tours("queue", "change", "visite", *words, "fr=Suwon sera à Tours.", "--yes")
    assert (said.code, "2 posts changed." in said.out) == (DONE, True)
    assert "→" not in said.out
    assert [post["due"] for post in tours("queue", "list", "--json").json] == before
    assert "Suwon sera" in tours("queue", "show", "visite").out
    # The hour is still that of the announcement: said again, it changes nothing.
    again = tours("queue", "change", "visite", *words, "fr=Suwon sera à Tours.", *at, "--yes")
    assert again.out.count("unchanged") == 2


def test_a_file_without_an_hour_still_asks_for_a_slot(tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    name = tours.file("mended.toml", 'kind = "news"\n[texts]\nfr = "Suwon sera à Tours."\n')
    assert "→" in tours("queue", "change", "visite", name, "--yes").out
    flat = " ".join(tours("queue", "change", "--help").out.split())
    assert "the hour stays as it is; a file without `at` asks for the next free slot" in flat
    assert "When; without it, the hour stays as it is." in flat
    flat = " ".join(tours("queue", "add", "--help").out.split())
    assert "When; without it, the next free slot." in flat


def test_a_file_that_is_changed_shows(tours: Desk) -> None:
    picture = '[[media]]\nfile = "a.png"\nalt = { fr = "La mairie" }\n'
    (tours.folder / "a.png").write_bytes(png(40, 30))
    tours("queue", "add", tours.file("visite.toml", VISIT + picture))
    (tours.folder / "a.png").write_bytes(png(30, 40))
    name = tours.file("visite.toml", VISIT + picture)
    assert "+ ▢ other files under the same names" in tours("queue", "change", "visite", name).out
    name = tours.file("visite.toml", VISIT)
    assert "− ▢ a.png · La mairie" in tours("queue", "change", "visite", name).out


def test_what_is_added_cancelled_held_or_late_is_said_of_each_post(tours: Desk) -> None:
    number, other = tours.queue_in_the_past("visite")
    tours("queue", "cancel", str(other), "--yes")
    with tours.app() as app:
        [post] = claimed(app.store, "tours", "me", timedelta(minutes=5))
        app.store.ledger.record(post, failed(Refused("No."), post, app.clock.now()), "me")
    name = tours.file("mended.toml", 'kind = "news"\n[texts]\nfr = "Suwon sera à Tours."\n')
    said = tours("queue", "change", "visite", name, "--yes").out
    assert "failed → queued" in said
    assert "new: it was cancelled before" in said
    on_x = tours.file("mended.toml", f'accounts = ["x-fr"]\n{MENDED}')
    said = tours("queue", "change", "visite", on_x, "--yes").out
    assert "is cancelled" in said
    assert {post["id"] for post in tours("queue", "list", "--json").json} == {number}


def test_a_change_of_what_has_begun_is_refused_but_for_what_remains(tours: Desk) -> None:
    number, other = tours.queue_in_the_past("visite")
    with tours.app() as app:
        app.sandbox.fault("linkedin", "rate_limit_429")
    tours("publish")
    name = tours.file("mended.toml", MENDED)
    said = tours("queue", "change", "visite", name, "--yes")
    assert (said.code, said.out) == (REFUSED, "")
    assert f"post {number} (x-fr, fr) is out" in said.err
    said = tours("queue", "change", "visite", name, "--yes", "--remaining")
    assert (said.code, "1 post changed." in said.out) == (DONE, True)
    assert "Suwon sera" in tours("queue", "show", str(other)).out
    assert "Suwon sera" not in tours("queue", "show", str(number)).out


def test_a_post_or_an_announcement_is_moved(tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    said = tours("queue", "move", "2", "--at", "2096-03-02T18:00", "--zone", "Asia/Seoul", "--yes")
    assert (said.code, "1 post changed." in said.out) == (DONE, True)
    due = {post["id"]: post["due"] for post in tours("queue", "list", "--json").json}
    assert due == {1: "2096-03-01T08:30:00+00:00", 2: "2096-03-02T09:00:00+00:00"}
    said = tours("queue", "move", "visite", "--at", "2096-03-05T09:30", types="y\n")
    assert said.code == DONE
    due = {post["id"]: post["due"] for post in tours("queue", "list", "--json").json}
    assert due == {1: "2096-03-05T08:30:00+00:00", 2: "2096-03-06T09:00:00+00:00"}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["change", "visite"], USAGE, "Name a file, or write"),
        (["change", "visite", "visite.toml", "--kind", "news"], USAGE, "Name a file, or write"),
        (["change", "foire", "visite.toml"], REFUSED, "no announcement foire"),
        (["change", "visite", "visite.toml", "--only", "de"], USAGE, "de is no language"),
        (["move", "visite"], USAGE, "--at"),
        (["move", "visite", "--at", ""], CONFIG, "`at` needs an hour"),
        (["move", "visite", "--at", "2096-03-01"], CONFIG, "`at` needs an hour"),
        (["move", "visite", "--at", "tomorrow"], CONFIG, "`tomorrow` is no date"),
        (["move", "visite", "--at", "2013-03-01T09:30"], REFUSED, "has passed"),
        (["move", "visite", "--at", "2096-03-01T09:30", "--zone", "Tours"], CONFIG, "no time zone"),
        (["move", "99", "--at", "2096-03-01T09:30"], REFUSED, "no post 99"),
    ],
)
def test_what_cannot_be_changed_or_moved_is_told(
    arguments: list[str], code: int, says: str, tours: Desk
) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    said = tours("queue", *arguments)
    assert (said.code, said.out) == (code, "")
    assert says in said.err


# stopping everything


def test_a_stop_asks_nothing_and_every_command_says_it_until_all_goes_on(tours: Desk) -> None:
    tours.queue_in_the_past("visite")
    said = tours("stop", "--reason", "An accident.")
    assert (said.code, said.err) == (DONE, "")
    assert said.out.splitlines() == [
        "All sending is stopped.",
        f"Mode rehearsal, database {tours.folder}/rehearsal/pavois.db",
        "Why: An accident.",
        "To go on, all or post by post: pavois resume",
    ]
    for command in ("list", "show 1", "retry 1", "move 1 --at 2096-03-01T09:30 --yes"):
        assert "■ All sending is stopped since " in tours("queue", *command.split()).err
    assert ": An accident. · To go on: pavois resume" in tours("queue", "list").err
    checked = tours("check")
    assert checked.code == NEEDS_A_PERSON
    assert checked.out.startswith("✗ stop: All sending is stopped since ")
    (notice,) = tours("notices", "list", "--json").json
    assert notice["subject"] == "stop"
    assert "0 notices ticked off" in tours("notices", "done", "--all").out
    assert tours("resume", "--all", "--yes").code == DONE
    assert "stopped" not in tours("queue", "list").err
    assert tours("check").code == DONE


def test_a_stop_where_nothing_is_kept_is_refused_and_leaves_nothing(empty: Desk) -> None:
    said = empty("stop", "--reason", "An accident.")
    assert (said.code, said.out) == (REFUSED, "")
    assert f"Nothing was stopped: in {empty.folder} there is neither a config.toml" in said.err
    assert "pavois --config FILE stop" in said.err
    assert list(empty.folder.iterdir()) == []


def test_a_stop_says_which_database_its_configuration_names(tours: Desk) -> None:
    said = tours("stop")
    assert (said.code, said.out) == (REFUSED, "")
    place = tours.folder / "rehearsal" / "pavois.db"
    assert f"{tours.folder}/config.toml names the database {place}, and" in said.err
    assert not place.exists()


def test_a_second_stop_says_since_when_and_why_it_is_stopped_already(tours: Desk) -> None:
    tours("queue", "list")
    assert "already" not in tours("stop", "--reason", "An accident\r\nin Tours.").out
    said = tours("stop", "--reason", "Still.")
    assert "Why: Still." in said.out
    assert "It was stopped already, since " in said.out
    assert said.out.splitlines()[3].endswith(" UTC: An accident in Tours.")


def test_an_empty_reason_is_refused_and_none_is_not(tours: Desk) -> None:
    tours("queue", "list")
    said = tours("stop", "--reason", " \n")
    assert (said.code, "The reason is empty" in said.err) == (USAGE, True)
    assert "stopped" not in tours("queue", "list").err
    assert tours("stop").code == DONE


def test_a_stop_works_while_the_campaign_cannot_be_read(tours: Desk) -> None:
    tours("queue", "list")
    add_to(tours, "campaigns/tours/campaign.toml", "[")
    assert tours("stop").code == DONE
    assert tours("queue", "list").code == CONFIG


def test_who_stops_is_told_what_a_sender_has_in_hand(tours: Desk) -> None:
    tours.queue_in_the_past("visite")
    with tours.app() as app:
        assert claimed(app.store, "tours", "me", timedelta(minutes=5))
    said = tours("stop")
    assert "Begun before, perhaps out: 1. Look: pavois queue show NUMBER" in said.out


def test_going_on_shows_what_becomes_of_what_waits_and_asks(tours: Desk) -> None:
    campaign = tours.folder / "campaigns" / "tours" / "campaign.toml"
    text = campaign.read_text("utf-8")
    campaign.write_text(text.replace('late = "send"', 'late = "ask"'), encoding="utf-8")
    with tours.app(ago=timedelta(hours=9)) as app:
        for slug, hours in (("late", 1), ("due", 8)):
            at = app.clock.now() + timedelta(hours=hours)
            what = Announcement(slug, "tours", "news", {}, {"fr": (slug,)}, (), "", at, None)
            app.queue(replace(what, accounts=("x-fr",)))
            stale = replace(what, slug=f"stale-{slug}", valid_until=at + timedelta(minutes=1))
            app.queue(replace(stale, accounts=("linkedin-fr",)))
    tours("queue", "add", tours.file("visite.toml"))
    tours("stop")
    said = tours("resume", types="n\n")
    assert said.code == 130
    lines = [" ".join(line.split()[:1]) for line in said.out.splitlines()]
    assert lines[:7] == ["Goes", "3", "Late,", "1", "Dropped:", "2", "4"]
    assert "2 posts are due later and keep their time." in said.out
    assert said.out.endswith("All sending stays stopped.\n")
    assert tours("check").code == NEEDS_A_PERSON
    said = tours("resume", "--all", types="y\n")
    assert said.code == DONE
    assert "Sending goes on." in said.out
    assert "pavois queue retry NUMBER" in said.out
    states = {one["id"]: one["state"] for one in tours("queue", "list", "--all", "--json").json}
    assert [states[number] for number in (1, 2, 3, 4)] == ["held", "expired", "queued", "expired"]


def test_some_posts_go_on_while_the_rest_stays_stopped(tours: Desk) -> None:
    number, other = tours.queue_in_the_past("visite")
    tours("stop")
    said = tours("resume", str(number))
    assert (said.code, said.out) == (DONE, "1 post released.\n")
    assert "■ All sending is stopped" in said.err
    tours("queue", "cancel", str(other), "--yes")
    said = tours("resume", str(other))
    assert said.code == REFUSED
    assert said.out.startswith(f"Not released: {other}. Only what waits")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--all", "--yes"], REFUSED, "Nothing is stopped"),
        ([], REFUSED, "Nothing is stopped"),
        (["1"], REFUSED, "Nothing is stopped"),
        (["--yes"], USAGE, "--yes goes with --all"),
        (["1", "--all"], USAGE, "--yes goes with --all"),
        (["99"], REFUSED, "no post 99"),
    ],
)
def test_what_cannot_go_on_is_told(arguments: list[str], code: int, says: str, tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    said = tours("resume", *arguments)
    assert (said.code, said.out) == (code, "")
    assert says in said.err


# settling


def long_ago(tours: Desk) -> None:
    """What was tried was tried so long ago that it must show by now."""
    with tours.app() as app, app.store.ledger._writing() as connection:
        connection.execute(update(attempts).values(at=datetime.now(UTC) - timedelta(minutes=15)))


def test_a_person_settles_what_is_uncertain(tours: Desk) -> None:
    number, other = tours.queue_in_the_past("visite")
    with tours.app() as app:
        app.sandbox.fault("x", "drop_after")
        app.sandbox.fault("linkedin", "drop_before")
    assert tours("publish").code == NEEDS_A_PERSON
    waiting = tours("queue", "list", "--state", "uncertain", "--json").json
    assert {post["id"] for post in waiting} == {number, other}
    url = "https://x.com/tours/status/1627630116245573632"
    for wrong in ("https://x.com/tours", "https://www.linkedin.com/feed/update/urn:li:share:7/"):
        said = tours("queue", "settle", str(number), "--published", wrong)
        assert (said.code, "names no post of this network" in said.err) == (USAGE, True)
    assert tours("queue", "settle", str(number), "--published", url).code == DONE
    too_early = tours("queue", "settle", str(other), "--not-published")
    assert (too_early.code, "may still show" in too_early.err) == (REFUSED, True)
    long_ago(tours)
    assert tours("queue", "settle", str(other), "--not-published").code == DONE
    (post,) = tours("queue", "show", str(number), "--json").json
    assert (post["state"], post["url"]) == ("published", url)
    (post,) = tours("queue", "show", str(other), "--json").json
    assert post["state"] == "queued"
    again = tours("queue", "settle", str(number), "--not-published")
    assert again.code == REFUSED
    assert "not uncertain" in again.err


# preview


def test_the_rules_of_style_are_listed_and_those_that_no_campaign_does_without(
    tours: Desk,
) -> None:
    said = tours("rules")
    assert said.code == DONE
    assert "error, always" in said.out
    listed = {rule["code"]: rule for rule in tours("rules", "--json").json}
    assert listed["alt-missing"]["required"] is True
    assert (listed["shouting"]["level"], listed["shouting"]["applied"]) == ("advice", True)


def test_a_preview_shows_text_and_length_and_queues_nothing(tours: Desk) -> None:
    said = tours("preview", tours.file("visite.toml"))
    assert said.code == DONE
    assert "Suwon est à Tours." in said.out
    assert "/280" in said.out
    found = tours("preview", tours.file("visite.toml"), "--json").json
    (visit,) = found
    assert (visit["announcement"], visit["missing"]) == ("visite", [])
    assert {text["network"] for text in visit["texts"]} == {"x", "linkedin"}
    assert all(0 < text["length"] <= text["limit"] for text in visit["texts"])
    assert tours("queue", "list", "--json").json == []


def test_a_preview_says_what_becomes_a_link_what_is_cut_and_what_it_costs(tours: Desk) -> None:
    text = VISIT.replace("Suwon est à Tours.", "Lisez README.md. " + "Suwon est à Tours. " * 20)
    said = tours("preview", tours.file("visite.toml", text))
    assert said.code == DONE
    assert "→ README.md · becomes a link, and nobody meant it" in said.out
    assert "  costs US$0.20" in said.out
    assert "left out: “Suwon est à Tours." in said.out
    assert "» A screen reader says: Lisez README.md." in said.out


def test_a_preview_shows_what_goes_out_with_the_text(tours: Desk) -> None:
    (tours.folder / "gare.png").write_bytes(png())
    photo = '[[media]]\nfile = "gare.png"\nalt = { fr = "La gare, un matin" }\n'
    poll = '[poll]\nquestion = { fr = "Quand ?" }\noptions = [{ fr = "Mardi" }, { fr = "Jeudi" }]\n'
    said = tours(
        "preview",
        tours.file("visite.toml", VISIT + photo),
        tours.file("forum.toml", VISIT.replace("Suwon", "Gumi") + poll),
    )
    assert "▢ gare.png · La gare, un matin" in said.out
    assert "▢ Quand ? Mardi / Jeudi" in said.out
    visit, forum = tours(
        "preview", str(tours.folder / "visite.toml"), str(tours.folder / "forum.toml"), "--json"
    ).json
    assert {text["media"][0]["alt"] for text in visit["texts"]} == {"La gare, un matin"}
    assert [text["poll"]["options"] for text in forum["texts"]] == [["Mardi", "Jeudi"]] * 2


def test_a_preview_of_what_may_not_go_out_says_why_and_shows_the_rest(tours: Desk) -> None:
    (tours.folder / "gare.png").write_bytes(png())
    photo = '[[media]]\nfile = "gare.png"\n'
    name = tours.file("visite.toml", VISIT + photo)
    said = tours("preview", name)
    assert said.code == DONE
    assert "Suwon est à Tours." in said.out
    assert "✗ No alt text for gare.png" in said.out
    (visit,) = tours("preview", name, "--json").json
    assert all(text["errors"] for text in visit["texts"])
    refused = tours("queue", "add", name)
    assert (refused.code, "No alt text for gare.png" in refused.err) == (TEXT, True)


def test_a_preview_is_written_as_a_page_with_its_pictures_in_it(tours: Desk) -> None:
    (tours.folder / "gare.png").write_bytes(png())
    photo = '[[media]]\nfile = "gare.png"\nalt = { fr = "La gare, un matin" }\n'
    name = tours.file("visite.toml", VISIT + photo)
    said = tours("preview", name, "--html", "apercu.html")
    assert (said.code, "Written: apercu.html" in said.out) == (DONE, True)
    page = (tours.folder / "apercu.html").read_text("utf-8")
    assert 'src="data:image/' in page
    assert "La gare, un matin" in page
    both = tours("preview", name, "--html", "apercu.html", "--json")
    assert both.json[0]["announcement"] == "visite"


def test_a_page_that_cannot_be_written_is_told(tours: Desk) -> None:
    name = tours.file("visite.toml")
    said = tours("preview", name, "--html", f"{name}/apercu.html")
    assert (said.code, said.out) == (STORE, "")
    assert "apercu.html" in said.err


@pytest.fixture
def korean(tours: Desk) -> Desk:
    """A town hall whose campaign speaks Korean too, on X."""
    folder = tours.folder / "campaigns" / "tours"
    text = (folder / "campaign.toml").read_text("utf-8")
    for old, new in (
        # The campaign's, and those of the first account.
        ('languages = ["fr"]', 'languages = ["fr", "ko"]'),
        ('fr = "Coopération locale"', 'fr = "Coopération locale"\nko = "지역 협력"'),
        ('fr = "Actualité"', 'fr = "Actualité", ko = "소식"'),
    ):
        text = text.replace(old, new, 2)
    (folder / "campaign.toml").write_text(text, encoding="utf-8")
    names = '[tours]\ncountry = "FR"\nnames = { fr = "Tours", ko = "투르" }\n'
    (folder / "partners.toml").write_text(names, encoding="utf-8")
    (folder / "templates" / "news.ko.txt").write_text("{{ headline }}\n", encoding="utf-8")
    return tours


def test_only_the_languages_that_are_written_are_queued_when_that_is_said(korean: Desk) -> None:
    name = korean.file("visite.toml")
    assert "visite: not written yet in Korean." in korean("preview", name).out
    refused = korean("queue", "add", name)
    assert refused.code == REFUSED
    assert "visite is not written yet in: ko." in refused.err
    assert "--only fr" in refused.err
    said = korean("queue", "add", name, "--only", "fr", "--json")
    assert [post["language"] for post in said.json[0]["posts"]] == ["fr", "fr"]


def test_a_language_that_the_campaign_does_not_speak_is_refused(korean: Desk) -> None:
    said = korean("queue", "add", korean.file("visite.toml"), "--only", "fr, de")
    assert said.code == USAGE
    assert "de is no language of the campaign: fr, ko." in said.err


# publishing


def test_publish_says_when_nothing_is_due_and_when_something_will_be(tours: Desk) -> None:
    assert "Nothing was due." in tours("publish").out
    tours("queue", "add", tours.file("visite.toml"))
    said = tours("publish")
    assert said.code == DONE
    assert "2096-03-01 09:30 Paris" in said.out


def test_publish_says_what_waits_for_the_end_of_a_stop(tours: Desk) -> None:
    number, _other = tours.queue_in_the_past("visite")
    tours("queue", "add", tours.file("mairie.toml"))
    tours("stop")
    said = tours("publish")
    assert said.out == "Nothing was sent: 4 posts wait for pavois resume\n"
    later = tours("queue", "list", "--json").json[-1]
    assert tours("resume", str(later["id"])).code == DONE
    said = tours("publish")
    assert said.out.startswith("Nothing was sent: 3 posts wait for pavois resume\nNext: 2096-03-01")
    assert tours("resume", str(number)).code == DONE
    assert "published" in tours("publish").out
    tours("queue", "cancel", "visite", "mairie", "--yes")
    assert tours("publish").out == "Nothing was due.\n"


def test_publish_sends_what_is_due_once(tours: Desk) -> None:
    tours.queue_in_the_past("visite")
    said = tours("publish", "--json")
    assert said.code == DONE
    assert [post["became"] for post in said.json] == ["published", "published"]
    assert tours("publish", "--json").json == []
    with tours.app() as app:
        assert len(app.sandbox.posts("x")) == len(app.sandbox.posts("linkedin")) == 1


def test_publish_ends_with_1_when_a_post_failed(tours: Desk) -> None:
    with tours.app() as app:
        too_long = planned("x-fr", app.clock.now(), text=f"{'Tours ' * 60}\n\n{MARK}")
        ((number,),) = app.store.queue.add([(announcement(app.campaign), [too_long])])
    said = tours("publish")
    assert said.code == NEEDS_A_PERSON
    assert f"post {number}" in said.err
    assert "X finds this text too long" in said.err


def test_collect_reads_what_is_out(tours: Desk) -> None:
    tours.queue_in_the_past("visite")
    tours("publish")
    assert tours("collect", "--json").json == {"snapshots": 2}
    assert "2 posts were read." in tours("collect").out


# reports


@pytest.fixture
def last_month(tours: Desk) -> str:
    """The name of a week in which something was published."""
    monday = datetime.now(UTC) - timedelta(days=28)
    with town_hall(tours.folder, clock=RehearsalClock(monday)) as hall:
        hall.queue("visite", timedelta(hours=1), "Tours : visite de Suwon")
        hall.work()
        hall.clock.advance_to(monday + timedelta(days=1))
        hall.daemon.tick(hall.clock.now())
    year, week, _day = (monday + timedelta(hours=1)).isocalendar()
    return f"{year}-W{week:02}"


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("form", ["terminal", "html", "markdown"])
def test_a_report_in_each_form_and_language(
    form: str, language: str, last_month: str, tours: Desk
) -> None:
    said = tours("report", "--week", last_month, "--form", form, "--language", language)
    assert (said.code, said.err) == (DONE, "")
    assert "visite de Suwon" in said.out
    if form == "html":
        assert f'<html lang="{language}"' in said.out


def test_a_report_for_programs(last_month: str, tours: Desk) -> None:
    first = tours("report", "--week", last_month, "--json").json
    second = tours("report", "--week", last_month, "--form", "json").json
    assert first.pop("made_at") <= second.pop("made_at")
    assert first == second
    assert "visite de Suwon" in json.dumps(first, ensure_ascii=False)


def test_a_report_is_written_into_a_file(last_month: str, tours: Desk) -> None:
    said = tours("report", "--week", last_month, "--form", "html", "--output", "vu/rapport.html")
    assert said.code == DONE
    page = (tours.folder / "vu" / "rapport.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.rstrip().endswith("</html>")


def test_this_week_is_the_week_on_the_campaigns_calendar(tours: Desk) -> None:
    monday_half_past_midnight = datetime(2023, 3, 5, 23, 30, tzinfo=UTC)
    tours.monkeypatch.setattr("bot.clock.SystemClock.now", lambda _clock: monday_half_past_midnight)
    assert tours("report", "--week", "this", "--json").json["week"] == "2023-W10"


def test_a_report_of_nothing_is_a_report(tours: Desk) -> None:
    for week in ((), ("--week", "this"), ("--week", "2023-W08")):
        assert tours("report", *week).code == DONE


# live


LIVE = """
mode = "live"
[database]
url = "sqlite:///vrai.db"
[accounts.linkedin-fr]
author = "urn:li:organization:1"
[networks.x]
base_url = "http://127.0.0.1:9"
[networks.linkedin]
base_url = "http://127.0.0.1:9"
"""


@pytest.fixture
def live(empty: Desk) -> Desk:
    """A town hall in live mode, whose networks are an address where nobody answers."""
    found_town_hall(empty.folder, LIVE)
    for name in ("API_KEY", "API_SECRET", "ACCESS_TOKEN", "ACCESS_SECRET"):
        empty.monkeypatch.setenv(f"PAVOIS_X_FR_{name}", "123-geheim")
    empty.monkeypatch.setenv("PAVOIS_LINKEDIN_FR_ACCESS_TOKEN", "geheim")
    return empty


def test_live_wants_the_hashtag_typed(live: Desk) -> None:
    live("queue", "add", live.file("visite.toml"))
    for typed in ("\n", "yes\n", "#Tours\n"):
        said = live("live", types=typed)
        assert said.code == REFUSED
        assert "Nothing changed" in said.err
        assert live("publish").code == REFUSED
    said = live("live", types="#KoreaFranceLocalCooperation\n")
    assert said.code == DONE
    assert "http://127.0.0.1:9" in said.out
    assert "geheim" not in said.out + said.err
    assert live("publish").code == DONE


@pytest.mark.parametrize(
    ("before", "after"),
    [("127.0.0.1:9", "127.0.0.1:10"), ("organization:1", "organization:2")],
    ids=["the address", "the page"],
)
def test_live_is_asked_again_when_where_it_goes_changes(
    before: str, after: str, live: Desk
) -> None:
    assert live("live", "--yes").code == DONE
    assert live("publish").code == DONE
    path = live.folder / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    said = live("publish")
    assert said.code == REFUSED
    assert "pavois live" in said.err
    assert "not confirmed" in live("check").out


def test_live_is_asked_again_when_the_keys_are_those_of_another_user(live: Desk) -> None:
    said = live("live", "--yes")
    assert (said.code, "  123\n" in said.out) == (DONE, True)
    live.monkeypatch.setenv("PAVOIS_X_FR_ACCESS_TOKEN", "123-neu")
    assert live("publish").code == DONE
    live.monkeypatch.setenv("PAVOIS_X_FR_ACCESS_TOKEN", "124-geheim")
    said = live("publish")
    assert (said.code, "pavois live" in said.err) == (REFUSED, True)
    assert "not confirmed" in live("check").out


def test_live_is_asked_again_when_the_author_in_the_environment_changes(live: Desk) -> None:
    assert live("live", "--yes").code == DONE
    live.monkeypatch.setenv("PAVOIS_LINKEDIN_FR_AUTHOR", "urn:li:organization:2")
    assert live("publish").code == REFUSED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[http]\nca_file = "mairie.pem"\n', "http.ca_file"),
        ('[http]\nproxy = "mairie"\n', "http.proxy"),
        ('post_url = "https://x.com/{account}"\n', "networks.linkedin.post_url"),
        ('version = "2026"\n', "networks.linkedin.version"),
    ],
)
def test_what_would_keep_an_account_from_publishing_is_found_before_it_is_confirmed(
    text: str, says: str, live: Desk
) -> None:
    add_to(live, "config.toml", text)
    said = live("check")
    assert said.code == NEEDS_A_PERSON
    assert says in said.out
    said = live("live", "--yes")
    assert said.code == CONFIG
    assert says in said.err


def test_every_account_that_cannot_be_connected_is_told_at_once(live: Desk) -> None:
    live.monkeypatch.setenv("PAVOIS_X_FR_ACCESS_TOKEN", "geheim")
    live.monkeypatch.setenv("PAVOIS_LINKEDIN_FR_AUTHOR", "Tours")
    said = live("live", "--yes")
    assert said.code == CONFIG
    assert len(said.err.splitlines()) == 2
    checked = live("check").out
    for account in ("x-fr", "linkedin-fr"):
        assert f"of the account {account}" in said.err
        assert f"of the account {account}" in checked
    assert "geheim" not in said.err + checked


@pytest.mark.parametrize(("version", "says"), [("202601", "retires"), ("202510", "has retired")])
def test_live_a_version_that_linkedin_ends_is_told_in_time(
    version: str, says: str, live: Desk
) -> None:
    add_to(live, "config.toml", f'version = "{version}"\n')
    now = datetime(2026, 11, 23, tzinfo=UTC)
    live.monkeypatch.setattr("bot.clock.SystemClock.now", lambda _clock: now)
    said = live("live", "--yes")
    assert (said.code, f"LinkedIn {says} version {version}" in said.out) == (DONE, True)
    said = live("check")
    assert (said.code, f"LinkedIn {says} version {version}" in said.out) == (NEEDS_A_PERSON, True)


def test_live_needs_every_key(live: Desk) -> None:
    live.monkeypatch.delenv("PAVOIS_X_FR_API_SECRET")
    said = live("live", "--yes")
    assert said.code == CONFIG
    assert "PAVOIS_X_FR_API_SECRET" in said.err
    assert live("check").code == NEEDS_A_PERSON


def test_the_database_of_a_rehearsal_is_refused_when_live(tours: Desk) -> None:
    add_to(tours, "config.toml", '[database]\nurl = "sqlite:///un.db"\n')
    assert tours("queue", "add", tours.file("visite.toml")).code == DONE
    path = tours.folder / "config.toml"
    path.write_text('mode = "live"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    for arguments in (("queue", "list"), ("publish",), ("check",), ("run",)):
        said = tours(*arguments)
        assert said.code == (NEEDS_A_PERSON if arguments == ("check",) else REFUSED)
        assert "belongs to mode rehearsal" in said.err + said.out


# as processes


def test_python_m_bot_is_pavois(tmp_path: Path) -> None:
    found_town_hall(tmp_path)
    code, out, err = pavois_said(tmp_path, "queue", "list", "--json")
    assert (code, json.loads(out), err) == (DONE, [], "")
    code, out, err = pavois_said(tmp_path, "queue", "show", "7")
    assert (code, out) == (REFUSED, "")
    assert err.startswith("pavois: There is no post 7.")


def test_a_reader_who_has_had_enough_is_no_fault(tmp_path: Path) -> None:
    found_town_hall(tmp_path)
    process = pavois(tmp_path, "report", "--form", "html")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=20), err) == (DONE, "")


def test_messages_come_from_the_catalogue_of_the_language(
    tours: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    catalogue = Catalog(locale="fr")
    catalogue.add("Nothing was due.", "Rien à publier.")
    folder = tours.folder / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "pavois.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(words, "LOCALE_DIR", tours.folder / "locale")
    words.translations.cache_clear()
    try:
        monkeypatch.setenv("PAVOIS_LANGUAGE", "fr")
        assert "Rien à publier." in tours("publish").out
        assert "Nothing was due." in tours("--language", "en", "publish").out
        monkeypatch.delenv("PAVOIS_LANGUAGE")
        add_to(tours, "config.toml", 'language = "fr"\n')
        assert "Rien à publier." in tours("publish").out
    finally:
        words.translations.cache_clear()


# what a newcomer stumbled over


@pytest.mark.parametrize(
    ("language", "answer", "code"),
    [
        ("fr", "oui", DONE),
        ("fr", "o", DONE),
        ("fr", "n", 130),
        ("ko", "예", DONE),
        ("ko", "y", DONE),
    ],
)
def test_a_question_is_answered_in_ones_own_language(
    language: str, answer: str, code: int, tours: Desk
) -> None:
    tours("queue", "add", tours.file("visite.toml", VISIT))
    said = tours("--language", language, "queue", "cancel", "1", types=f"hm\n{answer}\n")
    assert said.code == code


def test_what_could_not_be_sent_says_why_and_when_again(tours: Desk) -> None:
    number, _other = tours.queue_in_the_past("visite")
    with tours.app() as app:
        app.sandbox.fault("x", "rate_limit_429")
    said = tours("publish")
    assert "again: " in said.out
    (line,) = [row for row in tours("queue", "list").out.splitlines() if f" {number} " in row]
    assert "again" in line


def test_what_is_left_of_an_accounts_limits_is_told(tours: Desk) -> None:
    add_to(
        tours,
        "config.toml",
        "[networks.x]\nbudget = 20\nposts_a_day = 0\n[accounts.linkedin-fr]\ncalls_a_day = 40",
    )
    tours.queue_in_the_past("visite")
    assert tours("publish").code == DONE
    with tours.app() as app, app.store._engine.begin() as connection:
        month = f"{app.clock.now():%Y-%m}"
        connection.execute(delete(spending))
        connection.execute(insert(spending).values(network="x", month=month, amount=1_215_000))
    on_x, on_linkedin = tours("accounts", "list", "--json").json
    used = ("posts_in_24_hours", "posts_a_day", "calls_today", "calls_a_day")
    assert [on_x[name] for name in used] == [1, None, None, None]
    assert [on_linkedin[name] for name in used] == [1, 150, 1, 40]
    assert (on_x["spent_this_month"], on_x["budget"]) == ("1.215", "20")
    assert (on_linkedin["spent_this_month"], on_linkedin["budget"]) == (None, None)
    assert (on_x["left_this_month"], on_linkedin["left_this_month"]) == ("18.785", None)
    shown = tours("accounts", "list").out
    assert "x-fr  X · Ville de Tours · fr · ready\n  Posts, 24 h  1\n" in shown
    assert max(map(len, shown.splitlines())) < 80
    money = "X: US$1.215 spent this month of a budget of US$20.00; US$18.785 left.\n"
    assert shown.endswith(money)
    assert shown.count("US$") == 3, "it is the network's, not each account's"
    assert all(said in shown for said in ("1 / 150", "1 / 40"))


def test_a_column_in_which_nothing_stands_takes_no_room(tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    heading = tours("queue", "list").out.split("\n")[1]
    assert "Announcement" in heading
    assert "With" not in heading


def test_accounts_that_are_held_are_released_by_the_command_that_the_notice_names(
    tours: Desk,
) -> None:
    tours.queue_in_the_past("visite")
    with tours.app() as app:
        app.sandbox.fault("x", "no_credit_402")
        app.sandbox.fault("linkedin", "version_426")
    said = tours("publish")
    table, rows = tours("notices", "list").out, tours("notices", "list", "--json").json
    said_of = [row["message"] for row in rows]
    for account in ("x-fr", "linkedin-fr"):
        command = f"pavois accounts release {account}"
        assert [one.endswith(f"Once that is mended: {command}") for one in said_of].count(True) == 1
        assert command in said.err
        assert command in " ".join(table.split())
    assert tours("accounts", "release").code == USAGE
    assert tours("accounts", "release", "x-fr", "--all").code == USAGE
    assert tours("accounts", "release", "x-fr", "no-such").code == REFUSED
    assert tours("accounts", "release", "x-fr").out.startswith("x-fr publishes again")
    assert tours("accounts", "release", "--all").out.startswith("linkedin-fr publishes again")
    assert tours("accounts", "release", "--all").out == "No account is held.\n"
    assert tours("notices", "list", "--json").json == []
    assert tours("publish").code == DONE


def test_an_account_without_its_keys_is_disconnected(tours: Desk) -> None:
    config = tours.folder / "config.toml"
    config.write_text(f'mode = "live"\n{config.read_text("utf-8")}', "utf-8")
    rows = tours("accounts", "list", "--json").json
    assert {row["state"] for row in rows} == {"disconnected"}
    assert "PAVOIS_" in rows[0]["cause"]


def test_init_says_where_to_go_and_what_it_left_alone(empty: Desk) -> None:
    assert "cd mairie" in empty("init", "mairie").out
    (empty.folder / "mairie" / "config.toml").unlink()
    assert "Left as it is" in empty("init", "mairie").out


def test_the_steps_that_init_names_work_on_any_day(empty: Desk) -> None:
    steps = empty("init").out
    sample = next(line.split()[-1] for line in steps.splitlines() if "queue add" in line)
    assert empty("queue", "add", sample).code == DONE


def test_a_report_has_the_form_that_its_file_asks_for(tours: Desk) -> None:
    tours("report", "--week", "2026-W40", "--output", "r.html")
    assert (tours.folder / "r.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_the_hint_on_a_wrong_file_is_about_its_fault(tours: Desk) -> None:
    day = tours("preview", tours.file("a.toml", "kind = 'news'\nat = 2023-02-30T09:30:00\n"))
    assert "a day that exists" in day.err
    quotes = tours("preview", tours.file("b.toml", 'kind = "il a dit "bonjour""\n'))
    assert "three of them" in quotes.err


# backup, restore, verify


def test_a_backup_is_made_verified_and_put_back(tours: Desk) -> None:
    assert tours("queue", "add", tours.file("visite.toml")).code == DONE
    said = tours("backup")
    assert (said.code, said.err) == (DONE, "")
    (file,) = tours.folder.glob("pavois-*.zip")
    assert f"Backed up and read back: {file.name} (" in said.out
    said = tours("verify")
    assert (said.code, said.err) == (DONE, "")
    assert said.out == "✓ All is whole. Posts: 2, attempts: 0, files: 0.\n"
    assert tours("verify", file.name).out == said.out
    assert tours("verify", "--json").json == {
        "posts": 2,
        "attempts": 0,
        "files": 0,
        "unnamed": 0,
        "faults": [],
    }
    said = tours("restore", file.name, types="n\n")
    assert said.code == 130
    assert "It takes the place of:" in said.out
    assert tours("queue", "list", "--json").json[0]["state"] == "queued"
    said = tours("restore", file.name, types="y\n")
    assert (said.code, said.err) == (DONE, "")
    assert "posts that Pavois looks for: 2" in said.out
    (undo,) = (tours.folder / "rehearsal").glob("pavois-before-restore-*.zip")
    assert f"To go back: pavois restore {undo}" in said.out
    assert tours("queue", "list", "--json").json[0]["state"] == "uncertain"
    assert "restored backup" in tours("notices", "list").out


def test_a_restore_says_that_what_was_stopped_stays_so(tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    tours("backup", "copy.zip")
    tours("stop", "--reason", "A strike.")
    said = tours("restore", "copy.zip", "--yes")
    assert said.code == DONE
    assert "■ All sending is stopped since " in said.err
    assert "A strike. · To go on: pavois resume" in said.err


def restored(tours: Desk) -> Desk:
    """After the restore of a backup whose two posts were never sent."""
    assert tours("queue", "add", tours.file("visite.toml")).code == DONE
    assert tours("backup", "copy.zip").code == DONE
    said = tours("restore", "copy.zip", "--yes")
    assert "The looks are done about 20 minutes from now, and only while Pavois runs" in said.out
    return tours


@pytest.mark.parametrize(
    ("arguments", "then"),
    [
        (["cancel", "1", "--yes"], ", then pavois queue cancel 1"),
        (["move", "1", "--at", "2096-04-01T09:30"], ", then pavois queue move 1"),
        (["change", "1", "visite.toml"], ", then pavois queue change 1"),
        (["retry", "1"], ""),
    ],
)
def test_of_a_post_that_is_looked_for_it_is_said_until_when_and_what_to_do(
    arguments: list[str], then: str, tours: Desk
) -> None:
    said = restored(tours)("queue", *arguments)
    assert said.code == REFUSED
    assert "Too late" not in said.out
    assert "Post 1 may be out. Pavois looks for it still: next 20" in said.err
    assert ", until about 20" in said.err
    assert "If you are sure that it is not out" in said.err
    assert f"pavois queue settle 1 --not-published{then}" in said.err
    assert "pavois stop" not in said.err


def test_what_is_said_of_a_post_that_is_looked_for_leads_to_its_end(tours: Desk) -> None:
    restored(tours)
    long_ago(tours)
    assert tours("queue", "settle", "1", "--not-published").code == DONE
    said = tours("queue", "cancel", "1", "--yes")
    assert (said.code, "1 post cancelled." in said.out) == (DONE, True)


@pytest.mark.parametrize(
    ("ago", "look"),
    [
        (timedelta(0), "Pavois looks for it still: next "),
        (timedelta(minutes=2), "Pavois looks for it as soon as it runs: pavois run."),
    ],
)
def test_of_a_post_that_is_due_and_perhaps_out_it_is_said_to_stop_first(
    ago: timedelta, look: str, tours: Desk
) -> None:
    tours.queue_in_the_past("visite")
    with tours.app() as app:
        now = app.clock.now() - ago
        for post in claimed(app.store, "tours", "me", timedelta(minutes=5)):
            app.store.ledger.record(post, uncertain(Message("No answer."), post, now), "me")
    said = tours("queue", "cancel", "1", "--yes")
    assert said.code == REFUSED
    assert "Post 1 may be out" in said.err
    assert look in said.err
    assert "It is due and would go out at once: before that, pavois stop" in said.err


def test_a_backup_goes_into_the_folder_or_the_file_that_is_named(tours: Desk) -> None:
    tours("queue", "list")
    (tours.folder / "usb").mkdir()
    assert tours("backup", "usb").code == DONE
    assert [path.suffix for path in (tours.folder / "usb").iterdir()] == [".zip"]
    assert tours("backup", "usb/mine.zip").code == DONE
    said = tours("backup", "usb/mine.zip")
    assert (said.code, said.out) == (REFUSED, "")
    assert "usb/mine.zip is there already" in said.err
    said = tours("backup", "none/mine.zip")
    assert (said.code, said.out) == (STORE, "")
    # Not the hidden name under which it would have been made.
    said_of = said.err.replace(str(tours.folder) + "/", "")
    assert said_of == "pavois: No backup was made. none/mine.zip: No such file or directory.\n"


def test_a_backup_says_that_a_configuration_with_a_key_stays_at_home(tours: Desk) -> None:
    tours("queue", "list")
    with (tours.folder / "config.toml").open("a") as file:
        file.write('[accounts.x-fr]\napi_key = "hush"\n')
    said = tours("backup")
    assert said.code == DONE
    assert "config.toml is not in it" in said.err


def test_a_machine_that_has_nothing_takes_the_configuration_of_the_backup_too(
    tours: Desk,
) -> None:
    assert tours("queue", "add", tours.file("visite.toml")).code == DONE
    assert tours("backup", "copy.zip").code == DONE
    new = tours.folder / "new"
    new.mkdir()
    tours.monkeypatch.chdir(new)
    said = tours("restore", "../copy.zip")
    assert (said.code, said.err) == (DONE, "")
    assert f"Written: {new / 'config.toml'}" in said.out
    assert "To go back" not in said.out
    assert (new / "config.toml").read_text() == (tours.folder / "config.toml").read_text()
    assert sorted(path.name for path in new.iterdir()) == ["campaigns", "config.toml", "rehearsal"]
    assert len(tours("queue", "list", "--json").json) == 2
    assert tours("verify").code == DONE


def test_a_backup_that_cannot_be_put_back_leaves_no_configuration(tours: Desk) -> None:
    tours("queue", "list")
    assert tours("backup", "copy.zip").code == DONE
    whole = (tours.folder / "copy.zip").read_bytes()
    at = whole.index(b"SQLite format 3")
    (tours.folder / "copy.zip").write_bytes(whole[:at] + b"x" + whole[at + 1 :])
    new = tours.folder / "new"
    new.mkdir()
    tours.monkeypatch.chdir(new)
    said = tours("restore", "../copy.zip")
    assert said.code == REFUSED
    assert list(new.iterdir()) == []
    said = tours("verify", "../copy.zip")
    assert (said.code, said.err) == (NEEDS_A_PERSON, "")
    assert said.out.startswith("✗ ../copy.zip")


@pytest.mark.parametrize("command", ["backup", "verify"])
def test_where_nothing_is_yet_there_is_nothing_to_keep(command: str, tours: Desk) -> None:
    said = tours(command)
    assert (said.code, said.out) == (REFUSED, "")
    assert "yet: Pavois has kept nothing in" in said.err
    assert not (tours.folder / "rehearsal").exists()


def test_a_restore_that_was_interrupted_lets_nothing_run(tours: Desk) -> None:
    tours("queue", "list")
    assert tours("backup", "copy.zip").code == DONE
    (tours.folder / "rehearsal" / "restoring").touch()
    for arguments in (["queue", "list"], ["publish"], ["backup"], ["verify"]):
        said = tours(*arguments)
        assert (said.code, said.out) == (REFUSED, "")
        assert "Do it again: pavois restore FILE" in said.err
    assert tours("restore", "copy.zip", "--yes").code == DONE
    assert tours("queue", "list").code == DONE
