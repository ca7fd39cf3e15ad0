"""From renderings to a preview: pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.attached import NOTHING_ATTACHED, Attached, Mention
from bot.compose.languages import missing
from bot.compose.links import accidental
from bot.compose.lint import Subject, lint
from bot.compose.reading import read_aloud
from bot.compose.repeats import Earlier, Repetition, repetitions
from bot.compose.rules import Rules
from bot.model import Account, Announcement, Campaign, Rendering
from bot.preview.values import Preview, Price, Run, Sheet
from bot.words import N_, Message


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of an announcement for one account in one language, or why nothing was."""

    account: Account
    language: str
    rendering: Rendering | None
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a preview is judged by beside the announcement.

    *earlier* are the posts, by network, that it must not repeat; *at* is when it goes out.
    """

    campaign: Campaign
    rules_of: Callable[[str], Rules]
    title_of: Callable[[str], str]
    earlier: Mapping[str, Sequence[Earlier]]
    at: datetime


def preview_of(announcement: Announcement, made: Iterable[Made], around: Surroundings) -> Preview:
    """The preview of *announcement*: one sheet for what several accounts publish alike."""
    sheets: list[Sheet] = []
    own: list[Earlier] = []
    for one in made:
        sheet = _sheet(one, around, own)
        if one.rendering:
            slug, account = announcement.slug, one.account.slug
            own += [
                Earlier(slug, account, one.language, text, around.at)
                for text in one.rendering.texts
            ]
        place = next((at for at, other in enumerate(sheets) if _alike(sheet, other)), None)
        if place is None:
            sheets.append(sheet)
        else:
            sheets[place] = _together(sheets[place], sheet)
    return Preview(announcement, missing(announcement, around.campaign), tuple(sheets))


def _alike(one: Sheet, other: Sheet) -> bool:
    return (one.network, one.language, one.rendering, one.problem) == (
        other.network,
        other.language,
        other.rendering,
        other.problem,
    )


def _together(one: Sheet, other: Sheet) -> Sheet:
    """What two accounts publish alike; what the second of them repeats is said too."""
    return replace(
        one,
        accounts=(*one.accounts, *other.accounts),
        repetitions=tuple(dict.fromkeys((*one.repetitions, *other.repetitions))),
    )


def _sheet(made: Made, around: Surroundings, own: Sequence[Earlier]) -> Sheet:
    account, rendering = made.account, made.rendering
    title = around.title_of(account.network)
    if rendering is None:
        return Sheet(account.network, title, made.language, (account,), problem=made.problem)
    rules = around.rules_of(account.network)
    texts = rendering.texts
    meant = [rendering.link] if rendering.link else []
    return Sheet(
        network=account.network,
        title=title,
        language=made.language,
        accounts=(account,),
        rendering=rendering,
        texts=tuple(tuple(runs(one, rules, rendering.attached.mentions)) for one in texts),
        links=tuple(link for one in texts for link in rules.links(one)),
        accidental=tuple(link for one in texts for link in accidental(one, rules, meant)),
        refusals=(
            *(refusal for one in texts for refusal in rules.refusals(one)),
            *_expired(rendering.attached, around),
        ),
        findings=tuple(
            finding
            for part in range(len(texts))
            for finding in lint(
                _subject(rendering, part, rules, around.campaign), around.campaign.lint_off
            )
        ),
        repetitions=tuple(_repetitions(made, around, own)) if rules.forbids_repetition else (),
        price=_price(rendering, rules),
        aloud="\n\n".join(read_aloud(one, made.language) for one in texts),
    )


def _expired(attached: Attached, around: Surroundings) -> Iterator[Message]:
    """The files that may not be shown any more when it goes out."""
    day = around.at.astimezone(ZoneInfo(around.campaign.zone)).date()
    for file in attached.files:
        if file.expires and file.expires < day:
            yield Message(
                N_("{file} may be shown until {expires} only: take another picture."),
                {"file": file.name, "expires": file.expires.isoformat()},
            )


def _repetitions(made: Made, around: Surroundings, own: Sequence[Earlier]) -> list[Repetition]:
    texts = made.rendering.texts if made.rendering else ()
    accounts = around.campaign.accounts
    network = made.account.network
    alike = [one for one in own if accounts[one.account].network == network]
    earlier = [*around.earlier.get(network, ()), *alike]
    return [
        found
        for text in texts
        for found in repetitions(text, made.language, made.account.slug, around.at, earlier)
    ]


def _subject(rendering: Rendering, part: int, rules: Rules, campaign: Campaign) -> Subject:
    """The text of *part* of a thread; what is attached stands beside the first."""
    attached = NOTHING_ATTACHED if part else rendering.attached
    handles = [
        partner.handles[rendering.network].name
        for partner in campaign.partners.values()
        if rendering.network in partner.handles
    ]
    return Subject(
        text=rendering.texts[part],
        language=rendering.language,
        rules=rules,
        hashtag=campaign.hashtag,
        countries=campaign.countries,
        attached=attached,
        link=rendering.link,
        file_names=[media.name for media in attached.files],
        handles=handles,
    )


def _price(rendering: Rendering, rules: Rules) -> Price | None:
    """What the whole thread costs, and what it would without its link."""
    described = sum(1 for media in rendering.attached.files if media.alt)
    prices = [
        rules.price(text, alt_texts=0 if part else described)
        for part, text in enumerate(rendering.texts)
    ]
    whole = [price for price in prices if price is not None]
    if not whole:
        return None
    bare = rendering.text.replace(rendering.link, "") if rendering.link else ""
    without = rules.price(bare, alt_texts=described) if bare else None
    rest = sum(whole[1:], Decimal())
    if without is None or without >= whole[0]:
        return Price(whole[0] + rest)
    return Price(whole[0] + rest, without + rest)


def runs(text: str, rules: Rules, mentions: Sequence[Mention]) -> list[Run]:
    """*text* cut into what the network links and what it does not, in order."""
    places = [
        *((link.start, link.end, "link") for link in rules.links(text)),
        *((tag.start, tag.end, "tag") for tag in rules.tags(text)),
        *((name.start, name.end, "mention") for name in rules.mentioned(text, mentions)),
    ]
    found: list[Run] = []
    at = 0
    for start, end, kind in sorted(places):
        if start < at:
            continue
        if start > at:
            found.append(Run(text[at:start]))
        written = text[start:end]
        found.append(Run(rules.shown_link(written) if kind == "link" else written, kind))
        at = end
    return [*found, Run(text[at:])] if at < len(text) else found
