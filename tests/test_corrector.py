"""Correcting and deleting what is out, through the real clients and the rehearsal networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import (
    AccountBlocked,
    ConfigError,
    NoAnswer,
    Refused,
    RefusedCommand,
    RenderError,
    Throttled,
    Uncertain,
)
from bot.model import AttemptState, Post, PostState
from bot.words import Message
from tests.announcements_sample import MARK
from tests.conftest import START
from tests.story import NETWORKS, TownHall, town_hall

SOON = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def tours(tmp_path: Path) -> Iterator[TownHall]:
    """A town hall with a visit that is out on both networks; it pays for Premium on X."""
    with town_hall(tmp_path, read_timeout=0.6) as hall:
        hall.sandbox.set_premium("x-fr")
        hall.queue("visite", SOON, "Visite le 3 mars")
        hall.work()
        yield hall


def correct(hall: TownHall, network: str, words: str, slug: str = "visite") -> Post:
    work = hall.app.corrections
    return work.correct(work.considered(hall.post(slug, network), words))


def acts(hall: TownHall, network: str, slug: str = "visite") -> list[tuple[int, str, str]]:
    lines = hall.app.store.ledger.attempts(hall.post(slug, network).id)
    return [(line.number, line.act, line.state.value) for line in lines if line.act != "publish"]


def shown(hall: TownHall, network: str) -> list[str]:
    return [post.shown.split("\n")[0] for post in hall.shown(network)]


@pytest.mark.parametrize("network", NETWORKS)
def test_a_correction_is_out_in_the_ledger_and_in_the_queue(network: str, tours: TownHall) -> None:
    before = tours.post("visite", network)
    post = correct(tours, network, "Visite le 4 mars")
    assert shown(tours, network) == ["Visite le 4 mars"]
    assert MARK in tours.shown(network)[0].shown, "marked like any post"
    assert post == tours.post("visite", network)
    assert post.text.startswith("Visite le 4 mars")
    assert (post.state, post.published_at) == (PostState.PUBLISHED, before.published_at)
    assert acts(tours, network) == [(2, "correct", "sending"), (2, "correct", "accepted")]
    sending, accepted = tours.app.store.ledger.attempts(post.id)[-2:]
    assert "Visite le 4 mars" in str(sending.cause)
    assert "Visite le 3 mars" in str(accepted.cause)
    assert accepted.remote_id == post.remote_id
    assert accepted.status in (201, 204)
    other = "linkedin" if network == "x" else "x"
    assert shown(tours, other) == ["Visite le 3 mars"]


def test_x_gives_a_corrected_post_another_name_and_the_ledger_keeps_the_old_one(
    tours: TownHall,
) -> None:
    before = tours.post("visite", "x")
    after = correct(tours, "x", "Visite le 4 mars")
    assert after.remote_id != before.remote_id
    assert after.remote_id in after.url
    names = [line.remote_id for line in tours.app.store.ledger.attempts(after.id)]
    assert before.remote_id in names
    assert str(tours.shown("x")[0].id) == after.remote_id


def test_a_corrected_post_is_read_back_and_its_figures_are_those_of_all_its_versions(
    tours: TownHall,
) -> None:
    tours.clock.wait(timedelta(minutes=50))
    before = tours.post("visite", "x")
    after = correct(tours, "x", "Visite le 4 mars")
    tours.clock.wait(timedelta(minutes=2))
    read = tours.app.proofreader.read_due()
    assert [(post.id, said) for post, said in read if post.id == after.id] == [(after.id, ())]
    tours.clock.wait(timedelta(hours=20))
    assert tours.app.collector.collect_now() == 2
    kept = tours.app.store.figures.snapshots([after.id])[after.id][-1].metrics
    each = tours.app.network("x-fr").metrics([before.remote_id, after.remote_id])
    seen = [one.impressions or 0 for one in each.values()]
    assert len(seen) == 2
    assert min(seen) > 0
    assert kept.impressions == sum(seen)


def test_what_is_out_is_read_back_on_both_networks(tours: TownHall) -> None:
    for network in NETWORKS:
        tours.app.store.proofs.plan(tours.post("visite", network).id, tours.clock.now())
    read = tours.app.proofreader.read_due()
    assert sorted(post.network for post, _said in read) == sorted(NETWORKS)
    assert [said for _post, said in read] == [(), ()]
    assert tours.notices() == {}


def test_a_text_that_linkedin_cut_is_noticed(tours: TownHall) -> None:
    post = tours.post("visite", "linkedin")
    text = "Visite (deux jours)"
    store = tours.app.store
    line = store.deeds.begin(post, "correct")
    assert line
    # As a client would that escapes nothing.
    linkedin: Any = tours.app.network("linkedin-fr")
    linkedin._line.call(
        "POST",
        f"/rest/posts/{post.remote_id.replace(':', '%3A')}",
        rest_method="PARTIAL_UPDATE",
        body={"patch": {"$set": {"commentary": text}}},
    )
    done = replace(line, state=AttemptState.ACCEPTED, remote_id=post.remote_id)
    read = replace(post, attempts=line.number)
    store.deeds.corrected(read, done, text, post.url, tours.clock.now())
    tours.app.proofreader.read_due()
    told = [str(one.message) for one in store.journal.notices()]
    assert any("ends after “…Visite”" in one for one in told)
    assert any("is no hashtag there" in one for one in told)


# what is not corrected


WRONG_WORDS: tuple[tuple[str, type[Exception], str], ...] = (
    ("Visite le 3 mars", RefusedCommand, "says just that"),
    (f"  Visite le 3 mars\n\n{MARK}\n", RefusedCommand, "says just that"),
    ("a" * 300, RenderError, "too many. Shorten it."),
    (MARK, RenderError, "nothing to read"),
    ("Avec @[paris]", RenderError, "names no partner"),
)


def test_words_that_may_not_go_out_change_nothing(tours: TownHall) -> None:
    for words, error, says in WRONG_WORDS:
        with pytest.raises(error, match=says):
            correct(tours, "x", words)
    assert acts(tours, "x") == []
    assert shown(tours, "x") == ["Visite le 3 mars"]


def test_a_partner_is_named_as_in_any_post(tours: TownHall) -> None:
    correct(tours, "linkedin", "Visite de @[tours]")
    assert shown(tours, "linkedin") == ["Visite de Tours"]


def test_a_held_account_is_not_spoken_for_but_what_it_said_can_be_taken_back(
    tours: TownHall,
) -> None:
    tours.sandbox.fault("x", "unauthorized_401")
    tours.queue("forum", SOON)
    tours.clock.wait(SOON)
    tours.daemon.tick(tours.clock.now())
    assert tours.is_held("x-fr")
    with pytest.raises(RefusedCommand, match="accounts release x-fr"):
        correct(tours, "x", "Visite le 4 mars")
    tours.app.corrections.delete(tours.post("visite", "x"))
    assert shown(tours, "x") == []


NOT_OUT = (
    (PostState.QUEUED, "not out yet. To take it back: pavois queue cancel"),
    (PostState.SENDING, "being sent"),
    (PostState.UNCERTAIN, "not known yet whether"),
    (PostState.CANCELLED, "never went out"),
    (PostState.DELETED, "deleted already"),
)


def test_a_post_that_is_not_out_is_neither_corrected_nor_deleted(tours: TownHall) -> None:
    for state, says in NOT_OUT:
        post = replace(tours.post("visite", "x"), state=state)
        with pytest.raises(RefusedCommand, match=says):
            tours.app.corrections.considered(post, "Autre")
        with pytest.raises(RefusedCommand, match=says):
            tours.app.corrections.delete(post)
    assert acts(tours, "x") == []


def test_an_account_that_the_campaign_has_no_more_is_a_sentence(tours: TownHall) -> None:
    post = replace(tours.post("visite", "x"), account="x-old")
    with pytest.raises(ConfigError, match="x-old is no account"):
        tours.app.corrections.considered(post, "Autre")


# the network refuses, is down, does not say


def test_without_premium_x_refuses_and_the_ledger_says_so(tours: TownHall) -> None:
    tours.sandbox.set_premium("x-fr", pays=False)
    with pytest.raises(Refused, match="without Premium"):
        correct(tours, "x", "Visite le 4 mars")
    assert acts(tours, "x") == [(2, "correct", "sending"), (2, "correct", "refused")]
    assert shown(tours, "x") == ["Visite le 3 mars"]
    assert tours.post("visite", "x").text.startswith("Visite le 3 mars")
    assert not tours.is_held("x-fr")


def test_after_its_hour_a_post_on_x_is_not_changed_but_one_on_linkedin_is(tours: TownHall) -> None:
    tours.clock.wait(timedelta(minutes=61))
    work = tours.app.corrections
    late = work.considered(tours.post("visite", "x"), "Visite le 4 mars")
    assert "within an hour" in str(late.hindrance)
    with pytest.raises(RefusedCommand, match="cannot be corrected there"):
        work.correct(late)
    assert acts(tours, "x") == []
    correct(tours, "linkedin", "Visite le 4 mars")


FAULTS: tuple[tuple[str, type[Exception], str], ...] = (
    ("unauthorized_401", AccountBlocked, "not_sent"),
    ("no_credit_402", AccountBlocked, "not_sent"),
    ("rate_limit_429", Throttled, "not_sent"),
    ("error_500_before", Uncertain, "uncertain"),
)


def test_a_correction_on_x_that_fails_is_told_as_it_failed(tours: TownHall) -> None:
    for number, (fault, error, state) in enumerate(FAULTS, 2):
        tours.sandbox.fault("x", fault)
        with pytest.raises(error):
            correct(tours, "x", "Visite le 4 mars")
        assert acts(tours, "x")[-1] == (number, "correct", state)
        post = tours.post("visite", "x")
        assert (f"post {post.id}" in tours.notices()) == (state == "uncertain")
        assert post.text.startswith("Visite le 3 mars")
    assert not tours.is_held("x-fr"), "what holds an account is told when it publishes"


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("fault", ["drop_after", "error_500_after"])
def test_a_correction_whose_answer_is_lost_is_found_and_adopted(
    network: str, fault: str, tours: TownHall
) -> None:
    route = "publish" if network == "x" else "correct"
    tours.sandbox.fault(network, fault, route=route)
    with pytest.raises(Uncertain if network == "x" else NoAnswer):
        correct(tours, network, "Visite le 4 mars")
    assert "pavois correct" in tours.notices()[f"post {tours.post('visite', network).id}"]
    with pytest.raises(RefusedCommand, match="says just that"):
        correct(tours, network, "Visite le 4 mars")
    assert shown(tours, network) == ["Visite le 4 mars"]
    post = tours.post("visite", network)
    assert post.text.startswith("Visite le 4 mars")
    assert tours.app.network(post.account).same_text(  # type: ignore[attr-defined]
        post,
        tours.app.network(post.account).recent(START - timedelta(days=1))[0],  # type: ignore[attr-defined]
    )
    assert acts(tours, network) == [
        (2, "correct", "sending"),
        (2, "correct", "uncertain"),
        (2, "correct", "accepted"),
    ]
    assert tours.notices() == {}


def test_a_lost_correction_on_x_is_not_made_again_before_it_must_have_been_visible(
    tours: TownHall,
) -> None:
    tours.sandbox.fault("x", "drop_before")
    with pytest.raises(Uncertain):
        correct(tours, "x", "Visite le 4 mars")
    with pytest.raises(RefusedCommand, match="not known yet"):
        correct(tours, "x", "Visite le 4 mars")
    tours.clock.wait(QUARTER)
    correct(tours, "x", "Visite le 5 mars")
    assert shown(tours, "x") == ["Visite le 5 mars"]
    assert acts(tours, "x") == [
        (2, "correct", "sending"),
        (2, "correct", "uncertain"),
        (2, "correct", "not_sent"),
        (3, "correct", "sending"),
        (3, "correct", "accepted"),
    ]


def test_a_lost_correction_on_linkedin_is_simply_made_again(tours: TownHall) -> None:
    tours.sandbox.fault("linkedin", "drop_before", route="correct")
    with pytest.raises(NoAnswer):
        correct(tours, "linkedin", "Visite le 4 mars")
    correct(tours, "linkedin", "Visite le 5 mars")
    assert shown(tours, "linkedin") == ["Visite le 5 mars"]


def test_a_lost_correction_is_found_even_when_there_is_no_time_left_for_another(
    tours: TownHall,
) -> None:
    tours.sandbox.fault("x", "drop_after")
    with pytest.raises(Uncertain):
        correct(tours, "x", "Visite le 4 mars")
    before = tours.post("visite", "x").remote_id
    tours.clock.wait(timedelta(hours=2))
    late = tours.app.corrections.considered(tours.post("visite", "x"), "Visite le 5 mars")
    assert late.post.text.startswith("Visite le 4 mars")
    assert late.post.remote_id != before
    assert "within an hour" in str(late.hindrance)


def test_a_lost_correction_can_be_taken_back(tours: TownHall) -> None:
    tours.sandbox.fault("linkedin", "drop_after", route="correct")
    with pytest.raises(NoAnswer):
        correct(tours, "linkedin", "Visite le 4 mars")
    correct(tours, "linkedin", "Visite le 3 mars")
    assert shown(tours, "linkedin") == ["Visite le 3 mars"]


def test_a_found_correction_is_not_the_last_word_when_another_is_given(tours: TownHall) -> None:
    tours.sandbox.fault("x", "drop_after")
    with pytest.raises(Uncertain):
        correct(tours, "x", "Visite le 4 mars")
    correct(tours, "x", "Visite le 5 mars")
    assert shown(tours, "x") == ["Visite le 5 mars"]
    assert [line[2] for line in acts(tours, "x")][-2:] == ["sending", "accepted"]
    assert len(tours.sandbox.posts("x")) == 3


def test_a_correction_that_was_killed_before_its_call_is_looked_for(tours: TownHall) -> None:
    """What a kill leaves between the ledger's line and the call: a line that says sending."""
    post = tours.post("visite", "linkedin")
    text = {"text": f"Visite le 4 mars\n\n{MARK}"}
    assert tours.app.store.deeds.begin(post, "correct", Message("New text: {text}", text))
    with pytest.raises(RefusedCommand, match="just now"):
        correct(tours, "linkedin", "Visite le 4 mars")
    tours.clock.wait(timedelta(minutes=5))
    correct(tours, "linkedin", "Visite le 4 mars")
    assert shown(tours, "linkedin") == ["Visite le 4 mars"]
    assert acts(tours, "linkedin") == [
        (2, "correct", "sending"),
        (2, "correct", "uncertain"),
        (2, "correct", "not_sent"),
        (3, "correct", "sending"),
        (3, "correct", "accepted"),
    ]


