"""The form of a record: what stands in its fields, as plain values and back. What cannot be read is said, and kept."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from babel import Locale
from werkzeug.datastructures import MultiDict

from bot import (
    LANGUAGES,
    CellError,
    Language,
    Problem,
    cleaned,
    fold,
    read_date,
    read_kr,
    read_kr_m2,
    read_m2,
    read_points,
    read_times,
)
from web.i18n import texts
from web.staff.record_fields import FACTS, ONE, Field, Form, Section

Plain = dict[str, Any]
Row = tuple[str, str, str, str, str]  # of a day with other times: from, to, times, note in Swedish and in English
Unread = dict[str, CellError]
COLUMNS: Final = ("from", "to", "times", "sv", "en")
MOST_ROWS: Final = 100
LONGEST_CODE: Final = 3
DECIMALS: Final = 3
ZONE: Final = "zone"
WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED: Final = "closed"
NUMBERS: Final = frozenset(
    {"kr", "kr/m2", "kr/month", "percent", "m2", "km", "km2", "minutes", "years", "people", "count"}
)
DECIMAL_COMMA: Final = re.compile(r"-?\d+,\d{1,2}")


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


CLOSED_WORD: Final = _("closed")


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the fields, by name, and the rows of days with other times."""

    texts: Mapping[str, str]
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    was_cleaned: bool = field(default=False, compare=False)

    def __getitem__(self, name: str) -> str:
        return self.texts.get(name, "")


def read_form(form: Form, sent: "MultiDict[str, str]") -> Written:
    """Return what was typed, without the signs that other programs leave in it."""
    raw = {one.name: sent.get(one.name, "").replace("\r\n", "\n").strip() for one in form.fields}
    found = {name: _clean(text) for name, text in raw.items()}
    rows = {section.exceptions_name: _rows(section, sent) for section in form.exceptions}
    return Written(found, rows, was_cleaned=any(_bare(raw[name]) != _bare(found[name]) for name in raw))


def form_of(form: Form, plain: Mapping[str, Any] | None, language: Language) -> Written:
    """Return the fields that say what plain values say."""
    values = _apart(form, plain or {})
    found = {one.name: _shown(one, _at(values, one.path), language) for one in form.fields if one.path}
    rows: dict[str, tuple[Row, ...]] = {}
    for section in form.exceptions:
        hours = values.get(section.exceptions or "")
        if hours is not None:
            found |= _week_shown(section, hours, language)
            rows[section.exceptions_name] = tuple(_row_shown(one, language) for one in hours.get("exceptions", ()))
    return Written(found, rows)


def plain_of(form: Form, written: Written, item: str) -> tuple[Plain, Unread]:
    """Return plain values of what was written, and why what could not be read is left out, by field."""
    plain: Plain = {"id": item}
    unread: Unread = {}
    for one in form.fields:
        if one.path:
            _read_into(plain, unread, one, written)
    for section in form.exceptions:
        _complete(plain, unread, section, written)
    if form is FACTS:
        _make_whole(plain, unread)
    return plain, unread


def _apart(form: Form, plain: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the value of a fact that is one for both languages a name of its own."""
    value = plain.get("value")
    return {**plain, "value": {ONE: value}} if form is FACTS and isinstance(value, str) else plain


def _make_whole(plain: Plain, unread: Unread) -> None:
    """Make the value of a fact one value again, or one for each language."""
    value = plain.get("value", {})
    if ONE not in value:
        return
    if len(value) > 1:
        unread["value_one"] = CellError("two-values")
    one = value[ONE]
    plain["value"] = _digits(one) if plain.get("unit") in NUMBERS else one


def _digits(text: str) -> str:
    """Write a number as files have it: no spaces for thousands, a point before decimals."""
    joined = re.sub(r"[ \u00a0]", "", text)
    return joined.replace(",", ".") if DECIMAL_COMMA.fullmatch(joined) else joined


def mistakes_at(form: Form, problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    """Return problems by the field that they are about; "" for what no field is."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(_field_of(form, problem.field), []).append(problem)
    return found


def _field_of(form: Form, path: str) -> str:
    parts = tuple(path.split("."))
    if len(parts) > 1 and parts[1] == "exceptions":
        return f"{parts[0]}_exceptions"
    named = tuple(part for part in parts if not part.isdigit())
    for one in form.fields:
        if one.path and (named[: len(one.path)] == one.path or one.path[: len(named)] == named):
            return one.name
    return ""


# what was typed → plain values


def _read_into(plain: Plain, unread: Unread, one: Field, written: Written) -> None:
    text = written[one.name]
    try:
        value = READERS[one.shape](text) if one.shape in READERS else _placed(one, text, written[ZONE])
    except CellError as error:
        unread[one.name] = error
        return
    if value not in (None, "", []):
        _put(plain, one.path, value)
    elif one.is_needed and not _is_other_filled(one, written):
        unread[one.name] = CellError("missing")


def _is_other_filled(one: Field, written: Written) -> bool:
    """Whether the other language says it."""
    return one.tongue == "sv" and bool(written[one.name.removesuffix("sv") + "en"]) and one.name.endswith("_sv")


def _placed(one: Field, text: str, zone: str) -> Any:
    lines = text.split("\n")
    points = [list(point) for point in read_points(lines, int(zone) if zone.isdecimal() else None)]
    if one.shape == "points":
        return points
    if len(points) > 1:
        raise CellError("position", value=text)
    return points[0] if points else None


def _address(text: str) -> str:
    """Return an address with its scheme: who writes www. means a page."""
    return f"https://{text}" if text.lower().startswith("www.") else text


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line for line in text.split("\n") if line))


