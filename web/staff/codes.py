"""The second factor: codes of an app that change every half minute, and codes on paper for when the phone is gone."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from web.staff.service import get_staff

ISSUER: Final = "Hemvist"
PERIOD: Final = 30  # seconds
DIGITS: Final = 6
DRIFT: Final = (0, -1, 1)  # periods that a phone's clock may be off
PAPER_CODES: Final = 8
PAPER_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
PAPER_LENGTH: Final = 10


def new_salt() -> str:
    """Return what a new shared secret is made from."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Right:
    """A code that was right: the half minute it belongs to, and what to keep of the shared secret from now on."""

    step: int
    kept: str


def check(kept: str, code: str, email: str, at: datetime) -> Right | None:
    """Return which half minute `code` belongs to, by what is `kept` of the second factor; None where it is wrong."""
    import pyotp

    keys, typed = get_staff().keys, _digits("".join(code.split()))
    now = int(at.timestamp()) // PERIOD
    right = [
        (now + off, secret)
        for secret in keys.totp_secrets(kept, email)
        for off in DRIFT
        if secrets.compare_digest(pyotp.TOTP(secret).generate_otp(now + off), typed)
    ]
    if not right:
        return None
    step, secret = max(right)
    return Right(step, kept if keys.is_sealed(kept, email) else keys.seal_totp(secret, email))


def address_of(salt: str, email: str) -> str:
    """Return what the picture says that an app reads."""
    import pyotp

    return pyotp.TOTP(_new_secret(salt, email)).provisioning_uri(name=email, issuer_name=ISSUER)


def picture_of(address: str, label: str) -> str:
    """Return the picture as SVG, without a style that our policy would refuse."""
    import segno

    return segno.make(address, error="m").svg_inline(
        scale=4,
        border=4,
        dark="#000",
        light="#fff",
        title=label,
        omitsize=True,
        svgclass="code-picture",
        lineclass=None,
    )


def spelt(salt: str, email: str) -> str:
    """Return the shared secret for who types it, in groups of four."""
    secret = _new_secret(salt, email)
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))


def new_paper_codes() -> list[str]:
    """Return codes that each let in once: 49 bits, spelt without letters that look alike."""
    made = ["".join(secrets.choice(PAPER_LETTERS) for _ in range(PAPER_LENGTH)) for _ in range(PAPER_CODES)]
    return [f"{code[:5]}-{code[5:]}" for code in made]


def hashes_of_paper_code(account: int, code: str) -> list[str]:
    """Return what may be kept of a code on paper, however it is spelt; the first is what to keep."""
    plain = "".join(letter for letter in code.upper() if letter in PAPER_LETTERS)
    return get_staff().keys.known("paper", str(account), plain)


def is_paper_code(code: str) -> bool:
    """Whether somebody typed a code from the paper, and not one of the app."""
    return sum(letter in PAPER_LETTERS for letter in code.upper()) == PAPER_LENGTH


def _new_secret(salt: str, email: str) -> str:
    return get_staff().keys.totp_secrets(salt, email)[0]


def _digits(typed: str) -> str:
    return typed if len(typed) == DIGITS and typed.isascii() and typed.isdigit() else "-"
