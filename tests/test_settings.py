"""Settings: every bad value stops the start with one line that says what is accepted, and no secret is ever shown."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from web.settings import ROWS, Settings, SettingsError, default_knowledge, read_settings
from web.signing import stored_secret

ANYWHERE = "0.0.0.0"  # noqa: S104 - to be refused
GOOD_SECRET = "Vq3-" * 12
MESSAGE_KEY = {"HEMVIST_MESSAGE_KEY": "Wq4-" * 12}
FROM = {"HEMVIST_MAIL_FROM": "hemvist@norrby.example"}
KNOWLEDGE = str(Path(__file__).parent / "knowledge")


def read(**values: str) -> Settings:
    return read_settings({"HEMVIST_KNOWLEDGE": KNOWLEDGE, **values})


def problems(**values: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        read(**values)
    return raised.value.problems


def test_every_row_has_its_field_its_default_and_its_help() -> None:
    assert [row.field for row in ROWS] == [field.name for field in fields(Settings)]
    assert all(row.help.endswith(".") for row in ROWS)


def test_defaults_serve_this_machine_only() -> None:
    settings = read()
    assert (settings.host, settings.port, settings.workers, settings.debug) == ("127.0.0.1", 8000, 2, False)
    assert (settings.is_public, settings.trusted_proxies, settings.timezone.key) == (False, 0, "Europe/Stockholm")


REFUSED = {
    "124 secret missing": ({"HEMVIST_HOST": ANYWHERE, **MESSAGE_KEY}, "HEMVIST_SECRET_KEY: missing"),
    "message key missing": (
        {"HEMVIST_HOST": ANYWHERE, "HEMVIST_SECRET_KEY": GOOD_SECRET},
        "HEMVIST_MESSAGE_KEY: missing; with HEMVIST_HOST=0.0.0.0",
    ),
    "message key short behind a good one": (
        {"HEMVIST_MESSAGE_KEY": f"{GOOD_SECRET},hunter2"},
        "HEMVIST_MESSAGE_KEY: is too short",
    ),
    "mail from nobody": (
        {"HEMVIST_SMTP_URL": "smtp://me:hunter2@mail.example"},
        "HEMVIST_MAIL_FROM: missing; HEMVIST_SMTP_URL needs",
    ),
    "mail from two": ({"HEMVIST_MAIL_FROM": "a@b.se\nBcc: c@d.se"}, "must be one e-mail address"),
    "mail by http": ({**FROM, "HEMVIST_SMTP_URL": "https://me:hunter2@mail.example"}, "must be smtp://"),
    "mail to no port": ({**FROM, "HEMVIST_SMTP_URL": "smtp://me:hunter2@mail.example:x"}, "must be smtp://"),
    "mail with a password in the open": (
        {**FROM, "HEMVIST_SMTP_URL": "smtp+plain://me:hunter2@mail.example"},
        "may not carry a password",
    ),
    "124 secret missing by name": ({"HEMVIST_HOST": "server.example", **MESSAGE_KEY}, "HEMVIST_SECRET_KEY: missing"),
    "124 secret missing on IPv6": ({"HEMVIST_HOST": "::", **MESSAGE_KEY}, "HEMVIST_SECRET_KEY: missing"),
    "125 example": ({"HEMVIST_SECRET_KEY": "change-me-change-me-change-me-change-me"}, "is an example value"),
    "125 one letter": ({"HEMVIST_SECRET_KEY": "x" * 64}, "is an example value"),
    "126 short": ({"HEMVIST_SECRET_KEY": "abcdefgh12345678abcdefgh1234567"}, "at least 32 bytes"),
    "127 port abc": ({"HEMVIST_PORT": "abc"}, "HEMVIST_PORT='abc': must be a whole number from 0 to 65535"),
    "127 port 70000": ({"HEMVIST_PORT": "70000"}, "HEMVIST_PORT='70000': must be"),
    "127 port -1": ({"HEMVIST_PORT": "-1"}, "must be a whole number"),
    "127 port in other digits": ({"HEMVIST_PORT": "٨٠٠٠"}, "must be a whole number"),
    "127 port of 5,000 digits": ({"HEMVIST_PORT": "9" * 5000}, "must be a whole number"),
    "128 unknown": ({"HEMVIST_PROT": "1"}, "HEMVIST_PROT: no such setting; did you mean HEMVIST_PORT?"),
    "128 unknown and unlike": ({"HEMVIST_FOO": "1"}, "HEMVIST_FOO: no such setting; "),
    "129 retention negative": ({"HEMVIST_RETENTION_DAYS": "-1"}, "must be a whole number from 1 to 365"),
    "129 retention none": ({"HEMVIST_RETENTION_DAYS": "0"}, "HEMVIST_RETENTION_DAYS='0': must be a whole number"),
    "129 retention abc": ({"HEMVIST_RETENTION_DAYS": "abc"}, "must be a whole number from 1 to 365"),
    "129 retention for ever": ({"HEMVIST_RETENTION_DAYS": "99999"}, "must be a whole number from 1 to 365"),
    "130 another database": (
        {"HEMVIST_DATABASE_URL": "mysql://me:hunter2@db/hemvist", "HEMVIST_SECRET_KEY": GOOD_SECRET},
        "HEMVIST_DATABASE_URL: must begin with postgresql://",
    ),
    "130 no scheme": ({"HEMVIST_DATABASE_URL": "hemvist.db"}, "must begin with postgresql://"),
    "130 nothing behind": ({"HEMVIST_DATABASE_URL": "postgresql://"}, "must begin with postgresql://"),
    "another counter": ({"HEMVIST_REDIS_URL": "memcached://me:hunter2@cache"}, "HEMVIST_REDIS_URL: must begin with"),
    "124 secret missing for a shared store": (
        {"HEMVIST_DATABASE_URL": "postgresql://me:hunter2@db/hemvist", **MESSAGE_KEY},
        "HEMVIST_SECRET_KEY: missing; with HEMVIST_DATABASE_URL",
    ),
    "copy is no address": ({"HEMVIST_COPY_URL": "javascript:alert(1)"}, "must be a web address without ? and #"),
    "copy with a query": ({"HEMVIST_COPY_URL": "https://a.example/?b=1"}, "HEMVIST_COPY_URL='https://a.example/?b=1'"),
    "no limit": ({"HEMVIST_LIMIT_CONVERSATION": "0"}, "must be a whole number from 1 to"),
    "131 no such folder": ({"HEMVIST_KNOWLEDGE": "/no/such"}, "HEMVIST_KNOWLEDGE='/no/such': must be a folder"),
    "131 a file": ({"HEMVIST_KNOWLEDGE": __file__}, "(a file)"),
    "134 debug in public": (
        {"HEMVIST_HOST": ANYWHERE, "HEMVIST_DEBUG": "true", "HEMVIST_SECRET_KEY": GOOD_SECRET, **MESSAGE_KEY},
        "HEMVIST_DEBUG=true: accepted only where HEMVIST_HOST is this machine",
    ),
    "135 zone unknown": ({"HEMVIST_TIMEZONE": "Europe/Vindeln"}, "must be a time zone such as Europe/Stockholm"),
    "135 zone a path": ({"HEMVIST_TIMEZONE": "../../etc/passwd"}, "must be a time zone"),
    "136 no workers": ({"HEMVIST_WORKERS": "0"}, "HEMVIST_WORKERS='0': must be a whole number from 1 to 64"),
    "138 yse": ({"HEMVIST_DEBUG": "yse"}, "HEMVIST_DEBUG='yse': must be true or false"),
    "138 True": ({"HEMVIST_DEBUG": "True"}, "must be true or false"),
    "host with port": ({"HEMVIST_HOST": "127.0.0.1:8000"}, "must be an IP address or a host name"),
    "host of half an address": ({"HEMVIST_HOST": "127.0.0"}, "must be an IP address or a host name"),
    "proxies": ({"HEMVIST_TRUSTED_PROXIES": "*"}, "must be a whole number from 0 to 5"),
    "data is a file": ({"HEMVIST_DATA": __file__}, "must be a folder that this program may write to"),
}


@pytest.mark.parametrize(("values", "said"), REFUSED.values(), ids=REFUSED)
def test_bad_value_is_one_line_that_says_what_is_accepted(values: dict[str, str], said: str) -> None:
    found = problems(**values)
    assert len(found) == 1
    assert said in found[0]
    assert "\n" not in found[0]
    assert len(found[0]) < 400
    assert "hunter2" not in found[0]


def test_all_problems_are_told_at_once() -> None:
    found = problems(HEMVIST_PORT="x", HEMVIST_WORKERS="0", HEMVIST_DEBUG="1", HEMVIST_PROT="1", HEMVIST_HOST=ANYWHERE)
    assert [line.split(":")[0].split("=")[0] for line in found] == [
        "HEMVIST_PROT",
        "HEMVIST_PORT",
        "HEMVIST_WORKERS",
        "HEMVIST_DEBUG",
        "HEMVIST_SECRET_KEY",
        "HEMVIST_MESSAGE_KEY",
    ]


def test_control_characters_cannot_make_a_second_line() -> None:
    assert "\n" not in problems(HEMVIST_PORT="80\nHEMVIST_X: fine")[0]


@pytest.mark.parametrize("name", ["HEMVIST_SECRET_KEY", "HEMVIST_SECRT_KEY"])
def test_secret_is_never_shown(name: str) -> None:
    assert all("hunter2" not in line for line in problems(**{name: "hunter2-hunter2"}))
    with pytest.raises(SettingsError) as raised:
        read(**{name: "hunter2-hunter2"})
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        ("postgresql://a:b@db/hemvist", "postgresql://a:b@db/hemvist"),
        ("postgres://db/hemvist", "postgresql://db/hemvist"),
        ("postgresql+psycopg://db/hemvist?sslmode=require", "postgresql://db/hemvist?sslmode=require"),
        ("", None),
    ],
)
def test_database_is_named_in_one_way(given: str, read_as: str | None) -> None:
    assert read(HEMVIST_DATABASE_URL=given, HEMVIST_SECRET_KEY=GOOD_SECRET, **MESSAGE_KEY).database_url == read_as


def test_counter_may_be_called_valkey() -> None:
    assert read(HEMVIST_REDIS_URL="valkey://cache:6379/1").redis_url == "redis://cache:6379/1"


def test_empty_value_is_the_default() -> None:
    assert read(HEMVIST_PORT="", HEMVIST_DEBUG="").port == 8000


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("::1", False),
        ("localhost", False),
        ("10.0.0.1", True),
        ("::", True),
    ],
)
def test_only_this_machine_needs_no_secret(host: str, public: bool) -> None:
    assert read(HEMVIST_HOST=host, HEMVIST_SECRET_KEY=GOOD_SECRET, **MESSAGE_KEY).is_public is public


def test_other_variables_are_left_alone() -> None:
    assert read(PORT="x", HEMVISTA="1", PATH="/bin").port == 8000


def test_knowledge_is_that_of_the_working_folder_or_the_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_knowledge().is_absolute()
    (tmp_path / "knowledge").mkdir()
    assert default_knowledge() == Path("knowledge")


# the secret that is made


def test_secret_is_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    first = stored_secret(folder)
    assert stored_secret(folder) == first
    assert len(first) >= 64
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret-key"]


def test_servers_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: stored_secret(tmp_path / "data"), range(64)))) == 1


def test_secret_that_was_cut_short_is_not_used(tmp_path: Path) -> None:
    stored_secret(tmp_path)
    (tmp_path / "secret-key").write_text("short")
    with pytest.raises(OSError, match="secret-key"):
        stored_secret(tmp_path)
