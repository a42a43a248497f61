"""Which column fills which field of a plot: guessed from the headings, said in a file, shown and kept."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import yaml

from bot.content.yamlfile import read_text
from bot.exchange.cells import folded, is_per_area
from bot.exchange.geojson import KNOWN, known_crs
from bot.exchange.problems import RowProblem, problem
from bot.exchange.tables import raise_all

# field → headings people use, folded and without signs, the most certain first
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "id": ("id", "tomtid", "objektid", "plotid", "fid", "objectid", "gid", "uuid", "tomtnummer", "tomtnr"),
    "designation": (
        "fastighetsbeteckning", "fastbet", "fastighetsbet", "beteckning", "fastighet", "designation",
        "propertydesignation", "property", "fastighetsnamn", "tomt", "plot", "namn", "name",
    ),
    "place": ("omrade", "ort", "by", "tatort", "bostadsomrade", "omradesnamn", "place", "village", "locality"),
    "type": ("tomttyp", "typ", "type", "kategori", "category", "andamal", "anvandning", "bebyggelsetyp", "plottype"),
    "status": ("status", "tomtstatus", "tillganglighet", "lage status", "availability", "forsaljningsstatus"),
    "area_m2": (
        "tomtarea", "tomtareal", "areal", "area", "tomtyta", "yta", "storlek", "aream2", "areal m2", "plotarea", "size",
        "kvm", "m2",
    ),
    "price_kr": ("pris", "price", "tomtpris", "fastpris", "kopeskilling", "utgangspris", "pris kr", "kostnad"),
    "price_kr_m2": ("kvmpris", "kvadratmeterpris", "pris per kvm", "pris per m2", "pris m2", "price per m2"),
    "building_right": ("byggratt", "exploatering", "bya", "buildingright", "max byggnadsarea", "byggnadsarea"),
    "plan": ("detaljplan", "plan", "plannamn", "detailedplan", "planbestammelse", "dp"),
    "water_sewage": (
        "kommunalt va", "va", "vatten och avlopp", "vattenavlopp", "kommunalt vatten och avlopp",
        "water and sewage", "watersewage", "va anslutning",
    ),
    "ready_to_build": ("byggklar", "byggklara", "byggbar", "readytobuild", "ready to build"),
    "allocation": ("fordelning", "tilldelning", "formedling", "formedlingsform", "allocation", "forsaljningssatt"),
    "url": ("url", "lank", "link", "webb", "webbplats", "webbadress", "webblank", "mer information", "lasmer"),
    "dated": ("uppdaterad", "senast uppdaterad", "datum", "senast andrad", "andrad", "updated", "date"),
    "north": (
        "n", "north", "norr", "nord", "nordkoordinat", "northing", "lat", "latitude", "latitud", "y", "ykoordinat",
    ),
    "east": (
        "e", "east", "ost", "ostkoordinat", "easting", "lon", "long", "lng", "longitude", "longitud", "x", "xkoordinat",
    ),
    "wkt": ("wkt", "geom", "geometry", "geometri", "thegeom", "shape", "polygon"),
})  # fmt: skip
VALUE_FIELDS: Final = ("status", "type", "water_sewage", "ready_to_build")
SIGNS: Final = re.compile(r"[^a-z0-9]+")
UNITS: Final = re.compile(r"\b(tkr|ha|hektar)\b", re.I)
UNIT_WORDS: Final = re.compile(r"\b(?:kr|sek|tkr|m2|m²|kvm|ha|hektar)\b|\(.*?\)|m²", re.I)
ABSENT: Final = ("", "null", "~")
# part → the fields it may name, and its form
SECTIONS: Final[Mapping[str, tuple[Sequence[str], str]]] = MappingProxyType({
    "columns": (tuple(HEADINGS), "field: heading, or a list of headings"),
    "constants": (tuple(HEADINGS), "field: text"),
    "values": (VALUE_FIELDS, "field: {their word: our word}"),
})  # fmt: skip
FORM: Final = "columns, constants, values (named fields) and crs"


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """`columns`: field → heading; `constants`: field → what every row has; `values`: field → their word → ours."""

    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    crs: int | None = None

    def unused(self, columns: Sequence[str]) -> list[str]:
        """Return the headings that fill nothing."""
        used = set(self.columns.values())
        return [column for column in columns if column not in used]

    def unit(self, name: str) -> str:
        """Return the unit that the heading of a field says, where it multiplies."""
        found = UNITS.search(self.columns.get(name, ""))
        return found[1].lower() if found else ""


def guess(columns: Sequence[str]) -> ColumnMapping:
    """Guess what each column is from its heading alone; what no list knows stays unused."""
    by_name: dict[str, str] = {}
    for column in columns:
        for name in _names(column):
            by_name.setdefault(name, column)
    found: dict[str, str] = {}
    for target, headings in HEADINGS.items():
        heading = next((by_name[_key(known)] for known in headings if _key(known) in by_name), None)
        if heading is not None and heading not in found.values():
            found[target] = heading
    return ColumnMapping(_with_price_per_area(found))


def _names(column: str) -> list[str]:
    """Return a heading as the lists write it, whole and without its unit."""
    return [_key(column), _key(UNIT_WORDS.sub(" ", column))]


def _key(heading: str) -> str:
    return SIGNS.sub("", folded(heading.replace("²", "2")))


def _with_price_per_area(found: dict[str, str]) -> dict[str, str]:
    """A heading like `Pris (kr/m²)` is a price of one m²."""
    if "price_kr_m2" not in found and is_per_area(found.get("price_kr", "")):
        found["price_kr_m2"] = found.pop("price_kr")
    return found


def read_mapping(text: str, name: str, columns: Sequence[str]) -> ColumnMapping:
    """Read a mapping in YAML for a table of `columns`; what it leaves out is guessed.

    A field may name several headings, of which the first that is there counts, or null: no column. Raises
    ExchangeError with every problem, KnowledgeError where the text is no YAML.
    """
    file = read_text(text, name)
    content: dict[str, Any] = file.content or {}
    raise_all(list(_shape_problems(content, name)))
    said = _said(content.get("columns") or {}, columns, name)
    constants = dict(content.get("constants") or {})
    taken = {*said.values()}
    guessed = {
        target: column
        for target, column in guess(columns).columns.items()
        if target not in said and target not in constants and column not in taken
    }
    crs = content.get("crs")
    return ColumnMapping(
        {target: column for target, column in {**guessed, **said}.items() if column},
        constants,
        content.get("values") or {},
        known_crs(int(crs)) if crs else None,
    )


def _said(section: Mapping[str, str | list[str]], columns: Sequence[str], name: str) -> dict[str, str]:
    """Return the heading of each field; empty where a field is said to have none."""
    problems: list[RowProblem] = []
    said: dict[str, str] = {}
    for target, wanted in section.items():
        names = wanted if isinstance(wanted, list) else [wanted]
        said[target] = next((column for column in names if column in columns), "")
        if not said[target] and wanted not in ABSENT:
            problems.append(problem(name, 0, target, "column-unknown", column=wanted, known=", ".join(columns)))
    raise_all(problems)
    return said


def _shape_problems(content: object, name: str) -> Iterator[RowProblem]:
    if not isinstance(content, dict) or not content.keys() <= {*SECTIONS, "crs"}:
        yield problem(name, 0, "", "mapping-shape", expected=FORM)
        return
    for part, (known, expected) in SECTIONS.items():
        section = content.get(part) or {}
        kind = dict if part == "values" else str | list if part == "columns" else str
        if not isinstance(section, dict) or not all(isinstance(value, kind) for value in section.values()):
            yield problem(name, 0, part, "mapping-shape", expected=expected)
            continue
        for target in section.keys() - set(known):
            yield problem(name, 0, part, "field-unknown", field=target, known=", ".join(known))
    crs = content.get("crs") or str(KNOWN[0])
    if not isinstance(crs, str) or not re.fullmatch("[0-9]{4,5}", crs) or known_crs(int(crs)) is None:
        yield problem(name, 0, "crs", "crs-unsupported", crs=crs, known=", ".join(map(str, KNOWN)))


def as_yaml(mapping: ColumnMapping) -> str:
    """Write a mapping as `read_mapping` reads it."""
    content: dict[str, Any] = {"columns": dict(mapping.columns)}
    if mapping.constants:
        content["constants"] = dict(mapping.constants)
    if mapping.values:
        content["values"] = {name: dict(words) for name, words in mapping.values.items()}
    if mapping.crs:
        content["crs"] = str(mapping.crs)
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1_000)
    return text
