"""Reading a page for its card: from the public web only, in time, and no more than is needed."""

from __future__ import annotations

import gzip
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from bot.errors import ConfigError, PageError
from bot.pages.card import PageCard
from bot.pages.reader import PAGE_MAX, PICTURE_MAX, REDIRECTS_MAX, PageReader
from tests.conftest import DATA
from tests.fakes import Answer, Asked, FakeServer, serving

PUBLIC, OTHER = "93.184.216.34", "2606:4700:4700::1111"
PAGE = b"<title>Suwon in Tours</title>"
HTML = {"Content-Type": "text/html; charset=utf-8"}
AUTHORITY = str(DATA / "pages" / "authority.pem")
SSRF = json.loads((DATA / "ssrf.json").read_text("utf-8"))
LINKS: list[str] = SSRF["links"]
NAMES: dict[str, list[str]] = SSRF["names"]
VECTORS = [*LINKS, *(f"http://{name}/" for name in NAMES)]


class Net:
    """The Internet of a test: what names mean, and what listens at which address.

    Each look-up of a name takes the next of its meanings; the last stays. `servers` are the ports
    on loopback that stand for an address; whatever else is connected to is the *canary*'s.
    """

    def __init__(self, canary: int, **servers: int) -> None:
        self.names: dict[str, list[list[str]]] = {"page.example": [[PUBLIC]]}
        self.servers: dict[str, int] = {PUBLIC: servers.get("page", canary)}
        self.canary = canary
        self.looked_up: list[str] = []
        self.lines: list[tuple[str, int]] = []

    def resolve(self, host: str, port: int, _family: int, _kind: int) -> Sequence[tuple[Any, ...]]:
        self.looked_up.append(host)
        return [(0, 0, 0, "", (address, port)) for address in self._meaning(host)]

    def _meaning(self, host: str) -> list[str]:
        try:
            # As getaddrinfo does: "127.1" is an address to it.
            return [socket.inet_ntoa(socket.inet_aton(host))]
        except OSError:
            meanings = self.names.get(host)
        if not meanings:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return meanings.pop(0) if len(meanings) > 1 else meanings[0]

    def connect(self, address: tuple[str, int], seconds: float) -> socket.socket:
        self.lines.append(address)
        port = self.servers.get(address[0], self.canary)
        return socket.create_connection(("127.0.0.1", port), seconds)

    def reader(self, **settings: Any) -> PageReader:
        return PageReader(resolve=self.resolve, connect=self.connect, **settings)


def port_of(fake: FakeServer) -> int:
    return int(fake.server.server_address[1])


@pytest.fixture(scope="module")
def canary() -> Iterator[FakeServer]:
    """What stands at every address that must not be reached, and would tell its secret."""
    with serving(Answer(body=b"<title>secret</title>", headers=HTML)) as fake:
        yield fake


@pytest.fixture(scope="module")
def leading() -> Iterator[FakeServer]:
    """A public page that leads on to the vector whose number it is asked for, and has no other."""

    def answer(asked: Asked) -> Answer:
        number = asked.query.get("to")
        if number is None:
            return Answer(404)
        location = VECTORS[int(number)].encode().decode("latin-1")
        return Answer((301, 302, 303, 307, 308)[int(number) % 5], headers={"Location": location})

    with serving(answer) as fake:
        yield fake


@contextmanager
def site(answer: Any, **settings: Any) -> Iterator[tuple[PageReader, Net, FakeServer]]:
    """A reader, and the site page.example that it may read; nothing else listens."""
    with serving(answer) as fake:
        net = Net(canary=_closed_port(), page=port_of(fake))
        yield net.reader(**settings), net, fake


def _closed_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextmanager
def sending(first: bytes, drop: bytes = b"", wait: float = 0.0) -> Iterator[Net]:
    """The net of a server that sends *first*, then *drop* without end, each *wait* seconds."""
    closing = threading.Event()

    def serve() -> None:
        line, _peer = server.accept()
        with line, suppress(OSError):  # the reader hangs up when it has enough
            line.recv(65536)
            line.sendall(first)
            while drop and not closing.wait(wait):
                line.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Net(canary=_closed_port(), page=server.getsockname()[1])
        closing.set()
        thread.join()


