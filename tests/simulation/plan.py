"""What a seed lays down before a run begins: accounts, posts, limits, how bad the networks are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from bot.attached import NOTHING_ATTACHED, Attached, Media, Sort
from bot.lateness import Verdict
from bot.model import Account, Announcement, Campaign, Kind, PlannedPost
from bot.pace import Limits
from bot.read_back import CLOCKS_DIFFER
from tests.fakes import PlainRules
from tests.simulation import network
from tests.simulation.network import Truth
from tests.simulation.world import START

CAMPAIGN = Campaign(
    slug="c",
    names={},
    hashtag="A",
    countries=(),
    languages=("fr",),
    zones=("Europe/Paris",),
    spacing_minutes=0,
    accounts={},
    partners={},
    kinds={
        late.value: Kind(late.value, {}, {}, frozenset(), {}, late=late.value) for late in Verdict
    },
)
#: What becomes of posts that are late; none of that name: a person is asked.
_KINDS = (*CAMPAIGN.kinds, "news")
#: What a post costs where it costs something.
PRICE = Decimal("0.01")


class PricedRules(PlainRules):
    """Rules of a network that takes money for each post."""

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal | None:
        return PRICE


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: `daemons` at work on `queued`, on the accounts of `truths`.

    A backup is made at `backup_at` (seconds; None: none) and put back at `restore_at`, or when
    somebody next comes by. `skews` are how far the clocks of the machines are ahead, the person's
    the last.
    """

    daemons: int
    truths: Mapping[str, Truth]
    queued: Sequence[tuple[Announcement, tuple[PlannedPost, ...]]]
    limits: Limits
    rules: PlainRules
    trouble_until: float
    skews: Sequence[float]
    backup_at: float | None = None
    restore_at: float = 0.0

    def limits_of(self, account: str) -> Limits:
        """What *account* may do: every second member on a network that names what repeats has what
        is lost sent once more."""
        truth = self.truths[account]
        opted_in = truth.sort is network.Sort.BLIND and truth.refuses_repetition and self.posts % 2
        return (
            replace(self.limits, resend_within=timedelta(minutes=10)) if opted_in else self.limits
        )

    @property
    def campaign(self) -> Campaign:
        """With the accounts of this run."""
        return replace(CAMPAIGN, accounts={slug: account_called(slug) for slug in self.truths})

    @property
    def posts(self) -> int:
        return sum(len(posts) for _announcement, posts in self.queued)


def account_called(slug: str) -> Account:
    return Account(slug, slug, slug, slug, ("fr",), "Europe/Paris", ())


def plan_of(random: Random) -> Plan:
    trouble_until = random.choice((3600.0, 3 * 3600.0, 8 * 3600.0))
    trouble = random.choice((0.15, 0.3, 0.5))
    truths = {
        sort.value: Truth(sort.value, sort, random.random() < 0.5, trouble, trouble_until)
        for sort in random.sample(tuple(network.Sort), k=random.choice((1, 2, 2, 3)))
    }
    has_price = random.random() < 0.2
    daemons = random.choice((2, 2, 2, 3, 4))
    backup_at = random.random() * trouble_until / 2 if random.random() < 0.15 else None
    return Plan(
        daemons=daemons,
        truths=truths,
        queued=_queued(random, tuple(truths)),
        limits=_limits(random, has_price=has_price),
        rules=PricedRules() if has_price else PlainRules(),
        trouble_until=trouble_until,
        skews=_skews(random, daemons + 1),
        backup_at=backup_at,
        restore_at=(backup_at or 0.0) + random.random() * trouble_until / 2,
    )


def _skews(random: Random, machines: int) -> list[float]:
    """Right clocks, or such as differ from the networks' by as much as they may."""
    if random.random() < 0.5:
        return [0.0] * machines
    most = CLOCKS_DIFFER.total_seconds() - 1
    return [random.uniform(-most, most) for _machine in range(machines)]


def _queued(
    random: Random, accounts: tuple[str, ...]
) -> list[tuple[Announcement, tuple[PlannedPost, ...]]]:
    """At least six posts: single ones, twins with the same text, and a thread."""
    queued: list[tuple[Announcement, tuple[PlannedPost, ...]]] = []
    most = random.randint(6, 8)
    count = 0
    while count < most:
        number = len(queued) + 1
        planned = _planned(random, number, random.choice(accounts), random.random())
        queued.append((announcement_of(number, random.choice(_KINDS)), planned))
        count += len(planned)
        if random.random() < 0.15:
            [*_others, (_one, (first, *_rest))] = queued
            twin = _post(random, first.account, first.text)
            queued.append((announcement_of(number + 1), (twin,)))
            count += 1
    return queued


def _planned(random: Random, number: int, account: str, chance: float) -> tuple[PlannedPost, ...]:
    first = _post(random, account, f"#A {number}")
    if chance > 0.12:
        return (first,)
    return tuple(
        PlannedPost(
            account, account, "fr", f"#A {number}.{part}", first.due, first.valid_until, part=part
        )
        for part in range(random.randint(2, 3))
    )


def _post(random: Random, account: str, text: str) -> PlannedPost:
    due = START + timedelta(seconds=random.choice((0, 0, 30, 300, 1200, 3000)))
    valid_until = None
    if random.random() < 0.2:
        valid_until = due + timedelta(seconds=random.choice((60, 900, 7200, 20000)))
    return PlannedPost(account, account, "fr", text, due, valid_until, _attached(random))


def _attached(random: Random) -> Attached:
    """A picture, sometimes; now and then one that is not kept any more."""
    if random.random() > 0.25:
        return NOTHING_ATTACHED
    name = "gone" if random.random() < 0.05 else "flag"
    return Attached(media=(Media(name, Sort.PICTURE, "image/jpeg", 1),))


def announcement_of(number: int, kind: str = "ask") -> Announcement:
    return Announcement(
        slug=f"a{number}",
        campaign=CAMPAIGN.slug,
        kind=kind,
        facts={},
        texts={},
        partners=(),
        link="",
        at=None,
        valid_until=None,
    )


def _limits(random: Random, *, has_price: bool) -> Limits:
    if random.random() < 0.5 and not has_price:
        return Limits()
    return Limits(
        gap=timedelta(seconds=random.choice((0, 60, 600))),
        catch_up_gap=timedelta(seconds=random.choice((0, 300))),
        posts_a_day=random.choice((0, 0, 0, 4)),
        budget=int(random.choice((5, 20)) * PRICE * 1_000_000) if has_price else None,
    )
