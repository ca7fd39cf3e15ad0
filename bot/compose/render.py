"""One announcement for one network and one language: wording, link and mark, within its limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.compose.hashtag import has_name, links_in
from bot.compose.marks import Marked, marked
from bot.compose.rules import Rules, Tag
from bot.compose.wording import Wordings
from bot.errors import RenderError
from bot.model import Announcement, Campaign, Rendering
from bot.words import N_, Message


@dataclass(frozen=True, slots=True)
class Composed:
    """The text that will leave, and for people: what of the mark was mended, what was cut."""

    text: str
    mends: tuple[Message, ...] = ()
    cuts: tuple[Message, ...] = ()


def render(
    announcement: Announcement,
    campaign: Campaign,
    wordings: Wordings,
    language: str,
    network: str,
    rules: Rules,
) -> Rendering:
    """What `compose` makes of the announcement's wordings, with its length.

    Raises RenderError that says by how much the shortest one is too long, and what to shorten.
    """
    texts = wordings.of(announcement, language)
    try:
        text = compose(texts, announcement.link, campaign, rules).text
    except RenderError as error:
        if "over" not in error.message.values:
            raise
        raise _too_long(error, announcement, language, network, rules) from error
    length = rules.measure(text).length
    return Rendering(network, language, text, length, rules.limit, rules.unit)


def compose(texts: Sequence[str], link: str, campaign: Campaign, rules: Rules) -> Composed:
    """The first of *texts*, longest first, that fits *rules* with *link* and the mark.

    If none does whole, the first that does without secondary hashtags; if none does, the last one,
    shortened. Raises RenderError with how many units are too many (`over`), or whose mark cannot be
    put right.
    """
    frame = _Frame(link, campaign, rules)
    for wording in texts:
        whole = frame.marked(wording)
        if frame.length(whole.text) <= rules.limit:
            return Composed(whole.text, whole.mends)
    # Only now: to know a date, a sentence and a word takes many patterns.
    from bot.compose.fit import fit, fit_without_tags

    for wording in texts:
        fitted = fit_without_tags(
            wording, frame.finish, frame.length, rules.limit, tags=frame.secondary
        )
        if fitted:
            break
    else:
        fitted = fit(texts[-1], frame.finish, frame.length, rules.limit, tags=frame.secondary)
    cuts = tuple(cut.message for cut in fitted.cuts)
    return Composed(fitted.text, frame.marked(fitted.body).mends, cuts)


def compose_thread(wording: str, link: str, campaign: Campaign, rules: Rules) -> tuple[str, ...]:
    """*wording* as the posts of a thread, the mark in each, *link* in the first.

    Raises RenderError as `thread.split` does.
    """
    from bot.compose.thread import split

    first, rest = _Frame(link, campaign, rules), _Frame("", campaign, rules)
    return split(wording, first.finish, rest.finish, first.length, rules.limit)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a body is finished with, and how it is measured."""

    link: str
    campaign: Campaign
    rules: Rules

    def marked(self, body: str) -> Marked:
        if self.link and not self._is_linked(body):
            body = f"{body}\n\n{self.link}"
        return marked(body, self.campaign.hashtag, self.campaign.countries, self.rules)

    def finish(self, body: str) -> str:
        return self.marked(body).text

    def length(self, text: str) -> int:
        return self.rules.measure(text).length

    def secondary(self, text: str) -> list[Tag]:
        """The hashtags of *text* that are not the campaign's, however it is written there."""
        return [
            tag for tag in self.rules.tags(text) if not has_name(tag.name, self.campaign.hashtag)
        ]

    def _is_linked(self, body: str) -> bool:
        """Whether the officer has put the link into the text herself."""
        addresses = (body[start:end] for start, end in links_in(body, self.rules))
        return any(address.rstrip(".,;:!?…»”)") == self.link for address in addresses)


def _too_long(
    error: RenderError, announcement: Announcement, language: str, network: str, rules: Rules
) -> RenderError:
    return RenderError(
        N_(
            "{slug}: the {language} text is too long for {network}: {length} of {limit} {unit}, "
            "{over} too many. {remedy}"
        ),
        slug=announcement.slug,
        language=language,
        network=network,
        length=error.message.values["length"],
        limit=rules.limit,
        unit=Message(rules.unit),
        over=error.message.values["over"],
        remedy=_remedy(announcement, language),
    )


def _remedy(announcement: Announcement, language: str) -> Message:
    """What to shorten: the officer's own text, or the template that made it."""
    if announcement.texts.get(language):
        return Message(
            N_("Shorten texts.{language}, or give a second, shorter wording."),
            {"language": language},
        )
    return Message(
        N_(
            "Shorten its facts, write texts.{language} yourself, or give the template "
            "{kind}.{language}.txt a shorter wording."
        ),
        {"kind": announcement.kind, "language": language},
    )
