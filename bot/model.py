"""The nouns of Pavois (DESIGN §3) as frozen values.

Instants are aware and in UTC; a zone is a name of the IANA database (`Europe/Paris`); a language is
a code of two letters (`fr`, `ko`, `en`, or any other that a campaign speaks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bot.attached import (
    NOTHING_ATTACHED,
    AnnouncedCard,
    AnnouncedPoll,
    Attached,
    MediaFile,
)
from bot.words import Message

#: What a fact of an announcement may be, once read: the text of one language, a number, a day, an
#: instant (aware), a partner's slug or several, or a text in each language.
Fact = str | int | date | datetime | tuple[str, ...] | Mapping[str, str]


def flag_sign(country: str) -> str:
    """The letters of an ISO 3166 *country* as a flag; whether there is one is not asked here."""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in country)


@dataclass(frozen=True, slots=True)
class Account:
    """An identity that publishes on one network.

    `threads` says whether a text that is too long may go out as several posts, each the answer to
    the one before.
    """

    slug: str
    network: str
    name: str
    handle: str
    languages: tuple[str, ...]
    zone: str
    slots: tuple[time, ...]
    threads: bool = False


@dataclass(frozen=True, slots=True)
class Handle:
    """A partner on one network: the name it has there, and the network's own for it, if any."""

    name: str
    urn: str = ""


@dataclass(frozen=True, slots=True)
class Partner:
    """A local authority or institution, French or Korean, perhaps twinned with another.

    `handles` gives who it is on a network, by the network's name.
    """

    slug: str
    country: str
    names: Mapping[str, str]
    twins: tuple[str, ...] = ()
    handles: Mapping[str, Handle] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of announcement: its names, and the facts that its templates speak of.

    `facts` gives each fact its type (`text`, `number`, `date`, `datetime`, `partner`, `partners`);
    `optional` names those that may be left out. `templates` gives, per language, the wordings from
    the longest to the shortest: the first that fits a network is taken. `late` is what becomes of
    its posts when they are late: `send`, `ask` or `drop` (`bot.lateness`).
    """

    slug: str
    names: Mapping[str, str]
    facts: Mapping[str, str]
    optional: frozenset[str]
    templates: Mapping[str, tuple[str, ...]]
    late: str = "ask"


@dataclass(frozen=True, slots=True)
class Campaign:
    """Hashtag, flags, languages, accounts, partners and kinds: a folder of files.

    `utm` holds what is added to links, without its `utm_`; `lint_off` the codes of the rules of
    style that are not to be applied. A post that is due longer ago than `late_after` is late.
    """

    slug: str
    names: Mapping[str, str]
    hashtag: str
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    zones: tuple[str, ...]
    spacing_minutes: int
    accounts: Mapping[str, Account]
    partners: Mapping[str, Partner]
    kinds: Mapping[str, Kind]
    utm: Mapping[str, str] = field(default_factory=dict)
    lint_off: frozenset[str] = frozenset()
    late_after: timedelta = timedelta(hours=6)

    @property
    def zone(self) -> str:
        """The zone of the campaign's weeks and reports: the first it names."""
        return self.zones[0]


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the officer writes once. `at` is None when the next free slot is good enough.

    `texts` holds, per language, wordings that replace the template's, longest first. `accounts`
    names those that publish it; none: all. `without_link` names the networks on which it goes out
    without its link.
    """

    slug: str
    campaign: str
    kind: str
    facts: Mapping[str, Fact]
    texts: Mapping[str, tuple[str, ...]]
    partners: tuple[str, ...]
    link: str
    at: datetime | None
    valid_until: datetime | None
    accounts: tuple[str, ...] = ()
    without_link: tuple[str, ...] = ()
    media: tuple[MediaFile, ...] = ()
    poll: AnnouncedPoll | None = None
    card: AnnouncedCard | None = None

    def content(self) -> dict[str, object]:
        """What it says, as plain JSON values: what the store keeps and compares.

        A file is what it holds and what is said of it, wherever it lies. What is not there is left
        out: the content of an announcement of an earlier version stays the same.
        """
        more = ("accounts", "without_link", "media", "poll", "card")
        return {
            "kind": self.kind,
            "facts": {name: _plain(value) for name, value in self.facts.items()},
            "texts": {language: list(texts) for language, texts in self.texts.items()},
            "partners": list(self.partners),
            "link": self.link,
            "at": _plain(self.at),
            "valid_until": _plain(self.valid_until),
            **{name: _plain(value) for name in more if (value := getattr(self, name))},
        }


def _plain(value: object) -> object:
    """*value* as JSON has it; of a file, what it holds and not where it lies."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if is_dataclass(value):
        return {
            one.name: _plain(getattr(value, one.name))
            for one in fields(value)
            if one.name != "path"
        }
    return value


