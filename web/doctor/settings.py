"""Questions on the settings: are they right, do two places say different things, do they go together."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from web.doctor.finding import Finding, Patient, some
from web.sealing import KEY_FILE as MESSAGE_KEY_FILE
from web.sealing import Seal
from web.settings import ROWS, is_loopback, keys_in
from web.signing import KEY_FILE as SECRET_KEY_FILE
from web.store.version import FILE

OTHERS: Final = {
    "WEB_CONCURRENCY": "HEMVIST_WORKERS",
    "PORT": "HEMVIST_PORT",
    "HOST": "HEMVIST_HOST",
    "DATABASE_URL": "HEMVIST_DATABASE_URL",
    "REDIS_URL": "HEMVIST_REDIS_URL",
    "SECRET_KEY": "HEMVIST_SECRET_KEY",
    "FLASK_DEBUG": "HEMVIST_DEBUG",
}
"""What other programs read, and people set by habit."""
DECIDED: Final = ("legal_hold", "official", "disposal", "mailbox")


def known_settings(patient: Patient) -> Iterator[Finding]:
    """Which are set, and that all of them can be read."""
    given = [row.name for row in ROWS if patient.environment.get(row.name)]
    yield Finding("ok", "settings", f"{len(given)} of {len(ROWS)} are set: {', '.join(given) or 'none'}")


def other_names(patient: Patient) -> Iterator[Finding]:
    """Is something set under a name that Hemvist does not read?"""
    for name, ours in OTHERS.items():
        theirs, own = patient.environment.get(name), patient.environment.get(ours)
        if theirs and theirs != own:
            source = f"{ours} (environment)" if own else f"the default of {ours}"
            yield Finding(
                "warning", "settings", f"{name} (environment) is not read: {source} holds", f"set {ours} alone"
            )


def keys(patient: Patient) -> Iterator[Finding]:
    """Where do the keys come from, and are they two?"""
    settings = patient.settings
    for name, given, file in (
        ("HEMVIST_SECRET_KEY", bool(settings.secret_key), SECRET_KEY_FILE),
        ("HEMVIST_MESSAGE_KEY", bool(settings.message_key), MESSAGE_KEY_FILE),
    ):
        path = settings.data / file
        kept = f"kept in {path}; copy it elsewhere, no backup holds it" if path.exists() else "made at the first start"
        yield Finding("ok", "keys", f"{name}: " + ("set in the environment" if given else kept))
    if {*settings.secret_key} & {*settings.message_key}:
        said = "HEMVIST_SECRET_KEY and HEMVIST_MESSAGE_KEY are the same: who learns one has both"
        yield Finding("warning", "keys", said, "put a key of its own before it in HEMVIST_MESSAGE_KEY, with a comma")


def two_secrets(patient: Patient) -> Iterator[Finding]:
    """Do the environment and the data folder give different secrets?"""
    settings, file = patient.settings, patient.settings.data / SECRET_KEY_FILE
    kept = _read(file)
    if settings.secret_key and kept and not {*keys_in(kept)} <= {*settings.secret_key}:
        yield Finding(
            "warning", "settings", f"HEMVIST_SECRET_KEY (environment) holds, and {file} has another",
            "put the one of the file behind yours, with a comma, or remove the file: then all are signed out",
        )  # fmt: skip


def two_message_keys(patient: Patient) -> Iterator[Finding]:
    """Do the environment and the data folder give different keys for messages?"""
    keys, file = patient.settings.message_key, patient.settings.data / MESSAGE_KEY_FILE
    kept = _read(file)
    if keys and kept and not Seal(keys_in(kept)).names <= Seal(keys).names:
        yield Finding(
            "warning", "settings", f"HEMVIST_MESSAGE_KEY (environment) holds, and {file} has another",
            "put the one of the file behind yours, with a comma: messages may be written under it",
        )  # fmt: skip


def two_databases(patient: Patient) -> Iterator[Finding]:
    """Is there a SQLite file beside a PostgreSQL database?"""
    file = patient.settings.data / FILE
    if patient.settings.database_url and file.exists():
        yield Finding(
            "warning", "settings", f"HEMVIST_DATABASE_URL (environment) holds, and {file} is another database",
            "move its content with hemvist backup and restore if it is wanted, then remove it: no purge reaches it",
        )  # fmt: skip


def two_folders(patient: Patient) -> Iterator[Finding]:
    """Does the setting name another folder of knowledge than the one here?"""
    here = Path("knowledge")
    if patient.environment.get("HEMVIST_KNOWLEDGE") and here.is_dir():
        served = patient.settings.knowledge
        if served.resolve() != here.resolve():
            said = f"HEMVIST_KNOWLEDGE (environment) names {served}, which is served; {here.resolve()} is not"
            yield Finding("ok", "settings", said)


def files_and_staff(patient: Patient) -> Iterator[Finding]:
    """Do the files and the pages of staff say different things of a municipality?"""
    files, decided = patient.inspected[0], patient.knowledge
    if files is None or decided is None:
        return
    lines = [
        f"{name}: {setting} is {_said(theirs)} by the pages of staff, which holds, and "
        f"{_said(ours)} by municipalities/{name}/municipality.yaml"
        for name, one in decided.municipalities.items()
        for setting in DECIDED
        if (theirs := getattr(one, setting)) != (ours := getattr(files.municipalities[name], setting))
    ]
    if lines:
        yield Finding("warning", "settings", some(lines), "bring the file in line, or give the setting back to it")


def debug(patient: Patient) -> Iterator[Finding]:
    """Are tracebacks shown?"""
    if patient.settings.debug:
        yield Finding("warning", "settings", "HEMVIST_DEBUG=true: failed requests show tracebacks", "unset it")


def way_in(patient: Patient) -> Iterator[Finding]:
    """Do host, proxies and address go together?"""
    settings = patient.settings
    site = urlsplit(settings.site_url or "")
    is_elsewhere = bool(site.hostname) and not is_loopback(site.hostname or "")
    if settings.is_public and not settings.trusted_proxies:
        yield Finding(
            "warning", "address", f"HEMVIST_HOST={settings.host} is open to others, and HEMVIST_TRUSTED_PROXIES=0",
            "put a proxy in front that speaks https and holds off slow clients, and say how many there are",
        )  # fmt: skip
    if is_elsewhere and site.scheme == "https" and not settings.trusted_proxies:
        yield Finding(
            "fault", "address", f"HEMVIST_SITE_URL={settings.site_url} is https, and HEMVIST_TRUSTED_PROXIES=0: nobody "
            "tells the server so, staff cannot sign in, and all visitors count as one address",
            "HEMVIST_TRUSTED_PROXIES=1",
        )  # fmt: skip
    if is_elsewhere and site.scheme == "http":
        yield Finding(
            "fault", "address", f"HEMVIST_SITE_URL={settings.site_url}: staff sign in over https alone", "use https"
        )
    if not site.hostname and (settings.is_public or settings.trusted_proxies or settings.smtp_url):
        yield Finding(
            "warning", "address", f"HEMVIST_SITE_URL is not set: links in mail begin with http://{settings.host}:"
            f"{settings.port}", "set it to the address that visitors use",
        )  # fmt: skip
    if site.hostname:
        yield Finding("ok", "address", f"visitors come by {settings.site_url}, over {settings.trusted_proxies} proxies")


def time_zone(patient: Patient) -> Iterator[Finding]:
    """What time is it?"""
    here = patient.now.astimezone(patient.settings.timezone)
    yield Finding("ok", "clock", f"{here:%A %Y-%m-%d %H:%M} in {patient.settings.timezone.key}: is that right?")


def root(_patient: Patient) -> Iterator[Finding]:
    """Who runs this?"""
    if os.geteuid() == 0:
        yield Finding(
            "warning", "process", "this runs as root; what the server may read and write is not seen so",
            "run it as the user that serves, and never serve as root",
        )  # fmt: skip


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else repr(value)


def _read(file: Path) -> str | None:
    try:
        return file.read_text("ascii", errors="replace").strip() or None
    except OSError:
        return None


QUESTIONS: Final = (
    known_settings, other_names, keys, two_secrets, two_message_keys, two_databases, two_folders, files_and_staff,
    debug, way_in, time_zone, root,
)  # fmt: skip
