"""The networks' own truth, and what they let out of it: faults, lags, refusals of what repeats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import BinaryIO

from bot.attached import Media
from bot.errors import (
    AccountBlocked,
    MediaError,
    NetworkError,
    NotReady,
    NotSent,
    Refused,
    Throttled,
    Uncertain,
)
from bot.metrics import Metrics
from bot.model import Post, Published, RemotePost
from bot.outcome import VISIBLE_WITHIN
from tests.simulation.world import Killed, Machine, Process, World

#: Within this time X "refuses what repeats"; not documented, hours to about a day.
REPEATED_WITHIN = 20 * 3600.0


class Sort(Enum):
    """What a network lets out of itself."""

    #: Gives an account's posts back; says of a repetition only that it is one. As X does.
    READABLE = "x"
    #: Gives them back, and names what is repeated. As LinkedIn does for a page.
    NAMING = "page"
    #: Gives nothing back, but names what is repeated. As LinkedIn does for a member.
    BLIND = "member"


#: What may go wrong with a call before the network has stored the post, and after.
BEFORE = ("refused", "unreachable", "429", "401", "5xx before", "time-out before")
AFTER = ("5xx after", "time-out after", "response lost")
#: What may go wrong while files go up: nothing of it has published anything.
WITH_FILES = ("upload fails", "upload refused", "at work on a file", "file is gone")
#: A sender was killed after its request left the machine: it arrives all the same.
ON_THE_WIRE = "killed with the request on the wire"
LAGS = "read-back lags"
LOOK_FAILS = "look fails"


@dataclass(frozen=True, slots=True)
class Shown:
    """A post that is out, as the network knows it. Seconds since the start of the run.

    `asked_at` is when the call was made: what lies between is on the way.
    """

    remote_id: str
    text: str
    post_id: int
    asked_at: float
    at: float
    visible_at: float
    has_its_files: bool


@dataclass(slots=True)
class Truth:
    """What one account has out, and how its network is in this run."""

    account: str
    sort: Sort
    refuses_repetition: bool
    trouble: float
    trouble_until: float
    shown: list[Shown] = field(default_factory=list)

    def visible(self, text: str, seconds: float) -> list[Shown]:
        """What a person sees there at *seconds* that carries *text*."""
        return [one for one in self.shown if one.text == text and one.visible_at <= seconds]


def connected(truth: Truth, world: World) -> SimulatedNetwork:
    """The network as one process has it."""
    return (BlindNetwork if truth.sort is Sort.BLIND else ReadableNetwork)(truth, world)


class SimulatedNetwork:
    """A network that publishes into its truth. A Network."""

    source = "a simulation"
    api_version = "1"

    def __init__(self, truth: Truth, world: World) -> None:
        self._truth = truth
        self._world = world
        #: The posts whose files are up.
        self._up: set[int] = set()

    def upload(
        self, post: Post, opened: Callable[[Media], BinaryIO], alive: Callable[[], None]
    ) -> None:
        """Send the files of *post* ahead, in pieces that take their time."""
        world = self._world
        for file in post.attached.files:
            try:
                opened(file)
            except MediaError:
                world.faults["file is gone"] += 1
                raise
            for _piece in range(world.random.randint(1, 4)):
                alive()
                world.pause(world.random.choice((0.1, 5.0, 200.0)))
                self._fail_to_upload()
        alive()
        self._up.add(post.id)

    def publish(self, post: Post) -> Published:
        world, truth = self._world, self._truth
        asked_at = world.seconds
        try:
            world.pause()  # behind the last check, before the wire
        except Killed:
            self._may_arrive(post, asked_at)
            raise
        fault = self._fault()
        if fault in BEFORE:
            world.pause(self._latency(fault))
            raise self._error(fault)
        twin = self._repeated(post.text)
        if twin:
            world.pause(self._latency())
            named = twin.remote_id if truth.sort is not Sort.READABLE else ""
            raise Uncertain("It is out already.", repeats=True, duplicate_of=named, status=422)
        shown = self._store(post, asked_at)
        world.pause(self._latency(fault))
        if fault:
            raise Uncertain("Nobody knows.")
        return Published(shown.remote_id, "", world.instant(shown.at), status=201)

    def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, Metrics]:
        return {}

    def _is_in_trouble(self) -> bool:
        """Sometimes, and surely if nothing else has gone wrong yet: no run is without a fault."""
        world, truth = self._world, self._truth
        in_trouble = world.random.random() < truth.trouble or not world.faults
        return world.seconds <= truth.trouble_until and in_trouble

    def _fail_to_upload(self) -> None:
        """Raise what a network may say of a file, sometimes."""
        world = self._world
        if not self._is_in_trouble():
            return
        fault = world.random.choice(("upload fails", "upload fails", *WITH_FILES[1:3]))
        world.faults[fault] += 1
        match fault:
            case "upload fails":
                raise NotSent("The line is down.")
            case "upload refused":
                raise Refused("Not this file.", status=400)
            case _:
                retry_at = world.now() + timedelta(minutes=world.random.choice((1, 20)))
                raise NotReady("It looks at the file.", retry_at=retry_at)

    def _may_arrive(self, post: Post, asked_at: float) -> None:
        """Its sender was killed: a request that has left the machine goes its way alone."""
        world = self._world
        if world.is_over or world.random.random() < 0.5:
            return
        world.faults[ON_THE_WIRE] += 1
        wire = Process(Machine(), mortal=False)
        after = world.random.choice((0.1, 2.0, 60.0, 300.0))
        world.spawn(wire, lambda: self._arrive(post, asked_at), after)

    def _arrive(self, post: Post, asked_at: float) -> None:
        if not self._repeated(post.text):
            self._store(post, asked_at)

    def _fault(self) -> str:
        """What goes wrong with this call, or ""."""
        world = self._world
        if not self._is_in_trouble():
            return ""
        fault = world.random.choice(BEFORE + AFTER + AFTER)
        world.faults[fault] += 1
        return fault

    def _error(self, fault: str) -> NetworkError:
        match fault:
            case "refused":
                return Refused("No.", status=400)
            case "unreachable":
                return NotSent("The line is down.")
            case "429":
                wait = timedelta(minutes=self._world.random.choice((1, 15, 200)))
                return Throttled("Wait.", retry_at=self._now() + wait, status=429)
            case "401":
                return AccountBlocked("Sign in.", status=401)
            case _:
                return Uncertain("Nobody knows.", status=503)

    def _now(self) -> datetime:
        """By the network's own clock."""
        return self._world.instant(self._world.seconds)

    def _latency(self, fault: str = "") -> float:
        return 60.0 if fault.startswith("time-out") else 0.1 + 3 * self._world.random.random() ** 4

    def _repeated(self, text: str) -> Shown | None:
        if not self._truth.refuses_repetition:
            return None
        since = self._world.seconds - REPEATED_WITHIN
        return next((one for one in self._truth.shown if one.text == text and one.at > since), None)

    def _store(self, post: Post, asked_at: float) -> Shown:
        world, truth = self._world, self._truth
        # It is shown at once, a while later, or at the very end of what is promised.
        lag = world.random.choice((0.0, 0.0, 0.0, 90.0, 600.0, 1e9))
        latest = asked_at + VISIBLE_WITHIN.total_seconds()
        visible_at = max(world.seconds, min(world.seconds + lag, latest))
        if visible_at > world.seconds:
            world.faults[LAGS] += 1
        remote_id = f"{truth.account}-{len(truth.shown) + 1}"
        has_its_files = not post.attached.files or post.id in self._up
        shown = Shown(
            remote_id, post.text, post.id, asked_at, world.seconds, visible_at, has_its_files
        )
        truth.shown.append(shown)
        return shown


class BlindNetwork(SimulatedNetwork):
    """A network that gives nothing back, and knows where what it names is. A Placer."""

    def address_of(self, remote_id: str) -> str:
        return ""


class ReadableNetwork(SimulatedNetwork):
    """A network that gives its posts back, late and not always. A Finder."""

    def recent(self, since: datetime) -> Sequence[RemotePost]:
        world, truth = self._world, self._truth
        world.pause(self._latency())
        if world.seconds < truth.trouble_until and world.random.random() < truth.trouble / 2:
            world.faults[LOOK_FAILS] += 1
            raise NotSent("The line is down.")
        seen = [
            RemotePost(one.remote_id, "", one.text, world.instant(one.at))
            for one in truth.shown
            if one.visible_at <= world.seconds
        ]
        world.pause(self._latency())
        return [one for one in reversed(seen) if one.at >= since]

    def same_text(self, post: Post, remote: RemotePost) -> bool:
        return post.text == remote.text
