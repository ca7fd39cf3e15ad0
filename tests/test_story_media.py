"""What the officer sees in the preview is what people see: pictures, films, polls, cards, threads.

Each test walks the whole way, from the announcement's file to the rehearsal networks, over HTTP;
what is shown is asked of the networks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bot.announcements import read_announcement
from bot.cli import main
from bot.editor import Queued
from bot.model import AttemptState, PostState
from bot.networks import uploads
from bot.sandbox import SandboxPost
from bot.sandbox.little_text import parse
from bot.sandbox.uploads import Upload, Uploads
from bot.sandbox.world import World
from tests.fakes import Answer, Asked, serving
from tests.media_files import (
    CORNERS,
    SECRETS,
    as_jpeg,
    as_mp4,
    as_pdf,
    as_png,
    corner_colours,
    corners,
)
from tests.story import MONDAY, NETWORKS, TownHall, found_town_hall, town_hall

MARK = "#KoreaFranceLocalCooperation 🇫🇷🇰🇷"
AT = "at = 2023-02-20T10:00:00\n"
LATER = timedelta(hours=2)

PHOTO = """
[[media]]
file = "gare.jpg"
alt = { fr = "La délégation devant la gare" }
"""
PLAN = """
[[media]]
file = "plan.png"
alt = { fr = "Le plan de la visite, en trois étapes" }
"""
GARE_ALT = "La délégation devant la gare"
PLAN_ALT = "Le plan de la visite, en trois étapes"


@dataclass(frozen=True)
class ShownFile:
    """A file under a post: what it is said to show, and itself."""

    alt: str
    data: bytes


@dataclass
class Office:
    """The town hall, and its folder of announcements with pictures beside them."""

    town: TownHall
    folder: Path

    def write(self, slug: str, more: str, text: str = "Suwon est à Tours.") -> Path:
        path = self.folder / f"{slug}.toml"
        words = f'kind = "news"\n{AT}{more}\n[texts]\nfr = """{text}"""\n'
        path.write_text(words, encoding="utf-8")
        return path

    def queue(self, slug: str, more: str, text: str = "Suwon est à Tours.") -> Queued:
        path = self.write(slug, more, text)
        (queued,) = self.town.app.queue(read_announcement(path, self.town.app.campaign))
        return queued

    def publish(self) -> None:
        """Let the hour come, and everything that waits go out."""
        self.town.clock.advance_to(MONDAY + LATER)
        self.town.work()

    def uploads(self) -> Uploads:
        path = self.town.app.config.folder / "networks.db"
        return Uploads(World(path), path.with_suffix(".media"))

    def uploaded(self, network: str) -> int:
        """How many files *network* was begun to be sent."""
        found = World(self.town.app.config.folder / "networks.db").rows(
            "SELECT name FROM uploads WHERE network = ?", network
        )
        return len(found)

    def out(self, network: str) -> SandboxPost:
        """The one post that *network* shows."""
        (post,) = self.town.shown(network)
        return post

    def files(self, network: str) -> list[ShownFile]:
        """What stands under the one post of *network*."""
        attached = self.out(network).attached
        if network == "x":
            names = [str(key).partition("_")[2] for key in attached.get("media", ())]
            return [self._shown(upload, upload.alt) for upload in self._named("x", names)]
        found = attached.get("multiImage", {}).get("images", [attached.get("media")])
        urns = [str(one["id"]).rpartition(":")[2] for one in found]
        return [
            self._shown(upload, one.get("altText", ""))
            for one, upload in zip(found, self._named("linkedin", urns), strict=True)
        ]

    def picture(self, urn: str) -> bytes:
        """The picture that LinkedIn calls *urn*."""
        (upload,) = self._named("linkedin", [urn.rpartition(":")[2]])
        return self.uploads().path(upload).read_bytes()

    def _named(self, network: str, names: list[str]) -> list[Upload]:
        found = [self.uploads().find(network, name) for name in names]
        return [upload for upload in found if upload is not None]

    def _shown(self, upload: Upload, alt: str) -> ShownFile:
        return ShownFile(alt, self.uploads().path(upload).read_bytes())


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of all these tests are kept: what is made of a photo is made once."""
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture
def reopened(tmp_path: Path, shelf: Path) -> Callable[[], AbstractContextManager[Office]]:
    """Opens the office on the one folder, as often as it is called."""
    found_town_hall(tmp_path)
    (tmp_path / "rehearsal").mkdir()
    (tmp_path / "rehearsal" / "media").symlink_to(shelf)
    announcements = tmp_path / "campaigns" / "tours" / "announcements"
    (announcements / "gare.jpg").write_bytes(as_jpeg(corners(), orientation=6))
    (announcements / "plan.png").write_bytes(as_png(corners()))

    @contextmanager
    def open_one() -> Iterator[Office]:
        with town_hall(tmp_path) as town:
            yield Office(town, announcements)

    return open_one


