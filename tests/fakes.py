"""Stand-ins that are written by hand: what they do can be read here."""

from __future__ import annotations

import io
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

from bot.attached import Media, Mention, Page, Sort
from bot.clock import Clock, RehearsalClock
from bot.compose.rules import Link, Measure, PollLimits, Tag, Takes
from bot.db.claims import Begun, Call
from bot.db.store import Store
from bot.errors import MediaError, PageError, Uncertain
from bot.metrics import Metrics
from bot.model import Campaign, Post, Published, RemotePost
from bot.networks.base import Network
from bot.pages.card import PageCard
from bot.publisher import LEASE, Lookups, Publisher
from bot.purse import Purse
from bot.senders import InTurn
from bot.settler import Settler
from bot.words import Message


@dataclass(frozen=True)
class Asked:
    """One request as it came over the line; the names of *headers* in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What is answered; *hang_up* closes the line without a word, *wait* is in seconds."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    wait: float = 0

    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class FakeServer:
    """An HTTP server on loopback: *answer* makes an answer of each request, `asked` keeps them."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.asked: list[Asked] = []
        self.answer = answer
        self.closing = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, self.rfile.read(length))
                fake.asked.append(asked)
                self._reply(fake.answer(asked))

            def _reply(self, answer: Answer) -> None:
                self.close_connection = True
                fake.closing.wait(answer.wait)
                if answer.hang_up or fake.closing.is_set():
                    return
                body = answer.bytes()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = do_CONNECT = _serve  # noqa: N815

            def log_message(self, *_args: object) -> None:
                """Says nothing: the test's own output is enough."""

        return Handler


