"""Reads a page and its picture for the card of a link, from the address that was checked.

A name is looked up once; all its addresses must be public; the line is opened to one of them, not
to the name again, and TLS asks for the certificate of the name. Whatever a page leads on to is
checked in the same way. With a proxy, which looks names up itself, the check here is only the
first: that the proxy finds no other address under the same name is the town hall's to see to.
"""

from __future__ import annotations

import ipaddress
import math
import queue
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import requests
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as SlowError
from urllib3.util import Timeout

from bot.errors import PageError
from bot.networks.http import Adapter, Encrypted, Plain, causes_of, make_session
from bot.pages.card import PageCard, absolute, card_of
from bot.pages.guard import Address, Place, place_of, require_public
from bot.words import N_

#: What `socket.getaddrinfo` is: called with a name, a port, 0 and SOCK_STREAM.
Resolve = Callable[..., Sequence[tuple[Any, ...]]]
#: What `socket.create_connection` is: called with (address, port) and seconds.
Connect = Callable[[tuple[str, int], float], socket.socket]

#: Seconds for all of a reading, from the name to the last byte, redirects included.
TIMEOUT = 5.0
#: How often a page may lead on to another address.
REDIRECTS_MAX = 3
#: Bytes of a page that are read: what it says of itself stands at its beginning.
PAGE_MAX = 300_000
#: Bytes of a picture, which is of no use in part.
PICTURE_MAX = 5_000_000

_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for: its kinds, how many bytes of it, and what is said of another kind."""

    accept: str
    kinds: re.Pattern[str]
    limit: int
    whole: bool
    other: str


_PAGE = _Wanted(
    "text/html,application/xhtml+xml",
    re.compile(r"text/html|application/xhtml\+xml|", re.IGNORECASE),
    PAGE_MAX,
    whole=False,
    other=N_("What {host} has at this address is no web page, but a file of another kind."),
)
_PICTURE = _Wanted(
    "image/*",
    re.compile(r"image/.+", re.IGNORECASE),
    PICTURE_MAX,
    whole=True,
    other=N_("What {host} has at this address is no picture."),
)


@dataclass(frozen=True, slots=True)
class _Found:
    url: str
    content_type: str
    body: bytes


class PageReader:
    """Reads pages and pictures of the public web.

    *proxy* and *ca_file* are those of `make_session`, *timeout* is in seconds for all of a reading.
    With *loopback_only* nothing but this machine is read, before any name is looked up, and *proxy*
    is not used. *resolve* and *connect* are the machine's own; tests put others in their place.
    """

    def __init__(
        self,
        *,
        resolve: Resolve = socket.getaddrinfo,
        connect: Connect = socket.create_connection,
        loopback_only: bool = False,
        timeout: float = TIMEOUT,
        proxy: str = "",
        ca_file: str = "",
    ) -> None:
        self._resolve = resolve
        self._connect = connect
        self._loopback_only = loopback_only
        self._timeout = timeout
        self._proxy = "" if loopback_only else proxy
        self._ca_file = ca_file

    def read(self, url: str) -> PageCard:
        """The card of the page at *url*, which stays its address wherever it leads on to.

        Raises PageError, and ConfigError for a wrong proxy or file of certificates.
        """
        found = self._fetch(url, _PAGE)
        return replace(card_of(found.body, found.content_type, found.url), url=url)

    def picture(self, url: str) -> bytes:
        """The picture at *url*, whole, at most PICTURE_MAX bytes, not looked into.

        Raises PageError, and ConfigError for a wrong proxy or file of certificates.
        """
        return self._fetch(url, _PICTURE).body

    def _fetch(self, url: str, wanted: _Wanted) -> _Found:
        deadline = _Deadline(self._timeout)
        place = place_of(url, loopback_only=self._loopback_only)
        for _hop in range(REDIRECTS_MAX + 1):
            found = self._ask(place, wanted, deadline)
            if isinstance(found, _Found):
                return found
            place = place_of(found, loopback_only=self._loopback_only)
        raise PageError(
            N_("{host} leads on from address to address; write the last of them instead."),
            host=place.shown,
        )

    def _ask(self, place: Place, wanted: _Wanted, deadline: _Deadline) -> _Found | str:
        """What is at *place*, or the address that it leads on to ("" for none)."""
        with _said(place, deadline), self._session(place, deadline) as session:
            answer = session.get(
                place.url,
                headers={"Accept": wanted.accept, "Accept-Encoding": "gzip"},
                # All in all, where requests itself would count the connection and the answer apart.
                timeout=cast("float", Timeout(total=deadline.left())),
                stream=True,
            )
            with answer:
                if answer.status_code in _REDIRECTS:
                    return absolute(place.url, _text(answer.headers.get("Location", "")))
                _require_wanted(answer, place, wanted)
                kind = answer.headers.get("Content-Type", "")
                return _Found(place.url, kind, _body(answer, place, wanted))

    def _session(self, place: Place, deadline: _Deadline) -> requests.Session:
        """A session whose lines lead to *place*'s addresses, once all of them are checked."""
        addresses = self._addresses(place, deadline)
        require_public(place, addresses, loopback_only=self._loopback_only)
        session = make_session(
            proxy=self._proxy, ca_file=self._ca_file, loopback_only=self._loopback_only
        )
        if not self._proxy:
            adapter = _adapter(lambda: self._line(addresses, place.port, deadline))
            session.mount(f"{place.scheme}://", adapter)
        return session

    def _addresses(self, place: Place, deadline: _Deadline) -> list[Address]:
        """The addresses of *place*: a name is looked up here, and nowhere else."""
        if place.address is not None:
            return [place.address]
        entries = self._looked_up(place, deadline)
        found = dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in entries)
        if not found:
            raise PageError(
                N_("{host} is not found: is it spelt right, is this machine on the Internet?"),
                host=place.shown,
            )
        return list(found)

    def _looked_up(self, place: Place, deadline: _Deadline) -> Sequence[tuple[Any, ...]]:
        """What the machine knows of a name. In a thread, since it may take longer than is left."""
        answers: queue.SimpleQueue[Sequence[tuple[Any, ...]]] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(self._resolve(place.host, place.port, 0, socket.SOCK_STREAM))
            except (OSError, UnicodeError):
                answers.put(())

        threading.Thread(target=look_up, daemon=True).start()
        try:
            return answers.get(timeout=deadline.left())
        except queue.Empty:
            raise TimeoutError from None

    def _line(self, addresses: Sequence[Address], port: int, deadline: _Deadline) -> socket.socket:
        """A line to the first of *addresses* that takes it; each has its share of the time."""
        failed = OSError()
        for sharing, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                line = self._connect((str(address), port), deadline.left() / sharing)
            except OSError as error:
                failed = error
            else:
                line.settimeout(deadline.left())
                return line
        raise failed