def test_there_are_more_ways_in_than_a_hundred_and_twenty() -> None:
    assert len(set(VECTORS)) == len(VECTORS) >= 120


def test_the_canary_hears_whatever_is_let_through(canary: FakeServer) -> None:
    net = Net(canary=port_of(canary))
    assert net.reader().read("http://page.example/").title == "secret"
    assert canary.asked.pop().headers["host"] == "page.example"


@pytest.mark.parametrize("link", VECTORS)
def test_no_link_leads_behind_a_door(link: str, canary: FakeServer) -> None:
    net = Net(canary=port_of(canary))
    net.names |= {name: [addresses] for name, addresses in NAMES.items()}
    for read in (net.reader().read, net.reader().picture):
        with pytest.raises(PageError) as caught:
            read(link)
        assert "secret" not in str(caught.value)
    assert (net.lines, canary.asked) == ([], [])


@pytest.mark.parametrize(
    "number", [number for number, link in enumerate(VECTORS) if "\t" not in link]
)
def test_no_page_leads_behind_a_door(number: int, canary: FakeServer, leading: FakeServer) -> None:
    net = Net(canary=port_of(canary), page=port_of(leading))
    net.names |= {name: [addresses] for name, addresses in NAMES.items()}
    with pytest.raises(PageError):
        net.reader().read(f"http://page.example/?to={number}")
    # "http:127.0.0.1" is another page of the same host, to a browser too.
    assert {address for address, _port in net.lines} == {PUBLIC}
    assert canary.asked == []


def test_the_third_page_of_a_chain_leads_behind_no_door_either(canary: FakeServer) -> None:
    steps = {"/": "/a", "/a": "http://other.example/b", "/b": "http://169.254.169.254/latest"}

    def answer(asked: Asked) -> Answer:
        return Answer(302, headers={"Location": steps[asked.path]})

    with serving(answer) as fake:
        net = Net(canary=port_of(canary), page=port_of(fake))
        net.names["other.example"] = [[OTHER]]
        net.servers[OTHER] = port_of(fake)
        with pytest.raises(PageError, match=r"^169\.254\.169\.254 leads to"):
            net.reader().read("http://page.example/")
    assert net.lines == [(PUBLIC, 80), (PUBLIC, 80), (OTHER, 80)]
    assert canary.asked == []


def test_a_name_that_means_something_else_a_moment_later_is_not_looked_up_again(
    canary: FakeServer,
) -> None:
    with serving(Answer(body=PAGE, headers=HTML)) as fake:
        net = Net(canary=port_of(canary), page=port_of(fake))
        net.names["page.example"] = [[PUBLIC], ["127.0.0.1"]]
        assert net.reader().read("http://page.example/").title == "Suwon in Tours"
        assert (net.looked_up, net.lines) == (["page.example"], [(PUBLIC, 80)])
        with pytest.raises(PageError, match="inside a private network"):
            net.reader().read("http://page.example/")
    assert canary.asked == []


def test_a_page_that_leads_to_itself_under_a_name_that_changed_is_not_followed(
    canary: FakeServer,
) -> None:
    with serving(Answer(307, headers={"Location": "/"})) as fake:
        net = Net(canary=port_of(canary), page=port_of(fake))
        net.names["page.example"] = [[PUBLIC], ["10.0.0.1"]]
        with pytest.raises(PageError, match="inside a private network"):
            net.reader().read("http://page.example/")
    assert canary.asked == []


@pytest.mark.parametrize("link", [*VECTORS, "http://page.example/", "https://93.184.216.34/"])
def test_a_rehearsal_reads_this_machine_alone_and_looks_no_name_up(link: str) -> None:
    net = Net(canary=_closed_port())
    with pytest.raises(PageError):
        net.reader(loopback_only=True).read(link)
    assert set(net.looked_up) <= {"localhost"}
    assert all(ipaddress.ip_address(address).is_loopback for address, _port in net.lines)