@pytest.fixture
def office(reopened: Callable[[], AbstractContextManager[Office]]) -> Iterator[Office]:
    with reopened() as one:
        yield one


def amend(folder: Path, name: str, old: str, new: str) -> None:
    """Change a file of the campaign before it is read."""
    path = folder / "campaigns" / "tours" / name
    written = path.read_text("utf-8")
    assert old in written
    path.write_text(written.replace(old, new), encoding="utf-8")


# photos


def test_two_photos_are_shown_on_both_networks_upright_described_and_without_their_place(
    office: Office,
) -> None:
    office.queue("visite", PHOTO + PLAN)
    office.publish()
    for network in NETWORKS:
        shown = office.files(network)
        assert [file.alt for file in shown] == [GARE_ALT, PLAN_ALT]
        for file in shown:
            assert corner_colours(file.data) == CORNERS
            assert not any(secret in file.data for secret in SECRETS)


def test_a_photo_for_one_network_goes_there_only(office: Office) -> None:
    office.queue("visite", PHOTO + 'networks = ["linkedin"]\n')
    office.publish()
    assert [file.alt for file in office.files("linkedin")] == [GARE_ALT]
    assert office.files("x") == []


def test_a_photo_without_alt_text_keeps_its_announcement_from_being_queued(office: Office) -> None:
    with pytest.raises(Exception, match=r"visite · X, LinkedIn · fr: No alt text for gare\.jpg"):
        office.queue("visite", '[[media]]\nfile = "gare.jpg"\n')
    assert office.town.app.store.queue.posts("tours") == []


# documents and films


def test_a_pdf_is_a_document_on_linkedin_and_that_x_goes_without_is_said_before(
    office: Office,
) -> None:
    (office.folder / "programme.pdf").write_bytes(as_pdf())
    named = '[[media]]\nfile = "programme.pdf"\ntitle = { fr = "Programme de la visite" }\n'
    queued = office.queue("visite", named)
    assert [str(one) for one in queued.advice] == [
        "visite · X · fr: X does not take programme.pdf: it goes out without."
    ]
    office.publish()
    assert office.out("linkedin").attached["media"]["title"] == "Programme de la visite"
    assert office.files("linkedin")[0].data.startswith(b"%PDF")
    assert office.out("x").attached == {}


def test_a_film_is_shown_on_both_networks(office: Office) -> None:
    film = as_mp4(pictures=80_000, private=True)
    (office.folder / "visite.mp4").write_bytes(film)
    named = (
        '[[media]]\nfile = "visite.mp4"\nalt = { fr = "La visite en dix secondes" }\n'
        'title = { fr = "La visite" }\n'
    )
    office.queue("visite", named)
    office.publish()
    assert office.out("linkedin").attached["media"]["title"] == "La visite"
    for network in NETWORKS:
        (shown,) = office.files(network)
        assert shown.data[4:8] == b"ftyp"
        assert not any(secret in shown.data for secret in SECRETS)


# polls


POLL = """
[poll]
question = { fr = "Quel jour pour le forum ?" }
options = [{ fr = "Mardi" }, { fr = "Jeudi" }]
days = 7
"""


