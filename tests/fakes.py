"""Stand-ins that are written by hand: what they do can be read here."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


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

            do_GET = do_POST = do_DELETE = _serve  # noqa: N815

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


def written(body: Any) -> bytes:
    """A body of a test file as it goes over the line: null is nothing, a text is itself."""
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()
