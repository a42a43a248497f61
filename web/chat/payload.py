"""A turn as JSON: always the same members, whatever the kind of reply. The pages are made from it too."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from bot import (
    Answer,
    Checked,
    Choices,
    Choose,
    Comparison,
    Language,
    Link,
    NoAnswer,
    Notice,
    Option,
    Overview,
    Records,
    Season,
    Source,
    answer_of,
    neighbour_of,
)
from web.chat.asking import Turn
from web.chat.several import municipalities_of, overview_text
from web.contacts import contact_payload
from web.hours import opening_sentences
from web.i18n import format_date, translations
from web.notices import NOTICES, only_in
from web.records import comparison_payload, records_payload, summary


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated when a reply is written."""
    return message


OLD_RECORDS: Final = _("The source of these has not answered lately. They were last fetched on %(date)s.")
IN_SEASON: Final = _("This is open now, until %(date)s.")
OUT_OF_SEASON: Final = _("This is not open now. It opens on %(date)s.")
CLOSED_CALL: Final = _("%(reason)s\n\nCall or write instead: %(ways)s.")
COMPARED: Final = _("Beside each other, as far as it is known:")
CHOICES_TEXT: Final = _("Do you mean one of these?")
CHOOSE_TEXT: Final = _("That differs between municipalities. Which one do you ask about?")
EVERYWHERE: Final = _("This answer is the same for all of Sweden.")
NONE_TEXT: Final = _("I do not know the answer to that.")
NONE_TEXT_CALL: Final = _("I do not know the answer to that. %(name)s can help you: %(phone)s.")


def payload(turn: Turn) -> dict[str, Any]:
    """Return `turn` as the JSON that the API gives and the pages show."""
    reply = turn.reply
    return {
        "kind": reply.kind,
        "language": reply.language,
        **_kind_members(turn),
        **_records(turn),
        "municipality": _whose(turn),
        "municipalities": municipalities_of(reply),
        "plan_link": f"/{_whose(turn)}/{reply.language}/plan" if reply.kind == "plan" else None,
        "comparison": comparison_payload(turn.reply) if isinstance(turn.reply, Comparison) else None,
        "person": _person(turn),
        "contacts": [contact_payload(contact, reply.language, turn.asked) for contact in reply.contacts],
        "notices": [{"code": notice, "text": _notice(notice, turn)} for notice in reply.notices]
        + _season(turn)
        + _age(turn),
        "confidence": round(reply.confidence, 4),
        "context": turn.context,
        "context_ignored": turn.context_ignored,
    }


def _age(turn: Turn) -> list[dict[str, str]]:
    """Say how old the records are where their source has not answered for a day."""
    if turn.old_since is None:
        return []
    language = turn.reply.language
    day = format_date(turn.old_since.astimezone(turn.asked.tzinfo).date(), language)
    return [{"code": "old-records", "text": translations(language).gettext(OLD_RECORDS) % {"date": day}}]


def _season(turn: Turn) -> list[dict[str, str]]:
    """Say whether it is the season of what returns each year, and when that changes."""
    given = answer_of(turn.reply)
    if given is None or given.season is None:
        return []
    season, day = given.season, turn.asked.date()
    is_open = season.covers(day)
    return [{"code": "in-season" if is_open else "out-of-season", "text": _said_of(season, day, given.language)}]


def _said_of(season: Season, day: date, language: Language) -> str:
    turning = format_date(season.turns(day), language)
    own = season.during if season.covers(day) else season.outside
    if own and (text := own.best(language)):
        return text.replace("{date}", turning)
    message = IN_SEASON if season.covers(day) else OUT_OF_SEASON
    return translations(language).gettext(message) % {"date": turning}


def _kind_members(turn: Turn) -> dict[str, Any]:
    match turn.reply:
        case Answer() as answer:
            return _answer(answer, turn)
        case Records() as records:
            said = summary(records.listing, records.language)
            return {**_answer(records.answer, turn), **_told(records, said)}
        case Comparison() as comparison:
            return _no_entry(comparison.language, translations(comparison.language).gettext(COMPARED), [])
        case Choices() as choices:
            options = _options(choices.options, turn, choices.language)
            return _no_entry(choices.language, translations(choices.language).gettext(CHOICES_TEXT), options)
        case NoAnswer() as none:
            return _no_entry(none.language, _none_text(none), [])
        case Overview() as overview:
            return _overview(overview, turn)
        case Choose() as choose:
            return _no_entry(choose.language, translations(choose.language).gettext(CHOOSE_TEXT), [])


def _overview(overview: Overview, turn: Turn) -> dict[str, Any]:
    """Begin with what the group itself has written, where it has."""
    if overview.answer:
        given = _answer(overview.answer, turn)
        if overview.answer.neighbour:
            link = permanent_link(overview.answer.neighbour.id, overview.language, overview.answer.entry)
            given |= {"next": [], "link": link}
        return {**given, "text": f"{given['text']}\n\n{overview_text(overview, overview.answer.text_language)}"}
    text = overview_text(overview, overview.language)
    return {**_no_entry(overview.language, text, []), "entry": overview.entry, "title": overview.title}


