"""Fetch other people's files: only from hosts that the operator has named, and never from inside our own network.

A URL decides where this server connects to, so each is looked at before anything is sent (`Guard`); the address found
then is the one connected to, so that a name cannot point elsewhere a moment later. Errors are words for the operator.
"""

import ipaddress
import re
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from bot import LARGEST_FILE

HTTPS: Final = 443
AGENT: Final = "Hemvist/0.1 (municipal newcomer service)"
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
PAGE: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body)", re.I)
Resolver = Callable[[str, int], Sequence[str]]


class FeedError(Exception):
    """A feed cannot be had now; the message says why. What was fetched before stays."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one step and for the whole, and bytes after unpacking."""

    step: float = 5.0
    total: float = 30.0
    size: int = LARGEST_FILE


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back; `data` is None where nothing has changed since the version that was named."""

    data: bytes | None
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be fetched, and the one address to connect to."""

    url: httpx.URL
    address: str

    @property
    def pinned(self) -> httpx.URL:
        """The URL with the address in place of the name."""
        return self.url.copy_with(host=self.address)

    @property
    def host(self) -> str:
        """The name, with the port where it is not that of https: what the server is asked for."""
        return self.url.netloc.decode("ascii")


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of `host`, by the system's resolver; raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Guard:
    """Says which URLs may be fetched: https, a host that is listed (`name` or `name:port`), an address of the world.

    `resolver` and `allow_loopback` are for tests, which serve from this machine; no setting reaches them.
    """

    hosts: frozenset[str]
    resolver: Resolver = resolve
    allow_loopback: bool = False

    def check(self, url: str) -> Target:
        """Return where to connect for `url`; raises FeedError before anything is sent."""
        parsed = self._parsed(url)
        try:
            addresses = self.resolver(parsed.host, parsed.port or HTTPS)
        except (OSError, UnicodeError) as error:
            raise FeedError(f"the host {parsed.host} is not found") from error
        if not addresses:
            raise FeedError(f"the host {parsed.host} is not found")
        for address in addresses:
            self._check_address(parsed.host, address)
        return Target(parsed, addresses[0])

    def _parsed(self, url: str) -> httpx.URL:
        if not url.isascii() or re.search(r"[\s\\\x00-\x1f\x7f]", url):
            raise FeedError("the URL holds spaces, backslashes or letters that must be encoded")
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise FeedError("this is not a URL") from error
        if parsed.scheme != "https":
            raise FeedError("only https:// URLs are fetched")
        if parsed.userinfo:
            raise FeedError("a URL with a user name before the host is not fetched")
        name = parsed.host if parsed.port in (None, HTTPS) else f"{parsed.host}:{parsed.port}"
        if name not in self.hosts:
            raise FeedError(f"the host {name!r} is not among HEMVIST_FEED_HOSTS ({', '.join(sorted(self.hosts))})")
        return parsed

    def _check_address(self, host: str, address: str) -> None:
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError as error:
            raise FeedError(f"the host {host} is not found") from error
        if found.is_loopback and self.allow_loopback:
            return
        if not found.is_global or found.is_multicast or found.is_reserved or _holds_ipv4(found):
            raise FeedError(f"the host {host} is at {found}, which is not an address of the public internet")


