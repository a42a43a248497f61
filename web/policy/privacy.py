"""The privacy page."""

from web.i18n import translations
from web.policy.document import Document, Facts, Section, bullets, paragraphs
from web.policy.reaching import ways
from web.promises import kept, read_by


def privacy(facts: Facts) -> Document:
    """Write what is saved of a visitor, how long, and what a visitor can do about it."""
    _ = facts.texts
    return Document(
        _("Privacy"),
        _("You can ask without saying who you are. We set no cookies, and we pass your questions on to nobody."),
        (
            Section(_("Who is responsible"), responsible(facts)),
            Section(_("What we save"), _saved(facts)),
            Section(_("What we do not save"), _not_saved(facts)),
            Section(_("If you write to a person"), _writing(facts)),
            Section(_("How long we keep it"), _kept(facts)),
            Section(_("Why we may do this"), _ground(facts)),
            Section(_("Who else can see it"), _others(facts)),
            Section(_("If you want it deleted"), _deleting(facts)),
            Section(_("Your rights"), _rights(facts)),
            Section(_("If you are not satisfied"), complaint(facts)),
        ),
    )


def responsible(facts: Facts) -> str:
    """Say who answers for what is saved, and how to reach them."""
    _ = facts.texts
    if facts.municipality.official:
        who = _("%(place)s municipality is responsible for how your data is handled here.", place=facts.place)
    else:
        who = _(
            "This is a demonstration. The one who runs this server is responsible for what is saved on it. "
            "If %(place)s municipality takes the service into use, the municipality is.",
            place=facts.place,
        )
    asking = _("You reach the municipality here. Ask for the data protection officer if you like.")
    return paragraphs(who, asking, ways(facts))


def _saved(facts: Facts) -> str:
    _ = facts.texts
    return paragraphs(
        _("When you ask, we save:"),
        bullets(
            _("the words of your question"),
            _("when you asked, and in which language"),
            _("which answer you got, and how sure the chatbot was"),
            _("your thumb up or down, and your reason if you give one"),
            _("a scrambled code that holds your questions together, so that you can delete them"),
        ),
        _(
            "First we look for identity numbers, phone numbers and e-mail addresses. We take them out before "
            "anything is saved."
        ),
        _(
            "We cannot see everything. Names, street addresses, dates of birth and what you say about your health "
            "are not taken out. So please leave them out yourself."
        ),
        _("If you write about danger, violence or suicide, we do not save the words. We only count the question."),
    )


def _not_saved(facts: Facts) -> str:
    _ = facts.texts
    return paragraphs(
        bullets(
            _("When you ask, we do not save your name, your network address or what phone or computer you have."),
            _("We set no cookies, and these pages save nothing in your browser."),
            _(
                "We do not save what you answer for the moving plan. It is sent to us to make the plan and then "
                "forgotten. It stands in the address of your page, after the #: whoever gets that link sees it."
            ),
            _(
                "A chat window on another site keeps your talk in that tab once you have asked. It is gone when you "
                "close the tab."
            ),
        ),
        _(
            "So that nobody can drown us in questions, we count them by network address. The address is scrambled "
            "and forgotten within minutes."
        ),
    )


def _writing(facts: Facts) -> str:
    _ = facts.texts
    return paragraphs(
        _("A message to a person is different: it has to be answered. So we save:"),
        bullets(
            _("your message, when you wrote it, its subject and its language"),
            _("your e-mail address or phone number as you wrote it, and your name if you gave it"),
        ),
        _(
            "We look for identity numbers, phone numbers and e-mail addresses in the message, and take them out. The "
            "message, your name and how to reach you are encrypted on our server."
        ),
        read_by(facts.municipality, facts.language, is_mailed=facts.is_mailed),
        _("The mail itself is not encrypted all the way. It lies in the mailbox as other mail does.")
        if facts.is_mailed
        else None,
        _("The message becomes a public record. Anyone may ask to read it."),
    )


def _kept(facts: Facts) -> str:
    _, ngettext, days = facts.texts, translations(facts.language).ngettext, facts.retention_days
    limit = ngettext(
        "We delete the words of your question after %(days)s day.",
        "We delete the words of your question after %(days)s days.",
        days,
    ) % {"days": days}
    longer = ngettext(
        "If your question got no good answer, we may keep its words until the municipality has dealt with it, but "
        "%(days)s day at most.",
        "If your question got no good answer, we may keep its words until the municipality has dealt with it, but "
        "%(days)s days at most.",
        facts.gap_days,
    ) % {"days": facts.gap_days}
    return paragraphs(
        f"{limit} " + _("Then only counts are left, such as how often an answer was given. They say nothing of you."),
        longer if facts.gap_days > days else None,
        paragraphs(_("A message to a person:"), kept(facts.municipality, facts.language)),
        _("Backup copies can be a little older before they are replaced."),
        _("Right now nothing is deleted: the municipality has to keep everything because of a case that is open.")
        if facts.municipality.legal_hold
        else None,
    )


def _ground(facts: Facts) -> str:
    _ = facts.texts
    return paragraphs(
        _("We need your question to answer it, and to learn which answers are missing."),
        _(
            "The law calls this a task in the public interest. See article 6.1 e of the General Data Protection "
            "Regulation, GDPR."
        ),
        _("The chatbot is a machine. It picks among finished texts, and it decides nothing about you."),
    )


def _others(facts: Facts) -> str:
    _ = facts.texts
    return paragraphs(
        _("We pass nothing on and sell nothing. No other company counts the visits here or reads along."),
        _(
            "What a municipality saves can be a public document. Then anyone may ask to read it. The municipality "
            "first looks at whether something in it is secret."
        ),
        _(
            "If you open the map, your browser gets its pictures from %(host)s. They can see your network address.",
            host=facts.tile_host,
        )
        if facts.tile_host
        else None,
    )


def _deleting(facts: Facts) -> str:
    _ = facts.texts
    return paragraphs(
        _("Choose “Delete the conversation” in the chat window before you close it."),
        _(
            "After that we cannot find your questions, because nothing ties them to you. They are deleted on their "
            "own when their time is up."
        ),
    )


def _rights(facts: Facts) -> str:
    _ = facts.texts
    return _(
        "You may ask what we have saved about you. You may ask us to put it right, to delete it or to stop using it. "
        "Tell us what you asked and on which day, or we cannot find it."
    )


def complaint(facts: Facts) -> str:
    """Say where to complain."""
    _ = facts.texts
    return _(
        "Tell the municipality first. You can also complain to the Swedish Authority for Privacy Protection, IMY: "
        "%(link)s.",
        link="[imy.se](https://www.imy.se)",
    )
