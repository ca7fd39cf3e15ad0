"""What is queued is changed whole or not at all, whatever a daemon does at the same moment."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.attached import Attached, Media, Sort
from bot.changes import Change, steps
from bot.clock import RehearsalClock
from bot.composer import Composer
from bot.db.claims import Begun
from bot.db.store import Store
from bot.editor import Editor, Proposal
from bot.errors import NotSent, Refused, RefusedCommand, RenderError
from bot.media.store import MediaStore
from bot.model import Announcement, Campaign, PlannedPost, Post, PostState, Published
from bot.outcome import accepted, failed
from tests.announcements_sample import announcement, planned
from tests.conftest import START
from tests.fakes import PageList, PageNotes, PlainRules, begin, claimed

LEASE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

FRENCH = "La délégation de Suwon visite la mairie de Tours ce mercredi matin."
MENDED = "La délégation de Suwon visite la mairie de Tours ce jeudi matin, à dix heures."
KOREAN = "수원시 대표단이 투르시를 방문합니다."


class Watchful(PlainRules):
    """A network that forbids repetition, and takes threads."""

    forbids_repetition = True
    has_threads = True


@pytest.fixture
def make(store: Store, clock: RehearsalClock, tmp_path: Path) -> Callable[..., Editor]:
    def made(campaign: Campaign, store: Store = store) -> Editor:
        rules = {"x": Watchful(), "linkedin": PlainRules()}
        titles = {"x": "X", "linkedin": "LinkedIn"}
        composer = Composer(
            campaign,
            rules.__getitem__,
            titles.__getitem__,
            MediaStore(tmp_path / "shelf"),
            PageNotes(),
            PageList(),
        )
        return Editor(campaign, store, clock, composer, rules.__getitem__, titles.__getitem__)

    return made


@pytest.fixture
def editor(make: Callable[..., Editor], campaign: Campaign) -> Editor:
    return make(campaign)


def visit(campaign: Campaign, at: datetime | None = START + HOUR, **texts: str) -> Announcement:
    """The announcement of a visit, in the languages of *texts*."""
    return replace(announcement(campaign, "visite", texts=texts or {"fr": FRENCH}, facts={}), at=at)


def live(store: Store) -> dict[int, Post]:
    posts = store.queue.posts("campaign")
    return {post.id: post for post in posts if post.state != PostState.CANCELLED}


def words(post: Post) -> str:
    return post.text.partition("\n")[0]


def claim(store: Store) -> Post:
    [post] = claimed(store)
    return post


def publish(store: Store) -> Post:
    post = claim(store)
    assert begin(store, post, "me")
    out = Published(f"x-{post.id}", "https://x.example/1", START, "r", 201)
    assert store.ledger.record(post, accepted(out), "me")
    return post


def changed(store: Store, proposal: Proposal) -> dict[int, Post]:
    store.queue.change(proposal.change)
    return live(store)


# ── what changes ────────────────────────────────────────────────────────────────────────────────


def test_changed_posts_keep_their_number_and_say_the_new_words(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    editor.queue([visit(campaign)], ["fr"])
    before = live(store)
    after = changed(store, editor.change(visit(campaign, fr=MENDED), ["fr"]))
    assert after.keys() == before.keys()
    assert {words(post) for post in after.values()} == {MENDED}
    assert {post.due for post in after.values()} == {START + HOUR}


def test_a_language_that_was_written_later_is_added(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    editor.queue([visit(campaign)], ["fr"])
    before = live(store)
    whole = visit(campaign, fr=FRENCH, ko=KOREAN)
    after = changed(store, editor.change(whole, ["fr", "ko"]))
    assert {number: after[number] for number in before} == before, "the French stays as it is"
    (korean,) = [post for post in after.values() if post.language == "ko"]
    assert (words(korean), korean.account, korean.due) == (KOREAN, "x-ko", START + HOUR)
    assert store.queue.is_known(whole)


def test_a_language_that_is_not_named_stays_as_it_is(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    editor.queue([visit(campaign, fr=FRENCH, ko=KOREAN)], ["fr", "ko"])
    after = changed(store, editor.change(visit(campaign, fr=MENDED), ["fr"]))
    assert sorted(words(post) for post in after.values()) == sorted([MENDED, MENDED, KOREAN])


def test_an_account_that_is_left_out_now_does_not_publish_it(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    editor.queue([visit(campaign)], ["fr"])
    on_x = replace(visit(campaign), accounts=("x-fr",))
    after = changed(store, editor.change(on_x, ["fr"]))
    assert {post.account for post in after.values()} == {"x-fr"}
    assert len(store.queue.posts("campaign", states=[PostState.CANCELLED])) == 1


def test_what_was_cancelled_comes_back_and_is_said_to(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    (done,) = editor.queue([visit(campaign)], ["fr"])
    store.queue.cancel(done.ids[:1])
    proposal = editor.change(visit(campaign, fr=MENDED), ["fr"])
    assert [step.returns for step in proposal.change.steps if step.before is None] == [True]
    assert len(changed(store, proposal)) == 2


def test_a_thread_that_grows_shorter_ends_earlier(
    make: Callable[..., Editor], campaign: Campaign, store: Store
) -> None:
    accounts = {
        slug: replace(one, threads=slug == "x-fr") for slug, one in campaign.accounts.items()
    }
    editor = make(replace(campaign, accounts=accounts))
    sentences = " ".join(f"Voici la phrase numéro {number} du programme." for number in range(16))
    long = replace(visit(campaign, fr=sentences), accounts=("x-fr",))
    editor.queue([long], ["fr"])
    before = live(store)
    assert [post.part for post in before.values()] == [0, 1, 2]
    short = replace(visit(campaign, fr=FRENCH), accounts=("x-fr",))
    (left,) = changed(store, editor.change(short, ["fr"])).values()
    assert (left.id, left.part, words(left)) == (min(before), 0, FRENCH)


def test_files_and_words_change_together(store: Store, campaign: Campaign, editor: Editor) -> None:
    editor.queue([replace(visit(campaign), accounts=("x-fr",))], ["fr"])
    (one,) = live(store).values()
    picture = Attached(media=(Media("bb", Sort.PICTURE, "image/jpeg", 9),))
    anew = planned(one.account, one.due, text="Anew", attached=picture)
    store.queue.change(change_of(store, [one], [anew]))
    after = store.queue.post(one.id)
    assert (after.text, after.attached) == ("Anew", picture)


@pytest.mark.parametrize("state", ["held", "failed", "expired"])
def test_what_is_held_failed_or_expired_waits_again_and_its_notice_is_answered(
    state: str, editor: Editor, campaign: Campaign, store: Store, clock: RehearsalClock
) -> None:
    end = START + 2 * HOUR
    editor.queue([replace(visit(campaign), accounts=("x-fr",), valid_until=end)], ["fr"])
    clock.advance_to(START + HOUR)
    post = claim(store)
    outcome = failed(Refused("It refused it."), post, clock.now())
    store.ledger.record(post, replace(outcome, post=PostState(state)), "me")
    assert len(store.journal.notices()) == 1
    clock.advance_to(end + MINUTE)
    mended = replace(visit(campaign, end + HOUR, fr=MENDED), accounts=("x-fr",))
    (after,) = changed(store, editor.change(mended, ["fr"])).values()
    assert (after.id, after.state, after.due, after.next_try, after.failures) == (
        post.id,
        PostState.QUEUED,
        end + HOUR,
        end + HOUR,
        0,
    )
    assert store.journal.notices() == []


# ── when ────────────────────────────────────────────────────────────────────────────────────────


def test_a_post_keeps_its_slot_when_only_the_words_change(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    other = announcement(campaign, "forum", texts={"fr": "Un forum à Issy."}, facts={})
    editor.queue([visit(campaign, None), other], ["fr"])
    due = {number: post.due for number, post in live(store).items()}
    after = changed(store, editor.change(visit(campaign, None, fr=MENDED), ["fr"]))
    assert {number: post.due for number, post in after.items()} == due


def test_a_post_that_was_moved_stays_where_it_was_moved_to(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    editor.queue([visit(campaign)], ["fr"])
    moved = changed(store, editor.move("visite", START + DAY, None, remaining=False))
    after = changed(store, editor.change(visit(campaign, fr=MENDED), ["fr"]))
    assert {post.due for post in after.values()} == {START + DAY}
    assert after.keys() == moved.keys()


def test_a_new_hour_is_taken_over(editor: Editor, campaign: Campaign, store: Store) -> None:
    editor.queue([visit(campaign)], ["fr"])
    after = changed(store, editor.change(visit(campaign, START + 2 * HOUR), ["fr"]))
    assert {(post.due, post.next_try) for post in after.values()} == {(START + 2 * HOUR,) * 2}


def test_an_hour_that_has_passed_stays_where_nobody_changes_it(
    editor: Editor, campaign: Campaign, store: Store, clock: RehearsalClock
) -> None:
    editor.queue([visit(campaign)], ["fr"])
    clock.advance_to(START + 2 * HOUR)
    after = changed(store, editor.change(visit(campaign, fr=MENDED), ["fr"]))
    assert {post.due for post in after.values()} == {START + HOUR}
    with pytest.raises(RefusedCommand, match="has passed"):
        editor.change(visit(campaign, START + MINUTE), ["fr"])


def test_moving_keeps_the_distance_between_the_languages(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    editor.queue([visit(campaign, fr=FRENCH, en="Suwon visits Tours.")], ["fr", "en"])
    before = live(store)
    after = changed(store, editor.move("visite", START + DAY, None, remaining=False))
    assert {after[number].due - post.due for number, post in before.items()} == {DAY - HOUR}
    assert min(post.due for post in after.values()) == START + DAY


def test_one_post_is_moved_alone(editor: Editor, campaign: Campaign, store: Store) -> None:
    editor.queue([visit(campaign)], ["fr"])
    one, other = live(store).values()
    after = changed(store, editor.move("visite", START + DAY, other, remaining=False))
    assert (after[one.id].due, after[other.id].due) == (START + HOUR, START + DAY)


def test_moving_beyond_the_end_of_what_is_true_or_into_the_past_is_refused(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    editor.queue([replace(visit(campaign), valid_until=START + 2 * HOUR)], ["fr"])
    with pytest.raises(RefusedCommand, match="after the end of its validity"):
        editor.move("visite", START + 3 * HOUR, None, remaining=False)
    with pytest.raises(RefusedCommand, match=r"has passed\. Give a later hour"):
        editor.move("visite", START - MINUTE, None, remaining=False)


def test_moving_to_the_hour_of_another_post_is_advice(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    other = replace(
        announcement(campaign, "forum", texts={"fr": "Un forum à Issy."}, facts={}),
        at=START + DAY,
        accounts=("x-fr",),
    )
    editor.queue([visit(campaign), other], ["fr"])
    (said,) = editor.move("visite", START + DAY, None, remaining=False).advice
    assert str(said).startswith("x-fr has another post at that time: 2023-02-21 08:30 Paris")


# ── what is refused ─────────────────────────────────────────────────────────────────────────────


def test_what_would_not_be_queued_is_not_changed_to_either(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    forum = announcement(campaign, "forum", texts={"fr": "Un forum à Issy."}, facts={})
    editor.queue([visit(campaign), replace(forum, at=START + DAY)], ["fr"])
    before = live(store)
    with pytest.raises(RenderError, match=r"says the same \(100%\)"):
        editor.change(visit(campaign, fr="Un forum à Issy."), ["fr"])
    with pytest.raises(RefusedCommand, match="not written yet in: ko"):
        editor.change(visit(campaign, fr=MENDED), ["fr", "ko"])
    editor.change(visit(campaign, fr=f"{FRENCH} "), ["fr"])  # It may repeat itself.
    assert live(store) == before


def test_what_is_not_in_the_queue_cannot_be_changed(
    editor: Editor, campaign: Campaign, store: Store
) -> None:
    with pytest.raises(RefusedCommand, match="no announcement visite in the queue"):
        editor.change(visit(campaign), ["fr"])
    (done,) = editor.queue([visit(campaign)], ["fr"])
    store.queue.cancel(done.ids)
    with pytest.raises(RefusedCommand, match="no announcement visite in the queue"):
        editor.move("visite", START + DAY, None, remaining=False)


def test_when_one_is_out_only_the_rest_is_changed_and_only_when_that_is_asked_for(
    editor: Editor, campaign: Campaign, store: Store, clock: RehearsalClock
) -> None:
    editor.queue([visit(campaign)], ["fr"])
    clock.advance_to(START + HOUR)
    out = publish(store)
    whole = visit(campaign, fr=MENDED)
    with pytest.raises(RefusedCommand, match=rf"post {out.id} \(x-fr, fr\) is out\. .*--remaining"):
        editor.change(whole, ["fr"])
    after = changed(store, editor.change(whole, ["fr"], remaining=True))
    assert {post.account: words(post) for post in after.values()} == {
        "x-fr": FRENCH,
        "linkedin-fr": MENDED,
    }


def test_a_post_that_only_sends_its_files_so_far_has_begun(
    editor: Editor, campaign: Campaign, store: Store, clock: RehearsalClock
) -> None:
    editor.queue([visit(campaign)], ["fr"])
    proposal = editor.change(visit(campaign, fr=MENDED), ["fr"])
    clock.advance_to(START + HOUR)
    claim(store)
    for refused in (
        lambda: editor.change(visit(campaign, fr=MENDED), ["fr"]),
        lambda: editor.move("visite", START + DAY, None, remaining=False),
        lambda: store.queue.change(proposal.change),
    ):
        with pytest.raises(RefusedCommand, match="is being sent at this moment: try again"):
            refused()
    assert {words(post) for post in live(store).values()} == {FRENCH}


@pytest.mark.parametrize("what", ["tried", "cancelled", "changed", "added"])
def test_what_changed_while_somebody_was_looking_is_not_written_over(
    what: str, editor: Editor, campaign: Campaign, store: Store, clock: RehearsalClock
) -> None:
    editor.queue([visit(campaign)], ["fr"])
    proposal = editor.change(visit(campaign, fr=MENDED), ["fr"])
    clock.advance_to(START + HOUR)
    if what == "tried":
        post = claim(store)
        store.ledger.record(post, failed(NotSent("No line."), post, clock.now()), "me")
    elif what == "cancelled":
        store.queue.cancel([next(iter(live(store)))])
    elif what == "changed":
        store.queue.change(editor.move("visite", START + DAY, None, remaining=False).change)
    else:
        whole = visit(campaign, fr=FRENCH, ko=KOREAN)
        store.queue.change(editor.change(replace(whole, at=START + DAY), ["ko"]).change)
    before = live(store)
    with pytest.raises(RefusedCommand, match="changed while you were looking"):
        store.queue.change(proposal.change)
    assert live(store) == before


def test_nothing_is_left_to_move(
    editor: Editor, campaign: Campaign, store: Store, clock: RehearsalClock
) -> None:
    editor.queue([replace(visit(campaign), accounts=("x-fr",))], ["fr"])
    clock.advance_to(START + HOUR)
    publish(store)
    with pytest.raises(RefusedCommand, match="Nothing of visite is left"):
        editor.move("visite", START + DAY, None, remaining=True)


def test_cancelling_a_thread_that_has_begun_ends_it_after_what_is_out(
    store: Store, campaign: Campaign
) -> None:
    thread = [planned("x-fr", START, part=part) for part in (0, 1, 2)]
    (ids,) = store.queue.add([(announcement(campaign, "visite"), thread)])
    first = claim(store)
    assert store.queue.cancel(ids) == ids[1:]
    assert begin(store, first, "me") is Begun.YES
    out = Published("x-1", "https://x.example/1", START, "r", 201)
    assert store.ledger.record(first, accepted(out), "me")
    assert claimed(store) == []
    assert [store.queue.post(number).state for number in ids] == [
        PostState.PUBLISHED,
        PostState.CANCELLED,
        PostState.CANCELLED,
    ]


# ── two at once ─────────────────────────────────────────────────────────────────────────────────

ROUNDS = 150
OLD = ("The old words.", Attached(media=(Media("aa", Sort.PICTURE, "image/jpeg", 9),)))
NEW = ("The new words.", Attached(media=(Media("bb", Sort.PICTURE, "image/jpeg", 9),)))


def said(post: Post) -> tuple[str, Attached]:
    return post.text, post.attached


def change_of(store: Store, before: list[Post], after: list[PlannedPost]) -> Change:
    """What makes *after* of *before*, all that is alive of one announcement."""
    seen = frozenset(post.id for post in before)
    return Change(before[0].announcement, "campaign", None, seen, steps(before, after))


class Race:
    """A sender and a person at the same posts, one post a round, each with its own connection.

    The sender lets somebody else go first now and then, in rounds that a seed chooses; in the
    first two rounds one of the two is surely the first.
    """

    def __init__(self, open_store: Callable[[], Store], clock: RehearsalClock) -> None:
        self.sender, self.person = open_store(), open_store()
        self.clock = clock
        self.sent: dict[int, tuple[str, Attached]] = {}

    def queued(self, campaign: Campaign) -> list[Post]:
        """A post for each round, due one after the other."""
        batch = [
            (
                announcement(campaign, f"round-{number}"),
                [planned("x-fr", START + number * MINUTE, text=OLD[0], attached=OLD[1])],
            )
            for number in range(ROUNDS)
        ]
        self.person.queue.add(batch)
        return self.person.queue.posts("campaign")

    def send(self) -> None:
        for post in claimed(self.sender):
            if begin(self.sender, post, "me") is Begun.YES:
                self.sent[post.id] = said(post)
                out = Published(f"x-{post.id}", "", self.clock.now())
                assert self.sender.ledger.record(post, accepted(out), "me")

    def run(self, posts: list[Post], touch: Callable[[Post], bool]) -> list[bool]:
        """Whether the person was told, in each round, that it was done."""
        chance = random.Random(4)
        done = []
        for number, post in enumerate(posts):
            self.clock.advance_to(post.due)
            first = {0: 0.05, 1: -0.05}.get(number, chance.uniform(-0.002, 0.002))
            sending = threading.Thread(target=self._later, args=(max(first, 0),))
            sending.start()
            time.sleep(max(-first, 0))
            done.append(touch(post))
            sending.join()
        return done

    def _later(self, seconds: float) -> None:
        time.sleep(seconds)
        self.send()


def test_what_was_cancelled_never_leaves_and_what_leaves_was_told_to_be_too_late(
    open_store: Callable[[], Store], clock: RehearsalClock, campaign: Campaign
) -> None:
    race = Race(open_store, clock)
    posts = race.queued(campaign)
    done = race.run(posts, lambda post: race.person.queue.cancel([post.id]) == (post.id,))
    assert True in done
    assert False in done
    for post, cancelled in zip(posts, done, strict=True):
        states = [line.state for line in race.person.ledger.attempts(post.id)]
        now = race.person.queue.post(post.id)
        if cancelled:
            assert (now.state, states, post.id in race.sent) == (PostState.CANCELLED, [], False)
        else:
            assert (now.state, said(now), race.sent[post.id]) == (PostState.PUBLISHED, OLD, OLD)


def test_what_goes_out_is_all_new_when_it_was_changed_and_all_old_when_it_was_refused(
    open_store: Callable[[], Store], clock: RehearsalClock, campaign: Campaign
) -> None:
    race = Race(open_store, clock)
    posts = race.queued(campaign)

    def changed_to_new(post: Post) -> bool:
        after = planned("x-fr", post.due, text=NEW[0], attached=NEW[1])
        try:
            race.person.queue.change(change_of(race.person, [post], [after]))
        except RefusedCommand:
            return False
        return True

    done = race.run(posts, changed_to_new)
    race.clock.advance_to(posts[-1].due + HOUR)
    for _left in posts:
        race.send()
    assert True in done
    assert False in done
    for post, changed_it in zip(posts, done, strict=True):
        now = race.person.queue.post(post.id)
        assert now.state == PostState.PUBLISHED
        assert said(now) == race.sent[post.id] == (NEW if changed_it else OLD)


Beat = Callable[[int], None]


@pytest.fixture
def beaten(
    make: Callable[..., Editor],
    open_store: Callable[[], Store],
    campaign: Campaign,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> Beat:
    """Lets somebody else queue an announcement, so many times, whenever one was just planned."""
    rival, add = make(campaign, open_store()), store.queue.add

    def begin(times: int) -> None:
        rivals = [
            replace(
                announcement(campaign, f"rival-{number}", texts={"fr": FRENCH}, facts={}),
                accounts=("linkedin-fr",),
            )
            for number in range(times)
        ]

        def slower(
            batches: Iterable[tuple[Announcement, Iterable[PlannedPost]]],
        ) -> list[tuple[int, ...]]:
            if rivals:
                rival.queue([rivals.pop()], ["fr"])
            return add(batches)

        monkeypatch.setattr(store.queue, "add", slower)

    return begin


def test_somebody_quicker_takes_the_slot_and_the_next_one_is_taken(
    beaten: Beat, editor: Editor, campaign: Campaign, store: Store
) -> None:
    beaten(3)
    (done,) = editor.queue(
        [announcement(campaign, "forum", texts={"fr": "Un forum."}, facts={})], ["fr"]
    )
    assert len(done.ids) == 2
    assert len({(post.account, post.due) for post in live(store).values()}) == len(live(store)) == 5


def test_somebody_who_is_always_slower_is_told(
    beaten: Beat, editor: Editor, campaign: Campaign
) -> None:
    beaten(10)
    with pytest.raises(RefusedCommand, match="Others are queueing announcements"):
        editor.queue([announcement(campaign, "forum", texts={"fr": "Un forum."}, facts={})], ["fr"])


def test_an_hour_that_somebody_chose_is_free_to_be_anothers_too(
    beaten: Beat, editor: Editor, campaign: Campaign, store: Store
) -> None:
    editor.queue([visit(campaign)], ["fr"])
    forum = announcement(campaign, "forum", texts={"fr": "Un forum à Issy."}, facts={})
    editor.queue([replace(forum, at=START + HOUR)], ["fr"])
    assert {post.due for post in live(store).values()} == {START + HOUR}


def test_a_slot_that_was_taken_while_somebody_was_looking_is_not_taken_again(
    make: Callable[..., Editor], editor: Editor, campaign: Campaign, store: Store
) -> None:
    editor.queue([visit(campaign, None)], ["fr"])
    proposal = editor.change(visit(campaign, None, fr=FRENCH, ko=KOREAN), ["ko"])
    korean = announcement(campaign, "forum", texts={"ko": "이시에서 포럼이 열립니다."}, facts={})
    make(campaign).queue([korean], ["ko"])
    with pytest.raises(RefusedCommand, match="changed while you were looking"):
        store.queue.change(proposal.change)
