"""The rehearsal networks as one HTTP server on loopback."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any, cast

from flask import Flask, Response, abort, jsonify, request, send_file
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from bot.clock import Clock, RehearsalClock
from bot.sandbox import linkedin, x
from bot.sandbox.credentials import credentials_of, remote_id
from bot.sandbox.faults import Stage, set_fault
from bot.sandbox.magic import PICTURES
from bot.sandbox.timelines import timeline_page
from bot.sandbox.uploads import PIECE, Uploads
from bot.sandbox.values import NETWORKS, SandboxAccount, SandboxPost
from bot.sandbox.world import World

LOOPBACK = "127.0.0.1"

#: How long the server sleeps when nobody calls: it also runs inside an idle daemon.
POLL_SECONDS = 5.0

#: A body up to this many bytes is read into memory, a larger one to the disk.
IN_MEMORY = 1 << 20

#: What a client may put in a form's fields; files go to the disk.
FIELDS_MAX = 8 << 20


class Sandbox:
    """X and LinkedIn, played on 127.0.0.1 over one world (a file, or memory when *path* is None).

    What is uploaded lies in a folder beside the file: `networks.media` beside `networks.db`.

    Several processes may each have a Sandbox on the same file. *clock* is the only time they know;
    *seed* makes their figures repeatable. Port 0 takes a free one, known once started.
    """

    def __init__(
        self, clock: Clock, path: Path | None = None, *, port: int = 0, seed: int = 2023
    ) -> None:
        self._port = port
        world = World(path)
        uploads = Uploads(world, path and path.with_suffix(".media"))
        self._stage = Stage(world, uploads, clock, seed)
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    # lifecycle

    def start(self) -> None:
        """Answer from now on, in a thread; again changes nothing. OSError: the port is taken."""
        if self._server is not None:
            return
        self._stage.halt.clear()
        app = make_app(self._stage)
        # Our own socket: werkzeug's ends the process when the port is taken, this raises OSError.
        with socket.create_server((LOOPBACK, self._port)) as listener:
            self._port = listener.getsockname()[1]
            self._server = make_server(
                LOOPBACK,
                self._port,
                app,
                threaded=True,
                request_handler=_Handler,
                fd=listener.fileno(),
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": POLL_SECONDS},
            name="sandbox",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering: waits end, open connections are closed. The world can still be read."""
        if self._server is None or self._thread is None:
            return
        self._stage.halt.set()
        self._shut_down(self._server)
        self._server.server_close()
        self._thread.join()
        _Handler.hang_up_on(self._server)
        self._server = self._thread = None

    def _shut_down(self, server: BaseWSGIServer) -> None:
        """Ask the server to stop, and call it: it looks up when somebody calls."""
        asking = threading.Thread(target=server.shutdown)
        asking.start()
        while asking.is_alive():
            with suppress(OSError), socket.create_connection((LOOPBACK, self._port), timeout=1):
                asking.join(0.02)
        asking.join()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def x_url(self) -> str:
        """The base of X's routes: `{x_url}/2/tweets`."""
        return f"http://{LOOPBACK}:{self._port}/x"

    @property
    def linkedin_url(self) -> str:
        """The base of LinkedIn's routes: `{linkedin_url}/rest/posts`."""
        return f"http://{LOOPBACK}:{self._port}/linkedin"

    # the world

    def open_account(self, network: str, slug: str, name: str, handle: str) -> Mapping[str, str]:
        """Open an account and return the credentials to speak for it; again is no error.

        X: `api_key`, `api_secret`, `access_token` (`<user id>-…`), `access_secret`.
        LinkedIn: `access_token`, `author` (`urn:li:organization:<n>`). ValueError: no such network.
        """
        if network not in NETWORKS:
            raise ValueError(f"no rehearsal network is called {network!r}")
        account = SandboxAccount(network, slug, name, handle, remote_id(network, slug))
        self._stage.world.open_account(account)
        return credentials_of(network, slug)

    def fault(
        self,
        network: str,
        kind: str,
        *,
        times: int = 1,
        route: str = "publish",
        seconds: float = 0,
    ) -> None:
        """Let the next *times* calls of *route* go wrong (`faults.KINDS`, `faults.ROUTES`), or the
        next files be processed badly (`faults.FATES`, whatever the route)."""
        set_fault(self._stage.world, network, kind, route, times, seconds)

    def set_premium(self, slug: str, *, pays: bool = True) -> None:
        """Let the account *slug* on X have Premium, or (as at first) not."""
        self._stage.world.set_number(f"premium {slug}", 1 if pays else None)

    def set_credit(self, dollars: float | None) -> None:
        """Give X's developer account so much credit from now on; None, as at first: endless."""
        mills = None
        if dollars is not None:
            mills = self._stage.world.spent() + round(dollars * 1000)
        self._stage.world.set_number("credit_mills", mills)

    def spent(self) -> float:
        """What X has charged so far, in dollars."""
        return self._stage.world.spent() / 1000

    def set_linkedin_calls_a_day(self, calls: int | None) -> None:
        """Let LinkedIn take so many calls a UTC day, account and resource; None: any number."""
        self._stage.world.set_number("linkedin_calls_a_day", calls)

    def posts(self, network: str, account: str | None = None) -> list[SandboxPost]:
        """The truth, newest first: deleted and truncated posts too. *account* is a slug."""
        return self._stage.world.posts(network, account)

    def timeline_page(self, network: str) -> str:
        """The network's page as people would see it: HTML that needs nothing else."""
        return timeline_page(self._stage, network)


