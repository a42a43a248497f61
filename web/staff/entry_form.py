"""The form of an entry: what stands in its fields, as plain values and back, cleaned of what other programs leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from bot import LANGUAGES, Entry, Problem, as_plain, cleaned, keeping_further, remembering

Plain = dict[str, Any]
# the fields of several lines, and where their lines go: one question a line
LINES: Final[Mapping[str, tuple[str, ...]]] = {
    f"{name}_{language}": (*path, language)
    for name, path in {
        "questions": ("questions",),
        "match": ("tests", "must_match"),
        "mismatch": ("tests", "must_not_match"),
    }.items()
    for language in LANGUAGES
}
TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "answer_sv": ("answer", "sv"),
    "answer_en": ("answer", "en"),
    "source_url": ("source", "url"),
    "source_copied": ("source", "copied"),
    "source_dated": ("source", "dated"),
    "valid_from": ("valid", "from"),
    "valid_to": ("valid", "to"),
    "owner": ("owner",),
}
KEPT: Final = ("season", "shows", "checked", "en_of")  # what the form has no field for
WITH_ANSWER: Final = ("season", "checked")
REPLACEABLE: Final = ("questions", "tests", "links", "next")
MOST: Final = 100  # contacts, links or next answers that are read from a form
SPARE_LINKS: Final = 2


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the fields. `links` are Swedish label, English label and address; `same_meaning`: the English
    still says what the changed Swedish says."""

    texts: Mapping[str, str]
    contacts: tuple[str, ...] = ()
    links: tuple[tuple[str, str, str], ...] = ()
    next: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    same_meaning: bool = False
    was_cleaned: bool = field(default=False, compare=False)

    def __getitem__(self, name: str) -> str:
        return self.texts.get(name, "")


def read_form(form: "MultiDict[str, str]") -> Written:
    """Return what was typed, as people meant it."""
    raw = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in (*LINES, *TEXTS)}
    texts = {name: _clean(name, text) for name, text in raw.items()}
    rows = zip(*(form.getlist(f"link_{part}")[:MOST] for part in (*LANGUAGES, "url")), strict=False)
    links = tuple(tuple(_clean("link", part.strip()) for part in row) for row in rows)
    return Written(
        texts,
        contacts=_listed(form, "contacts"),
        links=tuple((sv, en, url) for sv, en, url in links if sv or en or url),
        next=_listed(form, "next"),
        replace=tuple(part for part in REPLACEABLE if part in form.getlist("replace")),
        same_meaning="same_meaning" in form,
        was_cleaned=any(_is_changed(raw[name], texts[name]) for name in raw),
    )


def form_of(item: Entry | Mapping[str, Any] | None) -> Written:
    """Return the fields that say what `item` says."""
    plain = as_plain(item) if isinstance(item, Entry) else dict(item or {})
    texts = {name: "\n".join(_at(plain, path) or ()) for name, path in LINES.items()}
    texts |= {name: str(_at(plain, path) or "") for name, path in TEXTS.items()}
    links = tuple(
        (link["label"].get("sv") or "", link["label"].get("en") or "", link["url"]) for link in plain.get("links", ())
    )
    names = (tuple(plain.get(part, ())) for part in ("contacts", "next", "replace"))
    contacts, following, replace = names
    return Written(texts, contacts, links, following, replace)


def plain_of(written: Written, entry: str, before: Mapping[str, Any] | None) -> Plain:
    """Return plain values of what was written, laid over what the fields do not show of the version `before`.

    The day on which the municipality checked the answer is never set here.
    """
    old = dict(before or {})
    plain: Plain = {"id": entry, **{part: old[part] for part in KEPT if part in old}}
    for name, path in LINES.items():
        _put(plain, path, [line for line in written[name].split("\n") if line])
    for name, path in TEXTS.items():
        _put(plain, path, written[name])
    _put(plain, ("contacts",), list(written.contacts))
    _put(plain, ("next",), list(written.next))
    _put(plain, ("replace",), list(written.replace))
    _put(plain, ("links",), [_link(*link) for link in written.links])
    if "answer" not in plain:
        kept = {part: value for part, value in plain.items() if part not in WITH_ANSWER and part != "en_of"}
        return dict(keeping_further(kept, old))
    return dict(keeping_further(remembering(plain, old, same_meaning=written.same_meaning), old))


def mistakes_at(problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    """Return problems by the field of the form that they are about; "" for what no field is."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(_field(problem.field), []).append(problem)
    return found


def row_of(problem: Problem) -> int | None:
    """Return which line or row of its field a problem is about, counted from 1."""
    number = next((part for part in problem.field.split(".") if part.isdigit()), None)
    return None if number is None else int(number) + 1


def _field(path: str) -> str:
    parts = tuple(part for part in path.split(".") if not part.isdigit())
    for name, wanted in {**LINES, **TEXTS}.items():
        if parts[: len(wanted)] == wanted:
            return name
    return parts[0] if parts and parts[0] in ("contacts", "links", "next", "replace", "source", "valid") else ""


def _link(sv: str, en: str, url: str) -> Plain:
    label = {language: text for language, text in (("sv", sv), ("en", en)) if text}
    return {"url": url, "label": label}


def _clean(name: str, text: str) -> str:
    if name.startswith("answer_"):
        return str(cleaned({"answer": text})["answer"])
    return "\n".join(line for line in (str(cleaned(line)) for line in text.split("\n")) if line)


def _is_changed(raw: str, text: str) -> bool:
    """Whether more than the space around lines was taken away."""
    return [line.strip() for line in raw.split("\n") if line.strip()] != [
        line.strip() for line in text.split("\n") if line.strip()
    ]


def _listed(form: "MultiDict[str, str]", name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in form.getlist(name)[:MOST] if value))


def _at(plain: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = plain
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _put(plain: Plain, path: tuple[str, ...], value: object) -> None:
    """Put a value where it is not empty; what is left out has its default."""
    if not value:
        return
    inner = plain
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
    inner[path[-1]] = value
