"""What of an announcement's files, poll and link goes out on one network, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.attached import (
    AnnouncedCard,
    AnnouncedPoll,
    Attached,
    LinkCard,
    Media,
    MediaFile,
    Poll,
    Sort,
)
from bot.compose.rules import PollLimits, Rules
from bot.compose.units import utf16_length
from bot.errors import RenderError
from bot.model import Announcement
from bot.words import N_, Message

#: Each sort of file, for people.
SORTS: Mapping[Sort, str] = {
    Sort.PICTURE: N_("pictures"),
    Sort.ANIMATION: N_("an animation"),
    Sort.VIDEO: N_("a video"),
    Sort.DOCUMENT: N_("a document"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where it goes out: *network* by its name for people, what it takes, in which language."""

    network: str
    rules: Rules
    language: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that was announced, and what was made of it: None where the network takes none.

    *advice* is what a person should know of it.
    """

    file: MediaFile
    media: Media | None
    advice: Message | None = None


def files_for(announcement: Announcement, network: str) -> tuple[MediaFile, ...]:
    """Those files of *announcement* that are meant for the network called *network*."""
    return tuple(
        file for file in announcement.media if not file.networks or network in file.networks
    )


def attached(
    announcement: Announcement,
    place: Place,
    ready: Sequence[Ready],
    card: LinkCard | None = None,
) -> tuple[Attached, tuple[Message, ...]]:
    """What goes out with the text at *place*, and what a person should know of the files.

    *card* is that of the link, where one is shown: only when nothing else is attached. Raises
    RenderError for what the network would not take together, or not as it is.
    """
    media = [_described(one.file, one.media, place) for one in ready if one.media]
    left_out = [
        Message(
            N_("{network} does not take {file}: it goes out without."),
            {"network": place.network, "file": one.file.name},
        )
        for one in ready
        if one.media is None
    ]
    advice = [one.advice for one in ready if one.advice]
    _require_one_sort(media, place)
    poll = _poll(announcement.poll, place) if announcement.poll else None
    if poll and media:
        raise RenderError(
            N_("{network} shows a poll or files, not both. Make two announcements of them."),
            network=place.network,
        )
    shown = card if not (media or poll) else None
    return Attached(tuple(media), poll, shown), (*left_out, *advice)


def said_of_the_link(
    card: AnnouncedCard | None, page: LinkCard, picture: Media | None, language: str
) -> LinkCard:
    """The card of a link: what the officer says of it, and for the rest what its *page* says.

    *picture* is the one that she chose, made ready.
    """
    if card is None:
        return page
    if picture and card.picture:
        picture = replace(
            picture,
            alt=card.picture.alts.get(language, ""),
            expires=card.picture.expires,
            name=card.picture.name,
            credit=card.picture.credit,
        )
    return LinkCard(
        page.url,
        card.titles.get(language, page.title),
        card.descriptions.get(language, page.description),
        picture or page.picture,
    )


def _described(file: MediaFile, media: Media, place: Place) -> Media:
    limits = place.rules.takes[media.sort]
    title = file.titles.get(place.language) or file.name.rpartition(".")[0]
    return replace(
        media,
        alt=file.alts.get(place.language, "") if limits.alt else "",
        title=title if limits.title else "",
        expires=file.expires,
        name=file.name,
        credit=file.credit,
    )


def _require_one_sort(media: Sequence[Media], place: Place) -> None:
    sorts = list(dict.fromkeys(one.sort for one in media))
    if len(sorts) > 1:
        raise RenderError(
            N_(
                "{network} shows {one} or {other} in a post, not both. Say in `networks` which "
                "file goes where."
            ),
            network=place.network,
            one=Message(SORTS[sorts[0]]),
            other=Message(SORTS[sorts[1]]),
        )
    if sorts and len(media) > (most := place.rules.takes[sorts[0]].count):
        raise RenderError(
            N_("{network} takes {most} of them in a post, and here are {count}: {sort}."),
            network=place.network,
            most=most,
            count=len(media),
            sort=Message(SORTS[sorts[0]]),
        )


def _poll(announced: AnnouncedPoll, place: Place) -> Poll:
    """The poll in the language of *place*. Raises RenderError for what the network would refuse."""
    limits = place.rules.poll
    if limits is None:
        raise RenderError(N_("{network} has no polls."), network=place.network)
    question = announced.question.get(place.language, "")
    options = tuple(option.get(place.language, "") for option in announced.options)
    if problem := _poll_problem(limits, question, options, announced.days):
        raise RenderError(
            N_("The poll cannot go out on {network}: {problem}."),
            network=place.network,
            problem=problem,
        )
    # Where a network shows no question, the text is it.
    return Poll(question if limits.question else "", options, announced.days)


def _poll_problem(
    limits: PollLimits, question: str, options: Sequence[str], days: int
) -> Message | None:
    if limits.question and utf16_length(question) > limits.question:
        return Message(
            N_("its question has {length} characters, {most} at most"),
            {"length": utf16_length(question), "most": limits.question},
        )
    if len(options) > limits.most_options:
        return Message(N_("it has more than {most} answers"), {"most": limits.most_options})
    if len(set(options)) < len(options):
        return Message(N_("two of its answers are the same"))
    if long := next((one for one in options if utf16_length(one) > limits.option), ""):
        return Message(
            N_("the answer “{option}” has {length} characters, {most} at most"),
            {"option": long, "length": utf16_length(long), "most": limits.option},
        )
    if days not in limits.days:
        known = ", ".join(map(str, limits.days))
        return Message(
            N_("it may be open for {known} days, not {days}"), {"known": known, "days": str(days)}
        )
    return None
