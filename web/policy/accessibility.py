"""The accessibility statement, with the eleven things that Digg asks for."""

from datetime import date
from typing import Final

from web.i18n import format_date
from web.policy.document import Document, Facts, Section, bullets, paragraphs
from web.policy.reaching import ways

ASSESSED: Final = date(2026, 11, 22)  # when the service was last looked through as a whole
WRITTEN: Final = date(2026, 11, 22)  # when the statement was last changed
COMPLAINT: Final = "https://www.digg.se/tdosanmalan"


def accessibility(facts: Facts) -> Document:
    """Write how far the service can be used by everyone, how that was tested, and where to report what fails."""
    _ = facts.texts
    return Document(
        _("Accessibility statement"),
        _(
            "We want everyone to be able to use this service. Here we tell what works, what does not, and what we do "
            "not know."
        ),
        (
            Section(_("Which service this is about"), service(facts)),
            Section(_("How accessible the service is"), status(facts)),
            Section(_("What does not work for everyone"), _gaps(facts)),
            Section(_("What is not covered"), outside(facts)),
            Section(_("How we have tested"), tests(facts)),
            Section(_("Tell us what does not work"), report(facts)),
            Section(_("Who watches over this"), supervision(facts)),
        ),
    )


def service(facts: Facts) -> str:
    """Say what the text is about and who is behind it."""
    _ = facts.texts
    name = _("This is about Hemvist, the chat for those who think of moving to %(place)s.", place=facts.place)
    if facts.municipality.official:
        actor = _("%(place)s municipality is behind the service.", place=facts.place)
    else:
        actor = _(
            "It is a demonstration. %(place)s municipality is not behind it yet, but will have to answer for this "
            "text when it takes the service into use.",
            place=facts.place,
        )
    return paragraphs(f"{name} {actor}")


def status(facts: Facts) -> str:
    """Say how far the law and WCAG are met."""
    _ = facts.texts
    return paragraphs(
        _("The service meets the law in part (the act on access to digital public service, 2018:1937)."),
        _("It is built to meet WCAG 2.2 at level AA. That is more than the law asks for."),
        _("We say “in part” because of the flaws below, and because nobody from outside has tested it."),
    )


def _gaps(facts: Facts) -> str:
    _ = facts.texts
    return paragraphs(
        _("We know of these flaws:"),
        bullets(
            *text_gaps(facts),
            _(
                "The map has no words for roads and land. The list beside it tells the same of each plot: village, "
                "price and size (WCAG 1.1.1)."
            ),
        ),
        unknown(facts),
    )


def text_gaps(facts: Facts) -> tuple[str, ...]:
    """Return what is wrong with some of the answers, wherever they are read."""
    _ = facts.texts
    return (
        _("Some answers use long words or sentences. They come from the law or from an authority."),
        _("An answer can lack one of the languages. Then it says so and marks the language it has (WCAG 3.1.2)."),
    )


def unknown(facts: Facts) -> str:
    """Say what nobody has tested yet."""
    _ = facts.texts
    return paragraphs(
        _("This we do not know:"),
        bullets(
            _("how it works with a screen reader in daily use"),
            _("how it works in Firefox and Safari"),
            _("how it works with speech control or with a switch"),
            _("what people who have a disability think of it: none of them has tested it yet"),
        ),
    )


def outside(facts: Facts) -> str:
    """Say what the law does not cover."""
    _ = facts.texts
    return paragraphs(
        _(
            "We link to pages of others, for our sources and for forms. The municipality does not control them, so "
            "the law does not cover them here (9 §)."
        ),
        _("We claim no relief because something would cost too much (12 §)."),
    )


def tests(facts: Facts) -> str:
    """Say how it was tested, and when."""
    _ = facts.texts
    return paragraphs(
        _("We have tested it ourselves, in the browser Chromium:"),
        bullets(
            _("with the tool axe, on every kind of page, in both languages, light, dark and with forced colours"),
            _("with the keyboard alone"),
            _("on a screen 320 pixels wide, which is the same as 400 per cent zoom"),
            _("without JavaScript, and with less motion"),
            _("with a formula for how hard the texts are to read (LIX)"),
        ),
        _("Most of these tests run again each time the program is changed."),
        _(
            "The service was last looked through on %(assessed)s. This text was last changed on %(written)s.",
            assessed=format_date(ASSESSED, facts.language),
            written=format_date(WRITTEN, facts.language),
        ),
    )


def report(facts: Facts) -> str:
    """Say whom to tell."""
    _ = facts.texts
    return paragraphs(
        _(
            "Is there something you cannot use or read? Tell the municipality. It can also give you the text in "
            "another way."
        ),
        ways(facts),
    )


def supervision(facts: Facts) -> str:
    """Say who watches over the law."""
    _ = facts.texts
    return _(
        "The agency Digg watches over the law. If you are not happy with what the municipality does, you can tell "
        "Digg: %(link)s.",
        link=f"[digg.se/tdosanmalan]({COMPLAINT})",
    )
