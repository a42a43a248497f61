"""Questions on what is elsewhere: the counter, and, where that is wished, the mail server and the site itself."""

from collections.abc import Iterator
from typing import Final

import httpx

from web.doctor.finding import Finding, Patient, some
from web.mail import MailError, mail_server

PATIENCE: Final = 5.0  # seconds


def redis(patient: Patient) -> Iterator[Finding]:
    """Does the counter of requests answer?"""
    url = patient.settings.redis_url
    if not url:
        return
    from redis import Redis, RedisError  # only those who use it have it

    connected = Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    try:
        connected.ping()
        yield Finding("ok", "redis", "it answers")
    except RedisError as error:
        said = f"HEMVIST_REDIS_URL: it does not answer ({type(error).__name__}); until it does, everybody may ask"
        yield Finding("fault", "redis", said, "start it, or unset the setting where there is one server")
    finally:
        connected.close()


def mail(patient: Patient) -> Iterator[Finding]:
    """Does the mail server let us in? No mail is sent."""
    server = mail_server(patient.settings)
    if server is None:
        remedy = "set HEMVIST_SMTP_URL and HEMVIST_MAIL_FROM if they are to be mailed"
        yield Finding("warning", "mail", "no mail server is set: messages stand in the list of staff alone", remedy)
        return
    where = f"{server.host}:{server.port}"
    if not patient.connect:
        yield Finding("ok", "mail", f"{where} is set; --connect asks whether it lets us in")
        return
    try:
        server.greet()
        yield Finding("ok", "mail", f"{where} lets us in")
    except MailError as error:
        yield Finding("fault", "mail", f"{where}: {error}", "compare HEMVIST_SMTP_URL with what the mail server wants")


def site(patient: Patient) -> Iterator[Finding]:
    """Does the address that visitors use lead here?"""
    url = patient.settings.site_url
    if not url or not patient.connect:
        return
    remedy = "is the server up, and does the proxy hand on to it?"
    try:
        answer = httpx.get(f"{url}/readyz", timeout=PATIENCE)
        state = answer.json() if answer.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, ValueError) as error:
        yield Finding("fault", "address", f"{url}/readyz does not answer as Hemvist ({type(error).__name__})", remedy)
        return
    if not isinstance(state, dict) or "municipalities" not in state:
        yield Finding("fault", "address", f"{url}/readyz answers {answer.status_code}, not as Hemvist", remedy)
    elif state.get("status") != "ok":
        said = f"{url} is degraded: {some([str(problem) for problem in state.get('problems', [])])}"
        yield Finding("warning", "address", said, "see what it names")
    else:
        yield Finding("ok", "address", f"{url} answers, and is well")


QUESTIONS: Final = (redis, mail, site)
