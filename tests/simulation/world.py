"""The hub: whose turn it is, what time it is, who is killed and who is stalled; all by a seed.

Each daemon and each of its senders is a greenlet. At every await of the outside (`pause`) it comes
back here, and the seed says who goes on. Time passes here only, when nobody can go on.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from greenlet import getcurrent, greenlet

START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
#: A clock does not stand still, however soon one looks again.
A_MOMENT = 0.001
#: More turns than any run needs: beyond it somebody turns in circles.
MOST_TURNS = 12_000
#: Mishaps come at one of so many awaits from the start: most of what happens happens then.
AWAITS = 260
#: So long a machine's clock stays wrong once it was set, at most; then it is set right.
WRONG_FOR = 7200.0
#: Statements of SQL within which a process may be killed.
STATEMENTS = 900


#: A process is killed, or asked to end; on the real store also within a transaction.
KILLS = ("kill", "asked to end")
IN_A_TRANSACTION = "kill in a transaction"
STALLS = ("stall", "stall past the lease")
#: A machine's clock is set wrong, by less than a day: no look goes further back.
#: Back, forward; later it is set right.
CLOCKS = ("clock set back for a while", "clock set forward for a while")
#: What may happen to a process at an await, and how often beside the others.
_MISHAPS = {"kill": 8, "stall": 6, "cut": 6, "end": 2, "clock": 1}


class Killed(BaseException):
    """The process ends here: nothing of it may act any more."""


class InCirclesError(Exception):
    """A run that does not come to an end."""


class Machine:
    """A machine's clock: *skew* seconds ahead, and for a while set wrong besides."""

    def __init__(self, skew: float = 0.0) -> None:
        self._skew = skew
        self._wrong_by = self._wrong_until = 0.0

    def set_wrong(self, by: float, until: float) -> None:
        self._wrong_by, self._wrong_until = by, until

    def ahead(self, seconds: float) -> float:
        """How far it is ahead at *seconds*."""
        return self._skew + (self._wrong_by if seconds < self._wrong_until else 0.0)


class Process:
    """A process of a machine: all of it is killed or stalled, never a part."""

    def __init__(self, machine: Machine, *, mortal: bool) -> None:
        self.machine = machine
        self.mortal = mortal
        #: Asked to end: it finishes the calls in hand.
        self.is_ending = False
        self.alive = True
        self.stalled_until = 0.0
        self.tasks: list[Task] = []


class Task:
    """A greenlet of a process. `turn` counts its turns, so that it is not woken twice."""

    def __init__(self, process: Process, work: Callable[[], None], hub: greenlet) -> None:
        self.process = process
        self.turn = 0
        self.is_cut = False
        self._work = work
        self.greenlet = greenlet(self._run, hub)

    def _run(self) -> None:
        try:
            self._work()
        except Killed:
            self.process.alive = False


