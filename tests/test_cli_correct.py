"""`pavois correct` and `pavois delete`, as somebody types them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import Announcement
from tests import test_cli
from tests.test_cli import CONFIG, DONE, NEEDS_A_PERSON, REFUSED, TEXT, USAGE, Desk

#: The desks of the other commands' tests.
empty = test_cli.empty
tours = test_cli.tours
NETWORK, STOPPED = 7, 130


@pytest.fixture
def out(tours: Desk) -> tuple[str, str]:
    """A visit that is out: the numbers of its posts, X's first."""
    on_x, on_linkedin = tours.queue_in_the_past("visite")
    assert tours("publish").code == DONE
    return str(on_x), str(on_linkedin)


def premium(desk: Desk) -> None:
    with desk.app() as app:
        app.sandbox.set_premium("x-fr")


def shown(desk: Desk, network: str) -> list[str]:
    with desk.app() as app:
        posts = app.sandbox.posts(network)
        return [post.shown.split("\n")[0] for post in posts if post.stands]


def test_a_correction_shows_before_and_after_and_the_rule_and_asks(
    out: tuple[str, str], tours: Desk
) -> None:
    no = tours("correct", out[1], "--text", "Suwon vient à Tours.", types="n\n")
    assert no.code == STOPPED
    assert no.out.index("Tours : visite") < no.out.index("Suwon vient à Tours.")
    assert "#KoreaFranceLocalCooperation 🇫🇷🇰🇷" in no.out.partition("Then:")[2]
    assert "at any time" in no.out
    assert shown(tours, "linkedin") == ["Tours : visite"]
    yes = tours("correct", out[1], "--text", "Suwon vient à Tours.", types="y\n")
    assert yes.code == DONE
    assert "Corrected: " in yes.out
    assert shown(tours, "linkedin") == ["Suwon vient à Tours."]
    listed = tours("queue", "show", out[1])
    assert "attempt 2 (correction)" in listed.out
    assert "It said before: Tours : visite" in listed.out
    (post,) = tours("queue", "show", out[1], "--json").json
    assert [line["act"] for line in post["attempts"]] == ["publish"] * 3 + ["correct"] * 2


def test_a_correction_is_read_from_a_file_or_from_standard_input(
    out: tuple[str, str], tours: Desk
) -> None:
    name = tours.file("mieux.txt", "\ufeffSuwon, enfin.\n")
    assert tours("correct", out[1], "--file", name, "--yes").code == DONE
    assert shown(tours, "linkedin") == ["Suwon, enfin."]
    said = tours("correct", out[1], "--file", "-", "--yes", types="Suwon, encore.\n")
    assert said.code == DONE
    assert shown(tours, "linkedin") == ["Suwon, encore."]


def test_on_x_with_premium_a_post_is_changed(out: tuple[str, str], tours: Desk) -> None:
    premium(tours)
    before = tours("queue", "show", out[0], "--json").json[0]["url"]
    said = tours("correct", out[0], "--text", "Suwon vient.", "--yes")
    assert said.code == DONE
    assert "Premium" in said.out
    assert shown(tours, "x") == ["Suwon vient."]
    assert tours("queue", "show", out[0], "--json").json[0]["url"] != before


