"""Fetching other people's files: 25 addresses that are refused before anything is sent (T20), and ten ways a server
fails (F23).
"""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from web.feeds import FeedError, Fetched, Guard, Limits, fetch

HOST = "feeds.example"
PUBLIC = "93.184.215.14"
QUICK = Limits(step=1.5, total=4.0, size=1_000_000)
HOUR = "Sun, 22 Nov 2026 08:00:00 GMT"


def at(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


def unknown(_host: str, _port: int) -> Sequence[str]:
    raise socket.gaierror("Name or service not known")


GUARD = Guard(frozenset({HOST, "other.example:8443"}), at(PUBLIC))
REFUSED_URLS = [
    "https://127.0.0.1/",
    "https://127.0.0.1:443/tomter.json",
    "https://0/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "https://localhost/",
    f"https://{HOST}@127.0.0.1/",
    f"https://user:secret@{HOST}/",
    f"https://{HOST}\\@127.0.0.1/",
    f"https://{HOST}.evil.example/",
    f"https://evil{HOST}/",
    f"https://{HOST}:22/",
    f"https://{HOST}./",
    f"http://{HOST}/",
    "file:///etc/passwd",
    f"gopher://{HOST}/_x",
    f"https://{HOST}/\r\nHost: evil.example",
    "https://feeds。example/",
    "//feeds.example/",
    "https://",
]


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_a_url_is_refused_before_anything_is_resolved_or_sent(url: str) -> None:
    asked: list[str] = []

    def note(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return [PUBLIC]

    with pytest.raises(FeedError):
        fetch(url, Guard(GUARD.hosts, note), limits=QUICK)
    assert asked == []


REFUSED_ADDRESSES = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104 - to be refused
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.215.14",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:53aa:64c::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "2001:db8::1",
    "no address",
]


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_a_host_inside_is_refused_though_its_name_is_listed(address: str) -> None:
    with pytest.raises(FeedError, match=HOST):
        Guard(GUARD.hosts, at(address)).check(f"https://{HOST}/")


def test_one_address_inside_among_others_is_enough_to_refuse() -> None:
    with pytest.raises(FeedError, match="not an address of the public internet"):
        Guard(GUARD.hosts, at(PUBLIC, "10.0.0.1")).check(f"https://{HOST}/")


@pytest.mark.parametrize(
    "url", [f"https://{HOST}/a?b=c", f"https://{HOST.upper()}:443/", "https://other.example:8443/x"]
)
def test_a_listed_host_at_a_public_address_may_be_asked(url: str) -> None:
    assert GUARD.check(url).address == PUBLIC


def test_the_address_that_was_looked_at_is_the_one_connected_to() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    target = Guard(GUARD.hosts, lambda _host, _port: next(answers)).check(f"https://{HOST}/tomter.json?a=b")
    assert str(target.pinned) == f"https://{PUBLIC}/tomter.json?a=b"
    assert target.host == HOST


def test_no_setting_of_the_environment_lets_loopback_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEMVIST_ALLOW_LOOPBACK", "ALLOW_LOOPBACK", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with pytest.raises(FeedError, match=r"127\.0\.0\.1, which is not"):
        fetch(f"https://{HOST}/", Guard(GUARD.hosts, at("127.0.0.1")))


# a server of our own


class Stub(BaseHTTPRequestHandler):
    """Answers by the path; `Stub.seen` keeps the headers of the last request."""

    protocol_version = "HTTP/1.1"
    seen: dict[str, str]

    def do_GET(self) -> None:
        type(self).seen = dict(self.headers.items())
        getattr(self, f"answer_{self.path.strip('/').replace('-', '_')}")()

    def log_message(self, *arguments: object) -> None:
        pass

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer_good(self) -> None:
        self.send(200, b'{"a": 1}', ETag='"v1"', Last_Modified=HOUR)

    def answer_packed(self) -> None:
        self.send(200, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")

    def answer_conditional(self) -> None:
        self.send(304 if self.headers.get("If-None-Match") == '"v1"' else 200, b"", ETag='"v1"')

    def answer_never_asked(self) -> None:
        self.send(304)

    def answer_stalled(self) -> None:
        time.sleep(2)

    def answer_dripping(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(30):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.2)

    def answer_large(self) -> None:
        self.send(200, b"x" * 5_000_000)

    def answer_endless(self) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        for _ in range(1_000):
            self.wfile.write(b"x" * 65_536)

    def answer_bomb(self) -> None:
        self.send(200, gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")

    def answer_page(self) -> None:
        self.send(200, b"<!DOCTYPE html><p>Logga in", Content_Type="text/html; charset=utf-8")

    def answer_hidden_page(self) -> None:
        self.send(200, b"\n <html><p>Logga in", Content_Type="application/json")

    def answer_truncated(self) -> None:
        self.send(200, b'{"a": [1, 2', Content_Length="500")
        self.close_connection = True

    def answer_truncated_packed(self) -> None:
        self.send(200, gzip.compress(b"abc" * 1_000)[:-12], Content_Encoding="gzip")

    def answer_damaged(self) -> None:
        self.send(200, b"no gzip at all", Content_Encoding="gzip")

    def answer_brotli(self) -> None:
        self.send(200, b"x", Content_Encoding="br")

    def answer_often(self) -> None:
        self.send(429, b"{}", Retry_After="120")

    def answer_broken(self) -> None:
        self.send(500, b"<html>Traceback")

    def answer_away(self) -> None:
        self.send(302, b"", Location="https://127.0.0.1/")

    def answer_empty(self) -> None:
        self.send(200, b"")

    def answer_nothing(self) -> None:
        self.close_connection = True


@dataclass(frozen=True, slots=True)
class Server:
    """The stub: where it is, and whom to trust."""

    port: int
    trust: ssl.SSLContext

    def get(self, path: str, **options: object) -> Fetched:
        """Fetch `path` as the importer does, but from this machine."""
        guard = Guard(frozenset({f"{HOST}:{self.port}"}), at("127.0.0.1"), allow_loopback=True)
        given = {"limits": QUICK, "trust": self.trust, **options}
        return fetch(f"https://{HOST}:{self.port}/{path}", guard, **given)  # type: ignore[arg-type]  # as given


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Serve over https for the name, from loopback."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with ThreadingHTTPServer(("127.0.0.1", 0), Stub) as running:
        running.handle_error = lambda *_arguments: None  # type: ignore[method-assign]  # clients that leave are meant
        running.socket = context.wrap_socket(running.socket, server_side=True)
        serving = threading.Thread(target=running.serve_forever, args=(0.02,))
        serving.start()
        yield Server(running.server_port, trust)
        running.shutdown()
        serving.join()


def test_a_file_comes_with_its_version(server: Server) -> None:
    assert server.get("good") == Fetched(b'{"a": 1}', '"v1"', HOUR)
    assert Stub.seen["Host"] == f"{HOST}:{server.port}"
    assert "If-None-Match" not in Stub.seen


def test_a_packed_file_is_unpacked(server: Server) -> None:
    assert server.get("packed").data == b'{"a": 1}'


def test_a_version_that_one_has_is_not_sent_again(server: Server) -> None:
    assert server.get("conditional", etag='"v1"', modified=HOUR).data is None
    assert Stub.seen["If-Modified-Since"] == HOUR


FAILING = {
    "F23 stall": ("stalled", "did not answer in time"),
    "F23 a letter now and then": ("dripping", "not done within 4 seconds"),
    "F23 too large": ("large", "larger than 1000000 bytes"),
    "F23 endless": ("endless", "larger than 1000000 bytes"),
    "F23 gzip bomb": ("bomb", "larger than 1000000 bytes"),
    "F23 a page instead of data": ("page", "web page"),
    "F23 a page called data": ("hidden-page", "web page"),
    "F23 truncated": ("truncated", "broke off"),
    "F23 truncated and packed": ("truncated-packed", "broke off"),
    "F23 429": ("often", r"less often \(429\); again in 120 s"),
    "F23 500": ("broken", "answers 500"),
    "F23 the connection is closed": ("nothing", "broke off|no connection"),
    "T20 a redirect inside": ("away", r"leads elsewhere \(302\)"),
    "damaged": ("damaged", "damaged"),
    "packed otherwise": ("brotli", "not asked for"),
    "empty": ("empty", "empty"),
    "not modified, though nothing was asked": ("never-asked", "answers 304"),
}


@pytest.mark.parametrize(("path", "said"), FAILING.values(), ids=FAILING)
def test_a_server_that_fails_is_an_error_in_words(server: Server, path: str, said: str) -> None:
    before = time.monotonic()
    with pytest.raises(FeedError, match=said):
        server.get(path)
    assert time.monotonic() - before < QUICK.total + 1


def test_f23_a_certificate_that_nobody_vouches_for(server: Server) -> None:
    with pytest.raises(FeedError, match="no connection"):
        server.get("good", trust=ssl.create_default_context())


def test_f23_a_certificate_of_another_host(server: Server) -> None:
    guard = Guard(frozenset({f"other.example:{server.port}"}), at("127.0.0.1"), allow_loopback=True)
    with pytest.raises(FeedError, match="no connection"):
        fetch(f"https://other.example:{server.port}/good", guard, limits=QUICK, trust=server.trust)


def test_f23_a_name_that_is_not_found() -> None:
    with pytest.raises(FeedError, match="is not found"):
        fetch(f"https://{HOST}/", Guard(GUARD.hosts, unknown), limits=QUICK)


def test_f23_a_resolver_that_hangs() -> None:
    def hang(_host: str, _port: int) -> Sequence[str]:
        time.sleep(1)
        return [PUBLIC]

    with pytest.raises(FeedError, match=r"not done within 0\.2 seconds"):
        fetch(f"https://{HOST}/", Guard(GUARD.hosts, hang), limits=Limits(total=0.2))


def test_f23_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    guard = Guard(frozenset({f"{HOST}:{port}"}), at("127.0.0.1"), allow_loopback=True)
    with pytest.raises(FeedError, match="no connection"):
        fetch(f"https://{HOST}:{port}/", guard, limits=QUICK)