def test_a_rehearsal_reads_a_page_of_this_machine_without_the_proxy() -> None:
    with serving(Answer(body=PAGE, headers=HTML)) as fake, serving(Answer(502)) as proxy:
        reader = PageReader(loopback_only=True, proxy=proxy.url)
        assert reader.read(fake.url + "/a").title == "Suwon in Tours"
        named = fake.url.replace("127.0.0.1", "localhost")
        assert reader.read(named).title == "Suwon in Tours"
        assert proxy.asked == []


def test_a_page_is_read_and_its_link_stays_as_it_was_written() -> None:
    html = b'<meta property="og:title" content="Suwon"><meta property="og:image" content="s.jpg">'
    steps = {"/link": Answer(301, headers={"Location": "/news/suwon.html"})}

    def answer(asked: Asked) -> Answer:
        return steps.get(asked.path, Answer(body=html, headers=HTML))

    with site(answer) as (reader, _net, fake):
        link = "http://page.example/link?utm_source=x#top"
        picture = "http://page.example/news/s.jpg"
        assert reader.read(link) == PageCard(link, "Suwon", "", picture)
        first, second = fake.asked
    assert (first.target, second.target) == ("/link?utm_source=x", "/news/suwon.html")
    assert first.headers["host"] == "page.example"
    assert first.headers["user-agent"].startswith("pavois/")
    assert {"cookie", "authorization", "referer"}.isdisjoint(second.headers)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_page_may_have_moved(status: int) -> None:
    def answer(asked: Asked) -> Answer:
        moved = Answer(
            status, headers={"Location": "//page.example/소식".encode().decode("latin-1")}
        )
        return moved if asked.path == "/" else Answer(body=PAGE, headers=HTML)

    with site(answer) as (reader, _net, fake):
        assert reader.read("http://page.example/").title == "Suwon in Tours"
        assert fake.asked[1].path == "/%EC%86%8C%EC%8B%9D"


def test_a_page_may_move_three_times_and_no_more() -> None:
    def answer(asked: Asked) -> Answer:
        left = int(asked.path.strip("/"))
        moved = Answer(302, headers={"Location": f"/{left - 1}"})
        return moved if left else Answer(body=PAGE, headers=HTML)

    with site(answer) as (reader, _net, fake):
        assert reader.read(f"http://page.example/{REDIRECTS_MAX}").title == "Suwon in Tours"
        fake.asked.clear()
        with pytest.raises(PageError, match="leads on from address to address"):
            reader.read("http://page.example/30")
        assert len(fake.asked) == REDIRECTS_MAX + 1


@pytest.mark.parametrize("headers", [{}, {"Location": ""}, {"Location": "http://["}])
def test_a_page_that_leads_nowhere_is_none(headers: dict[str, str]) -> None:
    with site(Answer(302, headers=headers)) as (reader, _net, _fake), pytest.raises(PageError):
        reader.read("http://page.example/")


def test_an_address_that_takes_no_line_leaves_its_share_of_the_time_to_the_next() -> None:
    with site(Answer(body=PAGE, headers=HTML)) as (reader, net, _fake):
        net.names["page.example"] = [[OTHER, PUBLIC]]
        assert reader.read("http://page.example/").title == "Suwon in Tours"
        assert [address for address, _port in net.lines] == [OTHER, PUBLIC]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "page.example has nothing at this address (error 404): is it spelt right?"),
        (410, "page.example has nothing at this address (error 410): is it spelt right?"),
        (403, "page.example does not show Pavois what is at this address (error 403)."),
        (500, "page.example does not show Pavois what is at this address (error 500)."),
        (204, "page.example does not show Pavois what is at this address (error 204)."),
        (304, "page.example does not show Pavois what is at this address (error 304)."),
    ],
)
def test_a_page_that_is_not_there_is_told_by_its_host(status: int, sentence: str) -> None:
    with site(Answer(status, headers=HTML)) as (reader, _net, _fake):
        with pytest.raises(PageError) as caught:
            reader.read("http://page.example/private-path?token=secret")
        assert str(caught.value) == sentence


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "text/plain", "text/htmlx", "x"])
def test_what_is_no_page_is_not_read_for_one(kind: str) -> None:
    with (
        site(Answer(body=b"%PDF-1.7", headers={"Content-Type": kind})) as (reader, _net, _fake),
        pytest.raises(PageError, match="is no web page, but a file of another kind"),
    ):
        reader.read("http://page.example/")


