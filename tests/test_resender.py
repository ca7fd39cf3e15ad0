"""What nobody can look for is sent once more, once: found by what the network says, or a person's.

The network is a list that shows nothing, and for ten minutes names what repeats.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.attached import Attached, Media, Sort
from bot.clock import RehearsalClock
from bot.db.store import Store
from bot.errors import (
    AccountBlocked,
    ConfigError,
    NotSent,
    Refused,
    StoreError,
    Throttled,
    Uncertain,
)
from bot.invariants import faults
from bot.model import RESEND, Campaign, Post, PostState
from bot.networks.base import Network, Placer
from bot.outcome import put_off
from bot.pace import Limits
from bot.publisher import LEASE, Lookups, Publisher
from bot.resender import Resender, Resent
from bot.senders import InTurn
from bot.words import Message
from tests.announcements_sample import MARK, announcement, planned
from tests.conftest import START
from tests.fakes import (
    BlindNetwork,
    FakeNetwork,
    MemberNetwork,
    PlainRules,
    claimed,
    next_wake_up,
    opened,
    settler_of,
)
from tests.postgres import ON_SQLITE

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OPTED_IN = Limits(resend_within=10 * MINUTE)
ASKED = "Pavois tried by itself to send it once more, and it is still not known whether it is out: "
LOOK = " Look yourself, then: pavois queue settle"
ASKED_AT_ONCE = "It may be out, and this network does not let Pavois look."


class OneByAccount(InTurn[Resent]):
    """Takes jobs for several accounts, one for each."""

    @property
    def free(self) -> int:
        return 9

    def start(self, account: str, job: Callable[[], Resent]) -> None:
        assert account not in self.busy
        super().start(account, job)


class DearRules(PlainRules):
    """Every post costs a cent."""

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal:
        return Decimal("0.01")


class Process:
    """What a daemon does: send once more, settle, publish."""

    def __init__(self, desk: Desk, store: Store) -> None:
        lookups = Lookups(desk.network_of, desk.rules_of, opened, desk.limits_of)
        campaign, clock = desk.campaign, desk.clock
        self.resender = Resender(campaign, store, clock, lookups, InTurn())
        self.settler = settler_of(campaign, store, clock, desk.network_of)
        self.publisher = Publisher(campaign, store, clock, lookups, InTurn())

    def turn(self) -> dict[int, PostState]:
        done = self.resender.resend_due()
        done += [*self.settler.settle(), *self.publisher.publish_due()]
        return {post.id: state for post, state in done}


@dataclass
class Desk:
    """An account that opted in, its network, and a clock that the test moves."""

    campaign: Campaign
    store: Store
    clock: RehearsalClock
    limits: Limits = OPTED_IN
    rules: PlainRules = field(default_factory=PlainRules)

    def __post_init__(self) -> None:
        self.network: BlindNetwork = MemberNetwork(self.clock)
        self.process = Process(self, self.store)

    def network_of(self, _account: str) -> Network:
        return self.network

    def rules_of(self, _network: str) -> PlainRules:
        return self.rules

    def limits_of(self, account: str) -> Limits:
        return self.limits if account == "linkedin-fr" else Limits()

    def queue(self, slug: str = "visite", **changes: object) -> int:
        post = planned("linkedin-fr", self.clock.now(), **changes)
        return self.store.queue.add([(announcement(self.campaign, slug), [post])])[0][0]

    def lose(self, *, is_out: bool, slug: str = "visite", **changes: object) -> int:
        """Queue a post whose answer is lost."""
        number = self.queue(slug, **changes)
        (self.network.after if is_out else self.network.before).append(Uncertain("No answer."))
        assert self.process.turn() == {number: PostState.UNCERTAIN}
        return number

    def wait(self, time: timedelta) -> None:
        self.clock.advance_to(self.clock.now() + time)

    def work(self) -> None:
        """A day: a turn every two minutes while a repetition may be known, then every six hours."""
        begun = self.clock.now()
        while self.clock.now() < begun + 24 * HOUR:
            self.process.turn()
            self.wait(2 * MINUTE if self.clock.now() < begun + 12 * MINUTE else 6 * HOUR)

    def post(self, number: int = 1) -> Post:
        return self.store.queue.post(number)

    def trail(self, number: int = 1) -> list[tuple[int, str, str]]:
        lines = self.store.ledger.attempts(number)
        return [(line.number, line.act, line.state.value) for line in lines]

    def notices(self) -> list[str]:
        return [str(one.message) for one in self.store.journal.notices()]

    def is_sound(self) -> bool:
        return not faults(self.store.audit.book(), self.clock.now())


@pytest.fixture
def desk(campaign: Campaign, store: Store, clock: RehearsalClock) -> Desk:
    return Desk(replace(campaign, late_after=timedelta(days=9)), store, clock)


SENT = [(1, "publish", "prepared"), (1, "publish", "sending"), (1, "publish", "uncertain")]
BEGUN = [(2, RESEND, "prepared"), (2, RESEND, "sending")]


def left_to_a_person(desk: Desk, *, calls: int) -> bool:
    """A day later nothing else was tried, and she is asked to look."""
    tried: list[datetime] = []
    desk.network.meanwhile = lambda _post: tried.append(desk.clock.now())
    desk.work()
    asked = any("Look yourself" in one for one in desk.notices())
    state = desk.post().state
    return (len(tried), state, asked) == (calls, PostState.UNCERTAIN, True) and desk.is_sound()


def test_the_stand_in_does_what_the_contract_says(clock: RehearsalClock) -> None:
    network: Network = MemberNetwork(clock)
    assert isinstance(network, Placer)


# ── what the network answers ────────────────────────────────────────────────────────────────────


def test_a_post_that_is_out_is_named_by_the_network_and_not_out_twice(desk: Desk) -> None:
    desk.lose(is_out=True)
    assert desk.process.turn() == {}
    desk.wait(MINUTE)
    assert desk.process.turn() == {1: PostState.PUBLISHED}
    post, name = desk.post(), "linkedin-fr-1"
    assert (post.remote_id, post.url) == (name, f"https://network.example/{name}")
    assert (post.published_at, len(desk.network.out)) == (START, 1)
    assert desk.trail() == [*SENT, *BEGUN, (2, RESEND, "accepted")]
    last = desk.store.ledger.attempts(1)[-1]
    assert (last.remote_id, last.status) == (name, 422)
    assert "named the first one" in str(last.cause)
    assert desk.notices() == []
    assert desk.is_sound()


def test_a_post_that_is_not_out_goes_out(desk: Desk) -> None:
    desk.lose(is_out=False)
    desk.wait(MINUTE)
    assert desk.process.turn() == {1: PostState.PUBLISHED}
    assert (desk.post().published_at, len(desk.network.out)) == (START + MINUTE, 1)
    assert desk.trail() == [*SENT, *BEGUN, (2, RESEND, "accepted")]
    assert desk.notices() == []
    assert desk.is_sound()


@ON_SQLITE
def test_without_being_asked_for_nothing_is_sent_once_more(desk: Desk) -> None:
    desk.limits = Limits()
    desk.lose(is_out=False)
    assert left_to_a_person(desk, calls=0)
    assert desk.notices()[0].startswith(ASKED_AT_ONCE)


@ON_SQLITE
def test_a_network_that_can_be_looked_at_is_looked_at(desk: Desk) -> None:
    desk.network = network = FakeNetwork(desk.clock)
    desk.lose(is_out=True)
    desk.wait(MINUTE)
    assert desk.process.turn() == {1: PostState.PUBLISHED}
    assert (len(network.looks), desk.trail()[-1]) == (1, (1, "publish", "accepted"))


@ON_SQLITE
def test_a_network_that_names_nothing_is_left_to_a_person(desk: Desk) -> None:
    desk.network = BlindNetwork(desk.clock)
    desk.lose(is_out=True)
    assert left_to_a_person(desk, calls=0)


ENDS: list[Callable[[], BaseException]] = [
    lambda: NotSent("Down."),
    lambda: Refused("Too long."),
    lambda: Uncertain("No answer."),
    lambda: Uncertain("It is out already.", repeats=True),
    lambda: Throttled("Wait.", retry_at=START + 5 * MINUTE),
    lambda: AccountBlocked("Sign in."),
    lambda: KeyError("a fault of our own"),
]


@ON_SQLITE
@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end()).__name__)
@pytest.mark.parametrize("is_out", [True, False])
def test_whatever_else_it_ends_in_a_person_decides_and_nothing_is_sent_again(
    desk: Desk, end: Callable[[], BaseException], is_out: bool
) -> None:
    desk.lose(is_out=is_out)
    desk.wait(MINUTE)
    desk.network.before = [end()]
    assert desk.process.turn() == {1: PostState.UNCERTAIN}
    assert desk.trail() == [*SENT, *BEGUN, (2, RESEND, "uncertain")]
    assert left_to_a_person(desk, calls=0)
    cause = desk.store.ledger.attempts(1)[-1].cause
    assert f"{ASKED}{cause}{LOOK}" in desk.notices()
    assert len(desk.network.out) == is_out


@ON_SQLITE
def test_a_blocked_account_is_held_as_by_any_other_call(desk: Desk) -> None:
    desk.lose(is_out=False)
    desk.wait(MINUTE)
    desk.network.before = [AccountBlocked("Sign in.")]
    desk.process.turn()
    held = {one.account: str(one.cause) for one in desk.store.ledger.accounts()}
    assert held["linkedin-fr"] == "Sign in."
    assert "Sign in." in desk.notices()


def test_what_is_another_posts_already_is_left_to_a_person(desk: Desk) -> None:
    desk.queue("un")
    desk.process.turn()
    desk.wait(2 * MINUTE)
    number = desk.queue("deux")
    desk.network.before = [Uncertain("No answer.")]
    desk.process.turn()
    desk.wait(MINUTE)
    assert desk.process.turn() == {number: PostState.UNCERTAIN}
    assert desk.trail(number)[-1] == (2, RESEND, "uncertain")
    (notice,) = desk.notices()
    assert notice == f"{ASKED}The network named a post that is another one's already.{LOOK}"
    desk.work()
    assert len(desk.network.out) == 1
    assert desk.is_sound()


@ON_SQLITE
@pytest.mark.parametrize(("found", "state"), [("42", "published"), ("", "published")])
def test_a_person_decides_and_then_it_is_a_post_like_any_other(
    desk: Desk, found: str, state: str
) -> None:
    desk.lose(is_out=False)
    desk.wait(MINUTE)
    desk.network.before = [NotSent("Down.")]
    desk.process.turn()
    desk.wait(15 * MINUTE)
    desk.process.settler.settle_by_hand(desk.post(), "https://…", found)
    assert desk.notices() == []
    if not found:
        assert desk.process.turn() == {1: PostState.PUBLISHED}
    assert (desk.post().state, len(desk.network.out)) == (state, not found)
    assert desk.is_sound()


@ON_SQLITE
def test_when_a_person_had_it_sent_again_it_may_be_sent_once_more_again(desk: Desk) -> None:
    desk.lose(is_out=False)
    desk.wait(MINUTE)
    desk.network.before = [NotSent("Down."), Uncertain("No answer.")]
    desk.process.turn()
    desk.wait(15 * MINUTE)
    desk.process.settler.settle_by_hand(desk.post(), "", "")
    assert desk.process.turn() == {1: PostState.UNCERTAIN}
    desk.wait(MINUTE)
    assert desk.process.turn() == {1: PostState.PUBLISHED}
    acts = [(number, act) for number, act, state in desk.trail() if state == "sending"]
    assert acts == [(1, "publish"), (2, RESEND), (3, "publish"), (4, RESEND)]
    assert len(desk.network.out) == 1
    assert desk.is_sound()


# ── when ────────────────────────────────────────────────────────────────────────────────────────


@ON_SQLITE
@pytest.mark.parametrize("minutes", [9, 10, 60])
def test_beyond_the_time_in_which_a_repetition_is_known_a_person_decides(
    desk: Desk, minutes: int
) -> None:
    desk.lose(is_out=True)
    desk.wait(minutes * MINUTE)
    assert left_to_a_person(desk, calls=0)
    assert desk.trail() == SENT


@ON_SQLITE
def test_a_machine_that_sleeps_right_before_the_wire_does_not_make_the_call(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the window the network would take the repetition for a new post."""
    desk.lose(is_out=True)
    desk.wait(6 * MINUTE)
    begin = desk.store.ledger.about_to_send

    def then_asleep(*given: Any, **named: Any) -> object:
        begun = begin(*given, **named)
        desk.wait(4 * MINUTE)  # less than a lease
        return begun

    monkeypatch.setattr(desk.store.ledger, "about_to_send", then_asleep)
    assert desk.process.turn() == {1: PostState.UNCERTAIN}
    assert desk.trail() == [*SENT, *BEGUN, (2, RESEND, "uncertain")]
    assert left_to_a_person(desk, calls=0)
    assert len(desk.network.out) == 1
    assert "asleep" in desk.notices()[0]


