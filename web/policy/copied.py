"""The texts on privacy and accessibility as they are true of a static copy."""

from collections.abc import Callable, Mapping
from typing import Final

from web.policy import accessibility as live
from web.policy.document import Document, Facts, Section, bullets, paragraphs
from web.policy.privacy import complaint, responsible


def privacy(facts: Facts) -> Document:
    """Write that a copy saves nothing, and who may see the visit all the same."""
    _ = facts.texts
    return Document(
        _("Privacy"),
        _("These pages save nothing about you, and send nothing to anybody."),
        (
            Section(_("What we save"), _nothing(facts)),
            Section(_("Who else can see it"), _others(facts)),
            Section(_("Who is responsible"), responsible(facts)),
            Section(_("If you are not satisfied"), complaint(facts)),
        ),
    )


def accessibility(facts: Facts) -> Document:
    """Write how far a copy can be used by everyone; what it has not, such as a map, is not told."""
    _ = facts.texts
    return Document(
        _("Accessibility statement"),
        _(
            "We want everyone to be able to use this service. Here we tell what works, what does not, and what we do "
            "not know."
        ),
        (
            Section(
                _("Which service this is about"), paragraphs(_("This is a copy of the answers."), live.service(facts))
            ),
            Section(_("How accessible the service is"), live.status(facts)),
            Section(_("What does not work for everyone"), _gaps(facts)),
            Section(_("What is not covered"), live.outside(facts)),
            Section(_("How we have tested"), live.tests(facts)),
            Section(_("Tell us what does not work"), live.report(facts)),
            Section(_("Who watches over this"), live.supervision(facts)),
        ),
    )


COPIED: Final[Mapping[str, Callable[[Facts], Document]]] = {"policy": privacy, "accessibility": accessibility}


def _nothing(facts: Facts) -> str:
    _ = facts.texts
    return bullets(
        _("This is a copy made of plain pages. There is no chat in it, and nobody reads what you search for."),
        _("The search runs in your own browser, on this page alone."),
        _("We set no cookies, and these pages save nothing in your browser."),
    )


def _others(facts: Facts) -> str:
    _ = facts.texts
    return paragraphs(
        _("Whoever keeps the web server that these pages lie on can see that your device fetched them."),
        _("If you follow a link to another site, what it says about privacy holds there."),
    )


def _gaps(facts: Facts) -> str:
    _ = facts.texts
    return paragraphs(
        _("We know of these flaws:"),
        bullets(
            *live.text_gaps(facts),
            _("Without JavaScript there is no search. Everything stands in the list of answers."),
        ),
        live.unknown(facts),
    )
