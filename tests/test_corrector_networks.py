"""Corrections on a network that has no edit, no deletion, or whose client has a fault."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.clock import RehearsalClock
from bot.corrector import Corrections
from bot.db.store import Store
from bot.errors import NotSent, RefusedCommand
from bot.model import Campaign, Post, Published
from bot.outcome import accepted
from bot.purse import Purse
from tests.announcements_sample import announcement, planned
from tests.conftest import START
from tests.fakes import FakeNetwork, PlainRules, begin, claimed


class Editable(FakeNetwork):
    """A network that corrects in place; `wrong` is raised by the next corrections."""

    corrections = None
    renames = False

    def __init__(self, clock: RehearsalClock) -> None:
        super().__init__(clock)
        self.wrong: list[BaseException] = []

    def hindrance(self, post: Post) -> None:
        return None

    def correct(self, post: Post, text: str) -> Any:
        raise self.wrong.pop(0)


def corrections(
    campaign: Campaign, store: Store, clock: RehearsalClock, network: object
) -> tuple[Corrections, Post]:
    """Corrections on *network*, and a post that is out there."""
    queued = [(announcement(campaign, "visite"), [planned("x-fr", START)])]
    (post_id,) = store.queue.add(queued)[0]
    [post] = claimed(store, campaign.slug, "me", timedelta(minutes=5))
    begin(store, post, "me")
    store.ledger.record(post, accepted(Published("r-1", "https://x.com/1", START)), "me")
    rules = PlainRules()
    work = Corrections(
        campaign,
        store,
        clock,
        lambda _account: network,  # type: ignore[arg-type,return-value]
        lambda _name: rules,
        str.upper,
        Purse(store, clock),
    )
    return work, store.queue.post(post_id)


def test_a_network_that_cannot_edit_is_said_so(
    campaign: Campaign, store: Store, clock: RehearsalClock
) -> None:
    work, post = corrections(campaign, store, clock, FakeNetwork(clock))
    correction = work.considered(post, "Autre")
    assert str(correction.hindrance) == "X has no way to change a post that is out."
    assert correction.rule is None


def test_a_network_that_cannot_delete_is_said_so(
    campaign: Campaign, store: Store, clock: RehearsalClock
) -> None:
    work, post = corrections(campaign, store, clock, object())
    with pytest.raises(RefusedCommand, match="X lets Pavois delete nothing"):
        work.delete(post)


def test_a_fault_of_pavois_itself_leaves_a_correction_unknown(
    campaign: Campaign, store: Store, clock: RehearsalClock
) -> None:
    network = Editable(clock)
    work, post = corrections(campaign, store, clock, network)
    network.wrong = [RuntimeError("a fault"), NotSent("Down.")]
    with pytest.raises(RuntimeError):
        work.correct(work.considered(post, "Autre"))
    last = store.ledger.attempts(post.id)[-1]
    assert (last.act, last.state.value) == ("correct", "uncertain")
    with pytest.raises(NotSent):
        work.correct(work.considered(store.queue.post(post.id), "Autre"))
    assert store.ledger.attempts(post.id)[-1].state.value == "not_sent"