def make_app(stage: Stage) -> Flask:
    """Both networks and the doors of the tests as one application."""
    app = Flask("bot.sandbox", static_folder=None)
    app.config["MAX_FORM_MEMORY_SIZE"] = FIELDS_MAX
    app.register_blueprint(x.X(stage).blueprint(), url_prefix="/x")
    app.register_blueprint(linkedin.LinkedIn(stage).blueprint(), url_prefix="/linkedin")
    _add_pictures(app, stage)
    _add_doors(app, stage)

    @app.errorhandler(HTTPException)
    def unknown(_error: HTTPException) -> Response:
        if request.path.startswith("/linkedin"):
            return linkedin.unknown_route(request.path)
        return x.unknown_route()

    @app.after_request
    def dated(response: Response) -> Response:
        response.date = stage.clock.now()
        return response

    return app


def _add_pictures(app: Flask, stage: Stage) -> None:
    """The pictures that a page leads to instead of holding them, where it leads to."""

    @app.get(f"/<network>/{stage.uploads.folder.name}/<file>")
    def picture(network: str, file: str) -> Response:
        upload = stage.uploads.find(network, file.removeprefix(f"{network}-"))
        if upload is None or upload.mime not in PICTURES or not stage.uploads.path(upload).exists():
            abort(404)
        return send_file(stage.uploads.path(upload).absolute(), upload.mime)


def _add_doors(app: Flask, stage: Stage) -> None:
    """What no network has, for tests in other processes; JSON only: no web page can call."""

    @app.post("/_sandbox/clock")
    def clock() -> Response:
        wanted = datetime.fromisoformat(_json()["now"])
        if isinstance(stage.clock, RehearsalClock):
            stage.clock.advance_to(wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC))
        return jsonify(now=stage.clock.now().isoformat())

    @app.get("/_sandbox/posts")
    def posts() -> Response:
        return jsonify([_plain(post) for name in NETWORKS for post in stage.world.posts(name)])

    @app.post("/_sandbox/faults")
    def faults() -> Response:
        wanted = _json()
        network, kind, route = wanted["network"], wanted["kind"], wanted.get("route", "publish")
        times, seconds = int(wanted.get("times", 1)), float(wanted.get("seconds", 0))
        set_fault(stage.world, network, kind, route, times, seconds)
        return jsonify(network=network, kind=kind, route=route, times=times, seconds=seconds)

    @app.errorhandler(ValueError)
    @app.errorhandler(KeyError)
    def not_so(error: Exception) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400


def _json() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise ValueError("a JSON object is needed, sent as application/json")  # noqa: TRY004
    return body


def _plain(post: SandboxPost) -> dict[str, object]:
    plain = {name: getattr(post, name) for name in SandboxPost.__slots__}
    for name in ("created_at", "deleted_at", "edited_at"):
        plain[name] = plain[name] and plain[name].isoformat()
    return plain | {"id": str(post.id)}


class _Handler(WSGIRequestHandler):
    """HTTP/1.1 with connections that stay open, and silence.

    Werkzeug's own handler closes every connection, since it cannot know whether the application
    has read the whole body. Here the body is read before the application is asked.
    """

    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        _open_connections(self.server).add(self.connection)

    def finish(self) -> None:
        _open_connections(self.server).discard(self.connection)
        super().finish()

    @staticmethod
    def hang_up_on(server: BaseWSGIServer) -> None:
        """End the connections that clients left open."""
        for connection in list(_open_connections(server)):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        with SpooledTemporaryFile(IN_MEMORY) as body_read:
            self._read_body(environ, body_read)
            environ["wsgi.input"] = body_read
            chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
            body = b"".join(chunks)
        code, _, reason = status.partition(" ")
        try:
            self.send_response_only(int(code), reason)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)
        except ConnectionError:
            self.close_connection = True

    def _read_body(self, environ: dict[str, Any], into: IO[bytes]) -> None:
        """Copy the body in pieces, a large one to the disk."""
        chunked = environ.get("wsgi.input_terminated", False)
        left = sys.maxsize if chunked else int(self.headers.get("Content-Length") or 0)
        while piece := environ["wsgi.input"].read(min(left, PIECE)):
            into.write(piece)
            left -= len(piece)
        into.seek(0)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  werkzeug's name
        """Say nothing."""


def _open_connections(server: object) -> set[socket.socket]:
    """The connections that *server* has open."""
    return cast("set[socket.socket]", vars(server).setdefault("open_connections", set()))