@contextmanager
def serving(answer: Callable[[Asked], Answer] | Answer) -> Iterator[FakeServer]:
    """A FakeServer that runs for the length of a `with`; one Answer answers everything."""
    fake = FakeServer((lambda _asked: answer) if isinstance(answer, Answer) else answer)
    thread = threading.Thread(target=fake.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.closing.set()
        fake.server.shutdown()
        thread.join()
        fake.server.server_close()


class Generated(io.RawIOBase):
    """A file of *size* bytes that lies nowhere: each byte is its place, by 251."""

    _round = bytes(range(251)) * 4200  # somewhat more than a MiB

    def __init__(self, size: int) -> None:
        self.size = size
        self.at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        assert whence == 0
        self.at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        size = max(0, min(size if size >= 0 else self.size, self.size - self.at))
        start = self.at % 251
        rounds = -(-(start + size) // len(self._round))
        data = (
            (self._round * rounds)[start : start + size]
            if rounds > 1
            else self._round[start : start + size]
        )
        self.at += size
        return data


@contextmanager
def swallowing(pause: float = 0, bite: int = 1 << 16) -> Iterator[Swallower]:
    """A server that takes *bite* bytes each *pause* seconds, keeps none and answers 201."""
    swallower = Swallower(pause, bite)
    thread = threading.Thread(target=swallower.serve, daemon=True)
    thread.start()
    try:
        yield swallower
    finally:
        swallower.closing.set()
        thread.join()
        swallower.listening.close()


class Swallower:
    """See `swallowing`: `swallowed` counts the bytes of the body of its one request."""

    def __init__(self, pause: float, bite: int) -> None:
        self.pause = pause
        self.bite = bite
        self.swallowed = 0
        self.closing = threading.Event()
        self.listening = socket.socket()
        # A small window: what the machine holds for a line that does not take it.
        self.listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen()
        self.listening.settimeout(0.05)
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/file"

    def serve(self) -> None:
        while not self.closing.is_set():
            with suppress(TimeoutError):
                line, _peer = self.listening.accept()
                with line, suppress(OSError):
                    line.settimeout(5)
                    self._swallow(line)

    def _swallow(self, line: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += line.recv(self.bite)
        head, _, body = head.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        left = int(found[1]) - len(body) if found else 0
        self.swallowed = len(body)
        while left and not self.closing.wait(self.pause):
            taken = len(line.recv(self.bite))
            self.swallowed += taken
            left -= taken
        if not left:
            line.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")


def written(body: Any) -> bytes:
    """A body of a test file as it goes over the line: null is nothing, a text is itself."""
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


class PlainRules:
    """Rules of text that can be checked by eye: one sign counts one, a `#word` is a hashtag.

    It takes one JPEG of any size, no poll, no thread, costs nothing and refuses nothing.
    """

    unit = "signs"
    poll: PollLimits | None = None
    has_cards = False
    has_threads = False
    forbids_repetition = False

    def __init__(self, limit: int = 300) -> None:
        self.limit = limit
        self.takes: Mapping[Sort, Takes] = {Sort.PICTURE: Takes(("image/jpeg",), 1 << 20, alt=100)}

    def measure(self, text: str, mentions: Sequence[Mention] = ()) -> Measure:
        return Measure(len(text), len(text))

    def tags(self, text: str) -> list[Tag]:
        inside = [range(link.start, link.end) for link in self.links(text)]
        return [
            Tag(found[1], found.start(), found.end())
            for found in re.finditer(r"(?<!\w)#(\w+)", text)
            if not any(found.start() in link for link in inside)
        ]

    def links(self, text: str) -> list[Link]:
        return [
            Link(found[0], found.start(), found.end())
            for found in re.finditer(r"https?://\S+", text)
        ]

    def shown_link(self, address: str) -> str:
        return address.removeprefix("https://")

    def mentioned(self, text: str, mentions: Sequence[Mention] = ()) -> list[Tag]:
        return []

    def clean(self, text: str) -> str:
        return text

    def refusals(self, text: str) -> tuple[Message, ...]:
        return ()

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal | None:
        return None


def opened(media: Media) -> BinaryIO:
    """The bytes of a file: its own name; MediaError for one called "gone"."""
    if media.sha256 == "gone":
        raise MediaError("The file is gone.")
    return io.BytesIO(media.sha256.encode())


class BlindNetwork:
    """A network that publishes into a list and cannot be looked at.

    What stands in `before` is raised instead of storing the post, what stands in `after` once it
    is stored, each once and in order; `meanwhile` is called while a post is on its way.
    """

    source = "a list"
    api_version = "1"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.out: list[RemotePost] = []
        self.before: list[BaseException] = []
        self.after: list[BaseException] = []
        self.unreadable: list[BaseException] = []
        self.figures: dict[str, Metrics] = {}
        self.asked_for: list[tuple[str, ...]] = []
        self.meanwhile: Callable[[Post], None] = lambda _post: None

    def publish(self, post: Post) -> Published:
        self.meanwhile(post)
        if self.before:
            raise self.before.pop(0)
        remote_id = f"{post.account}-{len(self.out) + 1}"
        url = f"https://network.example/{remote_id}"
        self.out.insert(0, RemotePost(remote_id, url, post.text, self.clock.now()))
        if self.after:
            raise self.after.pop(0)
        return Published(remote_id, url, self.clock.now(), request_id="r-1", status=201)

    def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, Metrics]:
        self.asked_for.append(tuple(remote_ids))
        if self.unreadable:
            raise self.unreadable.pop(0)
        return {name: self.figures[name] for name in remote_ids if name in self.figures}


class MemberNetwork(BlindNetwork):
    """A network that shows nothing, and for ten minutes knows what repeats and names it: a Placer.

    What stands in `before` comes first.
    """

    def publish(self, post: Post) -> Published:
        since = self.clock.now() - timedelta(minutes=10)
        named = [one.remote_id for one in self.out if one.text == post.text and one.at > since]
        if named and not self.before:
            self.meanwhile(post)
            raise Uncertain("It is out already.", duplicate_of=named[0], status=422)
        return super().publish(post)

    def address_of(self, remote_id: str) -> str:
        return f"https://network.example/{remote_id}"


class FakeNetwork(BlindNetwork):
    """A network that gives its own posts back: a Finder and a Deleter too.

    `hidden` posts are stored and not shown yet; `blurred` is raised by the next looks.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.hidden = False
        self.blurred: list[BaseException] = []
        self.looks: list[datetime] = []

    def recent(self, since: datetime) -> Sequence[RemotePost]:
        self.looks.append(self.clock.now())
        if self.blurred:
            raise self.blurred.pop(0)
        return [] if self.hidden else [remote for remote in self.out if remote.at >= since]

    def same_text(self, post: Post, remote: RemotePost) -> bool:
        return post.text == remote.text

    def delete(self, remote_id: str) -> None:
        self.out = [remote for remote in self.out if remote.remote_id != remote_id]


class UploadingNetwork(FakeNetwork):
    """A network that takes files ahead: `up` names them, `stuck` is raised by the next uploads."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.up: list[str] = []
        self.stuck: list[BaseException] = []
        self.between: Callable[[], None] = lambda: None
        self.answered: list[str] = []

    def upload(
        self, post: Post, opened: Callable[[Media], BinaryIO], alive: Callable[[], None]
    ) -> None:
        for media in post.attached.files:
            self.between()
            alive()
            if self.stuck:
                raise self.stuck.pop(0)
            self.up.append(opened(media).read().decode())

    def publish(self, post: Post) -> Published:
        self.answered.append(post.reply_to)
        return super().publish(post)


@dataclass
class PageList:
    """Pages that are a list: a PageSource. `asked` names what was read, in order."""

    pages: Mapping[str, PageCard] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def read(self, url: str) -> PageCard:
        self.asked.append(url)
        if url not in self.pages:
            raise PageError("The page is down.")
        return self.pages[url]

    def picture(self, url: str) -> bytes:
        self.asked.append(url)
        if url not in self.pictures:
            raise PageError("There is no such picture.")
        return self.pictures[url]


class PageNotes:
    """What pages said, in a list: a PageMemory. It was all long ago when `old`."""

    def __init__(self) -> None:
        self.kept: list[Page] = []
        self.old = False

    def page(self, url: str, *, within: timedelta | None = None) -> Page | None:
        if self.old and within is not None:
            return None
        return next((page for page in reversed(self.kept) if page.url == url), None)

    def keep(self, page: Page) -> None:
        self.kept.append(page)


def publisher_of(
    campaign: Campaign, store: Store, clock: Clock, network_of: Callable[[str], Network]
) -> Publisher:
    """A publisher that makes its calls in turn, on networks with plain rules and no limits."""
    lookups = Lookups(network_of, lambda _name: PlainRules(), opened)
    return Publisher(campaign, store, clock, lookups, InTurn())


def settler_of(
    campaign: Campaign, store: Store, clock: Clock, network_of: Callable[[str], Network]
) -> Settler:
    """A settler that looks at one account after the other."""
    return Settler(campaign, store, clock, network_of, InTurn(), Purse(store, clock))


def claimed(
    store: Store, campaign: str = "campaign", sender: str = "me", lease: timedelta = LEASE
) -> list[Post]:
    """What *sender* claims; nothing is said of calls yet."""
    return [one.post for one in store.ledger.claim(campaign, sender, lease)]


def begin(store: Store, post: Post, sender: str = "me") -> Begun:
    """*sender* is about to make the call for *post*."""
    return store.ledger.about_to_send([Call(post)], sender)[0]


def next_wake_up(store: Any, campaign: str = "campaign") -> datetime | None:
    """When whoever sends and settles has something to do again."""
    moments = store.ledger.next_call(campaign), store.ledger.next_look(campaign)
    return min((moment for moment in moments if moment), default=None)


class Hands(RehearsalClock):
    """A machine's clock, whose hands somebody sets; the seconds that pass nobody can."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._truth = RehearsalClock(start)

    @property
    def truth(self) -> RehearsalClock:
        """What the clocks of everybody else say."""
        return self._truth

    def advance_to(self, instant: datetime) -> None:
        passes = max(instant.astimezone(UTC) - self._now, timedelta(0))
        super().advance_to(instant)
        self._truth.wait(passes)

    def monotonic(self) -> float:
        return self._truth.monotonic()

    def set_by(self, span: timedelta) -> None:
        self._now += span
