"""The forms of records and words as values: what stands in the fields, and back."""

from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from bot import Key, KnowledgeError, as_plain, items_of, load, read_item
from web.staff.record_fields import BY_KIND, FORMS
from web.staff.record_form import Written, form_of, mistakes_at, plain_of, read_form

SHIPPED = Path(__file__).parent.parent / "knowledge"
OWN = Path(__file__).parent / "knowledge"


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("folder", [SHIPPED, OWN], ids=["shipped", "tests"])
def test_a_form_says_what_the_record_says(folder: Path, language: Any) -> None:
    records = {key: item for key, item in items_of(load(folder)).items() if key.kind in BY_KIND}
    assert {key.kind for key in records} >= {"contact", "place", "plot", "job", "group", "occupation"}
    for key, item in records.items():
        form = BY_KIND[key.kind]
        plain, unread = plain_of(form, form_of(form, as_plain(item), language), key.id)
        assert unread == {}, key
        assert read_item(key.kind, plain, str(key)) == item, key


HOURS = {
    "mon": "08:00-16:30",
    "sat": "closed",
    "holidays": None,
    "eves": "08:00-12:00",
    "exceptions": [
        {"from": "2026-12-27", "to": "2026-12-30", "times": "10:00-14:00", "note": {"sv": "Mellandagar"}},
        {"from": "2027-01-05", "times": "closed"},
    ],
    "valid": {"from": "2026-09-01"},
}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_hours_come_back_as_they_were(language: Any) -> None:
    item = read_item("contact", {"id": "x", "name": {"sv": "X"}, "hours": HOURS, "phone_hours": {"holidays": "closed"}})
    form = FORMS["contacts"]
    plain, unread = plain_of(form, form_of(form, as_plain(item), language), "x")
    assert unread == {}
    assert read_item("contact", plain) == item


def test_nothing_written_of_hours_is_unknown_and_not_closed() -> None:
    plain, _ = plain_of(FORMS["contacts"], Written({"name_sv": "X", "hours_holidays": ""}), "x")
    assert "hours" not in plain


NUMBERS = {"three decimals": (1240.125, "sv"), "a point for thousands?": (1.25, "en"), "whole": (1240, "sv")}


@pytest.mark.parametrize(("area", "language"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_is_never_shown_so_that_it_reads_as_another(area: float, language: Any) -> None:
    form = FORMS["plots"]
    written = form_of(form, {"id": "x", "status": "sold", "area_m2": area}, language)
    assert plain_of(form, written, "x") == ({"id": "x", "status": "sold", "area_m2": area}, {})


def test_what_is_pasted_is_cleaned_and_said_so() -> None:
    form = FORMS["contacts"]
    typed = MultiDict({"name_sv": "Bygg\u00a0& miljö", "note_sv": "”Ring” före\u200b nio", "phone": "0933\u2011140 00"})
    written = read_form(form, typed)
    assert (written["name_sv"], written["note_sv"]) == ("Bygg & miljö", '"Ring" före nio')
    assert written.was_cleaned
    assert not read_form(form, MultiDict({"name_sv": "Bygg & miljö"})).was_cleaned


UNREAD = {
    "price": ("plots", {"plot_status": "available", "price_kr": "1,250"}, "price_kr", "ambiguous"),
    "needed": ("contacts", {"name_sv": ""}, "name_sv", "missing"),
    "one of two languages is enough": ("contacts", {"name_en": "X"}, None, None),
    "day": ("jobs", {"title_sv": "X", "employer": "Y", "deadline": "1/12/2026"}, "deadline", "day-ambiguous"),
    "language": ("contacts", {"name_sv": "X", "languages": "svenska, klingonspråk"}, "languages", "spoken"),
    "zone": ("places", {"name_sv": "X", "kind": "shop", "position": "7124567, 150321"}, "position", "crs-local"),
    "hours": ("contacts", {"name_sv": "X", "hours_mon": "efter lunch"}, "hours_mon", "hours"),
    "days without hours": ("contacts", {"name_sv": "X", "hours_from": "2026-01-01"}, "hours_mon", "hours-missing"),
}


@pytest.mark.parametrize(("table", "texts", "name", "code"), UNREAD.values(), ids=UNREAD)
def test_what_cannot_be_read_is_named_at_its_field(
    table: str, texts: dict[str, str], name: str | None, code: str | None
) -> None:
    _plain, unread = plain_of(FORMS[table], Written(texts), "x")
    assert {field: error.code for field, error in unread.items()} == ({name: code} if name else {})


def test_languages_are_written_by_name_or_code() -> None:
    written = Written({"name_sv": "X", "languages": "svenska, English; ar, nordsamiska"})
    assert plain_of(FORMS["contacts"], written, "x")[0]["languages"] == ["sv", "en", "ar", "se"]


def test_a_local_zone_is_read_when_it_is_named() -> None:
    written = Written({"name_sv": "X", "kind": "shop", "position": "7121500, 123000", "zone": "3016"})
    plain, unread = plain_of(FORMS["places"], written, "x")
    assert unread == {}
    assert plain["position"] == pytest.approx([64.18, 19.69], abs=0.05)


@pytest.mark.parametrize("table", FORMS)
def test_every_field_is_named_and_explained(table: str) -> None:
    fields = list(FORMS[table].fields)
    assert len({field.name for field in fields}) == len(fields)
    assert all(field.label and field.hint for field in fields)
    assert not {"note", "based_on", "layer", "csrf_token"} & {field.name for field in fields}


@pytest.mark.parametrize(
    ("table", "plain", "name"),
    [
        ("contacts", {"phone": "12"}, "phone"),
        ("contacts", {"hours": {"exceptions": [{"from": "2026-02-30"}]}}, "hours_exceptions"),
        ("plots", {"polygon": ["x"]}, "polygon"),
        ("plots", {"source": {"url": "https://x.se"}}, "source_copied"),
        ("themes", {}, "questions_sv"),
    ],
    ids=["phone", "exception", "corners", "source", "questions"],
)
def test_a_mistake_stands_at_its_field(table: str, plain: dict[str, Any], name: str) -> None:
    form = FORMS[table]
    base: dict[str, dict[str, Any]] = {"contacts": {"name": {"sv": "X"}}, "plots": {"status": "sold"}, "themes": {}}
    with pytest.raises(KnowledgeError) as raised:
        read_item(form.kind, {"id": "x", **base[table], **plain}, str(Key("national", form.kind, "x")))
    assert list(mistakes_at(form, raised.value.problems)) == [name]
