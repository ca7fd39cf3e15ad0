"""One announcement for one network and one language: wording, link and mark, within its limit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.attached import NOTHING_ATTACHED, Attached, Mention
from bot.compose.attach import Place
from bot.compose.hashtag import has_name, links_in
from bot.compose.hidden import is_blank
from bot.compose.links import same_page
from bot.compose.marks import Marked, marked
from bot.compose.mentions import named
from bot.compose.rules import Rules, Tag
from bot.compose.wording import Wordings
from bot.errors import RenderError
from bot.model import Account, Announcement, Campaign, Post, Rendering
from bot.words import N_, Message

_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]")
_AFTER_A_LINK = ".,;:!?…»”)"


@dataclass(frozen=True, slots=True)
class Composed:
    """The text that will leave and those that follow it in a thread; and for people, what of the
    mark was mended, what was cut."""

    text: str
    rest: tuple[str, ...] = ()
    mends: tuple[Message, ...] = ()
    cuts: tuple[Message, ...] = ()


def render(
    announcement: Announcement,
    wordings: Wordings,
    account: Account,
    place: Place,
    *,
    link: str = "",
    attached: Attached = NOTHING_ATTACHED,
) -> Rendering:
    """What is made of the announcement's wordings for *account* at *place*, with its length.

    *link* stands in the text, unless the card of *attached* carries it. Raises RenderError that
    says by how much the shortest wording is too long, and what to shorten.
    """
    campaign, rules, language = wordings.campaign, place.rules, place.language
    said = [
        named(text, campaign.partners, account.network, language)
        for text in wordings.of(announcement, language)
    ]
    mentions = tuple(dict.fromkeys(one for _text, named in said for one in named))
    # A card carries the link: a second one in the text would say it twice.
    frame = Frame(link, campaign, rules, mentions, adds_link=not attached.card)
    texts = [text for text, _mentions in said]
    if not all(map(frame.says_something, texts)):
        raise RenderError(N_("There is nothing to read in the text."))
    try:
        made = compose(texts, frame, threads=account.threads and rules.has_threads)
    except RenderError as error:
        if "over" not in error.message.values:
            raise
        raise _too_long(error, announcement, language, rules) from error
    measured = rules.measure(made.text, mentions)
    return Rendering(
        account.network,
        language,
        made.text,
        measured.length,
        rules.limit,
        rules.unit,
        shown=measured.shown,
        attached=replace(
            attached, mentions=tuple(one for one in mentions if one.name in made.text)
        ),
        link=link if any(link in text for text in (made.text, *made.rest)) else "",
        rest=made.rest,
        mends=made.mends,
        cuts=made.cuts,
    )


def corrected(
    words: str,
    post: Post,
    campaign: Campaign,
    rules: Rules,
) -> Rendering:
    """*words* as the text of *post* from now on, marked like that of any post.

    A correction is never cut: raises RenderError that says by how much it is too long.
    """
    said, named_now = named(words, campaign.partners, post.network, post.language)
    mentions = tuple(dict.fromkeys((*named_now, *post.attached.mentions)))
    frame = Frame("", campaign, rules, mentions)
    if not frame.says_something(said):
        raise RenderError(N_("There is nothing to read in the text."))
    made = frame.marked(said)
    measured = rules.measure(made.text, mentions)
    if measured.length > rules.limit:
        raise _over(measured.length, rules, Message(N_("Shorten it.")))
    return Rendering(
        post.network,
        post.language,
        made.text,
        measured.length,
        rules.limit,
        rules.unit,
        shown=measured.shown,
        attached=Attached(mentions=tuple(one for one in mentions if one.name in made.text)),
        mends=made.mends,
    )


def compose(texts: Sequence[str], frame: Frame, *, threads: bool = False) -> Composed:
    """The first of *texts*, longest first, that fits with the link and the mark of *frame*.

    If none does whole, the longest as a thread where *threads* are wanted; if it makes none, the
    first that fits without secondary hashtags; if none does, the last one, shortened. Raises
    RenderError with how many units are too many (`over`), or whose mark cannot be put right.
    """
    for wording in texts:
        whole = frame.marked(wording)
        if frame.length(whole.text) <= frame.rules.limit:
            return Composed(whole.text, mends=whole.mends)
    if not threads:
        return _shortened(texts, frame)
    try:
        return _thread(texts[0], frame)
    except RenderError as error:
        shortened = _shortened(texts, frame)
        no_thread = Message(N_("it makes no thread: {why}"), {"why": error.message})
        return replace(shortened, cuts=(*shortened.cuts, no_thread))


def _thread(wording: str, frame: Frame) -> Composed:
    """*wording* as the posts of a thread, the mark in each; the link where the officer wrote it, or
    in the first."""
    from bot.compose.thread import split

    rest = replace(frame, adds_link=False)
    opening = rest if frame.link and frame.link in rest.linked(wording) else frame
    first, *others = split(wording, opening.finish, rest.finish, frame.length, frame.rules.limit)
    return Composed(first, tuple(others), mends=frame.marked(wording).mends)


def _shortened(texts: Sequence[str], frame: Frame) -> Composed:
    # Only now: to know a date, a sentence and a word takes many patterns.
    from bot.compose.fit import fit, fit_without_tags

    limit = frame.rules.limit
    for wording in texts:
        fitted = fit_without_tags(wording, frame.finish, frame.length, limit, tags=frame.secondary)
        if fitted:
            break
    else:
        fitted = fit(texts[-1], frame.finish, frame.length, limit, tags=frame.secondary)
    cuts = tuple(cut.message for cut in fitted.cuts)
    return Composed(fitted.text, mends=frame.marked(fitted.body).mends, cuts=cuts)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a body is finished with, and how it is measured.

    Without *adds_link*, the link stands there only if the officer wrote it.
    """

    link: str
    campaign: Campaign
    rules: Rules
    mentions: tuple[Mention, ...] = ()
    adds_link: bool = True

    def marked(self, body: str) -> Marked:
        return marked(self.linked(body), self.campaign.hashtag, self.campaign.countries, self.rules)

    def finish(self, body: str) -> str:
        return self.marked(body).text

    def length(self, text: str) -> int:
        return self.rules.measure(text, self.mentions).length

    def secondary(self, text: str) -> list[Tag]:
        """The hashtags of *text* that are not the campaign's, however it is written there."""
        return [
            tag for tag in self.rules.tags(text) if not has_name(tag.name, self.campaign.hashtag)
        ]

    def says_something(self, body: str) -> bool:
        """Whether there is something to read in *body* beside the mark, in whichever spelling."""
        tag = re.compile(f"[#＃]{re.escape(self.campaign.hashtag)}", re.IGNORECASE)
        return not is_blank(tag.sub("", _FLAGS.sub("", body)))

    def linked(self, body: str) -> str:
        """*body* with the link: in the place of what the officer wrote of it, or at its end."""
        if not self.link:
            return body
        parts: list[str] = []
        at = 0
        for start, end in sorted(links_in(body, self.rules)):
            address = body[start:end].rstrip(_AFTER_A_LINK)
            if start >= at and same_page(address, self.link):
                parts += [body[at:start], self.link]
                at = start + len(address)
        if parts or not self.adds_link:
            return "".join([*parts, body[at:]])
        return f"{body}\n\n{self.link}"


def _too_long(
    error: RenderError, announcement: Announcement, language: str, rules: Rules
) -> RenderError:
    length = int(str(error.message.values["length"]))
    return _over(length, rules, _remedy(announcement, language))


def _over(length: int, rules: Rules, remedy: Message) -> RenderError:
    return RenderError(
        N_("The text is too long: {length} of {limit} {unit}, {over} too many. {remedy}"),
        length=length,
        limit=rules.limit,
        unit=Message(rules.unit),
        over=length - rules.limit,
        remedy=remedy,
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
