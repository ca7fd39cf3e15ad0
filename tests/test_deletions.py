"""Deleting what is out, through the real clients and the rehearsal networks."""

from __future__ import annotations

import pytest

from bot.errors import NoAnswer, RefusedCommand
from bot.model import PostState
from tests import test_corrector
from tests.story import NETWORKS, TownHall
from tests.test_corrector import acts, correct

#: The town hall of the corrections' tests.
tours = test_corrector.tours


@pytest.mark.parametrize("network", NETWORKS)
def test_a_deleted_post_is_gone_and_its_figures_stay(network: str, tours: TownHall) -> None:
    tours.app.collector.collect_now()
    post = tours.post("visite", network)
    assert tours.app.corrections.delete(post) == ()
    assert tours.shown(network) == []
    gone = tours.post("visite", network)
    assert (gone.state, gone.remote_id, gone.url) == (PostState.DELETED, post.remote_id, post.url)
    assert acts(tours, network) == [(2, "delete", "sending"), (2, "delete", "accepted")]
    assert tours.app.store.figures.snapshots([post.id])[post.id]


def test_a_corrected_post_on_x_is_deleted_with_its_versions(tours: TownHall) -> None:
    tours.app.corrections.delete(correct(tours, "x", "Visite le 4 mars"))
    assert tours.shown("x") == []
    assert all(post.deleted_at for post in tours.sandbox.posts("x"))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_deletion_whose_answer_is_lost_may_simply_be_repeated(
    network: str, tours: TownHall
) -> None:
    tours.sandbox.fault(network, "drop_after", route="delete")
    post = tours.post("visite", network)
    with pytest.raises(NoAnswer):
        tours.app.corrections.delete(post)
    assert tours.post("visite", network).state == PostState.PUBLISHED
    assert "Repeat it, which does no harm" in tours.notices()[f"post {post.id}"]
    tours.app.corrections.delete(tours.post("visite", network))
    assert tours.post("visite", network).state == PostState.DELETED
    assert tours.notices() == {}
    assert [state for _number, _act, state in acts(tours, network)] == [
        "sending",
        "uncertain",
        "sending",
        "accepted",
    ]


def test_a_second_deletion_of_the_same_post_is_refused(tours: TownHall) -> None:
    post = tours.post("visite", "x")
    tours.app.corrections.delete(post)
    with pytest.raises(RefusedCommand, match="deleted already"):
        tours.app.corrections.delete(post)
