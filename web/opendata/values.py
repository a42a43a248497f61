"""Records as open data: our own values under their own names, in both languages, nothing written out in words."""

from datetime import date
from typing import Any, Final

from bot import WEEKDAYS, Contact, Found, Hours, Job, Localized, Place, Plot, Source

PRECISION: Final = 7  # decimals of a degree: about a centimetre
Pair = tuple[float, float]


def feature(found: Found) -> dict[str, Any]:
    """Return a plot as a GeoJSON feature."""
    plot = found.record
    assert isinstance(plot, Plot)  # noqa: S101 - the table of plots
    return {
        "type": "Feature",
        "id": plot.id,
        "geometry": geometry(plot),
        "properties": {**plot_values(plot), "distance_m": _rounded(found.distance_m)},
    }


def geometry(plot: Plot) -> dict[str, Any] | None:
    """Return where a plot is, longitude first; its corners anticlockwise and closed, as RFC 7946 wants them."""
    if plot.polygon:
        return {"type": "Polygon", "coordinates": [[_point(corner) for corner in ring(plot.polygon)]]}
    return {"type": "Point", "coordinates": _point(plot.position)} if plot.position else None


def ring(corners: tuple[Pair, ...]) -> list[Pair]:
    """Return `corners` closed and anticlockwise."""
    opened = corners[:-1] if corners[0] == corners[-1] else corners
    turned = opened if _area(opened) >= 0 else opened[::-1]
    return [*turned, turned[0]]


def plot_values(plot: Plot) -> dict[str, Any]:
    """Return the values of a plot but its position."""
    return {
        "id": plot.id,
        "status": plot.status,
        "designation": plot.designation,
        "place": plot.place,
        "type": plot.type,
        "area_m2": plot.area_m2,
        "price_kr": plot.price,
        "price_kr_m2": plot.price_kr_m2,
        "building_right": texts(plot.building_right),
        "plan": plot.plan,
        "water_sewage": plot.water_sewage,
        "ready_to_build": plot.ready_to_build,
        "allocation": texts(plot.allocation),
        "distance_m": None,
        "url": plot.url,
        "source": source(plot.source),
        "example": plot.example,
    }


def job_values(job: Job) -> dict[str, Any]:
    """Return a vacancy."""
    return {
        "id": job.id,
        "title": texts(job.title),
        "employer": job.employer,
        "occupation": job.occupation,
        "place": job.place,
        "extent": job.extent,
        "deadline": _iso(job.deadline),
        "url": job.url,
        "source": source(job.source),
        "example": job.example,
    }


def place_values(place: Place) -> dict[str, Any]:
    """Return a place; positions latitude first."""
    return {
        "id": place.id,
        "name": texts(place.name),
        "kind": place.kind,
        "place": place.place,
        "address": place.address,
        "position": place.position,
        "outline": list(place.outline),
        "phone": place.phone,
        "url": place.url,
        "hours": hours(place.hours),
        "phone_hours": hours(place.phone_hours),
        "note": texts(place.note),
        "source": source(place.source),
        "example": place.example,
    }


def contact_values(contact: Contact) -> dict[str, Any]:
    """Return a contact."""
    return {
        "id": contact.id,
        "name": texts(contact.name),
        "phone": contact.phone,
        "email": contact.email,
        "url": contact.url,
        "address": contact.address,
        "note": texts(contact.note),
        "languages": list(contact.languages),
        "hours": hours(contact.hours),
        "phone_hours": hours(contact.phone_hours),
        "source": source(contact.source),
    }


def texts(text: Localized | None) -> dict[str, str | None] | None:
    """Return a text in Swedish, English and each further language that it is written in."""
    return {"sv": text.sv, "en": text.en, **dict(text.further)} if text else None


def source(found: Source | None) -> dict[str, str | None] | None:
    """Return where a record was read."""
    return {"url": found.url, "dated": _iso(found.dated), "copied": _iso(found.copied)} if found else None


def hours(known: Hours | None) -> dict[str, Any] | None:
    """Return opening hours as knowledge files write them."""
    if known is None:
        return None
    return {
        **{day: _times(getattr(known, day)) for day in WEEKDAYS},
        "holidays": _times(known.holidays),
        "eves": _times(known.eves),
        "exceptions": [
            {
                "from": _iso(special.start),
                "to": _iso(special.end or special.start),
                "times": _times(special.times),
                "note": texts(special.note),
            }
            for special in known.exceptions
        ],
        "valid_from": _iso(known.valid.start) if known.valid else None,
        "valid_to": _iso(known.valid.end) if known.valid else None,
    }


def _times(times: tuple[tuple[int, int], ...] | None) -> str | None:
    if times is None:
        return None
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in times) or "closed"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _point(position: Pair) -> list[float]:
    latitude, longitude = position
    return [round(longitude, PRECISION), round(latitude, PRECISION)]


def _area(corners: tuple[Pair, ...]) -> float:
    """Return twice the signed area, positive where the corners run anticlockwise on a map with north up."""
    following = (*corners[1:], corners[0])
    return sum(here[1] * there[0] - there[1] * here[0] for here, there in zip(corners, following, strict=True))


def _rounded(metres: float | None) -> int | None:
    return None if metres is None else round(metres)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
