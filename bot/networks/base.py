"""The contract of a network (DESIGN §6): two methods, and small protocols for what some can do.

An instance speaks for one account. Every method raises `NetworkError`s only; `publish` raises the
one that answers *could it have been published?*
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

from bot.attached import Media
from bot.clock import Clock
from bot.compose.rules import Rules
from bot.errors import ConfigError
from bot.metrics import Metrics
from bot.model import Account, Post, Published, RemotePost
from bot.pace import Limits
from bot.words import N_, Message

if TYPE_CHECKING:
    import requests


class Network(Protocol):
    """One account on one network."""

    @property
    def source(self) -> str:
        """Where its metrics come from, as snapshots name it: `GET /2/tweets`."""
        ...

    @property
    def api_version(self) -> str:
        """The version that is asked for, as snapshots name it."""
        ...

    def publish(self, post: Post) -> Published:
        """Publish *post*, once. Raises the `NetworkError` that says whether it may be out."""
        ...

    def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """The metrics of those of *remote_ids* that the network still knows, in batches."""
        ...


@runtime_checkable
class Finder(Protocol):
    """A network that gives an account's own recent posts back."""

    def recent(self, since: datetime) -> Sequence[RemotePost]:
        """The account's own posts since *since* (aware), newest first."""
        ...

    def same_text(self, post: Post, remote: RemotePost) -> bool:
        """Whether *remote* carries *post*'s text, as the network stores it."""
        ...


@runtime_checkable
class Deleter(Protocol):
    """A network that takes a post back."""

    def delete(self, remote_id: str) -> None:
        """Delete the post; deleting one that is gone already is no error."""
        ...


@runtime_checkable
class Placer(Protocol):
    """A network that knows where a post is by its name alone."""

    def address_of(self, remote_id: str) -> str:
        """Where people see the post *remote_id*."""
        ...


@runtime_checkable
class Corrector(Protocol):
    """A network on which the text of a post that is out can be changed."""

    @property
    def corrections(self) -> Message:
        """What it lets be corrected, for the person who is asked."""
        ...

    @property
    def renames(self) -> bool:
        """Whether a corrected post has another name: a correction that may have been made is then
        looked for before another one."""
        ...

    def hindrance(self, post: Post) -> Message | None:
        """Why *post* certainly cannot be corrected, as far as is known without asking."""
        ...

    def correct(self, post: Post, text: str) -> Published:
        """Give *post*, which is out, the text *text*; the name that it has from then on.

        Raises Uncertain where the correction may be out under a name that is not known, and
        NoAnswer where it may be, and may simply be made again.
        """
        ...


@runtime_checkable
class Uploader(Protocol):
    """A network that takes files ahead of the post that shows them."""

    def upload(
        self, post: Post, opened: Callable[[Media], BinaryIO], alive: Callable[[], None]
    ) -> None:
        """Send the files of *post* ahead; `publish` then shows them.

        *opened* gives a file's bytes. *alive* is called between two calls and each second of a
        wait, and raises when the post has become somebody else's, or Pavois is to stop. An upload
        is no post: whatever fails is `NotSent`, `Refused` or `AccountBlocked`, never `Uncertain`;
        what is up already is not sent again. `NotReady`: call it again later.
        What *opened* raises for a file that is not kept any more (`MediaError`) passes through.
        """
        ...


@dataclass(frozen=True, slots=True)
class Connection:
    """What a network's `connect` is given.

    *settings* is the section `[networks.<name>]`, *credentials* the account's, by the names that
    the network asked for. *session* has a timeout, follows no redirect and reads no netrc. Raises
    ConfigError when the setting `post_url` cannot be filled in: not after a post is out.
    """

    account: Account
    settings: Mapping[str, Any]
    credentials: Mapping[str, str] = field(repr=False)
    session: requests.Session = field(repr=False)
    clock: Clock

    def __post_init__(self) -> None:
        try:
            self.address_of("1")
        except (LookupError, ValueError, AttributeError):
            raise ConfigError(
                N_("networks.{network}.post_url may have {names} in it, and no other braces."),
                network=self.account.network,
                names="{handle}, {id}",
            ) from None

    def address_of(self, remote_id: str) -> str:
        """Where people see the post *remote_id*: the setting `post_url`, filled in."""
        handle = self.account.handle.lstrip("@") or "i"
        address: str = self.settings["post_url"].format(handle=handle, id=remote_id)
        return address


@dataclass(frozen=True, slots=True)
class Charges:
    """What a network takes besides publishing (which is `Rules.price`), in dollars: for a deletion,
    and for each post that is read, once in a day of UTC."""

    delete: Decimal = Decimal(0)
    read: Decimal = Decimal(0)


def _no_advice(_settings: Mapping[str, Any], _today: date) -> tuple[Message, ...]:
    return ()


def _shows_all(_section: Mapping[str, str]) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class NetworkKind:
    """A network as the rest of Pavois knows it; each network's package has one, named `NETWORK`.

    *secrets* and *identifiers* are the names of what an account needs, *settings* the keys that
    `[networks.<name>]` may have, each with its default; *limits* is what an account may do where
    the configuration does not say otherwise. *identity* gives, of an account's
    credentials, in whose name it publishes: never a secret, "" when they do not say. *post_in*
    gives the network's own name for the post at an address that a person copied, or "". *advice*
    gives what a person should soon do about those settings, live, as it stands on a day.
    *knows_repetition_for*: so long after a post, the network refuses its repetition and names it;
    None where it names none, or nobody knows. *charges* gives what else it takes. *hides* says, of
    an account's section in config.toml, whether the network shows it none of its own posts.
    """

    name: str
    title: str
    rules: Rules
    secrets: tuple[str, ...]
    identifiers: tuple[str, ...]
    settings: Mapping[str, str]
    limits: Limits
    identity: Callable[[Mapping[str, str]], str]
    post_in: Callable[[str], str]
    connect: Callable[[Connection], Network]
    advice: Callable[[Mapping[str, Any], date], tuple[Message, ...]] = _no_advice
    knows_repetition_for: timedelta | None = None
    charges: Callable[[], Charges] = Charges
    hides: Callable[[Mapping[str, str]], bool] = _shows_all