class World:
    """Time, turns and mishaps. `faults` counts what went wrong on purpose, by kind."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.seconds = 0.0
        self.faults: Counter[str] = Counter()
        self.is_over = False
        #: Told when a process was killed.
        self.on_killed: Callable[[Process], None] = lambda _process: None
        #: Told of every call of the store: name, what it was given, what it gave.
        self.tell: Callable[[str, Any, Any], None] = lambda _name, _values, _result: None
        self._dozing: dict[Task, None] = {}
        self._mortals: dict[Process, None] = {}
        self._ends_all = False
        self._hub = getcurrent()
        self._ready: list[tuple[Task, int]] = []
        self._asleep: list[tuple[float, int, Task, int]] = []
        self._current: Task | None = None
        self._turns = self._statements = self._awaits = self._number = 0
        #: When a machine's clock was wrong: from, until.
        self.wrong_clocks: list[tuple[float, float]] = []
        kinds = random.choices(tuple(_MISHAPS), tuple(_MISHAPS.values()), k=random.randint(1, 5))
        self._mishaps = {random.randrange(AWAITS): kind for kind in kinds}
        self._killed_at_statement = random.randrange(2 * STATEMENTS)

    # ── a Clock ─────────────────────────────────────────────────────────────────────────────────

    def now(self) -> datetime:
        """What the clock says of the machine that asks."""
        task = self._current
        ahead = task.process.machine.ahead(self.seconds) if task else 0.0
        return START + timedelta(seconds=self.seconds + ahead)

    @staticmethod
    def instant(seconds: float) -> datetime:
        """What a right clock says *seconds* after the start."""
        return START + timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, span: timedelta) -> None:
        self.pause(span.total_seconds())

    # ── for what is outside ─────────────────────────────────────────────────────────────────────

    def spawn(self, process: Process, work: Callable[[], None], after: float = 0.0) -> Task:
        """Have *process* do *work* too, *after* so many seconds."""
        task = Task(process, work, self._hub)
        process.tasks.append(task)
        if process.mortal:
            self._mortals[process] = None
        self._sleep(task, after)
        return task

    def pause(self, seconds: float = 0.0) -> bool:
        """An await of the outside: others go on, and the process may be killed or stalled here.

        True: the connection that is waited for is cut.
        """
        task = self._current
        assert task is not None
        if not task.process.alive:
            raise Killed
        self._sleep(task, seconds)
        self._hub.switch()
        if not task.process.alive:
            raise Killed
        was_cut, task.is_cut = task.is_cut, False
        return was_cut

    def wake(self, task: Task) -> None:
        """Let *task* go on, whatever it waits for."""
        task.turn += 1
        self._sleep(task, 0.0)

    def doze(self, seconds: float) -> None:
        """Pause until then, or until `wake_all`."""
        self._dozing[self.current] = None
        self.pause(max(seconds, A_MOMENT))
        self._dozing.pop(self.current, None)

    def wake_all(self) -> None:
        """Somebody changed the queue: daemons that doze look at it."""
        for task in self._dozing:
            self.wake(task)
        self._dozing.clear()

    def kill_all(self) -> None:
        """Kill every process that can be; those that come after them have not begun yet."""
        self._ends_all = True
        self.pause()

    @property
    def current(self) -> Task:
        assert self._current is not None
        return self._current

    def statement(self) -> None:
        """A statement of SQL begins: the process may be killed, its transaction not ended."""
        self._statements += 1
        task = self._current
        if self._statements > self._killed_at_statement and task and task.process.mortal:
            self._killed_at_statement = 1 << 60
            self.faults[IN_A_TRANSACTION] += 1
            task.process.alive = False
            raise Killed

    # ── the hub ─────────────────────────────────────────────────────────────────────────────────

    def run(self, until: float) -> None:
        """Give turns until it `is_over`, nobody has anything to do, or *until* has come."""
        while not self.is_over and (self._ready or self._advance(until)):
            ready = self._ready
            place = int(self.random.random() * len(ready))
            ready[place], ready[-1] = ready[-1], ready[place]
            task, turn = ready.pop()
            if turn == task.turn and task.process.alive and not task.greenlet.dead:
                self._turn(task)
        self.is_over = True
        asleep = [task for _at, _number, task, _turn in self._asleep]
        for task in [*asleep, *(task for task, _turn in self._ready)]:
            self._end(task.process)

    def _turn(self, task: Task) -> None:
        process = task.process
        if process.stalled_until > self.seconds:
            self._sleep(task, process.stalled_until - self.seconds)
            return
        self._turns += 1
        if self._turns > MOST_TURNS:
            raise InCirclesError
        if process.mortal and not self._meets_a_mishap(task):
            return
        task.turn += 1
        self._current = task
        task.greenlet.switch()
        self._current = None
        if not process.alive:
            self.bury(process)
        if self._ends_all:
            self._ends_all = False
            for one in [*self._mortals]:
                self.bury(one)

    def _meets_a_mishap(self, task: Task) -> bool:
        """What the seed has in store for this turn; whether it goes on."""
        kind = self._mishaps.get(self._awaits)
        self._awaits += 1
        if kind == "kill":
            self.faults[KILLS[0]] += 1
            self.bury(task.process)
            return False
        if kind == "stall":
            span = self.random.choice((120.0, 310.0, 800.0, 1500.0, 4000.0))
            span *= 0.5 + self.random.random()
            self.faults[STALLS[span > 300]] += 1
            task.process.stalled_until = self.seconds + span
            self._sleep(task, span)
            return False
        if kind == "end" and not task.process.is_ending:
            self.faults[KILLS[1]] += 1
            task.process.is_ending = True
        if kind == "clock":
            self._set_clock(task.process.machine)
        task.is_cut = kind == "cut"
        return True

    def _set_clock(self, machine: Machine) -> None:
        """Somebody sets it wrong, and somebody (or the network's time) sets it right later."""
        by = self.random.choice((600.0, 3600.0, 43200.0)) * self.random.choice((-1, 1))
        until = self.seconds + self.random.random() * WRONG_FOR
        self.faults[CLOCKS[by > 0]] += 1
        machine.set_wrong(by, until)
        self.wrong_clocks.append((self.seconds, until))

    def was_wrong(self, since: float, until: float) -> bool:
        """Whether a machine's clock was wrong at some moment between the two."""
        return any(one <= until and since <= other for one, other in self.wrong_clocks)

    def bury(self, process: Process) -> None:
        """Kill *process*, wherever it is."""
        self._end(process)
        self.on_killed(process)

    def _end(self, process: Process) -> None:
        """Throw Killed into all that *process* is doing."""
        process.alive = False
        self._mortals.pop(process, None)
        for task in process.tasks:
            self._current = task
            if task.greenlet and not task.greenlet.dead:
                task.greenlet.throw(Killed)
        self._current = None
        process.tasks.clear()

    def _sleep(self, task: Task, seconds: float) -> None:
        if seconds <= 0:
            self._ready.append((task, task.turn))
        else:
            at = self.seconds + seconds
            # The number keeps the order of what is due at the same instant.
            self._number += 1
            heapq.heappush(self._asleep, (at, self._number, task, task.turn))

    def _advance(self, until: float) -> bool:
        """Go on to the next instant at which somebody wakes up; False if there is none."""
        asleep = self._asleep
        while asleep and not self._ready:
            at, _number, task, turn = heapq.heappop(asleep)
            if turn != task.turn or not task.process.alive:
                continue
            if at > until:
                return False
            self.seconds = max(self.seconds, at)
            self._ready.append((task, turn))
            while asleep and asleep[0][0] <= at:
                _at, _number, task, turn = heapq.heappop(asleep)
                self._ready.append((task, turn))
        return bool(self._ready)
