"""What the operator decides: environment variables that begin with HEMVIST_, read and checked once at the start.

`ROWS` is the whole table. A value that cannot be used, or a name that nobody reads, stops the start with one line each.
"""

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PREFIX: Final = "HEMVIST_"
SHORTEST_SECRET: Final = 32
SHORTEST_TOKEN: Final = 16
LONGEST_TEXT: Final = 300
EXAMPLE_SECRET: Final = re.compile(
    r"(.)\1*\Z|.*(change.?me|example|your.?secret|replace.?this|placeholder)", re.I | re.S
)
MAIL_ADDRESS: Final = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\Z")
LONGEST_ADDRESS: Final = 254
SMTP: Final = ("smtp", "smtps", "smtp+plain")
PROVIDER: Final = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
GIVEN_ROLE: Final = re.compile(r"([^=,@\s]{1,100})=(viewer|editor|publisher|admin)@(\*|(?:group:)?[a-z0-9-]{1,64})")
HOST_NAME: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\Z")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force. `secret_key` and `message_key` are empty where one is to be made and kept in `data`."""

    knowledge: Path
    locales: Path
    data: Path
    feed_hosts: frozenset[str]
    secret_key: tuple[str, ...]
    host: str
    port: int
    workers: int
    log: Literal["json", "text"] | None
    metrics_token: str | None
    drain_seconds: int
    benchmark_data: Path
    trusted_proxies: int
    debug: bool
    near_metres: int
    resident: int
    timezone: ZoneInfo
    tile_url: str | None
    tile_attribution: str | None
    database_url: str | None
    redis_url: str | None
    copy_url: str | None
    site_url: str | None
    retention_days: int
    gap_days: int
    limit_conversation: int
    limit_address: int
    message_key: tuple[str, ...]
    smtp_url: str | None
    mail_from: str | None
    mail_demonstrations: bool
    staff_idle_minutes: int
    staff_hours: int
    oidc_issuer: str | None
    oidc_client_id: str | None
    oidc_client_secret: str | None
    oidc_roles: Mapping[str, tuple[str, str]]

    @property
    def is_public(self) -> bool:
        """Whether others than this machine can reach the address served."""
        return not is_loopback(self.host)

    @property
    def open_gap_days(self) -> int:
        """How long the words of an open gap stay: never shorter than those of any question."""
        return max(self.gap_days, self.retention_days)

    @property
    def tile_origin(self) -> str | None:
        """The site that the pictures of the map come from."""
        return f"https://{urlsplit(self.tile_url).netloc}" if self.tile_url else None


class SettingsError(Exception):
    """The settings cannot be used; `problems` has one line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from `environment`, an empty one as its default; raises SettingsError with every problem."""
    problems = [_unknown(name) for name in sorted(environment) if name.startswith(PREFIX) and name not in _BY_NAME]
    values: dict[str, Any] = {}
    for row in ROWS:
        text = environment.get(row.name) or row.default
        try:
            values[row.field] = row.read(text)
        except ValueError as error:
            problems.append(row.problem(text, str(error)))
    problems += _contradictions(values)
    if problems:
        raise SettingsError(problems)
    return Settings(**values)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unknown(name: str) -> str:
    """The value is not shown: it may be a secret under a misspelt name."""
    near = difflib.get_close_matches(name, _BY_NAME, n=1)
    return f"{name}: no such setting; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(_BY_NAME)}")


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    """Find what does not go together among the values that could be read."""
    problems = []
    if values.get("tile_url") and values.get("tile_attribution", "") is None:
        problems.append(
            "HEMVIST_TILE_ATTRIBUTION: missing; the pictures of HEMVIST_TILE_URL need a line that says whose they are, "
            "for example: © [OpenStreetMap](https://www.openstreetmap.org/copyright)"
        )
    problems += _half_provider(values)
    if values.get("smtp_url") and values.get("mail_from", "") is None:
        problems.append(
            "HEMVIST_MAIL_FROM: missing; HEMVIST_SMTP_URL needs the address that mail comes from, such as "
            "hemvist@kommunen.se"
        )
    host = values.get("host", "localhost")
    problems += _missing_keys(values, host)
    if is_loopback(host):
        return problems
    if values.get("debug"):
        problems.append(
            f"HEMVIST_DEBUG=true: accepted only where HEMVIST_HOST is this machine (127.0.0.1, ::1 or localhost), "
            f"not {host}"
        )
    return problems