def test_two_who_correct_at_once_do_not_mix(tours: TownHall) -> None:
    work = tours.app.corrections
    one = work.considered(tours.post("visite", "linkedin"), "Visite le 4 mars")
    other = work.considered(tours.post("visite", "linkedin"), "Visite le 5 mars")
    work.correct(one)
    with pytest.raises(RefusedCommand):
        work.correct(other)
    assert shown(tours, "linkedin") == ["Visite le 4 mars"]


# a correcting post


def test_a_correcting_post_goes_out_as_an_announcement_of_its_own(tours: TownHall) -> None:
    tours.clock.wait(timedelta(hours=2))
    work = tours.app.corrections
    correction = work.considered(tours.post("visite", "x"), "Rectificatif : visite le 4 mars")
    queued = work.say_anew(correction)
    assert (queued.announcement, queued.account) == ("visite-correction", "x-fr")
    assert (queued.due, queued.state) == (tours.clock.now(), PostState.QUEUED)
    tours.work()
    assert shown(tours, "x") == ["Rectificatif : visite le 4 mars", "Visite le 3 mars"]
    assert shown(tours, "linkedin") == ["Visite le 3 mars"]
    again = work.say_anew(work.considered(tours.post("visite", "x"), "Encore"))
    assert again.announcement == "visite-correction-2"