def test_it_keeps_its_distance_and_its_place_among_the_accounts_posts(desk: Desk) -> None:
    desk.limits = replace(OPTED_IN, gap=2 * MINUTE)
    desk.lose(is_out=True)
    desk.wait(MINUTE)
    desk.queue("forum", text=f"Autre {MARK}")
    assert desk.process.turn() == {}
    assert next_wake_up(desk.store, "campaign") == START + 2 * MINUTE
    desk.wait(MINUTE)
    assert desk.process.turn() == {1: PostState.PUBLISHED}
    desk.wait(2 * MINUTE)
    assert desk.process.turn() == {2: PostState.PUBLISHED}
    assert desk.notices() == []


@ON_SQLITE
@pytest.mark.parametrize(
    "limits", [{"gap": 9 * MINUTE}, {"posts_a_day": 1}], ids=lambda one: next(iter(one))
)
def test_what_may_not_go_in_time_is_left_to_a_person_at_once(
    desk: Desk, limits: dict[str, Any]
) -> None:
    desk.limits = replace(OPTED_IN, **limits)
    desk.lose(is_out=True)
    desk.wait(MINUTE)
    assert desk.process.turn() == {}
    assert len(desk.notices()) == 1
    assert left_to_a_person(desk, calls=0)


def test_while_the_account_has_another_post_in_hand_it_waits(desk: Desk) -> None:
    desk.lose(is_out=True)
    desk.queue("forum", text=f"Autre {MARK}")
    desk.wait(MINUTE)
    (other,) = claimed(desk.store, sender="somebody")
    assert desk.process.turn() == {}
    assert desk.notices() == []
    desk.store.ledger.record(other, put_off(Message("Later."), other, START + HOUR), "somebody")
    desk.wait(MINUTE)
    assert desk.process.turn() == {1: PostState.PUBLISHED}
    assert len(desk.network.out) == 1