def test_a_poll_is_open_on_both_networks(office: Office) -> None:
    office.queue("consultation", POLL)
    office.publish()
    assert office.out("x").attached["poll"] == {
        "options": ["Mardi", "Jeudi"],
        "duration_minutes": 7 * 24 * 60,
    }
    assert office.out("linkedin").attached["poll"] == {
        "question": "Quel jour pour le forum ?",
        "options": [{"text": "Mardi"}, {"text": "Jeudi"}],
        "settings": {"duration": "SEVEN_DAYS"},
    }


# links


PAGE = (
    "<title>La Corée à Tours</title>"
    '<meta name="description" content="Le programme de la semaine.">'
    '<meta property="og:image" content="/gare.jpg">'
)


def answer_of_the_town(asked: Asked) -> Answer:
    if asked.path == "/gare.jpg":
        return Answer(200, as_jpeg(corners(), orientation=6), {"Content-Type": "image/jpeg"})
    return Answer(200, PAGE.encode(), {"Content-Type": "text/html; charset=utf-8"})


def test_a_link_is_a_card_with_its_picture_on_linkedin_and_stands_in_the_text_on_x(
    office: Office,
) -> None:
    with serving(answer_of_the_town) as page:
        link = f"{page.url}/coree"
        office.queue("visite", f'link = "{link}"\n')
        assert [asked.path for asked in page.asked] == ["/coree", "/gare.jpg"]
    office.publish()
    article = office.out("linkedin").attached["article"]
    assert (article["source"], article["title"], article["description"]) == (
        link,
        "La Corée à Tours",
        "Le programme de la semaine.",
    )
    picture = office.picture(article["thumbnail"])
    assert corner_colours(picture) == CORNERS
    assert not any(secret in picture for secret in SECRETS)
    assert office.out("linkedin").shown == f"Suwon est à Tours.\n\n{MARK}"
    assert office.out("x").shown == f"Suwon est à Tours.\n\n{link}\n{MARK}"


def test_a_page_that_is_down_leaves_its_link_a_card_with_the_first_line(office: Office) -> None:
    with serving(Answer(503)) as page:
        link = f"{page.url}/coree"
        queued = office.queue("visite", f'link = "{link}"\n')
    assert ["first line of the text" in str(one) for one in queued.advice] == [True]
    office.publish()
    article = office.out("linkedin").attached["article"]
    assert (article["source"], article["title"]) == (link, "Suwon est à Tours.")


# threads and mentions


LONG = " ".join(
    f"Le {day} mars, la délégation de Suwon visite un autre quartier de Tours avec ses élus."
    for day in range(6, 12)
)


def test_a_long_text_is_a_thread_on_x_and_its_photo_stands_in_the_first_post(
    tmp_path: Path, reopened: Callable[[], AbstractContextManager[Office]]
) -> None:
    amend(tmp_path, "campaign.toml", 'network = "x"\n', 'network = "x"\nthreads = true\n')
    with reopened() as office:
        office.queue("visite", PHOTO, LONG)
        office.publish()
        posts = office.town.shown("x")[::-1]
        assert len(posts) > 1
        assert [post.reply_to for post in posts] == [None, *(post.id for post in posts[:-1])]
        assert [bool(post.attached) for post in posts] == [True, *[False] * (len(posts) - 1)]
        assert all(post.shown.endswith(MARK) for post in posts)
        assert office.out("linkedin").shown == f"{LONG}\n\n{MARK}"


def test_a_partner_is_a_mention_on_linkedin_and_a_handle_on_x(
    tmp_path: Path, reopened: Callable[[], AbstractContextManager[Office]]
) -> None:
    handles = (
        '[tours]\nhandles = { x = "tours", linkedin = { name = "Ville de Tours", '
        'urn = "urn:li:organization:2414183" } }\n'
    )
    amend(tmp_path, "partners.toml", "[tours]\n", handles)
    with reopened() as office:
        office.queue("visite", "", "Suwon remercie @[tours].")
        office.publish()
        assert office.out("x").shown == f"Suwon remercie @tours.\n\n{MARK}"
        shown = office.out("linkedin")
        assert shown.shown == f"Suwon remercie Ville de Tours.\n\n{MARK}"
        mentions = [
            (element.shown, element.urn)
            for element in parse(shown.stored).elements
            if element.kind == "mention"
        ]
        assert mentions == [("Ville de Tours", "urn:li:organization:2414183")]


