"""Pages told to search engines in the words of schema.org; templates write these values as JSON-LD."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot import Found, Job, Language, Place
from web.records import record_payload

CONTEXT: Final = "https://schema.org"


def faq_page(question: str, answer: str, language: Language) -> dict[str, Any]:
    """Tell of one question and its answer, a text without Markdown."""
    return {
        "@context": CONTEXT,
        "@type": "FAQPage",
        "inLanguage": language,
        "mainEntity": [
            {"@type": "Question", "name": question, "acceptedAnswer": {"@type": "Answer", "text": answer}},
        ],
    }


def places(found: Iterable[Found], language: Language) -> dict[str, Any] | None:
    """Tell of plots and places that lie somewhere; examples are nobody's offer and left out. None: there are none."""
    told = [place for one in found if (place := _place(one, language))]
    return {"@context": CONTEXT, "@graph": told} if told else None


def _place(found: Found, language: Language) -> Mapping[str, Any] | None:
    record = found.record
    if isinstance(record, Job) or record.example:
        return None
    where = record.position if isinstance(record, Place) else record.middle
    if where is None:
        return None
    shown = record_payload(found, language)
    more = {
        "description": ". ".join(line.rstrip(".") for line in shown["lines"]),
        "url": record.url,
        "telephone": record.phone if isinstance(record, Place) else None,
        "address": record.address if isinstance(record, Place) else record.place,
    }
    return {
        "@type": "Place",
        "name": shown["title"],
        "geo": {"@type": "GeoCoordinates", "latitude": where[0], "longitude": where[1]},
        **{name: value for name, value in more.items() if value},
    }