def _spoken(text: str) -> list[str]:
    parts = [part.strip() for part in text.replace(";", ",").replace("\n", ",").split(",") if part.strip()]
    return list(dict.fromkeys(_code(part) for part in parts))


def _code(name: str) -> str:
    plain = fold(name)
    for language in LANGUAGES:
        names = Locale(language).languages
        if plain in names and len(plain) <= LONGEST_CODE:
            return plain
        if code := next((code for code, said in names.items() if fold(said) == plain), None):
            return str(code)
    raise CellError("spoken", value=name)


READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "line": str,
    "url": _address,
    "area": _sentence,
    "choice": str,
    "list": _lines,
    "spoken": _spoken,
    "kr": read_kr,
    "kr_m2": read_kr_m2,
    "m2": read_m2,
    "day": read_date,
    "times": read_times,
}


def _complete(plain: Plain, unread: Unread, section: Section, written: Written) -> None:
    """Make hours whole: without a day of the week or a day with other times there are none."""
    name = section.exceptions or ""
    rows = _exceptions(unread, section, written)
    hours = plain.get(name, {})
    if rows:
        hours["exceptions"] = rows
    if not rows and not any(day in hours for day in WEEK):
        _refuse_dangling(unread, section, hours)
        plain.pop(name, None)
        return
    hours.setdefault("holidays", None)
    plain[name] = hours


def _refuse_dangling(unread: Unread, section: Section, hours: Plain) -> None:
    """Days that hours hold on say nothing without hours."""
    if hours and not any(one.name in unread for one in section.fields):
        unread[section.fields[0].name] = CellError("hours-missing")


def _exceptions(unread: Unread, section: Section, written: Written) -> list[Plain]:
    found: list[Plain] = []
    for number, row in enumerate(written.rows.get(section.exceptions_name, ()), 1):
        try:
            found.append(_exception(row))
        except CellError as error:
            unread.setdefault(section.exceptions_name, CellError(error.code, row=number, **error.values))
    return found


def _exception(row: Row) -> Plain:
    start, end, times, sv, en = row
    first = read_date(start)
    if first is None:
        raise CellError("missing")
    plain: Plain = {"from": first, "times": read_times(times) or CLOSED}
    if last := read_date(end):
        plain["to"] = last
    if note := {tongue: text for tongue, text in (("sv", sv), ("en", en)) if text}:
        plain["note"] = note
    return plain


def _rows(section: Section, sent: "MultiDict[str, str]") -> tuple[Row, ...]:
    columns = [sent.getlist(f"{section.exceptions_name}_{column}")[:MOST_ROWS] for column in COLUMNS]
    rows = ((_clean(a), _clean(b), _clean(c), _clean(d), _clean(e)) for a, b, c, d, e in zip(*columns, strict=False))
    return tuple(row for row in rows if any(row))


# plain values → what stands in the fields


def _shown(one: Field, value: Any, language: Language) -> str:
    if value is None:
        return ""
    match one.shape:
        case "list":
            return "\n".join(value)
        case "spoken":
            return ", ".join(Locale(language).languages.get(code, code) for code in value)
        case "kr" | "kr_m2" | "m2":
            return number_shown(value, language)
        case "point":
            return _point(value)
        case "points":
            return "\n".join(_point(corner) for corner in value)
        case "times":
            return _times(value, language)
        case _:
            return str(value).lower() if isinstance(value, bool) else str(value)


def number_shown(value: float, language: Language) -> str:
    """Write a number so that it cannot be taken for thousands."""
    whole, point, decimals = f"{value:,.10f}".rstrip("0").replace(",", " ").partition(".")
    if not decimals:
        return whole
    shown = f"{decimals}0" if len(decimals) == DECIMALS else decimals
    return whole + ("," if language == "sv" and point else ".") + shown


def _point(value: Sequence[float]) -> str:
    return ", ".join(f"{number:.8f}".rstrip("0").rstrip(".") for number in value)


def _times(value: str, language: Language) -> str:
    return str(texts(language)(CLOSED_WORD)) if value == CLOSED else value


def _week_shown(section: Section, hours: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Say that a day of the week, or public holidays, are closed where hours are known and name no times."""
    name = section.exceptions
    closed = [day for day in (*WEEK, "holidays") if day not in hours]
    return {f"{name}_{day}": _times(CLOSED, language) for day in closed}


def _row_shown(one: Mapping[str, Any], language: Language) -> Row:
    note = one.get("note", {})
    times = _times(one.get("times", CLOSED), language)
    return one["from"], one.get("to", ""), times, note.get("sv", ""), note.get("en", "")


def _clean(text: str) -> str:
    lines = (str(cleaned(line)) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _bare(text: str) -> list[str]:
    return [line for line in (" ".join(line.split(" ")).strip() for line in text.split("\n")) if line]


def _at(plain: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = plain
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _put(plain: Plain, path: tuple[str, ...], value: object) -> None:
    inner = plain
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
    inner[path[-1]] = value