class _Deadline:
    """What is left of *seconds*, counted from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds: so few when none are left that whatever is given them times out."""
        return max(self._end - time.monotonic(), 0.001)


def _adapter(open_line: Callable[[], socket.socket]) -> Adapter:
    """Makes its calls over the line that *open_line* opens, and looks no name up."""

    class PlainHere(Plain):
        def _new_conn(self) -> socket.socket:
            return open_line()

    class EncryptedHere(Encrypted):
        def _new_conn(self) -> socket.socket:
            return open_line()

    return Adapter(PlainHere, EncryptedHere)


def _require_wanted(answer: requests.Response, place: Place, wanted: _Wanted) -> None:
    if answer.status_code in _GONE:
        raise PageError(
            N_("{host} has nothing at this address (error {status}): is it spelt right?"),
            host=place.shown,
            status=answer.status_code,
        )
    if answer.status_code != requests.codes.ok:
        raise PageError(
            N_("{host} does not show Pavois what is at this address (error {status})."),
            host=place.shown,
            status=answer.status_code,
        )
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    if not wanted.kinds.fullmatch(kind):
        raise PageError(wanted.other, host=place.shown)


def _body(answer: requests.Response, place: Place, wanted: _Wanted) -> bytes:
    """What *answer* holds: no more of it is read or unpacked than is wanted."""
    sent = answer.raw.read(wanted.limit + 1, decode_content=False)
    if len(sent) <= wanted.limit and answer.raw.length_remaining:
        raise HTTPError("cut off")
    body = _unpacked(sent, answer.headers.get("Content-Encoding", ""), wanted.limit + 1)
    if body is None:
        raise PageError(
            N_("What {host} has at this address is packed in a way that cannot be read."),
            host=place.shown,
        )
    if wanted.whole and max(len(sent), len(body)) > wanted.limit:
        raise PageError(
            N_("The picture at {host} is larger than {limit} MB: take a smaller one."),
            host=place.shown,
            limit=wanted.limit // 1_000_000,
        )
    return body[: wanted.limit]


def _unpacked(sent: bytes, encoding: str, limit: int) -> bytes | None:
    """At most *limit* bytes of what *sent* holds; None for what cannot be unpacked."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return sent
    try:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return unpacker.decompress(sent, limit) if name in ("gzip", "x-gzip") else None
    except zlib.error:
        return None


def _text(header: str) -> str:
    """*header* as it was meant: many servers write UTF-8 where http.client reads Latin-1."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


@contextmanager
def _said(place: Place, deadline: _Deadline) -> Iterator[None]:
    """Turns what fails on the way to *place* into a PageError, without its words: they carry the
    whole address."""
    try:
        yield
    except (requests.RequestException, HTTPError, OSError) as error:
        raise _page_error(error, place, deadline) from None


def _page_error(error: Exception, place: Place, deadline: _Deadline) -> PageError:
    causes = list(causes_of(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return PageError(
            N_(
                "The certificate of {host} is not one that this machine trusts. "
                "Behind a filtering proxy, name its certificate in the configuration."
            ),
            host=place.shown,
        )
    if any(isinstance(cause, TimeoutError | SlowError | requests.Timeout) for cause in causes):
        return PageError(
            N_("{host} did not answer within {seconds} seconds."),
            host=place.shown,
            seconds=math.ceil(deadline.seconds),
        )
    return PageError(N_("{host} could not be reached, or broke off its answer."), host=place.shown)
