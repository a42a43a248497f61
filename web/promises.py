"""What is promised to whoever writes to a person: who reads it, when an answer can be expected, how long it is kept."""

from bot import Language, Municipality
from web.i18n import sentences, translations


def answered(municipality: Municipality, language: Language) -> str:
    """Say when an answer can be expected."""
    _ = sentences(language)
    if not municipality.official:
        return _(
            "This is a demonstration, so do not count on an answer. To reach the municipality, call it or write to its "
            "own address."
        )
    if municipality.reply_days is None:
        return _("The municipality has not said how soon it answers. If it is urgent, call.")
    return translations(language).ngettext(
        "You can expect an answer within %(days)s working day.",
        "You can expect an answer within %(days)s working days.",
        municipality.reply_days,
    ) % {"days": municipality.reply_days}


def read_by(municipality: Municipality, language: Language, *, is_mailed: bool) -> str:
    """Say where a message goes."""
    _ = sentences(language)
    if is_mailed:
        return _("It goes to the mailbox of the municipality and to a list that staff work through.")
    if municipality.official:
        return _("It goes to a list that staff of the municipality work through.")
    return _("It is kept on this server. It is not sent to the municipality, and nobody there reads it.")


def kept(municipality: Municipality, language: Language) -> str:
    """Say how long a message is kept, by the municipality's decision."""
    _ = sentences(language)
    if municipality.legal_hold:
        return _(
            "Right now nothing is deleted: the municipality has to keep everything because of a case that is open."
        )
    if not municipality.disposal or not municipality.message_days:
        return _("The municipality has not decided yet how long it keeps messages. Until then none is deleted.")
    return translations(language).ngettext(
        "It is deleted here %(days)s day after it has been dealt with. Decision: %(reference)s.",
        "It is deleted here %(days)s days after it has been dealt with. Decision: %(reference)s.",
        municipality.message_days,
    ) % {"days": municipality.message_days, "reference": municipality.disposal}
