"""The world of the rehearsal networks, in one file for every process."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from bot.clock import RehearsalClock
from bot.errors import StoreError
from bot.sandbox import Sandbox, SandboxPost
from bot.sandbox.uploads import Upload, Uploads
from bot.sandbox.world import World
from tests.tiny_files import png

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)

#: Opens a new world every 50 ms, at the same instants as every other process that runs it.
OPENING = """
import sys, time
from pathlib import Path
from bot.sandbox.world import World
folder, start = Path(sys.argv[1]), float(sys.argv[2])
for number in range(20):
    time.sleep(max(start + number * 0.05 - time.time(), 0))
    World(folder / f"{number}.db")
"""


def test_daemons_that_start_at_once_share_one_world(tmp_path: Path) -> None:
    start = str(time.time() + 2)
    daemons = [
        subprocess.Popen(
            [sys.executable, "-c", OPENING, str(tmp_path), start],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert [daemon.communicate(timeout=60)[1] for daemon in daemons] == [""] * 4


def test_a_world_that_cannot_be_opened_is_told_in_a_sentence_that_names_it(tmp_path: Path) -> None:
    taken = tmp_path / "networks.db"
    taken.mkdir()
    with pytest.raises(StoreError, match=r"networks\.db cannot be opened or written"):
        World(taken)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file/networks\.db cannot be opened or written"):
        World(tmp_path / "file" / "networks.db")


#: The table of posts as version 0.1.0 made it.
FIRST_POSTS = """
CREATE TABLE posts (
    network TEXT NOT NULL, id INTEGER NOT NULL, account TEXT NOT NULL, sent TEXT NOT NULL,
    stored TEXT NOT NULL, shown TEXT NOT NULL, created_ms INTEGER NOT NULL,
    truncated_at INTEGER, deleted_ms INTEGER, content TEXT NOT NULL,
    PRIMARY KEY (network, id)
);
INSERT INTO posts VALUES ('x', 7, 'tours', 'Bonjour', 'Bonjour', 'Bonjour', 1700000000000,
    NULL, NULL, '');
INSERT INTO posts VALUES ('linkedin', 8, 'tours', 'Lire', 'Lire', 'Lire', 1700000000000, NULL,
    NULL, '{"article": {"source": "https://tours.fr", "title": "Tours"}}');
"""


def test_the_file_of_an_earlier_rehearsal_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "networks.db"
    with closing(sqlite3.connect(path)) as before:
        before.executescript(FIRST_POSTS)
    for _time in range(2):
        world = World(path)
    assert [post.sent for post in world.posts("x")] == ["Bonjour"]
    (article,) = world.posts("linkedin")
    assert article.urn == "urn:li:share:8"
    answer = replace(world.posts("x")[0], shown="Suite", reply_to=7, conversation=7)
    world.publish(answer, no_twin_for=timedelta(0))
    assert [(post.reply_to, post.conversation) for post in world.posts("x")] == [
        (7, 7),
        (None,) * 2,
    ]
    sandbox = Sandbox(RehearsalClock(NOW), path)
    sandbox.open_account("linkedin", "tours", "Ville de Tours", "Ville de Tours")
    sandbox.open_account("x", "tours", "Ville de Tours", "tours")
    assert all("Tours" in sandbox.timeline_page(network) for network in ("x", "linkedin"))


def test_a_file_that_one_process_begins_another_ends(tmp_path: Path) -> None:
    path = tmp_path / "networks.db"
    one, two = (Uploads(World(path), path.with_suffix(".media")) for _process in range(2))
    photo = png(120, 80)
    begun = one.begin(Upload("x", "", "tours", "image", NOW, announced=len(photo)))
    one.add_part(begun, 0, BytesIO(photo[:40]))
    found = two.find("x", begun.name)
    assert found == begun
    two.add_part(begun, 1, BytesIO(photo[40:]))
    assert [part.size for part in one.parts(begun)] == [40, len(photo) - 40]
    done = two.finish(two.join(begun), NOW)
    assert one.find("x", begun.name) == done
    assert (done.mime, done.width, done.height, done.size) == ("image/png", 120, 80, len(photo))
    assert one.path(begun).read_bytes() == photo
    assert [file.name for file in one.folder.iterdir()] == [one.path(begun).name]


def test_uploads_have_names_of_their_own_and_not_those_of_posts(tmp_path: Path) -> None:
    world = World(tmp_path / "networks.db")
    uploads = Uploads(world, tmp_path)
    drafts = [Upload("x", "", "tours", "image", NOW) for _time in range(3)]
    names = {uploads.begin(draft).name for draft in drafts}
    post = SandboxPost("x", 0, "tours", "un", "un", "un", NOW)
    number = world.publish(post, no_twin_for=timedelta(0))[0].id
    assert len(names) == 3
    assert str(number) not in names
    assert all(int(name) >> 22 == number >> 22 for name in names)


def test_a_large_body_is_kept_out_of_memory(tmp_path: Path) -> None:
    """A document of 64 MiB costs the server a few: the machine of a town hall is small."""
    script = (
        "import resource, sys, requests\n"
        "from datetime import datetime, UTC\n"
        "from pathlib import Path\n"
        "from bot.clock import RehearsalClock\n"
        "from bot.sandbox import Sandbox\n"
        "path = Path(sys.argv[1])\n"
        "with Sandbox(RehearsalClock(datetime(2026, 11, 23, tzinfo=UTC)), path) as sandbox:\n"
        "    keys = sandbox.open_account('linkedin', 'tours', 'Tours', 'Tours')\n"
        "    headers = {'Authorization': 'Bearer ' + keys['access_token'],"
        " 'LinkedIn-Version': '202609'}\n"
        "    body = {'initializeUploadRequest': {'owner': keys['author']}}\n"
        "    where = sandbox.linkedin_url + '/rest/documents?action=initializeUpload'\n"
        "    url = requests.post(where, json=body, headers=headers).json()['value']['uploadUrl']\n"
        "    requests.put(url, data=b'%PDF-', headers=headers)\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    url = requests.post(where, json=body, headers=headers).json()['value']['uploadUrl']\n"
        "    piece = b'%' * 65536\n"
        "    pieces = (piece for _ in range(1024))\n"
        "    assert requests.put(url, data=pieces, headers=headers).status_code == 201\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "networks.db")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert int(done.stdout) < 16 * 1024, "KiB"
