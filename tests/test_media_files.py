from __future__ import annotations

import errno
import os
import socket
import unicodedata
from pathlib import Path

import pytest

from bot.errors import MediaError
from bot.media import files
from bot.media.files import head_of, named, opened
from tests.media_files import as_jpeg, corners, written

JPEG = as_jpeg(corners())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A campaign's folder with a picture, and a picture outside of it."""
    folder = tmp_path / "campaign" / "announcements"
    folder.mkdir(parents=True)
    written(folder, "visit.jpg", JPEG)
    written(tmp_path, "outside.jpg", JPEG)
    return folder.parent


def refusal(root: Path, name: str) -> str:
    with pytest.raises(MediaError) as caught:
        named(root / "announcements", name, root)
    return str(caught.value)


def test_a_file_is_found_from_the_announcements_folder_on(root: Path) -> None:
    folder = root / "announcements"
    assert named(folder, "visit.jpg", root) == (folder / "visit.jpg").resolve()
    (root / "media").mkdir()
    written(root / "media", "été 2027.jpg", JPEG)
    assert named(folder, "../media/été 2027.jpg", root).name == "été 2027.jpg"


@pytest.mark.parametrize("name", ["été.jpg", "사진.jpg"])
def test_a_name_is_found_however_a_mac_spells_it(root: Path, name: str) -> None:
    composed, in_pieces = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    written(root / "announcements", in_pieces, JPEG)
    assert named(root / "announcements", composed, root).exists()
    (root / "announcements" / in_pieces).rename(root / "announcements" / composed)
    assert named(root / "announcements", in_pieces, root).exists()


def test_a_link_within_the_folder_is_followed(root: Path) -> None:
    (root / "announcements" / "link.jpg").symlink_to("visit.jpg")
    assert named(root / "announcements", "link.jpg", root).name == "visit.jpg"


def test_a_link_out_of_the_folder_is_refused(root: Path) -> None:
    (root / "announcements" / "link.jpg").symlink_to("../../outside.jpg")
    assert refusal(root, "link.jpg") == (
        "link.jpg does not lie in the campaign's folder. Copy the file there."
    )
    (root / "elsewhere").symlink_to(root.parent, target_is_directory=True)
    assert "does not lie in" in refusal(root, "../elsewhere/outside.jpg")


def test_links_that_lead_to_one_another_are_refused(root: Path) -> None:
    (root / "announcements" / "a.jpg").symlink_to("b.jpg")
    (root / "announcements" / "b.jpg").symlink_to("a.jpg")
    assert refusal(root, "a.jpg").startswith("a.jpg ")


def traversals() -> list[str]:
    """A hundred names that would leave the folder if they were believed."""
    ups = ["../" * depth for depth in range(2, 12)]
    targets = ["outside.jpg", "etc/passwd", "etc/hostname", "root/.ssh/id_rsa"]
    plain = [up + target for up in ups for target in targets]
    tricks = [
        trick.format(target)
        for target in ("outside.jpg", "etc/passwd", "visit.jpg")
        for trick in (
            "/{}",
            "//{}",
            "~/{}",
            "~root/{}",
            "C:{}",
            "C:\\{}",
            "\\\\server\\share\\{}",
            "..\\..\\{}",
            "..%2f..%2f{}",
            "%2e%2e/%2e%2e/{}",
            "..%c0%af..%c0%af{}",
            "....//....//{}",
            "..;/..;/{}",
            "file:///{}",
            "http://localhost/{}",
            "visit.jpg/../../../{}",
            "./.././../{}",
            "../../{}\0.jpg",
            "visit.jpg\0/{}",
            "../../{}\n",
            "\u2025/\u2025/{}",
            "\uff0e\uff0e/\uff0e\uff0e/{}",
            "..\u2215..\u2215{}",
            "announcements/../../../{}",
            "{}/../../../outside.jpg",
        )
    ]
    special = [
        "/dev/zero",
        "/dev/stdin",
        "/proc/self/environ",
        "/proc/self/fd/0",
        ".",
        "..",
        "../..",
    ]
    return plain + tricks + special


@pytest.mark.parametrize("name", traversals())
def test_no_name_leads_out_of_the_folder(root: Path, name: str) -> None:
    assert refusal(root, name)


def test_there_are_a_hundred_of_them() -> None:
    assert len(set(traversals())) >= 100