def _missing_keys(values: Mapping[str, Any], host: str) -> list[str]:
    why = _why_shared(values, host)
    missing = [name for name in ("secret_key", "message_key") if values.get(name, "given") == ()]
    return [
        f"{PREFIX}{name.upper()}: missing; {why}, and a key "
        f"of at least {SHORTEST_SECRET} bytes is needed, for example from: openssl rand -base64 48"
        for name in missing
        if why
    ]


def _half_provider(values: Mapping[str, Any]) -> list[str]:
    """An identity provider needs all three: its address, who we are to it, and how we prove it."""
    given = [name for name in PROVIDER if values.get(name)]
    if not given or any(name not in values for name in PROVIDER):
        return []
    missing = [name for name in PROVIDER if not values.get(name)]
    return [f"{PREFIX}{name.upper()}: missing; {PREFIX}{given[0].upper()} needs it too" for name in missing]


def _why_shared(values: Mapping[str, Any], host: str) -> str | None:
    """Say why a key that only this folder knows is not enough; None where it is."""
    if not is_loopback(host):
        return f"with HEMVIST_HOST={host} others can reach this server"
    if values.get("database_url"):
        return "with HEMVIST_DATABASE_URL several servers may share what is kept under that key"
    return None


@dataclass(frozen=True, slots=True)
class Row:
    """One setting: `read` turns its text into its value, or raises ValueError saying what is accepted."""

    name: str
    default: str
    help: str
    read: Callable[[str], object]
    secret: bool = False

    @property
    def field(self) -> str:
        """The name of the setting in `Settings`."""
        return self.name.removeprefix(PREFIX).lower()

    def problem(self, value: str, reason: str) -> str:
        """Say in one line what is wrong with `value`, which is not shown where it is a secret."""
        return f"{self.name}: {reason}" if self.secret else f"{self.name}={value[:80]!r}: {reason}"


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(value)

    return read


