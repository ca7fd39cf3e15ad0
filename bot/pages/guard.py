"""Which addresses are read: those of the public web, and nothing behind a town hall's own door."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from bot.errors import PageError
from bot.networks.http import is_loopback
from bot.words import N_

Address = IPv4Address | IPv6Address

PORTS = {"http": 80, "https": 443}

#: IANA's special-purpose registry (RFC 6890), multicast, and the machine at 168.63.129.16 that
#: Azure puts beside each of its own. Written out: Python's `is_global` differs by its version, and
#: takes a multicast address and the relays of 6to4 for public.
_NOT_PUBLIC_4 = [
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
#: All of IPv6 that is given to the public; of the rest, only NAT64 leads there.
_PUBLIC_6 = IPv6Network("2000::/3")
#: The IETF's own, with Teredo (2001::/23), documentation, 6to4.
_NOT_PUBLIC_6 = [
    IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]
#: On a line without IPv4 (many Korean telephones') every IPv4 address looks like this (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")

_LENGTH_MAX = 4096
_NEVER_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)*(?!0x|[0-9]+\Z)[a-z0-9_-]{1,63}")


@dataclass(frozen=True, slots=True)
class Place:
    """An address, taken apart: *host* is a name in ASCII or an IP address, without brackets."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        """The address, put together again of what was checked."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"

    @property
    def address(self) -> Address | None:
        """The IP address that the host is; None for a name."""
        return _ip(self.host)

    @property
    def shown(self) -> str:
        """The host as people write it."""
        try:
            return self.host.encode().decode("idna")
        except UnicodeError:
            return self.host


def is_public(address: Address) -> bool:
    """Whether *address* is one of the public Internet, that anybody may read."""
    if isinstance(address, IPv4Address):
        return not any(address in net for net in _NOT_PUBLIC_4)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _PUBLIC_6 and not any(address in net for net in _NOT_PUBLIC_6)


def place_of(text: str, *, loopback_only: bool = False) -> Place:
    """The place that the address *text* names; no name is looked up.

    http and https on their usual ports, without a name or password. With *loopback_only*, this
    machine's addresses, on any port, and no others. Raises PageError.
    """
    parts = _parts(text.strip())
    host = _host(parts.host or "")
    if parts.scheme not in PORTS or not host:
        raise PageError(
            N_("The link, or what it leads on to, is not the address of a web page (https://…).")
        )
    port = PORTS[parts.scheme] if parts.port is None else parts.port
    place = Place(parts.scheme, host, port, parts.request_uri)
    if parts.auth is not None:
        raise PageError(
            N_("An address with a name or a password in it is not read: {host}."), host=place.shown
        )
    _require_reach(place, loopback_only)
    return place


def require_public(place: Place, addresses: Iterable[Address], *, loopback_only: bool) -> None:
    """Raises PageError unless *all* of the *addresses* of *place* may be read."""
    for address in addresses:
        if not (address.is_loopback if loopback_only else is_public(address)):
            raise _inside(place)


def _require_reach(place: Place, loopback_only: bool) -> None:
    if loopback_only:
        if not is_loopback(place.host):
            raise PageError(
                N_("This is a rehearsal: {host} is not read, only this machine."), host=place.shown
            )
        return
    if place.host == "localhost" or place.host.endswith(".localhost"):
        raise _inside(place)
    if place.address is not None:
        require_public(place, [place.address], loopback_only=False)
    if place.port not in PORTS.values():
        raise PageError(
            N_("Of {host} only the usual ports, 80 and 443, are read."), host=place.shown
        )


def _inside(place: Place) -> PageError:
    return PageError(
        N_("{host} leads to an address inside a private network; Pavois does not read it."),
        host=place.shown,
    )


def _parts(text: str) -> Url:
    """*text* taken apart; nothing for what two programs might take apart differently."""
    if len(text) > _LENGTH_MAX or _NEVER_IN_ADDRESSES.search(text):
        return Url()
    try:
        return parse_url(text)
    except LocationParseError:
        return Url()


def _host(written: str) -> str:
    """The host *written* as one name or one IP address; "" for what some programs read as an
    address and others do not: 127.1, 0x7f000001, 2130706433, ::1%lo."""
    host = written.removesuffix(".")
    if "%" in host:
        return ""
    if address := _ip(host.removeprefix("[").removesuffix("]")):
        return str(address)
    return host if _NAME.fullmatch(host) else ""


def _ip(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