def _holds_ipv4(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an IPv6 address is a way to an IPv4 address, which may be one of our own network."""
    if isinstance(address, ipaddress.IPv4Address):
        return False
    return bool(address.ipv4_mapped or address.sixtofour or address.teredo or address in NAT64)


def fetch(
    url: str,
    guard: Guard,
    *,
    etag: str | None = None,
    modified: str | None = None,
    limits: Limits | None = None,
    trust: ssl.SSLContext | None = None,
) -> Fetched:
    """Fetch `url`; raises FeedError.

    `etag` and `modified` are those of the version one has. `trust` replaces the certificates that the system trusts,
    for tests. Everything happens in a thread of its own, which is left alone when the time is up: neither a resolver
    nor a server that sends a letter now and then can hold the caller longer.
    """
    limits = limits or Limits()
    conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {name: value for name, value in conditions.items() if value}
    outcome: list[Fetched | Exception] = []

    def run() -> None:
        try:
            outcome.append(_fetched(guard.check(url), headers, limits, trust))
        except Exception as error:  # noqa: BLE001 - it is raised again below, in the thread that asked
            outcome.append(error)

    fetching = threading.Thread(target=run, name="fetch", daemon=True)
    fetching.start()
    fetching.join(limits.total)
    if not outcome:
        raise FeedError(f"not done within {limits.total:g} seconds")
    found = outcome[0]
    if isinstance(found, Fetched):
        return found
    if (said := _explained(found)) is not None:
        raise said from found
    raise found


def _explained(error: Exception) -> FeedError | None:
    """Put what went wrong on the way into words; None for what says it itself."""
    match error:
        case httpx.TimeoutException():
            return FeedError("the server did not answer in time")
        case httpx.RemoteProtocolError():
            return FeedError(f"the answer broke off ({error})")
        case httpx.HTTPError():
            return FeedError(f"no connection ({error})")
        case _:
            return None


def _fetched(target: Target, headers: dict[str, str], limits: Limits, trust: ssl.SSLContext | None) -> Fetched:
    own = {"Host": target.host, "User-Agent": AGENT, "Accept-Encoding": "gzip", **headers}
    with httpx.Client(
        verify=trust or ssl.create_default_context(),
        timeout=limits.step,
        follow_redirects=False,
        trust_env=False,
        headers=own,
    ) as client:
        request = client.build_request("GET", target.pinned, extensions={"sni_hostname": target.url.host})
        response = client.send(request, stream=True)
        try:
            return _read(response, limits, conditional="If-None-Match" in headers or "If-Modified-Since" in headers)
        finally:
            response.close()


def _read(response: httpx.Response, limits: Limits, *, conditional: bool) -> Fetched:
    if response.status_code == httpx.codes.NOT_MODIFIED and conditional:
        return Fetched(None)
    if response.status_code != httpx.codes.OK:
        raise FeedError(_refused(response))
    data = b"".join(_unpacked(response, limits.size))
    if not data.strip():
        raise FeedError("the answer is empty")
    if response.headers.get("Content-Type", "").lower().startswith("text/html") or PAGE.match(data):
        raise FeedError("the answer is a web page, not data")
    return Fetched(data, response.headers.get("ETag"), response.headers.get("Last-Modified"))


def _refused(response: httpx.Response) -> str:
    status = response.status_code
    if response.has_redirect_location:
        return f"the server leads elsewhere ({status}), which is not followed; give the address it leads to"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wait = response.headers.get("Retry-After", "")
        return "the server wants to be asked less often (429)" + (f"; again in {wait} s" if wait.isdigit() else "")
    return f"the server answers {status}"


def _unpacked(response: httpx.Response, limit: int) -> Iterator[bytes]:
    """Yield the body unpacked, never more than one byte over `limit` of it in memory."""
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("gzip", "identity"):
        raise FeedError(f"the answer is packed in a way that was not asked for ({encoding})")
    unpack = _Gzip() if encoding == "gzip" else _Plain()
    size = 0
    for chunk in response.iter_raw():
        part = unpack.take(chunk, limit + 1 - size)
        size += len(part)
        if size > limit:
            raise FeedError(f"the answer is larger than {limit} bytes")
        yield part
    if not unpack.is_whole:
        raise FeedError("the answer broke off (packed data ends early)")


class _Plain:
    is_whole = True

    def take(self, chunk: bytes, most: int) -> bytes:
        return chunk[:most]


class _Gzip:
    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    @property
    def is_whole(self) -> bool:
        return self._unpacker.eof

    def take(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._unpacker.decompress(chunk, most)
        except zlib.error as error:
            raise FeedError("the answer is packed, and damaged") from error