def test_an_account_that_was_told_to_wait_waits(desk: Desk) -> None:
    desk.lose(is_out=True)
    other = desk.queue("forum", text=f"Autre {MARK}")
    desk.network.before = [Throttled("Wait.", retry_at=START + 5 * MINUTE)]
    desk.process.turn()
    for _minute in range(4):
        desk.wait(MINUTE)
        assert desk.process.turn() == {}
    desk.wait(MINUTE)
    assert desk.process.turn() == {1: PostState.PUBLISHED, other: PostState.PUBLISHED}


def test_a_held_account_sends_nothing_once_more(desk: Desk) -> None:
    desk.lose(is_out=True)
    desk.queue("forum", text=f"Autre {MARK}")
    desk.network.before = [AccountBlocked("Sign in.")]
    desk.process.turn()
    assert left_to_a_person(desk, calls=0)
    assert desk.trail() == SENT


@ON_SQLITE
def test_an_account_that_cannot_be_connected_sends_nothing_once_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.lose(is_out=True)

    def fails(_self: object, _account: str) -> Network:
        raise ConfigError("No key.")

    monkeypatch.setattr(Desk, "network_of", fails)
    desk.process = Process(desk, desk.store)
    desk.work()
    assert (desk.trail(), desk.notices()) == (SENT, ["No key."])


