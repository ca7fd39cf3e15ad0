"""What came of a town hall whose daemons were killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields

#: The point of posts that no kill had in hand.
UNKILLED = "in no hand that was killed"


@dataclass(frozen=True)
class Tally:
    """Counted by the point of the kill: kills, those of them while the network held a request of
    that daemon, and what became of the posts that it had in hand. The rest counts all posts."""

    kills: Counter[str] = field(default_factory=Counter)
    on_the_wire: Counter[str] = field(default_factory=Counter)
    uncertain: Counter[str] = field(default_factory=Counter)
    doubles: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    posts: int = 0
    for_a_person: int = 0
    not_reached: int = 0

    def __add__(self, other: Tally) -> Tally:
        names = [one.name for one in fields(self)]
        return Tally(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def is_broken(self) -> bool:
        """Whether the promise was."""
        return bool(self.doubles.total() or self.losses.total())

    def lines(self, points: Sequence[str]) -> Iterator[str]:
        """A table: a line for each of *points*, and their sum."""
        counted = (self.kills, self.on_the_wire, self.uncertain, self.doubles, self.losses)
        yield "   kills  on the wire  uncertain  doubles  losses"
        rows = [(point, [counts[point] for counts in counted]) for point in (*points, UNKILLED)]
        for name, row in [*rows, ("in all", [counts.total() for counts in counted])]:
            if any(row):
                kills, wire, *left = row
                yield f"{kills:8}{wire:13}{left[0]:11}{left[1]:9}{left[2]:8}  {name}"