def test_what_is_no_ordinary_file_is_refused_and_not_waited_for(root: Path) -> None:
    folder = root / "announcements"
    os.mkfifo(folder / "pipe.jpg")
    assert refusal(root, "pipe.jpg") == "pipe.jpg is a device or a pipe. Name an ordinary file."
    (folder / "album.jpg").mkdir()
    assert refusal(root, "album.jpg") == "album.jpg is a folder. Name a file in it."
    (folder / "zero.jpg").symlink_to("/dev/zero")
    assert "does not lie in" in refusal(root, "zero.jpg")


def test_a_socket_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "announcements")  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("talk.jpg")
        assert "a device or a pipe" in refusal(root, "talk.jpg")


def test_a_device_is_not_opened() -> None:
    with pytest.raises(MediaError, match="a device or a pipe"):
        opened(Path("/dev/zero"), "zero.jpg")


def test_a_hidden_file_is_refused(root: Path) -> None:
    written(root / "announcements", ".secret.jpg", JPEG)
    assert "begins with a dot" in refusal(root, ".secret.jpg")
    (root / ".git").mkdir()
    written(root / ".git", "visit.jpg", JPEG)
    assert "begins with a dot" in refusal(root, "../.git/visit.jpg")


def test_a_missing_file_is_told_with_the_one_that_was_meant(root: Path) -> None:
    assert refusal(root, "visits.jpg") == "There is no file visits.jpg; did you mean visit.jpg?"
    assert refusal(root, "../announcements/vist.jpg") == (
        "There is no file ../announcements/vist.jpg; did you mean ../announcements/visit.jpg?"
    )
    assert refusal(root, "delegation.png") == "There is no file delegation.png."
    assert refusal(root, "nowhere/visit.jpg") == "There is no file nowhere/visit.jpg."


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "The name of a file is missing. Write it"),
        ("  ", "The name of a file is missing. Write it"),
        ("a\nb.jpg", "has a sign in it that cannot be written"),
        ("/home/visit.jpg", "write where the file is from the folder of the announcement on"),
        ("photos\\visit.jpg", "write / between folders, not \\."),
        ("a" * 300 + ".jpg", "cannot be read: File name too long."),
        ("visit.jpg/visit.jpg", "cannot be read: Not a directory."),
    ],
)
def test_a_name_that_is_none_is_told(root: Path, name: str, said: str) -> None:
    assert said in refusal(root, name)


def test_an_empty_file_is_refused(root: Path) -> None:
    written(root / "announcements", "empty.jpg", b"")
    assert refusal(root, "empty.jpg") == "empty.jpg is empty. Copy the file again."


@pytest.mark.parametrize(
    ("name", "head", "most"),
    [
        ("a.jpg", JPEG[:100], 40),
        ("a.gif", b"GIF89a", 40),
        ("a.pdf", b"%PDF-1.7", 100),
        ("a.mp4", b"\0\0\0\x10ftypisom\0\0\0\0", 512),
    ],
)
def test_a_file_that_is_too_large_is_refused_unread(
    root: Path, name: str, head: bytes, most: int
) -> None:
    path = written(root / "announcements", name, head)
    os.truncate(path, most * files.MIB)
    assert named(root / "announcements", name, root)
    os.truncate(path, most * files.MIB + 1)
    assert refusal(root, name) == (
        f"{name} has {most + 1} MB; of such a file at most {most} MB are taken. Make it smaller."
    )


def test_a_file_that_may_not_be_read_is_told(root: Path) -> None:
    assert str(
        files.unreadable("visit.jpg", PermissionError(errno.EACCES, "Permission denied"))
    ) == ("visit.jpg cannot be read: Permission denied.")
    (root / "announcements" / "visit.jpg").chmod(0)
    if os.geteuid():  # root may read everything
        assert refusal(root, "visit.jpg") == "visit.jpg cannot be read: Permission denied."


def test_what_breaks_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "visit.jpg", JPEG)
    with path.open("rb") as file:
        os.dup2(os.open(tmp_path, os.O_RDONLY), file.fileno())
        with pytest.raises(MediaError, match=r"visit\.jpg cannot be read: Is a directory\."):
            head_of(file, "visit.jpg")


def test_a_wrong_ending_is_told_where_the_file_is_named(root: Path) -> None:
    written(root / "announcements", "visit.png", JPEG)
    assert "Rename it visit.jpg" in refusal(root, "visit.png")
