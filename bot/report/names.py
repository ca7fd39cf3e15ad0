"""What the things of a campaign are called in the reader's language, and how a post is cited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.model import Campaign, Post, flag_sign
from bot.report.wording import Wording

_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Names:
    """A campaign as *wording*'s reader calls it. What left the campaign's files keeps its slug."""

    campaign: Campaign
    wording: Wording
    titles: Mapping[str, str]

    @property
    def title(self) -> str:
        """The campaign's own name."""
        return self.translated(self.campaign.names, self.campaign.slug)

    @property
    def hashtag(self) -> str:
        """With its sign, whichever way the campaign's file has it."""
        return "#" + self.campaign.hashtag.removeprefix("#")

    @property
    def flags(self) -> str:
        """The flags of the campaign's countries, as emoji."""
        return "".join(map(flag_sign, self.campaign.countries))

    def network(self, name: str) -> str:
        return self.titles.get(name, name)

    def language(self, code: str) -> str:
        return self.wording.language_name(code)

    def partner(self, slug: str) -> str:
        known = self.campaign.partners.get(slug)
        return capitalised(self.translated(known.names, slug)) if known else slug

    def kind(self, slug: str) -> str:
        known = self.campaign.kinds.get(slug)
        return capitalised(self.translated(known.names, slug)) if known else slug

    def account(self, slug: str) -> str:
        known = self.campaign.accounts.get(slug)
        return known.name if known else slug

    def translated(self, names: Mapping[str, str], otherwise: str) -> str:
        """The name in the reader's language, else in English, else the first there is."""
        for language in (self.wording.language, "en"):
            if language in names:
                return names[language]
        return next(iter(names.values()), otherwise)

    def cited(self, post: Post, longest: int) -> str:
        """What *post* says, on one line: without the mark and links at its end, shortened."""
        words = post.text.split()
        while words and self._is_mark(words[-1]):
            words.pop()
        return shortened(" ".join(words) or post.announcement, longest)

    def _is_mark(self, word: str) -> bool:
        return word in {self.hashtag, self.flags} or _LINK.fullmatch(word) is not None


def capitalised(name: str) -> str:
    """*name* as it begins a line: a partner may be called “le 15e arrondissement de Paris”."""
    return name[:1].upper() + name[1:]


def shortened(text: str, longest: int) -> str:
    """*text*, cut between two words when it is longer than *longest* characters."""
    if len(text) <= longest:
        return text
    whole_words = text[:longest].rpartition(" ")[0]
    return (whole_words or text[: longest - 1]).rstrip(" ,;:.–-") + "…"
