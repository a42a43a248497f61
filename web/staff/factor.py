"""Set up the second factor: a picture for the app, and codes on paper."""

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from web.errors import asked_language
from web.i18n import sentences
from web.people import Account
from web.staff import codes
from web.staff.audit import Writing, doing
from web.staff.service import moment
from web.staff.session import begin, member
from web.staff.typed import Typed, typed_before
from web.store import accounts

SALT = "factor"  # where the cookie holds what the secret is made from; it is worth nothing without the server's own


def show() -> ResponseReturnValue:
    """Show the picture, where no second factor is set up yet."""
    if member().account.has_totp:
        return redirect(typed_before().target, 303)
    return factor_page(typed_before())


def factor_page(typed: Typed, mistake: str | None = None) -> str:
    """Return the page with the picture, the same one until it is confirmed."""
    _ = sentences(asked_language())
    salt = session.setdefault(SALT, codes.new_salt())
    address = codes.address_of(salt, member().account.email)
    picture = codes.picture_of(address, _("The code for your app"))
    return render_template(
        "staff/factor.html",
        typed=typed,
        mistake=mistake,
        picture=Markup(picture),  # noqa: S704 - made by segno from our own address
        secret=codes.spelt(salt, member().account.email),
        address=address,
    )


def confirm() -> ResponseReturnValue:
    """Take the first code of the app, and show the codes for the paper."""
    _ = sentences(asked_language())
    account, typed, salt = member().account, typed_before(), session.get(SALT, "")
    if account.has_totp:
        return redirect(typed.target, 303)
    right = codes.check(salt, request.form.get("code", ""), account.email, moment()) if salt else None
    if right is None:
        mistake = _("The code is wrong. Does the clock of your phone go right?")
        return factor_page(typed, mistake), 422
    with doing("second_factor_set", about=account.email) as writing:
        accounts.change(writing.connection, account.id, totp_salt=right.kept, totp_step=right.step)
        made = keep_paper_codes(writing, account)
        begin(account, is_whole=True, connection=writing.connection)
    return paper_page(made, typed)


def keep_paper_codes(writing: Writing, account: Account) -> list[str]:
    """Make new codes for the paper, keep their hashes, and return them."""
    made = codes.new_paper_codes()
    accounts.keep_recovery_codes(
        writing.connection, account.id, [codes.hashes_of_paper_code(account.id, code)[0] for code in made]
    )
    return made


def paper_page(made: list[str], typed: Typed) -> str:
    """Return the page that shows the codes for the paper, this once."""
    return render_template("staff/paper.html", codes=made, typed=typed)