@pytest.mark.parametrize(
    "headers", [{}, HTML, {"Content-Type": "application/xhtml+xml"}, {"Content-Type": "TEXT/HTML"}]
)
def test_a_page_is_one_by_its_header_or_without(headers: dict[str, str]) -> None:
    with site(Answer(body=PAGE, headers=headers)) as (reader, _net, _fake):
        assert reader.read("http://page.example/").title == "Suwon in Tours"


def test_a_page_is_read_in_its_own_encoding() -> None:
    body = "<title>수원시</title>".encode("euc-kr")
    headers = {"Content-Type": "text/html; charset=euc-kr"}
    with site(Answer(body=body, headers=headers)) as (reader, _net, _fake):
        assert reader.read("http://page.example/").title == "수원시"


def test_a_name_that_nobody_knows_is_told() -> None:
    net = Net(canary=_closed_port())
    with pytest.raises(PageError, match=r"^수원\.example is not found: is it spelt right"):
        net.reader().read("http://수원.example/private-path")
    assert net.lines == []


def test_a_machine_that_does_not_listen_is_told() -> None:
    net = Net(canary=_closed_port())
    with pytest.raises(PageError, match=r"^page\.example could not be reached"):
        net.reader().read("http://page.example/")


def test_a_line_that_breaks_is_told_without_the_address() -> None:
    with site(Answer(hang_up=True)) as (reader, _net, _fake):
        with pytest.raises(PageError, match="broke off") as caught:
            reader.read("http://page.example/private-path?token=secret")
        told = f"{caught.value} {caught.value.message!r} {caught.value.args}"
        assert "private-path" not in told
        assert caught.value.__suppress_context__


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 1000\r\n\r\n" + PAGE,
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<titl",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 70_000,
        OK + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        OK + b"X: x\r\n" * 200 + b"\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
    ],
)
def test_half_an_answer_is_none(answer: bytes) -> None:
    with sending(answer) as net, pytest.raises(PageError, match="broke off"):
        net.reader().read("http://page.example/")


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"-"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (OK + b"Content-Length: 100000\r\n\r\n", b"-"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n-\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"-"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: x\r\n"),
    ],
)
def test_an_answer_that_comes_in_drops_is_waited_for_no_longer_than_any(
    first: bytes, drop: bytes
) -> None:
    with sending(first, drop, wait=0.02) as net:
        began = time.monotonic()
        with pytest.raises(PageError, match="did not answer within 1 seconds"):
            net.reader(timeout=0.2).read("http://page.example/")
        assert 0.15 < time.monotonic() - began < 0.7


def test_all_the_pages_of_a_chain_share_the_time() -> None:
    slow = Answer(302, headers={"Location": "/"}, wait=0.15)
    with site(slow, timeout=0.35) as (reader, _net, fake):
        with pytest.raises(PageError, match="did not answer within 1 seconds"):
            reader.read("http://page.example/")
        assert len(fake.asked) < REDIRECTS_MAX + 1


def test_a_name_that_takes_too_long_to_look_up_is_not_waited_for() -> None:
    looking = threading.Event()

    def resolve(*_asked: object) -> Sequence[tuple[Any, ...]]:
        looking.wait(5)
        return []

    began = time.monotonic()
    with pytest.raises(PageError, match="did not answer within 1 seconds"):
        PageReader(resolve=resolve, timeout=0.1).read("http://page.example/")
    assert time.monotonic() - began < 0.5
    looking.set()


def test_a_machine_that_says_nothing_when_it_should_encrypt_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        net = Net(canary=silent.getsockname()[1])
        began = time.monotonic()
        with pytest.raises(PageError, match="did not answer within 1 seconds"):
            net.reader(timeout=0.2).read("https://page.example/")
        assert time.monotonic() - began < 0.6


