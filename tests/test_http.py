"""The one way out: how long it waits, whom it follows, what it says when it fails."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from bot.errors import ConfigError, NotSent, Uncertain
from bot.networks import http
from bot.networks.http import (
    base_address,
    check_secret,
    is_loopback,
    json_object,
    make_session,
    network_error,
    translate,
    whole_number,
)
from tests.fakes import Answer, serving, swallowing


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with make_session() as made:
        yield made


@contextmanager
def dripping(at_once: bytes, drops: bytes = b"-" * 1000) -> Iterator[str]:
    """The address of a server that sends *at_once*, then a drop each 0.02 s."""
    closing = threading.Event()

    def serve() -> None:
        line, _peer = server.accept()
        with line, suppress(OSError):
            line.recv(65536)
            line.sendall(at_once)
            for drop in drops:
                if closing.wait(0.02):
                    break
                line.sendall(bytes([drop]))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        closing.set()
        thread.join()


def _closed_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def test_a_network_that_does_not_answer_is_not_waited_for_without_end() -> None:
    with (
        serving(Answer(wait=5)) as fake,
        make_session(timeout=(1, 0.05)) as session,
        pytest.raises(requests.ReadTimeout),
    ):
        session.get(fake.url)


def test_a_redirect_is_an_answer_even_where_following_is_asked_for(
    session: requests.Session,
) -> None:
    with serving(Answer(301, headers={"Location": "/elsewhere"})) as fake:
        answer = session.post(fake.url + "/posts", json={"text": "a"}, allow_redirects=True)
        assert answer.status_code == 301
        assert [asked.path for asked in fake.asked] == ["/posts"]


def test_a_broken_redirect_is_an_answer_too(session: requests.Session) -> None:
    with serving(Answer(302, headers={"Location": "http://["})) as fake:
        assert session.post(fake.url).status_code == 302


def test_passwords_that_lie_about_on_the_machine_are_not_sent(
    session: requests.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login clerk password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(Answer()) as fake:
        session.get(fake.url)
        assert "authorization" not in fake.asked[0].headers


def test_a_proxy_of_the_environment_is_not_used(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{_closed_port()}")
    with serving(Answer()) as fake:
        assert session.get(fake.url).status_code == 200


def test_the_proxy_of_the_configuration_is_used() -> None:
    with serving(Answer()) as proxy, make_session(proxy=proxy.url) as session:
        session.get("http://api.example.org/2/tweets")
        assert proxy.asked[0].target == "http://api.example.org/2/tweets"


def test_the_certificate_of_the_configuration_is_the_one_that_is_trusted() -> None:
    with make_session(ca_file=DEFAULT_CA_BUNDLE_PATH) as session:
        assert session.verify == DEFAULT_CA_BUNDLE_PATH


@pytest.mark.parametrize(
    "content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"\xff\x00"]
)
def test_a_file_of_certificates_that_holds_none_is_named_before_any_call(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "town-hall.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"http\.ca_file.*town-hall\.pem"):
        make_session(ca_file=str(path))


@pytest.mark.parametrize(
    "proxy", ["proxy.ville.example", "ftp://proxy.ville.example", "http://", "http://["]
)
def test_a_proxy_that_is_no_address_is_named_before_any_call(proxy: str) -> None:
    with pytest.raises(ConfigError, match=r"http\.proxy"):
        make_session(proxy=proxy)


def test_no_line_is_kept_open_to_break_under_the_next_post(session: requests.Session) -> None:
    with serving(Answer()) as fake:
        for _time in range(20):
            session.post(fake.url)
        assert {asked.headers["connection"] for asked in fake.asked} == {"close"}


def test_pavois_says_who_it_is(session: requests.Session) -> None:
    with serving(Answer()) as fake:
        session.get(fake.url)
        assert fake.asked[0].headers["user-agent"].startswith("pavois/")


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/", "https://api.x.com/2/tweets", "http://127.0.0.1.example.org/"]
)
def test_a_rehearsal_speaks_to_this_machine_only(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_up(*args: object, **kwargs: object) -> None:
        pytest.fail("a name was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    with make_session(loopback_only=True) as session, pytest.raises(NotSent, match="rehearsal"):
        session.post(url, json={})


def test_a_rehearsal_goes_through_no_proxy() -> None:
    with (
        serving(Answer(status=503)) as proxy,
        serving(Answer()) as fake,
        make_session(loopback_only=True, proxy=proxy.url) as session,
    ):
        assert session.get(fake.url, proxies={"http": proxy.url}).status_code == 200
        assert not proxy.asked


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_this_machine_is_recognised(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_what_libraries_would_write_of_a_call_is_kept_silent(
    session: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(Answer()) as fake:
        session.get(fake.url + "/secret-path")
    for name in ("tweepy.client", "requests_oauthlib", "oauthlib.oauth1", "urllib3.connectionpool"):
        assert not logging.getLogger(name).isEnabledFor(logging.DEBUG), name
    assert "secret-path" not in caplog.text


def _call(session: requests.Session, url: str, *, publishing: bool) -> None:
    with translate("X", publishing=publishing):
        session.post(url, json={"text": "a"})


@pytest.mark.parametrize("publishing", [True, False])
def test_nothing_was_sent_where_nobody_listens(session: requests.Session, publishing: bool) -> None:
    with pytest.raises(NotSent, match="could not be reached"):
        _call(session, f"http://127.0.0.1:{_closed_port()}/", publishing=publishing)


def test_nothing_was_sent_where_the_name_is_unknown(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent, match="could not be reached"):
        _call(session, "https://api.x.invalid/2/tweets", publishing=True)


def test_nothing_was_sent_where_the_proxy_is_away() -> None:
    with (
        make_session(proxy=f"http://127.0.0.1:{_closed_port()}") as session,
        pytest.raises(NotSent, match="could not be reached"),
    ):
        _call(session, "https://api.x.com/2/tweets", publishing=True)


def test_nothing_was_sent_where_the_proxy_refuses_to_connect() -> None:
    with (
        serving(Answer(status=407)) as proxy,
        make_session(proxy=proxy.url) as session,
        pytest.raises(NotSent, match="could not be reached"),
    ):
        _call(session, "https://api.x.com/2/tweets", publishing=True)


def test_nothing_was_sent_where_the_proxy_hangs_up() -> None:
    with (
        serving(Answer(hang_up=True)) as proxy,
        make_session(proxy=proxy.url) as session,
        pytest.raises(NotSent, match="could not be reached"),
    ):
        _call(session, "https://api.x.com/2/tweets", publishing=True)
    assert [asked.method for asked in proxy.asked] == ["CONNECT"]


def test_nothing_was_sent_where_the_proxy_says_nothing() -> None:
    with (
        serving(Answer(wait=5)) as proxy,
        make_session(proxy=proxy.url, timeout=(0.05, 0.05)) as session,
        pytest.raises(NotSent, match="could not be reached"),
    ):
        _call(session, "https://api.x.com/2/tweets", publishing=True)


@pytest.mark.parametrize("content", [None, b"damaged"])
def test_nothing_was_sent_where_the_certificates_were_lost_meanwhile(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "town-hall.pem"
    path.write_bytes(Path(DEFAULT_CA_BUNDLE_PATH).read_bytes())
    with make_session(ca_file=str(path)) as session, serving(Answer()) as fake:
        path.write_bytes(content) if content else path.unlink()
        with pytest.raises(NotSent, match="could not be reached"):
            _call(session, fake.url.replace("http:", "https:"), publishing=True)
        assert not fake.asked


def test_nothing_was_sent_where_nobody_encrypts_the_line() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        make_session(timeout=(0.05, 0.05)) as session,
        pytest.raises(NotSent, match="could not be reached"),
    ):
        _call(session, f"https://127.0.0.1:{silent.getsockname()[1]}/", publishing=True)


def test_nothing_was_sent_to_a_server_that_does_not_speak_tls(session: requests.Session) -> None:
    with serving(Answer()) as fake, pytest.raises(NotSent, match="could not be reached"):
        _call(session, fake.url.replace("http:", "https:"), publishing=True)
    assert not fake.asked


def test_a_certificate_that_is_not_trusted_is_named_as_such() -> None:
    reason = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError("self-signed"))
    pool = urllib3.HTTPSConnectionPool("api.x.com")
    behind = urllib3.exceptions.MaxRetryError(pool, "/2/tweets?secret", reason)
    error = network_error(requests.exceptions.SSLError(behind), "X", publishing=True)
    assert isinstance(error, NotSent)
    assert "certificate" in str(error)


def test_a_tls_line_that_breaks_later_leaves_the_post_unknown() -> None:
    reason = urllib3.exceptions.SSLError(ssl.SSLEOFError("EOF occurred in violation of protocol"))
    pool = urllib3.HTTPSConnectionPool("api.x.com")
    behind = urllib3.exceptions.MaxRetryError(pool, "/2/tweets", reason)
    error = network_error(requests.exceptions.SSLError(behind), "X", publishing=True)
    assert isinstance(error, Uncertain)


def test_a_line_that_breaks_while_an_older_failure_is_seen_to_leaves_the_post_unknown(
    session: requests.Session,
) -> None:
    with serving(Answer(hang_up=True)) as fake:
        try:
            session.get(f"http://127.0.0.1:{_closed_port()}/")
        except requests.ConnectionError:
            with pytest.raises(Uncertain):
                _call(session, fake.url, publishing=True)


def test_a_line_that_breaks_before_the_answer_leaves_the_post_unknown(
    session: requests.Session,
) -> None:
    with serving(Answer(hang_up=True)) as fake:
        with pytest.raises(Uncertain, match="may be out"):
            _call(session, fake.url, publishing=True)
        assert len(fake.asked) == 1
        with pytest.raises(NotSent):
            _call(session, fake.url, publishing=False)


def test_an_answer_that_comes_too_late_leaves_the_post_unknown() -> None:
    with (
        serving(Answer(wait=5)) as fake,
        make_session(timeout=(1, 0.05)) as session,
        pytest.raises(Uncertain),
    ):
        _call(session, fake.url, publishing=True)


@pytest.mark.parametrize("head", [b"HTTP/1.1 201 Created\r\nX-Slow: ", b"HTTP/1.1 201 "])
@pytest.mark.parametrize("body", [b"", b"OK\r\nContent-Length: 100000\r\n\r\n"])
def test_an_answer_that_comes_in_drops_is_waited_for_no_longer_than_one_that_does_not(
    head: bytes, body: bytes
) -> None:
    with (
        dripping(head + body) as url,
        make_session(timeout=(1, 0.3)) as session,
    ):
        began = time.monotonic()
        with pytest.raises(Uncertain, match="broke before it answered"):
            _call(session, url, publishing=True)
        assert 0.2 < time.monotonic() - began < 2


def test_an_answer_that_takes_its_time_and_comes_is_read_whole() -> None:
    body = b"drops"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    with dripping(answer, body) as url, make_session(timeout=(1, 5)) as session:
        assert session.get(url).content == body


def test_a_file_on_a_slow_line_has_more_time_than_it_takes_to_connect() -> None:
    body = bytes(3 << 20)
    with (
        swallowing(pause=0.01) as slow,
        make_session(timeout=(0.1, 0.2)) as session,
    ):
        began = time.monotonic()
        assert session.put(slow.url, data=body).status_code == 201
        assert time.monotonic() - began > 0.3
        assert slow.swallowed == len(body)


def test_a_line_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "PIECE_SECONDS", 0.2)
    with (
        swallowing(pause=30) as stuck,
        make_session(timeout=(1, 0.2)) as session,
        pytest.raises(NotSent, match="did not answer"),
        translate("X", publishing=False),
    ):
        session.put(stuck.url, data=bytes(32 << 20))


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, 30), (4096, 30.0625), (1 << 20, 46), (4 << 20, 94), (500 << 20, 94)],
)
def test_an_answer_is_waited_for_while_the_file_may_still_be_on_its_way(
    size: int, expected: float
) -> None:
    request = requests.Request("PUT", "https://x.example/", headers={"Content-Length": str(size)})
    with make_session() as session:
        assert isinstance(session, http.Session)
        assert session._time_for(request.prepare()) == (5, expected)


def test_an_answer_cut_off_in_the_middle_leaves_the_post_unknown(
    session: requests.Session,
) -> None:
    cut = Answer(body=b"zz\r\n", headers={"Transfer-Encoding": "chunked"})
    with serving(cut) as fake, pytest.raises(Uncertain):
        _call(session, fake.url, publishing=True)


def test_a_failure_carries_no_address(session: requests.Session) -> None:
    url = f"http://127.0.0.1:{_closed_port()}/2/tweets?token=secret"
    with pytest.raises(NotSent) as caught:
        _call(session, url, publishing=True)
    assert "secret" not in f"{caught.value} {caught.value.message!r} {caught.value.args}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "address", ["http://api.x.com", "ftp://api.x.com", "api.x.com", "https://", ""]
)
def test_keys_are_sent_to_encrypted_addresses_only(address: str) -> None:
    with pytest.raises(ConfigError, match=r"networks\.x\.base_url"):
        base_address({"base_url": address}, "x")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://x.example.org/", "https://x.example.org"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_an_address_may_be_another_or_this_machine(address: str, expected: str) -> None:
    assert base_address({"base_url": address}, "x") == expected


@pytest.mark.parametrize("value", ["", "clé", "two words", "line\n"])
def test_what_cannot_be_a_key_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(ConfigError, match="api_key") as caught:
        check_secret({"api_key": value}, "api_key", "tours-x")
    assert not value or value not in str(caught.value)


def test_an_answer_that_is_no_object_is_nothing(session: requests.Session) -> None:
    for body in (b"<html>", b"[1]", b"", b"[" * 20000, b"\xff"):
        with serving(Answer(body=body)) as fake:
            assert json_object(session.get(fake.url)) is None


def test_a_number_is_one_or_is_absent() -> None:
    read = [whole_number(value) for value in (3, "4", True, None, "-1", 1.5, "²")]
    assert read == [3, 4, None, None, None, None, None]