def test_where_x_refuses_a_correcting_post_is_offered(out: tuple[str, str], tours: Desk) -> None:
    with (tours.folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write("[networks.x]\ngap_seconds = 0\n")
    said = tours("correct", out[0], "--text", "Rectificatif : le 4.", types="y\ny\n")
    assert said.code == DONE
    assert "does not let this account change this post" in said.err
    assert "visite-correction is queued as post 3." in said.out
    assert tours("publish").code == DONE
    assert shown(tours, "x") == ["Rectificatif : le 4.", "Tours : visite"]


def test_a_correcting_post_is_made_without_asking_only_when_it_is_asked_for(
    out: tuple[str, str], tours: Desk
) -> None:
    said = tours("correct", out[0], "--text", "Rectificatif : le 4.", "--yes")
    assert (said.code, "--as-post" in said.err) == (REFUSED, True)
    assert tours("queue", "list", "--json").json == []
    said = tours("correct", out[0], "--text", "Rectificatif : le 4.", "--yes", "--as-post")
    assert said.code == DONE
    assert [one["announcement"] for one in tours("queue", "list", "--json").json] == [
        "visite-correction"
    ]


def test_after_its_hour_x_is_not_asked(tours: Desk) -> None:
    with tours.app(ago=timedelta(hours=2)) as app:
        at = app.clock.now() + timedelta(minutes=1)
        app.queue(Announcement("visite", "tours", "news", {}, {"fr": ("V",)}, (), "", at, None))
        app.clock.wait(timedelta(minutes=2))
        app.publisher.publish_due()
    said = tours("correct", "1", "--text", "Autre", types="n\n")
    assert said.code == STOPPED
    assert "within an hour" in said.err
    assert "Queue it as a post of its own" in said.out
    assert len(tours("queue", "show", "1", "--json").json[0]["attempts"]) == 3


MISTAKES: tuple[tuple[list[str], int, str], ...] = (
    (["99", "--text", "Autre"], REFUSED, "There is no post 99"),
    (["1"], USAGE, "--text or with --file"),
    (["1", "--text", "Autre", "--file", "config.toml"], USAGE, "--text or with --file"),
    (["1", "--file", "-"], USAGE, "add --yes"),
    (["1", "--file", "no.txt"], CONFIG, "no.txt"),
    (["1", "--file", "latin.txt"], CONFIG, "UTF-8"),
    (["visite", "--text", "Autre"], USAGE, "visite"),
    (["1", "--text", "a" * 400], TEXT, "too many"),
    (["1", "--text", "Tours : visite"], REFUSED, "nothing to correct"),
)


@pytest.mark.usefixtures("out")
def test_a_correction_that_cannot_be_is_told_in_a_sentence(tours: Desk) -> None:
    (tours.folder / "latin.txt").write_bytes("Séoul".encode("latin-1"))
    for arguments, code, says in MISTAKES:
        said = tours("correct", *arguments)
        assert (said.code, said.out) == (code, "")
        assert says in said.err
    assert shown(tours, "x") == ["Tours : visite"]


def test_a_network_that_is_down_is_told_and_the_act_stands_in_the_ledger(
    out: tuple[str, str], tours: Desk
) -> None:
    with tours.app() as app:
        app.sandbox.fault("linkedin", "unavailable_503", route="correct")
        app.sandbox.fault("linkedin", "unavailable_503", route="delete")
    said = tours("correct", out[1], "--text", "Autre", "--yes")
    assert (said.code, "503" in said.err) == (NETWORK, True)
    assert f"Give the correction again: pavois correct {out[1]}" in said.err
    said = tours("delete", out[1], "--yes")
    assert (said.code, "503" in said.err) == (NETWORK, True)
    assert f"Repeat it, which does no harm: pavois delete {out[1]}" in said.err
    listed = tours("queue", "show", out[1]).out
    assert "(correction)" in listed
    assert "(deletion)" in listed


def test_deleting_shows_what_and_how_often_it_was_seen_and_asks(
    out: tuple[str, str], tours: Desk
) -> None:
    tours("collect")
    no = tours("delete", "visite", types="n\n")
    assert no.code == STOPPED
    assert "Delete these 2 posts?" in no.out
    assert "×" in no.out
    assert "https://" in no.out or "file://" in no.out
    assert shown(tours, "x") == ["Tours : visite"]
    yes = tours("delete", out[0], types="y\n")
    assert yes.code == DONE
    assert f"Post {out[0]} is deleted." in yes.out
    assert (shown(tours, "x"), shown(tours, "linkedin")) == ([], ["Tours : visite"])
    rest = tours("delete", "visite", "--yes")
    assert rest.code == DONE
    assert f"Post {out[0]} is deleted already." in rest.err
    assert shown(tours, "linkedin") == []
    again = tours("delete", *out, "--yes")
    assert again.code == REFUSED
    assert "deleted already" in again.err


def test_a_deleted_announcement_is_said_again_under_another_name(
    out: tuple[str, str], tours: Desk
) -> None:
    tours("delete", "visite", "--yes")
    said = tours("queue", "add", tours.file("visite.toml"))
    assert said.code == REFUSED
    assert "Give this one another name" in said.err
    assert tours("queue", "add", tours.file("visite-2.toml")).code == DONE
    assert "under another one" in tours("delete", "--help").out.replace("\n", " ")


def test_what_is_not_out_is_cancelled_and_not_deleted(tours: Desk) -> None:
    tours("queue", "add", tours.file("visite.toml"))
    said = tours("delete", "visite", "--yes")
    assert said.code == REFUSED
    assert "pavois queue cancel 1" in said.err
    assert tours("delete", "99", "--yes").code == REFUSED


def test_a_deletion_that_leaves_one_that_may_still_go_out_ends_with_a_code_that_says_so(
    out: tuple[str, str], tours: Desk
) -> None:
    tours("queue", "add", tours.file("autre.toml"))
    waits = str(tours("queue", "list", "--json").json[0]["id"])
    said = tours("delete", out[0], waits, "--yes")
    assert said.code == REFUSED
    assert f"Post {out[0]} is deleted." in said.out
    assert f"pavois queue cancel {waits}" in said.err
    assert shown(tours, "x") == []


LONG = " ".join(f"Phrase numéro {number} du forum de Tours." for number in range(1, 19))


@pytest.fixture
def thread(tours: Desk) -> list[str]:
    """A thread that is out on X: its numbers, the first first."""
    campaign = tours.folder / "campaigns" / "tours" / "campaign.toml"
    text = campaign.read_text("utf-8")
    campaign.write_text(text.replace('handle = "tours"', 'handle = "tours"\nthreads = true', 1))
    with tours.app(ago=timedelta(minutes=5)) as app:
        at = app.clock.now() + timedelta(minutes=4)
        what = Announcement("forum", "tours", "news", {}, {"fr": (LONG,)}, (), "", at, None)
        app.queue(what)
    assert tours("publish").code in (DONE, NEEDS_A_PERSON)
    posts = tours("queue", "list", "--all", "--json").json
    parts = [post for post in posts if post["network"] == "x"]
    assert len(parts) > 2
    return [str(post["id"]) for post in sorted(parts, key=lambda post: post["part"])]


def test_deleting_the_head_of_a_thread_offers_the_rest_and_takes_the_last_first(
    thread: list[str], tours: Desk
) -> None:
    said = tours("delete", thread[0], types="y\ny\n")
    assert said.code == DONE
    assert "Delete them too?" in said.out
    places = [said.out.index(f"Post {number} is deleted.") for number in thread]
    assert places == sorted(places, reverse=True)
    assert shown(tours, "x") == []


def test_the_head_of_a_thread_can_be_deleted_alone(thread: list[str], tours: Desk) -> None:
    said = tours("delete", thread[0], types="n\ny\n")
    assert said.code == DONE
    assert len(shown(tours, "x")) == len(thread) - 1


def test_what_stands_before_a_part_that_cannot_be_deleted_is_left(
    thread: list[str], tours: Desk
) -> None:
    with tours.app() as app:
        app.sandbox.fault("x", "unavailable_503", route="delete")
    said = tours("delete", "forum", "--yes")
    assert said.code == NETWORK
    assert f"Post {thread[0]} is left" in said.out
    assert len(shown(tours, "x")) == len(thread)
    assert shown(tours, "linkedin") == [], "another network's post goes"
    assert tours("delete", "forum", "--yes").code == DONE
    assert shown(tours, "x") == []


def test_a_live_account_is_spoken_for_only_once_that_is_confirmed(
    out: tuple[str, str], tours: Desk
) -> None:
    config = tours.folder / "config.toml"
    config.write_text(
        f'mode = "live"\n{config.read_text("utf-8")}[database]\nurl = "sqlite:///l.db"\n'
    )
    for command in (["correct", "1", "--text", "Autre"], ["delete", "1"]):
        said = tours(*command, "--yes")
        assert said.code != DONE
        assert said.out == ""


def test_while_all_is_stopped_who_corrects_is_told_who_stopped_it_and_who_deletes_is_not_kept(
    out: tuple[str, str], tours: Desk
) -> None:
    assert tours("stop", "--reason", "deuil national").code == DONE
    for as_post in ((), ("--as-post",)):
        said = tours("correct", out[1], "--text", "Suwon vient.", "--yes", *as_post)
        assert said.code == REFUSED
        assert "deuil national" in said.err
        assert "pavois resume" in said.err
    assert shown(tours, "linkedin") == ["Tours : visite"]
    assert tours("delete", out[1], "--yes").code == DONE
    assert shown(tours, "linkedin") == []


def test_a_correction_beyond_the_budget_says_what_it_costs_and_what_to_do(
    out: tuple[str, str], tours: Desk
) -> None:
    premium(tours)
    with (tours.folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write("[networks.x]\nbudget = 0.02\n")
    said = tours("correct", out[0], "--text", "Suwon vient.", "--yes")
    assert said.code == REFUSED
    assert "costs US$0.015" in said.err
    assert "US$0.005 is left" in said.err
    assert tours("delete", out[0], "--yes").code == DONE