def test_addresses_that_take_no_line_are_not_waited_for_one_after_another() -> None:
    waited: list[float] = []

    def connect(address: tuple[str, int], seconds: float) -> socket.socket:
        waited.append(seconds)
        time.sleep(seconds)
        raise TimeoutError

    net = Net(canary=_closed_port())
    net.names["page.example"] = [[PUBLIC, OTHER, "1.1.1.1"]]
    reader = PageReader(resolve=net.resolve, connect=connect, timeout=0.3)
    with pytest.raises(PageError, match="did not answer"):
        reader.read("http://page.example/")
    assert len(waited) == 3
    assert sum(waited) < 0.35


def test_no_more_of_a_page_is_read_than_its_beginning() -> None:
    late = b" " * (PAGE_MAX - len(PAGE)) + b"<meta property=og:title content=late>"
    with site(Answer(body=PAGE + late, headers=HTML)) as (reader, _net, _fake):
        assert reader.read("http://page.example/").title == "Suwon in Tours"


@pytest.mark.parametrize("begin", [b"\r\n", b"Content-Length: 99999999999\r\n\r\n"])
def test_a_page_without_an_end_is_a_page(begin: bytes) -> None:
    with sending(OK + begin + PAGE, b" " * 50_000) as net:
        assert net.reader().read("http://page.example/").title == "Suwon in Tours"


def test_a_packed_page_is_read() -> None:
    packed = Answer(body=gzip.compress(PAGE, mtime=0), headers=HTML | {"Content-Encoding": "gzip"})
    with site(packed) as (reader, _net, fake):
        assert reader.read("http://page.example/").title == "Suwon in Tours"
        assert fake.asked[0].headers["accept-encoding"] == "gzip"


def test_no_more_of_a_page_is_unpacked_than_its_beginning() -> None:
    bomb = gzip.compress(PAGE + bytes(50_000_000), mtime=0)
    headers = HTML | {"Content-Encoding": "gzip"}
    assert len(bomb) < PAGE_MAX
    with site(Answer(body=bomb, headers=headers)) as (reader, _net, _fake):
        began = time.monotonic()
        assert reader.read("http://page.example/").title == "Suwon in Tours"
        assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"no gzip"),
        ("br", PAGE),
        ("zstd", PAGE),
        ("gzip, gzip", gzip.compress(PAGE, mtime=0)),
    ],
)
def test_what_is_packed_in_another_way_is_not_read(encoding: str, body: bytes) -> None:
    headers = HTML | {"Content-Encoding": encoding}
    with (
        site(Answer(body=body, headers=headers)) as (reader, _net, _fake),
        pytest.raises(PageError, match="packed in a way that cannot be read"),
    ):
        reader.read("http://page.example/")


PNG = b"\x89PNG\r\n\x1a\n"
IMAGE = {"Content-Type": "image/png"}


def test_a_picture_is_read_whole() -> None:
    with site(Answer(body=PNG + bytes(PICTURE_MAX - len(PNG)), headers=IMAGE)) as (reader, _, _f):
        assert len(reader.picture("http://page.example/a.png")) == PICTURE_MAX


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream", "image/", ""])
def test_what_is_no_picture_is_not_read_for_one(kind: str) -> None:
    with (
        site(Answer(body=PNG, headers={"Content-Type": kind})) as (reader, _net, _fake),
        pytest.raises(PageError, match="is no picture"),
    ):
        reader.picture("http://page.example/a.png")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=bytes(PICTURE_MAX + 1), headers=IMAGE),
        Answer(
            body=gzip.compress(bytes(PICTURE_MAX + 1), mtime=0),
            headers=IMAGE | {"Content-Encoding": "gzip"},
        ),
    ],
)
def test_a_picture_that_is_too_big_is_none(answer: Answer) -> None:
    with (
        site(answer) as (reader, _net, _fake),
        pytest.raises(PageError, match=r"picture at page\.example is larger than 5 MB"),
    ):
        reader.picture("http://page.example/a.png")


