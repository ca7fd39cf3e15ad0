"""Never twice, never lost, never stale: whole lives of daemons by the hundred, and the proof that
the simulation would see it if it were otherwise. `benchmarks/faults.py` makes the long run."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from bot import outcome
from tests.simulation.bugs import BUGS, DOES_NOT_STOP
from tests.simulation.many import KINDS, batch
from tests.simulation.run import Under, run

#: Runs in which a deliberate bug must be found: seconds.
RUNS_TO_FIND = 600


def test_nothing_goes_out_twice_and_nothing_is_lost_on_the_model_store() -> None:
    tally = batch(0, 400)
    assert tally.failed == {}
    assert (tally.fewest_posts, tally.fewest_daemons) >= (6, 2)
    assert tally.fewest_faults >= 1


def test_nothing_goes_out_twice_and_nothing_is_lost_on_the_real_store() -> None:
    tally = batch(1000, 8, "real")
    assert tally.failed == {}
    assert tally.faults["kill in a transaction"]
    assert tally.faults["restored from an earlier backup"]


def test_everything_that_can_go_wrong_does_in_a_few_hundred_runs() -> None:
    # The rarest kind comes about once in 170 runs.
    faults = batch(400, 600).faults
    assert [kind for kind in KINDS["model"] if not faults[kind]] == []


def test_a_seed_alone_plays_the_same_run_again() -> None:
    first, again = run(7, tell=True), run(7, tell=True)
    assert first.faults == again.faults
    assert [line[:10] for line in first.told] == [line[:10] for line in again.told]
    assert first.told
    assert run(8).faults != first.faults


# ── the tester tested ───────────────────────────────────────────────────────────────────────────


def _first_double(under: Under | None) -> int:
    """The first seed whose run shows something twice."""
    for seed in range(RUNS_TO_FIND):
        if run(seed, under=under).verdict.doubles:
            return seed
    pytest.fail(f"not found in {RUNS_TO_FIND} runs")


@pytest.mark.parametrize("name", BUGS)
def test_a_deliberate_bug_is_found_within_seconds_and_its_seed_shows_it_alone(name: str) -> None:
    began = time.process_time()
    seed = _first_double(BUGS[name])
    assert time.process_time() - began < 10
    assert run(seed, under=BUGS[name]).verdict.doubles
    assert not run(seed).verdict.faults


def test_what_is_sent_while_all_is_stopped_is_found() -> None:
    found = (run(seed, under=DOES_NOT_STOP).verdict.others for seed in range(60))
    assert any("was sent while all was stopped" in wrong for others in found for wrong in others)


def test_absent_said_too_early_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "VISIBLE_WITHIN", timedelta(minutes=2))
    _first_double(None)


def test_a_post_that_nobody_comes_back_for_is_found_as_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "bot.settler.Settler._abandoned",
        lambda _settler, post: outcome.held(outcome._ABSENT, post.due),
    )
    losses = [run(seed).verdict.losses for seed in range(60)]
    assert any(losses)
