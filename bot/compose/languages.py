"""In which of a campaign's languages an announcement has all that it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.model import Announcement, Campaign


def complete(announcement: Announcement, campaign: Campaign) -> tuple[str, ...]:
    """The languages of *campaign* in which *announcement* can go out, in the campaign's order."""
    return tuple(
        language for language in campaign.languages if _is_complete(announcement, language)
    )


def missing(announcement: Announcement, campaign: Campaign) -> tuple[str, ...]:
    """The languages of *campaign* in which something of *announcement* is not written yet."""
    have = complete(announcement, campaign)
    return tuple(language for language in campaign.languages if language not in have)


def _is_complete(announcement: Announcement, language: str) -> bool:
    if not all(language in texts for texts in _of_a_poll(announcement)):
        return False
    if announcement.texts.get(language):
        return True
    if announcement.texts and not announcement.facts:
        return False  # Texts of her own and no facts: no template is meant to speak for her.
    texts = (fact for fact in announcement.facts.values() if isinstance(fact, Mapping))
    return all(language in fact for fact in texts)


def _of_a_poll(announcement: Announcement) -> Iterator[Mapping[str, str]]:
    if announcement.poll:
        yield announcement.poll.question
        yield from announcement.poll.options