def test_a_picture_without_an_end_is_too_big() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"
    with (
        sending(head, bytes(1_000_000)) as net,
        pytest.raises(PageError, match="larger than 5 MB"),
    ):
        net.reader().picture("http://page.example/a.png")


@contextmanager
def encrypted() -> Iterator[tuple[Net, list[str]]]:
    """The net of an encrypted page.example, and the names that it was asked for by."""
    asked_for: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DATA / "pages" / "page.example.pem")
    context.sni_callback = lambda _line, name, _context: asked_for.append(str(name))
    with serving(Answer(body=PAGE, headers=HTML)) as fake:
        # Shaken hands with in the line's own thread: one that is refused spoils no other.
        fake.server.socket = context.wrap_socket(
            fake.server.socket, server_side=True, do_handshake_on_connect=False
        )
        fake.server.handle_error = lambda *_line: None  # type: ignore[method-assign]
        yield Net(canary=_closed_port(), page=port_of(fake)), asked_for


def test_an_encrypted_page_is_asked_for_by_its_name_at_the_address_that_was_checked() -> None:
    with encrypted() as (net, asked_for):
        reader = net.reader(ca_file=AUTHORITY)
        assert reader.read("https://page.example/").title == "Suwon in Tours"
        assert (asked_for, net.lines) == (["page.example"], [(PUBLIC, 443)])


@pytest.mark.parametrize(
    ("name", "ca_file"), [("page.example", ""), ("other.example", AUTHORITY), (PUBLIC, AUTHORITY)]
)
def test_a_certificate_of_another_name_or_of_nobody_is_told(name: str, ca_file: str) -> None:
    with encrypted() as (net, _asked_for):
        net.names["other.example"] = [[PUBLIC]]
        with pytest.raises(PageError, match=f"certificate of {name} is not one"):
            net.reader(ca_file=ca_file).read(f"https://{name}/")


def test_a_town_halls_proxy_is_asked_by_name_once_the_name_was_checked_here() -> None:
    with serving(Answer(body=PAGE, headers=HTML)) as proxy:
        net = Net(canary=_closed_port())
        reader = net.reader(proxy=proxy.url)
        assert reader.read("http://page.example/a").title == "Suwon in Tours"
        assert [asked.target for asked in proxy.asked] == ["http://page.example/a"]
        assert (net.looked_up, net.lines) == (["page.example"], [])


@pytest.mark.parametrize("link", VECTORS)
def test_a_town_halls_proxy_is_not_asked_for_what_lies_within(
    link: str, canary: FakeServer
) -> None:
    net = Net(canary=_closed_port())
    net.names |= {name: [addresses] for name, addresses in NAMES.items()}
    with pytest.raises(PageError):
        net.reader(proxy=canary.url).read(link)
    assert canary.asked == []


def test_a_proxy_that_lets_nobody_through_is_told() -> None:
    with serving(Answer(403)) as proxy:
        net = Net(canary=_closed_port())
        with pytest.raises(PageError, match="could not be reached"):
            net.reader(proxy=proxy.url).read("https://page.example/")
        assert [asked.method for asked in proxy.asked] == ["CONNECT"]


@pytest.mark.parametrize("settings", [{"proxy": "proxy.ville.example"}, {"ca_file": "no-file.pem"}])
def test_a_wrong_configuration_is_one(settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        Net(canary=_closed_port()).reader(**settings).read("http://page.example/")


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{_closed_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{_closed_port()}")
    with site(Answer(body=PAGE, headers=HTML)) as (reader, _net, _fake):
        assert reader.read("http://page.example/").title == "Suwon in Tours"


def test_the_machines_own_names_and_lines_are_used_where_no_others_are_given() -> None:
    with pytest.raises(PageError, match="inside a private network"):
        PageReader().read("http://localhost/")
    with serving(Answer(body=PAGE, headers=HTML)) as fake:
        assert PageReader(loopback_only=True).read(fake.url).title == "Suwon in Tours"
