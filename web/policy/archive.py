"""Papers that the municipality itself needs: the record of processing, and a draft of the decision to dispose."""

from web.policy.document import Document, Facts, Section, bullets, paragraphs
from web.policy.reaching import ways


def record(facts: Facts) -> Document:
    """Write the entry of the service in the record of processing (GDPR, article 30)."""
    _ = facts.texts
    return Document(
        _("Record of processing"),
        _(
            "Newcomer chat of %(place)s municipality. Article 30 of the GDPR. Fill in what stands in [brackets].",
            place=facts.place,
        ),
        (
            Section(
                _("Controller"),
                paragraphs(_("[Name of the board], %(place)s municipality", place=facts.place), ways(facts)),
            ),
            Section(_("Data protection officer"), _("[Name and e-mail address]")),
            Section(
                _("Purpose"),
                paragraphs(
                    _(
                        "To answer questions of those who think of moving here, and to find the answers that are "
                        "missing."
                    ),
                    _("To pass on messages to staff who answer them."),
                ),
            ),
            Section(
                _("Legal basis"), _("Task in the public interest, article 6.1 e of the GDPR. No consent is asked for.")
            ),
            Section(_("Whose data"), _("Visitors who write a question, or a message to a person.")),
            Section(_("What data"), _data(facts)),
            Section(
                _("Who gets it"),
                _(
                    "Staff of the municipality who look after the answers and answer messages. [Supplier who runs the "
                    "server, and the one who runs the mail]"
                ),
            ),
            Section(_("Outside the EU and EEA"), _("The program sends nothing there. [Where the server stands]")),
            Section(_("How long"), _period(facts)),
            Section(_("Safeguards"), _safeguards(facts)),
        ),
    )


def disposal(facts: Facts) -> Document:
    """Write a draft of the decision by which what visitors write may be destroyed (gallring)."""
    _ = facts.texts
    return Document(
        _("Disposal of questions to the newcomer chat"),
        _("Draft for a decision of %(place)s municipality.", place=facts.place),
        (
            Section(_("Decision"), _decision(facts)),
            Section(_("What is destroyed and when"), _destroyed(facts)),
            Section(
                _("Reason"),
                paragraphs(
                    _(
                        "The questions are of small and passing interest. Each got its answer at once, from a finished "
                        "text."
                    ),
                    _(
                        "The counts that stay show how the service was used. The answers themselves are kept, with "
                        "their history."
                    ),
                ),
            ),
            Section(_("Conditions"), _conditions(facts)),
        ),
    )


def _data(facts: Facts) -> str:
    _ = facts.texts
    return bullets(
        _(
            "The question as text. Identity numbers, phone numbers and e-mail addresses are taken out before it is "
            "saved."
        ),
        _("Time, language, the answer that was given, and how sure the program was."),
        _("Thumb up or down, with a reason if one is given."),
        _("A hashed code of the conversation. No name, no account, no network address, no cookie."),
        _("Visitors may still write sensitive data of their own accord. They are asked not to."),
        _(
            "Of a message to a person: the text without identity numbers, phone numbers and addresses, subject, "
            "language, time, name if given, and e-mail address or phone number as written."
        ),
    )


def _period(facts: Facts) -> str:
    _ = facts.texts
    return paragraphs(
        _(
            "Texts of questions: %(days)s days (HEMVIST_RETENTION_DAYS). Counts: until further notice.",
            days=facts.retention_days,
        ),
        _unanswered(facts),
        _("A visitor can delete a conversation at once."),
        _messages(facts),
        _hold(facts),
    )


def _unanswered(facts: Facts) -> str:
    _ = facts.texts
    return _(
        "Texts of questions without a good answer: until staff have dealt with them, at most %(days)s days "
        "(HEMVIST_GAP_DAYS).",
        days=facts.gap_days,
    )


def _messages(facts: Facts) -> str:
    _, days = facts.texts, facts.municipality.message_days
    shown = days or _("[number]")
    return _("Messages to a person: %(days)s days after they are dealt with (`message_days`).", days=shown)


def _safeguards(facts: Facts) -> str:
    _ = facts.texts
    return bullets(
        _("Personal data is taken out before anything is written."),
        _("Messages and how to reach who wrote them are encrypted, under a key that the database does not hold."),
        _("Nothing is stored in the visitor's browser before the first question, and no third party is called."),
        _("Network addresses are hashed with a salt of the day, for limits alone, and forgotten within minutes."),
        _("Old texts are purged by a task that runs every minute. [Backups, access rights, encryption on the server]"),
    )


def _decision(facts: Facts) -> str:
    _, decided = facts.texts, facts.municipality.disposal
    if decided:
        return _("Decided: %(reference)s", reference=decided)
    return _("Not decided yet. [Board, date, reference] Write the reference into municipality.yaml as `disposal`.")


def _destroyed(facts: Facts) -> str:
    _ = facts.texts
    return bullets(
        _("Texts of questions, and reasons given with a thumb: after %(days)s days.", days=facts.retention_days),
        _unanswered(facts),
        _("Conversations that a visitor deletes: at once."),
        _messages(facts),
        _("Data for limits and for repeated requests: after minutes."),
        _("Counts by day, language and answer: are kept."),
    )


def _conditions(facts: Facts) -> str:
    _ = facts.texts
    return bullets(
        _("Nothing is destroyed while a request to read it, or an appeal, is open (`legal_hold`)."),
        _("A message that belongs to a case is first put with that case. No message goes before it is dealt with."),
        _("Each purge is logged with its number of rows and its time."),
        _("Backups follow the same limits within [number] days."),
        _hold(facts),
    )


def _hold(facts: Facts) -> str | None:
    _ = facts.texts
    return _("`legal_hold` is on: nothing is destroyed at present.") if facts.municipality.legal_hold else None
