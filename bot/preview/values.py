"""A preview as values: what the terminal, the page and programs are shown is the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.attached import Attached
from bot.compose.lint import Finding, Level
from bot.compose.repeats import Repetition, Verdict
from bot.compose.rules import Link
from bot.model import Account, Announcement, Rendering
from bot.words import N_, Message


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a text as people see it: `kind` is text, tag, link or mention."""

    words: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Price:
    """What a post costs, in dollars, and what it would without its link (None: it has none)."""

    dollars: Decimal
    without_link: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One text on one network in one language, for the accounts that publish it alike.

    `rendering` is None where it could not be made: `problem` says why. `texts` are the runs of it
    and of what follows it in a thread. `accidental` are links that nobody meant. `refusals` say why
    the network would not take it.
    """

    network: str
    title: str
    language: str
    accounts: tuple[Account, ...]
    rendering: Rendering | None = None
    problem: Message | None = None
    texts: tuple[tuple[Run, ...], ...] = ()
    links: tuple[Link, ...] = ()
    accidental: tuple[Link, ...] = ()
    refusals: tuple[Message, ...] = ()
    findings: tuple[Finding, ...] = ()
    repetitions: tuple[Repetition, ...] = ()
    price: Price | None = None
    aloud: str = ""

    @property
    def left(self) -> int:
        """How much of the network's limit is left."""
        return self.rendering.limit - self.rendering.length if self.rendering else 0

    @property
    def attached(self) -> Attached:
        return self.rendering.attached if self.rendering else Attached()

    @property
    def errors(self) -> tuple[Message, ...]:
        """Why it may not be queued as it is: the network would refuse it, or a rule does."""
        found = [_named(one) for one in self.findings if one.level is Level.ERROR]
        again = [one.message for one in self.repetitions if one.verdict is Verdict.SAME]
        return (*([self.problem] if self.problem else []), *self.refusals, *found, *again)

    @property
    def advice(self) -> tuple[Message, ...]:
        """What a person should look at, and may leave as it is; what does not go out first."""
        found = [_named(one) for one in self.findings if one.level is not Level.ERROR]
        again = [one.message for one in self.repetitions if one.verdict is Verdict.NEAR]
        made = self.rendering
        changed = (*made.cuts, *made.notes) if made else ()
        return (*changed, *found, *again)


def _named(finding: Finding) -> Message:
    """What a rule found, with the rule's name, by which a campaign can do without it."""
    return Message(N_("{problem} [{rule}]"), {"problem": finding.message, "rule": finding.code})


@dataclass(frozen=True, slots=True)
class Preview:
    """An announcement on every network and in every language in which it is complete."""

    announcement: Announcement
    missing: tuple[str, ...]
    sheets: tuple[Sheet, ...]

    @property
    def languages(self) -> Sequence[str]:
        return list(dict.fromkeys(sheet.language for sheet in self.sheets))

    @property
    def errors(self) -> tuple[Message, ...]:
        """Why it may not be queued as it is, each with the posts that it is about."""
        return self._placed(lambda sheet: sheet.errors)

    @property
    def advice(self) -> tuple[Message, ...]:
        """What a person should look at, each with the posts that it is about."""
        return self._placed(lambda sheet: sheet.advice)

    @property
    def price(self) -> Price | None:
        """What all its posts cost together, and would without its link; None: nothing."""
        prices = [(sheet.price, len(sheet.accounts)) for sheet in self.sheets if sheet.price]
        if not prices:
            return None
        dollars = sum((one.dollars * times for one, times in prices), Decimal())
        bare = sum(
            ((one.dollars if one.without_link is None else one.without_link) * times)
            for one, times in prices
        )
        return Price(dollars, Decimal(bare) if bare < dollars else None)

    def _placed(self, said_of: Callable[[Sheet], Sequence[Message]]) -> tuple[Message, ...]:
        """What is said of the sheets; what is said alike on several networks, once."""
        networks: list[tuple[str, Message, list[str]]] = []
        for sheet in self.sheets:
            for said in said_of(sheet):
                alike = (one for one in networks if one[:2] == (sheet.language, said))
                found = next(alike, (sheet.language, said, []))
                if not found[2]:
                    networks.append(found)
                if sheet.title not in found[2]:
                    found[2].append(sheet.title)
        return tuple(
            Message(
                N_("{slug} · {network} · {language}: {problem}"),
                {
                    "slug": self.announcement.slug,
                    "network": ", ".join(titles),
                    "language": language,
                    "problem": said,
                },
            )
            for language, said, titles in networks
        )

    def of(self, language: str) -> Sequence[Sheet]:
        """The sheets in *language*, one a network."""
        return [sheet for sheet in self.sheets if sheet.language == language]