def _yes_no(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError("must be true or false")
    return value == "true"


def _host(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        if not HOST_NAME.match(value) or re.fullmatch(r"[0-9.]+", value):
            raise ValueError("must be an IP address or a host name, such as 127.0.0.1 or 0.0.0.0") from None
    return value


def _hosts(value: str) -> frozenset[str]:
    """Read names of hosts, each with a port where it is not that of https; an address of numbers is no name."""
    names = frozenset(name.strip().lower() for name in value.split(",") if name.strip())
    for name in names:
        host, _, port = name.partition(":")
        is_port = not port or (re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= 65_535)
        if not HOST_NAME.match(host) or re.fullmatch(r"[0-9.]+", host) or not is_port:
            raise ValueError("must be host names with commas between them, such as opendata.umea.se,gi.karlstad.se")
    return names


def _knowledge(value: str) -> Path:
    path = Path(value) if value else default_knowledge()
    if not path.is_dir():
        raise ValueError("must be a folder that holds knowledge (" + ("a file" if path.exists() else "not found") + ")")
    return path


def _locales(value: str) -> Path:
    path = Path(value).resolve() if value else Path(__file__).resolve().parent.parent / "locales"
    if not path.is_dir():
        raise ValueError("must be a folder of catalogues (" + ("a file" if path.exists() else "not found") + ")")
    return path


def default_knowledge() -> Path:
    """Return ./knowledge where it exists, else the copy that was installed with the program."""
    here = Path("knowledge")
    return here if here.is_dir() else Path(__file__).resolve().parent.parent / "knowledge"


def is_installed(knowledge: Path) -> bool:
    """Whether a folder of knowledge is the copy that came with the program, and not the one somebody works in."""
    installed = Path(__file__).resolve().parent.parent / "knowledge"
    return knowledge.resolve() == installed and Path("knowledge").resolve() != installed


def _data(value: str) -> Path:
    path = Path(value)
    if not value or (path.exists() and not path.is_dir()):
        raise ValueError("must be a folder that this program may write to; it is made where it does not exist")
    return path


def _secret(value: str) -> str:
    if EXAMPLE_SECRET.match(value):
        raise ValueError("is an example value; make one of your own, for example with: openssl rand -base64 48")
    if len(value.encode(errors="surrogateescape")) < SHORTEST_SECRET:
        raise ValueError(f"is too short; at least {SHORTEST_SECRET} bytes are needed, try: openssl rand -base64 48")
    return value


def _token(value: str) -> str | None:
    """Read what travels in a header."""
    if not value:
        return None
    if EXAMPLE_SECRET.match(value):
        raise ValueError("is an example value; make one of your own, for example with: openssl rand -hex 24")
    if not re.fullmatch(r"[!-~]+", value) or not SHORTEST_TOKEN <= len(value) <= LONGEST_TEXT:
        raise ValueError(
            f"must be {SHORTEST_TOKEN} to {LONGEST_TEXT} letters, digits or signs of ASCII without spaces, for example "
            "from: openssl rand -hex 24"
        )
    return value


def _form(value: str) -> str | None:
    if value not in ("", "json", "text"):
        raise ValueError("must be json or text, or empty: text on a terminal, else json")
    return value or None


def keys_in(value: str) -> list[str]:
    """Return the keys of a text that has commas between them."""
    return [key for part in value.split(",") if (key := part.strip())]


def _secrets(value: str) -> tuple[str, ...]:
    """Read keys with commas between them; the first is the one in use."""
    return tuple(_secret(key) for key in keys_in(value))


def _smtp(value: str) -> str | None:
    """Read the address of a mail server; its password is shown nowhere."""
    if not value:
        return None
    accepted = (
        "must be smtp://user:password@host:587 (encrypted by STARTTLS), smtps://…:465 (encrypted from the start) or "
        "smtp+plain://host:25 (not encrypted, without a password), or be empty"
    )
    try:
        found = urlsplit(value)
        port = found.port
    except ValueError:
        raise ValueError(accepted) from None
    is_host = bool(found.hostname and (HOST_NAME.match(found.hostname) or is_loopback(found.hostname)))
    is_bare = not (found.path.strip("/") or found.query or found.fragment)
    if found.scheme not in SMTP or not is_host or not is_bare or port == 0:
        raise ValueError(accepted)
    if found.scheme == "smtp+plain" and found.username is not None:
        raise ValueError("smtp+plain:// sends everything unencrypted, so it may not carry a password; use smtp://")
    return value


def _address(value: str) -> str | None:
    if not value:
        return None
    if len(value) > LONGEST_ADDRESS or not MAIL_ADDRESS.match(value):
        raise ValueError("must be one e-mail address of plain letters, such as hemvist@kommunen.se")
    return value


def _database(value: str) -> str | None:
    """Read the address of a PostgreSQL database; its password is shown nowhere."""
    if not value:
        return None
    scheme, separator, rest = value.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not separator or not rest:
        raise ValueError("must begin with postgresql:// and name a database, or be empty for SQLite in HEMVIST_DATA")
    _needs("psycopg", "postgres")
    return f"postgresql://{rest}"


def _redis(value: str) -> str | None:
    """Read the address of a Redis or Valkey server; its password is shown nowhere."""
    if not value:
        return None
    scheme, separator, rest = value.partition("://")
    if scheme not in ("redis", "rediss", "valkey", "valkeys", "unix") or not separator or not rest:
        raise ValueError("must begin with redis://, rediss://, valkey://, valkeys:// or unix://, or be empty")
    _needs("redis", "redis")
    return f"{scheme.replace('valkey', 'redis')}://{rest}"


def _needs(module: str, extra: str) -> None:
    if find_spec(module) is None:
        raise ValueError(f"needs the extra {extra!r}; install it with: pip install 'hemvist[{extra}]'")


def _timezone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone such as Europe/Stockholm") from None


def _tile_url(value: str) -> str | None:
    """The host goes into the Content-Security-Policy, so nothing but a host may stand there."""
    if not value:
        return None
    accepted = "must be an https address with {z}, {x} and {y} in it, such as https://tiles.example.se/{z}/{x}/{y}.png"
    found = re.fullmatch(r"https://([^/:?#@]+)(:[0-9]{1,5})?/[!-~]+", value)
    placeholders = re.findall(r"\{.*?\}", value)
    if not found or not HOST_NAME.match(found[1]) or sorted(placeholders) != ["{x}", "{y}", "{z}"]:
        raise ValueError(accepted)
    return value


def read_copy_url(value: str) -> str | None:
    """Read where a static copy lies, without a slash at the end; raises ValueError saying what is accepted."""
    if not value:
        return None
    found = re.fullmatch(r"https?://([^/:?#@\s]+)(:[0-9]{1,5})?(/[^?#\s\"<>]*)?", value)
    if not found or not HOST_NAME.match(found[1]):
        raise ValueError("must be a web address without ? and #, such as https://www.kommunen.se/flytta-hit")
    return value.rstrip("/")


def _issuer(value: str) -> str | None:
    """Of Entra ID only the address of one tenant: any organisation in the world signs in by the shared ones."""
    if not value:
        return None
    parts = urlsplit(value)
    shared = {"common", "organizations", "consumers"} & set(parts.path.split("/"))
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not is_safe or not parts.hostname or parts.query or parts.fragment or shared:
        raise ValueError(
            "must be the https address of one tenant, such as https://login.microsoftonline.com/<tenant id>/v2.0"
        )
    _needs("authlib", "oidc")
    return value


def _given_roles(value: str) -> dict[str, tuple[str, str]]:
    """Read which role and scope each role or group of the identity provider gives."""
    found: dict[str, tuple[str, str]] = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        given = GIVEN_ROLE.fullmatch(part)
        if not given or given[1] in found:
            raise ValueError(
                "must be name=role@scope with commas between them, each name once, such as "
                "Hemvist.Editor=editor@vindeln,Hemvist.Admin=admin@*"
            )
        found[given[1]] = (given[2], given[3])
    return found


def _text(value: str) -> str | None:
    if len(value) > LONGEST_TEXT or not value.isprintable():
        raise ValueError(f"must be one line of at most {LONGEST_TEXT} characters")
    return value.strip() or None


ROWS: Final = (
    Row(
        "HEMVIST_KNOWLEDGE",
        "",
        "The folder of knowledge to serve. Empty: ./knowledge if it exists, else the copy that came with the program.",
        _knowledge,
    ),
    Row(
        "HEMVIST_LOCALES",
        "",
        "The folder with the catalogues of further languages, as `fi/LC_MESSAGES/messages.po`. Empty: `locales`, which "
        "came with the program. Swedish and English always come from there.",
        _locales,
    ),
    Row(
        "HEMVIST_DATA",
        "./hemvist-data",
        "The folder for what this server keeps for itself; made with mode 0700.",
        _data,
    ),
    Row(
        "HEMVIST_FEED_HOSTS",
        "jobsearch.api.jobtechdev.se",
        "The hosts that `hemvist import` may fetch from over https, with commas between them.",
        _hosts,
    ),
    Row(
        "HEMVIST_SECRET_KEY",
        "",
        "The key that signs conversations and keeps staff signed in, at least 32 bytes. Empty, on this machine only: "
        "made once and kept in HEMVIST_DATA. Several servers behind one address need the same key. To change it put "
        "the new one first and a comma between; what the old one made still holds until it is taken away.",
        _secrets,
        secret=True,
    ),
    Row("HEMVIST_HOST", "127.0.0.1", "The address to listen on.", _host),
    Row("HEMVIST_PORT", "8000", "The port to listen on; 0 takes any free one.", _whole_number(0, 65_535)),
    Row("HEMVIST_WORKERS", "2", "How many processes answer; each has eight threads.", _whole_number(1, 64)),
    Row(
        "HEMVIST_LOG",
        "",
        "How what happens is written to stderr: json, one object a line, or text. Empty: text on a terminal, json "
        "elsewhere.",
        _form,
    ),
    Row(
        "HEMVIST_METRICS_TOKEN",
        "",
        "What Prometheus brings to /metrics (Authorization: Bearer …), at least 16 characters. Empty: nothing is "
        "counted and there is no such page.",
        _token,
        secret=True,
    ),
    Row(
        "HEMVIST_DRAIN_SECONDS",
        "0",
        "How many seconds /readyz says down before a server that is to end takes no more requests, so that a load "
        "balancer sends them elsewhere.",
        _whole_number(0, 300),
    ),
    Row(
        "HEMVIST_BENCHMARK_DATA",
        "../shared/benchmarks",
        "The folder of the sets that `hemvist benchmark` measures.",
        Path,
    ),
    Row(
        "HEMVIST_TRUSTED_PROXIES",
        "0",
        "How many proxies in front of the server may say who asks and whether over https (X-Forwarded-For, -Proto).",
        _whole_number(0, 5),
    ),
    Row(
        "HEMVIST_DEBUG",
        "false",
        "Show tracebacks in the answers of failed requests and read templates anew; refused where others can reach it.",
        _yes_no,
    ),
    Row(
        "HEMVIST_NEAR_METRES",
        "2000",
        "How far a plot may lie from a school, a shop or a lake and still be near it, in metres, as the crow flies.",
        _whole_number(100, 50_000),
    ),
    Row(
        "HEMVIST_RESIDENT",
        "60",
        "How many municipalities each process keeps in memory; what others have is read when they are asked. One takes "
        "about 8 MB with 150 answers of its own.",
        _whole_number(1, 1_000),
    ),
    Row(
        "HEMVIST_TIMEZONE",
        "Europe/Stockholm",
        "What time it is: opening hours, review dates and expiry go by it.",
        _timezone,
    ),
    Row(
        "HEMVIST_TILE_URL",
        "",
        "Where the pictures of the map come from: https with {z}, {x} and {y}. Empty: a map of villages and plots "
        "alone, and nobody else is called.",
        _tile_url,
    ),
    Row(
        "HEMVIST_TILE_ATTRIBUTION",
        "",
        "Whose pictures they are, shown below the map; links as in Markdown. Needed with HEMVIST_TILE_URL.",
        _text,
    ),
    Row(
        "HEMVIST_DATABASE_URL",
        "",
        "The PostgreSQL database that keeps questions, opinions and counts; needs the extra `postgres` and "
        "HEMVIST_SECRET_KEY. Empty: SQLite in HEMVIST_DATA.",
        _database,
        secret=True,
    ),
    Row(
        "HEMVIST_REDIS_URL",
        "",
        "The Redis or Valkey that counts requests for several servers; needs the extra `redis`. Empty: each server "
        "counts for all of its processes in HEMVIST_DATA.",
        _redis,
        secret=True,
    ),
    Row(
        "HEMVIST_COPY_URL",
        "",
        "Where the static copy of `hemvist export` lies for visitors; the chat leads there when it gets no answer.",
        read_copy_url,
    ),
    Row(
        "HEMVIST_SITE_URL",
        "",
        "Where visitors and staff reach this server, such as https://chat.kommunen.se: links begin with it, and "
        "requests that name another host are refused. Empty: links in mail begin with http://, HEMVIST_HOST and "
        "HEMVIST_PORT, those on a page with the host that was asked for.",
        read_copy_url,
    ),
    Row(
        "HEMVIST_RETENTION_DAYS",
        "30",
        "How many days the redacted words of questions and opinions are kept; counts stay.",
        _whole_number(1, 365),
    ),
    Row(
        "HEMVIST_GAP_DAYS",
        "90",
        "How many days the redacted words of a question without a good answer are kept, until staff have dealt with "
        "it; never less than HEMVIST_RETENTION_DAYS.",
        _whole_number(1, 90),
    ),
    Row(
        "HEMVIST_LIMIT_CONVERSATION",
        "30",
        "How many questions one conversation may ask in a minute.",
        _whole_number(1, 1_000_000),
    ),
    Row(
        "HEMVIST_LIMIT_ADDRESS",
        "1200",
        "How many questions may come from one network (IPv4 /24, IPv6 /56) in a minute: a whole building may share one "
        "address. Requests from this machine itself are not counted.",
        _whole_number(1, 1_000_000),
    ),
    Row(
        "HEMVIST_MESSAGE_KEY",
        "",
        "The key that messages to a person are encrypted with, at least 32 bytes. Empty, on this machine only: made "
        "once and kept in HEMVIST_DATA. To change it put the new one first and a comma between; without the old one "
        "what was written under it cannot be read.",
        _secrets,
        secret=True,
    ),
    Row(
        "HEMVIST_SMTP_URL",
        "",
        "The mail server that messages go through: smtp:// (STARTTLS), smtps:// or smtp+plain://. Empty: they stand in "
        "the list of `hemvist messages` alone.",
        _smtp,
        secret=True,
    ),
    Row("HEMVIST_MAIL_FROM", "", "The address that mail comes from. Needed with HEMVIST_SMTP_URL.", _address),
    Row(
        "HEMVIST_MAIL_DEMONSTRATIONS",
        "false",
        "Mail the messages of municipalities with `official: false` too; else they stand in the list alone.",
        _yes_no,
    ),
    Row(
        "HEMVIST_STAFF_IDLE_MINUTES",
        "30",
        "After how many minutes without a request staff are signed out.",
        _whole_number(5, 480),
    ),
    Row(
        "HEMVIST_STAFF_HOURS", "12", "After how many hours staff must sign in anew at the latest.", _whole_number(1, 24)
    ),
    Row(
        "HEMVIST_OIDC_ISSUER",
        "",
        "The identity provider that staff sign in by, such as https://login.microsoftonline.com/<tenant id>/v2.0; "
        "needs the extra `oidc`. Empty: accounts with passwords.",
        _issuer,
    ),
    Row("HEMVIST_OIDC_CLIENT_ID", "", "The id of this application at the identity provider.", _text),
    Row(
        "HEMVIST_OIDC_CLIENT_SECRET",
        "",
        "The secret of this application at the identity provider.",
        _text,
        secret=True,
    ),
    Row(
        "HEMVIST_OIDC_ROLES",
        "",
        "Which role the provider's roles and groups give: name=role@scope with commas, the scope being a municipality, "
        "group:<id> or *. Empty: roles are given here, to accounts that exist here.",
        _given_roles,
    ),
)
_BY_NAME: Final = {row.name: row for row in ROWS}