@dataclass(frozen=True, slots=True)
class Rendering:
    """The text of one announcement for one network and one language: a value, nothing stored.

    `length` and `limit` are in the network's own units (`unit` names them): `length` must fit,
    `shown` is what people see. `link` is the announcement's as it stands in the text, if it does.
    `rest` are the texts that follow it in a thread. `mends` and `cuts` say what was changed in what
    the officer wrote, and what of it does not go out; `notes` what she should know beside.
    """

    network: str
    language: str
    text: str
    length: int
    limit: int
    unit: str
    shown: int = 0
    attached: Attached = NOTHING_ATTACHED
    link: str = ""
    rest: tuple[str, ...] = ()
    mends: tuple[Message, ...] = ()
    cuts: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Its text, and those that follow it in its thread."""
        return (self.text, *self.rest)


@dataclass(frozen=True, slots=True)
class PlannedPost:
    """A rendering with its account and its time: what becomes a post when it is queued.

    `in_slot` says that its time is a slot of the account, which only one announcement can have.
    """

    account: str
    network: str
    language: str
    text: str
    due: datetime
    valid_until: datetime | None
    attached: Attached = NOTHING_ATTACHED
    part: int = 0
    in_slot: bool = False


class PostState(StrEnum):
    """Where a post stands (DESIGN §7)."""

    DRAFT = "draft"
    QUEUED = "queued"
    SENDING = "sending"
    PUBLISHED = "published"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    HELD = "held"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Post:
    """The frozen text of one rendering and what is attached to it, queued for one account.

    `part` is its place in a thread, from 0; a later one goes out as the answer to `reply_to`, the
    network's name for the one before.

    `next_try` is when it is looked at next: its due time, a later one after a failed attempt, or
    the next look for an uncertain one. `failures` counts the attempts that were certainly not sent
    (a network that asked to wait does not count), `looks` the looks that did not find it.
    `released_at` is when a person last said that it is to go, late or while all else is stopped.
    """

    id: int
    campaign: str
    announcement: str
    kind: str
    partners: tuple[str, ...]
    account: str
    network: str
    language: str
    text: str
    due: datetime
    valid_until: datetime | None
    state: PostState
    next_try: datetime
    attempts: int = 0
    failures: int = 0
    looks: int = 0
    remote_id: str = ""
    url: str = ""
    published_at: datetime | None = None
    attached: Attached = NOTHING_ATTACHED
    part: int = 0
    reply_to: str = ""
    released_at: datetime | None = None


class AttemptState(StrEnum):
    """Where one try to publish stands (DESIGN §7)."""

    PREPARED = "prepared"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNCERTAIN = "uncertain"


#: What is tried with a post to get it out: the ordinary way; and once more, because nobody can look
#: what came of that (`bot.resend`).
PUBLISH, RESEND = "publish", "resend"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of the ledger, never rewritten: attempt *number* of a post reached *state*.

    `price` is what the call was to cost, in millionths of a dollar; `repeats`: the network refused
    it as a repetition of what is out.
    `act` is what was tried: to `publish` it, to `resend`, `correct` or `delete` it.
    """

    post_id: int
    number: int
    state: AttemptState
    at: datetime
    account: str
    request_id: str = ""
    status: int | None = None
    cause: Message | None = None
    remote_id: str = ""
    price: int | None = None
    repeats: bool = False
    act: str = PUBLISH


class AccountState(StrEnum):
    """Whether an account may publish (DESIGN §7)."""

    READY = "ready"
    HELD = "held"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """What is known of an account: its state, why, since when.

    `read_at` is when its figures were last read, `tried_at` when that was last tried.
    """

    account: str
    state: AccountState
    cause: Message | None
    since: datetime
    read_at: datetime | None = None
    tried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A network's word that a post is out."""

    remote_id: str
    url: str
    at: datetime
    request_id: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class RemotePost:
    """A post as the network shows it to its author: `text` as people read it, links as written.

    `tags` are the hashtags that it shows as such, without their signs; None: it does not say.
    """

    remote_id: str
    url: str
    text: str
    at: datetime
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A change that a person must know of."""

    id: int
    at: datetime
    subject: str
    message: Message
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """All sending is stopped: why, and since when."""

    reason: str
    since: datetime


#: The subject of the notice that says so.
STOP = "stop"