# the queue says what goes out with a post


def test_the_queue_says_what_goes_out_with_each_post(
    tmp_path: Path,
    reopened: Callable[[], AbstractContextManager[Office]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amend(tmp_path, "campaign.toml", 'network = "x"\n', 'network = "x"\nthreads = true\n')
    with reopened() as office, serving(answer_of_the_town) as page:
        office.queue("visite", PHOTO + "expires = 2027-12-31\n" + PLAN, LONG)
        office.queue("consultation", POLL, "Votez pour le jour du forum.")
        office.queue("programme", f'link = "{page.url}/coree"\n', "Le programme est en ligne.")
    monkeypatch.chdir(tmp_path)

    def said(*command: str) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit):
            main(["--language", "en", "queue", *command])
        return capsys.readouterr().out

    listed = said("list")
    assert [words in listed for words in ("2 files, Thread 1/3", "Thread 3/3", "Poll")] == [
        True
    ] * 3
    assert listed.count("link card") == 1
    shown = said("show", "visite")
    assert f"▢ gare.jpg · {GARE_ALT}" in shown
    assert "Thread 2/3" in shown
    assert "▢ Quel jour pour le forum ? Mardi / Jeudi" in said("show", "consultation")
    assert f"▢ La Corée à Tours · {page.url}/coree" in said("show", "programme")
    (first, *_others) = json.loads(said("list", "--json"))
    assert first["attached"]["media"][0]["alt"] == GARE_ALT
    assert first["attached"]["media"][0]["expires"] == "2027-12-31"


# faults on the way


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("kind", ["drop_before", "error_500_before", "rate_limit_429"])
def test_a_fault_in_the_middle_of_an_upload_ends_in_one_post_and_sends_nothing_twice(
    network: str, kind: str, office: Office
) -> None:
    office.queue("visite", PHOTO + PLAN)
    office.town.sandbox.fault(network, kind, route="upload_part")
    office.publish()
    assert [file.alt for file in office.files(network)] == [GARE_ALT, PLAN_ALT]
    assert office.uploaded(network) == 2
    assert office.town.trail(office.town.post("visite", network)) == [
        (1, AttemptState.NOT_SENT),
        (2, AttemptState.ACCEPTED),
    ]


def test_a_film_whose_second_part_was_lost_is_not_begun_anew(office: Office) -> None:
    (office.folder / "visite.mp4").write_bytes(as_mp4(pictures=2 << 20))
    named = '[[media]]\nfile = "visite.mp4"\nalt = { fr = "La visite" }\ntitle = { fr = "Suwon" }\n'
    office.queue("visite", named)
    office.town.sandbox.fault("x", "drop_after", route="upload_part")
    office.publish()
    assert office.uploaded("x") == 1
    shown, other = office.files("x"), office.files("linkedin")
    assert shown[0].data == other[0].data


@pytest.mark.parametrize("network", NETWORKS)
def test_a_film_that_a_network_could_not_process_is_told_and_goes_up_anew_when_a_person_says_so(
    network: str, office: Office
) -> None:
    (office.folder / "visite.mp4").write_bytes(as_mp4(pictures=80_000))
    named = '[[media]]\nfile = "visite.mp4"\nalt = { fr = "La visite" }\ntitle = { fr = "Suwon" }\n'
    office.queue("visite", named)
    office.town.sandbox.fault(network, "processing_failed")
    office.publish()
    post = office.town.post("visite", network)
    assert (post.state, office.town.shown(network)) == (PostState.FAILED, [])
    (told,) = office.town.notices().values()
    assert told.startswith("File 1 of this post: ")
    assert "could not process it" in told
    office.town.app.store.queue.retry([post.id])
    office.town.work()
    assert [office.uploaded(one) for one in NETWORKS] == [
        2 if one == network else 1 for one in NETWORKS
    ]
    assert [len(office.town.shown(one)) for one in NETWORKS] == [1, 1]


def test_after_a_crash_between_upload_and_post_the_files_go_up_anew_and_the_post_once(
    reopened: Callable[[], AbstractContextManager[Office]],
) -> None:
    with reopened() as office:
        office.queue("visite", PHOTO)
        office.town.clock.advance_to(MONDAY + LATER)
        _crash_after_the_upload(office)
        assert office.uploaded("x") == 1
        assert office.town.shown("x") == []
    with reopened() as office:
        office.publish()
        assert len(office.town.shown("x")) == len(office.town.shown("linkedin")) == 1
        assert office.uploaded("x") == 2
        assert [file.alt for file in office.files("x")] == [GARE_ALT]


def _crash_after_the_upload(office: Office) -> None:
    """The process ends when the file of X's post is up, before its call is written down."""
    ledger = office.town.app.store.ledger

    def power_cut(*given: Any, **_named: Any) -> NoReturn:
        raise KeyboardInterrupt(given)

    ledger.about_to_send = power_cut  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        office.town.app.publisher.publish_due()


# what may not be shown any more


def test_a_photo_whose_consent_has_ended_meanwhile_holds_its_posts(office: Office) -> None:
    office.queue("visite", PHOTO + "expires = 2023-02-20\n")
    office.town.clock.advance_to(MONDAY + timedelta(days=1))
    office.town.work()
    assert [office.town.post("visite", network).state for network in NETWORKS] == [
        PostState.HELD
    ] * 2
    assert all(
        "its consent or licence has ended" in said for said in office.town.notices().values()
    )
    assert office.town.shown("x") == office.town.shown("linkedin") == []


def test_the_picture_of_a_card_whose_consent_has_ended_holds_its_post_too(office: Office) -> None:
    card = '[card.picture]\nfile = "gare.jpg"\nalt = { fr = "La gare" }\nexpires = 2023-02-20\n'
    with serving(answer_of_the_town) as page:
        office.queue("visite", f'link = "{page.url}/coree"\n{card}')
    office.town.clock.advance_to(MONDAY + timedelta(days=1))
    office.town.work()
    assert office.town.post("visite", "linkedin").state == PostState.HELD
    assert office.town.post("visite", "x").state == PostState.PUBLISHED


@pytest.mark.parametrize("damage", ["is gone", "was changed"])
def test_a_photo_that_was_lost_or_damaged_holds_its_posts_until_it_was_made_again(
    damage: str,
    tmp_path: Path,
    reopened: Callable[[], AbstractContextManager[Office]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with reopened() as office:
        queued = office.queue("visite", PHOTO)
        for sha256 in {post.attached.media[0].sha256 for post in queued.planned}:
            kept = office.town.app.shelf.path(sha256)
            kept.unlink() if damage == "is gone" else kept.write_bytes(b"damaged")
        office.publish()
        assert [office.town.post("visite", network).state for network in NETWORKS] == [
            PostState.HELD
        ] * 2
        for said in office.town.notices().values():
            assert "un pavois preview with its announcement again, then pavois queue retry" in said
        assert office.town.shown("x") == office.town.shown("linkedin") == []
    monkeypatch.chdir(tmp_path)
    _run("preview", str(office.folder / "visite.toml"))
    _run("queue", "retry", *map(str, queued.ids))
    _run("publish")
    with reopened() as office:
        assert [file.alt for file in office.files("x") + office.files("linkedin")] == [GARE_ALT] * 2


def test_publishing_once_goes_on_until_the_networks_are_done_with_the_files(
    tmp_path: Path,
    reopened: Callable[[], AbstractContextManager[Office]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(uploads, "PATIENCE", timedelta())
    monkeypatch.setattr(uploads, "LOOK_AGAIN", timedelta(seconds=0.3))
    with reopened() as office:
        office.queue("visite", PHOTO)
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    _run("publish")
    assert capsys.readouterr().out.count("published") == 2
    with reopened() as office:
        assert [len(office.town.shown(network)) for network in NETWORKS] == [1, 1]
        assert office.town.post("visite", "linkedin").attempts > 1
        assert office.uploaded("linkedin") == 1


def _run(*command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--language", "en", *command])
    assert ended.value.code in (None, 0)
