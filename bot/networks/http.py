"""The one way out: a requests Session that waits no longer than it is told and follows nobody.

And what the failures of such a call mean for a post: certainly not published, or not known.
Nothing here or in what it raises carries an address, a header or a body: `str()` of a requests
error does, and with it secrets.
"""

from __future__ import annotations

import io
import ipaddress
import logging
import socket
import ssl
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPResponse
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import (
    ConnectTimeout,
    InvalidHeader,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
    ProxyError,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError, NewConnectionError
from urllib3.util import Url, parse_url

from bot.errors import ConfigError, NetworkError, NoAnswer, NotSent, Uncertain
from bot.words import N_

#: Seconds to connect, seconds until the answer is there, whole.
TIMEOUT = (5.0, 30.0)
#: An answer comes when all has arrived; when the last byte is handed over, this machine may still
#: hold so many (Linux: `tcp_wmem`), which leave a slow line at so many a second (half a Mbit/s).
HELD_BY_THE_MACHINE = 4 << 20
SLOW_LINE = 64 << 10
#: So many bytes at once, in so many seconds: what is slower is a line that is broken.
PIECE = 1 << 20
PIECE_SECONDS = 40.0
#: A text and its head have fewer; they leave within the time to connect.
SMALL = 16 << 10
#: They write keys, signatures and tokens at DEBUG.
TALKATIVE = ("tweepy", "requests_oauthlib", "oauthlib", "urllib3")

_NEVER_LEFT = (ConnectTimeout, ProxyError, InvalidURL, InvalidSchema, MissingSchema, InvalidHeader)
#: Where requests reads the certificates to trust, urllib3 encrypts the line and http.client asks a
#: proxy for one: what is raised inside them is raised before a byte of the request is sent.
_BEFORE_THE_REQUEST = frozenset({"cert_verify", "ssl_wrap_socket", "_tunnel"})


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine: `localhost`, 127.0.0.0/8 or ::1, written in full."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class _Dripping(io.RawIOBase):
    """The bytes that a socket gives until its time-out, counted from now, has passed.

    A socket's own time-out begins anew with every byte: an answer that comes in drops would hold
    its reader for ever.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._bytes = sock.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + (sock.gettimeout() or TIMEOUT[1])

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._bytes.readinto(buffer)

    def close(self) -> None:
        self._bytes.close()
        super().close()


class _WholeInTime(HTTPResponse):
    """An answer, its head and its body, that is read within one time-out."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Dripping(sock))


class Plain(HTTPConnection):
    """A line whose answers are read whole in time, and that is given a file piece by piece.

    A socket's time-out counts for all that it is given at once, and urllib3 leaves it at the time
    to connect while it sends: a picture would have to leave in five seconds.
    """

    response_class = _WholeInTime

    def send(self, data: Any) -> None:
        if self.sock is None or not isinstance(data, bytes) or len(data) <= SMALL:
            super().send(data)
            return
        before = self.sock.gettimeout()
        self.sock.settimeout(PIECE_SECONDS)
        for at in range(0, len(data), PIECE):
            super().send(memoryview(data)[at : at + PIECE])
        self.sock.settimeout(before)


class Encrypted(Plain, HTTPSConnection):
    """The same over TLS."""


class Adapter(HTTPAdapter):
    """Makes its calls over lines of these two kinds."""

    def __init__(
        self, plain: type[HTTPConnection] = Plain, encrypted: type[HTTPSConnection] = Encrypted
    ) -> None:
        super().__init__()
        self._kinds = {"http": plain, "https": encrypted}

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = self._kinds[pool.scheme]
        return pool


class Allowance(Protocol):
    """The calls that may be made."""

    def take(self) -> None:
        """Count a call that is made next. Raises NotSent (Throttled) when it is not to be made."""
        ...


class Session(requests.Session):
    """A Session with time limits, without redirects, netrc or the environment's proxies."""

    def __init__(
        self,
        timeout: tuple[float, float],
        *,
        loopback_only: bool,
        allowance: Allowance | None = None,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.timeout = timeout
        self.loopback_only = loopback_only
        self.allowance = allowance
        for scheme in ("https://", "http://"):
            self.mount(scheme, Adapter())
        self.headers["User-Agent"] = f"pavois/{_version()}"
        self.headers["Connection"] = "close"

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send *request*. Raises NotSent, before anything leaves, where it must not go, and
        Throttled when no more calls are allowed."""
        if self.loopback_only:
            _require_loopback(request.url or "")
            kwargs["proxies"] = {}
        if self.allowance:
            self.allowance.take()
        kwargs["allow_redirects"] = False
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._time_for(request)
        answer = super().send(request, **kwargs)
        # A line kept open may be closed by the other side just as the next post goes out, which
        # would then be uncertain; and not every server says that it will close it.
        self.get_adapter(answer.url).close()
        return answer

    def _time_for(self, request: requests.PreparedRequest) -> tuple[float, float]:
        connect, answer = self.timeout
        held = min(int(request.headers.get("Content-Length", 0)), HELD_BY_THE_MACHINE)
        return connect, answer + held / SLOW_LINE

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: a redirect is an answer like another, and even a broken one is not looked at."""
        return None


def _require_loopback(url: str) -> None:
    host = _parts(url).host or ""
    if not is_loopback(host):
        raise NotSent(
            N_("This is a rehearsal: nothing is sent to {host}, only to this machine."),
            host=host or "?",
        )


def _version() -> str:
    try:
        return version("pavois")
    except PackageNotFoundError:
        return "0"


def make_session(
    *,
    timeout: tuple[float, float] = TIMEOUT,
    proxy: str = "",
    ca_file: str = "",
    loopback_only: bool = False,
    allowance: Allowance | None = None,
) -> requests.Session:
    """A Session for calls to networks.

    *timeout* is in seconds, to connect and for the whole of an answer. *proxy* is an address
    (`http://proxy.ville.example:3128`), *ca_file* the file of certificates to trust instead of the
    public ones; neither is taken from the environment. With *loopback_only*, any other host is
    refused with NotSent before a name is looked up, and *proxy* is not used. *allowance* is asked
    before each call. Raises ConfigError for a *proxy* that is no address and a *ca_file* that holds
    no certificate.
    """
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.INFO)
    session = Session(timeout, loopback_only=loopback_only, allowance=allowance)
    if proxy:
        _require_proxy(proxy)
        session.proxies = {"http": proxy, "https": proxy}
    if ca_file:
        _require_certificates(ca_file)
        session.verify = ca_file
    return session


def _require_proxy(address: str) -> None:
    parts = _parts(address)
    if parts.scheme not in ("http", "https") or not parts.host:
        # Not shown: a password may stand in it.
        raise ConfigError(N_("http.proxy is not an address that begins with http://."))


def _require_certificates(path: str) -> None:
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        raise ConfigError(
            N_("http.ca_file: no certificate can be read from {path}."), path=path
        ) from error


def _parts(address: str) -> Url:
    try:
        return parse_url(address)
    except LocationParseError:
        return Url()


def is_guarded(address: str) -> bool:
    """Whether keys may be sent to *address*: it is encrypted, or it is this machine."""
    parts = _parts(address)
    plain = parts.scheme == "http" and is_loopback(parts.host or "")
    return bool(parts.host) and (parts.scheme == "https" or plain)


def base_address(settings: Mapping[str, Any], network: str) -> str:
    """The address that a network's calls begin with, without a slash at its end.

    ConfigError for what is no address, and for one that would send keys unencrypted.
    """
    address = str(settings["base_url"]).rstrip("/")
    if _parts(address).query or not is_guarded(address):
        raise ConfigError(
            N_("networks.{network}.base_url is not an address that begins with https://."),
            network=network,
        )
    return address


def check_secret(credentials: Mapping[str, str], name: str, account: str) -> str:
    """The credential *name*; ConfigError when it is missing or cannot be a key."""
    value = credentials.get(name, "")
    if not value:
        raise ConfigError(
            N_("The account {account} has no {credential}."), account=account, credential=name
        )
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ConfigError(
            N_("The {credential} of the account {account} has a space or a sign that no key has."),
            account=account,
            credential=name,
        )
    return value


def json_object(response: requests.Response) -> dict[str, Any] | None:
    """The JSON object in *response*; None for a page, a list, or nothing."""
    try:
        found = response.json()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def request_id(response: requests.Response, *names: str) -> str:
    """The network's own name for the call: the first of the headers *names* that it sent."""
    return next((response.headers[name] for name in names if name in response.headers), "")


def whole_number(value: object) -> int | None:
    """The counter *value*, which some answers write as a string; None when it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return None


@contextmanager
def translate(network: str, *, publishing: bool) -> Iterator[None]:
    """Turns what requests raises into a NetworkError that says whether a post may be out.

    *network* is its name for people. When *publishing*, what failed before anything was sent is
    NotSent, all else Uncertain; a call that only reads, or may be made twice, is NotSent, or
    NoAnswer when it had left.
    """
    try:
        yield
    except (requests.RequestException, HTTPError, OSError) as error:
        # Without its cause, whose words carry the address.
        raise network_error(error, network, publishing=publishing) from None


def network_error(error: BaseException, network: str, *, publishing: bool) -> NetworkError:
    """The NetworkError that *error*, of a call to *network*, amounts to."""
    causes = list(causes_of(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return NotSent(
            N_(
                "The certificate of {network} is not one that this machine trusts; nothing was "
                "sent. Behind a filtering proxy, name its certificate in the configuration."
            ),
            network=network,
        )
    if any(_before_sending(cause) for cause in causes):
        return NotSent(N_("{network} could not be reached; nothing was sent."), network=network)
    if publishing:
        return Uncertain(
            N_("The line to {network} broke before it answered: the post may be out."),
            network=network,
        )
    return NoAnswer(N_("{network} did not answer."), network=network)


def _before_sending(cause: BaseException) -> bool:
    if isinstance(cause, (*_NEVER_LEFT, NewConnectionError)):
        return True
    frames = traceback.walk_tb(cause.__traceback__)
    return any(frame.f_code.co_name in _BEFORE_THE_REQUEST for frame, _ in frames)


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """*error* and what it was raised for, as requests and urllib3 hand it on.

    Not its `__context__`, which may be an older failure that the caller was seeing to.
    """
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, *one.args, getattr(one, "reason", None)]