def _told(records: Records, said: str) -> dict[str, Any]:
    """What is said above records: what was found; and where nothing was asked of them, first the answer itself."""
    listing = records.listing
    if listing.filters.said or listing.wishes or listing.together is not None:
        return {"text": said, "text_language": records.language}
    return {"text": f"{records.answer.text}\n\n{said}"}


def _records(turn: Turn) -> dict[str, Any]:
    if isinstance(turn.reply, Records):
        return records_payload(turn.reply.listing, _whose(turn) or "", turn.reply.language)
    return {"records": [], "total": 0, "filters": {}, "chips": [], "relaxed": None, "list_link": None, "together": []}


def _answer(answer: Answer, turn: Turn) -> dict[str, Any]:
    return {
        "entry": answer.entry,
        "title": answer.title,
        "text": _text(answer, turn.asked.date()),
        "text_language": answer.text_language,
        "source": _source(answer.source),
        "checked": _checked(answer.checked),
        "links": [_link(link, answer.language) for link in answer.links],
        "next": _options(answer.next, turn, answer.language),
        "choices": [],
        "link": _link_to(answer.entry, turn, answer.language),
    }


def _text(answer: Answer, today: date) -> str:
    """Begin the answer with when it is open, where that was asked; in the language of the answer, so that it is one."""
    sentences = opening_sentences(answer.openings, today, answer.text_language)
    return f"{sentences}\n\n{answer.text}" if sentences else answer.text


def _no_entry(language: Language, text: str, choices: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "entry": None,
        "title": None,
        "text": text,
        "text_language": language,
        "source": None,
        "checked": None,
        "links": [],
        "next": [],
        "choices": choices,
        "link": None,
    }


def permanent_link(municipality: str, language: Language, entry: str) -> str:
    """Return the address of one answer's own page, relative to the site."""
    return f"/{municipality}/{language}/{entry}"


def _link_to(page: str, turn: Turn, language: Language) -> str | None:
    """Return the address of a page of the municipality whose answer it is; None where it is nobody's."""
    whose = _whose(turn)
    return permanent_link(whose, language, page) if whose else None


def _person(turn: Turn) -> str | None:
    """Return where to write to a person; nothing stands beside a crisis text."""
    link = _link_to("person", turn, turn.reply.language)
    if turn.reply.kind == "safety" or link is None or is_switched_off(turn.reply):
        return None
    about = answer_of(turn.reply)
    return f"{link}?about={about.entry}" if about else link


def is_switched_off(reply: object) -> bool:
    """Whether nothing is answered at present."""
    return isinstance(reply, NoAnswer) and reply.switched_off is not None


def _none_text(none: NoAnswer) -> str:
    gettext = translations(none.language).gettext
    if none.switched_off:
        reason = none.switched_off.best(none.language)
        ways = [way for contact in none.contacts[:1] for way in (contact.phone, contact.email) if way]
        return gettext(CLOSED_CALL) % {"reason": reason, "ways": ", ".join(ways)} if ways else reason
    reachable = next((contact for contact in none.contacts if contact.phone), None)
    text = gettext(NONE_TEXT)
    if reachable:
        text = gettext(NONE_TEXT_CALL) % {"name": reachable.name.best(none.language), "phone": reachable.phone}
    return text


def _whose(turn: Turn) -> str | None:
    """Return the municipality whose answer it is: the one that was asked, or the one that the question is about."""
    neighbour = neighbour_of(turn.reply)
    return neighbour.id if neighbour else turn.municipality


def _notice(notice: Notice, turn: Turn) -> str:
    language, neighbour = turn.reply.language, neighbour_of(turn.reply)
    given = answer_of(turn.reply)
    if notice == "other-language" and given:
        return only_in(given.text_language, language)
    message = NOTICES[notice]
    if notice == "general" and _whose(turn) is None:
        message = EVERYWHERE
    return translations(language).gettext(message) % {"name": neighbour.name.best(language) if neighbour else ""}


def _options(options: Iterable[Option], turn: Turn, language: Language) -> list[dict[str, str]]:
    """Return what leads to other answers of the same municipality; nothing where the answer is nobody's."""
    whose = _whose(turn)
    return [_option(option, whose, language) for option in options] if whose else []


def _option(option: Option, municipality: str, language: Language) -> dict[str, str]:
    return {
        "entry": option.entry,
        "title": option.title,
        "title_language": option.language,
        "link": permanent_link(municipality, language, option.entry),
    }


def _link(link: Link, language: Language) -> dict[str, str]:
    return {"url": link.url, "label": link.label.best(language)}


def _source(source: Source | None) -> dict[str, str | None] | None:
    if source is None:
        return None
    return {"url": source.url, "dated": _iso(source.dated), "copied": _iso(source.copied)}


def _checked(checked: Checked | None) -> dict[str, str | None] | None:
    if checked is None:
        return None
    return {"on": _iso(checked.on), "by": checked.by, "due": _iso(checked.due)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
