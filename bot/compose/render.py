"""One announcement for one network and one language: wording, link and mark, within its limit."""

from __future__ import annotations

from bot.compose.marks import marked
from bot.compose.rules import Rules
from bot.compose.wording import Wordings
from bot.errors import RenderError
from bot.model import Announcement, Campaign, Rendering
from bot.words import N_, Message


def render(
    announcement: Announcement,
    campaign: Campaign,
    wordings: Wordings,
    language: str,
    network: str,
    rules: Rules,
) -> Rendering:
    """The longest wording that fits *network*, with its link and the mark.

    Raises RenderError that says by how much the shortest one is too long.
    """
    length = 0
    for wording in wordings.of(announcement, language):
        body = f"{wording}\n\n{announcement.link}" if announcement.link else wording
        text = marked(body, campaign.hashtag, campaign.countries, rules).text
        length = rules.measure(text).length
        if length <= rules.limit:
            return Rendering(network, language, text, length, rules.limit, rules.unit)
    raise RenderError(
        N_(
            "{slug}: the {language} text is too long for {network}: {length} of {limit} {unit}, "
            "{over} too many. {remedy}"
        ),
        slug=announcement.slug,
        language=language,
        network=network,
        length=length,
        limit=rules.limit,
        unit=Message(rules.unit),
        over=length - rules.limit,
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