# ── what holds for every call ───────────────────────────────────────────────────────────────────


def test_nothing_is_sent_once_more_while_all_is_stopped(desk: Desk) -> None:
    desk.lose(is_out=True)
    desk.store.brake.stop("Deuil national", "mairie")
    assert left_to_a_person(desk, calls=0)
    assert desk.trail() == SENT


def test_a_stop_that_comes_right_before_the_call_is_heard(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.lose(is_out=True)
    claim = desk.store.resends.claim_again

    def then_stopped(*given: Any) -> Post | None:
        claimed = claim(*given)
        desk.store.brake.stop("Deuil national", "mairie")
        return claimed

    monkeypatch.setattr(desk.store.resends, "claim_again", then_stopped)
    desk.wait(MINUTE)
    assert desk.process.turn() == {1: PostState.UNCERTAIN}
    assert desk.trail() == [*SENT, BEGUN[0], (2, RESEND, "uncertain")]
    assert left_to_a_person(desk, calls=0)


@ON_SQLITE
def test_it_stays_within_the_months_budget(desk: Desk) -> None:
    desk.rules = DearRules()
    desk.limits = replace(OPTED_IN, budget=10_000)
    desk.lose(is_out=True)
    desk.wait(MINUTE)
    assert desk.process.turn() == {1: PostState.UNCERTAIN}
    assert left_to_a_person(desk, calls=0)
    assert "budget" in desk.notices()[0]


@ON_SQLITE
def test_what_has_stopped_being_true_is_not_sent_once_more(desk: Desk) -> None:
    desk.lose(is_out=False, valid_until=START + timedelta(seconds=30))
    assert left_to_a_person(desk, calls=0)
    assert desk.trail() == SENT


@ON_SQLITE
def test_what_shows_a_picture_is_left_to_a_person(desk: Desk) -> None:
    """Another process must send the picture anew, and it is another one then for the network."""
    picture = Media("0" * 64, Sort.PICTURE, "image/jpeg", 1)
    desk.lose(is_out=True, attached=Attached(media=(picture,)))
    assert left_to_a_person(desk, calls=0)


@ON_SQLITE
def test_stopping_ends_it_between_two_posts(desk: Desk) -> None:
    desk.lose(is_out=True)
    desk.wait(MINUTE)
    assert desk.process.resender.resend_due(lambda: True) == []
    assert desk.trail() == SENT


# ── crashes ─────────────────────────────────────────────────────────────────────────────────────


class PowerCut(BaseException):
    """The machine is switched off."""


@contextmanager
def power_cut() -> Iterator[None]:
    with pytest.raises(PowerCut):
        yield


def _cut(*_given: object, **_named: object) -> Any:
    raise PowerCut


def _cut_after(act: Callable[..., object]) -> Callable[..., Any]:
    def cut(*given: object, **named: object) -> Any:
        act(*given, **named)
        raise PowerCut

    return cut


#: Where the process ends: what is cut, whether it was done, how far the ledger came, calls made.
CUTS = [
    pytest.param("claim_again", False, 0, 0, id="before the claim"),
    pytest.param("claim_again", True, 1, 0, id="claimed"),
    pytest.param("about_to_send", False, 1, 0, id="before the call is written down"),
    pytest.param("about_to_send", True, 2, 0, id="the call is written down"),
    pytest.param("publish", False, 2, 0, id="on the way"),
    pytest.param("publish", True, 2, 1, id="out, and not told"),
    pytest.param("record", False, 2, 1, id="told, and not written down"),
]


@pytest.mark.parametrize(("what", "is_done", "lines", "calls"), CUTS)
def test_a_crash_leaves_it_to_a_person(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    is_done: bool,
    lines: int,
    calls: int,
) -> None:
    desk.lose(is_out=False)
    desk.wait(MINUTE)
    store = desk.store
    parts = {"claim_again": store.resends, "publish": desk.network}
    part = parts.get(what, store.ledger)
    with monkeypatch.context() as patched:
        act = getattr(part, what)
        patched.setattr(part, what, _cut_after(act) if is_done else _cut)
        with power_cut():
            desk.process.turn()
    assert desk.trail() == [*SENT, *BEGUN[:lines]]
    assert len(desk.network.out) == calls
    desk.process = Process(desk, store)
    if lines:
        assert left_to_a_person(desk, calls=0)
        assert desk.trail() == [*SENT, *BEGUN[:lines], (2, RESEND, "uncertain")]
        assert desk.notices()[0].startswith(ASKED)
    else:
        assert desk.process.turn() == {1: PostState.PUBLISHED}
    assert len(desk.network.out) <= 1
    assert desk.is_sound()


@ON_SQLITE
def test_a_crash_after_all_is_written_down_is_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.lose(is_out=True)
    desk.wait(MINUTE)
    with monkeypatch.context() as patched:
        patched.setattr(desk.store.ledger, "record", _cut_after(desk.store.ledger.record))
        with power_cut():
            desk.process.turn()
    desk.process = Process(desk, desk.store)
    assert desk.process.turn() == {}
    assert (desk.post().state, len(desk.network.out)) == (PostState.PUBLISHED, 1)


@ON_SQLITE
@pytest.mark.parametrize("what", ["claim_again", "about_to_send", "record"])
def test_a_database_that_fails_sends_nothing_twice_and_a_person_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    desk.lose(is_out=True)
    desk.wait(MINUTE)

    def fails(*_given: object, **_named: object) -> Any:
        raise StoreError("The disk is full.")

    part: Any = desk.store.resends if what == "claim_again" else desk.store.ledger
    with monkeypatch.context() as broken:
        broken.setattr(part, what, fails)
        with pytest.raises(StoreError):
            desk.process.resender.resend_due()
    desk.wait(10 * MINUTE)
    assert left_to_a_person(desk, calls=0)
    assert len(desk.network.out) == 1


@ON_SQLITE
def test_what_the_network_says_after_the_lease_is_still_written_down(desk: Desk) -> None:
    desk.lose(is_out=False)
    desk.wait(MINUTE)

    def slow(_post: Post) -> None:
        desk.wait(LEASE)
        assert [state for _one, state in desk.process.settler.settle()] == [PostState.UNCERTAIN]

    desk.network.meanwhile = slow
    assert desk.process.resender.resend_due()[0][1] == PostState.PUBLISHED
    assert (desk.post().remote_id, len(desk.network.out)) == ("linkedin-fr-1", 1)
    assert desk.notices() == []
    assert desk.is_sound()


@ON_SQLITE
def test_of_an_account_one_call_is_made_at_a_time_even_when_it_outlasts_its_lease(
    desk: Desk,
) -> None:
    desk.lose(is_out=False)
    desk.wait(timedelta(seconds=50))
    desk.lose(is_out=False, slug="forum", text=f"Autre {MARK}")
    desk.wait(MINUTE)
    lookups = Lookups(desk.network_of, desk.rules_of, opened, desk.limits_of)
    resender = Resender(desk.campaign, desk.store, desk.clock, lookups, OneByAccount())

    def slow(_post: Post) -> None:
        desk.network.meanwhile = lambda _post: None
        desk.wait(LEASE)
        desk.process.settler.settle()

    desk.network.meanwhile = slow
    assert [post.id for post, _state in resender.resend_due()] == [1, 2]
    assert {desk.post(number).state for number in (1, 2)} == {PostState.PUBLISHED}
    assert len(desk.network.out) == 2


@ON_SQLITE
def test_who_lost_the_post_writes_nothing_over_it(desk: Desk) -> None:
    desk.lose(is_out=True)
    desk.wait(MINUTE)

    def slow(_post: Post) -> None:
        desk.wait(LEASE)
        desk.process.settler.settle()
        desk.process.settler.settle_by_hand(desk.post(), "https://…", "by-hand")

    desk.network.before = [NotSent("Down.")]
    desk.network.meanwhile = slow
    assert desk.process.resender.resend_due() == []
    assert (desk.post().state, desk.post().remote_id) == (PostState.PUBLISHED, "by-hand")
    assert desk.is_sound()


# ── several daemons ─────────────────────────────────────────────────────────────────────────────


def test_of_two_daemons_at_once_one_sends_it_once_more(
    desk: Desk, open_store: Callable[[], Store]
) -> None:
    calls: list[int] = []
    desk.lose(is_out=False)
    desk.network.meanwhile = lambda post: calls.append(post.id)
    desk.wait(MINUTE)
    daemons = [Process(desk, open_store()) for _ in range(3)]
    threads = [threading.Thread(target=one.turn) for one in daemons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (calls, len(desk.network.out)) == ([1], 1)
    assert desk.post().state == PostState.PUBLISHED
    assert desk.is_sound()


@ON_SQLITE
def test_whoever_settles_it_meanwhile_is_not_overruled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.lose(is_out=True)
    desk.wait(MINUTE)
    claim = desk.store.resends.claim_again

    def too_late(*given: Any) -> Post | None:
        desk.process.settler.settle_by_hand(desk.post(), "https://…", "linkedin-fr-1")
        return claim(*given)

    monkeypatch.setattr(desk.store.resends, "claim_again", too_late)
    assert desk.process.turn() == {}
    assert desk.trail() == [*SENT, (1, "publish", "accepted")]


@ON_SQLITE
def test_a_sender_that_lost_its_lease_before_the_call_does_not_make_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.lose(is_out=True)
    desk.wait(MINUTE)
    claim = desk.store.resends.claim_again

    def asleep(*given: Any) -> Post | None:
        claimed = claim(*given)
        desk.wait(LEASE)
        return claimed

    monkeypatch.setattr(desk.store.resends, "claim_again", asleep)
    assert desk.process.turn() == {1: PostState.UNCERTAIN}
    assert desk.trail() == [*SENT, BEGUN[0], (2, RESEND, "uncertain")]
    assert left_to_a_person(desk, calls=0)
