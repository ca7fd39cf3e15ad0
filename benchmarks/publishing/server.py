"""The least that answers a POST over HTTP: quicker than whoever asks it.

It says its address on a line and answers until it is ended.
"""

from __future__ import annotations

import asyncio
import itertools
import re

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_names = itertools.count(1)


class Answering(asyncio.Protocol):
    """Takes whole requests off a line, and answers each with a new id."""

    def __init__(self) -> None:
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._line = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, blank, body = self._came.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if blank and len(body) >= (int(length[1]) if length else 0):
            self._came = b""
            answer = b'{"id": "%d"}' % next(_names)
            self._line.write(
                b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer)
            )
            self._line.close()


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=256)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/posts", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
