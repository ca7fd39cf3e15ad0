"""What people see under a post's text: photos, a film, a document, a poll, the card of a link."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from babel.dates import format_timedelta
from babel.numbers import format_percent

from bot.sandbox.engagement import votes
from bot.sandbox.faults import Stage
from bot.sandbox.language import language_of
from bot.sandbox.magic import PICTURES
from bot.sandbox.uploads import Upload
from bot.sandbox.values import SandboxPost
from bot.sandbox.x_view import poll_end
from bot.words import _, locale_of, ngettext, spoken

#: A picture of so many bytes stands in the page itself, until the page has so many in it; others
#: lie beside it, in the world's folder, and the page leads there.
EMBEDDED_MAX, PAGE_MAX = 400_000, 6_000_000
#: LinkedIn shows five pictures of many, and how many more there are.
GRID_MAX = 5
POLL_DAYS = {"ONE_DAY": 1, "THREE_DAYS": 3, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}
FORMS = {
    "application/pdf": "PDF",
    "application/zip": "DOCX · PPTX",
    "application/x-ole-storage": "DOC · PPT",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: where it is ("" when the file is gone), its size, what it is said to show."""

    source: str
    width: int = 0
    height: int = 0
    alt: str = ""

    @property
    def language(self) -> str:
        """In which language it is described."""
        return language_of(self.alt)


@dataclass(frozen=True, slots=True)
class Bar:
    """An answer of a poll, and how many of a hundred chose it: for the bar, and in words."""

    label: str
    share: int
    words: str
    leads: bool


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll; `note` says how many voted and how long it is open."""

    question: str
    bars: Sequence[Bar]
    note: str


@dataclass(frozen=True, slots=True)
class Film:
    """A GIF or a video, which stands still here: `mark` says which."""

    mark: str
    title: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its title, and its form: PDF."""

    title: str
    form: str


@dataclass(frozen=True, slots=True)
class LinkCard:
    """The card of a link, and the place that it leads to."""

    link: str
    title: str
    place: str
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands under a text; `grid` of `photos` are seen at once."""

    photos: Sequence[Picture] = ()
    film: Film | None = None
    document: Document | None = None
    poll: Poll | None = None
    card: LinkCard | None = None

    @property
    def grid(self) -> Sequence[Picture]:
        return self.photos[:GRID_MAX]

    @property
    def described(self) -> Sequence[Picture]:
        """What has an alternative text, or ought to have one."""
        if self.film is not None and self.film.alt:
            return [Picture("", alt=self.film.alt)]
        return self.photos


class Showing:
    """What the posts of one page show, newest first."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._embedded = 0

    def of(self, post: SandboxPost) -> Shown:
        """What stands under the text of *post*."""
        return self._of_x(post) if post.network == "x" else self._of_linkedin(post)

    def _of_x(self, post: SandboxPost) -> Shown:
        attached = post.attached
        if "poll" in attached:
            return Shown(poll=self._poll(post, "", attached["poll"]["options"], poll_end(post)))
        found = [
            self._stage.uploads.find("x", key.partition("_")[2])
            for key in attached.get("media", ())
        ]
        uploads = [upload for upload in found if upload is not None]
        if uploads and uploads[0].kind != "image":
            (upload,) = uploads
            return Shown(film=Film(_mark(upload), attached.get("title", ""), upload.alt))
        return Shown(photos=[self._picture(upload, upload.alt) for upload in uploads])

    def _of_linkedin(self, post: SandboxPost) -> Shown:
        attached = post.attached
        if "poll" in attached:
            poll = attached["poll"]
            end = post.created_at + timedelta(days=POLL_DAYS[poll["settings"]["duration"]])
            labels = [option["text"] for option in poll["options"]]
            return Shown(poll=self._poll(post, poll["question"], labels, end))
        if "article" in attached:
            return Shown(card=self._card(attached["article"]))
        if "media" in attached:
            return self._file(attached["media"])
        images = attached.get("multiImage", {}).get("images", ())
        return Shown(photos=[self._named(image["id"], image.get("altText")) for image in images])

    def _file(self, media: dict[str, str]) -> Shown:
        upload = self._upload(media["id"])
        if upload is None or upload.kind == "image":
            return Shown(photos=[self._named(media["id"], media.get("altText"))])
        if upload.kind == "video":
            return Shown(film=Film(_mark(upload), media["title"]))
        return Shown(document=Document(media["title"], FORMS.get(upload.mime, "")))

    def _card(self, article: dict[str, str]) -> LinkCard:
        picture = None
        if "thumbnail" in article:
            picture = self._named(article["thumbnail"], article.get("thumbnailAltText"))
        place = urlsplit(article["source"]).netloc
        return LinkCard(article["source"], article["title"], place, picture)

    def _upload(self, urn: str) -> Upload | None:
        return self._stage.uploads.find("linkedin", urn.rpartition(":")[2])

    def _named(self, urn: str, alt: str | None) -> Picture:
        upload = self._upload(urn)
        return Picture("", alt=alt or "") if upload is None else self._picture(upload, alt or "")

    def _picture(self, upload: Upload, alt: str) -> Picture:
        return Picture(self._source(upload), upload.width, upload.height, alt)

    def _source(self, upload: Upload) -> str:
        """The picture itself as a `data:` address, or where it lies beside the page."""
        path = self._stage.uploads.path(upload)
        if upload.mime not in PICTURES or not path.exists():
            return ""
        if upload.size > EMBEDDED_MAX or self._embedded + upload.size > PAGE_MAX:
            return f"{path.parent.name}/{path.name}"
        self._embedded += upload.size
        return f"data:{upload.mime};base64,{base64.b64encode(path.read_bytes()).decode()}"

    def _poll(self, post: SandboxPost, question: str, labels: Sequence[str], end: datetime) -> Poll:
        now = self._stage.clock.now()
        counted = votes(
            self._stage.seed,
            post.id,
            post.network,
            post.created_at,
            min(now, end),
            len(labels),
        )
        total = sum(counted)
        shares = [number / total if total else 0 for number in counted]
        bars = [
            Bar(label, round(100 * share), _percent(share), share == max(shares) > 0)
            for label, share in zip(labels, shares, strict=True)
        ]
        voted = ngettext("{number} vote", "{number} votes", total).format(number=total)
        return Poll(question, bars, f"{voted} · {_time_left(end - now)}")


def _percent(share: float) -> str:
    return format_percent(share, locale=locale_of(spoken()))


def _time_left(left: timedelta) -> str:
    if left <= timedelta(0):
        return _("Final results")
    return _("{time} left").format(time=format_timedelta(left, locale=locale_of(spoken())))


def _mark(upload: Upload) -> str:
    return "GIF" if upload.kind == "gif" else _("Video")
